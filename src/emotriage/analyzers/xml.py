"""XML documents: plain data is judged by its root, its instructions and its scripts; what a program acts on is a gap.

Windows opens XML by its extension, and Office, Internet Explorer and the console host by what stands in it. A document
whose root belongs to none of the formats below, without scripts, style sheets or document type, is data.
"""

import re
from collections.abc import Iterator

from emotriage.catalogue import xml as rules
from emotriage.formats.xml import Tag, iter_events, read_document_opening
from emotriage.model.analyzer import Found, Subject, analyzer
from emotriage.model.anomaly import Anomaly
from emotriage.model.errors import Malformed
from emotriage.model.finding import Evidence
from emotriage.model.limits import MIB

_ROOTS = {
    "mmc_consolefile": "management console",
    "scriptlet": "scriptlet",
    "component": "scriptlet component",
    "package": "script or app package",
    "job": "script job",
    "jnlp": "Java Web Start",
    "unattend": "unattended installation",
    "wix": "installer source",
    "bundle": "app bundle",
    "visiodocument": "Visio drawing",
    "worddocument": "Word 2003 document",
    "workbook": "Excel 2003 workbook",
    "xdp": "PDF form",
    "stylesheet": "style sheet",
    "transform": "style sheet",
    "html": "web page",
    "svg": "picture that can hold scripts",
    "window": "XAML",
    "page": "XAML",
}
"""Roots of formats that programs act on and nobody here reads, in lower case, and what those are."""
_NAMESPACES = {
    "http://schemas.microsoft.com/developer/msbuild/2003": "build project",
    "urn:schemas-microsoft-com:asm.v1": "deployment manifest",
    "http://schemas.microsoft.com/windows/2004/02/mit/task": "scheduled task",
    "http://www.w3.org/1999/XSL/Transform": "style sheet",
    "http://schemas.microsoft.com/winfx/2006/xaml/presentation": "XAML",
    "urn:oasis:names:tc:opendocument:xmlns:office:1.0": "flat OpenDocument",
    "http://openoffice.org/2000/office": "flat OpenOffice document",
}
_SCRIPTS = frozenset({"script", "iframe", "object", "embed", "applet", "foreignobject"})
_ADDRESS = re.compile(r"\s*(?:java|vb)script\s*:|\s*data:text/html", re.IGNORECASE)
_ENTITY = re.compile(rb"<!ENTITY\s")
_SUBSET = MIB
_EVIDENCE = 8


@analyzer("xml", kinds={"xml"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Tell data from what a program would act on."""
    budget = subject.budget
    opening = subject.view(read_document_opening)
    if opening.document_type:
        yield rules.DOCUMENT_TYPE(Evidence("<!DOCTYPE", where="before the root"))
        head = subject.blob.read(0, _SUBSET)
        budget.spend(len(head))
        if _ENTITY.search(head.replace(b"\0", b"")):  # UTF-16 as well
            yield rules.ENTITIES(Evidence("<!ENTITY", where="<!DOCTYPE"))
        return
    if opening.instructions:
        yield rules.STYLE_SHEET(*(Evidence(one, where="before the root") for one in opening.instructions[:_EVIDENCE]))
    if opening.root is not None and (what := _active(opening.root)):
        yield rules.ACTIVE_DOCUMENT(Evidence(what, where=f"<{opening.root}>"))
    yield from _content(subject)


def _active(root: Tag) -> str:
    """The format that a program acts on, or ""; `url_xml` and `app_installer` say what they do not understand."""
    return _NAMESPACES.get(root.uri) or _ROOTS.get(root.lower(), "")


def _content(subject: Subject) -> Iterator[Found]:
    scripts: list[Evidence] = []
    problems: list[Anomaly] = []
    windows = (window for _, window in subject.blob.windows())
    for event in iter_events(windows, subject.budget, problems, ends=()):
        if len(scripts) >= _EVIDENCE:
            continue
        tag, attributes, _ = event.element
        if tag.lower() in _SCRIPTS:
            scripts.append(Evidence("script or embedded object", where=f"<{tag}>"))
        scripts += [
            Evidence(f"{name}={value[:100]}", where=f"<{tag}>")
            for name, value in attributes.items()
            if _ADDRESS.match(value)
        ]
    if scripts:
        yield rules.SCRIPT(*scripts[:_EVIDENCE])
    if problems:
        raise Malformed(f"XML is not read to its end: {problems[0].code}")
