"""Regular expressions of JScript, as far as they can be matched in linear time: ECMA-262 third edition, section 15.10.

A script's patterns are an attacker's: one with more than a few repetitions, or with groups that repeat, is not matched
at all, and one whose repetition something follows only against short texts.
"""

import re
from functools import lru_cache

_ATOM = re.compile(
    r"(?P<set>\[\^?\]?(?:[^\]\\]|\\.)*\])|(?P<escape>\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|c[A-Za-z]|.))"
    r"|(?P<open>\((?:\?[:=!])?)|(?P<close>\))|(?P<times>(?:[*+?]|\{\d{1,5}(?:,\d{0,5})?\})\??)|(?P<plain>.)",
    re.DOTALL,
)
_LONGEST = 400
_SHORT = 4000
_COUNTED = re.compile(r"\{(\d{1,5})(,?)(\d{0,5})\}")
_CONTROL = re.compile(r"\\c([A-Za-z])")
_EMPTY = {"[]": r"(?!)", "[^]": r"[\s\S]"}


@lru_cache(maxsize=256)
def compiled(source: str, flags: str) -> "tuple[re.Pattern[str], int] | None":
    """(pattern, longest text it may be used on) of a regular expression, or None where it can't be used.

    Args:
        source: the pattern as the script has it.
        flags: of them ``i`` and ``m`` count here.
    """
    if len(source) > _LONGEST:
        return None
    parts: list[str] = []
    depth = repeats = 0
    open_end = follows = group_ended = False
    for atom in _ATOM.finditer(source):
        kind, text = atom.lastgroup, atom[0]
        if kind == "times":
            counted = _COUNTED.match(text)
            bounded = text[0] == "?" or (counted and (not counted[2] or counted[3]))
            if group_ended and text[0] != "?" and not (counted and not counted[2]):
                return None
            if counted and int(counted[1]) > 1000:
                return None
            if not bounded or (counted and counted[2]):
                repeats += 1
                open_end = True
            group_ended = False
        else:
            follows = follows or (open_end and kind != "close" and text != "|")
            open_end = open_end and (kind == "close" or text == "|")
            depth += (kind == "open") - (kind == "close")
            group_ended = kind == "close"
            if kind == "set":
                text = _EMPTY.get(text, text[:1] + text[1:].replace("[", r"\["))
            elif kind == "escape":
                text = _CONTROL.sub(lambda one: f"\\x{ord(one[1]) % 32:02x}", text)
                text = re.escape(text[1]) if text[1].isalpha() and text[1] not in "dDwWsSbBtnrfvux" else text
            elif text == "/":
                text = r"\/"
        parts.append(text)
    if repeats > 3 or depth:
        return None
    options = (re.IGNORECASE if "i" in flags else 0) | (re.MULTILINE if "m" in flags else 0) | re.ASCII
    try:
        pattern = re.compile("".join(parts), options)
    except (re.error, OverflowError, RecursionError):
        return None
    return pattern, _SHORT if follows or repeats > 1 else 8 << 20


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
