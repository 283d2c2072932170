"""What a command line for cmd.exe comes to: variables, loops and conditions carried out, nothing run.

Follows ``cmd /?``, ``set /?``, ``for /?`` and ``if /?``. A line such as ``cmd /v /c "set x=...&&for %i in (3,1,2) do
set y=!y!!x:~%i,1!&&if %i==2 call %y%"`` is carried out on texts alone; what it would start in the end is what counts.
"""

import re
from collections import deque

from emotriage.emulation.variables import VARIABLES, Reference, fill
from emotriage.model.limits import RECORD, TOKEN, Budget

_LONGEST = 32 << 10
_STEPS = 20_000
_STARTED = 32
_SWITCH = re.compile(r"(?i)/[ckr](?=[\s\"(@]|s?et\b)\s*")
_WORTH = re.compile(r"(?i)\bset\b|\bfor\b|\bcall\b")
_CARET = re.compile(r"\^(.)", re.DOTALL)
_SPLIT = re.compile(r"&&|\|\||[&|]")
_SET = re.compile(r"(?is)set\s+\"?([^=\"]{1,256})=(.*)")
_FOR = re.compile(r"(?is)for\s+(?:/l\s+)?%%?(\S)\s+in\s*\(([^()]*)\)\s*do\s*(.*)")
_IF = re.compile(
    r"(?is)if\s+(?:/i\s+)?(not\s+)?\"?([^\s\"=]{1,256})\"?\s*(==|\b(?:equ|neq|lss|leq|gtr|geq)\b)"
    r"\s*\"?([^\s\"]{1,256})\"?\s+(.*)"
)
_PERSONAL = {
    "appdata": r"C:\Users\user\AppData\Roaming",
    "localappdata": r"C:\Users\user\AppData\Local",
    "sessionname": "Console",
    "temp": r"C:\Users\user\AppData\Local\Temp",
    "tmp": r"C:\Users\user\AppData\Local\Temp",
    "userprofile": r"C:\Users\user",
}
"""Values whose letters are the same for most people; only letters are cut out of them."""
_ORDER = {"lss": -1, "leq": 0, "gtr": 1, "geq": 0}


def started(line: str, budget: Budget) -> tuple[str, ...]:
    """The commands that a command line would start in the end, in order; empty for one that needs no carrying out.

    Args:
        line: as it is given to the system.
        budget: charged for every step.
    """
    session = _Session(budget)
    session.carry_out(_inner(session.filled(line[:_LONGEST], "%")))
    return tuple(session.started)


def _inner(line: str) -> str:
    """What a cmd.exe is told to carry out, or nothing."""
    plain = _CARET.sub(r"\1", line)
    switch = _SWITCH.search(plain)
    if switch is None or not _WORTH.search(plain):
        return ""
    return plain[switch.end() :].strip().removeprefix('"').removesuffix('"')


class _Session:
    """One cmd.exe: its variables, and what it was told to start."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.variables = VARIABLES | _PERSONAL
        self.started: list[str] = []
        self.queue: deque[str] = deque()

    def carry_out(self, line: str) -> None:
        """Carry out a line; the bodies of loops and conditions wait their turn in a queue, not on Python's stack."""
        queue = self.queue
        queue.append(line)
        for _ in range(_STEPS):
            if not queue or len(self.started) >= _STARTED:
                return
            text = queue.popleft().strip().lstrip("@( \t")
            self.budget.spend(RECORD + len(text))
            if loop := _FOR.match(text):
                queue.extendleft(reversed(_turns(loop)))
            elif condition := _IF.match(text):
                if _holds(condition, self):
                    queue.appendleft(condition[5])
            else:
                first, rest, piped = _divided(text)
                if piped:
                    self._pipe(first)
                else:
                    self._single(first)
                    if rest:
                        queue.appendleft(rest)

    def _single(self, text: str) -> None:
        """One command."""
        self.budget.spend(TOKEN)
        if inner := _inner(text):
            self.queue.appendleft(inner)
        elif assigned := _SET.match(text):
            value = self.filled(assigned[2], "!").rstrip('"')
            self.variables[self.filled(assigned[1], "!").strip().lower()] = value[:_LONGEST]
        elif text[:5].lower() in ("call ", "call\t"):
            self._start(self.filled(self.filled(text[5:], "!"), "%"))
        elif text:
            self._start(self.filled(text, "!"))

    def _pipe(self, text: str) -> None:
        """What is piped into something is taken for a command: shells are what text is piped into here."""
        text = re.sub(r"(?i)\Aecho[ .\t]*", "", text)
        for mark in "!%%":  # by the shell that pipes, and by both that are piped together
            text = self.filled(text, mark)
        self._start(text)

    def _start(self, text: str) -> None:
        text = text.strip()
        if inner := _inner(text):
            self.queue.append(inner)
        elif text and text.lower() not in ("exit", "echo off"):
            self.started.append(text[:_LONGEST])

    def filled(self, text: str, mark: str) -> str:
        """A text with its variables filled in; unknown ones stay."""
        room = _LONGEST

        def value(reference: Reference) -> str | None:
            nonlocal room
            name = reference.name.strip()
            if name not in self.variables:
                return None  # on a command line, what is not defined stays
            if room <= 0 or (reference.plain and name in _PERSONAL):
                return reference.text
            out = reference.of(self.variables[name], self.budget)
            room -= len(out)
            return out

        self.budget.spend(RECORD + 2 * len(text))
        return fill(text, mark, value, self.budget)


def _turns(loop: re.Match[str]) -> list[str]:
    """The body of a loop, once for each value."""
    values = re.split(r"[\s,;=]+", loop[2].strip())[:_STEPS]
    if re.match(r"(?i)for\s+/l", loop[0]):
        numbers = [int(one) for one in values if re.fullmatch(r"-?\d{1,6}", one)]
        values = [str(one) for one in _counted(numbers)] if len(numbers) == 3 else []
    mark = re.compile(rf"%%?{re.escape(loop[1])}")
    room = _STEPS * 64
    bodies = []
    for one in values:
        room -= len(loop[3])
        if room < 0:
            break
        bodies.append(mark.sub(lambda _, one=one: one, loop[3]))
    return bodies


def _counted(numbers: list[int]) -> range:
    """``(start,step,end)``, both ends included."""
    start, step, end = numbers
    return range(start, end + (1 if step > 0 else -1), step or 1)[:_STEPS]


def _holds(condition: re.Match[str], session: _Session) -> bool:
    left, sign, right = session.filled(condition[2], "!"), condition[3].lower(), session.filled(condition[4], "!")
    numbers = [int(one) if re.fullmatch(r"-?\d{1,9}", one) else None for one in (left, right)]
    if sign in ("==", "equ", "neq"):
        same = left == right or (None not in numbers and numbers[0] == numbers[1])
        result = same != (sign == "neq")
    else:
        order = (left > right) - (left < right)
        if numbers[0] is not None and numbers[1] is not None:
            order = (numbers[0] > numbers[1]) - (numbers[0] < numbers[1])
        result = order == _ORDER[sign] or (sign in ("leq", "geq") and order == (-1 if sign == "leq" else 1))
    return result != bool(condition[1])


def _divided(text: str) -> tuple[str, str, bool]:
    """(first command, the rest, whether the first is piped into the rest); quotes keep signs from dividing."""
    quoted = [one.start() for one in re.finditer('"', text)]
    for found in _SPLIT.finditer(text):
        if sum(1 for at in quoted if at < found.start()) % 2 == 0:
            return text[: found.start()], text[found.end() :], found[0] == "|"
    return text, "", False
