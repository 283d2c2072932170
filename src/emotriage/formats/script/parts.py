"""Scripts inside of HTML applications and Windows Script Files: the elements, and in which language each is written.

HTML standard, section 4.12.1; Windows Script Host reference, ``<script>`` element. An element that is not closed goes
on to the end.
"""

import html
import re
from dataclasses import dataclass

from emotriage.model.limits import RECORD, Budget

_OPEN = re.compile(r"(?i)<script\b([^<>]{0,2000})>")
_CLOSE = re.compile(r"(?i)</script\b")
_LANGUAGE = re.compile(r"(?i)\b(?:language|type)\s{0,8}=\s{0,8}[\"']?\s{0,8}([\w./]{1,40})")
_DATA = re.compile(r"\A\s*<!\[CDATA\[(.*?)\]\]>\s*\Z", re.DOTALL)
_HANDLER = re.compile(
    r"(?i)\bon(?:load|unload|click|mouse\w{1,8}|focus|error)\s{0,4}=\s{0,4}(?:\"([^\"]{1,8000})\"|'([^']{1,8000})')"
)
_PARTS = 200


@dataclass(frozen=True, slots=True)
class Part:
    """A script in a page.

    Attributes:
        text: it.
        language: ``javascript`` or ``vbscript``.
        at: offset in the page.
    """

    text: str
    language: str
    at: int


def script_parts(page: str, budget: Budget) -> tuple[Part, ...]:
    """The scripts of a page in order; handlers of its elements come last."""
    budget.spend(2 * len(page))
    parts: list[Part] = []
    at = 0
    while len(parts) < _PARTS and (opened := _OPEN.search(page, at)):
        budget.spend(RECORD)
        closed = _CLOSE.search(page, opened.end())
        end = closed.start() if closed else len(page)
        text = page[opened.end() : end]
        if data := _DATA.match(text):
            text = data[1]
        named = _LANGUAGE.search(opened[1])
        parts.append(Part(text, "vbscript" if named and "vb" in named[1].lower() else "javascript", opened.end()))
        at = end
    for number, one in enumerate(_HANDLER.finditer(page)):
        budget.spend(RECORD)
        if number >= _PARTS:
            break
        text = html.unescape(one[1] or one[2])
        low = text.lstrip().lower()
        parts.append(
            Part(
                text.partition(":")[2] if low.startswith(("javascript:", "vbscript:")) else text,
                "vbscript" if low.startswith("vbs") else "javascript",
                one.start(),
            )
        )
    return tuple(parts)
