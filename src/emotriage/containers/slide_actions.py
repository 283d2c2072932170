"""What a click or a mouse move on a slide does, in presentations of any age."""

from collections.abc import Iterable, Iterator

from emotriage.catalogue import ooxml as ooxml_rules
from emotriage.catalogue import powerpoint as rules
from emotriage.emulation.cmd import started
from emotriage.emulation.programs import addresses_in
from emotriage.formats.ooxml import read_package
from emotriage.formats.ooxml.fields import slide_actions
from emotriage.formats.powerpoint97 import Action
from emotriage.model.analyzer import Found, Subject, analyzer
from emotriage.model.anomaly import Anomaly
from emotriage.model.finding import Evidence, Rule
from emotriage.model.indicator import Indicator
from emotriage.model.limits import Budget

_EVIDENCE = 8
_COMMANDS = 64
_RULES: dict[tuple[str, bool], Rule] = {
    ("program", False): rules.PROGRAM_ACTION,
    ("program", True): rules.PROGRAM_ON_HOVER,
    ("macro", False): rules.MACRO_ACTION,
    ("macro", True): rules.MACRO_ON_HOVER,
}


@analyzer("slide-actions", kinds={"ooxml"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Report the actions of the slides of a package."""
    unread: list[Anomaly] = []
    package = subject.view(read_package)
    found = list(slide_actions(package, subject.budget, unread))
    yield from judge_actions(found, subject.budget)
    if unread:
        seen = dict.fromkeys((one.code, one.where) for one in unread)
        yield ooxml_rules.DAMAGED(*(Evidence(code, where=where) for code, where in list(seen)[:_EVIDENCE]))


def judge_actions(actions: Iterable[Action], budget: Budget) -> Iterator[Found]:
    """Findings of the actions that run something, and what the commands of programs say."""
    grouped: dict[str, tuple[Rule, dict[str, Evidence]]] = {}
    commands: dict[str, str] = {}
    for one in actions:
        rule = _RULES.get((one.what, one.hover))
        if rule is None:
            continue
        grouped.setdefault(rule.id, (rule, {}))[1].setdefault(one.target, Evidence(one.target, where=one.where))
        if one.what == "program" and one.target and len(commands) < _COMMANDS:
            commands.setdefault(one.target, one.where)
    for rule, evidence in grouped.values():
        yield rule(*list(evidence.values())[:_EVIDENCE])
    for command, where in commands.items():
        yield Indicator(kind="command", value=command, where=where)
        lines = (command, *started(command, budget))
        for url in dict.fromkeys(url for line in lines for url in addresses_in(line)):
            yield Indicator(kind="url", value=url, where=where)
