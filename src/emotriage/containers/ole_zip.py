"""Compound files that are ZIP archives as well: both readings are looked at."""

import struct
from collections.abc import Iterator

from emotriage.catalogue import ole as rules
from emotriage.containers.zip import content_of, judge_choice, judge_members
from emotriage.containers.zip_secrets import open_secrets
from emotriage.containers.zip_shared import choose
from emotriage.formats.cfb import read_compound_file
from emotriage.formats.zip import Member, read_archive
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.blob import Blob
from emotriage.model.finding import Evidence
from emotriage.model.limits import RECORD, Budget

_TRIES = 32
_END = b"PK\5\6"


@analyzer("ole-zip", kinds={"ole"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Report a ZIP directory at the end of a compound file, and hand out its members."""
    at = _end_record(subject.blob, subject.view(read_compound_file).end, subject.budget)
    if at < 0:
        return
    archive = subject.view(read_archive)
    files = [one for one in archive.members if not one.is_dir]
    if not files:
        return
    yield rules.ZIP_ARCHIVE(Evidence(f"{len(files)} members", offset=at))
    yield from judge_members(files, subject.budget)
    choice = choose(archive, files)
    yield from judge_choice(choice)
    readings: list[Member] = []
    yield from open_secrets(subject, archive, [one for one in choice.members if one.encrypted], [], readings)
    for member in (*(one for one in choice.members if not one.encrypted), *readings):
        yield Child(member.name, content_of(archive, member))


def _end_record(blob: Blob, end: int, budget: Budget) -> int:
    """Offset of the end record of an archive that a ZIP program would find, or -1.

    A document pasted into this one leaves such a record inside too. It counts when its offsets count from the start of
    the file, or when it stands behind the compound file or ends it; an archive wholly behind the compound file is an
    overlay, not a second reading.
    """
    at = blob.size
    for _ in range(_TRIES):
        found = blob.rfind(_END, 0, at)
        budget.spend(RECORD + blob.visible(found, at) // 16)
        if found < 0:
            break
        record = blob.read(found, 22)
        if len(record) == 22:
            size, offset, comment = struct.unpack_from("<IIH", record, 12)
            start = found - size - offset
            listed = 46 <= size <= found and blob.read(found - size, 4) == b"PK\1\2"
            if listed and start < end and (start == 0 or found >= end or found + 22 + comment == blob.size):
                return found
        at = found + len(_END) - 1
    return -1
