"""What the macros of a workbook would do: run from where it starts them, both ways at each gate, on the day that fits.

Where a condition depends on an answer from outside, another machine goes on with the other branch. Where what is put
together depends on the date, the dates that differ are tried, and the one under which it reads best is kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from emotriage.emulation.xlm.clock import TODAY, moments
from emotriage.emulation.xlm.code import compile_formula, constant, reference_in
from emotriage.emulation.xlm.environment import Answers, surroundings
from emotriage.emulation.xlm.frames import Executed, Steps
from emotriage.emulation.xlm.keys import Watch
from emotriage.emulation.xlm.machine import Machine
from emotriage.emulation.xlm.memory import Layer, Memory, Place
from emotriage.emulation.xlm.meter import Meter
from emotriage.emulation.xlm.values import Reference
from emotriage.formats.excel.macrosheet import Workbook
from emotriage.model.limits import Budget

_Key = TypeVar("_Key", str, float)
_MOST_STEPS = 40_000
"""Formulas that all runs of one workbook may evaluate."""
_MOST_WORK = 400_000_000
"""Work units of all runs of one workbook: about a second."""
_MOST_RUNS = 48
_MOST_ENTRIES = 64
_MOST_TRIED = 1000
"""Formulas that are evaluated to see whether a date fits."""
_MOST_EQUAL = 3
"""Dates that may fit equally well where the date is a key."""
_PATIENCE = 2
"""Pieces of nonsense after which a date is given up."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition that depends on an answer from outside: where it is, and the formula."""

    where: str
    formula: str


@dataclass(frozen=True, slots=True)
class Written:
    """A file that a macro would write: its path and text, and the cell that opens it."""

    path: str
    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Emulation:
    """What came of all runs.

    Attributes:
        executed: every formula that ran, once for each way it came out, in the order of the runs.
        places: how people name their cells, in the same order.
        gates: conditions at which both branches were taken.
        files: that would be written.
        key: the date under which what is put together makes sense, for people; empty where it needs none.
        surroundings: under which it does, in the same way.
        unrun: formulas that are written, and that no run gets to.
        complete: false when a limit was met.
    """

    executed: tuple[Executed, ...] = ()
    places: tuple[str, ...] = ()
    gates: tuple[Gate, ...] = ()
    files: tuple[Written, ...] = ()
    key: str = ""
    surroundings: str = ""
    unrun: int = 0
    complete: bool = True


def emulate(
    workbook: Workbook,
    budget: Budget,
    started: Sequence[str] = (),
    formulas: Sequence[str] = (),
    *,
    anywhere: bool = False,
) -> Emulation:
    """Run the macros of a workbook.

    Args:
        workbook: with its macro sheets.
        budget: charged per instruction; a limit of its own keeps the runs of one workbook short.
        started: cells or names that something else starts, such as Visual Basic, beside those that start themselves.
        formulas: that something else has Excel evaluate.
        anywhere: what else is started is not known, so that it may be any column.
    """
    layer = Layer(workbook)
    entries = _entries(workbook, layer, started)
    entries = list(dict.fromkeys([*entries, *(_columns(layer) if anywhere or not entries else ())]))
    explorer = _Explorer(layer, Meter(budget, _MOST_WORK))
    sheet = next(iter(layer.titles), "")
    for number, formula in enumerate(formulas[:_MOST_ENTRIES]):
        explorer.run_formula(formula, (sheet, number, 0))
    return explorer.explore(entries)


def _entries(workbook: Workbook, layer: Layer, started: Sequence[str]) -> list[Place]:
    """Places where macros begin: those that start by themselves, and those that something else starts."""
    found: list[Place] = []
    targets = [one.formula for one in workbook.names if one.auto and one.formula]
    for text in (*targets, *(f"={one.removeprefix('=')}" for one in started)):
        target = constant(compile_formula(text), "")
        if not isinstance(target, Reference):
            folded = text.removeprefix("=").rpartition("!")[2].casefold()
            target = reference_in(layer.names.get(folded, ""), "") if folded in layer.names else None
        if isinstance(target, Reference):
            found.append((target.sheet or next(iter(layer.titles), ""), target.top, target.left))
    return found


def _columns(layer: Layer) -> list[Place]:
    """The first formula of each column of the macro sheets: where they may begin when nothing says so."""
    return [(sheet, rows[0], column) for (sheet, column), rows in layer.columns.items()]


class _Explorer:
    def __init__(self, layer: Layer, meter: Meter) -> None:
        self._layer = layer
        self._meter = meter
        self._steps = Steps(_MOST_STEPS)
        self._runs = _MOST_RUNS
        self._executed: dict[Executed, str] = {}
        self._gates: dict[tuple[Place, int], Gate] = {}
        self._files: dict[tuple[str, str], Written] = {}
        self._written: set[tuple[Place, str]] = set()
        self._moment = TODAY
        self._key = ""
        self._surroundings = ""
        self._answers: Answers = {}
        self._complete = True

    def run_formula(self, formula: str, place: Place) -> None:
        """Run a formula that stands in no cell."""
        machine = Machine(Memory(self._layer), self._meter, self._steps)
        machine.begin(place, formula)
        machine.run()
        self._keep(machine)

    def explore(self, entries: list[Place]) -> Emulation:
        """Run from each of those places, and from those that are to run later."""
        self._complete &= len(entries) <= _MOST_ENTRIES
        waiting = list(reversed(entries[:_MOST_ENTRIES]))
        seen = set(entries)
        while waiting:
            entry = waiting.pop()
            for later in self._entry(entry):
                if later not in seen and len(seen) < _MOST_ENTRIES:
                    seen.add(later)
                    waiting.append(later)
        return Emulation(
            tuple(self._executed),
            tuple(self._executed.values()),
            tuple(self._gates.values()),
            tuple(self._files.values()),
            self._key,
            self._surroundings,
            len(self._written - {(one.place, one.formula) for one in self._executed}),
            self._complete,
        )

    def _entry(self, entry: Place) -> list[Place]:
        """Run from one place, in all ways; the places that are to run later."""
        later: list[Place] = []
        waiting = [self._first(entry)]
        while waiting:
            machine = waiting.pop()
            machine.run()
            self._keep(machine)
            later += machine.scheduled
            for fork in machine.forks:
                self._runs -= 1
                if self._runs > 0:
                    waiting.append(fork)
                else:
                    self._complete = False
        return later

    def _begin(self, entry: Place, moment: float) -> Machine:
        machine = Machine(Memory(self._layer), self._meter, self._steps, moment=moment)
        machine.answers = self._answers
        machine.begin(entry)
        return machine

    def _first(self, entry: Place) -> Machine:
        """A run from there, under the date with which most of what is put together makes sense."""
        first = self._begin(entry, self._moment)
        watch = first.watch = Watch()
        first.run(_PATIENCE)
        first.watch = None
        if not first.asked:
            return self._surrounded(entry, first) if first.nonsense or first.keyed else first
        names = moments(first.asked)
        left = _sift(self._tries(watch, names))
        if not 0 < len(left) <= _MOST_EQUAL:  # it is a gate, and both ways are taken there
            return self._begin(entry, self._moment)
        self._moment = next(iter(left))
        self._key = names[self._moment]
        left[self._moment].adopt()
        return left[self._moment]

    def _surrounded(self, entry: Place, first: Machine) -> Machine:
        """A run from there in the surroundings that make sense of what the usual ones do not."""
        tried = surroundings(first.questions) if not self._answers else {}
        left: dict[str, Machine] = {}
        for name, answers in tried.items():
            left[name] = self._begin(entry, self._moment)
            left[name].answers = answers
        left = _sift(left)
        name = next(iter(left), "")
        if not 0 < len(left) <= _MOST_EQUAL or _worth(left[name]) <= max(_worth(first), 0):
            return self._begin(entry, self._moment) if first.nonsense else first
        self._surroundings, self._answers = name, tried[name]
        return left[name]

    def _tries(self, watch: Watch, wanted: Iterable[float]) -> dict[float, Machine]:
        """Machines that go on from where the date is needed, each on a day of its own; none without room for all."""
        found: dict[float, Machine] = {}
        for moment in wanted:
            one = watch.at(moment)
            if one is None:
                self._complete = False
                return {}
            found[moment] = one
        return found

    def _keep(self, machine: Machine) -> None:
        self._complete &= machine.complete
        memory = machine.memory
        self._written.update(memory.written())
        for one in machine.executed:
            if one not in self._executed:
                self._executed[one] = memory.spell(one.place)
        for place, target, formula in sorted(machine.gates):
            self._gates.setdefault((place, target), Gate(memory.spell(place), formula))
        for opened in memory.files.values():
            text = "".join(opened.pieces)
            if text:
                self._files.setdefault((opened.path, text), Written(opened.path, text, opened.where))


def _sift(left: dict[_Key, Machine]) -> dict[_Key, Machine]:
    """Those of several runs that read best, so far as it takes to tell them from each other."""
    for patience in (0, _PATIENCE, 4 * _PATIENCE):
        for machine in left.values():
            machine.run(patience, _MOST_TRIED)
        most = max(map(_worth, left.values()), default=0)
        left = {key: one for key, one in left.items() if _worth(one) == most}
        if len(left) <= 1:
            break
    return left


def _worth(machine: Machine) -> int:
    return machine.sense - 5 * machine.nonsense
