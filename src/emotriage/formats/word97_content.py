"""What a Word 97-2003 document holds for its macros to read: document variables and text ([MS-DOC] 2.4.1, 2.9.282)."""

import struct
from collections.abc import Iterator

from emotriage.model.blob import Blob
from emotriage.model.limits import MIB, RECORD, Budget

_RG_FC_LCB = 154
_CLX, _STW_USER = 33, 60
_LIMIT = 4 * MIB
_MOST = 65535
_TEXT = 8 * MIB


def read_variables(document: Blob, table: Blob, budget: Budget) -> dict[str, str]:
    """Document variables by lower-case name: an SttbW of names with 4 bytes each, and then their values (StwUser)."""
    raw = _entry(document, table, _STW_USER, budget)
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
    """The main text, piece by piece (2.9.38 Clx, 2.9.177 PlcPcd)."""
    raw = _entry(document, table, _CLX, budget)
    at = 0
    while at + 3 <= len(raw) and raw[at] == 1:
        at += 3 + int.from_bytes(raw[at + 1 : at + 3], "little")
        budget.spend(RECORD)
    if at + 5 > len(raw) or raw[at] != 2:
        return ""
    pieces = raw[at + 5 : at + 5 + int.from_bytes(raw[at + 1 : at + 5], "little")]
    count = max(len(pieces) - 4, 0) // 12
    total = int.from_bytes(document.read(76, 4), "little")
    return "".join(_pieces(document, pieces, count, min(total, _TEXT), budget))


def _pieces(document: Blob, raw: bytes, count: int, total: int, budget: Budget) -> Iterator[str]:
    for index in range(min(count, _MOST)):
        budget.spend(RECORD)
        start, end = struct.unpack_from("<II", raw, 4 * index)
        end = min(end, total)
        if start >= end:
            continue
        (place,) = struct.unpack_from("<I", raw, 4 * (count + 1) + 8 * index + 2)
        size = end - start
        if place & 0x40000000:
            budget.spend(size)
            yield document.read((place & 0x3FFFFFFF) // 2, size).decode("cp1252", "replace")
        else:
            budget.spend(2 * size)
            yield document.read(place, 2 * size).decode("utf-16-le", "replace")


def _entry(document: Blob, table: Blob, number: int, budget: Budget) -> bytes:
    """What an entry of the FIB's table points to (2.5.6)."""
    offset, size = struct.unpack("<II", document.read(_RG_FC_LCB + 8 * number, 8).ljust(8, b"\0"))
    size = min(size, _LIMIT)
    budget.spend(size)
    return table.read(offset, size) if size else b""


def _string(raw: bytes, at: int) -> tuple[str, int]:
    """(text, offset behind it) of a counted UTF-16 string."""
    size = 2 * int.from_bytes(raw[at : at + 2], "little")
    return raw[at + 2 : at + 2 + size].decode("utf-16-le", "replace"), at + 2 + size
