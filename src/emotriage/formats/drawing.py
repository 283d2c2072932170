"""Shapes of the drawings that Word and Excel 97-2003 keep in records: numbers, names, alternative text ([MS-ODRAW]).

2.2.14 shapes (OfficeArtSpContainer), 2.2.40 what kind and number one has (FSP), 2.3.1 properties (FOPT), 2.3.4 names.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from emotriage.model.limits import RECORD, Budget

_HEADER = 8
_CONTAINER = 0xF
_SHAPE, _PROPERTIES, _CLIENT = 0xF00A, frozenset({0xF00B, 0xF121, 0xF122}), 0xF011
_NO_SHAPE = 0x4 | 0x8 | 0x400
"""Flags of what holds all others, of what was deleted, and of what lies behind the page."""
_NAME, _DESCRIPTION = 0x380, 0x381
_MOST = 65535
_LONGEST = 1 << 16
_KINDS = {1: "Rectangle", 3: "Oval", 20: "Line", 75: "Picture", 201: "Control", 202: "Text Box"}
_PER_DRAWING = 0x3FF


class ArtShape(NamedTuple):
    """A shape.

    Attributes:
        number: that others point to it by.
        name: its own, or else the one that Office gives it.
        description: alternative text.
        is_named: the name is its own.
        is_object: an object record of a sheet belongs to it.
    """

    number: int
    name: str
    description: str
    is_named: bool
    is_object: bool


def read_shapes(data: bytes, budget: Budget) -> list[ArtShape]:
    """The shapes of the records, in order; containers are gone into, whatever they say their length is."""
    return list(_shapes(data, budget))


def _shapes(data: bytes, budget: Budget) -> Iterator[ArtShape]:
    at, found = 0, 0
    open_: ArtShape | None = None
    while at + _HEADER <= len(data) and found < _MOST:
        budget.spend(RECORD)
        start, kind, size = struct.unpack_from("<HHI", data, at)
        at += _HEADER
        if start & 0xF == _CONTAINER:
            continue
        body = data[at : at + size]
        if kind == _SHAPE and len(body) >= 8:
            if open_ is not None:
                found += 1
                yield open_
            number, flags = struct.unpack_from("<II", body)
            name = f"{_KINDS.get(start >> 4, 'AutoShape')} {number & _PER_DRAWING}"
            open_ = None if flags & _NO_SHAPE else ArtShape(number, name, "", is_named=False, is_object=False)
        elif open_ is not None and kind in _PROPERTIES:
            texts = _texts(body, start >> 4, budget)
            open_ = open_._replace(
                name=texts.get(_NAME) or open_.name,
                description=texts.get(_DESCRIPTION) or open_.description,
                is_named=open_.is_named or bool(texts.get(_NAME)),
            )
        elif open_ is not None and kind == _CLIENT:
            open_ = open_._replace(is_object=True)
        at += size
    if open_ is not None:
        yield open_


def _texts(body: bytes, count: int, budget: Budget) -> dict[int, str]:
    """Name and alternative text among the properties: a table of them, then what does not fit into it, in order."""
    found: dict[int, str] = {}
    table = body[: 6 * count]
    at = len(table)
    for number, value in struct.iter_unpack("<HI", table[: len(table) // 6 * 6]):
        budget.spend(RECORD)
        if number & 0x8000:
            if number & 0x3FFF in (_NAME, _DESCRIPTION):
                raw = body[at : at + min(value, _LONGEST)]
                found[number & 0x3FFF] = raw.decode("utf-16-le", "replace").partition("\0")[0]
            at += value
    return found
