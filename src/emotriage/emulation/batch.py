"""Batch files as cmd.exe will read them: variables filled in line by line, carets dropped.

Follows ``cmd /?`` and ``set /?``: ``%name%``, ``%name:~start,length%``, ``%name:old=new%``, the same with ``!``, and
an undefined name, which is nothing in a batch file. Values are those of a stock Windows and those the file itself sets;
no variable of this machine is looked at, and nothing is run.
"""

import re
from dataclasses import dataclass

from emotriage.emulation.cmdline import VARIABLES
from emotriage.model.limits import RECORD, Budget

_VARIABLE = re.compile(
    r"([%!])([^%!\n:=]{1,64})(?::~ ?(-?\d{0,6})(?:, ?(-?\d{1,6}))?|:([^%!=\n]{1,64})=([^%!\n]{0,64}))?\1"
)
_SET = re.compile(
    r"(?:(?<=[\s&(|@\"])|^)set\s{1,8}\"?([^=&|<>\"\s][^=&|<>\"\n]{0,63})=([^&|\n\"]{0,8191})", re.IGNORECASE
)
_CARET = re.compile(r"\^([^\n])")
_KEPT = re.compile(
    r"temp|tmp|appdata|localappdata|userprofile|username|userdomain|computername|homepath|cd|date|time|random|errorlevel|"
    r"path|os|\d|\*|~.*",
    re.IGNORECASE,
)
_NAMES = 20_000


@dataclass(frozen=True, slots=True)
class Expanded:
    """A batch file with its variables filled in.

    Attributes:
        text: what its lines say, at most four times as long as the file (and 64 Ki characters).
        slices: how many letters and pieces were cut out of variables (``%x:~3,1%``).
        ghosts: how many undefined names stood inside of words, where they only break the words up.
        carets: how many carets stood inside of words.
    """

    text: str
    slices: int
    ghosts: int
    carets: int


def expand(text: str, budget: Budget) -> Expanded:
    """Fill in the variables of a batch file, from its first line to its last."""
    known = dict(VARIABLES)
    room = 4 * len(text) + (64 << 10)
    counts = {"slices": 0, "ghosts": 0}
    line = ""

    def value(match: re.Match[str]) -> str:
        nonlocal room
        budget.spend(RECORD)
        name = match[2].lower()
        plain = match[3] is None and match[5] is None
        if name not in known:
            if not plain or _KEPT.fullmatch(name) or room <= 0:
                return match[0]
            counts["ghosts"] += line[match.start() - 1 : match.start()].isalnum()
            return ""
        if plain and name in VARIABLES and known[name] == VARIABLES[name]:
            return match[0]
        out = known[name]
        if match[3] is not None:
            counts["slices"] += 1
            out = cut(out, match[3], match[4])
        elif match[5] is not None:
            out = re.sub(re.escape(match[5].lstrip("*")), match[6].replace("\\", "\\\\"), out, flags=re.IGNORECASE)
        room -= len(out)
        return out if room > 0 else ""

    lines = []
    carets = 0
    for line in text.split("\n"):
        budget.spend(RECORD + 8 * len(line))
        full = _VARIABLE.sub(value, line) if "%" in line or "!" in line else line
        if "^" in full:
            carets += len(_CARET.findall(full))
            full = _CARET.sub(r"\1", full)
        for one in _SET.finditer(full) if "=" in full else ():
            if len(known) < _NAMES:
                known[one[1].lower()] = one[2].rstrip("\r")
        lines.append(full)
    return Expanded("\n".join(lines), counts["slices"], counts["ghosts"], carets)


def cut(value: str, start: str, length: str | None) -> str:
    """A piece of a value, as ``%name:~start,length%`` cuts it out."""
    first = int(start or 0) if start not in ("", "-") else 0
    begin = max(len(value) + first, 0) if first < 0 else min(first, len(value))
    if length is None:
        return value[begin:]
    count = int(length)
    return value[begin : begin + count] if count >= 0 else value[begin : max(len(value) + count, begin)]
