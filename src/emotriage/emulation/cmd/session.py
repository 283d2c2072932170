"""One cmd.exe: its variables and files, and what it was told to start; the bodies of blocks wait in a queue."""

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from emotriage.emulation.cmd.arithmetic import value_of
from emotriage.emulation.cmd.files import Files
from emotriage.emulation.cmd.loops import (
    Condition,
    Loop,
    compare,
    line_turns,
    plain_turns,
    read_condition,
    read_loop,
    substituted,
)
from emotriage.emulation.cmd.text import closing, divided, redirected, restore
from emotriage.emulation.variables import VARIABLES, Reference, fill
from emotriage.model.limits import RECORD, TOKEN, Budget

LONGEST = 32 << 10
"""Characters of a command line that are looked at."""
_STEPS = 20_000
_SHARE = 1 << 10
"""Characters of a command that cost a step more."""
_STARTED = 32
_SWITCH = re.compile(
    r"(?i)\A\s*\"?(?:[^\s\"&|]{0,200}[\\/])?(?:cmd|%comspec%)(?:\.exe)?\"?\s+(?:/\S{1,12}\s+){0,8}?/[ckr](?=[\s\"(@]|s?et\b)\s*"
)
_ANY_SWITCH = re.compile(r"(?i)/[ckr](?=[\s\"(@]|s?et\b)\s*")
_CARET = re.compile(r"\^(.)", re.DOTALL)
_WHOLE = re.compile(r"(?i)[\s@;,=]*(?:for|if)\b")
_NAME = re.compile(r"[^\s/\\=,;:.(<>\"]{1,40}")
_SHELLS = re.compile(r"(?i)\s*\"?(?:[^\s\"]{0,200}\\)?(?:cmd|powershell|pwsh)(?:\.exe)?\b|.{0,40}[%!]|.{0,8}\Z")
_START = re.compile(
    r"(?i)\Astart\s+(?:\"[^\"]{0,260}\"\s+)?(?:/(?:d\s*(?:\"[^\"]{0,260}\"|\S{1,260})|\w{1,12})\s+){0,8}(?=\S)"
)
_PROGRAM = re.compile(r"\"[^\"]{1,260}\"|(?!-)[\w%~:\\/.$@!-]{1,260}(?=[\s\"]|\Z)")
_READERS = frozenset({"type", "more", "find", "findstr"})
_QUIET = """
rem title color cls cd chdir md mkdir rd rmdir del erase setlocal endlocal pushd popd exit shift break pause ver verify
vol prompt path assoc ftype date time mode chcp timeout ping choice attrib else
"""
_SILENT = frozenset(_QUIET.split())
"""Commands that neither start nor change anything that is followed here."""
_PERSONAL = {
    "appdata": r"C:\Users\user\AppData\Roaming",
    "localappdata": r"C:\Users\user\AppData\Local",
    "sessionname": "Console",
    "temp": r"C:\Users\user\AppData\Local\Temp",
    "tmp": r"C:\Users\user\AppData\Local\Temp",
    "userprofile": r"C:\Users\user",
}
"""Values whose letters are the same for most people; only letters are cut out of them."""
_SPELLED = {"comspec": "ComSpec", "systemroot": "SystemRoot", "programfiles": "ProgramFiles", "path": "Path"}
_ASSOCIATIONS = (".bat=batfile", ".cmd=cmdfile", ".exe=exefile", ".js=JSFile", ".txt=txtfile", ".vbs=VBSFile")
_TYPES = ('batfile="%1" %*', 'cmdfile="%1" %*', 'exefile="%1" %*')


@dataclass(frozen=True, slots=True)
class Started:
    """A command that would be started.

    Attributes:
        line: it.
        at: offset of the line that starts it.
    """

    line: str
    at: int


@dataclass(frozen=True, slots=True)
class _Task:
    """A command that waits for its turn.

    Attributes:
        text: it.
        target: the file that takes its output, or nothing.
    """

    text: str
    target: str = ""


class Session:
    """What a run of commands has come to.

    Attributes:
        started: what would be started, in order.
        files: what would be written.
        variables: by lower-case name.
        delayed: ``!name!`` is filled in.
        jump: the label that a ``goto`` or ``call`` has asked for; whoever reads the file follows it.
        steps: how many are left.
    """

    def __init__(self, budget: Budget, own: str = "", *, batch: bool = False) -> None:
        self.budget = budget
        self.batch = batch
        self.delayed = not batch
        self.variables = VARIABLES | _PERSONAL
        self.files = Files(own, budget)
        self.started: list[Started] = []
        self.jump: tuple[str, str, bool] | None = None
        self.changes = 0
        self.steps = _STEPS
        self._queue: deque[_Task] = deque()
        self._printed: list[str] | None = None

    def inner(self, line: str) -> str:
        """What a cmd.exe is told to carry out, or nothing."""
        plain = _CARET.sub(r"\1", line)
        switch = (_SWITCH if self.batch else _ANY_SWITCH).search(plain)
        return plain[switch.end() :].strip().removeprefix('"').removesuffix('"') if switch else ""

    def carry_out(self, line: str) -> None:
        """Carry out a line; it ends early where a label is to be gone to."""
        queue = self._queue
        queue.append(_Task(line))
        while queue and self.steps > 0 and self.jump is None and len(self.started) < _STARTED:
            task = queue.popleft()
            text = task.text.strip().lstrip("@ \t\r\n;,=")
            self.steps -= 1 + len(text) // _SHARE
            self.budget.spend(RECORD + 16 * len(text))
            if not text or text.startswith((":", ")")):
                continue
            if text.startswith("("):
                self._block(text, task.target)
            elif (loop := read_loop(text)) is not None:
                self._loop(loop, task.target)
            elif (condition := read_condition(text)) is not None:
                self._condition(condition, task.target)
            else:
                self._line(text, task.target)
        if self.jump is not None or len(self.started) >= _STARTED:
            queue.clear()

    def filled(self, text: str, mark: str) -> str:
        """A text with its variables filled in; unknown ones stay."""
        room = LONGEST

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

        if mark == "!" and not self.delayed:
            return text
        self.budget.spend(RECORD + 2 * len(text))
        return fill(text, mark, value, self.budget)

    def _next(self, texts: Iterable[str], target: str) -> None:
        """These come before all that waits."""
        self._queue.extendleft(reversed([_Task(one, target) for one in texts if one.strip()]))

    def _block(self, text: str, target: str) -> None:
        close = closing(text, 0)
        behind = list(divided(text[close + 1 :]))
        first = redirected(behind[0][0])
        inside = text[1:close]
        rest = text[close + 1 + len(behind[0][0]) + len(behind[0][1]) :]
        self._next([rest], target)
        if first.target and not first.adds:
            self.files.write(first.target, "")
        self._next([inside], first.target or target)

    def _loop(self, loop: Loop, target: str) -> None:
        self._next([loop.rest], target)
        turns: Iterable[dict[str, str]] = ({},)
        if loop.kind in ("", "l"):
            turns = plain_turns(loop)
        elif loop.kind == "f" and (lines := self._lines(loop)) is not None:
            turns = line_turns(loop, lines)
        room = _STEPS * 64
        bodies: list[str] = []
        for values in turns:
            room -= len(loop.body)
            self.budget.spend(TOKEN + len(loop.body))
            if room < 0 or len(bodies) >= _STEPS:
                break
            bodies.append(substituted(loop.body, values) if values else loop.body)
        self._next(bodies, target)

    def _lines(self, loop: Loop) -> list[str] | None:
        """What ``for /f`` goes over; None where that is not known."""
        source = self.filled(loop.values.strip(), "!")
        quote = "`'" if "usebackq" in loop.options.lower() else "'\""
        if len(source) > 1 and source[0] == source[-1] == quote[0]:
            printed = self._printed_by(restore(source[1:-1]).replace("^", "").strip().strip('"'))
            return None if printed is None else printed.replace("\r", "").split("\n")
        if len(source) > 1 and source[0] == source[-1] == quote[1]:
            return [restore(source[1:-1])]
        content = self.files.read(source.strip('"'))
        return None if content is None else content.replace("\r", "").split("\n")

    def _printed_by(self, command: str) -> str | None:
        """What a command prints; one that is not known is started."""
        printed: str | None = ""
        for part, _ in divided(command):
            text = part.strip()
            word = found[0].lower() if (found := _NAME.match(text)) else ""
            rest = text[len(word) :].strip()
            if word == "cmd" and (inner := self.inner(f"cmd {rest}")):
                text, word, rest = inner, *inner.partition(" ")[::2]
            if word == "set":
                printed = "\n".join(self._set_lines(rest))
            elif word == "assoc":
                printed = "\n".join(one for one in _ASSOCIATIONS if one.startswith(rest.lower()))
            elif word == "ftype":
                printed = "\n".join(one for one in _TYPES if one.startswith(rest.lower()))
            elif word == "echo":
                printed = self.filled(rest, "!")
            elif word == "ver":
                printed = "\nMicrosoft Windows [Version 10.0.19045.4529]"
            elif word in _READERS:
                printed = self.files.output(word, rest, printed or "")
            else:
                self._start(text)
                printed = None
            if printed is None:
                return None
        return printed

    def _set_lines(self, prefix: str) -> list[str]:
        low = prefix.strip().strip('"').lower()
        return [
            f"{_SPELLED.get(name, name.upper())}={value}"
            for name, value in sorted(self.variables.items())
            if name.startswith(low)
        ]

    def _condition(self, condition: Condition, target: str) -> None:
        self._next([condition.rest], target)
        holds = self._holds(condition)
        arms = [condition.body] if holds else [condition.other]
        self._next([condition.body, condition.other] if holds is None else arms, target)

    def _holds(self, condition: Condition) -> bool | None:
        """The answer, or None where nobody knows."""
        left, right = self.filled(condition.left, "!"), self.filled(condition.right, "!")
        if condition.sign == "exist":
            return None if self.files.read(left) is None else not condition.negated
        if condition.sign == "defined":
            return (left.strip('" ').lower() in self.variables) != condition.negated
        if condition.sign in ("errorlevel", "cmdextversion"):
            return None
        if self.batch and re.search(r"[%!]\w", restore(left + right)):
            return None
        return compare(condition.sign, left, right) != condition.negated

    def _line(self, text: str, target: str) -> None:
        """The first commands of a line; what comes behind a loop, a condition or a pipe waits."""
        parts = list(divided(text))
        first, joint = parts[0]
        if joint != "|":
            count = next((at for at, one in enumerate(parts) if at and (one[1] == "|" or _WHOLE.match(one[0]))), None)
            count = len(parts) if count is None else count
            rest = "".join(command + sign for command, sign in parts[count:])
            self._next([*(command for command, _ in parts[1:count]), rest], target)
            self._single(first, target)
            return
        receiver, behind = parts[1]
        rest = "".join(command + sign for command, sign in parts[2:])
        self._next([rest] if behind != "|" else [], target)
        if not self.batch or _SHELLS.match(self.filled(receiver, "!")):
            self._pipe(first)
        else:
            self._single(first, "nul")
            self._single(receiver, target)

    def _pipe(self, text: str) -> None:
        """What is piped into a shell is carried out by it."""
        word, _, rest = text.strip().partition(" ")
        printed = self.files.output(word.lower(), rest) if word.lower() in _READERS else None
        text = printed if printed is not None else re.sub(r"(?i)\A\s*echo[ .\t]*", "", text)
        for mark in "!%%":  # by the shell that pipes, and by both that are piped together
            text = self.filled(text, mark)
        for line in text.split("\n"):
            self._start(line)

    def _single(self, text: str, target: str) -> None:
        """One command."""
        self.budget.spend(TOKEN)
        command = redirected(text)
        bare = command.text.strip().lstrip("@ \t")
        if command.target:
            if not command.adds:
                self.files.write(command.target, "")
            target = command.target
        word = found[0].lower() if (found := _NAME.match(bare)) else ""
        rest = bare[len(word) :]
        if inner := self.inner(bare):
            self._next([self.filled(restore(inner), "%")], target)
        elif word == "set" and rest[:1] in (" ", "\t", '"'):
            self._set(rest.strip(" \t"), target)
        elif word == "call":
            self._call(rest.strip())
        elif self.batch and word == "goto":
            self.jump = (restore(self.filled(rest.strip(), "!")).lstrip(":").partition(" ")[0].lower(), "", False)
        elif word == "echo" and (self.batch or target):
            self._print(self.filled(rest[1:], "!") + "\r\n", target)
        elif word in _READERS and (self.batch or target):
            printed = self.files.output(word, restore(self.filled(rest, "!")))
            if printed is not None:
                self._print(printed, target)
        elif word in ("copy", "move", "ren", "rename") and (self.batch or "/b" in rest.lower()):
            self.files.copy(restore(self.filled(rest, "!")))
        elif self.batch and word in _SILENT:
            self._silent(word, rest)
        elif bare:
            self._start(self.filled(bare, "!"))

    def _silent(self, word: str, rest: str) -> None:
        if word == "setlocal" and "delayed" in rest.lower():
            self.delayed = "disabledelayed" not in rest.lower()
        elif word == "exit":
            self.jump = ("eof" if "/b" in rest.lower() else "", "", False)

    def _print(self, text: str, target: str) -> None:
        if target and target.lower() != "nul" and len(text) <= self.files.room:
            self.changes += 1
            self.files.write(restore(self.filled(target, "!")), restore(text), adds=True)

    def _set(self, text: str, target: str) -> None:
        """``set name=value``, ``set /a sum``, ``set /p name=prompt``."""
        switch = text[:2].lower()
        if switch == "/a":
            self._sums(self.filled(text[2:].strip().strip('"'), "!"))
            return
        if switch == "/p":
            prompt = text[2:].strip().strip('"').partition("=")[2]
            self._print(self.filled(prompt.strip('"'), "!"), target)
            return
        quoted = text.startswith('"')
        body = text[1:] if quoted else text
        if quoted and '"' in body:
            body = body.rpartition('"')[0]
        name, equals, value = body.partition("=")
        if not equals:
            return
        name = self.filled(name, "!").strip().lower()
        value = self.filled(value, "!")
        value = (value if quoted else value.rstrip('"'))[:LONGEST]
        if not name or len(name) > 256 or (len(self.variables) >= _STEPS and name not in self.variables):
            return
        if self.variables.get(name) != value:
            self.changes += 1
        self.variables[name] = restore(value)

    def _sums(self, text: str) -> None:
        for one in restore(text).split(",")[:64]:
            found = re.match(r"\s*([A-Za-z_]\w{0,63})\s*([-+*/%^&|]|<<|>>)?=(.*)\Z", one, re.DOTALL)
            if found is None:
                continue
            name = found[1].lower()
            value = value_of(f"({name}){found[2]}({found[3]})" if found[2] else found[3], self.variables)
            if value is not None:
                self.changes += self.variables.get(name) != str(value)
                self.variables[name] = str(value)

    def _call(self, text: str) -> None:
        text = self.filled(self.filled(text, "!"), "%")
        word = found[0].lower() if (found := _NAME.match(text)) else ""
        if text.startswith(":") and self.batch:
            label, _, arguments = text[1:].partition(" ")
            self.jump = (label.lower(), arguments, True)
        elif word in ("set", "echo", "for", "if", "call", "type", "copy"):
            self._next([text], "")
        else:
            self._start(text)

    def _start(self, text: str) -> None:
        text = restore(text).strip()
        if inner := self.inner(text):
            self._queue.append(_Task(inner))
        elif self.batch and not _PROGRAM.match(text):
            return
        elif text and text.lower() not in ("exit", "echo off") and len(self.started) < _STARTED:
            text = _START.sub("", text) or text
            if "certutil" in text.lower():
                self.files.decode(text)
            self.changes += 1
            self.started.append(Started(text[:LONGEST], self.files.at))
