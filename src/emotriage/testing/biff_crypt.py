"""Workbook streams encrypted by a password: RC4 with 40 bits, as Excel 97 does ([MS-OFFCRYPTO] 2.3.6)."""

import hashlib
import struct

_PLAIN = {0x0809, 0x002F}
_SALT, _PROOF = bytes(range(16)), bytes(range(16, 32))


def filepass(password: str) -> bytes:
    """The data of the FILEPASS record that says how the stream is encrypted."""
    digest = hashlib.md5(_PROOF, usedforsecurity=False).digest()
    return struct.pack("<3H", 1, 1, 1) + _SALT + _mixed(_PROOF + digest, _stream(password, 0))


def encrypted(stream: bytes, password: str) -> bytes:
    """The stream with the data of its records encrypted, but for those that must be readable without the password."""
    keys = b"".join(_stream(password, number) for number in range(len(stream) // 1024 + 1))
    out, at = bytearray(stream), 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        start, end = at + 4 + (4 if kind == 0x85 else 0), min(at + 4 + length, len(stream))
        if kind not in _PLAIN and end > start:
            out[start:end] = _mixed(stream[start:end], keys[start:end])
        at = end
    return bytes(out)


def _stream(password: str, number: int) -> bytes:
    """1 KiB of key stream."""
    first = hashlib.md5(password.encode("utf-16-le"), usedforsecurity=False).digest()[:5]
    base = hashlib.md5((first + _SALT) * 16, usedforsecurity=False).digest()[:5]
    key = hashlib.md5(base + struct.pack("<I", number), usedforsecurity=False).digest()
    box, swap = list(range(256)), 0
    for index in range(256):
        swap = (swap + box[index] + key[index % 16]) % 256
        box[index], box[swap] = box[swap], box[index]
    out, swap = bytearray(), 0
    for step in range(1, 1025):
        index = step % 256
        swap = (swap + box[index]) % 256
        box[index], box[swap] = box[swap], box[index]
        out.append(box[(box[index] + box[swap]) % 256])
    return bytes(out)


def _mixed(data: bytes, keys: bytes) -> bytes:
    return bytes(one ^ key for one, key in zip(data, keys, strict=False))
