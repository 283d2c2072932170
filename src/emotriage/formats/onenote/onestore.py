"""The revision store of OneNote: file nodes and the files they lead to, from [MS-ONESTORE] 2.4 to 2.6.

File node lists are chains of fragments; here the fragments are found by their magic and each is read once, wherever
the chain says it belongs. So a loop or a broken pointer in the chain costs nothing and hides nothing. Stored files are
found twice: by the nodes that refer to them, and by the GUID that they begin with.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from uuid import UUID

from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.limits import RECORD, Budget

FRAGMENT_MAGIC = (0xA4567AB1F5F7F4C4).to_bytes(8, "little")
_FRAGMENT_FOOTER = (0x8BC215C38233BA4B).to_bytes(8, "little")
FILE_HEADER = UUID("bde316e7-2665-4511-a4c4-8d4d0b7a9eac").bytes_le
FILE_FOOTER = UUID("71fba722-0f79-4a0b-bb13-899256426b24").bytes_le
"""guidHeader and guidFooter of a FileDataStoreObject (2.6.13)."""

OBJECT_NODES = frozenset({0x02D, 0x02E, 0x041, 0x042, 0x0A4, 0x0A5, 0x0C4, 0x0C5})
FILE_NODES = frozenset({0x072, 0x073})
REFERENCE_NODE, LOCKED_NODE, _TERMINATOR = 0x094, 0x07C, 0x0FF
IDENTITY_NODE, GROUP_NODE = 0x024, 0x0B0
DATA_AT = 36
"""Where the data begins in a FileDataStoreObject: behind GUID, length, 4 unused and 8 reserved bytes."""
_PER_UNIT = 4
"""Bytes that are searched for one GUID for one unit of work: half of the time that hashing them takes."""
_CHUNK = 64 << 10
_NODE_LIMIT = 1 << 13
_OFFSETS = ((8, 1), (4, 1), (2, 8), (4, 8))
_LENGTHS = ((4, 1), (8, 1), (1, 8), (2, 8))


@dataclass(frozen=True, slots=True)
class FileNode:
    """One file node (2.4.3).

    Attributes:
        number: FileNodeID.
        at: offset and length that it refers to, or None.
        data: what stands behind the reference.
        offset: of the node in the file.
        listed: FileNodeListID of its fragment, and the number of that fragment in the list.
        fragment: offset of the fragment.
    """

    number: int
    at: tuple[int, int] | None
    data: bytes
    offset: int
    listed: tuple[int, int]
    fragment: int


@dataclass(frozen=True, slots=True)
class StoredFile:
    """The bytes of a FileDataStoreObject.

    Attributes:
        offset: of the data.
        size: bytes that are really there.
        declared: bytes that it claims to have.
        referenced: a node refers to it.
    """

    offset: int
    size: int
    declared: int
    referenced: bool


def read_nodes(blob: Blob, budget: Budget) -> Iterator[FileNode]:
    """All file nodes of all list fragments, in the order of their offsets."""
    for start in _find_all(blob, FRAGMENT_MAGIC, budget):
        yield from _fragment(blob, start, budget)


def sweep_files(blob: Blob, budget: Budget, limit: int) -> tuple[list[StoredFile], list[Anomaly]]:
    """Stored files by the GUID that they begin with, in the order of their offsets.

    Args:
        blob: the notebook.
        budget: charged for the sweep, and for each file.
        limit: how many files are listed.

    Returns:
        The files, none of them referenced yet, and what is odd about them.
    """
    odd: dict[str, Anomaly] = {}
    starts = list(islice(_find_all(blob, FILE_HEADER, budget), limit + 1))
    footers = list(islice(_find_all(blob, FILE_FOOTER, budget), 4 * limit))
    if len(starts) > limit:
        odd["too-many-files"] = Anomaly("too-many-files", "file data store", starts.pop(), incomplete=True)
    found = []
    inside = 0
    for start in starts:
        budget.spend(RECORD)
        if start < inside:
            continue  # a notebook in the notebook: its own files are found when it has its turn
        at = start + DATA_AT
        declared = int.from_bytes(blob.read(start + 16, 8), "little")
        size, code = _extent(blob, at, declared, _next(starts, start + 1), _next(footers, at))
        if code:
            odd.setdefault(code, Anomaly(code, "file data store", start, incomplete=code == "file-past-end"))
        else:
            inside = at + size
        found.append(StoredFile(at, size, declared, referenced=False))
    return found, list(odd.values())


def join_references(
    blob: Blob, swept: list[StoredFile], references: Iterable[int], budget: Budget, limit: int
) -> tuple[list[StoredFile], list[Anomaly]]:
    """Stored files by the references of nodes, joined with those that were swept up.

    Returns:
        All files in the order of their offsets, and what the two ways do not agree about.
    """
    found = {one.offset: one for one in swept}
    odd: dict[str, Anomaly] = {}
    for start in references:
        budget.spend(RECORD)
        at = start + DATA_AT
        if at in found:
            found[at] = replace(found[at], referenced=True)
        elif at <= blob.size and len(found) < limit:
            declared = int.from_bytes(blob.read(start + 16, 8), "little")
            size, wrong = _extent(blob, at, declared, None, None)
            found[at] = StoredFile(at, size, declared, referenced=True)
            code = "file-without-guid" if blob.read(start, 16) != FILE_HEADER else "file-in-file"
            odd.setdefault(code, Anomaly(code, "file data store", start, incomplete=wrong == "file-past-end"))
    for one in found.values():
        if not one.referenced:
            odd.setdefault("file-without-node", Anomaly("file-without-node", "file data store", one.offset - DATA_AT))
    return [found[at] for at in sorted(found)], list(odd.values())


def _extent(blob: Blob, at: int, declared: int, header: int | None, footer: int | None) -> tuple[int, str]:
    """How many bytes a stored file really has, and what is wrong with the length that it claims, if anything."""
    if at + declared <= blob.size and FILE_FOOTER in blob.read(at + declared, 32):
        return declared, ""
    limit = blob.size if header is None else header
    if footer is not None and footer < limit:
        return footer - at, "file-length"
    room = max(limit - at, 0)
    if declared <= room:
        return declared, "file-footer"
    return room, "file-past-end" if at + declared > blob.size else "file-length"


def _next(places: list[int], at: int) -> int | None:
    index = bisect_left(places, at)
    return places[index] if index < len(places) else None


def _fragment(blob: Blob, start: int, budget: Budget) -> Iterator[FileNode]:
    head = blob.read(start + 8, 8)
    listed = int.from_bytes(head[:4], "little"), int.from_bytes(head[4:], "little")
    at = start + 16
    base, data = at, b""
    while True:
        budget.spend(RECORD)
        if at + _NODE_LIMIT > base + len(data):
            base, data = at, blob.read(at, _CHUNK)
        head = data[at - base : at - base + 4]
        number, size = _split(head)
        if size < 4 or number in (0, _TERMINATOR) or data[at - base : at - base + 8] == _FRAGMENT_FOOTER:
            return
        body = data[at - base + 4 : at - base + size]
        if len(body) < size - 4:
            return
        where, rest = _reference(int.from_bytes(head, "little"), body)
        yield FileNode(number, where, rest, at, listed, start)
        at += size


def _split(head: bytes) -> tuple[int, int]:
    value = int.from_bytes(head, "little")
    return value & 0x3FF, value >> 10 & 0x1FFF


def _reference(head: int, body: bytes) -> tuple[tuple[int, int] | None, bytes]:
    """(offset and length that a node refers to, what stands behind that) (2.4.3, 2.2.4.2)."""
    if head >> 27 & 0xF not in (1, 2):
        return None, body
    width, scale = _OFFSETS[head >> 23 & 3]
    length_width, length_scale = _LENGTHS[head >> 25 & 3]
    start = int.from_bytes(body[:width], "little") * scale
    length = int.from_bytes(body[width : width + length_width], "little") * length_scale
    return (start, length), body[width + length_width :]


def _find_all(blob: Blob, needle: bytes, budget: Budget) -> Iterator[int]:
    last = -1
    for at, window in blob.windows(overlap=len(needle) - 1):
        budget.spend(len(window) // _PER_UNIT)
        index = window.find(needle)
        while index >= 0:
            budget.spend(RECORD)
            if at + index > last:
                last = at + index
                yield last
            index = window.find(needle, index + 1)
