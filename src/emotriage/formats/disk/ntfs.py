"""NTFS volumes by their master file table, as the Linux-NTFS project documents it: every record is read once, in order.

Folders are not walked: each record names its parent. Streams beside the main one are files of their own here, because
more than a mark of the web can be kept in them.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from emotriage.formats.disk.volume import DEEPEST, NOWHERE, Entry, Volume, clipped
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import RECORD, Budget

_SYSTEM_RECORDS, _ROOT = 24, 5
_RECORDS = 1 << 16
_STANDARD, _NAME, _DATA, _LABEL, _END = 0x10, 0x30, 0x80, 0x60, 0xFFFFFFFF
_HIDDEN, _SYSTEM = 2, 4
_COMPRESSED, _ENCRYPTED = 0x00FF, 0x4000
_DOS_NAME = 2
_RUNS = 4096
_ZONE = "Zone.Identifier"


@dataclass(slots=True)
class _Stream:
    """One data attribute."""

    size: int = 0
    pieces: list[tuple[int, tuple[tuple[int, int], ...]]] = field(default_factory=list)
    content: bytes | None = None
    unread: str = ""


@dataclass(slots=True)
class _File:
    """What the records of one file say."""

    name: str = ""
    parent: int = _ROOT
    folder: bool = False
    hidden: bool = False
    at: int = 0
    streams: dict[str, _Stream] = field(default_factory=dict)


def is_ntfs(head: bytes) -> bool:
    """Do these first 512 bytes describe an NTFS volume?"""
    return head[3:11] == b"NTFS    " and head[510:512] == b"\x55\xaa"


def read_ntfs(blob: Blob, budget: Budget) -> Volume:
    """The files of a volume.

    Raises:
        Malformed: the boot sector or the table's own record can't be read.
    """
    head = blob.read(0, 512)
    if len(head) < 512 or not is_ntfs(head):
        raise Malformed("no NTFS boot sector")
    cluster = int.from_bytes(head[11:13], "little") * (head[13] if head[13] < 0x80 else 1 << (256 - head[13] & 31))
    per_record = struct.unpack_from("<b", head, 64)[0]
    size = per_record * cluster if per_record > 0 else 1 << (-per_record & 31)
    if not 0 < cluster <= 2 << 20 or size not in (256, 512, 1024, 2048, 4096):
        raise Malformed("NTFS geometry")
    begin = int.from_bytes(head[48:56], "little") * cluster
    files: dict[int, _File] = {}
    _note(_fixed(blob.read(begin, size)), 0, begin, cluster, files)
    table = files.get(0, _File()).streams.get("")
    if table is None or not table.pieces:
        raise Malformed("NTFS file table")
    records = blob.join([one for _, pieces in table.pieces for one in pieces])
    odd: dict[str, Anomaly] = {}
    count = records.size // size
    if count > _RECORDS:
        odd["too-many-files"] = Anomaly("too-many-files", "file table", begin, incomplete=True)
    for number in range(1, min(count, _RECORDS)):
        budget.spend(2 * RECORD)
        raw = records.read(number * size, size)
        if raw[:4] == b"FILE" and raw[22] & 1:
            _note(_fixed(raw), number, number * size, cluster, files)
    entries = list(_entries(files, blob.size, odd, budget))
    if files.get(_ROOT, _File()).folder is False and not entries:
        odd["no-root"] = Anomaly("no-root", "file table", begin, incomplete=True)
    sectors = int.from_bytes(head[40:48], "little") * int.from_bytes(head[11:13], "little")
    return Volume("NTFS", "", tuple(entries), sectors or None, tuple(odd.values()))


def _fixed(raw: bytes) -> bytes:
    """A record with the ends of its sectors put back from the update sequence."""
    if raw[:4] != b"FILE":
        return b""
    at, count = struct.unpack_from("<HH", raw, 4)
    out = bytearray(raw)
    for number in range(1, min(count, len(raw) // 512 + 1)):
        place = at + 2 * number
        out[number * 512 - 2 : number * 512] = raw[place : place + 2].ljust(2, b"\0")
    return bytes(out)


def _note(raw: bytes, number: int, at: int, cluster: int, files: dict[int, _File]) -> None:
    """Take the attributes of a record; those of an extension record belong to its base."""
    if len(raw) < 48:
        return
    flags = int.from_bytes(raw[22:24], "little")
    base = int.from_bytes(raw[32:38], "little")
    file = files.setdefault(base or number, _File(at=at))
    file.folder |= bool(flags & 2) and not base
    for kind, attribute in _attributes(raw):
        if kind == _DATA:
            _take_data(attribute, cluster, file)
            continue
        begin = int.from_bytes(attribute[20:22], "little")
        body = attribute[begin:] if not attribute[8] else b""
        if kind == _STANDARD and len(body) >= 36:
            file.hidden |= bool(body[32] & (_HIDDEN | _SYSTEM))
        elif kind == _NAME and len(body) >= 66 and (body[65] != _DOS_NAME or not file.name):
            file.parent = int.from_bytes(body[:6], "little")
            file.name = body[66 : 66 + 2 * body[64]].decode("utf-16-le", "replace")


def _attributes(raw: bytes) -> Iterator[tuple[int, bytes]]:
    at = int.from_bytes(raw[20:22], "little")
    while at + 24 <= len(raw):
        kind, length = struct.unpack_from("<II", raw, at)
        if kind == _END or length < 24 or at + length > len(raw):
            return
        yield kind, raw[at : at + length]
        at += length


def _take_data(raw: bytes, cluster: int, file: _File) -> None:
    begin = int.from_bytes(raw[10:12], "little")
    name = raw[begin : begin + 2 * raw[9]].decode("utf-16-le", "replace")
    stream = file.streams.setdefault(name, _Stream())
    flags = int.from_bytes(raw[12:14], "little")
    if flags & (_COMPRESSED | _ENCRYPTED):
        stream.unread = "encrypted" if flags & _ENCRYPTED else "compressed"
    if not raw[8]:
        size, at = int.from_bytes(raw[16:20], "little"), int.from_bytes(raw[20:22], "little")
        stream.content = raw[at : at + size]
        stream.size = len(stream.content)
    elif len(raw) >= 64:
        first = int.from_bytes(raw[16:24], "little")
        if not first:
            stream.size = int.from_bytes(raw[48:56], "little")
        stream.pieces.append((first, tuple(_runs(raw[int.from_bytes(raw[32:34], "little") :], cluster))))


def _runs(raw: bytes, cluster: int) -> Iterator[tuple[int, int]]:
    """Pieces of a run list: each run says how many clusters, and how far from the one before; -1 is a hole."""
    at, place = 0, 0
    for _ in range(_RUNS):
        if at >= len(raw) or not raw[at]:
            return
        lengths, offsets = raw[at] & 15, raw[at] >> 4
        count = int.from_bytes(raw[at + 1 : at + 1 + lengths], "little")
        delta = raw[at + 1 + lengths : at + 1 + lengths + offsets]
        place += int.from_bytes(delta, "little", signed=True)
        at += 1 + lengths + offsets
        if place < 0 or count <= 0:
            return
        yield (place * cluster if offsets else NOWHERE, count * cluster)  # what lies nowhere reads as zeros


def _entries(files: dict[int, _File], room: int, odd: dict[str, Anomaly], budget: Budget) -> Iterator[Entry]:
    listed = 0
    for number, file in sorted(files.items()):
        if number < _SYSTEM_RECORDS or not file.name:
            continue
        path, hidden = _path(file, files, budget)
        for name, stream in sorted(file.streams.items()):
            if name == _ZONE or (file.folder and not name):
                continue
            if listed >= budget.limits.children:
                odd["too-many-files"] = Anomaly("too-many-files", path, file.at, incomplete=True)
                return
            listed += 1
            pieces = clipped([one for _, some in sorted(stream.pieces) for one in some], stream.size)
            lost = stream.content is None and sum(length for _, length in pieces) < stream.size
            if stream.unread or lost or any(at < NOWHERE and at + length > room for at, length in pieces):
                code = f"file-{stream.unread}" if stream.unread else "file-past-end"
                odd.setdefault(code, Anomaly(code, path, file.at, incomplete=True))
            yield Entry(
                f"{path}:{name}" if name else path, pieces, stream.size, hidden, file.at, stream.content, stream.unread
            )


def _path(file: _File, files: dict[int, _File], budget: Budget) -> tuple[str, bool]:
    """(path, whether it or a folder above it is hidden)."""
    parts, hidden = [file.name], file.hidden
    parent = file.parent
    for _ in range(DEEPEST):
        budget.spend(RECORD // 4)
        above = files.get(parent)
        if parent == _ROOT or above is None:
            break
        parts.append(above.name)
        hidden |= above.hidden
        parent = above.parent
    return "/".join(reversed(parts)), hidden
