"""Is a text that a macro would start a command line, or what is left of one that could not be decoded?"""

import re

from emotriage.emulation.cmd.batch import expand
from emotriage.emulation.programs import programs_in
from emotriage.model.limits import Budget

_HEAD = re.compile(r"\s*(?:\"([^\"]{1,400})\"|(\S{1,400}))")
_PLAIN = re.compile(r"(?:[A-Za-z]:|%\w{1,40}%|\\\\)?[\w .%:\\/~()+@^&$!,-]+", re.ASCII)
_ODD = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd]")
_LOOKED_AT = 4096


def is_command(text: str, budget: Budget) -> bool:
    """True for what reads like a command line: a program first, and nothing that no one could type."""
    text = text[:_LOOKED_AT]
    budget.spend(4 * len(text))
    if _ODD.search(text.strip("\0")):
        return False
    if programs_in(text) or programs_in(expand(text, budget).text):
        return True
    found = _HEAD.match(text)
    head = (found[1] or found[2]) if found else ""
    letters = sum(one.isalnum() for one in head)
    return _PLAIN.fullmatch(head) is not None and 2 * letters >= len(head) and letters >= 2 and not head.isdigit()
