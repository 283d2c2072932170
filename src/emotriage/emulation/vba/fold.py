"""Strings that stand in VBA source in pieces: constant terms joined by ``&`` and ``+``, with `Chr` of constants."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from emotriage.emulation.vba.source import Source
from emotriage.model.limits import TOKEN, Budget

_WORK_PER_TERM = 3 * TOKEN
_TERM = re.compile(
    r"[\"vsc](?<![\w.\"].)(?:(?<=\")\""  # begins with what a term can begin with, so that the search is quick
    r"|(?:(?<=v)ba\.(?:strings\.)?c|(?<=s)trings\.c|(?<=c))hr([wb])?[$%]?[^\S\n]{0,8}\("
    r"([-+*/ \t\d.&hoa-f]{1,64})\)|(?<=v)b(?:crlf|newline|cr|lf|tab|nullstring)(?!\w))"
)
_GAP = re.compile(r"[^\S\n]{0,64}[&+][\s(]{0,64}")
_NUMBER = re.compile(r"(?i)([-+*/])?[ \t]*(?:&h([0-9a-f]{1,8})|(\d{1,9}(?:\.\d{1,9})?))[#!&%]?")
_NAMED = {"vbcrlf": "\r\n", "vbnewline": "\r\n", "vbcr": "\r", "vblf": "\n", "vbtab": "\t", "vbnullstring": ""}


@dataclass(frozen=True, slots=True)
class Constant:
    """A string expression of constants alone.

    Attributes:
        value: what it evaluates to.
        start: offset of its first term in the code.
        end: offset behind its last.
        terms: of how many pieces it was put together.
        characters: how many of them are calls of `Chr`.
    """

    value: str
    start: int
    end: int
    terms: int
    characters: int


def constants(source: Source, budget: Budget, start: int = 0, end: int | None = None) -> Iterator[Constant]:
    """The maximal constant string expressions in a range of the code, in order."""
    code = source.code
    end = len(code) if end is None else end
    limit = budget.limits.string_bytes
    pieces: list[str] = []
    first = last = size = characters = 0
    for found in _TERM.finditer(source.low, start, end):
        budget.spend(_WORK_PER_TERM)
        value = source.literal(found.start()) if code[found.start()] == '"' else _term(found)
        if value is None:
            continue
        gap = _GAP.match(code, last, found.start()) if pieces else None
        if gap is None or gap.end() != found.start() or size > limit:
            if pieces:
                yield Constant("".join(pieces), first, last, len(pieces), characters)
            pieces, first, size, characters = [], found.start(), 0, 0
        pieces.append(value)
        size += len(value)
        characters += found[2] is not None
        last = found.end()
    if pieces:
        yield Constant("".join(pieces), first, last, len(pieces), characters)


def _term(found: re.Match[str]) -> str | None:
    if found[2] is None:
        return _NAMED[found[0]]
    code = arithmetic(found[2])
    if code is None or not -0x8000 <= code < 0x10000:
        return None
    return chr(round(code) & (0xFFFF if found[1] else 0xFF))


def arithmetic(text: str) -> float | None:
    """Value of a sum of products of plain numbers, or None for anything else."""
    total, product, at = 0.0, 0.0, 0
    text = text.strip()
    for index, found in enumerate(_NUMBER.finditer(text)):
        if text[at : found.start()].strip():
            return None
        at = found.end()
        number = float(int(found[2], 16)) if found[2] else float(found[3])
        sign = found[1]
        if index and not sign:
            return None
        if sign == "*":
            product *= number
        elif sign == "/":
            product = product / number if number else 0.0
        else:
            total, product = total + product, -number if sign == "-" else number
    return None if at == 0 or text[at:].strip() else total + product
