"""The header of a 7z archive, from 7zFormat.txt of the LZMA SDK: which packed streams make which files.

Everything lies in one header of bounded size; numbers in it that lead out of it make it `Malformed`.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from emotriage.model.errors import Malformed, Unsupported
from emotriage.model.limits import RECORD, Budget

END, HEADER, STREAMS, FILES, PACK, UNPACK, SUBSTREAMS, SIZES, CRCS, FOLDERS, CODER_SIZES, COUNTS = (
    0, 1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
)  # fmt: skip
EMPTY_STREAM, EMPTY_FILE, ANTI, NAMES, ATTRIBUTES, ENCODED = 14, 15, 16, 17, 21, 23
_CODERS, _STREAMS_EACH = 32, 32


@dataclass(frozen=True, slots=True)
class Coder:
    """One step of unpacking: its method id, how many streams go in, and its properties."""

    method: bytes
    inputs: int
    properties: bytes


@dataclass(frozen=True, slots=True)
class Folder:
    """Coders that together make one stream, which holds one file after another.

    Attributes:
        coders: in the order of the header; the last step to run is the one whose output nobody takes.
        bonds: (input, output) of coders that are joined.
        packed: inputs that come from the archive, in order.
        sizes: bytes that each coder puts out.
        crc: of the whole stream, where it is given.
    """

    coders: tuple[Coder, ...]
    bonds: tuple[tuple[int, int], ...]
    packed: tuple[int, ...]
    sizes: tuple[int, ...] = ()
    crc: int | None = None

    @property
    def main(self) -> int:
        """The coder whose output is the stream."""
        taken = {output for _, output in self.bonds}
        return next((index for index in range(len(self.coders)) if index not in taken), 0)

    @property
    def size(self) -> int:
        """Bytes of the stream."""
        return self.sizes[self.main] if self.sizes else 0


@dataclass(slots=True)
class Streams:
    """What is packed, and how.

    Attributes:
        begin: offset of the first packed stream, behind the archive's first 32 bytes.
        packed: bytes of each.
        folders: in order.
        parts: for each folder, (size, CRC or None) of the files in it.
    """

    begin: int = 0
    packed: list[int] = field(default_factory=list)
    folders: list[Folder] = field(default_factory=list)
    parts: list[list[tuple[int, int | None]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Listed:
    """One file as the header lists it; `stream` is false for folders and empty files."""

    name: str
    stream: bool
    folder: bool
    attributes: int


class Reader:
    """The bytes of a header, one field after another."""

    def __init__(self, raw: bytes, budget: Budget) -> None:
        self._raw = raw
        self._at = 0
        self._budget = budget

    def take(self, length: int) -> bytes:
        """The next bytes.

        Raises:
            Malformed: there are not so many.
        """
        self._budget.spend(RECORD // 8)
        if length < 0 or self._at + length > len(self._raw):
            raise Malformed("7z header ends too early")
        self._at += length
        return self._raw[self._at - length : self._at]

    def number(self) -> int:
        """A number of one to nine bytes: the first one's leading bits say how many follow."""
        first = self.take(1)[0]
        width = 0
        while width < 8 and first & 0x80 >> width:
            width += 1
        low = int.from_bytes(self.take(width), "little")
        return low if width == 8 else low | (first & (0x7F >> width)) << 8 * width

    def count(self) -> int:
        """A number of things that are listed here, so no more than there are bytes left."""
        value = self.number()
        if value > 8 * len(self._raw):
            raise Malformed("7z header counts more than it holds")
        return value

    def bits(self, count: int) -> list[bool]:
        """A bit for each of so many things."""
        raw = self.take(-(-count // 8))
        return [bool(raw[index // 8] & 0x80 >> index % 8) for index in range(count)]

    def digests(self, count: int) -> list[int | None]:
        """CRCs of those that have one."""
        known = [True] * count if self.take(1)[0] else self.bits(count)
        return [int.from_bytes(self.take(4), "little") if one else None for one in known]

    def rest(self) -> "Reader":
        """What is left, as a reader of its own."""
        return Reader(self._raw[self._at :], self._budget)


def read_streams(reader: Reader) -> Streams:
    """The streams' part of a header.

    Raises:
        Malformed, Unsupported: it contradicts itself, or lies in another stream.
    """
    found = Streams()
    while (kind := reader.number()) != END:
        if kind == PACK:
            _read_packed(reader, found)
        elif kind == UNPACK:
            _read_folders(reader, found)
        elif kind == SUBSTREAMS:
            _read_parts(reader, found)
        else:
            raise Malformed("7z streams")
    if not found.parts:
        found.parts = [[(one.size, one.crc)] for one in found.folders]
    return found


def read_files(reader: Reader) -> Iterator[Listed]:
    """The files' part of a header.

    Raises:
        Malformed, Unsupported: it contradicts itself, or lies in another stream.
    """
    count = reader.count()
    names: list[str] = []
    empty, empty_files, attributes = [False] * count, list[bool](), [0] * count
    while (kind := reader.number()) != END:
        inner = Reader(reader.take(reader.number()), reader._budget)  # noqa: SLF001  a part of the same header
        if kind == EMPTY_STREAM:
            empty = inner.bits(count)
        elif kind == EMPTY_FILE:
            empty_files = inner.bits(sum(empty))
        elif kind == NAMES:
            _inside(inner)
            names = list(_names(inner.rest()))
        elif kind == ATTRIBUTES:
            known = [True] * count if inner.take(1)[0] else inner.bits(count)
            _inside(inner)
            attributes = [int.from_bytes(inner.take(4), "little") if one else 0 for one in known]
    turn = iter(empty_files)
    for index in range(count):
        folder = empty[index] and not next(turn, False)
        name = names[index] if index < len(names) else f"file-{index}"
        yield Listed(name, not empty[index], folder, attributes[index])


def _names(reader: Reader) -> Iterator[str]:
    raw = reader._raw  # noqa: SLF001  all of it
    text = raw[: len(raw) & ~1].decode("utf-16-le", "replace")
    reader._budget.spend(len(raw))  # noqa: SLF001
    yield from text.removesuffix("\0").split("\0")


def _inside(reader: Reader) -> None:
    if reader.take(1)[0]:
        raise Unsupported("7z header in another stream")


def _read_packed(reader: Reader, found: Streams) -> None:
    found.begin = reader.number()
    count = reader.count()
    while (kind := reader.number()) != END:
        if kind == SIZES:
            found.packed = [reader.number() for _ in range(count)]
        elif kind == CRCS:
            reader.digests(count)
        else:
            raise Malformed("7z packed streams")


def _read_folders(reader: Reader, found: Streams) -> None:
    if reader.number() != FOLDERS:
        raise Malformed("7z folders")
    count = reader.count()
    _inside(reader)
    bare = [_read_folder(reader) for _ in range(count)]
    if reader.number() != CODER_SIZES:
        raise Malformed("7z coder sizes")
    sizes = [tuple(reader.number() for _ in one.coders) for one in bare]
    crcs: list[int | None] = [None] * count
    while (kind := reader.number()) != END:
        if kind != CRCS:
            raise Malformed("7z folders")
        crcs = reader.digests(count)
    found.folders = [
        Folder(one.coders, one.bonds, one.packed, size, crc) for one, size, crc in zip(bare, sizes, crcs, strict=True)
    ]


def _read_folder(reader: Reader) -> Folder:
    count = reader.number()
    if not 0 < count <= _CODERS:
        raise Malformed("7z coders")
    coders = []
    for _ in range(count):
        flags = reader.take(1)[0]
        method = reader.take(flags & 15)
        inputs, outputs = (reader.number(), reader.number()) if flags & 0x10 else (1, 1)
        if outputs != 1 or not 0 < inputs <= _STREAMS_EACH:
            raise Unsupported("7z coder with several outputs")
        coders.append(Coder(method, inputs, reader.take(reader.number()) if flags & 0x20 else b""))
    inputs = sum(one.inputs for one in coders)
    bonds = tuple((reader.number(), reader.number()) for _ in range(count - 1))
    packed = inputs - len(bonds)
    if packed < 1 or any(one >= inputs or other >= count for one, other in bonds):
        raise Malformed("7z bonds")
    free = [index for index in range(inputs) if index not in {one for one, _ in bonds}]
    places = tuple(reader.number() for _ in range(packed)) if packed > 1 else tuple(free[:1])
    return Folder(tuple(coders), bonds, places)


def _read_parts(reader: Reader, found: Streams) -> None:
    counts = [1] * len(found.folders)
    kind = reader.number()
    if kind == COUNTS:
        counts = [reader.count() for _ in found.folders]
        kind = reader.number()
    sizes: list[list[int]] = []
    for folder, count in zip(found.folders, counts, strict=True):
        given = [reader.number() for _ in range(count - 1)] if kind == SIZES else []
        sizes.append([*given, max(folder.size - sum(given), 0)] if count else [])
    if kind == SIZES:
        kind = reader.number()
    open_ = [
        (number, index)
        for number, (folder, count) in enumerate(zip(found.folders, counts, strict=True))
        for index in range(count)
        if count != 1 or folder.crc is None
    ]
    crcs: dict[tuple[int, int], int | None] = {}
    while kind != END:
        if kind != CRCS:
            raise Malformed("7z substreams")
        crcs = dict(zip(open_, reader.digests(len(open_)), strict=True))
        kind = reader.number()
    found.parts = [
        [
            (size, crcs.get((number, index), folder.crc if len(inside) == 1 else None))
            for index, size in enumerate(inside)
        ]
        for number, (folder, inside) in enumerate(zip(found.folders, sizes, strict=True))
    ]


def checked(raw: bytes, crc: int) -> bytes:
    """The bytes, whose CRC-32 is as announced.

    Raises:
        Malformed: it is another one.
    """
    if zlib.crc32(raw) != crc:
        raise Malformed("7z header checksum")
    return raw
