"""What the lexer of JScript takes at one go: bodies of functions, which are read when they are called, long lists.

A library defines much and calls little. So the tokens of a long body are left for the first call, and a list of
constants is one token. Both are found by expressions that touch each character once.
"""

import re
from typing import NamedTuple

from emotriage.model.limits import RECORD, Budget

# Groups are repeated in `(?>...)` rather than by `*+`: Python before 3.11.4 goes on where a failed turn ended.
_SHORT = 2000
"""Characters of a body that is read at once."""
REGEX = re.compile(r"/((?>(?:[^/\\\[\n\r]|\\[^\n\r]|\[(?>(?:[^\]\\\n\r]|\\[^\n\r])*)\])+))/([a-z]*+)")
TEMPLATE = re.compile(r"((?>(?:[^`\\$]++|\\.|\$(?!\{))*))(`|\$\{|\\?\Z)", re.DOTALL)
LONGEST_REGEX = 1000
WORDS_BEFORE_REGEX = frozenset(
    {"return", "typeof", "case", "in", "do", "else", "void", "delete", "new", "throw", "instanceof", "of", "yield",
     "await"}
)  # fmt: skip
_STRING = r"\"(?>(?:[^\"\\\n\r]++|\\.)*)[\"\n\r]?|'(?>(?:[^'\\\n\r]++|\\.)*)['\n\r]?"
_PASSED = re.compile(
    rf"(?>(?:[^{{}}\"'`/]++|{_STRING}|//[^\n\r\u2028\u2029]*+|/\*(?>(?:[^*]++|\*(?!/))*)(?:\*/)?)*)(?:([{{}}`/])|\Z)",
    re.DOTALL,
)
_CONDITIONAL = re.compile(r"@(?:cc_on|if|set)\b")
_LAST_WORD = re.compile(r"[\w$]{1,12}\Z")
_BLANKS = " \t\r\n\v\f\u00a0"
_NUMBER = r"[+-]?+(?:0[xX][0-9a-fA-F]{1,8}|\d{1,15}+(?![\d_n])(?:\.\d{1,15}+)?)(?=[\s,\]])"
_TEXT = r"\"[^\"\\\n\r]*+\"|'[^'\\\n\r]*+'"
_LIST = re.compile(rf"\[\s*+(?:(?:{_NUMBER}|{_TEXT})\s*+,\s*+){{16,}}+(?:{_NUMBER}|{_TEXT})?\s*+\]")
_ITEM = re.compile(rf"{_NUMBER}|{_TEXT}")
_NOT_PLAIN = re.compile(r"[^\d,\s\[\]]|(?<!\d)0\d|,\s*+\]")


class Later(NamedTuple):
    """A part of a text that is read when it is needed.

    Attributes:
        text: all of the text.
        start: offset of the first character.
        stop: offset behind the last.
    """

    text: str
    start: int
    stop: int


class Bodies:
    """Bodies of functions that are long enough to be read later."""

    def __init__(self, text: str, start: int, size: int, budget: Budget) -> None:
        self._text = text
        self._size = size
        self._budget = budget
        read_later = size - start > _SHORT and not _CONDITIONAL.search(text, start, size)
        self._short = -1 if read_later else size  # bodies before this are short

    def at(self, start: int) -> Later | None:
        """The body that begins here, without its braces; None where it is read at once."""
        if start < self._short:
            return None
        end = body_end(self._text, start, self._size, self._budget)
        if end - start >= _SHORT:
            return Later(self._text, start, end)
        self._short = end if end >= 0 else self._size
        return None


def body_end(text: str, at: int, stop: int, budget: Budget) -> int:
    """Offset of the brace that closes a body; -1 where none does.

    Args:
        text: the script.
        at: behind the opening brace.
        stop: where the text ends.
        budget: charged for what is passed over.
    """
    depth, begun = 0, at
    values: list[int] = []  # depth at which each `${...}` of a template was opened
    while True:
        found = _PASSED.match(text, at, stop)
        if found is None or (sign := found[1]) is None:
            budget.spend(stop - begun)
            return -1
        at = found.end()
        budget.spend(RECORD)
        if sign == "{":
            depth += 1
        elif sign == "/":
            at = _slash(text, at, stop)
        elif sign == "`" or (values and values[-1] == depth):
            if sign == "}":
                values.pop()
            literal = TEMPLATE.match(text, at, stop)
            at = literal.end() if literal else at
            if literal and literal[2] == "${":
                values.append(depth)
        elif depth:
            depth -= 1
        else:
            budget.spend(at - begun)
            return at - 1


def _slash(text: str, at: int, stop: int) -> int:
    """Where reading goes on behind a slash: behind its regular expression, or at once where it divides."""
    before = at - 2
    while before >= 0 and text[before] in _BLANKS:
        before -= 1
    if before < 0 or text[before] in ")]}\"'`":
        return at
    if text[before].isalnum() or text[before] in "_$":
        word = _LAST_WORD.search(text, max(before - 11, 0), before + 1)
        if word is None or word[0] not in WORDS_BEFORE_REGEX:
            return at
    found = REGEX.match(text, at - 1, min(at + LONGEST_REGEX, stop))
    return found.end() if found else at


def constants(text: str, at: int, budget: Budget) -> tuple[list[float | str], int] | None:
    """The values of a long list of constants, and where it ends; None where none begins.

    Args:
        text: the script.
        at: offset of the bracket.
        budget: charged for the characters of the list.
    """
    found = _LIST.match(text, at)
    if found is None:
        return None
    inside = found[0]
    budget.spend(40 * len(inside))
    if not _NOT_PLAIN.search(inside):
        return [*map(int, inside[1:-1].split(","))], found.end()
    return [_value(one) for one in _ITEM.findall(inside)], found.end()


def _value(item: str) -> float | str:
    if item[0] in "\"'":
        return item[1:-1]
    bare = item.lstrip("+-")
    sign = -1 if item[0] == "-" else 1
    if bare[:2] in ("0x", "0X"):
        return sign * int(bare, 16)
    if "." in bare:
        return sign * float(bare)
    octal = bare[0] == "0" and len(bare) > 1 and not set(bare) & {"8", "9"}
    return sign * int(bare, 8 if octal else 10)
