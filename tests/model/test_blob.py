"""Blobs, spooled children and runs give back exactly the bytes they were made of."""

import itertools
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.model.blob import Blob
from emotriage.model.errors import BudgetSpent, Malformed
from emotriage.model.limits import MIB, Budget, Limits
from emotriage.model.padding import RUN_BYTES, Run, RunFinder, entropy, filler, islands, period
from emotriage.model.spool import digest, spool

pieces = st.lists(
    st.one_of(
        st.binary(max_size=300),
        st.tuples(st.integers(0, 255), st.sampled_from([1, 4095, 4096, 65535, 65536, 65537, 150_000])).map(
            lambda run: bytes([run[0]]) * run[1]
        ),
    ),
    max_size=7,
)
chunk_sizes = st.sampled_from([1000, 4096, 65536, 1 << 20])


def _runs(data):
    """The definition, written naively."""
    found, at = [], 0
    for byte, group in itertools.groupby(data):
        length = sum(1 for _ in group)
        if length >= RUN_BYTES:
            found.append(Run(at, length, byte))
        at += length
    return tuple(found)


def _chunks(data, size):
    return [data[at : at + size] for at in range(0, len(data), size)]


@given(pieces, chunk_sizes)
def test_runs_have_exact_edges(parts, size):
    data = b"".join(parts)
    finder = RunFinder()
    for chunk in _chunks(data, size):
        finder.feed(chunk)
    assert finder.finish() == _runs(data)


@given(pieces, chunk_sizes, st.data())
def test_a_spooled_child_is_its_bytes(parts, size, data):
    raw = b"".join(parts)
    spooled = spool(_chunks(raw, size), Budget(Limits()))
    assert spooled.blob.read() == raw
    assert spooled.blob.holes == _runs(raw)
    assert digest(spooled.blob, Budget(Limits())) == (spooled.sha256, _runs(raw))
    offset = data.draw(st.integers(0, len(raw)))
    length = data.draw(st.integers(0, 200_000))
    assert spooled.blob.read(offset, length) == raw[offset : offset + length]
    assert spooled.blob.slice(offset, length).read() == raw[offset : offset + length]
    spooled.blob.close()


def test_a_large_child_goes_to_an_anonymous_file(tmp_path):
    raw = os.urandom(9 * MIB)
    spooled = spool(_chunks(raw, 100_000), Budget(Limits()), str(tmp_path))
    assert spooled.blob.read() == raw
    assert not list(tmp_path.iterdir())
    assert not spooled.lost


def test_what_does_not_fit_keeps_head_and_tail():
    raw = os.urandom(40 * MIB)
    spooled = spool(_chunks(raw, MIB), Budget(Limits(spooled_bytes=20 * MIB)))
    assert spooled.lost == 20 * MIB
    assert spooled.blob.read(0, 4 * MIB) == raw[: 4 * MIB]
    assert spooled.blob.read(30 * MIB) == raw[30 * MIB :]
    assert spooled.blob.size == len(raw)
    assert spooled.blob.read(20 * MIB, 100) == bytes(100)


def test_a_failure_keeps_what_came_before():
    def broken():
        yield b"head"
        raise Malformed("crc")

    spooled = spool(broken(), Budget(Limits()))
    assert spooled.blob.read() == b"head"
    assert isinstance(spooled.failure, Malformed)
    with pytest.raises(Malformed):
        spool((_ for _ in ()).throw(Malformed("at once")), Budget(Limits()))


def test_windows_leave_out_the_inside_of_runs():
    blob = Blob(b"head" + bytes(10 * MIB) + b"tail")
    _, blob.holes = digest(blob, Budget(Limits()))
    seen = list(blob.windows())
    assert sum(len(window) for _, window in seen) < 20_000
    assert seen[0][1].startswith(b"head")
    assert seen[-1][1].endswith(b"tail")
    assert blob.find(b"tail") == blob.size - 4
    assert blob.rfind(b"head") == 0
    assert sum(len(window) for _, window in blob.windows(holes=True)) == blob.size


@given(st.binary(max_size=5000), st.integers(1, 700), st.integers(0, 20))
def test_windows_overlap_and_cover(data, size, overlap):
    blob = Blob(data)
    at = 0
    for offset, window in blob.windows(size=size, overlap=min(overlap, size - 1)):
        assert data[offset : offset + len(window)] == window
        assert offset <= at
        at = offset + len(window)
    assert at == len(data)


@given(st.binary(max_size=2000), st.lists(st.tuples(st.integers(0, 2500), st.integers(0, 500)), max_size=8), st.data())
def test_joined_pieces(data, parts, draw):
    joined = Blob(data).join(parts)
    expected = b"".join(data[at : at + size].ljust(size, b"\0") for at, size in parts)
    assert joined.read() == expected
    offset, length = draw.draw(st.integers(0, 3000)), draw.draw(st.integers(0, 3000))
    assert joined.read(offset, length) == expected[offset : offset + length]


def test_islands_are_what_runs_leave():
    assert list(islands(10, ())) == [(0, 10)]
    assert list(islands(10, (Run(0, 4, 0), Run(6, 4, 0)))) == [(4, 2)]
    assert list(islands(0, ())) == []


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (bytes(5000), "uniform"),
        (b"abcdefg" * 1000, "periodic"),
        (bytes(os.urandom(1)[0] & 1 for _ in range(9000)), "low-entropy"),
        (os.urandom(65536), "random"),
        (b"The quick brown fox jumps over the lazy dog. %d" * 1, "content"),
    ],
)
def test_filler_classes(window, expected):
    assert filler(window) == expected


def test_entropy_and_period():
    assert entropy(b"") == 0.0
    assert entropy(bytes(range(256))) == 8.0
    assert period(bytes(range(200)) * 40) == 200
    assert period(os.urandom(9000)) == 0


def test_a_budget_latches_and_halves():
    budget = Budget(Limits(work=1000))
    with budget.allowance(), pytest.raises(BudgetSpent) as caught:
        budget.spend(501)
    assert not caught.value.total
    assert budget.latched is None
    with pytest.raises(BudgetSpent) as caught:
        budget.spend(500)
    assert caught.value.total
    with pytest.raises(BudgetSpent):
        budget.spend(0)


def test_the_clock_is_the_last_resort():
    now = [0.0]
    budget = Budget(Limits(seconds=30), clock=lambda: now[0])
    budget.spend(1)
    now[0] = 31.0
    with pytest.raises(BudgetSpent) as caught:
        budget.spend(16 * MIB)
    assert caught.value.resource == "seconds"


def test_a_file_that_shrinks_reads_short(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"0123456789")
    blob = Blob.open(str(path))
    path.write_bytes(b"012")
    assert blob.read() == b"012"
    blob.close()
