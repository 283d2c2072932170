"""What the formulas of macro sheets call and say, taken together over all sheets of a workbook."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from emotriage.catalogue import xlm as rules
from emotriage.emulation import programs
from emotriage.emulation.cmdline import unfold
from emotriage.emulation.xlm.literals import Literal, read_literals
from emotriage.formats.macrosheet import Cell, called_functions
from emotriage.model.analyzer import Found
from emotriage.model.finding import Evidence, Rule
from emotriage.model.indicator import Indicator, Origin
from emotriage.model.limits import Budget

_SHOWN = 160
_EVIDENCE = 8
_MOST_INDICATORS = 256

_CALLS: dict[str, Rule] = {
    "EXEC": rules.EXECUTES,
    "EXECUTE": rules.EXECUTES,
    "CALL": rules.CALLS_LIBRARY,
    "REGISTER": rules.CALLS_LIBRARY,
    "REGISTER.ID": rules.CALLS_LIBRARY,
    "FWRITE": rules.WRITES_FILE,
    "FWRITELN": rules.WRITES_FILE,
    "WORKBOOK.HIDE": rules.COVERS_TRACKS,
    "FILE.DELETE": rules.COVERS_TRACKS,
}
_RUNNERS = frozenset({"EXEC", "EXECUTE", "CALL", "REGISTER", "REGISTER.ID"})
_WRITERS = frozenset({"FORMULA", "FORMULA.FILL", "FORMULA.ARRAY", "SET.VALUE"})
_BUILDERS = frozenset({"CHAR", "CODE", "MID", "LEFT", "RIGHT", "SUBSTITUTE", "REPLACE", "CONCATENATE", "INDEX", "T"})
_PIECES = frozenset({"CHAR", "MID", "CODE"})
_LOOPS = frozenset({"WHILE", "FOR", "FOR.CELL"})

_COMPUTED_WRITES = 5
"""Computed formulas that are written before it counts, but in a loop: honest macros write one or two."""
_DEPTH = 3
"""Formulas inside the texts of formulas that are looked at."""
_PIECES_OF_ONE, _PIECES_OF_ALL, _CHAIN = 10, 150, 16
"""CHAR and MID calls in one formula, in all, and texts joined in one formula: messages stay far below."""

_FETCHING_API = re.compile(
    r"(?i)URLDownloadToFile[AW]?|URLDownloadToCacheFile[AW]?|URLOpen(?:Blocking)?Stream[AW]?|InternetOpenUrl[AW]?"
    r"|InternetReadFile(?:Ex[AW]?)?|HttpSendRequest(?:Ex)?[AW]?|WinHttp(?:Open|Connect|OpenRequest|SendRequest)"
)
_RUNNING_API = re.compile(
    r"(?i)WinExec|ShellExecute(?:Ex)?[AW]?|CreateProcess(?:AsUser|WithLogon|WithToken)?[AW]?|LoadLibrary(?:Ex)?[AW]?"
    r"|GetProcAddress|VirtualAlloc(?:Ex)?(?:Numa)?|VirtualProtect(?:Ex)?|WriteProcessMemory|CreateRemoteThread(?:Ex)?"
    r"|CreateThread|QueueUserAPC|RtlMoveMemory|RtlCopyMemory|NtAllocateVirtualMemory|HeapCreate|SetThreadContext"
    r"|EnumSystemLocales[AW]?|CreateTimerQueueTimer|CertEnumSystemStore|DllRegisterServer|DllInstall"
)
_ARGUMENT = re.compile(r"[-/\"'%$(&]|[A-Za-z]:|[\w$]+[\\.:]")
"""What may follow a program's name in a command line, and a message seldom has there."""
_QUESTIONS = (
    ("operating system", re.compile(r"(?i)GET\.WORKSPACE\(1\)"), True),
    ("size of the screen", re.compile(r"(?i)GET\.WORKSPACE\(1[34]\)"), True),
    ("mouse", re.compile(r"(?i)GET\.WORKSPACE\(19\)"), True),
    ("single-step mode", re.compile(r"(?i)GET\.WORKSPACE\(31\)"), True),
    ("sound", re.compile(r"(?i)GET\.WORKSPACE\(4[23]\)"), True),
    ("date", re.compile(r"(?i)(?:DAY|WEEKDAY|MONTH|HOUR|MINUTE)\((?:NOW|TODAY)\(\)\)"), True),
    ("window", re.compile(r"(?i)GET\.WINDOW\(|APP\.MAXIMIZE\("), False),
    ("cell", re.compile(r"(?i)GET\.CELL\("), False),
    ("document", re.compile(r"(?i)GET\.DOCUMENT\("), False),
)
"""What a sheet can ask, and whether honest macros seldom do."""


@dataclass(slots=True)
class Survey:
    """What the formulas of all macro sheets of one workbook call and say."""

    budget: Budget
    seen: dict[str, tuple[Rule, list[Evidence]]] = field(default_factory=dict)
    questions: dict[str, tuple[bool, Evidence]] = field(default_factory=dict)
    writes: list[Evidence] = field(default_factory=list)
    decoders: list[Evidence] = field(default_factory=list)
    loops: bool = False
    chains: list[Evidence] = field(default_factory=list)
    pieces: int = 0
    indicators: dict[tuple[str, str], Indicator] = field(default_factory=dict)

    def cell(self, cell: Cell, where: str) -> None:
        """Take a cell in."""
        if cell.formula:
            self.look(cell.formula, cell.functions, where, called=True)
        if isinstance(cell.value, str) and cell.value:
            self.text(Literal(cell.value, decoded=bool(cell.formula)), where, runs=False)

    def look(self, formula: str, functions: tuple[str, ...], where: str, *, called: bool) -> None:
        """Take a formula in; `called` is false for a name's, which only says what it stands for."""
        waiting = [(formula, functions)]
        for depth in range(_DEPTH):
            waiting = [
                (text, called_functions(text))
                for one, names in waiting
                for text in self._formula(one, names, where, called=called)
                if depth + 1 < _DEPTH
            ]

    def _formula(self, formula: str, functions: tuple[str, ...], where: str, *, called: bool) -> list[str]:
        """Take one formula in; the formulas that it writes as a text."""
        written: list[str] = []
        reading = read_literals(formula, self.budget)
        evidence = Evidence(shorten(formula), where)
        names = frozenset(functions)
        for name in functions if called else ():
            if name in _CALLS:
                self.note(_CALLS[name], evidence)
        pieces = sum(1 for name in functions if name in _PIECES)
        self.pieces += pieces
        if pieces >= _PIECES_OF_ONE or reading.longest_chain >= _CHAIN:
            self.chains.append(evidence)
        if names & _WRITERS and (names & _BUILDERS or reading.longest_chain > 1):
            self.writes.append(evidence)
        if names & _PIECES and names & (_WRITERS | {"SET.NAME"}):
            self.decoders.append(evidence)
        self.loops = self.loops or bool(names & _LOOPS)
        for question, pattern, seldom in _QUESTIONS:
            if question not in self.questions and pattern.search(formula):
                self.questions[question] = (seldom, evidence)
        for literal in reading.literals:
            self.text(literal, where, runs=called and bool(names & _RUNNERS))
            if called and names & _WRITERS and literal.text.startswith("="):  # a formula that will stand in a cell
                written.append(literal.text)
        if "EXEC" in names and called and len(reading.literals) == 1:
            self.indicate("command", reading.literals[0], where)
        return written

    def text(self, literal: Literal, where: str, *, runs: bool) -> None:
        """Take a text in; `runs` is true when it stands in a call of EXEC, CALL or REGISTER."""
        text = literal.text
        self.budget.spend(len(text))
        evidence = Evidence(shorten(text), where)
        addresses = programs.addresses_in(text)
        for url in addresses:
            self.indicate("url", Literal(url, literal.decoded), where)
        for share in programs.shares_in(text):
            self.indicate("path", Literal(share, literal.decoded), where)
        if _FETCHING_API.fullmatch(text.strip()):
            self.note(rules.DOWNLOADS, evidence)
        elif _RUNNING_API.fullmatch(text.strip()):
            self.note(rules.DANGEROUS_API, evidence)
        if not (runs or programs.programs_in(text) or any(char in text for char in "^%`")):
            return
        unfolded = unfold(text, self.budget)
        command = "\n".join((unfolded.text, *unfolded.decoded))
        named = frozenset(programs.programs_in(command)) - programs.EVERYDAY
        words = unfolded.text.split(maxsplit=2)
        starts = len(words) > 1 and programs.program_of(words[0]) in named and _ARGUMENT.match(words[1]) is not None
        if named and (runs or starts):
            self.note(rules.INTERPRETER, evidence)
            self.indicate("command", literal, where)
            if addresses or programs.fetches(command) or programs.addresses_in(command):
                self.note(rules.DOWNLOADS, evidence)
        elif runs and addresses:
            self.note(rules.DOWNLOADS, evidence)

    def note(self, rule: Rule, evidence: Evidence) -> None:
        """Add a place at which a rule applies."""
        places = self.seen.setdefault(rule.id, (rule, []))[1]
        if len(places) < _EVIDENCE:
            places.append(evidence)

    def indicate(self, kind: str, literal: Literal, where: str) -> None:
        """Add something to act on."""
        if len(self.indicators) < _MOST_INDICATORS:
            origin: Origin = "decoded" if literal.decoded else "literal"
            one = Indicator(kind=kind, value=literal.text, origin=origin, where=where)
            self.indicators.setdefault((kind, literal.text), one)

    def findings(self) -> Iterator[Found]:
        """One finding a rule, then the indicators."""
        for rule, evidence in self.seen.values():
            yield rule(*evidence)
        if len(self.writes) >= _COMPUTED_WRITES:
            yield rules.WRITES_FORMULAS(*_some(self.writes))
        elif self.loops and self.decoders:
            yield rules.WRITES_FORMULAS(*_some(self.decoders))
        if self.chains or self.pieces >= _PIECES_OF_ALL:
            yield rules.CHARACTER_CHAINS(*_some(self.chains or [Evidence(f"{self.pieces} calls of CHAR and MID")]))
        if len(self.questions) > 1 and any(seldom for seldom, _ in self.questions.values()):
            yield rules.ENVIRONMENT(*(evidence for _, evidence in self.questions.values()))
        yield from self.indicators.values()


def _some(evidence: list[Evidence]) -> list[Evidence]:
    """The first few places, and how many more there are."""
    more = len(evidence) - _EVIDENCE
    return [*evidence[:_EVIDENCE], Evidence(f"and {more} more")] if more > 0 else evidence


def shorten(text: str) -> str:
    """A text as evidence shows it, at most 160 characters."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
