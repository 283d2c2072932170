"""What opens an encrypted ZIP member: its scheme, candidates tried against it, and its packed content in clear.

A candidate counts when the whole member confirms it: by CRC-32 (APPNOTE.TXT 6.1), or for AES by its authentication
code. The check of one or two bytes in front only sorts out most of the others.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from emotriage.formats.zip import aes as zip_aes
from emotriage.formats.zip import crypto as zip_crypto
from emotriage.formats.zip.records import ENCRYPTED, MASKED, STRONG, Member
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget
from emotriage.model.passwords import Password

_ENCODINGS = ("utf-8", "cp932", "cp437", "latin-1")
_ROUND = 125  # work units of one key-derivation round
_TRY = 24  # what a ZipCrypto try costs in such rounds


@dataclass(frozen=True, slots=True)
class Key:
    """A candidate in one of its spellings, and what it opens a member with.

    Attributes:
        password: the candidate.
        spelled: its bytes.
        keys: AES and HMAC key, or b"" for ZipCrypto.
    """

    password: Password
    spelled: bytes = field(repr=False)
    keys: bytes = field(default=b"", repr=False)


def scheme_of(member: Member) -> str:
    """How a member is encrypted, for people."""
    if member.flags & MASKED:
        return "masked directory"
    if member.flags & STRONG:
        return "strong encryption"
    if member.aes is not None:
        bits = 8 * member.aes.key_length
        return f"AES-{bits}" if bits else "AES of an unknown strength"
    return "AES without its parameters" if member.method == zip_aes.METHOD else "ZipCrypto"


def opens_with_password(member: Member) -> bool:
    """True for the schemes that are read here, where there is data to try a candidate on."""
    if member.data < 0 or member.flags & (STRONG | MASKED) or not member.flags & ENCRYPTED:
        return False
    if member.aes is not None:
        return member.aes.key_length > 0 and member.packed >= member.aes.overhead
    return member.method != zip_aes.METHOD and member.packed >= zip_crypto.HEADER


class Keyring:
    """The candidates for one archive, in order; the spelling that opened a member is the first tried on the next.

    Attributes:
        spent: key-derivation rounds, or what else was tried, counted as such.
    """

    def __init__(self, candidates: Iterable[Password], budget: Budget) -> None:
        self.spent = 0
        self._budget = budget
        self._spellings = [(one, bytes_) for one in candidates for bytes_ in _spellings(one.value)]
        self._first: tuple[Password, bytes] | None = None
        self._running: dict[bytes, zip_crypto.Keys] = {}

    @property
    def exhausted(self) -> bool:
        """True when trying has cost as much as it may for one archive."""
        return self.spent >= self._budget.limits.key_rounds

    def likely(self, member: Member, packed: Blob) -> Iterator[Key]:
        """The keys that pass a member's first check; see `opened` for the one that counts.

        Args:
            member: one that `opens_with_password`.
            packed: its data.
        """
        head = packed.read(0, 64)
        checks = {member.crc >> 24, member.time >> 8}
        first = [self._first] if self._first else []
        for password, spelled in (*first, *(one for one in self._spellings if one != self._first)):
            if self.exhausted:
                return
            self._charge(member.aes.rounds if member.aes else _TRY)
            if member.aes is not None:
                if keys := zip_aes.derive(member.aes, head, spelled):
                    yield Key(password, spelled, keys)
            elif zip_crypto.fits(self._keys_of(spelled), head[: zip_crypto.HEADER], checks):
                yield Key(password, spelled)

    def opened(self, key: Key) -> None:
        """Note that a key was the right one."""
        self._first = (key.password, key.spelled)

    def _charge(self, rounds: int) -> None:
        self.spent += rounds
        self._budget.spend(_ROUND * rounds)

    def _keys_of(self, spelled: bytes) -> zip_crypto.Keys:
        if spelled not in self._running:
            self._running[spelled] = zip_crypto.keys_of(spelled)
        return self._running[spelled]


def packed_in_clear(member: Member, packed: Blob, key: Key, budget: Budget) -> Blob:
    """The packed content of an encrypted member as a blob that is decrypted while it is read, front to back."""
    if member.aes is None:
        return Blob(
            _Forward(lambda: zip_crypto.decrypted(packed, key.spelled, budget), max(packed.size - zip_crypto.HEADER, 0))
        )
    aes = member.aes
    return Blob(_Forward(lambda: zip_aes.decrypted(aes, packed, key.keys, budget), max(packed.size - aes.overhead, 0)))


def _spellings(password: str) -> list[bytes]:
    """The bytes that programs make of a password: as UTF-8, or in the code page of a Windows or DOS."""
    found: dict[bytes, None] = {}
    for encoding in _ENCODINGS:
        try:
            found[password.encode(encoding)] = None
        except UnicodeEncodeError:
            continue
    return list(found)


class _Forward:
    """The store of a stream that is read front to back; a step back starts it anew."""

    __slots__ = ("_at", "_buffer", "_chunks", "_start", "size")

    def __init__(self, start: Callable[[], Iterator[bytes]], size: int) -> None:
        self.size = size
        self._start = start
        self._chunks = iter(start())
        self._at = 0
        self._buffer = b""

    def read(self, offset: int, length: int) -> bytes:
        if offset < self._at:
            self._chunks, self._at, self._buffer = iter(self._start()), 0, b""
        out = []
        while length > 0:
            skip = offset - self._at
            part = self._buffer[skip : skip + length]
            out.append(part)
            offset += len(part)
            length -= len(part)
            if length > 0:
                self._at += len(self._buffer)
                self._buffer = next(self._chunks, b"")
                if not self._buffer:
                    break
        return b"".join(out)

    def close(self) -> None:
        pass
