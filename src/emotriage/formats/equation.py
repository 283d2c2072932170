"""Equations of Equation 3.0 and MathType (MTEF 1 to 3, as published by its makers): what has no room in them."""

import re
from collections.abc import Iterator

from emotriage.model.limits import RECORD, Budget

FACE_NAME = 32
"""Characters of a font's name in Windows, the zero at its end included."""
MATRIX = 31
"""Rows or columns that the equation editor has room for."""
_RECORDS = 4096
_MATRIX, _FONT = 5, 8
_LAST_OLD = 3
_WRITTEN = re.compile(rb"[\t\x20-\x7e]{10,}")
_HEADER = 28  # bytes of the header in front of the equation in a stream "Equation Native"


def fonts(stream: bytes, budget: Budget) -> Iterator[tuple[int, bytes]]:
    r"""(offset, name) of each font record, as far as the records can be followed.

    Args:
        stream: content of ``Equation Native``, or of ``\1Ole10Native`` behind its size.
        budget: charged for every record.
    """
    for at, tag, end in _records(stream, budget):
        if tag == _FONT:
            yield at, stream[at + 3 : end].rstrip(b"\0")


def overflows(stream: bytes, budget: Budget) -> Iterator[str]:
    """What is too long for the equation editor, for people: a font's name, a matrix (for `stream` see `fonts`)."""
    for at, tag, end in _records(stream, budget):
        if tag == _FONT and len(name := stream[at + 3 : end].rstrip(b"\0")) >= FACE_NAME:
            yield f"font name of {len(name)} bytes at {at}"
        elif tag == _MATRIX and stream[_start(stream)] <= _LAST_OLD:  # later versions number records anew
            rows, columns = _sides(stream, at, stream[at] >> 4)
            if max(rows, columns) > MATRIX:
                yield f"matrix of {rows} rows and {columns} columns at {at}"


def written(stream: bytes, budget: Budget) -> Iterator[tuple[int, str]]:
    """(offset, text) of what stands in an equation in plain letters: names of fonts, and what lies behind them."""
    budget.spend(2 * len(stream))
    for run in _WRITTEN.finditer(stream):
        budget.spend(RECORD)
        yield run.start(), run.group().decode("ascii")


def is_equation(stream: bytes) -> bool:
    """False where the header names no version, platform and product that there is (for `stream` see `fonts`)."""
    version, platform, product = stream[_start(stream) :][:3].ljust(3, b"\xff")
    return 1 <= version <= 5 and platform <= 1 and product <= 1


def _start(stream: bytes) -> int:
    return _HEADER if stream[:2] == b"\x1c\0" else 0


def _records(stream: bytes, budget: Budget) -> Iterator[tuple[int, int, int]]:
    """(offset, tag, offset behind it) of each record, as far as they can be followed."""
    at = _start(stream) + 5
    version = stream[at - 5] if len(stream) > at else 0
    for _ in range(_RECORDS):
        if at >= len(stream):
            return
        budget.spend(RECORD)
        tag, options = stream[at] & 15, stream[at] >> 4
        if tag == _FONT:
            end = stream.find(b"\0", at + 3) + 1 or len(stream)
        elif length := _length(stream, at, tag, options, version):
            end = at + length
        else:
            return
        yield at, tag, end
        at = end


def _sides(stream: bytes, at: int, options: int) -> tuple[int, int]:
    """Rows and columns of a matrix record."""
    at += 4 + _nudge(stream, at, options)
    rows, columns = stream[at : at + 2].ljust(2, b"\0")
    return rows, columns


def _nudge(stream: bytes, at: int, options: int) -> int:
    """Bytes that say how far something was moved by hand."""
    return (6 if stream[at + 1 : at + 3] == b"\x80\x80" else 2) if options & 8 else 0


def _length(stream: bytes, at: int, tag: int, options: int, version: int) -> int:
    """Bytes of a record other than a font, or 0 where there is none of that kind."""
    if tag in (0, 10, 11, 12, 13, 14):
        return 1
    length = 1 + (_nudge(stream, at, options) if tag in (1, 2, 3, 4, 5, 6) else 0)
    if tag == 1:
        return length + (1 if options & 4 else 0)
    if tag == 2:
        return length + (3 if version >= 3 else 2)
    if tag == 3:
        wide = version >= 3 and stream[at + length + 1 : at + length + 2] > b"\x7f"
        return length + (4 if wide else 3)
    if tag == 4:
        return length + 2
    if tag == _MATRIX:
        rows, columns = _sides(stream, at, options)
        return length + 5 + (2 * rows + 9) // 8 + (2 * columns + 9) // 8
    if tag == 6:
        return length + 1
    if tag == 7:
        return 2 + 3 * (stream[at + 1] if at + 1 < len(stream) else 0)
    if tag == 9:
        size = stream[at + 1 : at + 2]
        return {b"\x65": 4, b"\x64": 5}.get(size, 3)
    return 0
