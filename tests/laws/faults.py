"""Faults that are planted at one call site, and what a scan with such a fault in it must still say."""

import inspect
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from emotriage import Level, Limits, Verdict, scan
from emotriage.model.errors import Malformed
from emotriage.testing import Recipe
from laws.call_sites import Record, Site, finder, hooked, places, recorded


class Planted(RuntimeError):
    """What nobody in the package may expect."""


def _malformed(_: Record) -> None:
    raise Malformed("planted")


def _bug(_: Record) -> None:
    raise Planted


def _memory(_: Record) -> None:
    raise MemoryError


def _disk(_: Record) -> None:
    raise OSError(5, "planted")


def _greed(record: Record) -> None:
    budget = record.budget
    budget.spend(budget._work_stop - budget.work + 1)


FAULTS: dict[str, Callable[[Record], None]] = {
    "malformed": _malformed,
    "bug": _bug,
    "memory": _memory,
    "greed": _greed,
    "disk": _disk,
}


@dataclass(slots=True)
class Scan:
    """A verdict, what each analyzer said, and where the fault struck."""

    verdict: Verdict
    record: Record
    struck: set[tuple[object, str]] = field(default_factory=set)


def looked_at(recipe: Recipe, data: bytes) -> Verdict:
    """The verdict on a recipe's sample, or on what was made of it, as the recipe wants it to be scanned."""
    limits = Limits.from_dict(recipe.limits) if recipe.limits else None
    return scan(data, name=recipe.file, passwords=recipe.passwords, limits=limits, plugins=[])


def scanned(recipe: Recipe, data: bytes) -> Scan:
    """A scan without a fault."""
    with recorded() as record:
        return Scan(looked_at(recipe, data), record)


def struck(recipe: Recipe, data: bytes, where: Collection[Site], fault: str, *, late: bool = False) -> Scan:
    """A scan in which each call at these sites fails; a late fault lets a generator give out all it has before."""
    names, homes = {one.name for one in where}, {one.home for one in where}
    site_of = finder({key: value for home in homes for key, value in places(home).items() if key[1] in names})
    hits: set[tuple[object, str]] = set()
    with recorded() as record:

        def fail() -> None:
            hits.add(record.now)
            FAULTS[fault](record)

        def after(run: Iterator[object]) -> Iterator[object]:
            yield from run
            fail()

        def hook(real, args, kwargs, name, frame):
            if site_of(frame, name) not in where:
                return real(*args, **kwargs)
            if not late:
                fail()
            found = real(*args, **kwargs)
            return after(found) if inspect.isgenerator(found) else found

        with hooked(hook, homes, names):
            return Scan(looked_at(recipe, data), record, hits)


def silences(plain: Scan, after: Scan) -> Iterator[str]:
    """What a scan with a fault in it leaves unsaid, one line each."""
    if not after.struck:
        yield "the fault did not strike"
        return
    if after.verdict.level is Level.CLEAN:
        yield "clean"
    before = {(one.rule, one.evidence) for one in plain.verdict.gaps}
    if not {(one.rule, one.evidence) for one in after.verdict.gaps} - before:
        yield "no gap of its own"


def complaints(plain: Scan, after: Scan, fault: str) -> Iterator[str]:
    """What a scan with a fault in it does wrong, one line each: silences, and what it does to other analyzers."""
    yield from silences(plain, after)
    for key, analyzer in plain.record.said:
        if _touched(key, analyzer, plain.record, after, fault):
            continue
        if (key, analyzer) not in after.record.said:
            yield f"{analyzer} does not run on {key}"
        elif after.record.said[key, analyzer] != plain.record.said[key, analyzer]:
            yield f"{analyzer} says something else on {key}"


def _touched(key: object, analyzer: str, before: Record, after: Scan, fault: str) -> bool:
    """True where the fault struck this analyzer here, or whoever led to this artifact, or spent its whole allowance."""
    here = {name for place, name in after.struck if place == key}
    if analyzer in here or "describe" in here or (here and fault == "greed"):
        return True
    above = before.parents.get(key)
    while above:
        if any(place == above for place, _ in after.struck):
            return True
        above = before.parents.get(above)
    return False
