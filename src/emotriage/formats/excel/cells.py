"""The texts of a workbook's cells, for code that looks them up: (sheet, cell) to text.

Visual Basic keeps its strings in cells: ``Sheets("Data").Range("B7")`` is ``cell_texts(...)[("data", "B7")]``.
Sheets are looked up by their casefolded names; a sheet's code name is not its name.
"""

from collections.abc import Iterable, Mapping

from emotriage.formats.cfb import read_compound_file
from emotriage.formats.excel.biff8 import read_workbook
from emotriage.formats.excel.macrosheet import Workbook
from emotriage.formats.excel.slk import read_symbolic_link
from emotriage.formats.excel.spreadsheetml import read_workbooks
from emotriage.formats.ooxml import read_package
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.limits import Budget

_STREAMS = ("workbook", "book")
_MOST_TEXT = 8 << 20


def cell_texts(blob: Blob, budget: Budget) -> Mapping[tuple[str, str], str]:
    """What the cells of a workbook show, formulas by the results that are stored with them.

    Args:
        blob: an .xls (or its bare stream), .xlsx, .xlsm, .xlsb or symbolic link file; anything else has no cells.
        budget: charged per record.

    Returns:
        Texts by (casefolded sheet name, cell such as ``B7``), in the order of the file, up to 8 MiB of them; numbers as
        Excel shows them without a format. The first workbook of a file that has several comes first.
    """
    found: dict[tuple[str, str], str] = {}
    room = _MOST_TEXT
    for workbook in _workbooks(blob, budget):
        for sheet in workbook.sheets:
            folded = sheet.name.casefold()
            for cell in sheet.cells:
                text = _shown(cell.value)
                room -= len(text)
                if room < 0:
                    return found
                if text:
                    found.setdefault((folded, cell.ref), text)
    return found


def _workbooks(blob: Blob, budget: Budget) -> Iterable[Workbook]:
    head = blob.read(0, 4)
    try:
        if head == b"\xd0\xcf\x11\xe0":
            compound = read_compound_file(blob, budget)
            streams = [one for one in compound.entries if one.kind == "stream" and one.name.lower() in _STREAMS]
            return [read_workbook(compound.open(one), budget, one.path, every=True) for one in streams]
        if head[:2] == b"PK":
            return read_workbooks(read_package(blob, budget), budget, every=True)
        if head[:1] == b"\x09":
            return [read_workbook(blob, budget, every=True)]
        return [read_symbolic_link(blob, budget)]
    except FormatError:  # whoever judges the file says so
        return ()


def _shown(value: str | float | bool | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "True" if value else "False"
    return f"{value:.15g}" if isinstance(value, float) else value
