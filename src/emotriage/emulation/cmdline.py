"""Command lines as their shell will read them: a first unfolding of what hides the words.

Covers what cmd.exe does before it runs anything (slices and replacements of variables, carets, quotes) and the plain
tricks of PowerShell (backticks, joined strings, ``-EncodedCommand``). Nothing is run.
"""

import base64
import binascii
import re
from dataclasses import dataclass

from emotriage.emulation.variables import VARIABLES, Reference, fill
from emotriage.model.limits import TOKEN, Budget

_LIMIT = 1 << 18
_ROUNDS = 4
_SET = re.compile(r'(?i)\bset\s+"?([\w.$#@-]{1,64})=([^&|"\r\n]{0,4096})')
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

    def value(reference: Reference) -> str | None:
        nonlocal room
        known = own.get(reference.name, VARIABLES.get(reference.name))
        if known is None:
            return None
        if room <= 0 or (reference.plain and reference.name not in own):
            return reference.text
        out = reference.of(known, budget)
        room -= len(out)
        return out

    return fill(text, "%!", value, budget)


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


def _drop_carets(text: str, _: Budget) -> str:
    """``p^ow^er`` is ``power`` outside of quotes; ``^^`` is one caret."""
    parts = text.split('"')
    for index in range(0, len(parts), 2):
        parts[index] = re.sub(r"\^(.)", r"\1", parts[index])
    return '"'.join(parts)
