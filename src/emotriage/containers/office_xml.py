"""What documents in one XML file say beside their binary parts: packages put together, fields, links, templates."""

import re
from collections.abc import Iterator

from emotriage.catalogue import ooxml as rules
from emotriage.catalogue import xml as xml_rules
from emotriage.containers.word_xml import binary_children
from emotriage.formats.ooxml.fields import asks_office, instructions, is_dde
from emotriage.formats.ooxml.flat_opc import as_archive, is_flat
from emotriage.formats.remote import distance
from emotriage.formats.xml import Event, iter_events, read_opening
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.anomaly import Anomaly
from emotriage.model.errors import FormatError, Malformed
from emotriage.model.finding import GUESS, Evidence, Rule
from emotriage.model.indicator import Indicator

_WORD = "http://schemas.microsoft.com/office/word/2003/wordml"
_EXCEL = "urn:schemas-microsoft-com:office:spreadsheet"
_LINK = re.compile(r"\s*=?\s*[+-]?\s*'?([\w .\\/:-]{1,80}\|.{1,2000})", re.DOTALL)
_EVIDENCE = 8


@analyzer("office-xml", kinds={"word-xml"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Put a flat package together, or read what Word and Excel 2003 act on; other programs leave a gap."""
    budget = subject.budget
    if is_flat(subject.blob, budget):
        try:
            package = as_archive(subject.blob, budget)
        except FormatError:
            yield from binary_children(subject, [])
            raise
        yield Child("package", package)
        return
    root = read_opening((window for _, window in subject.blob.windows()), budget).root
    problems: list[Anomaly] = []
    if root is not None and root.uri == _WORD:
        yield from _dde(
            rules.DDE_FIELD, (one for one in instructions(_events(subject, problems), budget) if is_dde(one))
        )
        yield from _template(subject, problems)
    elif root is not None and root.uri == _EXCEL:
        yield from _dde(rules.DDE_LINK, _formulas(subject, problems))
    else:
        yield xml_rules.ACTIVE_DOCUMENT(Evidence("document of another Office program", where=f"<{root}>"))
    if problems:
        raise Malformed(f"XML is not read to its end: {problems[0].code}")


def _events(subject: Subject, problems: list[Anomaly]) -> Iterator[Event]:
    return iter_events((window for _, window in subject.blob.windows()), subject.budget, problems)


def _formulas(subject: Subject, problems: list[Anomaly]) -> Iterator[str]:
    """Links by DDE in formulas and in the paths of supporting books."""
    for start, (tag, attributes, text) in _events(subject, problems):
        said = attributes.get("Formula", "") if start else text if tag in ("Path", "Formula", "Refers") else ""
        if "|" in said and (found := _LINK.match(said)) is not None:
            yield found[1]


def _dde(rule: Rule, found: Iterator[str]) -> Iterator[Found]:
    seen = dict.fromkeys(one.strip() for one in found)
    for confidence in (1.0, GUESS):
        if texts := [one for one in seen if asks_office(one) is (confidence == GUESS)]:
            yield rule(*(Evidence(one, where="document") for one in texts[:_EVIDENCE]), confidence=confidence)
    for one in seen:
        yield Indicator(kind="command", value=one, where="document")


def _template(subject: Subject, problems: list[Anomaly]) -> Iterator[Found]:
    windows = (window for _, window in subject.blob.windows())
    wanted = frozenset({"attachedTemplate"})
    for _, (__, attributes, ___) in iter_events(windows, subject.budget, problems, starts=wanted, ends=()):
        target = attributes.get("val", "")
        if (where := distance(target)) != "local":
            yield (rules.REMOTE_TEMPLATE if where == "remote" else rules.INTRANET_TEMPLATE)(
                Evidence(target, where="attachedTemplate")
            )
            yield Indicator(kind="url" if "://" in target else "path", value=target, where="attachedTemplate")
