"""LZH and ARJ archives, stored and packed: every code has words of one length (LHa for UNIX, TECHNOTE.TXT of ARJ)."""

import struct
import zlib
from collections.abc import Mapping

from emotriage.testing.rar_packing import matches_of

_DISTANCES = {"lh5": (4, 14), "lh6": (5, 16), "lh7": (5, 17), "arj": (5, 17)}
_BLOCK = 32 << 10
"""Symbols."""


def lzh(files: Mapping[str, bytes], *, method: str = "lh0", level: int = 2) -> bytes:
    """An LZH archive.

    Args:
        files: name and content of each member.
        method: "lh0" for stored, "lh5", "lh6" or "lh7"; of others, content stands as it is.
        level: of the headers, 0 to 2.
    """
    return b"".join(_lzh_member(name.encode(), body, method, level) for name, body in files.items()) + b"\0"


def arj(files: Mapping[str, bytes], *, method: int = 0, encrypted: bool = False) -> bytes:
    """An ARJ archive.

    Args:
        files: name and content of each member.
        method: 0 for stored, 1 to 3 for packed; of 4, content stands as it is.
        encrypted: members are marked so.
    """
    out = _arj_header(b"a.arj", b"", b"", 0, encrypted=encrypted)
    for name, body in files.items():
        packed = pack(body, "arj") if 0 < method < 4 else body
        out += _arj_header(name.encode(), body, packed, method, encrypted=encrypted) + packed
    return out + b"\x60\xea\0\0"


def pack(content: bytes, method: str) -> bytes:
    """What `method` makes of the content."""
    width, count = _DISTANCES[method]
    symbols = matches_of(content)
    bits: list[str] = []
    for at in range(0, len(symbols), _BLOCK):
        block = symbols[at : at + _BLOCK]
        lengths = ["101"] * 19
        bits += [f"{len(block):016b}", f"{19:05b}", *lengths[:3], "00", *lengths[3:]]
        bits += [f"{510:09b}", *[f"{9 + 2:05b}"] * 510]
        bits += [f"{count:0{width}b}", *["101"] * count]
        for literal, length, distance in block:
            bits.append(f"{256 + length - 3 if length else literal:09b}")
            if length:
                far = distance - 1
                slot = far.bit_length()
                bits.append(f"{slot:05b}" + (f"{far - (1 << slot - 1):0{slot - 1}b}" if slot > 1 else ""))
    text = "".join(bits)
    return int(text.ljust(-(-len(text) // 8) * 8, "0") or "0", 2).to_bytes(-(-len(text) // 8), "big")


def _lzh_member(name: bytes, content: bytes, method: str, level: int) -> bytes:
    packed = pack(content, method) if method in _DISTANCES else content
    crc = struct.pack("<H", _crc16(content))
    marked = f"-{method}-".encode()
    if level == 0:
        numbers = struct.pack("<IIIB", len(packed), len(content), 0x21, 0x20)
        body = marked + numbers + b"\0" + bytes([len(name)]) + name + crc
        return bytes([len(body), sum(body) & 0xFF]) + body + packed
    record = struct.pack("<H", len(name) + 3) + b"\1" + name + b"\0\0"
    more = len(record) - 2 if level == 1 else 0
    numbers = struct.pack("<IIIB", len(packed) + more, len(content), 0x21, 0x20)
    if level == 1:
        body = marked + numbers + b"\1\0" + crc + b"M" + record[:2]
        return bytes([len(body), sum(body) & 0xFF]) + body + record[2:] + packed
    body = marked + numbers + b"\2" + crc + b"M" + record
    return struct.pack("<H", len(body) + 2) + body + packed


def _arj_header(name: bytes, content: bytes, packed: bytes, method: int, *, encrypted: bool) -> bytes:
    first = bytes([30, 3, 1, 0, encrypted, method, 0, 0])
    first += struct.pack("<IIII", 0x21, len(packed), len(content), zlib.crc32(content))
    raw = first.ljust(30, b"\0") + name + b"\0\0"
    return b"\x60\xea" + struct.pack("<H", len(raw)) + raw + struct.pack("<I", zlib.crc32(raw)) + b"\0\0"


def _crc16(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc
