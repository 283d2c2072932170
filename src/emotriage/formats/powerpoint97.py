"""PowerPoint 97-2003 presentations: stored objects, actions, addresses and text ([MS-PPT] 2.4 to 2.10)."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from emotriage.formats.active_magic import find_active
from emotriage.formats.powerpoint97_records import Edits, Record, walk_records
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import RECORD, Budget

_STORED, _INTERACTIVE, _ACTION, _STRING = 0x1011, 0x0FF2, 0x0FF3, 0x0FBA
_HYPERLINK, _HYPERLINK_ID = 0x0FD7, 0x0FD3
_WIDE, _NARROW = 0x0FA0, 0x0FA8
_MEDIA = frozenset({0x1005, 0x1006, 0x1007, 0x100D, 0x1010})  # video, AVI, MCI, MIDI, linked sound
_COMPRESSED = 1
_CHUNK = 256 << 10
_FEED = 64 << 10
_PROPERTIES = frozenset({0xF00B, 0xF121, 0xF122})
_IS_LONG = 0x8000
_SMALLEST = 64
_LONGEST = 1 << 16
_MOST_TEXT = 4 << 20
_MOST = 10_000
_SETTINGS = {1: "macro", 2: "program", 4: "link", 5: "object"}


@dataclass(frozen=True, slots=True)
class Stored:
    """One stored object: a compound file, of macros, an embedded object, a link or a control; or another file.

    Attributes:
        offset: of its record.
        packed: what lies there.
        compressed: by zlib.
    """

    offset: int
    packed: Blob = field(repr=False)
    compressed: bool

    def unpack(self, budget: Budget) -> Iterator[bytes]:
        """The compound file, in chunks.

        Raises:
            Malformed: the compressed bytes are damaged or break off; what came out before has been yielded.
        """
        if not self.compressed:
            for _, window in self.packed.windows(_CHUNK, holes=True):
                yield window
            return
        stream = zlib.decompressobj()
        for _, feed in self.packed.slice(4).windows(_FEED, holes=True):
            budget.spend(len(feed))
            waiting = feed
            while waiting and not stream.eof:
                try:
                    chunk = stream.decompress(waiting, _CHUNK)
                except zlib.error as error:
                    raise Malformed("a compressed object is damaged") from error
                waiting = stream.unconsumed_tail
                if chunk:
                    yield chunk
            if stream.eof:
                return
        raise Malformed("a compressed object breaks off")


@dataclass(frozen=True, slots=True)
class Action:
    """What a click, or a mouse that moves over a shape, does.

    Attributes:
        what: ``program``, ``macro``, ``link`` or ``object``.
        target: the program, the macro or the address, where it is said.
        hover: no click is needed.
        where: the part or stream, and the place in it.
    """

    what: str
    target: str
    hover: bool
    where: str


@dataclass(frozen=True, slots=True)
class Presentation:
    """What of a presentation matters to triage.

    Attributes:
        objects: stored objects in the order of the stream.
        actions: of shapes and texts.
        addresses: targets of hyperlinks and of linked media, each once.
        text: of the slides, a piece a line, as far as limits allow.
        files: other content that begins like a file: archives of themes and styles, and whatever else.
        anomalies: departures from the specification, incomplete where something could not be read.
    """

    objects: tuple[Stored, ...]
    actions: tuple[Action, ...]
    addresses: tuple[str, ...]
    text: str = field(repr=False)
    files: tuple[Stored, ...]
    anomalies: tuple[Anomaly, ...]


def read_presentation(document: Blob, edits: Edits, budget: Budget) -> Presentation:
    """Read the stream ``PowerPoint Document``, which must be in clear, by its edits."""
    reader = _Reader(document, budget)
    anomalies = list(edits.anomalies)
    for record in walk_records(document, edits, budget, anomalies):
        reader.take(record)
    return Presentation(
        tuple(reader.objects),
        reader.actions(),
        tuple(reader.addresses()),
        "\n".join(reader.texts),
        tuple(reader.files),
        tuple(anomalies + reader.anomalies),
    )


@dataclass(slots=True)
class _Draft:
    """An action in the making: its container ends at `end`."""

    what: str
    link: int
    hover: bool
    offset: int
    end: int
    macro: str = ""


class _Reader:
    """Collects from records as they come; strings belong to the container that they lie in."""

    def __init__(self, document: Blob, budget: Budget) -> None:
        self.objects: list[Stored] = []
        self.files: list[Stored] = []
        self.texts: list[str] = []
        self.anomalies: list[Anomaly] = []
        self._document = document
        self._budget = budget
        self._drafts: list[_Draft] = []
        self._targets: dict[int, dict[int, str]] = {}  # of a hyperlink's number, its strings by instance
        self._media: dict[str, None] = {}
        self._room = _MOST_TEXT
        self._hover = (0, False)  # where the last interactive container ends, and what it is
        self._link = (0, -1)  # where the last hyperlink container ends, and its number
        self._medium = 0

    def take(self, record: Record) -> None:
        """Note what matters of a record."""
        if record.type == _STORED:
            packed = self._document.slice(record.content, record.end - record.content)
            self.objects.append(Stored(record.offset, packed, record.instance == _COMPRESSED))
        elif record.type == _INTERACTIVE:
            self._hover = (record.end, record.instance == 1)
        elif record.type == _HYPERLINK:
            self._link = (record.end, -1)
        elif record.type in _MEDIA:
            self._medium = record.end
        elif record.type == _ACTION:
            self._action(record)
        elif record.type == _HYPERLINK_ID and record.offset < self._link[0]:
            number = int.from_bytes(self._document.read(record.content, 4), "little")
            self._link = (self._link[0], number)
        elif record.type == _STRING:
            self._string(record)
        elif record.type in (_WIDE, _NARROW):
            self._text(record, "utf-16-le" if record.type == _WIDE else "latin-1")
        elif not record.is_container and record.end - record.content >= _SMALLEST:
            for at, length in self._pieces(record):
                self._search(at, length)

    def actions(self) -> tuple[Action, ...]:
        """All actions, hyperlinks resolved."""
        found = []
        for one in self._drafts:
            strings = self._targets.get(one.link, {})
            target = one.macro if one.what == "macro" else strings.get(1) or strings.get(0, "")
            found.append(Action(one.what, target, one.hover, f"PowerPoint Document, record at {one.offset}"))
        return tuple(found)

    def addresses(self) -> Iterator[str]:
        """Where hyperlinks and linked media lead."""
        found = dict.fromkeys(strings[1] for strings in self._targets.values() if strings.get(1))
        yield from found | self._media

    def _pieces(self, record: Record) -> Iterator[tuple[int, int]]:
        """(offset, length) of a record's content, or of each long property of a drawing ([MS-ODRAW] 2.3.1)."""
        at, length = record.content, record.end - record.content
        if record.type not in _PROPERTIES:
            yield at, length
            return
        table = self._document.read(at, 6 * record.instance)
        at += 6 * record.instance
        for number, size in struct.iter_unpack("<HI", table[: len(table) // 6 * 6]):
            self._budget.spend(RECORD)
            if number & _IS_LONG and at < record.end:
                yield at, min(size, record.end - at)
                at += size
        if at < record.end:
            yield at, record.end - at

    def _search(self, at: int, length: int) -> None:
        """Keep what begins like a file; all else in such a record is numbers, pictures and names."""
        piece = self._document.slice(at, length)
        for one in find_active(piece, self._budget, start=0):
            self.files.append(Stored(at + one.offset, piece.slice(one.offset), compressed=False))

    def _action(self, record: Record) -> None:
        raw = self._document.read(record.content, 16)
        if len(raw) < 9 or raw[8] not in _SETTINGS:
            return
        if len(self._drafts) >= _MOST:
            if len(self._drafts) == _MOST and not any(one.code == "too-many-actions" for one in self.anomalies):
                self.anomalies.append(Anomaly("too-many-actions", "PowerPoint Document", incomplete=True))
            return
        (link,) = struct.unpack_from("<I", raw, 4)
        end, hover = self._hover
        inside = record.offset < end
        self._drafts.append(
            _Draft(_SETTINGS[raw[8]], link, inside and hover, record.offset, end if inside else record.end)
        )

    def _string(self, record: Record) -> None:
        if record.offset < self._link[0]:
            if self._link[1] >= 0:
                self._targets.setdefault(self._link[1], {}).setdefault(record.instance, self._spelled(record))
        elif self._drafts and record.instance == 2 and record.offset < self._drafts[-1].end:
            self._drafts[-1].macro = self._spelled(record)
        elif record.offset < self._medium:
            self._media[self._spelled(record)] = None

    def _spelled(self, record: Record) -> str:
        raw = self._document.read(record.content, min(record.end - record.content, _LONGEST))
        self._budget.spend(RECORD + len(raw))
        return raw[: len(raw) & ~1].decode("utf-16-le", "surrogatepass").rstrip("\0")

    def _text(self, record: Record, encoding: str) -> None:
        raw = self._document.read(record.content, min(record.end - record.content, self._room))
        self._budget.spend(RECORD + len(raw))
        self._room -= len(raw)
        self.texts.append(raw.decode(encoding, "replace"))
