"""VBA macros: what starts by itself, what it can do, how it hides that, and what is wrong with the project."""

import re
from collections.abc import Callable, Iterator
from functools import cache

from emotriage.analyzers.vba import concealment as vba_concealment
from emotriage.analyzers.vba import story as vba_story
from emotriage.analyzers.vba import text as vba_text
from emotriage.analyzers.vba.behaviour import Behaviour
from emotriage.analyzers.vba.macros import Macros, prepare
from emotriage.analyzers.vba.stomping import Comparison, compiled_project
from emotriage.catalogue import vba as rules
from emotriage.catalogue import vba_project
from emotriage.emulation.vba.vocabulary import words
from emotriage.formats.cfb import read_compound_file
from emotriage.formats.vba import Project, read_projects
from emotriage.formats.vba.oforms import Control, read_controls
from emotriage.model.analyzer import Found, Subject, analyzer
from emotriage.model.anomaly import Anomaly
from emotriage.model.finding import Evidence, Finding, Rule
from emotriage.model.step import Recovered

_SHOWN = 8
_RULES: dict[str, Rule] = {
    "names-disagree": rules.NAMES_DISAGREE,
    "module-not-in-dir": rules.HIDDEN_MODULE,
    "module-not-in-project-stream": rules.HIDDEN_MODULE,
    "protection-fields": rules.UNVIEWABLE,
    "source-missing": rules.SOURCE_MISSING,
    "output-limit": rules.EXPANSION_LIMIT,
    "office-95-project": rules.OLD_PROJECT,
    "code-page-unknown": rules.UNKNOWN_CODE_PAGE,
    "compiled-code-limit": vba_project.COMPILED_UNREAD,
    "purged": vba_project.PURGED,
}
_UNPRINTABLE = re.compile("[\x01-\x08\x0e-\x1e\x7f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_REMOTE = re.compile(r"(?i)(?:https?:|ftp:|file:)?//(?![?.]/)[\w.-]+/")
_DECLARING = words("private public static friend sub function end as byval byref cancel boolean object")


@analyzer("vba", kinds={"ole"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Report on every VBA project of a compound file."""
    controls = cache(lambda: read_controls(subject.view(read_compound_file), subject.budget))
    for project in subject.view(read_projects):
        yield from _damage(project)
        yield from _references(project)
        if not project.modules:
            continue
        macros = prepare(project, subject.budget)
        yield from _unprintable(macros)
        yield from _look(subject, macros, controls)
        compared = Comparison(macros)
        yield from compared.findings()
        if compiled := compiled_project(project, subject.budget, stomped=compared.stomped):
            yield from _look(subject, prepare(compiled, subject.budget, view=" compiled"), controls)


def _look(subject: Subject, macros: Macros, controls: Callable[[], tuple[Control, ...]]) -> Iterator[Found]:
    """What the code of a project does, from its source or from what is compiled of it."""
    for module in macros.project.modules:
        yield Recovered(module.name + macros.view, "vba", module.source)
    yield from _entries(macros)
    yield from vba_text.look(macros)
    hidden = list(vba_concealment.look(macros))
    yield from Behaviour(macros).look()
    yield from hidden
    yield from vba_story.look(macros, subject, controls())


def _damage(project: Project) -> Iterator[Finding]:
    by_rule: dict[str, list[Anomaly]] = {}
    for anomaly in project.anomalies:
        rule = _RULES.get(anomaly.code)
        if anomaly.incomplete and (rule is None or not rule.incomplete):
            rule = rules.DAMAGED  # a list that is cut short hides nothing
        if rule is not None:
            by_rule.setdefault(rule.id, []).append(anomaly)
    every = {rule.id: rule for rule in (*_RULES.values(), rules.DAMAGED)}
    for name in sorted(by_rule):
        evidence = [Evidence(one.code, where=one.where or "project") for one in by_rule[name][:_SHOWN]]
        yield every[name](*evidence)


def _references(project: Project) -> Iterator[Finding]:
    for reference in project.references:
        if _REMOTE.match(_path_of(reference.target)):
            yield rules.REMOTE_REFERENCE(Evidence(reference.target, where=reference.name or "dir"))


def _path_of(libid: str) -> str:
    """The path of a project in a libid ([MS-OVBA] 2.1.1.12), with slashes; libraries are found by GUID, not by path."""
    return libid[3:].replace("\\", "/") if libid[:2] == "*\\" and libid[2:3].upper() in tuple("ABCD") else ""


def _entries(macros: Macros) -> Iterator[Finding]:
    for rule, numbers in (
        (rules.AUTORUN, macros.entries.automatic),
        (rules.CONTROL_AUTORUN, macros.entries.controls),
    ):
        places = []
        for number in numbers:
            node = macros.program.nodes[number]
            if node.words - _DECLARING - {node.procedure.name.lower()}:  # an empty one does nothing
                places.append(macros.evidence(node.module, node.procedure.start, node.procedure.name))
        if places:
            yield rule(*places[:_SHOWN])


def _unprintable(macros: Macros) -> Iterator[Finding]:
    """Comments count too: what is hidden there is hidden from whoever reviews the code."""
    damaged = {one.where for one in macros.project.anomalies if one.incomplete}
    for module in macros.project.modules:
        if module.stream in damaged:  # what was saved of it may hold noise
            continue
        macros.program.budget.spend(4 * len(module.source))
        if found := _UNPRINTABLE.search(module.source):
            line = module.source.count("\n", 0, found.start()) + 1
            yield rules.UNPRINTABLE_CODE(Evidence(f"U+{ord(found[0]):04X}", where=f"{module.name}:{line}"))
            return
