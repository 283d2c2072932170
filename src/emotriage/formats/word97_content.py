"""What a Word 97-2003 document holds for its macros to read: variables, text, comments.

[MS-DOC] 2.3 (document parts), 2.4.1 (characters), 2.9.282 (variables).
"""

import struct
from collections.abc import Iterator

from emotriage.model.blob import Blob
from emotriage.model.limits import MIB, RECORD, Budget

_RG_FC_LCB = 154
_CLX, _STW_USER = 33, 60
_LENGTHS = 76
_MAIN, _COMMENTS = 0, 4
"""Parts of the text in the order in which they lie, as the FIB counts their characters (2.5.4)."""
_MARK = "\x05"
_LIMIT = 4 * MIB
_MOST = 65535
_TEXT = 8 * MIB


def read_variables(document: Blob, table: Blob, budget: Budget) -> dict[str, str]:
    """Document variables by lower-case name: an SttbW of names with 4 bytes each, and then their values (StwUser)."""
    raw = table_entry(document, table, _STW_USER, budget)
    if len(raw) < 6 or raw[:2] != b"\xff\xff":
        return {}
    count, extra = struct.unpack_from("<HH", raw, 2)
    at = 6
    names: list[str] = []
    for _ in range(count):
        budget.spend(RECORD)
        text, at = _string(raw, at)
        at += extra
        names.append(text.lower())
        if at >= len(raw):
            break
    found: dict[str, str] = {}
    for name in names:
        value, at = _string(raw, at)
        found.setdefault(name, value)
    return found


def read_text(document: Blob, table: Blob, budget: Budget) -> str:
    """The main text."""
    return part_of_text(document, table, _MAIN, budget)


def read_comments(document: Blob, table: Blob, budget: Budget) -> list[str]:
    """The comments, in order."""
    return [one.rstrip("\r") for one in part_of_text(document, table, _COMMENTS, budget).split(_MARK)[1:]]


def part_of_text(document: Blob, table: Blob, number: int, budget: Budget) -> str:
    """One part of the text, piece by piece (2.9.38 Clx, 2.9.177 PlcPcd)."""
    lengths = struct.unpack("<8I", document.read(_LENGTHS, 32).ljust(32, b"\0"))
    start, size = sum(lengths[:number]), min(lengths[number], _TEXT)
    raw = table_entry(document, table, _CLX, budget) if size else b""
    at = 0
    while at + 3 <= len(raw) and raw[at] == 1:
        at += 3 + int.from_bytes(raw[at + 1 : at + 3], "little")
        budget.spend(RECORD)
    if at + 5 > len(raw) or raw[at] != 2:
        return ""
    pieces = raw[at + 5 : at + 5 + int.from_bytes(raw[at + 1 : at + 5], "little")]
    count = max(len(pieces) - 4, 0) // 12
    return "".join(_pieces(document, pieces, count, range(start, start + size), budget))


def _pieces(document: Blob, raw: bytes, count: int, wanted: range, budget: Budget) -> Iterator[str]:
    """What lies in a range of the characters of all parts."""
    room = _TEXT
    for index in range(min(count, _MOST)):
        budget.spend(RECORD)
        first, end = struct.unpack_from("<II", raw, 4 * index)
        start, end = max(first, wanted.start), min(end, wanted.stop)
        if start >= end or room <= 0:
            continue
        (place,) = struct.unpack_from("<I", raw, 4 * (count + 1) + 8 * index + 2)
        size = min(end - start, room)
        room -= size
        if place & 0x40000000:
            budget.spend(size)
            yield document.read((place & 0x3FFFFFFF) // 2 + start - first, size).decode("cp1252", "replace")
        else:
            budget.spend(2 * size)
            yield document.read(place + 2 * (start - first), 2 * size).decode("utf-16-le", "replace")


def table_entry(document: Blob, table: Blob, number: int, budget: Budget) -> bytes:
    """What an entry of the FIB's table points to (2.5.6)."""
    offset, size = struct.unpack("<II", document.read(_RG_FC_LCB + 8 * number, 8).ljust(8, b"\0"))
    size = min(size, _LIMIT)
    budget.spend(size)
    return table.read(offset, size) if size else b""


def _string(raw: bytes, at: int) -> tuple[str, int]:
    """(text, offset behind it) of a counted UTF-16 string."""
    size = 2 * int.from_bytes(raw[at : at + 2], "little")
    return raw[at + 2 : at + 2 + size].decode("utf-16-le", "replace"), at + 2 + size
