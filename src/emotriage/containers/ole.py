"""What a compound file holds: embedded files and objects become children, foreign applications and damage gaps."""

from collections.abc import Iterator
from dataclasses import replace

from emotriage.catalogue import ole as rules
from emotriage.containers.ole_package import judge_package, kind_of
from emotriage.formats.active_magic import find_active
from emotriage.formats.cfb import UNREACHED, CompoundFile, Entry, read_compound_file
from emotriage.formats.com_classes import class_of
from emotriage.formats.installer.names import is_packed, unpacked_name
from emotriage.formats.ole.application import Application, applications
from emotriage.formats.ole.native import read_link, read_package
from emotriage.formats.ole.streams import strangers
from emotriage.formats.remote import distance
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.blob import Blob
from emotriage.model.finding import Evidence, Finding, Rule
from emotriage.model.indicator import Indicator
from emotriage.model.limits import RECORD

_READ = frozenset(
    {
        "word",
        "excel",
        "powerpoint",
        "publisher",
        "hwp",
        "installer",
        "outlook",
        "store",
        "vba",
        "modules",
        "form",
        "control",
        "link",
        "equation",
        "properties",
        "thumbnails",
        "encrypted",
    }
)
"""Applications whose content is looked at, here or by the analyzers of macros, sheets, installers and encryption."""
_MADE_OF_STREAMS = frozenset({"package", "unknown"})
"""Applications that are looked at when each of their streams is."""
_ATTACHMENT = "__substg1.0_3701"
"""What is attached to an Outlook message; who reads the message hands it on under its name."""
_EVIDENCE = 8
_ANOMALIES: dict[str, Rule] = {
    "header": rules.MALFORMED_HEADER,
    "tree": rules.MALFORMED_TREE,
    "entry-name": rules.MALFORMED_TREE,
    "entry-type": rules.MALFORMED_TREE,
    "entry-orphan": rules.ORPHAN_STREAM,
    "entry-deleted": rules.DELETED_ENTRY,
    "entry-duplicate": rules.DUPLICATE_NAME,
}
"""The rule of an anomaly, by its code or by the first word of it; all others are of the allocation tables."""
_MAGIC = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"PK\3\4",
    b"%PDF-",
    b"{\\rt",
    b"MZ",
    b"\x7fELF",
    b"L\0\0\0\1\x14\2\0",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"MSCF\0\0\0\0",
    b"ITSF",
    b"ActiveMime",
    b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d",
)
"""What a stream opens with that is a file of its own, whatever the stream is called."""


@analyzer("ole", kinds={"ole"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Report what is embedded, what is odd, and what belongs to an application that is not read."""
    compound = subject.view(read_compound_file)
    yield from _irregularities(compound)
    yield from _classes(compound)
    handed: set[int] = set()
    findings: dict[str, Finding] = {}
    for entry in compound.entries:
        subject.budget.spend(RECORD)
        for found in _stream(subject, compound, entry) if entry.kind == "stream" else ():
            handed.add(entry.index)
            if isinstance(found, Finding):
                before = findings.get(found.rule, found)
                evidence = before.evidence if before is found else (*before.evidence, *found.evidence)
                findings[found.rule] = replace(found, evidence=evidence[:_EVIDENCE])
            else:
                yield found
    yield from findings.values()
    yield from _unread(subject, compound, handed)


def opens_as_file(content: Blob) -> bool:
    """True for a stream that is a file of its own by its first bytes; such a one is handed on whatever it is called."""
    return content.read(0, 12).startswith(_MAGIC)


def _irregularities(compound: CompoundFile) -> Iterator[Found]:
    grouped: dict[str, tuple[Rule, list[Evidence]]] = {}
    for one in compound.anomalies:
        rule = _ANOMALIES.get(one.code) or _ANOMALIES.get(one.code.partition("-")[0], rules.MALFORMED_ALLOCATION)
        rule = rules.DAMAGED if one.incomplete else rule
        evidence = grouped.setdefault(rule.id, (rule, []))[1]
        if len(evidence) < _EVIDENCE:
            evidence.append(Evidence(one.code, where=one.where or "directory", offset=one.offset))
    for rule, evidence in grouped.values():
        yield rule(*evidence)


def _classes(compound: CompoundFile) -> Iterator[Found]:
    """Class ids of the root and the storages that no honest document needs."""
    by_rule: dict[str, dict[str, Evidence]] = {}
    found = {"active": rules.ACTIVE_CLASS, "exploited": rules.EXPLOITED_CLASS, "equation": rules.EQUATION}
    for entry in compound.entries:
        known = class_of(entry.clsid)
        if known and known.role in found:
            by_rule.setdefault(known.role, {}).setdefault(known.title, Evidence(known.title, where=entry.path or "/"))
    for role, seen in by_rule.items():
        yield found[role](*list(seen.values())[:_EVIDENCE])


def _stream(subject: Subject, compound: CompoundFile, entry: Entry) -> Iterator[Found]:
    """What one stream holds that is a file or an object of its own."""
    name = entry.name.lower()
    content = compound.open(entry)
    if entry.path == UNREACHED:
        yield from _unreached(subject, content)
        return
    if name == "\1ole10native":
        package = read_package(content, subject.budget)
        if package is not None:
            yield from judge_package(subject, package, entry.path, _plain(entry.path))
        elif (raw := content.slice(4)).size and kind_of(subject, raw) != "unknown":
            yield Child(_plain(entry.path), raw)
    elif name == "\1ole":
        yield from _link(subject, entry, content)
    elif name in ("package", "contents") and entry.size:
        if name == "package" or kind_of(subject, content) not in ("unknown", "text"):
            yield from _embedded(entry, content)
    elif opens_as_file(content) and not name.startswith(_ATTACHMENT):
        yield from _embedded(entry, content)


def _unreached(subject: Subject, content: Blob) -> Iterator[Found]:
    """Files that begin in sectors which damaged tables no longer lead to."""
    for one in find_active(content, subject.budget, start=0):
        rule = rules.EMBEDDED_PROGRAM if one.what == "program" else rules.EMBEDDED_FILE
        yield rule(Evidence(one.name, where=UNREACHED, offset=one.offset))
        yield Child(f"unreached{one.extension}", content.slice(one.offset))


def _embedded(entry: Entry, content: Blob, name: str = "") -> Iterator[Found]:
    yield rules.EMBEDDED_FILE(Evidence(name or entry.name, where=entry.path))
    yield Child(name or _plain(entry.path), content)


def _link(subject: Subject, entry: Entry, content: Blob) -> Iterator[Found]:
    link = read_link(content, subject.budget)
    if link is None:
        return
    remote = [one for one in link.targets if distance(one) == "remote"]
    local = [one for one in link.targets if one not in remote]
    if remote:
        yield rules.REMOTE_LINK(*(Evidence(one, where=entry.path) for one in remote[:_EVIDENCE]))
    if local:
        yield rules.LINKED_OBJECT(*(Evidence(one, where=entry.path) for one in local[:_EVIDENCE]))
    for one in link.targets:
        yield Indicator(kind="url" if "://" in one else "path", value=one, where=entry.path)


def _unread(subject: Subject, compound: CompoundFile, handed: set[int]) -> Iterator[Found]:
    """Gaps: applications whose own content nobody looks at, and streams that are nobody's."""
    found = list(applications(compound, subject.budget))
    parents = {one.parent for one in compound.entries if one.index in handed}
    unread = [one for one in found if _is_unread(one, parents)]
    foreign = {one.storage.index for one in found if one.name not in _READ | _MADE_OF_STREAMS}
    odd: dict[str, Evidence] = {}
    for one, entry in strangers(compound, found, handed, subject.budget):
        if one.name in _MADE_OF_STREAMS:
            unread.append(one)
        elif one.storage.index not in foreign and one.name != "installer":  # which hands all of them on
            odd.setdefault(entry.name, Evidence(f"stream of nobody known in: {one.title}", where=entry.path))
    whole = any(one.storage.kind == "root" for one in unread)
    shown: dict[str, Evidence] = {}
    for one in unread:
        if not (whole and one.name == "unknown" and one.storage.kind != "root"):
            shown.setdefault(one.title, Evidence(one.title, where=one.storage.path or "/"))
    if shown or odd:
        yield rules.UNREAD_APPLICATION(*[*shown.values(), *odd.values()][:_EVIDENCE])


def _is_unread(one: Application, parents: set[int]) -> bool:
    """True for what is not read whatever its streams are; an unknown one of which nothing is handed on, too."""
    if one.name in _MADE_OF_STREAMS:
        return one.storage.index not in parents
    return one.name not in _READ


def _plain(path: str) -> str:
    """A stream's path as a child's name: the control character that opens many stream names is no disguise."""
    plain = "".join(one for one in path if one >= " ")
    return unpacked_name(plain) if is_packed(plain) else plain
