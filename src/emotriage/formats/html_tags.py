"""Tags of HTML pages and bodies, told apart as browsers do it (HTML standard, section 13.2.5), in one pass.

Nothing is hidden by where it stands: a tag inside of a comment or a style sheet counts too, because conditional
comments are markup for Office. Text between tags is kept, with blocks as lines and cells as tabs.
"""

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from emotriage.model.limits import RECORD, Budget

_OPEN = re.compile(r"<(/?)([A-Za-z][^\s/>\0]{0,63}+)(>?)")
_ATTRIBUTE = re.compile(
    r"[\s/\0]*+(?P<name>[^\s/>\0][^\s/>=\0]*+)"
    r"(?:[\s\0]*+=[\s\0]*+(?:\"(?P<double>[^\"]*+)\"?|'(?P<single>[^']*+)'?|(?P<bare>[^\s>]*+)))?"
)
_END = re.compile(r"[\s/\0]*+>")
_ATTRIBUTES = 256
_BLOCK_NAMES = """
address article blockquote body br center dd div dl dt footer h1 h2 h3 h4 h5 h6 header hr li ol p pre section table
tbody thead title tr ul
"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_CELLS = frozenset({"td", "th"})
_SILENT = frozenset({"head", "script", "style", "title", "xml"})
_BLANKS = re.compile(r"[ \r\n\f\v]+")


class Tag(NamedTuple):
    """One tag.

    Attributes:
        name: in lower case.
        closing: true for ``</name>``.
        attributes: (name in lower case, value with entities undone) pairs, in order.
        start: offset in the text.
        end: offset behind it.
        cut: true when it has more attributes than are kept.
    """

    name: str
    closing: bool
    attributes: tuple[tuple[str, str], ...]
    start: int
    end: int
    cut: bool = False


_new = tuple.__new__
"""Makes a named tuple in a third of the time that its class takes: pages are made of hundreds of thousands."""


def read_tags(text: str, budget: Budget) -> Iterator[Tag]:
    """Every tag of a page, in order."""
    budget.spend(4 * len(text))
    at = 0
    while opened := _OPEN.search(text, at):
        at = opened.end()
        closing, name, whole = opened.groups()
        if whole:
            budget.spend(RECORD)
            yield _new(Tag, (name.lower(), bool(closing), (), opened.start(), at, False))
            continue
        attributes: list[tuple[str, str]] = []
        count = 0
        while one := _ATTRIBUTE.match(text, at):
            at = one.end()
            count += 1
            if count > _ATTRIBUTES:
                continue
            form = one.lastgroup or "name"
            raw = "" if form == "name" else one[form]
            attributes.append((one["name"].lower(), html.unescape(raw) if "&" in raw else raw))
        budget.spend(RECORD * (1 + count))
        if ended := _END.match(text, at):
            at = ended.end()
        cut = count > _ATTRIBUTES
        yield _new(Tag, (name.lower(), bool(closing), tuple(attributes), opened.start(), at, cut))


def text_of(text: str, budget: Budget) -> str:
    """What a reader of the page sees: lines for blocks and rows, tabs between cells, entities undone."""
    pieces: list[str] = []
    at = 0
    silent = ""
    for tag in read_tags(text, budget):
        if not silent and tag.start > at:
            pieces.append(_BLANKS.sub(" ", text[at : tag.start]))
        at = max(at, tag.end)
        if silent:
            silent = "" if tag.closing and tag.name == silent else silent
        elif tag.name in _SILENT and not tag.closing:
            silent = tag.name
        if tag.name in _BLOCKS:
            pieces.append("\n")
        elif tag.name in _CELLS and tag.closing:
            pieces.append("\t")
    if not silent:
        pieces.append(_BLANKS.sub(" ", text[at:]))
    return html.unescape("".join(pieces))
