r"""Controls of forms and of the page, with the text in them: [MS-OFORMS] 2.2, and Word's ``ObjectPool``.

A control is a mask of the properties that follow, a block of their fixed parts, each aligned to its size, and a block
of the strings, in the same order. A form keeps the names of its controls in ``f`` and their properties, one behind the
other, in ``o``. A control on a page has a storage of its own, which says its name in ``\x03OCXNAME``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from emotriage.formats.cfb import CompoundFile
from emotriage.formats.cfb.directory import Entry
from emotriage.model.limits import MIB, RECORD, Budget

_LIMIT = 16 * MIB
_CONTROLS = 4096
_COMPRESSED = 1 << 31
_NAME, _CONTENTS = "\x03ocxname", "contents"

Layout = tuple[tuple[int, int, str], ...]
"""(bit, bytes in the block of fixed parts, name of the string or ``*`` and its size); other bits stand for nothing."""

_MORPH: Layout = (
    (0, 4, ""), (1, 4, ""), (2, 4, ""), (3, 4, ""), (4, 1, ""), (5, 1, ""), (6, 1, ""), (7, 1, ""), (8, 0, "*8"),
    (9, 2, ""), (10, 4, ""), (11, 2, ""), (12, 2, ""), (13, 2, ""), (14, 2, ""), (15, 2, ""), (16, 1, ""), (17, 1, ""),
    (18, 1, ""), (20, 1, ""), (21, 1, ""), (22, 4, "value"), (23, 4, "caption"), (24, 4, ""), (25, 4, ""), (26, 4, ""),
    (27, 2, ""), (28, 2, ""), (29, 2, ""), (32, 4, "groupname"),
)  # fmt: skip
_LABEL: Layout = (
    (0, 4, ""), (1, 4, ""), (2, 4, ""), (3, 4, "caption"), (4, 4, ""), (5, 0, "*8"), (6, 1, ""), (7, 4, ""), (8, 2, ""),
    (9, 2, ""), (10, 2, ""), (11, 2, ""), (12, 2, ""),
)  # fmt: skip
_BUTTON: Layout = (
    (0, 4, ""), (1, 4, ""), (2, 4, ""), (3, 4, "caption"), (4, 4, ""), (5, 0, "*8"), (6, 1, ""), (7, 2, ""), (8, 2, ""),
    (10, 2, ""),
)  # fmt: skip
_SITE: Layout = (
    (0, 4, "name"), (1, 4, "tag"), (2, 4, ""), (3, 4, ""), (4, 4, ""), (5, 4, "size"), (6, 2, ""), (7, 2, "class"),
    (8, 0, "*8"), (9, 2, ""), (11, 4, "controltiptext"), (12, 4, "licence"), (13, 4, "controlsource"),
    (14, 4, "rowsource"),
)  # fmt: skip
_FORM: Layout = (
    (1, 4, ""), (2, 4, ""), (3, 4, ""), (6, 4, "flags"), (7, 1, ""), (8, 1, ""), (9, 1, ""), (10, 0, "*8"),
    (11, 0, "*8"), (12, 0, "*8"), (13, 4, ""), (15, 2, "icon"), (16, 1, ""), (17, 1, ""), (18, 4, ""),
    (19, 4, "caption"), (20, 2, "font"),
    (21, 2, "picture"), (22, 4, ""), (23, 1, ""), (25, 1, ""), (26, 4, ""), (27, 4, ""),
)  # fmt: skip
_NUMBERS = frozenset({"size", "class", "flags", "icon", "font", "picture"})
_NO_CLASS_TABLE = 1 << 15
_LABEL_CLASS, _BUTTON_CLASS = 21, 17
_BY_CLSID = {
    "978c9e23-d4b0-11ce-bf2d-00aa003f40d0": _LABEL,
    "d7053240-ce69-11cd-a777-00dd01143c57": _BUTTON,
}


@dataclass(frozen=True, slots=True)
class Control:
    """One control.

    Attributes:
        path: ``form.name``, or ``name`` of one that lies on the page; in lower case.
        fields: its text properties: value, text, caption, tag, controltiptext, groupname.
        where: path of its stream.
    """

    path: str
    fields: dict[str, str] = field(repr=False)
    where: str = ""


def read_controls(file: CompoundFile, budget: Budget) -> tuple[Control, ...]:
    """The controls of a compound file that hold text, in directory order; what can't be read is left out."""
    found: list[Control] = []
    for entry in file.entries:
        budget.spend(RECORD)
        if entry.kind != "storage" or len(found) >= _CONTROLS:
            continue
        parts = {one.name.lower(): one for one in file.children(entry) if one.kind == "stream"}
        if _NAME in parts and _CONTENTS in parts:
            found += _on_page(file, entry, parts, budget)
        elif "f" in parts and "o" in parts:
            found += _of_form(file, entry, parts, budget)
    return tuple(found[:_CONTROLS])


def read_contents(file: CompoundFile, clsid: str, budget: Budget) -> dict[str, str]:
    """The texts of the control that a compound file of its own holds, as packages keep them."""
    for entry in file.entries:
        budget.spend(RECORD)
        if entry.kind == "stream" and entry.name.lower() == _CONTENTS:
            fields, _ = _properties(_read(file, entry, budget), 0, _BY_CLSID.get(clsid, _MORPH))
            return _texts(fields)
    return {}


def _on_page(file: CompoundFile, entry: Entry, parts: dict[str, Entry], budget: Budget) -> Iterator[Control]:
    raw = file.open(parts[_NAME]).read(0, 512)
    name = raw.decode("utf-16-le", "replace").partition("\0")[0].lower()
    layout = _BY_CLSID.get(entry.clsid, _MORPH)
    fields, _ = _properties(_read(file, parts[_CONTENTS], budget), 0, layout)
    if texts := _texts(fields):
        yield Control(name, texts, parts[_CONTENTS].path)


def _of_form(file: CompoundFile, entry: Entry, parts: dict[str, Entry], budget: Budget) -> Iterator[Control]:
    sites, content = _read(file, parts["f"], budget), _read(file, parts["o"], budget)
    at = 0
    for site in _sites(sites, budget):
        size, kind = int(site.get("size", "0")), int(site.get("class", "0"))
        layout = {_LABEL_CLASS: _LABEL, _BUTTON_CLASS: _BUTTON}.get(kind, _MORPH)
        fields, _ = _properties(content[at : at + size], 0, layout) if size else ({}, 0)
        at += size
        if (name := site.get("name")) and (texts := _texts(site | fields)):
            yield Control(f"{entry.name}.{name}".lower(), texts, parts["o"].path)


def _sites(data: bytes, budget: Budget) -> Iterator[dict[str, str]]:
    """What a form says of each of its controls (2.2.10.1, 2.2.10.10)."""
    form, at = _properties(data, 0, _FORM)
    for name in ("icon", "font", "picture"):
        if name in form:
            at = _skip_picture(data, at, is_font=name == "font")
    if not int(form.get("flags", "0")) & _NO_CLASS_TABLE:
        count = int.from_bytes(data[at : at + 2], "little")
        at += 2
        for _ in range(min(count, _CONTROLS)):
            at += 4 + int.from_bytes(data[at + 2 : at + 4], "little")
    count = min(int.from_bytes(data[at : at + 4], "little"), _CONTROLS)
    at += 8
    start, seen = at, 0
    while seen < count and at < len(data):  # depth and type, with a repeat count where the high bit is set
        seen += data[at + 1] & 0x7F if at + 1 < len(data) and data[at + 1] & 0x80 else 1
        at += 3 if at + 1 < len(data) and data[at + 1] & 0x80 else 2
    at = start + (at - start + 3) // 4 * 4
    for _ in range(count):
        budget.spend(RECORD)
        if at + 8 > len(data):
            return
        size = int.from_bytes(data[at + 2 : at + 4], "little")
        site, _ = _properties(data, at, _SITE)
        yield site
        at += 4 + size


def _skip_picture(data: bytes, at: int, *, is_font: bool) -> int:
    """Behind a picture (2.4.8) or a font (2.4.7, 2.4.12)."""
    guid, at = data[at : at + 16], at + 16
    if not is_font:
        return at + 8 + int.from_bytes(data[at + 4 : at + 8], "little")
    if guid[:4] == b"\x03\x52\xe3\x0b":  # StdFont
        return at + 10 + int.from_bytes(data[at + 9 : at + 10], "little")
    return at + 4 + int.from_bytes(data[at + 2 : at + 4], "little")


def _properties(data: bytes, at: int, layout: Layout) -> tuple[dict[str, str], int]:
    """(texts and numbers by name, offset behind) of one property block."""
    size = int.from_bytes(data[at + 2 : at + 4], "little")
    mask_bytes = 8 if layout is _MORPH else 4
    mask = int.from_bytes(data[at + 4 : at + 4 + mask_bytes], "little")
    start = at + 4
    place = start + mask_bytes
    strings: list[tuple[str, int]] = []
    found: dict[str, str] = {}
    for bit, length, name in layout:
        if not mask >> bit & 1:
            continue
        if length:
            place = start + (place - start + length - 1) // length * length
            value = int.from_bytes(data[place : place + length], "little")
            place += length
            if name in _NUMBERS:
                found[name] = str(value)
            elif name:
                strings.append((name, value))
        elif name:
            strings.append((name, int(name[1:])))
    place = start + (place - start + 3) // 4 * 4
    for name, count in strings:
        length = count & (_COMPRESSED - 1)
        raw = data[place : place + length]
        if not name.startswith("*"):
            found[name] = raw.decode("latin-1") if count & _COMPRESSED else raw.decode("utf-16-le", "replace")
        place += (length + 3) // 4 * 4
    return found, at + 4 + size


def _texts(fields: dict[str, str]) -> dict[str, str]:
    """The properties that code reads; the value of a control is its text, and its caption where it has no other."""
    texts = {
        key: value for key, value in fields.items() if key not in _NUMBERS and key not in ("name", "licence") and value
    }
    if "value" in texts:
        texts["text"] = texts["value"]
    return texts


def _read(file: CompoundFile, entry: Entry, budget: Budget) -> bytes:
    blob = file.open(entry)
    size = min(blob.size, _LIMIT)
    budget.spend(size)
    return blob.read(0, size)
