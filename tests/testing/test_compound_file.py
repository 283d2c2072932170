"""The compound file writer, read by olefile."""

import hashlib
import io
from pathlib import Path

import olefile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotriage.testing.compound_defects import DEFECTS
from emotriage.testing.compound_file import compound_file, write_compound_file
from emotriage.testing.content import Filler

STREAMS = {
    "WordDocument": bytes(range(256)) * 40,
    "Macros/VBA/dir": b"small",
    "Macros/VBA/Module1": b"x" * 4096,
    "Macros/PROJECT": b"y" * 4095,
    "\x01CompObj": b"",
    "ObjectPool/": b"",
    "表": b"z" * 65,
}


def opened(data: bytes) -> olefile.OleFileIO:
    return olefile.OleFileIO(io.BytesIO(data), raise_defects=olefile.DEFECT_POTENTIAL)


def contents(data: bytes) -> dict[str, bytes]:
    with opened(data) as file:
        return {"/".join(path): file.openstream(path).read() for path in file.listdir()}


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("scattered", [False, True])
def test_olefile_reads_it(version, scattered):
    clsids = {"": "00020906-0000-0000-c000-000000000046", "Macros": "0003000c-0000-0000-c000-000000000046"}
    data = compound_file(STREAMS, version=version, scattered=scattered, clsids=clsids)
    assert contents(data) == {path: body for path, body in STREAMS.items() if not path.endswith("/")}
    with opened(data) as file:
        assert file.root.clsid.lower() == clsids[""]
        assert file.getclsid("Macros").lower() == clsids["Macros"]
        assert file.exists("ObjectPool")
        assert not file.parsing_issues
    assert len(data) % (512 if version == 3 else 4096) == 0


def names() -> st.SearchStrategy[str]:
    letters = st.characters(blacklist_characters="/\\:!", blacklist_categories=["Cs", "Cc"])
    return st.text(letters, min_size=1, max_size=15).filter(lambda name: name.upper() == name)


@settings(max_examples=40)
@given(st.dictionaries(names(), st.integers(0, 9000), max_size=40), st.sampled_from([3, 4]))
def test_any_streams_survive(sizes, version):
    streams = {f"S/{name}": bytes([number % 256]) * length for number, (name, length) in enumerate(sizes.items())}
    assert contents(compound_file(streams, version=version)) == streams


def test_the_tree_is_red_black():
    data = compound_file({f"{number:03}": b"" for number in range(100)})
    with opened(data) as file:
        nodes = file.direntries
        depths = set()
        todo = [(nodes[0].sid_child, 0, 1)]
        while todo:
            index, blacks, above = todo.pop()
            if index == olefile.NOSTREAM:
                depths.add(blacks)
                continue
            node = nodes[index]
            assert node.color or above, "a red node below a red one"
            todo += [(side, blacks + node.color, node.color) for side in (node.sid_left, node.sid_right)]
        assert len(depths) == 1, "as many black nodes on every way down"


def test_many_fat_sectors_need_a_difat(tmp_path: Path):
    path = tmp_path / "big"
    write_compound_file(path, {"Big": [b"head", Filler(16 << 20)], "Small": b"tail"})
    with olefile.OleFileIO(str(path), raise_defects=olefile.DEFECT_POTENTIAL) as file:
        assert file.num_difat_sectors == 2
        assert file.get_size("Big") == 4 + (16 << 20)
        assert file.openstream("Small").read() == b"tail"


def test_deep_and_wide_trees_need_no_recursion():
    deep = compound_file({"/".join(["S"] * 4000 + ["x"]): b"1"})
    assert len(deep) > 4000 * 128
    wide = compound_file({f"{number}": b"" for number in range(20_000)})
    with opened(wide) as file:
        assert len(file.listdir()) == 20_000


def test_names_can_be_raw_and_double():
    data = compound_file([("A", b"1"), ("A", b"2")], raw_names={"A": "N" * 32})
    assert data.count(("N" * 32).encode("utf-16-le")) == 2
    with pytest.raises(ValueError, match="31"):
        compound_file({"N" * 32: b""})


def test_bytes_are_the_same_everywhere():
    digest = hashlib.sha256(compound_file(STREAMS) + compound_file(STREAMS, version=4, scattered=True)).hexdigest()
    assert digest == "3f2bc463e63777e69459a551643c3737ee6d1d2b8a41b6563bf18e9177a609f3"


@pytest.mark.parametrize("defect", DEFECTS)
def test_each_defect_is_one(defect):
    damaged = compound_file(STREAMS, defects=[defect])
    assert damaged != compound_file(STREAMS)
    with pytest.raises(ValueError, match="unknown defect"):
        compound_file(STREAMS, defects=["no-such"])


def found(defect: str) -> set[str]:
    with olefile.OleFileIO(io.BytesIO(compound_file(STREAMS, defects=[defect]))) as file:
        return {"/".join(path) for path in file.listdir()}


def test_what_olefile_makes_of_the_defects():
    everything = set(contents(compound_file(STREAMS)))
    assert found("orphan:Macros/VBA") == everything - {"Macros/VBA/dir", "Macros/VBA/Module1"}
    assert found("orphan") == found("deleted") == everything - {"表"}
    assert found("fat-loop") == found("minifat-loop") == everything | {"Loop"}
    assert found("shared-sector:Macros/VBA/Module1") == everything
    for defect in ("bad-sector-shift:31", "truncated:300"):
        with pytest.raises((OSError, ValueError)):
            found(defect)
    for defect in ("fat-out-of-range", "minifat-out-of-range"):
        with pytest.raises((OSError, ValueError)):
            contents(compound_file(STREAMS, defects=[defect]))


def test_the_others_stay_sane_beside_a_loop():
    for defect in ("fat-loop", "minifat-loop", "fat-out-of-range", "minifat-out-of-range", "deleted:表"):
        with olefile.OleFileIO(io.BytesIO(compound_file(STREAMS, defects=[defect]))) as file:
            assert file.openstream("Macros/VBA/Module1").read() == STREAMS["Macros/VBA/Module1"]
            assert file.openstream("Macros/VBA/dir").read() == STREAMS["Macros/VBA/dir"]


def test_truncation_keeps_what_was_asked_for():
    assert len(compound_file(STREAMS, defects=["truncated:700"])) == 700
    assert len(compound_file(STREAMS, defects=["truncated"])) == len(compound_file(STREAMS)) // 2


def test_a_defect_needs_something_to_spoil():
    with pytest.raises(ValueError, match="no entry"):
        compound_file(STREAMS, defects=["orphan:Nowhere"])
    with pytest.raises(ValueError, match="larger"):
        compound_file(STREAMS, defects=["fat-loop:Macros/VBA/dir"])
