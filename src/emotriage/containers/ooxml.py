"""Office Open XML packages: every part that is not plain XML a child, and what the table of contents gives away."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from emotriage.catalogue import ooxml as rules
from emotriage.containers.ooxml_links import judge_links
from emotriage.containers.zip import content_of, judge_choice, judge_members, report, stray_children
from emotriage.containers.zip_secrets import KEPT, open_secrets
from emotriage.containers.zip_shared import Choice, choose
from emotriage.formats.file_name import read_file_name
from emotriage.formats.ooxml import Package, Part, read_package
from emotriage.formats.ooxml.markup import OVERLAP, holds_scripts, is_marked, is_own, opens_alone
from emotriage.formats.ooxml.parts import (
    PartKind,
    clear_font,
    font_keys,
    is_disguised,
    is_masked_font,
    magic_of,
    part_kind,
)
from emotriage.formats.xml import read_opening
from emotriage.formats.zip import Member
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.anomaly import Anomaly
from emotriage.model.errors import FormatError
from emotriage.model.finding import Evidence, Finding, Rule
from emotriage.model.limits import RECORD, Budget
from emotriage.model.padding import is_uniform

_HEAD = 4096
_EVIDENCE = 16
_MACROS = "application/vnd.ms-office.vbaproject"
_MACRO_FREE = frozenset({"docx", "dotx", "xlsx", "xltx", "pptx", "potx", "ppsx", "vsdx"})
_MACRO_NAME = "vbaproject.bin"
_RULES: dict[str, Rule] = {
    "xml-dtd": rules.DOCUMENT_TYPE,
    "no-content-types": rules.NO_CONTENT_TYPES,
    "duplicate-part": rules.DUPLICATE_PART,
}


@dataclass(frozen=True, slots=True)
class _Sorted:
    """A part, its first bytes, and what they make of it."""

    part: Part
    head: bytes
    kind: PartKind


@dataclass(slots=True)
class _Survey:
    """What a look at the first bytes of every part has turned up."""

    children: list[Child] = field(default_factory=list)
    seen: dict[str, tuple[Rule, list[Evidence]]] = field(default_factory=dict)
    content: list[Anomaly] = field(default_factory=list)
    checked: int = 0
    bulky: list[_Sorted] = field(default_factory=list)

    def note(self, rule: Rule, text: str, where: str) -> None:
        """Add a place at which a rule applies, once."""
        evidence = self.seen.setdefault(rule.id, (rule, []))[1]
        if (one := Evidence(text, where=where)) not in evidence[-_EVIDENCE:]:
            evidence.append(one)

    def findings(self) -> Iterator[Finding]:
        """One finding a rule, with the first places."""
        for rule, evidence in self.seen.values():
            yield rule(*evidence[:_EVIDENCE])


@analyzer("ooxml", kinds={"ooxml"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Hand out the parts that are not XML, and say what is odd about the package."""
    package, budget = subject.view(read_package), subject.budget
    yield from report(package.archive.anomalies)
    yield from judge_members([part.member for part in package.parts], budget)
    yield from judge_links(package, budget)
    survey = _Survey()
    for one in package.anomalies:
        survey.note(_RULES.get(one.code, rules.DAMAGED), one.where or one.code, one.code)
    _judge_macros(package, survey, read_file_name(subject.name).extension)
    _judge_ribbon(package, survey, budget)
    choice = choose(package.archive, (part.member for part in package.parts))
    yield from judge_choice(choice)
    _look(package, choice, survey, budget)
    yield from survey.findings()
    yield from sorted(survey.children, key=_order)
    yield from stray_children(package.archive)
    secret = [one for one in choice.members if one.encrypted]
    readings: list[Member] = []
    yield from open_secrets(subject, package.archive, secret, survey.content, readings)
    yield from report(survey.content)
    for member in readings:
        yield Child(member.name, content_of(package.archive, member))
    late = _Survey(checked=survey.checked)
    for bulky in survey.bulky:  # what they cost, they take from nobody
        _settle(package, bulky, late, budget)
    yield from late.findings()
    yield from late.children
    yield from report(late.content)


def _order(child: Child) -> int:
    """Macros come first: they may know the password of what is embedded beside them."""
    return 0 if child.beside is not None else 1


def _judge_macros(package: Package, survey: _Survey, extension: str) -> None:
    """Macro projects that are called or declared something else, or that should not be there."""
    targets = {
        part.name: part
        for one in package.relationships
        if one.type.lower().endswith("/vbaproject") and not one.external and (part := package.part(one.target))
    }
    projects = targets | {part.name: part for part in package.parts if part.content_type == _MACROS}
    for part in projects.values():
        if part.name.lower().rpartition("/")[2] != _MACRO_NAME or part.content_type != _MACROS:
            survey.note(rules.RENAMED_MACROS, part.content_type or "no content type", part.name)
    if projects and extension in _MACRO_FREE:
        survey.note(rules.MACROS_IN_PLAIN, f".{extension}", next(iter(projects)))
    elif projects:
        for part in package.related("", "officeDocument"):
            if part.content_type.endswith("+xml") and "macroenabled" not in part.content_type:
                survey.note(rules.MACROS_IN_PLAIN, part.content_type, part.name)


def _judge_ribbon(package: Package, survey: _Survey, budget: Budget) -> None:
    """Ribbons that call a macro when the document opens."""
    for one in package.relationships:
        part = package.part(one.target) if one.type.lower().endswith("/ui/extensibility") else None
        if part is None or one.external:
            continue
        try:
            for tag, attributes, _ in package.xml(part, budget, []):
                if tag == "customUI" and attributes.get("onLoad"):
                    survey.note(rules.RIBBON_CALLBACK, attributes["onLoad"], part.name)
        except FormatError as error:
            survey.note(rules.DAMAGED, str(error), part.name)


def _look(package: Package, choice: Choice, survey: _Survey, budget: Budget) -> None:
    """Decide about every part by its first bytes."""
    keys: tuple[bytes, ...] | None = None
    opened = {one for one in choice.members if not one.encrypted}
    for part in package.parts:
        budget.spend(RECORD)
        if part.member not in opened:
            continue
        try:
            head = package.archive.head(part.member, budget, _HEAD)
        except FormatError as error:
            survey.note(rules.DAMAGED, str(error), part.name)
            continue
        kind = part_kind(part, head)
        if is_disguised(part, head):
            survey.note(rules.DISGUISED_PART, magic_of(head), part.name)
        if kind in ("control", "foreign-control"):
            survey.note(rules.ACTIVEX if kind == "control" else rules.FOREIGN_ACTIVEX, part.content_type, part.name)
        own = kind in ("markup", "records", "control")
        if own and survey.checked + part.member.size > KEPT:
            survey.bulky.append(_Sorted(part, head, kind))
        elif not own and is_masked_font(part):
            keys = font_keys(package, budget) if keys is None else keys
            survey.children.append(Child(part.name, _font(package, part, keys)))
        else:
            _settle(package, _Sorted(part, head, kind), survey, budget)


def _settle(package: Package, one: _Sorted, survey: _Survey, budget: Budget) -> None:
    """See that a part of the package's own can be unpacked, or hand it out."""
    part = one.part
    if one.kind in ("records", "control"):
        _check(package, part, survey, budget)
    elif one.kind != "markup" or not _is_piece(package, part, one.head, survey, budget):
        beside = package if part.content_type == _MACROS else None
        survey.children.append(Child(part.name, content_of(package.archive, part.member), beside=beside))


def _is_piece(package: Package, part: Part, head: bytes, survey: _Survey, budget: Budget) -> bool:
    """True for markup that only the package's own program reads; all other becomes an artifact of its own.

    A part that the program never gets to, or whose root it does not know, is there for somebody else: such a one is
    looked through for what browsers run.
    """
    try:
        opening = read_opening([head], budget)
        if opening.root is None and len(head) >= _HEAD:
            opening = read_opening(package.stream(part, budget, []), budget)
    except FormatError as error:
        survey.note(rules.DAMAGED, str(error), part.name)
        return True
    if opening.document_type:
        survey.note(rules.DOCUMENT_TYPE, "<!DOCTYPE", part.name)
    ways = package.ways_to(part)
    own = opening.root is not None and is_own(opening.root)
    if opens_alone(opening) or "afchunk" in ways or not (own or ways):
        return opening.document_type
    doubtful = not own or not ways
    if doubtful and survey.checked + part.member.size > KEPT:
        return False
    if not _check(package, part, survey, budget) and not doubtful:
        return True
    found: list[Anomaly] = []
    try:
        scripts = holds_scripts(package.stream(part, budget, found), budget)
    except FormatError as error:
        survey.note(rules.DAMAGED, str(error), part.name)
        return True
    for one in found:
        if one.incomplete:
            survey.note(rules.DAMAGED, one.code, part.name)
    return not scripts


def _check(package: Package, part: Part, survey: _Survey, budget: Budget) -> bool:
    """Unpack a part that nobody else may unpack, to see that all of it can be; true when it may hold scripts."""
    found: list[Anomaly] = []
    marked, tail = False, b""
    try:
        for chunk in package.stream(part, budget, found):
            survey.checked += len(chunk)
            content = chunk[:OVERLAP] if is_uniform(chunk) else chunk
            budget.spend(len(chunk) + len(content))
            window = tail + content
            marked = marked or is_marked(window)
            tail = window[-OVERLAP:]
    except FormatError as error:
        survey.note(rules.DAMAGED, str(error), part.name)
    for one in found:
        if one.incomplete:
            survey.note(rules.DAMAGED, one.code, part.name)
        else:
            survey.content.append(one)
    return marked


def _font(package: Package, part: Part, keys: tuple[bytes, ...]) -> Callable[[Budget], Iterator[bytes]]:
    return lambda budget: clear_font(package.stream(part, budget), part.name, keys)
