"""Which application wrote a compound file, and which wrote the objects in it: told by streams, then by class ids."""

from collections.abc import Iterator
from dataclasses import dataclass

from emotriage.formats.cfb import CompoundFile, Entry
from emotriage.formats.com_classes import class_of
from emotriage.formats.ole.native import read_comp_obj
from emotriage.model.limits import RECORD, Budget

_STREAMS = (
    ("encryptedpackage", "encrypted", "encrypted Office document"),
    ("\tdrmcontent", "encrypted", "rights-managed Office document"),
    ("worddocument", "word", "Word document"),
    ("workbook", "excel", "Excel workbook"),
    ("book", "excel", "Excel 5.0/95 workbook"),
    ("powerpoint document", "powerpoint", "PowerPoint 97-2003 presentation"),
    ("pp40", "powerpoint95", "PowerPoint 4.0 presentation"),
    ("pp97_dualstorage", "powerpoint95", "PowerPoint 95 presentation"),
    ("__properties_version1.0", "outlook", "Outlook message"),
    ("visiodocument", "visio", "Visio drawing"),
    ("quill", "publisher", "Publisher document"),
    ("\5hwpsummaryinformation", "hwp", "Hangul document (HWP)"),
)
"""(entry of that name, application, title): what gives an application away, first by name."""
_PASSIVE = frozenset({"\1compobj", "\1ole", "\3objinfo", "\3print", "\3eprint", "\3linkinfo", "\1ole10itemname"})
_FORM = frozenset({"f", "o"})
_SIGNATURES = {
    "worddocument": (b"\xec\xa5", b"\xdc\xa5"),  # the FIB's wIdent ([MS-DOC] 2.5.2), of Word 97 and Word 6
    "workbook": (b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\0"),  # BOF ([MS-XLS] 2.4.21)
    "book": (b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\0"),
}
"""What a stream of that name opens with, or else it is a name and nothing more."""


@dataclass(frozen=True, slots=True)
class Application:
    """Who can open a storage.

    Attributes:
        storage: the root, or the object's storage.
        name: ``word``, ``excel``, ``vba`` (a project), ``modules`` (the storage of its code), ``form``, ``control``,
            ``package`` ..., ``properties`` when there is nothing but descriptions, ``unknown``.
        title: for people.
    """

    storage: Entry
    name: str
    title: str


def applications(compound: CompoundFile, budget: Budget) -> Iterator[Application]:
    """The applications of the root and of each storage that holds an object of its own, in the order of the tree."""
    for entry in compound.entries:
        budget.spend(RECORD)
        if entry.kind == "stream" or (entry.orphan and not entry.size and not compound.children(entry)):
            continue
        found = list(_recognised(compound, entry))
        if found:
            yield from found
        elif _is_object(compound, entry) or entry.kind == "root":
            yield Application(entry, "unknown", object_title(compound, entry, budget))


def object_title(compound: CompoundFile, storage: Entry, budget: Budget) -> str:
    """What a storage's class id or its stream ``CompObj`` calls it."""
    if known := class_of(storage.clsid):
        return known.title
    for child in compound.children(storage):
        if child.name.lower() == "\1compobj":
            said = read_comp_obj(compound.open(child), budget)
            known = class_of(said.clsid)
            return (known.title if known else said.prog_id or said.user_type) or said.clsid or "unknown application"
    return f"class {storage.clsid}" if storage.clsid else "unknown application"


def _recognised(compound: CompoundFile, storage: Entry) -> Iterator[Application]:
    children = compound.children(storage)
    names = {one.name.lower() for one in children if _is_what_it_says(compound, one)}
    root = storage.kind == "root"  # there, names of streams alone prove nothing
    known = class_of(storage.clsid)
    if known and known.role == "installer":
        yield Application(storage, "installer", known.title)
        return
    seen: set[str] = set()
    for name, application, title in _STREAMS:
        if name in names and application not in seen:
            seen.add(application)
            yield Application(storage, application if root or application != "hwp" else "embedded-hwp", title)
    if seen:
        return
    if storage.name.lower() == "quillsub":
        yield Application(storage, "publisher", "text of a Publisher document")
        return
    if "dir" in names and "_vba_project" in names and not root:
        yield Application(storage, "modules", "VBA project")
    elif "vba" in names:
        yield Application(storage, "vba", "VBA project")
    elif (names >= _FORM or "\3vbframe" in names) and not root:
        yield Application(storage, "form", "VBA form")
    elif ("equation native" in names and not root) or (known and known.role == "equation"):
        yield Application(storage, "equation", known.title if known else "equation")
    elif "\1ole10native" in names or "package" in names:
        yield Application(storage, "package", known.title if known else "embedded file")
    elif known and known.role in ("control", "exploited", "active", "link", "store"):
        yield Application(storage, known.role, known.title)
    elif "catalog" in names and all(one.isdigit() for one in names - {"catalog"}):
        yield Application(storage, "thumbnails", "Windows thumbnail cache")
    elif names and all(one.startswith("\5") or one in _PASSIVE for one in names):
        yield Application(storage, "properties", "document properties")


def _is_what_it_says(compound: CompoundFile, entry: Entry) -> bool:
    signatures = _SIGNATURES.get(entry.name.lower())
    return signatures is None or (entry.kind == "stream" and compound.open(entry).read(0, 2) in signatures)


def _is_object(compound: CompoundFile, storage: Entry) -> bool:
    """An object has a class; storages that only sort streams have none."""
    return bool(storage.clsid) or any(one.name.lower() == "\1compobj" for one in compound.children(storage))
