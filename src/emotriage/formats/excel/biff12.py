"""The binary parts of .xlsb workbooks: sheets and defined names of workbook.bin ([MS-XLSB] 2.1.4, 2.4.313, 2.4.710)."""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from emotriage.formats.excel.macrosheet import DefinedName, SheetState, quote_sheet
from emotriage.formats.excel.ptg import UNKNOWN, Scope, decode_formula
from emotriage.model.anomaly import Anomaly
from emotriage.model.limits import RECORD, Budget

BEGIN_BOOK = b"\x83\x01"
"""How workbook.bin begins."""
TRUNCATED, OVERSIZE = -1, -2
"""Kinds of the events for a part that ends inside a record, and for a wanted record that is too large to be kept."""

_BUNDLE_SHEET, _NAME, _EXTERN_SHEET = 156, 39, 362
_OWN_BOOKS, _OTHER_BOOKS = (357, 358), (355, 667)
_WANTED = frozenset({_BUNDLE_SHEET, _NAME, _EXTERN_SHEET, *_OWN_BOOKS, *_OTHER_BOOKS})
_STATES: tuple[SheetState, ...] = ("visible", "hidden", "very-hidden")
_MOST_BYTES = 1 << 20
_MOST = 65535
_MOST_ANOMALIES = 64


@dataclass(frozen=True, slots=True)
class BundledSheet:
    """A BrtBundleSh record: name and state of a sheet, and the relationship that leads to its part."""

    name: str
    state: SheetState
    relationship: str


@dataclass(slots=True)
class BinaryWorkbook:
    """What workbook.bin says.

    Attributes:
        sheets: in the order of their tabs.
        names: in the order of the part.
        anomalies: departures from the specification.
        scope: what formulas refer to.
    """

    sheets: list[BundledSheet]
    names: list[DefinedName]
    anomalies: list[Anomaly]
    scope: Scope


@dataclass(frozen=True, slots=True)
class _Label:
    """A BrtName record whose formula is not decoded yet."""

    name: str
    hidden: bool
    sheet: int | None
    tokens: bytes
    extra: bytes


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
    labels: list[_Label] = []
    own: list[str] = []
    books: list[bool] = []
    links: list[tuple[int, int, int]] = []
    sheets: list[BundledSheet] = []
    found = BinaryWorkbook(sheets, [], [], _scope(sheets, own, books, links))
    for kind, data in read_records(chunks, budget, _WANTED):
        if kind < 0:
            code = "record-past-end" if kind == TRUNCATED else "record-too-large"
            found.anomalies.append(Anomaly(code, where, incomplete=True))
            continue
        try:
            if kind == _BUNDLE_SHEET and len(found.sheets) < _MOST:
                state, _ = struct.unpack_from("<II", data)
                relationship, at = wide_string(data, 8)
                found.sheets.append(BundledSheet(wide_string(data, at)[0], _state(state), relationship))
            elif kind == _NAME and len(labels) < _MOST:
                flags, sheet = struct.unpack_from("<IxI", data)
                name, at = wide_string(data, 9)
                own.append(name)
                labels.append(
                    _Label(name, bool(flags & 1), None if sheet >= _MOST else sheet, *parsed_formula(data, at))
                )
            elif kind == _EXTERN_SHEET:
                (count,) = struct.unpack_from("<I", data)
                links += struct.iter_unpack("<Iii", data[4 : 4 + 12 * min(count, (len(data) - 4) // 12, _MOST)])
            elif kind in _OWN_BOOKS + _OTHER_BOOKS and len(books) < _MOST:
                books.append(kind in _OWN_BOOKS)
        except struct.error:
            found.anomalies.append(Anomaly("damaged-record", f"{where}, record {kind}", incomplete=True))
    for label in labels:
        formula = decode_formula(label.tokens, label.extra, found.scope, budget)
        text = "=" + formula.text if label.tokens else ""
        if label.tokens and not formula.complete:
            found.anomalies.append(Anomaly("damaged-name", label.name, incomplete=True))
        found.names.append(DefinedName(label.name, text, label.hidden, label.sheet, formula.functions))
    del found.anomalies[_MOST_ANOMALIES:]
    return found


def parsed_formula(data: bytes, at: int) -> tuple[bytes, bytes]:
    """(tokens, extra bytes) of a counted formula at an offset ([MS-XLSB] 2.5.97.1 and 2.5.97.2)."""
    (size,) = struct.unpack_from("<I", data, at)
    tokens = data[at + 4 : at + 4 + size]
    if len(tokens) < size:
        raise struct.error("formula past the end of its record")
    at += 4 + size
    count = int.from_bytes(data[at : at + 4], "little")
    return tokens, data[at + 4 : at + 4 + count]


def _scope(sheets: list[BundledSheet], own: list[str], books: list[bool], links: list[tuple[int, int, int]]) -> Scope:
    """What formula tokens refer to, once the lists are filled."""

    def tab(index: int) -> str:
        return quote_sheet(sheets[index].name) if 0 <= index < len(sheets) else "#REF"

    def is_own(link: int) -> bool:
        return link < len(links) and links[link][0] < len(books) and books[links[link][0]]

    def sheet(link: int, _last: int) -> str:
        if not is_own(link):
            return f"[{links[link][0]}]" if link < len(links) else UNKNOWN
        _, first, last = links[link]
        return tab(first) if first == last else f"{tab(first)}:{tab(last)}"

    def external(link: int, name: int) -> str:
        return own[name - 1] if is_own(link) and 1 <= name <= len(own) else UNKNOWN

    return Scope(12, own, sheet, external)


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


def wide_string(data: bytes, at: int) -> tuple[str, int]:
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
