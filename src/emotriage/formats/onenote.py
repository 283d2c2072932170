"""OneNote sections (.one) and tables of contents (.onetoc2), from [MS-ONESTORE] 2.3.1 and 2.8 and [MS-ONE] 2.1.

Embedded files are read from both layouts: the revision store of the desktop program, and the package that a
synchronised notebook is saved as. Whatever the structures say, the whole file is also swept for stored files.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from emotriage.formats import fsshttpb, onestore
from emotriage.formats.onestore_properties import Properties, read_properties
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import RECORD, Budget

SECTION = UUID("7b5c52e4-d88c-4da7-aeb1-5378d02996d3").bytes_le
CONTENTS = UUID("43ff2fa1-efd9-4c76-9ee2-10ea5722765f").bytes_le
_STORE = UUID("109add3f-911b-49f5-a5d0-1791edc8aed8").bytes_le
_PACKAGED = UUID("638de92f-a6d4-4bc1-9a36-b3fc2511a5b7").bytes_le
_EXPECTED_LENGTH = 0xC4
_HEADER_SIZE = 1024
_FILE_NAME, _SOURCE_PATH, _FILE_CONTAINER = 0x1C001D9C, 0x1C001D9D, 0x20001D9B
_IMAGE_NAME, _IMAGE_CONTAINER = 0x1C001DD7, 0x20001C3F
_PICTURES = (b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"BM", b"\1\0\0\0")
_OBJECT_LIMIT = 1 << 18

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
        locked: the section is protected with a password.
        end: where the format says that it ends, or None where it does not say.
        anomalies: departures from the specification.
    """

    layout: Layout
    files: tuple[EmbeddedFile, ...]
    names: tuple[tuple[str, str], ...]
    locked: bool
    end: int | None
    anomalies: tuple[Anomaly, ...]


@dataclass(slots=True)
class _Index:
    """What the file nodes say about stored files."""

    references: dict[int, str]
    declared: dict[str, tuple[int, str]]
    shown: dict[int, list[tuple[str, str, bool]]]
    names: list[tuple[str, str]]
    locked: bool = False
    cut: int | None = None


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
    index = _index(blob, swept, budget)
    stored, odd = onestore.join_references(blob, swept, index.references, budget, limit)
    anomalies += odd
    if index.cut is not None:
        anomalies.append(Anomaly("property-set", "object", index.cut, incomplete=True))
    return Notebook(
        layout="store" if head[48:64] == _STORE else "unknown",
        files=tuple(_named(one, index) for one in stored),
        names=tuple(dict.fromkeys(index.names)),
        locked=index.locked,
        end=expected if _HEADER_SIZE <= expected <= blob.size else None,
        anomalies=tuple(anomalies),
    )


def _index(blob: Blob, stored: Sequence[onestore.StoredFile], budget: Budget) -> _Index:
    index = _Index({}, {}, {}, [])
    starts = [one.offset for one in stored]
    for node in onestore.read_nodes(blob, budget):
        before = bisect_right(starts, node.offset) - 1
        if before >= 0 and node.offset < stored[before].offset + stored[before].size:
            continue  # of a notebook in the notebook
        if node.number == onestore.REFERENCE_NODE and node.at and len(node.data) >= 16:
            index.references.setdefault(node.at[0], str(UUID(bytes_le=node.data[:16])))
        elif node.number in onestore.FILE_NODES:
            where, extension = _declaration(node.data, 12 if node.number == 0x073 else 9)
            index.declared.setdefault(where, (int.from_bytes(node.data[:4], "little"), extension))
        elif node.number in onestore.OBJECT_NODES and node.at and node.at[1]:
            raw = blob.read(node.at[0], min(node.at[1], _OBJECT_LIMIT))
            if not _mentions(raw):
                continue
            properties = read_properties(raw, budget)
            if not properties.complete and index.cut is None:
                index.cut = node.at[0]
            _note(properties, index)
        elif node.number == onestore.LOCKED_NODE:
            index.locked = True
    return index


def _mentions(raw: bytes) -> bool:
    return any(prid.to_bytes(4, "little") in raw for prid in (_FILE_NAME, _FILE_CONTAINER, _IMAGE_CONTAINER))


def _note(properties: Properties, index: _Index) -> None:
    name, source = properties.text(_FILE_NAME), properties.text(_SOURCE_PATH)
    if name or source:
        index.names.append((name, source))
    for number in properties.objects.get(_FILE_CONTAINER, ()):
        index.shown.setdefault(number, []).append((name, source, True))
    for number in properties.objects.get(_IMAGE_CONTAINER, ()):
        index.shown.setdefault(number, []).append((properties.text(_IMAGE_NAME), "", False))


def _declaration(data: bytes, at: int) -> tuple[str, str]:
    """(GUID, extension) of a file data object declaration (2.5.27, 2.5.28), which says ``<ifndf>{guid}``."""
    found = []
    for _ in range(2):
        length = 2 * int.from_bytes(data[at : at + 4], "little")
        found.append(data[at + 4 : at + 4 + length].decode("utf-16-le", "replace"))
        at += 4 + length
    return found[0].lower().rpartition("{")[2].rstrip("}\0"), found[1].rstrip("\0")


def _named(stored: onestore.StoredFile, index: _Index) -> EmbeddedFile:
    """A stored file with the names that lead to it: node -> GUID -> declared object -> the object that shows it."""
    number, extension = index.declared.get(index.references.get(stored.offset - onestore.DATA_AT, "-"), (-1, ""))
    shown: Sequence[tuple[str, str, bool | None]] = index.shown.get(number) or (("", "", None),)
    # Numbers are only unique within their object group; the extension tells homonyms apart.
    fitting = [one for one in shown if extension and one[0].lower().endswith(extension.lower())]
    name, source, attached = (fitting or shown)[0]
    return EmbeddedFile(stored.offset, stored.size, name, source, extension, attached, stored.referenced)


def _packaged(blob: Blob, budget: Budget) -> Notebook:
    package = fsshttpb.read_package(blob, budget)
    names: list[tuple[str, str]] = []
    for offset, size in package.objects:
        budget.spend(RECORD)
        raw = blob.read(offset, min(size, _OBJECT_LIMIT))
        if _FILE_NAME.to_bytes(4, "little") in raw:
            properties = read_properties(raw, budget)
            names.append((properties.text(_FILE_NAME), properties.text(_SOURCE_PATH)))
    stored, odd = onestore.sweep_files(blob, budget, budget.limits.children)
    files = [EmbeddedFile(offset, size, "", "", "", None, referenced=True) for offset, size in package.blobs]
    loose = [index for index, one in enumerate(files) if not blob.read(one.offset, 8).startswith(_PICTURES)]
    if len(names) == len(loose) == 1:
        files[loose[0]] = replace(files[loose[0]], name=names[0][0], source=names[0][1], attached=True)
    files += [EmbeddedFile(one.offset, one.size, "", "", "", None, referenced=False) for one in stored]
    return Notebook(
        layout="packaged",
        files=tuple(sorted(files, key=lambda one: one.offset)),
        names=tuple(dict.fromkeys(names)),
        locked=False,
        end=package.end if not any(one.incomplete for one in package.anomalies) else None,
        anomalies=package.anomalies + tuple(odd),
    )
