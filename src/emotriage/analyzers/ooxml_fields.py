"""Fields and links of Office Open XML packages that start programs by DDE."""

from collections.abc import Iterator

from emotriage.catalogue import ooxml as rules
from emotriage.formats.ooxml import Part, read_package
from emotriage.formats.ooxml.fields import asks_office, dde_fields, dde_links
from emotriage.model.analyzer import Found, Subject, analyzer
from emotriage.model.anomaly import Anomaly
from emotriage.model.finding import GUESS, Evidence, Rule
from emotriage.model.indicator import Indicator

_EVIDENCE = 8


@analyzer("ooxml-fields", kinds={"ooxml"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Report DDE fields of documents and DDE links of workbooks, and parts that end before their fields do."""
    package, budget = subject.view(read_package), subject.budget
    unread: list[Anomaly] = []
    yield from _report(rules.DDE_FIELD, dde_fields(package, budget, unread))
    yield from _report(rules.DDE_LINK, dde_links(package, budget, unread))
    if unread:
        seen = dict.fromkeys((one.code, one.where) for one in unread)
        yield rules.DAMAGED(*(Evidence(code, where=where) for code, where in list(seen)[:_EVIDENCE]))


def _report(rule: Rule, found: Iterator[tuple[str, Part]]) -> Iterator[Found]:
    seen: dict[float, list[Evidence]] = {1.0: [], GUESS: []}
    for text, part in found:
        evidence = seen[GUESS if asks_office(text) else 1.0]
        if len(evidence) < _EVIDENCE:
            evidence.append(Evidence(text, where=part.name))
    for confidence, evidence in seen.items():
        if evidence:
            yield rule(*evidence, confidence=confidence)
        for one in evidence:
            yield Indicator(kind="command", value=one.text, where=one.where)
