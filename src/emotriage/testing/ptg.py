"""A small compiler of Excel formulas to parsed expressions ([MS-XLS] 2.5.198)."""

import re
import struct
from collections.abc import Callable, Mapping, Sequence

from emotriage.testing.excel_functions import USER_DEFINED, functions

Node = Callable[[str], bytes]
"""Writes its tokens as a reference (R), a value (V) or an array (A)."""

_CLASS = {"R": 0x20, "V": 0x40, "A": 0x60}
_LEVELS = (("=", "<>", "<=", ">=", "<", ">"), ("&",), ("+", "-"), ("*", "/"), ("^",))
_OPERATORS = dict(zip(("+", "-", "*", "/", "^", "&", "<", "<=", "=", ">=", ">", "<>"), range(3, 15), strict=True))
_ERRORS = {"#NULL!": 0, "#DIV/0!": 7, "#VALUE!": 15, "#REF!": 23, "#NAME?": 29, "#NUM!": 36, "#N/A": 42}
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>"(?:[^"]|"")*")
  | (?P<error>\#(?:N/A|[A-Z0-9/]+[!?]))
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | (?P<sheet>(?:'(?:[^']|'')+'|[\w.]+)!)?
    (?P<cell>\$?[A-Za-z]{1,3}\$?[0-9]+(?::\$?[A-Za-z]{1,3}\$?[0-9]+)?)(?![\w.]|\((?!\)))
  | (?P<name>[^\W\d][\w.]*|_[\w.]*)
  | (?P<sign><>|<=|>=|[-+*/^&=<>%(),{}])
    )""",
    re.VERBOSE,
)
_CELL = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)([0-9]+)")


def place(cell: str) -> tuple[int, int]:
    """(row, column) of a cell such as ``B7``, both from 0.

    Raises:
        ValueError: no such cell.
    """
    found = _CELL.fullmatch(cell)
    if not found or not int(found[4]):
        raise ValueError(f"{cell!r} is no cell")
    column = 0
    for letter in found[2].upper():
        column = column * 26 + ord(letter) - 64
    return int(found[4]) - 1, column - 1


def compile_formula(
    formula: str,
    *,
    sheets: Sequence[str] = (),
    names: Sequence[str] = (),
    absolute: bool = False,
    wide: bool = False,
) -> bytes:
    """The tokens of a formula.

    Args:
        formula: with or without the "=" before it, in English, with commas between arguments.
        sheets: names of the workbook's sheets, in order, which is also that of the entries of EXTERNSHEET.
        names: the workbook's defined names, in order.
        absolute: write a name's formula: all references are absolute.
        wide: write the tokens of .xlsb workbooks.

    Raises:
        ValueError: something that is not understood, or does not fit into a cell.
    """
    found = _Parser(formula.removeprefix("="), sheets, names, absolute=absolute, wide=wide).formula()
    tokens = found("R" if absolute else "V")
    if len(tokens) > 8000 and not wide:
        raise ValueError("the formula is too long for one record")
    return tokens


class _Parser:
    def __init__(self, text: str, sheets: Sequence[str], names: Sequence[str], *, absolute: bool, wide: bool) -> None:
        self._tokens = _split(text)
        self._at = 0
        self._sheets = [one.casefold() for one in sheets]
        self._names = [one.casefold() for one in names]
        self._absolute = absolute
        self._wide = wide

    def formula(self) -> Node:
        node = self._level(0)
        if self._at < len(self._tokens):
            raise ValueError(f"{self._tokens[self._at][1]!r} is not expected in a formula")
        return node

    def _peek(self) -> str:
        kind, text = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        return text if kind == "sign" else ""

    def _take(self, sign: str) -> bool:
        if self._peek() == sign:
            self._at += 1
            return True
        return False

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise ValueError(f"{sign!r} is missing in a formula")

    def _level(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._unary()
        node = self._level(level + 1)
        while self._peek() in _LEVELS[level]:
            sign = self._peek()
            self._at += 1
            node = _binary(node, self._level(level + 1), _OPERATORS[sign])
        return node

    def _unary(self) -> Node:
        for sign, token in (("-", 0x13), ("+", 0x12)):
            if self._take(sign):
                return _after(self._unary(), bytes([token]))
        node = self._primary()
        while self._take("%"):
            node = _after(node, b"\x14")
        return node

    def _primary(self) -> Node:
        if self._take("("):
            node = self._level(0)
            self._need(")")
            return lambda wanted: node(wanted) + b"\x15"
        if self._at >= len(self._tokens):
            raise ValueError("a formula ends too early")
        kind, text = self._tokens[self._at]
        self._at += 1
        if kind == "text":
            return _constant(_text(text[1:-1].replace('""', '"'), always_wide=self._wide))
        if kind == "number":
            return _constant(_number(text))
        if kind == "error":
            return _constant(bytes([0x1C, _ERRORS[text]]))
        if kind == "cell":
            return self._call(self._reference(text)) if self._peek() == "(" else self._reference(text)
        if kind == "name":
            return self._named(text)
        raise ValueError(f"{text!r} is not expected in a formula")

    def _reference(self, text: str) -> Node:
        sheet, _, cells = text.rpartition("!")
        corners = [self._corner(one) for one in cells.split(":")]
        if sheet:
            sheet = sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
            if sheet.casefold() not in self._sheets:
                raise ValueError(f"there is no sheet {sheet!r}")
            head, base = struct.pack("<H", self._sheets.index(sheet.casefold())), 0x1A
        else:
            head, base = b"", 4
        rows, columns = zip(*corners, strict=True)
        count = len(corners)
        body = head + struct.pack(f"<{count}I{count}H" if self._wide else f"<{2 * count}H", *rows, *columns)
        token = base + (len(corners) - 1)
        return lambda wanted: bytes([token + _CLASS[wanted]]) + body

    def _corner(self, cell: str) -> tuple[int, int]:
        row, column = place(cell)
        if not self._wide and (row > 0xFFFF or column > 0xFF):
            raise ValueError(f"{cell} lies outside a sheet of Excel 97")
        found = _CELL.fullmatch(cell)
        if found and not self._absolute:
            column |= 0x4000 * (not found[1]) | 0x8000 * (not found[3])
        return row, column

    def _named(self, text: str) -> Node:
        if self._peek() == "(":
            known = functions().get(text.upper())
            if known is None:
                return self._call(self._name(text))
            arguments = self._arguments()
            if text.upper() == "IF" and len(arguments) in {2, 3}:
                return _choice(arguments)
            if known.fixed >= 0 and len(arguments) != known.fixed:
                raise ValueError(f"{text} has {known.fixed} arguments, not {len(arguments)}")
            operands = [(one, known.wants(index)) for index, one in enumerate(arguments)]
            return _function(operands, known.number, known.returns, fixed=known.fixed >= 0)
        if text.upper() in {"TRUE", "FALSE"}:
            return _constant(bytes([0x1D, text.upper() == "TRUE"]))
        return self._name(text)

    def _name(self, text: str) -> Node:
        if text.casefold() not in self._names:
            raise ValueError(f"{text!r} is neither a function nor a defined name")
        body = struct.pack("<I", self._names.index(text.casefold()) + 1)
        return lambda wanted: bytes([3 + _CLASS[wanted]]) + body

    def _call(self, target: Node) -> Node:
        operands = [(target, "R"), *((one, "R") for one in self._arguments())]
        return _function(operands, USER_DEFINED, "V", fixed=False)

    def _arguments(self) -> list[Node]:
        self._need("(")
        if self._take(")"):
            return []
        out = []
        while True:
            out.append(_constant(b"\x16") if self._peek() in {",", ")"} else self._level(0))
            if self._take(")"):
                return out
            self._need(",")


def _split(text: str) -> list[tuple[str, str]]:
    out, at, end = [], 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if not found or not found.lastgroup:
            raise ValueError(f"{text[at : at + 20]!r} is not understood in a formula")
        kind = found.lastgroup
        out.append((kind, (found["sheet"] or "") + found["cell"] if kind == "cell" else found[kind]))
        at = found.end()
    return out


def _constant(tokens: bytes) -> Node:
    return lambda _wanted: tokens


def _after(node: Node, token: bytes) -> Node:
    return lambda _wanted: node("V") + token


def _binary(left: Node, right: Node, token: int) -> Node:
    return lambda _wanted: left("V") + right("V") + bytes([token])


def _text(text: str, *, always_wide: bool = False) -> bytes:
    if always_wide:
        raw = text.encode("utf-16-le", "surrogatepass")
        return struct.pack("<BH", 0x17, len(raw) // 2) + raw
    wide = any(ord(char) > 0xFF for char in text)
    raw = text.encode("utf-16-le", "surrogatepass") if wide else text.encode("latin-1")
    count = len(raw) // 2 if wide else len(raw)
    if count > 255:
        raise ValueError("a string in a formula has at most 255 characters")
    return bytes([0x17, count, wide]) + raw


def _number(text: str) -> bytes:
    return (
        struct.pack("<BH", 0x1E, int(text))
        if text.isdigit() and int(text) < 65536
        else struct.pack("<Bd", 0x1F, float(text))
    )


def _function(operands: Sequence[tuple[Node, str]], number: int, returns: str, *, fixed: bool) -> Node:
    def write(wanted: str) -> bytes:
        kind = "R" if wanted == returns == "R" else "V"
        out = b"".join(node(inner) for node, inner in operands)
        if fixed:
            return out + struct.pack("<BH", 1 + _CLASS[kind], number)
        return out + struct.pack("<BBH", 2 + _CLASS[kind], len(operands), number)

    return write


def _choice(arguments: Sequence[Node]) -> Node:
    """IF as Excel writes it: with the jumps that spare the branch not taken."""

    def write(wanted: str) -> bytes:
        kind = wanted if wanted == "R" else "V"
        yes, *no = (one(kind) for one in arguments[1:])
        end = struct.pack("<BBH", 2 + _CLASS[kind], len(arguments), 1)
        out = arguments[0]("V") + struct.pack("<BBH", 0x19, 2, len(yes) + 4) + yes
        if no:
            return out + struct.pack("<BBH", 0x19, 8, len(no[0]) + 7) + no[0] + struct.pack("<BBH", 0x19, 8, 3) + end
        return out + struct.pack("<BBH", 0x19, 8, 3) + end

    return write


NAMES_OF_BUILT_INS: Mapping[str, int] = {
    "consolidate_area": 0,
    "auto_open": 1,
    "auto_close": 2,
    "extract": 3,
    "database": 4,
    "criteria": 5,
    "print_area": 6,
    "print_titles": 7,
    "recorder": 8,
    "data_form": 9,
    "auto_activate": 10,
    "auto_deactivate": 11,
    "sheet_title": 12,
    "_filterdatabase": 13,
}
"""Numbers of the defined names that Excel knows by itself ([MS-XLS] 2.5.114)."""
