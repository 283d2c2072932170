"""L1 and L2: a gap keeps the verdict from being clean, and any bytes get a verdict."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage import Level, Limits, Policy, UsageError, scan
from emotriage.model.finding import Evidence, Finding, Severity, Trait
from emotriage.model.verdict import Artifact
from emotriage.scoring.aggregate import aggregate

findings = st.builds(
    Finding,
    rule=st.sampled_from(["vba.one", "vba.two", "xlm.one", "lnk.one", "scan.gap"]),
    title=st.just("title"),
    severity=st.sampled_from(Severity),
    confidence=st.sampled_from([0.3, 0.7, 1.0]),
    incomplete=st.booleans(),
    traits=st.frozensets(st.sampled_from(Trait), max_size=3),
    evidence=st.just((Evidence("x", "y"),)),
    artifact=st.integers(0, 3),
)
SHARDS = 8
TREE = [
    Artifact(id=number, parent=parent, name="", kind="zip", size=1) for number, parent in enumerate([None, 0, 0, 1])
]


@given(st.lists(findings, max_size=12))
def test_a_gap_is_never_clean(found):
    level, _, _ = aggregate(TREE, found, Policy.default())
    if any(one.incomplete for one in found):
        assert level >= Level.UNVERIFIED


@given(st.lists(findings, max_size=12), findings)
def test_one_more_finding_never_lowers_the_score(found, more):
    before = aggregate(TREE, found, Policy.default())[1]
    assert aggregate(TREE, [*found, more], Policy.default())[1] >= before


@given(st.lists(findings, max_size=12))
def test_the_account_adds_up(found):
    _, score, account = aggregate(TREE, found, Policy.default())
    assert sum(line.points for line in account) == score
    assert 0 <= score <= 100
    for line in account:
        assert line.findings or line.what.startswith("cap: ")
        assert all(0 <= index < len(found) for index in line.findings)


@given(st.binary(max_size=2000))
def test_any_bytes_get_a_verdict(data):
    verdict = scan(data, plugins=[])
    assert verdict.complete or verdict.level is not Level.CLEAN


@pytest.mark.parametrize("data", [None, 3, ["a"], object()])
def test_a_wrong_type_is_the_callers_mistake(data):
    with pytest.raises(UsageError):
        scan(data)


def test_a_name_is_a_string():
    with pytest.raises(UsageError):
        scan(b"x", name=b"x")


def test_paths_that_are_no_files_are_the_callers_mistake(tmp_path):
    import os

    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path, tmp_path / "missing", tmp_path / "fifo", "with\0nul", ""):
        with pytest.raises(UsageError):
            scan(path)


def _truncations(samples, count):
    """Places to cut at; fewer of them in large files."""
    for name, (recipe, data) in samples.items():
        rng = random.Random(f"truncate {name}")
        for _ in range(max(1, min(count, count * 500_000 // max(len(data), 1)))):
            if len(data) > 1:
                yield recipe, data[: rng.randrange(1, len(data))]


def _holds(recipe, data):
    verdict = scan(data, name=recipe.file, passwords=recipe.passwords, plugins=[])
    assert verdict.complete == (not verdict.gaps)
    assert verdict.complete or verdict.level is not Level.CLEAN
    failed = [f for f in verdict.findings if f.rule == "scan.analyzer-failed"]
    assert not failed, (recipe.name, failed)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_truncated_samples(shard_of, shard):
    for recipe, data in _truncations(shard_of(shard, SHARDS), 8):
        _holds(recipe, data)


@pytest.mark.long
@pytest.mark.parametrize("shard", range(SHARDS))
def test_truncated_samples_at_many_places(shard_of, shard):
    for recipe, data in _truncations(shard_of(shard, SHARDS), 64):
        _holds(recipe, data)


def test_limits_are_gaps(samples):
    _, data = samples["benign/two-texts"]
    tight = {
        "input_bytes": 10,
        "expanded_bytes": 4,
        "work": 1000,
        "children": 1,
        "depth": 1,
    }
    for name, value in tight.items():
        nested = data
        if name == "depth":
            from emotriage.testing import archive

            nested = archive(files={"a.zip": archive(files={"b.zip": data})})
        verdict = scan(nested, limits=Limits(**{name: value}), plugins=[])
        assert verdict.gaps, name
        assert verdict.level >= Level.UNVERIFIED, name


@pytest.mark.parametrize("bad", [{"work": 0}, {"seconds": -1}, {"depth": 1.5}, {"children": True}, {"dpeth": 3}])
def test_absurd_limits_are_refused(bad):
    with pytest.raises(UsageError):
        Limits.from_dict(bad)
