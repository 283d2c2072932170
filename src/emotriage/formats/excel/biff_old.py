"""Workbooks of Excel 2, 3 and 4: one sheet a stream, or the sheets of an Excel 4 workbook one behind the other.

BIFF2 to BIFF4 after OpenOffice's description of the file format, sections 4 and 5. A sheet has its own names and links.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from emotriage.formats.excel.biff_crypt import Cipher, open_cipher, scheme_of
from emotriage.formats.excel.biff_globals import BUILT_IN_NAMES, EOF, OLD_BOFS, codec_name, dde_of
from emotriage.formats.excel.biff_numbers import Held, result_of, rk_number
from emotriage.formats.excel.biff_records import CONTINUE, TRUNCATED, ZEROS, read_records, whole_records
from emotriage.formats.excel.macrosheet import MAX_CELLS, MAX_TEXT, Cell, DefinedName, Sheet, SheetKind, Workbook
from emotriage.formats.excel.ptg import ERRORS, UNKNOWN, Formula, Scope, decode_formula
from emotriage.formats.excel.ptg_layout import Biff
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget

_FILEPASS, _CODEPAGE, _EXTERNSHEET, _SHEET_HEADER = 0x002F, 0x0042, 0x0017, 0x008F
_FORMULAS = (0x0006, 0x0206, 0x0406)
_INTEGER, _NUMBERS, _LABELS, _BOOLERRS, _RK = 0x0002, (0x0003, 0x0203), (0x0004, 0x0204), (0x0005, 0x0205), 0x027E
_STRINGS, _ARRAYS, _NAMES = (0x0007, 0x0207), (0x0020, 0x0221), (0x0018, 0x0218)
_CELLS = frozenset({*_FORMULAS, _INTEGER, *_NUMBERS, *_LABELS, *_BOOLERRS, _RK})
_WANTED = frozenset(
    {*OLD_BOFS, *_CELLS, *_STRINGS, *_ARRAYS, *_NAMES}
    | {EOF, CONTINUE, _FILEPASS, _CODEPAGE, _EXTERNSHEET, _SHEET_HEADER}
)
_KINDS: dict[int, SheetKind] = {0x10: "worksheet", 0x20: "chart", 0x40: "macrosheet"}
_WORKSPACE = 0x100
_MOST_SHEETS = 4096
_MOST_ANOMALIES = 64
_MOST = 65535


@dataclass(slots=True)
class _Draft:
    """A sheet as its records give it: formulas are still tokens, since names may follow them."""

    kind: SheetKind
    name: str = ""
    cells: list[tuple[int, int, Held]] = field(default_factory=list)
    formulas: list[tuple[int, bytes, bytes]] = field(default_factory=list)  # (cell, tokens, what is behind them)
    arrays: dict[tuple[int, int], tuple[bytes, bytes]] = field(default_factory=dict)
    names: list[tuple[str, bool, bytes, bytes]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)


def read_old_workbook(
    blob: Blob, budget: Budget, version: Biff, where: str = "stream", passwords: Sequence[str] = ()
) -> Workbook:
    """Read a stream that begins with a BOF record of Excel 2 to 4.

    Args:
        blob: the stream.
        budget: charged per record and token.
        version: as that record says.
        where: what the stream is called.
        passwords: tried in order when it is encrypted.
    """
    return _Reader(blob, budget, version, where).read(passwords)


class _Reader:
    def __init__(self, blob: Blob, budget: Budget, version: Biff, where: str) -> None:
        self._blob = blob
        self._budget = budget
        self._biff = version
        self._where = where
        self._codec = "cp1252"
        self._anomalies: list[Anomaly] = []
        self._drafts: list[_Draft] = []
        self._cells_left = MAX_CELLS
        self._text_left = MAX_TEXT
        self._encrypted = False

    def read(self, passwords: Sequence[str]) -> Workbook:
        scheme, cipher = self._lock(passwords)
        self._walk(cipher)
        sheets: list[Sheet] = []
        names: list[DefinedName] = []
        for number, draft in enumerate(self._drafts):
            scope = Scope(self._biff, [one[0] for one in draft.names], _prefixes(draft.links), codec=self._codec)
            macros = draft.kind == "macrosheet"
            cells = () if self._encrypted else self._finished(draft, scope)
            where = draft.name or self._where
            sheets.append(Sheet(draft.name, draft.kind, "visible", where, cells, read=not (macros and self._encrypted)))
            names += [self._named(one, scope, number) for one in draft.names]
        return Workbook(
            self._where,
            "biff2-4",
            tuple(sheets),
            tuple(names[:_MOST]),
            self._encrypted,
            cipher.password if cipher else None,
            scheme,
            anomalies=tuple(self._anomalies[:_MOST_ANOMALIES]),
        )

    def _lock(self, passwords: Sequence[str]) -> tuple[str, Cipher | None]:
        """(how the records are encrypted, what opens them)."""
        for kind, _, data in read_records(self._blob, self._budget, 0, frozenset({EOF, _FILEPASS, *_CELLS})):
            if kind != _FILEPASS:
                break
            cipher = open_cipher(data, passwords, self._budget)
            self._encrypted = cipher is None
            return scheme_of(data), cipher
        return "", None

    def _walk(self, cipher: Cipher | None) -> None:
        """Take the records, sheet by sheet."""
        draft: _Draft | None = None
        title, ended, several = "", False, False
        for kind, at, pieces in whole_records(read_records(self._blob, self._budget, 0, _WANTED, cipher)):
            data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
            if kind in OLD_BOFS:
                sort = int.from_bytes(data[2:4], "little")
                several |= sort == _WORKSPACE
                ended = False
                if sort == _WORKSPACE or len(self._drafts) >= _MOST_SHEETS:
                    draft = None
                else:
                    draft = _Draft(_KINDS.get(sort, "unknown"), title)
                    self._drafts.append(draft)
                title = ""
            elif kind == EOF:
                ended = True
                if not several:
                    break
            elif kind == _SHEET_HEADER:
                title = data[5 : 5 + data[4]].decode(self._codec, "replace") if len(data) > 4 else ""
            elif kind == _CODEPAGE and len(data) >= 2:
                self._codec = codec_name(struct.unpack_from("<H", data)[0])
            elif kind == ZEROS:
                if not ended:
                    self._odd("zeros-between-records", at)
            elif kind == TRUNCATED:
                if not ended:
                    self._odd("record-past-end", at, incomplete=True)
            elif draft is not None and not self._encrypted and not self._keep(draft, kind, at, data):
                break
        if not ended:
            self._odd("sheet-without-end", 0, incomplete=True)

    def _keep(self, draft: _Draft, kind: int, at: int, data: bytes) -> bool:
        """Take one record of a sheet; False when no more may be kept."""
        if self._cells_left <= 0 or self._text_left <= 0:
            self._odd("cells-over-limit", at, incomplete=True)
            return False
        before = len(draft.cells)
        try:
            self._record(draft, kind, data)
        except (struct.error, IndexError):
            self._odd("damaged-record", at, incomplete=True)
        self._cells_left -= len(draft.cells) - before
        self._text_left -= len(data)
        return True

    def _record(self, draft: _Draft, kind: int, data: bytes) -> None:
        if kind in _CELLS:
            self._cell(draft, kind, data)
        elif kind in _STRINGS:
            if draft.cells and draft.formulas and draft.formulas[-1][0] == len(draft.cells) - 1:
                row, column, _ = draft.cells[-1]
                draft.cells[-1] = row, column, self._text(data, 0, short=kind == _STRINGS[0])
        elif kind in _ARRAYS:
            short = kind == _ARRAYS[0]
            row, column = struct.unpack_from("<HxxB", data)
            size, start = (data[7], 8) if short else (struct.unpack_from("<H", data, 8)[0], 10)
            draft.arrays[row, column] = data[start : start + size], data[start + size :]
        elif kind in _NAMES:
            self._name(draft, data, short=kind == _NAMES[0])
        elif kind == _EXTERNSHEET and len(draft.links) < _MOST:
            path = data[1 : 1 + data[0]].decode(self._codec, "replace")
            draft.links.append(path)
            if dde_of(path):
                self._odd("link-to-program", 0, incomplete=True)

    def _cell(self, draft: _Draft, kind: int, data: bytes) -> None:
        row, column = struct.unpack_from("<HH", data)
        at = 7 if kind < 0x0200 and self._biff == 2 else 6  # three bytes of looks, or the number of one
        held: Held = None
        if kind in _FORMULAS:
            held = result_of(data[at : at + 8])
            if self._biff == 2:
                size, start = data[at + 9], at + 10
            else:
                size, start = struct.unpack_from("<H", data, at + 10)[0], at + 12
            if len(data) < start + size:
                raise IndexError
            draft.formulas.append((len(draft.cells), data[start : start + size], data[start + size :]))
        elif kind == _INTEGER:
            held = float(struct.unpack_from("<H", data, at)[0])
        elif kind in _NUMBERS:
            held = float(struct.unpack_from("<d", data, at)[0])
        elif kind == _RK:
            held = rk_number(struct.unpack_from("<I", data, at)[0])
        elif kind in _BOOLERRS:
            held = ERRORS.get(data[at], "#ERR!") if data[at + 1] else bool(data[at])
        else:
            held = self._text(data, at, short=kind == _LABELS[0])
        draft.cells.append((row, column, held))

    def _text(self, data: bytes, at: int, *, short: bool) -> str:
        """A text whose count is a byte in BIFF2, and two behind it."""
        size, start = (data[at], at + 1) if short else (struct.unpack_from("<H", data, at)[0], at + 2)
        return data[start : start + size].decode(self._codec, "replace")

    def _name(self, draft: _Draft, data: bytes, *, short: bool) -> None:
        if len(draft.names) >= _MOST:
            return
        if short:
            flags, length, size, at = 0, data[3], data[4], 5
        else:
            flags, length, size = struct.unpack_from("<HxBH", data)
            at = 6
        name = data[at : at + length].decode(self._codec, "replace")
        if name and (flags & 0x20 or (len(name) == 1 and name < " ")):
            number = ord(name[0])
            name = "_xlnm." + (BUILT_IN_NAMES[number] if number < len(BUILT_IN_NAMES) else name)
        at += length
        draft.names.append((name, bool(flags & 1), data[at : at + size], data[at + size :]))

    def _named(self, one: tuple[str, bool, bytes, bytes], scope: Scope, sheet: int) -> DefinedName:
        name, hidden, tokens, extra = one
        formula = decode_formula(tokens, extra, scope, self._budget)
        if tokens and not formula.complete:
            self._odd("damaged-name", 0, incomplete=True)
        return DefinedName(name, "=" + formula.text if tokens else "", hidden, sheet, formula.functions)

    def _finished(self, draft: _Draft, scope: Scope) -> tuple[Cell, ...]:
        """The cells of a sheet, with their formulas as text."""
        cells = [Cell(row, column, value=held) for row, column, held in draft.cells]
        for index, tokens, extra in draft.formulas:
            place = cells[index][:2]
            formula = decode_formula(tokens, extra, scope, self._budget, place) if self._text_left > 0 else None
            if formula is not None and formula.shared:
                rest = draft.arrays.get(formula.shared)
                formula = decode_formula(*rest, scope, self._budget, place) if rest else None
            if formula is None or formula.shared:
                formula = Formula(UNKNOWN, complete=False)
            self._text_left -= len(formula.text)
            cells[index] = cells[index]._replace(
                formula="=" + formula.text, functions=formula.functions, complete=formula.complete
            )
        return tuple(cells)

    def _odd(self, code: str, at: int, *, incomplete: bool = False) -> None:
        if len(self._anomalies) < _MOST_ANOMALIES:
            self._anomalies.append(Anomaly(code, self._where, at, incomplete))


def _prefixes(links: Sequence[str]) -> Callable[[int, int], str]:
    """How references to other sheets are spelled, by the number of an EXTERNSHEET record."""

    def prefix(number: int, _: int) -> str:
        path = links[number - 1] if 1 <= number <= len(links) else ""
        plain = "".join(char for char in path if char >= " ")
        return "'" + plain.replace("'", "''") + "'" if plain else "#REF"

    return prefix
