"""Finding files by their first bytes, where no structure leads to them: behind an end, or in a store that is not read.

Only what a reader could be made to open or run is looked for; each signature is long enough, or checked further, not
to turn up in noise.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from emotriage.model.blob import Blob
from emotriage.model.limits import RECORD, Budget

_MAGIC = (
    (b"MZ", "executable", ".exe"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole", ".ole"),
    (b"PK\3\4", "zip", ".zip"),
    (b"%PDF-", "pdf", ".pdf"),
    (b"{\\rtf", "rtf", ".rtf"),
    (b"\x4c\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46", "lnk", ".lnk"),
    (b"ITSF\3\0\0\0", "chm", ".chm"),
    (b"MSCF\0\0\0\0", "cab", ".cab"),
    (b"7z\xbc\xaf\x27\x1c", "7z", ".7z"),
    (b"Rar!\x1a\x07", "rar", ".rar"),
)
_MARKUP = ((b"<hta:application", "hta", ".hta"), (b"<script", "hta", ".hta"), (b"<job", "script", ".wsf"))
_TAG_ENDS = (b" ", b"\t", b"\r", b"\n", b">", b"/")
_OVERLAP = 32


@dataclass(frozen=True, slots=True)
class Carved:
    """The first place at which a file of some kind begins.

    Attributes:
        kind: as in the table of kinds.
        extension: that such a file usually has.
        offset: where it begins.
    """

    kind: str
    extension: str
    offset: int


def carve(blob: Blob, budget: Budget, start: int = 0, stop: int | None = None) -> tuple[Carved, ...]:
    """The first file of each kind that begins in a range, in the order of their offsets.

    Args:
        blob: where to look; the inside of its uniform runs is left out.
        budget: charged for every byte, and for every place that looks like a beginning.
        start: first offset.
        stop: offset behind the last.
    """
    found: dict[str, Carved] = {}
    for at, window in blob.windows(overlap=_OVERLAP, start=start, stop=stop):
        budget.spend(6 * len(window))
        lower = window.lower()
        for magic, kind, extension in _MAGIC + _MARKUP:
            if kind in found:
                continue
            for index in _places(lower if magic[:1] == b"<" else window, magic):
                budget.spend(RECORD)
                offset = at + index
                if magic != b"MZ" or offset == start or is_program(blob, offset):
                    found[kind] = Carved(kind, extension, offset)
                    break
    return tuple(sorted(found.values(), key=lambda one: one.offset))


def is_program(blob: Blob, offset: int) -> bool:
    """True when a PE file begins at the offset: its DOS header leads to a PE header."""
    head = blob.read(offset, 64)
    if len(head) < 64:
        return False
    return blob.read(offset + int.from_bytes(head[60:64], "little"), 4) == b"PE\0\0"


def _places(window: bytes, magic: bytes) -> Iterator[int]:
    index = window.find(magic)
    while index >= 0:
        if magic[:1] != b"<" or window[index + len(magic) : index + len(magic) + 1] in _TAG_ENDS:
            yield index
        index = window.find(magic, index + 1)
