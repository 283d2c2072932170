"""Compression of VBA sources ([MS-OVBA] 2.4.1.3), with copy tokens or with literal tokens alone."""

import struct
from collections.abc import Mapping

_CHUNK = 4096
_MOST_LITERALS = 3640
_NEAREST = 64


def compress(data: bytes, *, literal_only: bool = False) -> bytes:
    """A compressed container.

    Args:
        data: anything; a last chunk that can't be compressed is filled up with zeros, as the specification has it.
        literal_only: no copy tokens: whole chunks stay raw, and the rest is written as literals where it fits.
    """
    out = [b"\x01"]
    for at in range(0, len(data), _CHUNK):
        chunk = data[at : at + _CHUNK]
        tokens = _literals(chunk) if literal_only and len(chunk) <= _MOST_LITERALS else b""
        if not tokens and not (literal_only and len(chunk) == _CHUNK):
            tokens = _tokens(chunk)
        if tokens and len(tokens) < _CHUNK:
            out.append(struct.pack("<H", 0xB000 | len(tokens) - 1) + tokens)
        else:
            out.append(struct.pack("<H", 0x3000 | _CHUNK - 1) + chunk.ljust(_CHUNK, b"\0"))
    return b"".join(out)


def spoil(container: bytes, words: Mapping[str, str]) -> bytes:
    """The container with the defects among `words`, as they are named for a project."""
    out = bytearray(container)
    if "missing-signature" in words:
        out[0] = 0
    if "chunk-size-lies" in words and len(out) > 3:
        (header,) = struct.unpack_from("<H", out, 1)
        struct.pack_into("<H", out, 1, header & 0xF000 | min(0xFFF, (header & 0xFFF) + 900))
    if "bad-chunk-signature" in words:  # sane chunks follow
        out[1:1] = struct.pack("<H", 0xD000 | 6 - 1) + b"\0' bad"
    if "copy-before-start" in words:
        out[1:1] = struct.pack("<H", 0xB000 | 3 - 1) + b"\1\0\0"
    return bytes(out)


def _literals(chunk: bytes) -> bytes:
    return b"".join(b"\0" + chunk[at : at + 8] for at in range(0, len(chunk), 8))


def _tokens(chunk: bytes) -> bytes:
    out = bytearray()
    seen: dict[bytes, list[int]] = {}
    at = known = 0
    while at < len(chunk):
        flags, group = 0, bytearray()
        for bit in range(8):
            if at >= len(chunk):
                break
            while known < at:  # every place before this one can be copied from
                seen.setdefault(chunk[known : known + 3], []).append(known)
                known += 1
            bits = max((at - 1).bit_length(), 4)
            length, start = _longest(chunk, at, seen.get(chunk[at : at + 3], ()), (0xFFFF >> bits) + 3)
            if length >= 3:
                flags |= 1 << bit
                group += struct.pack("<H", (at - start - 1) << 16 - bits | length - 3)
                at += length
            else:
                group.append(chunk[at])
                at += 1
        out += bytes([flags]) + group
    return bytes(out)


def _longest(chunk: bytes, at: int, starts: list[int] | tuple[int, ...], limit: int) -> tuple[int, int]:
    best, where = 0, 0
    most = min(limit, len(chunk) - at)
    for start in starts[: -_NEAREST - 1 : -1]:
        length = min(3, most)
        if length < 3 or (best and chunk[start + best : start + best + 1] != chunk[at + best : at + best + 1]):
            continue
        while length < most and chunk[start + length] == chunk[at + length]:
            length += 1
        if length > best:
            best, where = length, start
        if best == most:
            break
    return best, where
