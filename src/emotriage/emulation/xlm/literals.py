"""The texts that stand in one formula: its string constants, with those that are joined by ``&`` put together.

Only constants are folded: what comes from other cells stays open, and ends a text.
"""

import re
from typing import NamedTuple

from emotriage.model.limits import TOKEN, Budget

_PARTS = re.compile(r'"([^"]*(?:""[^"]*)*)"?|(?<![\w.])CHAR\(([0-9]{1,3})\)|(&)|\s+|[^"&\sC]+|.', re.DOTALL)


class Literal(NamedTuple):
    """A text of a formula.

    Attributes:
        text: what it says.
        decoded: true when it was put together from pieces.
    """

    text: str
    decoded: bool


class Reading(NamedTuple):
    """The texts of a formula, and how many pieces its longest chain of ``&`` has, whatever they are."""

    literals: tuple[Literal, ...]
    longest_chain: int


def read_literals(formula: str, budget: Budget) -> Reading:
    """Read the texts of a formula, in order; empty ones are left out."""
    budget.spend(TOKEN + len(formula))
    found: list[Literal] = []
    pieces: list[str] = []
    decoded = joined = False
    chain, longest = 1, 1
    for part in _PARTS.finditer(formula):
        string, code, ampersand = part[1], part[2], part[3]
        if ampersand:
            joined = True
            chain += 1
            longest = max(longest, chain)
            continue
        if string is None and code is None:
            if part[0].isspace():
                continue
            if "," in part[0] or ";" in part[0]:
                chain = 1
        if pieces and not (joined and (string is not None or code is not None)):
            _finish(found, pieces, decoded)
            pieces, decoded = [], False
        if string is not None:
            decoded = decoded or bool(pieces)
            pieces.append(string.replace('""', '"'))
        elif code is not None:
            pieces.append(
                chr(int(code) & 0xFF) if int(code) < 0x80 else bytes([int(code) & 0xFF]).decode("cp1252", "replace")
            )
            decoded = True
        joined = False
    _finish(found, pieces, decoded)
    return Reading(tuple(found), longest)


def _finish(found: list[Literal], pieces: list[str], decoded: bool) -> None:
    text = "".join(pieces)
    if text:
        found.append(Literal(text, decoded))
