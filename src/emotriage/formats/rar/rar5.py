"""The headers of RAR 5 archives ("RAR 5.0 archive format", rarlab.com)."""

import zlib
from dataclasses import dataclass, replace

from emotriage.formats.rar.entry import Contents, Entry, Listing
from emotriage.formats.rar.keys import Key, Keys, Lock, checked_lock
from emotriage.model.blob import Blob
from emotriage.model.errors import Encrypted, Malformed
from emotriage.model.limits import MIB, RECORD, Budget

_FILE, _SERVICE, _LOCK, _END = 2, 3, 4, 5
_EXTRA, _DATA, _BEFORE, _AFTER = 0x01, 0x02, 0x08, 0x10
_FOLDER, _TIME, _CRC, _NO_SIZE = 0x01, 0x02, 0x04, 0x08
_ENCRYPTION, _HASH, _REDIRECTION, _SERVICE_DATA = 1, 2, 5, 7
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


def read_rar5(blob: Blob, start: int, budget: Budget, keys: Keys | None = None) -> Contents:
    """List the members; `start` is behind the mark.

    Raises:
        Encrypted: the headers are, and this is not their password.
    """
    listing = Listing(budget.limits.children)
    at = start
    lock: Lock | None = None
    while at < blob.size:
        budget.spend(RECORD)
        try:
            raw, data = _header(blob, at, budget, keys, lock)
            header = _Reader(raw, 4)
            header.number()  # its size
            sort, flags = header.number(), header.number()
            extra = header.number() if flags & _EXTRA else 0
            packed = header.number() if flags & _DATA else 0
            if zlib.crc32(raw[4:]) != int.from_bytes(raw[:4], "little"):
                if lock is not None:
                    raise Encrypted("RAR headers")
                listing.odd("header-checksum", "headers", at, incomplete=True)
            if sort == _LOCK and lock is None:
                lock = _archive_lock(header)
                if keys is None:
                    return listing.finish(5, blob.size, data, lock)
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


def _header(blob: Blob, at: int, budget: Budget, keys: Keys | None, lock: Lock | None) -> tuple[bytes, int]:
    """A header from its checksum on, and the offset behind it."""
    begin, key = at, None
    if lock is not None:
        key = keys.open(replace(lock, iv=blob.read(at, 16).ljust(16, b"\0"))) if keys is not None else None
        if key is None:
            raise Encrypted("RAR headers")
        begin += 16
    head = _Reader(_clear(blob.read(begin, 16), key), 4)
    size = head.number() + head.at
    stored = size if key is None else size + 15 & ~15
    raw = blob.read(begin, min(stored, _LARGEST))
    budget.spend(len(raw))
    if len(raw) < stored:
        raise Malformed("RAR header is cut off")
    return _clear(raw, key)[:size], begin + stored


def _clear(raw: bytes, key: Key | None) -> bytes:
    return raw if key is None else b"".join(key.decrypted(iter([raw])))


def _archive_lock(header: _Reader) -> Lock:
    header.number()  # version
    checked = header.number() & 1
    power = header.take(1)
    salt = header.take(16)
    return checked_lock(salt, b"", header.take(12) if checked else b"", power[0] if power else 0)


def _member_lock(raw: bytes) -> Lock | None:
    """The lock in a member's encryption record; None where that is of another version or cut off."""
    reader = _Reader(raw)
    if reader.number():
        return None
    flags, power, salt, iv = reader.number(), reader.take(1), reader.take(16), reader.take(16)
    if len(iv) < 16:
        return None
    return checked_lock(salt, iv, reader.take(12) if flags & 1 else b"", power[0], tweaked=bool(flags & 2))


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
    packing = header.number()
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
            packing >> 7 & 7,
            sort,
            link,
            encrypted=_ENCRYPTION in records,
            split=split,
            crc=None if split else crc,
            coder=packing & 0x3F,
            window=_window(packing),
            solid=place.sort == _FILE and bool(packing & 0x40),
            begun=bool(place.flags & _BEFORE),
            lock=_member_lock(records[_ENCRYPTION]) if _ENCRYPTION in records else None,
            blake=b"" if split else _hash(records.get(_HASH, b"")),
        )
    )


def _window(packing: int) -> int:
    """Bytes that a member may refer back to; compression version 1 knows steps between the powers of two."""
    size = (128 << 10) << (packing >> 10 & (31 if packing & 0x3F else 15))
    return size + size // 32 * (packing >> 15 & 31) if packing & 0x3F else size


def _hash(raw: bytes) -> bytes:
    return raw[1:33] if raw[:1] == b"\0" and len(raw) >= 33 else b""


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
