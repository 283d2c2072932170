"""What the formulas of macro sheets call and say, taken together over all sheets of a workbook."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from emotriage.analyzers.xlm.calls import FETCHING, RUNNERS, RUNNING, command_of, is_tame, judge_call
from emotriage.catalogue import xlm as rules
from emotriage.emulation import programs
from emotriage.emulation.cmd import started
from emotriage.emulation.cmdline import unfold
from emotriage.emulation.xlm.expression import Call
from emotriage.emulation.xlm.literals import Literal, Reading, read_literals
from emotriage.emulation.xlm.resolve import FORMULA_WRITERS, Resolved
from emotriage.emulation.xlm.values import GAP
from emotriage.formats.excel.macrosheet import Cell, called_functions
from emotriage.formats.host_number import in_plain_numbers
from emotriage.model.analyzer import Found
from emotriage.model.finding import Evidence, Rule
from emotriage.model.indicator import Indicator, Origin
from emotriage.model.limits import Budget

_SHOWN = 160
_EVIDENCE = 8
_MOST_INDICATORS = 256
_MOST_STARTED = 16

_BUILDERS = frozenset({"CHAR", "CODE", "MID", "LEFT", "RIGHT", "SUBSTITUTE", "REPLACE", "CONCATENATE", "INDEX", "T"})
_PIECES = frozenset({"CHAR", "MID", "CODE"})
_LOOPS = frozenset({"WHILE", "FOR", "FOR.CELL"})
_KEEPERS = frozenset({"SET.VALUE", "SET.NAME", "DEFINE.NAME"})
_SINKS = RUNNERS | FORMULA_WRITERS | {"EVALUATE"}

_COMPUTED_WRITES = 5
"""Computed formulas that are written before it counts, but in a loop: honest macros write one or two."""
_PIECES_OF_WRITE = 3
"""CHAR and MID calls in a formula that writes one, from which it counts whatever it seems to come to."""
_PIECES_OF_ONE, _PIECES_OF_ALL, _CHAIN = 10, 150, 16
"""CHAR and MID calls in one formula, in all, and texts joined in one formula: messages stay far below."""

_ARGUMENT = re.compile(r"[-/\"'%$(&]|[A-Za-z]:|[\w$]+[\\.:]")
"""What may follow a program's name in a command line, and a message seldom has there."""
_QUESTIONS = (
    ("mouse", re.compile(r"GET\.WORKSPACE\(19\)"), True),
    ("single-step mode", re.compile(r"GET\.WORKSPACE\(31\)"), True),
    ("sound", re.compile(r"GET\.WORKSPACE\(4[23]\)"), True),
    ("date", re.compile(r"(?:DAY|WEEKDAY|MONTH|HOUR|MINUTE)\((?:NOW|TODAY)\(\)\)"), True),
    ("operating system", re.compile(r"GET\.WORKSPACE\(1\)"), False),
    ("size of the screen", re.compile(r"GET\.WORKSPACE\(1[34]\)"), False),
    ("window", re.compile(r"GET\.WINDOW\(|APP\.MAXIMIZE\("), False),
    ("cell", re.compile(r"GET\.CELL\("), False),
    ("document", re.compile(r"GET\.DOCUMENT\("), False),
)
"""What a sheet can ask, and whether honest macros seldom do."""
_MANY_QUESTIONS = 4


@dataclass(slots=True)
class Survey:
    """What the formulas of all macro sheets of one workbook call and say."""

    budget: Budget
    seen: dict[str, tuple[Rule, list[Evidence]]] = field(default_factory=dict)
    questions: dict[str, tuple[bool, Evidence]] = field(default_factory=dict)
    writes: dict[str, Evidence] = field(default_factory=dict)
    built: dict[str, Evidence] = field(default_factory=dict)
    decoders: list[Evidence] = field(default_factory=list)
    loops: bool = False
    sinks: bool = False
    chains: list[Evidence] = field(default_factory=list)
    pieces: int = 0
    spelled: list[Evidence] = field(default_factory=list)
    plain_words: set[str] = field(default_factory=set)
    joined_words: dict[str, Evidence] = field(default_factory=dict)
    indicators: dict[tuple[str, str], Indicator] = field(default_factory=dict)
    ran: bool = False

    def constant(self, cell: Cell, where: str) -> None:
        """Take in what a cell holds, or what was stored with its formula."""
        if isinstance(cell.value, str) and cell.value:
            self.text(Literal(cell.value, decoded=bool(cell.formula)), where, runs=False)

    def look(self, one: Resolved, *, called: bool, shape: bool = True) -> None:
        """Take a formula in.

        Args:
            one: with what came of it.
            called: false for a name's, which only says what it stands for.
            shape: false where what it looks like has been taken in already.
        """
        functions = called_functions(one.formula)
        names = frozenset(functions)
        reading = read_literals(one.formula, self.budget)
        evidence = Evidence(shorten(one.formula.replace(GAP, "<?>")), one.where)
        self.ran = one.ran
        pieces = sum(1 for name in functions if name in _PIECES)
        if shape:
            self._shape(one, functions, reading, evidence)
        for call in one.calls if names & _BUILDERS or reading.longest_chain > 1 else ():
            if call.name in FORMULA_WRITERS | {"EVALUATE"} and call.texts:
                sure = pieces >= _PIECES_OF_WRITE or reading.longest_chain >= _CHAIN
                self._write(call.texts[0], evidence, evaluated=call.name == "EVALUATE", spelled=sure)
        literals = [
            Literal(text, literal.decoded or one.written)
            for literal in reading.literals
            for text in _known(literal.text)
        ]
        plain = {literal.text: literal.decoded for literal in literals}
        runs = called and bool(names & RUNNERS) and not (one.calls and all(is_tame(call) for call in one.calls))
        for literal in literals:
            self.text(literal, one.where, runs=runs)
        if isinstance(one.value, str):
            self._joined(one.value, plain, one.where, runs=False)
        for call in one.calls if called else ():
            plain_call = not one.ran or all(text in one.formula for text in call.texts)
            shown = evidence if plain_call else Evidence(shorten(spell_call(call)), one.where)
            for rule in judge_call(call):
                self.note(rule, shown)
            for text in call.texts if call.name in RUNNERS else ():
                self._joined(text, plain, one.where, runs=not is_tame(call))
            command = command_of(call)
            if command and GAP not in command:
                self.indicate("command", Literal(command, plain.get(command, True)), one.where)

    def _shape(self, one: Resolved, functions: tuple[str, ...], reading: Reading, evidence: Evidence) -> None:
        """Take in what a formula looks like, whatever it says."""
        names = frozenset(functions)
        pieces = sum(1 for name in functions if name in _PIECES)
        self.pieces += pieces
        if pieces and len(self.spelled) < _EVIDENCE:
            self.spelled.append(evidence)
        if pieces >= _PIECES_OF_ONE or reading.longest_chain >= _CHAIN:
            self.chains.append(evidence)
        if names & _PIECES and names & (_KEEPERS | FORMULA_WRITERS):
            self.decoders.append(evidence)
        self.loops = self.loops or bool(names & _LOOPS)
        self.sinks = self.sinks or bool(names & _SINKS)
        formula = one.formula.upper()
        for question, pattern, seldom in _QUESTIONS:
            if question not in self.questions and pattern.search(formula):
                self.questions[question] = (seldom, evidence)

    def _write(self, text: str, evidence: Evidence, *, evaluated: bool, spelled: bool) -> None:
        """Take in what a formula puts together, letter by letter when `spelled`, and writes as a formula."""
        if RUNNERS & frozenset(called_functions(text)) and (evaluated or text.startswith(("=", GAP))):
            self.built.setdefault(evidence.where, evidence)
        elif spelled or (GAP in text and text.startswith(("=", GAP))):
            self.writes.setdefault(evidence.where, evidence)

    def _joined(self, text: str, plain: dict[str, bool], where: str, *, runs: bool) -> None:
        """Take in what a part of a formula comes to, where that does not stand in it anyway."""
        for known in _known(text):
            if known not in plain:
                self.text(Literal(known, decoded=True), where, runs=runs)

    def text(self, literal: Literal, where: str, *, runs: bool) -> None:
        """Take a text in; `runs` is true when it stands in a call of EXEC, CALL or REGISTER."""
        text = literal.text
        self.budget.spend(len(text))
        evidence = Evidence(shorten(text), where)
        addresses = programs.addresses_in(text)
        self._addresses(addresses, literal, where)
        for share in programs.shares_in(text):
            self.indicate("path", Literal(share, literal.decoded), where)
        name = text.strip()
        for pattern, rule in ((FETCHING, rules.DOWNLOADS), (RUNNING, rules.DANGEROUS_API)):
            if pattern.fullmatch(name):
                self.note(rule, evidence)
                self._word(name.lower(), literal, evidence)
        if not (runs or programs.programs_in(text) or any(char in text for char in "^%`")):
            return
        unfolded = unfold(text, self.budget)
        command = "\n".join((unfolded.text, *unfolded.decoded))
        inner = started(text, self.budget) if runs else ()
        covered = programs.addresses_in("\n".join((command, *inner)))
        self._addresses([url for url in covered if url not in addresses], Literal(text, decoded=True), where)
        for line in inner[:_MOST_STARTED]:
            self.indicate("command", Literal(line, decoded=True), where)
        named = frozenset(programs.programs_in(command)) - programs.EVERYDAY
        words = unfolded.text.split(maxsplit=2)
        starts = len(words) > 1 and programs.program_of(words[0]) in named and _ARGUMENT.match(words[1]) is not None
        for word in sorted(named):
            if runs or starts or not literal.decoded:
                self._word(word, literal, evidence)
        if named and (runs or starts):
            self.note(rules.INTERPRETER, evidence)
            self.indicate("command", literal, where)
            if covered or programs.fetches(command):
                self.note(rules.DOWNLOADS, evidence)
        elif runs and addresses:
            self.note(rules.DOWNLOADS, evidence)

    def _addresses(self, addresses: Iterable[str], literal: Literal, where: str) -> None:
        """Take in addresses; a host that is a number in disguise is also given in plain numbers."""
        for url in addresses:
            self.indicate("url", Literal(url, literal.decoded), where)
            if plain := in_plain_numbers(url):
                self.note(rules.DISGUISED_ADDRESS, Evidence(shorten(f"{url} is {plain}"), where))
                self.indicate("url", Literal(plain, decoded=True), where)

    def _word(self, word: str, literal: Literal, evidence: Evidence) -> None:
        """Remember whether a telling word stands somewhere as it is, or only when pieces are joined."""
        if literal.decoded:
            self.joined_words.setdefault(word, evidence)
        else:
            self.plain_words.add(word)

    def note(self, rule: Rule, evidence: Evidence) -> None:
        """Add a place at which a rule applies."""
        places = self.seen.setdefault(rule.id, (rule, []))[1]
        if len(places) < _EVIDENCE and all(one.where != evidence.where or one.text != evidence.text for one in places):
            places.append(evidence)

    def indicate(self, kind: str, literal: Literal, where: str) -> None:
        """Add something to act on."""
        if len(self.indicators) < _MOST_INDICATORS:
            origin: Origin = "emulated" if literal.decoded and self.ran else "decoded" if literal.decoded else "literal"
            one = Indicator(kind=kind, value=literal.text, origin=origin, where=where)
            known = self.indicators.setdefault((kind, literal.text), one)
            if known.origin != "literal" and origin == "literal":
                self.indicators[kind, literal.text] = one

    def findings(self) -> Iterator[Found]:
        """One finding a rule, then the indicators."""
        for rule, evidence in self.seen.values():
            yield rule(*evidence)
        enough = self.built or len(self.writes) >= _COMPUTED_WRITES
        writes = list((self.built | self.writes).values()) if enough else []
        if not writes and self.loops and self.sinks:
            writes = self.decoders
        if writes:
            yield rules.WRITES_FORMULAS(*_some(writes))
        if split := [evidence for word, evidence in self.joined_words.items() if word not in self.plain_words]:
            yield rules.SPLIT_COMMAND(*_some(split))
        if self.chains or self.pieces >= _PIECES_OF_ALL:
            yield rules.CHARACTER_CHAINS(*_some(self.chains or self.spelled))
        seldom = any(seldom for seldom, _ in self.questions.values())
        if len(self.questions) >= (2 if seldom else _MANY_QUESTIONS):
            yield rules.ENVIRONMENT(*(evidence for _, evidence in self.questions.values()))
        yield from self.indicators.values()


def _known(text: str) -> list[str]:
    """The parts of a text between its gaps."""
    return [part for part in text.split(GAP) if part]


def _some(evidence: list[Evidence]) -> list[Evidence]:
    """The first few places, and how many more there are."""
    more = len(evidence) - _EVIDENCE
    return [*evidence[:_EVIDENCE], Evidence(f"and {more} more")] if more > 0 else evidence


def spell_call(call: Call) -> str:
    """A call with what its arguments came to, as people write it."""
    return f"{call.name}({', '.join(call.texts)})".replace(GAP, "<?>")


def shorten(text: str) -> str:
    """A text as evidence shows it, at most 160 characters."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
