"""The cells of macro sheets in .xlsb packages, with the shared strings they use ([MS-XLSB] 2.1.7.61, 2.4, 2.5.97)."""

import struct
from dataclasses import replace

from emotriage.formats.excel.biff12 import TRUNCATED, parsed_formula, read_records, wide_string
from emotriage.formats.excel.biff_numbers import rk_number
from emotriage.formats.excel.cell_looks import Layout
from emotriage.formats.excel.macrosheet import MAX_CELLS, MAX_TEXT, Cell
from emotriage.formats.excel.ptg import ERRORS, UNKNOWN, Formula, Scope, decode_formula
from emotriage.formats.ooxml import Package, Part
from emotriage.model.anomaly import Anomaly
from emotriage.model.errors import FormatError
from emotriage.model.limits import Budget

_EMPTY, _DEFAULTS = 1, 485
_ROW, _RK, _ERROR, _BOOL, _REAL, _TEXT, _SHARED_TEXT = 0, 2, 3, 4, 5, 6, 7
_FORMULAS = (8, 9, 10, 11)  # whose result is a text, a number, a truth, an error
_ARRAY, _SHARED, _STRING = 426, 427, 19
_CONSTANTS = frozenset({_RK, _ERROR, _BOOL, _REAL, _TEXT, _SHARED_TEXT})
_WANTED = frozenset({_ROW, _EMPTY, _DEFAULTS, *_CONSTANTS, *_FORMULAS, _ARRAY, _SHARED})
_MOST_ROWS = 1 << 20
_Value = str | float | bool | None


class BinarySheetReader:
    """Reads macro sheets of one workbook, which share what may be kept and the table of strings.

    Attributes:
        anomalies: what was odd in any of them.
        layout: how the cells of the sheet look that was read last.
    """

    def __init__(self, package: Package, strings: tuple[Part, ...], scope: Scope, budget: Budget) -> None:
        """`strings` are the workbook's parts of shared strings, `scope` is what its formulas refer to."""
        self.anomalies: list[Anomaly] = []
        self.layout = Layout()
        self._package = package
        self._parts = strings
        self._scope = scope
        self._budget = budget
        self._cells_left = MAX_CELLS
        self._text_left = MAX_TEXT
        self._cells: list[Cell] = []
        self._strings: list[tuple[int, int]] = []  # (cell, index of its shared string)
        self._waiting: list[tuple[int, tuple[int, int]]] = []  # (cell, where its shared formula is)
        self._formulas: dict[tuple[int, int], tuple[bytes, bytes]] = {}
        self._row = 0
        self._quiet = False
        self._styles: dict[tuple[int, int], int] = {}
        self._row_styles: dict[int, int] = {}
        self._heights: dict[int, float] = {}

    def read(self, part: Part, *, data: bool = False) -> tuple[Cell, ...]:
        """The cells of a macro sheet; of a worksheet, which is only asked for `data`, what is odd is kept to itself.

        Raises:
            FormatError: the part can't be unpacked at all.
        """
        self._cells, self._strings, self._waiting, self._formulas, self._row = [], [], [], {}, 0
        self._quiet = data
        self._styles, self._row_styles, self._heights = {}, {}, {}
        self.layout = Layout(self._styles, self._row_styles, self._heights)
        stream = self._package.stream(part, self._budget, self.anomalies)
        for kind, body in read_records(stream, self._budget, _WANTED):
            if kind < 0:
                self._odd("record-past-end" if kind == TRUNCATED else "record-too-large", part.name)
                continue
            if len(self._cells) >= self._cells_left or self._text_left <= 0:
                self._odd("cells-over-limit", part.name)
                break
            try:
                self._take(kind, body)
            except (struct.error, IndexError):
                self._odd("damaged-record", f"{part.name}, record {kind}")
        self._cells_left -= len(self._cells)
        self._resolve()
        return tuple(self._cells)

    def _take(self, kind: int, data: bytes) -> None:
        if kind == _ROW:
            (row,) = struct.unpack_from("<I", data)
            self._row = min(row, _MOST_ROWS)
            self._row_looks(data)
            return
        if kind == _DEFAULTS:
            (height,) = struct.unpack_from("<H", data, 6)
            self.layout = replace(self.layout, height=height / 20)
            return
        if kind in (_ARRAY, _SHARED):
            top, _, left, _ = struct.unpack_from("<4I", data)
            rest = parsed_formula(data, 16 if kind == _SHARED else 17)
            self._formulas[top, left] = rest
            if self._waiting:  # what says so is the cell before, wherever the range begins
                self._formulas.setdefault(self._waiting[-1][1], rest)
            return
        column, style = struct.unpack_from("<II", data)
        column &= 0x3FFF
        if style & 0xFFFF and len(self._styles) < MAX_CELLS:
            self._styles[self._row, column] = style & 0xFFFF
        if kind == _EMPTY:
            return
        if kind == _SHARED_TEXT:
            self._strings.append((len(self._cells), struct.unpack_from("<I", data, 8)[0]))
            self._cells.append(Cell(self._row, column))
            return
        value, at = self._value(kind, data)
        if kind in _CONSTANTS:
            self._cells.append(Cell(self._row, column, value=value))
            return
        formula = self._decode(*parsed_formula(data, at + 2), (self._row, column))
        if formula.shared:
            self._waiting.append((len(self._cells), formula.shared))
        complete = formula.complete and not formula.shared
        self._cells.append(Cell(self._row, column, "=" + formula.text, value, formula.functions, complete))

    def _row_looks(self, data: bytes) -> None:
        """Height in twentieths of a point and look of a row ([MS-XLSB] 2.4.741)."""
        style, height, flags = struct.unpack_from("<IHxB", data, 4)
        if flags & 0x20 and len(self._heights) < MAX_CELLS:
            self._heights[self._row] = height / 20
        if flags & 0x40 and len(self._row_styles) < MAX_CELLS:
            self._row_styles[self._row] = style

    def _value(self, kind: int, data: bytes) -> tuple[_Value, int]:
        """(what a cell holds or its formula came to, offset behind it)."""
        if kind == _RK:
            return rk_number(struct.unpack_from("<I", data, 8)[0]), 12
        if kind in (_REAL, 9):
            return float(struct.unpack_from("<d", data, 8)[0]), 16
        if kind in (_BOOL, 10):
            return bool(data[8]), 9
        if kind in (_ERROR, 11):
            return ERRORS.get(data[8], "#ERR!"), 9
        text, at = wide_string(data, 8)
        self._text_left -= len(text)
        return text, at

    def _decode(self, tokens: bytes, extra: bytes, cell: tuple[int, int]) -> Formula:
        formula = decode_formula(tokens, extra, self._scope, self._budget, cell)
        self._text_left -= len(formula.text) + len(tokens)
        return formula

    def _resolve(self) -> None:
        """Put shared formulas and shared strings where they are used."""
        for index, place in self._waiting:
            cell = self._cells[index]
            rest = self._formulas.get(place) if self._text_left > 0 else None
            formula = self._decode(*rest, (cell.row, cell.column)) if rest else Formula(UNKNOWN, complete=False)
            if formula.shared:  # a shared formula that is shared itself leads nowhere
                formula = Formula(UNKNOWN, complete=False)
            self._cells[index] = cell._replace(
                formula="=" + formula.text, functions=formula.functions, complete=formula.complete
            )
        texts = self._shared_strings({string for _, string in self._strings})
        for index, string in self._strings:
            if string in texts:
                self._cells[index] = self._cells[index]._replace(value=texts[string])
            else:
                self._odd("shared-string-missing", self._cells[index].ref)

    def _shared_strings(self, wanted: set[int]) -> dict[int, str]:
        found: dict[int, str] = {}
        if not wanted or not self._parts:
            return found
        try:
            stream = self._package.stream(self._parts[0], self._budget, self.anomalies)
            for index, (kind, data) in enumerate(read_records(stream, self._budget, frozenset({_STRING}))):
                if kind < 0 or index > max(wanted) or self._text_left <= 0:
                    break
                if index in wanted:
                    found[index] = wide_string(data, 1)[0]
                    self._text_left -= len(found[index])
        except (FormatError, struct.error):
            self._odd("unread-part", "shared strings")
        return found

    def _odd(self, code: str, where: str) -> None:
        if len(self.anomalies) < 64 and not self._quiet:
            self.anomalies.append(Anomaly(code, where, incomplete=True))
