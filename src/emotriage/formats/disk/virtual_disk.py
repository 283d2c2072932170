"""Virtual disks as the disk they stand for: VHD (Virtual Hard Disk Image Format 1.0) and VHDX ([MS-VHDX]).

Nothing is copied: the disk is a list of places in the file, and what was never written reads as zeros.
"""

from uuid import UUID

from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed, Unsupported
from emotriage.model.limits import RECORD, Budget

SECTOR = 512
_FOOTER = b"conectix"
_FIXED, _DYNAMIC = 2, 3
_BLOCKS = 1 << 20
_UNWRITTEN = 0xFFFFFFFF
_REGIONS = (192 << 10, 256 << 10)
_TABLE, _METADATA = (
    UUID(one).bytes_le for one in ("2dc27766-f623-4200-9d64-115e9bfd4a08", "8b7ca206-4790-4b9a-b8fe-575f050f886e")
)
_PARAMETERS, _SIZE, _LOGICAL = (
    UUID(one).bytes_le
    for one in (
        "caa16737-fa36-4d43-b3b6-33f0aa44e76b",
        "2fa54224-cd1b-4876-b211-5dbed83bf4b8",
        "8141bf1d-a96f-4709-ba47-f233a8faab5f",
    )
)
_PRESENT = (6, 7)


def flattened(blob: Blob, budget: Budget) -> Blob:
    """The disk; the blob itself where it is no virtual one.

    Raises:
        Malformed: tables that lead nowhere.
        Unsupported: a disk that is the difference to another one, or of another make.
    """
    head = blob.read(0, 8)
    if head == b"vhdxfile":
        return _vhdx(blob, budget)
    if head[:4] in (b"KDMV", b"QFI\xfb"):
        raise Unsupported("VMDK or QCOW disk")
    footer = blob.read(max(blob.size - SECTOR, 0), SECTOR)
    if footer[:8] != _FOOTER:
        footer = blob.read(0, SECTOR)  # a dynamic one has a copy at its beginning
    return _vhd(blob, footer, budget) if footer[:8] == _FOOTER else blob


def _vhd(blob: Blob, footer: bytes, budget: Budget) -> Blob:
    kind = int.from_bytes(footer[60:64], "big")
    size = int.from_bytes(footer[48:56], "big")
    if kind == _FIXED:
        return blob.slice(0, blob.size - SECTOR)
    if kind != _DYNAMIC:
        raise Unsupported("VHD that is the difference to another disk")
    at = int.from_bytes(footer[16:24], "big")
    head = blob.read(at, 1024)
    if head[:8] != b"cxsparse":
        raise Malformed("VHD header")
    table_at, entries, block = (int.from_bytes(head[begin:end], "big") for begin, end in ((16, 24), (28, 32), (32, 36)))
    if not SECTOR <= block <= 256 << 20 or block % SECTOR:
        raise Malformed("VHD block size")
    count = min(entries, -(-size // block), _BLOCKS)
    budget.spend(RECORD * count // 8)
    table = blob.read(table_at, 4 * count)
    bitmap = -(-block // SECTOR // 8 // SECTOR) * SECTOR
    starts = (int.from_bytes(table[place : place + 4], "big") for place in range(0, len(table), 4))
    pieces = [(blob.size if one == _UNWRITTEN else one * SECTOR + bitmap, block) for one in starts]
    return blob.join(pieces)


def _vhdx(blob: Blob, budget: Budget) -> Blob:
    regions = _regions(blob, budget)
    items = _items(blob, regions[_METADATA], budget)
    block, flags = (int.from_bytes(items[_PARAMETERS][begin : begin + 4], "little") for begin in (0, 4))
    size, logical = int.from_bytes(items[_SIZE], "little"), int.from_bytes(items[_LOGICAL], "little")
    if flags & 2:
        raise Unsupported("VHDX that is the difference to another disk")
    if not 1 << 20 <= block <= 256 << 20 or logical not in (512, 4096):
        raise Malformed("VHDX block size")
    chunk = (logical << 23) // block  # payload blocks between two sector bitmaps
    count = min(-(-size // block), _BLOCKS)
    budget.spend(RECORD * count // 8)
    table = blob.read(regions[_TABLE], 8 * (count + count // max(chunk, 1) + 1))
    pieces = []
    for number in range(count):
        place = 8 * (number + number // max(chunk, 1))
        value = int.from_bytes(table[place : place + 8], "little")
        pieces.append(((value >> 20) << 20 if value & 7 in _PRESENT else blob.size, block))
    return blob.join(pieces)


def _regions(blob: Blob, budget: Budget) -> dict[bytes, int]:
    """Where the regions begin that a table names (2.2.3)."""
    for at in _REGIONS:
        budget.spend(RECORD)
        raw = blob.read(at, 64 << 10)
        if raw[:4] == b"regi":
            count = min(int.from_bytes(raw[8:12], "little"), 2047)
            found = {
                raw[place : place + 16]: int.from_bytes(raw[place + 16 : place + 24], "little")
                for place in range(16, min(16 + 32 * count, len(raw) - 31), 32)
            }
            if _TABLE in found and _METADATA in found:
                return found
    raise Malformed("VHDX region table")


def _items(blob: Blob, at: int, budget: Budget) -> dict[bytes, bytes]:
    """Values of the metadata that a disk needs (2.6)."""
    budget.spend(RECORD)
    raw = blob.read(at, 64 << 10)
    if raw[:8] != b"metadata":
        raise Malformed("VHDX metadata")
    found = {}
    for place in range(32, min(32 + 32 * int.from_bytes(raw[10:12], "little"), len(raw) - 31), 32):
        offset = int.from_bytes(raw[place + 16 : place + 20], "little")
        found[raw[place : place + 16]] = blob.read(at + offset, 8)
    if not {_PARAMETERS, _SIZE, _LOGICAL} <= found.keys():
        raise Malformed("VHDX metadata")
    found[_LOGICAL] = found[_LOGICAL][:4]
    return found
