"""OpenDocument packages: macros, what starts them, links and locks (OASIS OpenDocument 1.3, parts 2 and 3).

Documents are known by what stands in them: the manifest is asked for nothing but what is encrypted.
"""

import re
from dataclasses import dataclass, field

from emotriage.formats.xml import Element, iter_events
from emotriage.formats.zip import Archive, Member, read_archive
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.limits import RECORD, Budget

_OWN = re.compile(
    r"(?:.*/)?(?:content|styles|meta|settings)\.xml|meta-inf/[^/]*\.xml|manifest\.rdf|configurations2/.*\.xml"
    r"|(?:basic|dialogs)/.*\.(?:xml|xlb|xlc|xdl)",
    re.DOTALL,
)
_PASSIVE = re.compile(r"mimetype|layout-cache|(?:.*/)?objectreplacements/.*", re.DOTALL)
_LINKED = frozenset({"object", "object-ole", "floating-frame", "plugin", "applet", "table-source", "section-source"})
_WANTED = _LINKED | {
    "image",
    "event-listener",
    "file-entry",
    "encryption-data",
    "dde-source",
    "dde-connection-decl",
}
_ENDS = frozenset({"module"})


@dataclass(frozen=True, slots=True)
class Listener:
    """A macro that an event starts.

    Attributes:
        event: such as ``dom:load``, without its prefix.
        macro: its address.
        where: the member.
    """

    event: str
    macro: str
    where: str


@dataclass(frozen=True, slots=True)
class Link:
    """Something that lies elsewhere: the element that names it, its address and the member."""

    element: str
    target: str
    where: str


@dataclass(frozen=True, slots=True)
class Source:
    """One module of Basic: its library and name, and its code."""

    name: str
    code: str


@dataclass(slots=True)
class OpenDocument:
    """What of a document matters to triage.

    Attributes:
        archive: the package.
        modules: of Basic, in the order of the archive.
        listeners: macros that events start.
        links: objects, frames and pictures that lie elsewhere.
        dde: ``program|topic|item`` of each link by DDE.
        encrypted: members that the manifest calls encrypted.
        read: members that were read here, as far as `anomalies` do not say otherwise.
        anomalies: what could not be read.
    """

    archive: Archive
    modules: list[Source] = field(default_factory=list)
    listeners: list[Listener] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    dde: list[tuple[str, str]] = field(default_factory=list)
    encrypted: list[str] = field(default_factory=list)
    read: set[Member] = field(default_factory=set)
    anomalies: list[Anomaly] = field(default_factory=list)


def read_opendocument(blob: Blob, budget: Budget) -> OpenDocument:
    """Read the XML of a package; a view.

    Raises:
        Malformed: the blob holds no ZIP member.
    """
    document = OpenDocument(read_archive(blob, budget))
    for member in document.archive.members:
        budget.spend(RECORD)
        name = member.name.replace("\\", "/")
        if not member.encrypted and _OWN.fullmatch(name.lower()):
            _read(document, member, name, budget)
    return document


def is_passive(name: str) -> bool:
    """True for a member in a format of the office program's own that no program acts on, such as a cache."""
    return _PASSIVE.fullmatch(name.replace("\\", "/").lower()) is not None


def _read(document: OpenDocument, member: Member, name: str, budget: Budget) -> None:
    found: list[Anomaly] = []
    current = ""
    chunks = document.archive.stream(member, budget, found)
    try:
        for start, element in iter_events(chunks, budget, found, starts=_WANTED, ends=_ENDS):
            if start and element.tag == "file-entry":
                current = element.attributes.get("full-path", "")
            elif start:
                _take(document, element, current, name)
            elif element.tag == "module":
                spelled = name.removesuffix(".xml").partition("/")[2] or element.attributes.get("name", name)
                document.modules.append(Source(spelled, element.text))
    except FormatError as error:
        found.append(Anomaly(str(error), incomplete=True))
    document.anomalies += [Anomaly(one.code, name, one.offset, incomplete=True) for one in found if one.incomplete]
    document.read.add(member)


def _take(document: OpenDocument, element: Element, current: str, name: str) -> None:
    tag, attributes, _ = element
    if tag == "encryption-data":
        document.encrypted.append(current)
    elif tag == "event-listener":
        event = attributes.get("event-name", "").rpartition(":")[2].lower()
        macro = attributes.get("href") or attributes.get("macro-name", "")
        document.listeners.append(Listener(event, macro, name))
    elif tag in ("dde-source", "dde-connection-decl"):
        words = (attributes.get(f"dde-{one}", "") for one in ("application", "topic", "item"))
        document.dde.append(("|".join(words), name))
    elif (tag in _LINKED or tag == "image") and (target := attributes.get("href", "")):
        document.links.append(Link(str(tag), target, name))
