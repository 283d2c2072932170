"""gzip, bzip2, xz and Zstandard files; by own writers where those of the libraries differ by version."""

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


def zstd(content: Content, *, window: int = 0) -> bytes:
    """A Zstandard frame (RFC 8878) of blocks that are stored, and of uniform ones where they are long.

    Args:
        content: what it holds.
        window: as the header spells it, exponent and mantissa; 0x08 is 2 KiB, 0x90 is 256 MiB.
    """
    data = b"".join(chunks(content))
    head = b"\x28\xb5\x2f\xfd" + (bytes([0x80, window]) if window else b"\xa0") + struct.pack("<I", len(data))
    blocks = [data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK)] or [b""]
    body = b""
    for number, block in enumerate(blocks):
        uniform = len(block) > 1 and block == block[:1] * len(block)
        header = (number == len(blocks) - 1) | uniform << 1 | len(block) << 3
        body += header.to_bytes(3, "little") + (block[:1] if uniform else block)
    return head + body


def _summed(data: bytes) -> bytes:
    return data + struct.pack("<I", zlib.crc32(data))


def _integer(value: int) -> bytes:
    """A number of seven bits a byte (1.2 of the format)."""
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])
