"""tar archives (POSIX.1-1988 ustar, POSIX.1-2001 PAX, GNU tar): every member by its place; nothing is copied.

Where a header is broken, reading goes on at the next one that holds, as GNU tar does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from emotriage.formats.tar_header import (
    BLOCK,
    FOLDER,
    HARD_LINK,
    REGULAR,
    SYMLINK,
    Header,
    read_header,
    read_records,
)
from emotriage.formats.unix_name import decode_name
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import MIB, RECORD, Budget

_TEXT = 64 << 10
_META = MIB
_CHAIN = 16
_MAP_BLOCKS = 4096
_UNLISTED = 100_000
_FORKS = 16
_NOTED = 1000
_REACHES = (8 << 10, 128 << 10)  # a damaged header is followed by a good one soon, or seldom
_EXTENSIONS = frozenset("xgXLKN")
_WITHOUT_CONTENT = frozenset((HARD_LINK, SYMLINK, "3", "4", FOLDER, "6"))
_FULL_FIELD = 0o77777777777  # what writers put where the size does not fit
_BLOCKING = 64 << 10  # writers fill their last record with zeros: 10 KiB mostly, 64 KiB and less with options
_HEADER = 4 * RECORD  # work units: two sums over a block


@dataclass(frozen=True, slots=True)
class Member:
    """One member.

    Attributes:
        name: as the archive gives it, by its long form where there is one.
        offset: of its header.
        data: offset of its content.
        size: bytes of content that are stored.
        kind: type flag: ``0`` a regular file, ``1`` and ``2`` links, ``5`` a folder, ``S`` sparse, ``M`` the rest of a
            file from another volume.
        link: what a link points to.
    """

    name: str
    offset: int
    data: int
    size: int
    kind: str
    link: str


@dataclass(frozen=True, slots=True)
class Tape:
    """An archive.

    Attributes:
        members: in their order, folders and links among them.
        unlisted: names of members beyond the limit.
        end: offset behind the zeros that end it.
        anomalies: what is odd, and what could not be read.
    """

    members: tuple[Member, ...]
    unlisted: tuple[str, ...]
    end: int
    anomalies: tuple[Anomaly, ...]


def read_tape(blob: Blob, budget: Budget) -> Tape:
    """List an archive.

    Raises:
        Malformed: there is not one member in it.
    """
    reader = _Reader(blob, budget)
    members: list[Member] = []
    unlisted: list[str] = []
    for member in reader.members():
        if len(members) < budget.limits.children:
            members.append(member)
        elif len(unlisted) < _UNLISTED:
            unlisted.append(member.name)
        else:
            break
    if unlisted:
        reader.note("too-many-members", incomplete=True)
    if not members:
        raise Malformed("no member in a tar archive")
    return Tape(tuple(members), tuple(unlisted), min(reader.end or blob.size, blob.size), tuple(reader.anomalies))


@dataclass(slots=True)
class _Ahead:
    """What extended headers say about the member that follows them."""

    name: str = ""
    link: str = ""
    size: int | None = None
    sparse: bool = False
    chain: int = 0

    def take(self, records: Mapping[str, str]) -> None:
        """PAX records; those of one member win over global ones, because they come later."""
        self.name = records.get("GNU.sparse.name") or records.get("path") or self.name
        self.link = records.get("linkpath", self.link)
        self.sparse |= any(one.startswith("GNU.sparse.") for one in records)
        if (size := records.get("size", "")).isdecimal():
            self.size = int(size[:20])


class _Reader:
    """Goes from header to header; where programs differ about the next one, to both.

    Attributes:
        end: offset behind the zeros that end the archive; 0 before they were met.
        anomalies: what was met on the way.
    """

    def __init__(self, blob: Blob, budget: Budget) -> None:
        self._blob = blob
        self._budget = budget
        self._global: dict[str, str] = {}
        self._seen: set[int] = set()
        self._forks: list[int] = []
        self.anomalies: list[Anomaly] = []
        self.end = 0

    def note(self, code: str, where: str = "", offset: int | None = None, *, incomplete: bool = False) -> None:
        """Keep an anomaly; of thousands, the first will do."""
        if len(self.anomalies) < _NOTED:
            self.anomalies.append(Anomaly(code, where, offset, incomplete=incomplete))

    def members(self) -> Iterator[Member]:
        """All members, those of the other readings behind those of the first."""
        yield from self._chain(0)
        for start in self._forks:  # grows on the way
            if start not in self._seen and read_header(self._blob.read(start, BLOCK)) is not None:
                yield from self._chain(start)

    def _chain(self, at: int) -> Iterator[Member]:
        ahead = _Ahead()
        while at not in self._seen:
            self._seen.add(at)
            self._budget.spend(_HEADER)
            block = self._blob.read(at, BLOCK)
            header = read_header(block) if block.strip(b"\0") else None
            if header is None:
                if len(block) == BLOCK and not block.strip(b"\0"):
                    self.end = max(self.end, self._ending(at))
                    return
                self.note("bad-header" if block else "no-end-mark", offset=min(at, self._blob.size), incomplete=True)
                at = self._next_header(at + 1)
                ahead = _Ahead()
            elif header.kind in _EXTENSIONS:
                at = self._extension(header, at, ahead)
            else:
                member = self._member(header, at, ahead)
                yield member
                at = self._behind(header, member)
                ahead = _Ahead()

    def _member(self, header: Header, at: int, ahead: _Ahead) -> Member:
        general = _Ahead()
        general.take(self._global)
        name = ahead.name or general.name or header.name
        size, stated = header.size, ahead.size
        if size is None or size < 0:
            self.note("bad-size", name, at, incomplete=True)
        size = max(size or 0, 0)
        kind = header.kind
        if kind == "S" or ahead.sparse or general.sparse:
            kind = "S"
            self.note("sparse", name, at, incomplete=True)
        elif kind == "M":
            self.note("multi-volume", name, at, incomplete=True)
        elif kind == REGULAR and name.endswith("/"):
            kind = FOLDER
        data = self._after_map(at + BLOCK) if header.extended else at + BLOCK
        return Member(name, at, data, size if stated is None else stated, kind, ahead.link or header.link)

    def _behind(self, header: Header, member: Member) -> int:
        """Offset of the next header. Programs differ where a link has content, and where PAX tells another size."""
        after = member.data + _rounded(member.size)
        if member.data + member.size > self._blob.size:
            self.note("cut-off", member.name, member.offset, incomplete=True)
        if member.size and member.kind in _WITHOUT_CONTENT:
            self.note("content-of-link", member.name, member.offset)
            self._fork(member.data)
        if header.size not in (0, member.size, _FULL_FIELD) and header.size is not None and header.size > 0:
            self.note("size-mismatch", member.name, member.offset)
            self._fork(member.data + _rounded(header.size))
        return after

    def _fork(self, start: int) -> None:
        if len(self._forks) < _FORKS:
            self._forks.append(start)
        else:
            self.note("too-many-readings", offset=start, incomplete=True)

    def _extension(self, header: Header, at: int, ahead: _Ahead) -> int:
        """Read what stands before a member and tells more of it; the offset behind that."""
        data, size = at + BLOCK, header.size or 0
        ahead.chain += 1
        limit = _TEXT if header.kind in "LKN" else _META
        if not 0 <= size <= limit or header.size is None or data + size > self._blob.size or ahead.chain > _CHAIN:
            self.note("bad-extension", header.name, at, incomplete=True)
        text = self._blob.read(data, min(max(size, 0), limit)) if ahead.chain <= _CHAIN else b""
        self._budget.spend(2 * len(text))
        if header.kind == "L":
            ahead.name = decode_name(text.partition(b"\0")[0])
        elif header.kind == "K":
            ahead.link = decode_name(text.partition(b"\0")[0])
        elif header.kind != "N":
            records, whole = read_records(text)
            if not whole:
                self.note("bad-extension", header.name, at, incomplete=True)
            if header.kind == "g":
                self._global |= records
            else:
                ahead.take(records)
        return data + _rounded(size) if 0 <= size <= self._blob.size - data else data

    def _after_map(self, data: int) -> int:
        """Behind the blocks that go on with the map of a GNU sparse file."""
        for _ in range(_MAP_BLOCKS):
            self._budget.spend(_HEADER)
            block = self._blob.read(data, BLOCK)
            if len(block) < BLOCK or read_header(block) is not None:
                break
            data += BLOCK
            if not block[504]:
                break
        return data

    def _next_header(self, start: int) -> int:
        """Offset of the next block that is a header; behind the file when there is none."""
        begin = start
        for reach in (*_REACHES, self._blob.size):
            stop = min(start + reach, self._blob.size)
            for at, window in self._blob.windows(overlap=BLOCK, start=begin, stop=stop):
                self._budget.spend(len(window))
                for index in range(-at % BLOCK, len(window) - BLOCK + 1, BLOCK):
                    if window.startswith(b"ustar", index + 257):
                        self._budget.spend(_HEADER)
                        if read_header(window[index : index + BLOCK]) is not None:
                            return at + index
            begin = max(stop - BLOCK, start)
        self._seen.add(self._blob.size)  # nothing more to be said about the end
        return self._blob.size

    def _ending(self, at: int) -> int:
        """Behind the zeros that fill the last record."""
        tail = self._blob.read(at, _BLOCKING)
        zeros = len(tail) - len(tail.lstrip(b"\0"))
        return at + zeros // BLOCK * BLOCK


def _rounded(size: int) -> int:
    return (size + BLOCK - 1) // BLOCK * BLOCK
