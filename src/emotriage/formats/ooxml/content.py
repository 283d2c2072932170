"""What an Office Open XML document holds for its macros to read: variables, properties, text, shapes, comments, parts.

ECMA-376 part 1: 17.15.1.30 docVar, 22.2 to 22.4 properties, 17.13.4 comments, 20.1.2.2.8 cNvPr, 15.2.5 custom XML; part
4: 19.1.2 shapes of VML.
"""

from collections.abc import Iterator
from typing import NamedTuple

from emotriage.formats.ooxml import Package, Part
from emotriage.formats.xml import iter_events
from emotriage.model.limits import MIB, RECORD, Budget

_MOST = 65535
_TEXT = 16 * MIB
_PART = MIB
_BUILT_IN = {
    "title": "title", "subject": "subject", "creator": "author", "keywords": "keywords", "description": "comments",
    "lastModifiedBy": "last author", "revision": "revision number", "category": "category", "Company": "company",
    "Manager": "manager", "Template": "template", "contentStatus": "content status", "Application": "application name",
    "HyperlinkBase": "hyperlink base", "language": "language", "version": "document version",
}  # fmt: skip
_PARTS = ("core-properties", "extended-properties")
_BREAKS = {"tab": "\t", "br": "\v", "cr": "\r", "noBreakHyphen": "-"}
_BODIES = frozenset({"txbxContent", "txBody"})
_SHAPES = frozenset({"docPr", "cNvPr"})
_VML = "urn:schemas-microsoft-com:vml"
_PLACED = frozenset({"inline", "anchor"})
_DRAWN = frozenset({"shape", "rect", "roundrect", "oval", "line", "polyline"})


class DrawnShape(NamedTuple):
    """A shape: its name, alternative text, title and text; `inline` is one that stands in the text of a document."""

    name: str
    description: str
    title: str
    text: str
    inline: bool = False


def main_parts(package: Package) -> tuple[Part, ...]:
    """The document, workbook or presentation itself."""
    return package.related("", "officeDocument")


def read_variables(package: Package, budget: Budget) -> dict[str, str]:
    """Document variables of Word by lower-case name.

    Raises:
        FormatError: a part can't be read.
    """
    found: dict[str, str] = {}
    for main in main_parts(package):
        for part in package.related(main.name, "settings"):
            for event in iter_events(package.stream(part, budget), budget, starts=(), ends={"docVar"}):
                attributes = event.element.attributes
                if len(found) < _MOST:
                    found.setdefault(attributes.get("name", "").lower(), attributes.get("val", ""))
    return found


def read_properties(package: Package, budget: Budget) -> dict[str, str]:
    """Built-in and custom properties by lower-case name.

    Raises:
        FormatError: a part can't be read.
    """
    found: dict[str, str] = {}
    for suffix in _PARTS:
        for part in package.related("", suffix):
            for tag, _, text in package.xml(part, budget):
                if tag in _BUILT_IN:
                    found.setdefault(_BUILT_IN[tag], text)
    for part in package.related("", "custom-properties"):
        value = ""
        for tag, attributes, text in package.xml(part, budget):
            if tag == "property" and len(found) < _MOST:
                found.setdefault(attributes.get("name", "").lower(), value)
                value = ""
            else:
                value = text
    return found


def read_paragraphs(package: Package, budget: Budget) -> list[str]:
    """Paragraphs of a Word document; the text of shapes is not among them.

    Raises:
        FormatError: a part can't be read.
    """
    found: list[str] = []
    for part in main_parts(package)[:1]:
        pieces: list[str] = []
        depth = size = 0
        wanted = {"t", "p", *_BREAKS, *_BODIES}
        for start, (tag, _, text) in iter_events(package.stream(part, budget), budget, starts=_BODIES, ends=wanted):
            if tag in _BODIES:
                depth += 1 if start else -1
            elif depth:
                continue
            elif tag == "p":
                found.append("".join(pieces))
                pieces = []
            elif size < _TEXT:
                pieces.append(_BREAKS.get(tag, text))
                size += len(text)
    return found


def read_comments(package: Package, part: Part, budget: Budget) -> list[tuple[str, str]]:
    """(cell, text) of the comments in the part that belongs to a sheet or document; the cell is empty in documents.

    Raises:
        FormatError: a part can't be read.
    """
    found: list[tuple[str, str]] = []
    for one in package.related(part.name, "comments"):
        if one.name.lower().endswith(".bin"):
            continue
        pieces: list[str] = []
        for tag, attributes, text in package.xml(one, budget):
            if tag == "comment":
                if len(found) < _MOST:
                    found.append((attributes.get("ref", ""), "".join(pieces)))
                pieces = []
            elif tag == "t":
                pieces.append(text)
    return found


def read_shapes(package: Package, part: Part, budget: Budget) -> list[DrawnShape]:
    """Shapes of a document or of a sheet's drawing, in order; copies for older programs are left out.

    Raises:
        FormatError: a part can't be read.
    """
    found: list[DrawnShape] = []
    depth = fallback = 0
    placed = ""
    wanted = _BODIES | _SHAPES | _PLACED | {"Fallback", "t"}
    for start, (tag, attributes, text) in iter_events(
        package.stream(part, budget), budget, starts=_DRAWN | _BODIES | _PLACED | {"Fallback"}, ends=wanted
    ):
        if tag == "Fallback":
            fallback += 1 if start else -1
        elif fallback:
            continue
        elif tag in _BODIES:
            depth += 1 if start else -1
        elif tag in _PLACED:
            placed = tag if start else ""
        elif tag in _DRAWN:
            if tag.uri == _VML and len(found) < _MOST:
                name, description, title = (attributes.get(one, "") for one in ("id", "alt", "title"))
                inline = "position:" not in attributes.get("style", "").replace(" ", "").lower()
                found.append(DrawnShape(name, description, title, "", inline))
        elif tag in _SHAPES and len(found) < _MOST and not (placed and tag == "cNvPr"):
            budget.spend(RECORD)
            name, description, title = (attributes.get(one, "") for one in ("name", "descr", "title"))
            found.append(DrawnShape(name, description, title, "", placed == "inline"))
        elif tag == "t" and depth > 0 and found and len(found[-1].text) < _PART:
            found[-1] = found[-1]._replace(text=found[-1].text + text)
    return found


def read_custom_parts(package: Package, budget: Budget) -> Iterator[str]:
    """Custom XML parts as they are.

    Raises:
        FormatError: a part can't be read.
    """
    for main in main_parts(package):
        for part in package.related(main.name, "customXml"):
            yield package.read(part, budget, _PART).decode("utf-8", "replace")
