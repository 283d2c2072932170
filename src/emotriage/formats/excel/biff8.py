"""Workbook streams up to Excel 2003: sheets, defined names and macro sheets ([MS-XLS], BIFF8 and BIFF5; `biff_old`).

The list of sheets says what Excel opens, each sheet's own BOF record what it holds; either of them makes a macro
sheet. Worksheets are not looked into, but for those that the macros take their texts from.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from emotriage.formats.excel.biff_cells import CellReader
from emotriage.formats.excel.biff_crypt import DEFAULT_PASSWORD
from emotriage.formats.excel.biff_globals import BOF, OLD_BOFS, Globals, Listed, read_bof, read_globals
from emotriage.formats.excel.biff_looks import read_looks
from emotriage.formats.excel.biff_old import read_old_workbook
from emotriage.formats.excel.biff_records import read_records
from emotriage.formats.excel.macrosheet import (
    DefinedName,
    Sheet,
    SheetKind,
    SheetState,
    Workbook,
    asks_for_looks,
    referenced_sheets,
)
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.limits import RECORD, Budget

_LISTED_KINDS: dict[int, SheetKind] = {0: "worksheet", 1: "macrosheet", 2: "chart", 6: "module"}
_BOF_KINDS: dict[int, SheetKind] = {0x06: "module", 0x10: "worksheet", 0x20: "chart", 0x40: "macrosheet"}
_STATES: tuple[SheetState, ...] = ("visible", "hidden", "very-hidden", "unknown")
_MACRO_BOF = re.compile(rb"\x09\x08....\x40\x00", re.DOTALL)
_OLD_VERSIONS = {one: one for one in OLD_BOFS.values()}
_MOST_STRAYS = 256
_MOST_ANOMALIES = 64


def read_workbook(
    blob: Blob,
    budget: Budget,
    where: str = "Workbook",
    passwords: Sequence[str] = (DEFAULT_PASSWORD,),
    *,
    every: bool = False,
) -> Workbook:
    """Read what the list of sheets leads to.

    Args:
        blob: the stream.
        budget: charged per record and token.
        where: what the stream is called.
        passwords: tried in order when it is encrypted.
        every: read all worksheets, whether or not macros take their texts from them.

    Raises:
        Malformed: no workbook stream.
        Unsupported: a version nobody knows.
    """
    first = read_bof(blob, 0)
    if first is not None and first[0] in _OLD_VERSIONS:
        return read_old_workbook(blob, budget, _OLD_VERSIONS[first[0]], where, passwords)
    found = read_globals(blob, budget, passwords)
    cells = CellReader(blob, found, budget)
    anomalies = found.anomalies
    if found.type != 5:  # a stream that is one sheet
        sheets = [_sheet_at(blob, Listed(0, 0, -1, ""), cells, anomalies, encrypted=False)]
    else:
        sheets = []
        for listed in found.sheets:
            budget.spend(RECORD)
            sheets.append(_sheet_at(blob, listed, cells, anomalies, encrypted=found.encrypted))
    names = tuple(_defined_name(found, index, cells) for index in range(len(found.labels)))
    wanted = referenced_sheets(sheets, names)
    for index, sheet in enumerate(sheets):
        asked = every or sheet.name.casefold() in wanted
        if sheet.kind == "worksheet" and asked and not found.encrypted and index < len(found.sheets):
            sheets[index] = replace(sheet, cells=cells.read(found.sheets[index].position, sheet.name, data=True))
    return Workbook(
        where,
        "biff8" if found.biff == 8 else "biff5",
        tuple(sheets),
        names,
        found.encrypted,
        found.cipher.password if found.cipher else None,
        found.scheme,
        read_looks(blob, found, budget) if asks_for_looks(sheets) else (),
        tuple((anomalies + cells.anomalies)[:_MOST_ANOMALIES]),
    )


def read_stray_sheets(
    blob: Blob, budget: Budget, where: str = "Workbook", passwords: Sequence[str] = (DEFAULT_PASSWORD,)
) -> tuple[Sheet, ...]:
    """Macro sheets that lie in the stream although the list of sheets does not lead there.

    Walks every record, so it costs more than `read_workbook` when worksheets are large. Excel never gets there by
    itself, so where the walk ends early (the stream is cut, or garbage follows) nothing that runs is missed.

    Raises:
        Malformed, Unsupported: as `read_workbook`.
    """
    first = read_bof(blob, 0)
    if (first is not None and first[0] in _OLD_VERSIONS) or not _may_have_macrosheets(blob, budget):
        return ()
    found = read_globals(blob, budget, passwords)
    listed = {one.position for one in found.sheets}
    cells = CellReader(blob, found, budget)
    strays: list[Sheet] = []
    for kind, at, data in read_records(blob, budget, 0, frozenset({BOF})):
        if kind == BOF and data[2:4] == b"\x40\x00" and at and at not in listed:
            content = () if found.encrypted else cells.read(at, where)
            strays.append(Sheet("", "macrosheet", "unknown", where, content, listed=False, read=not found.encrypted))
            if len(strays) == _MOST_STRAYS:
                break
    return tuple(strays)


def _may_have_macrosheets(blob: Blob, budget: Budget) -> bool:
    """False when nothing behind the stream's start looks like the BOF record of a macro sheet."""
    for _, window in blob.windows(start=1, overlap=7):
        budget.spend(len(window))
        if _MACRO_BOF.search(window):
            return True
    return False


def _sheet_at(blob: Blob, listed: Listed, cells: CellReader, anomalies: list[Anomaly], *, encrypted: bool) -> Sheet:
    """The sheet a BOUNDSHEET record leads to."""
    claimed = _LISTED_KINDS.get(listed.type, "unknown")
    bof = read_bof(blob, listed.position)
    actual = _BOF_KINDS.get(bof[1], "unknown") if bof else "unknown"
    name = listed.name
    if bof is None and claimed != "module":
        anomalies.append(Anomaly("sheet-not-there", name, listed.position, incomplete=True))
    elif "macrosheet" in (claimed, actual) and claimed != actual and not encrypted and listed.type >= 0:
        anomalies.append(Anomaly("sheet-type-differs", name, listed.position))
    kind: SheetKind = "macrosheet" if "macrosheet" in (claimed, actual) else actual if bof else claimed
    state: SheetState = "unknown" if encrypted else _STATES[listed.state & 3]
    if kind != "macrosheet" or bof is None or encrypted:
        return Sheet(name, kind, state, read=kind != "macrosheet")
    content = cells.read(listed.position, name)
    return Sheet(name, kind, state, cells=content, layout=cells.layout(listed.position))


def _defined_name(found: Globals, index: int, cells: CellReader) -> DefinedName:
    label = found.labels[index]
    formula = cells.decode(label.tokens, label.extra)
    if label.tokens and not formula.complete:
        cells.anomalies.append(Anomaly("damaged-name", label.name, incomplete=True))
    return DefinedName(
        label.name,
        "=" + formula.text if label.tokens else "",
        label.hidden,
        label.sheet - 1 if label.sheet else None,
        formula.functions,
    )
