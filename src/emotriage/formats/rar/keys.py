"""How RAR locks: AES with keys from PBKDF2 in RAR 5 ("RAR 5.0 archive format") and from SHA-1 in RAR 2.9 to 4."""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from emotriage.formats.office_crypto.cipher import decrypt_cbc
from emotriage.model.errors import Encrypted

_HIGHEST, _MORE = 24, 16
_OLD_ROUNDS = 1 << 18
_STEP = 1 << 12


@dataclass(frozen=True, slots=True)
class Lock:
    """What a password has to open.

    Attributes:
        version: 4 or 5, the format.
        salt: 8 or 16 bytes, or none in very old archives.
        power: of two, the rounds of RAR 5.
        iv: where RAR 5 begins to decrypt.
        check: what tells a wrong password, 8 bytes; empty where nothing does.
        tweaked: checksums of the content are keyed.
    """

    version: int
    salt: bytes
    power: int = 0
    iv: bytes = b""
    check: bytes = b""
    tweaked: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """What a password gives: the key, where to begin, and what checksums are keyed with."""

    key: bytes = field(repr=False)
    iv: bytes
    checksum: bytes = field(default=b"", repr=False)

    def decrypted(self, source: Iterator[bytes]) -> Iterator[bytes]:
        """Whole blocks in clear."""
        rest, iv = b"", self.iv
        for piece in source:
            data = rest + piece
            whole = len(data) & ~15
            rest = data[whole:]
            if whole:
                yield decrypt_cbc(self.key, iv, data[:whole])
                iv = data[whole - 16 : whole]

    def tweak(self, digest: bytes) -> bytes:
        """A checksum as the header of an encrypted member has it."""
        if not self.checksum:
            return digest
        mac = hmac.digest(self.checksum, digest, "sha256")
        if len(digest) != 4:
            return mac
        folded = 0
        for place in range(0, 32, 4):
            folded ^= int.from_bytes(mac[place : place + 4], "little")
        return folded.to_bytes(4, "little")


@dataclass(slots=True)
class Keys:
    """The keys that one password gives; each is derived once.

    Attributes:
        password: the candidate.
        afford: is asked before so many rounds are spent on a key; says no when they are too many.
    """

    password: str = field(repr=False)
    afford: Callable[[int], bool]
    _known: dict[tuple[int, int, bytes, bytes], tuple[bytes, bytes, bytes] | None] = field(default_factory=dict)

    def open(self, lock: Lock) -> Key | None:
        """The key for a lock, or None where its check value says that the password is wrong.

        Raises:
            Encrypted: it would cost more than one may.
        """
        name = (lock.version, lock.power, lock.salt, lock.check)
        if name not in self._known:
            self._known[name] = self._new(lock) if lock.version == 5 else self._old(lock.salt)
        known = self._known[name]
        if known is None:
            return None
        key, iv, checksum = known
        return Key(key, lock.iv or iv, checksum if lock.tweaked else b"")

    def _new(self, lock: Lock) -> tuple[bytes, bytes, bytes] | None:
        rounds = 1 << lock.power
        secret = self.password.encode("utf-8", "surrogatepass")
        if lock.power > _HIGHEST or not self.afford(rounds):
            raise Encrypted("key derivation beyond the limit")
        if lock.check:
            value = hashlib.pbkdf2_hmac("sha256", secret, lock.salt, rounds + 2 * _MORE)
            folded = bytes(
                a ^ b ^ c ^ d for a, b, c, d in zip(value[:8], value[8:16], value[16:24], value[24:], strict=True)
            )
            if folded != lock.check:
                return None
            if not self.afford(2 * rounds):
                raise Encrypted("key derivation beyond the limit")
        key = hashlib.pbkdf2_hmac("sha256", secret, lock.salt, rounds)
        return key, b"", hashlib.pbkdf2_hmac("sha256", secret, lock.salt, rounds + _MORE)

    def _old(self, salt: bytes) -> tuple[bytes, bytes, bytes]:
        """Of passwords up to 28 characters, as every version reads them: longer ones some archivers spoil."""
        if not self.afford(_OLD_ROUNDS):
            raise Encrypted("key derivation beyond the limit")
        secret = self.password.encode("utf-16-le", "surrogatepass") + salt
        state = hashlib.sha1(usedforsecurity=False)
        iv = bytearray()
        for start in range(0, _OLD_ROUNDS, _STEP):
            numbers = range(start, start + _STEP)
            if start % (_OLD_ROUNDS // 16) == 0:
                state.update(secret + start.to_bytes(3, "little"))
                iv.append(state.digest()[19])
                numbers = numbers[1:]
            state.update(b"".join([secret + number.to_bytes(3, "little") for number in numbers]))
        digest = state.digest()
        return b"".join(digest[at : at + 4][::-1] for at in range(0, 16, 4)), bytes(iv), b""


def checked_lock(raw: bytes, iv: bytes, check: bytes, power: int, *, tweaked: bool = False) -> Lock:
    """A lock of RAR 5; a check value whose own checksum is wrong counts for nothing."""
    whole = len(check) == 12 and hashlib.sha256(check[:8]).digest()[:4] == check[8:]
    return Lock(5, raw, power, iv, check[:8] if whole else b"", tweaked)
