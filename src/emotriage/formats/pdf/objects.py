"""Objects of a PDF (ISO 32000-1, 7.3): streams, strings, and where an object lies, without the whole document."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from emotriage.formats.pdf.crypt import Key
from emotriage.formats.pdf.filters import Filter, decoded, filter_named
from emotriage.model.blob import Blob
from emotriage.model.limits import RECORD, Budget

AFTER = 1024
"""Bytes of an object or a value that are kept."""
REFERENCE = rb"\d{1,10}\s{1,8}\d{1,5}\s{1,8}R"
NUMBER = rb"(\d{1,10})\s{1,8}\d{1,5}\s{1,8}R"
"""A reference, with the number of the object as a group."""
HEX = re.compile(rb"#([0-9a-fA-F]{2})")

_FEED = 64 << 10
_STREAM = re.compile(rb"\bstream(?:\r\n|\n|\r)")
_FILTER = re.compile(rb"/F(?:ilter)?\s{0,16}(\[[^\]]{0,256}\]|/[A-Za-z0-9#]{1,32}|" + REFERENCE + rb")")
_PARAMETERS = re.compile(rb"/D(?:ecodeParms|P)\s{0,16}(\[[^\]]{0,1024}\]|<<[^>]{0,512}>>|" + REFERENCE + rb")")
_ENTRY = re.compile(rb"<<[^>]{0,512}>>|null")
_NUMBERED = re.compile(rb"(\d{1,10})\s{1,8}(\d{1,5})\s{1,8}$")
_NAME = re.compile(rb"/([A-Za-z0-9#]{1,32})")
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|\r?\n|(.))", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


@dataclass(frozen=True, slots=True)
class Stream:
    """The data of one stream.

    Attributes:
        offset: of its first byte in the file.
        data: as it is stored.
        filters: how it is encoded, outermost first.
        number: of the object that it belongs to, and its generation.
        key: of the document, where it is encrypted.
    """

    offset: int
    data: Blob
    filters: tuple[Filter, ...]
    number: tuple[int, int] = (0, 0)
    key: Key | None = None

    @property
    def unknown(self) -> str:
        """The filters that are not undone here, for people; "" when all are."""
        return ", ".join(one.name for one in self.filters if not one.is_known)


def string_at(value: bytes) -> bytes:
    """The string that a value begins with: literal (7.3.4.2) or hexadecimal (7.3.4.3), at most what the value holds."""
    value = value.lstrip(b"\0\t\n\f\r ")
    if value.startswith(b"<"):
        digits = re.sub(rb"[^0-9a-fA-F]", b"", value[1:].partition(b">")[0])
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
    depth = 0
    skip = False
    for index, letter in enumerate(value):
        if skip:
            skip = False
        elif letter == 0x5C:
            skip = True
        elif letter == 0x28:
            depth += 1
        elif letter == 0x29:
            depth -= 1
            if depth == 0:
                return _ESCAPE.sub(_unescape, value[1:index])
    return _ESCAPE.sub(_unescape, value[1:]) if depth else b""


def read_stream(stream: Stream, budget: Budget) -> Iterator[bytes]:
    """The content of a stream, in chunks.

    Raises:
        Malformed: its encoded data is damaged or breaks off; what came out before has been yielded.
        Unsupported: a filter that is not undone here.
    """
    stored = (window for _, window in stream.data.windows(_FEED, holes=True))
    clear = stream.key.stream(stored, *stream.number) if stream.key else stored
    return decoded(clear, stream.filters, budget)


def last_object(blob: Blob, number: int, budget: Budget) -> int:
    """Offset behind ``N 0 obj`` in its last version, or -1."""
    mark = b"%d 0 obj" % number
    stop = blob.size
    while (at := blob.rfind(mark, 0, stop)) >= 0:
        budget.spend(RECORD + blob.visible(at, stop))
        if not blob.read(at - 1, 1).isdigit():
            return at + len(mark)
        stop = at + len(mark) - 1
    budget.spend(RECORD + blob.visible(0, stop))
    return -1


def stream_at(blob: Blob, offset: int, budget: Budget, key: Key | None = None) -> Stream | None:
    """The stream whose dictionary holds the offset; `key` is that of the document, where it is encrypted."""
    budget.spend(RECORD)
    before = blob.read(max(offset - 2048, 0), min(offset, 2048))
    opening = before.rfind(b"obj")
    head = before[opening + 3 if opening >= 0 else 0 :] + blob.read(offset, 4096)
    inner = len(before) - (opening + 3 if opening >= 0 else 0)
    start = _STREAM.search(head, inner)
    ending = head.find(b"endobj", inner)
    if start is None or 0 <= ending < start.start():
        return None
    begin = offset - inner + start.end()
    end = blob.find(b"endstream", begin)
    filters = _filters(head[: start.start()])
    data = blob.slice(begin, (end if end >= 0 else blob.size) - begin)
    return Stream(begin, data, filters, object_of(blob, offset, budget), key)


def object_of(blob: Blob, offset: int, budget: Budget) -> tuple[int, int]:
    """(number, generation) of the object that an offset lies in, or zeros."""
    budget.spend(RECORD)
    before = blob.read(max(offset - 4096, 0), min(offset, 4096))
    found = _NUMBERED.search(before[: max(before.rfind(b"obj"), 0)])
    return (int(found[1]), int(found[2])) if found else (0, 0)


def packed_object(text: bytes, number: int) -> bytes | None:
    """One object of an object stream, by the table of (number, offset) pairs at its start."""
    first = re.match(rb"[\d\s]{0,200000}", text)
    table = first[0].split() if first else []
    pairs = dict(zip(table[0::2], table[1::2], strict=False))
    offset = pairs.get(b"%d" % number)
    if offset is None or first is None:
        return None
    begin = first.end() + int(offset)
    return text[begin : begin + AFTER]


def _filters(dictionary: bytes) -> tuple[Filter, ...]:
    found = _FILTER.search(dictionary)
    if found is None:
        return ()
    if not found[1].startswith((b"/", b"[")):
        return (Filter("indirect"),)
    names = [HEX.sub(lambda digits: bytes([int(digits[1], 16)]), one) for one in _NAME.findall(found[1])]
    told = _PARAMETERS.search(dictionary)
    if told is not None and not told[1].startswith((b"<", b"[")):
        return (*(filter_named(name, b"") for name in names), Filter("indirect parameters"))
    entries = _ENTRY.findall(told[1]) if told is not None else []
    return tuple(filter_named(name, entry) for name, entry in zip_longest(names, entries[: len(names)], fillvalue=b""))


def _unescape(match: "re.Match[bytes]") -> bytes:
    if match[1]:
        return bytes([int(match[1], 8) & 0xFF])
    return _LETTERS.get(match[2], match[2]) if match[2] else b""
