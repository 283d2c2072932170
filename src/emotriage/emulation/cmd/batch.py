"""Batch files as cmd.exe will read them: variables filled in line by line, carets dropped.

Follows ``cmd /?`` and ``set /?``; an undefined name is nothing in a batch file. Values are those of a stock Windows and
those the file itself sets; nothing is run.
"""

import re
from dataclasses import dataclass

from emotriage.emulation.variables import VARIABLES, Reference, fill
from emotriage.model.limits import RECORD, Budget

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

    def value(reference: Reference) -> str:
        nonlocal room
        name = reference.name
        if name not in known:
            if not reference.plain or _KEPT.fullmatch(name) or room <= 0:
                return reference.text
            counts["ghosts"] += line[reference.at - 1 : reference.at].isalnum()
            return ""
        if reference.plain and name in VARIABLES and known[name] == VARIABLES[name]:
            return reference.text
        counts["slices"] += reference.start is not None
        out = reference.of(known[name], budget)
        room -= len(out)
        return out if room > 0 else ""

    lines = []
    carets = 0
    for line in text.split("\n"):
        budget.spend(RECORD + 8 * len(line))
        full = fill(line, "%!", value, budget) if "%" in line or "!" in line else line
        if "^" in full:
            carets += len(_CARET.findall(full))
            full = _CARET.sub(r"\1", full)
        for one in _SET.finditer(full) if "=" in full else ():
            if len(known) < _NAMES:
                known[one[1].lower()] = one[2].rstrip("\r")
        lines.append(full)
    return Expanded("\n".join(lines), counts["slices"], counts["ghosts"], carets)
