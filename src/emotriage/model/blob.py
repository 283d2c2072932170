"""A `Blob` is bytes one looks at through windows, however many there are.

What is behind it (memory, an open file, an unpacked child on disk with its uniform runs left out, a list of pieces of
another blob) shows only in how little it costs.
"""

import os
import threading
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from emotriage.model.padding import Run

WINDOW = 1 << 20
_HOLE_EDGE = 4096


class Store(Protocol):
    """Where a blob's bytes are."""

    @property
    def size(self) -> int:
        """Number of bytes."""

    def read(self, offset: int, length: int) -> bytes:
        """Bytes of a range that lies inside the store."""

    def close(self) -> None:
        """Give back what the store holds."""


class Blob:
    """Random access to bytes, in windows.

    Attributes:
        size: number of bytes.
        holes: uniform runs of 64 KiB or more, once they are known, and what a limit left out (the walk sets them).
    """

    __slots__ = ("_store", "holes", "size")

    def __init__(self, data: "bytes | bytearray | memoryview | Store") -> None:
        self._store: Store = _Memory(bytes(data)) if isinstance(data, bytes | bytearray | memoryview) else data
        self.size: int = self._store.size
        self.holes: tuple[Run, ...] = ()

    @classmethod
    def open(cls, file: int | str | os.PathLike[str]) -> "Blob":
        """A regular file by path, or by a descriptor which the blob then owns.

        Raises:
            OSError: no such file, or no regular one.
        """
        descriptor = file if isinstance(file, int) else os.open(file, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        return cls(_File(descriptor, os.fstat(descriptor).st_size))

    @property
    def descriptor(self) -> int | None:
        """Of the open file that holds these bytes and no others, where there is one."""
        return self._store.descriptor if isinstance(self._store, _File) else None

    def __len__(self) -> int:
        return self.size

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """Bytes from `offset`, at most `length`; what lies outside the blob is simply not there."""
        offset = max(offset, 0)
        length = self.size - offset if length is None else min(length, self.size - offset)
        return self._store.read(offset, length) if length > 0 else b""

    def windows(
        self, size: int = WINDOW, overlap: int = 0, start: int = 0, stop: int | None = None, *, holes: bool = False
    ) -> Iterator[tuple[int, bytes]]:
        """(offset, bytes) over the blob; each window begins `overlap` bytes before the last one ended.

        The inside of known uniform runs is left out, but for 4 KiB at either edge, unless `holes` is true.
        """
        stop = self.size if stop is None else min(stop, self.size)
        for begin, end in self._spans(max(start, 0), stop, holes=holes):
            at = begin
            while at < end:
                yield at, self.read(at, min(size, end - at))
                if at + size >= end:
                    break
                at += max(size - overlap, 1)

    def find(self, needle: bytes, start: int = 0, stop: int | None = None) -> int:
        """Offset of the first occurrence outside the inside of uniform runs, or -1."""
        for at, window in self.windows(overlap=len(needle) - 1, start=start, stop=stop):
            if (found := window.find(needle)) >= 0:
                return at + found
        return -1

    def rfind(self, needle: bytes, start: int = 0, stop: int | None = None) -> int:
        """Offset of the last occurrence outside the inside of uniform runs, or -1."""
        stop = self.size if stop is None else min(stop, self.size)
        for begin, end in reversed(list(self._spans(max(start, 0), stop, holes=False))):
            at = end
            while at > begin:
                low = max(begin, at - WINDOW)
                window = self.read(low, min(at + len(needle) - 1, end) - low)
                if (found := window.rfind(needle)) >= 0:
                    return low + found
                at = low
        return -1

    def visible(self, start: int = 0, stop: int | None = None) -> int:
        """How many bytes of a range `windows` shows: what searching it costs."""
        stop = self.size if stop is None else min(stop, self.size)
        return sum(end - begin for begin, end in self._spans(max(start, 0), stop, holes=False))

    def slice(self, offset: int, length: int | None = None) -> "Blob":
        """A part of this blob as a blob of its own; nothing is copied."""
        offset = min(max(offset, 0), self.size)
        length = self.size - offset if length is None else max(0, min(length, self.size - offset))
        return self.join([(offset, length)])

    def join(self, pieces: Sequence[tuple[int, int]]) -> "Blob":
        """(offset, length) pieces of this blob, one after another, as a blob of its own; nothing is copied."""
        return Blob(_Pieces(self, pieces))

    def close(self) -> None:
        """Give back the file behind the blob, if there is one."""
        self._store.close()

    def _spans(self, start: int, stop: int, *, holes: bool) -> Iterator[tuple[int, int]]:
        for hole in () if holes else self.holes:
            low, high = hole.offset + _HOLE_EDGE, hole.end - _HOLE_EDGE
            if high <= start or low >= stop:
                continue
            if low > start:
                yield start, low
            start = max(start, high)
        if start < stop:
            yield start, stop


class _Memory:
    __slots__ = ("_data", "size")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)

    def read(self, offset: int, length: int) -> bytes:
        return self._data[offset : offset + length]

    def close(self) -> None:
        pass


class _File:
    __slots__ = ("_lock", "descriptor", "size")

    def __init__(self, descriptor: int, size: int) -> None:
        self.descriptor = descriptor
        self._lock = threading.Lock()
        self.size = size

    def read(self, offset: int, length: int) -> bytes:
        return read_at(self.descriptor, offset, length, self._lock)

    def close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def __del__(self) -> None:
        self.close()


def read_at(descriptor: int, offset: int, length: int, lock: threading.Lock) -> bytes:
    """Read a range of an open file without moving anybody else's position, where the platform can."""
    if not hasattr(os, "pread"):  # Windows
        with lock:
            os.lseek(descriptor, offset, os.SEEK_SET)
            return os.read(descriptor, length)
    pieces = []
    while length > 0:
        piece = os.pread(descriptor, length, offset)
        if not piece:
            break
        pieces.append(piece)
        offset += len(piece)
        length -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


class _Pieces:
    __slots__ = ("_blob", "_ends", "_pieces", "size")

    def __init__(self, blob: Blob, pieces: Iterable[tuple[int, int]]) -> None:
        self._blob = blob
        self._pieces: list[tuple[int, int]] = []
        self._ends: list[int] = []
        end = 0
        for offset, length in pieces:
            if self._pieces and sum(self._pieces[-1]) == offset:
                self._pieces[-1] = (self._pieces[-1][0], self._pieces[-1][1] + length)
                end = self._ends[-1] = end + length
            elif length > 0:
                self._pieces.append((offset, length))
                end += length
                self._ends.append(end)
        self.size = end

    def read(self, offset: int, length: int) -> bytes:
        out = []
        index = bisect_right(self._ends, offset)
        while length > 0 and index < len(self._pieces):
            begin, size = self._pieces[index]
            skip = offset - (self._ends[index] - size)
            part = self._blob.read(begin + skip, min(length, size - skip))
            part += bytes(min(length, size - skip) - len(part))  # a piece past the parent's end reads as zeros
            out.append(part)
            offset += len(part)
            length -= len(part)
            index += 1
        return out[0] if len(out) == 1 else b"".join(out)

    def close(self) -> None:
        pass
