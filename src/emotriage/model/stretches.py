"""Long stretches of filler that is not uniform: found by samples, then measured byte by byte."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from emotriage.model.blob import WINDOW, Blob
from emotriage.model.limits import MIB, Budget
from emotriage.model.padding import Run, entropy, islands, period

SHORTEST = MIB
_STRIDE = 256 << 10
_SAMPLE = (8 << 10) + 512  # two turns of the longest period
_COUNTED = 4 << 10
_BITS = 2.0
_ALPHABET = 4
_PER_UNIT = 4
"""Bytes that are read and held against others for one unit of work: a sixth of the time that hashing them takes."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Filler of one sort.

    Attributes:
        offset: where it begins.
        length: in bytes.
        what: ``periodic`` or ``low-entropy``.
        proven: every byte was held against the pattern; otherwise samples only.
    """

    offset: int
    length: int
    what: str
    proven: bool

    @property
    def end(self) -> int:
        """Offset behind it."""
        return self.offset + self.length


def read_stretches(blob: Blob, budget: Budget) -> tuple[Stretch, ...]:
    """Stretches of 1 MiB or more between the uniform runs of a blob, in order: a view, for all who look for them."""
    return tuple(stretches(blob, budget))


def without_stretches(blob: Blob, found: Iterable[Stretch]) -> Blob:
    """The same bytes, in whose windows proven filler is left out like uniform runs, but for its edges.

    Filler of a period of 4 KiB or less has all that it can hold in its first two turns, and that of four letters no
    beginning of a file.
    """
    bare = blob.slice(0)
    edge = 2 * _COUNTED
    proven = [Run(one.offset + edge, one.length - edge, 0) for one in found if one.proven]
    bare.holes = tuple(sorted((*blob.holes, *proven), key=_offset))
    return bare


def _offset(run: Run) -> int:
    return run.offset


def stretches(blob: Blob, budget: Budget) -> Iterator[Stretch]:
    """Stretches of 1 MiB or more between the uniform runs of a blob, in order."""
    for begin, length in islands(blob.size, blob.holes):
        floor = at = begin
        while at < begin + length and length >= SHORTEST:
            found = _Grower(blob, budget, floor, begin + length).around(at)
            if found is None:
                at += _STRIDE
                continue
            if found.length >= SHORTEST:
                yield found
                floor = found.end
            at = max(found.end, at + _STRIDE)


class _Grower:
    """Grows a stretch from a sample, between two bounds."""

    def __init__(self, blob: Blob, budget: Budget, start: int, stop: int) -> None:
        self._blob = blob
        self._budget = budget
        self._start = start
        self._stop = stop

    def around(self, at: int) -> Stretch | None:
        """The filler that the sample at an offset is part of, or None where it is none."""
        sample = self._read(at, min(at + _SAMPLE, self._stop))
        self._budget.spend(9 * len(sample))
        if len(sample) < 2 * _COUNTED:
            return None
        if step := period(sample):
            return self._repeated(at, sample[:step])
        letters = bytes(sorted(set(sample)))
        if len(letters) <= _ALPHABET:
            return self._spelled(at, letters)
        return self._sampled(at) if entropy(sample[:_COUNTED]) < _BITS else None

    def _repeated(self, at: int, turn: bytes) -> Stretch:
        """As far as the turns go on, both ways: whole windows of them are held against what is there."""
        tile = turn * (WINDOW // len(turn))
        end = start = at
        while end < self._stop:
            window = self._read(end, min(end + len(tile), self._stop))
            self._budget.spend(len(window) // _PER_UNIT)
            good = len(window) if window == tile else _alike(window, tile)
            end += good
            if good < len(window):
                break
        while start > self._start:
            window = self._read(max(start - len(tile), self._start), start)
            self._budget.spend(len(window) // _PER_UNIT)
            good = len(window) if window == tile else _alike_behind(window, tile)
            start -= good
            if good < len(window):
                break
        return Stretch(start, end - start, "periodic", proven=True)

    def _spelled(self, at: int, letters: bytes) -> Stretch:
        """As far as there is nothing but a few letters, both ways."""
        end = start = at
        while end < self._stop:
            window = self._read(end, min(end + WINDOW, self._stop))
            self._budget.spend(len(window))
            good = _made_of(window, letters)
            end += good
            if good < len(window):
                break
        while start > self._start:
            window = self._read(max(start - WINDOW, self._start), start)
            self._budget.spend(len(window))
            good = len(window) - len(window.rstrip(letters)) if window.translate(None, letters) else len(window)
            start -= good
            if good < len(window):
                break
        return Stretch(start, end - start, "low-entropy", proven=True)

    def _sampled(self, at: int) -> Stretch:
        end = min(at + _STRIDE, self._stop)
        while end < self._stop:
            sample = self._read(end, min(end + _SAMPLE, self._stop))
            self._budget.spend(9 * len(sample))
            if period(sample) or len(set(sample)) <= _ALPHABET or entropy(sample[:_COUNTED]) >= _BITS:
                break
            end = min(end + _STRIDE, self._stop)
        return Stretch(at, end - at, "low-entropy", proven=False)

    def _read(self, start: int, stop: int) -> bytes:
        return self._blob.read(start, stop - start)


def _made_of(window: bytes, letters: bytes) -> int:
    """How many bytes at the start of a window are among a few."""
    if not window.translate(None, letters):
        return len(window)
    return len(window) - len(window.lstrip(letters))


def _alike(window: bytes, tile: bytes) -> int:
    """How many bytes two texts have in common from the start on, by halving."""
    low, high = 0, min(len(window), len(tile))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if window[low:middle] == tile[low:middle] else (low, middle - 1)
    return low


def _alike_behind(window: bytes, tile: bytes) -> int:
    """How many bytes two texts have in common at their ends, by halving."""
    low, high = 0, min(len(window), len(tile))
    while low < high:
        middle = (low + high + 1) // 2
        ours, theirs = len(window) - low, len(tile) - low
        same = window[len(window) - middle : ours] == tile[len(tile) - middle : theirs]
        low, high = (middle, high) if same else (low, middle - 1)
    return low
