"""L9: the points listed add up, and each leads to evidence with an artifact and a place in it."""

import pytest

from emotriage import scan

SHARDS = 4


@pytest.mark.parametrize("shard", range(SHARDS))
def test_points_lead_to_places(shard_of, plain_of, shard):
    for name, (recipe, data) in shard_of(shard, SHARDS).items():
        verdict = plain_of(name)
        if recipe.passwords:
            verdict = scan(data, name=recipe.file, passwords=recipe.passwords, plugins=[])
        assert sum(line.points for line in verdict.account) == verdict.score, name
        known = {one.id for one in verdict.artifacts}
        for line in verdict.account:
            assert line.findings or line.what.startswith("cap: "), name
            for index in line.findings:
                finding = verdict.findings[index]
                assert finding.artifact in known
                assert any(e.where or e.offset is not None for e in finding.evidence), (name, finding.rule)
