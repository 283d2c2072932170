"""Shapes of a Word 97 document ([MS-DOC] 2.9.173, 2.8.32, 2.9.190): drawings, text boxes, pictures in the text."""

import struct
from collections.abc import Sequence

from emotriage.testing.drawing import PICTURE, TEXT_BOX, Drawn, art, drawing_head, group, number_of, shape

DRAWINGS, ANCHORS, BOXES = 50, 40, 56
"""Entries of the FIB's table."""
FLOATING, INLINE = "\x08", "\x01"
"""Characters that stand where a shape is."""
_PICTURE_HEAD = 68
_WHOLE_SHAPE = 0x64


def tables(shapes: Sequence[Drawn], places: Sequence[int], end: int) -> dict[int, bytes]:
    """What the table stream holds of floating shapes; their characters stand at `places` of a text of that `end`."""
    made = []
    for index, one in enumerate(shapes):
        number = 1 + sum(bool(before.text) for before in shapes[:index])
        behind = art(0xF010, bytes(4)) + art(0xF011, struct.pack("<I", 1))
        behind += art(0xF00D, struct.pack("<I", number << 16)) if one.text else b""
        made.append(
            shape(
                one, index, behind, kind=TEXT_BOX if one.text else PICTURE, text_number=number << 16 if one.text else 0
            )
        )
    body = b"".join(made)
    anchors = b"".join(struct.pack("<I4iHi", number_of(index), 0, 0, 999, 999, 0, 0) for index in range(len(made)))
    found = {
        DRAWINGS: group([len(made)]) + b"\0" + drawing_head(1, len(made), len(body)) + body,
        ANCHORS: struct.pack(f"<{len(places) + 1}I", *places, end) + anchors,
    }
    if texts := [one for one in shapes if one.text]:
        ends = [sum(len(box_text(before)) for before in texts[:index]) for index in range(len(texts) + 1)]
        numbers = [number_of(index) for index, one in enumerate(shapes) if one.text]
        boxes = b"".join(struct.pack("<IIHIII", 1, 0, 0, 0, number, 0) for number in [*numbers, 0])
        found[BOXES] = struct.pack(f"<{len(ends) + 1}I", *ends, ends[-1] + 1) + boxes
    return found


def box_text(one: Drawn) -> str:
    """A box's part of the text of all boxes."""
    return one.text.replace("\n", "\r") + "\r" if one.text else ""


def pictures(shapes: Sequence[Drawn], start: int) -> tuple[list[int], bytes]:
    """Where each picture in the text lies in the stream Data, from `start` on, and the bytes that hold them."""
    places, out = [], b""
    for index, one in enumerate(shapes):
        places.append(start + len(out))
        body = shape(one, index, art(0xF010, bytes(4)), kind=PICTURE)
        head = struct.pack("<IHH", _PICTURE_HEAD + len(body), _PICTURE_HEAD, _WHOLE_SHAPE)
        out += head.ljust(_PICTURE_HEAD, b"\0") + body
    return places, out


def run_properties(picture: int | None) -> bytes:
    """Properties of the character of a shape: it is special, and where its picture lies."""
    special = struct.pack("<HB", 0x0855, 1)
    return special if picture is None else special + struct.pack("<HI", 0x6A03, picture)
