"""L1 and L2 on damaged samples: always a verdict, and never clean where somebody else still gets the payload out."""

from functools import cache

import pytest

from emotriage import Level, Verdict, scan
from emotriage.testing import document, shortcut
from laws.faults import looked_at
from laws.mutation import mutants
from laws.readers import READERS, recovered

FEW, MANY, PARTS = 500, 750, 8
LARGEST = 200_000


@pytest.fixture(scope="session")
def pool(samples):
    return [one for name, one in sorted(samples.items()) if 0 < len(one[1]) <= LARGEST]


def promised(what, recipe, data):
    """The promises that hold for any bytes; the verdict."""
    verdict = looked_at(recipe, data)
    raw = verdict.to_json()
    assert Verdict.from_json(raw).to_json() == raw, what
    assert verdict.complete == (not verdict.gaps), what
    assert verdict.complete or verdict.level is not Level.CLEAN, what
    failed = [one for one in verdict.gaps if one.rule == "scan.analyzer-failed"]
    assert not failed, (what, failed)
    return verdict


@cache
def hostile_alone(kind: str, content: bytes) -> bool:
    """True for a payload that is not clean by itself, in the plainest file that can hold it."""
    if kind == "macro":
        data, name = document("doc", macros={"Module1": content.decode("utf-8", "replace")}), "a.doc"
    elif kind == "command":
        target, _, arguments = content.decode("utf-8", "replace").partition("\n")
        data, name = shortcut(target, arguments), "a.lnk"
    else:
        data, name = content, "a"
    verdict = scan(data, name=name, plugins=[])
    return verdict.level > (Level.UNVERIFIED if kind == "stream" else Level.CLEAN)


def dangerous(reader, data):
    """The payloads that a reader gets out and that are hostile whatever they are in."""
    return {one for one in recovered(data, reader) if hostile_alone(*one)}


def overlooked(what, recipe, original, data):
    """Payloads of the original that readers still get out of a mutant with a clean verdict, one line each."""
    for reader in READERS:
        if left := dangerous(reader, original) & recovered(data, reader):
            yield f"{what}: {reader.__name__} still finds {len(left)} of {recipe.file}"


def check(pool, bait, count, seed):
    originals = {recipe.name: data for recipe, data in bait}
    missed = []
    for what, recipe, data in [*mutants(pool, count // 2, seed), *mutants(bait, count // 2, f"{seed} bait")]:
        if promised(what, recipe, data).level is Level.CLEAN and recipe.name in originals:
            missed += overlooked(what, recipe, originals[recipe.name], data)
    assert missed == []


@pytest.fixture(scope="session")
def bait(pool):
    """Samples that are not clean and of which other readers get a payload out: half of the mutants are of these."""
    return [
        (recipe, data)
        for recipe, data in pool
        if any(dangerous(reader, data) for reader in READERS) and looked_at(recipe, data).level is not Level.CLEAN
    ]


@pytest.mark.parametrize("reader", READERS, ids=lambda one: one.__name__)
def test_readers_find_payloads_in_samples(bait, reader):
    """Else the promise would be empty."""
    held = [recipe.name for recipe, data in bait if dangerous(reader, data)]
    assert len(held) >= {"olevba": 15, "olefile": 1, "zip_file": 2, "lnk_parse": 10, "one_note": 3}[reader.__name__]


@pytest.mark.parametrize("part", range(PARTS))
def test_mutants(pool, bait, part):
    check(pool, bait, FEW, f"mutants {part}")


@pytest.mark.long
@pytest.mark.parametrize("part", range(2 * PARTS))
def test_many_mutants(pool, bait, part):
    check(pool, bait, MANY, f"many mutants {part}")
