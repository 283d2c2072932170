"""Tokens cut into statements, and the looks ahead that compiling them takes."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from emotriage.emulation.vba.lexer import Token


class Statement(NamedTuple):
    """One statement; `last` where the line ends behind it."""

    tokens: list[Token]
    last: bool


def statements(tokens: Iterable[Token]) -> Iterator[Statement]:
    """Cut tokens into statements; what stands behind ``Then`` and around ``Else`` is one of its own."""
    found: list[Token] = []
    for token in tokens:
        kind, text, _, _ = token
        if kind == "end":
            if found or text == "\n":
                yield Statement(found, text == "\n")
            found = []
        elif text == "else" and kind == "name" and not (len(found) == 1 and found[0].text == "case"):
            if found:
                yield Statement(found, last=False)
            yield Statement([token], last=False)
            found = []
        elif text == "then" and kind == "name" and found and found[0].text in ("if", "elseif"):
            found.append(token)
            yield Statement(found, last=False)
            found = []
        elif found or text != "#":  # directives of the compiler are read as the statements that they look like
            found.append(token)
    yield Statement(found, last=True)


def until(tokens: list[Token], start: int, text: str, stop: int | None = None) -> int:
    """Index of the next such token outside of parentheses, or `stop`."""
    stop = len(tokens) if stop is None else stop
    depth = 0
    for index in range(start, stop):
        token = tokens[index]
        if token.kind == "text":
            continue
        if depth == 0 and token.text == text:
            return index
        if token.kind == "operator":
            depth += (token.text == "(") - (token.text == ")")
            if depth < 0:
                return index
    return stop


def chain(tokens: list[Token], start: int) -> tuple[int, int]:
    """(index behind what may be assigned to or called, index of its last parenthesis or 0)."""
    index, group = start, 0
    if index < len(tokens) and is_sign(tokens[index], ".!"):
        index += 1
    while index < len(tokens) and tokens[index].kind == "name":
        index += 1
        group = 0
        while index < len(tokens) and is_sign(tokens[index], "("):
            group = index
            index = min(until(tokens, index + 1, ")") + 1, len(tokens))
        if index + 1 >= len(tokens) or not is_sign(tokens[index], ".!"):
            break
        index += 1
    return index, group


def is_sign(token: Token, signs: str) -> bool:
    """True for an operator of one character that is among these."""
    return token.kind == "operator" and token.text in tuple(signs)
