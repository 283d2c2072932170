"""What the formulas of running macros read: cells, whether or not their formulas have run, and what names stand for."""

from collections.abc import Callable

from emotriage.emulation.xlm.code import compile_formula, reference_in
from emotriage.emulation.xlm.expression import Evaluation, Surroundings
from emotriage.emulation.xlm.frames import Steps
from emotriage.emulation.xlm.memory import Memory, Pending, Place
from emotriage.emulation.xlm.meter import Meter
from emotriage.emulation.xlm.values import Array, Reference, Scalar, Value

_DEEPEST = 24
"""Formulas that wait for each other's values, where they have not run."""


class Reads:
    """Reads the memory of one run, and evaluates for their own sake formulas that have not run."""

    def __init__(self, memory: Memory, meter: Meter, steps: Steps, taint: Callable[[], None]) -> None:
        """`taint` is called when what is read depends on something that was asked."""
        self._memory = memory
        self._meter = meter
        self._steps = steps
        self._taint = taint
        self._depth = 0
        self._changes = 0
        self._known: dict[Place, Scalar] = {}

    def around(self, sheet: str, cell: tuple[int, int] = (0, 0)) -> Surroundings:
        """What a formula in that cell can ask."""
        return Surroundings(self.cell, lambda name: self.name(name, sheet), sheet, cell, self._meter)

    def cell(self, sheet: str, row: int, column: int) -> Scalar:
        """What a cell holds."""
        place = sheet, row, column
        memory = self._memory
        if memory.tainted and place in memory.tainted:
            self._taint()
        value, final = memory.value(place)
        if final:
            return value
        if self._changes != memory.changes:
            self._changes = memory.changes
            self._known.clear()
        if place not in self._known:
            self._known[place] = None  # for those that wait for themselves
            formula = memory.formula(place)
            around = self.around(sheet, (row, column))
            self._known[place] = around.scalar(self._computed(formula, around)) if formula else None
        computed = self._known[place]
        return value if computed is None else computed

    def name(self, name: str, sheet: str = "") -> Value:
        """What a name stands for."""
        if name in self._memory.tainted:
            self._taint()
        found = self._memory.name(name)
        return self._computed(found.formula, self.around(sheet)) if isinstance(found, Pending) else found

    def scalar(self, value: Value) -> Scalar:
        """What a value comes to, references followed."""
        if isinstance(value, Reference):
            return self.cell(value.sheet, value.top, value.left) if value.single else None
        if isinstance(value, Array):
            return value.rows[0][0] if value.rows and value.rows[0] else None
        return value

    def target(self, value: Value, place: Place) -> Reference | None:
        """The cell that a reference, a text or a name means to a formula at a place."""
        if isinstance(value, Reference):
            return value
        if not isinstance(value, str) or not value:
            return None
        plain = value.strip().removeprefix("=")
        for name in (plain, plain.rpartition("!")[2]):
            if self._memory.knows(name.casefold()):
                found = self.name(name.casefold(), place[0])
                return found if isinstance(found, Reference) else None
        return reference_in(plain, place[0], place[1:])

    def _computed(self, formula: str, around: Surroundings) -> Value:
        """What a formula comes to that has not run; the deepest of many that wait for each other are not known."""
        if self._depth >= _DEEPEST or not self._steps.left:
            return None
        self._depth += 1
        self._steps.left -= 1
        evaluation = Evaluation(compile_formula(formula), around, self._meter)
        evaluation.run()
        self._depth -= 1
        return evaluation.value
