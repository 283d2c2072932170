"""Deflate64: what Deflate writes of it, and what only Deflate64 knows."""

import random
import zlib

import pytest

from emotriage.formats.deflate64 import inflate64
from emotriage.model.errors import Malformed
from emotriage.model.limits import Budget, Limits

TEXT = b"".join(b"line %d of the minutes\n" % number for number in range(4000))


def content(packed: bytes) -> bytes:
    return b"".join(inflate64(iter([packed[:7], packed[7:]]), Budget(Limits())))


def bits(*fields: tuple[int, int]) -> bytes:
    """Fields of (value, width), lowest bit first; codes are given turned."""
    held = count = 0
    for value, width in fields:
        held |= value << count
        count += width
    return held.to_bytes(-(-count // 8), "little")


def code(value: int, width: int) -> tuple[int, int]:
    return int(f"{value:0{width}b}"[::-1], 2), width


@pytest.mark.parametrize("level", [0, 1, 9])
@pytest.mark.parametrize("data", [b"", b"x", TEXT, random.Random(1).randbytes(70_000)])
def test_what_both_write_alike(level, data):
    squeeze = zlib.compressobj(level, zlib.DEFLATED, -15)
    assert content(squeeze.compress(data) + squeeze.flush()) == data


def test_a_match_of_64_kib_and_one_from_48_kib_back():
    run = bits((1, 1), (1, 2), code(0x30 + 65, 8), code(285 - 280 + 0xC0, 8), (60_000 - 3, 16), code(0, 5),
               code(285 - 280 + 0xC0, 8), (0, 16), code(30, 5), (0, 14), code(0, 7))  # fmt: skip
    assert content(run) == b"A" * 60_004


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        bits((1, 1), (3, 2)),
        bits((1, 1), (0, 2), (0, 5), (3, 16), (3, 16)),
        bits((1, 1), (1, 2), code(1, 7), code(0, 5)),
        bits((1, 1), (1, 2), code(0x30 + 65, 8)),
        bits((1, 1), (2, 2), (0, 5), (0, 5), (0, 4), (1, 3), (1, 3), (1, 3), (1, 3)),
    ],
)
def test_damage_is_said(packed):
    with pytest.raises(Malformed):
        content(packed)
