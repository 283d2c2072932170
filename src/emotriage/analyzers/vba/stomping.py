"""Whether the source of a macro project is what is compiled of it, and the project as its compiled code has it.

Office writes both from the same lines, so every name and every string of the compiled code stands in the source of some
module, and of the same procedure, in whatever spelling. What is compared is what code uses: names in upper or lower
case, without the characters that stand for types, and the texts of strings; never lines, numbers or comments.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from emotriage.analyzers.vba.macros import Macros
from emotriage.catalogue import vba_project as rules
from emotriage.emulation.vba.source import Procedure
from emotriage.emulation.vba.vocabulary import KNOWN
from emotriage.formats.vba import Project, is_blank
from emotriage.formats.vba.cache import Cache
from emotriage.formats.vba.decompile import decompile
from emotriage.formats.vba.pcode import CompiledCode
from emotriage.model.finding import GUESS, Evidence, Finding
from emotriage.model.limits import RECORD, Budget

_ENOUGH = 2
"""Names and strings that must be missing; less is a guess."""
_UNREADABLE = "\ufffd"
"""Stands for bytes that are no text in the project's code page; where they end, readers disagree."""
_SHORTEST = 3
_MOST = 64
_SHOWN = 12


class Comparison:
    """The compiled code of a project beside its source.

    Attributes:
        names: those in the compiled code, or that of some procedure, alone, by module.
        literals: the same of strings.
        texts: what looks like text of compiled code that could not be read, and stands in no source, by module.
    """

    def __init__(self, macros: Macros) -> None:
        self.names: dict[str, list[str]] = {}
        self.literals: dict[str, list[str]] = {}
        self.texts: dict[str, list[str]] = {}
        self._macros = macros
        self._budget = macros.program.budget
        self._words: set[str] | None = None
        self._literals: set[str] = set()
        self._spans: dict[int, dict[str, list[Procedure]]] = {}
        for node in macros.program.nodes:
            by_name = self._spans.setdefault(node.module, {})
            by_name.setdefault(node.procedure.name.lower(), []).append(node.procedure)
        for index, module in enumerate(macros.project.modules):
            if module.cache is not None and not is_blank(module.source):
                self._compare(module.name, module.cache)
                if module.cache.code is not None:
                    self._compare_procedures(index, module.name, module.cache.code)

    @property
    def stomped(self) -> bool:
        """True when the source is not what the code was compiled from."""
        names = {one.lower() for names in self.names.values() for one in names}
        return len(names.union(*self.literals.values())) >= _ENOUGH

    def findings(self) -> Iterator[Finding]:
        """What the differences mean."""
        if self.literals or self.names:
            places = sorted(self.literals.keys() | self.names.keys())
            evidence = [Evidence(self._line(name), where=name) for name in places[:_SHOWN]]
            if only := self._only_in_source(places):
                evidence.append(Evidence(f"only in the source: {', '.join(only)}", where="source"))
            yield rules.STOMPED(*evidence, confidence=1.0 if self.stomped else GUESS)
        if self.texts:
            yield rules.COMPILED_UNREAD(
                *(Evidence(", ".join(self.texts[name][:_SHOWN]), where=name) for name in sorted(self.texts)[:_SHOWN])
            )

    def _line(self, module: str) -> str:
        shown = [f'"{one}"' for one in self.literals.get(module, ())[:_SHOWN]] + self.names.get(module, [])[:_SHOWN]
        return f"only compiled: {', '.join(shown)}"

    def _compare(self, module: str, cache: Cache) -> None:
        words, literals = self._source()
        if code := cache.code:
            self._budget.spend(RECORD + 50 * (len(code.names) + len(code.literals)))
            names = sorted(one for one in code.names if one.lower() not in words and _tells(one))
            if names := [one for one in names[:_MOST] if not self._in_code(one)]:
                self.names[module] = names
            if texts := sorted(one for one in code.literals if one not in literals and _tells(one))[:_MOST]:
                self.literals[module] = texts
        unread = sorted(one for one in cache.texts if one not in literals)[:_MOST]
        if unread := [one for one in unread if not self._in_source(one)]:
            self.texts[module] = unread

    def _compare_procedures(self, index: int, module: str, code: CompiledCode) -> None:
        """What a procedure uses stands in that procedure: code that nobody calls may not lend it its words."""
        source = self._macros.program.modules[index].source
        spans = self._spans.get(index, {})
        written: dict[str, tuple[set[str], set[str]]] = {}
        for used in code.procedures:
            name = used.procedure.lower()
            self._budget.spend(RECORD + 50 * (len(used.names) + len(used.literals)))
            if name not in spans:
                continue
            if name not in written:
                places = spans[name]
                self._budget.spend(10 * sum(place.end - place.start for place in places))
                written[name] = (
                    {one for place in places for one in source.words(place.start, place.end)},
                    {text for place in places for _, text in source.literals(place.start, place.end)},
                )
            words, literals = written[name]
            names = {one for one in used.names if one.isidentifier() and one.lower() not in words and _tells(one)}
            texts = {one for one in used.literals if one not in literals and _tells(one)}
            if names:
                self.names[module] = sorted({*names, *self.names.get(module, ())})[:_MOST]
            if texts:
                self.literals[module] = sorted({*texts, *self.literals.get(module, ())})[:_MOST]

    def _source(self) -> tuple[set[str], set[str]]:
        """(words, strings) of all modules' source."""
        if self._words is None:
            self._words = {module.name.lower() for module in self._macros.program.modules}
            for module in self._macros.program.modules:
                self._words.update(module.source.words())
                self._literals.update(text for _, text in module.source.literals())
        return self._words, self._literals

    def _in_code(self, name: str) -> bool:
        """True for a name that is no single word, as one in brackets may be, and stands in some source like that."""
        return not name.isidentifier() and self._stands(
            name.lower(), (one.source.low for one in self._macros.program.modules)
        )

    def _in_source(self, text: str) -> bool:
        doubled = text.replace('"', '""')
        sources = [one.source for one in self._macros.project.modules]
        return self._stands(text, sources) or self._stands(doubled, sources)

    def _stands(self, text: str, sources: Iterable[str]) -> bool:
        for source in sources:
            self._budget.spend(len(source) // 4)
            if text in source:
                return True
        return False

    def _only_in_source(self, places: list[str]) -> list[str]:
        """Names of the modules' source that their compiled code does not have."""
        caches = [one.cache for one in self._macros.project.modules if one.cache is not None]
        known = {name.lower() for one in caches if one.code is not None for name in one.code.names}
        found: list[str] = []
        for module in self._macros.program.modules:
            if module.name in places:
                found += [one for one in module.source.words() if one not in known and one not in KNOWN]
        return sorted(set(found))[:_SHOWN]


def _tells(term: str) -> bool:
    return len(term.strip()) >= _SHORTEST and _UNREADABLE not in term


def compiled_project(project: Project, budget: Budget, *, stomped: bool) -> Project | None:
    """The project as its compiled code has it, or None where that adds nothing.

    Args:
        project: as its source has it.
        budget: charged for every line.
        stomped: the source is not to be trusted; else only modules without any are taken from the compiled code.
    """
    modules = []
    taken = False
    for module in project.modules:
        code = module.cache.code if module.cache else None
        if code is not None and code.lines and (stomped or is_blank(module.source)):
            source = decompile(code, budget)
            taken = taken or bool(source.strip())
            modules.append(replace(module, source=source))
        else:
            modules.append(module)
    return replace(project, modules=tuple(modules)) if taken else None
