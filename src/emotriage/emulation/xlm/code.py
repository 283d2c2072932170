"""Formula texts as code for a stack machine: one pass over the tokens, without recursion, however deep they nest.

A1 and R1C1 references, names, texts, numbers, array constants, operators by their ranks; a text is compiled once.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from emotriage.emulation.xlm.values import Array, Reference, Scalar, Value

LONGEST_FORMULA = 1 << 16
"""Characters of a formula that is read; Excel's own limit is 8192."""

PUSH, REF, FETCH, NAME, NEGATE, PERCENT, BINARY, CALL, TEST, JUMP, LAST, RANGE, JOIN, CHAR = range(14)
"""What an instruction does: push a value, a reference, what its cell holds, or what a name stands for; change the last
value, or the last two; call with so many of them; leave the first branch of IF unless its condition holds; go on
elsewhere; keep the last; make a range of two references; join so many texts; push the character that two cells make."""

_TOKEN = re.compile(
    r"""\s+
  | (?P<simple>(CHAR)\(\$?([A-Za-z]{1,3})\$?([0-9]{1,7})([-+*/])\$?([A-Za-z]{1,3})\$?([0-9]{1,7})\))
  | (?P<text>"[^"]*(?:""[^"]*)*"?)
  | (?P<array>\{[^{}]{0,8192}\})
  | (?P<error>\#(?:REF!|N/A|NULL!|NAME\?|NUM!|VALUE!|DIV/0!))
  | (?P<sheet>(?:'(?:[^']|'')*'|\[[\w.-]{0,255}\][\w.]*|[^\W\d][\w.]*)?!)?
    (?:\$?(?P<column>[A-Za-z]{1,3})\$?(?P<row>[0-9]{1,7})
       (?::\$?(?P<column2>[A-Za-z]{1,3})\$?(?P<row2>[0-9]{1,7}))?(?![\w.(\[])
    | (?P<wide>\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}|\$?[0-9]{1,7}:\$?[0-9]{1,7})(?![\w.(])
    | (?P<relative>[Rr](?:\[-?[0-9]{1,7}\]|[0-9]{1,7})?[Cc](?:\[-?[0-9]{1,5}\]|[0-9]{1,5})?)(?![\w.(])
    | (?P<name>[^\W\d][\w.\\?]*)(?P<call>\()?)
  | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
  | (?P<sign><>|<=|>=|.)""",
    re.VERBOSE | re.DOTALL,
)
_CHOICE = re.compile(r"[Ii][Ff]\(")
_RELATIVE = re.compile(r"[Rr](\[)?(-?[0-9]+)?\]?[Cc](\[)?(-?[0-9]+)?\]?")
_ELEMENT = re.compile(r'\s*(?:("[^"]*(?:""[^"]*)*")|([^,;"]*))\s*([,;]|$)')
_RANKS: Final = {"=": 1, "<>": 1, "<": 1, ">": 1, "<=": 1, ">=": 1, "&": 2, "+": 3, "-": 3, "*": 4, "/": 4, "^": 5}
_UNARY, _UNARY_RANK = "u-", 6
_LAST_ROW, _LAST_COLUMN = (1 << 20) - 1, (1 << 14) - 1


class Offset(NamedTuple):
    """A reference in R1C1 style whose rows and columns may count from the cell it stands in."""

    sheet: str | None
    row: int
    column: int
    moves_row: bool
    moves_column: bool


class Sum(NamedTuple):
    """Two cells of the formula's sheet with an operator between them: row, column, operator, row, column."""

    row: int
    column: int
    operator: str
    row2: int
    column2: int


Instruction = tuple[int, object, int]


class _Frame:
    """A call, or a pair of parentheses, whose end has not come."""

    __slots__ = ("arguments", "function", "operators", "pending", "skips")

    def __init__(self, function: str = "") -> None:
        self.function = function
        self.arguments = 0
        self.operators: list[str] = []
        self.pending = 0  # values of the argument that is being read
        self.skips: list[int] = []  # instructions that wait for their target


def compile_formula(formula: str, *, lazy: bool = False) -> tuple[Instruction, ...]:
    """The code of a formula; with `lazy`, one branch of IF is skipped. A longer one than 64 KiB has none."""
    if len(formula) > LONGEST_FORMULA:
        return ()
    return _compiled(formula, lazy and _CHOICE.search(formula) is not None)


@lru_cache(2048)
def _compiled(formula: str, lazy: bool) -> tuple[Instruction, ...]:
    return _Compiler(lazy).run(formula)


def reference_in(text: str, sheet: str, cell: tuple[int, int] = (0, 0)) -> Reference | None:
    """The cells that a text names in A1 or R1C1 style; ``M!R5C1`` with its sheet; relative ones count from `cell`."""
    if len(text) > 600:
        return None
    token = _TOKEN.fullmatch(text.strip().removeprefix("="))
    if token is None or token["call"] is not None:
        return None
    if token["column"] or token["wide"]:
        return located(_reference(token), sheet, cell)
    return located(_relative(token), sheet, cell) if token["relative"] else None


def located(value: Reference | Offset, sheet: str, cell: tuple[int, int]) -> Reference:
    """A reference of a formula that stands in that cell of that sheet."""
    if isinstance(value, Offset):
        row = value.row + cell[0] if value.moves_row else value.row
        column = value.column + cell[1] if value.moves_column else value.column
        own = sheet if value.sheet is None else value.sheet
        return Reference(own, row, column, row, column)
    return value if value.sheet else Reference(sheet, value.top, value.left, value.bottom, value.right)


class _Compiler:
    def __init__(self, lazy: bool) -> None:
        self._lazy = lazy
        self._code: list[Instruction] = []
        self._frame = _Frame()
        self._outer: list[_Frame] = []
        self._operand_next = True

    def run(self, formula: str) -> tuple[Instruction, ...]:
        for token in _TOKEN.finditer(formula, 1 if formula.startswith("=") else 0):
            kind = token.lastgroup
            if kind == "simple":
                self._simple(token)
            elif kind == "sign":
                self._sign(token[0])
            elif kind == "call":
                sheet = token["sheet"] or ""
                self._open(_Frame((sheet + token["name"]).upper().rstrip("?").removeprefix("_XLFN.")))
            elif kind is not None:
                self._plain(token, kind)
        while self._outer:
            self._close()
        self._finish()
        return tuple(self._code)

    def _emit(self, kind: int, value: object = None, count: int = 0) -> None:
        self._code.append((kind, value, count))

    def _operand(self, kind: int, value: object) -> None:
        self._emit(kind, value)
        self._frame.pending += 1
        self._operand_next = False

    def _simple(self, token: re.Match[str]) -> None:
        """A character whose code two cells make: hidden texts are thousands of them."""
        _, _, column, row, operator, column2, row2 = token.groups()[:7]
        one, other = (int(row) - 1, column_of(column)), (int(row2) - 1, column_of(column2))
        self._code.append((CHAR, Sum(*one, operator, *other), 0))
        self._frame.pending += 1
        self._operand_next = False

    def _plain(self, token: re.Match[str], kind: str) -> None:
        if kind in ("row", "row2", "wide"):
            self._operand(REF, _reference(token))
        elif kind == "relative":
            self._operand(REF, _relative(token))
        elif kind == "text":
            self._operand(PUSH, token[0][1:].removesuffix('"').replace('""', '"'))
        elif kind == "number":
            self._operand(PUSH, float(token[0]))
        elif kind == "array":
            self._operand(PUSH, _array(token[0][1:-1]))
        elif kind == "error":
            self._operand(PUSH, None)
        else:
            name = token["name"].upper()
            known = name in ("TRUE", "FALSE") and not token["sheet"]
            self._operand(PUSH if known else NAME, name == "TRUE" if known else token["name"].casefold())

    def _open(self, frame: _Frame) -> None:
        self._outer.append(self._frame)
        self._frame = frame
        self._operand_next = True

    def _sign(self, sign: str) -> None:
        frame = self._frame
        if sign == "&" and not self._operand_next:
            self._reduce(3)
            self._fetch(-1)
            frame.operators.append(sign)
            self._operand_next = True
        elif sign == "(":
            self._open(_Frame())
        elif sign == ")":
            if self._outer:
                self._close()
        elif sign in ",;":
            self._finish()
            frame.arguments += 1
            if self._lazy and frame.function == "IF":
                self._branch(frame)
            self._operand_next = True
        elif sign == "%" and frame.pending:
            self._emit(PERCENT)
        elif sign == ":" and frame.pending and not self._operand_next:
            frame.operators.append(":")
            self._operand_next = True
        elif self._operand_next:
            if sign == "-":
                frame.operators.append(_UNARY)
            elif sign not in "+@":  # nothing that has a meaning here
                self._operand(PUSH, None)
        elif sign in _RANKS:
            self._reduce(_RANKS[sign])
            frame.operators.append(sign)
            self._operand_next = True

    def _branch(self, frame: _Frame) -> None:
        """Behind the condition of IF, and behind its first branch."""
        if frame.arguments == 1:
            frame.skips.append(len(self._code))
            self._emit(TEST)
        elif frame.arguments == 2:
            self._land(frame.skips.pop(), ahead=1)
            frame.skips.append(len(self._code))
            self._emit(JUMP)

    def _land(self, at: int, ahead: int = 0) -> None:
        kind, value, _ = self._code[at]
        self._code[at] = (kind, value, len(self._code) + ahead)

    def _close(self) -> None:
        frame = self._frame
        if frame.arguments or frame.pending or frame.operators:
            self._finish()
            frame.arguments += 1
        if frame.skips:
            if frame.arguments == 2:  # no second branch: FALSE
                self._land(frame.skips.pop(), ahead=1)
                frame.skips.append(len(self._code))
                self._emit(JUMP)
                self._emit(PUSH, value=False)
            self._land(frame.skips.pop())
        elif frame.function:
            self._emit(CALL, frame.function, frame.arguments)
        elif frame.arguments != 1:  # empty parentheses, or a union of references
            self._emit(LAST, None, frame.arguments)
        self._frame = self._outer.pop()
        self._frame.pending += 1
        self._operand_next = False

    def _finish(self) -> None:
        """The end of an argument: one value of it stays."""
        frame = self._frame
        self._reduce(0)
        if frame.pending != 1:
            if frame.pending:
                self._emit(LAST, None, frame.pending)
            else:
                self._emit(PUSH, "")
        frame.pending = 0

    def _reduce(self, rank: int) -> None:
        frame = self._frame
        while frame.operators and _rank(frame.operators[-1]) >= rank:
            operator = frame.operators.pop()
            wanted = 1 if operator == _UNARY else 2
            while operator == "&" and frame.operators and frame.operators[-1] == "&":
                frame.operators.pop()
                wanted += 1
            while frame.pending < wanted:
                self._emit(PUSH)
                frame.pending += 1
            if operator == _UNARY:
                self._emit(NEGATE)
                continue
            if operator == "&":
                self._fetch(-1)
                self._emit(JOIN, None, wanted)
                frame.pending -= wanted - 1
                continue
            if operator != ":":
                self._fetch(-1, -2)
            self._emit(RANGE if operator == ":" else BINARY, operator)
            frame.pending -= 1

    def _fetch(self, *places: int) -> None:
        """Of the operands of an operator only the values are wanted."""
        for at in places:
            kind, value, _ = self._code[at]
            if kind == REF and isinstance(value, Reference) and value.single:
                self._code[at] = (FETCH, value, 0)
            elif kind not in (PUSH, FETCH):
                return


def _rank(operator: str) -> int:
    return 7 if operator == ":" else _RANKS.get(operator, _UNARY_RANK)


def _array(text: str) -> Array:
    rows: list[list[Scalar]] = [[]]
    for one in _ELEMENT.finditer(text):
        plain = one[2]
        value: Scalar
        if one[1] is not None:
            value = one[1][1:-1].replace('""', '"')
        elif plain.strip().upper() in ("TRUE", "FALSE"):
            value = plain.strip().upper() == "TRUE"
        else:
            try:
                value = float(plain)
            except ValueError:
                value = None
        rows[-1].append(value)
        if not one[3]:
            break
        if one[3] == ";":
            rows.append([])
    return Array(tuple(tuple(row) for row in rows))


def _sheet_of(token: re.Match[str]) -> str:
    own = token["sheet"]
    return own[:-1].strip("'").replace("''", "'").casefold() if own else ""


def _reference(token: re.Match[str]) -> Reference:
    sheet = _sheet_of(token)
    if token["wide"]:
        first, _, last = token["wide"].replace("$", "").partition(":")
        if first.isdigit():
            return Reference(sheet, int(first) - 1, 0, int(last) - 1, _LAST_COLUMN)
        return Reference(sheet, 0, column_of(first), _LAST_ROW, column_of(last))
    top, left = int(token["row"]) - 1, column_of(token["column"])
    if not token["column2"]:
        return Reference(sheet, top, left, top, left)
    bottom, right = int(token["row2"]) - 1, column_of(token["column2"])
    return Reference(sheet, min(top, bottom), min(left, right), max(top, bottom), max(left, right))


def _relative(token: re.Match[str]) -> Offset:
    found = _RELATIVE.fullmatch(token["relative"])
    sheet = _sheet_of(token) or None
    if found is None:  # the other pattern has just matched
        return Offset(sheet, 0, 0, moves_row=True, moves_column=True)
    row, column = int(found[2] or 0), int(found[4] or 0)
    moves_row, moves_column = bool(found[1]) or not found[2], bool(found[3]) or not found[4]
    return Offset(sheet, row if moves_row else row - 1, column if moves_column else column - 1, moves_row, moves_column)


@lru_cache(1024)
def column_of(letters: str) -> int:
    """The column that letters name, from 0."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def constant(code: tuple[Instruction, ...], sheet: str) -> Value:
    """What code of a single instruction says without looking at anything, or None."""
    if len(code) != 1:
        return None
    kind, value, _ = code[0]
    if kind == REF and isinstance(value, Reference | Offset):
        return located(value, sheet, (0, 0))
    return value if kind == PUSH and isinstance(value, str | float | bool) else None
