"""Files that begin behind text, scripts, filler or unknown bytes: found by their first bytes and looked at."""

import re
from collections.abc import Iterator

from emotriage.catalogue import carve as rules
from emotriage.catalogue.kinds import KINDS
from emotriage.formats.active_magic import Hidden, find_active
from emotriage.formats.identify import identify
from emotriage.formats.pdf import read_document
from emotriage.formats.zip import archive_start
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.finding import Evidence
from emotriage.model.limits import MIB
from emotriage.model.padding import RUN_BYTES, filler
from emotriage.model.stretches import read_stretches, without_stretches

_QUOTED = frozenset({"PDF document", "RTF document", "ActiveMime container"})
"""What begins with plain letters: in a text, they may only be talked about."""
_BEFORE_TAGS = frozenset({b"\0", b"\t", b"\n", b"\r", b" ", b">"})
_URL_SECTION = re.compile(rb"\[(?i:internetshortcut)")
_SWEEP = 16 * MIB
_LOOK = 8 << 10
_ISLANDS = 16
_TEXTUAL = frozenset({"empty", "text", "unknown"})
_PROGRAMS = frozenset({"executable", "lnk"})
_EDGE = 64


@analyzer("carve", kinds={"hta", "pdf", "script", "text", "unknown"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Carve the first file of each kind out, up to the end; of a PDF, what stands before its header.

    What has the header of a PDF and nothing else of one is looked through like any file: Word opens a web archive
    behind it.
    """
    if subject.kind == "pdf":
        if header := max(subject.blob.read(0, 1024).find(b"%PDF-"), 0):
            yield Child("before-header", subject.blob.slice(0, header))
        try:
            subject.view(read_document)
        except FormatError:
            yield from _carve(subject)
            raise
        return
    yield from _carve(subject)


def _carve(subject: Subject) -> Iterator[Found]:
    blob = without_stretches(subject.blob, subject.view(read_stretches))
    known: set[int] = set()
    yield from _islands(subject, known)
    for start, stop in _parts(blob.size):
        yield from _shortcut(subject, blob, start, stop, known)
        for hidden in find_active(blob, subject.budget, max(start, 1), stop):
            if hidden.offset in known or (subject.kind != "unknown" and not _stands_free(subject, hidden)):
                continue
            known.add(hidden.offset)
            rule = rules.PROGRAM if hidden.what == "program" else rules.FILE
            yield rule(Evidence(hidden.name, where=f"offset {hidden.offset}", offset=hidden.offset))
            yield from _filler_before(subject, hidden.offset)
            yield Child(f"embedded-{hidden.offset}", subject.blob.slice(hidden.offset))
    yield from _archive(subject, known)


def _archive(subject: Subject, known: set[int]) -> Iterator[Found]:
    """An archive that does not begin like one; archivers go by the directory at its end."""
    offset = archive_start(subject.blob, subject.budget) or 0
    if offset and offset not in known:
        yield rules.FILE(Evidence("ZIP archive", where=f"offset {offset}", offset=offset))
        yield from _filler_before(subject, offset)
        yield Child(f"embedded-{offset}", subject.blob.slice(offset))


def _islands(subject: Subject, known: set[int]) -> Iterator[Found]:
    """What begins right behind filler is told by all that kinds are told by, not by its first bytes alone."""
    ends = [run.end for run in subject.blob.holes if run.known]
    ends += [one.end for one in subject.view(read_stretches)]
    left_out = [run for run in subject.blob.holes if not run.known]
    there = [end for end in sorted(ends) if not any(run.offset <= end < run.end for run in left_out)]
    for end in there[:_ISLANDS]:
        part = subject.blob.slice(end)
        kind = identify(Subject(part, "unknown", subject.name, subject.budget))
        if kind not in _TEXTUAL:
            known.add(end)
            rule = rules.PROGRAM if kind in _PROGRAMS else rules.FILE
            yield rule(Evidence(KINDS[kind].title, where=f"offset {end}", offset=end))
            yield from _filler_before(subject, end)
            yield Child(f"embedded-{end}", part)


def _filler_before(subject: Subject, offset: int) -> Iterator[Found]:
    """Report that filler or noise is all that a look at what stands before a file shows."""
    if offset < RUN_BYTES:
        return
    subject.budget.spend(3 * 8 * _LOOK)
    sorts = {filler(subject.blob.read(at, _LOOK)) for at in (0, (offset - _LOOK) // 2, offset - _LOOK)}
    if "content" not in sorts:
        yield rules.BEHIND_FILLER(Evidence(f"{offset} bytes: {', '.join(sorted(sorts))}", offset=offset))


def _parts(size: int) -> tuple[tuple[int, int], ...]:
    """Of a giant its head and its tail come first: its middle may cost more than is left."""
    if size <= 4 * _SWEEP:
        return ((0, size),)
    return (0, _SWEEP), (size - _SWEEP, size), (_SWEEP - _EDGE, size - _SWEEP + _EDGE)


def _stands_free(subject: Subject, hidden: Hidden) -> bool:
    """False for what a text or script only talks about, or holds in a string."""
    if hidden.what == "script":
        return subject.kind == "text" and subject.blob.read(hidden.offset - 1, 1) in _BEFORE_TAGS
    return hidden.name not in _QUOTED


def _shortcut(subject: Subject, blob: Blob, start: int, stop: int, known: set[int]) -> Iterator[Found]:
    """An internet shortcut: Windows reads its section wherever a line begins it."""
    for at, window in blob.windows(overlap=_EDGE, start=start, stop=stop):
        subject.budget.spend(len(window))
        for found in _URL_SECTION.finditer(window):
            offset = at + found.start()
            before = subject.blob.read(max(offset - _EDGE, 0), min(_EDGE, offset)).rstrip(b" \t")
            if before[-1:] not in (b"\r", b"\n"):
                continue
            if offset not in known:
                known.add(offset)
                yield rules.FILE(Evidence("internet shortcut", where=f"offset {offset}", offset=offset))
                yield Child(f"embedded-{offset}", subject.blob.slice(offset))
            return
