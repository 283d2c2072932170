"""The headers of RAR 1.5 to 4 archives, from the technical note that comes with them (``technote.txt`` of RAR 4)."""

import struct
import zlib

from emotriage.formats.rar.entry import Contents, Entry, Listing
from emotriage.formats.rar.keys import Keys, Lock
from emotriage.formats.unix_name import decode_name
from emotriage.model.blob import Blob
from emotriage.model.errors import Encrypted
from emotriage.model.limits import RECORD, Budget

_ARCHIVE, _FILE, _PART, _END = 0x73, 0x74, 0x7A, 0x7B
_LOCKED = 0x80
_BEFORE, _AFTER, _SECRET, _SOLID, _FOLDER, _LARGE, _WIDE, _SALT = 0x01, 0x02, 0x04, 0x10, 0xE0, 0x100, 0x200, 0x400
_MORE = 0x8000
_UNIX = 3
_LINK = 0o12
_NAME = 4096


def read_rar4(blob: Blob, start: int, budget: Budget, keys: Keys | None = None) -> Contents:
    """List the members; `start` is behind the mark.

    Raises:
        Encrypted: the headers are, and this is not their password.
    """
    listing = Listing(budget.limits.children)
    at = start
    begun = locked = False
    while at < blob.size:
        place = at
        if locked:
            header, at = _opened(blob, at, keys)
        else:
            size = int.from_bytes(blob.read(at + 5, 2), "little")
            header = blob.read(at, max(size, 7))
            at += size
        head = header[:7]
        if len(head) < 7:
            listing.odd("cut-off", "headers", place, incomplete=True)
            break
        crc, sort, flags, size = struct.unpack("<HBHH", head)
        budget.spend(RECORD + size)
        at, behind = place, at
        if size < 7 or len(header) < size:
            listing.odd("cut-off" if size >= 7 else "damaged-header", "headers", at, incomplete=True)
            break
        if sort in (_FILE, _PART) and zlib.crc32(header[2:]) & 0xFFFF != crc:
            listing.odd("header-checksum", "headers", at, incomplete=True)
        begun = begun or sort == _ARCHIVE
        if sort == _ARCHIVE and flags & _LOCKED:
            lock = Lock(4, blob.read(behind, 8))
            if keys is None:
                return listing.finish(4, blob.size, behind, lock)
            locked = True
        if sort == _END:
            return listing.finish(4, behind)
        more = struct.unpack_from("<I", header, 7)[0] if flags & _MORE and size >= 11 else 0
        if sort in (_FILE, _PART) and size >= 32:
            entry = _entry(header, (at, behind), flags, listing)
            more = entry.packed
            if entry.name:
                listing.add(entry)
        at = behind + more
    else:
        if at > blob.size:
            listing.odd("cut-off", "content", min(at, blob.size), incomplete=True)
    if not begun:
        listing.odd("no-archive-header", "headers", start, incomplete=True)
    return listing.finish(4, min(at, blob.size))


def _opened(blob: Blob, at: int, keys: Keys | None) -> tuple[bytes, int]:
    """An encrypted header in clear, and the offset behind it; its checksum tells a wrong password."""
    key = keys.open(Lock(4, blob.read(at, 8))) if keys is not None else None
    if key is None:
        raise Encrypted("RAR headers")
    raw = blob.read(at + 8, 16)
    size = -1
    for _ in range(2):  # the first block says how many there are
        clear = b"".join(key.decrypted(iter([raw])))
        size = int.from_bytes(clear[5:7], "little")
        raw = blob.read(at + 8, size + 15 & ~15)
    if size < 7 or len(clear) < size or zlib.crc32(clear[2:size]) & 0xFFFF != int.from_bytes(clear[:2], "little"):
        raise Encrypted("RAR headers")
    return clear[:size], at + 8 + len(raw)


def _entry(header: bytes, place_of: tuple[int, int], flags: int, listing: Listing) -> Entry:
    packed, size, system, crc, _, coder, method, length, mode = struct.unpack_from("<IIBIIBBHI", header, 7)
    place = 32
    if flags & _LARGE and len(header) >= 40:
        high_packed, high_size = struct.unpack_from("<II", header, 32)
        packed, size, place = packed + (high_packed << 32), size + (high_size << 32), 40
    raw = header[place : place + min(length, _NAME)]
    name = _wide(raw) if flags & _WIDE else decode_name(raw)
    salt = header[place + length : place + length + 8] if flags & _SALT else b""
    sort, link = "file", ""
    if header[2] == _PART:
        sort, name = _part(name, header[place + length + (8 if flags & _SALT else 0) :], listing)
    elif flags & _FOLDER == _FOLDER:
        sort = "folder"
    elif system == _UNIX and mode >> 12 == _LINK:
        sort, link = "link", "symbolic link"
    return Entry(
        name,
        *place_of,
        packed,
        size,
        max(method - 0x30, 0) if method else 0,
        sort,
        link,
        encrypted=bool(flags & _SECRET),
        split=bool(flags & (_BEFORE | _AFTER)),
        crc=None if flags & (_BEFORE | _AFTER) else crc,
        version=4,
        coder=coder,
        window=(64 << 10) << (flags >> 5 & 7) if sort == "file" else 4 << 20,
        solid=sort == "file" and bool(flags & _SOLID),
        begun=bool(flags & _BEFORE),
        lock=Lock(4, salt) if flags & _SECRET else None,
    )


def _part(name: str, rest: bytes, listing: Listing) -> tuple[str, str]:
    """(sort, name) of a sub-block: comments and NTFS streams hold content, all others only describe."""
    if name == "CMT":
        return "comment", "comment"
    if name == "STM":
        owner = next((one.name for one in reversed(listing.entries) if one.sort == "file"), "")
        stream = rest[: len(rest) // 2 * 2].decode("utf-16-le", "replace").rstrip("\0")
        return "stream", owner + (stream if stream.startswith(":") else f":{stream}")
    return "file", ""


def _wide(raw: bytes) -> str:
    """A name that stands twice: in a code page, and behind a zero in the differences from that to Unicode."""
    plain, zero, packed = raw.partition(b"\0")
    if not zero:
        return raw.decode("utf-8", "replace")
    if not packed:
        return decode_name(plain)
    high, at, left, flags = packed[0] << 8, 1, 0, 0
    out: list[int] = []
    while at < len(packed) and len(out) < _NAME:
        if not left:
            flags, left, at = packed[at], 4, at + 1
        piece = packed[at : at + 2].ljust(2, b"\0")
        code = flags >> 6
        if code == 3:
            count, shift = (piece[0] & 0x7F) + 2, piece[1] if piece[0] & 0x80 else 0
            page = high if piece[0] & 0x80 else 0
            out += [((one + shift) & 0xFF) + page for one in plain[len(out) : len(out) + count]]
            at += 2 if piece[0] & 0x80 else 1
        elif at < len(packed):
            out.append((piece[0], piece[0] + high, piece[0] | piece[1] << 8)[code])
            at += 2 if code == 2 else 1
        flags, left = flags << 2 & 0xFF, left - 1
    return b"".join(one.to_bytes(2, "little") for one in out).decode("utf-16-le", "replace")
