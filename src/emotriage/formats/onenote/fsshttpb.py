"""The packaged layout of OneNote files that were synchronised, from [MS-ONESTORE] 2.8 and [MS-FSSHTTPB] 2.2.1.

The package is one flat run of stream objects: headers that say how long they are, nested ones behind their parent's
own fields. Walking from header to header meets every object, so no tree has to be built. A group declares its objects
before it gives their data, in the same order: that is how data comes by an id.
"""

from dataclasses import dataclass, field

from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.limits import RECORD, Budget

PACKAGE_AT = 68
"""Offset of the packaging start: four GUIDs and a reserved field."""
_PACKAGING, _ELEMENT, _BLOB, _OBJECT_DATA, _BLOB_REFERENCE = 0x7A, 0x01, 0x02, 0x16, 0x1C
_DECLARATIONS, _OBJECT, _STORED_OBJECT, _GROUP_DATA = 0x1D, 0x18, 0x05, 0x1E
_LONG = 0x7FFF
_HEAD = 16
_LARGEST_ID = 21


Id = tuple[bytes, int]
"""An extended GUID: the GUID as it is stored, and the number that goes with it."""
NO_ID: Id = (b"", 0)


@dataclass(frozen=True, slots=True)
class PackagedObject:
    """The property set of an object.

    Attributes:
        id: of the object, or `NO_ID` where nothing declares it.
        references: ids of the objects that its properties refer to, in the order in which they do.
        offset: of the property set.
        size: of it.
    """

    id: Id
    references: tuple[Id, ...]
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Package:
    """Where in the file the contents of a package lie.

    Attributes:
        blobs: id, offset and size of each object data BLOB: embedded files and pictures.
        objects: each object's data.
        stored: by the id of an object whose data is a BLOB, the id of that.
        end: offset behind the packaging end, or of the place where the walk stopped.
        anomalies: what is odd; the walk ended too early when one is incomplete.
    """

    blobs: tuple[tuple[Id, int, int], ...]
    objects: tuple[PackagedObject, ...]
    stored: dict[Id, Id]
    end: int
    anomalies: tuple[Anomaly, ...]


@dataclass(slots=True)
class _Walk:
    """What was met so far, and the group that the walk is in."""

    blobs: list[tuple[Id, int, int]] = field(default_factory=list)
    objects: list[PackagedObject] = field(default_factory=list)
    stored: dict[Id, Id] = field(default_factory=dict)
    element: Id = NO_ID
    declared: list[Id] = field(default_factory=list)
    given: int = 0

    def ended(self, at: int, *anomalies: Anomaly) -> Package:
        return Package(tuple(self.blobs), tuple(self.objects), self.stored, at, anomalies)


def read_package(blob: Blob, budget: Budget) -> Package:
    """Walk the stream objects of a packaged notebook; it ends early, with an anomaly, where they make no sense."""
    at = PACKAGE_AT
    walk = _Walk()
    first = True
    while True:
        budget.spend(RECORD)
        head = blob.read(at, _HEAD)
        kind, begins, width, length = _header(head)
        if not head or kind == 0 or (first and kind != _PACKAGING) or length > blob.size - at - width:
            return walk.ended(at, Anomaly("stream-object", "package", at, incomplete=True))
        first = False
        at += width
        if begins:
            _note(walk, kind, blob.slice(at, length), at, budget)
            at += length
        elif kind == _PACKAGING:
            return walk.ended(at)


def _note(walk: _Walk, kind: int, data: Blob, at: int, budget: Budget) -> None:
    """Take down what one stream object says ([MS-FSSHTTPB] 2.2.1.12.1 and 2.2.1.12.6)."""
    if kind == _ELEMENT:
        walk.element, _ = extended(data.read(0, _LARGEST_ID))
    elif kind == _DECLARATIONS:
        walk.declared = []
    elif kind == _GROUP_DATA:
        walk.given = 0
    elif kind in (_OBJECT, _STORED_OBJECT):
        raw = data.read(0, 2 * _LARGEST_ID)
        number, taken = extended(raw)
        walk.declared.append(number)
        if kind == _STORED_OBJECT:
            walk.stored[number] = extended(raw[taken:])[0]
    elif kind in (_OBJECT_DATA, _BLOB_REFERENCE):
        number = walk.declared[walk.given] if walk.given < len(walk.declared) else NO_ID
        walk.given += 1
        if kind == _OBJECT_DATA and (inner := _object_data(data, at, budget)):
            walk.objects.append(PackagedObject(number, *inner))
    elif kind == _BLOB:
        size, taken = compact(data.read(0, 9))
        walk.blobs.append((walk.element, at + taken, min(size, data.size - taken)))


def compact(raw: bytes) -> tuple[int, int]:
    """(value, bytes taken) of a compact unsigned 64-bit integer ([MS-FSSHTTPB] 2.2.1.1)."""
    if not raw or raw[0] == 0:
        return 0, min(len(raw), 1)
    width = (raw[0] & -raw[0]).bit_length()
    if width == 8:
        return int.from_bytes(raw[1:9], "little"), 9
    return int.from_bytes(raw[:width], "little") >> width, width


def _header(head: bytes) -> tuple[int, bool, int, int]:
    """(type, is a start, width of the header, length of what follows) of a stream object header (2.2.1.5)."""
    if not head:
        return 0, False, 0, 0
    form = head[0] & 3
    if form == 1:
        return head[0] >> 2, False, 1, 0
    short = int.from_bytes(head[:2], "little")
    if form == 3:
        return short >> 2, False, 2, 0
    if form == 0:
        return short >> 3 & 0x3F, True, 2, short >> 9
    value = int.from_bytes(head[:4], "little")
    length, width = value >> 17, 4
    if length == _LONG:
        length, taken = compact(head[4:13])
        width += taken
    return value >> 3 & 0x3FFF, True, width, length


def _object_data(data: Blob, base: int, budget: Budget) -> tuple[tuple[Id, ...], int, int] | None:
    """(references, offset, size): the data behind the arrays of ids and cell ids ([MS-FSSHTTPB] 2.2.1.12.6.4)."""
    at, stop = 0, data.size
    references: list[Id] = []
    for each in (1, 2):
        count, taken = compact(data.read(at, 9))
        at += taken
        for _ in range(min(count * each, stop)):
            budget.spend(RECORD)
            number, taken = extended(data.read(at, _LARGEST_ID))
            at += max(taken, 1)
            if at >= stop:
                return None
            if each == 1:
                references.append(number)
    size, taken = compact(data.read(at, 9))
    at += taken
    return (tuple(references), base + at, min(size, stop - at)) if at < stop else None


def extended(raw: bytes) -> tuple[Id, int]:
    """(extended GUID, bytes taken), in the shortest of its forms that holds its number (2.2.1.7)."""
    first = raw[0] if raw else 0
    if first == 0:
        return NO_ID, min(len(raw), 1)
    if first & 7 == 4:
        width, number = 1, first >> 3
    elif first & 0x3F == 0x20:
        width, number = 2, int.from_bytes(raw[:2], "little") >> 6
    elif first & 0x7F == 0x40:
        width, number = 3, int.from_bytes(raw[:3], "little") >> 7
    else:
        width, number = 5, int.from_bytes(raw[1:5], "little")
    return (raw[width : width + 16], number), width + 16
