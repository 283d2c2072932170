r"""Property sets: ``\x05SummaryInformation`` and ``\x05DocumentSummaryInformation`` of documents ([MS-OLEPS]).

Only texts and numbers that a macro may ask for by name. Sections of 2.20, the dictionary of names of 2.17.
"""

import struct
from collections.abc import Iterator

from emotriage.formats.vba.dir import codec_of
from emotriage.model.blob import Blob
from emotriage.model.limits import MIB, RECORD, Budget

_LIMIT = 4 * MIB
_SECTIONS, _PROPERTIES = 2, 4096
_SUMMARY = bytes.fromhex("e0859ff2f94f6810ab9108002b27b3d9")
_DOCUMENT = bytes.fromhex("02d5cdd59c2e1b10939708002b2cf9ae")
_NAMES: dict[bytes, dict[int, str]] = {
    _SUMMARY: {
        2: "title", 3: "subject", 4: "author", 5: "keywords", 6: "comments", 7: "template", 8: "last author",
        9: "revision number", 14: "number of pages", 15: "number of words", 16: "number of characters",
        18: "application name",
    },
    _DOCUMENT: {2: "category", 14: "manager", 15: "company", 26: "content type", 27: "content status", 28: "language"},
}  # fmt: skip
_I2, _I4, _LPSTR, _LPWSTR, _BSTR = 2, 3, 0x1E, 0x1F, 8


def read_properties(stream: Blob, budget: Budget) -> dict[str, str]:
    """Properties by lower-case name, the custom ones of the second section too; what can't be read is left out."""
    size = min(stream.size, _LIMIT)
    budget.spend(size)
    raw = stream.read(0, size)
    if len(raw) < 28 or raw[:2] != b"\xfe\xff":
        return {}
    found: dict[str, str] = {}
    (count,) = struct.unpack_from("<I", raw, 24)
    for index in range(min(count, _SECTIONS)):
        at = 28 + 20 * index
        if at + 20 <= len(raw):
            for name, value in _section(
                raw, raw[at : at + 16], int.from_bytes(raw[at + 16 : at + 20], "little"), budget
            ):
                found.setdefault(name, value)
    return found


def _section(raw: bytes, kind: bytes, start: int, budget: Budget) -> Iterator[tuple[str, str]]:
    if start + 8 > len(raw):
        return
    count = min(int.from_bytes(raw[start + 4 : start + 8], "little"), _PROPERTIES)
    places: dict[int, int] = {}
    for index in range(count):
        budget.spend(RECORD)
        number, offset = struct.unpack_from("<II", raw.ljust(start + 16 + 8 * index, b"\0"), start + 8 + 8 * index)
        places.setdefault(number, start + offset)
    codec = "latin-1"
    if 1 in places:
        (page,) = struct.unpack_from("<H", raw[places[1] + 4 : places[1] + 6].ljust(2, b"\0"))
        codec = "utf-16-le" if page == 1200 else codec_of(page) or codec
    names = _NAMES.get(kind) or (_dictionary(raw, places[0], codec, budget) if 0 in places else {})
    for number, at in places.items():
        if number in names and (value := _value(raw, at, codec)) is not None:
            yield names[number].lower(), value


def _dictionary(raw: bytes, at: int, codec: str, budget: Budget) -> dict[int, str]:
    """Names of custom properties."""
    found: dict[int, str] = {}
    count = min(int.from_bytes(raw[at : at + 4], "little"), _PROPERTIES)
    at += 4
    for _ in range(count):
        budget.spend(RECORD)
        number, length = int.from_bytes(raw[at : at + 4], "little"), int.from_bytes(raw[at + 4 : at + 8], "little")
        size = 2 * length if codec == "utf-16-le" else length
        found[number] = raw[at + 8 : at + 8 + size].decode(codec, "replace").partition("\0")[0]
        at += 8 + (size + 3) // 4 * 4 if codec == "utf-16-le" else 8 + size
        if at >= len(raw):
            break
    return found


def _value(raw: bytes, at: int, codec: str) -> str | None:
    """One typed value as text (2.15)."""
    kind = int.from_bytes(raw[at : at + 2], "little")
    if kind == _I2:
        return str(int.from_bytes(raw[at + 4 : at + 6], "little", signed=True))
    if kind == _I4:
        return str(int.from_bytes(raw[at + 4 : at + 8], "little", signed=True))
    length = int.from_bytes(raw[at + 4 : at + 8], "little")
    if kind in (_LPSTR, _BSTR):
        return raw[at + 8 : at + 8 + length].decode(codec, "replace").partition("\0")[0]
    if kind == _LPWSTR:
        return raw[at + 8 : at + 8 + 2 * length].decode("utf-16-le", "replace").partition("\0")[0]
    return None
