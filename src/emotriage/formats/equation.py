"""Equations of Equation 3.0 and MathType: the fonts they name (MTEF, versions 1 to 3, as published by its makers)."""

from collections.abc import Iterator

from emotriage.model.limits import RECORD, Budget

FACE_NAME = 32
"""Characters of a font's name in Windows, the zero at its end included."""
_RECORDS = 4096
_HEADER = 28  # bytes of the header in front of the equation in a stream "Equation Native"


def fonts(stream: bytes, budget: Budget) -> Iterator[tuple[int, bytes]]:
    r"""(offset, name) of each font record, as far as the records can be followed.

    Args:
        stream: content of ``Equation Native``, or of ``\1Ole10Native`` behind its size.
        budget: charged for every record.
    """
    at = (_HEADER if stream[:2] == b"\x1c\0" else 0) + 5
    version = stream[at - 5] if len(stream) > at else 0
    for _ in range(_RECORDS):
        if at >= len(stream):
            return
        budget.spend(RECORD)
        tag, options = stream[at] & 15, stream[at] >> 4
        if tag == 8:
            end = stream.find(b"\0", at + 3)
            end = len(stream) if end < 0 else end
            yield at, stream[at + 3 : end]
            at = end + 1
            continue
        length = _length(stream, at, tag, options, version)
        if not length:
            return
        at += length


def _length(stream: bytes, at: int, tag: int, options: int, version: int) -> int:
    """Bytes of a record other than a font, or 0 where there is none of that kind."""
    if tag in (0, 10, 11, 12, 13, 14):
        return 1
    length = 1
    if options & 8 and tag in (1, 2, 3, 4, 5, 6):  # moved by hand
        length += 6 if stream[at + 1 : at + 3] == b"\x80\x80" else 2
    if tag == 1:
        return length + (1 if options & 4 else 0)
    if tag == 2:
        return length + (3 if version >= 3 else 2)
    if tag == 3:
        wide = version >= 3 and stream[at + length + 1 : at + length + 2] > b"\x7f"
        return length + (4 if wide else 3)
    if tag == 4:
        return length + 2
    if tag == 5:
        rows, columns = stream[at + length + 3 : at + length + 5].ljust(2, b"\0")
        return length + 5 + (2 * rows + 9) // 8 + (2 * columns + 9) // 8
    if tag == 6:
        return length + 1
    if tag == 7:
        return 2 + 3 * (stream[at + 1] if at + 1 < len(stream) else 0)
    if tag == 9:
        size = stream[at + 1 : at + 2]
        return {b"\x65": 4, b"\x64": 5}.get(size, 3)
    return 0
