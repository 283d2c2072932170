"""Compressed files: all streams, whatever lies behind them, as much as comes out of damaged ones."""

import bz2
import gzip
import lzma
import random
import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from emotriage.formats.compressed import MEASURED, read_compressed, unpack
from emotriage.formats.gzip_header import read_gzip_header
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError, Malformed, Unsupported
from emotriage.model.limits import Budget, Limits
from emotriage.testing import bzipped, gzipped, xzipped, zstd

CODECS = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "lzma": lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE),
}
OWN = {"gzip": gzipped, "bzip2": bzipped, "xz": xzipped, "zstd": zstd}
TEXT = b"".join(b"line %d of the minutes\n" % number for number in range(40_000))


def budget() -> Budget:
    return Budget(Limits())


def content(data: bytes, *, measured: bool = True) -> tuple[bytes, FormatError | None]:
    out = []
    try:
        for chunk in unpack(Blob(data), budget(), measured=measured):
            assert len(chunk) <= 256 << 10
            out.append(chunk)
    except FormatError as error:
        return b"".join(out), error
    return b"".join(out), None


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("data", [b"", b"x", TEXT, bytes(3 << 20), random.Random(1).randbytes(300_000)])
def test_content_comes_out(codec, data):
    packed = CODECS[codec](data)
    assert content(packed) == (data, None)
    measured = read_compressed(Blob(packed), budget())
    assert (measured.size, measured.end, measured.streams) == (len(data), len(packed), 1)


@pytest.mark.parametrize("codec", OWN)
@pytest.mark.parametrize("data", [b"", b"x", TEXT])
def test_own_writers_are_read(codec, data):
    assert content(OWN[codec](data)) == (data, None)


@pytest.mark.parametrize("codec", OWN)
@pytest.mark.parametrize("between", [b"", bytes(4), bytes(512)])
def test_streams_in_a_row_are_one_content(codec, between):
    packed = OWN[codec](b"first ") + between + OWN[codec](b"second ") + OWN[codec](b"third")
    assert content(packed, measured=False) == (b"first second third", None)
    assert read_compressed(Blob(packed), budget()).streams == 3


@pytest.mark.parametrize("codec", CODECS)
def test_the_end_is_known_where_junk_follows(codec):
    packed = CODECS[codec](TEXT)
    assert read_compressed(Blob(packed + b"junk"), budget()).end == len(packed)
    assert content(packed + b"junk") == (TEXT, None)
    data, error = content(packed + b"junk", measured=False)
    assert data == TEXT
    assert isinstance(error, Malformed)
    assert content(packed + bytes(100_000), measured=False) == (TEXT, None)


def test_a_giant_is_not_measured_whole():
    packed = gzip.compress(bytes(2 * MEASURED))
    measured = read_compressed(Blob(packed), spent := budget())
    assert measured.end is None
    assert spent.work < 2 * MEASURED


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("lost", [1, 5, 20, 2000])
def test_what_came_before_the_end_of_a_cut_file_is_kept(codec, lost):
    packed = CODECS[codec](TEXT)
    data, error = content(packed[:-lost])
    assert isinstance(error, Malformed)
    assert TEXT.startswith(data)
    assert codec == "bzip2" or len(data) > len(TEXT) // 2
    assert read_compressed(Blob(packed[:-lost]), budget()).end is None


@pytest.mark.parametrize("codec", ["gzip", "bzip2", "xz"])
def test_a_wrong_checksum_loses_one_byte_at_most(codec):
    text = TEXT[:500_000]
    packed = bytearray(CODECS[codec](text))
    index = 4 * int.from_bytes(packed[-8:-4], "little") + 4
    packed[{"gzip": -6, "bzip2": 11, "xz": -12 - index - 1}[codec]] ^= 1
    data, error = content(bytes(packed))
    assert isinstance(error, Malformed)
    assert len(data) >= len(text) - 1
    assert text.startswith(data)


def test_streams_behind_one_with_a_wrong_checksum_are_read():
    data, error = content(gzipped(b"first ", crc=1) + gzipped(b"second"))
    assert data == b"first second"
    assert isinstance(error, Malformed)


def test_a_dictionary_larger_than_the_limit_is_unsupported():
    for packed in (xzipped(b"x", dictionary=40), b"\x5d\0\0\0\xff" + b"\xff" * 8 + bytes(40)):
        assert isinstance(content(packed)[1], Unsupported)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        (b"minutes.txt", "minutes.txt"),
        ("請求書.js".encode(), "請求書.js"),
        ("請求書ソ表.js".encode("cp932"), "請求書ソ表.js"),
        (b"caf\xe9 1.js", "café 1.js"),
    ],
)
def test_stored_names(name, meant):
    assert read_compressed(Blob(gzipped(b"x", name=name)), budget()).name == meant


def test_optional_fields_of_a_gzip_header():
    head = b"\x1f\x8b\x08" + bytes([2 | 4 | 8 | 16]) + bytes(6) + b"\x03\0abc" + b"n.txt\0" + b"comment\0" + b"\0\0"
    body = zlib.compress(b"x", wbits=-15)
    assert read_gzip_header(Blob(head), 0, budget()).end == len(head)
    assert content(head + body + zlib.crc32(b"x").to_bytes(4, "little") + b"\1\0\0\0") == (b"x", None)


@pytest.mark.parametrize(
    "head", [b"\x1f\x8b\x08", b"\x1f\x8b\x08\x08" + bytes(6) + b"a" * 70_000, b"\x1f\x8b\x07" + bytes(9)]
)
def test_damaged_gzip_headers(head):
    assert content(head)[1] is not None


@given(st.sampled_from(sorted(CODECS)), st.binary(max_size=300), st.integers(0, 300), st.binary(max_size=40))
def test_damage_raises_nothing_undeclared(codec, data, at, junk):
    packed = CODECS[codec](data)
    head = 6 if codec != "lzma" else 13
    for damaged in (packed[: max(at, head)] + junk, packed[:head] + junk + packed[head + at :]):
        content(damaged)
        read_compressed(Blob(damaged), budget())


@pytest.mark.parametrize("codec", OWN)
@pytest.mark.parametrize("data", [b"", b"x" * 50])
def test_work_grows_with_the_number_of_streams(codec, data):
    works = []
    for count in (200, 400):
        spent = budget()
        assert list(filter(None, unpack(Blob(OWN[codec](data) * count), spent, measured=True))) == [
            data
        ] * count * bool(data)
        works.append(spent.work)
    assert works[1] <= 2.1 * works[0]
