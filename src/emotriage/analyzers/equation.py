"""Equations of the old equation editor, held against the shape of the exploits that it was withdrawn for."""

from collections.abc import Iterator

from emotriage.analyzers.equation_code import commands_in, followed, judge_code
from emotriage.catalogue import equation
from emotriage.catalogue import ole as rules
from emotriage.formats.cfb import CompoundFile, Entry, read_compound_file
from emotriage.formats.com_classes import class_of
from emotriage.formats.equation import is_equation, overflows
from emotriage.model.analyzer import Found, Subject, analyzer
from emotriage.model.finding import Evidence

_LONGEST = 1 << 16


@analyzer("equation", kinds={"ole"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Look at the records of every equation."""
    compound = subject.view(read_compound_file)
    owners = {one.index: one for one in compound.entries}
    lines: list[str] = []
    for entry in compound.entries:
        if entry.kind == "stream" and _is_equation(entry, owners.get(entry.parent)):
            yield from _judge(subject, compound, entry, lines)
    yield from followed(lines)


def _is_equation(entry: Entry, owner: Entry | None) -> bool:
    name = entry.name.lower()
    if name == "equation native":
        return True
    known = class_of(owner.clsid) if owner else None
    return name == "\1ole10native" and known is not None and known.role == "equation"


def _judge(subject: Subject, compound: CompoundFile, entry: Entry, lines: list[str]) -> Iterator[Found]:
    skip = 4 if entry.name.lower() == "\1ole10native" else 0
    content = compound.open(entry).read(skip, _LONGEST)
    if flaw := next(overflows(content, subject.budget), ""):
        yield rules.EQUATION_OVERFLOW(Evidence(flaw, where=entry.path))
    if content and not is_equation(content):
        yield equation.FOREIGN_DATA(Evidence(content[:8].hex(), where=entry.path))
    lines += [line for _, line in commands_in(content, subject.budget)]
    yield from judge_code(content, entry.path, subject.budget)
