"""The traditional ZIP encryption ([APPNOTE.TXT] 6.1), so that samples can be behind a password."""

import zlib

_TABLE = [zlib.crc32(bytes([byte ^ 0xFF])) ^ 0xFF000000 for byte in range(256)]


def encrypt(data: bytes, password: str, check: int) -> bytes:
    """The 12 bytes of encryption header and the data, encrypted.

    Args:
        data: the packed body.
        password: encoded as UTF-8.
        check: what the last byte of the header must decrypt to: the highest byte of the checksum or of the time.
    """
    keys = [0x12345678, 0x23456789, 0x34567890]
    for byte in password.encode():
        _update(keys, byte)
    out = bytearray()
    for byte in bytes(11) + bytes([check]) + data:
        mixed = keys[2] | 2
        out.append(byte ^ (mixed * (mixed ^ 1) >> 8) & 0xFF)
        _update(keys, byte)
    return bytes(out)


def _update(keys: list[int], byte: int) -> None:
    keys[0] = _TABLE[(keys[0] ^ byte) & 0xFF] ^ keys[0] >> 8
    keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
    keys[2] = _TABLE[(keys[2] ^ keys[1] >> 24) & 0xFF] ^ keys[2] >> 8
