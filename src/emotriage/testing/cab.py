"""Cabinets: files in folders that are packed block by block, honest and dishonest."""

import struct
import zlib
from collections.abc import Collection, Mapping
from typing import Literal

from emotriage.testing.content import Content, as_bytes

_BLOCK = 32 << 10
_METHODS = {"store": 0, "mszip": 1, "quantum": 2 | 10 << 8, "lzx": 3 | 15 << 8}
DEFECTS = frozenset({"truncated", "bad-block", "no-such-folder", "next-cabinet", "file-past-end"})


def cabinet(
    files: Mapping[str, Content],
    *,
    method: Literal["store", "mszip", "quantum", "lzx"] = "mszip",
    solid: bool = True,
    reserve: bytes = b"",
    append: bytes = b"",
    defects: Collection[str] = (),
) -> bytes:
    """A cabinet.

    Args:
        files: content by name.
        method: how it is packed; ``lzx`` blocks are not compressed.
        solid: all files in one folder; else each in its own.
        reserve: the application's own bytes in the header.
        append: bytes behind the end.
        defects: of `DEFECTS`.

    Raises:
        ValueError: a defect that is not known.
    """
    if unknown := set(defects) - DEFECTS:
        raise ValueError(f"unknown defects: {sorted(unknown)}")
    contents = {name: as_bytes(one) for name, one in files.items()}
    folders = [list(contents)] if solid else [[name] for name in contents]
    entries, packed = b"", []
    for number, names in enumerate(folders):
        offset = 0
        for name in names:
            where = number + 9 if "no-such-folder" in defects else number
            where = 0xFFFE if "next-cabinet" in defects else where
            plain = name.isascii()
            size = len(contents[name]) + (1 << 20 if "file-past-end" in defects else 0)
            entries += struct.pack("<IIHHHH", size, offset, where, 0, 0, 0x20 if plain else 0xA0)
            entries += name.encode() + b"\0"
            offset += len(contents[name])
        packed.append(_blocks(b"".join(contents[name] for name in names), method, wrong="bad-block" in defects))
    flags = (4 if reserve else 0) | (2 if "next-cabinet" in defects else 0)
    extra = struct.pack("<HBB", len(reserve), 0, 0) + reserve if reserve else b""
    extra += b"next.cab\0disk 2\0" if flags & 2 else b""
    begin = 36 + len(extra) + 8 * len(folders)
    at = begin + len(entries)
    table = b""
    for one in packed:
        table += struct.pack("<IHH", at, len(one), _METHODS[method])
        at += sum(map(len, one))
    head = b"MSCF" + struct.pack("<IIIIIBBHHHHH", 0, at, 0, begin, 0, 3, 1, len(folders), len(contents), flags, 7, 0)
    data = head + extra + table + entries + b"".join(block for one in packed for block in one)
    return data[: len(data) - 40] if "truncated" in defects else data + append


def _blocks(plain: bytes, method: str, *, wrong: bool) -> list[bytes]:
    """The blocks of a folder; each MSZIP block is deflated with the one before as its dictionary."""
    out = []
    for at in range(0, len(plain), _BLOCK):
        piece = plain[at : at + _BLOCK]
        if method == "mszip":
            before = plain[max(at - _BLOCK, 0) : at]
            packer = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=before) if before else zlib.compressobj(9, 8, -15)
            body = b"CK" + packer.compress(piece) + packer.flush()
        elif method == "lzx":
            body = lzx_frame(piece, first=not at)
        else:
            body = piece
        body = b"\xff" * len(body) if wrong else body
        out.append(struct.pack("<IHH", 0, len(body), len(piece)) + body)
    return out


def lzx_frame(piece: bytes, *, first: bool) -> bytes:
    """A frame of one block that is not compressed: kind 3, its length, and the three distances that count from now."""
    bits = ("0" if first else "") + f"{3:03b}{len(piece):024b}"
    bits += "0" * (16 - len(bits) % 16)
    words = b"".join(int(bits[at : at + 16], 2).to_bytes(2, "little") for at in range(0, len(bits), 16))
    return words + struct.pack("<III", 1, 1, 1) + piece + bytes(len(piece) % 2)
