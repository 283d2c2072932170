"""Padding: the five sorts, the three places, and giants that cost no memory."""

import io
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.model.padding import filler
from emotriage.testing.padding import GIANT, padded, write_padded, write_padded_archive

SORTS = ["zero", "byte", "periodic", "low-entropy", "random"]
DATA = b"emotriage inert content"


@pytest.mark.parametrize(
    ("fill", "sort"),
    [
        ("zero", "uniform"),
        ("byte", "uniform"),
        ("periodic", "periodic"),
        ("low-entropy", "low-entropy"),
        ("random", "random"),
    ],
)
def test_each_sort_is_what_its_name_says(fill, sort):
    assert filler(padded(DATA, 200_000, fill)[len(DATA) :]) == sort


@given(st.sampled_from(SORTS), st.integers(0, 3000), st.sampled_from(["end", "start", "inside"]))
def test_size_and_data_are_kept(fill, extra, where):
    data = padded(DATA, len(DATA) + extra, fill, where=where)
    assert len(data) == len(DATA) + extra
    split = {"end": len(DATA), "start": 0, "inside": len(DATA) // 2}[where]
    assert data[:split] + data[split + extra :] == DATA


def test_place_by_offset_and_byte():
    assert padded(b"abcd", 6, "byte", byte=0x2E, at=1) == b"a..bcd"


def test_another_seed_is_other_filler():
    assert padded(b"", 5000, "random", seed=1) != padded(b"", 5000, "random", seed=2)
    assert padded(b"", 5000, "random", seed=1) == padded(b"", 5000, "random", seed=1)


@pytest.mark.parametrize(
    ("size", "how", "said"),
    [
        (3, {}, "has 23"),
        (GIANT, {}, "giant"),
        (99, {"fill": "grey"}, "fill must be"),
        (99, {"where": "top"}, "where must be"),
    ],
)
def test_mistakes_are_named(size, how, said):
    with pytest.raises(ValueError, match=said):
        padded(DATA, size, **how)


@pytest.mark.parametrize("fill", SORTS)
@pytest.mark.parametrize("where", ["end", "start", "inside"])
def test_streamed_is_the_same_as_in_memory(tmp_path, fill, where):
    size = (3 << 20) + 17
    expected = padded(DATA, size, fill, where=where)
    write_padded(tmp_path / "bare", DATA, size, fill, where=where)
    assert (tmp_path / "bare").read_bytes() == expected
    write_padded_archive(tmp_path / "zip", "a.doc", DATA, size, fill, where=where)
    with zipfile.ZipFile(tmp_path / "zip") as archive:
        [member] = archive.infolist()
        assert (member.filename, member.file_size, member.compress_type) == ("a.doc", size, zipfile.ZIP_DEFLATED)
        assert archive.read(member) == expected


def test_archive_has_nothing_but_its_member(tmp_path):
    path = tmp_path / "zip"
    write_padded_archive(path, "表.doc", DATA, 100_000, "byte", byte=0x41)
    data = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        [member] = archive.infolist()
        assert member.filename == "表.doc"
        assert zlib.crc32(padded(DATA, 100_000, "byte", byte=0x41)) == member.CRC
        assert member.header_offset == 0
        assert archive.start_dir == 30 + len("表.doc".encode()) + member.compress_size


def test_archive_refuses_what_needs_zip64(tmp_path):
    with pytest.raises(ValueError, match="ZIP64"):
        write_padded_archive(tmp_path / "zip", "a", b"", 1 << 32)


@pytest.mark.long
def test_a_giant_of_zeros_packs_a_thousand_to_one(tmp_path):
    size = 520 << 20
    write_padded_archive(tmp_path / "zip", "a.doc", DATA, size)
    assert (tmp_path / "zip").stat().st_size < size // 1000
    write_padded(tmp_path / "bare", DATA, size)
    assert (tmp_path / "bare").stat().st_size == size
