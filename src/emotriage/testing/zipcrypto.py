"""The traditional ZIP encryption ([APPNOTE.TXT] 6.1), so that samples can be behind a password."""

import zlib
from collections.abc import Sequence

_TABLE = [zlib.crc32(bytes([byte ^ 0xFF])) ^ 0xFF000000 for byte in range(256)]


def encrypt(data: bytes, password: bytes, check: int, decoys: Sequence[bytes] = ()) -> bytes:
    """The 12 bytes of encryption header and the data, encrypted.

    Args:
        data: the packed body.
        password: its bytes.
        check: what the last byte of the header must decrypt to: the highest byte of the checksum or of the time.
        decoys: wrong passwords that pass that check nevertheless; each makes the search for such a header 256 times
            longer.
    """
    salt = 0
    while True:
        header, keys = _apply(_start(password), salt.to_bytes(11, "little") + bytes([check]), decrypt=False)
        if all(_apply(_start(one), header, decrypt=True)[0][-1] == check for one in decoys):
            return header + _apply(keys, data, decrypt=False)[0]
        salt += 1


def _start(password: bytes) -> list[int]:
    keys = [0x12345678, 0x23456789, 0x34567890]
    for byte in password:
        _update(keys, byte)
    return keys


def _apply(keys: list[int], data: bytes, *, decrypt: bool) -> tuple[bytes, list[int]]:
    out = bytearray()
    for byte in data:
        mixed = keys[2] | 2
        other = byte ^ (mixed * (mixed ^ 1) >> 8) & 0xFF
        out.append(other)
        _update(keys, other if decrypt else byte)
    return bytes(out), keys


def _update(keys: list[int], byte: int) -> None:
    keys[0] = _TABLE[(keys[0] ^ byte) & 0xFF] ^ keys[0] >> 8
    keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
    keys[2] = _TABLE[(keys[2] ^ keys[1] >> 24) & 0xFF] ^ keys[2] >> 8
