"""What a run of macros works on: cells, formulas, names, registered functions, open files; each run has its own.

The workbook is laid out once and shared: a run keeps only what it changes.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from emotriage.emulation.xlm.code import compile_formula, constant
from emotriage.emulation.xlm.values import BLANK, GAP, Reference, Scalar, Value
from emotriage.formats.excel.cell_looks import Layout, Look
from emotriage.formats.excel.macrosheet import Workbook, column_name

Place = tuple[str, int, int]
"""Casefolded sheet, row and column."""
_MOST_TEXT = 16 << 20
_MOST_CELLS = 200_000
_SCREEN = 0.2
_LINES = str.maketrans("\t\r\n", "   ")


class Pending(NamedTuple):
    """A formula that has not been evaluated."""

    formula: str


class Layer:
    """A workbook as it lies in the file, or what a run has made of it.

    Attributes:
        cells: values, by place.
        formulas: texts, by place.
        names: the formula of each name, by its casefolded spelling.
        titles: how sheets are spelled, by their casefolded names.
        unread: casefolded names of sheets whose cells were not all read.
    """

    def __init__(self, workbook: Workbook) -> None:
        self.cells: dict[Place, Scalar] = {}
        self.formulas: dict[Place, str] = {}
        self.names: dict[str, str] = {}
        self.titles: dict[str, str] = {}
        self.unread: set[str] = set()
        self.looks: Sequence[Look] = workbook.looks
        self.layouts: dict[str, Layout] = {}
        columns: dict[tuple[str, int], list[int]] = {}
        for number, sheet in enumerate(workbook.sheets):
            folded = sheet.name.casefold() or f"\0{number}"
            self.titles.setdefault(folded, sheet.name or sheet.where)
            self.layouts.setdefault(folded, sheet.layout)
            if not sheet.read or not sheet.cells:
                self.unread.add(folded)
            for cell in sheet.cells:
                place = folded, cell.row, cell.column
                if cell.value is not None:
                    self.cells[place] = cell.value
                if cell.formula:
                    self.formulas[place] = cell.formula
                    if sheet.kind == "macrosheet":
                        columns.setdefault((folded, cell.column), []).append(cell.row)
        self.columns: Mapping[tuple[str, int], Sequence[int]] = {key: sorted(rows) for key, rows in columns.items()}
        for name in workbook.names:
            self.names.setdefault(name.name.casefold(), name.formula)

    def look(self, place: Place) -> tuple[Look, float] | None:
        """(how a cell looks, height of its row); None where looks were not read."""
        layout = self.layouts.get(place[0])
        if layout is None or not self.looks:
            return None
        number = layout.styles.get(place[1:], layout.rows.get(place[1], layout.style))
        look = self.looks[number] if number < len(self.looks) else Look()
        height = layout.heights.get(place[1], layout.height)
        # What is stored is what a screen made of the height that was set: 9.95 or 10.05 of 10.
        return look, float(round(height)) if abs(height - round(height)) < _SCREEN else height


@dataclass(slots=True)
class OpenFile:
    """A file that a macro has opened, and what it has written to it."""

    path: str
    where: str
    pieces: list[str] = field(default_factory=list)
    room: int = 1 << 20

    def write(self, text: str) -> bool:
        """Add a text; false where there is no more room."""
        self.room -= len(text) + 1
        if self.room >= 0:
            self.pieces.append(text)
        return self.room >= 0


class Memory:
    """What one run has changed, over the workbook as it lies in the file.

    Attributes:
        tainted: places and names whose values come from what was asked.
        registered: library, function and types, by the casefolded name under which a function is called.
        files: by handle.
        active: the cell that is selected.
        changes: how many there have been.
    """

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self.tainted: set[Place | str] = set()
        self.registered: dict[str, tuple[str, str, str]] = {}
        self.files: dict[int, OpenFile] = {}
        self.active: Reference | None = None
        self.changes = 0
        self._cells: dict[Place, Scalar] = {}
        self._formulas: dict[Place, str] = {}
        self._names: dict[str, Value] = {}
        self._columns: dict[tuple[str, int], list[int]] = {}
        self._room = _MOST_TEXT

    @property
    def state(self) -> tuple[object, ...]:
        """What has been made of the workbook, to be compared."""
        return self._cells, self._formulas, self._names, self.registered, self.active

    @property
    def changed(self) -> int:
        """Cells, formulas, names and pieces of files that a copy would take over."""
        pieces = sum(len(one.pieces) for one in self.files.values())
        columns = sum(map(len, self._columns.values()))
        return len(self._cells) + len(self._formulas) + len(self._names) + len(self.tainted) + pieces + columns

    def copy(self) -> "Memory":
        """The same memory, to be changed elsewhere."""
        other = Memory(self.layer)
        other.tainted = set(self.tainted)
        other.registered = dict(self.registered)
        other.files = {handle: replace(one, pieces=list(one.pieces)) for handle, one in self.files.items()}
        other.active = self.active
        other._cells = dict(self._cells)
        other._formulas = dict(self._formulas)
        other._names = dict(self._names)
        other._columns = {key: list(rows) for key, rows in self._columns.items()}
        other._room = self._room
        return other

    def value(self, place: Place) -> tuple[Scalar, bool]:
        """(what a cell holds, whether that is all there is to know of it): a formula that has not run may know more."""
        if place in self._cells:
            return self._cells[place], True
        if place in self._formulas:
            return None, False
        value = self.layer.cells.get(place)
        if place in self.layer.formulas:
            # Zero and FALSE are also what is stored with a formula that has never been evaluated.
            return value or None, isinstance(value, str) and value != ""
        if value is not None or place[0] in self.layer.unread or place[0] not in self.layer.titles:
            return value, True
        return BLANK, True

    def formula(self, place: Place) -> str:
        """The formula in a cell, or empty."""
        return self._formulas.get(place) or self.layer.formulas.get(place, "")

    def is_written(self, place: Place) -> bool:
        """True for a formula that stands nowhere in the file."""
        return place in self._formulas

    def written(self) -> Iterator[tuple[Place, str]]:
        """Formulas that stand nowhere in the file, with their places, but for mere texts and numbers."""
        return ((place, text) for place, text in self._formulas.items() if "(" in text)

    def set(self, place: Place, value: Scalar) -> bool:
        """Remember what a cell holds; false where there is no more room."""
        self.changes += 1
        if isinstance(value, str):
            self._room -= len(value)
        if self._room < 0 or len(self._cells) >= _MOST_CELLS:
            return False
        self._cells[place] = value
        return True

    def write(self, place: Place, formula: str) -> bool:
        """Put a formula into a cell; false where there is no more room."""
        self.changes += 1
        self._room -= len(formula)
        if self._room < 0 or len(self._formulas) >= _MOST_CELLS:
            return False
        self._formulas[place] = formula
        self._cells.pop(place, None)
        key = place[0], place[2]
        rows = self._columns.get(key)
        if rows is None:
            rows = self._columns[key] = list(self.layer.columns.get(key, ()))
        at = bisect_left(rows, place[1])
        if at == len(rows) or rows[at] != place[1]:
            rows.insert(at, place[1])
        return True

    def rows(self, sheet: str, column: int, start: int) -> Iterator[int]:
        """Rows of a column that hold formulas, from `start` on."""
        rows = self._columns.get((sheet, column)) or self.layer.columns.get((sheet, column), ())
        for at in range(bisect_left(rows, start), len(rows)):
            yield rows[at]

    def next_row(self, sheet: str, column: int, start: int) -> int | None:
        """The next row of a column that holds a formula, from `start` on."""
        return next(self.rows(sheet, column, start), None)

    def name(self, name: str) -> "Value | Pending":
        """What a name stands for: a value, or its formula where that has to be evaluated."""
        if name in self._names:
            return self._names[name]
        formula = self.layer.names.get(name)
        if formula is None:
            return None
        known = constant(compile_formula(formula), "")
        return known if known is not None else Pending(formula)

    def knows(self, name: str) -> bool:
        """True for a name that is defined."""
        return name in self._names or name in self.layer.names

    def set_name(self, name: str, value: Value) -> None:
        """Have a name stand for something else."""
        self.changes += 1
        self._room -= len(value) if isinstance(value, str) else 0
        if self._room >= 0 and len(self._names) < _MOST_CELLS:
            self._names[name] = value

    def spell(self, place: Place) -> str:
        """A place as people name it."""
        return f"{self.layer.titles.get(place[0], place[0])}!{column_name(place[2])}{place[1] + 1}"


def sense_of(text: str) -> bool:
    """True for a text that somebody could have meant: printable, and without gaps."""
    return GAP not in text and text.translate(_LINES).isprintable()
