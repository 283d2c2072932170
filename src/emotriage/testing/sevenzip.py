"""7z archives: solid or not, packed by several methods, encrypted with or without their names, honest and dishonest."""

import hashlib
import lzma
import struct
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from emotriage.testing.aes import encrypt_cbc
from emotriage.testing.content import Content, as_bytes

_POWER = 8
"""Rounds of the key derivation, as a power of two: few, so that tests are quick."""
_SALT, _IV = b"emotriag", b"inert sample 16!"
DEFECTS = frozenset({"bad-checksum", "bad-header-checksum", "truncated", "size-lie", "endless-names"})
Method = Literal["lzma2", "lzma", "copy", "deflate", "bcj", "ppmd"]


@dataclass(slots=True)
class _Archive:
    """What has been packed so far."""

    packed: list[bytes] = field(default_factory=list)
    folders: list[bytes] = field(default_factory=list)
    sizes: list[tuple[int, ...]] = field(default_factory=list)


def sevenzip(
    files: Mapping[str, Content],
    *,
    method: Method = "lzma2",
    solid: bool = True,
    password: str = "",
    hide_names: bool = False,
    rounds_power: int = _POWER,
    append: bytes = b"",
    defects: Collection[str] = (),
) -> bytes:
    """A 7z archive.

    Args:
        files: content by name; a name that ends in "/" is a folder.
        method: how it is packed.
        solid: all files in one stream; else each in its own.
        password: encrypts the files.
        hide_names: encrypts the header too.
        rounds_power: of the key derivation.
        append: bytes behind the end.
        defects: of `DEFECTS`.

    Raises:
        ValueError: a defect that is not known.
    """
    if unknown := set(defects) - DEFECTS:
        raise ValueError(f"unknown defects: {sorted(unknown)}")
    contents = {name: as_bytes(one) for name, one in files.items()}
    full = [one for one in contents.values() if one]
    blocks = [full] if solid and full else [[one] for one in full]
    archive = _Archive()
    for block in blocks:
        _pack(archive, b"".join(block), method, password, rounds_power)
    lie = 1 << 20 if "size-lie" in defects else 0
    wrong = 1 if "bad-checksum" in defects else 0
    header = b"\x01\x04" + _streams(
        archive, 0, [[(len(one) + lie, zlib.crc32(one) ^ wrong) for one in block] for block in blocks]
    )
    header += b"\x05" + _files(contents, endless="endless-names" in defects) + b"\x00"
    body = b"".join(archive.packed)
    if hide_names:
        hidden = _Archive()
        _pack(hidden, header, "lzma2", password, rounds_power)
        encoded = b"\x17" + _streams(hidden, len(body), [[(len(header), zlib.crc32(header))]])
        body += b"".join(hidden.packed)
        header = encoded
    start = struct.pack("<QQI", len(body), len(header), zlib.crc32(header) ^ ("bad-header-checksum" in defects))
    data = b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", zlib.crc32(start)) + start + body + header
    return data[: len(data) * 2 // 3] if "truncated" in defects else data + append


def _pack(archive: _Archive, plain: bytes, method: Method, password: str, power: int) -> None:
    """Add a stream: its packed bytes, and the coders that unpack it."""
    coders, sizes = [], [len(plain)]
    raw = plain
    if method == "bcj":
        coders.append(_coder(b"\3\3\1\3"))
        filters = [{"id": lzma.FILTER_X86}, {"id": lzma.FILTER_LZMA2, "dict_size": 64 << 10}]
        raw = _unwrapped(lzma.compress(plain, lzma.FORMAT_RAW, filters=filters), len(plain))
        sizes.append(len(raw))
    if method in ("lzma2", "bcj"):
        coders.append(_coder(b"\x21", b"\x18"))
        raw = lzma.compress(raw, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 24}])
    elif method == "lzma":
        coders.append(_coder(b"\3\1\1", b"\x5d" + struct.pack("<I", 1 << 24)))
        chain = {"id": lzma.FILTER_LZMA1, "lc": 3, "lp": 0, "pb": 2, "dict_size": 1 << 24}
        raw = lzma.compress(raw, lzma.FORMAT_RAW, filters=[chain])
    elif method == "deflate":
        coders.append(_coder(b"\4\1\x08"))
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        raw = packer.compress(raw) + packer.flush()
    elif method == "ppmd":
        coders.append(_coder(b"\3\4\1", b"\6" + struct.pack("<I", 1 << 24)))
    else:
        coders.append(_coder(b"\0"))
    if password:
        sizes.append(len(raw))
        properties = bytes([power | 0xC0, len(_SALT) - 1 << 4 | len(_IV) - 1]) + _SALT + _IV
        coders.append(_coder(b"\6\xf1\7\1", properties))
        raw = encrypt_cbc(_key(password, power), _IV, raw + bytes(-len(raw) % 16))
    bonds = b"".join(_number(index) + _number(index + 1) for index in range(len(coders) - 1))
    archive.packed.append(raw)
    archive.folders.append(_number(len(coders)) + b"".join(coders) + bonds)
    archive.sizes.append(tuple(sizes))


def _unwrapped(packed: bytes, size: int) -> bytes:
    """What a filter made of some data, taken out of the LZMA2 stream behind it."""
    return lzma.decompress(packed, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 64 << 10}])[:size]


def _key(password: str, power: int) -> bytes:
    state = hashlib.sha256()
    for number in range(1 << power):
        state.update(_SALT + password.encode("utf-16-le") + number.to_bytes(8, "little"))
    return state.digest()


def _coder(method: bytes, properties: bytes = b"") -> bytes:
    flags = len(method) | (0x20 if properties else 0)
    return bytes([flags]) + method + (_number(len(properties)) + properties if properties else b"")


def _streams(archive: _Archive, begin: int, parts: list[list[tuple[int, int]]]) -> bytes:
    """The streams' part of a header: what is packed, how, and which files it makes."""
    out = b"\x06" + _number(begin) + _number(len(archive.packed)) + b"\x09"
    out += b"".join(_number(len(one)) for one in archive.packed) + b"\x00"
    out += b"\x07\x0b" + _number(len(archive.folders)) + b"\x00" + b"".join(archive.folders) + b"\x0c"
    out += b"".join(_number(size) for sizes in archive.sizes for size in sizes) + b"\x00"
    out += b"\x08\x0d" + b"".join(_number(len(one)) for one in parts) + b"\x09"
    out += b"".join(_number(size) for one in parts for size, _ in one[:-1])
    return out + b"\x0a\x01" + b"".join(struct.pack("<I", crc) for one in parts for _, crc in one) + b"\x00\x00"


def _files(contents: Mapping[str, bytes], *, endless: bool) -> bytes:
    """The files' part of a header."""
    out = _number(len(contents))
    empty = [not one for one in contents.values()]
    if any(empty):
        out += _property(0x0E, _bits(empty))
        out += _property(0x0F, _bits([not name.endswith("/") for name, one in contents.items() if not one]))
    names = b"".join(name.rstrip("/").encode("utf-16-le") + b"\0\0" for name in contents)
    body = b"\0" + names
    return out + (b"\x11" + _number(1 << 40) if endless else _property(0x11, body)) + b"\x00"


def _property(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + _number(len(body)) + body


def _bits(values: list[bool]) -> bytes:
    out = bytearray(-(-len(values) // 8))
    for index, one in enumerate(values):
        out[index // 8] |= (0x80 >> index % 8) * one
    return bytes(out)


def _number(value: int) -> bytes:
    """A number in one to nine bytes; how many follow stands in the first one's leading bits."""
    for width in range(8):
        if value < 1 << 7 * (width + 1):
            first = (0xFF00 >> width & 0xFF) | value >> 8 * width
            return bytes([first]) + (value & (1 << 8 * width) - 1).to_bytes(width, "little")
    return b"\xff" + value.to_bytes(8, "little")
