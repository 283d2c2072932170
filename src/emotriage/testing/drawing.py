"""Records of drawings ([MS-ODRAW]) for the writers of Word 97 and Excel 97: shapes with names and alternative texts."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TEXT_BOX, PICTURE = 202, 75
_FIRST = 1024
_TEXT_NUMBER, _NAME, _DESCRIPTION = 0x0080, 0xC380, 0xC381


@dataclass(frozen=True, slots=True)
class Drawn:
    r"""A shape.

    Attributes:
        name: its own; empty for the one that Office gives it.
        description: alternative text.
        text: what is written in it, with ``\n`` between lines.
        inline: it stands in the text of a Word document as a character does.
    """

    name: str = ""
    description: str = ""
    text: str = ""
    inline: bool = False


def drawn(shapes: Sequence[Mapping[str, Any]]) -> list[Drawn]:
    """Shapes from tables of a recipe."""
    return [Drawn(**one) for one in shapes]


def number_of(index: int) -> int:
    """The number of the shape with that index in its drawing; the first is what holds all others."""
    return _FIRST + 1 + index


def art(kind: int, body: bytes = b"", *, instance: int = 0, version: int = 0) -> bytes:
    """One record."""
    return struct.pack("<HHI", instance << 4 | version, kind, len(body)) + body


def container(kind: int, body: bytes, *, instance: int = 0) -> bytes:
    """A record that holds records."""
    return art(kind, body, instance=instance, version=0xF)


def group(drawings: Sequence[int]) -> bytes:
    """What all drawings share, by how many shapes each has (2.2.12)."""
    clusters = b"".join(struct.pack("<II", number, count + 1) for number, count in enumerate(drawings, 1))
    head = struct.pack(
        "<IIII", _FIRST * (len(drawings) + 1), len(drawings) + 1, sum(drawings) + len(drawings), len(drawings)
    )
    return container(0xF000, art(0xF006, head + clusters))


def drawing_head(number: int, shapes: int, size: int) -> bytes:
    """What stands before the first shape of a drawing (2.2.13), whose shapes come to so many bytes."""
    first = container(0xF004, art(0xF009, bytes(16), version=1) + art(0xF00A, struct.pack("<II", _FIRST, 5), version=2))
    about = art(0xF008, struct.pack("<II", shapes + 1, number_of(shapes - 1)), instance=number)
    inner = struct.pack("<HHI", 0xF, 0xF003, len(first) + size) + first
    return struct.pack("<HHI", 0xF, 0xF002, len(about) + len(inner) + size) + about + inner


def shape(one: Drawn, index: int, behind: bytes, *, kind: int, text_number: int = 0, size: int | None = None) -> bytes:
    """One shape (2.2.14); `behind` are its place and data, of which a piece may be written elsewhere."""
    properties = [(_TEXT_NUMBER, text_number, b"")] if text_number else []
    for number, text in ((_NAME, one.name), (_DESCRIPTION, one.description)):
        if text:
            raw = (text + "\0").encode("utf-16-le")
            properties.append((number, len(raw), raw))
    table = b"".join(struct.pack("<HI", number, value) for number, value, _ in properties)
    table += b"".join(raw for _, _, raw in properties)
    inner = art(0xF00A, struct.pack("<II", number_of(index), 0xA00), instance=kind, version=2)
    inner += art(0xF00B, table, instance=len(properties), version=3) if properties else b""
    return struct.pack("<HHI", 0xF, 0xF004, len(inner) + (len(behind) if size is None else size)) + inner + behind
