"""Calls under way in the JScript machine: where each is, its values, and the arms that are run because nobody knows."""

from collections.abc import Generator
from typing import Any, NamedTuple

from emotriage.emulation.jscript.code import Code
from emotriage.emulation.jscript.modern import Spread
from emotriage.emulation.jscript.values import Value
from emotriage.emulation.vba.values import Thing

_DIVERTED = 8
"""Times that a jump out of an undecided arm is put off, at one place of one call."""


class Thrown(Exception):
    """A value that the script throws.

    Attributes:
        value: it.
    """

    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


class Scope:
    """Variables, and where to look for others.

    Attributes:
        variables: by name.
        outer: the scope around.
        thing: object of the host whose members are in reach as well, for ``with``.
    """

    __slots__ = ("outer", "thing", "variables")

    def __init__(self, variables: dict[str, Any], outer: "Scope | None", thing: Thing | None = None) -> None:
        self.variables = variables
        self.outer = outer
        self.thing = thing

    def home(self, name: str) -> dict[str, Any] | None:
        """The variables among which a name is."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.variables:
                return scope.variables
            scope = scope.outer
        return None

    def things(self) -> Thing | None:
        """The innermost object of the host whose members are in reach."""
        scope: Scope | None = self
        while scope is not None and scope.thing is None:
            scope = scope.outer
        return scope.thing if scope is not None else None


class Arm(NamedTuple):
    """Instructions that are run although nobody knows whether they would be.

    Attributes:
        start: the first.
        stop: the one behind the last; there the other arm begins.
        depth: values on the stack when it began.
        guards: handlers when it began.
    """

    start: int
    stop: int
    depth: int
    guards: int


class Frame:
    """One call, or one text that is run.

    Attributes:
        code: what is run; `ops` is that as the machine wants it.
        at: number of the next instruction.
        stack: values of expressions under way.
        scope: variables in reach.
        this: the object it is called on.
        made: the object that ``new`` makes, or None.
        handlers: (instruction to go to, doubts so far, values on the stack) of each open ``try``.
        arms: undecided arms, innermost last.
        slots: what loops over keys and ``switch`` keep.
        turns: passes of each loop.
        tries: of each loop, passes in a row that did nothing new, and what had been done by then.
        diverted: how often the jump at each place was put off.
        last: the value of the last statement.
        answer: a value that may have been returned.
        waiting: of a native function that calls back, its generator; there is no code then.
    """

    __slots__ = (
        "answer", "arms", "at", "code", "diverted", "handlers", "last", "made", "ops", "scope", "slots", "stack",
        "this", "tries", "turns", "waiting",
    )  # fmt: skip

    def __init__(self, code: Code, ops: list[Any], scope: Scope, this: Value) -> None:
        self.code = code
        self.ops = ops
        self.scope = scope
        self.this = this
        self.at = 0
        self.stack: list[Any] = []
        self.made: Any = None
        self.handlers: list[tuple[int, int, int]] = []
        self.arms: list[Arm] = []
        self.slots: dict[int, Any] = {}
        self.turns: dict[int, int] = {}
        self.tries: dict[int, tuple[int, int, int]] = {}
        self.diverted: dict[int, int] = {}
        self.last: Any = None
        self.answer: Any = None
        self.waiting: Generator[Any, Any, Any] | None = None

    def take(self, count: int) -> list[Any]:
        """The last values of the stack, in order."""
        if not count:
            return []
        taken = self.stack[-count:]
        del self.stack[-count:]
        if any(type(one) is Spread for one in taken):
            return [value for one in taken for value in (one.items if type(one) is Spread else (one,))]
        return taken

    def jump(self, target: int | None, *, sparing: bool = False) -> None:
        """Go on elsewhere; out of an undecided arm, only after the other arm has been run too.

        Args:
            target: the instruction; None goes nowhere.
            sparing: put off only so often, since it may end a loop.
        """
        if target is None:
            return
        if not (self.arms and self.spared(target, sparing=sparing)):
            self.at = target

    def spared(self, target: int, *, sparing: bool) -> bool:
        """True when an undecided arm was left, and its other side is run first."""
        here = self.at - 1
        while self.arms:
            arm = self.arms[-1]
            if not arm.start <= here < arm.stop:
                self.arms.pop()
                continue
            if arm.start <= target < arm.stop:
                return False
            if sparing:
                self.diverted[here] = self.diverted.get(here, 0) + 1
                if self.diverted[here] > _DIVERTED:
                    self.arms.clear()
                    return False
            self.arms.pop()
            self.at = arm.stop
            del self.stack[arm.depth :], self.handlers[arm.guards :]
            return True
        return False
