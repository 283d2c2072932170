"""The traditional ZIP encryption, "ZipCrypto" (APPNOTE.TXT 6.1): three running keys, and one byte to check a password.

A compiled decryptor is used where the extra `fast` is installed; the portable one is some thirty times slower, and
charged for that.
"""

import zlib
from collections.abc import Callable, Collection, Iterator

from emotriage.model.blob import Blob
from emotriage.model.limits import Budget

HEADER = 12
"""Bytes of the encryption header before the packed content."""

Keys = tuple[int, int, int]

_TABLE = tuple(zlib.crc32(bytes([byte ^ 0xFF])) ^ 0xFF000000 for byte in range(256))
_START: Keys = (0x12345678, 0x23456789, 0x34567890)
_WINDOW = 256 << 10
_PORTABLE_WINDOW = 8 << 10
_COMPILED_COST, _PORTABLE_COST = 5, 225  # work units for a byte
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
    """
    try:
        from stream_unzip import zipcrypto_decryptor  # type: ignore[attr-defined]  # what its own reader is made of
    except ImportError:
        return _portable(packed, keys_of(password), budget)
    return _compiled(packed, zipcrypto_decryptor(password), budget)


def _portable(packed: Blob, keys: Keys, budget: Budget) -> Iterator[bytes]:
    _, keys = _decrypt(keys, packed.read(0, HEADER))
    for _, window in packed.windows(_PORTABLE_WINDOW, start=HEADER, holes=True):
        budget.spend(_PORTABLE_COST * len(window))
        clear, keys = _decrypt(keys, window)
        yield clear


def _compiled(packed: Blob, decrypt: Callable[[bytes], bytes], budget: Budget) -> Iterator[bytes]:
    decrypt(packed.read(0, HEADER))
    for _, window in packed.windows(_WINDOW, start=HEADER, holes=True):
        budget.spend(_COMPILED_COST * len(window))
        yield decrypt(window)


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
