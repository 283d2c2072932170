"""Archives of the nineties, LZH, ARJ and ACE: the names in them, and what LZH and ARJ members unpack to.

LHA header levels 0 to 2 (``header.doc.jp`` of LHa for UNIX), ``TECHNOTE.TXT`` of ARJ, ``acefile``'s description of ACE.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from emotriage.formats.lzh import VARIANTS, unpack_lzh
from emotriage.formats.unix_name import decode_name
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed, Unsupported
from emotriage.model.limits import RECORD, Budget

_ARJ = b"\x60\xea"
_ACE = b"**ACE**"
_STORED = (b"-lh0-", b"-lz4-")
_EXTENDED = 64
_CRC_WORK = 40


def _entry16(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value


_CRC16 = [_entry16(byte) for byte in range(256)]


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
        size: bytes once it is unpacked.
        method: of `VARIANTS`, or "" for what is stored or not read.
        crc: of its content, CRC-32 in ARJ and CRC-16 in LZH; None where it is not known.
    """

    name: str
    at: int
    data: int
    packed: int
    stored: bool = False
    encrypted: bool = False
    size: int = 0
    method: str = ""
    crc: int | None = None


@dataclass(frozen=True, slots=True)
class OldArchive:
    """An archive.

    Attributes:
        sort: ``LZH``, ``ARJ`` or ``ACE``.
        members: those that could be read, in order.
        end: offset behind it; None where the headers could not be read to their end.
    """

    sort: str
    members: tuple[Member, ...]
    end: int | None


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
    end: int | None = None
    for one in members:
        if isinstance(one, int):
            end = one
        elif len(found) < budget.limits.children:
            found.append(one)
            continue
        break
    return OldArchive(sort, tuple(found), end)


def unpack_member(blob: Blob, member: Member, budget: Budget) -> Iterator[bytes]:
    """The content of a member, in chunks.

    Raises:
        Unsupported: it is packed in a way that is not read.
        Malformed: it is cut off or damaged, or its checksum is another; what is there has been yielded.
    """
    chunks = _packed(blob, member, budget)
    if not member.stored:
        if member.method not in VARIANTS:
            raise Unsupported("method of an old archive")
        chunks = unpack_lzh(chunks, member.size, VARIANTS[member.method], budget)
    crc = size = 0
    add: Callable[[bytes, int], int] = zlib.crc32 if member.method == "arj" else _crc16
    for chunk in chunks:
        if member.crc is not None:
            budget.spend(0 if add is zlib.crc32 else _CRC_WORK * len(chunk))
            crc = add(chunk, crc)
        size += len(chunk)
        yield chunk
    if member.data + member.packed > blob.size or size != member.size:
        raise Malformed("a member of an old archive is cut off")
    if member.crc is not None and crc != member.crc:
        raise Malformed("checksum of a member of an old archive")


def _packed(blob: Blob, member: Member, budget: Budget) -> Iterator[bytes]:
    for _, window in blob.windows(start=member.data, stop=member.data + member.packed, holes=True):
        budget.spend(len(window))
        yield window


def _crc16(data: bytes, crc: int) -> int:
    """CRC-16 as LHA has it, lowest bit first."""
    for byte in data:
        crc = crc >> 8 ^ _CRC16[(crc ^ byte) & 0xFF]
    return crc


def _lzh(blob: Blob, budget: Budget) -> Iterator[Member | int]:
    at = 0
    while True:
        budget.spend(RECORD)
        head = blob.read(at, 24 + 256)
        if len(head) < 22 or head[2:3] != b"-" or head[20] > 2:
            if head[:1] in (b"", b"\0"):
                yield at + len(head[:1])
            return
        method, packed, level = head[2:7], struct.unpack_from("<I", head, 7)[0], head[20]
        total = struct.unpack_from("<I", head, 11)[0]
        summed = 21 if level == 2 else 22 + head[21]
        crc = int.from_bytes(head[summed : summed + 2], "little") if len(head) >= summed + 2 else None
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
        if level < 2 and sum(blob.read(at + 2, head[0])) & 0xFF != head[1]:
            return  # unpackers look for the next header from here on
        if method != b"-lhd-":
            yield Member(
                decode_name(folder + name),
                at,
                data,
                packed,
                stored=method in _STORED,
                size=total,
                method=method[1:4].decode("latin-1"),
                crc=crc,
            )
        at = data + packed


def _arj(blob: Blob, budget: Budget) -> Iterator[Member | int]:
    at, first = 0, True
    while True:
        budget.spend(RECORD)
        mark, size = blob.read(at, 2), int.from_bytes(blob.read(at + 2, 2), "little")
        if mark != _ARJ:
            return
        if not size:
            if not first and at + 4 <= blob.size:
                yield at + 4
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
                size=int.from_bytes(head[16:20], "little"),
                method="arj" if len(head) > 5 and head[5] in (0, 1, 2, 3) else "",
                crc=int.from_bytes(head[20:24], "little") if len(head) >= 24 else None,
            )
        at, first = place + packed, False


def _ace(blob: Blob, budget: Budget) -> Iterator[Member | int]:
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
                size=packed,
            )
        at = data + packed
    if at == blob.size:
        yield at
