"""RTF documents: what they load or link to, fields that act, and a beginning or end that is not a document's."""

import re
from collections.abc import Iterator

from emotriage.catalogue import rtf as rules
from emotriage.formats.active_magic import find_active
from emotriage.formats.ooxml.fields import asks_office
from emotriage.formats.remote import asks_handler, distance
from emotriage.formats.rtf import RtfDocument, read_rtf
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.finding import GUESS, Evidence, Finding, Rule
from emotriage.model.indicator import Indicator
from emotriage.model.limits import RECORD
from emotriage.model.step import Recovered
from emotriage.model.stretches import read_stretches, without_stretches

_EVIDENCE = 8
_INDICATORS = 256
_FONTS = 32_000
_SPELLED = re.compile(r"\s*QUOTE((?:\s+\d{2,5})+)(?=\s+\D)", re.IGNORECASE)
"""A nested field that spells the name of the field around it, by character codes."""
_FIELD = re.compile(r"\s*([A-Za-z]+)\s*(.*)", re.DOTALL)
_ARGUMENT = re.compile(r'"((?:[^"\\]|\\.){0,8192})"|(?<!\S)([^\s"\\][^\s"]{0,8191}|\\\\[^\s"]{1,8191})')
_ESCAPED = re.compile(r'\\([\\"])')
_FETCHES: dict[str, Rule] = {
    **dict.fromkeys(("INCLUDETEXT", "INCLUDE", "LINK", "RD", "IMPORT"), rules.REMOTE_TEXT),
    "INCLUDEPICTURE": rules.REMOTE_PICTURE,
}


@analyzer("rtf-links", kinds={"rtf"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Report updates, templates, fields, fonts, damage, and what lies behind the document."""
    document = subject.view(read_rtf)
    for one in document.anomalies:
        rule = rules.NOT_READ if one.incomplete else rules.MALFORMED_HEADER
        shown = one.code if one.incomplete else repr(subject.blob.read(0, 12))[2:-1]
        yield rule(Evidence(shown, where="document", offset=one.offset))
    if document.updates:
        yield rules.OBJECT_UPDATE(*(Evidence("\\objupdate", offset=at) for at in document.updates[:_EVIDENCE]))
    if document.fonts > _FONTS:
        yield rules.TOO_MANY_FONTS(Evidence(f"{document.fonts} fonts", where="font table"))
    if document.crowded:
        yield rules.CROWDED_STRUCTURE(*(Evidence(what, offset=at) for at, what in document.crowded[:_EVIDENCE]))
    yield from _templates(document)
    yield from _fields(subject, document)
    bare = without_stretches(subject.blob, subject.view(read_stretches))
    for hidden in find_active(bare, subject.budget, start=document.end):
        yield rules.OTHER_FILE(Evidence(hidden.name, offset=hidden.offset))
        yield Child(f"behind{hidden.extension}", subject.blob.slice(hidden.offset))
    if document.text:
        yield Recovered("text", "text", document.text)


def _templates(document: RtfDocument) -> Iterator[Found]:
    for offset, target in document.templates[:_INDICATORS]:
        where = distance(target)
        if asks_handler(target):
            yield rules.HANDLER_LINK(Evidence(target, where="template", offset=offset))
        elif where == "remote":
            yield rules.REMOTE_TEMPLATE(Evidence(target, where="template", offset=offset))
        elif where == "intranet":
            yield rules.INTRANET_TEMPLATE(Evidence(target, where="template", offset=offset))
        else:
            continue
        yield Indicator(kind="url" if "://" in target else "path", value=target, where="template")


def _fields(subject: Subject, document: RtfDocument) -> Iterator[Found]:
    seen: dict[tuple[str, float], tuple[Rule, list[Evidence]]] = {}
    indicators: dict[str, Indicator] = {}
    for offset, instruction in document.fields:
        subject.budget.spend(RECORD + 8 * len(instruction))
        parsed = _FIELD.match(_SPELLED.sub(_letters, instruction, count=1))
        if parsed is None:
            continue
        name, rest = parsed[1].upper(), parsed[2]
        evidence = Evidence(instruction, where="field", offset=offset)
        if name in ("DDE", "DDEAUTO"):
            confidence = GUESS if asks_office(instruction) else 1.0
            _note(seen, rules.DDE_FIELD, confidence, evidence)
            indicators.setdefault(instruction, Indicator(kind="command", value=instruction, where="field"))
            continue
        if name != "HYPERLINK" and name not in _FETCHES:
            continue
        for target in _targets(rest):
            far = distance(target) == "remote"
            if asks_handler(target):  # a hyperlink waits for a click, and old help files are named so
                _note(seen, rules.HANDLER_LINK, GUESS if name == "HYPERLINK" else 1.0, evidence)
            elif far and name in _FETCHES:
                _note(seen, _FETCHES[name], 1.0, evidence)
            if far:
                indicator = Indicator(kind="url" if ":" in target else "path", value=target, where="field")
                indicators.setdefault(target, indicator)
    yield from _findings(seen)
    yield from list(indicators.values())[:_INDICATORS]


def _letters(spelled: re.Match[str]) -> str:
    return "".join(chr(min(int(one), 0xFFFF)) for one in spelled[1].split())


def _note(
    seen: dict[tuple[str, float], tuple[Rule, list[Evidence]]], rule: Rule, confidence: float, evidence: Evidence
) -> None:
    known = seen.setdefault((rule.id, confidence), (rule, []))[1]
    if len(known) < _EVIDENCE:
        known.append(evidence)


def _findings(seen: dict[tuple[str, float], tuple[Rule, list[Evidence]]]) -> Iterator[Finding]:
    for (_, confidence), (rule, evidence) in seen.items():
        yield rule(*evidence, confidence=confidence)


def _targets(arguments: str) -> list[str]:
    """The arguments of a field that are no switches, with their backslashes undone."""
    found = (one[1] if one[1] is not None else one[2] for one in _ARGUMENT.finditer(arguments))
    return [_ESCAPED.sub(r"\1", one).strip() for one in found if one.strip()][:8]
