"""Lines of cmd.exe cut into commands: carets, quotes, parentheses, joints and redirections.

Follows ``cmd /?``. What a caret makes ordinary is moved to private code points until the line has been cut, so that
no later step takes it for a sign.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SHIFT = 0xE000
_SIGNS = '&|<>()^%!"'
_TO_PRIVATE = {ord(one): chr(_SHIFT + ord(one)) for one in _SIGNS}
_FROM_PRIVATE = {_SHIFT + ord(one): one for one in _SIGNS}
PERCENT = chr(_SHIFT + ord("%"))
"""A percent sign that no variable begins with."""
_CARET = re.compile(r"\"[^\"\n]*\"?|\^(.?)", re.DOTALL)
_TOKEN = re.compile(r"\"[^\"\n]*\"?|&&|\|\||[&|()\n]|[^\"&|()\n]+")
_TO_FILE = re.compile(
    r"(?:\"[^\"\n]*\"?)|(?:(?<![^\s\"&|)])(\d))?(>>?|<)[ \t]{0,40}(\"[^\"\n]{1,260}\"?|&\d|[^\s&|<>()\"]{1,260})"
)
_TEXT_COMMAND = re.compile(r"(?i)[\s@]*(?:echo|set|rem|title|call|start|powershell|pwsh|mshta)(?![\w-])")


@dataclass(frozen=True, slots=True)
class Redirected:
    """A command without its redirections.

    Attributes:
        text: the command.
        target: the file that its output goes to, or nothing.
        adds: the output is added to what the file holds.
    """

    text: str
    target: str
    adds: bool


def protect(text: str) -> str:
    """A line without carets; the signs that they stood before are only letters from now on."""

    def one(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0]
        return "" if match[1] == "\n" else match[1].translate(_TO_PRIVATE)

    return _CARET.sub(one, text) if "^" in text else text


def restore(text: str) -> str:
    """The text with all of its signs."""
    return text.translate(_FROM_PRIVATE)


def divided(text: str) -> Iterator[tuple[str, str]]:
    """(command, the joint behind it) of a line; parentheses and quotes keep what is in them together."""
    depth = 0
    parts: list[str] = []
    for piece in _TOKEN.findall(text):
        if depth and piece == ")":
            depth -= 1
        elif piece == "(" and (depth or not parts or not _TEXT_COMMAND.match(parts[0])):
            depth += 1
        elif not depth and piece in ("&", "&&", "|", "||", "\n"):
            yield "".join(parts), piece
            parts = []
            continue
        parts.append(piece)
    yield "".join(parts), ""


def closing(text: str, at: int) -> int:
    """Where the parenthesis that opens at a place is closed; the end of the text where it is not."""
    depth = 0
    for found in _TOKEN.finditer(text, at):
        if found[0] == "(":
            depth += 1
        elif found[0] == ")":
            depth -= 1
            if not depth:
                return found.start()
    return len(text)


def redirected(text: str) -> Redirected:
    """A command, and the file that its output goes to; errors and input are left out."""
    target, adds = "", False
    out: list[str] = []
    at = 0
    for found in _TO_FILE.finditer(text):
        if found[2] is None:
            continue
        out.append(text[at : found.start()])
        at = found.end()
        name = found[3].strip('"')
        if found[2] != "<" and found[1] in (None, "1") and not name.startswith("&") and name.lower() != "nul":
            target, adds = name, found[2] == ">>"
    return Redirected("".join([*out, text[at:]]), target, adds)


def is_open(text: str) -> bool:
    """True when a parenthesis that opens a block is not closed in the text."""
    depth = 0
    lead = text.lstrip(" \t@")
    if not (lead.startswith(("(", ")")) or re.match(r"(?i)(?:if|for|else)\b", lead)):
        return lead.rstrip().endswith("(") and not _TEXT_COMMAND.match(lead)
    for piece in _TOKEN.findall(text):
        depth += (piece == "(") - (piece == ")")
    return depth > 0
