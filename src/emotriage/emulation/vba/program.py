"""The modules of a VBA project taken together: who calls whom by name, and what a value is made of."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from emotriage.emulation.vba.source import Procedure, Source, words_in
from emotriage.emulation.vba.vocabulary import CONTEXTUAL, KEYWORDS, words
from emotriage.model.limits import RECORD, TOKEN, Budget

_MEMBER = re.compile(r"[.!][^\S\n]*([^\W\d]\w*)")
_BARE = re.compile(r"(?<![\w.!])[^\W\d]\w*")
_ASCII_BARE = re.compile(r"[a-z_](?<![\w.!].)\w*", re.ASCII)
_ASSIGNED = re.compile(
    r"(?:\n|:|then(?<!\wthen)(?!\w)|else(?<!\welse)(?!\w))[^\S\n]*"
    r"(?:(?:set|let|(?:(?:public|private|global)[^\S\n]+)?const|for(?:[^\S\n]+each)?)[^\S\n]+)?"
    r"([^\W\d]\w*+)[%&!#@$^]?(?:[^\S\n]+as[^\S\n]+\w+)?"
    r"(?:[^\S\n]*(?:\([^\n=]{0,200}\)|\.[^\n=(]{0,100}))?[^\S\n]*(?:=|\bin\b)"
)
_LONGEST_HEAD = 4096
_NAMES, _SPANS, _CHARACTERS = 128, 512, 1 << 16
_KEPT = 1 << 20  # characters whose words are kept


_UNASKED = words("""
    initialize activate deactivate terminate queryclose layout resize change enter exit open close load unload error
    gotfocus lostfocus painted painting paint zoom scroll timer beforeupdate afterupdate calculate
""")


@dataclass(frozen=True, slots=True)
class ModuleCode:
    """One module of a program.

    Attributes:
        name: as the project calls it.
        kind: ``document``, ``class``, ``form``, ``standard`` or ``unknown``.
        source: its code.
    """

    name: str
    kind: str
    source: Source


@dataclass(frozen=True, slots=True)
class Node:
    """A procedure in the call graph.

    Attributes:
        module: index of its module.
        procedure: where it stands.
        words: identifiers of its body, in lower case.
        bare: those of them that stand somewhere without a dot before them.
        members: those of them that stand somewhere behind a dot.
    """

    module: int
    procedure: Procedure
    words: frozenset[str]
    bare: frozenset[str]
    members: frozenset[str]


class Span(NamedTuple):
    """A range of one module's code."""

    module: int
    start: int
    end: int


class Program:
    """A project as one program; names are all that is looked at, so it reaches too far rather than too short.

    Attributes:
        modules: in the order of the project.
        nodes: their procedures, module by module.
        budget: charged for all that is looked up.
    """

    def __init__(self, modules: Sequence[ModuleCode], budget: Budget) -> None:
        self.modules = tuple(modules)
        self.budget = budget
        nodes: list[Node] = []
        self._first: list[int] = []  # number of each module's first node
        for index, module in enumerate(self.modules):
            self._first.append(len(nodes))
            nodes += (_node(index, module.source, one, budget) for one in module.source.procedures())
        self.nodes = tuple(nodes)
        by_name: dict[str, list[int]] = {}
        for number, node in enumerate(nodes):
            by_name.setdefault(node.procedure.name.lower(), []).append(number)
        self._by_name = {name: tuple(numbers) for name, numbers in by_name.items()}
        self._by_module: dict[str, list[int]] = {}
        for index, module in enumerate(self.modules):
            self._by_module.setdefault(module.name.lower(), []).append(index)
        self._outside: dict[int, frozenset[str]] = {}
        self._assigned: dict[str, list[Span]] | None = None
        self._called: dict[str, list[Span]] = {}
        self._heads: dict[int, frozenset[str]] = {}
        self._words: dict[Span, frozenset[str]] = {}
        self._room = _KEPT

    def reach(self, entries: Iterable[int]) -> frozenset[int]:
        """Nodes that may run once the entries do.

        Bare names call procedures of any module, and so do names in string literals (``Application.Run "name"``);
        ``x.name`` and event procedures count in modules that what was reached lies in or names.
        """
        queue = list(entries)
        reached = set(queue)
        active: set[int] = set()
        called: set[str] = set()
        members: set[str] = set()

        def add(candidates: Iterable[int]) -> None:
            for one in candidates:
                if one not in reached:
                    reached.add(one)
                    queue.append(one)

        def activate(index: int) -> None:
            if index in active:
                return
            active.add(index)
            for number in self.nodes_of(index):
                name = self.nodes[number].procedure.name.lower()
                if name in members or _comes_with_object(name):
                    add((number,))
            for name in sorted(self._declarations(index) & self._by_module.keys()):
                for other in self._by_module[name]:
                    activate_later.append(other)

        activate_later: list[int] = []
        while queue:
            node = self.nodes[queue.pop()]
            self.budget.spend(TOKEN + RECORD * (len(node.words) // 8))
            source = self.modules[node.module].source
            quoted = frozenset(_named_in(source.literals(node.procedure.start, node.procedure.end)))
            for name in sorted((node.bare | quoted) & self._by_name.keys() - called):
                called.add(name)
                add(self._by_name[name])
            for name in sorted((node.members | quoted) & self._by_name.keys() - members):
                members.add(name)
                add(number for number in self._by_name[name] if self.nodes[number].module in active)
            activate_later.append(node.module)
            for name in sorted((node.words | quoted) & self._by_module.keys()):
                activate_later += self._by_module[name]
            while activate_later:
                activate(activate_later.pop())
        return frozenset(reached)

    def nodes_of(self, module: int) -> range:
        """Numbers of a module's nodes."""
        last = self._first[module + 1] if module + 1 < len(self._first) else len(self.nodes)
        return range(self._first[module], last)

    def node_at(self, module: int, offset: int) -> int | None:
        """The procedure that an offset of a module's code lies in."""
        inside = self.nodes_of(module)
        number = bisect_right(inside, offset, key=lambda one: self.nodes[one].procedure.start) + inside.start - 1
        return number if number in inside and offset < self.nodes[number].procedure.end else None

    def procedures(self, name: str) -> tuple[int, ...]:
        """Nodes of that name, in lower case."""
        return self._by_name.get(name, ())

    def assigned(self) -> dict[str, list[Span]]:
        """Logical lines that give a value to a name, by the name in lower case."""
        if self._assigned is None:
            self._assigned = {}
            for index, module in enumerate(self.modules):
                for found in _ASSIGNED.finditer("\n" + module.source.low):
                    self.budget.spend(TOKEN)
                    self._assigned.setdefault(found[1], []).append(self._line(index, found.start(1) - 1))
        return self._assigned

    def made_of(self, span: Span, known: frozenset[str]) -> tuple[Span, ...]:
        """The expression and, transitively by name, all that its value is made of: assignments, functions, arguments.

        Args:
            span: of the expression.
            known: names that are followed no further: keywords and functions of the language.
        """
        spans, seen = [span], {span}
        names: set[str] = set()
        size = 0
        for one in spans:
            length = max(min(one.end - one.start, _CHARACTERS), 0)
            size += length
            if size > _CHARACTERS or len(spans) > _SPANS:
                break
            self.budget.spend(TOKEN + length * 10)
            used = self.words(Span(one.module, one.start, one.start + length)) - names
            for name in sorted((used - known) | (used & self._parameters(one))):
                if len(names) >= _NAMES:
                    break
                names.add(name)
                for other in self._values(name, one):
                    if other not in seen:
                        seen.add(other)
                        spans.append(other)
        return tuple(spans[:_SPANS])

    def words(self, span: Span) -> frozenset[str]:
        """The identifiers and keywords of a span, in lower case; lines that much is made of are read once."""
        found = self._words.get(span)
        if found is None:
            found = frozenset(words_in(self.modules[span.module].source.low[span.start : span.end]))
            if self._room > 0:
                self._room -= span.end - span.start
                self._words[span] = found
        return found

    def _values(self, name: str, at: Span) -> Iterator[Span]:
        yield from self.assigned().get(name, ())[:_SPANS]
        for number in self._by_name.get(name, ()):
            node = self.nodes[number]
            yield Span(node.module, node.procedure.start, node.procedure.end)
        inside = self.node_at(at.module, at.start)
        if inside is not None and name in self._parameters(at):  # its values are at the calls
            yield from self._calls(self.nodes[inside].procedure.name)

    def _parameters(self, at: Span) -> frozenset[str]:
        """Words behind the name in the declaration of the procedure that a span lies in."""
        inside = self.node_at(at.module, at.start)
        if inside is None:
            return frozenset()
        if inside not in self._heads:
            low = self.modules[at.module].source.low
            head = self._line(at.module, self.nodes[inside].procedure.start)
            start = low.find("(", head.start, head.end)
            text = low[start : min(head.end, start + _LONGEST_HEAD)] if start >= 0 else ""
            self._heads[inside] = frozenset(words_in(text)) - (KEYWORDS - CONTEXTUAL)
        return self._heads[inside]

    def _calls(self, name: str) -> list[Span]:
        """The first lines that name a procedure."""
        key = name.lower()
        if key not in self._called:
            self.budget.spend(TOKEN + 20 * len(self.nodes))
            spans = self._called[key] = []
            called = re.compile(rf"{re.escape(key)}(?<!\w{re.escape(key)})(?!\w)")
            for node in self.nodes:
                if key in node.words and len(spans) < _NAMES:
                    low = self.modules[node.module].source.low
                    found = called.finditer(low, node.procedure.start, node.procedure.end)
                    spans += (self._line(node.module, one.start()) for one in islice(found, _NAMES))
        return self._called[key]

    def _line(self, module: int, at: int) -> Span:
        return Span(module, *self.modules[module].source.logical_line(at))

    def _declarations(self, module: int) -> frozenset[str]:
        """Words of a module outside of its procedures."""
        if module not in self._outside:
            source = self.modules[module].source
            found: set[str] = set()
            at = 0
            for number in self.nodes_of(module):
                procedure = self.nodes[number].procedure
                found |= source.words(at, procedure.start).keys()
                at = procedure.end
            self._outside[module] = frozenset(found | source.words(at).keys())
        return self._outside[module]


def _node(module: int, source: Source, procedure: Procedure, budget: Budget) -> Node:
    budget.spend(TOKEN)
    text = source.low[procedure.start : procedure.end]
    bare = frozenset((_ASCII_BARE if text.isascii() else _BARE).findall(text))
    members = frozenset(_MEMBER.findall(text))
    return Node(module, procedure, bare | members, bare, members)


def _comes_with_object(name: str) -> bool:
    """Event procedures that may run, without a click, because their form, sheet or class came to life."""
    return name.rpartition("_")[2] in _UNASKED


def _named_in(literals: Iterable[tuple[int, str]]) -> Iterator[str]:
    """Names that a literal may call: ``Book1!Module1.Name`` is ``name``."""
    for _, value in literals:
        if len(value) <= 255:
            yield value.replace("!", ".").rpartition(".")[2].strip(" '()").lower()
