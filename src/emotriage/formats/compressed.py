"""gzip (RFC 1952), bzip2, xz (.xz file format 1.1), Zstandard (RFC 8878) and .lzma files: every stream, in bounds."""

import bz2
import lzma
import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

from emotriage.formats.gzip_header import MAGIC, read_gzip_header
from emotriage.formats.inflate import Decoder
from emotriage.formats.zstandard import SKIPPED, Zstandard
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError, Malformed, Unsupported
from emotriage.model.limits import MIB, Budget
from emotriage.model.padding import is_uniform

CHUNK = 256 << 10
MEASURED = 16 * MIB
"""Content that is unpacked to learn where the streams end."""
_FEEDS = (1 << 10, 64 << 10)
_DICTIONARY = 80 * MIB  # what a decoder with a dictionary of 64 MiB needs: the largest that `xz -9` writes
_STREAMS = 5000
_OPENING = 5000  # work units: decoders allocate
_STEPS = (1 << 10, 1)
_PADDING = 64 << 10
_DAMAGE = (zlib.error, OSError, EOFError, lzma.LZMAError, ValueError, MemoryError)


@dataclass(frozen=True, slots=True)
class _Codec:
    """One format: how a stream begins, what decodes it, and what a byte of content costs."""

    title: str
    magic: bytes
    open: Callable[[], Decoder]
    cost: int


@dataclass(frozen=True, slots=True)
class Compressed:
    """What can be said of a compressed file without keeping its content.

    Attributes:
        name: of the file that was compressed, as the first gzip header has it, or "".
        streams: complete ones that were unpacked to measure it.
        size: bytes that came out of them.
        packed: bytes that they take up.
        end: offset behind the last stream; None where it is damaged or larger than is measured.
    """

    name: str
    streams: int
    size: int
    packed: int
    end: int | None


class _Deflate:
    """A raw deflate stream behind the interface of the other decoders."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(-zlib.MAX_WBITS)

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def needs_input(self) -> bool:
        return not self._stream.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._stream.decompress(self._stream.unconsumed_tail + data, max_length)


_CODECS = (
    _Codec("gzip", MAGIC, _Deflate, 2),
    _Codec("bzip2", b"BZh", bz2.BZ2Decompressor, 12),
    _Codec("xz", b"\xfd7zXZ\0", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_DICTIONARY), 5),
    _Codec("Zstandard", b"\x28\xb5\x2f\xfd", Zstandard, 2),
    _Codec("LZMA", b"", lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_DICTIONARY), 5),
)


def read_compressed(blob: Blob, budget: Budget) -> Compressed:
    """Unpack the first 16 MiB, to learn the name, the ratio, and where the streams end.

    Raises:
        BudgetSpent: even that is more than is left.
    """
    reader = _Reader(blob, budget)
    ended = False
    try:
        for _ in reader.chunks():
            if reader.size > MEASURED or reader.at > MEASURED or reader.streams > _STREAMS:
                break
        else:
            ended = True
    except FormatError:
        pass  # whoever unpacks it is told the same
    return Compressed(reader.name, reader.streams, reader.size, reader.at, reader.end if ended else None)


def unpack(blob: Blob, budget: Budget, *, measured: bool) -> Iterator[bytes]:
    """The content of all streams in a row, in chunks.

    Args:
        blob: the compressed file.
        budget: charged for the work; whoever keeps the content is charged for that.
        measured: somebody knows the end, and looks at what lies behind it.

    Raises:
        Malformed: a stream breaks off, is damaged or has a wrong checksum, or data lies behind the last one that
            nobody looks at; what came before has been yielded.
        Unsupported: it needs a dictionary of more than 64 MiB, or a package that is not installed.
    """
    reader = _Reader(blob, budget)
    yield from reader.chunks()
    if not measured and not _is_blank(blob, reader.end):
        raise Malformed("data behind the last compressed stream was not read")


def _is_blank(blob: Blob, start: int) -> bool:
    return not any(window.strip(b"\0") for _, window in blob.windows(start=start))


class _Reader:
    """Goes through the streams of a blob.

    Attributes:
        name: as in `Compressed`.
        at: offset behind the bytes that were read.
        end: offset behind the last complete stream.
        streams: how many are complete.
        size: bytes that came out.
    """

    def __init__(self, blob: Blob, budget: Budget) -> None:
        self._blob = blob
        self._budget = budget
        head = blob.read(0, 8)
        self._codec = next(one for one in _CODECS if head.startswith(one.magic))
        self.name = ""
        self.at = self.end = self.streams = self.size = 0

    def chunks(self) -> Iterator[bytes]:
        lied = False
        while self.streams == 0 or self._another():
            self._budget.spend(_OPENING)
            if self._codec.title != "gzip":
                yield from self._stream(self.at)
            else:
                header = read_gzip_header(self._blob, self.at, self._budget)
                self.name = self.name or header.name
                lied |= yield from self._checked(header.end)
            self.streams += 1
            self.end = self.at
            yield b""  # a place to stop at: streams may be empty
        if lied:
            raise Malformed("a gzip stream has another checksum or size than its content")

    def _another(self) -> bool:
        """Move on to the next stream, over the zeros that may stand between (xz 2.2, and what gzip skips)."""
        magic = self._codec.magic
        if not magic or self.at >= self._blob.size:
            return False
        if self._blob.read(self.at, len(magic)) == magic:
            return True
        if self._codec.title == "Zstandard" and (head := self._blob.read(self.at, 8))[1:4] == SKIPPED:
            behind = self.at + 8 + int.from_bytes(head[4:8].ljust(4, b"\0"), "little")
            if head[0] & 0xF0 == 0x50 and self._blob.read(behind, len(magic)) == magic:
                self.at = behind
                return True
        gap = self._blob.read(self.at, _PADDING)
        begin = len(gap) - len(gap.lstrip(b"\0"))
        if begin and self._blob.read(self.at + begin, len(magic)) == magic:
            self.at += begin
            return True
        return False

    def _checked(self, start: int) -> Generator[bytes, None, bool]:
        crc = size = 0
        for chunk in self._stream(start):
            crc = zlib.crc32(chunk, crc)
            size += len(chunk)
            yield chunk
        trailer = self._blob.read(self.at, 8)
        self.at += len(trailer)
        if len(trailer) < 8:
            raise Malformed("a gzip stream breaks off")
        return trailer != crc.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")

    def _stream(self, start: int) -> Iterator[bytes]:
        done = 0
        try:
            for chunk in self._decoded(start, CHUNK):
                done += len(chunk)
                self.size += len(chunk)
                yield chunk
        except _DAMAGE as error:
            if done <= MEASURED:
                yield from self._salvaged(start, done)
            if "limit" in str(error).lower():
                raise Unsupported("a compressed stream that needs a dictionary of more than 64 MiB") from error
            raise Malformed(f"the {self._codec.title} stream is damaged") from error

    def _salvaged(self, start: int, done: int) -> Iterator[bytes]:
        """What comes out before the damage: decoders keep nothing of a call that fails, so calls ask for less."""
        for step in _STEPS:
            skip = done
            try:
                for chunk in self._decoded(start, step, skip):
                    done += len(chunk)
                    self.size += len(chunk)
                    yield chunk
            except _DAMAGE:
                continue

    def _decoded(self, start: int, most: int, skip: int = 0) -> Iterator[bytes]:
        """Decode one stream; content before `skip` is decoded in large chunks and left out."""
        decoder = self._codec.open()
        at, step = start, _FEEDS[0]  # small at first: what is behind the end of a tiny stream is copied
        while not decoder.eof:
            feed, hungry = b"", decoder.needs_input  # one that is not may still have nothing to give
            if hungry:
                feed = self._blob.read(at, step)
                at, step = at + len(feed), min(4 * step, _FEEDS[1])
                self._budget.spend(len(feed))
            chunk = decoder.decompress(feed, min(CHUNK, skip) or most)
            self.at = at - len(decoder.unused_data)
            if chunk:
                self._budget.spend(len(chunk) * (1 if is_uniform(chunk) else self._codec.cost))
                if not skip:
                    yield chunk
                skip -= min(skip, len(chunk))
            elif hungry and not feed and not decoder.eof:
                raise Malformed(f"the {self._codec.title} stream breaks off")
