"""What a shortcut carries besides: data behind its end, and files in blocks that have no business there."""

from collections.abc import Iterable, Iterator, Sequence

from emotriage.catalogue import lnk as rules
from emotriage.catalogue.kinds import KINDS
from emotriage.formats.active_magic import Hidden, find_active
from emotriage.formats.identify import identify
from emotriage.formats.lnk import Shortcut
from emotriage.formats.script import HEAD, dialect
from emotriage.model.analyzer import Child, Found, Subject
from emotriage.model.blob import Blob
from emotriage.model.finding import Evidence
from emotriage.model.limits import Budget
from emotriage.model.padding import filler, is_uniform, period
from emotriage.model.stretches import Stretch, without_stretches

_WINDOW = 64 << 10
_LARGE_BLOCK = 64 << 10
_HEADER = 76
_SWEPT = frozenset({"lnk", "pdf", "unknown"}) | {one.name for one in KINDS.values() if "passive" in one.needs}
"""Kinds that are searched for the beginnings of files by their own analyzers."""
_SHORTEST = 16
_FEW = 4


def judge_payload(blob: Blob, link: Shortcut, fillers: Sequence[Stretch], budget: Budget) -> Iterator[Found]:
    """Report and hand on what lies behind the end, in its blocks, and in strings whose length swallows it.

    Args:
        blob: the shortcut's file.
        link: the shortcut.
        fillers: stretches of the file that are known to be filler.
        budget: charged for every byte that is looked at.
    """
    blob = without_stretches(blob, fillers)
    for one in find_active(blob, budget, _HEADER, link.strings.end):
        yield rules.EMBEDDED_FILE(Evidence(f"{one.name} at {one.offset}", "strings", one.offset))
        yield Child(f"carved-{one.offset:#x}{one.extension}", blob.slice(one.offset))
    for block in link.extra.blocks:
        # The paths of a known block read like commands, so only files are looked for in there.
        foreign = not block.known or block.size > _LARGE_BLOCK
        yield from _files(blob, block.offset + 8, block.offset + block.size, budget, scripts=foreign)
    length = blob.size - link.end
    if length < _SHORTEST:
        return
    if any(one.code == "past-end" and one.incomplete for one in link.anomalies):
        # Not behind the end, but what is left of a block that was cut; or made to look so.
        yield from _files(blob, link.end, blob.size, budget)
        return
    start = _content(blob, link.end, fillers, budget)
    if start is None:
        yield rules.OVERLAY_FILLER(Evidence(f"{length} bytes", "behind the end", link.end))
        yield from _files(blob, link.end, blob.size, budget)
        return
    if start - link.end >= _SHORTEST:
        yield rules.OVERLAY_FILLER(Evidence(f"{start - link.end} bytes", "behind the end", link.end))
    what = filler(blob.read(start, _WINDOW))
    yield rules.OVERLAY(Evidence(f"{length} bytes, {what} from {start} on", "behind the end", link.end))
    overlay = blob.slice(start)
    yield Child("overlay", overlay)
    # Were files handed out by two analyzers each time, shortcuts one behind another would double with each of them.
    swept = identify(Subject(overlay, "unknown", "overlay", budget)) in _SWEPT
    yield from _files(blob, start, blob.size, budget, handed_on=True, swept=swept)


def _files(
    blob: Blob,
    start: int,
    stop: int,
    budget: Budget,
    *,
    handed_on: bool = False,
    swept: bool = False,
    scripts: bool = True,
) -> Iterator[Found]:
    """Files that begin in a range, and a script that fills it.

    Args:
        blob: the shortcut.
        start: where the range begins.
        stop: where it ends.
        budget: charged for every byte.
        handed_on: the range itself is a child already.
        swept: whoever looks at that child hands out the files in it.
        scripts: look for scripts too.
    """
    files = find_active(blob, budget, start, stop)
    if blob.read(start, 2) == b"MZ" and not any(one.offset == start for one in files):
        files = (Hidden(start, "damaged program", "program", ".exe"), *files)  # nothing else begins so right here
    found = [Evidence(f"{one.name} at {one.offset}", "carved", one.offset) for one in files]
    language = _script_at(blob, start, stop) if scripts else None
    if language is not None:
        found.append(Evidence(f"script: {language}", "carved", start))
    if found:
        yield rules.EMBEDDED_FILE(*found)
    for one in () if swept else files:
        if one.offset > start or not handed_on:
            yield Child(f"carved-{one.offset:#x}{one.extension}", blob.slice(one.offset, stop - one.offset))
    if language is not None and not handed_on and all(one.offset > start for one in files):
        yield Child(f"carved-{start:#x}.txt", blob.slice(start, stop - start))


def _script_at(blob: Blob, start: int, stop: int) -> str | None:
    """The language of a script that begins at an offset, or None."""
    return dialect(blob.read(start, min(stop - start, HEAD)))


def _content(blob: Blob, start: int, fillers: Iterable[Stretch], budget: Budget) -> int | None:
    """Where something begins behind an offset that is no filler, or None."""
    for one in fillers:
        if one.proven and one.offset - start < _SHORTEST and _script_at(blob, one.offset, blob.size) is None:
            start = max(start, one.end)
    before = b""
    for at, window in blob.windows(_WINDOW, start=start):
        budget.spend(6 * len(window))
        skipped = _continued(before, window)
        if skipped == len(window):
            continue
        if _is_filler(window, before):
            before = window
            continue
        if not before:
            skipped = len(window) - len(window.lstrip(window[:1]))
            skipped = skipped if skipped >= _SHORTEST or window[0] in b"\0\t\r\n " else 0
        return at + skipped if blob.size - at - skipped >= _SHORTEST else None
    return None


def _is_filler(window: bytes, before: bytes) -> bool:
    """One byte, a few values, or a short pattern over and over that is no script."""
    if is_uniform(window) or len(frozenset(window)) <= _FEW:
        return True
    if before and len(window) < _WINDOW:
        return False
    return bool(period(window)) and dialect(window[:HEAD]) is None


def _continued(before: bytes, window: bytes) -> int:
    """How far a window goes on with the filler of the one before it."""
    step = (1 if is_uniform(before) else period(before)) if before else 0
    if not step:
        return 0
    pattern = before[-step:] * (len(window) // step + 1)
    low, high = 0, len(window)
    while low < high:  # the longest common prefix, by halving
        middle = (low + high + 1) // 2
        low, high = (middle, high) if window[:middle] == pattern[:middle] else (low, middle - 1)
    return low
