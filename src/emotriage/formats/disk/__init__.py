"""A disk image as its volumes: discs with their directories, disks with their partitions."""

from dataclasses import dataclass

from emotriage.formats.disk.fat import read_fat
from emotriage.formats.disk.iso9660 import read_iso
from emotriage.formats.disk.ntfs import read_ntfs
from emotriage.formats.disk.partitions import read_partitions
from emotriage.formats.disk.udf import read_udf
from emotriage.formats.disk.virtual_disk import flattened
from emotriage.formats.disk.volume import Volume
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError, Malformed
from emotriage.model.limits import RECORD, Budget

_UDF_AREA = (0x8001, 0x8001 + 64 * 2048)
_READERS = {"FAT": read_fat, "NTFS": read_ntfs}


@dataclass(frozen=True, slots=True)
class Part:
    """What lies at one place of a disk.

    Attributes:
        offset: where it begins.
        blob: its bytes.
        views: its volumes; several where directories of different sorts lead to the same files, the one that Windows
            shows first.
        unread: what it is, where it can't be read.
    """

    offset: int
    blob: Blob
    views: tuple[Volume, ...] = ()
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Disk:
    """An image.

    Attributes:
        parts: its partitions; a disc has one.
        end: where its volumes say that it ends, or None.
    """

    parts: tuple[Part, ...]
    end: int | None = None


def read_disc(blob: Blob, budget: Budget) -> Disk:
    """An optical disc's image: one part, with a view for each sort of directory.

    Raises:
        Malformed: it has none that can be read.
    """
    views: list[Volume] = []
    unread = ""
    if _has_udf(blob, budget):
        try:
            views.append(read_udf(blob, budget))
        except FormatError as error:
            unread = str(error)
    try:
        views += reversed(read_iso(blob, budget))  # Joliet first
    except Malformed as error:
        unread = unread or str(error)
    if not views:
        raise Malformed(unread)
    part = Part(0, blob, tuple(views), unread if views[0].scheme != "UDF" else "")
    return Disk((part,), max((view.end for view in views if view.end), default=None))


def read_disk(blob: Blob, budget: Budget) -> Disk:
    """A disk's image, virtual or plain: a part for each partition.

    Raises:
        Malformed, Unsupported: the disk behind the file can't be told.
    """
    disk = flattened(blob, budget)
    parts = []
    for one in read_partitions(disk, budget):
        inside = disk.slice(one.offset, one.size)
        try:
            reader = _READERS.get(one.system)
            views = (reader(inside, budget),) if reader else ()
            parts.append(Part(one.offset, inside, views, "" if views else f"file system {one.system}"))
        except Malformed as error:
            parts.append(Part(one.offset, inside, unread=str(error)))
    if not parts:
        raise Malformed("no file system")
    return Disk(tuple(parts))


def _has_udf(blob: Blob, budget: Budget) -> bool:
    """Does the volume recognition sequence (ECMA-167 2/8.3) name UDF?"""
    for at in range(*_UDF_AREA, 2048):
        budget.spend(RECORD)
        name = blob.read(at, 5)
        if name in (b"NSR02", b"NSR03"):
            return True
        if name not in (b"CD001", b"BEA01", b"TEA01", b"BOOT2", b"CDW02"):
            return False
    return False
