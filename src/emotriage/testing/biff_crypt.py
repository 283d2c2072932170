"""Workbook streams encrypted by a password ([MS-XLS] 2.2.10): the data of their records is, nothing else."""

import struct

from emotriage.testing.binary_encryption import Lock, mixed

_PLAIN = {0x0809, 0x002F}
_BLOCK = 1024


def filepass(lock: Lock) -> bytes:
    """The data of the FILEPASS record that says how the stream is encrypted."""
    return struct.pack("<3H", 0, *lock.xor_key()) if lock.method == "xor" else struct.pack("<H", 1) + lock.header()


def encrypted(stream: bytes, lock: Lock) -> bytes:
    """The stream with the data of its records encrypted, but for those that must be readable without the password."""
    pad = lock.xor_pad() if lock.method == "xor" else b""
    keys = b"" if pad else b"".join(lock.key_stream(one, _BLOCK) for one in range(len(stream) // _BLOCK + 1))
    out, at = bytearray(stream), 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        skip, end = (4 if kind == 0x85 else 0), min(at + 4 + length, len(stream))
        start = at + 4 + skip
        if kind not in _PLAIN and end > start:
            if pad:
                turned = (one << 5 & 0xE0 | one >> 3 for one in stream[start:end])
                out[start:end] = bytes(one ^ pad[(end + skip + index) % 16] for index, one in enumerate(turned))
            else:
                out[start:end] = mixed(stream[start:end], keys[start:end])
        at = end
    return bytes(out)
