"""Padding of every kind of file: runs, repeating filler, and what lies behind the end of the format."""

from collections.abc import Iterable, Iterator

from emotriage.catalogue import padding as rules
from emotriage.formats.active_magic import find_active
from emotriage.formats.identify import identify
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.finding import Evidence
from emotriage.model.limits import MIB
from emotriage.model.padding import RUN_BYTES, Run, filler, islands
from emotriage.model.stretches import Stretch, read_stretches

_MB = 1_000_000
_CEILINGS = (100 * _MB, 250 * _MB, 400 * _MB, 500 * _MB)
_SWEEP = 16 * MIB
_WHOLE = 256 * MIB
"""Islands behind the end up to this size are searched whole."""
_SAMPLE = 8 << 10
_SAMPLES = 8
_MOST = 0.9
_SLACK = (4 << 10) + 64
_TEXTUAL = frozenset({"text", "unknown", "empty"})
_ARCHIVES = frozenset({"jar", "msix", "odf", "ooxml", "zip"})
"""Kinds that another analyzer opens behind programs."""
_OWN_OVERLAY = frozenset({"lnk"})
"""Kinds whose analyzer looks behind the end by itself."""
_BULKY = frozenset({"image", "media", "metafile", "font", "disk-image", "iso", "tar", "unknown"})
"""Kinds that are honestly full of uniform runs, in front of their end."""


@analyzer("padding", kinds={"*"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Report filler and carve what is recognised behind the format's end."""
    blob = subject.blob
    runs = tuple(run for run in blob.holes if run.known)
    for run in runs:
        yield rules.RUN(_evidence(run.offset, run.length, blob.size, f"byte {run.byte:#04x}"))
    repeating = subject.view(read_stretches)
    for one in repeating:
        yield rules.STRETCH(_evidence(one.offset, one.length, blob.size, one.what))
    yield from _inflated(subject, (*runs, *repeating))
    if past := [f"{size // _MB} MB" for size in _CEILINGS if blob.size > size]:
        yield rules.CEILING(Evidence(f"{blob.size} bytes: past {', '.join(past)}"))
    if subject.end is not None and subject.end < blob.size:
        if _is_noise(subject, subject.end):
            yield rules.OVERSIZE_TAIL(_evidence(subject.end, blob.size - subject.end, blob.size, "random"))
        if subject.kind not in _OWN_OVERLAY:
            yield from _overlay(subject, subject.end, repeating)


def _inflated(subject: Subject, fillers: tuple[Run | Stretch, ...]) -> Iterator[Found]:
    """Filler that is most of the file; of kinds that hold such runs themselves, what lies behind their end."""
    start = 0 if subject.kind not in _BULKY else subject.blob.size if subject.end is None else subject.end
    padded = sum(max(one.end - max(one.offset, start), 0) for one in fillers)
    size = subject.blob.size
    if padded >= MIB and padded >= size * _MOST:
        rule = rules.GIANT if size > _CEILINGS[0] else rules.INFLATED
        yield rule(Evidence(f"{padded} of {size} bytes are filler", offset=max(fillers, key=_length).offset))


def _length(one: Run | Stretch) -> int:
    return one.length


def _is_noise(subject: Subject, end: int) -> bool:
    """True when incompressible bytes behind the end are most of the file, by samples all over what is at hand."""
    blob = subject.blob
    behind = [(end + offset, length) for offset, length in islands(blob.size - end, _behind(blob.holes, end))]
    tail = blob.join(behind)
    left_out = sum(run.length for run in blob.holes if not run.known and run.end > end)
    if tail.size < MIB or tail.size + left_out < blob.size * _MOST:
        return False
    for number in range(_SAMPLES):
        subject.budget.spend(8 * _SAMPLE)
        if filler(tail.read(number * (tail.size - _SAMPLE) // (_SAMPLES - 1), _SAMPLE)) != "random":
            return False
    return True


def _behind(runs: Iterable[Run], end: int) -> tuple[Run, ...]:
    """What of the runs lies behind an offset, counted from there."""
    cut = ((max(run.offset, end), run) for run in runs if run.end > end)
    return tuple(Run(start - end, run.end - start, run.byte) for start, run in cut)


def _overlay(subject: Subject, end: int, repeating: Iterable[Stretch]) -> Iterator[Found]:
    blob = subject.blob
    yield rules.OVERLAY(_evidence(end, blob.size - end, blob.size, filler(blob.read(end, 64 << 10))))
    proven = [Run(one.offset, one.length, 0) for one in repeating if one.proven]
    behind = _behind(sorted((*blob.holes, *proven), key=_offset), end)
    for offset, length in islands(blob.size - end, behind):
        yield from _island(subject, end, end + offset, length)


def _offset(run: Run) -> int:
    return run.offset


def _island(subject: Subject, end: int, offset: int, length: int) -> Iterator[Found]:
    """What stands behind the end, between the filler: a file by its first bytes, files further in, text, or a gap."""
    part = subject.blob.slice(offset, length)
    kind = identify(Subject(part, "unknown", "overlay", subject.budget))
    what = filler(part.read(0, 64 << 10))
    if kind in _ARCHIVES and subject.kind == "executable":
        return  # it says where it begins better than its first bytes do
    if kind not in _TEXTUAL:
        yield Child(f"overlay-{offset}", part)
    elif kind == "text" and what == "content":
        yield Child(f"overlay-{offset}.txt", part)  # its analyzers look further in
    else:
        found = False
        before = min(offset - end, _SLACK)  # filler that ends with the first letters of a file has swallowed them
        whole = subject.blob.slice(offset - before, before + length)
        for start, stop in _swept(whole.size):
            for one in find_active(whole.slice(start, stop - start), subject.budget, 0):
                at = start + one.offset
                yield Child(f"overlay-{offset - before + at}", whole.slice(at))
                found = True
        if (length >= RUN_BYTES and what in ("random", "content") and not found) or length > _WHOLE:
            yield rules.UNREAD(_evidence(offset, length, subject.blob.size, what))


def _swept(length: int) -> tuple[tuple[int, int], ...]:
    """The stretches of an island that are searched: all of it, or the head and the tail of a giant."""
    return ((0, length),) if length <= _WHOLE else ((0, _SWEEP), (length - _SWEEP, length))


def _evidence(offset: int, length: int, size: int, what: str) -> Evidence:
    return Evidence(f"{length} bytes ({100 * length // max(size, 1)} % of the file): {what}", offset=offset)
