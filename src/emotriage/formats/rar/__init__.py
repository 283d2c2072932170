"""RAR archives, of both formats: what is in them by name, and where the bytes of each member lie; nothing is unpacked.

RAR 1.5 to 4 is read in `rar4`, RAR 5 and later in `rar5`. Only members that are stored as they are can be opened.
"""

import zlib
from collections.abc import Iterator

from emotriage.formats.rar.entry import Contents, Entry
from emotriage.formats.rar.rar4 import read_rar4
from emotriage.formats.rar.rar5 import read_rar5
from emotriage.model.blob import Blob
from emotriage.model.errors import Encrypted, Malformed, Unsupported
from emotriage.model.limits import MIB, Budget

__all__ = ["Contents", "Entry", "find_archive", "open_stored", "read_rar"]

_OLD, _NEW = b"Rar!\x1a\x07\0", b"Rar!\x1a\x07\1\0"
_STUB = MIB
"""How far unpackers look for the mark behind a program, in bytes (RAR 5.0 archive format, "General archive layout")."""


def read_rar(blob: Blob, budget: Budget) -> Contents:
    """List an archive that begins with its mark.

    Raises:
        Malformed: it does not.
    """
    head = blob.read(0, len(_NEW))
    if head == _NEW:
        return read_rar5(blob, len(_NEW), budget)
    if head.startswith(_OLD):
        return read_rar4(blob, len(_OLD), budget)
    raise Malformed("no mark of a RAR archive")


def find_archive(blob: Blob, budget: Budget, start: int = 2) -> int | None:
    """Where an archive begins behind a program: within one MiB of the file's start, or right at `start`."""
    budget.spend(min(blob.size, _STUB))
    for at in (start, blob.find(_OLD[:6], 2, _STUB)):
        if at >= 0 and blob.read(at, len(_NEW)).startswith((_OLD, _NEW)):
            return at
    return None


def open_stored(blob: Blob, entry: Entry, budget: Budget) -> Iterator[bytes]:
    """The bytes of a member that is stored as it is, in chunks.

    Raises:
        Encrypted: it is encrypted.
        Unsupported: it is packed, or goes on in another volume.
        Malformed: it is cut off, or its checksum is another; what is there has been yielded.
    """
    if entry.encrypted:
        raise Encrypted("RAR member")
    if entry.method:
        raise Unsupported(f"RAR method {entry.method}")
    crc = 0
    for _, window in blob.windows(start=entry.data, stop=entry.data + entry.packed, holes=True):
        budget.spend(len(window))
        crc = zlib.crc32(window, crc)
        yield window
    if entry.data + entry.packed > blob.size:
        raise Malformed("RAR member is cut off")
    if entry.split:
        raise Unsupported("RAR member that goes on in another volume")
    if entry.crc is not None and crc != entry.crc:
        raise Malformed("checksum of a RAR member")
