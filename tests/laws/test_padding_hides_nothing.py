"""L7: within limits, padding or wrapping never removes a finding."""

import pytest

from emotriage import scan
from emotriage.testing import archive, padded

FILLS = ["zero", "byte", "periodic", "low-entropy", "random"]
SHARDS = 4


def _hostile(samples):
    """Recipes that prove a rule of what padding could hide."""
    return [(r, d) for r, d in samples.values() if r.triggers and r.family not in ("scan", "padding")]


def _rules(verdict):
    return {f.rule for f in verdict.findings if not f.incomplete}


def _core(verdict, number=0):
    return verdict.artifacts[number].core_sha256


@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.parametrize("fill", FILLS)
def test_padding_behind(shard_of, plain_of, fill, shard):
    for recipe, data in _hostile(shard_of(shard, SHARDS)):
        plain = plain_of(recipe.name)
        if not _rules(plain) and not plain.score:
            continue  # nothing that could be hidden: any verdict would pass
        more = padded(data=data, size=len(data) + 300_000, fill=fill)
        verdict = scan(more, name=recipe.file, plugins=[])
        assert _rules(plain) <= _rules(verdict), (recipe.name, _rules(plain) - _rules(verdict))
        assert verdict.score >= plain.score, recipe.name


@pytest.mark.parametrize("shard", range(SHARDS))
def test_wrapping(shard_of, plain_of, shard):
    for recipe, data in _hostile(shard_of(shard, SHARDS)):
        plain = plain_of(recipe.name)
        verdict = scan(archive(files={recipe.file: data}, method=8), name="a.zip", plugins=[])
        assert _rules(plain) <= _rules(verdict), recipe.name
        assert verdict.score >= plain.score, recipe.name
        assert verdict.artifacts[1].sha256 == plain.sha256


def test_the_core_hash_forgets_the_padding(samples, plain_of):
    for recipe, data in _hostile(samples):
        if recipe.family not in ("vba", "xlm", "lnk", "onenote"):
            continue
        plain = plain_of(recipe.name)
        endless = plain.artifacts[0].kind in ("slk", "biff")  # a line may always follow
        if endless or plain.artifacts[0].padding or plain.gaps:  # a damaged file does not say where it ends either
            continue
        cores = {
            _core(scan(data + bytes([byte]) * (size << 10), name=recipe.file, plugins=[]))
            for byte, size in ((0, 100), (0, 300), (0x20, 200), (0xFF, 150))
        }
        assert cores == {_core(plain)}, recipe.name


@pytest.mark.long
@pytest.mark.parametrize("fill", ["zero", "byte"])
def test_giants(fill, tmp_path):
    from emotriage.testing import document, write_padded, write_padded_archive

    data = document(format="doc", macros={"Module1": 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'})
    plain = scan(data, name="invoice.doc", plugins=[])
    size = len(data) + (520 << 20)
    write_padded(tmp_path / "invoice.doc", data, size, fill=fill)
    write_padded_archive(tmp_path / "invoice.zip", "invoice.doc", data, size, fill=fill)
    for name in ("invoice.doc", "invoice.zip"):
        verdict = scan(tmp_path / name, plugins=[], isolate=True)
        assert _rules(plain) <= _rules(verdict), name
        assert verdict.complete, name
