"""What was unpacked and recovered, on its way from the walk to whoever keeps it; an isolated scan uses a pipe.

A message is one byte that says what it is, and what belongs to it: ``B`` artifact number, ``T`` artifact number, length
and JSON of what a recovered text is called, ``D`` length and bytes, ``R`` length and value of a uniform run (it costs
nothing on the way), ``E`` end of the artifact or text. Numbers are big-endian.
"""

import contextlib
import io
import json
import os
import select
import struct
import threading
from collections.abc import Iterator
from typing import Any, Protocol

from emotriage.model.blob import Blob
from emotriage.model.new_file import write_all
from emotriage.model.step import Recovered

_NUMBER, _DATA, _RUN, _TEXT = struct.Struct(">Q"), struct.Struct(">I"), struct.Struct(">QB"), struct.Struct(">QI")
_NAME_CAP = 1024
"""Characters of a recovered text's name."""
PIECE = 1 << 18
"""Bytes of a message at most."""
_POLL = 0.1


class Sink(Protocol):
    """Takes artifacts, one after another, and never raises: what goes wrong is the sink's own business."""

    def begin(self, artifact: int) -> None:
        """The bytes of this artifact follow."""

    def begin_text(self, artifact: int, name: str, language: str) -> None:
        """The UTF-8 of a text that was recovered from this artifact follows."""

    def data(self, piece: bytes) -> None:
        """The next bytes."""

    def run(self, length: int, byte: int) -> None:
        """The next bytes, all the same."""

    def end(self) -> None:
        """These were all of them."""


class Keeper:
    """What the walk hands artifacts and texts to: each content once."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._seen: set[str] = set()

    def artifact(self, number: int, blob: Blob, sha256: str | None) -> None:
        """Hand an artifact on; nothing of it is charged, for the scan has streamed it once already."""
        if sha256 is not None and sha256 in self._seen:
            return
        self._sink.begin(number)
        with contextlib.suppress(OSError):  # an input that vanished: what came is not whole, and its hash says so
            at = 0
            for hole in blob.holes:
                self._pieces(blob, at, hole.offset)
                self._sink.run(hole.length, hole.byte)
                at = hole.end
            self._pieces(blob, at, blob.size)
        self._sink.end()
        if sha256 is not None:
            self._seen.add(sha256)

    def text(self, number: int, text: Recovered) -> None:
        """Hand a recovered text on."""
        self._sink.begin_text(number, text.name[:_NAME_CAP], text.language)
        for at in range(0, len(text.text), PIECE // 4):
            self._sink.data(text.text[at : at + PIECE // 4].encode("utf-8", "surrogatepass"))
        self._sink.end()

    def _pieces(self, blob: Blob, start: int, stop: int) -> None:
        for _, window in blob.windows(PIECE, start=start, stop=stop, holes=True):
            self._sink.data(window)


class Pipe:
    """A sink at the near end of a pipe; when nobody reads any more, nothing is written any more."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._broken = False

    def begin(self, artifact: int) -> None:
        """See `Sink`."""
        self._send(b"B" + _NUMBER.pack(artifact))

    def begin_text(self, artifact: int, name: str, language: str) -> None:
        """See `Sink`."""
        title = json.dumps([name, language]).encode()
        self._send(b"T" + _TEXT.pack(artifact, len(title)) + title)

    def data(self, piece: bytes) -> None:
        """See `Sink`."""
        self._send(b"D" + _DATA.pack(len(piece)))
        self._send(piece)

    def run(self, length: int, byte: int) -> None:
        """See `Sink`."""
        self._send(b"R" + _RUN.pack(length, byte))

    def end(self) -> None:
        """See `Sink`."""
        self._send(b"E")

    def close(self) -> None:
        """Say that nothing more comes."""
        os.close(self._descriptor)

    def _send(self, message: bytes) -> None:
        if not self._broken:
            try:
                write_all(self._descriptor, message)
            except OSError:
                self._broken = True


@contextlib.contextmanager
def drained(sink: Sink) -> Iterator[int]:
    """The near end of a pipe. A thread reads the other end into the sink; the block ends when it has read all."""
    far, near = os.pipe()
    ended = threading.Event()
    thread = threading.Thread(target=_drain, args=(_Far(far, ended), sink), name="emotriage-drain", daemon=True)
    thread.start()
    try:
        yield near
    finally:
        ended.set()
        os.close(near)
        thread.join()


class _Far(io.RawIOBase):
    """The far end. It is over when the block has ended and nothing is left, though a forked copy holds the near end."""

    def __init__(self, descriptor: int, ended: threading.Event) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._ended = ended

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  collections.abc.Buffer is of Python 3.12
        while True:
            ended = self._ended.is_set()  # asked first: what was written before is then there
            try:
                return os.readv(self._descriptor, [buffer])
            except BlockingIOError:
                if ended:
                    return 0
                select.select([self._descriptor], [], [], _POLL)

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()


def _drain(far: _Far, sink: Sink) -> None:
    """Read to the end.

    Who writes may have fallen to what it was looking at: what is no message is the last of what is listened to, and the
    pipe is emptied nevertheless, so that nobody waits for its other end.
    """
    with io.BufferedReader(far, PIECE) as pipe, contextlib.suppress(OSError):
        with contextlib.suppress(struct.error, ValueError, RecursionError):
            while _message(pipe, sink):
                pass
        while pipe.read(PIECE):
            pass


def _message(pipe: "io.BufferedReader[Any]", sink: Sink) -> bool:
    """Pass on one message; false at the end, or at something else.

    Raises:
        struct.error, ValueError, RecursionError: the message is cut off, or is none.
    """
    kind = pipe.read(1)
    if kind == b"B":
        sink.begin(*_NUMBER.unpack(pipe.read(_NUMBER.size)))
    elif kind == b"T":
        number, length = _TEXT.unpack(pipe.read(_TEXT.size))
        name, language = json.loads(pipe.read(min(length, PIECE)))
        if not isinstance(name, str) or not isinstance(language, str):
            return False
        sink.begin_text(number, name[:_NAME_CAP], language[:_NAME_CAP])
    elif kind == b"D":
        (length,) = _DATA.unpack(pipe.read(_DATA.size))
        piece = pipe.read(min(length, PIECE))
        if len(piece) != length:
            return False
        sink.data(piece)
    elif kind == b"R":
        sink.run(*_RUN.unpack(pipe.read(_RUN.size)))
    elif kind == b"E":
        sink.end()
    else:
        return False
    return True
