"""Comments of cells and shapes of one sheet of a workbook stream, for macros to read.

[MS-XLS] 2.4.179 comments (Note), 2.4.181 objects (Obj), 2.4.329 their texts (TxO), 2.4.170 drawings (MsoDrawing).
"""

import struct
from dataclasses import dataclass, field
from typing import NamedTuple

from emotriage.formats.drawing import ArtShape, read_shapes
from emotriage.formats.excel.biff_globals import BOF, EOF, Globals
from emotriage.formats.excel.biff_records import CONTINUE, Cursor, read_records, whole_records
from emotriage.formats.excel.macrosheet import Cell
from emotriage.model.blob import Blob
from emotriage.model.limits import MIB, Budget

_NOTE, _OBJECT, _TEXT, _DRAWING = 0x001C, 0x005D, 0x01B6, 0x00EC
_WANTED = frozenset({BOF, EOF, CONTINUE, _NOTE, _OBJECT, _TEXT, _DRAWING})
_COMMON = 0x15  # the part of an object that says what it is
_GOES_ON = 0xFFFF
_MOST = 65535
_MOST_TEXT = 8 * MIB
_KINDS = {
    1: "Line", 2: "Rectangle", 3: "Oval", 4: "Arc", 5: "Chart", 6: "Text Box", 7: "Button", 8: "Picture",
    9: "Freeform", 11: "Check Box", 12: "Option Button", 13: "Edit Box", 14: "Label", 16: "Spinner",
    17: "Scroll Bar", 18: "List Box", 19: "Group Box", 20: "Drop Down", 25: "Comment",
}  # fmt: skip


class SheetShape(NamedTuple):
    """A shape of a sheet: its name, alternative text and text."""

    name: str
    description: str
    text: str


class SheetObjects(NamedTuple):
    """What lies over the cells of a sheet.

    Attributes:
        comments: texts by cell, such as ``B7``.
        shapes: in order; boxes that show comments are among them.
    """

    comments: dict[str, str]
    shapes: list[SheetShape]


@dataclass(slots=True)
class _Object:
    kind: int
    number: int
    text: str = ""


@dataclass(slots=True)
class _Reading:
    drawing: bytearray = field(default_factory=bytearray)
    objects: list[_Object] = field(default_factory=list)
    notes: list[tuple[str, int]] = field(default_factory=list)  # (cell, number of its object)
    comments: dict[str, str] = field(default_factory=dict)  # where the text is in the record itself
    last: str = ""
    room: int = _MOST_TEXT


def read_objects(stream: Blob, found: Globals, position: int, budget: Budget) -> SheetObjects:
    """The comments and shapes of the sheet whose BOF record is at `position`; damaged ones are left out."""
    reading = _Reading()
    depth = 0
    for kind, _, pieces in whole_records(read_records(stream, budget, position, _WANTED, found.cipher)):
        if kind == BOF:
            depth += 1
        elif kind == EOF:
            depth -= 1
            if depth <= 0:
                break
        elif depth == 1 and reading.room > 0:
            try:
                _take(reading, kind, pieces, found)
            except (struct.error, IndexError):
                continue
    texts = {one.number: one.text for one in reversed(reading.objects)}
    comments = {cell: texts.get(number, "") for cell, number in reading.notes} | reading.comments
    drawn = [one for one in read_shapes(bytes(reading.drawing), budget) if one.is_object]
    shapes = [_shape(one, drawn[index] if index < len(drawn) else None) for index, one in enumerate(reading.objects)]
    return SheetObjects(comments, shapes)


def _shape(one: _Object, drawn: ArtShape | None) -> SheetShape:
    kind = _KINDS.get(one.kind)
    usual = f"{kind} {one.number}" if kind else ""
    if drawn is None:
        return SheetShape(usual, "", one.text)
    name = drawn.name if drawn.is_named or not kind else usual
    return SheetShape(name, drawn.description, one.text)


def _take(reading: _Reading, kind: int, pieces: list[bytes], found: Globals) -> None:
    data = pieces[0]
    reading.room -= sum(map(len, pieces))
    if kind == _DRAWING:
        reading.drawing += b"".join(pieces)
    elif kind == _OBJECT and found.biff == 8:
        common, sort, number = struct.unpack_from("<HxxHH", data)
        if common == _COMMON and len(reading.objects) < _MOST:
            reading.objects.append(_Object(sort, number))
        reading.drawing += b"".join(pieces[1:])  # what did not fit into the drawing's own record
    elif kind == _TEXT and found.biff == 8:
        count, runs = struct.unpack_from("<HH", data, 10)
        text, behind = _text(pieces[1:], count, runs)
        if reading.objects:
            reading.objects[-1].text = text
        reading.drawing += b"".join(pieces[behind + 1 :])
    elif kind == _NOTE and found.biff == 8:
        row, column, number = struct.unpack_from("<HHxxH", data)
        if len(reading.notes) < _MOST:
            reading.notes.append((Cell(row, column).ref, number))
    elif kind == _NOTE:
        row, column, size = struct.unpack_from("<HHH", data)
        text = data[6 : 6 + size].decode(found.codec, "replace")
        if row != _GOES_ON:
            reading.last = Cell(row, column).ref
            reading.comments[reading.last] = ""
        if reading.last:
            reading.comments[reading.last] += text


def _text(pieces: list[bytes], count: int, runs: int) -> tuple[str, int]:
    """The text of an object, and how many of the pieces it and its formatting take up."""
    left, used = count, 0
    while left > 0 and used < len(pieces):
        left -= (len(pieces[used]) - 1) >> (pieces[used][0] & 1) if pieces[used] else 0
        used += 1
    text = Cursor(pieces[:used]).rich_text(count) if used else ""
    while runs > 0 and used < len(pieces):
        runs -= len(pieces[used])
        used += 1
    return text or "", used
