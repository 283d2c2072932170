"""Loops and conditions of cmd.exe, taken apart: what they go over, what they ask, and what they do then.

Follows ``for /?`` and ``if /?``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from emotriage.emulation.cmd.text import PERCENT, closing

_TURNS = 20_000
_FOR = re.compile(
    rf"(?is)for\s+(?:/([lfrd])\s*)?(\"[^\"]{{0,400}}\"|(?:[^\s\"%{PERCENT}]{{1,80}}\s+){{0,4}}?)?\s*"
    rf"(?:%%?|{PERCENT})~?(\S)\s+in\s*(?=\()"
)
_DO = re.compile(r"(?is)\s*do\s*")
_IF = re.compile(r"(?is)if\s+(?:/i\s+)?((?:not\s+)?)(?:/i\s+)?")
_ASKED = re.compile(r"(?is)(exist|defined|errorlevel|cmdextversion)\s+(\"[^\"]{0,400}\"|[^\s\"()]{1,400})\s*")
_COMPARED = re.compile(
    r"(?is)(\"[^\"\n]{0,2000}\"|(?:(?!==)[^\s\"]){0,2000})\s*(==|(?<=[\s\"])(?:equ|neq|lss|leq|gtr|geq)(?=[\s\"]))"
    r"\s*(\"[^\"\n]{0,2000}\"|[^\s\"()]{0,2000})\s*"
)
_ELSE = re.compile(r"(?i)\s*else\b\s*")
_ORDER = {"lss": -1, "leq": 0, "gtr": 1, "geq": 0}
_MODIFIED = "fdpnxsatz$"


@dataclass(frozen=True, slots=True)
class Loop:
    """A ``for``.

    Attributes:
        kind: ``l``, ``f``, ``r``, ``d``, or nothing.
        options: of ``/f``.
        letter: the variable.
        values: what stands in the parentheses.
        body: what is done each time.
        rest: what comes after the loop.
    """

    kind: str
    options: str
    letter: str
    values: str
    body: str
    rest: str


@dataclass(frozen=True, slots=True)
class Condition:
    """An ``if``.

    Attributes:
        negated: the answer is turned round.
        sign: ``==``, ``equ`` ... or ``exist``, ``defined``, ``errorlevel``, ``cmdextversion``.
        left: what is compared, or asked for.
        right: with what.
        body: what is done then.
        other: what is done otherwise.
        rest: what comes after both.
    """

    negated: bool
    sign: str
    left: str
    right: str
    body: str
    other: str
    rest: str


def read_loop(text: str) -> Loop | None:
    """The loop that a command is; None for others."""
    found = _FOR.match(text)
    if found is None:
        return None
    close = closing(text, found.end())
    do = _DO.match(text, close + 1)
    if do is None:
        return None
    body, rest = _block(text, do.end())
    options = (found[2] or "").strip().strip('"')
    return Loop((found[1] or "").lower(), options, found[3], text[found.end() + 1 : close], body, rest)


def read_condition(text: str) -> Condition | None:
    """The condition that a command is; None for others."""
    begun = _IF.match(text)
    if begun is None:
        return None
    if asked := _ASKED.match(text, begun.end()):
        sign, left, right, at = asked[1].lower(), asked[2], "", asked.end()
    elif compared := _COMPARED.match(text, begun.end()):
        sign, left, right, at = compared[2].lower(), compared[1], compared[3], compared.end()
    else:
        return None
    body, rest = _block(text, at)
    other = ""
    if otherwise := _ELSE.match(rest):
        other, rest = _block(rest, otherwise.end())
    return Condition(bool(begun[1]), sign, left, right, body, other, rest)


def compare(sign: str, left: str, right: str) -> bool:
    """``left sign right``: numbers by their value, other texts letter by letter."""
    left, right = left.strip('"'), right.strip('"')
    first, second = _whole(left), _whole(right)
    if sign == "==":
        return left == right
    order = (left > right) - (left < right)
    if first is not None and second is not None:
        order = (first > second) - (first < second)
    if sign in ("equ", "neq"):
        return (order == 0) == (sign == "equ")
    return order == _ORDER[sign] or (sign in ("leq", "geq") and order == (-1 if sign == "leq" else 1))


def plain_turns(loop: Loop) -> Iterator[dict[str, str]]:
    """The values of ``for`` and ``for /l``."""
    if loop.kind == "l":
        numbers = [int(one) for one in re.split(r"[\s,;=]+", loop.values.strip()) if re.fullmatch(r"-?\d{1,6}", one)]
        if len(numbers) == 3:
            start, step, end = numbers
            for one in range(start, end + (1 if step > 0 else -1), step or 1)[:_TURNS]:
                yield {loop.letter: str(one)}
        return
    for number, found in enumerate(re.finditer(r"\"[^\"\n]*\"?|[^\s,;=\"]+", loop.values)):
        if number >= _TURNS:
            break
        yield {loop.letter: found[0]}


def line_turns(loop: Loop, lines: list[str]) -> Iterator[dict[str, str]]:
    """The values of ``for /f`` over lines, by its options."""
    skip = int(found[1]) if (found := re.search(r"(?i)\bskip=(\d{1,6})", loop.options)) else 0
    delimiters = found[1] if (found := re.search(r"(?i)\bdelims=([^\"]*?)(?=\s\w+=|\Z)", loop.options)) else " \t"
    comment = found[1] if (found := re.search(r"(?i)\beol=(\S)", loop.options)) else ";"
    tokens = found[1] if (found := re.search(r"(?i)\btokens=([\d,*-]{1,80})", loop.options)) else "1"
    wanted, everything = _wanted(tokens)
    first = ord(loop.letter)
    for line in lines[skip : skip + _TURNS]:
        if not line.strip() or line.startswith(comment):
            continue
        pieces, rests = _pieces(line, delimiters)
        values = {
            chr(first + place): pieces[number - 1] if number <= len(pieces) else ""
            for place, number in enumerate(wanted)
        }
        if everything:
            after = max(wanted, default=0)
            values[chr(first + len(wanted))] = rests[after] if after < len(rests) else ""
        if any(values.values()):
            yield values


def substituted(body: str, values: dict[str, str]) -> str:
    """The body of a loop with its variables filled in."""
    letters = re.escape("".join(values))
    mark = re.compile(rf"(?:%%?|{PERCENT})(?:~([{_MODIFIED}]{{0,8}}))?([{letters}])")

    def one(match: re.Match[str]) -> str:
        value = values[match[2]]
        if match[1] is None:
            return value
        value = value.strip('"')
        if not set(match[1]) & {"n", "x"}:
            return value
        name = value.replace("/", "\\").rpartition("\\")[2]
        stem, dot, suffix = name.rpartition(".")
        return (stem or suffix) * ("n" in match[1]) + (dot + suffix) * ("x" in match[1] and bool(stem))

    return mark.sub(one, body)


def _block(text: str, at: int) -> tuple[str, str]:
    """(what is done, what comes after): a block in parentheses, or all that is left."""
    if text[at : at + 1] != "(":
        return text[at:], ""
    close = closing(text, at)
    return text[at + 1 : close], text[close + 1 :]


def _wanted(tokens: str) -> tuple[list[int], bool]:
    numbers: list[int] = []
    for part in tokens.split(","):
        ends = re.fullmatch(r"(\d{1,2})(?:-(\d{1,2}))?\*?", part)
        if ends:
            numbers += range(int(ends[1]), int(ends[2] or ends[1]) + 1)
    return sorted({one for one in numbers if 0 < one < 32})[:26], "*" in tokens


def _pieces(line: str, delimiters: str) -> tuple[list[str], list[str]]:
    """(the pieces of a line, what is left of it before each of them and behind the last)."""
    if not delimiters:
        return [line], [line, ""]
    mark = re.compile(f"[^{re.escape(delimiters)}]+")
    found = list(mark.finditer(line))[:64]
    return [one[0] for one in found], [line[one.start() :] for one in found] + [""]


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else None
