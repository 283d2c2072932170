"""Archives of the nineties, LZH, ARJ and ACE: the names in them, and what LZH stores as it is.

LHA header levels 0 to 2 (``header.doc.jp`` of LHa for UNIX), ``TECHNOTE.TXT`` of ARJ, ``acefile``'s description of ACE.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from emotriage.formats.unix_name import decode_name
from emotriage.model.blob import Blob
from emotriage.model.limits import RECORD, Budget

_ARJ = b"\x60\xea"
_ACE = b"**ACE**"
_STORED = (b"-lh0-", b"-lz4-")
_EXTENDED = 64


@dataclass(frozen=True, slots=True)
class Member:
    """A member.

    Attributes:
        name: as the archive gives it.
        at: offset of its header.
        data: offset of its bytes.
        packed: how many there are.
        stored: they are the content as it is.
        encrypted: a password is needed.
    """

    name: str
    at: int
    data: int
    packed: int
    stored: bool = False
    encrypted: bool = False


@dataclass(frozen=True, slots=True)
class OldArchive:
    """An archive.

    Attributes:
        sort: ``LZH``, ``ARJ`` or ``ACE``.
        members: those that could be read, in order.
        whole: the headers could be read to their end.
    """

    sort: str
    members: tuple[Member, ...]
    whole: bool


def read_old_archive(blob: Blob, budget: Budget) -> OldArchive | None:
    """List an archive, or None where it is none of these."""
    head = blob.read(0, 14)
    if head[2:5] == b"-lh" or head[2:5] == b"-lz":
        sort, members = "LZH", _lzh(blob, budget)
    elif head.startswith(_ARJ):
        sort, members = "ARJ", _arj(blob, budget)
    elif head[7:14] == _ACE:
        sort, members = "ACE", _ace(blob, budget)
    else:
        return None
    found: list[Member] = []
    whole = False
    for one in members:
        whole = one is None
        if one is None or len(found) >= budget.limits.children:
            break
        found.append(one)
    return OldArchive(sort, tuple(found), whole)


def _lzh(blob: Blob, budget: Budget) -> Iterator[Member | None]:
    at = 0
    while True:
        budget.spend(RECORD)
        head = blob.read(at, 24 + 256)
        if len(head) < 22 or head[2:3] != b"-" or head[20] > 2:
            if head[:1] in (b"", b"\0"):
                yield None
            return
        method, packed, level = head[2:7], struct.unpack_from("<I", head, 7)[0], head[20]
        name, folder = b"", b""
        size, first = head[0] + 2, 24
        if level < 2:
            name = head[22 : 22 + head[21]]
            first = size - 2
        else:
            size = struct.unpack_from("<H", head, 0)[0]
        place, length = at + first, 0 if level == 0 else int.from_bytes(blob.read(at + first, 2), "little")
        for _ in range(_EXTENDED if level else 0):
            if length < 3:
                break
            record = blob.read(place + 2, min(length, 4096))
            budget.spend(RECORD + len(record))
            if record[:1] == b"\1":
                name = record[1 : length - 2]
            elif record[:1] == b"\2":
                folder = record[1 : length - 2].replace(b"\xff", b"/")
            place += length
            packed -= length if level == 1 else 0
            length = int.from_bytes(blob.read(place, 2), "little")
        data = place + 2 if level == 1 else at + size
        if data <= at or packed < 0:
            return
        if method != b"-lhd-":
            yield Member(decode_name(folder + name), at, data, packed, stored=method in _STORED)
        at = data + packed


def _arj(blob: Blob, budget: Budget) -> Iterator[Member | None]:
    at, first = 0, True
    while True:
        budget.spend(RECORD)
        mark, size = blob.read(at, 2), int.from_bytes(blob.read(at + 2, 2), "little")
        if mark != _ARJ:
            return
        if not size:
            yield None
            return
        head = blob.read(at + 4, min(size, 4096))
        place = at + 4 + size + 4
        for _ in range(_EXTENDED):
            length = int.from_bytes(blob.read(place, 2), "little")
            place += 2
            if not length:
                break
            place += length + 4
        packed = 0 if first or len(head) < 16 else struct.unpack_from("<I", head, 12)[0]
        if not first and head:
            yield Member(
                decode_name(head[head[0] :].partition(b"\0")[0]),
                at,
                place,
                packed,
                stored=len(head) > 5 and head[5] == 0,
                encrypted=len(head) > 4 and bool(head[4] & 1),
            )
        at, first = place + packed, False


def _ace(blob: Blob, budget: Budget) -> Iterator[Member | None]:
    at = 0
    while at < blob.size:
        budget.spend(RECORD)
        head = blob.read(at, 4 + 4096)
        if len(head) < 7:
            return
        size, sort, flags = struct.unpack_from("<HBH", head, 2)
        packed = struct.unpack_from("<I", head, 7)[0] if flags & 1 and len(head) >= 11 else 0
        data = at + 4 + size
        if sort == 1 and len(head) >= 35:
            length = struct.unpack_from("<H", head, 33)[0]
            yield Member(
                decode_name(head[35 : 35 + length]),
                at,
                data,
                packed,
                stored=len(head) > 27 and head[27] == 0 and not flags & 0x4000,
                encrypted=bool(flags & 0x4000),
            )
        at = data + packed
    if at == blob.size:
        yield None
