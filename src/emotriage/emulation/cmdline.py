"""Command lines as their shell will read them: a first unfolding of what hides the words.

Covers what cmd.exe does before it runs anything (slices and replacements of variables, carets, quotes) and the plain
tricks of PowerShell (backticks, joined strings, ``-EncodedCommand``). Nothing is run, and no variable of this machine
is looked at: `VARIABLES` has the values of a stock Windows.
"""

import base64
import binascii
import re
from dataclasses import dataclass

from emotriage.model.limits import TOKEN, Budget

VARIABLES = {
    "allusersprofile": r"C:\ProgramData",
    "commonprogramfiles": r"C:\Program Files\Common Files",
    "commonprogramfiles(x86)": r"C:\Program Files (x86)\Common Files",
    "comspec": r"C:\Windows\system32\cmd.exe",
    "driverdata": r"C:\Windows\System32\Drivers\DriverData",
    "homedrive": "C:",
    "os": "Windows_NT",
    "path": r"C:\Windows\system32;C:\Windows;C:\Windows\System32\Wbem;C:\Windows\System32\WindowsPowerShell\v1.0;",
    "pathext": ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC",
    "processor_architecture": "AMD64",
    "programdata": r"C:\ProgramData",
    "programfiles": r"C:\Program Files",
    "programfiles(x86)": r"C:\Program Files (x86)",
    "programw6432": r"C:\Program Files",
    "psmodulepath": r"C:\Program Files\WindowsPowerShell\Modules;C:\Windows\system32\WindowsPowerShell\v1.0\Modules",
    "public": r"C:\Users\Public",
    "systemdrive": "C:",
    "systemroot": r"C:\Windows",
    "windir": r"C:\Windows",
}
"""Environment of a stock Windows, by lower-case name: what does not depend on who is logged on."""

_LIMIT = 1 << 18
_ROUNDS = 4
_SET = re.compile(r'(?i)\bset\s+"?([\w.$#@-]{1,64})=([^&|"\r\n]{0,4096})')
_SLICE = re.compile(
    r"(?i)([%!])([\w.$#@()-]{1,64})(?::~[ ]?(-?\d{1,6})?(?:,[ ]?(-?\d{1,6}))?|:([^=%!\r\n]{1,64})=([^%!\r\n]{0,64}))?\1"
)
_EMPTY_QUOTES = re.compile(r'(?<=\w)""(?=\w)')
_QUOTES_IN_WORD = re.compile(r'(?<=\w)"(\w{1,12})"(?=\w)')
_BACKTICK = re.compile(r"(?<=[\w-])`(?=[\w-])")
_JOINED = re.compile(r"'[ ]{0,8}\+[ ]{0,8}'|\"[ ]{0,8}\+[ ]{0,8}\"")
_LETTERS = re.compile(
    r"(?i)\$(env:[\w()]{1,40}|pshome|shellid)\[\s{0,4}(-?\d{1,4}(?:\s{0,4},\s{0,4}-?\d{1,4}){0,32})\s{0,4}\](?:\s{0,4}-join\s{0,4}(?:''|\"\"))?"
)
_OTHER = {"pshome": r"C:\Windows\System32\WindowsPowerShell\v1.0", "shellid": "Microsoft.PowerShell"}
_ENCODED = re.compile(
    r"(?i)(?<![\w-])[-/\u2013\u2014\u2015]e(?:c|n(?:c(?:o(?:d(?:e(?:d(?:c(?:o(?:m(?:m(?:a(?:nd?)?)?)?)?)?)?)?)?)?)?)?)?[\s:]{1,64}['\"]?([A-Za-z0-9+/]{16,}={0,2})"
)
_FROM_BASE64 = re.compile(r"(?i)FromBase64String\(\s{0,16}\\?['\"]([A-Za-z0-9+/\s]{8,}={0,2})")


@dataclass(frozen=True, slots=True)
class Unfolded:
    """A command line and what was peeled off it.

    Attributes:
        text: as its shell will read it; plain ``%variables%`` of the user stay as they are.
        steps: what was undone, in order: ``variables``, ``carets``, ``quotes``, ``backticks``,
            ``letters-of-variables``, ``joined-strings``.
        decoded: the text of every encoded command in it, outermost first, unfolded in turn.
    """

    text: str
    steps: tuple[str, ...]
    decoded: tuple[str, ...]


def unfold(command: str, budget: Budget) -> Unfolded:
    """Read a command line as its shell will.

    Args:
        command: program and arguments, at most 64 Ki characters are looked at.
        budget: charged for every pass over the text.
    """
    text, steps = _peel(command[: 1 << 16], budget)
    decoded: list[str] = []
    pending = [text]
    for _ in range(_ROUNDS):
        found = [one for part in pending for one in _decode_all(part, budget)]
        pending = [_peel(one, budget)[0] for one in found]
        decoded += [one for one in pending if one not in decoded]
        if not pending:
            break
    return Unfolded(text, steps, tuple(decoded))


def decode_command(encoded: str) -> str | None:
    """Text behind a base64 command, UTF-16LE as PowerShell wants it or ASCII; None when it is neither."""
    compact = re.sub(r"\s+", "", encoded)
    try:
        raw = base64.b64decode(compact + "=" * (-len(compact) % 4))
    except (binascii.Error, ValueError):
        return None
    for codec in ("utf-16-le", "utf-8") if raw[1:2] == b"\0" else ("utf-8", "utf-16-le"):
        try:
            text = raw.decode(codec)
        except UnicodeDecodeError:
            continue
        printable = sum(one.isprintable() or one in "\r\n\t" for one in text)
        if text and printable >= 0.95 * len(text) and sum(one < "\x80" for one in text) >= 0.5 * len(text):
            return text
    return None


def _decode_all(text: str, budget: Budget) -> list[str]:
    budget.spend(len(text))
    found = []
    for pattern in (_ENCODED, _FROM_BASE64):
        for one in pattern.finditer(text):
            budget.spend(TOKEN + len(one.group()))
            if (decoded := decode_command(one.group(1))) is not None:
                found.append(decoded)
    return found


def _peel(text: str, budget: Budget) -> tuple[str, tuple[str, ...]]:
    steps = []
    passes = (
        ("variables", _expand),
        ("carets", _drop_carets),
        ("quotes", lambda text, _: _QUOTES_IN_WORD.sub(r"\1", _EMPTY_QUOTES.sub("", text))),
        ("backticks", lambda text, _: _BACKTICK.sub("", text)),
        ("letters-of-variables", _pick),
        ("joined-strings", lambda text, _: _JOINED.sub("", text)),
    )
    for name, one in passes:
        budget.spend(4 * len(text))
        changed = one(text, budget)
        if changed != text:
            steps.append(name)
            text = changed
    return text, tuple(steps)


def _expand(text: str, budget: Budget) -> str:
    """Slices, replacements and variables that the line itself sets; a plain ``%windir%`` stays, it hides nothing."""
    own = {one.group(1).lower(): one.group(2).rstrip() for one in _SET.finditer(text)}
    own = {name: value for name, value in own.items() if name not in VARIABLES}
    room = _LIMIT

    def value(match: re.Match[str]) -> str:
        nonlocal room
        budget.spend(TOKEN)
        whole, name = match.group(), match.group(2).lower()
        known = own.get(name) if name in own else VARIABLES.get(name)
        plain = len(whole) == len(name) + 2
        if known is None or room <= 0 or (plain and name not in own):
            return whole
        if match.group(5) is not None:
            known = re.sub(re.escape(match.group(5)), match.group(6).replace("\\", "\\\\"), known, flags=re.IGNORECASE)
        elif not plain:
            known = _slice(known, match.group(3), match.group(4))
        room -= len(known)
        return known

    return _SLICE.sub(value, text)


def _pick(text: str, budget: Budget) -> str:
    """``$env:comspec[4,26,25]-join''`` is ``'iex'``: letters of what every machine's variables hold."""

    def letters(match: re.Match[str]) -> str:
        budget.spend(TOKEN)
        name = match.group(1).lower()
        value = VARIABLES.get(name.removeprefix("env:")) if name.startswith("env:") else _OTHER.get(name)
        places = [int(one) for one in match.group(2).split(",")]
        if value is None or any(not -len(value) <= place < len(value) for place in places):
            return match.group()
        return "'" + "".join(value[place] for place in places) + "'"

    return _LETTERS.sub(letters, text)


def _slice(value: str, start: str | None, length: str | None) -> str:
    first = int(start or 0)
    begin = max(len(value) + first, 0) if first < 0 else min(first, len(value))
    if length is None:
        return value[begin:]
    count = int(length)
    return value[begin : begin + count] if count >= 0 else value[begin : max(len(value) + count, begin)]


def _drop_carets(text: str, _: Budget) -> str:
    """``p^ow^er`` is ``power`` outside of quotes; ``^^`` is one caret."""
    parts = text.split('"')
    for index in range(0, len(parts), 2):
        parts[index] = re.sub(r"\^(.)", r"\1", parts[index])
    return '"'.join(parts)
