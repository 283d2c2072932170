"""Compound files that are ZIP archives as well: both readings are looked at."""

import struct
from collections.abc import Iterator

from emotriage.catalogue import ole as rules
from emotriage.containers.zip import content_of, judge_members, once
from emotriage.formats.cfb import read_compound_file
from emotriage.formats.zip import read_archive
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.blob import Blob
from emotriage.model.finding import Evidence

_TAIL = 65557  # an end record and the longest comment (APPNOTE.TXT 4.3.16)
_END = b"PK\5\6"


@analyzer("ole-zip", kinds={"ole"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Report a ZIP directory at the end of a compound file, and hand out its members."""
    at = _end_record(subject.blob, subject.view(read_compound_file).end)
    if at < 0:
        return
    archive = subject.view(read_archive)
    files = [one for one in archive.members if not one.is_dir]
    if not files:
        return
    yield rules.ZIP_ARCHIVE(Evidence(f"{len(files)} members", offset=at))
    yield from judge_members(files)
    for member in once(files):
        yield Child(member.name, content_of(archive, member))


def _end_record(blob: Blob, end: int) -> int:
    """Offset of the end record of an archive that a ZIP program would find, or -1.

    A document pasted into this one leaves such a record inside too. It counts when its comment ends the file, or when
    its offsets count from the start of the file; an archive wholly behind the compound file is an overlay, not a
    second reading.
    """
    low = max(0, blob.size - _TAIL)
    tail = blob.read(low)
    at = tail.rfind(_END)
    while at >= 0:
        if len(tail) >= at + 22:
            size, offset, comment = struct.unpack_from("<IIH", tail, at + 12)
            start = low + at - size - offset
            listed = blob.read(low + at - size, 4) == b"PK\1\2" if 46 <= size <= low + at else False
            if listed and start < end and (start == 0 or at + 22 + comment == len(tail)):
                return low + at
        at = tail.rfind(_END, 0, at)
    return -1
