"""`ScanPool`: verdicts in order from any number of inputs, ended at any moment, watched, and nothing left behind."""

import gc
import itertools
import os
import subprocess
import sys
import threading
import time

import pytest

from emotriage import Level, Progress, ScanPool, UsageError, scan
from emotriage.api import layers


def _children():
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as stat:
                state, parent = stat.read().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == os.getpid() and state not in "ZX":
            found.add(int(pid))
    return found


@pytest.fixture
def nothing_left():
    """Fails when the test leaves a process, a thread or a descriptor."""
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("no /proc here")
    gc.collect()
    children, threads, files = _children(), threading.active_count(), len(os.listdir("/proc/self/fd"))
    yield
    gc.collect()
    assert _children() == children
    assert threading.active_count() == threads
    assert len(os.listdir("/proc/self/fd")) == files


def numbers():
    return (b"number %d" % number for number in itertools.count())


@pytest.mark.parametrize("isolate", [False, True])
def test_an_endless_iterator_is_taken_as_it_is_needed(nothing_left, isolate):
    taken = []

    def counted():
        for one in numbers():
            taken.append(one)
            yield one

    with ScanPool(jobs=2, plugins=[], isolate=isolate) as pool:
        verdicts = pool.scan_many(counted())
        for _ in range(20):
            next(verdicts)
            assert len(taken) <= 20 + 4 * 2
        verdicts.close()
        assert pool.scan(b"hello").level is Level.CLEAN


@pytest.mark.parametrize("isolate", [False, True])
def test_order_is_kept(nothing_left, isolate):
    sizes = [5, 200_000, 7, 90_000, 1, 0, 3, 50_000] * 4
    with ScanPool(jobs=3, plugins=[], isolate=isolate) as pool:
        assert [one.size for one in pool.scan_many(b"a b\n" * size for size in sizes)] == [4 * size for size in sizes]


def test_a_result_does_not_wait_for_items_that_are_slow_to_come(nothing_left):
    out = threading.Event()

    def slow():
        yield b"first"
        time.sleep(0.5)  # the first is done by then
        yield b"second"
        assert out.wait(20)
        yield b"third"

    with ScanPool(jobs=2, plugins=[], isolate=False) as pool:
        verdicts = pool.scan_many(slow())
        assert next(verdicts).size == 5
        out.set()
        assert [one.size for one in verdicts] == [6, 5]


def test_the_callers_mistake_is_raised_in_its_place(nothing_left):
    with ScanPool(jobs=2, plugins=[]) as pool:
        verdicts = pool.scan_many([b"a", b"b", None, b"c"])
        assert next(verdicts).size == 1
        assert next(verdicts).size == 1
        with pytest.raises(UsageError):
            next(verdicts)
        with pytest.raises(StopIteration):
            next(verdicts)
        with pytest.raises(ZeroDivisionError):
            list(pool.scan_many(b"a" * (1 // one) for one in (1, 1, 0)))


SLOW = """
import re, time
from emotriage import analyzer

@analyzer("slow", kinds={"*"})
def SLOW(subject):
    %s
    yield
"""
HANG = "re.match('(a|a)*$', 'a' * 60 + 'b')"
WORK = "while True: time.sleep(0.05); subject.budget.spend((1 << 22) + 1)"


@pytest.fixture
def slow(tmp_path, monkeypatch):
    """slow(what): install an analyzer that does this."""

    def plant(what):
        (tmp_path / "planted_slow.py").write_text(SLOW % what)
        info = tmp_path / "planted_slow-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: planted-slow\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("[emotriage.analyzers]\nslow = planted_slow:SLOW\n")
        monkeypatch.syspath_prepend(str(tmp_path))

    yield plant
    sys.modules.pop("planted_slow", None)


class Enough(Exception):
    pass


@pytest.mark.parametrize(("isolate", "what"), [(True, HANG), (False, WORK)])
def test_the_end_of_the_iterator_is_the_end_of_what_is_scanned(nothing_left, slow, isolate, what):
    slow(what)
    at_work = threading.Semaphore(0)

    def items():
        yield from (b"a", b"b", b"c")
        assert at_work.acquire(timeout=20)
        assert at_work.acquire(timeout=20)
        raise Enough

    def tell(one):
        if one.what == "artifact":
            at_work.release()

    began = time.monotonic()
    with ScanPool(jobs=2, plugins=["slow"], isolate=isolate, on_event=tell) as pool:
        with pytest.raises(Enough):
            list(pool.scan_many(items()))
        assert time.monotonic() - began < 20  # the scans' own deadline is at 30


def test_a_scan_that_is_ended_harms_nobody_after_it(nothing_left):
    with ScanPool(jobs=2, plugins=[]) as pool:
        expected = pool.scan(b"hello", "a").to_json()
        for _ in range(10):
            verdicts = pool.scan_many(numbers())
            next(verdicts)
            verdicts.close()
            assert pool.scan(b"hello", "a").to_json() == expected


def test_what_is_told_while_it_happens(nothing_left):
    from emotriage.testing import archive

    told = []
    data = archive(files={"a.txt": b"hello", "b.txt": b"hello you"})
    for isolate in (False, True):
        told.clear()
        scan(data, "a.zip", plugins=[], isolate=isolate, on_event=told.append)
        assert [(one.what, one.artifact) for one in told] == [
            ("started", None),
            ("artifact", 0),
            ("artifact", 1),
            ("artifact", 2),
            ("finished", None),
        ]
        assert {one.name for one in told} == {"a.zip"}
        assert [one.kind for one in told[1:4]] == ["zip", "text", "text"]
        assert all(one.seconds >= 0 for one in told)
    assert isinstance(told[0], Progress)


def test_a_worker_that_is_replaced_is_told(nothing_left, slow):
    slow("import os; os._exit(3)")
    told = []
    with ScanPool(plugins=["slow"], on_event=told.append) as pool:
        assert not pool.scan(b"hello").complete
        assert not pool.scan(b"hello").complete
    assert [one.what for one in told].count("worker-replaced") == 2


@pytest.mark.parametrize("isolate", [False, True])
@pytest.mark.parametrize("moment", ["started", "artifact", "finished"])
def test_what_the_callback_raises_is_the_callers(nothing_left, isolate, moment):
    def tell(one):
        if one.what == moment and one.name == "bad":
            raise Enough

    with ScanPool(jobs=2, plugins=[], isolate=isolate, on_event=tell) as pool:
        expected = pool.scan(b"hello", "good").to_json()
        for _ in range(4):
            with pytest.raises(Enough):
                pool.scan(b"hello", "bad")
            assert pool.scan(b"hello", "good").to_json() == expected


def test_a_pool_that_nobody_closes_leaves_nothing(nothing_left):
    pool = ScanPool(jobs=2, plugins=[])
    assert len(list(pool.scan_many([b"a"] * 12))) == 12
    del pool


def test_an_iterator_that_nobody_ends_leaves_nothing(nothing_left):
    with ScanPool(jobs=2, plugins=[]) as pool:
        verdicts = pool.scan_many(numbers())
        next(verdicts)
        del verdicts


@pytest.mark.parametrize("ending", ["", "sys.exit(0)", "os._exit(0)", "os.kill(os.getpid(), 9)"])
def test_the_end_of_the_interpreter_is_the_end_of_the_workers(slow, tmp_path, ending):
    slow(HANG)
    code = (
        "import os, subprocess, sys, threading; sys.path.insert(0, sys.argv[1])\n"
        "from emotriage import ScanPool\n"
        "at_work = threading.Semaphore(0)\n"
        "pool = ScanPool(2, plugins=['slow'], on_event=lambda one: one.what == 'artifact' and at_work.release())\n"
        "def items():\n"
        "    yield from (b'a', b'b', b'c')\n"
        "    at_work.acquire(); at_work.acquire()\n"
        "    print(*(open(f'/proc/self/task/{os.getpid()}/children').read().split()), flush=True)\n"
        f"    {ending or 'pass'}\n"
        "    raise KeyboardInterrupt\n"
        "verdicts = pool.scan_many(items())\n"
        "threading.Thread(target=lambda: None).start()\n"
        "next(verdicts)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=25, check=False)
    assert "Traceback" not in run.stderr or "KeyboardInterrupt" in run.stderr
    end = time.monotonic() + 20
    for pid in run.stdout.split():
        while os.path.exists(f"/proc/{pid}"):
            assert time.monotonic() < end
            time.sleep(0.01)


def test_a_spare_worker_is_ready_before_one_dies(nothing_left):
    with ScanPool(plugins=[]) as pool:
        pool.scan(b"a")
        assert len(pool._workers._stable.idle) == 1  # who scans once pays for one
        pool.scan(b"a")
        first, second = pool._workers._stable.idle
        second.kill()
        second._process.wait()
        assert pool.scan(b"a").complete
        assert first in pool._workers._stable.idle


def test_workers_wear_out(nothing_left, monkeypatch):
    monkeypatch.setattr("emotriage.pool.RETIRE_AFTER", 5)
    told = []
    with ScanPool(plugins=[], on_event=told.append) as pool:
        for _ in range(20):
            assert pool.scan(b"a").complete
    assert [one.what for one in told].count("worker-replaced") >= 3


def test_a_worker_that_has_grown_is_replaced(nothing_left, slow):
    slow("globals().setdefault('held', []).append(b'x' * (2 << 20))")
    told = []
    with ScanPool(plugins=["slow"], on_event=told.append) as pool:
        for _ in range(60):
            pool.scan(b"a")
    assert 1 <= [one.what for one in told].count("worker-replaced") <= 2


def test_jobs_are_the_most_that_scan_at_once(nothing_left, slow):
    slow("time.sleep(0.02)")
    most = []
    with ScanPool(jobs=2, plugins=["slow"], on_event=lambda _: most.append(len(_children()))) as pool:
        several = [threading.Thread(target=pool.scan, args=(b"a",)) for _ in range(12)]
        for one in several:
            one.start()
        for one in several:
            one.join()
    assert max(most) <= 3


def test_two_jobs_work_at_the_same_time(nothing_left, slow):
    slow("time.sleep(0.02)")
    both = []
    lock = threading.Lock()
    at_work = set()

    def tell(one):
        with lock:
            (at_work.add if one.what == "started" else at_work.discard)(one.name) if one.what != "artifact" else None
            both.append(len(at_work))

    with ScanPool(jobs=2, plugins=["slow"], on_event=tell) as pool:
        for _ in pool.map(lambda number: pool.scan(b"a", str(number)), range(20)):
            pass
    assert max(both) == 2


def test_layers_are_said_in_a_fixed_order():
    assert [one.name for one in layers()] == [
        "process",
        "memory",
        "limits",
        "lifeline",
        "no-new-privileges",
        "files",
        "system-calls",
    ]
