"""Sectors of a compound file: its header, its allocation tables, and the chains they spell ([MS-CFB] 2.1 to 2.5)."""

import struct
import sys
from array import array
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate

from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import Budget

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
END_OF_CHAIN = 0xFFFFFFFE
FREE = 0xFFFFFFFF
MINI_SHIFT = 6
MINI_CUTOFF = 4096
"""Streams shorter than this live in the mini stream."""

_SPECIAL = 0xFFFFFFFA  # no sector has this number or a higher one
_BUSY = 0xFFFFFFFF
_STEP = 50  # work units for one link of a chain
_STEPS = 1024  # links between two looks at the budget
_PER_CODE = 16  # anomalies of one code that are kept


@dataclass(frozen=True, slots=True)
class Header:
    """What the header says, after putting right what no reader could use."""

    major: int
    shift: int
    directory: int
    directory_count: int
    fat_count: int
    minifat: int
    minifat_count: int
    difat: int
    difat_count: int
    first_fats: tuple[int, ...]


class Notes:
    """Collects anomalies; only the first few of each code are kept, so that 100,000 equal ones cost nothing."""

    def __init__(self) -> None:
        self._all: list[Anomaly] = []
        self._count: Counter[tuple[str, bool]] = Counter()

    def add(self, code: str, where: str = "", offset: int | None = None, *, incomplete: bool = False) -> None:
        """Note one departure from the specification."""
        self._count[code, incomplete] += 1
        if self._count[code, incomplete] <= _PER_CODE:
            self._all.append(Anomaly(code, where, offset, incomplete))

    def finish(self) -> tuple[Anomaly, ...]:
        """All that were kept, in the order they were met."""
        return tuple(self._all)


def read_header(blob: Blob, notes: Notes) -> Header:
    """Read the first 512 bytes ([MS-CFB] 2.2).

    Raises:
        Malformed: shorter than a header, or without its signature.
    """
    raw = blob.read(0, 512)
    if len(raw) < 512 or not raw.startswith(MAGIC):
        raise Malformed("compound file without a header")
    major, order, shift, mini_shift = struct.unpack_from("<HHHH", raw, 26)
    directory_count, fat_count, directory, _, cutoff, minifat, minifat_count, difat, difat_count = struct.unpack_from(
        "<9I", raw, 40
    )
    if major not in (3, 4):
        notes.add("header-version", offset=26)
    if order != 0xFFFE:
        notes.add("header-byte-order", offset=28)
    if shift not in (9, 12):
        notes.add("header-sector-shift", offset=30, incomplete=True)
        shift = 12 if major == 4 else 9
    elif major in (3, 4) and shift != (12 if major == 4 else 9):
        notes.add("header-sector-shift", offset=30)
    if mini_shift != MINI_SHIFT:
        notes.add("header-mini-shift", offset=32, incomplete=True)
    if major == 3 and directory_count:
        notes.add("header-directory-count", offset=40)
    if cutoff != MINI_CUTOFF:
        notes.add("header-cutoff", offset=56, incomplete=True)
    first_fats = struct.unpack_from("<109I", raw, 76)
    return Header(
        major, shift, directory, directory_count, fat_count, minifat, minifat_count, difat, difat_count, first_fats
    )


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a chain goes.

    Attributes:
        length: sectors, each counted once.
        fault: ``loop``, ``out-of-range`` or ``free`` where it does not come to a proper end, else empty.
        shared: true when another chain has been here before.
        last: the last sector that this walk was the first to reach, or -1.
    """

    length: int
    fault: str
    shared: bool
    last: int


class Chains:
    """One allocation table (the FAT or the mini FAT) and the chains in it.

    All walks together take one step a sector: each sector remembers how far it is from its chain's end.
    """

    def __init__(self, table: "array[int]", sectors: int, budget: Budget) -> None:
        self.table = table
        self.sectors = sectors
        self._budget = budget
        self._far = array("I", bytes(4 * min(len(table), sectors)))

    def walk(self, start: int) -> Walk:
        """Follow a chain to its end, or to where it stops making sense."""
        table, far, path = self.table, self._far, array("I")
        at, fault, tail, shared = start, "", 0, False
        while at != END_OF_CHAIN:
            if at >= len(far):
                fault = "free" if at >= _SPECIAL else "out-of-range"
                if len(far) <= at < self.sectors:  # the sector is there, only its link is missing
                    path.append(at)
                break
            if far[at]:
                shared = far[at] != _BUSY
                fault, tail = ("", far[at]) if shared else ("loop", 0)
                break
            far[at] = _BUSY
            path.append(at)
            at = table[at]
            if not len(path) % _STEPS:
                self._budget.spend(_STEP * _STEPS)
        self._budget.spend(_STEP * (len(path) % _STEPS + 1))
        for distance, sector in enumerate(reversed(path), tail + 1):
            if sector < len(far):
                far[sector] = distance
        return Walk(len(path) + tail, fault, shared, path[-1] if path else -1)

    def highest(self) -> int:
        """The highest sector that is both in a chain walked so far and not free, or -1."""
        at = len(self._far) - 1
        while at >= 0 and (not self._far[at] or self.table[at] == FREE):
            at -= 1
        return at

    def runs(self, start: int, count: int) -> tuple["array[int]", "array[int]"]:
        """First sectors, and sectors, of each stretch of neighbours in a chain; `count` sectors at most."""
        firsts, lengths = array("I"), array("I")
        table, at, steps = self.table, start, 0
        while steps < count and at < self.sectors:
            first = at
            while True:
                following = table[at] if at < len(table) else END_OF_CHAIN
                steps += 1
                if not steps % _STEPS:
                    self._budget.spend(_STEP * _STEPS)
                if following != at + 1 or steps >= count or following >= self.sectors:
                    break
                at = following
            firsts.append(first)
            lengths.append(at - first + 1)
            at = following
        self._budget.spend(_STEP * (steps % _STEPS + 1))
        return firsts, lengths


class Sectors:
    """A store: the bytes of a chain of sectors, read through to the file they lie in."""

    __slots__ = ("_base", "_blob", "_ends", "_firsts", "_shift", "size")

    def __init__(
        self, blob: Blob, shift: int, firsts: "array[int]", lengths: "array[int]", size: int | None = None
    ) -> None:
        self._blob = blob
        self._shift = shift
        self._firsts = firsts
        self._ends = array("I", accumulate(lengths))
        there = self._there()
        self.size = there if size is None else min(size, there)

    def read(self, offset: int, length: int) -> bytes:
        """Bytes of a range; what the file ends before reads as zeros."""
        out = []
        index = bisect_right(self._ends, offset >> self._shift)
        while length > 0 and index < len(self._ends):
            begin = (self._ends[index - 1] if index else 0) << self._shift
            part = min(length, (self._ends[index] << self._shift) - offset)
            piece = self._blob.read(((self._firsts[index] + 1) << self._shift) + offset - begin, part)
            out.append(piece if len(piece) == part else piece + bytes(part - len(piece)))
            offset += part
            length -= part
            index += 1
        return out[0] if len(out) == 1 else b"".join(out)

    def close(self) -> None:
        """Nothing is held."""

    def _there(self) -> int:
        """Bytes of all runs, without what the last one lacks because the file ends inside of it."""
        if not self._ends:
            return 0
        behind = self._firsts[-1] + self._ends[-1] - (self._ends[-2] if len(self._ends) > 1 else 0)
        return (self._ends[-1] << self._shift) - max(0, ((behind + 1) << self._shift) - self._blob.size)


def words(raw: bytes) -> "array[int]":
    """Little-endian 32-bit numbers; a broken last one is left out."""
    out = array("I")
    out.frombytes(raw[: len(raw) & ~3])
    if sys.byteorder == "big":
        out.byteswap()
    return out


def read_fat(blob: Blob, header: Header, notes: Notes, budget: Budget) -> tuple["array[int]", int]:
    """The FAT, as far as the file has sectors, and the highest sector that tables of the FAT themselves lie in.

    A sector of the FAT that can't be read leaves its stretch free, so that what comes behind keeps its place.
    """
    size = 1 << header.shift
    sectors = sector_count(blob, header.shift)
    needed = -(-sectors // (size // 4))
    listed, highest = _read_difat(blob, header, needed, notes, budget)
    if len(listed) != min(header.fat_count, needed) or header.fat_count > sectors:
        notes.add("fat-count", offset=44)
    fat, blank, seen = array("I"), words(b"\xff" * size), set()
    for number in listed:
        budget.spend(_STEP + size)
        if number >= sectors or number in seen:
            notes.add("fat-out-of-range" if number not in seen else "fat-shared", "FAT", incomplete=True)
            fat.extend(blank)
            continue
        seen.add(number)
        highest = max(highest, number)
        part = words(blob.read((number + 1) << header.shift, size))
        if len(part) < len(blank):
            notes.add("fat-truncated", "FAT", (number + 1) << header.shift, incomplete=True)
            part.extend(blank[len(part) :])
        fat.extend(part)
    return fat, highest


def _read_difat(blob: Blob, header: Header, needed: int, notes: Notes, budget: Budget) -> tuple["array[int]", int]:
    """Numbers of the sectors that hold the FAT ([MS-CFB] 2.5), as many as the file can use."""
    size = 1 << header.shift
    listed = array("I", header.first_fats[:needed])
    at, highest, seen = header.difat, -1, set()
    while len(listed) < needed and at < _SPECIAL:
        budget.spend(_STEP + size)
        if at in seen or at >= sector_count(blob, header.shift):
            notes.add("difat-loop" if at in seen else "difat-out-of-range", "DIFAT", incomplete=True)
            break
        seen.add(at)
        highest = max(highest, at)
        part = words(blob.read((at + 1) << header.shift, size))
        if len(part) < size // 4:
            notes.add("difat-truncated", "DIFAT", (at + 1) << header.shift, incomplete=True)
            break
        at = part.pop()
        listed.extend(part[: needed - len(listed)])
    while listed and listed[-1] == FREE:
        listed.pop()
    return listed, highest


def sector_count(blob: Blob, shift: int) -> int:
    """Sectors behind the header's own, a partial last one included."""
    return max(0, -(-blob.size >> shift) - 1)


def last_allocated(chains: Chains) -> int:
    """Highest sector that the FAT says is in use, or -1.

    Some writers fill the rest of the FAT with zeros or ends of chains; what no chain has been to is no use.
    """
    raw = chains.table.tobytes().rstrip(b"\xff")
    for filler in (b"\xfe\xff", b"\0"):
        if raw[-8:].strip(filler) == b"":
            raw = raw.rstrip(filler)
            break
    return max((len(raw) + 3) // 4 - 1, chains.highest())
