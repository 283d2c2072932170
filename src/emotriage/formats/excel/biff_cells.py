"""The cells of one macro sheet of a workbook stream: formulas, constants and results ([MS-XLS] 2.1.7.20.6).

The formulas of a macro sheet are its program; what its cells hold besides is what that program works on.
"""

import struct
from collections.abc import Iterator
from dataclasses import replace

from emotriage.formats.excel.biff_globals import BOF, EOF, Globals, scope_of
from emotriage.formats.excel.biff_numbers import Held, result_of, rk_number
from emotriage.formats.excel.biff_records import CONTINUE, TRUNCATED, ZEROS, Cursor, read_records, whole_records
from emotriage.formats.excel.cell_looks import Layout
from emotriage.formats.excel.macrosheet import MAX_CELLS, MAX_TEXT, Cell
from emotriage.formats.excel.ptg import ERRORS, UNKNOWN, Formula, decode_formula
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.limits import RECORD, Budget

_FORMULAS = (0x0006, 0x0206, 0x0406)
_SHARED, _ARRAY, _STRING = 0x04BC, 0x0221, 0x0207
_LABELSST, _LABEL, _RSTRING = 0x00FD, 0x0204, 0x00D6
_NUMBER, _RK, _MULRK, _BOOLERR = 0x0203, 0x027E, 0x00BD, 0x0205
_ROW, _BLANK, _MULBLANK, _DEFAULT_HEIGHT = 0x0208, 0x0201, 0x00BE, 0x0225
_USUAL_LOOK = 15
_WANTED = frozenset(
    {*_FORMULAS, _SHARED, _ARRAY, _STRING, _LABELSST, _LABEL, _RSTRING, _NUMBER, _RK, _MULRK, _BOOLERR}
    | {BOF, EOF, CONTINUE}
)
_WANTED_LOOKS = _WANTED | {_ROW, _BLANK, _MULBLANK, _DEFAULT_HEIGHT}


class CellReader:
    """Reads macro sheets of one workbook, which share what may be kept and the table of strings.

    Attributes:
        anomalies: what was odd in any of them.
    """

    def __init__(self, blob: Blob, found: Globals, budget: Budget) -> None:
        self.anomalies: list[Anomaly] = []
        self._blob = blob
        self._globals = found
        self._budget = budget
        self._scope = scope_of(found)
        self._cells_left = MAX_CELLS
        self._text_left = MAX_TEXT
        self._quiet = False
        self._done: dict[int, tuple[tuple[Cell, ...], Layout]] = {}
        self._layout = Layout(style=_USUAL_LOOK)
        self._styles: dict[tuple[int, int], int] = {}
        self._rows: dict[int, int] = {}
        self._heights: dict[int, float] = {}
        self._cells: list[Cell] = []
        self._strings: list[tuple[int, int]] = []  # (cell, index of its shared string)
        self._waiting: list[tuple[int, tuple[int, int]]] = []  # (cell, where its shared formula is)
        self._formulas: dict[tuple[int, int], tuple[bytes, bytes]] = {}

    def decode(self, tokens: bytes, extra: bytes, cell: tuple[int, int] = (0, 0)) -> Formula:
        """Decode a formula on the workbook's account: when that is used up, nothing is known of it."""
        if self._text_left <= 0:
            return Formula(UNKNOWN, complete=False)
        formula = decode_formula(tokens, extra, self._scope, self._budget, cell)
        self._text_left -= len(formula.text) + len(tokens)
        return formula

    def read(self, offset: int, where: str, *, data: bool = False) -> tuple[Cell, ...]:
        """The cells of the sheet whose BOF record is at `offset`; read once, however many names lead there.

        Of a sheet that only holds data, what is odd is kept to itself: that it was read at all is a help.
        """
        self._quiet = data
        if offset not in self._done:
            self._done[offset] = self._read(offset, where), self._layout
        return self._done[offset][0]

    def layout(self, offset: int) -> Layout:
        """How the cells of a macro sheet look that has been read."""
        return self._done[offset][1] if offset in self._done else Layout(style=_USUAL_LOOK)

    def _read(self, offset: int, where: str) -> tuple[Cell, ...]:
        self._styles, self._rows, self._heights = {}, {}, {}
        self._layout = Layout(self._styles, self._rows, self._heights, 12.75, _USUAL_LOOK)
        wanted = _WANTED if self._quiet else _WANTED_LOOKS
        self._cells, self._strings, self._waiting, self._formulas = [], [], [], {}
        records = whole_records(read_records(self._blob, self._budget, offset, wanted, self._globals.cipher))
        next(records, None)
        depth = 1
        for kind, at, pieces in records:
            if kind == BOF:
                if pieces[0][2:4] != b"\x20\x00":  # anything but a chart, even in an open one: the next sheet
                    self._odd("sheet-without-end", where, at, incomplete=True)
                    break
                depth += 1
            elif kind == EOF:
                depth -= 1
                if not depth:
                    break
            elif kind == TRUNCATED:
                self._odd("record-past-end", where, at, incomplete=True)
            elif kind == ZEROS:
                self._odd("zeros-between-records", where, at)
            elif depth == 1 and not self._keep(kind, at, pieces, where):
                break
        else:
            self._odd("sheet-without-end", where, incomplete=depth > 1)
        self._resolve()
        return tuple(self._cells)

    def _keep(self, kind: int, at: int, pieces: list[bytes], where: str) -> bool:
        """Take one record; False when no more may be kept."""
        if not self._cells_left or self._text_left <= 0:
            self._odd("cells-over-limit", where, at, incomplete=True)
            return False
        before = len(self._cells)
        try:
            self._record(kind, pieces)
        except (struct.error, IndexError):
            self._odd("damaged-record", f"{where}, record {kind:#06x}", at, incomplete=True)
        self._cells_left = max(self._cells_left - (len(self._cells) - before), 0)
        return True

    def _record(self, kind: int, pieces: list[bytes]) -> None:
        data = pieces[0]
        if kind in _FORMULAS:
            self._formula(data if len(pieces) == 1 else b"".join(pieces))
        elif kind == _STRING:
            if self._cells and self._cells[-1].formula:
                self._cells[-1] = self._cells[-1]._replace(value=self._text(pieces))
        elif kind in (_SHARED, _ARRAY):
            self._shared(kind, data if len(pieces) == 1 else b"".join(pieces))
        elif kind in (_ROW, _BLANK, _MULBLANK, _DEFAULT_HEIGHT):
            self._look(kind, data)
        elif kind == _MULRK:
            row, column = struct.unpack_from("<HH", data)
            for index, (number,) in enumerate(struct.iter_unpack("<xxI", data[4 : 4 + (len(data) - 6) // 6 * 6])):
                self._cells.append(Cell(row, column + index, value=rk_number(number)))
        else:
            row, column, style = struct.unpack_from("<HHH", data)
            self._style(row, column, style)
            self._cells.append(Cell(row, column, value=self._constant(kind, pieces)))

    def _style(self, row: int, column: int, style: int) -> None:
        if style != _USUAL_LOOK and not self._quiet and len(self._styles) < MAX_CELLS:
            self._styles[row, column] = style

    def _look(self, kind: int, data: bytes) -> None:
        """Looks of cells without content, looks and heights of rows ([MS-XLS] 2.4.221 and 2.4.174)."""
        if kind == _DEFAULT_HEIGHT:
            (height,) = struct.unpack_from("<H", data, 2)
            self._layout = replace(self._layout, height=(height & 0x7FFF) / 20)
        elif kind == _ROW:
            row, height, flags, style = struct.unpack_from("<H4xH4xHH", data)
            if flags & 0x40 and len(self._heights) < MAX_CELLS:
                self._heights[row] = (height & 0x7FFF) / 20
            if flags & 0x80 and len(self._rows) < MAX_CELLS:
                self._rows[row] = style & 0xFFF
        else:
            row, column = struct.unpack_from("<HH", data)
            styles = data[4:6] if kind == _BLANK else data[4 : 4 + (len(data) - 6) // 2 * 2]
            for index, (style,) in enumerate(struct.iter_unpack("<H", styles)):
                self._style(row, column + index, style)

    def _constant(self, kind: int, pieces: list[bytes]) -> Held:
        data = pieces[0]
        if kind == _NUMBER:
            return float(struct.unpack_from("<d", data, 6)[0])
        if kind == _RK:
            return rk_number(struct.unpack_from("<I", data, 6)[0])
        if kind == _BOOLERR:
            return ERRORS.get(data[6], "#ERR!") if data[7] else bool(data[6])
        if kind == _LABELSST:
            self._strings.append((len(self._cells), struct.unpack_from("<I", data, 6)[0]))
            return None
        return self._text([data[6:], *pieces[1:]])

    def _text(self, pieces: list[bytes]) -> str:
        text = Cursor(pieces, None if self._globals.biff == 8 else self._globals.codec).string() or ""
        self._text_left -= len(text)
        return text

    def _formula(self, data: bytes) -> None:
        row, column, style, result, size = struct.unpack_from("<HHH8s6xH", data)
        self._style(row, column, style)
        tokens, extra = data[22 : 22 + size], data[22 + size :]
        formula = self.decode(tokens, extra, (row, column))
        if formula.shared:
            self._waiting.append((len(self._cells), formula.shared))
        complete = formula.complete and len(tokens) == size and not formula.shared
        self._cells.append(Cell(row, column, "=" + formula.text, result_of(result), formula.functions, complete))

    def _shared(self, kind: int, data: bytes) -> None:
        row, _, column, _ = struct.unpack_from("<HHBB", data)
        at = 8 if kind == _SHARED else 12
        (size,) = struct.unpack_from("<H", data, at)
        rest = (data[at + 2 : at + 2 + size], data[at + 2 + size :])
        self._formulas[row, column] = rest
        if self._waiting:  # what says so is the cell before, wherever the range begins
            self._formulas.setdefault(self._waiting[-1][1], rest)

    def _resolve(self) -> None:
        """Put shared formulas and shared strings where they are used."""
        for index, place in self._waiting:
            cell = self._cells[index]
            rest = self._formulas.get(place)
            formula = self.decode(*rest, (cell.row, cell.column)) if rest else Formula(UNKNOWN, complete=False)
            if formula.shared:  # a shared formula that is shared itself leads nowhere
                formula = Formula(UNKNOWN, complete=False)
            self._cells[index] = cell._replace(
                formula="=" + formula.text, functions=formula.functions, complete=formula.complete
            )
        wanted = {index for _, index in self._strings}
        texts = dict(self._shared_strings(wanted))
        for cell_index, string in self._strings:
            if string in texts:
                self._cells[cell_index] = self._cells[cell_index]._replace(value=texts[string])
            else:
                self._odd("shared-string-missing", self._cells[cell_index].ref, incomplete=True)

    def _shared_strings(self, wanted: set[int]) -> Iterator[tuple[int, str]]:
        if not wanted:
            return
        cursor = Cursor(self._string_piece(*piece) for piece in self._globals.strings)
        cursor.take(8)
        for index in range(max(wanted) + 1):
            self._budget.spend(RECORD)
            text = cursor.string()
            if text is None:
                return
            if index in wanted:
                self._text_left -= len(text)
                yield index, text if self._text_left > 0 else UNKNOWN

    def _string_piece(self, offset: int, length: int) -> bytes:
        """The data of one record of the table of strings."""
        data, cipher = self._blob.read(offset, length), self._globals.cipher
        return cipher.open(CONTINUE, offset, data, self._budget) if cipher else data

    def _odd(self, code: str, where: str, at: int | None = None, *, incomplete: bool = False) -> None:
        if len(self.anomalies) < 64 and not self._quiet:
            self.anomalies.append(Anomaly(code, where, at, incomplete))
