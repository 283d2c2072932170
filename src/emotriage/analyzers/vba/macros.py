"""A VBA project made ready for its rules: linked, with what starts by itself, and places as readers name them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from emotriage.analyzers.vba.lexicon import AUTO_PROCEDURES, CLICK_EVENTS, CONTROL_EVENTS, CONTROL_EVENTS_OF_CONTROLS
from emotriage.emulation.vba.fold import Constant, constants
from emotriage.emulation.vba.program import ModuleCode, Program, Span
from emotriage.emulation.vba.source import Source, read_source
from emotriage.formats.vba import Project
from emotriage.model.finding import Evidence
from emotriage.model.limits import Budget

UNREACHED = 0.2
"""Confidence in what no automatic procedure leads to: less than a guess."""
_SHOWN = 200
_SHORTEST = 3
_KEPT = 200_000  # constants; more are read again each time


@dataclass(frozen=True, slots=True)
class Entries:
    """Numbers of the procedures at which something outside of the project calls in.

    Attributes:
        automatic: the host calls them when the document is opened, closed, shown ...
        controls: a control of the page calls them without a click.
        clicks: the user does.
    """

    automatic: tuple[int, ...]
    controls: tuple[int, ...]
    clicks: tuple[int, ...]


@dataclass(slots=True)
class Macros:
    """One project under analysis.

    Attributes:
        project: as it was read.
        program: its modules, linked.
        entries: where it is entered.
        reached: nodes that run without a click.
        clicked: nodes that a click may reach.
        concealed: set when the code was found to be hidden on purpose: reach by name then proves nothing.
        view: what to add to the names of modules in places, where they are not read from the source.
    """

    project: Project
    program: Program
    entries: Entries
    reached: frozenset[int]
    clicked: frozenset[int]
    concealed: bool = False
    view: str = ""
    _constants: list[tuple[int, Constant]] | None = field(default=None, repr=False)

    def where(self, module: int, offset: int) -> str:
        """``Module:line``."""
        code = self.program.modules[module]
        return f"{code.name}{self.view}:{code.source.line(offset)}"

    def evidence(self, module: int, offset: int, text: str) -> Evidence:
        """A place in the code."""
        return Evidence(text[:_SHOWN], where=self.where(module, offset))

    def line_at(self, module: int, offset: int) -> str:
        """The logical line around an offset, white space collapsed."""
        start, end = self.program.modules[module].source.logical_line(offset)
        code = self.program.modules[module].source.code
        start = max(start, offset - 2 * _SHOWN)  # what matters of a very long line is here
        return " ".join(code[start : min(end, start + 4 * _SHOWN)].split())[:_SHOWN]

    def confidence(self, node: int | None) -> float:
        """How sure it is that a procedure runs: a guess where nothing leads there by itself."""
        return 1.0 if self.concealed or (node is not None and node in self.reached) else UNREACHED

    def constants(self, span: Span | None = None) -> Iterator[tuple[int, Constant]]:
        """(module, constant) of the whole project, but for single ones too short to be a name, or of one span."""
        budget = self.program.budget
        if span is not None:
            source = self.program.modules[span.module].source
            yield from ((span.module, one) for one in constants(source, budget, span.start, span.end))
        elif self._constants is not None:
            yield from self._constants
        else:
            kept: list[tuple[int, Constant]] = []
            for index, module in enumerate(self.program.modules):
                for one in constants(module.source, budget):
                    if one.terms == 1 and len(one.value) < _SHORTEST:
                        continue
                    if len(kept) < _KEPT:
                        kept.append((index, one))
                    yield index, one
            if len(kept) < _KEPT:
                self._constants = kept


def prepare(project: Project, budget: Budget, *, view: str = "") -> Macros:
    """Link a project and follow what starts by itself."""
    modules = [ModuleCode(one.name, one.kind, read_source(one.source, budget)) for one in project.modules]
    program = Program(modules, budget)
    entries = _entries(program)
    return Macros(
        project,
        program,
        entries,
        program.reach(entries.automatic + entries.controls),
        program.reach(entries.clicks),
        view=view,
    )


def controls_of(source: Source) -> tuple[str, ...]:
    """Names of the controls that a module declares to lie on its page."""
    return tuple(value.partition(",")[0].strip() for name, value in source.attributes if name == "VB_Control")


def _entries(program: Program) -> Entries:
    automatic, controls, clicks = [], [], []
    declared = [frozenset(name.lower() for name in controls_of(one.source)) for one in program.modules]
    for number, node in enumerate(program.nodes):
        module = program.modules[node.module]
        name = node.procedure.name.lower()
        head, _, event = name.rpartition("_")
        main = name == "main" and module.name.lower() in ("autoexec", "autoopen", "autoclose", "autonew", "autoexit")
        if name in AUTO_PROCEDURES or main or "iribbonui" in node.bare:  # a ribbon calls onLoad with itself
            automatic.append(number)
        elif "iribboncontrol" in node.bare:
            clicks.append(number)
        elif head and module.kind in ("document", "unknown"):
            if event in CONTROL_EVENTS or (event in CONTROL_EVENTS_OF_CONTROLS and head in declared[node.module]):
                controls.append(number)
            elif event in CLICK_EVENTS:
                clicks.append(number)
    return Entries(tuple(automatic), tuple(controls), tuple(clicks))
