"""Classes of the objects in an RTF document: what they are known for, and whether all their names agree."""

from collections.abc import Iterator

from emotriage.catalogue import equation
from emotriage.catalogue import ole as ole_rules
from emotriage.catalogue import rtf as rules
from emotriage.formats.cfb import read_compound_file
from emotriage.formats.com_classes import ComClass, class_named, class_of, is_spelled_oddly
from emotriage.formats.equation import is_equation, overflows
from emotriage.formats.remote import asks_handler, distance
from emotriage.formats.rtf import EmbeddedObject
from emotriage.formats.rtf.object import NativeObject
from emotriage.model.analyzer import Found, Subject
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.finding import Evidence
from emotriage.model.indicator import Indicator

_ALWAYS = frozenset({"exploited", "active"})
_UPDATED = frozenset({"equation", "link"})


def judge_classes(
    subject: Subject, said: EmbeddedObject, header: NativeObject, data: bytes, where: str, *, updated: bool
) -> Iterator[Found]:
    """Report classes known from exploits, and names that do not agree.

    Args:
        subject: the document.
        said: the object as the document describes it.
        header: the object as its header does.
        data: of a compound file in it, else nothing.
        where: its place, for evidence.
        updated: objects of the document load themselves.
    """
    try:
        inside = _classes_in(subject, data)
    except FormatError as error:
        yield rules.NOT_READ(Evidence(f"classes of the object: {error}", where=where))
        inside = []
    found = [one for one in (class_named(header.class_name), class_named(said.class_name), *inside) if one is not None]
    wanted = _ALWAYS | _UPDATED if updated else _ALWAYS
    if dangerous := [one for one in found if one.role in wanted]:
        yield rules.EXPLOITABLE_OBJECT(Evidence(dangerous[0].title, where=where))
    names = [one for one in (said.class_name, header.class_name) if one]
    first = [one.partition(".")[0].lower() for one in names]
    roles = {one.role for one in found if one.role in _ALWAYS | _UPDATED | {"document", "package"}}
    if len(set(first)) > 1 or len(roles) > 1 or any(map(is_spelled_oddly, names)):
        titles = [*names, *(one.title for one in inside)]
        yield rules.DISGUISED_CLASS(Evidence(" | ".join(dict.fromkeys(titles)), where=where))


def judge_link(header: NativeObject, said: EmbeddedObject, where: str, offset: int) -> Iterator[Found]:
    """Report where a linked object lives."""
    target = header.topic
    evidence = Evidence(target, where=where, offset=offset)
    if asks_handler(target):
        yield rules.HANDLER_LINK(evidence)
    elif distance(target) == "remote":
        yield rules.REMOTE_OBJECT(evidence)
    else:
        yield rules.LINKED_OBJECT(Evidence(target or said.class_name, where=where, offset=offset))
    if target:
        yield Indicator(kind="url" if "://" in target else "path", value=target, where=where)


def judge_equation(subject: Subject, data: bytes, where: str) -> Iterator[Found]:
    """Report an equation that is no compound file, as its editor would read it."""
    yield ole_rules.EQUATION(Evidence("native data", where=where))
    if flaw := next(overflows(data, subject.budget), ""):
        yield ole_rules.EQUATION_OVERFLOW(Evidence(flaw, where=where))
    if not is_equation(data):
        yield equation.FOREIGN_DATA(Evidence(data[:8].hex(), where=where))


def _classes_in(subject: Subject, data: bytes) -> list[ComClass]:
    """Classes of the root of a compound file, and of what is right below."""
    if not data:
        return []
    compound = read_compound_file(Blob(data), subject.budget)
    known = (class_of(one.clsid) for one in compound.entries if one.kind != "stream")
    return [one for one in known if one is not None]
