"""Cabinets, such as notebooks of OneNote: every file a child, and a gap for what lies in another one."""

from collections.abc import Iterator

from emotriage.catalogue import archive as rules
from emotriage.containers.compressed import NAME_RULES
from emotriage.containers.member_names import Named, judge_names
from emotriage.containers.solid import EVIDENCE, parts_of
from emotriage.formats.cab import Cabinet, Member, read_cabinet
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.errors import FormatError
from emotriage.model.finding import Evidence, Finding
from emotriage.model.shelf import Shelf
from emotriage.model.spool import spool

_VOLUMES = frozenset({"previous-cabinet", "next-cabinet", "file-in-other-cabinet"})


@analyzer("cab", kinds={"cab"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Hand out the files and say what is odd about the cabinet."""
    cabinet = subject.view(read_cabinet)
    yield from _report(cabinet)
    yield from judge_names([Named(one.name, one.at) for one in cabinet.members], NAME_RULES, subject.budget)
    shelf = Shelf(subject.limits.spooled_bytes)
    by_folder: dict[int, list[Member]] = {}
    for one in cabinet.members:
        if one.size and one.folder >= 0:
            by_folder.setdefault(one.folder, []).append(one)
        elif not one.size:
            yield Child(one.name, b"")
    for folder, inside in by_folder.items():
        try:
            content = spool(cabinet.unpack(folder, subject.budget), subject.budget, shelf=shelf)
        except FormatError as error:
            yield rules.METHOD_NOT_READ(*(Evidence(one.name, str(error), one.at) for one in inside[:EVIDENCE]))
            continue
        yield from parts_of(content, inside)


def _report(cabinet: Cabinet) -> Iterator[Finding]:
    for rule, odd in (
        (rules.SPECIAL_MEMBER, [one for one in cabinet.anomalies if one.code in _VOLUMES]),
        (rules.TOO_MANY_MEMBERS, [one for one in cabinet.anomalies if one.code == "too-many-members"]),
        (rules.DAMAGED, [one for one in cabinet.anomalies if one.code not in {*_VOLUMES, "too-many-members"}]),
    ):
        if odd:
            yield rule(*(Evidence(one.where, one.code, one.offset) for one in odd[:EVIDENCE]))
