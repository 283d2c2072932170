"""Where a run asks for the date and where it first needs the answer, so that other dates can be tried from there.

What lies between does not depend on the date: only the formulas that asked are evaluated again for another one. They
are, when doing so for the same date changes nothing; else the run is taken up from the first of them.
"""

from typing import TYPE_CHECKING, NamedTuple

from emotriage.emulation.xlm.clock import PARTS
from emotriage.emulation.xlm.frames import Frame

if TYPE_CHECKING:
    from emotriage.emulation.xlm.machine import Machine

_CLOCKS = ("NOW", "TODAY")
_REPEATABLE = frozenset({*PARTS, *_CLOCKS, "DATE", "FORMULA", "FORMULA.FILL", "GET.CELL", "SET.NAME", "SET.VALUE"})
"""What a formula may call that is evaluated once more for another date."""
_MOST = 64


class Question(NamedTuple):
    """A formula that asks for the date: its frame as it was, and its number among those that have run."""

    frame: Frame
    number: int


class Watch:
    """What is remembered of one run for the sake of others."""

    def __init__(self) -> None:
        self._asked: Machine | None = None
        self._needed: Machine | None = None
        self._questions: list[Question] = []
        self._asking = False
        self._steady = True

    def begin(self, machine: "Machine") -> None:
        """A formula is about to be evaluated."""
        upper = machine.frame.text.upper()
        self._asking = any(one in upper for one in _CLOCKS)
        if self._asking and self._asked is None:
            self._asked = machine.again(machine.moment)
            self._steady = self._asked is not None

    def need(self, machine: "Machine") -> None:
        """What is being evaluated depends on an answer that was given before."""
        if self._asking or self._asked is None or self._needed is not None or not self._steady:
            return
        evaluation = machine.frame.evaluation
        self._needed = machine.again(machine.moment) if evaluation is not None and not evaluation.calls else None
        if self._needed is not None:
            self._needed.frame.evaluation = None
        self._steady = self._needed is not None and self._repeats(self._needed)

    def end(self, machine: "Machine", *, stopped: bool) -> None:
        """The formula has come to its end, or to a call that is no plain value."""
        if not self._asking or self._needed is not None:
            return
        frame = machine.frame
        calls = frame.evaluation.calls if frame.evaluation is not None else []
        writes = any(one.name.startswith("FORMULA") and one.texts[:1] and one.texts[0][:1] == "=" for one in calls)
        plain = not stopped and not frame.formula and all(one.name in _REPEATABLE for one in calls)
        self._steady &= plain and not writes and len(self._questions) < _MOST
        self._questions.append(Question(Frame(frame.place, text=frame.text), len(machine.executed) - 1))

    def at(self, moment: float) -> "Machine | None":
        """The run as it would have been at another moment, to go on with; None where there is no room for it."""
        if self._steady and self._needed is not None:
            other = self._needed.again(moment)
            if other is None or all(other.repeat(*one) for one in self._questions):
                return other
        return self._asked.again(moment) if self._asked is not None else None

    def _repeats(self, machine: "Machine") -> bool:
        """True when evaluating the questions once more, at the same moment, changes nothing."""
        other = machine.again(machine.moment)
        if other is None or not all(other.repeat(*one) for one in self._questions):
            return False
        return other.memory.state == machine.memory.state
