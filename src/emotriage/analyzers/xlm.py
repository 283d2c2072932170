"""Excel 4.0 macro sheets: where they are, how they start, and what their formulas call.

Nothing is evaluated. Where what a sheet does is put together while it runs, its shape speaks: hidden, started by a
name, asking questions, writing formulas made of single characters.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from emotriage.catalogue import xlm as rules
from emotriage.emulation import programs
from emotriage.emulation.cmdline import unfold
from emotriage.emulation.xlm.literals import Literal, read_literals
from emotriage.formats.biff8 import read_stray_sheets, read_workbook
from emotriage.formats.cfb import Entry, read_compound_file
from emotriage.formats.macrosheet import Cell, DefinedName, Sheet, Workbook
from emotriage.formats.ooxml import read_package
from emotriage.formats.spreadsheetml import read_workbooks
from emotriage.model.analyzer import Found, Subject, analyzer
from emotriage.model.errors import Malformed, Unsupported
from emotriage.model.finding import Evidence, Rule
from emotriage.model.indicator import Indicator, Origin
from emotriage.model.limits import Budget

_SHOWN = 160
_EVIDENCE = 8
_MOST_INDICATORS = 256
_STREAMS = ("workbook", "book")

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

_COMPUTED_WRITES = 5
"""Computed formulas that are written before it counts: honest macros write one or two."""
_PIECES_OF_ONE, _PIECES_OF_ALL, _CHAIN = 10, 60, 16
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


@analyzer("xlm", kinds={"ole", "ooxml"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Judge the macro sheets of every workbook in the artifact."""
    if subject.kind == "ooxml":
        for workbook in read_workbooks(subject.view(read_package), subject.budget):
            yield from _judge(workbook, "", subject.budget)
        return
    compound = subject.view(read_compound_file)
    streams = [one for one in compound.entries if one.kind == "stream" and one.name.lower() in _STREAMS]
    read: list[tuple[Entry, Workbook]] = []
    for entry in streams:
        try:
            workbook = read_workbook(compound.open(entry), subject.budget, entry.path)
        except (Malformed, Unsupported) as error:
            yield rules.DAMAGED(Evidence(str(error), where=entry.path))
            continue
        read.append((entry, workbook))
        yield from _judge(workbook, f"{entry.path}: " if len(streams) > 1 else "", subject.budget)
    yield from _compare(read)
    for entry, workbook in read:
        strays = read_stray_sheets(compound.open(entry), subject.budget, entry.path)
        if strays:
            yield from _judge(replace(workbook, sheets=strays, names=(), anomalies=()), "", subject.budget)


def _judge(workbook: Workbook, prefix: str, budget: Budget) -> Iterator[Found]:
    """What one workbook's list of sheets, names and macro sheets say."""
    yield from _gaps(workbook, prefix)
    sheets = workbook.macrosheets
    if not sheets:
        return
    yield rules.MACROSHEET(
        *(Evidence(_describe(one), f"{prefix}{one.name or one.where}") for one in sheets[:_EVIDENCE])
    )
    for rule, wanted in ((rules.HIDDEN, "hidden"), (rules.VERY_HIDDEN, "very-hidden")):
        if hidden := [one for one in sheets if one.state == wanted and (one.cells or not one.read)]:
            yield rule(*(Evidence(_describe(one), prefix + one.name) for one in hidden[:_EVIDENCE]))
    if strays := [one for one in sheets if not one.listed]:
        yield rules.UNLISTED(*(Evidence(_describe(one), prefix + one.where) for one in strays[:_EVIDENCE]))
    yield from _names(workbook, prefix)
    survey = _Survey(budget)
    for name in workbook.names:
        survey.look(name.formula, name.functions, f"{prefix}{name.name}", called=False)
    for sheet in sheets:
        for cell in sheet.cells:
            survey.cell(cell, f"{prefix}{sheet.name or sheet.where}!{cell.ref}")
    yield from survey.findings()


def _describe(sheet: Sheet) -> str:
    formulas = sum(1 for one in sheet.cells if one.formula)
    return f"{sheet.state}, {formulas} formulas" if sheet.read else f"{sheet.state}, not read"


def _gaps(workbook: Workbook, prefix: str) -> Iterator[Found]:
    """What could not be read, and what contradicts itself."""
    if workbook.encrypted:
        yield rules.ENCRYPTED(Evidence("FILEPASS", where=workbook.where))
    lost = [one for one in workbook.anomalies if one.incomplete]
    differing = [one for one in workbook.anomalies if one.code == "sheet-type-differs"]
    odd = [one for one in workbook.anomalies if not one.incomplete and one not in differing]
    for rule, group in ((rules.DAMAGED, lost), (rules.TYPE_DIFFERS, differing), (rules.ODD_STRUCTURE, odd)):
        if group:
            yield rule(*(Evidence(one.code, prefix + one.where) for one in group[:_EVIDENCE]))
    unread = [Evidence("not read", prefix + (one.name or one.where)) for one in workbook.macrosheets if not one.read]
    unread += [
        Evidence(_short(cell.formula), f"{prefix}{one.name or one.where}!{cell.ref}")
        for one in workbook.macrosheets
        for cell in one.cells
        if not cell.complete
    ][:_EVIDENCE]
    if unread:
        yield rules.UNREAD(*unread[:_EVIDENCE])


def _names(workbook: Workbook, prefix: str) -> Iterator[Found]:
    """Names that start something."""
    automatic = [one for one in workbook.names if one.auto]

    def places(names: Sequence[DefinedName]) -> Iterator[Evidence]:
        return (
            Evidence(_short(f"{one.name} {one.formula}".strip()), f"{prefix}defined name") for one in names[:_EVIDENCE]
        )

    if automatic:
        yield rules.AUTORUN(*places(automatic))
    if disguised := [one for one in automatic if one.disguised]:
        yield rules.DISGUISED_AUTORUN(*places(disguised))
    if hidden := [one for one in automatic if one.hidden]:
        yield rules.HIDDEN_AUTORUN(*places(hidden))


def _compare(read: list[tuple[Entry, Workbook]]) -> Iterator[Found]:
    """Two workbooks side by side must have the same macro sheets."""
    by_parent: dict[int, list[tuple[Entry, Workbook]]] = {}
    for entry, workbook in read:
        by_parent.setdefault(entry.parent, []).append((entry, workbook))
    for group in by_parent.values():
        contents = [
            [(sheet.name, sheet.state, [one.functions for one in sheet.cells]) for sheet in workbook.macrosheets]
            for _, workbook in group
            if not workbook.encrypted
        ]
        if any(one != contents[0] for one in contents[1:]):
            yield rules.AMBIGUOUS(
                *(
                    Evidence(f"{len(workbook.macrosheets)} macro sheets", entry.path)
                    for entry, workbook in group[:_EVIDENCE]
                )
            )


@dataclass(slots=True)
class _Survey:
    """What the formulas of all macro sheets of one workbook call and say."""

    budget: Budget
    seen: dict[str, tuple[Rule, list[Evidence]]] = field(default_factory=dict)
    questions: dict[str, tuple[bool, Evidence]] = field(default_factory=dict)
    writes: list[Evidence] = field(default_factory=list)
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
        reading = read_literals(formula, self.budget)
        evidence = Evidence(_short(formula), where)
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
        for question, pattern, seldom in _QUESTIONS:
            if question not in self.questions and pattern.search(formula):
                self.questions[question] = (seldom, evidence)
        for literal in reading.literals:
            self.text(literal, where, runs=called and bool(names & _RUNNERS))
        if "EXEC" in names and called and len(reading.literals) == 1:
            self.indicate("command", reading.literals[0], where)

    def text(self, literal: Literal, where: str, *, runs: bool) -> None:
        """Take a text in; `runs` is true when it stands in a call of EXEC, CALL or REGISTER."""
        text = literal.text
        self.budget.spend(len(text))
        evidence = Evidence(_short(text), where)
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
        if self.chains or self.pieces >= _PIECES_OF_ALL:
            yield rules.CHARACTER_CHAINS(*_some(self.chains or [Evidence(f"{self.pieces} calls of CHAR and MID")]))
        if len(self.questions) > 1 and any(seldom for seldom, _ in self.questions.values()):
            yield rules.ENVIRONMENT(*(evidence for _, evidence in self.questions.values()))
        yield from self.indicators.values()


def _some(evidence: list[Evidence]) -> list[Evidence]:
    """The first few places, and how many more there are."""
    more = len(evidence) - _EVIDENCE
    return [*evidence[:_EVIDENCE], Evidence(f"and {more} more")] if more > 0 else evidence


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
