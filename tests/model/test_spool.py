"""The spool gives back what it was fed, whatever of it was elided, lost or left to the file."""

import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.model.errors import BudgetSpent
from emotriage.model.limits import Budget, Limits
from emotriage.model.shelf import Shelf
from emotriage.model.spool import spool

BLOCK = 64 << 10


def pieces(seed: int, count: int) -> list[bytes]:
    """Chunks of noise, of one byte, and of short periods that go on over several chunks."""
    rng = random.Random(seed)
    out: list[bytes] = []
    for _ in range(count):
        size = rng.choice([1, 100, 4096, BLOCK - 1, BLOCK, BLOCK + 7, 4 * BLOCK])
        sort = rng.choice(["noise", "zero", "byte", "periodic", "again"])
        if sort == "noise":
            out.append(rng.randbytes(size))
        elif sort in ("zero", "byte"):
            out.append(bytes([0 if sort == "zero" else 32]) * size)
        elif sort == "periodic" or not out:
            unit = rng.randbytes(rng.choice([2, 31, 200, 4096]))
            out.append((unit * (size // len(unit) + 1))[:size])
        else:
            out.append(out[-1])
    return out


def filler(period: int, size: int, seed: int = 1) -> bytes:
    unit = random.Random(seed).randbytes(period)
    return (unit * (size // period + 1))[:size]


@given(st.integers(0, 10_000), st.integers(1, 12))
def test_what_comes_out_is_what_went_in(seed, count):
    chunks = pieces(seed, count)
    data = b"".join(chunks)
    spooled = spool(iter(chunks), Budget(Limits()))
    assert spooled.lost == 0
    assert spooled.sha256 == hashlib.sha256(data).hexdigest()
    assert spooled.blob.read() == data
    rng = random.Random(seed)
    for _ in range(20):
        at, size = rng.randrange(len(data)), rng.randrange(2 * BLOCK)
        assert spooled.blob.read(at, size) == data[at : at + size]


@given(st.integers(0, 10_000))
def test_head_and_tail_survive_a_full_spool(seed):
    chunks = pieces(seed, 24)
    data = b"".join(chunks)
    limit = 6 * BLOCK
    spooled = spool(iter(chunks), Budget(Limits(spooled_bytes=limit)))
    read = spooled.blob.read()
    assert len(read) == len(data)
    assert spooled.sha256 == hashlib.sha256(data).hexdigest()
    assert sum(one != other for one, other in zip(read, data, strict=True)) <= spooled.lost
    head = min(limit // 2 - BLOCK, len(data))
    assert read[:head] == data[:head]
    tail = min(limit // 2 - BLOCK, len(data))
    assert read[len(data) - tail :] == data[len(data) - tail :]


@pytest.mark.parametrize("period", [2, 31, 4096])
@pytest.mark.parametrize("chunk", [BLOCK, 3 * BLOCK + 1])
def test_repeating_filler_takes_no_room(period, chunk):
    data = b"head" + filler(period, 200 * BLOCK) + b"tail"
    chunks = (data[at : at + chunk] for at in range(0, len(data), chunk))
    spooled = spool(chunks, Budget(Limits(spooled_bytes=8 * BLOCK)))
    assert spooled.lost == 0
    assert spooled.blob.read() == data


def test_filler_of_another_phase_is_another_stretch():
    data = filler(31, 10 * BLOCK) + filler(31, 10 * BLOCK, seed=2) + b"x" + filler(31, 10 * BLOCK)
    assert spool([data], Budget(Limits())).blob.read() == data


@given(st.integers(0, 10_000), st.lists(st.integers(1, 6), min_size=2, max_size=5))
def test_children_share_a_shelf(seed, counts):
    shelf, limits = Shelf(8 << 20), Limits()
    kept = []
    for number, count in enumerate(counts):
        chunks = pieces(seed + number, count)
        before = shelf.size
        spooled = spool(iter(chunks), Budget(limits), shelf=shelf)
        if number % 2:
            shelf.cut(before)
        else:
            kept.append((spooled, b"".join(chunks)))
    for spooled, data in kept:
        assert not spooled.lost
        assert spooled.blob.read() == data
        assert spooled.blob.read(7, BLOCK) == data[7 : 7 + BLOCK]


def test_a_shelf_that_outgrows_memory_keeps_what_was_on_it():
    shelf = Shelf(16 << 20)
    noise = random.Random(2)
    bodies = [bytes(2 * BLOCK) + noise.randbytes(3 << 20) for _ in range(3)]
    spooled = [spool([body], Budget(Limits()), shelf=shelf) for body in bodies]
    assert not shelf.in_memory
    assert [one.blob.read() for one in spooled] == bodies


def test_a_child_that_fails_leaves_its_shelf_as_it_was():
    shelf = Shelf(16 << 20)
    first = spool([b"first" * 9], Budget(Limits()), shelf=shelf)
    before = shelf.size
    with pytest.raises(BudgetSpent):
        spool(iter([bytes(range(256)) * 99] * 2), Budget(Limits(expanded_bytes=30_000)), shelf=shelf)
    assert shelf.size == before
    second = spool([b"second"], Budget(Limits()), shelf=shelf)
    assert (first.blob.read(), second.blob.read()) == (b"first" * 9, b"second")


def test_a_shelf_without_room_loses_what_is_put_on_it():
    shelf = Shelf(BLOCK)
    noise = random.Random(2).randbytes(3 * BLOCK)
    assert spool([noise], Budget(Limits()), shelf=shelf).lost > 0
    assert shelf.size <= BLOCK
    assert spool([bytes(9 * BLOCK)], Budget(Limits()), shelf=shelf).lost == 0
