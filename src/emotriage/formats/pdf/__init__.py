"""PDF (ISO 32000-1): a sweep for names that make a document act, link or carry files, without building the document.

Objects are read wherever they lie, whatever cross-reference tables say (7.5.4), with ``#xx`` in names undone (7.3.5);
object streams (7.5.7) are inflated and swept in turn. The content of other streams is no place for dictionaries.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from emotriage.formats.pdf.crypt import Key, lock_of, open_lock
from emotriage.formats.pdf.objects import (
    AFTER,
    HEX,
    NUMBER,
    REFERENCE,
    Stream,
    last_object,
    packed_object,
    read_stream,
    stream_at,
    string_at,
)
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import Encrypted, Malformed
from emotriage.model.limits import MIB, RECORD, Budget

_OVERLAP = 4096
_OBJECT_STREAM = 32 * MIB
_FILES_CAP = 64
_NAMES_CAP = 20_000
_STREAMS_CAP = 20_000
_BEFORE = 256
_LONG, _LONG_SCRIPTS = 256 << 10, 16

_FOLLOWED_BY = {
    b"JS": re.compile(rb"\s{0,32}(?:\(|<|" + REFERENCE + rb")"),
    b"AA": re.compile(rb"\s{0,32}(?:<<|" + REFERENCE + rb")"),
    b"XFA": re.compile(rb"\s{0,32}(?:\[|" + REFERENCE + rb")"),
    b"EF": re.compile(rb"\s{0,32}(?:<<|" + REFERENCE + rb")"),
    b"URI": re.compile(rb"\s{0,32}[(<]"),
    b"Encrypt": re.compile(rb"\s{0,32}(?:<<|" + REFERENCE + rb")"),
    b"OpenAction": re.compile(rb"\s{0,32}(?:<<|\[|" + REFERENCE + rb")"),
}
_WANTED = (
    b"JavaScript", b"JS", b"OpenAction", b"AA", b"Launch", b"EmbeddedFile", b"EmbeddedFiles", b"EF", b"RichMedia",
    b"XFA",
    b"URI", b"SubmitForm", b"ImportData", b"GoToR", b"GoToE", b"ObjStm", b"Encrypt", b"Rendition",
)  # fmt: skip
_PLAIN = re.compile(rb"/(" + b"|".join(sorted(_WANTED, reverse=True)) + rb")(?=[\0\t\n\f\r /<>\[\]()%{}])")
_ESCAPED = re.compile(rb"/((?:[A-Za-z]|#[0-9a-fA-F]{2}){1,40})(?=[\0\t\n\f\r /<>\[\]()%{}])")
_LOCK = re.compile(rb"/Encrypt\s{0,16}(?:" + NUMBER + rb"|<<)")
_STRINGS = re.compile(rb"/(O|U|UE)(?=[\s(<])")
_EMBEDDED = re.compile(rb"/(?:UF|F|DOS|Mac|Unix)\s{1,8}(\d{1,10})\s{1,8}(\d{1,5})\s{1,8}R")
_OBJECT = re.compile(rb"\b\d{1,10}\s{1,8}\d{1,5}\s{1,8}obj\b")


@dataclass(frozen=True, slots=True)
class Name:
    """A name that was looked for.

    Attributes:
        name: without slash and escapes, such as ``OpenAction``.
        offset: in the file; that of the object stream when it lies in one.
        value: up to 1 KiB that follows it, of some scripts up to 256 KiB.
        packed: true inside of an object stream.
        escaped: true when it was written with ``#xx``.
        before: up to 256 bytes that precede it.
    """

    name: str
    offset: int
    value: bytes
    packed: bool
    escaped: bool
    before: bytes = b""


@dataclass(frozen=True, slots=True)
class Document:
    """What the sweep found.

    Attributes:
        blob: the file.
        header: offset of ``%PDF-``.
        end: offset behind the last ``%%EOF``, or the file's size.
        names: in the order of their places.
        files: streams of embedded files.
        packed: the objects in object streams, one text each stream.
        anomalies: what could not be read.
        key: of an encrypted document that opens without a password.
    """

    blob: Blob
    header: int
    end: int
    names: tuple[Name, ...]
    files: tuple[Stream, ...]
    packed: tuple[bytes, ...]
    anomalies: tuple[Anomaly, ...]
    key: Key | None = None


def read_document(blob: Blob, budget: Budget) -> Document:
    """Sweep a PDF file.

    Raises:
        Malformed: no object can be found in it.
    """
    header = blob.read(0, 1024).find(b"%PDF-")
    end = blob.rfind(b"%%EOF")
    anomalies: list[Anomaly] = []
    names: list[Name] = []
    files: dict[int, Stream] = {}
    packed: list[bytes] = []
    key = _key(blob, budget)
    for one in _sweep(blob, budget):
        if len(names) >= _NAMES_CAP or len(files) + len(packed) >= _STREAMS_CAP:
            anomalies.append(Anomaly("too-many-names", offset=one.offset, incomplete=True))
            break
        names.append(one)
        if one.name not in ("ObjStm", "EmbeddedFile"):
            continue
        stream = stream_at(blob, one.offset, budget, key)
        if stream is None:
            if one.name == "ObjStm" or b"stream" in one.value:
                anomalies.append(Anomaly("stream-missing", where=one.name, offset=one.offset, incomplete=True))
        elif one.name == "EmbeddedFile":
            files[stream.offset] = stream
        elif (text := _objects(stream, budget, anomalies)) is not None:
            packed.append(text)
            names += [replace(found, offset=one.offset, packed=True) for found in _names(text, 0, budget)]
    for number, offset in _embedded(names):
        place = last_object(blob, number, budget)
        if place >= 0 and (stream := stream_at(blob, place, budget, key)) is not None:
            files.setdefault(stream.offset, stream)
        else:
            anomalies.append(Anomaly("stream-missing", where="EF", offset=offset, incomplete=True))
    if not names and not any(_OBJECT.search(window) for _, window in blob.windows(overlap=32)):
        raise Malformed("no object in a PDF file")
    return Document(
        blob,
        max(header, 0),
        end + 5 if end >= 0 else blob.size,
        tuple(names),
        tuple(files[offset] for offset in sorted(files)),
        tuple(packed),
        tuple(anomalies),
        key,
    )


def _key(blob: Blob, budget: Budget) -> Key | None:
    """The key of an encrypted document, where the empty password gives it."""
    budget.spend(blob.visible() // 16)
    at, identity = blob.rfind(b"/Encrypt"), blob.rfind(b"/ID")
    value = _LOCK.match(blob.read(at, 64)) if at >= 0 else None
    first = _LOCK.match(blob.read(blob.find(b"/Encrypt"), 64)) if at >= 0 else None
    if value is None or first is None or first[1] != value[1]:
        return None  # where there are two, readers may differ about which one counts
    place = last_object(blob, int(value[1]), budget) if value[1] else at + 8
    dictionary = blob.read(place, 4096).partition(b"endobj")[0] if place >= 0 else b""
    strings = {one[1].decode(): string_at(dictionary[one.end() :]) for one in _STRINGS.finditer(dictionary)}
    head = blob.read(identity + 3, 512).lstrip().removeprefix(b"[") if identity >= 0 else b""
    try:
        return open_lock(lock_of(dictionary, strings, string_at(head)), b"", budget)
    except Encrypted:
        return None


def object_at(document: Document, number: int, budget: Budget) -> bytes:
    """The first KiB of an object by its number, in the file's last version of it; empty when it is not there."""
    if (place := last_object(document.blob, number, budget)) >= 0:
        return document.blob.read(place, AFTER)
    for text in document.packed:
        budget.spend(len(text) // 64 + RECORD)
        if (found := packed_object(text, number)) is not None:
            return found
    return b""


def _sweep(blob: Blob, budget: Budget) -> Iterator[Name]:
    seen: set[int] = set()
    for at, window in blob.windows(overlap=_OVERLAP):
        for one in _names(window, at, budget):
            if one.offset not in seen:
                seen.add(one.offset)
                yield one if len(one.value) >= AFTER else _reread(blob, one)


def _reread(blob: Blob, one: Name) -> Name:
    """The same name near a window's end, with all that follows it."""
    head = blob.read(one.offset, 64 + AFTER)
    found = _ESCAPED.match(head) or _PLAIN.match(head)
    value = head[found.end() : found.end() + AFTER] if found else one.value
    return replace(one, value=value)


def _names(window: bytes, at: int, budget: Budget) -> Iterator[Name]:
    budget.spend(8 * len(window))
    found: list[tuple[int, int, bytes, bool]] = [
        (one.start(), one.end(), one[1], False) for one in _PLAIN.finditer(window)
    ]
    if b"#" in window:
        for one in _ESCAPED.finditer(window):
            if b"#" in one[1]:
                budget.spend(RECORD)
                plain = HEX.sub(lambda digits: bytes([int(digits[1], 16)]), one[1])
                if plain in _WANTED:
                    found.append((one.start(), one.end(), plain, True))
    long = _LONG_SCRIPTS
    for start, end, name, escaped in sorted(found):
        budget.spend(RECORD)
        value = window[end : end + AFTER]
        if (demand := _FOLLOWED_BY.get(name)) is None or demand.match(value):
            if name == b"JS" and long > 0 and len(value) == AFTER:
                value, long = window[end : end + _LONG], long - 1
            before = window[max(start - _BEFORE, 0) : start]
            yield Name(name.decode("ascii"), at + start, value, packed=False, escaped=escaped, before=before)


def _embedded(names: list[Name]) -> list[tuple[int, int]]:
    """(object number, offset of the name) of the streams that file specifications (7.11.3) lead to."""
    found: dict[int, int] = {}
    for one in names:
        if one.name == "EF":
            for reference in _EMBEDDED.finditer(one.value.partition(b">>")[0]):
                found.setdefault(int(reference[1]), one.offset)
    return sorted(found.items())[:_FILES_CAP]


def _objects(stream: Stream, budget: Budget, anomalies: list[Anomaly]) -> bytes | None:
    """The text of an object stream, or None with an anomaly."""
    if stream.unknown:
        anomalies.append(Anomaly("object-stream-filter", where=stream.unknown, offset=stream.offset, incomplete=True))
        return None
    pieces: list[bytes] = []
    size = 0
    try:
        for chunk in read_stream(stream, budget):
            budget.expand(len(chunk))
            pieces.append(chunk)
            size += len(chunk)
            if size > _OBJECT_STREAM:
                anomalies.append(Anomaly("object-stream-size", offset=stream.offset, incomplete=True))
                break
    except Malformed:  # what came out is swept all the same
        anomalies.append(Anomaly("object-stream-damaged", offset=stream.offset, incomplete=True))
    return b"".join(pieces)
