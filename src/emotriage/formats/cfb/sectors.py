"""Sectors of a compound file: allocation tables, and the chains they spell ([MS-CFB] 2.1, 2.3, 2.4)."""

import sys
from array import array
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate

from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget

END_OF_CHAIN = 0xFFFFFFFE
FREE = 0xFFFFFFFF
MINI_SHIFT = 6
MINI_CUTOFF = 4096
"""Streams shorter than this live in the mini stream."""

SPECIAL = 0xFFFFFFFA
"""No sector has this number or a higher one."""
_BUSY = 0xFFFFFFFF
STEP = 150
"""Work units for one link of a chain."""
_LEAST = 16  # sectors that a chain is followed at a time, at least
_STEPS = 1024  # links between two looks at the budget
_PER_CODE = 16  # anomalies of one code that are kept


class Notes:
    """Collects anomalies; only the first few of each code are kept, so that 100,000 equal ones cost nothing."""

    def __init__(self) -> None:
        self.lost: set[str] = set()
        """Structures of which something could not be read."""
        self._all: list[Anomaly] = []
        self._count: Counter[tuple[str, bool]] = Counter()

    def add(self, code: str, where: str = "", offset: int | None = None, *, incomplete: bool = False) -> None:
        """Note one departure from the specification."""
        if incomplete:
            self.lost.add(where)
        self._count[code, incomplete] += 1
        if self._count[code, incomplete] <= _PER_CODE:
            self._all.append(Anomaly(code, where, offset, incomplete))

    def finish(self) -> tuple[Anomaly, ...]:
        """All that were kept, in the order they were met."""
        return tuple(self._all)


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
                fault = "free" if at >= SPECIAL else "out-of-range"
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
                self._budget.spend(STEP * _STEPS)
        self._budget.spend(STEP * (len(path) % _STEPS + 1))
        for distance, sector in enumerate(reversed(path), tail + 1):
            if sector < len(far):
                far[sector] = distance
        return Walk(len(path) + tail, fault, shared, path[-1] if path else -1)

    @property
    def visited(self) -> "array[int]":
        """By sector, how far it is from its chain's end; 0 where no chain has been."""
        return self._far

    def highest(self) -> int:
        """The highest sector that is both in a chain walked so far and not free, or -1."""
        at = len(self._far) - 1
        while at >= 0 and (not self._far[at] or self.table[at] == FREE):
            at -= 1
        return at

    def runs(self, start: int, count: int) -> tuple["array[int]", "array[int]", int]:
        """First sectors, and sectors, of each stretch of neighbours in a chain; `count` sectors at most.

        The third value is where the chain goes on.
        """
        firsts, lengths = array("I"), array("I")
        table, at, steps = self.table, start, 0
        while steps < count and at < self.sectors:
            first = at
            while True:
                following = table[at] if at < len(table) else END_OF_CHAIN
                steps += 1
                if not steps % _STEPS:
                    self._budget.spend(STEP * _STEPS)
                if following != at + 1 or steps >= count or following >= self.sectors:
                    break
                at = following
            firsts.append(first)
            lengths.append(at - first + 1)
            at = following
        self._budget.spend(STEP * (steps % _STEPS + 1))
        return firsts, lengths, at


class Sectors:
    """A store: the bytes of stretches of sectors, read through to the file they lie in."""

    __slots__ = ("_blob", "_ends", "_firsts", "_shift", "size")

    def __init__(self, blob: Blob, shift: int, firsts: "array[int]", lengths: "array[int]") -> None:
        self._blob = blob
        self._shift = shift
        self._firsts = firsts
        self._ends = array("I", accumulate(lengths))
        self.size = self._there()

    def read(self, offset: int, length: int) -> bytes:
        """Bytes of a range; what the file ends before reads as zeros."""
        return _read_runs(self._blob, self._shift, (self._firsts, self._ends), offset, length)

    def close(self) -> None:
        """Nothing is held."""

    def _there(self) -> int:
        """Bytes of all runs, without what the last one lacks because the file ends inside of it."""
        if not self._ends:
            return 0
        behind = self._firsts[-1] + self._ends[-1] - (self._ends[-2] if len(self._ends) > 1 else 0)
        return (self._ends[-1] << self._shift) - max(0, ((behind + 1) << self._shift) - self._blob.size)


class ChainStore:
    """A store: the bytes of one stream's chain, followed no further than somebody reads.

    Thousands of entries may share one long chain; a look at the beginning of each must not follow it every time.
    """

    __slots__ = ("_blob", "_chains", "_ends", "_firsts", "_next", "_shift", "size")

    def __init__(self, blob: Blob, shift: int, chains: Chains, start: int, size: int) -> None:
        self.size = size
        self._blob = blob
        self._shift = shift
        self._chains = chains
        self._next = start
        self._firsts, self._ends = array("I"), array("I")

    def read(self, offset: int, length: int) -> bytes:
        """Bytes of a range; what the file ends before reads as zeros."""
        self._follow(-(-(offset + length) >> self._shift))
        return _read_runs(self._blob, self._shift, (self._firsts, self._ends), offset, length)

    def close(self) -> None:
        """Nothing is held."""

    def _follow(self, sectors: int) -> None:
        """Know the chain's first so many sectors, or a few more."""
        have = self._ends[-1] if self._ends else 0
        if have >= sectors:
            return
        wanted = min(max(sectors - have, have, _LEAST), -(-self.size >> self._shift) - have)
        firsts, lengths, self._next = self._chains.runs(self._next, wanted)
        for first, length in zip(firsts, lengths, strict=True):
            have += length
            self._firsts.append(first)
            self._ends.append(have)


def _read_runs(blob: Blob, shift: int, runs: tuple["array[int]", "array[int]"], offset: int, length: int) -> bytes:
    """Bytes of a range of stretches of sectors, given by their firsts, and by their ends counted from the first."""
    firsts, ends = runs
    out = []
    index = bisect_right(ends, offset >> shift)
    while length > 0 and index < len(ends):
        begin = (ends[index - 1] if index else 0) << shift
        part = min(length, (ends[index] << shift) - offset)
        piece = blob.read(((firsts[index] + 1) << shift) + offset - begin, part)
        out.append(piece if len(piece) == part else piece + bytes(part - len(piece)))
        offset += part
        length -= part
        index += 1
    return out[0] if len(out) == 1 else b"".join(out)


def words(raw: bytes) -> "array[int]":
    """Little-endian 32-bit numbers; a broken last one is left out."""
    out = array("I")
    out.frombytes(raw[: len(raw) & ~3])
    if sys.byteorder == "big":
        out.byteswap()
    return out


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
