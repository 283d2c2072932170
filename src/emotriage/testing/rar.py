"""RAR archives of both formats, stored, packed and locked: the technical notes of RAR 4 and RAR 5."""

import hashlib
import hmac
import struct
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

from emotriage.testing.aes import encrypt_cbc
from emotriage.testing.rar_packing import pack_new, pack_old

DEFECTS = frozenset({"bad-content-crc", "bad-header-crc", "no-check", "no-end-mark", "ppmd", "split", "truncated"})
_SALT, _IV, _POWER = bytes(range(16)), bytes(range(16, 32)), 4
_LOCK = b"\0\0\x0f" + _SALT


def rar(
    files: Mapping[str, bytes],
    *,
    version: int = 5,
    method: int = 0,
    encrypted: Collection[str] = (),
    encrypted_names: bool = False,
    password: str = "",
    solid: bool = False,
    filtered: str = "",
    streams: Mapping[str, bytes] | None = None,
    links: Mapping[str, str] | None = None,
    comment: str = "",
    defects: Collection[str] = (),
) -> bytes:
    """A RAR archive.

    Args:
        files: name and content of each member, in order. A name that ends in "/" is a folder.
        version: 4 or 5, the format.
        method: 0 for stored; 1 to 5 for packed.
        encrypted: names of members that are encrypted.
        encrypted_names: from the first member on, everything is.
        password: for both; without one, things are only marked so, and their bytes are what they are.
        solid: files behind the first say that they are packed as if they stood behind it.
        filtered: what files go through before they are packed: see `rar_packing`.
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
    how = _How(method, encrypted, defects, password, solid=solid, filtered=filtered)
    write = _Old(how) if version == 4 else _New(how)
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


@dataclass(frozen=True)
class _How:
    """What both formats are told."""

    method: int
    encrypted: Collection[str]
    defects: Collection[str]
    password: str
    solid: bool
    filtered: str


class _New:
    """RAR 5."""

    def __init__(self, how: _How) -> None:
        self._how = how
        self._secret: bytes | None = None
        self._first = True

    def head(self, *, locked: bool) -> bytes:
        out = b"Rar!\x1a\x07\1\0"
        if locked:
            out += self._block(4, 0, self._lock()[:-16] + self._check() if self._how.password else _LOCK)
            self._secret = self._key(0) if self._how.password else None
        return out + self._block(1, 0, _number(4 if self._how.solid else 0))

    def file(self, name: str, content: bytes) -> bytes:
        how = self._how
        packed = pack_new(content, how.filtered) if how.method else content
        secret = name in how.encrypted
        extra = b""
        if secret and how.password:
            extra = _record(1, self._lock(tweaked=True) + self._check())
            packed = encrypt_cbc(self._key(0), _IV, packed)
        elif secret:
            extra = _record(1, _LOCK + bytes(16))
        flags = 0x10 if "split" in how.defects else 0
        crc = zlib.crc32(content) ^ ("bad-content-crc" in how.defects)
        if secret and how.password:
            mac = hmac.digest(self._key(16), crc.to_bytes(4, "little"), "sha256")
            crc = 0
            for at in range(0, 32, 4):
                crc ^= int.from_bytes(mac[at : at + 4], "little")
        body = self._body(name, len(content), crc, folder=name.endswith("/"))
        return self._block(2, flags, body, extra, packed)

    def part(self, name: str, content: bytes, data: bytes) -> bytes:
        body = self._body(name, len(content), zlib.crc32(content), packed=False)
        return self._block(3, 0, body, _record(7, data) if data else b"", content)

    def link(self, name: str, target: str) -> bytes:
        raw = target.encode()
        body = self._body(name, 0, 0, packed=False)
        return self._block(2, 0, body, _record(5, b"\1\0" + _number(len(raw)) + raw))

    def end(self) -> bytes:
        return self._block(5, 0, _number(0))

    def _lock(self, *, tweaked: bool = False) -> bytes:
        checked = "no-check" not in self._how.defects
        return b"\0" + _number(2 * tweaked + checked) + bytes([_POWER]) + _SALT + _IV

    def _check(self) -> bytes:
        if "no-check" in self._how.defects:
            return b""
        value = self._key(32)
        folded = bytes(
            a ^ b ^ c ^ d for a, b, c, d in zip(*(value[at : at + 8] for at in range(0, 32, 8)), strict=True)
        )
        return folded + hashlib.sha256(folded).digest()[:4]

    def _key(self, more: int) -> bytes:
        return hashlib.pbkdf2_hmac("sha256", self._how.password.encode(), _SALT, (1 << _POWER) + more)

    def _body(self, name: str, size: int, crc: int, *, folder: bool = False, packed: bool = True) -> bytes:
        raw = name.rstrip("/").encode()
        how = (self._how.method << 7) * packed
        if packed and self._how.method and self._how.solid:
            how |= 0 if self._first else 0x40
            self._first = False
        numbers = _number(5 if folder else 4) + _number(size) + _number(0) + struct.pack("<I", crc)
        return numbers + _number(how) + _number(1) + _number(len(raw)) + raw

    def _block(self, sort: int, flags: int, body: bytes, extra: bytes = b"", data: bytes = b"") -> bytes:
        flags |= (1 if extra else 0) | (2 if data else 0)
        sizes = (_number(len(extra)) if extra else b"") + (_number(len(data)) if data else b"")
        header = _number(sort) + _number(flags) + sizes + body + extra
        header = _number(len(header)) + header
        crc = zlib.crc32(header) ^ (sort == 2 and "bad-header-crc" in self._how.defects)
        header = struct.pack("<I", crc) + header
        return (header if self._secret is None else _IV + encrypt_cbc(self._secret, _IV, header)) + data


class _Old:
    """RAR 1.5 to 4."""

    def __init__(self, how: _How) -> None:
        self._how = how
        self._secret: tuple[bytes, bytes] | None = None
        self._first = True

    def head(self, *, locked: bool) -> bytes:
        flags = (0x80 if locked else 0) | (8 if self._how.solid else 0)
        out = b"Rar!\x1a\x07\0" + self._block(0x73, flags, bytes(6))
        self._secret = _old_key(self._how.password) if locked and self._how.password else None
        return out

    def file(self, name: str, content: bytes) -> bytes:
        how = self._how
        packed = pack_old(content, how.filtered, ppmd="ppmd" in how.defects) if how.method else content
        flags = (0x404 if name in how.encrypted else 0) | (0xE0 if name.endswith("/") else 0)
        flags |= 2 if "split" in how.defects else 0
        if name in how.encrypted and how.password:
            key, iv = _old_key(how.password)
            packed = encrypt_cbc(key, iv, packed)
        if how.method and how.solid:
            flags |= 0 if self._first else 0x10
            self._first = False
        salt = _SALT[:8] if name in how.encrypted else b""
        return self._member(0x74, flags, name.rstrip("/"), content, salt, packed=packed, method=how.method)

    def part(self, name: str, content: bytes, data: bytes) -> bytes:
        return self._member(0x7A, 0, name, content, data.decode().encode("utf-16-le"))

    def link(self, name: str, target: str) -> bytes:
        return self._member(0x74, 0, name, target.encode(), system=3, mode=0o120777)

    def end(self) -> bytes:
        return self._block(0x7B, 0, b"")

    def _member(
        self,
        sort: int,
        flags: int,
        name: str,
        content: bytes,
        rest: bytes = b"",
        *,
        packed: bytes | None = None,
        method: int = 0,
        system: int = 2,
        mode: int = 32,
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
        packed = content if packed is None else packed
        crc = zlib.crc32(content) ^ ("bad-content-crc" in self._how.defects)
        sizes = (len(packed), len(content), system, crc, 0x21, 29, 0x30 + method, len(raw), mode)
        return self._block(sort, flags | 0x8000, struct.pack("<IIBIIBBHI", *sizes) + raw + rest) + packed

    def _block(self, sort: int, flags: int, body: bytes) -> bytes:
        header = struct.pack("<BHH", sort, flags, 7 + len(body)) + body
        crc = zlib.crc32(header) ^ (sort == 0x74 and "bad-header-crc" in self._how.defects)
        header = struct.pack("<H", crc & 0xFFFF) + header
        return header if self._secret is None else _SALT[:8] + encrypt_cbc(*self._secret, header)


@cache
def _old_key(password: str) -> tuple[bytes, bytes]:
    """Key and beginning of a password, with the salt that everything here has."""
    secret = password.encode("utf-16-le") + _SALT[:8]
    state, iv = hashlib.sha1(usedforsecurity=False), b""
    for number in range(1 << 18):
        state.update(secret + number.to_bytes(3, "little"))
        if number % (1 << 14) == 0:
            iv += state.digest()[19:]
    digest = state.digest()
    return b"".join(digest[at : at + 4][::-1] for at in range(0, 16, 4)), iv


def _number(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _record(sort: int, data: bytes) -> bytes:
    body = _number(sort) + data
    return _number(len(body)) + body
