"""UDF images, from ECMA-167 (3/10 volume descriptors, 4/14 files) and OSTA UDF 1.02 to 2.01.

Read are volumes of one plain partition, as Windows and disc programs write them; virtual, sparable and metadata
partitions, which only rewritten media have, are `Unsupported`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from emotriage.formats.disk.volume import DEEPEST, FOLDERS, Entry, Volume
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed, Unsupported
from emotriage.model.limits import RECORD, Budget

SECTOR = 2048
_ANCHOR, _PARTITION, _LOGICAL, _TERMINATOR, _FILE_SET, _FILE_ID, _FILE, _EXTENDED = 2, 5, 6, 8, 256, 257, 261, 266
_HIDDEN, _FOLDER, _DELETED, _PARENT = 1, 2, 4, 8
_SHORT, _LONG, _INSIDE = 0, 1, 3
_SEQUENCE, _EXTENTS = 64, 4096
_FOLDER_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class _Disc:
    """Where the partition's blocks are."""

    blob: Blob
    budget: Budget
    start: int
    block: int
    size: int

    def place(self, block: int) -> int:
        return self.start + block * self.block


@dataclass(frozen=True, slots=True)
class _Node:
    """A file entry (4/14.9, 4/14.17)."""

    folder: bool
    size: int
    pieces: tuple[tuple[int, int], ...]


def read_udf(blob: Blob, budget: Budget) -> Volume:
    """The one volume of an image.

    Raises:
        Malformed: no anchor, or descriptors that lead nowhere.
        Unsupported: a partition of another sort.
    """
    logical, partition = _descriptors(blob, budget)
    block = int.from_bytes(logical[212:216], "little")
    if block not in (512, 1024, 2048, 4096):
        raise Malformed("UDF block size")
    maps = logical[440 : 440 + int.from_bytes(logical[264:268], "little")]
    if maps[:1] != b"\1" or int.from_bytes(logical[268:272], "little") != 1:
        raise Unsupported("UDF partition that is not plain")
    start = int.from_bytes(partition[188:192], "little") * SECTOR
    size = int.from_bytes(partition[192:196], "little") * SECTOR
    disc = _Disc(blob, budget, start, block, size)
    fileset = blob.read(disc.place(int.from_bytes(logical[252:256], "little")), 512)
    if _tag(fileset) != _FILE_SET:
        raise Malformed("UDF file set")
    return _read(disc, _text(logical[84:212]), int.from_bytes(fileset[404:408], "little"))


def _descriptors(blob: Blob, budget: Budget) -> tuple[bytes, bytes]:
    """(logical volume descriptor, partition descriptor), by one of the anchors (3/8.4.2.1)."""
    last = blob.size // SECTOR - 1
    for anchor in (256, last, last - 256, 512):
        budget.spend(RECORD)
        head = blob.read(anchor * SECTOR, 512)
        if _tag(head) != _ANCHOR:
            continue
        for begin in (16, 24):
            length, at = (int.from_bytes(head[begin + 4 * n : begin + 4 * n + 4], "little") for n in (0, 1))
            found: dict[int, bytes] = {}
            for number in range(at, at + min(length // SECTOR, _SEQUENCE)):
                budget.spend(RECORD)
                sector = blob.read(number * SECTOR, SECTOR)
                if _tag(sector) == _TERMINATOR:
                    break
                found.setdefault(_tag(sector), sector)
            if _LOGICAL in found and _PARTITION in found:
                return found[_LOGICAL], found[_PARTITION]
    raise Malformed("no UDF volume descriptors")


def _read(disc: _Disc, label: str, root: int) -> Volume:
    budget = disc.budget
    entries: list[Entry] = []
    odd: dict[str, Anomaly] = {}
    seen: set[int] = set()
    stack = [("", root, False, 0)]
    while stack:
        path, block, hidden, depth = stack.pop()
        at = disc.place(block)
        node = _node(disc, at)
        if node is None:
            odd.setdefault("file-entry", Anomaly("file-entry", path, at, incomplete=True))
            continue
        if not node.folder:
            if sum(length for _, length in node.pieces) < node.size or any(
                sum(p) > disc.blob.size for p in node.pieces
            ):
                odd.setdefault("file-past-end", Anomaly("file-past-end", path, at, incomplete=True))
            entries.append(Entry(path, node.pieces, node.size, hidden, at))
            continue
        if at in seen:
            odd.setdefault("folder-loop", Anomaly("folder-loop", path, at))
            continue
        seen.add(at)
        if len(seen) > FOLDERS or depth > DEEPEST or len(entries) + len(stack) >= budget.limits.children:
            odd["too-many-files"] = Anomaly("too-many-files", path, at, incomplete=True)
            break
        if node.size > _FOLDER_BYTES:
            odd.setdefault("folder-cut", Anomaly("folder-cut", path, at, incomplete=True))
        raw = disc.blob.join(node.pieces).read(0, min(node.size, _FOLDER_BYTES))
        inner = [
            (f"{path}/{name}" if path else name, where, hidden or unseen, depth + 1)
            for name, where, unseen in _identifiers(raw, budget)
        ]
        stack += reversed(inner)
    return Volume("UDF", label, tuple(entries), disc.start + disc.size, tuple(odd.values()))


def _node(disc: _Disc, at: int) -> _Node | None:
    disc.budget.spend(RECORD)
    raw = disc.blob.read(at, disc.block)
    tag = _tag(raw)
    if tag not in (_FILE, _EXTENDED) or len(raw) < 216:
        return None
    head = 216 if tag == _EXTENDED else 176
    attributes, allocation = (int.from_bytes(raw[head - 8 + 4 * n : head - 4 + 4 * n], "little") for n in (0, 1))
    size = int.from_bytes(raw[56:64], "little")
    begin = head + attributes
    how = int.from_bytes(raw[34:36], "little") & 7
    if how == _INSIDE:
        return _Node(raw[27] == 4, size, ((at + begin, min(size, max(disc.block - begin, 0))),))
    width = 8 if how == _SHORT else 16 if how == _LONG else 0
    pieces = []
    if width:
        left = size
        for place in range(begin, min(begin + allocation, len(raw) - width + 1, begin + width * _EXTENTS), width):
            disc.budget.spend(RECORD)
            length = int.from_bytes(raw[place : place + 4], "little")
            block = int.from_bytes(raw[place + 4 : place + 8], "little")
            if length >> 30 or not length:  # not recorded, or more descriptors elsewhere: what is missing shows
                break
            pieces.append((disc.place(block), min(length, left)))
            left -= length
    return _Node(raw[27] == 4, size, tuple(one for one in pieces if one[1] > 0))


def _identifiers(raw: bytes, budget: Budget) -> Iterator[tuple[str, int, bool]]:
    """(name, block of its entry, hidden) of each file that a folder lists (4/14.4)."""
    at = 0
    while at + 38 <= len(raw):
        budget.spend(RECORD)
        if _tag(raw[at : at + 16]) != _FILE_ID:
            return
        flags, width = raw[at + 18], raw[at + 19]
        use = int.from_bytes(raw[at + 36 : at + 38], "little")
        block = int.from_bytes(raw[at + 24 : at + 28], "little")
        if not flags & (_PARENT | _DELETED):
            yield _characters(raw[at + 38 + use : at + 38 + use + width]), block, bool(flags & _HIDDEN)
        at += (38 + use + width + 3) & ~3


def _tag(raw: bytes) -> int:
    """The number of a descriptor whose tag adds up (3/7.2), or 0."""
    if len(raw) < 16 or (sum(raw[:4]) + sum(raw[5:16])) & 0xFF != raw[4]:
        return 0
    return int.from_bytes(raw[:2], "little")


def _text(field: bytes) -> str:
    """A string whose last byte is its length (1/7.2.12)."""
    return _characters(field[: field[-1]]) if field else ""


def _characters(raw: bytes) -> str:
    """Compressed Unicode (OSTA UDF 2.1.1): a byte or two a character."""
    if not raw:
        return ""
    return raw[1:].decode("utf-16-be", "replace") if raw[0] in (16, 255) else raw[1:].decode("latin-1")
