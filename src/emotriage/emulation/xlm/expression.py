"""One Excel 4.0 formula, evaluated on a stack of its own: what it comes to, and what it calls with which arguments.

Read for its own sake, both branches of every choice are evaluated and nothing has an effect. Within a run (`machine`)
the host answers calls first, and may stop the evaluation to go on with it later.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, Protocol

from emotriage.emulation.xlm import code as op
from emotriage.emulation.xlm.functions import FUNCTIONS, character
from emotriage.emulation.xlm.lookup import LOOKUPS
from emotriage.emulation.xlm.values import GAP, LONGEST, Array, Reference, Scalar, Value, number_of, text_of
from emotriage.model.limits import TOKEN

_HUGE = 1e100
_VALUED = {"GOTO": 0, "RUN": 0, "SELECT": 0, "FORMULA.GOTO": 0, "FORMULA": 1, "FORMULA.FILL": 1, "FORMULA.ARRAY": 1}
"""How many of the first arguments are looked up, of calls whose others are only places."""


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


class Stop(NamedTuple):
    """What a host says to have an evaluation wait, or end.

    Attributes:
        reason: a word of the host's.
        value: what it needs to go on.
    """

    reason: str
    value: Value = None
    arguments: tuple[Value, ...] = ()


Command = Callable[[list[Value]], "Value | Stop"]


class Host(Protocol):
    """Who answers what a formula alone can't know."""

    @property
    def commands(self) -> Mapping[str, Command]:
        """Calls that it answers itself, by name."""

    def other(self, name: str, arguments: list[Value]) -> Value | Stop:
        """What a call comes to that nobody knows by name."""

    def unknown(self, result: Value) -> bool:
        """True when so many functions have come to nothing, or nothing printable, that the run is not worth it."""

    def decide(self, target: int, known: bool | None) -> bool:
        """Which branch is taken at a condition; the other one begins at `target`."""


class Purse(Protocol):
    """What work is charged to: a budget, or a workbook's part of one."""

    def spend(self, units: int) -> None:
        """Charge work done; raises when there is no more."""


class Surroundings:
    """What a formula can ask.

    Attributes:
        cell: value of the cell at (sheet, row, column).
        name: value of a defined name, by its casefolded name.
        sheet: casefolded name of the sheet the formula is in.
        place: (row, column) of its cell, from which relative references count.
        meter: charged for what is looked through.
    """

    __slots__ = ("cell", "meter", "name", "place", "sheet")

    def __init__(
        self,
        cell: Callable[[str, int, int], Scalar],
        name: Callable[[str], Value],
        sheet: str = "",
        place: tuple[int, int] = (0, 0),
        meter: Purse | None = None,
    ) -> None:
        self.cell = cell
        self.meter = meter
        self.name = name
        self.sheet = sheet
        self.place = place

    def spend(self, units: int) -> None:
        """Charge what is looked through."""
        if self.meter is not None:
            self.meter.spend(units)

    def scalar(self, value: Value) -> Scalar:
        """What a value comes to where a reference stands for the cell it leads to."""
        if isinstance(value, Reference):
            if value.top != value.bottom or value.left != value.right:
                return None
            return self.cell(value.sheet, value.top, value.left)
        if isinstance(value, Array):
            return value.rows[0][0] if value.rows and value.rows[0] else None
        return value


def evaluate(formula: str, around: Surroundings, budget: Purse) -> tuple[Value, list[Call]]:
    """(what a formula comes to, its calls in the order of evaluation); nothing is known of one that is too long."""
    evaluation = Evaluation(op.compile_formula(formula), around, budget)
    evaluation.run()
    return evaluation.value, evaluation.calls


class Evaluation:
    """An evaluation that can wait.

    Attributes:
        around: what the formula can ask.
        at: number of the next instruction.
        calls: so far, in order, but for functions that only compute.
    """

    __slots__ = ("_budget", "_code", "_host", "_stack", "around", "at", "calls")

    def __init__(
        self,
        code: tuple[op.Instruction, ...],
        around: Surroundings,
        budget: Purse,
        host: Host | None = None,
    ) -> None:
        self.around = around
        self.at = 0
        self.calls: list[Call] = []
        self._code = code
        self._budget = budget
        self._stack: list[Value] = []
        self._host = host
        budget.spend(len(code) * TOKEN)

    @property
    def value(self) -> Value:
        """What it has come to."""
        return self._stack[-1] if self._stack else None

    def push(self, value: Value) -> None:
        """Go on with that as what the call came to for which it waited."""
        self._stack.append(value)

    def run(self) -> Stop | None:
        """Go on to the end, or to where the host wants it to wait."""
        code, stack, around = self._code, self._stack, self.around
        cell, sheet = around.cell, around.sheet
        while self.at < len(code):
            kind, value, count = code[self.at]
            self.at += 1
            if kind == op.FETCH and isinstance(value, Reference):
                stack.append(cell(value[0] or sheet, value[1], value[2]))
            elif kind == op.CHAR and isinstance(value, op.Sum):
                row, column, operator, row2, column2 = value
                one, other = cell(sheet, row, column), cell(sheet, row2, column2)
                if (stop := self._character(operator, one, other)) is not None:
                    return stop
            elif kind == op.JOIN:
                self._join(count)
            elif kind == op.PUSH:
                stack.append(value)  # type: ignore[arg-type]  # the compiler puts nothing else there
            elif kind == op.REF:
                if isinstance(value, Reference) and value.sheet:
                    stack.append(value)
                elif isinstance(value, Reference | op.Offset):
                    stack.append(op.located(value, around.sheet, around.place))
            elif kind == op.BINARY:
                right, left = stack.pop(), stack.pop()
                self._put(self._operate(str(value), left, right))
            elif kind == op.CALL:
                stop = self._call(str(value), count)
                if stop is not None:
                    return stop
            elif kind == op.NAME:
                stack.append(around.name(str(value)))
            elif kind == op.TEST:
                if not self._decided(stack.pop(), count):
                    self.at = count
            elif kind == op.JUMP:
                self.at = count
            elif kind in (op.NEGATE, op.PERCENT):
                number = number_of(around.scalar(stack.pop()))
                stack.append(None if number is None else -number if kind == op.NEGATE else number / 100)
            elif kind == op.RANGE:
                last, first = stack.pop(), stack.pop()
                stack.append(_range(first, last))
            elif count:  # LAST
                kept = stack.pop()
                del stack[len(stack) - count + 1 :]
                stack.append(kept)
            else:
                stack.append(None)
        return None

    def copy(self, around: Surroundings, host: Host) -> "Evaluation":
        """The same evaluation, to go on elsewhere."""
        other = Evaluation(self._code, around, self._budget, host)
        other.at, other.calls, other._stack = self.at, list(self.calls), list(self._stack)
        return other

    def _decided(self, value: Value, target: int) -> bool:
        number = number_of(self.around.scalar(value))
        known = None if number is None else bool(number)
        return self._host.decide(target, known) if self._host is not None else bool(known)

    def _operate(self, operator: str, left: Value, right: Value) -> Scalar:
        two = self.around.scalar(right) if isinstance(right, tuple) else right
        one = self.around.scalar(left) if isinstance(left, tuple) else left
        self._charge((one, two))
        return _binary(operator, one, two)

    def _character(self, operator: str, one: Scalar, other: Scalar) -> Stop | None:
        """Push the character whose number two cells make."""
        known = character(_arithmetic(operator, number_of(one), number_of(other)))
        self._stack.append(known)
        if (known is None or not known.isprintable()) and self._host is not None and self._host.unknown(known):
            return Stop("give up")
        return None

    def _join(self, count: int) -> None:
        """Put so many texts together."""
        stack = self._stack
        pieces = [
            one if one.__class__ is str else text_of(self.around.scalar(one) if isinstance(one, tuple) else one)
            for one in stack[len(stack) - count :]
        ]
        del stack[len(stack) - count :]
        self._put("".join(pieces) if sum(map(len, pieces)) <= LONGEST else None)

    def _charge(self, values: Iterable[Scalar]) -> None:
        """Charge the texts that a function or an operator goes through."""
        for one in values:
            if one.__class__ is str and len(one) > 64:
                self._budget.spend(4 * len(one))

    def _put(self, value: Value) -> None:
        if isinstance(value, str):
            if len(value) > 64:
                self._budget.spend(len(value))
            if len(value) > LONGEST:
                value = None
        self._stack.append(value)

    def _call(self, name: str, count: int) -> Stop | None:
        stack = self._stack
        arguments: list[Value] = stack[len(stack) - count :] if count else []
        if count:
            del stack[len(stack) - count :]
        around = self.around
        valued = _VALUED.get(name, count)
        scalars = [
            one if not isinstance(one, tuple) else around.scalar(one) if at < valued else None
            for at, one in enumerate(arguments)
        ]
        self._charge(scalars)
        host = self._host
        if name in FUNCTIONS:
            result = FUNCTIONS[name](scalars) if scalars else None
            self._put(result)
            if host is None or (result is not None and (result.__class__ is not str or result.isprintable())):
                return None
            return Stop("give up") if host.unknown(result) else None
        if name in LOOKUPS and not (host is not None and name in host.commands):
            self._put(LOOKUPS[name](arguments, around))
            return None
        self.calls.append(Call(name, tuple(arguments), tuple([text_of(one) for one in scalars])))
        if host is not None and name in host.commands:
            found = host.commands[name](arguments)
            if isinstance(found, Stop):
                return found
            self._put(found)
            return None
        if host is not None:
            found = host.other(name, arguments)
            if isinstance(found, Stop):
                return found
            self._put(found)
            return None
        # A number by which a function is called afterwards, whatever number it is.
        stack.append(1.0 if name in ("REGISTER", "REGISTER.ID") else None)
        return None


def _range(first: Value, last: Value) -> Value:
    if not isinstance(first, Reference) or not isinstance(last, Reference):
        return None
    return Reference(
        first.sheet,
        min(first.top, last.top),
        min(first.left, last.left),
        max(first.bottom, last.bottom),
        max(first.right, last.right),
    )


def _binary(operator: str, left: Scalar, right: Scalar) -> Scalar:
    if operator in "+-*/^":
        return _arithmetic(operator, number_of(left), number_of(right))
    if left is None or right is None or GAP in (text_of(left) + text_of(right)):
        return None
    if isinstance(left, str) and isinstance(right, str) and operator in ("=", "<>"):
        return (left.casefold() == right.casefold()) is (operator == "=")
    if isinstance(left, str) and isinstance(right, str) and left and right:
        one_text, other = left.casefold(), right.casefold()
        return {"<": one_text < other, ">": one_text > other, "<=": one_text <= other}.get(operator, one_text >= other)
    if isinstance(left, str) is not isinstance(right, str) and not (left == "" or right == ""):
        return {"=": False, "<>": True}.get(operator, isinstance(right, str) is (operator[0] == "<"))
    one, two = number_of(left), number_of(right)
    if one is None or two is None or abs(one) > _HUGE or abs(two) > _HUGE:
        return None
    return {"=": one == two, "<>": one != two, "<": one < two, ">": one > two, "<=": one <= two, ">=": one >= two}[
        operator
    ]


def _arithmetic(operator: str, one: float | None, two: float | None) -> float | None:
    if one is None or two is None or not (-_HUGE <= one <= _HUGE and -_HUGE <= two <= _HUGE):
        return None
    if operator == "+":
        return one + two
    if operator == "-":
        return one - two
    if operator == "*":
        return one * two
    if operator == "/":
        return one / two if two else None
    return None if abs(two) > 64 or abs(one) > 1e4 or one < 0 or (not one and two < 0) else float(one**two)
