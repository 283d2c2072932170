"""Unpacked children on disk: everything but their uniform runs, in an anonymous file with an extent map.

A 520 MB document of zeros costs its few hundred kilobytes of content. A child with more content than the limit keeps
its head and its tail; what lies between is marked as lost, and that is a gap.
"""

import hashlib
import os
import tempfile
import threading
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from emotriage.model.blob import Blob, read_at
from emotriage.model.errors import FormatError
from emotriage.model.limits import Budget
from emotriage.model.padding import Run, RunFinder, is_uniform

_BLOCK = 64 << 10
_IN_MEMORY = 4 << 20
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


def spool(chunks: Iterable[bytes], budget: Budget, scratch: str | None = None) -> Spooled:
    """Read a child to its end, once: hash it, find its uniform runs, keep the rest.

    Args:
        chunks: the child's bytes, in pieces of any size.
        budget: charged for every byte as expanded.
        scratch: folder for the anonymous file; None is the system's.

    Raises:
        BudgetSpent: the child is larger than this scan may unpack.
        FormatError: not a single byte of it could be unpacked.
    """
    sha256, runs, failure = hashlib.sha256(), RunFinder(), None
    writer = _Writer(budget.limits.spooled_bytes, scratch)
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
        writer.close()
        raise
    blob.holes = runs.finish()
    return Spooled(blob, sha256.hexdigest(), writer.lost, failure)


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
    """Collects blocks; uniform ones become extents without bytes."""

    def __init__(self, limit: int, scratch: str | None) -> None:
        self.lost = 0
        self._limit = limit
        self._head_limit = max(limit - _TAIL, limit // 2)
        self._scratch = scratch
        self._memory = bytearray()
        self._file = -1
        self._kept = 0
        self.size = 0
        self._extents: list[
            tuple[int, int, int]
        ] = []  # offset in the child, position in the spool or _LOST, fill byte or -1
        self._tail: deque[tuple[int, bytes]] = deque()
        self._tail_bytes = 0

    def add(self, chunk: bytes) -> None:
        if self._extents and self._extents[-1][2] >= 0 and is_uniform(chunk) and chunk[0] == self._extents[-1][2]:
            self.size += len(chunk)
            return
        for begin in range(0, len(chunk), _BLOCK):
            block = chunk[begin : begin + _BLOCK]
            if len(block) >= 4096 and is_uniform(block):
                self._extent(0, block[0])
                self.size += len(block)
            else:
                self._keep(block)

    def finish(self) -> Blob:
        while self._tail:
            offset, block = self._tail.popleft()
            self._extents.append((offset, self._kept, -1))
            self._write(block)
        self._extents.sort()
        if not self._extents or (self._file < 0 and len(self._extents) == 1 and self._extents[0] == (0, 0, -1)):
            return Blob(bytes(self._memory))
        return Blob(_Spool(self.size, self._extents, bytes(self._memory), self._file))

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _keep(self, block: bytes) -> None:
        if self._kept + len(block) <= self._head_limit and not self._tail and not self.lost:
            self._extent(self._kept, -1)
            self._write(block)
        else:
            self._tail.append((self.size, block))
            self._tail_bytes += len(block)
            while self._tail_bytes > self._limit - self._head_limit:
                offset, dropped = self._tail.popleft()
                self._tail_bytes -= len(dropped)
                self.lost += len(dropped)
                self._extents.append((offset, _LOST, -1))
        self.size += len(block)

    def _extent(self, position: int, byte: int) -> None:
        last = self._extents[-1] if self._extents else None
        if last and last[2] == byte and (byte >= 0 or (last[1] != _LOST and self._run_on(last, position))):
            return
        self._extents.append((self.size, position, byte))

    def _run_on(self, last: tuple[int, int, int], position: int) -> bool:
        return last[1] + (self.size - last[0]) == position

    def _write(self, block: bytes) -> None:
        self._kept += len(block)
        if self._file < 0 and self._kept <= _IN_MEMORY:
            self._memory += block
            return
        if self._file < 0:
            with tempfile.TemporaryFile(dir=self._scratch) as anonymous:
                self._file = os.dup(anonymous.fileno())
            _write_all(self._file, self._memory)
            self._memory = bytearray()
        _write_all(self._file, block)


def _write_all(descriptor: int, data: bytes | bytearray) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


class _Spool:
    """The store of a spooled child: content from memory or file, runs made anew, lost stretches as zeros."""

    __slots__ = ("_extents", "_file", "_lock", "_memory", "_offsets", "size")

    def __init__(self, size: int, extents: list[tuple[int, int, int]], memory: bytes, file: int) -> None:
        self.size = size
        self._extents = extents
        self._offsets = [one[0] for one in extents]
        self._memory = memory
        self._file = file
        self._lock = threading.Lock()

    def read(self, offset: int, length: int) -> bytes:
        out = []
        index = bisect_right(self._offsets, offset) - 1
        while length > 0:
            begin, position, byte = self._extents[index]
            end = self._offsets[index + 1] if index + 1 < len(self._offsets) else self.size
            part = min(length, end - offset)
            if byte >= 0 or position == _LOST:
                out.append(bytes(part) if byte <= 0 else bytes([byte]) * part)
            elif self._file >= 0:
                out.append(read_at(self._file, position + offset - begin, part, self._lock))
            else:
                low = position + offset - begin
                out.append(self._memory[low : low + part])
            offset += part
            length -= part
            index += 1
        return out[0] if len(out) == 1 else b"".join(out)

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __del__(self) -> None:
        self.close()
