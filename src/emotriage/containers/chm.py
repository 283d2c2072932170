"""Compiled HTML help: every page a child, and what its shortcut commands start."""

import html
import re
from collections.abc import Iterator, Sequence

from emotriage.catalogue import chm as rules
from emotriage.containers.member_names import Named, NameRules, judge_names
from emotriage.containers.solid import parts_of
from emotriage.formats.chm import Help, Member, read_help
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.finding import Evidence
from emotriage.model.indicator import Indicator
from emotriage.model.limits import MIB, Budget
from emotriage.model.spool import spool
from emotriage.model.step import Step

_NAME_RULES = NameRules(rules.UNSAFE_NAME, rules.ACTIVE_MEMBER, rules.ACTIVE_MEMBER)
_EVIDENCE = 16
_PAGES = (".htm", ".html", ".xhtml", ".hhc", ".hhk")
_PAGE = 4 * MIB
_PARAMETER = re.compile(
    rb"<param\s[^>]{0,40}?name\s{0,8}=\s{0,8}[\"']?(command|item1)[\"']?\s[^>]{0,40}?value\s{0,8}=\s{0,8}"
    rb"(?:\"([^\"]{0,4096})\"|'([^']{0,4096})'|([^\s>]{1,4096}))",
    re.IGNORECASE,
)
_CLICKS = re.compile(rb"\.\s{0,8}click\s{0,8}\(", re.IGNORECASE)


@analyzer("chm", kinds={"chm"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Hand out the pages and say what they start."""
    help_ = subject.view(read_help)
    if help_.anomalies:
        yield rules.DAMAGED(*(Evidence(one.code, one.where, one.offset) for one in help_.anomalies))
    yield from judge_names([Named(one.name) for one in help_.members], _NAME_RULES, subject.budget)
    packed = [one for one in help_.members if one.packed]
    for one in help_.members:
        if not one.packed:
            content = subject.blob.slice(one.offset, one.size)
            yield from _shortcuts([(one, content)], subject.budget)
            yield Child(one.name, content)
    if packed:
        yield from _packed(subject, help_, packed)


def _packed(subject: Subject, help_: Help, packed: Sequence[Member]) -> Iterator[Found]:
    try:
        content = spool(help_.unpack(subject.budget), subject.budget)
    except FormatError as error:
        yield rules.DAMAGED(Evidence(str(error)))
        return
    pages = [(one, content.blob.slice(one.offset, one.size)) for one in packed]
    yield from _shortcuts(pages, subject.budget)
    yield from parts_of(content, packed)


def _shortcuts(pages: Sequence[tuple[Member, Blob]], budget: Budget) -> Iterator[Found]:
    """ShortCut commands of the help control: a window, a program, and what it is told, separated by commas."""
    started: list[tuple[str, str]] = []
    clicked: list[Evidence] = []
    for one, content in pages:
        if not one.name.lower().endswith(_PAGES):
            continue
        text = content.read(0, _PAGE)
        budget.spend(2 * len(text))
        if b"shortcut" not in text.lower():
            continue
        values = {found[1].lower(): found[2] or found[3] or found[4] or b"" for found in _PARAMETER.finditer(text)}
        if values.get(b"command", b"").strip().lower() == b"shortcut" and b"item1" in values:
            command = html.unescape(values[b"item1"].decode("utf-8", "replace")).lstrip(", ")
            started.append((one.name, command))
            if click := _CLICKS.search(text):
                clicked.append(Evidence(click[0].decode("ascii", "replace"), one.name))
    if started:
        yield rules.RUNS_PROGRAM(*(Evidence(command, name) for name, command in started[:_EVIDENCE]))
    if clicked:
        yield rules.CLICKS_ITSELF(*clicked[:_EVIDENCE])
    for name, command in started[:_EVIDENCE]:
        yield Indicator(kind="command", value=command, origin="decoded", where=name)
        yield Step(action="start", text=command, where=name)
