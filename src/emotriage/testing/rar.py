"""RAR archives of both formats whose members are stored as they are: the technical notes of RAR 4 and RAR 5."""

import struct
import zlib
from collections.abc import Collection, Mapping

DEFECTS = frozenset({"bad-content-crc", "bad-header-crc", "no-end-mark", "split", "truncated"})
_LOCK = b"\0\0\x0f" + bytes(range(16))


def rar(
    files: Mapping[str, bytes],
    *,
    version: int = 5,
    method: int = 0,
    encrypted: Collection[str] = (),
    encrypted_names: bool = False,
    streams: Mapping[str, bytes] | None = None,
    links: Mapping[str, str] | None = None,
    comment: str = "",
    defects: Collection[str] = (),
) -> bytes:
    """A RAR archive.

    Args:
        files: name and content of each member, in order. A name that ends in "/" is a folder.
        version: 4 or 5, the format.
        method: 0 for stored; 1 to 5 says packed, of bytes that nothing unpacks.
        encrypted: names of members that are marked as encrypted; their bytes are what they are.
        encrypted_names: from the first member on, everything is marked as encrypted.
        streams: by ``file:stream``, content of NTFS streams, behind the files.
        links: by name, the target of a symbolic link.
        comment: of the archive.
        defects: of `DEFECTS`.

    Raises:
        ValueError: a defect or version that is not known.
    """
    if unknown := set(defects) - DEFECTS:
        raise ValueError(f"unknown defects: {sorted(unknown)}")
    if version not in (4, 5):
        raise ValueError(f"unknown version: {version}")
    write = _Old(method, encrypted, defects) if version == 4 else _New(method, encrypted, defects)
    out = write.head(locked=encrypted_names)
    if comment:
        out += write.part("CMT", comment.encode(), b"")
    for name, content in files.items():
        out += write.file(name, content)
    for name, content in (streams or {}).items():
        out += write.part("STM", content, f":{name.partition(':')[2]}".encode())
    for name, target in (links or {}).items():
        out += write.link(name, target)
    if "truncated" in defects:
        return out[: len(out) - 10]
    return out if "no-end-mark" in defects else out + write.end()


class _New:
    """RAR 5."""

    def __init__(self, method: int, encrypted: Collection[str], defects: Collection[str]) -> None:
        self._method, self._encrypted, self._defects = method, encrypted, defects

    def head(self, *, locked: bool) -> bytes:
        lock = self._block(4, 0, _LOCK) if locked else b""
        return b"Rar!\x1a\x07\1\0" + lock + self._block(1, 0, _number(0))

    def file(self, name: str, content: bytes) -> bytes:
        extra = _record(1, _LOCK + bytes(16)) if name in self._encrypted else b""
        flags = 0x10 if "split" in self._defects else 0
        return self._block(2, flags, self._body(name, content, folder=name.endswith("/")), extra, content)

    def part(self, name: str, content: bytes, data: bytes) -> bytes:
        return self._block(3, 0, self._body(name, content), _record(7, data) if data else b"", content)

    def link(self, name: str, target: str) -> bytes:
        raw = target.encode()
        return self._block(2, 0, self._body(name, b""), _record(5, b"\1\0" + _number(len(raw)) + raw))

    def end(self) -> bytes:
        return self._block(5, 0, _number(0))

    def _body(self, name: str, content: bytes, *, folder: bool = False) -> bytes:
        raw = name.rstrip("/").encode()
        crc = zlib.crc32(content) ^ ("bad-content-crc" in self._defects)
        numbers = _number(5 if folder else 4) + _number(len(content)) + _number(0) + struct.pack("<I", crc)
        return numbers + _number(self._method << 7) + _number(1) + _number(len(raw)) + raw

    def _block(self, sort: int, flags: int, body: bytes, extra: bytes = b"", data: bytes = b"") -> bytes:
        flags |= (1 if extra else 0) | (2 if data else 0)
        sizes = (_number(len(extra)) if extra else b"") + (_number(len(data)) if data else b"")
        header = _number(sort) + _number(flags) + sizes + body + extra
        header = _number(len(header)) + header
        crc = zlib.crc32(header) ^ (sort == 2 and "bad-header-crc" in self._defects)
        return struct.pack("<I", crc) + header + data


class _Old:
    """RAR 1.5 to 4."""

    def __init__(self, method: int, encrypted: Collection[str], defects: Collection[str]) -> None:
        self._method, self._encrypted, self._defects = method, encrypted, defects

    def head(self, *, locked: bool) -> bytes:
        return b"Rar!\x1a\x07\0" + self._block(0x73, 0x80 if locked else 0, bytes(6))

    def file(self, name: str, content: bytes) -> bytes:
        flags = (4 if name in self._encrypted else 0) | (0xE0 if name.endswith("/") else 0)
        flags |= 2 if "split" in self._defects else 0
        return self._member(0x74, flags, name.rstrip("/"), content)

    def part(self, name: str, content: bytes, data: bytes) -> bytes:
        return self._member(0x7A, 0, name, content, data.decode().encode("utf-16-le"))

    def link(self, name: str, target: str) -> bytes:
        return self._member(0x74, 0, name, target.encode(), system=3, mode=0o120777)

    def end(self) -> bytes:
        return self._block(0x7B, 0, b"")

    def _member(
        self, sort: int, flags: int, name: str, content: bytes, rest: bytes = b"", *, system: int = 2, mode: int = 32
    ) -> bytes:
        raw = name.encode()
        if not name.isascii():
            wide = name.encode("utf-16-le")
            units = [wide[at : at + 2] for at in range(0, len(wide), 2)]
            groups = (units[at : at + 4] for at in range(0, len(units), 4))
            raw, flags = (
                b"_" * len(units) + b"\0\0" + b"".join(b"\xaa" + b"".join(one) for one in groups),
                flags | 0x200,
            )
        crc = zlib.crc32(content) ^ ("bad-content-crc" in self._defects)
        sizes = (len(content), len(content), system, crc, 0x21, 29, 0x30 + self._method, len(raw), mode)
        return self._block(sort, flags | 0x8000, struct.pack("<IIBIIBBHI", *sizes) + raw + rest) + content

    def _block(self, sort: int, flags: int, body: bytes) -> bytes:
        header = struct.pack("<BHH", sort, flags, 7 + len(body)) + body
        crc = zlib.crc32(header) ^ (sort == 0x74 and "bad-header-crc" in self._defects)
        return struct.pack("<H", crc & 0xFFFF) + header


def _number(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _record(sort: int, data: bytes) -> bytes:
    body = _number(sort) + data
    return _number(len(body)) + body
