"""`Shelf`: where unpacked content is kept, in memory while it is little, else in an anonymous file.

Several children of one container may share a shelf, so that many large ones take one open file.
"""

import os
import tempfile
import threading

from emotriage.model.blob import read_at
from emotriage.model.new_file import write_all

_IN_MEMORY = 4 << 20


class Shelf:
    """Bytes that are only ever added at the end, or taken away there; the file goes when nobody holds the shelf.

    Attributes:
        size: bytes that are on it.
        limit: bytes that there is room for.
    """

    __slots__ = ("_file", "_lock", "_memory", "_scratch", "limit", "size")

    def __init__(self, limit: int, scratch: str | None = None) -> None:
        self.limit = limit
        self.size = 0
        self._scratch = scratch
        self._memory = bytearray()
        self._file = -1
        self._lock = threading.Lock()

    @property
    def room(self) -> int:
        """Bytes that may still be added."""
        return max(self.limit - self.size, 0)

    @property
    def in_memory(self) -> bool:
        """No file was needed so far."""
        return self._file < 0

    def add(self, data: bytes) -> None:
        """Keep bytes behind those that are there; after an error, `cut` makes good what was only half written."""
        if self._file < 0 and self.size + len(data) > _IN_MEMORY:
            self._file = self._moved()
            self._memory = bytearray()
        if self._file < 0:
            self._memory += data
        else:
            write_all(self._file, data)
        self.size += len(data)

    def read(self, position: int, length: int) -> bytes:
        """Bytes of a range that lies on the shelf."""
        if self._file >= 0:
            return read_at(self._file, position, length, self._lock)
        with memoryview(self._memory) as view:
            return bytes(view[position : position + length])

    def cut(self, size: int) -> None:
        """Take away what is behind the first `size` bytes."""
        self.size = size
        if self._file < 0:
            del self._memory[size:]
        elif size:
            os.ftruncate(self._file, size)
            os.lseek(self._file, size, os.SEEK_SET)
        else:
            os.close(self._file)
            self._file = -1

    def _moved(self) -> int:
        """The file, with all in it that was in memory."""
        with tempfile.TemporaryFile(dir=self._scratch) as anonymous:
            write_all(anonymous.fileno(), self._memory)
            return os.dup(anonymous.fileno())

    def __del__(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
