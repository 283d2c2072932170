"""Filters of PDF streams undo what encoders of their own specifications did, and survive what none did."""

import base64
import random
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.formats.pdf.filters import Filter, decoded, filter_named
from emotriage.model.errors import FormatError, Malformed, Unsupported
from emotriage.model.limits import Budget, Limits

TEXT = b"5 0 << /S /JavaScript /JS (app.alert) >>\n" * 40


def undone(data: bytes, *filters: Filter, size: int = 7) -> bytes:
    chunks = (data[at : at + size] for at in range(0, len(data), size))
    return b"".join(decoded(chunks, filters, Budget(Limits())))


def run_lengths(data: bytes) -> bytes:
    out = b"".join(bytes([len(data[at : at + 50]) - 1]) + data[at : at + 50] for at in range(0, len(data), 50))
    return out + bytes([257 - 9]) + b"z" + b"\x80"


def lzw(data: bytes, *, early: bool = True) -> bytes:
    """An encoder by the book (7.4.4): clear table, codes that grow, end of data."""
    table = {bytes([value]): value for value in range(256)}
    bits, width, following, run = "", 9, 258, b""
    bits += f"{256:09b}"
    for value in data:
        more = run + bytes([value])
        if more in table:
            run = more
            continue
        bits += f"{table[run]:0{width}b}"
        table[more] = following
        following += 1
        if following + early > 1 << width:
            width += 1
        if following == 4094:
            bits += f"{256:0{width}b}"
            table = {bytes([one]): one for one in range(256)}
            width, following = 9, 258
        run = bytes([value])
    bits += f"{table[run]:0{width}b}"
    if following + 1 + early > 1 << width and width < 12:
        width += 1
    bits += f"{257:0{width}b}"
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def predicted(data: bytes, columns: int, how: int, wide: int = 1) -> bytes:
    """PNG's filters (9.2) on rows of `columns` bytes."""
    above, out = bytes(columns), b""
    for at in range(0, len(data), columns):
        row = data[at : at + columns]
        line = bytearray()
        for index, value in enumerate(row):
            left = row[index - wide] if index >= wide else 0
            corner = above[index - wide] if index >= wide else 0
            up = above[index]
            near = min((left, up, corner), key=lambda one: abs(left + up - corner - one))
            line.append((value - (0, left, up, (left + up) // 2, near)[how]) & 0xFF)
        out += bytes([how]) + bytes(line)
        above = row
    return out


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_each_filter(size):
    assert undone(zlib.compress(TEXT), Filter("flate"), size=size) == TEXT
    assert undone(TEXT.hex(" ").encode() + b">", Filter("hex"), size=size) == TEXT
    assert undone(b"4142 5>x", Filter("hex"), size=size) == b"ABP"
    assert undone(base64.a85encode(TEXT + bytes(8), wrapcol=60) + b"~>", Filter("base85"), size=size) == TEXT + bytes(8)
    assert undone(run_lengths(TEXT), Filter("run-length"), size=size) == TEXT + b"z" * 9


@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize("data", [b"-----A---B", TEXT, random.Random(1).randbytes(9000), b"a" * 30_000])
def test_lzw(data, early):
    assert undone(lzw(data, early=early), Filter("lzw", early=early), size=1000) == data


@pytest.mark.parametrize("how", range(5))
@pytest.mark.parametrize(("columns", "colors"), [(4, 1), (30, 1), (10, 3)])
def test_predictors_of_png(how, columns, colors):
    data = random.Random(how).randbytes(columns * colors * 7)
    packed = zlib.compress(predicted(data, columns * colors, how, colors))
    assert undone(packed, Filter("flate", predictor=12, columns=columns, colors=colors)) == data


def test_predictor_of_tiff():
    assert undone(zlib.compress(bytes([5, 1, 1, 7, 2, 2])), Filter("flate", predictor=2, columns=3)) == bytes(
        [5, 6, 7, 7, 9, 11]
    )


def test_filters_in_a_row():
    packed = base64.a85encode(zlib.compress(TEXT.hex().encode() + b">")) + b"~>"
    assert undone(packed, Filter("base85"), Filter("flate"), Filter("hex")) == TEXT


def test_parameters_are_read():
    assert filter_named(b"FlateDecode", b"<</Columns 4/Predictor 12>>") == Filter("flate", predictor=12, columns=4)
    assert filter_named(b"LZW", b"<</EarlyChange 0>>") == Filter("lzw", early=False)
    assert not filter_named(b"JBIG2Decode", b"").is_known
    assert not filter_named(b"Fl", b"/Predictor 99").is_known
    with pytest.raises(Unsupported):
        undone(b"", filter_named(b"Crypt", b""))


@pytest.mark.parametrize("name", ["flate", "lzw", "base85"])
def test_damage_keeps_what_came_before(name):
    data = {
        "flate": zlib.compress(TEXT * 9)[:-9],
        "lzw": lzw(TEXT)[:90] + b"\xff" * 9,
        "base85": b"87cUR\xff\xff\xff\xff\xff",
    }
    pieces: list[bytes] = []
    chunks = decoded(iter([data[name]]), (Filter(name),), Budget(Limits()))
    with pytest.raises(Malformed):
        pieces.extend(chunks)
    assert b"".join(pieces) or name == "base85"


@given(
    st.lists(st.sampled_from(["flate", "hex", "base85", "lzw", "run-length"]), min_size=1, max_size=3),
    st.binary(max_size=300),
)
def test_anything_is_survived(names, data):
    with suppress(FormatError):
        undone(data, *(Filter(name, predictor=12, columns=3) for name in names))
