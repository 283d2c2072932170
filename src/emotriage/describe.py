"""What an artifact is, before anybody judges it: its bytes at hand, hashes, uniform runs, kind and own end."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from emotriage.formats.identify import content_end, identify
from emotriage.model.analyzer import Child, Subject
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.limits import MIB, Budget
from emotriage.model.padding import Run, RunFinder, islands
from emotriage.model.passwords import Passwords
from emotriage.model.spool import Spooled, digest, spool

_GLIMPSE = 16 * MIB
_EDGE = b"\0 \t\r\n"


@dataclass(frozen=True, slots=True)
class Description:
    """An artifact's bytes and what is known of them.

    Attributes:
        subject: its bytes with the uniform runs as holes, its kind, its own end, and what was parsed to find these.
        sha256: of all bytes, None when they were not all read.
        core_sha256: of the content between the runs.
        padding: the runs.
        lost: bytes that the spool could not keep.
        failure: why the content could not be unpacked to its end.
        oversized: the input is larger than the limit, and only its head and tail are looked at.
    """

    subject: Subject
    sha256: str | None
    core_sha256: str | None
    padding: tuple[Run, ...] = ()
    lost: int = 0
    failure: FormatError | None = None
    oversized: bool = False


def describe(child: Child, budget: Budget, passwords: Passwords, scratch: str | None = None) -> Description:
    """Read the child once and say what it is.

    Args:
        child: what to read.
        budget: charged for every byte.
        passwords: candidates for what is encrypted.
        scratch: folder for unpacked content; None is the system's.

    Raises:
        BudgetSpent: it is larger than what is left of the budget.
        FormatError: its container can't give out a single byte of it.
    """
    lost, failure = 0, None
    if isinstance(child.content, Blob | bytes):
        blob = child.content if isinstance(child.content, Blob) else Blob(child.content)
        if blob.size > budget.limits.input_bytes:
            _glimpse(blob, budget)
            return Description(_subject(blob, child.name, budget, passwords), None, None, oversized=True)
        sha256, blob.holes = digest(blob, budget)
    else:
        spooled = child.content if isinstance(child.content, Spooled) else spool(child.content(budget), budget, scratch)
        blob, sha256, lost, failure = spooled.blob, spooled.sha256, spooled.lost, spooled.failure
    subject = _subject(blob, child.name, budget, passwords)
    subject.beside = child.beside
    core = None if failure or lost else _core(blob, blob.holes, subject.end, budget) or sha256
    padding = tuple(run for run in blob.holes if run.known)
    return Description(subject, None if failure else sha256, core, padding, lost, failure)


def _subject(blob: Blob, name: str, budget: Budget, passwords: Passwords) -> Subject:
    subject = Subject(blob, "unknown", name, budget, passwords)
    subject.kind = identify(subject)
    subject.end = content_end(subject)
    return subject


def _glimpse(blob: Blob, budget: Budget) -> None:
    """Head and tail of an input beyond the limit: the rest is marked as left out, so that nobody streams it."""
    head, tail = min(_GLIMPSE, blob.size), max(blob.size - _GLIMPSE, _GLIMPSE)
    left_out = (Run(head, tail - head, 0, known=False),) if tail > head else ()
    blob.holes = (*_runs(blob, 0, head, budget), *left_out, *_runs(blob, tail, blob.size, budget))


def _runs(blob: Blob, start: int, stop: int, budget: Budget) -> Iterator[Run]:
    finder = RunFinder()
    for _, window in blob.windows(start=start, stop=stop, holes=True):
        budget.spend(len(window))
        finder.feed(window)
    return (replace(run, offset=start + run.offset) for run in finder.finish())


def _core(blob: Blob, runs: tuple[Run, ...], end: int | None, budget: Budget) -> str | None:
    """Hash of the content between the runs, or None when there are none.

    The last run may have swallowed the format's own last bytes, where they equal the filler, so it starts no earlier
    than the format's end. Where a format states no end, blanks and zeros before a run are filler too.
    """
    if not runs:
        return None
    if end is not None and runs[-1].end == blob.size and runs[-1].offset < end < blob.size:
        runs = (*runs[:-1], Run(end, blob.size - end, runs[-1].byte))
    core = hashlib.sha256()
    for offset, length in islands(blob.size, runs):
        stop = offset + length
        if end is None:
            stop -= _blank_tail(blob, offset, stop)
        for _, window in blob.windows(start=offset, stop=stop, holes=True):
            budget.spend(len(window))
            core.update(window)
    return core.hexdigest()


def _blank_tail(blob: Blob, start: int, stop: int) -> int:
    tail = blob.read(max(start, stop - 65536), min(65536, stop - start))
    return len(tail) - len(tail.rstrip(_EDGE))
