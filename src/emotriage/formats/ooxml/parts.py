"""What a part of a package is, from its first bytes and what it is declared to be; and embedded fonts in the clear.

Sources: ECMA-376 part 1, 17.8.1 (font embedding) and 18; [MS-XLSB] 2.1.4 (records); [MS-OFORMS] 2 (controls).
"""

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from emotriage.formats.ooxml import Package, Part
from emotriage.model.errors import FormatError
from emotriage.model.limits import Budget

PartKind = Literal["markup", "records", "control", "foreign-control", "content"]

_SMALL_CONTROL = 4096
_MARKUP_TYPES = ("xml", "vmldrawing")
_MARKUP_ENDINGS = (".xml", ".rels", ".vml")
_ACTIVE_ENDINGS = (".svg", ".htm", ".html", ".xhtml", ".mht", ".mhtml", ".hta", ".xsl")
_ACTIVE_TYPES = ("html", "svg", "message/rfc822", "mhtml", "multipart/")
_ACTIVE_MARKUP = re.compile(
    rb"<(?:html|svg|script|hta:|pkg:package|job|package|scriptlet|component|xsl:|\?mso-application)\b|"
    rb"<!doctype\s+html|/office/word/2003/wordml",
    re.IGNORECASE,
)
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "compound file"),
    (b"PK\3\4", "ZIP archive"),
    (b"{\\rt", "RTF"),
    (b"%PDF-", "PDF"),
    (b"MZ", "program"),
    (b"\x4c\0\0\0\x01\x14\x02\0", "shortcut"),
    (b"7z\xbc\xaf\x27\x1c", "7z archive"),
    (b"Rar!\x1a\x07", "RAR archive"),
    (b"MSCF\0\0\0\0", "cabinet"),
)
_FORMS = re.compile(
    rb".\x1d\xd2\x8b\x42\xec\xce\x11\x9e\x0d\x00\xaa\x00\x60\x02\xf3"  # text, list and combo box, check box, ...
    rb"|\x40\x32\x05\xd7\x69\xce\xcd\x11\xa7\x77\x00\xdd\x01\x14\x3c\x57"  # command button
    rb"|\x23\x9e\x8c\x97\xb0\xd4\xce\x11\xbf\x2d\x00\xaa\x00\x3f\x40\xd0"  # label
    rb"|[\xe0\xd0]\x81\xd1\xdf\x2f\x5e\xce\x11\xa4\x49\x00\xaa\x00\x4a\x80\x3d"  # scroll bar
    rb"|\xb0\x6f\x17\x79\xf2\xb7\xce\x11\x97\xef\x00\xaa\x00\x6d\x27\x76"  # spin button
    rb"|\x41\x92\x59\x4c\x26\x69\x1b\x10\x99\x92\x00\x00\x0b\x65\xc6\xf9"  # image
    rb"|\x20\x20\x18\x6e\x60\xf4\xce\x11\x9b\xcd\x00\xaa\x00\x60\x8e\x01",  # frame
    re.DOTALL,
)
_GUID = re.compile(r"\{?([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\}?", re.IGNORECASE)
_FONT_MAGIC = (b"\0\1\0\0", b"OTTO", b"true", b"ttcf")
_MASKED = 32


def part_kind(part: Part, head: bytes) -> PartKind:
    """What the part is, for whoever decides what has to be looked at on its own.

    Args:
        part: the part.
        head: its first 4 KiB.

    Returns:
        ``markup`` for what begins like XML that the package itself consists of (`formats.ooxml.markup` looks further),
        ``records`` for a part of a binary workbook, ``control`` for the small state of a Microsoft Forms control,
        ``foreign-control`` for that of another class, and ``content`` for everything else.
    """
    name, declared = part.name.lower(), part.content_type
    plain = _plain(head)
    if plain[:1] == b"<":
        active = name.endswith(_ACTIVE_ENDINGS) or any(one in declared for one in _ACTIVE_TYPES)
        known = name.endswith(_MARKUP_ENDINGS) or declared.endswith(_MARKUP_TYPES)
        return "markup" if known and not active and not _ACTIVE_MARKUP.search(plain) else "content"
    if magic_of(head):
        return "content"
    if declared.startswith("application/vnd.ms-excel.") and _is_records(head, part.member.size):
        return "records"
    if declared == "application/vnd.ms-office.activex":
        if not _FORMS.match(head):
            return "foreign-control"
        return "control" if part.member.size <= _SMALL_CONTROL else "content"
    return "content"


def magic_of(head: bytes) -> str:
    """The container or program format whose signature the bytes begin with, for people to read, or ""."""
    return next((title for magic, title in _MAGIC if head.startswith(magic)), "")


def is_disguised(part: Part, head: bytes) -> bool:
    """True for a part that is declared to be markup, a picture or a font and begins like a container or program."""
    return bool(magic_of(head)) and (
        part.name.lower().endswith(_MARKUP_ENDINGS)
        or part.content_type.endswith(_MARKUP_TYPES)
        or part.content_type.startswith(("image/", "font/", "audio/", "video/"))
        or "font" in part.content_type
    )


def font_keys(package: Package, budget: Budget) -> tuple[bytes, ...]:
    """The keys that the package's font tables give for embedded fonts."""
    keys = []
    for part in package.parts:
        if part.content_type.endswith("fonttable+xml"):
            try:
                keys += [attributes.get("fontKey", "") for _, attributes, _ in package.xml(part, budget, [])]
            except FormatError:
                continue
    return tuple(dict.fromkeys(key for one in keys if (key := _key(one))))


def is_masked_font(part: Part) -> bool:
    """True for a font whose first bytes are obscured with a key, so that nobody takes it out by accident."""
    return "obfuscated" in part.content_type


def clear_font(chunks: Iterable[bytes], name: str, keys: tuple[bytes, ...]) -> Iterator[bytes]:
    """The font with its first 32 bytes in the clear, where one of the keys, or the one in its name, fits."""
    pieces = iter(chunks)
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= _MASKED:
            break
    for key in (*keys, _key(name.rpartition("/")[2])):
        clear = bytes(a ^ b for a, b in zip(head, key * 2, strict=False))
        if clear.startswith(_FONT_MAGIC):
            head = clear + head[_MASKED:]
            break
    yield head
    yield from pieces


def _key(text: str) -> bytes:
    found = _GUID.search(text)
    return bytes.fromhex("".join(found.groups()))[::-1] if found else b""


def _plain(head: bytes) -> bytes:
    """The head of a text as one-byte characters, without byte order mark and leading blanks."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or head[:1] == b"\0" or head[1:2] == b"\0":
        head = head.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\0", b"")
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()


def _is_records(head: bytes, size: int) -> bool:
    """True when the bytes are a chain of binary workbook records ([MS-XLSB] 2.1.4)."""
    at = 0
    while at < min(len(head), 1024):
        at += 1 if head[at] < 0x80 else 2
        length = shift = 0
        for _ in range(4):
            if at >= len(head):
                return size <= at
            length |= (head[at] & 0x7F) << shift
            shift += 7
            at += 1
            if head[at - 1] < 0x80:
                break
        at += length
        if at > size:
            return False
    return size > 0
