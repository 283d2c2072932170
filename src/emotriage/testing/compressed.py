"""gzip, bzip2, xz and .lzma files; gzip and xz by own writers, because those of the libraries differ by version."""

import bz2
import struct
import zlib

from emotriage.testing.content import Content, chunks
from emotriage.testing.deflate import deflate

_NAME, _EXTRA = 8, 4
_CHUNK = 1 << 16


def gzipped(content: Content, *, name: bytes = b"", extra: bytes = b"", crc: int | None = None) -> bytes:
    """A gzip file of one member (RFC 1952).

    Args:
        content: what is compressed.
        name: of the original file, as its header stores it; none when empty.
        extra: the extra field.
        crc: another checksum than that of the content.
    """
    total = size = 0
    for chunk in chunks(content):
        total = zlib.crc32(chunk, total)
        size += len(chunk)
    head = struct.pack("<2sBBIBB", b"\x1f\x8b", 8, _NAME * bool(name) | _EXTRA * bool(extra), 0, 0, 255)
    head += struct.pack("<H", len(extra)) + extra if extra else b""
    head += name + b"\0" if name else b""
    trailer = struct.pack("<II", total if crc is None else crc, size & 0xFFFFFFFF)
    return head + b"".join(deflate(chunks(content))) + trailer


def bzipped(content: Content) -> bytes:
    """A bzip2 file; its library writes the same bytes since 2000."""
    squeeze = bz2.BZ2Compressor(9)
    return b"".join(squeeze.compress(chunk) for chunk in chunks(content)) + squeeze.flush()


def xzipped(content: Content, *, dictionary: int = 12) -> bytes:
    """An .xz file (format 1.1) of one block whose LZMA2 chunks are stored, with CRC-32.

    Args:
        content: what it holds.
        dictionary: size that the block announces, as LZMA2 spells it: 12 is 256 KiB, 40 is 4 GiB.
    """
    data = b"".join(chunks(content))
    body = b""
    for at in range(0, len(data), _CHUNK):
        piece = data[at : at + _CHUNK]
        body += bytes([1 if at == 0 else 2]) + struct.pack(">H", len(piece) - 1) + piece
    body += b"\0"
    flags = b"\0\1"
    block = _summed(bytes([2, 0, 0x21, 1, dictionary, 0, 0, 0]))
    unpadded = len(block) + len(body) + 4
    index = b"\0" + _integer(1) + _integer(unpadded) + _integer(len(data))
    index = _summed(index + bytes(-len(index) % 4))
    footer = struct.pack("<I", len(index) // 4 - 1) + flags
    return b"".join(
        (
            b"\xfd7zXZ\0",
            flags + struct.pack("<I", zlib.crc32(flags)),
            block,
            body + bytes(-len(body) % 4),
            struct.pack("<I", zlib.crc32(data)),
            index,
            struct.pack("<I", zlib.crc32(footer)) + footer + b"YZ",
        )
    )


def _summed(data: bytes) -> bytes:
    return data + struct.pack("<I", zlib.crc32(data))


def _integer(value: int) -> bytes:
    """A number of seven bits a byte (1.2 of the format)."""
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])
