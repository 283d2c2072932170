"""Rich Text Format as a stream of tokens (RTF 1.9.1, "RTF Syntax"), read in windows and without a limit on nesting.

What Word forgives is forgiven here: control words of any length up to 250 letters, numbers with as many digits, binary
data of negative or absurd length, and braces that never match.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from emotriage.model.blob import WINDOW, Blob
from emotriage.model.limits import RECORD, Budget

OPEN, CLOSE, WORD, SYMBOL, QUOTED, TEXT, BINARY, HOLE = range(8)
r"""Kinds of token: braces in a row, a control word, a control symbol, ``\'xx``, text, ``\bin`` data, filler."""

_LONGEST = 600
_EDGE = 4096  # of a uniform run that is read like everything else
_TOKEN = re.compile(
    rb"(\{+)|(\}+)|\\(?:([A-Za-z]{1,250})(-?[0-9]{1,250})?[ ]?|'([^{}\\]{2})|(\r\n|.))|([^{}\\]+)|(\\)", re.DOTALL
)
_BIN = b"bin"


@dataclass(frozen=True, slots=True)
class Token:
    r"""One token.

    Attributes:
        kind: one of the constants of this module.
        start: offset of its first byte.
        stop: offset behind its last.
        word: the control word, the symbol, the two characters behind ``\'``, or the text; else empty.
        number: the parameter of a control word, the byte that filler consists of, or None.
        short: binary data that ends before its length says.
    """

    kind: int
    start: int
    stop: int
    word: bytes = b""
    number: int | None = None
    short: bool = False


def tokens(blob: Blob, budget: Budget) -> Iterator[Token]:
    """All tokens in their order; the inside of uniform runs is one token of filler each."""
    at = 0
    for start, stop, byte in _stretches(blob):
        at = max(at, start)
        if at >= stop:
            continue
        if byte is not None:
            yield Token(HOLE, at, stop, number=byte)
            at = stop
            continue
        while at < stop:
            for token in _window(blob, at, stop, budget):
                yield token
                at = token.stop


def _stretches(blob: Blob) -> Iterator[tuple[int, int, int | None]]:
    """(start, stop, byte of a uniform run or None) of what the blob consists of."""
    at = 0
    for run in blob.holes:
        low, high = run.offset + _EDGE, run.end - _EDGE
        if low < high:
            yield at, low, None
            yield low, high, run.byte
            at = high
    yield at, blob.size, None


def _window(blob: Blob, start: int, stop: int, budget: Budget) -> Iterator[Token]:
    """The tokens of one window, but for one that its end may have cut."""
    window = blob.read(start, min(WINDOW, stop - start))
    whole = start + len(window) >= stop
    budget.spend(len(window))
    at = 0
    while at < len(window) and (whole or at < len(window) - _LONGEST):
        found = _TOKEN.match(window, at)
        if found is None:
            return
        budget.spend(RECORD)
        token = _token(blob, found, start)
        yield token
        at = token.stop - start


def _token(blob: Blob, found: re.Match[bytes], base: int) -> Token:
    start, stop = base + found.start(), base + found.end()
    group = found.lastindex
    if group == 1:
        return Token(OPEN, start, stop)
    if group == 2:
        return Token(CLOSE, start, stop)
    if group in (3, 4):
        number = None if found[4] is None else _number(found[4])
        if found[3] == _BIN:
            length = max(number or 0, 0)
            return Token(BINARY, stop, min(stop + length, blob.size), short=stop + length > blob.size)
        return Token(WORD, start, stop, found[3], number)
    if group == 5:
        return Token(QUOTED, start, stop, found[5])
    if group == 6:
        return Token(SYMBOL, start, stop, found[6])
    return Token(TEXT, start, stop, found[0])


def _number(digits: bytes) -> int:
    """A parameter; what no 32 bits hold is as large as they get."""
    return max(-(1 << 31), min(int(digits), (1 << 31) - 1))
