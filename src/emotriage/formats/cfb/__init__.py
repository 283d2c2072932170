"""Compound files: the container of Word, Excel and PowerPoint 97-2003, of macros, messages and installers ([MS-CFB]).

A bounded reader: every directory entry is listed, in the tree or not; every chain is followed once, and read only
where somebody looks. What contradicts the specification is an anomaly, what could not be read an incomplete one.
"""

from array import array
from collections.abc import Iterator
from functools import cached_property

from emotriage.formats.cfb.directory import NONE, Entry, RawEntry, build_tree, read_entries
from emotriage.formats.cfb.header import MAGIC, Header, read_fat, read_header
from emotriage.formats.cfb.sectors import (
    MINI_CUTOFF,
    MINI_SHIFT,
    SPECIAL,
    STEP,
    Chains,
    ChainStore,
    Notes,
    Sectors,
    last_allocated,
    sector_count,
    words,
)
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget

__all__ = ["MAGIC", "UNREACHED", "CompoundFile", "Entry", "read_compound_file"]

UNREACHED = "\\unreached"
"""Path of the entry for what damaged tables no longer lead to."""

_EMPTY = Blob(b"")
_TABLES = frozenset({"FAT", "DIFAT", "directory", "mini FAT", "mini stream"})
_UNREACHED = NONE - 1  # the index of an entry that the directory does not have


def read_compound_file(blob: Blob, budget: Budget) -> "CompoundFile":
    """Read the structure of a compound file; a view.

    Raises:
        Malformed: there is no header.
    """
    return CompoundFile(blob, budget)


class CompoundFile:
    """A compound file, its entries and what is wrong with it.

    Attributes:
        blob: the file.
        entries: every directory entry that holds anything: the root, each storage before what is in it, then orphans;
            last, where tables are damaged, an orphan without a name that holds all sectors which no chain leads to.
        anomalies: departures from the specification; ``incomplete`` where something could not be read.
        end: offset behind the last sector that the FAT says is in use, or the file's size if that is less.
    """

    def __init__(self, blob: Blob, budget: Budget) -> None:
        self.blob = blob
        self._opened: dict[int, Blob] = {}
        notes = Notes()
        header = read_header(blob, notes)
        self._shift = header.shift
        sectors = sector_count(blob, header.shift)
        fat, highest = read_fat(blob, header, notes, budget)
        self._fat = Chains(fat, sectors, budget)
        directory = self._chain(header.directory, "directory", notes)
        raw = read_entries(directory, header.major >= 4, notes, budget)
        if 0 not in raw:
            notes.add("directory-missing", "directory", incomplete=True)
        ordered = build_tree(raw, notes, budget)
        self._places: dict[int, tuple[int, bool]] = {}  # first sector, and whether it is one of the mini stream
        self._mini, self._minifat = self._mini_stream(header, raw.get(0), notes, budget)
        entries = [self._entry(one, notes) for one in ordered]
        if notes.lost & _TABLES:
            entries += self._unreached(sectors, budget)
        self.entries: tuple[Entry, ...] = tuple(entries)
        allocated = max(last_allocated(self._fat), highest)
        self.end = min(blob.size, (allocated + 2) << header.shift)
        if allocated >= sectors:
            notes.add("file-truncated", offset=blob.size)
        self.anomalies: tuple[Anomaly, ...] = notes.finish()

    def find(self, path: str) -> Entry | None:
        """The entry of that path, upper and lower case being equal ([MS-CFB] 2.6.4)."""
        return self._by_path.get(path.upper())

    def children(self, entry: Entry) -> tuple[Entry, ...]:
        """What lies directly in a storage, in the order of its tree."""
        return self._by_parent.get(entry.index, ())

    def open(self, entry: Entry) -> Blob:
        """The bytes of a stream, or of the mini stream for the root; nothing is copied."""
        if entry.kind == "root":
            return self._mini
        if entry.kind == "storage" or not entry.size:
            return _EMPTY
        if entry.index not in self._opened:
            self._opened[entry.index] = self._open(entry)
        return self._opened[entry.index]

    def _open(self, entry: Entry) -> Blob:
        start, mini = self._places[entry.index]
        if not mini:
            return Blob(ChainStore(self.blob, self._shift, self._fat, start, entry.size))
        firsts, lengths, _ = self._minifat.runs(start, -(-entry.size >> MINI_SHIFT))
        pieces = [(first << MINI_SHIFT, length << MINI_SHIFT) for first, length in zip(firsts, lengths, strict=True)]
        return self._mini.join(pieces).slice(0, entry.size)

    @cached_property
    def _by_path(self) -> dict[str, Entry]:
        return {one.path.upper(): one for one in self.entries}

    @cached_property
    def _by_parent(self) -> dict[int, tuple[Entry, ...]]:
        found: dict[int, list[Entry]] = {}
        for one in self.entries:
            if one.parent >= 0:
                found.setdefault(one.parent, []).append(one)
        return {parent: tuple(members) for parent, members in found.items()}

    def _unreached(self, sectors: int, budget: Budget) -> Iterator[Entry]:
        """What tables that are cut off or broken no longer lead to, in the order of the file, without uniform runs."""
        size = 1 << self._shift
        budget.spend(STEP * sectors // 8)
        reached = bytearray(map(bool, self._fat.visited)).ljust(sectors, b"\0")
        for hole in self.blob.holes:
            first, behind = max(0, -(-hole.offset // size) - 1), max(0, hole.end // size - 1)
            reached[first:behind] = b"\1" * len(reached[first:behind])
        firsts, lengths, at = array("I"), array("I"), reached.find(0)
        while at >= 0:
            behind = reached.find(1, at)
            firsts.append(at)
            lengths.append((behind if behind >= 0 else sectors) - at)
            at = reached.find(0, behind) if behind >= 0 else -1
        rest = Blob(Sectors(self.blob, self._shift, firsts, lengths))
        if rest.size:
            self._opened[_UNREACHED] = rest
            yield Entry(_UNREACHED, "", UNREACHED, "stream", rest.size, "", orphan=True, parent=-1)

    def _chain(self, start: int, where: str, notes: Notes) -> Blob:
        """A chain of the structure itself, as far as it goes."""
        walk = self._fat.walk(start)
        if walk.fault or walk.shared:
            notes.add(f"chain-{walk.fault or 'shared'}", where, incomplete=bool(walk.fault))
        firsts, lengths, _ = self._fat.runs(start, walk.length)
        return Blob(Sectors(self.blob, self._shift, firsts, lengths))

    def _mini_stream(self, header: Header, root: RawEntry | None, notes: Notes, budget: Budget) -> tuple[Blob, Chains]:
        table = Blob(b"")
        if header.minifat_count or header.minifat < SPECIAL:
            table = self._chain(header.minifat, "mini FAT", notes)
        mini = Blob(b"")
        if root is not None and root.size:
            mini = self._chain(root.start, "mini stream", notes)
            if mini.size < root.size:
                notes.add("mini-stream-short", "mini stream", incomplete=True)
            mini = mini.slice(0, root.size)
        budget.spend(table.size)
        return mini, Chains(words(table.read(0, mini.size // 16 + 4)), -(-mini.size >> MINI_SHIFT), budget)

    def _entry(self, raw: RawEntry, notes: Notes) -> Entry:
        """The entry, its chain measured."""
        size = raw.size if raw.kind == "stream" else 0
        if raw.kind == "root":
            size = self._mini.size
        elif size:
            size = self._measure(raw, notes)
        return Entry(raw.index, raw.name, raw.path, raw.kind, size, raw.clsid, raw.orphan, raw.parent)

    def _measure(self, raw: RawEntry, notes: Notes) -> int:
        """Bytes of a stream that are there; whatever its chain does wrong is noted, but for deleted entries."""
        mini = raw.size < MINI_CUTOFF
        self._places[raw.index] = (raw.start, mini)
        chains, shift, total = (
            (self._minifat, MINI_SHIFT, self._mini.size)
            if mini
            else (self._fat, self._shift, self.blob.size - (1 << self._shift))
        )
        walk = chains.walk(raw.start)
        there = walk.length << shift
        if not walk.shared:
            there -= max(0, ((walk.last + 1) << shift) - total)
        if raw.type:
            if walk.fault or walk.shared:
                notes.add(f"chain-{walk.fault or 'shared'}", raw.path)
            if there < raw.size:
                notes.add("stream-clipped", raw.path, incomplete=True)
        return max(0, min(raw.size, there))
