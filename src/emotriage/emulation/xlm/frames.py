"""What a run of macros is made of: the macros that wait, the formulas that have run, what is left to spend."""

from dataclasses import dataclass, field
from typing import NamedTuple

from emotriage.emulation.xlm.expression import Call, Evaluation
from emotriage.emulation.xlm.loops import Loop
from emotriage.emulation.xlm.memory import Place
from emotriage.emulation.xlm.values import Scalar, Value

Site = tuple[Place, int, str]


class Executed(NamedTuple):
    """A formula that has run.

    Attributes:
        formula: its text.
        place: its cell.
        calls: with what their arguments came to.
        value: what it came to.
        written: it stands nowhere in the file.
    """

    formula: str
    place: Place
    calls: tuple[Call, ...]
    value: Scalar
    written: bool


@dataclass(slots=True)
class Frame:
    """A macro that waits or runs.

    Attributes:
        place: of the formula that runs.
        evaluation: of that formula; None before it begins.
        loops: that are open.
        arguments: what it was called with, and how many of them have been taken.
        skipped: the branch of the block before was not taken.
        tainted: what the formula has come to depends on something that was asked.
        formula: its text, where it is none of a cell's.
    """

    place: Place
    evaluation: Evaluation | None = None
    loops: list[Loop] = field(default_factory=list)
    arguments: tuple[Value, ...] = ()
    taken: int = 0
    skipped: bool = False
    tainted: bool = False
    formula: str = ""
    text: str = ""

    def copy(self) -> "Frame":
        """The same macro, to go on elsewhere, before its formula is evaluated."""
        loops = [one.copy() for one in self.loops]
        return Frame(
            self.place, None, loops, self.arguments, self.taken, self.skipped, self.tainted, self.formula, self.text
        )


@dataclass(slots=True)
class Steps:
    """What is left for all runs of a workbook together.

    Attributes:
        left: formulas that may be evaluated.
        room: characters of what is kept of them.
    """

    left: int
    room: int = 1 << 20
