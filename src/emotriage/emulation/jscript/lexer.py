"""Tokens of JScript: ECMA-262 third edition, section 7, and JScript's conditional compilation.

What stands in ``/*@cc_on ... @*/`` is code: its marks are taken for blanks, and of ``@if ... @else ... @end`` the first
arm is read.
"""

import math
import re
from typing import NamedTuple

from emotriage.emulation.jscript.ahead import (
    LONGEST_REGEX,
    REGEX,
    TEMPLATE,
    WORDS_BEFORE_REGEX,
    Bodies,
    Later,
    constants,
)
from emotriage.model.limits import TOKEN, Budget

_NAME = r"#?(?:[^\W\d]|[$]|\\u[0-9a-fA-F]{4})(?>(?:[\w$]++|\\u[0-9a-fA-F]{4})*)"
_TOKEN = re.compile(
    rf"[ \t\v\f\u00a0\ufeff]*+(?:(?P<name>{_NAME})"
    r"|(?P<quote>[\"'`])"
    r"|(?P<line>[\n\r\u2028\u2029]++(?:[ \t]{0,80}-->[^\n\r]*+)?)"
    r"|(?P<blank>//(?!@)[^\n\r\u2028\u2029]*|<!--[^\n\r]*)"
    r"|(?P<conditional>(?:/\*|//)@(?:cc_on\b)?|@\*/|@cc_on\b|@set\b)"
    r"|(?P<choice>@(?:if|elif|else|end)\b)"
    r"|(?P<comment>/\*)"
    rf"|(?P<marked>@{_NAME})"
    r"|(?P<number>0[xX][0-9a-fA-F_]++n?|0[oObB][0-7_]++n?|(?:\d[\d_]*+(?:\.[\d_]*+)?|\.\d[\d_]*+)(?:[eE][+-]?\d++)?n?)"
    r"|(?P<sign>>>>=|===|!==|>>>|<<=|>>=|\.\.\.|\?\.(?!\d)|(?:\?\?|&&|\|\||\*\*)=?|=>|==|!=|<=|>=|\+\+|--|\+=|-=|\*=|/=|%=|&=|\|=|\^=|<<|>>"
    r"|[{}()\[\];,<>+\-*/%&|^!~?:=.@#])"
    r"|(?P<other>[^ \t\v\f\u00a0\ufeff])|\Z)"
)
MOST = 300_000
"""Tokens of one text that are read; what stands behind them is left out."""
_STRING = {
    '"': re.compile(r'"((?:[^"\\\n\r]+|\\(?:\r\n|.))*)(?:"|(?=[\n\r])|\\?\Z)', re.DOTALL),
    "'": re.compile(r"'((?:[^'\\\n\r]+|\\(?:\r\n|.))*)(?:'|(?=[\n\r])|\\?\Z)", re.DOTALL),
}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-3][0-7]{0,2}|[4-7][0-7]?)|(\r\n|.))", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "\r\n": "", "\n": "", "\r": ""}
_BEGINS = frozenset({"[", "/", "/="})
_CONDITION_END = re.compile(r"@(if|end|elif|else)\b")


class Token(NamedTuple):
    """One token.

    Attributes:
        kind: ``name``, ``number``, ``string``, ``regex``, ``sign``, ``list``, ``body`` or ``end``.
        value: its text; of a string or number its value; of a regular expression (pattern, flags); of a list of
            constants their values; of the inside of a function that is read later, where that is.
        at: offset in the text.
        newline: a line ended before it.
    """

    kind: str
    value: object
    at: int
    newline: bool


def tokens(text: str, budget: Budget, most: int = MOST, part: Later | None = None) -> list[Token]:
    """The first tokens of a script, with one of kind ``end`` last; what is no token is left out.

    Args:
        text: the script.
        budget: charged for every token, comment and line.
        most: how many are read.
        part: the body of a function, where that alone is read.
    """
    out: list[Token] = []
    at, size = (part.start, part.stop) if part else (0, len(text))
    bodies = Bodies(text, at, size, budget)
    opener, opened = 0, list[int]()
    newline = True
    value: object
    turns = 0
    braces: list[int] = []  # open in each `${...}`
    while at < size and len(out) < most:
        turns += 1
        if not turns & 63:
            budget.spend(64 * TOKEN)
        found = _TOKEN.match(text, at)
        if found is None or (kind := found.lastgroup) is None:
            break
        word = found[kind]
        at = found.end()
        start = at - len(word)
        value = word
        if kind in ("name", "marked"):
            kind, value = "name", unescaped(word)
        elif word == "`" or (braces and _closes(braces, word)):
            at = _template(text, at, out, braces, inner=word == "}")
            budget.spend(8 * (at - start))
            newline = False
            continue
        elif kind == "sign":
            if word == "(":
                opened.append(len(out))
            elif word == ")":
                opener = opened.pop() if opened else 0
            elif word == "{":
                if _opens_function(out, opener) and (body := bodies.at(at)) is not None:
                    out.append(Token(kind, word, start, newline))
                    kind, value, at, newline = "body", body, body.stop, False
            elif word in _BEGINS and _regex_may_stand(out):
                kind, value, at = _literal(text, start, word, budget)
        elif kind == "quote":
            kind = "string"
            value, at = _string(text, start, word, budget)
        elif kind == "number":
            value = _number(word)
        else:
            at, ended = _passed(text, at, kind, word)
            newline = newline or ended
            continue
        out.append(tuple.__new__(Token, (kind, value, start, newline)))  # three times as fast as Token(...)
        newline = False
    out.append(Token("end", "", size, True))
    return out


def _literal(text: str, start: int, sign: str, budget: Budget) -> tuple[str, object, int]:
    """(kind, value, where it ends) of the list or regular expression that a sign begins, or of the sign alone."""
    if sign == "[":
        if (values := constants(text, start, budget)) is not None:
            return "list", *values
    elif pattern := REGEX.match(text, start, start + LONGEST_REGEX):
        return "regex", (pattern[1], pattern[2]), pattern.end()
    else:
        budget.spend(4 * LONGEST_REGEX)
    return "sign", sign, start + len(sign)


def _opens_function(before: list[Token], opener: int) -> bool:
    """True where a brace opens the body of a function.

    Args:
        before: tokens so far.
        opener: number of the bracket that the last closing one belongs to.
    """
    if not before or before[-1].kind != "sign":
        return False
    if before[-1].value != ")":
        return before[-1].value == "=>"
    return any(before[at].value == "function" and before[at].kind == "name" for at in range(max(opener - 3, 0), opener))


def _string(text: str, start: int, quote: str, budget: Budget) -> tuple[str, int]:
    """The value of a string, and where it ends."""
    found = _STRING[quote].match(text, start)
    if found is None:
        return "", start + 1
    budget.spend(TOKEN * found[1].count("\\"))
    return unescaped(found[1]), found.end()


def _closes(braces: list[int], sign: str) -> bool:
    """True when a brace ends the value inside of a template."""
    braces[-1] += (sign == "{") - (sign == "}")
    return braces[-1] < 0


def _passed(text: str, at: int, kind: str, word: str) -> tuple[int, bool]:
    """Where reading goes on behind what is no token, and whether a line ended in it."""
    if kind == "comment":
        end = text.find("*/", at)
        end = len(text) if end < 0 else end
        return min(end + 2, len(text)), "\n" in text[at:end]
    return (_chosen(text, at, word) if kind == "choice" else at), kind == "line"


def _template(text: str, at: int, out: list[Token], braces: list[int], *, inner: bool) -> int:
    """Read literal text of a template, which stands for texts joined in brackets; where reading goes on.

    Args:
        text: the script.
        at: where the literal text begins.
        out: tokens so far.
        braces: how many are open in each value inside of a template that is being read; a value may begin or end here.
        inner: a value of the same template ended here.
    """
    found = TEMPLATE.match(text, at)
    if found is None:
        return at
    opens = found[2] == "${"
    signs: list[Token] = []
    if inner:
        braces.pop()
        signs = [Token("sign", ")", at, False), Token("sign", "+", at, False)]
    elif opens:
        signs = [Token("sign", "(", at, False)]
    out += [*signs, Token("string", unescaped(found[1]), at, False)]
    end = found.end()
    if opens:
        braces.append(0)
        out += [Token("sign", "+", end, False), Token("sign", "(", end, False)]
    elif inner:
        out.append(Token("sign", ")", end, False))
    return end


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
    text = text.replace("_", "").rstrip("n")
    if text[:2] in ("0o", "0O", "0b", "0B"):
        base = 8 if text[1] in "oO" else 2
        return int(text[2:300], base) if text[2:] and not set(text[2:]) - set("01234567"[:base]) else math.nan
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
    return last.kind == "name" and last.value in WORDS_BEFORE_REGEX


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
