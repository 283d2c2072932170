"""Uniform runs: finding them while bytes stream by, and saying what kind of filler a window is.

A run is 64 KiB or more of one byte value. Its edges are exact, so that two copies of a file padded by different
amounts keep the same content between the runs.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import log2

RUN_BYTES = 64 << 10
"""The shortest uniform run that counts as padding."""
_BLOCK = RUN_BYTES // 2
_SAMPLE = 64 << 10
_PERIOD_LIMIT = 4096
_CANDIDATES = 32


@dataclass(frozen=True, slots=True)
class Run:
    """`length` bytes of the value `byte`, starting at `offset`.

    Attributes:
        known: false where nobody looked, because a limit left these bytes out; they read as `byte` all the same.
    """

    offset: int
    length: int
    byte: int
    known: bool = True

    @property
    def end(self) -> int:
        """Offset of the first byte behind the run."""
        return self.offset + self.length


@lru_cache(4)
def _fill(byte: int) -> bytes:
    return bytes([byte]) * (1 << 20)


def is_uniform(window: bytes) -> bool:
    """True when all bytes of the window are the same (and there is at least one)."""
    if not window or window[0] != window[-1] or window[:16].strip(window[:1]):
        return False  # nearly all that is not uniform ends here
    if len(window) <= 1 << 20:
        pattern = _fill(window[0])
        return window == (pattern if len(window) == len(pattern) else pattern[: len(window)])
    return not window.strip(window[:1])


class RunFinder:
    """Feed it a file in pieces of any size; `finish` returns the runs with exact edges."""

    def __init__(self) -> None:
        self._runs: list[Run] = []
        self._at = 0
        self._start = 0  # where the uniform stretch that reaches `_at` began
        self._byte = -1

    def feed(self, window: bytes) -> None:
        """Take the next bytes of the file."""
        if is_uniform(window):
            self._uniform(window[0], len(window))
            return
        for begin in range(0, len(window), _BLOCK):
            block = window[begin : begin + _BLOCK]
            if is_uniform(block):
                self._uniform(block[0], len(block))
            else:
                self._mixed(block)

    def finish(self) -> tuple[Run, ...]:
        """All runs, in order."""
        self._close(self._at)
        self._start, self._byte = self._at, -1
        return tuple(self._runs)

    def _uniform(self, byte: int, length: int) -> None:
        if byte != self._byte:
            self._close(self._at)
            self._start, self._byte = self._at, byte
        self._at += length

    def _mixed(self, block: bytes) -> None:
        head = len(block) - len(block.lstrip(block[:1])) if block[0] == self._byte else 0
        self._close(self._at + head)
        self._at += len(block)
        self._start = self._at - (len(block) - len(block.rstrip(block[-1:])))
        self._byte = block[-1]

    def _close(self, end: int) -> None:
        if self._byte >= 0 and end - self._start >= RUN_BYTES:
            self._runs.append(Run(self._start, end - self._start, self._byte))


def islands(size: int, runs: tuple[Run, ...]) -> Iterator[tuple[int, int]]:
    """(offset, length) of each stretch of content between the runs of a file of `size` bytes."""
    edges = [(0, 0), *((run.offset, run.end) for run in runs), (size, size)]
    for (_, begin), (end, _) in pairwise(edges):
        if end > begin:
            yield begin, end - begin


def entropy(window: bytes) -> float:
    """Shannon entropy of the window, in bits a byte (0 to 8)."""
    total = len(window)
    return -sum(n / total * log2(n / total) for n in Counter(window).values()) if total else 0.0


def period(window: bytes) -> int:
    """Shortest period of at most 4 KiB with which the window repeats itself, or 0.

    Where too many places look like the next turn, it is 0 as well.
    """
    lead = len(window) - len(window.lstrip(window[:1]))  # blanks in front of each turn would fit everywhere
    probe = window[lead : lead + 64]
    at = lead
    for _ in range(_CANDIDATES if len(probe) == 64 else 0):
        at = window.find(probe, at + 1, lead + _PERIOD_LIMIT + len(probe))
        if at < 0:
            break
        turn = at - lead
        if window[turn : turn + _PERIOD_LIMIT] == window[: len(window) - turn][:_PERIOD_LIMIT] and (
            window[turn:] == window[: len(window) - turn]
        ):
            return turn
    return 0


def filler(window: bytes) -> str:
    """What a window of a few KiB or more is: ``uniform``, ``periodic``, ``low-entropy``, ``random`` or ``content``."""
    window = window[:_SAMPLE]
    if is_uniform(window):
        return "uniform"
    if period(window):
        return "periodic"
    bits = entropy(window)
    if bits < 2.0:
        return "low-entropy"
    return "random" if bits > 7.9 else "content"
