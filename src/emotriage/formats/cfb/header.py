"""The header of a compound file and the FAT that it leads to ([MS-CFB] 2.2, 2.3, 2.5)."""

import struct
from array import array
from dataclasses import dataclass

from emotriage.formats.cfb.sectors import FREE, MINI_CUTOFF, MINI_SHIFT, SPECIAL, STEP, Notes, sector_count, words
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import Budget

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True, slots=True)
class Header:
    """What the header says, after putting right what no reader could use."""

    major: int
    shift: int
    directory: int
    directory_count: int
    fat_count: int
    minifat: int
    minifat_count: int
    difat: int
    difat_count: int
    first_fats: tuple[int, ...]


def read_header(blob: Blob, notes: Notes) -> Header:
    """Read the first 512 bytes ([MS-CFB] 2.2).

    Raises:
        Malformed: shorter than a header, or without its signature.
    """
    raw = blob.read(0, 512)
    if len(raw) < 512 or not raw.startswith(MAGIC):
        raise Malformed("compound file without a header")
    major, order, shift, mini_shift = struct.unpack_from("<HHHH", raw, 26)
    directory_count, fat_count, directory, _, cutoff, minifat, minifat_count, difat, difat_count = struct.unpack_from(
        "<9I", raw, 40
    )
    if major not in (3, 4):
        notes.add("header-version", offset=26)
    if order != 0xFFFE:
        notes.add("header-byte-order", offset=28)
    if shift not in (9, 12):
        notes.add("header-sector-shift", offset=30, incomplete=True)
        shift = 12 if major == 4 else 9
    elif major in (3, 4) and shift != (12 if major == 4 else 9):
        notes.add("header-sector-shift", offset=30)
    if mini_shift != MINI_SHIFT:
        notes.add("header-mini-shift", offset=32, incomplete=True)
    if major == 3 and directory_count:
        notes.add("header-directory-count", offset=40)
    if cutoff != MINI_CUTOFF:
        notes.add("header-cutoff", offset=56, incomplete=True)
    first_fats = struct.unpack_from("<109I", raw, 76)
    return Header(
        major, shift, directory, directory_count, fat_count, minifat, minifat_count, difat, difat_count, first_fats
    )


def read_fat(blob: Blob, header: Header, notes: Notes, budget: Budget) -> tuple["array[int]", int]:
    """The FAT, as far as the file has sectors, and the highest sector that tables of the FAT themselves lie in.

    A sector of the FAT that can't be read leaves its stretch free, so that what comes behind keeps its place.
    """
    size = 1 << header.shift
    sectors = sector_count(blob, header.shift)
    needed = -(-sectors // (size // 4))
    listed, highest = _read_difat(blob, header, needed, notes, budget)
    if len(listed) != min(header.fat_count, needed) or header.fat_count > sectors:
        notes.add("fat-count", offset=44)
    if header.difat_count and needed <= len(header.first_fats):
        notes.add("difat-count", offset=72)
    fat, blank, seen = array("I"), words(b"\xff" * size), set()
    for said in listed:
        budget.spend(STEP + size)
        number = said
        if said >= sectors or said in seen:
            notes.add("fat-out-of-range" if said not in seen else "fat-shared", "FAT", incomplete=True)
            number = _wrapped(said, header.shift)
        if number >= sectors or number in seen:
            fat.extend(blank)
            continue
        seen.add(number)
        highest = max(highest, number)
        part = words(blob.read((number + 1) << header.shift, size))
        if len(part) < len(blank):
            notes.add("fat-truncated", "FAT", (number + 1) << header.shift, incomplete=True)
            part.extend(blank[len(part) :])
        fat.extend(part)
    return fat, highest


def _wrapped(number: int, shift: int) -> int:
    """The sector that a number too large leads to where offsets are counted in 32 bits, as in Windows."""
    return ((number + 1) & (0xFFFFFFFF >> shift)) - 1 & 0xFFFFFFFF


def _read_difat(blob: Blob, header: Header, needed: int, notes: Notes, budget: Budget) -> tuple["array[int]", int]:
    """Numbers of the sectors that hold the FAT ([MS-CFB] 2.5), as many as the file can use."""
    size = 1 << header.shift
    listed = array("I", header.first_fats[:needed])
    at, highest, seen = header.difat, -1, set()
    while len(listed) < needed and at < SPECIAL:
        budget.spend(STEP + size)
        if at in seen or at >= sector_count(blob, header.shift):
            notes.add("difat-loop" if at in seen else "difat-out-of-range", "DIFAT", incomplete=True)
            break
        seen.add(at)
        highest = max(highest, at)
        part = words(blob.read((at + 1) << header.shift, size))
        if len(part) < size // 4:
            notes.add("difat-truncated", "DIFAT", (at + 1) << header.shift, incomplete=True)
            break
        at = part.pop()
        listed.extend(part[: needed - len(listed)])
    while listed and listed[-1] == FREE:
        listed.pop()
    return listed, highest
