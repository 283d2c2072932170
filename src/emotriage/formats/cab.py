"""Cabinets, from [MS-CAB] 2: files one after another in folders, which are packed block by block."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from emotriage.formats.lzx import LzxDecoder
from emotriage.formats.unix_name import decode_name
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed, Unsupported
from emotriage.model.limits import RECORD, Budget

_HEADER = 36
_PREVIOUS, _NEXT, _RESERVE = 1, 2, 4
_STORED, _MSZIP, _QUANTUM, _LZX = 0, 1, 2, 3
_ELSEWHERE = 0xFFFD
_UTF8 = 0x80
_NAME = 256
_BLOCK = 32 << 10


@dataclass(frozen=True, slots=True)
class Member:
    """One file.

    Attributes:
        name: as the cabinet gives it.
        folder: number of the folder it lies in, or -1 where that is in another cabinet.
        offset: in the unpacked folder.
        size: bytes.
        attributes: of Windows.
        at: offset of its entry.
    """

    name: str
    folder: int
    offset: int
    size: int
    attributes: int
    at: int


@dataclass(frozen=True, slots=True)
class _Folder:
    start: int
    blocks: int
    method: int


@dataclass(frozen=True, slots=True)
class Cabinet:
    """A cabinet.

    Attributes:
        blob: it.
        members: in order.
        end: where it says that it ends.
        anomalies: what is odd, and what could not be read.
    """

    blob: Blob
    members: tuple[Member, ...]
    end: int
    anomalies: tuple[Anomaly, ...]
    _folders: tuple[_Folder, ...]
    _reserved: int

    def unpack(self, folder: int, budget: Budget) -> Iterator[bytes]:
        """The content of a folder, in chunks.

        Raises:
            Malformed: a block contradicts its method.
            Unsupported: a method that is not read.
        """
        one = self._folders[folder]
        method = one.method & 15
        if method == _QUANTUM or method > _LZX:
            raise Unsupported("CAB method Quantum" if method == _QUANTUM else f"CAB method {method}")
        lzx = LzxDecoder(one.method >> 8 & 31, budget) if method == _LZX else None
        at, before = one.start, b""
        for _ in range(one.blocks):
            budget.spend(RECORD)
            head = self.blob.read(at, 8)
            packed, size = int.from_bytes(head[4:6], "little"), int.from_bytes(head[6:8], "little")
            data = self.blob.read(at + 8 + self._reserved, packed)
            if len(head) < 8 or len(data) < packed:
                raise Malformed("CAB block behind the end of the cabinet")
            if not size:
                raise Unsupported("CAB block that goes on in another cabinet")
            budget.spend(packed)
            if lzx is not None:
                before = lzx.frame(data, size)
            else:
                before = _inflated(data, size, before) if method == _MSZIP else data[:size]
            yield before
            at += 8 + self._reserved + packed


def read_cabinet(blob: Blob, budget: Budget) -> Cabinet:
    """List a cabinet.

    Raises:
        Malformed: the header is none.
    """
    head = blob.read(0, _HEADER)
    if len(head) < _HEADER or head[:4] != b"MSCF":
        raise Malformed("no cabinet header")

    def number(begin: int, width: int) -> int:
        return int.from_bytes(head[begin : begin + width], "little")

    flags, at = number(30, 2), _HEADER
    odd: list[Anomaly] = []
    per_folder = reserved = 0
    if flags & _RESERVE:
        reserve = blob.read(at, 4).ljust(4, b"\0")
        per_folder, reserved = reserve[2], reserve[3]
        at += 4 + int.from_bytes(reserve[:2], "little")
    for flag, code in ((_PREVIOUS, "previous-cabinet"), (_NEXT, "next-cabinet")):
        if flags & flag:
            name, at = _string(blob, at)
            _, at = _string(blob, at)
            odd.append(Anomaly(code, name, at, incomplete=True))
    folders = []
    for _ in range(number(26, 2)):
        budget.spend(RECORD)
        raw = blob.read(at, 8)
        if len(raw) < 8:
            odd.append(Anomaly("folders-cut", "folders", at, incomplete=True))
            break
        folders.append(
            _Folder(
                int.from_bytes(raw[:4], "little"), int.from_bytes(raw[4:6], "little"), int.from_bytes(raw[6:], "little")
            )
        )
        at += 8 + per_folder
    members = list(_members(blob, (number(16, 4), number(28, 2)), len(folders), odd, budget))
    size = number(8, 4)
    if size > blob.size:
        odd.append(Anomaly("cabinet-cut", "cabinet", blob.size, incomplete=True))
    return Cabinet(blob, tuple(members), min(size, blob.size), tuple(odd), tuple(folders), reserved)


def _members(blob: Blob, place: tuple[int, int], folders: int, odd: list[Anomaly], budget: Budget) -> Iterator[Member]:
    """The entries at (offset, how many); each is as long as its name."""
    at, count = place
    for number in range(count):
        budget.spend(RECORD)
        raw = blob.read(at, 16)
        if len(raw) < 16:
            odd.append(Anomaly("files-cut", "files", at, incomplete=True))
            return
        if number >= budget.limits.children:
            odd.append(Anomaly("too-many-members", "files", at, incomplete=True))
            return
        size, offset = int.from_bytes(raw[:4], "little"), int.from_bytes(raw[4:8], "little")
        folder, attributes = int.from_bytes(raw[8:10], "little"), int.from_bytes(raw[14:16], "little")
        name, stop = _string(blob, at + 16, utf8=bool(attributes & _UTF8))
        if folder >= _ELSEWHERE:
            odd.append(Anomaly("file-in-other-cabinet", name, at, incomplete=True))
            folder = -1
        elif folder >= folders:
            odd.append(Anomaly("no-such-folder", name, at, incomplete=True))
            folder = -1
        yield Member(name, folder, offset, size, attributes, at)
        at = stop


def _string(blob: Blob, at: int, *, utf8: bool = False) -> tuple[str, int]:
    """A string up to its zero, and where the next thing begins."""
    raw = blob.read(at, _NAME)
    text = raw.partition(b"\0")[0]
    return text.decode("utf-8", "replace") if utf8 else decode_name(text), at + len(text) + 1


def _inflated(data: bytes, size: int, before: bytes) -> bytes:
    """An MSZIP block ([MS-MCI]): deflated, with the block before as its dictionary."""
    if data[:2] != b"CK":
        raise Malformed("MSZIP block")
    decoder = zlib.decompressobj(-zlib.MAX_WBITS, zdict=before[-_BLOCK:]) if before else zlib.decompressobj(-15)
    try:
        out = decoder.decompress(data[2:], _BLOCK)
    except zlib.error as error:
        raise Malformed("MSZIP block") from error
    if len(out) < size:
        raise Malformed("MSZIP block")
    return out[:size]
