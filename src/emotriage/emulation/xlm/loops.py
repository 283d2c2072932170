"""Loops and blocks of macros: where they end, and what the next turn counts."""

import re
from collections import deque
from dataclasses import dataclass, replace
from typing import NamedTuple

from emotriage.emulation.xlm import code as op
from emotriage.emulation.xlm.code import compile_formula
from emotriage.emulation.xlm.memory import Memory, Place
from emotriage.emulation.xlm.values import Reference, Value

_MOST_ROWS = 4096
_HEAD = re.compile(r"=\s*([A-Za-z.]{2,12})\s*\(")
_OPENS = {"next": ("WHILE", "FOR", "FOR.CELL"), "end": ("IF",)}
_CLOSES = {"next": "NEXT", "end": "END.IF"}


@dataclass(slots=True)
class Loop:
    """A loop that is being run: where it begins, and, of FOR and FOR.CELL, what is counted."""

    row: int
    name: str = ""
    value: float = 0.0
    last: float = 0.0
    step: float = 1.0
    cells: deque[Reference] | None = None

    def count(self) -> Value | None:
        """What the name stands for in the next turn; None at the end."""
        if self.cells is not None:
            if not self.cells:
                return None
            return self.cells.popleft()
        self.value += self.step
        if not self.step or (self.value > self.last if self.step > 0 else self.value < self.last):
            return None
        return self.value

    def copy(self) -> "Loop":
        """The same loop, to be counted on elsewhere."""
        return replace(self, cells=None if self.cells is None else self.cells.copy())


class Landing(NamedTuple):
    """Where a skip ends: the row, whether it is an ELSE.IF, and how many formulas were looked at.

    There is none (row -1) where the end is missing.
    """

    row: int
    asks: bool
    seen: int


def landing(memory: Memory, place: Place, to: str) -> Landing:
    """The row to go on at behind a loop (``next``) or a block (``end``), or at its other branch (``else``)."""
    sheet, row, column = place
    ends = "next" if to == "next" else "end"
    depth, seen = 0, 0
    for at in memory.rows(sheet, column, row + 1):
        seen += 1
        if seen > _MOST_ROWS:
            break
        text = memory.formula((sheet, at, column))
        head = _HEAD.match(text)
        word = head[1].upper() if head else ""
        if word in _OPENS[ends] and (word != "IF" or _is_block(text)):
            depth += 1
        elif word == _CLOSES[ends]:
            if not depth:
                return Landing(at + 1, asks=False, seen=seen)
            depth -= 1
        elif to == "else" and not depth and word in ("ELSE", "ELSE.IF"):
            return Landing(at + (word == "ELSE"), asks=word == "ELSE.IF", seen=seen)
    return Landing(-1, asks=False, seen=seen)


def _is_block(formula: str) -> bool:
    """True for IF with nothing but a condition, behind which a block begins."""
    compiled = compile_formula(formula, lazy=True)
    return bool(compiled) and compiled[-1] == (op.CALL, "IF", 1)
