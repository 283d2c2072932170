"""Cells of worksheets for macros to read: of .xlsx and .xlsb packages and of .xls streams."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from emotriage.formats.excel.biff12 import read_binary_workbook
from emotriage.formats.excel.biff_cells import CellReader
from emotriage.formats.excel.biff_crypt import DEFAULT_PASSWORD
from emotriage.formats.excel.biff_globals import BOF, EOF, Globals, Listed, read_globals
from emotriage.formats.excel.biff_objects import SheetObjects, read_objects
from emotriage.formats.excel.biff_records import Cursor, read_records
from emotriage.formats.excel.macrosheet import Cell
from emotriage.formats.excel.macrosheet_binary import BinarySheetReader
from emotriage.formats.excel.ptg import Scope
from emotriage.formats.excel.sheet_values import Values, read_shared_texts, read_values
from emotriage.formats.ooxml import Package, Part
from emotriage.formats.xml import iter_events
from emotriage.model.blob import Blob
from emotriage.model.limits import RECORD, Budget

_SHEETS = 1024
_CODE_NAME = 0x01BA
_NAMED = frozenset({BOF, EOF, _CODE_NAME})


class ListedSheet(NamedTuple):
    """A sheet of a package's workbook: its name, the name of its module, and its part."""

    name: str
    code_name: str
    part: Part


def list_sheets(package: Package, main: Part, budget: Budget) -> list[ListedSheet]:
    """The sheets of a workbook, in the order of their tabs.

    Raises:
        FormatError: a part can't be read.
    """
    relations = {one.id: one for one in reversed(package.relations(main.name))}
    found: list[ListedSheet] = []
    for name, link in _tabs(package, main, budget):
        budget.spend(RECORD)
        relation = relations.get(link)
        part = package.part(relation.target) if relation is not None and not relation.external else None
        if part is not None and len(found) < _SHEETS:
            found.append(ListedSheet(name, "" if _is_binary(part) else _code_name(package, part, budget), part))
    return found


def _tabs(package: Package, main: Part, budget: Budget) -> Iterator[tuple[str, str]]:
    """(name, relationship) of each sheet."""
    if _is_binary(main):
        for one in read_binary_workbook(package.stream(main, budget), budget, main.name).sheets:
            yield one.name, one.relationship
        return
    for event in iter_events(package.stream(main, budget), budget, starts=(), ends={"sheet"}):
        yield event.element.attributes.get("name", ""), event.element.attributes.get("r:id", "")


def _is_binary(part: Part) -> bool:
    return part.name.lower().endswith(".bin")


def _code_name(package: Package, part: Part, budget: Budget) -> str:
    """What the module of a sheet is called: said before its first row."""
    for event in iter_events(package.stream(part, budget), budget, starts={"sheetPr", "sheetData"}, ends=()):
        return event.element.attributes.get("codeName", "")
    return ""


class PackageCells:
    """Reads the cells of a workbook's sheets, which share one table of strings."""

    def __init__(self, package: Package, main: Part, budget: Budget) -> None:
        """`main` is the workbook itself."""
        self._package = package
        self._strings = package.related(main.name, "sharedStrings")
        self._budget = budget
        self._texts: list[str] | None = None

    def read(self, part: Part) -> Values:
        """The values of one sheet.

        Raises:
            FormatError: the part can't be read.
        """
        if _is_binary(part):
            reader = BinarySheetReader(self._package, self._strings, Scope(12), self._budget)
            return by_place(reader.read(part, data=True))
        if self._texts is None:
            first = self._strings[:1]
            self._texts = [text for one in first for text in read_shared_texts(self._package, one, self._budget)]
        return read_values(self._package, part, self._texts, self._budget)


def by_place(cells: Sequence[Cell]) -> Values:
    """Values by (row, column) from 1."""
    return {(one.row + 1, one.column + 1): one.value for one in cells if one.value is not None}


class StreamBook:
    """Reads the sheets of a workbook stream, which share one table of strings.

    Attributes:
        sheets: those that can be read; none of an encrypted workbook.
    """

    def __init__(self, stream: Blob, budget: Budget) -> None:
        """`stream` is the workbook; one that is encrypted with Excel's own password is opened.

        Raises:
            FormatError: no workbook stream.
        """
        self._stream = stream
        self._budget = budget
        self._globals = read_globals(stream, budget, (DEFAULT_PASSWORD,))
        self._cells = CellReader(stream, self._globals, budget)
        known = () if self._globals.encrypted else self._globals.sheets[:_SHEETS]
        self.sheets = tuple(one for one in known if one.position)

    def code_name(self, one: Listed) -> str:
        """What the module of a sheet is called."""
        return _stream_code_name(self._stream, self._globals, one.position, self._budget)

    def cells(self, one: Listed) -> Values:
        """The values of a sheet."""
        return by_place(self._cells.read(one.position, one.name, data=True))

    def objects(self, one: Listed) -> SheetObjects:
        """The comments and shapes of a sheet."""
        return read_objects(self._stream, self._globals, one.position, self._budget)


def _stream_code_name(stream: Blob, found: Globals, position: int, budget: Budget) -> str:
    """What the module of a sheet is called: a record near its end ([MS-XLS] 2.4.51)."""
    depth = 0
    for kind, _, data in read_records(stream, budget, position, _NAMED, found.cipher):
        if kind == BOF:
            depth += 1
        elif kind == EOF:
            depth -= 1
            if depth <= 0:
                break
        elif kind == _CODE_NAME and depth == 1:
            return Cursor([data], None if found.biff == 8 else found.codec).string() or ""
    return ""
