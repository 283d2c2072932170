"""The packaged layout of OneNote files that were synchronised, from [MS-ONESTORE] 2.8 and [MS-FSSHTTPB] 2.2.1.

The package is one flat run of stream objects: headers that say how long they are, nested ones behind their parent's
own fields. Walking from header to header meets every object, so no tree has to be built.
"""

from dataclasses import dataclass

from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.limits import RECORD, Budget

PACKAGE_AT = 68
"""Offset of the packaging start: four GUIDs and a reserved field."""
_PACKAGING, _BLOB, _OBJECT_DATA = 0x7A, 0x02, 0x16
_LONG = 0x7FFF
_HEAD = 16


@dataclass(frozen=True, slots=True)
class Package:
    """Where in the file the contents of a package lie.

    Attributes:
        blobs: offset and size of each object data BLOB: embedded files and pictures.
        objects: offset and size of each object's data: property sets.
        end: offset behind the packaging end, or of the place where the walk stopped.
        anomalies: what is odd; the walk ended too early when one is incomplete.
    """

    blobs: tuple[tuple[int, int], ...]
    objects: tuple[tuple[int, int], ...]
    end: int
    anomalies: tuple[Anomaly, ...]


def read_package(blob: Blob, budget: Budget) -> Package:
    """Walk the stream objects of a packaged notebook; it ends early, with an anomaly, where they make no sense."""
    at = PACKAGE_AT
    blobs: list[tuple[int, int]] = []
    objects: list[tuple[int, int]] = []
    first = True
    while True:
        budget.spend(RECORD)
        head = blob.read(at, _HEAD)
        kind, begins, width, length = _header(head)
        if not head or kind == 0 or (first and kind != _PACKAGING) or length > blob.size - at - width:
            odd = Anomaly("stream-object", "package", at, incomplete=True)
            return Package(tuple(blobs), tuple(objects), at, (odd,))
        first = False
        at += width
        if not begins:
            if kind == _PACKAGING:
                return Package(tuple(blobs), tuple(objects), at, ())
            continue
        if kind == _BLOB:
            size, taken = compact(blob.read(at, 9))
            blobs.append((at + taken, min(size, length - taken)))
        elif kind == _OBJECT_DATA and (inner := _object_data(blob, at, length, budget)):
            objects.append(inner)
        at += length


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


def _object_data(blob: Blob, at: int, length: int, budget: Budget) -> tuple[int, int] | None:
    """Where the data lies behind the arrays of extended GUIDs and cell ids ([MS-FSSHTTPB] 2.2.1.12.6.4)."""
    stop = at + length
    for each in (1, 2):
        count, taken = compact(blob.read(at, 9))
        at += taken
        for _ in range(min(count * each, length)):
            budget.spend(RECORD)
            at += _guid_width(blob.read(at, 1))
            if at >= stop:
                return None
    size, taken = compact(blob.read(at, 9))
    at += taken
    return (at, min(size, stop - at)) if at < stop else None


def _guid_width(raw: bytes) -> int:
    """Bytes that an extended GUID takes, by its first one (2.2.1.7)."""
    first = raw[0] if raw else 0
    if first == 0:
        return 1
    if first & 7 == 4:
        return 17
    if first & 0x3F == 0x20:
        return 18
    return 19 if first & 0x7F == 0x40 else 21
