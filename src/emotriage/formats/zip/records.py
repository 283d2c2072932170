"""The records of a ZIP archive as structures: local headers, directory entries, end records (APPNOTE.TXT 4.3)."""

from dataclasses import dataclass
from struct import Struct

from emotriage.formats.zip.aes import AesField, aes_field
from emotriage.formats.zip.names import extra_fields, member_name
from emotriage.model.blob import Blob

LOCAL_SIGNATURE = b"PK\3\4"
ENTRY_SIGNATURE = b"PK\1\2"
END_SIGNATURE = b"PK\5\6"
DESCRIPTOR_SIGNATURE = b"PK\7\x08"
_END64_SIGNATURE = b"PK\6\6"
_LOCATOR_SIGNATURE = b"PK\6\7"

ENCRYPTED, STREAMED, STRONG, MASKED = 1 << 0, 1 << 3, 1 << 6, 1 << 13
"""General purpose bits: encrypted, sizes in a data descriptor, strong encryption, masked local headers."""

_LOCAL = Struct("<4sHHHHHIIIHH")
_ENTRY = Struct("<4sHHHHHHIIIHHHHHII")
_END = Struct("<4sHHHHIIH")
_END64 = Struct("<4sQHHIIQQQQ")
_LOCATOR = Struct("<4sIQI")
_SIZES = Struct("<III")
_SIZES64 = Struct("<IQQ")
_METHODS = frozenset(range(21)) | set(range(92, 100))
_ZIP64 = 1
FULL = 0xFFFFFFFF
"""What a field of 32 bits holds when the zip64 extra field has the value."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an archive.

    Attributes:
        name: the decoded name, ``/`` and all, as the archive spells it.
        raw_name: the name's bytes.
        method: compression method.
        flags: general purpose bits.
        crc: CRC-32 of the content.
        packed: size of the compressed bytes.
        size: size of the content, as declared.
        offset: of the local header, in the blob.
        indexed: it is in the directory that readers go by.
        data: offset of the compressed bytes in the blob, or -1 where there is no local header.
        attributes: external file attributes; the Unix mode in the upper half.
        other_name: what the name's own bytes say, where the Unicode path field gives a name that ends differently.
        time: of the last change, as MS-DOS writes it: ZipCrypto checks a password by it.
        aes: how the member is encrypted with AES, if it is.
    """

    name: str
    raw_name: bytes
    method: int
    flags: int
    crc: int
    packed: int
    size: int
    offset: int
    indexed: bool
    data: int = -1
    attributes: int = 0
    other_name: str = ""
    time: int = 0
    aes: AesField | None = None

    @property
    def encrypted(self) -> bool:
        """Readable with a password only."""
        return bool(self.flags & (ENCRYPTED | STRONG | MASKED))

    @property
    def is_dir(self) -> bool:
        """A folder: its name ends so, and it has no content."""
        return self.name.endswith(("/", "\\")) and self.size == 0 and self.packed <= 2

    @property
    def end(self) -> int:
        """Offset behind the compressed bytes."""
        return self.data + self.packed


@dataclass(frozen=True, slots=True)
class EndRecord:
    """One end of central directory record, with what its zip64 twin says.

    Attributes:
        offset: of the record.
        end: offset behind the record and its comment.
        count: entries it declares.
        starts: (offset of the central directory, correction of its offsets), likeliest first; empty when none is there.
        stop: offset at which the directory must end.
        comment: offset of the archive's comment, which goes on to `end`.
        split: it belongs to an archive in several volumes.
        contradictory: the record, its zip64 locator and its zip64 twins point to different places.
    """

    offset: int
    end: int
    count: int
    starts: tuple[tuple[int, int], ...]
    stop: int
    comment: int
    split: bool
    contradictory: bool


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What stands behind a member that was written in one pass.

    Attributes:
        crc: CRC-32 of the content.
        packed: size of the compressed bytes.
        size: size of the content.
        length: of the descriptor itself.
    """

    crc: int
    packed: int
    size: int
    length: int

    @property
    def values(self) -> tuple[int, int, int]:
        """Checksum and sizes as headers of 32 bits give them."""
        return self.crc, self.packed & FULL, self.size & FULL


class Cursor:
    """Reads small records at rising offsets with few reads of the blob."""

    __slots__ = ("_at", "_blob", "_buffer", "_window")

    def __init__(self, blob: Blob, window: int) -> None:
        self._blob = blob
        self._window = window
        self._at = 0
        self._buffer = b""

    def read(self, offset: int, length: int) -> bytes:
        """Bytes from `offset`, at most `length`."""
        skip = offset - self._at
        if skip < 0 or skip + length > len(self._buffer):
            self._at, skip = offset, 0
            self._buffer = self._blob.read(offset, max(length, self._window)) if offset >= 0 else b""
        return self._buffer[skip : skip + length]


def read_local(cursor: Cursor, offset: int) -> Member | None:
    """The member whose local header is at `offset`, as that header tells it, or None if there is no usable one."""
    head = cursor.read(offset, _LOCAL.size)
    if len(head) < _LOCAL.size or head[:4] != LOCAL_SIGNATURE:
        return None
    _, _, flags, method, time, _, crc, packed, size, n_name, n_extra = _LOCAL.unpack(head)
    tail = cursor.read(offset + _LOCAL.size, n_name + n_extra)
    data = offset + _LOCAL.size + n_name + n_extra
    raw, extra = tail[:n_name], tail[n_name:]
    size, packed, _ = _zip64(extra, size, packed, 0)
    name, other = member_name(raw, extra)
    return Member(
        name,
        raw,
        method,
        flags,
        crc,
        packed,
        size,
        offset,
        indexed=False,
        data=data,
        other_name=other,
        time=time,
        aes=aes_field(extra),
    )


def read_descriptor(cursor: Cursor, member: Member) -> Descriptor | None:
    """The data descriptor behind a member, with or without its signature, or None if there is none."""
    tail = cursor.read(member.end, 28)
    if len(tail) >= 12 and tail[:4] != DESCRIPTOR_SIGNATURE:
        crc, packed, size = _SIZES.unpack_from(tail)
        return Descriptor(crc, packed, size, 12) if (crc, packed) == (member.crc, member.packed & FULL) else None
    if len(tail) < 16:
        return None
    crc, packed, size = _SIZES.unpack_from(tail, 4)
    if packed == member.packed & FULL and (len(tail) < 24 or tail[12:16] != bytes(4) or tail[16:18] == b"PK"):
        return Descriptor(crc, packed, size, 16)
    if tail[16:18] == b"PK" or len(tail) < 24:
        return Descriptor(crc, packed, size, 16)
    crc, packed, size = _SIZES64.unpack_from(tail, 4)
    return Descriptor(crc, packed, size, 24)


def read_entry(cursor: Cursor, at: int, correction: int) -> tuple[Member, int, int] | None:
    """(member, offset of its comment, of the next entry) from the directory entry at `at`, or None if there is none."""
    head = cursor.read(at, _ENTRY.size)
    if len(head) < _ENTRY.size or head[:4] != ENTRY_SIGNATURE:
        return None
    _, _, _, flags, method, time, _, crc, packed, size, n_name, n_extra, n_comment, _, _, attributes, offset = (
        _ENTRY.unpack(head)
    )
    tail = cursor.read(at + _ENTRY.size, n_name + n_extra)
    raw, extra = tail[:n_name], tail[n_name:]
    size, packed, offset = _zip64(extra, size, packed, offset)
    name, other = member_name(raw, extra)
    member = Member(
        name,
        raw,
        method,
        flags,
        crc,
        packed,
        size,
        offset + correction,
        indexed=True,
        attributes=attributes,
        other_name=other,
        time=time,
        aes=aes_field(extra),
    )
    comment = at + _ENTRY.size + n_name + n_extra
    return member, comment, comment + n_comment


def read_end(blob: Blob, offset: int) -> EndRecord | None:
    """The end record at `offset`, or None if it is cut off."""
    head = blob.read(offset, _END.size)
    if len(head) < _END.size:
        return None
    _, disk, first, _, count, size, start, n_comment = _END.unpack(head)
    plain = _starts(blob, offset, size, start)
    stop, astray = offset, False
    twins: list[tuple[tuple[int, int], ...]] = []
    located = blob.read(offset - _LOCATOR.size, _LOCATOR.size) if offset >= _LOCATOR.size else b""
    if located[:4] == _LOCATOR_SIGNATURE:
        where = _LOCATOR.unpack(located)[2]
        for at in dict.fromkeys((offset - _LOCATOR.size - _END64.size, where)):
            record = blob.read(at, _END64.size) if 0 <= at < offset else b""
            if len(record) == _END64.size and record[:4] == _END64_SIGNATURE:
                count64, size64, start64 = _END64.unpack(record)[7:]
                found = _starts(blob, at, size64, start64)
                if not twins:
                    stop, count = at, count64
                    astray = bool(found) and where + found[0][1] != at
                twins.append(found)
    starts = tuple(dict.fromkeys(one for found in (*twins, plain) for one in found))
    return EndRecord(
        offset,
        min(offset + _END.size + n_comment, blob.size),
        count,
        starts,
        stop,
        offset + _END.size,
        split=0 < disk < 0xFFFF or 0 < first < 0xFFFF,
        contradictory=astray or len({found[0] for found in (*twins, plain) if found}) > 1,
    )


def plausible(member: Member) -> bool:
    """False for a local header that only looks like one: its signature stood in other data."""
    return member.method in _METHODS and bool(member.raw_name) and b"\0" not in member.raw_name[:1]


def _starts(blob: Blob, stop: int, size: int, start: int) -> tuple[tuple[int, int], ...]:
    """Where a directory of `size` bytes before `stop` can begin: beside its end record, or at its stated offset."""
    found = {}
    for at in (stop - size, start):
        if 0 <= at < stop and blob.read(at, 4) == ENTRY_SIGNATURE:
            found[at] = at - start
    return tuple(found.items())


def _zip64(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Sizes and offset with their 64-bit values where the 32-bit fields are full (APPNOTE.TXT 4.5.3)."""
    if FULL not in (size, packed, offset):
        return size, packed, offset
    data = next((data for kind, data in extra_fields(extra) if kind == _ZIP64), b"")
    values = [size, packed, offset]
    at = 0
    for index, value in enumerate(values):
        if value == FULL and at + 8 <= len(data):
            values[index] = int.from_bytes(data[at : at + 8], "little")
            at += 8
    return values[0], values[1], values[2]
