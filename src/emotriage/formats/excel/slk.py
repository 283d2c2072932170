"""Symbolic link spreadsheets: cells, names, and the mark of a macro sheet (Microsoft's SYLK, as Excel reads it).

A line is a record: ``C;X1;Y2;K"text";ER1C1`` is a cell, ``NN;NAuto_open;ER1C1`` a name, ``O;E`` says that the sheet
holds macros. Formulas are in R1C1 style, whole numbers count from 1, ``;;`` is a semicolon.
"""

import re
from collections.abc import Iterator

from emotriage.formats.excel.macrosheet import (
    MAX_CELLS,
    MAX_TEXT,
    Cell,
    DefinedName,
    Sheet,
    Workbook,
    called_functions,
    column_name,
)
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import RECORD, Budget

_LONGEST = 1 << 17
"""Bytes of a record that are read; Excel's formulas end long before."""
_MOST_NAMES = 65535
_REFERENCE = re.compile(
    r'"[^"]*(?:""[^"]*)*"?'
    r"|(?<![\w.])[Rr](\[-?[0-9]{1,7}\]|[0-9]{1,7})?[Cc](\[-?[0-9]{1,5}\]|[0-9]{1,5})?(?![\w.(])"
)
_ESCAPE = re.compile("\x1b(?: :|N.|[\x20-\x2f][\x30-\x3f])")


def read_symbolic_link(blob: Blob, budget: Budget) -> Workbook:
    """Read the one sheet of a symbolic link file.

    Raises:
        Malformed: no record of such a file is in it.
    """
    return _Reader(budget).read(blob)


class _Reader:
    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._cells: dict[tuple[int, int], Cell] = {}
        self._names: list[DefinedName] = []
        self._anomalies: list[Anomaly] = []
        self._macros = False
        self._row = self._column = 0
        self._room = MAX_TEXT
        self._formulas: dict[tuple[int, int], str] = {}

    def read(self, blob: Blob) -> Workbook:
        known = 0
        for line in _lines(blob, self._budget, self._anomalies):
            kind, _, rest = line.lstrip(" \t\0").partition(";")
            kind = kind.strip().upper()
            if kind in ("ID", "C", "NN", "O", "E", "F", "P", "B"):
                known += 1
            if kind == "O":
                self._macros |= any(one.upper().startswith("E") for one in _fields(rest))
            elif kind == "C" or (kind == "F" and ("X" in rest or "Y" in rest)):
                self._cell(_fields(rest), content=kind == "C")
            elif kind == "NN":
                self._name(_fields(rest))
        if not known:
            raise Malformed("no record of a symbolic link file")
        sheet = Sheet(
            "", "macrosheet" if self._macros else "worksheet", "visible", "sheet", tuple(self._cells.values())
        )
        return Workbook("", "sylk", (sheet,), tuple(self._names), anomalies=tuple(self._anomalies))

    def _cell(self, fields: list[str], *, content: bool) -> None:
        formula, value, shared = "", None, [0, 0]
        asks = False
        for field in fields:
            mark, text = field[:1].upper(), field[1:]
            if mark == "X":
                self._column = _number(text, self._column)
            elif mark == "Y":
                self._row = _number(text, self._row)
            elif mark == "K":
                value = _value(text)
            elif mark == "E":
                formula = text
            elif mark == "S":
                asks = True
            elif mark in "RC" and text.isdigit():
                shared[mark == "C"] = _number(text, 0)
        if not content:
            return
        place = self._row, self._column
        if asks and not formula:  # the formula of another cell, moved here
            formula = self._formulas.get((shared[0], shared[1]), "")
        if formula:
            self._formulas[place] = formula
        text = "=" + _in_letters(formula, *place) if formula else ""
        self._room -= len(text) + (len(value) if isinstance(value, str) else 0)
        if (len(self._cells) >= MAX_CELLS and place not in self._cells) or self._room < 0:
            self._odd("cells-over-limit", "")
            return
        if text or value is not None:
            self._cells[place] = Cell(*place, text, value, called_functions(text))

    def _name(self, fields: list[str]) -> None:
        name = formula = ""
        hidden = False
        for field in fields:
            if field[:1].upper() == "N":
                name = field[1:]
            elif field[:1].upper() == "E":
                formula = "=" + _in_letters(field[1:], 0, 0)
            elif field[:1].upper() == "H":
                hidden = True
        if name and len(self._names) < _MOST_NAMES:
            self._names.append(DefinedName(name, formula, hidden, None, called_functions(formula)))

    def _odd(self, code: str, where: str) -> None:
        if all(one.code != code for one in self._anomalies):
            self._anomalies.append(Anomaly(code, where, incomplete=True))


def _lines(blob: Blob, budget: Budget, anomalies: list[Anomaly]) -> Iterator[str]:
    """The records of a file; of one that is too long, the beginning."""
    pending = b""
    for _, window in blob.windows():
        budget.spend(len(window))
        lines = (pending + window).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        pending = lines.pop()
        if len(pending) > _LONGEST:
            lines.append(pending[: _LONGEST + 1])
            pending = b"\0"  # what is left of it is no record
        budget.spend(len(lines) * RECORD)
        for line in lines:
            if len(line) > _LONGEST and not anomalies:
                anomalies.append(Anomaly("record-too-large", "", incomplete=True))
            yield _plain(line[:_LONGEST])
    yield _plain(pending)


def _plain(line: bytes) -> str:
    text = line.decode("cp1252", "replace")
    return _ESCAPE.sub(lambda found: "\n" if found.group() == "\x1b :" else "", text) if "\x1b" in text else text


def _fields(rest: str) -> list[str]:
    """The fields of a record; a semicolon in one is written twice."""
    if ";;" not in rest:
        return rest.split(";")
    return [one.replace("\0", ";") for one in rest.replace(";;", "\0").split(";")]


def _number(text: str, default: int) -> int:
    text = text.strip()
    return int(text) - 1 if text.isascii() and text.isdigit() and 0 < len(text) < 8 else default


def _value(text: str) -> str | float | bool | None:
    plain = text.strip()
    if plain.startswith('"'):
        return plain[1:].removesuffix('"').replace('""', '"')
    if plain.upper() in ("TRUE", "FALSE"):
        return plain.upper() == "TRUE"
    try:
        return float(plain)
    except ValueError:
        return plain or None


def _in_letters(formula: str, row: int, column: int) -> str:
    """A formula with its references in A1 style, as the other formats have them."""

    def spell(found: re.Match[str]) -> str:
        if found.group()[0] == '"':
            return found.group()
        if found.group().upper() in ("R", "C"):
            return found.group()
        return _corner(found[2], column, letters=True) + _corner(found[1], row, letters=False)

    return _REFERENCE.sub(spell, formula)


def _corner(text: str | None, base: int, *, letters: bool) -> str:
    moves = text is None or text.startswith("[")
    number = base + int((text or "[0]").strip("[]")) if moves else int(text or 1) - 1
    number = max(number, 0)
    return ("" if moves else "$") + (column_name(number) if letters else str(number + 1))
