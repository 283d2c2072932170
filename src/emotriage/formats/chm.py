"""Compiled HTML help, as Matthew Russotto describes it: a directory, and one stream of files packed with LZX."""

from collections.abc import Iterator
from dataclasses import dataclass

from emotriage.formats.lzx import FRAME, LzxDecoder
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed, Unsupported
from emotriage.model.limits import RECORD, Budget

_LISTING = b"PMGL"
_CONTENT = "::DataSpace/Storage/MSCompressed/Content"
_CONTROL = "::DataSpace/Storage/MSCompressed/ControlData"
_RESETS = "::DataSpace/Storage/MSCompressed/Transform/{7FC28940-9D31-11D0-9B27-00A0C91E9C7C}/InstanceData/ResetTable"
_OWN = ("::", "/#", "/$")
_CHUNKS = 1 << 16
_FRAMES = 1 << 16


@dataclass(frozen=True, slots=True)
class Member:
    """One file.

    Attributes:
        name: as the directory gives it, without the leading slash.
        packed: it lies in the packed stream; else it is stored.
        offset: in that stream, or in the file.
        size: bytes.
    """

    name: str
    packed: bool
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Help:
    """A help file.

    Attributes:
        blob: it.
        members: pages and what belongs to them, without the format's own tables.
        end: where it says that it ends, or None.
        anomalies: what could not be read.
    """

    blob: Blob
    members: tuple[Member, ...]
    end: int | None
    anomalies: tuple[Anomaly, ...]
    _own: dict[str, Member]

    def unpack(self, budget: Budget) -> Iterator[bytes]:
        """The packed stream, in chunks.

        Raises:
            Malformed: its tables or frames make no sense.
            Unsupported: it is packed in another way.
        """
        content, control, table = (self._own.get(name) for name in (_CONTENT, _CONTROL, _RESETS))
        if content is None or control is None or table is None:
            raise Malformed("no packed stream in a help file")
        head = self.blob.read(control.offset, min(control.size, 64))
        if head[4:8] != b"LZXC":
            raise Unsupported("help file that is not packed with LZX")
        version, interval, window = (int.from_bytes(head[at : at + 4], "little") for at in (8, 12, 16))
        if version == 2:
            interval, window = interval * FRAME, window * FRAME
        if not interval or interval % FRAME or window.bit_count() != 1:
            raise Malformed("LZX control data")
        offsets, size = self._frames(table)
        decoder = None
        for number, (start, stop) in enumerate(zip(offsets, [*offsets[1:], content.size], strict=True)):
            budget.spend(RECORD)
            if number % (interval // FRAME) == 0:
                decoder = LzxDecoder(window.bit_length() - 1, budget)
            if decoder is None or not 0 <= start <= stop <= content.size or stop - start > 2 * FRAME:
                raise Malformed("LZX frame behind the end of its stream")
            yield decoder.frame(self.blob.read(content.offset + start, stop - start), min(FRAME, size - number * FRAME))

    def _frames(self, table: Member) -> tuple[list[int], int]:
        """Where each frame begins, and how long the stream is."""
        head = self.blob.read(table.offset, 40)
        count, width, begin = (int.from_bytes(head[at : at + 4], "little") for at in (4, 8, 12))
        size, frame = int.from_bytes(head[16:24], "little"), int.from_bytes(head[32:40], "little")
        if len(head) < 40 or width != 8 or frame != FRAME or count > _FRAMES or count != -(-size // FRAME):
            raise Malformed("LZX reset table")
        raw = self.blob.read(table.offset + begin, 8 * count)
        return [int.from_bytes(raw[at : at + 8], "little") for at in range(0, len(raw), 8)], size


def read_help(blob: Blob, budget: Budget) -> Help:
    """List a help file.

    Raises:
        Malformed: the header is none.
    """
    head = blob.read(0, 96)
    if len(head) < 96 or head[:4] != b"ITSF":
        raise Malformed("no help file header")

    def number(at: int, width: int = 8) -> int:
        return int.from_bytes(head[at : at + width], "little")

    directory, size = number(72), number(80)
    content = number(88) if number(4, 4) >= 3 else directory + size
    about = blob.read(directory, 84)
    chunk, begin = int.from_bytes(about[16:20], "little"), int.from_bytes(about[8:12], "little")
    if about[:4] != b"ITSP" or not 64 <= chunk <= 1 << 20:
        raise Malformed("no help file directory")
    odd: list[Anomaly] = []
    members: list[Member] = []
    own: dict[str, Member] = {}
    count = min((size - begin) // chunk, _CHUNKS)
    for index in range(max(count, 0)):
        at = directory + begin + index * chunk
        for one in _entries(blob.read(at, chunk), content, budget):
            if one.name.startswith(_OWN):
                own.setdefault(one.name, one)
            elif len(members) >= budget.limits.children:
                odd.append(Anomaly("too-many-members", "directory", at, incomplete=True))
                return Help(blob, tuple(members), None, tuple(odd), own)
            elif one.size:
                members.append(Member(one.name.lstrip("/"), one.packed, one.offset, one.size))
    if directory + size > blob.size:
        odd.append(Anomaly("directory-cut", "directory", directory, incomplete=True))
    total = int.from_bytes(blob.read(number(56) + 8, 8), "little")
    return Help(blob, tuple(members), total if 96 <= total <= blob.size else None, tuple(odd), own)


def _entries(chunk: bytes, content: int, budget: Budget) -> Iterator[Member]:
    """The entries of a listing chunk; index chunks have none."""
    budget.spend(RECORD)
    if chunk[:4] != _LISTING:
        return
    at, stop = 20, len(chunk) - int.from_bytes(chunk[4:8], "little")
    while at < stop:
        budget.spend(RECORD // 2)
        length, at = _compact(chunk, at)
        name = chunk[at : at + length].decode("utf-8", "replace")
        if not length or at + length > stop:
            return
        section, at = _compact(chunk, at + length)
        offset, at = _compact(chunk, at)
        size, at = _compact(chunk, at)
        if section <= 1:
            yield Member(name, section == 1, offset if section else content + offset, size)


def _compact(raw: bytes, at: int) -> tuple[int, int]:
    """(number, where the next thing begins): seven bits a byte, the highest bit says that more follow."""
    value = 0
    for index in range(at, min(at + 9, len(raw))):
        value = value << 7 | raw[index] & 0x7F
        if raw[index] < 0x80:
            return value, index + 1
    return value, min(at + 9, len(raw))
