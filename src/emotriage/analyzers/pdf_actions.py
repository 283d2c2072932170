"""Actions of PDF documents: what scripts would do, what is launched, and where data goes."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from emotriage.catalogue import pdf as rules
from emotriage.emulation.behaviour import behaviour
from emotriage.emulation.programs import ACTIVE_SUFFIXES, OPENERS, PROXIES, SCRIPT_HOSTS, program_of, suffix_of
from emotriage.formats.pdf import Document, Name, read_document
from emotriage.formats.pdf.actions import script_of, started_by, target_of
from emotriage.formats.remote import distance
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.finding import Evidence, Rule
from emotriage.model.indicator import Indicator, Origin
from emotriage.model.limits import Budget
from emotriage.model.step import Recovered

_EVIDENCE, _SCRIPTS, _SHOWN = 8, 64, 200
_ACTIONS = 1024
"""How many are followed: each may look through the file for an object."""
_REMOTE = frozenset({"SubmitForm", "ImportData", "GoToR", "GoToE"})
_PROGRAMS = SCRIPT_HOSTS | PROXIES | OPENERS
_URL = re.compile(r"(?:https?|ftp)://[^\s\"'()<>\\]{3,1000}", re.IGNORECASE)
_WORDS: tuple[tuple[re.Pattern[str], Rule], ...] = (
    (re.compile(r"\b(?:launchURL|getURL|submitForm|mailForm|mailMsg|mailDoc|SOAP|Net\.HTTP)\b"), rules.SCRIPT_FETCHES),
    (re.compile(r"\bexportDataObject\b(?=[^;]{0,400}nLaunch)|\bopenDataObject\b"), rules.SCRIPT_OPENS_FILE),
    (
        re.compile(
            r"\bcollectEmailInfo\b|\bmedia\.newPlayer\b|\bcustomDictionaryOpen\b|\bCollab\.getIcon\b"
            r"|\bprintSeps\b|\bprintf\s{0,8}\(\s{0,8}[\"']%\d{4,6}f"
            r"|(?:%u[0-9a-fA-F]{4}){24}|(?:\\u[0-9a-fA-F]{4}){64}"
        ),
        rules.SCRIPT_EXPLOITS,
    ),
)
_MAKES_CODE = re.compile(
    r"\beval\b|\bFunction\s{0,8}\(|\bset(?:TimeOut|Interval)\b|\b(?:app|this|event\.target)\s{0,8}\["
)
"""What runs text as code: where no such text came out, it depended on something that only a reader has."""


class _Told:
    """Evidence by rule, in the order in which rules come up."""

    def __init__(self) -> None:
        self.all: dict[str, tuple[Rule, list[Evidence]]] = {}

    def add(self, rule: Rule, text: str, one: Name) -> None:
        where = f"object stream at offset {one.offset}" if one.packed else f"offset {one.offset}"
        self.all.setdefault(rule.id, (rule, []))[1].append(Evidence(text[:_SHOWN], where, one.offset))


@analyzer("pdf-actions", kinds={"pdf"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Report what acts, and what that leads to."""
    document = subject.view(read_document)
    told = _Told()
    shut = any(one.name == "Encrypt" for one in document.names) and document.key is None
    follow: dict[str, Callable[[Name], Iterable[Found]]] = {
        "JS": partial(_script, document, told, subject.budget, set()),
        "Launch": partial(_launch, document, told, subject.budget),
        "OpenAction": partial(_automatic, document, told, subject.budget),
        "AA": partial(_automatic, document, told, subject.budget),
        **dict.fromkeys(_REMOTE, partial(_remote, document, told, subject.budget)),
    }
    left = _ACTIONS
    for one in document.names:
        if one.name == "JavaScript" or (shut and one.name == "JS"):
            told.add(rules.JAVASCRIPT, f"/{one.name}", one)
        elif one.name in follow and shut:
            told.add(_NAMED.get(one.name, rules.REMOTE_ACTION), f"/{one.name}", one)
        elif one.name in follow and left:
            left -= 1
            yield from follow[one.name](one)
        elif one.name in follow:
            told.add(rules.ACTION_NOT_FOLLOWED, f"/{one.name}", one)
    for rule, evidence in told.all.values():
        yield rule(*evidence[:_EVIDENCE])


_NAMED = {"Launch": rules.LAUNCH, "OpenAction": rules.AUTOMATIC_ACTION, "AA": rules.AUTOMATIC_ACTION}
"""What an action is called that is encrypted."""


def _script(document: Document, told: _Told, budget: Budget, seen: set[str], one: Name) -> Iterator[Found]:
    text = script_of(document, one, budget)
    if text is None or len(seen) >= _SCRIPTS:
        told.add(rules.JAVASCRIPT, "/JS", one)
        told.add(rules.ACTION_NOT_FOLLOWED, "/JS", one)
        return
    told.add(rules.JAVASCRIPT, text.strip(), one)
    if text in seen:
        return
    seen.add(text)
    yield Recovered(f"script-{one.offset}", "javascript", text)
    run = behaviour(text, "javascript", budget)
    texts = [text] if run is None else [text, *(layer.text for layer in run.layers[1:])]
    if run is None or not run.complete or (len(texts) == 1 and _MAKES_CODE.search(text)):
        told.add(rules.ACTION_NOT_FOLLOWED, "script", one)
    for number, each in enumerate(texts[:_SCRIPTS]):
        budget.spend(16 * len(each))
        if number == 1:
            told.add(rules.SCRIPT_UNPACKS, each.strip(), one)
        for pattern, rule in _WORDS:
            if found := pattern.search(each):
                told.add(rule, each[found.start() : found.start() + _SHOWN], one)
        for address in dict.fromkeys(_URL.findall(each)[:_SCRIPTS]):
            origin: Origin = "decoded" if number else "literal"
            yield Indicator(kind="url", value=address, origin=origin, where=f"script at offset {one.offset}")
    if run is not None and run.effects:
        yield Child(f"script-{one.offset}.js", text.encode("utf-8", "replace"))


def _launch(document: Document, told: _Told, budget: Budget, one: Name) -> Iterator[Found]:
    target, arguments = target_of(document, one, budget)
    command = f"{target} {arguments}".strip()
    told.add(rules.LAUNCH, command or "/Launch", one)
    if not command:
        told.add(rules.ACTION_NOT_FOLLOWED, "/Launch", one)
        return
    if program_of(target) in _PROGRAMS or suffix_of(target) in ACTIVE_SUFFIXES:
        told.add(rules.LAUNCHES_PROGRAM, command, one)
    yield Indicator(kind="command", value=command, where=f"offset {one.offset}")
    _share(told, target, one)


def _remote(document: Document, told: _Told, budget: Budget, one: Name) -> Iterator[Found]:
    target, _ = target_of(document, one, budget)
    told.add(rules.REMOTE_ACTION, f"/{one.name} {target}".strip(), one)
    if not target and one.name != "GoToE":  # which may stay inside of the document
        told.add(rules.ACTION_NOT_FOLLOWED, f"/{one.name}", one)
    elif target:
        kind = "url" if "://" in target else "path"
        yield Indicator(kind=kind, value=target, where=f"offset {one.offset}")
        _share(told, target, one)


def _share(told: _Told, target: str, one: Name) -> None:
    if "://" not in target.replace("file://", "") and distance(target) == "remote":
        told.add(rules.SHARE_ACTION, target, one)


def _automatic(document: Document, told: _Told, budget: Budget, one: Name) -> tuple[Found, ...]:
    started = started_by(document, one, budget)
    acts = [each for each in started.types if each not in ("GoTo", "Named")]
    if acts:
        told.add(rules.AUTOMATIC_ACTION, f"/{one.name}: {', '.join(acts)}", one)
    if not started.followed:
        told.add(rules.ACTION_NOT_FOLLOWED, f"/{one.name}", one)
    return ()
