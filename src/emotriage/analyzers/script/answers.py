"""Scripts of the Windows Script Host that run what a server answers: which names hold it, and what runs those."""

import re

from emotriage.model.limits import RECORD, Budget

_SET = re.compile(
    r"[ \t]*(?:set[ \t]+|let[ \t]+|var[ \t]+)?([a-z_]\w{0,80})[ \t]*(?:\([^\n=]{0,40}\))?[ \t]*=(?!=)(.*)"
)
_RUN = re.compile(r"(?:^|[\s:])execute(?:global)?[ \t(]([^\n]{1,400})|\beval[ \t]{0,4}\(([^\n]{1,400})")
_WORD = re.compile(r"[a-z_]\w*")
_ANSWERS = frozenset({"responsetext", "responsebody"})
_LITERAL = re.compile(r"\"[^\"\n]{0,4000}\"|'[^'\n]{0,4000}'")
_HOST = "wscript."
_LINES = 20_000
_PASSES = 6


def runs_answer(low: str, budget: Budget) -> tuple[int, str] | None:
    """(offset, the words) of a call that runs a server's answer as code; None where there is none.

    Scripts of pages read data with ``eval``, so that counts only where the script asks for its host.

    Args:
        low: the script, in lower case.
        budget: charged for every pass over it.
    """
    if "responsetext" not in low and "responsebody" not in low:
        return None
    lines = low.split("\n", _LINES)[:_LINES]
    holds = set(_ANSWERS)
    sets = [found for one in lines for part in re.split(r"[:;]", one) if (found := _SET.match(part))]
    for _ in range(_PASSES):
        budget.spend(len(low) + RECORD * len(sets))
        more = {one[1] for one in sets if holds.intersection(_words(one[2]))} - holds
        if not more:
            break
        holds |= more
    budget.spend(2 * len(low))
    for found in _RUN.finditer(low):
        given = found[1] or found[2]
        if holds.intersection(_words(given)) and (found[1] or _HOST in low):
            return found.start(), found[0].strip()
    return None


def _words(code: str) -> list[str]:
    return _WORD.findall(_LITERAL.sub(" ", code))
