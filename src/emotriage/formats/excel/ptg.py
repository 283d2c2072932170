"""Formula tokens of all versions of BIFF to the text Excel shows, and to the functions they call.

[MS-XLS] 2.2.2 and 2.5.198, [MS-XLSB] 2.5.97; BIFF2 to BIFF5 as OpenOffice describes them (see `ptg_layout`).
One pass, no recursion: operands wait on a stack as ropes, and each formula is written out once.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from emotriage.formats.excel.functions import COMMAND, USER_DEFINED, functions
from emotriage.formats.excel.macrosheet import column_name
from emotriage.formats.excel.ptg_layout import AREA, CORNER, Biff, sizes_of, skipped
from emotriage.model.limits import TOKEN, Budget

UNKNOWN = "<?>"
"""Stands in a formula's text for what could not be decoded."""

_BINARY = dict(
    zip(range(0x03, 0x12), ("+", "-", "*", "/", "^", "&", "<", "<=", "=", ">=", ">", "<>", " ", ",", ":"), strict=True)
)
ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
"""Error values by their code ([MS-XLS] 2.5.10)."""

_Rope = str | tuple["_Rope", ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """What tokens refer to.

    Attributes:
        biff: version of the records.
        names: of the workbook, from index 1 on.
        sheet: spelled prefix (``Macro1``) of an index of the EXTERNSHEET table, or of a pair of tab indices in BIFF5;
            before, twice the number of an EXTERNSHEET record.
        external: name by index of that table and index in its book.
        codec: how BIFF5 strings are encoded.
    """

    biff: Biff
    names: Sequence[str] = ()
    sheet: Callable[[int, int], str] = lambda _first, _last: "#REF"
    external: Callable[[int, int], str] = lambda _book, _name: UNKNOWN
    codec: str = "cp1252"


@dataclass(frozen=True, slots=True)
class Formula:
    """A decoded formula.

    Attributes:
        text: without an equals sign.
        functions: what it calls, in the order of evaluation.
        complete: false when tokens were damaged, unknown or left over.
        shared: (row, column) whose shared or array formula stands here, for a formula that only says so.
    """

    text: str
    functions: tuple[str, ...] = ()
    complete: bool = True
    shared: tuple[int, int] | None = None


def decode_formula(
    tokens: bytes, extra: bytes, scope: Scope, budget: Budget, cell: tuple[int, int] = (0, 0)
) -> Formula:
    """Decode one formula; never raises for what the bytes hold.

    Args:
        tokens: the rgce bytes.
        extra: the rgcb bytes behind them, where array constants are.
        scope: what names and sheets are called.
        budget: charged per token.
        cell: (row, column) it is evaluated in, from 0; relative references need it.
    """
    if scope.biff == 2 and len(tokens) == 4 and tokens[0] == 0x01:
        return Formula("", shared=struct.unpack_from("<HB", tokens, 1))
    if len(tokens) == 5 and tokens[0] == 0x01:
        if scope.biff != 12:
            return Formula("", shared=struct.unpack_from("<HH", tokens, 1))
        if len(extra) >= 4:
            return Formula("", shared=(*struct.unpack_from("<I", tokens, 1), *struct.unpack_from("<I", extra)))
    return _Decoder(tokens, extra, scope, cell).run(budget)


class _Damaged(Exception):
    """Tokens end inside an operand, or are none that can stand here."""


class _Decoder:
    def __init__(self, tokens: bytes, extra: bytes, scope: Scope, cell: tuple[int, int]) -> None:
        self._data = tokens
        self._extra = extra
        self._extra_at = 0
        self._scope = scope
        self._cell = cell
        self._sizes = sizes_of(scope.biff)
        self._silent = skipped(scope.biff)
        self._elsewhere = ""
        self._stack: list[_Rope] = []
        self._called: list[str] = []
        self._complete = True

    def run(self, budget: Budget) -> Formula:
        at = 0
        try:
            while at < len(self._data):
                budget.spend(TOKEN)
                at = self._token(self._data[at], at + 1)
            self._complete &= at == len(self._data)
        except (_Damaged, struct.error):
            self._complete = False
            self._stack.append(UNKNOWN)
        if len(self._stack) != 1:
            self._complete = False
        text = _flatten(tuple(piece for one in self._stack for piece in (one, ","))[:-1])
        budget.spend(len(text))
        return Formula(text, tuple(self._called), self._complete)

    def _token(self, token: int, at: int) -> int:
        """Take one token whose operand starts at `at`; the offset of the next one."""
        base = token if token < 0x20 else 0x20 | token & 0x1F
        if base in _BINARY:
            right, left = self._pop(), self._pop()
            self._stack.append((left, _BINARY[base], right))
            return at
        if base in (0x12, 0x13):
            self._stack.append(("+" if base == 0x12 else "-", self._pop()))
            return at
        if base == 0x14:
            self._stack.append((self._pop(), "%"))
            return at
        if base == 0x17:
            return self._string(at)
        if base == 0x19:
            return self._attribute(at)
        if base in self._silent:
            return self._skip_memory(base, at)
        if base in (0x1A, 0x1B) and self._scope.biff < 5:
            return self._turn(base, at)
        if base == 0x18 and self._scope.biff == 12:  # a column of a table, or a field of a pivot table
            self._stack.append(UNKNOWN)
            self._complete = False
            return at + (13 if self._byte(at) == 0x19 else 5)
        if base == 0x18 and self._scope.biff == 8:
            self._stack.append("#NAME?")  # a natural-language reference, which says where a label is
            return at + 5
        size = self._sizes.get(base)
        if size is None or token >= 0x80 or at + size > len(self._data):
            raise _Damaged
        self._stack.append(self._operand(base, at))
        return at + size

    def _operand(self, base: int, at: int) -> _Rope:
        """What a token of a fixed size pushes."""
        data = self._data
        if base == 0x15:
            return ("(", self._pop(), ")")
        if base == 0x16:
            return ""
        if base == 0x1C:
            return ERRORS.get(data[at], "#ERR!")
        if base == 0x1D:
            return "TRUE" if data[at] else "FALSE"
        if base == 0x1E:
            return str(struct.unpack_from("<H", data, at)[0])
        if base == 0x1F:
            return number_text(struct.unpack_from("<d", data, at)[0])
        if base == 0x20:
            return self._array()
        if base == 0x21:
            return self._fixed_call(data[at] if self._scope.biff < 4 else struct.unpack_from("<H", data, at)[0])
        if base in (0x22, 0x38):
            count, number = struct.unpack_from("<BB" if self._scope.biff < 4 else "<BH", data, at)
            number |= COMMAND if base == 0x38 else 0
            return self._call(number, count & 0x7F, prompt=bool(count & 0x80))
        if base in (0x23, 0x39):
            return self._name(base, at)
        return self._reference(base, at)

    def _string(self, at: int) -> int:
        length = self._byte(at)
        if self._scope.biff == 8:
            wide = self._byte(at + 1) & 1
            raw = self._data[at + 2 : at + 2 + (length << wide)]
            end = at + 2 + (length << wide)
            text = raw.decode("utf-16-le" if wide else "latin-1", "replace")
        elif self._scope.biff == 12:
            end = at + 2 + 2 * (length | self._byte(at + 1) << 8)
            text = self._data[at + 2 : end].decode("utf-16-le", "replace")
        else:
            end = at + 1 + length
            text = self._data[at + 1 : end].decode(self._scope.codec, "replace")
        if end > len(self._data):
            raise _Damaged
        self._stack.append(quote_text(text))
        return end

    def _attribute(self, at: int) -> int:
        kind = self._byte(at)
        short = self._scope.biff == 2
        if kind & 0x04:
            if short:
                return at + 3 + self._byte(at + 1)
            return at + 5 + 2 * int.from_bytes(self._data[at + 1 : at + 3], "little")
        if kind & 0x10:
            self._called.append("SUM")
            self._stack.append(("SUM(", self._pop(), ")"))
        return at + (2 if short else 3)

    def _turn(self, base: int, at: int) -> int:
        """The beginning and the end of what refers to another sheet, before BIFF5."""
        size = (10 if self._scope.biff > 2 else 7) if base == 0x1A else (4 if self._scope.biff > 2 else 3)
        if at + size > len(self._data):
            raise _Damaged
        (number,) = struct.unpack_from("<H", self._data, at + 4) if base == 0x1A else (0,)
        self._elsewhere = self._scope.sheet(number, number) + "!" if base == 0x1A else ""
        return at + size

    def _skip_memory(self, base: int, at: int) -> int:
        if at + self._silent[base] > len(self._data):
            raise _Damaged
        if base == 0x26 and self._scope.biff == 12 and self._extra_at + 4 <= len(self._extra):
            self._extra_at += 4 + 16 * struct.unpack_from("<I", self._extra, self._extra_at)[0]
        elif base == 0x26 and self._extra_at + 2 <= len(self._extra):
            (count,) = struct.unpack_from("<H", self._extra, self._extra_at)
            self._extra_at += 2 + count * (8 if self._scope.biff == 8 else 6)
        return at + self._silent[base]

    def _fixed_call(self, number: int) -> _Rope:
        known = functions().get(number)
        if known is None:
            self._complete = False
        return self._call(number, known.arguments if known else 0)

    def _call(self, number: int, count: int, *, prompt: bool = False) -> _Rope:
        arguments = [self._pop() for _ in range(count)][::-1]
        known = functions().get(number)
        if number & ~COMMAND == USER_DEFINED and arguments:
            name = _flatten(arguments.pop(0))
        else:
            name = known.name if known else f"FUNCTION.{number:04X}"
        self._called.append(name.upper())
        inside = tuple(piece for one in arguments for piece in (",", one))[1:]
        return (name, "?(" if prompt else "(", *inside, ")")

    def _name(self, base: int, at: int) -> str:
        if base == 0x39:
            if self._scope.biff > 5:
                layout = "<HH" if self._scope.biff == 8 else "<HI"
                return self._scope.external(*struct.unpack_from(layout, self._data, at))
            book, name = struct.unpack_from("<h8xH", self._data, at)
            return self._own_name(name) if book < 0 else self._scope.external(book, name)
        if self._elsewhere:  # a name of another file
            return self._elsewhere + UNKNOWN
        return self._own_name(struct.unpack_from("<I" if self._scope.biff == 12 else "<H", self._data, at)[0])

    def _own_name(self, index: int) -> str:
        if 1 <= index <= len(self._scope.names):
            return self._scope.names[index - 1]
        self._complete = False
        return UNKNOWN

    def _reference(self, base: int, at: int) -> str:
        """A cell or an area, of this sheet or another."""
        prefix = self._elsewhere
        if base >= 0x3A:
            prefix, at = self._sheet(at)
        if base in (0x2A, 0x2B, 0x3C, 0x3D):
            return prefix + "#REF!"
        relative = base in (0x2C, 0x2D)
        if base in (0x24, 0x2C, 0x3A):
            layout = CORNER[self._scope.biff]
            return prefix + self._corner(*struct.unpack_from(layout, self._data, at), relative=relative)
        top, bottom, left, right = struct.unpack_from(AREA[self._scope.biff], self._data, at)
        first, last = self._corner(top, left, relative=relative), self._corner(bottom, right, relative=relative)
        return f"{prefix}{first}:{last}"

    def _sheet(self, at: int) -> tuple[str, int]:
        """The prefix of a reference to another sheet, and where the reference itself starts."""
        if self._scope.biff > 5:
            (index,) = struct.unpack_from("<H", self._data, at)
            return self._scope.sheet(index, -1) + "!", at + 2
        book, first, last = struct.unpack_from("<h8xHH", self._data, at)
        return (self._scope.sheet(first, last) if book < 0 else f"[{book}]") + "!", at + 14

    def _corner(self, row: int, column: int, *, relative: bool) -> str:
        columns = 0x100
        if self._scope.biff > 5:
            row_moves, column_moves = column & 0x8000, column & 0x4000
            column &= 0x3FFF
            rows, columns = (0x10000, 0x100) if self._scope.biff == 8 else (0x100000, 0x4000)
        else:
            row_moves, column_moves = row & 0x8000, row & 0x4000
            row &= 0x3FFF
            rows = 0x4000
        if relative and row_moves:
            row = (row + self._cell[0]) % rows
        if relative and column_moves:
            column = (column + self._cell[1]) % columns
        return f"{'' if column_moves else '$'}{column_name(column)}{'' if row_moves else '$'}{row + 1}"

    def _array(self) -> _Rope:
        """An array constant, whose values wait in the extra bytes ([MS-XLS] 2.5.198.8, [MS-XLSB] 2.5.97.42)."""
        wide = self._scope.biff == 12
        if self._extra_at + (8 if wide else 3) > len(self._extra):
            self._complete = False
            return "{" + UNKNOWN + "}"
        if wide:
            columns, rows = struct.unpack_from("<II", self._extra, self._extra_at)
        else:
            columns, rows = struct.unpack_from("<BH", self._extra, self._extra_at)
            columns, rows = (columns + 1, rows + 1) if self._scope.biff == 8 else (columns or 256, rows)
        self._extra_at += 8 if wide else 3
        out: list[_Rope] = []
        for index in range(columns * rows):
            value = self._wide_array_value() if wide else self._array_value()
            if value is None:
                self._complete = False
                out.append(UNKNOWN)
                break
            out += ["" if not index else ";" if index % columns == 0 else ",", value]
        return ("{", *out, "}")

    def _array_value(self) -> str | None:
        extra, at = self._extra, self._extra_at
        if at >= len(extra):
            return None
        if extra[at] == 2:
            wide = 0
            if self._scope.biff == 8:
                if at + 4 > len(extra):
                    return None
                length, wide = struct.unpack_from("<HB", extra, at + 1)
                start, wide = at + 4, wide & 1
            else:
                length, start = extra[at + 1] if at + 1 < len(extra) else 0, at + 2
            raw = extra[start : start + (length << wide)]
            self._extra_at = start + (length << wide)
            codec = "utf-16-le" if wide else "latin-1" if self._scope.biff == 8 else self._scope.codec
            return quote_text(raw.decode(codec, "replace"))
        if at + 9 > len(extra):
            return None
        self._extra_at = at + 9
        if extra[at] == 1:
            return number_text(struct.unpack_from("<d", extra, at + 1)[0])
        if extra[at] == 4:
            return "TRUE" if extra[at + 1] else "FALSE"
        return ERRORS.get(extra[at + 1], "#ERR!") if extra[at] == 0x10 else ""

    def _wide_array_value(self) -> str | None:
        """The same of BIFF12 ([MS-XLSB] 2.5.97.43)."""
        extra, at = self._extra, self._extra_at
        kind = extra[at] if at < len(extra) else None
        size = {0: 8, 1: 2, 2: 1, 4: 4}.get(-1 if kind is None else kind)
        if size is None or at + 1 + size > len(extra):
            return None
        if kind == 1:
            start, end = at + 3, at + 3 + 2 * int.from_bytes(extra[at + 1 : at + 3], "little")
            self._extra_at = end
            return quote_text(extra[start:end].decode("utf-16-le", "replace")) if end <= len(extra) else None
        self._extra_at = at + 1 + size
        if kind == 0:
            return number_text(struct.unpack_from("<d", extra, at + 1)[0])
        return ERRORS.get(extra[at + 1], "#ERR!") if kind == 4 else "TRUE" if extra[at + 1] else "FALSE"

    def _byte(self, at: int) -> int:
        if at >= len(self._data):
            raise _Damaged
        return self._data[at]

    def _pop(self) -> _Rope:
        if self._stack:
            return self._stack.pop()
        self._complete = False
        return UNKNOWN


def quote_text(text: str) -> str:
    """A string as formulas spell it."""
    return '"' + text.replace('"', '""') + '"'


def number_text(value: float) -> str:
    """A number as formulas spell it: 15 significant digits."""
    return f"{value:.15g}".upper()


def _flatten(rope: _Rope) -> str:
    """Write a rope out, without recursion."""
    pieces: list[str] = []
    waiting: list[_Rope] = [rope]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            pieces.append(one)
        else:
            waiting.extend(reversed(one))
    return "".join(pieces)
