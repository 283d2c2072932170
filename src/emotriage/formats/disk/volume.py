"""What a file system holds, whichever it is: files by path, where their bytes lie, and who was to see them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from emotriage.model.anomaly import Anomaly

FOLDERS = 4096
"""Folders of one file system that are read at most."""
DEEPEST = 64
"""Folders within folders that are read at most."""
NOWHERE = 1 << 62
"""Offset of a piece that was never written: it reads as zeros."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a volume.

    Attributes:
        path: with slashes, without a leading one; from the input, so never trusted.
        pieces: (offset, length) of its bytes in the image, in order.
        size: bytes of content.
        hidden: it, or a folder it lies in, is not shown by Explorer as it is set up.
        offset: of its directory record.
        content: its bytes where they are stored in the record itself, which may be scattered or compressed.
        unread: why its bytes can't be had; empty where they can.
    """

    path: str
    pieces: tuple[tuple[int, int], ...]
    size: int
    hidden: bool = False
    offset: int = 0
    content: bytes | None = field(default=None, repr=False)
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Volume:
    """One view of an image.

    Attributes:
        scheme: ``ISO 9660``, ``Joliet``, ``UDF``, ``FAT``, ``NTFS``.
        label: its name.
        entries: files, folder by folder.
        end: offset behind the volume as it says itself, or None.
        anomalies: what is odd, and what could not be read.
    """

    scheme: str
    label: str
    entries: tuple[Entry, ...]
    end: int | None = None
    anomalies: tuple[Anomaly, ...] = ()


def clipped(pieces: Sequence[tuple[int, int]], size: int) -> tuple[tuple[int, int], ...]:
    """The pieces that hold the first `size` bytes."""
    out = []
    for at, length in pieces:
        if size <= 0:
            break
        out.append((at, min(length, size)))
        size -= length
    return tuple(out)
