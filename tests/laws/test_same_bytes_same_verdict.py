"""L4: byte-identical JSON, here and isolated, whatever the hash seed, the time zone or the locale."""

import json
import subprocess
import sys

import pytest

from emotriage import ScanPool, Verdict, scan

SHARDS = 4


@pytest.mark.parametrize("shard", range(SHARDS))
def test_here_and_isolated(shard_of, plain_of, shard):
    with ScanPool(plugins=[]) as pool:
        for recipe, data in shard_of(shard, SHARDS).values():
            assert pool.scan(data, name=recipe.file).to_json() == plain_of(recipe.name).to_json(), recipe.name


@pytest.mark.parametrize("shard", range(SHARDS))
def test_json_round_trip(shard_of, plain_of, shard):
    for name in shard_of(shard, SHARDS):
        text = plain_of(name).to_json()
        assert Verdict.from_json(text).to_json() == text


@pytest.mark.parametrize(
    "surroundings",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "America/New_York", "LC_ALL": "C.UTF-8", "PYTHONOPTIMIZE": "1"},
    ],
)
def test_surroundings_do_not_matter(samples, tmp_path, surroundings):
    names = sorted(samples)[::7]
    for name in names:
        (tmp_path / name.replace("/", "-")).write_bytes(samples[name][1])
    code = (
        "import sys, emotriage, pathlib\n"
        "for p in sorted(pathlib.Path(sys.argv[1]).iterdir()):\n"
        "    print(emotriage.scan(p.read_bytes(), name=p.name, plugins=[]).to_json())\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], env=surroundings, capture_output=True, check=True, text=True
    )
    lines = run.stdout.splitlines()
    assert len(lines) == len(names)
    for line, path in zip(lines, sorted(tmp_path.iterdir()), strict=True):
        assert line == scan(path.read_bytes(), name=path.name, plugins=[]).to_json()


def test_no_path_but_the_callers_name(tmp_path):
    path = tmp_path / "letter.txt"
    path.write_bytes(b"hello")
    text = scan(path, name="letter.txt").to_json()
    assert str(tmp_path) not in text
    assert json.loads(text)["name"] == "letter.txt"
