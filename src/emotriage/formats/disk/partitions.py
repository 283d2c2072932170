"""Partitions of a disk: master boot record, extended ones in a chain, and GUID tables (UEFI 2.10, 5.2 and 5.3)."""

from collections.abc import Iterator
from dataclasses import dataclass

from emotriage.formats.disk.fat import is_fat
from emotriage.formats.disk.ntfs import is_ntfs
from emotriage.model.blob import Blob
from emotriage.model.limits import RECORD, Budget

SECTOR = 512
_EXTENDED = frozenset({0x05, 0x0F, 0x85})
_GUID_TABLE = 0xEE
_LOGICAL, _ENTRIES = 64, 256


@dataclass(frozen=True, slots=True)
class Partition:
    """A part of a disk; all of it where there is no table.

    Attributes:
        offset: of its first byte.
        size: bytes.
        system: ``FAT``, ``NTFS``, ``exFAT``, ``ReFS``, or ``unknown``.
    """

    offset: int
    size: int
    system: str


def read_partitions(disk: Blob, budget: Budget) -> tuple[Partition, ...]:
    """The partitions that hold something; none where the disk is nothing that is known here."""
    head = disk.read(0, SECTOR)
    if (whole := _system(head)) != "unknown":
        return (Partition(0, disk.size, whole),)
    found = []
    for offset, size in dict.fromkeys(_places(disk, head, budget)):
        budget.spend(RECORD)
        boot = disk.read(offset, SECTOR)
        if boot.strip(b"\0"):
            found.append(Partition(offset, min(size, disk.size - offset), _system(boot)))
    return tuple(found)


def has_table(head: bytes) -> bool:
    """Do these first 512 bytes hold a table of partitions, and nothing else that ends the same way?"""
    if len(head) < SECTOR or head[510:] != b"\x55\xaa":
        return False
    rows = [head[at : at + 16] for at in range(446, 510, 16)]
    used = [one for one in rows if one[4]]
    return bool(used) and all(one[0] in (0, 0x80) and one[8:12] != bytes(4) and one[12:16] != bytes(4) for one in used)


def _system(boot: bytes) -> str:
    if is_ntfs(boot):
        return "NTFS"
    if boot[3:11] == b"EXFAT   ":
        return "exFAT"
    if boot[3:7] == b"ReFS":
        return "ReFS"
    return "FAT" if len(boot) == SECTOR and is_fat(boot) else "unknown"


def _places(disk: Blob, head: bytes, budget: Budget) -> Iterator[tuple[int, int]]:
    if not has_table(head):
        return
    for kind, start, count in _rows(head):
        if kind == _GUID_TABLE:
            yield from _guid_table(disk, budget)
        elif kind in _EXTENDED:
            yield from _chain(disk, start, budget)
        else:
            yield start * SECTOR, count * SECTOR


def _rows(sector: bytes) -> list[tuple[int, int, int]]:
    """(type, first sector, sectors) of the entries in use."""
    rows = [sector[at : at + 16] for at in range(446, 510, 16)]
    return [
        (one[4], int.from_bytes(one[8:12], "little"), int.from_bytes(one[12:16], "little")) for one in rows if one[4]
    ]


def _chain(disk: Blob, base: int, budget: Budget) -> Iterator[tuple[int, int]]:
    """Logical partitions: each record names one, and the next record."""
    at, seen = base, set[int]()
    while at not in seen and len(seen) < _LOGICAL:
        seen.add(at)
        budget.spend(RECORD)
        sector = disk.read(at * SECTOR, SECTOR)
        if sector[510:] != b"\x55\xaa":
            return
        following = None
        for kind, start, count in _rows(sector):
            if kind in _EXTENDED:
                following = base + start
            else:
                yield (at + start) * SECTOR, count * SECTOR
        if following is None:
            return
        at = following


def _guid_table(disk: Blob, budget: Budget) -> Iterator[tuple[int, int]]:
    for sector in (SECTOR, 4096):
        head = disk.read(sector, 92)
        if head[:8] != b"EFI PART":
            continue
        at = int.from_bytes(head[72:80], "little") * sector
        count, width = (int.from_bytes(head[begin : begin + 4], "little") for begin in (80, 84))
        if not 128 <= width <= 4096:
            return
        for number in range(min(count, _ENTRIES)):
            budget.spend(RECORD)
            one = disk.read(at + number * width, 128)
            if one[:16].strip(b"\0"):
                first, last = (int.from_bytes(one[begin : begin + 8], "little") for begin in (32, 40))
                yield first * sector, max(last - first + 1, 0) * sector
        return
