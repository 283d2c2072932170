"""Encrypted workbook streams, opened by candidate passwords ([MS-XLS] 2.2.10, [MS-OFFCRYPTO] 2.3.5 to 2.3.7).

Only the data of records is encrypted, each byte by its place in the stream, so what is not wanted is never decrypted.
"""

import hashlib
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from emotriage.model.limits import Budget

DEFAULT_PASSWORD = "VelvetSweatshop"  # noqa: S105  # Excel's own, published in [MS-XLS] 2.2.10
"""What Excel tries by itself before it asks."""

_BLOCK = 1024
_BLOCK_COST = 300_000  # work of one key schedule and 1 KiB of key stream, in Python
_KEPT = 64
_PLAIN = frozenset({0x0809, 0x002F, 0x0194, 0x0195, 0x00E1, 0x0196, 0x0138})
_BOUNDSHEET = 0x0085
_PAD = bytes.fromhex("bbffffbaffffb98000be0f00bf0f00")
_INITIAL = (
    0xE1F0, 0x1D0F, 0xCC9C, 0x84C0, 0x110C, 0x0E10, 0xF1CE, 0x313E, 0x1872, 0xE139, 0xD40F, 0x84F9, 0x280C, 0xA96A,
    0x4EC3,
)  # fmt: skip
_MATRIX = (
    0xAEFC, 0x4DD9, 0x9BB2, 0x2745, 0x4E8A, 0x9D14, 0x2A09, 0x7B61, 0xF6C2, 0xFDA5, 0xEB6B, 0xC6F7, 0x9DCF, 0x2BBF,
    0x4563, 0x8AC6, 0x05AD, 0x0B5A, 0x16B4, 0x2D68, 0x5AD0, 0x0375, 0x06EA, 0x0DD4, 0x1BA8, 0x3750, 0x6EA0, 0xDD40,
    0xD849, 0xA0B3, 0x5147, 0xA28E, 0x553D, 0xAA7A, 0x44D5, 0x6F45, 0xDE8A, 0xAD35, 0x4A4B, 0x9496, 0x390D, 0x721A,
    0xEB23, 0xC667, 0x9CEF, 0x29FF, 0x53FE, 0xA7FC, 0x5FD9, 0x47D3, 0x8FA6, 0x0F6D, 0x1EDA, 0x3DB4, 0x7B68, 0xF6D0,
    0xB861, 0x60E3, 0xC1C6, 0x93AD, 0x377B, 0x6EF6, 0xDDEC, 0x45A0, 0x8B40, 0x06A1, 0x0D42, 0x1A84, 0x3508, 0x6A10,
    0xAA51, 0x4483, 0x8906, 0x022D, 0x045A, 0x08B4, 0x1168, 0x76B4, 0xED68, 0xCAF1, 0x85C3, 0x1BA7, 0x374E, 0x6E9C,
    0x3730, 0x6E60, 0xDCC0, 0xA9A1, 0x4363, 0x86C6, 0x1DAD, 0x3331, 0x6662, 0xCCC4, 0x89A9, 0x0373, 0x06E6, 0x0DCC,
    0x1021, 0x2042, 0x4084, 0x8108, 0x1231, 0x2462, 0x48C4,
)  # fmt: skip


@dataclass(slots=True)
class Cipher:
    """Opens the data of records.

    Attributes:
        password: the candidate that fits.
        key: RC4 key of a block; None where the method is XOR.
        pad: the 16 bytes of the XOR method.
    """

    password: str
    key: Callable[[int], bytes] | None = None
    pad: bytes = b""
    _streams: dict[int, bytes] = field(default_factory=dict)

    def open(self, kind: int, offset: int, data: bytes, budget: Budget) -> bytes:
        """The data of a record, decrypted; `offset` is where it lies in the stream."""
        if kind in _PLAIN or not data:
            return data
        skip = 4 if kind == _BOUNDSHEET else 0
        return data[:skip] + self._decrypt(offset, skip, data[skip:], budget)

    def _decrypt(self, offset: int, skip: int, data: bytes, budget: Budget) -> bytes:
        """Data that begins `skip` bytes into that of a record at an offset."""
        if self.key is None:
            budget.spend(100 * len(data))
            end = offset + skip + len(data)
            mixed = (one ^ self.pad[(end + skip + index) % 16] for index, one in enumerate(data))
            return bytes((one << 3 | one >> 5) & 0xFF for one in mixed)
        offset += skip
        stream = b"".join(
            self._block(number, budget) for number in range(offset // _BLOCK, (offset + len(data) - 1) // _BLOCK + 1)
        )
        start = offset % _BLOCK
        return _xor(data, stream[start : start + len(data)])

    def _block(self, number: int, budget: Budget) -> bytes:
        if number not in self._streams:
            budget.spend(_BLOCK_COST)
            if len(self._streams) >= _KEPT:
                self._streams.clear()
            self._streams[number] = _rc4(self.key(number), _BLOCK) if self.key else b""
        return self._streams[number]


def open_cipher(filepass: bytes, passwords: Iterable[str], budget: Budget) -> Cipher | None:
    """The cipher of a FILEPASS record by the first password that its verifier accepts, or None."""
    for password in passwords:
        budget.spend(_BLOCK_COST)
        try:
            cipher = _cipher(filepass, password)
        except struct.error:
            return None
        if cipher is not None:
            return cipher
    return None


def _cipher(filepass: bytes, password: str) -> Cipher | None:
    """The cipher if the password fits; [MS-XLS] 2.4.117."""
    kind, major, minor = struct.unpack_from("<3H", filepass) if len(filepass) >= 6 else (0, 0, 0)
    if len(filepass) == 4 or kind == 0:  # BIFF5 has no type before the key
        key, verifier = struct.unpack_from("<HH", filepass, len(filepass) - 4 if len(filepass) <= 6 else 2)
        return _xor_cipher(password, key, verifier)
    if kind != 1:
        return None
    if (major, minor) == (1, 1):
        salt, proof, digest = struct.unpack_from("<16s16s16s", filepass, 6)
        return _proved(Cipher(password, _plain_key(password, salt)), proof + digest, "md5")
    if minor != 2:
        return None
    (size,) = struct.unpack_from("<I", filepass, 10)
    (bits,) = struct.unpack_from("<I", filepass, 14 + 16)
    salt, proof, digest = struct.unpack_from("<4x16s16s4x20s", filepass, 14 + size)
    return _proved(Cipher(password, _provider_key(password, salt, bits or 40)), proof + digest, "sha1")


def _plain_key(password: str, salt: bytes) -> Callable[[int], bytes]:
    """Keys of RC4 with 40 bits ([MS-OFFCRYPTO] 2.3.6.2)."""
    first = hashlib.md5(_bytes_of(password), usedforsecurity=False).digest()[:5]
    base = hashlib.md5((first + salt) * 16, usedforsecurity=False).digest()[:5]
    return lambda block: hashlib.md5(base + struct.pack("<I", block), usedforsecurity=False).digest()


def _provider_key(password: str, salt: bytes, bits: int) -> Callable[[int], bytes]:
    """Keys of RC4 by a CryptoAPI provider ([MS-OFFCRYPTO] 2.3.5.2)."""
    base = hashlib.sha1(salt + _bytes_of(password), usedforsecurity=False).digest()
    size = min(max(bits // 8, 5), 16)

    def key(block: int) -> bytes:
        digest = hashlib.sha1(base + struct.pack("<I", block), usedforsecurity=False).digest()[:size]
        return digest + bytes(11) if size == 5 else digest

    return key


def _proved(cipher: Cipher, proof: bytes, name: str) -> Cipher | None:
    """The cipher, if it opens what the file says to prove it with."""
    if cipher.key is None:
        return None
    opened = _xor(proof, _rc4(cipher.key(0), len(proof)))
    return cipher if hashlib.new(name, opened[:16], usedforsecurity=False).digest() == opened[16:] else None


def _xor_cipher(password: str, key: int, verifier: int) -> Cipher | None:
    """The XOR method ([MS-OFFCRYPTO] 2.3.7.2)."""
    raw = password.encode("cp1252", "replace")[:15]
    if not raw or _xor_verifier(raw) != verifier or _xor_key(raw) != key:
        return None
    pad = bytearray((raw + _PAD)[:16])
    for index, half in enumerate((key & 0xFF, key >> 8) * 8):
        mixed = pad[index] ^ half
        pad[index] = (mixed << 7 | mixed >> 1) & 0xFF
    return Cipher(password, pad=bytes(pad))


def _xor_verifier(raw: bytes) -> int:
    """[MS-OFFCRYPTO] 2.3.7.1."""
    value = 0
    for one in reversed(bytes([len(raw)]) + raw):
        value = ((value >> 14 & 1) | (value << 1 & 0x7FFF)) ^ one
    return value ^ 0xCE4B


def _xor_key(raw: bytes) -> int:
    """[MS-OFFCRYPTO] 2.3.7.2."""
    value, at = _INITIAL[len(raw) - 1], 0x68
    for one in reversed(raw):
        for bit in range(7):
            if one << bit & 0x40:
                value ^= _MATRIX[at]
            at -= 1
    return value


def _bytes_of(password: str) -> bytes:
    return password[:255].encode("utf-16-le", "replace")


def _xor(data: bytes, stream: bytes) -> bytes:
    return (int.from_bytes(data, "little") ^ int.from_bytes(stream, "little")).to_bytes(len(data), "little")


def _rc4(key: bytes, length: int) -> bytes:
    """That many bytes of the key stream."""
    state = list(range(256))
    other = 0
    for index in range(256):
        other = (other + state[index] + key[index % len(key)]) & 0xFF
        state[index], state[other] = state[other], state[index]
    out = bytearray(length)
    one = other = 0
    for index in range(length):
        one = (one + 1) & 0xFF
        value = state[one]
        other = (other + value) & 0xFF
        state[one] = state[other]
        state[other] = value
        out[index] = state[(state[one] + value) & 0xFF]
    return bytes(out)
