"""The directory of a compound file: every entry in it, in the tree or not ([MS-CFB] 2.6)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from emotriage.formats.cfb.sectors import Notes
from emotriage.model.blob import Blob
from emotriage.model.limits import RECORD, Budget

Kind = Literal["root", "storage", "stream"]

NONE = 0xFFFFFFFF
_ENTRY = struct.Struct("<64sHBBIII16sIQQIQ")
_GUID = struct.Struct("<IHH2s6s")
_BLANK = (
    bytes(128),
    bytes(68) + b"\xff" * 12 + bytes(48),
)  # an unused entry as the specification, or Office, writes it
_MOST = 32768  # entries that are kept; more than that is no document
_DEEP = 16  # storages deeper than this share one prefix, or the paths alone would fill the memory
_ESCAPES = str.maketrans({"/": "\\x2f", "\\": "\\x5c"})


@dataclass(frozen=True, slots=True)
class Entry:
    r"""One directory entry.

    Attributes:
        index: its place in the directory.
        name: as it stands there; any UTF-16, control characters and lone halves of pairs included.
        path: names from the root down, joined by ``/``; the root's is empty. A slash or backslash inside a name reads
            ``\x2f`` or ``\x5c``. Paths are unique: a second entry of the same name has ``\`` and its index behind it,
            and what hangs in no tree begins with ``\orphan`` and an index.
        kind: what it is; an unused entry that is filled all the same counts as what its content makes it.
        size: bytes that `open` gives: the declared size, or what is there of it.
        clsid: lower-case UUID, empty when there is none.
        orphan: not reachable from the root.
        parent: index of the storage it is in, or -1.
    """

    index: int
    name: str
    path: str
    kind: Kind
    size: int
    clsid: str
    orphan: bool
    parent: int


@dataclass(slots=True)
class RawEntry:
    """A directory entry as it stands in the file, and its place in the tree once that is known."""

    index: int
    name: str
    type: int
    left: int
    right: int
    child: int
    clsid: str
    start: int
    size: int
    parent: int = -1
    path: str = ""
    depth: int = 0
    orphan: bool = True

    @property
    def kind(self) -> Kind:
        """What it is; a second root is a storage, whatever else can only be a stream."""
        if self.index == 0:
            return "root"
        if self.type in (1, 5) or (self.type == 0 and self.child not in (0, NONE) and not self.size):
            return "storage"
        return "stream"


def read_entries(directory: Blob, wide: bool, notes: Notes, budget: Budget) -> dict[int, RawEntry]:
    """All entries that hold anything, by index.

    Args:
        directory: the directory's chain.
        wide: sizes have 64 bits (version 4); in version 3 the upper half is undefined.
        notes: takes what is odd.
        budget: charged for every entry, empty ones included.
    """
    out: dict[int, RawEntry] = {}
    for at, window in directory.windows(1 << 16):
        budget.spend(RECORD * (len(window) // 128 + 1))
        for begin in range(0, len(window) - 127, 128):
            raw = window[begin : begin + 128]
            if raw in _BLANK:
                continue
            if len(out) >= _MOST:
                notes.add("directory-too-long", "directory", incomplete=True)
                return out
            index = (at + begin) // 128
            if (entry := _read_entry(index, raw, wide, notes)) is not None:
                out[index] = entry
    return out


def _read_entry(index: int, raw: bytes, wide: bool, notes: Notes) -> RawEntry | None:
    name, length, kind, _, left, right, child, clsid, _, _, _, start, size = _ENTRY.unpack(raw)
    if kind == 0 and not length and not any(name):
        return None  # links or times without a name: remains of an entry, but of nothing that could be opened
    where = f"directory entry {index}"
    if not 2 <= length <= 64 or length % 2:
        notes.add("entry-name", where)
        length = len(name) if length > 64 else length & ~1
    text, ended, _ = name[: max(length - 2, 0)].decode("utf-16-le", "surrogatepass").partition("\0")
    if index and (ended or any(one in "/\\:!" for one in text) or any(name[max(length - 2, 0) : length])):
        notes.add("entry-name", where)
    if kind not in (0, 1, 2, 5) or (kind == 5) != (index == 0):
        notes.add("entry-type", where)
    return RawEntry(index, text, kind, left, right, child, guid(clsid), start, size if wide else size & 0xFFFFFFFF)


def guid(raw: bytes) -> str:
    """A GUID in its usual spelling, lower case; empty when it is all zeros."""
    if not any(raw):
        return ""
    first, second, third, fourth, fifth = _GUID.unpack(raw)
    return f"{first:08x}-{second:04x}-{third:04x}-{fourth.hex()}-{fifth.hex()}"


def build_tree(entries: dict[int, RawEntry], notes: Notes, budget: Budget) -> list[RawEntry]:
    """Give each entry its parent and path; the order is the tree's, then orphans by index.

    Args:
        entries: as `read_entries` gives them; parent, path, depth and orphan are filled in.
        notes: takes what is odd.
        budget: charged for every entry.
    """
    taken: set[str] = set()
    seen: set[int] = set()
    order: list[RawEntry] = []
    for root in entries.values():
        budget.spend(RECORD)
        if root.index in seen:
            continue
        seen.add(root.index)
        if root.index:
            root.path = _unique(f"\\orphan{root.index}/{root.name.translate(_ESCAPES)}", root.index, taken)
            notes.add("entry-orphan" if root.type else "entry-deleted", root.path)
        for entry in _descend(root, entries, seen, taken, notes):
            budget.spend(RECORD)
            entry.orphan = root.index != 0
            order.append(entry)
    return order


def _descend(
    root: RawEntry, entries: dict[int, RawEntry], seen: set[int], taken: set[str], notes: Notes
) -> Iterator[RawEntry]:
    """The entry, then all below it that nobody has met before, each storage before what is in it."""
    waiting = [root]
    while waiting:
        storage = waiting.pop()
        yield storage
        if storage.kind == "stream" or storage.child == NONE:
            continue
        members = _members(storage, entries, seen, notes)
        names: set[str] = set()
        for member in members:
            member.parent, member.depth = storage.index, storage.depth + 1
            name = member.name.translate(_ESCAPES)
            if storage.depth >= _DEEP:
                if storage.depth == _DEEP:
                    notes.add("tree-deep", storage.path)
                member.path = _unique(f"\\deep{member.index}/{name}", member.index, taken)
            else:
                member.path = _unique(f"{storage.path}/{name}" if storage.path else name, member.index, taken)
            if (folded := member.name.upper()) in names:
                notes.add("entry-duplicate", member.path)
            names.add(folded)
        waiting.extend(reversed(members))


def _members(storage: RawEntry, entries: dict[int, RawEntry], seen: set[int], notes: Notes) -> list[RawEntry]:
    """The entries of one storage, from left to right in its red-black tree."""
    out: list[RawEntry] = []
    path: list[RawEntry] = []
    at = storage.child
    while path or at != NONE:
        entry = entries.get(at)
        if at != NONE and entry is None:
            notes.add("tree-dangling", storage.path or "/")
        elif at in seen:
            notes.add("tree-cycle", storage.path or "/")
        elif entry is not None:
            seen.add(at)
            path.append(entry)
            at = entry.left
            continue
        at = NONE
        if path:
            entry = path.pop()
            out.append(entry)
            at = entry.right
    return out


def _unique(path: str, index: int, taken: set[str]) -> str:
    if (folded := path.upper()) in taken:
        path = f"{path}\\{index}"
        folded = path.upper()
    taken.add(folded)
    return path
