"""The traditional ZIP encryption, "ZipCrypto" (APPNOTE.TXT 6.1): three running keys, and one byte to check a password.

A compiled decryptor is used where the extra `fast` is installed; the portable one is some thirty times slower, and
charged for that.
"""

import zlib
from collections.abc import Collection, Iterator
from struct import Struct

from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import Budget

HEADER = 12
"""Bytes of the encryption header before the packed content."""

Keys = tuple[int, int, int]

_TABLE = tuple(zlib.crc32(bytes([byte ^ 0xFF])) ^ 0xFF000000 for byte in range(256))
_START: Keys = (0x12345678, 0x23456789, 0x34567890)
_WINDOW = 256 << 10
_PORTABLE_WINDOW = 8 << 10
_COMPILED_COST, _PORTABLE_COST = 5, 225  # work units for a byte
_LOCAL = Struct("<4s5HIIIHHHHQQ")
_FULL = 0xFFFFFFFF


def keys_of(password: bytes) -> Keys:
    """The running keys that a password starts with; the same for every member."""
    keys = _START
    for byte in password:
        keys = _update(keys, byte)
    return keys


def fits(keys: Keys, header: bytes, checks: Collection[int]) -> bool:
    """True when the last byte of the encryption header decrypts to one of the bytes that it may stand for.

    One wrong password in 256 fits as well, for each of them.
    """
    return len(header) == HEADER and _decrypt(keys, header)[0][-1] in checks


def decrypted(packed: Blob, password: bytes, budget: Budget) -> Iterator[bytes]:
    """What stands behind the encryption header, in clear, in chunks.

    Args:
        packed: encryption header and packed content.
        password: taken as right; with a wrong one, noise comes out.
        budget: charged for what it really costs.

    Raises:
        Malformed: there is less of it than there was when its archive was surveyed.
    """
    try:
        import stream_unzip  # noqa: F401
    except ImportError:
        return _portable(packed, keys_of(password), budget)
    return _compiled(packed, password, budget)


def _portable(packed: Blob, keys: Keys, budget: Budget) -> Iterator[bytes]:
    _, keys = _decrypt(keys, packed.read(0, HEADER))
    for _, window in packed.windows(_PORTABLE_WINDOW, start=HEADER, holes=True):
        budget.spend(_PORTABLE_COST * len(window))
        clear, keys = _decrypt(keys, window)
        yield clear


def _compiled(packed: Blob, password: bytes, budget: Budget) -> Iterator[bytes]:
    from stream_unzip import DataError, stream_unzip

    header, _ = _decrypt(keys_of(password), packed.read(0, HEADER))
    size = packed.size - HEADER

    def archive() -> Iterator[bytes]:
        """A member of its own that is called stored, so that the library only decrypts."""
        yield _LOCAL.pack(b"PK\3\4", 45, 1, 0, 0, 0, header[-1] << 24, _FULL, _FULL, 0, 20, 1, 16, size, packed.size)
        for _, window in packed.windows(_WINDOW, holes=True):
            budget.spend(_COMPILED_COST * len(window))
            yield window

    left = size
    try:
        for _, _, chunks in stream_unzip(archive(), password=password, chunk_size=_WINDOW):
            for chunk in chunks:
                left -= len(chunk)
                yield chunk
    except DataError as error:  # of the content the library knows no checksum, and behind it there is no directory
        if left:
            raise Malformed("an encrypted ZIP member breaks off") from error


def _decrypt(keys: Keys, data: bytes) -> tuple[bytes, Keys]:
    table, (low, middle, high) = _TABLE, keys
    out = bytearray()
    append = out.append
    for byte in data:
        mixed = high | 2
        byte ^= (mixed * (mixed ^ 1) >> 8) & 0xFF  # noqa: PLW2901  one name less in the hottest loop there is
        append(byte)
        low = table[(low ^ byte) & 0xFF] ^ low >> 8
        middle = ((middle + (low & 0xFF)) * 134775813 + 1) & _FULL
        high = table[(high ^ middle >> 24) & 0xFF] ^ high >> 8
    return bytes(out), (low, middle, high)


def _update(keys: Keys, byte: int) -> Keys:
    low = _TABLE[(keys[0] ^ byte) & 0xFF] ^ keys[0] >> 8
    middle = ((keys[1] + (low & 0xFF)) * 134775813 + 1) & _FULL
    return low, middle, _TABLE[(keys[2] ^ middle >> 24) & 0xFF] ^ keys[2] >> 8
