"""Records of a PowerPoint 97-2003 presentation, and the edits that say where its objects lie ([MS-PPT] 2.3).

Records are walked in the order of the stream, containers by going into them, so that nothing depends on how deep they
nest. The walk starts anew at every object of the persist directories: what a lying length hides from the order of the
stream is where PowerPoint itself would look for it.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.limits import RECORD, Budget

USER_EDIT, PERSIST_DIRECTORY = 0x0FF5, 0x1772
_CONTAINER = 0xF
_ENCRYPTED = 0xF3D1C4DF
_HEADER = 8
_WINDOW = 64 << 10
_MOST_EDITS = 4096
_DEEPEST = 256
_OPAQUE = frozenset({0x2F14, 0x0428})
"""Records that call themselves containers and hold no records: the session of an encryption, an archive of styles."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record; `end` is the offset behind it, cut at the end of the stream."""

    offset: int
    version: int
    instance: int
    type: int
    end: int

    @property
    def content(self) -> int:
        """Offset of what it holds."""
        return self.offset + _HEADER

    @property
    def is_container(self) -> bool:
        """It holds other records."""
        return self.version == _CONTAINER


@dataclass(frozen=True, slots=True)
class Edits:
    """What the saved edits of a presentation say.

    Attributes:
        encrypted: the stream ``Current User`` says that the presentation is.
        objects: offset of each persistent object by its number; older edits count where newer ones are silent.
        stale: offsets that newer edits have replaced.
        session: number of the object that says how the presentation is encrypted, or None.
        anomalies: where the edits can't be followed.
    """

    encrypted: bool
    objects: dict[int, int]
    stale: tuple[int, ...]
    session: int | None
    anomalies: tuple[Anomaly, ...]


@dataclass(slots=True)
class _Reading:
    objects: dict[int, int] = field(default_factory=dict)
    stale: dict[int, None] = field(default_factory=dict)
    session: int | None = None
    anomalies: list[Anomaly] = field(default_factory=list)


def read_edits(document: Blob, current_user: Blob, budget: Budget) -> Edits:
    """Follow the edits from the newest to the oldest.

    Args:
        document: the stream ``PowerPoint Document``.
        current_user: the stream ``Current User``, empty where there is none.
        budget: charged for each edit and object.
    """
    token, at = struct.unpack("<II", current_user.read(12, 8).ljust(8, b"\0"))
    reading = _Reading()
    seen: set[int] = set()
    while at and at not in seen and len(seen) < _MOST_EDITS:
        seen.add(at)
        budget.spend(RECORD)
        raw = document.read(at, 40)
        if len(raw) < 32 or int.from_bytes(raw[2:4], "little") != USER_EDIT:
            reading.anomalies.append(Anomaly("edit-lost", "PowerPoint Document", at, incomplete=True))
            break
        size, before, directory = struct.unpack_from("<I8xII", raw, 4)
        if size >= 32 and len(raw) == 40 and reading.session is None:
            reading.session = int.from_bytes(raw[36:40], "little") or None
        _directory(document, directory, reading, budget)
        at = before
    return Edits(token == _ENCRYPTED, reading.objects, tuple(reading.stale), reading.session, tuple(reading.anomalies))


def _directory(document: Blob, at: int, reading: _Reading, budget: Budget) -> None:
    """One PersistDirectoryAtom ([MS-PPT] 2.3.4)."""
    raw = document.read(at, _HEADER)
    if len(raw) < _HEADER or int.from_bytes(raw[2:4], "little") != PERSIST_DIRECTORY:
        reading.anomalies.append(Anomaly("directory-lost", "PowerPoint Document", at, incomplete=True))
        return
    stop = min(at + _HEADER + int.from_bytes(raw[4:8], "little"), document.size)
    at += _HEADER
    while at + 4 <= stop:
        head = int.from_bytes(document.read(at, 4), "little")
        first, count = head & 0xFFFFF, head >> 20
        budget.spend(RECORD * (1 + count))
        raw = document.read(at + 4, min(4 * count, stop - at - 4))
        for number, (offset,) in enumerate(struct.iter_unpack("<I", raw[: len(raw) & ~3]), first):
            if reading.objects.setdefault(number, offset) != offset:
                reading.stale[offset] = None
        at += 4 + 4 * count


def walk_records(document: Blob, edits: Edits, budget: Budget, anomalies: list[Anomaly]) -> Iterator[Record]:
    """Every record once: in the order of the stream, then what only the persist directories lead to.

    Args:
        document: the stream ``PowerPoint Document``, in clear.
        edits: of the presentation.
        budget: charged for each record.
        anomalies: takes where records end before the stream does.
    """
    walk = _Walk(document, sorted({*edits.objects.values(), *edits.stale}), budget, anomalies)
    yield from walk.records(0, document.size)
    for offset in walk.objects:
        if offset not in walk.seen and offset + _HEADER <= document.size:
            stop = offset + _HEADER + int.from_bytes(document.read(offset + 4, 4), "little")
            yield from walk.records(offset, min(stop, document.size))


@dataclass(slots=True)
class _Walk:
    """A walk over records that have not been seen yet; `objects` are offsets to go on from behind filler."""

    document: Blob
    objects: list[int]
    budget: Budget
    anomalies: list[Anomaly]
    seen: set[int] = field(default_factory=set)

    def records(self, at: int, stop: int) -> Iterator[Record]:
        """The records of a range."""
        window, base = b"", 0
        ends = [stop]  # of the containers that are open
        while at not in self.seen:
            while len(ends) > 1 and at + _HEADER > ends[-1]:
                at = ends.pop()
            if at + _HEADER > stop or at in self.seen:
                return
            self.seen.add(at)
            self.budget.spend(RECORD)
            if not base <= at <= base + len(window) - _HEADER:
                window, base = self.document.read(at, _WINDOW), at
            start, kind, size = struct.unpack_from("<HHI", window, at - base)
            if not start and not kind and not size:  # filler between what was saved at several times
                at = self._behind_filler(at, ends[-1])
                continue
            end = at + _HEADER + size
            if end > ends[-1]:
                self.anomalies.append(Anomaly("record-past-end", f"record {kind:#06x}", at, incomplete=True))
                end = ends[-1]
            record = Record(at, start & 0xF if kind not in _OPAQUE else 0, start >> 4, kind, end)
            yield record
            if record.is_container and len(ends) < _DEEPEST:
                ends.append(end)
            at = record.content if record.is_container else end

    def _behind_filler(self, at: int, stop: int) -> int:
        """Where records go on behind zeros: at an object, or else at the first record that is not made of zeros."""
        for offset, window in self.document.windows(start=at, stop=stop):
            self.budget.spend(len(window))
            if rest := window.lstrip(b"\0"):
                zeros = offset + len(window) - len(rest) - at
                known = bisect_right(self.objects, at + zeros) - 1
                if known >= 0 and self.objects[known] > at:
                    return self.objects[known]
                return at + zeros - zeros % _HEADER
        return stop
