"""A batch file carried out line by line: labels, calls, blocks, and what it would start, fetch and write.

Follows ``cmd /?``, ``goto /?`` and ``call /?``. Nothing is run. What follows a jump that the file's own answers do not
lead to is carried out as well, once, for who knows what the user would have answered.
"""

import re
from dataclasses import dataclass, field

from emotriage.emulation import launch, programs
from emotriage.emulation.allowed import part_of
from emotriage.emulation.cmd.session import LONGEST, Session
from emotriage.emulation.cmd.text import PERCENT, is_open, protect, restore
from emotriage.emulation.effects import Effect, Ran, Run
from emotriage.emulation.variables import Reference, reference_at
from emotriage.model.limits import RECORD, Budget

_LINES = 500_000
_BLOCK = 400
_DEPTH = 32
_KEPT = re.compile(
    r"username|userdomain|computername|homepath|cd|date|time|random|errorlevel|cmdcmdline", re.IGNORECASE
)
_ARGUMENT = re.compile(r"%%|%(~[a-zA-Z$:]{0,12})?([0-9*])")
_LABEL = re.compile(r"[ \t]*:[ \t]*([^\s:+&|<>()]{1,120})")
_REMARK = re.compile(r"(?i)[\s@]*(?:rem(?:\s|\Z)|::)")
_FETCHERS = re.compile(r"(?i)\b(?:curl|wget|bitsadmin|certutil|tftp|mshta|regsvr32|msiexec)\b")


@dataclass(frozen=True, slots=True)
class _Line:
    """One line, with the block that it opens.

    Attributes:
        text: as it stands.
        at: offset in the file.
    """

    text: str
    at: int


@dataclass(slots=True)
class _Walk:
    """Where a run is, and where its calls go back to."""

    place: int = 0
    arguments: tuple[str, ...] = ()
    calls: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)


def run(text: str, budget: Budget) -> Run:
    """Carry out a batch file from its first line.

    Args:
        text: the file.
        budget: charged for every line and step.
    """
    session: Session | None = None
    with part_of(budget, len(text)) as part:
        budget.spend(4 * len(text))
        lines = _lines(text, budget)
        session = Session(budget, text, batch=True)
        _carried_out(session, lines)
    if session is None:
        return Run((Ran(text, ""),), (), complete=False)
    effects: list[Effect] = []
    for one in session.started:
        effects.append(Effect("start", one.line, "cmd", 0, one.at))
        if _FETCHERS.search(one.line) or launch.fetch_tool(one.line):
            effects += (Effect("fetch", url, "cmd", 0, one.at) for url in programs.addresses_in(one.line))
    for key, content in session.files.contents.items():
        if content.strip():
            effects.append(Effect("write", session.files.paths[key], "cmd", 0, session.files.places[key], content))
    complete = session.steps > 0 and not part.spent and len(lines) < _LINES
    return Run((Ran(text, ""),), tuple(sorted(effects, key=lambda one: one.at)), complete)


def _carried_out(session: Session, lines: list[_Line]) -> None:
    """Carry out lines from the first, then from each label that was not come by."""
    labels: dict[str, int] = {}
    for number, line in enumerate(lines):
        if found := _LABEL.match(line.text):
            labels.setdefault(found[1].lower(), number)
    visited: set[int] = set()
    _walk(session, lines, labels, _Walk(), visited)
    for number in labels.values():
        if number not in visited:
            _walk(session, lines, labels, _Walk(number), visited)


def _lines(text: str, budget: Budget) -> list[_Line]:
    """The lines of a file; those of a block in parentheses are one."""
    lines: list[_Line] = []
    at = 0
    waiting: list[str] = []
    begin = 0
    for raw in text.split("\n"):
        budget.spend(RECORD)
        line = raw.rstrip("\r")
        if not waiting:
            begin = at
        at += len(raw) + 1
        if waiting and (_REMARK.match(line) or _LABEL.match(line)):
            continue
        waiting.append(line)
        if not _REMARK.match(line) and len(waiting) < _BLOCK and _goes_on(waiting, budget):
            continue
        lines.append(_Line("\n".join(waiting), begin))
        waiting = []
        if len(lines) >= _LINES:
            break
    if waiting:
        lines.append(_Line("\n".join(waiting), begin))
    return lines


def _goes_on(waiting: list[str], budget: Budget) -> bool:
    text = "\n".join(waiting)
    budget.spend(len(text))
    return (text.endswith("^") and not text.endswith("^^")) or is_open(protect(text))


def _walk(session: Session, lines: list[_Line], labels: dict[str, int], walk: _Walk, visited: set[int]) -> None:
    """From a line to the end; a jump back to where nothing has changed since is not followed."""
    seen: dict[int, int] = {}
    while session.steps > 0:
        if walk.place >= len(lines):
            if not walk.calls:
                return
            walk.place, walk.arguments = walk.calls.pop()
            continue
        number = walk.place
        line = lines[number]
        walk.place += 1
        visited.add(number)
        session.steps -= 1
        session.budget.spend(RECORD + len(line.text))
        if _REMARK.match(line.text) or _LABEL.match(line.text):
            continue
        session.files.at = line.at
        session.jump = None
        session.carry_out(protect(_filled(session, line.text, walk.arguments)))
        if session.jump is not None:
            _follow(session, labels, walk, seen, len(lines))


def _follow(session: Session, labels: dict[str, int], walk: _Walk, seen: dict[int, int], end: int) -> None:
    """Go where a ``goto``, ``call`` or ``exit`` leads to."""
    label, arguments, calls = session.jump or ("", "", False)
    if not label:
        walk.place, walk.calls = end, []
        return
    if label == "eof":
        walk.place = end
        return
    target = labels.get(label)
    if target is None:
        return
    if calls:
        if len(walk.calls) < _DEPTH:
            walk.calls.append((walk.place, walk.arguments))
            walk.place, walk.arguments = target, tuple(restore(arguments).split())
        return
    if target < walk.place:
        if seen.get(target) == session.changes:
            return
        seen[target] = session.changes
    walk.place = target


def _filled(session: Session, text: str, arguments: tuple[str, ...]) -> str:
    """A line as it is read, from left to right: arguments and variables filled in, undefined ones gone."""
    if "%" not in text:
        return text
    session.budget.spend(4 * len(text))
    out: list[str] = []
    room = LONGEST
    at = 0
    while (mark := text.find("%", at)) >= 0:
        session.budget.spend(RECORD)
        out.append(text[at:mark])
        if found := _ARGUMENT.match(text, mark):
            out.append(_argument(found, arguments))
            at = found.end()
        elif reference := reference_at(text, "%", mark):
            value = _value(session, reference) if room > 0 else ""
            room -= len(value)
            out.append(value)
            at = mark + len(reference.text)
        else:
            at = mark + 1
    return "".join([*out, text[at:]])


def _argument(found: re.Match[str], arguments: tuple[str, ...]) -> str:
    if found[2] is None:
        return PERCENT
    if found[2] == "0":
        return f"{PERCENT}{found[1] or ''}0"
    if found[2] == "*":
        return " ".join(arguments)
    number = int(found[2])
    value = arguments[number - 1] if number <= len(arguments) else ""
    return value.strip('"') if found[1] else value


def _value(session: Session, reference: Reference) -> str:
    name = reference.name.strip()
    held = session.variables.get(name)
    if held is None:
        return reference.text.replace("%", PERCENT) if _KEPT.fullmatch(name) else ""
    return reference.of(held, session.budget).replace("%", PERCENT)
