"""Stretches of filler: exact edges for every sort, and work that does not exceed what hashing the same bytes costs."""

import random

import pytest

from emotriage.model.blob import Blob
from emotriage.model.limits import MIB, Budget, Limits
from emotriage.model.stretches import read_stretches, without_stretches
from emotriage.testing import padded

HEAD = random.Random(1).randbytes(300_007)
TAIL = random.Random(2).randbytes(200_003)


def filled(fill: str, size: int, **how: int) -> bytes:
    return HEAD + padded(b"", size, fill, **how) + TAIL


@pytest.mark.parametrize("period", [2, 31, 1000, 4096])
@pytest.mark.parametrize("size", [MIB, 2 * MIB + 1, 3 * MIB - 17])
def test_edges_of_repeating_filler(period, size):
    data = filled("periodic", size, period=period)
    [found] = read_stretches(Blob(data), Budget(Limits()))
    assert (found.what, found.proven) == ("periodic", True)
    # A letter beside it may happen to go on with the pattern.
    assert abs(found.offset - len(HEAD)) <= 2
    assert abs(found.end - len(HEAD) - size) <= 2


def test_edges_of_filler_of_a_few_letters():
    [found] = read_stretches(Blob(filled("low-entropy", 2 * MIB)), Budget(Limits()))
    assert (found.what, found.proven) == ("low-entropy", True)
    assert abs(found.offset - len(HEAD)) <= 2
    assert abs(found.end - len(HEAD) - 2 * MIB) <= 2


@pytest.mark.parametrize("at", [0, 1, MIB, MIB + MIB // 2, 2 * MIB - 1])
def test_one_byte_that_is_no_filler_divides_it(at):
    data = bytearray(padded(b"", 4 * MIB, "periodic", period=31))
    data[MIB + at] ^= 0xFF
    found = read_stretches(Blob(bytes(data)), Budget(Limits()))
    assert not any(one.offset <= MIB + at < one.end for one in found)
    assert sum(one.length for one in found) >= 4 * MIB - 3 * (256 << 10)


def test_repeating_filler_costs_less_than_hashing_it():
    data = padded(b"", 8 * MIB, "periodic")
    budget = Budget(Limits())
    found = read_stretches(Blob(data), budget)
    assert budget.work < len(data) // 2
    assert sum(len(window) for _, window in without_stretches(Blob(data), found).windows()) < MIB


def test_noise_and_short_filler_are_none():
    assert read_stretches(Blob(random.Random(3).randbytes(2 * MIB)), Budget(Limits())) == ()
    assert read_stretches(Blob(filled("periodic", MIB // 2)), Budget(Limits())) == ()
