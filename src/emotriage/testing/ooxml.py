"""OPC packages ([ECMA-376-2]): parts, their content types and relationships, as a ZIP file."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from posixpath import dirname, relpath
from typing import Any, TypedDict

from emotriage.testing.archive import archive
from emotriage.testing.content import Content

_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_SPECIAL = {
    "core-properties": "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties",
    "vbaProject": "http://schemas.microsoft.com/office/2006/relationships/vbaProject",
    "wordVbaData": "http://schemas.microsoft.com/office/2006/relationships/wordVbaData",
    "xlMacrosheet": "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet",
    "xlIntlMacrosheet": "http://schemas.microsoft.com/office/2006/relationships/xlIntlMacrosheet",
    "ui/extensibility": "http://schemas.microsoft.com/office/2006/relationships/ui/extensibility",
}
_CORE = {
    "title": "dc:title",
    "subject": "dc:subject",
    "author": "dc:creator",
    "keywords": "cp:keywords",
    "comments": "dc:description",
    "last_author": "cp:lastModifiedBy",
}
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_NOT_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Link(TypedDict, total=False):
    """A relationship as recipes spell it: ``source`` "" is the package; ``type`` is short or a whole URI."""

    source: str
    type: str
    target: str
    external: bool
    id: str


@dataclass(frozen=True, slots=True)
class Relationship:
    """One relationship of a source part."""

    id: str
    type: str
    target: str
    external: bool = False


def spell(text: str) -> str:
    """Text for an XML element or attribute; what XML can't hold becomes U+FFFD."""
    return escape(_NOT_XML.sub("\ufffd", text))


class Package:
    """A package in the making: parts with their content types, and who refers to whom."""

    def __init__(self) -> None:
        self.parts: dict[str, Content] = {}
        self.types: dict[str, str] = {}
        self.relationships: dict[str, list[Relationship]] = {}

    def add(self, name: str, content: Content, kind: str = "", *, source: str = "", relation: str = "") -> str:
        """Add a part, and a relationship to it.

        Args:
            name: of the part, without the leading "/".
            content: what it holds.
            kind: its content type; by default what its suffix says.
            source: the part that refers to it; "" is the package.
            relation: the relationship's type; "" is none.

        Returns:
            The relationship's id.
        """
        self.parts[name] = content
        if kind:
            self.types[name] = kind
        return self.link(source, relation, relpath(name, dirname(source) or ".")) if relation else ""

    def link(self, source: str, relation: str, target: str, *, external: bool = False, name: str = "") -> str:
        """Add a relationship alone; returns its id."""
        siblings = self.relationships.setdefault(source, [])
        siblings.append(Relationship(name or f"rId{len(siblings) + 1}", relation, target, external))
        return siblings[-1].id

    def build(
        self,
        main: str,
        *,
        parts: Mapping[str, Content] | None = None,
        types: Mapping[str, str] | None = None,
        links: Sequence[Link] = (),
        options: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The package as a ZIP file.

        Args:
            main: the part that relationships without a source belong to.
            parts: further parts, or other contents of those that are there.
            types: content types of parts.
            links: further relationships.
            options: further arguments of `archive`.
        """
        for one in links:
            source, external = one.get("source", main), one.get("external", False)
            self.link(source, one["type"], one["target"], external=external, name=one.get("id", ""))
        everything = {**self.parts, **(parts or {})}
        files: dict[str, Content] = {"[Content_Types].xml": _types(everything, {**self.types, **(types or {})})}
        files |= {_rels_of(source): _rels(siblings) for source, siblings in self.relationships.items()}
        return archive({**files, **everything}, **(options or {}))


def _rels_of(source: str) -> str:
    folder, _, name = source.rpartition("/")
    return f"{folder}/_rels/{name}.rels".removeprefix("/")


def _rels(links: Sequence[Relationship]) -> str:
    out = [DECLARATION, '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">']
    for one in links:
        kind = one.type if ":" in one.type else _SPECIAL.get(one.type, _RELATIONS + one.type)
        mode = ' TargetMode="External"' if one.external else ""
        out.append(f'<Relationship Id="{spell(one.id)}" Type="{spell(kind)}" Target="{spell(one.target)}"{mode}/>')
    return "".join([*out, "</Relationships>"])


def _types(parts: Mapping[str, Content], types: Mapping[str, str]) -> str:
    out = [DECLARATION, '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">']
    defaults = {
        "rels": "application/vnd.openxmlformats-package.relationships+xml",
        "xml": "application/xml",
        "bin": "application/vnd.openxmlformats-officedocument.oleObject",
        "png": "image/png",
        "jpeg": "image/jpeg",
        "jpg": "image/jpeg",
        "emf": "image/x-emf",
    }
    suffixes = {name.rpartition(".")[2].lower() for name in parts} | {"rels", "xml"}
    out += [f'<Default Extension="{one}" ContentType="{defaults[one]}"/>' for one in defaults if one in suffixes]
    out += [f'<Override PartName="/{spell(name)}" ContentType="{spell(kind)}"/>' for name, kind in types.items()]
    return "".join([*out, "</Types>"])


def core_properties(draft: Package, properties: Mapping[str, str]) -> None:
    """Add the part with title, subject, author, keywords and comments.

    Raises:
        ValueError: another property.
    """
    if unknown := properties.keys() - _CORE:
        raise ValueError(f"unknown properties {sorted(unknown)}; there are {', '.join(_CORE)}")
    inside = "".join(f"<{_CORE[name]}>{spell(text)}</{_CORE[name]}>" for name, text in properties.items())
    spaces = 'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
    spaces += ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
    kind = "application/vnd.openxmlformats-package.core-properties+xml"
    xml = f"{DECLARATION}<cp:coreProperties {spaces}>{inside}</cp:coreProperties>"
    draft.add("docProps/core.xml", xml, kind, relation="core-properties")
