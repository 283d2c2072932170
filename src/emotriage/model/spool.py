"""Unpacked children on disk: everything but uniform and repeating filler, in an anonymous file with an extent map.

A 520 MB document of zeros costs its few hundred kilobytes of content. A child with more content than the limit keeps
its head and its tail; what lies between is marked as lost, and that is a gap.
"""

import hashlib
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.limits import Budget
from emotriage.model.padding import Run, RunFinder, is_uniform, period
from emotriage.model.shelf import Shelf

_BLOCK = 64 << 10
_TAIL = 16 << 20
_LOST = -1


@dataclass(frozen=True, slots=True)
class Spooled:
    """A child read to its end.

    Attributes:
        blob: its bytes.
        sha256: of all its bytes, lost ones included.
        lost: bytes that were hashed but not kept, because the spool limit was reached.
        failure: why the child could not be unpacked to its end; `blob` and `sha256` are of what came before.
    """

    blob: Blob
    sha256: str
    lost: int
    failure: FormatError | None = None


def spool(
    chunks: Iterable[bytes], budget: Budget, scratch: str | None = None, *, shelf: Shelf | None = None
) -> Spooled:
    """Read a child to its end, once: hash it, find its uniform runs, keep the rest.

    Args:
        chunks: the child's bytes, in pieces of any size.
        budget: charged for every byte as expanded.
        scratch: folder for the anonymous file; None is the system's.
        shelf: to keep it on, where several children share one.

    Raises:
        BudgetSpent: the child is larger than this scan may unpack.
        FormatError: not a single byte of it could be unpacked.
    """
    sha256, runs, failure = hashlib.sha256(), RunFinder(), None
    shelf = Shelf(budget.limits.spooled_bytes, scratch) if shelf is None else shelf
    before = shelf.size
    writer = _Writer(shelf)
    try:
        try:
            for chunk in chunks:
                budget.expand(len(chunk))
                sha256.update(chunk)
                runs.feed(chunk)
                writer.add(chunk)
        except FormatError as error:
            if not writer.size:
                raise
            failure = error
        blob = writer.finish()
    except BaseException:
        shelf.cut(before)
        raise
    blob.holes = tuple(sorted((*runs.finish(), *writer.left_out()), key=_begin))
    return Spooled(blob, sha256.hexdigest(), writer.lost, failure)


def _begin(run: Run) -> int:
    return run.offset


def digest(blob: Blob, budget: Budget) -> tuple[str, tuple[Run, ...]]:
    """(sha256, uniform runs) of a blob that is already at hand, in one pass.

    Raises:
        BudgetSpent: more bytes than this scan may stream.
    """
    sha256, runs = hashlib.sha256(), RunFinder()
    for _, window in blob.windows(holes=True):
        budget.spend(len(window))
        sha256.update(window)
        runs.feed(window)
    return sha256.hexdigest(), runs.finish()


class _Writer:
    """Collects blocks; uniform and repeating ones become extents without bytes of their own."""

    def __init__(self, shelf: Shelf) -> None:
        self.lost = 0
        self._shelf = shelf
        self._begin = shelf.size
        head = max(shelf.room - _TAIL, shelf.room // 2)
        self._head_stop = shelf.size + head
        self._tail_limit = shelf.room - head
        self.size = 0
        self._extents: list[_Extent] = []
        self._tail: deque[tuple[int, bytes]] = deque()
        self._tail_bytes = 0
        self._open: _Extent | None = None  # the extent that the next block may go on with
        self._turns = b""  # what the last block repeats, for a block and one turn more

    def add(self, chunk: bytes) -> None:
        if self._open and self._open.byte >= 0 and chunk[:1] == bytes([self._open.byte]) and is_uniform(chunk):
            self.size += len(chunk)
            return
        for begin in range(0, len(chunk), _BLOCK):
            block = chunk[begin : begin + _BLOCK]
            if len(block) >= 4096 and is_uniform(block):
                self._extent(0, block[0])
                self.size += len(block)
            elif not self._repeats(block):
                self._keep(block)

    def finish(self) -> Blob:
        while self._tail:
            offset, block = self._tail.popleft()
            self._extents.append(_Extent(offset, self._shelf.size))
            self._shelf.add(block)
        self._extents.sort(key=_offset)
        if not self._extents or (self._shelf.in_memory and self._extents == [_Extent(0, self._begin)]):
            return Blob(self._shelf.read(self._begin, self.size))
        return Blob(_Spool(self.size, self._extents, self._shelf))

    def left_out(self) -> Iterator[Run]:
        """What was not kept."""
        begin = end = 0
        for one, behind in pairwise([*self._extents, _Extent(self.size, 0)]):
            if one.position == _LOST and one.offset == end > 0:
                end = behind.offset
            elif one.position == _LOST:
                if end > begin:
                    yield Run(begin, end - begin, 0, known=False)
                begin, end = one.offset, behind.offset
        if end > begin:
            yield Run(begin, end - begin, 0, known=False)

    def _repeats(self, block: bytes) -> bool:
        """Take a block that repeats itself as an extent of which one turn is kept."""
        if self._open and self._open.period:
            turn = (self.size - self._open.offset) % self._open.period
            if self._turns[turn : turn + len(block)] == block:
                self.size += len(block)
                return True
        step = period(block) if len(block) == _BLOCK else 0
        if not step or self._tail or self.lost or self._shelf.size + step > self._head_stop:
            return False
        self._turns = (block[:step] * (_BLOCK // step + 2))[: _BLOCK + step]
        self._add(_Extent(self.size, self._shelf.size, period=step))
        self._shelf.add(block[:step])
        self.size += len(block)
        return True

    def _keep(self, block: bytes) -> None:
        if self._shelf.size + len(block) <= self._head_stop and not self._tail and not self.lost:
            self._extent(self._shelf.size, -1)
            self._shelf.add(block)
        else:
            self._open = None
            self._tail.append((self.size, block))
            self._tail_bytes += len(block)
            while self._tail_bytes > self._tail_limit:
                offset, dropped = self._tail.popleft()
                self._tail_bytes -= len(dropped)
                self.lost += len(dropped)
                self._extents.append(_Extent(offset, _LOST))
        self.size += len(block)

    def _extent(self, position: int, byte: int) -> None:
        one = self._open
        if (
            one
            and one.byte == byte
            and not one.period
            and (byte >= 0 or one.position + self.size - one.offset == position)
        ):
            return
        self._add(_Extent(self.size, position, byte))

    def _add(self, extent: "_Extent") -> None:
        self._extents.append(extent)
        self._open = extent


@dataclass(frozen=True, slots=True)
class _Extent:
    """A stretch of the child, up to the next extent.

    Attributes:
        offset: in the child.
        position: of its bytes in the spool, or _LOST.
        byte: what all of it is, or -1.
        period: of the bytes in the spool that it repeats, or 0.
    """

    offset: int
    position: int
    byte: int = -1
    period: int = 0


def _offset(extent: _Extent) -> int:
    return extent.offset


class _Spool:
    """The store of a spooled child: content from its shelf, filler made anew, lost stretches as zeros."""

    __slots__ = ("_extents", "_offsets", "_shelf", "size")

    def __init__(self, size: int, extents: list[_Extent], shelf: Shelf) -> None:
        self.size = size
        self._extents = extents
        self._offsets = [one.offset for one in extents]
        self._shelf = shelf

    def read(self, offset: int, length: int) -> bytes:
        out = []
        index = bisect_right(self._offsets, offset) - 1
        while length > 0:
            extent = self._extents[index]
            end = self._offsets[index + 1] if index + 1 < len(self._offsets) else self.size
            part = min(length, end - offset)
            if extent.byte >= 0 or extent.position == _LOST:
                out.append(bytes(part) if extent.byte <= 0 else bytes([extent.byte]) * part)
            elif extent.period:
                turn = (offset - extent.offset) % extent.period
                pattern = self._shelf.read(extent.position, extent.period)
                out.append((pattern * (part // extent.period + 2))[turn : turn + part])
            else:
                out.append(self._shelf.read(extent.position + offset - extent.offset, part))
            offset += part
            length -= part
            index += 1
        return out[0] if len(out) == 1 else b"".join(out)

    def close(self) -> None:
        """Others may be on the same shelf: it goes when nobody holds it any more."""
