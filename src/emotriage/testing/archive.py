"""ZIP files ([APPNOTE.TXT] 6.3), honest and dishonest: each header field can lie, and nothing depends on a clock."""

import struct
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from emotriage.testing import zip_aes, zipcrypto
from emotriage.testing.content import Content, Filler, chunks, joined, saved, size
from emotriage.testing.deflate import deflate

Fields = Mapping[str, Mapping[str, int | str | bytes]]
Files = Mapping[str, Content] | Iterable[tuple[str, Content]]

_DATE = 0x0021  # 1 January 1980
_ENCRYPTED, _DESCRIPTOR, _STRONG, _UTF8, _MASKED = 1, 8, 0x40, 0x800, 0x2000
_FULL = 0xFFFFFFFF
DEFECTS = frozenset(
    {
        "bad-crc",
        "empty-end-record-behind",
        "end-record-in-comment",
        "lying-descriptor",
        "masked-directory",
        "multi-disk",
        "no-end-record",
        "strong-encryption",
        "truncated",
        "zip64-counts",
        "zip64-locator",
        "zip64-no-extra",
    }
)


ENCRYPTIONS: dict[str, tuple[int, int]] = {
    "zipcrypto": (0, 0),
    "aes-128": (2, 1),
    "aes-192": (2, 2),
    "aes-256": (2, 3),
    "aes-128/1": (1, 1),
    "aes-192/1": (1, 2),
    "aes-256/1": (1, 3),
}
"""AE version and strength by name."""


@dataclass(frozen=True, slots=True)
class _Lock:
    """How one member is encrypted."""

    encryption: str
    password: bytes
    decoys: Sequence[bytes]


@dataclass(slots=True)
class _Member:
    name: str
    content: Content
    method: int
    flags: int
    crc: int = 0
    packed: int = 0
    size: int = 0
    offset: int = 0
    body: bytes | None = None
    extra: bytes = b""
    central: Mapping[str, int | str | bytes] = field(default_factory=dict)
    local: Mapping[str, int | str | bytes] = field(default_factory=dict)


def archive_chunks(
    files: Files,
    *,
    method: int | Mapping[str, int] = 0,
    comment: bytes | str = b"",
    prepend: Content = b"",
    append: Content = b"",
    between: Content = b"",
    local: Fields | None = None,
    central: Fields | None = None,
    both: Fields | None = None,
    name_encoding: str = "utf-8",
    password: str | Mapping[str, str] = "",
    password_encoding: str = "utf-8",  # noqa: S107  an encoding is no secret
    encryption: str = "zipcrypto",
    decoys: Sequence[str] = (),
    encrypted: Collection[str] | None = None,
    encrypted_flag: bool | Collection[str] = False,
    modes: Mapping[str, int] | None = None,
    unindexed: Collection[str] = (),
    aliases: Mapping[str, str] | None = None,
    zip64: bool = False,
    descriptor: bool = False,
    defects: Collection[str] = (),
) -> Iterator[bytes]:
    """A ZIP file, in pieces.

    Args:
        files: name and content of each member, in order; pairs where a name comes twice. A name that ends in "/" is a
            folder.
        method: how bodies are packed, for all or by name: 0 stored, 8 deflated.
        comment: the archive's comment.
        prepend: bytes before the first member; offsets do not count them, as after ``cat``.
        append: bytes behind the end record.
        between: bytes between the last member and the central directory.
        local: by member name, fields of its local header that say something else: ``name``, ``method``, ``flags``,
            ``crc``, ``packed``, ``size``, ``version``, ``time``, ``date``, ``extra`` (bytes).
        central: the same for its central header, and ``comment``, ``offset``, ``disk``, ``external``, ``made_by``.
        both: the same for both headers.
        name_encoding: of names and comments; the UTF-8 flag is set where UTF-8 is needed.
        password: encrypts, all members or by name.
        password_encoding: of the password's bytes.
        encryption: of `ENCRYPTIONS`: ZipCrypto, or AES as AE-1 (``/1``) or AE-2.
        decoys: wrong passwords that pass ZipCrypto's check of one byte.
        encrypted: names of the members that `password` encrypts; all if None.
        encrypted_flag: sets the flag, but encrypts nothing; for all or for some names.
        modes: Unix mode by name, such as 0o120777 for a symbolic link.
        unindexed: names of members that the central directory leaves out.
        aliases: further central headers: name, and the name of the member whose local header it points to.
        zip64: write ZIP64 fields though nothing is that big.
        descriptor: sizes and checksum stand in data descriptors behind the bodies.
        defects: of `DEFECTS`.

    Raises:
        ValueError: a defect, an encryption or a method that is not known.
    """
    if encryption not in ENCRYPTIONS:
        raise ValueError(f"unknown encryption {encryption!r}; there are {', '.join(ENCRYPTIONS)}")
    secret = {key: value.encode(password_encoding) for key, value in _by_name(password).items()}
    if unknown := set(defects) - DEFECTS:
        raise ValueError(f"unknown defects: {sorted(unknown)}")
    made = [
        _member(
            name,
            content,
            method=method if isinstance(method, int) else method.get(name, 0),
            lock=_Lock(encryption, word, [one.encode(password_encoding) for one in decoys])
            if (word := secret.get(name, secret.get("", b""))) and (encrypted is None or name in encrypted)
            else None,
            descriptor=descriptor,
            flagged=encrypted_flag if isinstance(encrypted_flag, bool) else name in encrypted_flag,
            defects=defects,
        )
        for name, content in (files.items() if isinstance(files, Mapping) else files)
    ]
    for one in made:
        same = (both or {}).get(one.name, {})
        mode = (modes or {}).get(one.name)
        unix = {"external": mode << 16, "made_by": 3 << 8 | 45} if mode is not None else {}
        one.local = {**same, **(local or {}).get(one.name, {})}
        one.central = {**unix, **same, **(central or {}).get(one.name, {})}
    lines = _Lines(name_encoding, zip64=zip64, defects=defects)
    parts = _parts(made, lines, between, set(unindexed), aliases or {})
    yield from chunks(prepend)
    if "truncated" in defects:
        yield from _half(list(parts))
        return
    where = 0
    for part in parts:
        where += len(part)
        yield part
    if "no-end-record" not in defects:
        text = comment.encode(name_encoding) if isinstance(comment, str) else comment
        yield lines.end(where, text)
    yield from chunks(append)


archive = joined("archive", archive_chunks)
"""A ZIP file as bytes; arguments as `archive_chunks`."""

write_archive = saved("write_archive", archive_chunks)
"""Write a ZIP file to a path, streaming; further arguments as `archive_chunks`."""


def _member(
    name: str,
    content: Content,
    *,
    method: int,
    lock: _Lock | None,
    descriptor: bool,
    flagged: bool,
    defects: Collection[str],
) -> _Member:
    if method not in {0, 8}:
        raise ValueError("bodies are stored (0) or deflated (8); other methods can be declared with `both`")
    flags = _DESCRIPTOR * descriptor | _ENCRYPTED * bool(flagged or lock)
    flags |= _STRONG * ("strong-encryption" in defects) | _MASKED * ("masked-directory" in defects)
    one = _Member(name, content, method, flags, size=size(content))
    for chunk in chunks(content):
        one.crc = zlib.crc32(chunk, one.crc)
    if lock:
        _encrypt(one, lock)
    elif method and not isinstance(content, Filler):
        one.body = b"".join(_packed(one))
    one.packed = len(one.body) if one.body is not None else sum(map(len, _packed(one)))
    if "bad-crc" in defects:
        one.crc ^= 1
    return one


def _by_name(password: str | Mapping[str, str]) -> Mapping[str, str]:
    return {"": password} if isinstance(password, str) else password


def _encrypt(one: _Member, lock: _Lock) -> None:
    """Encrypt the packed body; AES changes what the headers say."""
    version, strength = ENCRYPTIONS[lock.encryption]
    body = b"".join(_packed(one))
    if not version:
        check = one.crc >> 24 if not one.flags & _DESCRIPTOR else 0
        one.body = zipcrypto.encrypt(body, lock.password, check, lock.decoys)
        return
    one.body = zip_aes.encrypt(body, lock.password, strength)
    one.extra = zip_aes.extra_field(version, strength, one.method)
    one.method = 99
    if version == 2:
        one.crc = 0


def _packed(one: _Member) -> Iterator[bytes]:
    if one.body is not None:
        return iter([one.body])
    return deflate(chunks(one.content)) if one.method else chunks(one.content)


def _half(parts: list[bytes]) -> Iterator[bytes]:
    left = sum(map(len, parts)) // 2
    for part in parts:
        yield part[:left]
        left = max(0, left - len(part))


def _parts(
    members: list[_Member], lines: "_Lines", between: Content, unindexed: set[str], aliases: Mapping[str, str]
) -> Iterator[bytes]:
    """Local headers, bodies and the central directory."""
    at = 0
    for one in members:
        one.offset = at
        for part in (lines.local(one), *([] if one.packed > 1 << 24 else [b"".join(_packed(one))])):
            at += len(part)
            yield part
        if one.packed > 1 << 24:
            at += one.packed
            yield from _packed(one)
        if one.flags & _DESCRIPTOR:
            tail = lines.descriptor(one)
            at += len(tail)
            yield tail
    for part in chunks(between):
        at += len(part)
        yield part
    lines.directory = at
    for one in members:
        if one.name not in unindexed:
            lines.count += 1
            yield lines.central(one, one.name)
    targets = {one.name: one for one in members}
    for alias, target in aliases.items():
        lines.count += 1
        yield lines.central(targets[target], alias)


class _Lines:
    """Writes headers and records."""

    def __init__(self, encoding: str, *, zip64: bool, defects: Collection[str]) -> None:
        self._encoding = encoding
        self._defects = set(defects)
        self._zip64 = zip64
        self._extra = zip64 and "zip64-no-extra" not in self._defects
        self.directory = 0
        self.count = 0

    def local(self, one: _Member) -> bytes:
        told = bool(one.flags & _DESCRIPTOR)
        wide = struct.pack("<HHQQ", 1, 16, 0 if told else one.size, 0 if told else one.packed) if self._extra else b""
        value = self._values(one, one.local, wide)
        name, extra = self._name(value["name"]), self._name(value["extra"])
        if told and not {"crc", "packed", "size"} & one.local.keys():
            value.update(crc=0, packed=_FULL if self._zip64 else 0, size=_FULL if self._zip64 else 0)
        head = struct.pack(
            "<4s5HIIIHH",
            b"PK\3\4",
            *(value[key] for key in ("version", "flags", "method", "time", "date", "crc", "packed", "size")),
            len(name),
            len(extra),
        )
        return head + name + extra

    def central(self, one: _Member, name: str) -> bytes:
        wide = struct.pack("<HHQQQ", 1, 24, one.size, one.packed, one.offset) if self._extra else b""
        folder = 0x10 if name.endswith("/") else 0
        value: dict[str, Any] = {"made_by": 45, "comment": b"", "disk": 0, "internal": 0, "external": folder}
        value |= {"offset": _FULL if self._zip64 or "zip64-no-extra" in self._defects else one.offset}
        value |= self._values(one, {"name": name, **one.central}, wide)
        raw, extra, comment = (self._name(value[key]) for key in ("name", "extra", "comment"))
        head = struct.pack(
            "<4s6HIII5HII",
            b"PK\1\2",
            *(value[key] for key in ("made_by", "version", "flags", "method", "time", "date", "crc", "packed", "size")),
            len(raw),
            len(extra),
            len(comment),
            *(value[key] for key in ("disk", "internal", "external", "offset")),
        )
        return head + raw + extra + comment

    def descriptor(self, one: _Member) -> bytes:
        lie = 7 if "lying-descriptor" in self._defects else 0
        form = "<4sIQQ" if self._zip64 else "<4sIII"
        return struct.pack(form, b"PK\7\10", one.crc, one.packed + lie, one.size + lie)

    def end(self, where: int, comment: bytes) -> bytes:
        length, disk = where - self.directory, int("multi-disk" in self._defects)
        out = b""
        if self._zip64 or self.count > 0xFFFF or self._defects & {"zip64-counts", "zip64-locator"}:
            count = 2**64 - 1 if "zip64-counts" in self._defects else self.count
            record = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, count, count, length, self.directory)
            shift = 9 if "zip64-locator" in self._defects else 0
            out = record + struct.pack("<4sIQI", b"PK\6\7", 0, where + shift, 1)
        short = 0xFFFF if out else self.count
        if "end-record-in-comment" in self._defects:
            comment += struct.pack("<4s4HIIH", b"PK\5\6", 0, 0, 0, 0, 0, where, 0)
        place = (_FULL, _FULL) if out else (length, self.directory)
        out += struct.pack("<4s4HIIH", b"PK\5\6", disk, disk, short, short, *place, len(comment)) + comment
        if "empty-end-record-behind" in self._defects:
            out += struct.pack("<4s4HIIH", b"PK\5\6", 0, 0, 0, 0, 0, where + len(out), 0)
        return out

    def _values(self, one: _Member, said: Mapping[str, int | str | bytes], wide: bytes) -> dict[str, Any]:
        sentinel = self._zip64 or "zip64-no-extra" in self._defects
        flags = one.flags
        if self._encoding == "utf-8" and not one.name.isascii():
            flags |= _UTF8
        return {
            "name": one.name,
            "version": 45 if self._zip64 else 20,
            "flags": flags,
            "method": one.method,
            "time": 0,
            "date": _DATE,
            "crc": one.crc,
            "packed": _FULL if sentinel else one.packed,
            "size": _FULL if sentinel else one.size,
            "extra": wide + one.extra,
            **said,
        }

    def _name(self, name: str | bytes) -> bytes:
        return name if isinstance(name, bytes) else name.encode(self._encoding, "surrogateescape")
