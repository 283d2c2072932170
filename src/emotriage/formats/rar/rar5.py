"""The headers of RAR 5 archives ("RAR 5.0 archive format", rarlab.com)."""

import zlib
from dataclasses import dataclass

from emotriage.formats.rar.entry import Contents, Entry, Listing
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import MIB, RECORD, Budget

_FILE, _SERVICE, _LOCK, _END = 2, 3, 4, 5
_EXTRA, _DATA, _BEFORE, _AFTER = 0x01, 0x02, 0x08, 0x10
_FOLDER, _TIME, _CRC, _NO_SIZE = 0x01, 0x02, 0x04, 0x08
_ENCRYPTION, _REDIRECTION, _SERVICE_DATA = 1, 5, 7
_LINKS = {1: "symbolic link", 2: "symbolic link", 3: "junction", 4: "hard link", 5: "copy of a member"}
_LARGEST = 2 * MIB
"""Of a header, as the format has it."""
_NAME = 4096


@dataclass(slots=True)
class _Reader:
    """Numbers of seven bits a byte, one after another."""

    raw: bytes
    at: int = 0

    def number(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            if self.at >= len(self.raw):
                raise Malformed("number of a RAR header is cut off")
            byte = self.raw[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
        raise Malformed("number of a RAR header is too long")

    def take(self, length: int) -> bytes:
        piece = self.raw[self.at : self.at + length]
        self.at += length
        return piece


def read_rar5(blob: Blob, start: int, budget: Budget) -> Contents:
    """List the members; `start` is behind the mark."""
    listing = Listing(budget.limits.children)
    at = start
    while at < blob.size:
        budget.spend(RECORD)
        head = _Reader(blob.read(at, 4 + 10), 4)
        try:
            size = head.number()
            header = _Reader(_header(blob, at + head.at, size, budget))
            sort, flags = header.number(), header.number()
            extra = header.number() if flags & _EXTRA else 0
            packed = header.number() if flags & _DATA else 0
            data = at + head.at + size
            if zlib.crc32(head.raw[4 : head.at] + header.raw) != int.from_bytes(head.raw[:4], "little"):
                listing.odd("header-checksum", "headers", at, incomplete=True)
            if sort == _LOCK:
                return listing.finish(5, blob.size, data)
            if sort == _END:
                return listing.finish(5, data)
            if sort in (_FILE, _SERVICE):
                _add(listing, header, _Place(at, data, packed, extra, flags, sort))
        except Malformed:
            listing.odd("damaged-header", "headers", at, incomplete=True)
            return listing.finish(5, min(at, blob.size))
        at = data + packed
    if at > blob.size:
        listing.odd("cut-off", "content", blob.size, incomplete=True)
    else:
        listing.odd("no-end-mark", "headers", at, incomplete=True)
    return listing.finish(5, min(at, blob.size))


def _header(blob: Blob, at: int, size: int, budget: Budget) -> bytes:
    raw = blob.read(at, min(size, _LARGEST))
    budget.spend(len(raw))
    if len(raw) < size:
        raise Malformed("RAR header is cut off")
    return raw


@dataclass(frozen=True, slots=True)
class _Place:
    at: int
    data: int
    packed: int
    extra: int
    flags: int
    sort: int


def _add(listing: Listing, header: _Reader, place: _Place) -> None:
    """A file, or a part of one that the format keeps as a file of its own."""
    flags, size = header.number(), header.number()
    header.number()  # attributes
    if flags & _TIME:
        header.take(4)
    crc = int.from_bytes(header.take(4), "little") if flags & _CRC else None
    method = header.number() >> 7 & 7
    header.number()  # system
    name = header.take(min(header.number(), _NAME)).decode("utf-8", "surrogateescape")
    name = name.encode("utf-8", "replace").decode("utf-8", "replace")
    records = dict(_records(header.raw[max(len(header.raw) - place.extra, header.at) :] if place.extra else b""))
    sort, link = "folder" if flags & _FOLDER else "file", ""
    if place.sort == _SERVICE:
        if name not in ("CMT", "STM"):
            return
        sort = "comment" if name == "CMT" else "stream"
        name = "comment" if name == "CMT" else _stream_name(listing, records.get(_SERVICE_DATA, b""))
    elif _REDIRECTION in records:
        sort, link = "link", _link(records[_REDIRECTION])
    split = bool(place.flags & (_BEFORE | _AFTER))
    listing.add(
        Entry(
            name,
            place.at,
            place.data,
            place.packed,
            -1 if flags & _NO_SIZE else size,
            method,
            sort,
            link,
            encrypted=_ENCRYPTION in records,
            split=split,
            crc=None if split else crc,
        )
    )


def _records(raw: bytes) -> list[tuple[int, bytes]]:
    """(type, data) of the extra area; the first of a type counts."""
    found: list[tuple[int, bytes]] = []
    reader = _Reader(raw)
    while reader.at < len(raw):
        record = _Reader(reader.take(reader.number()))
        if record.raw:
            found.append((record.number(), record.raw[record.at :]))
    return found[::-1]


def _stream_name(listing: Listing, raw: bytes) -> str:
    owner = next((one.name for one in reversed(listing.entries) if one.sort == "file"), "")
    stream = raw[:_NAME].decode("utf-8", "replace")
    return owner + (stream if stream.startswith(":") else f":{stream}")


def _link(raw: bytes) -> str:
    reader = _Reader(raw)
    sort = reader.number()
    reader.number()  # flags
    target = reader.take(min(reader.number(), _NAME)).decode("utf-8", "replace")
    return f"{_LINKS.get(sort, 'link')} to {target}"
