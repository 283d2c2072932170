"""OneNote sections (.one) and tables of contents (.onetoc2), from [MS-ONESTORE] 2.3.1 and 2.8 and [MS-ONE] 2.1.

Embedded files and pages are read from both layouts: the revision store of the desktop program, and the package that a
synchronised notebook is saved as. Whatever the structures say, the whole file is also swept for stored files.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from emotriage.formats.onenote import fsshttpb, onestore
from emotriage.formats.onenote import objects as prids
from emotriage.formats.onenote.fsshttpb import Id, Package
from emotriage.formats.onenote.objects import PageObject, Store, newest, packaged_objects, read_store
from emotriage.formats.onenote.onestore_log import committed, compare
from emotriage.formats.onenote.page import Cover, Shown, arrange, covers
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import Budget

SECTION = UUID("7b5c52e4-d88c-4da7-aeb1-5378d02996d3").bytes_le
CONTENTS = UUID("43ff2fa1-efd9-4c76-9ee2-10ea5722765f").bytes_le
_STORE = UUID("109add3f-911b-49f5-a5d0-1791edc8aed8").bytes_le
_PACKAGED = UUID("638de92f-a6d4-4bc1-9a36-b3fc2511a5b7").bytes_le
_EXPECTED_LENGTH = 0xC4
_HEADER_SIZE = 1024
_PICTURES = (b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"BM", b"\1\0\0\0")

Layout = Literal["store", "packaged", "unknown"]


@dataclass(frozen=True, slots=True)
class EmbeddedFile:
    """A file or picture in a notebook.

    Attributes:
        offset: of its data.
        size: bytes that are there.
        name: that the reader sees, or the picture's; empty when no structure leads to it.
        source: path it had on the machine of its author, or empty.
        declared_extension: with its dot, as the store notes it; or empty.
        attached: it is shown as an attachment, to be opened by a double click; None where that is not known.
        referenced: a structure leads to it; false when only the sweep found it.
    """

    offset: int
    size: int
    name: str
    source: str
    declared_extension: str
    attached: bool | None
    referenced: bool


@dataclass(frozen=True, slots=True)
class Notebook:
    """A section, read as far as it goes.

    Attributes:
        layout: ``store``, ``packaged``, or ``unknown``.
        files: embedded files and pictures, in the order of their offsets.
        names: (name, source path) of every attachment that an object describes, whether its data was found or not.
        shown: texts, pictures and icons of files on its pages, as they are now.
        former: what older revisions showed besides.
        covers: pictures and icons of files that lie over one another.
        locked: the section is protected with a password.
        end: where the format says that it ends, or None where it does not say.
        anomalies: departures from the specification.
    """

    layout: Layout
    files: tuple[EmbeddedFile, ...]
    names: tuple[tuple[str, str], ...]
    shown: tuple[Shown, ...]
    former: tuple[Shown, ...]
    covers: tuple[Cover, ...]
    locked: bool
    end: int | None
    anomalies: tuple[Anomaly, ...]


def read_notebook(blob: Blob, budget: Budget) -> Notebook:
    """Read a section or a table of contents.

    Raises:
        Malformed: the header is not that of a OneNote file, or is cut off.
    """
    head = blob.read(0, _HEADER_SIZE)
    if len(head) < 64 or head[:16] not in (SECTION, CONTENTS):
        raise Malformed("no OneNote header")
    if head[48:64] == _PACKAGED:
        return _packaged(blob, budget)
    anomalies = [] if head[48:64] == _STORE else [Anomaly("file-format", "header", 48, incomplete=True)]
    expected = int.from_bytes(head[_EXPECTED_LENGTH : _EXPECTED_LENGTH + 8], "little")
    if len(head) < _HEADER_SIZE or expected > blob.size:
        anomalies.append(Anomaly("expected-length", "header", _EXPECTED_LENGTH, incomplete=True))
    limit = budget.limits.children
    swept, odd = onestore.sweep_files(blob, budget, limit)
    anomalies += odd
    store = read_store(blob, swept, budget)
    stored, odd = onestore.join_references(blob, swept, store.references, budget, limit)
    anomalies += odd
    if head[48:64] == _STORE:
        counts, wrong = committed(blob, budget)
        anomalies += [wrong] if wrong else compare(counts, store.nodes)
    if store.cut is not None:
        anomalies.append(Anomaly("property-set", "object", store.cut, incomplete=True))
    names = _names(store.objects)
    pages = _pages(store.objects, budget)
    return Notebook(
        layout="store" if head[48:64] == _STORE else "unknown",
        files=tuple(_named(one, store, names) for one in stored),
        names=_described(store.objects),
        shown=pages.shown,
        former=pages.former,
        covers=pages.covers,
        locked=store.locked,
        end=expected if _HEADER_SIZE <= expected <= blob.size else None,
        anomalies=(*anomalies, *pages.anomalies),
    )


@dataclass(frozen=True, slots=True)
class _Pages:
    shown: tuple[Shown, ...]
    former: tuple[Shown, ...]
    covers: tuple[Cover, ...]
    anomalies: tuple[Anomaly, ...]


def _pages(objects: Sequence[PageObject], budget: Budget) -> _Pages:
    """What the newest revision of each object shows, and what the others did."""
    now = newest(objects)
    shown = arrange(now, budget)
    said = {(one.what, one.text, one.addresses) for one in shown}
    older = arrange({(b"", number): one for number, one in enumerate(objects) if now.get(one.id) is not one}, budget)
    former = tuple(one for one in older if (one.what, one.text, one.addresses) not in said)
    return _Pages(shown, former, *covers(shown, budget))


def _described(objects: Iterable[PageObject]) -> tuple[tuple[str, str], ...]:
    """(name, source path) of the attachments that objects describe, each once."""
    names = ((one.properties.text(prids.FILE_NAME), one.properties.text(prids.SOURCE_PATH)) for one in objects)
    return tuple(dict.fromkeys(one for one in names if any(one)))


def _names(objects: Iterable[PageObject]) -> dict[Id, list[tuple[str, str, bool]]]:
    """By the object that is a file's data: (name, source path, is attached) of those that show it."""
    found: dict[Id, list[tuple[str, str, bool]]] = {}
    for one in objects:
        said = one.properties
        for number in one.of(prids.FILE_CONTAINER):
            shown = (said.text(prids.FILE_NAME), said.text(prids.SOURCE_PATH), True)
            found.setdefault(number, []).append(shown)
        for number in one.of(prids.IMAGE_CONTAINER):
            found.setdefault(number, []).append((said.text(prids.IMAGE_NAME), "", False))
    return found


def _named(stored: onestore.StoredFile, store: Store, names: dict[Id, list[tuple[str, str, bool]]]) -> EmbeddedFile:
    """A stored file with the names that lead to it: node -> GUID -> declared object -> the object that shows it."""
    guid = store.references.get(stored.offset - onestore.DATA_AT, "-")
    number, extension = store.declared.get(guid, (fsshttpb.NO_ID, ""))
    shown: Sequence[tuple[str, str, bool | None]] = names.get(number) or (("", "", None),)
    # Where damage mixes objects up, the extension tells them apart.
    fitting = [one for one in shown if extension and one[0].lower().endswith(extension.lower())]
    name, source, attached = (fitting or shown)[0]
    return EmbeddedFile(stored.offset, stored.size, name, source, extension, attached, stored.referenced)


def _packaged(blob: Blob, budget: Budget) -> Notebook:
    package = fsshttpb.read_package(blob, budget)
    objects = packaged_objects(blob, package, budget)
    names, pages = _described(objects), _pages(objects, budget)
    stored, odd = onestore.sweep_files(blob, budget, budget.limits.children)
    files = list(_blobs(package, _names(objects)))
    loose = [at for at, one in enumerate(files) if not one.name and not _is_picture(blob, one)]
    told = {one.name for one in files}
    rest = [one for one in names if one[0] not in told]
    if len(rest) == len(loose) == 1:
        files[loose[0]] = replace(files[loose[0]], name=rest[0][0], source=rest[0][1], attached=True)
    files += [EmbeddedFile(one.offset, one.size, "", "", "", None, referenced=False) for one in stored]
    return Notebook(
        layout="packaged",
        files=tuple(sorted(files, key=lambda one: one.offset)),
        names=names,
        shown=pages.shown,
        former=pages.former,
        covers=pages.covers,
        locked=False,
        end=package.end if not any(one.incomplete for one in package.anomalies) else None,
        anomalies=(*package.anomalies, *odd, *pages.anomalies),
    )


def _blobs(package: Package, names: dict[Id, list[tuple[str, str, bool]]]) -> Iterator[EmbeddedFile]:
    """The BLOBs of a package, by the names of the objects that show them."""
    owners = {number: one for one, number in package.stored.items()}
    for number, offset, size in package.blobs:
        shown: Sequence[tuple[str, str, bool | None]] = names.get(owners.get(number, fsshttpb.NO_ID), ())
        name, source, attached = shown[0] if shown else ("", "", None)
        yield EmbeddedFile(offset, size, name, source, "", attached, referenced=True)


def _is_picture(blob: Blob, one: EmbeddedFile) -> bool:
    return blob.read(one.offset, 8).startswith(_PICTURES)
