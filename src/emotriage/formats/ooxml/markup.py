"""Whether XML in a package is a piece of the package, or a document of its own that merely looks like one.

A name, a declared type and the first bytes are the author's to choose, and so is what stands before the root element.
What a program goes by is the root, and the processing instructions before it. Sources: ECMA-376 part 1; the
namespaces of Office 2003 XML, flat packages ([MS-OI29500]), XHTML, SVG and XSLT.
"""

import re
from collections.abc import Iterable

from emotriage.formats.xml import Opening, Tag, iter_events
from emotriage.model.anomaly import Anomaly
from emotriage.model.limits import Budget

OVERLAP = 512
"""More bytes than what `is_marked` looks for can be long."""
_MARKS = (b"1999/xhtml", b"2000/svg", b"xsl/transform", b"<script", b":script")
_REFERENCE = re.compile(
    rb"xmlns[^=<>]{0,64}=\s{0,64}[\"'][^\"'<>]{0,256}&"
)  # a namespace that is spelled in references
_OWN = (
    "http://schemas.openxmlformats.org/",
    "http://purl.oclc.org/ooxml/",
    "http://schemas.microsoft.com/office/",
    "http://schemas.microsoft.com/visio/",
    "http://schemas.microsoft.com/xps/",
    "http://schemas.openxps.org/",
    "http://schemas.microsoft.com/windows/2003/08/printing/",
)
"""What begins so is a piece of a package: of Office, Visio or XPS."""
_DOCUMENTS = frozenset(
    {
        "http://schemas.microsoft.com/office/2006/xmlpackage",
        "http://schemas.microsoft.com/office/word/2003/wordml",
        "urn:schemas-microsoft-com:office:spreadsheet",
        "http://www.w3.org/1999/xhtml",
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xsl/transform",
        "urn:schemas-microsoft-com:xslt",
    }
)
"""Namespaces, lower-case, of documents that are opened by themselves and can hold what runs."""
_SCRIPTING = frozenset(
    {
        "http://www.w3.org/1999/xhtml",
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xsl/transform",
        "urn:schemas-microsoft-com:xslt",
    }
)
"""Those of them that run wherever in a document they stand."""
_ROOTS = frozenset(
    {"html", "svg", "script", "job", "package", "scriptlet", "component", "stylesheet", "transform", "worddocument"}
)
_INSTRUCTIONS = frozenset({"mso-application", "xml-stylesheet"})
_DEEP = ("xml-malformed", "xml-depth")


def opens_alone(opening: Opening) -> bool:
    """True for markup that a program of its own opens: web pages, scripts, Office 2003 XML, flat packages.

    So is what can't be read up to its root, since nobody knows who would.
    """
    if opening.root is None:
        return not opening.document_type
    if not _INSTRUCTIONS.isdisjoint(opening.instructions) or opening.root.uri.lower() in _DOCUMENTS:
        return True
    return not is_own(opening.root) and opening.root.lower() in _ROOTS


def is_own(root: Tag) -> bool:
    """True for a root element from the namespaces of Office Open XML and its kin."""
    return root.uri.startswith(_OWN) and root.uri.lower() not in _DOCUMENTS


def is_marked(window: bytes) -> bool:
    """True for a stretch of markup with signs of what `holds_scripts` looks for: quick, and not to be relied on."""
    plain = window.replace(b"\0", b"")
    low = plain.lower()
    return any(one in low for one in _MARKS) or _REFERENCE.search(plain) is not None


def holds_scripts(chunks: Iterable[bytes], budget: Budget) -> bool:
    """True for markup with elements in it that browsers run, or that can't be read to its end to rule that out.

    Raises:
        FormatError: what `chunks` raises.
    """
    found: list[Anomaly] = []
    for start, element in iter_events(chunks, budget, found):
        if start and (element.tag.lower() == "script" or element.tag.uri.lower() in _SCRIPTING):
            return True
    return any(one.code in _DEEP for one in found)
