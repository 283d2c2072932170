"""RC4 encryption of binary documents: with 40 bits, and by a CryptoAPI provider ([MS-OFFCRYPTO] 2.3.5, 2.3.6).

A stream is cut into blocks, each with a key of its own, so that any part of it can be decrypted alone.
"""

import hmac
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

from emotriage.formats.office_crypto.cipher import rc4, xor
from emotriage.formats.office_crypto.hash import hash_of, password_bytes
from emotriage.model.errors import Malformed, Unsupported
from emotriage.model.limits import Budget
from emotriage.model.passwords import Password

TRY = 20_000
"""Work units of trying one candidate."""
_BLOCK_COST = 5_000
_KEPT = 64
_PROVIDER_HEADER = 32
_MOST_HEADER = 4096
_RC4_ALGORITHMS = (0, 0x6801)


@dataclass(frozen=True, slots=True)
class Rc4Lock:
    """What a document says about its encryption.

    Attributes:
        scheme: for people.
        salt: of the password.
        proof: encrypted bytes that a password must open, and behind them their encrypted hash.
        hash: hashlib's name: ``md5`` is the method with 40 bits, ``sha1`` that of a CryptoAPI provider.
        key_size: bytes of a key.
    """

    scheme: str
    salt: bytes
    proof: bytes = field(repr=False)
    hash: str
    key_size: int

    def open(self, password: str) -> "Rc4Key | None":
        """The key if the password fits."""
        if self.hash == "md5":
            first = hash_of("md5", password_bytes(password))[:5]
            key = Rc4Key("md5", hash_of("md5", (first + self.salt) * 16)[:5], self.key_size)
        else:
            key = Rc4Key("sha1", hash_of("sha1", self.salt + password_bytes(password)), self.key_size)
        opened = rc4(key.block(0), self.proof)
        return key if hmac.compare_digest(hash_of(self.hash, opened[:16]), opened[16:]) else None


@dataclass(frozen=True, slots=True)
class Rc4Key:
    """What the keys of all blocks are made of."""

    hash: str
    base: bytes = field(repr=False)
    size: int

    def block(self, number: int) -> bytes:
        """The key of one block ([MS-OFFCRYPTO] 2.3.5.2, 2.3.6.2)."""
        key = hash_of(self.hash, self.base + struct.pack("<I", number & 0xFFFFFFFF))[: self.size]
        return key + bytes(11) if self.size == 5 else key


class Rc4Stream:
    """The key stream of a whole stream, block by block; the last ones used are kept."""

    def __init__(self, key: Rc4Key, block: int) -> None:
        self._key = key
        self._size = block
        self._kept: dict[int, bytes] = {}

    def apply(self, data: bytes, offset: int, budget: Budget) -> bytes:
        """The bytes that lie `offset` bytes into the stream, decrypted."""
        if not data:
            return data
        first, last = offset // self._size, (offset + len(data) - 1) // self._size
        stream = b"".join(self._block(number, budget) for number in range(first, last + 1))
        start = offset - first * self._size
        return xor(data, stream[start : start + len(data)])

    def _block(self, number: int, budget: Budget) -> bytes:
        if number not in self._kept:
            budget.spend(_BLOCK_COST)
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[number] = rc4(self._key.block(number), bytes(self._size))
        return self._kept[number]


def read_rc4_lock(raw: bytes) -> Rc4Lock:
    """Read an encryption header, which begins with its version ([MS-OFFCRYPTO] 2.3.5.1, 2.3.6.1).

    Raises:
        Malformed: it is too short, or its sizes can't be.
        Unsupported: another version or cipher.
    """
    if len(raw) < 4:
        raise Malformed("encryption header is cut short")
    major, minor = struct.unpack_from("<HH", raw)
    if (major, minor) == (1, 1):
        if len(raw) < 52:
            raise Malformed("encryption header is cut short")
        return Rc4Lock("RC4 encryption, 40 bits", raw[4:20], raw[20:52], "md5", 16)
    if major not in (2, 3, 4) or minor != 2:
        raise Unsupported(f"encryption of version {major}.{minor}")
    if len(raw) < 12 + _PROVIDER_HEADER:
        raise Malformed("encryption header is cut short")
    (size,) = struct.unpack_from("<I", raw, 8)
    cipher, _, bits = struct.unpack_from("<3I", raw, 20)
    at = 12 + size
    if not _PROVIDER_HEADER <= size <= _MOST_HEADER or len(raw) < at + 60:
        raise Malformed("encryption header of an impossible length")
    if cipher not in _RC4_ALGORITHMS:
        raise Unsupported("CryptoAPI encryption by another cipher than RC4")
    bits = bits or 40
    if bits % 8 or not 40 <= bits <= 128:
        raise Malformed("encryption header: a key of an impossible size")
    salt, proof, digest = struct.unpack_from("<4x16s16s4x20s", raw, at)
    return Rc4Lock(f"RC4 CryptoAPI encryption, {bits} bits", salt, proof + digest, "sha1", bits // 8)


def open_rc4(lock: Rc4Lock, passwords: Iterable[Password], budget: Budget) -> tuple[Rc4Key, Password] | None:
    """The key by the first candidate that the header accepts, and that candidate; or None."""
    for one in passwords:
        budget.spend(TRY)
        if (key := lock.open(one.value)) is not None:
            return key, one
    return None
