"""A page taken apart: its tags, the scripts in document order, and its elements with the text in them.

HTML standard, sections 4.12.1 (script elements) and 13.2.5.4 (script data: nothing in it is a tag); SVG 2, section 15.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from emotriage.formats.data_address import read_data_address
from emotriage.formats.html_tags import Tag, read_tags
from emotriage.model.limits import Budget

_CLOSE = re.compile(r"(?i)</script\b")
_CDATA = re.compile(r"\s*<!\[CDATA\[(.*?)(?:\]\]>\s*|\Z)", re.DOTALL)
_HANDLER = re.compile(r"on[a-z]{3,32}")
_ADDRESS = re.compile(r"(?i)[\0-\x20]*((?:j\s*a\s*v\s*a|v\s*b)\s*s\s*c\s*r\s*i\s*p\s*t)\s*:")
_SCRIPT_TYPES = re.compile(
    r"(?i)\s*(?:|module|text/(?:javascript|jscript|ecmascript|javascript1\.\d|livescript|x-(?:java|ecma)script)"
    r"|application/(?:x-)?(?:java|ecma)script)\s*(?:;.*)?"
)
_VBSCRIPT = re.compile(r"(?i)\s*(?:text/)?vb")
_KEPT = 1 << 16
_KEPT_TAGS = 1 << 19  # with their attributes: a page of 8 MiB that people made has half as many
_KEPT_SCRIPTS = 1 << 13
_OPEN = 512


@dataclass(frozen=True, slots=True)
class Script:
    """A script of a page.

    Attributes:
        text: it; nothing where it stands elsewhere.
        language: ``javascript`` or ``vbscript``.
        at: offset of the element in the page.
        source: address that it is loaded from, or nothing.
        when: ``inline`` for those that run on the way, else the handler or ``address`` that runs it.
    """

    text: str
    language: str
    at: int
    source: str = ""
    when: str = "inline"


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a page.

    Attributes:
        name: in lower case.
        attributes: by name, the first of each.
        start: offset in the page.
        inner: (offset of its content, offset behind that).
    """

    name: str
    attributes: dict[str, str]
    start: int
    inner: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Page:
    """A page.

    Attributes:
        text: all of it.
        tags: in order, but for those inside of scripts, and ends without attributes (those of forms are there).
        scripts: those that run on the way, in order, and then those that wait for something.
        elements: that a script can ask for, in the order of their ends.
        cut: there are more scripts, tags or elements than are kept.
    """

    text: str
    tags: tuple[Tag, ...]
    scripts: tuple[Script, ...]
    elements: tuple[Element, ...]
    cut: bool


def read_page(text: str, budget: Budget) -> Page:
    """Take a page apart.

    Args:
        text: the page, or a picture in SVG.
        budget: charged for every tag and attribute.
    """
    tags: list[Tag] = []
    inline: list[Script] = []
    waiting: dict[tuple[str, str], Script] = {}
    elements: list[Element] = []
    opened: dict[str, list[Tag]] = {}
    behind = kept = 0
    closes = True
    cut = False
    for tag in read_tags(text, budget):
        if tag.start < behind:
            continue
        kept += 1 + len(tag.attributes)
        if kept > _KEPT_TAGS:
            cut = True
            break
        name = tag.name.rpartition(":")[2]
        if tag.attributes or tag.cut or not tag.closing or name == "form":
            tags.append(tag)
        if tag.closing:
            if (stack := opened.get(name)) and (begun := stack.pop()).attributes and len(elements) <= _KEPT:
                elements.append(_element(begun, tag.start))
            continue
        if name == "script":
            closed = _CLOSE.search(text, tag.end) if closes else None
            closes = closed is not None
            end = closed.start() if closed else len(text)
            empty = text.endswith("/>", tag.start, tag.end) and not closed
            behind = tag.end if empty else end
            if cut := cut or len(inline) >= _KEPT_SCRIPTS:
                continue
            inline.append(_script(tag, text[tag.end : behind], budget))
            opened.setdefault(name, []).append(tag)
        elif len(stack := opened.setdefault(name, [])) < _OPEN:
            stack.append(tag)
        if tag.attributes:
            for one in _waiting(tag):
                waiting.setdefault((one.language, one.text), one)
    for stack in opened.values():
        elements += (_element(one, one.end) for one in stack if one.attributes)
    scripts = (*inline, *list(waiting.values())[:_KEPT])
    cut = cut or len(elements) > _KEPT or len(waiting) > _KEPT
    return Page(text, tuple(tags), scripts, tuple(elements[:_KEPT]), cut)


def _element(tag: Tag, end: int) -> Element:
    return Element(tag.name, dict(reversed(tag.attributes)), tag.start, (tag.end, max(end, tag.end)))


def _script(tag: Tag, text: str, budget: Budget) -> Script:
    given = dict(reversed(tag.attributes))
    source = given.get("src") or given.get("href") or given.get("xlink:href") or ""
    kind = given.get("type", "")
    if _VBSCRIPT.match(kind) or _VBSCRIPT.match(given.get("language", "")):
        language = "vbscript"
    else:
        language = "javascript" if _SCRIPT_TYPES.fullmatch(kind) else "data"
    if wrapped := _CDATA.match(text):
        text = wrapped[1]
    source = source.strip()
    if (inside := read_data_address(source, budget)) is not None and inside.content is not None:
        text, source = inside.content.decode("utf-8", "replace"), ""
    return Script(text, language, tag.start, source)


def _waiting(tag: Tag) -> list[Script]:
    """What runs when something happens to an element, or when an address in it is opened."""
    found = []
    for name, value in tag.attributes:
        if not value:
            continue
        if (address := _ADDRESS.match(value)) is not None:
            language = "vbscript" if address[1][0].lower() == "v" else "javascript"
            found.append(Script(unquote(value[address.end() :]), language, tag.start, when="address"))
        elif _HANDLER.fullmatch(name):
            found.append(Script(value, "javascript", tag.start, when=name))
    return found
