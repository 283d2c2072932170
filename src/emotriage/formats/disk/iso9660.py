"""ISO 9660 images and their Joliet view, from ECMA-119 (volume descriptors 8.4, directory records 9.1) and Joliet 1.0.

Both trees are read, because programs differ: Windows shows Joliet, others the primary tree with its short names. A
folder is read once in each tree, wherever else the tree leads to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from emotriage.formats.disk.volume import DEEPEST, FOLDERS, Entry, Volume
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import RECORD, Budget

SECTOR = 2048
_DESCRIPTORS_AT, _DESCRIPTORS = 16, 64
_PRIMARY, _SUPPLEMENTARY, _END = 1, 2, 255
_JOLIET = (b"%/@", b"%/C", b"%/E")
_HIDDEN, _FOLDER, _ASSOCIATED, _MULTI = 1, 2, 4, 0x80
_FOLDER_BYTES = 8 << 20
_SHORTEST = 34


@dataclass(frozen=True, slots=True)
class _Tree:
    """Where a view of the image begins."""

    scheme: str
    label: str
    root: tuple[int, int]
    block: int
    end: int


def read_iso(blob: Blob, budget: Budget) -> tuple[Volume, ...]:
    """The views of an image, the primary one first.

    A folder that does not begin with the record of itself is damaged, however empty it looks.

    Raises:
        Malformed: no volume descriptor that can be read.
    """
    trees = list(_trees(blob, budget))
    if not trees:
        raise Malformed("no volume descriptor")
    return tuple(_read(blob, tree, budget) for tree in trees)


def _trees(blob: Blob, budget: Budget) -> Iterator[_Tree]:
    for number in range(_DESCRIPTORS_AT, _DESCRIPTORS_AT + _DESCRIPTORS):
        budget.spend(RECORD)
        sector = blob.read(number * SECTOR, SECTOR)
        if len(sector) < 190 or sector[1:6] != b"CD001" or sector[0] == _END:
            return
        joliet = sector[0] == _SUPPLEMENTARY and sector[88:91] in _JOLIET
        if sector[0] == _PRIMARY or joliet:
            block = int.from_bytes(sector[128:130], "little") or SECTOR
            root = int.from_bytes(sector[158:162], "little"), int.from_bytes(sector[166:170], "little")
            label = _decoded(sector[40:72], joliet=joliet).rstrip(" \0")
            end = int.from_bytes(sector[80:84], "little") * block
            yield _Tree("Joliet" if joliet else "ISO 9660", label, root, block, end)


def _read(blob: Blob, tree: _Tree, budget: Budget) -> Volume:
    entries: list[Entry] = []
    odd: dict[str, Anomaly] = {}
    seen: set[int] = set()
    stack = [("", *tree.root, False, 0)]
    while stack:
        path, block, size, hidden, depth = stack.pop()
        at = block * tree.block
        if at in seen:
            odd.setdefault("folder-loop", Anomaly("folder-loop", path, at))
            continue
        seen.add(at)
        if len(seen) > FOLDERS or depth > DEEPEST or len(entries) >= budget.limits.children:
            odd["too-many-files"] = Anomaly("too-many-files", path, at, incomplete=True)
            break
        if not _SHORTEST <= size <= _FOLDER_BYTES or at + size > blob.size or blob.read(at + 32, 2) != b"\1\0":
            odd.setdefault("folder-cut", Anomaly("folder-cut", path, at, incomplete=True))
        inner = []
        for one in _records(blob, at, min(size, _FOLDER_BYTES), budget):
            name = _name(one.name, joliet=tree.scheme == "Joliet")
            inside = f"{path}/{name}" if path else name
            unseen = hidden or bool(one.flags & (_HIDDEN | _ASSOCIATED))
            if one.flags & _FOLDER:
                inner.append((inside, one.block, one.size, unseen, depth + 1))
                continue
            piece = ((one.block + one.extra) * tree.block, one.size)
            if sum(piece) > blob.size:
                odd.setdefault("file-past-end", Anomaly("file-past-end", inside, one.at, incomplete=True))
            before = entries[-1] if entries else None
            if one.goes_on and before is not None and before.path == inside:
                entries[-1] = Entry(inside, (*before.pieces, piece), before.size + one.size, unseen, before.offset)
            else:
                entries.append(Entry(inside, (piece,), one.size, unseen, one.at))
        stack += reversed(inner)
    return Volume(tree.scheme, tree.label, tuple(entries), tree.end or None, tuple(odd.values()))


@dataclass(frozen=True, slots=True)
class _Record:
    """A directory record (9.1); `goes_on` when the one before it said that its file has more extents."""

    name: bytes
    block: int
    extra: int
    size: int
    flags: int
    at: int
    goes_on: bool


def _records(blob: Blob, start: int, size: int, budget: Budget) -> Iterator[_Record]:
    """Records of a folder but those of itself and its parent; none crosses the end of a sector."""
    more = False
    for base in range(start, start + size, SECTOR):
        budget.spend(RECORD)
        sector = blob.read(base, min(SECTOR, start + size - base))
        at = 0
        while at + _SHORTEST <= len(sector) and (length := sector[at]) >= _SHORTEST:
            budget.spend(RECORD)
            raw = sector[at : at + length]
            name = raw[33 : 33 + raw[32]]
            flags = raw[25]
            if name not in (b"\0", b"\1"):
                yield _Record(
                    name,
                    int.from_bytes(raw[2:6], "little"),
                    raw[1],
                    int.from_bytes(raw[10:14], "little"),
                    flags,
                    base + at,
                    more,
                )
                more = bool(flags & _MULTI)
            at += length


def _name(raw: bytes, *, joliet: bool) -> str:
    """A name without its version, and without the dot that stands where there is no extension."""
    name = _decoded(raw, joliet=joliet)
    stem, mark, version = name.rpartition(";")
    name = stem if mark and (version.isdigit() or not version) else name
    return name[:-1] if name.endswith(".") and len(name) > 1 else name


def _decoded(raw: bytes, *, joliet: bool) -> str:
    if joliet:
        return raw[: len(raw) & ~1].decode("utf-16-be", "replace")
    try:
        return raw.decode("ascii")
    except UnicodeDecodeError:
        return raw.decode("cp932", "replace")
