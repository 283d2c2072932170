"""Regular expressions of JScript, as far as they can be matched in bounded time: ECMA-262 third edition, section 15.10.

A script's patterns are an attacker's. How many ways a pattern has to match in the worst case is known from its form: a
power of the text's length for repetitions that something follows, times its choices. What has too many is not matched.
"""

import re
from functools import lru_cache
from typing import NamedTuple

_ATOM = re.compile(
    r"(?P<set>\[\^?\]?(?:[^\]\\]|\\.)*\])|(?P<escape>\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|c[A-Za-z]|.))"
    r"|(?P<open>\((?:\?[:=!])?)|(?P<close>\))|(?P<times>(?:[*+?]|\{\d{1,5}(?:,\d{0,5})?\})\??)|(?P<plain>.)",
    re.DOTALL,
)
_LONGEST = 400
_LONGEST_TEXT = 8 << 20
_WAYS = 1 << 24
_UNITS = 4
"""Work units of one way to match one character."""
_COUNTED = re.compile(r"\{(\d{1,5})(,?)(\d{0,5})\}")
_CONTROL = re.compile(r"\\c([A-Za-z])")
_EMPTY = {"[]": r"(?!)", "[^]": r"[\s\S]"}


class Pattern(NamedTuple):
    """A regular expression that can be used.

    Attributes:
        regex: as Python has it.
        power: of a text's length, for the time that matching takes at worst.
        choices: ways through its optional parts and alternatives.
    """

    regex: re.Pattern[str]
    power: int
    choices: int

    def cost(self, text: str) -> int | None:
        """Work units of using it on a text at worst; None where that is too much."""
        ways = self.choices * (len(text) or 1) ** self.power
        return _UNITS * ways if len(text) <= _LONGEST_TEXT and (self.power == 1 or ways <= _WAYS) else None


@lru_cache(maxsize=256)
def compiled(source: str, flags: str) -> Pattern | None:
    """A regular expression, or None where it can't be used.

    Args:
        source: the pattern as the script has it.
        flags: of them ``i`` and ``m`` count here.
    """
    if len(source) > _LONGEST:
        return None
    parts: list[str] = []
    repeats, choices = 0, 1
    outside: list[tuple[int, int]] = []
    inside = (0, 1)  # repetitions and choices before the group that ended last
    open_end = follows = group_ended = False
    for atom in _ATOM.finditer(source):
        kind, text = atom.lastgroup, atom[0]
        if kind == "times":
            counted = _COUNTED.match(text)
            bounded = text[0] == "?" or (counted and (not counted[2] or counted[3]))
            if group_ended and text[0] != "?" and (not (counted and not counted[2]) or inside != (repeats, choices)):
                return None
            if counted and int(counted[1]) > 1000:
                return None
            if not bounded or (counted and counted[2]):
                repeats += 1
                open_end = True
            elif text[0] == "?":
                choices *= 2
            group_ended = False
        else:
            follows = follows or (open_end and kind != "close" and text != "|")
            open_end = open_end and (kind == "close" or text == "|")
            group_ended = kind == "close"
            if kind == "open":
                outside.append((repeats, choices))
            elif kind == "close":
                if not outside:
                    return None
                inside = outside.pop()
            elif text == "|":
                choices *= 2 if outside else 1
            elif kind == "set":
                text = _EMPTY.get(text, text[:1] + text[1:].replace("[", r"\["))
            elif kind == "escape":
                repeats += text[1].isdigit() and text[1] != "0"  # a group again, which is compared
                text = _CONTROL.sub(lambda one: f"\\x{ord(one[1]) % 32:02x}", text)
                text = re.escape(text[1]) if text[1].isalpha() and text[1] not in "dDwWsSbBtnrfvux" else text
            elif text == "/":
                text = r"\/"
        parts.append(text)
    if repeats > 3 or outside or choices > _WAYS:
        return None
    options = (re.IGNORECASE if "i" in flags else 0) | (re.MULTILINE if "m" in flags else 0) | re.ASCII
    try:
        regex = re.compile("".join(parts), options)
    except (re.error, OverflowError, RecursionError):
        return None
    return Pattern(regex, 1 + repeats if follows or repeats > 1 else 1, choices)


def template(replacement: str, match: "re.Match[str]") -> str:
    """A replacement with ``$1``, ``$&`` and ``$$`` filled in."""
    if "$" not in replacement:
        return replacement

    def filled(one: "re.Match[str]") -> str:
        what = one[1]
        if what == "$":
            return "$"
        if what == "&":
            return match[0]
        number = int(what)
        return (match[number] or "") if number <= (match.re.groups or 0) else one[0]

    return re.sub(r"\$(\$|&|[1-9]\d?)", filled, replacement)
