"""Tokens of JScript: ECMA-262 third edition, section 7, and JScript's conditional compilation.

What stands in ``/*@cc_on ... @*/`` is code: its marks are taken for blanks, and of ``@if ... @else ... @end`` the first
arm is read.
"""

import re
from typing import NamedTuple

from emotriage.model.limits import TOKEN, Budget

_TOKEN = re.compile(
    r"(?P<blank>[ \t\v\f\u00a0\ufeff]+|//(?!@)[^\n\r\u2028\u2029]*|<!--[^\n\r]*)"
    r"|(?P<line>[\n\r\u2028\u2029]+)"
    r"|(?P<conditional>(?:/\*|//)@(?:cc_on\b)?|@\*/|@cc_on\b|@set\b)"
    r"|(?P<choice>@(?:if|elif|else|end)\b)"
    r"|(?P<comment>/\*)"
    r"|(?P<name>@?(?:[^\W\d]|[$]|\\u[0-9a-fA-F]{4})(?:\w|[$]|\\u[0-9a-fA-F]{4})*)"
    r"|(?P<number>0[xX][0-9a-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<quote>[\"'`])"
    r"|(?P<sign>>>>=|===|!==|>>>|<<=|>>=|=>|==|!=|<=|>=|&&|\|\||\+\+|--|\+=|-=|\*=|/=|%=|&=|\|=|\^=|<<|>>"
    r"|[{}()\[\];,<>+\-*/%&|^!~?:=.@#])"
)
MOST = 300_000
"""Tokens of one text that are read; what stands behind them is left out."""
_STRING = {
    '"': re.compile(r'"((?:[^"\\\n\r]+|\\(?:\r\n|.))*)(?:"|(?=[\n\r])|\Z)', re.DOTALL),
    "'": re.compile(r"'((?:[^'\\\n\r]+|\\(?:\r\n|.))*)(?:'|(?=[\n\r])|\Z)", re.DOTALL),
    "`": re.compile(r"`((?:[^`\\]+|\\.)*)(?:`|\Z)", re.DOTALL),
}
_REGEX = re.compile(r"/((?:[^/\\\[\n\r]|\\[^\n\r]|\[(?:[^\]\\\n\r]|\\[^\n\r])*\])+)/([a-z]*)")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-3][0-7]{0,2}|[4-7][0-7]?)|(\r\n|.))", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "\r\n": "", "\n": "", "\r": ""}
_CONDITION_END = re.compile(r"@(if|end|elif|else)\b")
_BEFORE_REGEX = frozenset(
    {"return", "typeof", "case", "in", "do", "else", "void", "delete", "new", "throw", "instanceof", "of"}
)


class Token(NamedTuple):
    """One token.

    Attributes:
        kind: ``name``, ``number``, ``string``, ``regex``, ``sign`` or ``end``.
        value: its text; of a string or number its value; of a regular expression (pattern, flags).
        at: offset in the text.
        newline: a line ended before it.
    """

    kind: str
    value: object
    at: int
    newline: bool


def tokens(text: str, budget: Budget) -> list[Token]:
    """All tokens of a script, at most `MOST`, with one of kind ``end`` last; what is no token is left out."""
    out: list[Token] = []
    at, size = 0, len(text)
    newline = True
    kind: str | None
    value: object
    while at < size and len(out) < MOST:
        found = _TOKEN.match(text, at)
        if found is None:
            at += 1
            continue
        kind, start = found.lastgroup, at
        at = found.end()
        if kind == "blank":
            continue
        if kind == "line":
            newline = True
            continue
        if kind == "comment":
            end = text.find("*/", at)
            newline = newline or "\n" in text[at : end if end >= 0 else size]
            at = end + 2 if end >= 0 else size
            continue
        if kind == "conditional":
            continue
        if kind == "choice":
            at = _chosen(text, at, found[0])
            continue
        value = found[0]
        if kind == "quote":
            string = _STRING[found[0]].match(text, start)
            if string is None:
                continue
            kind, value, at = "string", unescaped(string[1]), string.end()
        elif kind == "number":
            value = _number(found[0])
        elif found[0] in ("/", "/=") and _regex_may_stand(out) and (pattern := _REGEX.match(text, start)):
            kind, value, at = "regex", (pattern[1], pattern[2]), pattern.end()
        elif kind == "name" and "\\" in found[0]:
            value = unescaped(found[0])
        out.append(Token(str(kind), value, start, newline))
        newline = False
        if not len(out) & 63:
            budget.spend(64 * TOKEN)
    out.append(Token("end", "", size, True))
    return out


def unescaped(text: str) -> str:
    """The characters that a string literal stands for."""
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    if match[1] or match[2]:
        return chr(int(match[1] or match[2], 16))
    if match[3]:
        return chr(int(match[3], 8))
    return _ESCAPED.get(match[4], match[4])


def _number(text: str) -> float:
    if text[:2] in ("0x", "0X"):
        return int(text, 16) if len(text) < 16 else float(int(text[:200], 16))
    if text.isdigit():
        if len(text) > 1 and text[0] == "0" and not set(text) & {"8", "9"}:
            return int(text[:20], 8)
        return int(text) if len(text) < 16 else float(text[:400])
    return float(text[:400])


def _regex_may_stand(before: list[Token]) -> bool:
    """True where a slash begins a regular expression and divides nothing."""
    if not before:
        return True
    last = before[-1]
    if last.kind == "sign":
        return last.value not in (")", "]", "}")
    return last.kind == "name" and last.value in _BEFORE_REGEX


def _chosen(text: str, at: int, word: str) -> int:
    """Where reading goes on behind ``@if (...)``, which is taken to hold, and behind the other words."""
    if word == "@if":
        end = text.find(")", at)
        return end + 1 if 0 <= end < at + 200 else at
    if word == "@end":
        return at
    depth = 0
    for one in _CONDITION_END.finditer(text, at):
        depth += (one[1] == "if") - (one[1] == "end")
        if depth < 0:
            return one.end()
    return len(text)
