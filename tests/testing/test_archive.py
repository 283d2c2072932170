"""The ZIP writer, read by zipfile, pyzipper and zlib."""

import hashlib
import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
import pyzipper
from hypothesis import given
from hypothesis import strategies as st

from emotriage.testing.archive import DEFECTS, archive, write_archive
from emotriage.testing.content import Filler
from emotriage.testing.deflate import deflate


def opened(data: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(data))


@given(st.lists(st.one_of(st.binary(max_size=5000), st.builds(bytes, st.integers(0, 200_000))), max_size=4))
def test_deflate_is_undone_by_zlib(chunks):
    packed = b"".join(deflate(chunks))
    inflater = zlib.decompressobj(-15)
    assert inflater.decompress(packed) == b"".join(chunks)
    assert inflater.eof
    assert not inflater.unused_data


def test_deflate_shrinks_zeros_a_thousand_times():
    assert len(b"".join(deflate([bytes(1 << 20)] * 8))) < 8 * 1100


@pytest.mark.parametrize("method", [0, 8, {"a.txt": 8}])
@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("descriptor", [False, True])
def test_zipfile_reads_it(method, wide, descriptor):
    files = {"a.txt": b"a" * 5000, "folder/": b"", "folder/表.txt": "text", "empty": b""}
    data = archive(files, method=method, zip64=wide, descriptor=descriptor, comment="note", prepend=b"junk")
    with opened(data) as file:
        assert file.testzip() is None
        assert file.namelist() == list(files)
        assert file.read("a.txt") == b"a" * 5000
        assert file.read("folder/表.txt") == b"text"
        assert file.comment == b"note"
        assert {one.date_time for one in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_bytes_are_the_same_everywhere():
    data = archive(
        {"a.txt": b"abc" * 99, "b": b""}, method={"a.txt": 8}, comment="note", password="pw", encrypted=["b"]
    )
    assert hashlib.sha256(data).hexdigest() == "b97b12590b62e4fed46d6e9885440f55f1ae073a72f1ab832b50bc8af034a609"


@pytest.mark.parametrize("method", [0, 8])
@pytest.mark.parametrize("descriptor", [False, True])
def test_password(method, descriptor):
    data = archive(
        {"a": b"secret" * 99, "b": b"clear"}, method=method, password="pw", encrypted=["a"], descriptor=descriptor
    )
    with opened(data) as file, pyzipper.ZipFile(io.BytesIO(data)) as other:
        assert [one.flag_bits & 1 for one in file.infolist()] == [1, 0]
        assert file.read("a", b"pw") == b"secret" * 99
        assert other.read("a", b"pw") == b"secret" * 99
        assert file.read("b") == b"clear"


def test_headers_can_lie():
    data = archive(
        {"a.js": b"x" * 600},
        method=8,
        local={"a.js": {"name": "a.txt"}},
        both={"a.js": {"method": 0}},
        central={"a.js": {"comment": b"MZ"}},
    )
    assert data[30:35] == b"a.txt"
    with opened(data) as file:
        assert (file.namelist(), file.infolist()[0].compress_type, file.infolist()[0].comment) == (["a.js"], 0, b"MZ")


def test_members_can_hide_and_share_a_body():
    data = archive({"a": b"one", "b": b"two"}, unindexed=["b"], aliases={"c": "a"}, between=b"gap", append=b"tail")
    assert data.count(b"PK\3\4") == 2
    assert b"twogapPK\1\2" in data
    assert data.endswith(b"tail")
    with opened(data) as file:
        assert file.namelist() == ["a", "c"]
        assert {one.header_offset for one in file.infolist()} == {0}


def test_names_modes_and_duplicates():
    data = archive([("表.txt", b"1"), ("表.txt", b"2")], name_encoding="cp932", modes={"表.txt": 0o120777})
    with zipfile.ZipFile(io.BytesIO(data), metadata_encoding="cp932") as file:
        assert file.namelist() == ["表.txt", "表.txt"]
        assert file.infolist()[0].external_attr >> 16 == 0o120777
        assert not file.infolist()[0].flag_bits


def test_encrypted_flag_alone():
    with opened(archive({"a": b"1", "b": b"2"}, encrypted_flag=["b"])) as file:
        assert [one.flag_bits for one in file.infolist()] == [0, 1]


@pytest.mark.parametrize("defect", sorted(DEFECTS))
def test_each_defect_changes_the_bytes(defect):
    files = {"a.txt": b"text" * 50}
    wide = defect.startswith("zip64")
    descriptor = defect == "lying-descriptor"
    sane = archive(files, zip64=wide and defect != "zip64-no-extra", descriptor=descriptor)
    assert archive(files, defects=[defect], zip64=wide and defect != "zip64-no-extra", descriptor=descriptor) != sane


def test_defects_that_zipfile_notices():
    for defect in ("no-end-record", "truncated"):
        with pytest.raises(zipfile.BadZipFile):
            opened(archive({"a": b"text"}, defects=[defect]))
    with opened(archive({"a": b"text"}, defects=["bad-crc"])) as file:
        assert file.testzip() == "a"
    assert opened(archive({"a": b"text"}, defects=["empty-end-record-behind"])).namelist() == []


def test_unknown_words_are_refused():
    with pytest.raises(ValueError, match="no-such"):
        archive({}, defects=["no-such"])
    with pytest.raises(ValueError, match="deflated"):
        archive({"a": b""}, method=9)


def test_giants_are_streamed(tmp_path: Path):
    path = tmp_path / "big.zip"
    write_archive(path, {"big.doc": [b"head", Filler(40 << 20), Filler(3 << 20, b"abc")], "small": b"s"}, method=8)
    assert path.stat().st_size < 200_000
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None
        assert file.getinfo("big.doc").file_size == 4 + (43 << 20)
    write_archive(path, {"big": Filler(20 << 20, b"x")})
    assert struct.unpack("<I", path.read_bytes()[18:22]) == (20 << 20,)


def test_more_members_than_an_end_record_counts():
    data = archive([("a", b"")] * 65_536)
    assert len(opened(data).infolist()) == 65_536
