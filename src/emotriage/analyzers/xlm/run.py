"""What the macros of a workbook do when they are followed: calls for the survey, gates, keys, files as children."""

import re
from collections.abc import Iterator
from dataclasses import replace

from emotriage.analyzers.xlm import story as xlm_story
from emotriage.analyzers.xlm.formulas import Survey, shorten
from emotriage.analyzers.xlm.starts import Started
from emotriage.catalogue import xlm as rules
from emotriage.emulation.xlm.emulate import Emulation, emulate
from emotriage.emulation.xlm.meter import Spent
from emotriage.emulation.xlm.resolve import Resolved, resolve
from emotriage.formats.excel.macrosheet import Workbook
from emotriage.model.analyzer import Child, Found
from emotriage.model.finding import Evidence
from emotriage.model.limits import Budget

_EVIDENCE = 8
_FILES = 16
_SHORTEST = 16
"""Characters of a written text from which on it is looked at as a file."""
_QUIET = frozenset({"ALERT", "CLOSE", "END.IF", "GOTO", "HALT", "NEXT", "RETURN", "RUN"})
"""What a formula may call that never matters by itself."""
_ASKS = re.compile(
    r"(?i)GET\.(?:WORKSPACE|WINDOW|DOCUMENT|CELL)\(|APP\.(?:MAXIMIZE|MINIMIZE)\(|(?:NOW|TODAY)\(|WINDOW\.\w+\("
)
_ENDS = re.compile(r"(?i)(?<![\w.])(?:CLOSE|FILE\.CLOSE|HALT|QUIT)\(")


class Run:
    """The macros of one workbook, followed from where they start."""

    def __init__(self, workbook: Workbook, prefix: str, budget: Budget, started: Started) -> None:
        self._workbook = workbook
        self._prefix = prefix
        self._budget = budget
        self._started = started
        self._emulation = Emulation()

    def look(self, survey: Survey) -> Iterator[Found]:
        """Follow the macros, hand what they do to a survey, and report what is to be said of the run itself."""
        by = self._started
        self._emulation = done = emulate(self._workbook, self._budget, by.names, by.formulas, anywhere=by.computed)
        if self._started.unread:
            yield rules.DAMAGED(Evidence(f"Visual Basic: {self._started.unread}", self._prefix + self._workbook.where))
        if self._started.evidence:
            yield rules.STARTED_BY_VBA(*self._started.evidence[:_EVIDENCE])
        seen = self._hand_over(survey, done)
        built = any(one.written for one in done.executed)
        every = (
            not built or done.unrun or self._leaves_out(seen)
        )  # what is off all ways, or reads cells that seem empty
        book = self._workbook if every else replace(self._workbook, sheets=())
        complete = done.complete
        try:
            for one in resolve(book, self._budget):
                survey.look(self._placed(one), called=one.called, shape=one.written or one.where not in seen)
        except Spent:
            complete = False
        gates = [one for one in done.gates if _ASKS.search(one.formula) and _ENDS.search(one.formula)]
        if gates:
            yield rules.SANDBOX_GATE(
                *(Evidence(shorten(one.formula), self._prefix + one.where) for one in gates[:_EVIDENCE])
            )
        if done.key:
            yield rules.DATE_KEY(Evidence(done.key, self._prefix + next(iter(done.places), "")))
        if done.surroundings:
            yield rules.ENVIRONMENT_KEY(Evidence(done.surroundings, self._prefix + next(iter(done.places), "")))
        if not complete:
            last = done.places[-1] if done.places else ""
            yield rules.UNFINISHED(Evidence("the limit on steps, ways or work", self._prefix + last))

    def children(self) -> Iterator[Found]:
        """What the macros do step by step, and files that they would write."""
        yield from xlm_story.look(self._workbook, self._emulation, self._prefix)
        for number, one in enumerate(self._emulation.files[:_FILES]):
            if len(one.text) >= _SHORTEST:
                name = one.path.replace("/", "\\").rpartition("\\")[2][-64:]
                yield Child(f"written-{number}-{name}", one.text.encode("utf-8", "surrogatepass"))

    def _hand_over(self, survey: Survey, done: Emulation) -> set[str]:
        """Hand over what has run; the places of those formulas that stand in the file."""
        seen: set[str] = set()
        shown: set[tuple[str, str]] = set()
        for one, where in zip(done.executed, done.places, strict=True):
            resolved = Resolved(one.formula, self._prefix + where, one.calls, one.value, one.written, ran=True)
            survey.look(resolved, called=True, shape=(where, one.formula) not in shown)
            shown.add((where, one.formula))
            if not one.written:
                seen.add(where)
        return seen

    def _leaves_out(self, seen: set[str]) -> bool:
        """True when a formula that may matter has not run."""
        return any(
            not _QUIET.issuperset(cell.functions) and f"{sheet.name or sheet.where}!{cell.ref}" not in seen
            for sheet in self._workbook.macrosheets
            for cell in sheet.cells
            if cell.formula
        )

    def _placed(self, one: Resolved) -> Resolved:
        return replace(one, where=self._prefix + one.where) if self._prefix else one
