"""What both formats of RAR say of an archive."""

from dataclasses import dataclass

from emotriage.formats.rar.keys import Lock
from emotriage.model.anomaly import Anomaly


@dataclass(frozen=True, slots=True)
class Entry:
    """A member.

    Attributes:
        name: as the archive gives it; of an NTFS stream, that of its file with the stream's behind a colon.
        offset: of its header.
        data: where its bytes begin.
        packed: how many there are.
        size: bytes once it is unpacked; -1 where that is not said.
        method: 0 for what is stored as it is, else how hard it was packed, 1 to 5.
        sort: ``file``, ``folder``, ``stream`` (of NTFS), ``comment``, ``link``.
        link: what a link points at, and of which sort it is.
        encrypted: its bytes are.
        split: it goes on in another volume, or began in one.
        crc: CRC-32 of its content, where that is said.
        version: 4 or 5, the format.
        coder: version of the compression: ten times that of RAR in the older format, 0 or 1 in the newer one.
        window: bytes that it may refer back to.
        solid: it is packed as if it stood behind the packed file before it.
        begun: it began in another volume.
        lock: what a password has to open.
        blake: BLAKE2sp of its content, where that is said.
    """

    name: str
    offset: int
    data: int
    packed: int
    size: int
    method: int
    sort: str = "file"
    link: str = ""
    encrypted: bool = False
    split: bool = False
    crc: int | None = None
    version: int = 5
    coder: int = 0
    window: int = 0
    solid: bool = False
    begun: bool = False
    lock: Lock | None = None
    blake: bytes = b""


@dataclass(frozen=True, slots=True)
class Contents:
    """An archive as it was listed.

    Attributes:
        version: 4 or 5, the format.
        entries: members in order.
        end: offset behind the end mark, or behind the last header and its data that were read.
        locked: from there on, the headers are encrypted and no password opened them; -1 where that is not so.
        lock: of the headers.
        unlisted: names of members beyond the limit.
        anomalies: what is odd, and what could not be read.
    """

    version: int
    entries: tuple[Entry, ...]
    end: int
    locked: int = -1
    unlisted: tuple[str, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()
    lock: Lock | None = None


class Listing:
    """Members as they come, held to a limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.entries: list[Entry] = []
        self.unlisted: list[str] = []
        self.anomalies: list[Anomaly] = []

    def add(self, entry: Entry) -> None:
        """One more member."""
        if len(self.entries) < self._limit:
            self.entries.append(entry)
            return
        if not self.unlisted:
            self.odd("too-many-members", entry.name, entry.offset, incomplete=True)
        self.unlisted.append(entry.name)

    def odd(self, code: str, where: str, offset: int, *, incomplete: bool = False) -> None:
        """What is odd about a header."""
        if len(self.anomalies) < self._limit:
            self.anomalies.append(Anomaly(code, where, offset, incomplete=incomplete))

    def finish(self, version: int, end: int, locked: int = -1, lock: Lock | None = None) -> Contents:
        """All of it."""
        return Contents(version, tuple(self.entries), end, locked, tuple(self.unlisted), tuple(self.anomalies), lock)
