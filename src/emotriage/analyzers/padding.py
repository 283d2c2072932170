"""Padding of every kind of file: runs, repeating filler, and what lies behind the end of the format."""

from collections.abc import Iterator

from emotriage.catalogue import padding as rules
from emotriage.formats.active_magic import find_active
from emotriage.formats.identify import identify
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.finding import Evidence
from emotriage.model.limits import MIB, Budget
from emotriage.model.padding import RUN_BYTES, Run, filler, islands

_MB = 1_000_000
_CEILINGS = (100 * _MB, 250 * _MB, 400 * _MB, 500 * _MB)
_STRIDE = 256 << 10
_SWEEP = 16 * MIB
_SAMPLE = 4096
_TEXTUAL = frozenset({"text", "unknown", "empty"})
_OWN_OVERLAY = frozenset({"lnk"})
"""Kinds whose analyzer looks behind the end by itself."""
_BULKY = frozenset({"image", "media", "metafile", "font", "disk-image", "iso", "tar", "unknown"})
"""Kinds that are honestly full of uniform runs."""


@analyzer("padding", kinds={"*"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Report filler and carve what is recognised behind the format's end."""
    blob = subject.blob
    for run in blob.holes:
        yield rules.RUN(_evidence(run.offset, run.length, blob.size, f"byte {run.byte:#04x}"))
    padded = sum(run.length for run in blob.holes)
    for offset, length, what in _stretches(subject):
        yield rules.STRETCH(_evidence(offset, length, blob.size, what))
        padded += length
    if subject.kind not in _BULKY and padded >= MIB and padded >= blob.size * 0.9:
        rule = rules.GIANT if blob.size > _CEILINGS[0] else rules.INFLATED
        yield rule(Evidence(f"{padded} of {blob.size} bytes are filler", offset=_largest(blob.holes)))
    if past := [f"{size // _MB} MB" for size in _CEILINGS if blob.size > size]:
        yield rules.CEILING(Evidence(f"{blob.size} bytes: past {', '.join(past)}"))
    if subject.end is not None and subject.kind not in _OWN_OVERLAY:
        yield from _overlay(subject, subject.end)


def _overlay(subject: Subject, end: int) -> Iterator[Found]:
    blob = subject.blob
    if end >= blob.size:
        return
    yield rules.OVERLAY(_evidence(end, blob.size - end, blob.size, filler(blob.read(end, 64 << 10))))
    behind = tuple(
        Run(max(run.offset, end) - end, run.end - max(run.offset, end), run.byte) for run in blob.holes if run.end > end
    )
    for offset, length in islands(blob.size - end, behind):
        yield from _island(subject, end + offset, length)


def _island(subject: Subject, offset: int, length: int) -> Iterator[Found]:
    """What stands behind the end, between the runs: a file by its first bytes, files further in, text, or a gap."""
    part = subject.blob.slice(offset, length)
    kind = identify(Subject(part, "unknown", "overlay", subject.budget))
    what = filler(part.read(0, 64 << 10))
    if kind not in _TEXTUAL:
        yield Child(f"overlay-{offset}", part)
    elif kind == "text" and what == "content":
        yield Child(f"overlay-{offset}.txt", part)  # its analyzers look further in
    else:
        found = False
        for start, stop in _swept(length):
            for one in find_active(part.slice(start, stop - start), subject.budget):
                yield Child(f"overlay-{offset + start + one.offset}", part.slice(start + one.offset))
                found = True
        if (length >= RUN_BYTES and what in ("random", "content") and not found) or length > 2 * _SWEEP:
            yield rules.UNREAD(_evidence(offset, length, subject.blob.size, what))


def _swept(length: int) -> tuple[tuple[int, int], ...]:
    """The stretches of an island that are searched: all of it, or the head and the tail of a giant."""
    return ((0, length),) if length <= 2 * _SWEEP else ((0, _SWEEP), (length - _SWEEP, length))


def _stretches(subject: Subject) -> Iterator[tuple[int, int, str]]:
    """(offset, length, class) of filler that is not uniform, by samples; 1 MiB or more."""
    blob = subject.blob
    if blob.size < MIB:
        return
    for begin, length in islands(blob.size, blob.holes):
        if length >= MIB:
            yield from _sampled(subject, begin, begin + length, subject.budget)


def _sampled(subject: Subject, begin: int, end: int, budget: Budget) -> Iterator[tuple[int, int, str]]:
    start, current = begin, "content"
    for at in range(begin, end, _STRIDE):
        budget.spend(_SAMPLE * 8)
        what = filler(subject.blob.read(at, min(_SAMPLE * 4, end - at)))
        if what not in ("periodic", "low-entropy"):
            what = "content"
        if what != current:
            if current != "content" and at - start >= MIB:
                yield start, at - start, current
            start, current = at, what
    if current != "content" and end - start >= MIB:
        yield start, end - start, current


def _largest(runs: tuple[Run, ...]) -> int:
    """Offset of the longest run; 0 where all filler is of other sorts."""
    return max(runs, key=lambda run: run.length).offset if runs else 0


def _evidence(offset: int, length: int, size: int, what: str) -> Evidence:
    return Evidence(f"{length} bytes ({100 * length // max(size, 1)} % of the file): {what}", offset=offset)
