"""OpenDocument packages: every member that is not the document's own XML a child; events, links and locks findings."""

import re
from collections.abc import Iterable, Iterator

from emotriage.catalogue import odf as rules
from emotriage.containers.zip import content_of, judge_choice, judge_members, report, stray_children
from emotriage.containers.zip_secrets import KEPT, open_secrets
from emotriage.containers.zip_shared import choose
from emotriage.formats.active_magic import find_active
from emotriage.formats.odf import Listener, OpenDocument, is_passive, read_opendocument
from emotriage.formats.ooxml.fields import asks_office
from emotriage.formats.remote import distance
from emotriage.formats.zip import Member
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.finding import GUESS, Evidence
from emotriage.model.indicator import Indicator

_EVIDENCE = 8
_CLICKS = frozenset({"click", "mousedown", "mouseup", "keydown", "keyup", "change", "dblclick", "approveaction"})
"""Events that need a hand; all others come by themselves when the document is opened, shown or closed."""
_INSIDE = re.compile(r"(?:vnd\.sun\.star\.script:)[^?]*\?(?:[^#]*&)?location=document\b", re.IGNORECASE)


@analyzer("odf", kinds={"odf"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Hand out the members that are not XML, and say what the document's XML says of macros and links."""
    document, budget = subject.view(read_opendocument), subject.budget
    archive = document.archive
    files = [one for one in archive.members if not one.is_dir]
    yield from report(archive.anomalies)
    yield from judge_members(files, budget)
    yield from _macros(document, files)
    yield from _links(document)
    if document.encrypted:
        yield rules.ENCRYPTED(*(Evidence("encrypted", where=one) for one in document.encrypted[:_EVIDENCE]))
    choice = choose(archive, files)
    yield from judge_choice(choice)
    lost = [Evidence(one.code, where=one.where) for one in document.anomalies]
    locked = {one.lower() for one in document.encrypted}
    for member in choice.members:
        if member.encrypted or member in document.read or member.name.lower() in locked:
            continue
        if is_passive(member.name) and _holds_nothing(subject, document, member, lost):
            continue
        yield Child(member.name, content_of(archive, member))
    if lost:
        yield rules.DAMAGED(*lost[:_EVIDENCE])
    yield from stray_children(archive)
    secret = [one for one in choice.members if one.encrypted]
    noted: list[Anomaly] = []
    readings: list[Member] = []
    yield from open_secrets(subject, archive, secret, noted, readings)
    yield from report(noted)
    for member in readings:
        yield Child(member.name, content_of(archive, member))


def _holds_nothing(subject: Subject, document: OpenDocument, member: Member, lost: list[Evidence]) -> bool:
    """True for a cache or picture of the program's own in which no other file begins."""
    if member.size > KEPT:
        return False
    try:
        content = Blob(document.archive.read(member, subject.budget, KEPT))
    except FormatError as error:
        lost.append(Evidence(str(error), where=member.name))
        return True
    return not find_active(content, subject.budget, start=0)


def _macros(document: OpenDocument, files: Iterable[Member]) -> Iterator[Found]:
    scripts = [one.name for one in files if one.name.lower().startswith("scripts/")]
    names = [*(one.name for one in document.modules), *scripts]
    if names:
        yield rules.MACROS(*(Evidence(one, where=one) for one in names[:_EVIDENCE]))
    bound = [one for one in document.listeners if one.macro and one.event not in _CLICKS]
    inside = [one for one in bound if _is_inside(one)]
    outside = [one for one in bound if one not in inside]
    if inside:
        yield rules.LISTENER(*(_evidence(one) for one in inside[:_EVIDENCE]))
    if outside:
        yield rules.FOREIGN_SCRIPT(*(_evidence(one) for one in outside[:_EVIDENCE]))


def _is_inside(one: Listener) -> bool:
    """True for a macro of the document itself; older documents name their own without an address."""
    if not one.macro.lower().startswith(("vnd.sun.star.script:", "macro:", "service:")):
        return "://" not in one.macro
    return ".." not in one.macro and (_INSIDE.match(one.macro) is not None or one.macro.lower().startswith("macro:///"))


def _evidence(one: Listener) -> Evidence:
    return Evidence(f"{one.event}: {one.macro}", where=one.where)


def _links(document: OpenDocument) -> Iterator[Found]:
    remote = [one for one in document.links if distance(one.target) == "remote"]
    pictures = [one for one in remote if one.element == "image"]
    objects = [one for one in remote if one.element != "image"]
    if objects:
        yield rules.REMOTE_OBJECT(*(Evidence(one.target, where=one.where) for one in objects[:_EVIDENCE]))
    if pictures:
        yield rules.REMOTE_PICTURE(*(Evidence(one.target, where=one.where) for one in pictures[:_EVIDENCE]))
    for target, where in {one.target: one.where for one in remote}.items():
        yield Indicator(kind="url" if "://" in target else "path", value=target, where=where)
    for confidence in (1.0, GUESS):
        if links := [one for one in document.dde if (confidence == GUESS) is _is_office(one[0])]:
            yield rules.DDE_LINK(
                *(Evidence(text, where=name) for text, name in links[:_EVIDENCE]), confidence=confidence
            )
    for text, name in dict(document.dde).items():
        yield Indicator(kind="command", value=text, where=name)


def _is_office(link: str) -> bool:
    return asks_office(link) or link.lower().startswith("soffice|")
