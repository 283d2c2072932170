"""What an RTF document holds: objects, pictures, fonts and stores become children, whatever covers their digits."""

from collections.abc import Iterator
from dataclasses import dataclass

from emotriage.catalogue import ole as ole_rules
from emotriage.catalogue import passive as passive_rules
from emotriage.catalogue import rtf as rules
from emotriage.containers.ole_package import judge_package, kind_of
from emotriage.containers.rtf_classes import judge_classes, judge_equation, judge_link
from emotriage.formats.active_magic import find_active
from emotriage.formats.com_classes import class_named
from emotriage.formats.ole.native import read_package
from emotriage.formats.rtf import EmbeddedObject, RtfDocument, read_rtf
from emotriage.formats.rtf.data import HexData, Reading, decoded, head_of, part_of
from emotriage.formats.rtf.object import NativeObject, read_object
from emotriage.model.analyzer import Child, Found, Stream, Subject, analyzer
from emotriage.model.blob import Blob
from emotriage.model.finding import Evidence, Rule
from emotriage.model.limits import MIB, RECORD, Budget

_HEAD = 64 << 10
_IN_MEMORY = 16 * MIB
_SEARCHED = 4 * MIB
_EVIDENCE = 8
_CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLD_PICTURES = frozenset({"macpict", "pmmetafile", "wbitmap"})
"""Formats that are known by the control word alone."""
_BITMAP = b"BM" + bytes(4) + bytes(4) + b"\x36\0\0\0"
_NOTHING = EmbeddedObject(0, "", frozenset())


@dataclass(frozen=True, slots=True)
class _Native:
    """One reading of an object's data."""

    item: HexData
    said: EmbeddedObject
    head: bytes
    header: NativeObject
    reading: Reading
    shift: int


@analyzer("rtf", kinds={"rtf"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Hand out all that is written in digits, objects under every reading that makes sense."""
    document = subject.view(read_rtf)
    seen: dict[str, tuple[Rule, list[Evidence]]] = {}
    for number, item in enumerate(document.data):
        subject.budget.spend(RECORD)
        if item.what in ("objdata", "datastore"):
            found = _object(subject, document, item)
        else:
            found = _passive(subject, document, item, f"{item.what}-{number}")
        yield from found
        for rule, text in _remarks(item):
            evidence = seen.setdefault(rule.id, (rule, []))[1]
            if len(evidence) < _EVIDENCE:
                evidence.append(Evidence(text, where=item.what, offset=item.offset))
    for rule, evidence in seen.values():
        yield rule(*evidence)


def _remarks(item: HexData) -> Iterator[tuple[Rule, str]]:
    if item.cut:
        yield rules.NOT_READ, "binary data that ends early, or too many pieces"
    if item.split and item.what == "objdata":
        yield rules.OBFUSCATED_DATA, f"{item.split} interruptions"


def _passive(subject: Subject, document: RtfDocument, item: HexData, name: str) -> Iterator[Found]:
    """Pictures, themes, embedded fonts: artifacts of their own, judged by what they are."""
    head = head_of(decoded(document.blob, item, subject.budget), _HEAD)
    if not head:
        return
    if item.what in _OLD_PICTURES and kind_of(subject, Blob(head)) == "unknown":
        data = head_of(decoded(document.blob, item, subject.budget), _IN_MEMORY)
        for one in find_active(Blob(data), subject.budget, start=0):
            yield passive_rules.EMBEDDED_FILE(Evidence(one.name, where=name, offset=item.offset))
            yield Child(name + one.extension, data[one.offset :])
        if len(data) == _IN_MEMORY:
            yield rules.NOT_READ(Evidence("picture that is too large", where=name, offset=item.offset))
        return
    front = b""
    if item.what == "dibitmap" and head[1:4] == b"\0\0\0":
        front = _BITMAP  # a bitmap without its file header, as Windows keeps it in memory
    yield Child(name, _opener(lambda budget: decoded(document.blob, item, budget), 0, None, front))


def _object(subject: Subject, document: RtfDocument, item: HexData) -> Iterator[Found]:
    said = document.objects[item.owner] if item.owner >= 0 else _NOTHING
    natives = list(_readings(subject, document, item, said))
    for native in [one for one in natives if _is_known(subject, one)] or natives:
        yield from _native(subject, document, native)
    if not natives:
        yield from _without_header(subject, document, item)


def _readings(subject: Subject, document: RtfDocument, item: HexData, said: EmbeddedObject) -> Iterator[_Native]:
    """Every reading under which the data begins with an object's header; those shifted by a digit only at need."""
    seen: set[bytes] = set()
    for shift in (0, 1):
        for reading in item.readings():
            head = head_of(decoded(document.blob, item, subject.budget, reading, shift), _HEAD)
            header = read_object(head)
            if header is not None and head not in seen:
                seen.add(head)
                yield _Native(item, said, head, header, reading, shift)
        if seen:
            return


def _is_known(subject: Subject, one: _Native) -> bool:
    """True when the data is of a known class or kind, which hardly any wrong reading is."""
    if one.header.linked or class_named(one.header.class_name) is not None:
        return True
    return kind_of(subject, Blob(one.head[one.header.start :])) not in ("unknown", "text", "empty")


def _native(subject: Subject, document: RtfDocument, one: _Native) -> Iterator[Found]:
    header, where = one.header, f"objdata at {one.item.offset}"
    name = header.class_name or one.said.class_name or "object"
    if header.linked:
        yield from judge_link(header, one.said, where, one.item.offset)
        yield from judge_classes(subject, one.said, header, b"", where, updated=bool(document.updates))
        return
    compound = one.head.startswith(_CFB, header.start)
    whole = compound and header.size < 3 * 512  # no compound file is so small, whatever the header says
    size = len(one.head) if whole else header.size
    data = one.head[header.start :][:size]
    if one.item.what == "objdata":
        yield rules.EMBEDDED_OBJECT(Evidence(name, where=where, offset=one.item.offset))
        inside = _compound(subject, document, one)
        yield from judge_classes(subject, one.said, header, inside, where, updated=bool(document.updates))
    known = class_named(header.class_name)
    if compound:
        yield _child(document, one, name, None if whole else size)
    elif (known is not None and known.role == "package") or data[:2] == b"\2\0":
        yield from _packaged(subject, document, one, name, where)
    elif known is not None and known.role == "equation":
        yield from judge_equation(subject, data, where)
        if kind_of(subject, Blob(data)) not in ("unknown", "text", "empty"):
            yield _child(document, one, name, size)
    elif data:
        yield _child(document, one, name, size)
    if len(one.head) < _HEAD and len(one.head) - header.start < header.size:
        yield rules.NOT_READ(Evidence("object data ends early", where=where, offset=one.item.offset))


def _packaged(subject: Subject, document: RtfDocument, one: _Native, name: str, where: str) -> Iterator[Found]:
    """A file of the packager, or what only looks like one."""
    start, size = one.header.start - 4, one.header.size + 4
    if size <= _IN_MEMORY:
        chunks = decoded(document.blob, one.item, subject.budget, one.reading, one.shift)
        package = read_package(Blob(b"".join(part_of(chunks, start, size))), subject.budget)
        if package is not None:
            yield from judge_package(subject, package, where, name)
            return
    yield _child(document, one, name, one.header.size)


def _compound(subject: Subject, document: RtfDocument, one: _Native) -> bytes:
    """A compound file's bytes, as far as its class has to be looked up in it."""
    start = one.header.start
    if not one.head.startswith(_CFB, start):
        return b""
    chunks = decoded(document.blob, one.item, subject.budget, one.reading, one.shift)
    return b"".join(part_of(chunks, start, _SEARCHED))


def _without_header(subject: Subject, document: RtfDocument, item: HexData) -> Iterator[Found]:
    """Data that no reading makes an object of: files in it are looked for, and the rest is a gap."""
    seen: set[tuple[str, int]] = set()
    for shift in (0, 1):
        for reading in item.readings():
            data = head_of(decoded(document.blob, item, subject.budget, reading, shift), _SEARCHED)
            for one in find_active(Blob(data), subject.budget, start=0):
                if (one.name, one.offset) not in seen:
                    seen.add((one.name, one.offset))
                    program = one.what == "program"
                    rule = ole_rules.EMBEDDED_PROGRAM if program else ole_rules.EMBEDDED_FILE
                    yield rule(Evidence(one.name, where=f"objdata at {item.offset}", offset=item.offset))
                    yield Child(f"object{one.extension}", data[one.offset :])
    if item.pieces and not (seen and item.what == "datastore"):
        yield rules.NOT_READ(Evidence("data without an object's header", where=item.what, offset=item.offset))


def _child(document: RtfDocument, one: _Native, name: str, size: int | None) -> Child:
    def chunks(budget: Budget) -> Iterator[bytes]:
        return decoded(document.blob, one.item, budget, one.reading, one.shift)

    return Child(name, _opener(chunks, one.header.start, size))


def _opener(chunks: Stream, start: int, size: int | None = None, front: bytes = b"") -> Stream:
    """A range of what is decoded, when its turn comes, behind a header that it lacks."""

    def opened(budget: Budget) -> Iterator[bytes]:
        if front:
            yield front
        yield from part_of(chunks(budget), start, 1 << 40 if size is None else size)

    return opened
