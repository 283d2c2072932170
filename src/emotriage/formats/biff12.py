"""The binary parts of .xlsb workbooks: sheets and defined names of workbook.bin ([MS-XLSB] 2.1.4, 2.4.313, 2.4.710).

Formulas are not decoded; whether a macro sheet has any is known.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from emotriage.formats.macrosheet import DefinedName, SheetState
from emotriage.model.anomaly import Anomaly
from emotriage.model.limits import RECORD, Budget

BEGIN_BOOK = b"\x83\x01"
"""How workbook.bin begins."""
TRUNCATED, OVERSIZE = -1, -2
"""Kinds of the events for a part that ends inside a record, and for a wanted record that is too large to be kept."""

_BUNDLE_SHEET, _NAME = 156, 39
_FORMULAS = frozenset({8, 9, 10, 11, 426, 427})
_STATES: tuple[SheetState, ...] = ("visible", "hidden", "very-hidden")
_MOST_BYTES = 1 << 20
_MOST = 65535


@dataclass(frozen=True, slots=True)
class BundledSheet:
    """A BrtBundleSh record: name and state of a sheet, and the relationship that leads to its part."""

    name: str
    state: SheetState
    relationship: str


@dataclass(slots=True)
class BinaryWorkbook:
    """What workbook.bin says."""

    sheets: list[BundledSheet]
    names: list[DefinedName]
    anomalies: list[Anomaly]


def read_records(chunks: Iterable[bytes], budget: Budget, wanted: frozenset[int]) -> Iterator[tuple[int, bytes]]:
    """(kind, data) of the wanted records of a part, and `TRUNCATED` or `OVERSIZE` where it applies."""
    pending, skip = b"", 0
    for chunk in chunks:
        if skip >= len(chunk):
            skip -= len(chunk)
            continue
        pending, skip = pending + chunk[skip:], 0
        at = seen = 0
        while (head := _head(pending, at)) is not None:
            kind, start, length = head
            end = start + length
            if kind in wanted and length <= _MOST_BYTES:
                if end > len(pending):
                    break
                yield kind, pending[start:end]
            elif kind in wanted:
                yield OVERSIZE, b""
            seen += 1
            at = end
            if at > len(pending):
                skip, at = at - len(pending), len(pending)
        pending = pending[at:]
        budget.spend(RECORD * seen)
    if pending or skip:
        yield TRUNCATED, b""


def read_binary_workbook(chunks: Iterable[bytes], budget: Budget, where: str) -> BinaryWorkbook:
    """Read workbook.bin; `where` names it in anomalies."""
    found = BinaryWorkbook([], [], [])
    for kind, data in read_records(chunks, budget, frozenset({_BUNDLE_SHEET, _NAME})):
        if kind < 0:
            code = "record-past-end" if kind == TRUNCATED else "record-too-large"
            found.anomalies.append(Anomaly(code, where, incomplete=True))
            continue
        try:
            if kind == _BUNDLE_SHEET and len(found.sheets) < _MOST:
                state, _ = struct.unpack_from("<II", data)
                relationship, at = _string(data, 8)
                found.sheets.append(BundledSheet(_string(data, at)[0], _state(state), relationship))
            elif kind == _NAME and len(found.names) < _MOST:
                flags, sheet = struct.unpack_from("<IxI", data)
                found.names.append(
                    DefinedName(_string(data, 9)[0], "", bool(flags & 1), None if sheet >= _MOST else sheet)
                )
        except struct.error:
            found.anomalies.append(Anomaly("damaged-record", f"{where}, record {kind}", incomplete=True))
    return found


def has_formulas(chunks: Iterable[bytes], budget: Budget) -> bool:
    """True when a sheet's part holds a formula, or ends before one can be sure that it does not."""
    return any(True for _ in read_records(chunks, budget, _FORMULAS))


def _head(data: bytes, at: int) -> tuple[int, int, int] | None:
    """(kind, offset of the data, length) of the record at `at`; None where it is not all there.

    A kind has at most two bytes and a length at most four, seven bits each, so neither can go on for ever.
    """
    kind = length = 0
    for shift in (0, 7):
        if at >= len(data):
            return None
        kind |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            break
    for shift in (0, 7, 14, 21):
        if at >= len(data):
            return None
        length |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            break
    return kind, at, length


def _string(data: bytes, at: int) -> tuple[str, int]:
    """A counted UTF-16 string, which can be null, and the offset behind it ([MS-XLSB] 2.5.168 and 2.5.166)."""
    (count,) = struct.unpack_from("<I", data, at)
    if count == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * count
    if end > len(data):
        raise struct.error("string past the end of its record")
    return data[at + 4 : end].decode("utf-16-le", "replace"), end


def _state(value: int) -> SheetState:
    return _STATES[value] if value < len(_STATES) else "unknown"
