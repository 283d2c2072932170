"""Comments of cells and text boxes of a sheet of Excel 97 to 2003 ([MS-XLS] 2.4.170, 2.4.179, 2.4.181, 2.4.329)."""

import struct
from collections.abc import Iterator, Mapping, Sequence

from emotriage.testing.drawing import TEXT_BOX, Drawn, art, drawing_head, group, shape

_DRAWING, _GROUP, _OBJECT, _TEXT, _CONTINUE, _NOTE = 0xEC, 0xEB, 0x5D, 0x1B6, 0x3C, 0x1C
_BOX, _COMMENT = 0x06, 0x19
_PIECE = 4000
"""Characters of a text in one record."""


def group_record(counts: Sequence[int]) -> tuple[int, bytes]:
    """(number, data) of the record that all drawings share, by how many shapes each has."""
    return _GROUP, group(counts)


def objects(
    number: int, comments: Mapping[tuple[int, int], str], shapes: Sequence[Drawn]
) -> Iterator[tuple[int, bytes]]:
    """(number, data) of the records of a sheet's drawing: its shapes, then the boxes of its comments.

    Args:
        number: of the drawing in the workbook, from 1.
        comments: by (row, column) from 0.
        shapes: those that are no comments.
    """
    every = [*shapes, *(Drawn(text=one) for one in comments.values())]
    box = art(0xF00D)
    places = [
        art(0xF010, struct.pack("<9H", 0, 1, 0, 2 * index, 0, 3, 0, 2 * index + 2, 0)) for index in range(len(every))
    ]
    made = [
        shape(one, index, places[index] + art(0xF011), kind=TEXT_BOX, size=len(places[index]) + 8 + len(box))
        for index, one in enumerate(every)
    ]
    head = drawing_head(number, len(made), sum(len(one) + len(box) for one in made))
    for index, (one, raw) in enumerate(zip(every, made, strict=True)):
        kind = _BOX if index < len(shapes) else _COMMENT
        yield _DRAWING, raw if index else head + raw
        yield _OBJECT, struct.pack("<HHHHH12xHH", 0x15, 18, kind, index + 1, 0x4011, 0, 0)
        yield _DRAWING, box
        yield from _text(one.text)
    for index, (row, column) in enumerate(comments, len(shapes) + 1):
        yield _NOTE, struct.pack("<HHHHHB2s", row, column, 0, index, 1, 0, b"A\0")


def _text(text: str) -> Iterator[tuple[int, bytes]]:
    wide = any(ord(char) > 0xFF for char in text)
    raw = text.encode("utf-16-le", "surrogatepass") if wide else text.encode("latin-1")
    count = len(raw) >> wide
    yield _TEXT, struct.pack("<HH6xHHI", 0x0212, 0, count, 16 if count else 0, 0)
    for at in range(0, len(raw), _PIECE):
        yield _CONTINUE, bytes([wide]) + raw[at : at + _PIECE]
    if count:
        yield _CONTINUE, struct.pack("<HH4xHH4x", 0, 0, count, 0)
