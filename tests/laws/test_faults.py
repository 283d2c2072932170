"""L1 and L8 by fault injection: a fault at any call into a parser leaves a gap, and changes nobody else's findings.

The sites are read off the source. Each is made to fail on the smallest sample that reaches it, once for each fault.
"""

from functools import cache

import pytest

from emotriage.model.blob import Blob
from emotriage.testing import Recipe
from laws.call_sites import FORMATS, HOMES, Site, finder, hooked, places, sites
from laws.faults import FAULTS, Scan, complaints, looked_at, scanned, silences, struck
from laws.reaching import reaching

TWICE = {
    "containers.zip stream",  # a first look for oddities; the walk streams the member again when its turn comes
}
"""Calls that are made twice for the same bytes, where the second one speaks: they fail together."""

LARGE_ONLY = {"analyzers.script decode_text", "analyzers.script slice", "analyzers.script content_bytes"}
"""Calls for what lies past the first 8 MiB; the long run comes there."""

LARGEST = 1_000_000
SHARDS = 4


@cache
def _reached(held: "_Held", largest: int) -> dict[Site, tuple[Recipe, bytes]]:
    """The smallest sample that reaches each site; one without a gap of its own before others."""
    site_of = finder({key: value for home in HOMES for key, value in places(home).items()})
    found: dict[Site, tuple[bool, Recipe, bytes]] = {}
    seen: set[Site] = set()

    def hook(real, args, kwargs, name, frame):
        if (site := site_of(frame, name)) is not None:
            seen.add(site)
        return real(*args, **kwargs)

    with hooked(hook, HOMES):
        for recipe, data in sorted([*held.samples.values(), *reaching()], key=lambda one: len(one[1])):
            if len(data) > largest:
                break
            seen.clear()
            verdict = looked_at(recipe, data)
            for site in seen:
                if site not in found or (verdict.complete and not found[site][0]):
                    found[site] = (verdict.complete, recipe, data)
    return {site: (recipe, data) for site, (_, recipe, data) in found.items()}


@pytest.fixture
def reached(samples):
    return _reached(_Held(samples), LARGEST)


class _Held:
    """The samples, as something that can be a key."""

    def __init__(self, samples):
        self.samples = samples

    def __hash__(self):
        return 0

    def __eq__(self, other):
        return isinstance(other, _Held)


def test_the_source_is_read():
    found = {str(one).rpartition(":")[0] for one in sites(*HOMES)}
    assert {"analyzers.vba", "containers.ole", "containers.zip", "describe", "emulation.xlm.resolve"} <= found
    assert len(sites(*HOMES)) > 200


def test_every_call_into_a_parser_is_reached(reached):
    missing = [one for one in sites(*HOMES) if one.certain and one not in reached]
    assert [str(one) for one in missing if _key(one) not in LARGE_ONLY] == []


def _key(site: Site) -> str:
    return f"{site.module.removeprefix('emotriage.')} {site.name}"


def _faults(site: Site):
    """The faults that a site can have: a blob's own methods know no format, so they raise no `FormatError`."""
    for fault in FAULTS:
        if fault == "malformed" and hasattr(Blob, site.name):
            continue
        yield fault, False
        if fault in ("malformed", "bug", "greed"):
            yield fault, True


def _plain_scans():
    """Scans without a fault, each sample's made once: many sites are first reached by the same one."""
    made: dict[tuple[str, bytes], Scan] = {}

    def plain_scan(recipe, data):
        if (key := (recipe.name, data)) not in made:
            made[key] = scanned(recipe, data)
        return made[key]

    return plain_scan


def _complaints(reached, wanted):
    wrong = []
    plain_scan = _plain_scans()
    for site in wanted:
        recipe, data = reached[site]
        plain = plain_scan(recipe, data)
        where = {one for one in reached if _key(one) == _key(site)} if _key(site) in TWICE else {site}
        for fault, late in _faults(site):
            after = struck(recipe, data, where, fault, late=late)
            if late and not after.struck:
                continue  # no generator, so there is no late
            wrong += [f"{site}: {fault} on {recipe.name}: {one}" for one in complaints(plain, after, fault)]
    return wrong


@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_fault_at_any_call_leaves_a_gap(reached, shard):
    assert _complaints(reached, sorted(reached)[shard::SHARDS]) == []


def test_a_parser_that_fails_whoever_calls_it_leaves_a_gap(reached):
    """Views are shared: who finds where a file ends meets the failure first, and whoever judges it meets it again."""
    callers = sites(*HOMES, FORMATS)
    wrong = []
    plain_scan, seen = _plain_scans(), set()
    for site in sorted(reached):
        if not hasattr(Blob, site.name) and not hasattr(str, site.name):
            recipe, data = reached[site]
            if (same := (site.name, recipe.name, data)) in seen:
                continue  # all calls of that name fail together, so this is the same scan again
            seen.add(same)
            where = {one for one in callers if one.name == site.name}
            after = struck(recipe, data, where, "malformed")
            wrong += [f"{site} on {recipe.name}: {one}" for one in silences(plain_scan(recipe, data), after)]
    assert wrong == []


@pytest.mark.long
def test_a_fault_at_the_calls_of_large_files_leaves_a_gap(samples, reached):
    everything = _reached(_Held(samples), 1 << 30)
    assert {_key(one) for one in set(everything) - set(reached)} >= LARGE_ONLY
    assert _complaints(everything, sorted(set(everything) - set(reached))) == []
