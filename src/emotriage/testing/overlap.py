"""ZIP files whose members share bytes, so that they unpack to far more than they hold ([APPNOTE.TXT] 4.3)."""

import struct
import zlib

from emotriage.testing.content import Filler, chunks
from emotriage.testing.deflate import deflate


def overlap(members: int, *, body: bytes = b"", zeros: int = 1 << 20, extension: str = "txt") -> bytes:
    """A "quoted overlap": each member's stream quotes the next local header and runs on into the next stream.

    Args:
        members: how many there are; each unpacks to all that the next one does, and a header.
        body: what the innermost member begins with.
        zeros: bytes that follow the body in it, well packed.
        extension: of the members' names: ``0000.txt`` and so on, four digits of their number.
    """
    crc, size = zlib.crc32(body + bytes(zeros)), len(body) + zeros
    behind, step = _shift(size), _shift(30 + len(f"0000.{extension}"))
    kernel = b"".join(deflate(chunks([body, Filler(zeros)])))
    quotes: list[bytes] = []  # innermost first
    entries: list[tuple[bytes, int, int, int]] = []
    packed = len(kernel)
    for index in reversed(range(members)):
        if index < members - 1:
            header = quotes[-1]
            crc ^= _times(behind, zlib.crc32(header))
            behind = [_times(step, row) for row in behind]
            size += len(header)
            packed += 5 + len(header)
        name = f"{index % 10_000:04}.{extension}".encode()
        quotes.append(struct.pack("<4s5HIIIHH", b"PK\3\4", 20, 0, 8, 0, 0x21, crc, packed, size, len(name), 0) + name)
        entries.append((name, crc, packed, size))
    out, directory, at = bytearray(), bytearray(), 0
    for (name, check, length, whole), header in zip(reversed(entries), reversed(quotes), strict=True):
        if out:
            out += struct.pack("<BHH", 0, len(header), len(header) ^ 0xFFFF)
            at = len(out)
        out += header
        fields = (check, length, whole, len(name), 0, 0, 0, 0, 0, at)
        directory += struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 0x21, *fields) + name
    out += kernel
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, members, members, len(directory), len(out), 0)
    return bytes(out + directory + end)


def _shift(length: int) -> list[int]:
    """What so many bytes behind a piece make of the piece's part of a CRC-32, as a matrix over single bits."""
    power = [0xEDB88320] + [1 << bit for bit in range(31)]  # one bit of zero
    found = [1 << bit for bit in range(32)]
    bits = 8 * length
    while bits:
        if bits & 1:
            found = [_times(power, row) for row in found]
        power = [_times(power, row) for row in power]
        bits >>= 1
    return found


def _times(matrix: list[int], vector: int) -> int:
    found = 0
    for row in matrix:
        if vector & 1:
            found ^= row
        vector >>= 1
    return found
