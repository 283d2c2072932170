"""Rows W01 to W08 and W11 to W13: what callers pass, what workers do and suffer, and what they say."""

import asyncio
import errno
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest

from conftest import unprivileged
from emotriage import Blob, Level, Limits, ScanPool, UsageError, Verdict, scan
from emotriage.testing import archive, document

MACRO = 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'
MISCHIEF = """
import ctypes, os, re, resource, signal, sys, time
from emotriage import Evidence, Rule, Severity, analyzer

SEEN = Rule(id="planted.seen", title="seen", severity=Severity.LOW, explanation="x", false_positives="x")

def planted(act):
    @analyzer(act.__name__.replace("_", "-"), kinds={"*"}, rules=[SEEN])
    def run(subject):
        yield SEEN(Evidence("before"))
        act(subject)
        yield SEEN(Evidence("after"))
    return run

def loops(subject):
    while True:
        pass

def loops_in_c(subject):
    re.match("(a|a)*$", "a" * 60 + "b")

def sleeps(subject):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(3600)

def allocates(subject):
    return bytearray(8 << 30)

def leaks(subject):
    held = []
    while True:
        held.append(b"x" * (1 << 20))

def forks(subject):
    while True:
        os.fork()

def opens(subject):
    held = [open(__file__) for _ in range(10_000)]

def shouts(subject):
    for _ in range(64):
        sys.stderr.write("x" * (1 << 20))

def recurses(subject):
    recurses(subject)

def crashes(subject):
    ctypes.string_at(0)

def ends(subject):
    os._exit(0)

def leaves(subject):
    raise SystemExit(0)

def interrupts(subject):
    raise KeyboardInterrupt

def paces(subject):
    time.sleep(0.002)

LOOPS = planted(loops)
LOOPS_IN_C = planted(loops_in_c)
SLEEPS = planted(sleeps)
ALLOCATES = planted(allocates)
LEAKS = planted(leaks)
FORKS = planted(forks)
OPENS = planted(opens)
SHOUTS = planted(shouts)
RECURSES = planted(recurses)
CRASHES = planted(crashes)
ENDS = planted(ends)
LEAVES = planted(leaves)
INTERRUPTS = planted(interrupts)
PACES = planted(paces)
"""


@pytest.fixture
def lure():
    """(name, bytes) of a document whose macro starts a program, inside an archive."""
    return "invoice.zip", archive(files={"invoice.doc": document(format="doc", macros={"Module1": MACRO})})


def gaps(verdict):
    return {one.rule for one in verdict.gaps}


def own(verdict):
    return [one for one in verdict.findings if not one.rule.startswith(("planted.", "scan."))]


class Reader:
    """A store that fails when it is read."""

    size = 5

    def __init__(self, error):
        self.error = error

    def read(self, *_):
        raise self.error

    def close(self):
        pass


@pytest.mark.parametrize("isolate", [False, True])
def test_w01_a_callers_mistake_raises(tmp_path, isolate):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "open").touch()
    with ScanPool(plugins=[], isolate=isolate) as pool, (tmp_path / "open").open() as file:
        mistakes = [None, 5, 0.5, object(), [b"x"], iter([b"x"]), file, {"a": b"x"}, b"x".__len__, Level]
        paths = [tmp_path, tmp_path / "missing", fifo, tmp_path / "loop", "", "a\0b", "/dev/zero", "/dev/null"]
        for wrong in (*mistakes, *paths):
            with pytest.raises(UsageError):
                pool.scan(wrong)
        for wrong in (5, b"a.doc", ["a"]):
            with pytest.raises(UsageError):
                pool.scan(b"hello", wrong)
        assert pool.scan(b"hello", "a.txt").level is Level.CLEAN
    for options in ({"jobs": 0}, {"jobs": "2"}, {"passwords": "secret"}, {"plugins": "x"}, {"plugins": ["no-such"]}):
        with pytest.raises(UsageError):
            ScanPool(**options)


def test_w01_a_file_that_may_not_be_read_raises(common):
    for name, mode in (("letter", 0o644), ("secret", 0)):
        (common / name).write_bytes(b"x")
        (common / name).chmod(mode)
    with unprivileged():
        assert scan(common / "letter", plugins=[]).size == 1
        with pytest.raises(UsageError, match="Permission denied"):
            scan(common / "secret", plugins=[])


@pytest.mark.parametrize("isolate", [False, True])
def test_w01_odd_inputs_get_a_verdict(tmp_path, isolate):
    path = tmp_path / os.fsdecode(b"\xff\xe3.txt")
    path.write_bytes(b"hello")
    empty = tmp_path / "empty"
    empty.touch()

    class Path(os.PathLike):
        def __fspath__(self):
            return os.fsencode(path)

    with ScanPool(plugins=[], isolate=isolate) as pool:
        for odd in (path, Path(), bytearray(b"hello"), memoryview(b"hello"), Blob(b"xhellox").slice(1, 5)):
            verdict = pool.scan(odd)
            assert verdict.level is Level.CLEAN
            assert verdict.size == 5
            assert verdict.to_json().isascii()
        assert pool.scan(empty).size == 0
        assert pool.scan(b"hello", "x" * 1_000_000).artifacts[0].size == 5
        verdict = pool.scan(Blob(Reader(OSError(errno.EIO, "secret"))), "lazy")
        assert gaps(verdict) >= {"scan.input-failed"}
        assert "secret" not in verdict.to_json()


@pytest.mark.parametrize("isolate", [False, True])
def test_w01_a_file_that_vanishes_or_shrinks_during_the_scan(tmp_path, isolate):
    path = tmp_path / "a.txt"
    path.write_bytes(b"hello")
    expected = scan(path, "a.txt", plugins=[]).to_json()
    assert (
        scan(path, "a.txt", plugins=[], isolate=isolate, on_event=lambda _: path.unlink(missing_ok=True)).to_json()
        == expected
    )
    path.write_bytes(b"hello" * 100)
    verdict = scan(path, "a.txt", plugins=[], isolate=isolate, on_event=lambda _: os.truncate(path, 3))
    assert verdict.size == 500 or not verdict.complete


@pytest.mark.parametrize("name", ["loops", "loops_in_c", "sleeps"])
def test_w02_a_worker_that_hangs_is_killed(plant, lure, name):
    plant(MISCHIEF)
    plain = scan(lure[1], lure[0], plugins=[])
    with ScanPool(plugins=[name], limits=Limits(seconds=1)) as pool:
        verdict = pool.scan(lure[1], lure[0])
        assert gaps(verdict) == {"scan.worker-died"}
        assert "planted.seen" in {one.rule for one in verdict.findings}
        assert {one for one in own(plain) if one.artifact == 0} <= set(own(verdict))
    assert scan(lure[1], lure[0], plugins=[], isolate=True).to_json() == plain.to_json()


@pytest.mark.parametrize("name", ["allocates", "leaks", "forks", "opens", "shouts", "recurses", "crashes"])
def test_w03_a_worker_that_wants_too_much(plant, lure, processes, name):
    plant(MISCHIEF)
    before = processes.children()
    with ScanPool(plugins=[name], limits=Limits(seconds=5, worker_memory=200 << 20)) as pool:
        verdict = pool.scan(lure[1], lure[0])
    assert gaps(verdict) <= {"scan.worker-died", "scan.analyzer-failed", "scan.input-failed", "scan.limit-reached"}
    assert verdict.gaps or name == "shouts"
    assert "planted.seen" in {one.rule for one in verdict.findings}
    assert processes.children() == before


def kill_one(pool, processes, before):
    """Kill the workers that are at work."""
    spare = {one._process.pid for one in pool._workers._stable.idle}
    for pid in processes.children() - before - spare:
        os.kill(pid, signal.SIGKILL)


def _kill_points(processes, tmp_path, monkeypatch, points):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    noise = random.Random(4)
    data = archive(files={f"{number}.txt": noise.randbytes(2000) + b"hello" for number in range(20)})
    before, files, threads = processes.children(), processes.descriptors(), threading.active_count()
    full = scan(data, "a.zip", plugins=["paces"])
    whole = [one.to_dict() if hasattr(one, "to_dict") else one for one in full.artifacts]
    died = 0
    told = []
    with ScanPool(plugins=["paces"], on_event=told.append) as pool:
        for _ in range(points):
            told.clear()
            timer = threading.Timer(noise.uniform(0, 0.06), kill_one, (pool, processes, before))
            timer.start()
            verdict = pool.scan(data, "a.zip")
            timer.join()
            heard = [one for one in told if one.what == "artifact"]
            assert len(verdict.artifacts) == max(len(heard), 1)
            if verdict.complete == full.complete and not gaps(verdict) & {"scan.worker-died"}:
                assert verdict.to_json() == full.to_json()
                continue
            died += 1
            assert verdict.level >= Level.UNVERIFIED
            if heard:
                assert list(verdict.artifacts) == whole[: len(heard)]
                kept = [one for one in verdict.findings if one.rule != "scan.worker-died"]
                assert {one.rule for one in kept} <= {one.rule for one in full.findings}
    assert died > points // 10
    assert processes.children() == before
    assert processes.descriptors() == files
    assert threading.active_count() == threads
    assert not list((tmp_path / "scratch").iterdir())


def test_w04_a_worker_killed_at_any_point_loses_nothing_said(plant, processes, tmp_path, monkeypatch):
    plant(MISCHIEF)
    _kill_points(processes, tmp_path, monkeypatch, 50)


@pytest.mark.long
def test_w04_a_worker_killed_at_any_point_full_size(plant, processes, tmp_path, monkeypatch):
    plant(MISCHIEF)
    _kill_points(processes, tmp_path, monkeypatch, 200)


def test_w04_an_idle_worker_that_was_killed_costs_nobody_a_verdict(processes):
    before = processes.children()
    with ScanPool(plugins=[]) as pool:
        for _ in range(3):
            expected = pool.scan(b"hello", "a.txt").to_json()
        for pid in processes.children() - before:
            os.kill(pid, signal.SIGKILL)
        processes.wait_until(lambda: processes.children() == before)
        assert pool.scan(b"hello", "a.txt").to_json() == expected


@pytest.mark.parametrize("name", ["ends", "leaves", "interrupts"])
def test_w05_an_analyzer_that_leaves(plant, lure, name):
    plant(MISCHIEF)
    with ScanPool(plugins=[name]) as pool:
        verdict = pool.scan(lure[1], lure[0])
    assert gaps(verdict) == {"scan.analyzer-failed" if name == "leaves" else "scan.worker-died"}
    assert "planted.seen" in {one.rule for one in verdict.findings}


@pytest.mark.parametrize("isolate", [False, True])
def test_w05_ctrl_c_ends_the_caller_at_once(plant, processes, isolate):
    plant(MISCHIEF)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from emotriage import ScanPool\n"
        "tell = lambda one: print(one.what, flush=True)\n"
        "with ScanPool(2, plugins=['sleeps'], isolate=sys.argv[2] == 'True', on_event=tell) as pool:\n"
        "    for _ in pool.scan_many([b'a'] * 9) if pool.isolate else [pool.scan(b'a')]:\n"
        "        pass\n"
    )
    arguments = [sys.executable, "-c", code, sys.path[0], str(isolate)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as caller:
        while caller.stdout.readline() != b"artifact\n":
            pass
        workers = processes.children(caller.pid)
        os.killpg(caller.pid, signal.SIGINT)  # as a terminal does: the workers get it too
        _, error = caller.communicate(timeout=20)
    assert b"KeyboardInterrupt" in error
    assert caller.returncode == -signal.SIGINT
    processes.wait_until(lambda: not any(processes.is_alive(pid) for pid in workers))


@pytest.mark.parametrize("isolate", [False, True])
def test_w06_a_scratch_folder_that_takes_nothing(monkeypatch, isolate):
    noise = random.Random(6).randbytes(6 << 20)
    data = archive(files={"a.bin": noise, "b.txt": b"hello"})
    for folder in ("/proc/self", "/nonexistent"):
        monkeypatch.setattr("tempfile.tempdir", folder)
        with ScanPool(plugins=[], isolate=isolate) as pool:
            verdict = pool.scan(data, "a.zip")
            assert "scan.input-failed" in gaps(verdict)
            assert [one.kind for one in verdict.artifacts if one.name == "b.txt"] == ["text"]


def test_w06_an_input_that_finds_no_room_on_its_way_to_the_worker(monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", "/proc/self")
    with ScanPool(plugins=[]) as pool:
        verdict = pool.scan(bytes(17 << 20), "a.bin")
        assert gaps(verdict) == {"scan.input-failed"}
        assert verdict.size == 17 << 20
        assert pool.scan(b"hello").level is Level.CLEAN


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG])
def test_w06_a_disk_that_fills_up(monkeypatch, code, tmp_path):
    def full(descriptor, data):
        raise OSError(code, "no room")

    monkeypatch.setattr("emotriage.model.shelf.write_all", full)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    verdict = scan(archive(files={"a.bin": random.Random(6).randbytes(6 << 20), "b.txt": b"hello"}), plugins=[])
    assert "scan.input-failed" in gaps(verdict)
    assert not list(tmp_path.iterdir())


def _daemon(queue, data):
    queue.put(scan(data, "a.zip", plugins=[], isolate=True).to_json())


def test_w07_from_threads_from_asyncio_after_a_fork_and_in_a_daemon(lure, processes):
    before = processes.children()
    expected = scan(lure[1], "a.zip", plugins=[]).to_json()
    with ScanPool(jobs=2, plugins=[]) as pool:
        with ThreadPoolExecutor(64) as threads:
            told = list(threads.map(lambda _: pool.scan(lure[1], "a.zip").to_json(), range(64)))
        assert set(told) == {expected}
        assert len(processes.children() - before) <= 3

        async def many():
            return await asyncio.gather(*(asyncio.to_thread(pool.scan, lure[1], "a.zip") for _ in range(20)))

        assert {one.to_json() for one in asyncio.run(many())} == {expected}
        child = os.fork()
        if not child:
            same = pool.scan(lure[1], "a.zip").to_json() == expected
            pool.close()
            os._exit(0 if same else 1)
        assert pool.scan(lure[1], "a.zip").to_json() == expected
        assert os.waitpid(child, 0)[1] == 0
    spawn = multiprocessing.get_context("fork")
    queue = spawn.SimpleQueue()
    daemon = spawn.Process(target=_daemon, args=(queue, lure[1]), daemon=True)
    daemon.start()
    assert queue.get() == expected
    daemon.join()
    assert processes.children() == before


IMPOSTOR = """#!{python} -I
import json, os, socket, sys
channel = socket.socket(fileno=int(sys.argv[-1]))
asked = b""
while asked.count(b"\\n") < 3:
    asked += channel.recv(65536)
with open({reply!r}, "rb") as reply:
    channel.sendall(reply.read())
{after}
"""
HELLO = b'{"protocol": 1, "layers": []}\n'
ROOT = (
    b'{"id": 0, "parent": null, "name": "a", "kind": "text", "size": 5, "sha256": null, "core_sha256": null,'
    b' "padding": [], "same_as": null}\n'
)
BAD = (
    b'{"rule": "planted.bad", "title": "bad", "severity": "critical", "confidence": 1.0, "artifact": 0, "incomplete":'
    b' false, "traits": [], "attack": [], "evidence": [{"text": "x", "where": "", "offset": null}]}\n'
)
END = b'{"events": 2}\n'
INDICATOR = b'{"kind": "url", "value": "x", "artifact": 0, "origin": "literal", "where": ""}\n'
HOSTILE = {
    "nothing": b"",
    "another version": HELLO.replace(b"1", b"2") + ROOT + BAD + END,
    "no hello": ROOT + BAD + END,
    "hello of another form": b'{"protocol": 1, "layers": [1]}\n' + ROOT + BAD + END,
    "ends at once": HELLO + b'{"events": 0}\n',
    "no object": HELLO + ROOT + BAD + b"[]\n",
    "no JSON": HELLO + ROOT + BAD + b"\x80\x04K\x01.\n",
    "no text": HELLO + ROOT + BAD + b"\xff\xfe\n",
    "truncated": HELLO + ROOT + BAD + INDICATOR[:30],
    "never ends": HELLO + ROOT + BAD,
    "too long a line": HELLO + ROOT + BAD + b'"' + b"x" * (9 << 20),
    "too deep": HELLO + ROOT + BAD + b"[" * 200_000 + b"\n",
    "too long a number": HELLO + ROOT + BAD + b"1" * 5000 + b"\n",
    "extra key": HELLO + ROOT + BAD + INDICATOR.replace(b'{"k', b'{"extra": 1, "k') + END,
    "key missing": HELLO + ROOT + BAD + INDICATOR.replace(b', "where": ""', b"") + END,
    "another type": HELLO + ROOT + BAD + INDICATOR.replace(b'"x"', b"5") + END,
    "another origin": HELLO + ROOT + BAD + INDICATOR.replace(b"literal", b"invented") + END,
    "no number": HELLO + ROOT + BAD + BAD.replace(b"1.0", b"NaN") + END,
    "endless": HELLO + ROOT + BAD + BAD.replace(b"1.0", b"1e999") + END,
    "takes back": HELLO + ROOT + BAD + BAD.replace(b"1.0", b"-9.0") + END,
    "too sure": HELLO + ROOT + BAD + BAD.replace(b"1.0", b"9.0") + END,
    "no offset": HELLO + ROOT + BAD + BAD.replace(b'"offset": null', b'"offset": "1"') + END,
    "another severity": HELLO + ROOT + BAD + BAD.replace(b"critical", b"worst") + END,
    "says it again": HELLO + ROOT + BAD + ROOT + END,
    "skips": HELLO + ROOT + BAD + ROOT.replace(b'"id": 0', b'"id": 7') + END,
    "another size": HELLO + ROOT + BAD + END.replace(b"2", b"3"),
    "own parent": HELLO + ROOT + BAD + ROOT.replace(b'"id": 0, "parent": null', b'"id": 1, "parent": 1') + END,
    "no parent": HELLO + ROOT + BAD + ROOT.replace(b'"id": 0', b'"id": 1') + END,
    "no hash": HELLO + ROOT + BAD + ROOT.replace(b'"id": 0', b'"id": 1').replace(b"null", b'"x"') + END,
    "about nothing": HELLO + ROOT + BAD + BAD.replace(b'"artifact": 0', b'"artifact": 1') + END,
    "about less than nothing": HELLO + ROOT + BAD + BAD.replace(b'"artifact": 0', b'"artifact": -1') + END,
    "too long a text": HELLO + ROOT + BAD + INDICATOR.replace(b'"x"', b'"' + b"x" * 70_000 + b'"') + END,
    "a password of nobody": HELLO + ROOT + BAD + b'{"artifact": 0, "source": "invented"}\n' + END,
    "of another input": HELLO + ROOT.replace(b'"size": 5', b'"size": 6') + BAD + END,
    "finding first": HELLO + BAD + ROOT + END,
}


@pytest.fixture
def impostor(tmp_path):
    """impostor(reply): an interpreter that answers the first scan with these bytes, and nothing after."""

    def make(reply, after="channel.recv(65536)"):
        (tmp_path / "reply").write_bytes(reply)
        script = tmp_path / "impostor"
        script.write_text(IMPOSTOR.format(python=sys.executable, reply=str(tmp_path / "reply"), after=after))
        script.chmod(0o755)
        return str(script)

    return make


def test_w08_an_honest_answer_is_believed(impostor):
    with ScanPool(plugins=[], python=impostor(HELLO + ROOT + BAD + END)) as pool:
        verdict = pool.scan(b"hello")
    assert verdict.complete
    assert [one.rule for one in verdict.findings] == ["planted.bad"]


@pytest.mark.parametrize("what", HOSTILE)
def test_w08_a_hostile_answer_is_the_end_of_the_worker(impostor, processes, what):
    before = processes.children()
    reply = HOSTILE[what]
    hangs = "channel.recv(65536)" if what != "truncated" else "channel.close()"
    with ScanPool(plugins=[], limits=Limits(seconds=1), python=impostor(reply, hangs)) as pool:
        verdict = pool.scan(b"hello")
        assert processes.children() == before
    assert gaps(verdict) == {"scan.worker-died"}
    assert verdict.size == 5
    kept = reply.startswith(HELLO + ROOT + BAD)
    assert [one.rule for one in verdict.findings if one.rule != "scan.worker-died"] == ["planted.bad"] * kept
    assert verdict.level is (Level.MALICIOUS if kept else Level.UNVERIFIED)


def test_w08_an_endless_answer_ends(impostor, monkeypatch):
    monkeypatch.setattr("emotriage.testimony.EVENTS_CAP", 1000)
    forever = f"while True: channel.sendall({INDICATOR!r} * 1000)"
    with ScanPool(plugins=[], python=impostor(HELLO + ROOT, forever)) as pool:
        verdict = pool.scan(b"hello")
    assert gaps(verdict) == {"scan.worker-died"}


def test_w08_no_pickle_on_the_way():
    code = (
        "import sys, emotriage.api, emotriage.serve\n"
        "emotriage.scan(b'hello', isolate=True, plugins=[])\n"
        "sys.exit('pickle' in sys.modules and 'pickle comes from ' + str(sys.modules['pickle'].__spec__))"
    )
    subprocess.run([sys.executable, "-I", "-c", code], check=True)


@pytest.mark.parametrize(
    "surroundings",
    [
        {"PYTHONHASHSEED": "0", "TZ": "Asia/Tokyo", "LC_ALL": "ja_JP.SJIS"},
        {"PYTHONHASHSEED": "1", "TZ": "America/New_York", "LC_ALL": "C", "PYTHONOPTIMIZE": "1"},
        {"PYTHONHASHSEED": "2", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "0", "PYTHONDONTWRITEBYTECODE": "1"},
    ],
)
def test_w11_surroundings_do_not_matter(lure, tmp_path, surroundings):
    path = tmp_path / "a.zip"
    path.write_bytes(lure[1])
    code = (
        "import sys, emotriage\n"
        "for isolate in (False, True):\n"
        "    print(emotriage.scan(sys.argv[1], name='a.zip', plugins=[], isolate=isolate).to_json())\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(path)], env=surroundings, capture_output=True, check=True, text=True
    )
    assert set(run.stdout.splitlines()) == {scan(path, name="a.zip", plugins=[]).to_json()}


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
def test_w11_a_clock_that_jumps(lure, monkeypatch, jump):
    import time

    expected = scan(lure[1], lure[0], plugins=[]).to_json()
    now, calls = time.time, iter(range(1 << 30))
    monkeypatch.setattr(time, "time", lambda: now() + jump * (next(calls) % 2))
    assert scan(lure[1], lure[0], plugins=[]).to_json() == expected
    assert scan(lure[1], lure[0], plugins=[], isolate=True).to_json() == expected


def _many(processes, lure, scans, settled):
    before, threads = processes.children(), threading.active_count()
    files = [lure[1], b"hello", archive(files={"a.txt": b"hello"}), document(format="docx", macros={"Module1": MACRO})]
    weights, descriptors = [], []
    replaced = []
    with ScanPool(
        plugins=[], on_event=lambda one: replaced.append(one) if one.what == "worker-replaced" else None
    ) as pool:
        expected = [pool.scan(one, "x").to_json() for one in files]
        for number in range(scans):
            assert pool.scan(files[number % 4], "x").to_json() == expected[number % 4]
            if number >= settled and number % 50 == 0:
                workers = processes.children() - before
                weights.append(processes.resident() + sum(processes.resident(one) for one in workers))
                descriptors.append(processes.descriptors())
    assert max(weights) - weights[0] <= 32 << 20
    assert len(set(descriptors)) == 1
    assert threading.active_count() == threads
    assert processes.children() == before
    return replaced


def test_w12_many_scans_leave_nothing(processes, lure, monkeypatch):
    monkeypatch.setattr("emotriage.pool.RETIRE_AFTER", 60)
    assert _many(processes, lure, 200, 50)


@pytest.mark.long
def test_w12_many_scans_full_size(processes, lure):
    assert _many(processes, lure, 5000, 500)


WITHOUT = """
import json, sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] == sys.argv[1]:
            raise ModuleNotFoundError(name)

import emotriage.api, tempfile
for name in [one for one in sys.modules if one.partition('.')[0] == sys.argv[1]]:
    del sys.modules[name]
sys.meta_path.insert(0, Missing())
for line in sys.stdin:
    name, data = json.loads(line)
    print(emotriage.scan(bytes.fromhex(data), name=name, plugins=[]).to_json())
"""
MISSING = pytest.mark.parametrize(
    "missing", ["Cryptodome", "stream_unzip", "pyexpat", "bz2", "lzma", "zlib", "zstandard"]
)


@cache
def _with_all(name, data):
    return scan(data, name=name, plugins=[])


def _without(missing, picked):
    lines = "".join(json.dumps([recipe.file, data.hex()]) + "\n" for recipe, data in picked)
    command = [sys.executable, "-c", WITHOUT, missing]
    told = subprocess.run(command, input=lines, capture_output=True, check=True, text=True).stdout.splitlines()
    assert len(told) == len(picked)
    for (recipe, data), line in zip(picked, told, strict=True):
        verdict, full = Verdict.from_json(line), _with_all(recipe.file, data)
        lost = {one.rule for one in full.findings if not one.incomplete} - {one.rule for one in verdict.findings}
        assert not lost or not verdict.complete, (recipe.name, lost)


@MISSING
def test_w13_a_library_that_is_missing_is_a_gap(samples, missing):
    _without(missing, [samples[name] for name in sorted(samples)[::40]])


@MISSING
@pytest.mark.long
def test_w13_a_library_that_is_missing_full_size(samples, missing):
    _without(missing, list(samples.values()))
