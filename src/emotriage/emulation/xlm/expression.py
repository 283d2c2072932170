"""One Excel 4.0 formula, evaluated as far as constants carry it: what it calls with which arguments.

Both branches of every choice are evaluated, and nothing has an effect. Operands and calls wait on a stack of their own,
so formulas may nest as deep as they like; the work is that of their tokens and texts.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from emotriage.emulation.xlm.functions import FUNCTIONS
from emotriage.emulation.xlm.values import LONGEST, Reference, Scalar, Value, number_of, text_of
from emotriage.model.limits import TOKEN, Budget

LONGEST_FORMULA = 1 << 16
"""Characters of a formula that is evaluated; Excel's own limit is 8192."""

_TOKEN = re.compile(
    r"""\s+
  | (?P<text>"[^"]*(?:""[^"]*)*"?)
  | (?P<sheet>(?:'(?:[^']|'')*'|[^\W\d][\w.]*)!)?
    (?:\$?(?P<column>[A-Za-z]{1,3})\$?(?P<row>[0-9]{1,7})
       (?::\$?(?P<column2>[A-Za-z]{1,3})\$?(?P<row2>[0-9]{1,7}))?(?![\w.(])
    | (?P<name>[^\W\d][\w.\\?]*)(?P<call>\()?)
  | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
  | (?P<sign><>|<=|>=|.)""",
    re.VERBOSE | re.DOTALL,
)
_BINDS = {"=": 1, "<>": 1, "<": 1, ">": 1, "<=": 1, ">=": 1, "&": 2, "+": 3, "-": 3, "*": 4, "/": 4, "^": 5}
_UNARY = "u-"
_BATCH = 64  # tokens that are charged at once
_BINDS_ALL = {**_BINDS, _UNARY: 6}


class Call(NamedTuple):
    """A call in a formula.

    Attributes:
        name: in upper case, without the mark of a prompt.
        values: of its arguments.
        texts: the same as texts, with gaps where they are not known.
    """

    name: str
    values: tuple[Value, ...]
    texts: tuple[str, ...]


@dataclass(slots=True)
class Surroundings:
    """What a formula can ask.

    Attributes:
        cell: value of the cell at (sheet, row, column).
        name: value of a defined name, by its casefolded name.
        sheet: casefolded name of the sheet the formula is in.
    """

    cell: Callable[[str, int, int], Scalar]
    name: Callable[[str], Value]
    sheet: str = ""

    def scalar(self, value: Value) -> Scalar:
        """What a value comes to where a reference stands for the cell it leads to."""
        if isinstance(value, Reference):
            return self.cell(value.sheet, value.top, value.left) if value.single else None
        return value


class _Frame:
    """A call, or a pair of parentheses, whose end has not come."""

    __slots__ = ("arguments", "function", "operands", "operators")

    def __init__(self, function: str = "") -> None:
        self.function = function
        self.arguments: list[Value] = []
        self.operands: list[Value] = []
        self.operators: list[str] = []


def evaluate(formula: str, around: Surroundings, budget: Budget) -> tuple[Value, list[Call]]:
    """(what a formula comes to, its calls in the order of evaluation); nothing is known of one that is too long."""
    if len(formula) > LONGEST_FORMULA:
        return None, []
    return _Evaluation(around, budget).run(formula)


def reference_in(text: str, sheet: str) -> Reference | None:
    """The cells that a text names in A1 style, or in R1C1 style without brackets; ``M!R5C1`` with its sheet."""
    own, _, cells = text.strip().removeprefix("=").rpartition("!")
    folded = own.strip("'").replace("''", "'").casefold() if own else sheet
    if found := re.fullmatch(r"[Rr]([0-9]{1,7})[Cc]([0-9]{1,5})", cells):
        row, column = int(found[1]) - 1, int(found[2]) - 1
        return Reference(folded, row, column, row, column)
    token = _TOKEN.fullmatch(cells) if len(cells) < 64 else None
    return _reference(token, folded) if token and token["column"] else None


class _Evaluation:
    def __init__(self, around: Surroundings, budget: Budget) -> None:
        self._around = around
        self._budget = budget
        self._frame = _Frame()  # the innermost
        self._outer: list[_Frame] = []
        self._calls: list[Call] = []
        self._operand_next = True

    def run(self, formula: str) -> tuple[Value, list[Call]]:
        number = 0
        for number, token in enumerate(_TOKEN.finditer(formula, 1 if formula.startswith("=") else 0), 1):
            if not number % _BATCH:
                self._budget.spend(_BATCH * TOKEN)
            kind = token.lastgroup
            if kind == "sign":
                self._sign(token[0])
            elif kind == "call":
                self._open(_Frame(token["name"].upper().rstrip("?").removeprefix("_XLFN.")))
            elif kind is not None:
                self._frame.operands.append(self._plain(token, kind))
                self._operand_next = False
        self._budget.spend(number % _BATCH * TOKEN)
        while self._outer:
            self._close()
        return self._finish(), self._calls

    def _plain(self, token: re.Match[str], kind: str) -> Value:
        if kind in ("row", "row2"):
            return _reference(token, self._around.sheet)
        if kind == "text":
            return token[0][1:].removesuffix('"').replace('""', '"')
        if kind == "number":
            return float(token[0])
        name = token["name"].upper()
        return name == "TRUE" if name in ("TRUE", "FALSE") else self._around.name(name.casefold())

    def _open(self, frame: _Frame) -> None:
        self._outer.append(self._frame)
        self._frame = frame
        self._operand_next = True

    def _sign(self, sign: str) -> None:
        frame = self._frame
        if sign == "(":
            self._open(_Frame())
        elif sign == ")":
            if self._outer:
                self._close()
        elif sign in ",;":
            frame.arguments.append(self._finish())
            self._operand_next = True
        elif sign == "%" and frame.operands:
            number = number_of(self._around.scalar(frame.operands.pop()))
            frame.operands.append(None if number is None else number / 100)
        elif self._operand_next:
            if sign == "-":
                frame.operators.append(_UNARY)
            elif sign not in "+@":  # nothing that has a meaning here: an error value, an array
                frame.operands.append(None)
                self._operand_next = False
        elif sign in _BINDS:
            self._reduce(frame, _BINDS[sign])
            frame.operators.append(sign)
            self._operand_next = True

    def _close(self) -> None:
        frame = self._frame
        arguments = frame.arguments
        if arguments or frame.operands or frame.operators:
            arguments.append(self._finish())
        self._frame = self._outer.pop()
        value = arguments[-1] if arguments else None
        self._frame.operands.append(self._call(frame.function, arguments) if frame.function else value)
        self._operand_next = False

    def _finish(self) -> Value:
        frame = self._frame
        self._reduce(frame, 0)
        if not frame.operands:
            return ""
        value = frame.operands[-1]
        frame.operands = []
        return value

    def _reduce(self, frame: _Frame, binds: int) -> None:
        scalar, operands, operators = self._around.scalar, frame.operands, frame.operators
        while operators and _BINDS_ALL[operators[-1]] >= binds:
            operator = operators.pop()
            right = scalar(operands.pop()) if operands else None
            if operator == _UNARY:
                number = number_of(right)
                operands.append(None if number is None else -number)
                continue
            left = scalar(operands.pop()) if operands else None
            result = _binary(operator, left, right)
            if isinstance(result, str):
                self._budget.spend(len(result))
            operands.append(result)

    def _call(self, name: str, arguments: list[Value]) -> Value:
        scalars = [self._around.scalar(one) for one in arguments]
        self._calls.append(Call(name, tuple(arguments), tuple([text_of(one) for one in scalars])))
        if name in FUNCTIONS:
            result = FUNCTIONS[name](scalars) if scalars else None
            if isinstance(result, str):
                self._budget.spend(len(result))
                result = result if len(result) <= LONGEST else None
            return result
        return self._lookup(name, arguments, scalars)

    def _lookup(self, name: str, arguments: list[Value], scalars: list[Scalar]) -> Value:
        """Functions that choose among their arguments, or lead to cells."""
        numbers = [number_of(one) for one in scalars[1:3]]
        steps = [int(one) for one in numbers if one is not None and abs(one) < 1 << 24]
        first = arguments[0] if arguments else None
        if name in ("REGISTER", "REGISTER.ID"):
            return 1.0  # some number, by which the function is called afterwards
        if name == "IF" and len(arguments) > 1:
            condition = number_of(scalars[0])
            other = arguments[2] if len(arguments) > 2 else False
            return None if condition is None else arguments[1] if condition else other
        if name == "CHOOSE" and scalars:
            number = number_of(scalars[0])
            return arguments[int(number)] if number is not None and 0 < number < len(arguments) else None
        if name in ("INDIRECT", "TEXTREF") and scalars and isinstance(scalars[0], str):
            return reference_in(scalars[0], self._around.sheet)
        if not isinstance(first, Reference) or len(steps) != len(numbers):
            return scalars[0] if name in ("DEREF", "EVALUATE", "PROPER") and isinstance(first, Reference) else None
        if name == "OFFSET" and len(steps) == 2:
            row, column = first.top + steps[0], first.left + steps[1]
            return Reference(first.sheet, row, column, row, column)
        if name == "INDEX" and steps:
            row, column = first.top + steps[0] - 1, first.left + (steps[1] - 1 if len(steps) > 1 else 0)
            if len(steps) == 1 and first.top == first.bottom:
                row, column = first.top, first.left + steps[0] - 1
            return Reference(first.sheet, row, column, row, column)
        return scalars[0] if name == "DEREF" else None


def _binary(operator: str, left: Scalar, right: Scalar) -> Scalar:
    if operator == "&":
        text = text_of(left) + text_of(right)
        return text if len(text) <= LONGEST else None
    if operator in ("=", "<>") and isinstance(left, str) and isinstance(right, str):
        return (left.casefold() == right.casefold()) is (operator == "=")
    one, two = number_of(left), number_of(right)
    if one is None or two is None or abs(one) > 1e100 or abs(two) > 1e100:
        return None
    if operator in "+-*":
        return one + two if operator == "+" else one - two if operator == "-" else one * two
    if operator == "/":
        return one / two if two else None
    if operator == "^":
        return None if abs(two) > 64 or abs(one) > 1e4 or one < 0 or (not one and two < 0) else float(one**two)
    return {"=": one == two, "<>": one != two, "<": one < two, ">": one > two, "<=": one <= two, ">=": one >= two}[
        operator
    ]


def _reference(token: re.Match[str], sheet: str) -> Reference:
    own, column, row, column2, row2 = token.group("sheet", "column", "row", "column2", "row2")
    if own:
        sheet = own[:-1].strip("'").replace("''", "'").casefold()
    top, left = int(row) - 1, _column(column)
    if not column2:
        return Reference(sheet, top, left, top, left)
    return Reference(sheet, top, left, int(row2) - 1, _column(column2))


@lru_cache(1024)
def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1
