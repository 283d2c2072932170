"""Bounded decompression of one ZIP member: output in small chunks, whatever the ratio (APPNOTE.TXT 4.4.5, RFC 1951)."""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

from emotriage.formats.deflate64 import inflate64
from emotriage.formats.zstandard import Zstandard
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed, Unsupported
from emotriage.model.limits import Budget

STORED, DEFLATED, DEFLATE64, BZIP2, LZMA, ZSTANDARD, XZ = 0, 8, 9, 12, 14, 93, 95

CHUNK = 256 << 10
_FEED = 64 << 10
_STEPS = (16 << 10, 1 << 10, 64, 1)
_LZMA_DICTIONARY = 64 << 20
_XZ_MEMORY = 80 << 20  # what a decoder with such a dictionary needs

Note = Callable[[Anomaly], None]


class Decoder(Protocol):
    """What bz2 and lzma decompressors have in common."""

    @property
    def eof(self) -> bool:
        """The stream has ended."""

    @property
    def needs_input(self) -> bool:
        """Nothing more comes out before something goes in."""

    @property
    def unused_data(self) -> bytes:
        """What stood behind the stream's end."""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """What comes out, at most so many bytes."""


def unpack(
    packed: Blob, size: int, method: int, budget: Budget, note: Note, *, chunk_size: int = CHUNK
) -> Iterator[bytes]:
    """The content of one member, in chunks.

    Args:
        packed: the member's compressed bytes, as far as they are there.
        size: how many there should be.
        method: compression method, as in the headers.
        budget: charged for the packed bytes; whoever keeps the content is charged for that.
        note: told of a stream that ends before its packed bytes do.
        chunk_size: most bytes of one chunk.

    Raises:
        Malformed: the compressed stream breaks off or contradicts its format; what came out before has been yielded.
        Unsupported: another method, a dictionary larger than 64 MiB, or a package that is not installed.
    """
    if method == STORED:
        for _, window in packed.windows(chunk_size, holes=True):
            yield window
        if packed.size < size:
            raise Malformed("a stored ZIP member is cut off")
    elif method == DEFLATED:
        yield from _inflate(packed, budget, note, chunk_size=chunk_size)
    elif method == BZIP2:
        yield from _decode(packed, 0, bz2.BZ2Decompressor(), budget, note, chunk_size=chunk_size)
    elif method == DEFLATE64:
        yield from inflate64(_fed(packed, budget), budget)
    elif method == ZSTANDARD:
        yield from _decode(packed, 0, Zstandard(joined=True), budget, note, chunk_size=chunk_size)
    elif method == XZ:
        decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
        yield from _decode(packed, 0, decoder, budget, note, chunk_size=chunk_size)
    elif method == LZMA:
        start, decoder = _lzma(packed)
        yield from _decode(packed, start, decoder, budget, note, chunk_size=chunk_size)
    else:
        raise Unsupported(f"ZIP compression method {method}")


def _fed(packed: Blob, budget: Budget) -> Iterator[bytes]:
    for _, window in packed.windows(_FEED, holes=True):
        budget.spend(len(window))
        yield window


def deflated_length(packed: Blob, budget: Budget) -> int:
    """How many bytes the raw deflate stream at the start of `packed` takes up.

    Raises:
        Malformed: it breaks off, or is none.
    """
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    at, feed = 0, b""
    try:
        while not stream.eof:
            if not feed:
                feed = packed.read(at, _FEED)
                at += len(feed)
                if not feed:
                    raise Malformed("a deflate stream breaks off")
            budget.spend(len(feed) + len(stream.decompress(feed, CHUNK)))
            feed = stream.unconsumed_tail
    except zlib.error as error:
        raise Malformed("a deflate stream is damaged") from error
    return at - len(stream.unused_data) - len(feed)


def _inflate(packed: Blob, budget: Budget, note: Note, *, chunk_size: int) -> Iterator[bytes]:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    at, feed = 0, b""
    while not stream.eof:
        if not feed:
            feed = packed.read(at, _FEED)
            at += len(feed)
            budget.spend(len(feed))
        final = not feed
        before = stream.copy()
        try:
            chunk = stream.decompress(feed, chunk_size)
        except zlib.error as error:
            yield from _salvage(before, feed)
            raise Malformed("a deflate stream is damaged") from error
        feed = stream.unconsumed_tail
        if chunk:
            yield chunk
        elif final and not stream.eof:
            raise Malformed("a deflate stream breaks off")
    if stream.unused_data or at < packed.size:
        note(Anomaly("packed-slack", offset=at - len(stream.unused_data)))


def _salvage(stream: "zlib._Decompress", feed: bytes) -> Iterator[bytes]:
    """What comes out before the damage: zlib keeps nothing of a call that fails, so the steps get smaller."""
    for step in _STEPS:
        while True:
            attempt = stream.copy()
            try:
                chunk = attempt.decompress(feed, step)
            except zlib.error:
                break
            if not chunk:
                return
            yield chunk
            stream, feed = attempt, attempt.unconsumed_tail


def _decode(packed: Blob, at: int, decoder: Decoder, budget: Budget, note: Note, *, chunk_size: int) -> Iterator[bytes]:
    while not decoder.eof:
        feed = packed.read(at, _FEED) if decoder.needs_input else b""
        if decoder.needs_input and not feed:
            if isinstance(decoder, lzma.LZMADecompressor) or (isinstance(decoder, Zstandard) and decoder.between):
                return  # without an end mark the stream ends with the member; the size in the headers tells
            raise Malformed("a compressed stream breaks off")
        at += len(feed)
        budget.spend(len(feed))
        try:
            chunk = decoder.decompress(feed, chunk_size)
        except (OSError, EOFError, ValueError, lzma.LZMAError, MemoryError) as error:
            if "limit" in str(error).lower():
                raise Unsupported("a dictionary larger than 64 MiB") from error
            raise Malformed("a compressed stream is damaged") from error
        if chunk:
            yield chunk
    if decoder.unused_data or at < packed.size:
        note(Anomaly("packed-slack", offset=at - len(decoder.unused_data)))


def _lzma(packed: Blob) -> tuple[int, lzma.LZMADecompressor]:
    """APPNOTE.TXT 5.8.8: version, size of the properties, then lc/lp/pb and the dictionary size."""
    head = packed.read(0, 9)
    if len(head) < 9 or int.from_bytes(head[2:4], "little") != 5:
        raise Malformed("a ZIP LZMA header is damaged")
    rest, lc = divmod(head[4], 9)
    pb, lp = divmod(rest, 5)
    dictionary = int.from_bytes(head[5:9], "little")
    if dictionary > _LZMA_DICTIONARY:
        raise Unsupported("an LZMA dictionary larger than 64 MiB")
    try:
        spec = {"id": lzma.FILTER_LZMA1, "dict_size": max(dictionary, 4096), "lc": lc, "lp": lp, "pb": pb}
        return 9, lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[spec])
    except (lzma.LZMAError, ValueError, OverflowError) as error:
        raise Malformed("a ZIP LZMA header is damaged") from error
