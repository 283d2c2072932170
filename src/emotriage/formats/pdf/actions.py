"""Actions of a PDF (ISO 32000-1, 12.6): the scripts, files, addresses and commands that they name.

The sweep of `formats.pdf` says where names stand; here the object around a name is read, and what it refers to.
"""

import re
from dataclasses import dataclass

from emotriage.formats.pdf import Document, Name, object_at
from emotriage.formats.pdf.objects import AFTER, NUMBER, last_object, object_of, read_stream, stream_at, string_at
from emotriage.model.errors import FormatError
from emotriage.model.limits import MIB, RECORD, Budget

_SCRIPT = MIB
_EVENTS = 32
_REFERENCE = re.compile(rb"\s{0,32}" + NUMBER)
_TYPE = re.compile(rb"/S\s{0,16}/([A-Za-z]{1,32})")
_FILE = re.compile(rb"/(?:UF|F|URI)\s{0,16}(?=[(<\d])")
_EMBEDDED = re.compile(rb"/(?:UF|F)\s{1,8}" + NUMBER)
_PARAMETERS = re.compile(rb"/P\s{0,16}(?=[(<])")
_EVENT = re.compile(rb"/([A-Z]\d?|[A-Z][a-z]{1,2}|WC|WS|DS|WP|DP|PO|PC|PV|PI)\s{0,16}" + NUMBER)
_PLACE = re.compile(rb"\s{0,32}\[")


@dataclass(frozen=True, slots=True)
class Started:
    """What an entry point leads to.

    Attributes:
        types: of the actions, such as ``JavaScript``; ``GoTo`` for a place in the document.
        followed: all of them could be read.
    """

    types: tuple[str, ...]
    followed: bool


def script_of(document: Document, one: Name, budget: Budget) -> str | None:
    """The script behind ``/JS``: a string, or the stream or string that it refers to; None where it can't be read."""
    if (reference := _REFERENCE.match(one.value)) is None:
        value = one.value
        if not one.packed and len(value) >= AFTER:
            value = document.blob.read(one.offset + value_offset(document, one), _SCRIPT)
        text = _text(document, value, one.offset if not one.packed else -1, budget)
        return text if len(value) < AFTER or len(text) < len(value) - 2 else None
    number = int(reference[1])
    place = last_object(document.blob, number, budget)
    if place < 0:
        value = object_at(document, number, budget)
        whole = len(value) < AFTER and value.lstrip()[:1] in (b"(", b"<")
        return _text(document, value, -1, budget) if whole else None
    head = document.blob.read(place, 64).lstrip()
    if head.startswith((b"(", b"<")) and not head.startswith(b"<<"):
        return _text(document, document.blob.read(place, _SCRIPT), place, budget)
    stream = stream_at(document.blob, place, budget, document.key)
    if stream is None or stream.unknown:
        return None
    pieces: list[bytes] = []
    size = 0
    try:
        for chunk in read_stream(stream, budget):
            budget.expand(len(chunk))
            pieces.append(chunk)
            size += len(chunk)
            if size > _SCRIPT:
                return None
    except FormatError:
        return None
    return _decoded(b"".join(pieces))


def value_offset(document: Document, one: Name) -> int:
    """How far behind the slash of a name its value begins."""
    found = re.match(rb"/[^\0\t\n\f\r /<>\[\]()%{}]{1,120}", document.blob.read(one.offset, 128))
    return found.end() if found else len(one.name) + 1


def target_of(document: Document, one: Name, budget: Budget) -> tuple[str, str]:
    """(file or address, arguments) of the action whose type or place the name is; empty where there is none."""
    after, before = _around(one)
    offset = -1 if one.packed else one.offset
    for text in (after, before):
        for found in _FILE.finditer(text):
            budget.spend(RECORD)
            value = text[found.end() :]
            place = offset
            if reference := _REFERENCE.match(value):
                value = object_at(document, int(reference[1]), budget)
                place = last_object(document.blob, int(reference[1]), budget)
            if value.lstrip().startswith(b"<<"):
                inner = _FILE.search(value)
                value = value[inner.end() :] if inner else b""
            if target := _text(document, value, place, budget).strip():
                parameters = _PARAMETERS.search(text, found.end())
                return target, _text(document, text[parameters.end() :], offset, budget) if parameters else ""
    return "", ""


def started_by(document: Document, one: Name, budget: Budget) -> Started:
    """What ``/OpenAction`` or ``/AA`` leads to."""
    value = one.value
    if _PLACE.match(value):
        return Started(("GoTo",), followed=True)
    if reference := _REFERENCE.match(value):
        value = object_at(document, int(reference[1]), budget)
    value = value.partition(b"endobj")[0]
    if _PLACE.match(value):
        return Started(("GoTo",), followed=True)
    types = [found[1].decode("ascii") for found in _TYPE.finditer(value)][:_EVENTS] if b"/S" in value else []
    if one.name == "OpenAction" and types:
        return Started(tuple(types[:1]), followed=True)
    followed = bool(types)
    for event in list(_EVENT.finditer(value))[:_EVENTS]:
        found = _TYPE.search(object_at(document, int(event[2]), budget).partition(b"endobj")[0])
        types += [found[1].decode("ascii")] if found else []
        followed = found is not None
        if not followed:
            break
    return Started(tuple(dict.fromkeys(types)), followed)


def file_names(document: Document, budget: Budget) -> dict[int, str]:
    """Names of embedded files by the offset of their streams, as their specifications (7.11.3) give them."""
    names: dict[int, str] = {}
    for one in document.names:
        if one.name != "EF" or len(names) >= len(document.files):
            continue
        budget.spend(RECORD)
        after, before = _around(one)
        inner, _, rest = after.partition(b">>")
        reference = _EMBEDDED.search(inner)
        named = [(b"UF" not in each[0], text[each.end() :]) for text in (before, rest) for each in _FILE.finditer(text)]
        if reference is None or not named:
            continue
        place = last_object(document.blob, int(reference[1]), budget)
        stream = stream_at(document.blob, place, budget, document.key) if place >= 0 else None
        value = min(named, key=lambda each: each[0])[1]
        name = _text(document, value, -1 if one.packed else one.offset, budget)
        if stream is not None and name:
            names.setdefault(stream.offset, name)
    return names


def _around(one: Name) -> tuple[bytes, bytes]:
    """What stands behind and before a name in its object."""
    before = one.before
    for mark in (b"endobj", b" obj"):
        before = before.rpartition(mark)[2]
    return one.value.partition(b"endobj")[0], before


def _text(document: Document, value: bytes, offset: int, budget: Budget) -> str:
    """The text string (7.9.2.2) that a value begins with; `offset` is in its object, -1 where nothing is encrypted."""
    budget.spend(2 * len(value[:_SCRIPT]))
    raw = string_at(value)
    if document.key is not None and offset >= 0:
        clear = document.key.text(raw, *object_of(document.blob, offset, budget))
        raw = clear if clear.isascii() or not raw.isascii() else raw
    return _decoded(raw)


def _decoded(raw: bytes) -> str:
    for mark, codec in ((b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"), (b"\xef\xbb\xbf", "utf-8")):
        if raw.startswith(mark):
            return raw[len(mark) :].decode(codec, "replace")
    return raw.decode("latin-1")
