"""RAR archives, of both formats: what is in them by name, and what each member unpacks to.

The headers of RAR 1.5 to 4 are read in `rar4`, those of RAR 5 and later in `rar5`; `content` unpacks.
"""

from emotriage.formats.rar.content import Unpacker, chains, unpack, unread
from emotriage.formats.rar.entry import Contents, Entry
from emotriage.formats.rar.keys import Keys
from emotriage.formats.rar.rar4 import read_rar4
from emotriage.formats.rar.rar5 import read_rar5
from emotriage.model.blob import Blob
from emotriage.model.errors import Encrypted, FormatError, Malformed
from emotriage.model.limits import MIB, Budget

__all__ = ["Contents", "Entry", "Keys", "Unpacker", "chains", "find_archive", "opens", "read_rar", "unpack", "unread"]

_OLD, _NEW = b"Rar!\x1a\x07\0", b"Rar!\x1a\x07\1\0"
_STUB = MIB
"""How far unpackers look for the mark behind a program, in bytes (RAR 5.0 archive format, "General archive layout")."""


def read_rar(blob: Blob, budget: Budget, keys: Keys | None = None) -> Contents:
    """List an archive that begins with its mark; `keys` are for headers that are encrypted.

    Raises:
        Encrypted: the headers are, and this is not their password.
        Malformed: there is no mark.
    """
    head = blob.read(0, len(_NEW))
    if head == _NEW:
        return read_rar5(blob, len(_NEW), budget, keys)
    if head.startswith(_OLD):
        return read_rar4(blob, len(_OLD), budget, keys)
    raise Malformed("no mark of a RAR archive")


def find_archive(blob: Blob, budget: Budget, start: int = 2) -> int | None:
    """Where an archive begins behind a program: within one MiB of the file's start, or right at `start`."""
    budget.spend(min(blob.size, _STUB))
    for at in (start, blob.find(_OLD[:6], 2, _STUB)):
        if at >= 0 and blob.read(at, len(_NEW)).startswith((_OLD, _NEW)):
            return at
    return None


def opens(blob: Blob, keys: Keys, budget: Budget) -> Contents | None:
    """The archive whose headers a password opens, or None."""
    try:
        archive = read_rar(blob, budget, keys)
    except (Encrypted, FormatError):
        return None
    return archive if archive.entries or not archive.anomalies else None
