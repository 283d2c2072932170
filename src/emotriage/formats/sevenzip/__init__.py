"""7z archives, from 7zFormat.txt of the LZMA SDK: what they list, and the streams that hold one file after another."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from emotriage.formats.sevenzip import header
from emotriage.formats.sevenzip.coders import Keys, decoded, is_encrypted
from emotriage.model.blob import Blob
from emotriage.model.errors import Encrypted, FormatError, Malformed
from emotriage.model.limits import MIB, Budget

MAGIC = b"7z\xbc\xaf\x27\x1c"
_START = 32
_HEADER_LIMIT = 32 * MIB
_LAYERS = 4


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive.

    Attributes:
        name: as the archive gives it.
        folder: it is a folder, without content.
        block: number of the stream it lies in, or -1 where it is empty.
        offset: of its content in that stream.
        size: bytes.
        crc: of its content, where it is given.
        attributes: of Windows, in the lower half; a Unix mode may stand in the upper one.
    """

    name: str
    folder: bool
    block: int
    offset: int
    size: int
    crc: int | None
    attributes: int


@dataclass(frozen=True, slots=True)
class SevenZip:
    """An archive.

    Attributes:
        blob: the archive.
        members: in order.
        streams: what they are packed in.
        end: offset behind the header.
    """

    blob: Blob
    members: tuple[Member, ...]
    streams: header.Streams
    end: int

    def is_encrypted(self, block: int) -> bool:
        """Does a stream need a password?"""
        return is_encrypted(self.streams.folders[block])

    def unpack(self, block: int, budget: Budget, keys: Keys | None = None) -> Iterator[bytes]:
        """A stream in chunks; the files in it are checked as they come.

        Raises:
            Encrypted: it needs a password.
            Malformed: it breaks off, or a checksum is another one.
            Unsupported: a method that is not read.
        """
        chunks = decoded(self.streams.folders[block], self._packed(block), budget, keys)
        yield from _checked(chunks, self.streams.parts[block])

    def _packed(self, block: int) -> list[Blob]:
        before = sum(len(one.packed) for one in self.streams.folders[:block])
        sizes = self.streams.packed
        at = _START + self.streams.begin + sum(sizes[:before])
        found = []
        for size in sizes[before : before + len(self.streams.folders[block].packed)]:
            if at + size > self.blob.size:
                raise Malformed("7z stream behind the end of the archive")
            found.append(self.blob.slice(at, size))
            at += size
        return found


def read_sevenzip(blob: Blob, budget: Budget, keys: Keys | None = None) -> SevenZip:
    """List an archive.

    Args:
        blob: the archive.
        budget: charged for its header.
        keys: a password, for names that are encrypted.

    Raises:
        Encrypted: the names need a password.
        Malformed, Unsupported: the header can't be read.
    """
    start = blob.read(0, _START)
    if start[:6] != MAGIC or len(start) < _START:
        raise Malformed("no 7z header")
    header.checked(start[12:32], int.from_bytes(start[8:12], "little"))
    offset, size, crc = (int.from_bytes(start[begin:end], "little") for begin, end in ((12, 20), (20, 28), (28, 32)))
    if size > _HEADER_LIMIT or _START + offset + size > blob.size:
        raise Malformed("7z header behind the end of the archive")
    budget.spend(size)
    raw = header.checked(blob.read(_START + offset, size), crc)
    end = _START + offset + size
    for _ in range(_LAYERS):
        reader = header.Reader(raw, budget)
        kind = reader.number() if raw else header.END
        if kind != header.ENCODED:
            break
        packed = SevenZip(blob, (), header.read_streams(reader), end)
        if not packed.streams.folders or packed.streams.folders[0].size > _HEADER_LIMIT:
            raise Malformed("7z header")
        budget.expand(packed.streams.folders[0].size)
        raw = b"".join(packed.unpack(0, budget, keys))
    return _listed(blob, raw, budget, end)


def _listed(blob: Blob, raw: bytes, budget: Budget, end: int) -> SevenZip:
    reader = header.Reader(raw, budget)
    if not raw:
        return SevenZip(blob, (), header.Streams(), end)
    if reader.number() != header.HEADER:
        raise Malformed("7z header")
    streams, files = header.Streams(), list[header.Listed]()
    while (kind := reader.number()) != header.END:
        if kind == header.STREAMS:
            streams = header.read_streams(reader)
        elif kind == header.FILES:
            files = list(header.read_files(reader))
        else:
            raise Malformed("7z header")
    places = ((block, *part) for block, parts in enumerate(_placed(streams)) for part in parts)
    members = []
    for one in files:
        block, offset, size, crc = next(places, (-1, 0, 0, None)) if one.stream else (-1, 0, 0, None)
        members.append(Member(one.name, one.folder, block, offset, size, crc, one.attributes))
    return SevenZip(blob, tuple(members), streams, end)


def _placed(streams: header.Streams) -> Iterator[list[tuple[int, int, int | None]]]:
    for parts in streams.parts:
        at, placed = 0, []
        for size, crc in parts:
            placed.append((at, size, crc))
            at += size
        yield placed


def _checked(chunks: Iterator[bytes], parts: list[tuple[int, int | None]]) -> Iterator[bytes]:
    """The chunks, while the checksum of each file is compared as it ends."""
    turns = iter(parts)
    left, wanted = next(turns, (0, None))
    crc = 0
    for chunk in chunks:
        at = 0
        while at < len(chunk):
            while not left:
                _compare(crc, wanted)
                left, wanted = next(turns, (len(chunk), None))
                crc = 0
            piece = chunk[at : at + left]
            crc = zlib.crc32(piece, crc)
            left -= len(piece)
            at += len(piece)
        yield chunk
    if left:
        raise Malformed("7z stream breaks off")
    _compare(crc, wanted)


def _compare(crc: int, wanted: int | None) -> None:
    if wanted is not None and crc != wanted:
        raise Malformed("7z checksum of a file")


def opens(archive: Blob, keys: Keys, budget: Budget) -> SevenZip | None:
    """The archive whose names a password opens, or None."""
    try:
        return read_sevenzip(archive, budget, keys)
    except (Encrypted, FormatError):
        return None
