"""Shapes of a Word 97-2003 document: names, alternative texts and what is written in text boxes.

[MS-DOC] 2.9.173 (drawings), 2.8.32 and 2.9.100 (text boxes), 2.9.190 (pictures in the text), 2.9.114 and 2.6.1 (which
characters are pictures).
"""

import struct
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from emotriage.formats.drawing import ArtShape
from emotriage.formats.drawing import read_shapes as read_drawing
from emotriage.formats.word97_content import part_of_text, table_entry
from emotriage.model.blob import Blob
from emotriage.model.limits import MIB, RECORD, Budget

_RUNS, _DRAWINGS = 12, 50
_BOXES = ((6, 56), (7, 58))
"""Part of the text and entry of the FIB's table: text boxes of the document, and of its headers."""
_TEXT_BOX = 22
_PAGE = 512
_MOST = 65535
_PICTURE_AT, _IS_DATA, _IS_OBJECT = 0x6A03, 0x0806, 0x080A
_OPERANDS = (1, 1, 2, 4, 2, 2, 0, 3)
"""Bytes behind a property by the upper three bits of its number; 0: as many as the next byte says."""
_PICTURE_HEAD = 68
_NAMED_PICTURE = 0x66
_PICTURE = MIB


class WordShape(NamedTuple):
    """A shape: its name, alternative text and text; `inline` is one that stands in the text as a character does."""

    name: str
    description: str
    text: str
    inline: bool


def read_shapes(document: Blob, table: Blob, data: Blob, budget: Budget) -> list[WordShape]:
    """The shapes of a document, those of its headers behind those of its pages, pictures in the text last.

    Args:
        document: the stream ``WordDocument``.
        table: the table stream that counts.
        data: the stream ``Data``; empty where there is none.
        budget: charged for every record.
    """
    boxes = [box for part, entry in _BOXES for box in _text_boxes(document, table, part, entry, budget)]
    texts = {number: text for number, text in reversed(boxes) if number}
    drawn = read_drawing(b"".join(_drawings(table_entry(document, table, _DRAWINGS, budget))), budget)
    found = [WordShape(one.name, one.description, texts.pop(one.number, ""), inline=False) for one in drawn]
    found += [
        WordShape("", "", text, inline=False) for number, text in boxes if text and (not number or number in texts)
    ]
    return found + [
        WordShape(one.name, one.description, "", inline=True) for one in _pictures(document, table, data, budget)
    ]


def _text_boxes(document: Blob, table: Blob, part: int, entry: int, budget: Budget) -> list[tuple[int, str]]:
    """(number of the shape, text) of text boxes, in order; the last entry of their table is none."""
    text = part_of_text(document, table, part, budget)
    raw = table_entry(document, table, entry, budget) if text else b""
    count = max(len(raw) - 4, 0) // (_TEXT_BOX + 4)
    places = struct.unpack_from(f"<{count + 1}I", raw) if count else ()
    found = []
    for index, (start, stop) in enumerate(pairwise(places[: min(count, _MOST)])):
        budget.spend(RECORD)
        if start < stop <= len(text):
            (number,) = struct.unpack_from("<I", raw, 4 * (count + 1) + _TEXT_BOX * index + 14)
            found.append((number, text[start:stop].rstrip("\r")))
    return found


def _drawings(raw: bytes) -> Iterator[bytes]:
    """The drawing of the document, then that of its headers; a byte that says which stands before each."""
    at = 8 + int.from_bytes(raw[4:8], "little") if raw else 0  # behind what all of them share
    while 0 < at < len(raw) - 9:
        size = 8 + int.from_bytes(raw[at + 5 : at + 9], "little")
        yield raw[at + 1 : at + 1 + size]
        at += 1 + size


def _pictures(document: Blob, table: Blob, data: Blob, budget: Budget) -> Iterator[ArtShape]:
    """The pictures in the text, in the order in which it lies in the stream."""
    if not data.size:
        return
    for place in dict.fromkeys(_places(document, table, budget)):
        raw = data.read(place, _PICTURE_HEAD + 256)
        if len(raw) < _PICTURE_HEAD:
            continue
        size, head, kind = struct.unpack_from("<IHH", raw)
        if head != _PICTURE_HEAD:
            continue
        start = head + (1 + raw[head] if kind == _NAMED_PICTURE and len(raw) > head else 0)
        size = min(max(size - start, 0), _PICTURE)
        budget.spend(RECORD + size)
        yield from read_drawing(data.read(place + start, size), budget)[:1]


def _places(document: Blob, table: Blob, budget: Budget) -> Iterator[int]:
    """Where the pictures of the text are in the stream ``Data``, as the runs of characters say (2.9.54)."""
    raw = table_entry(document, table, _RUNS, budget)
    count = max(len(raw) - 4, 0) // 8
    for number in struct.unpack_from(f"<{count}I", raw, 4 * (count + 1)) if count else ():
        budget.spend(RECORD + _PAGE)
        page = document.read(_PAGE * (number & 0x3FFFFF), _PAGE)
        runs = page[-1] if len(page) == _PAGE else 0
        for at in page[4 * (runs + 1) : 4 * (runs + 1) + runs]:
            if at:
                properties = dict(_properties(page[2 * at + 1 : 2 * at + 1 + page[2 * at]]))
                if _PICTURE_AT in properties and not (properties.get(_IS_DATA) or properties.get(_IS_OBJECT)):
                    yield properties[_PICTURE_AT]


def _properties(raw: bytes) -> Iterator[tuple[int, int]]:
    """(number, operand) of the properties of a run."""
    at = 0
    while at + 3 <= len(raw):
        number = int.from_bytes(raw[at : at + 2], "little")
        size = _OPERANDS[number >> 13] or 1 + raw[at + 2]
        yield number, int.from_bytes(raw[at + 2 : at + 2 + size], "little")
        at += 2 + size
