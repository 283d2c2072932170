"""Rich Text Format as a stream of tokens (RTF 1.9.1, "RTF Syntax"), read in windows and without a limit on nesting.

What Word forgives is forgiven here: control words of any length up to 250 letters, numbers with as many digits, binary
data of negative or absurd length, and braces that never match.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

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


class Token(NamedTuple):
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


_new = tuple.__new__
"""Makes a named tuple in a third of the time that its class takes: a document has millions of tokens."""


def _window(blob: Blob, start: int, stop: int, budget: Budget) -> Iterator[Token]:
    """The tokens of one window, but for one that its end may have cut."""
    window = blob.read(start, min(WINDOW, stop - start))
    last = len(window) if start + len(window) >= stop else len(window) - _LONGEST
    budget.spend(len(window))
    at = 0
    match = _TOKEN.match
    while at < last:
        found = match(window, at)
        if found is None:
            return
        budget.spend(RECORD)
        token = _token(blob, found, start)
        yield token
        at = token.stop - start


def _token(blob: Blob, found: re.Match[bytes], base: int) -> Token:
    start, stop = base + found.start(), base + found.end()
    group = found.lastindex
    if group == 7:
        return _new(Token, (TEXT, start, stop, found[0], None, False))
    if group == 1:
        return _new(Token, (OPEN, start, stop, b"", None, False))
    if group == 2:
        return _new(Token, (CLOSE, start, stop, b"", None, False))
    if group in (3, 4):
        number = None if found[4] is None else _number(found[4])
        if found[3] == _BIN:
            length = max(number or 0, 0)
            return Token(BINARY, stop, min(stop + length, blob.size), short=stop + length > blob.size)
        return _new(Token, (WORD, start, stop, found[3], number, False))
    if group == 5:
        return _new(Token, (QUOTED, start, stop, found[5], None, False))
    if group == 6:
        return _new(Token, (SYMBOL, start, stop, found[6], None, False))
    return _new(Token, (TEXT, start, stop, found[0], None, False))


def _number(digits: bytes) -> int:
    """A parameter; what no 32 bits hold is as large as they get."""
    return max(-(1 << 31), min(int(digits), (1 << 31) - 1))
