"""Threat T2: a planted analyzer tries what a worker might that has fallen to its input. Each attempt is denied."""

import os
import struct
import subprocess
import sys

import pytest

from emotriage import ScanPool, scan
from emotriage.api import layers
from emotriage.confine import seccomp
from emotriage.confine.syscalls import ARCHITECTURES, NUMBERS, PLAIN
from emotriage.testing import archive

PROBE = """
import ctypes, errno, fcntl, os, resource, signal, socket, subprocess, tempfile, threading
from emotriage import Evidence, Indicator, analyzer

LIBC = ctypes.CDLL(None, use_errno=True)
PARENT = os.getppid()
SCRATCH, SECRET = tempfile.gettempdir(), %r
X86 = os.uname().machine == "x86_64"

def call(x86, arm, *arguments):
    if LIBC.syscall(x86 if X86 else arm, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "")

def opened(path, flags):
    os.close(os.open(path, flags, 0o600))

def forked():
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)

def aimed():
    with open(os.devnull) as any_file:
        fcntl.fcntl(any_file, fcntl.F_SETOWN, PARENT)

def named():
    with tempfile.TemporaryFile() as copy:
        os.link(f"/proc/self/fd/{copy.fileno()}", SCRATCH + "/kept", follow_symlinks=True)

def unnamed():
    with tempfile.TemporaryFile() as copy:
        copy.write(b"x")

def threaded():
    one = threading.Thread(target=int)
    one.start()
    one.join()

DENIED = {
    "read a secret": lambda: opened(SECRET, os.O_RDONLY),
    "list a folder": lambda: os.listdir(os.path.dirname(SECRET)),
    "write a new file": lambda: opened(SCRATCH + "/new", os.O_WRONLY | os.O_CREAT | os.O_EXCL),
    "write an old file": lambda: opened(SECRET, os.O_WRONLY),
    "append": lambda: opened(SECRET, os.O_RDWR | os.O_APPEND),
    "cut": lambda: opened(SECRET, os.O_RDONLY | os.O_TRUNC),
    "delete": lambda: os.unlink(SECRET),
    "rename": lambda: os.rename(SECRET, SECRET + "2"),
    "link": lambda: os.symlink(SECRET, SCRATCH + "/link"),
    "name a temporary file": named,
    "make a folder": lambda: os.mkdir(SCRATCH + "/folder"),
    "change a mode": lambda: os.chmod(SECRET, 0o777),
    "internet socket": lambda: socket.socket(),
    "local socket": lambda: socket.socket(socket.AF_UNIX),
    "connect": lambda: call(42, 203, 0, 0, 0),
    "bind": lambda: call(49, 200, 0, 0, 0),
    "become a program": lambda: os.execv("/bin/true", ["true"]),
    "start a program": lambda: subprocess.run(["/bin/true"], check=True),
    "spawn a program": lambda: os.posix_spawn("/bin/true", ["true"], {}),
    "fork": forked,
    "trace the parent": lambda: call(101, 117, 16, PARENT, 0, 0),
    "read its memory": lambda: call(310, 270, PARENT, 0, 0, 0, 0, 0),
    "signal it": lambda: os.kill(PARENT, 0),
    "signal all": lambda: os.kill(-1, 0),
    "have it signalled": aimed,
    "limit it": lambda: resource.prlimit(PARENT, resource.RLIMIT_CPU),
    "raise a limit": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096)),
    "leave the name spaces": lambda: call(272, 97, 0x10000000),
    "make a ring": lambda: call(425, 425, 8, 0),
}
ALLOWED = {
    "temporary file": unnamed,
    "thread": threaded,
    "import": lambda: __import__("wave"),
    "itself": lambda: os.kill(os.getpid(), 0),
}

def outcome(attempt):
    try:
        attempt()
    except Exception as error:
        return errno.errorcode.get(getattr(error, "errno", None), type(error).__name__)
    return "done"

def probe(subject):
    for name, attempt in (DENIED | ALLOWED).items():
        yield Indicator(kind="probe", value=f"{name}: {outcome(attempt)}")
    yield Indicator(kind="surroundings", value=" ".join(sorted(os.environ)))

planted = analyzer("probe", kinds={"*"})
PROBE = planted(probe)
"""


@pytest.fixture
def probe(tmp_path, monkeypatch, plant):
    """Install the probe; returns the system's folder for temporary files, with somebody's secret in it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    (folder / "secret").write_text("secret")
    plant(PROBE % str(folder / "secret"))
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def _active(*names):
    return {one.name for one in layers() if one.active} >= set(names)


@pytest.mark.skipif(not _active("files", "system-calls"), reason="this kernel has not both layers")
def test_t2_each_attempt_is_denied_and_the_scan_goes_on(probe):
    verdict = scan(b"hello", name="a.txt", plugins=["probe"], isolate=True)
    told = dict(one.value.split(": ") for one in verdict.indicators if one.kind == "probe")
    allowed = {"temporary file", "thread", "import", "itself"}
    assert len(told) == 29 + len(allowed)
    assert {name for name, how in told.items() if how == "done"} == allowed
    assert {how for name, how in told.items() if name not in allowed} <= {"EPERM", "EACCES", "ValueError"}
    assert verdict.complete
    assert verdict.sha256 == scan(b"hello", plugins=[]).sha256
    assert [one.name for one in probe.iterdir()] == ["secret"]
    assert (probe / "secret").read_text() == "secret"


def test_t2_secrets_of_the_environment_stay_outside(probe, monkeypatch):
    monkeypatch.setenv("API_TOKEN", "secret")
    verdict = scan(b"hello", name="a.txt", plugins=["probe"], isolate=True)
    (names,) = [one.value for one in verdict.indicators if one.kind == "surroundings"]
    assert set(names.split()) <= {"PATH", "LC_ALL", "LC_CTYPE"}


def test_layers_say_what_holds_and_why_not():
    told = {one.name: one for one in layers()}
    assert told["process"].active
    assert {"limits", "lifeline", "no-new-privileges", "files", "system-calls"} <= set(told)
    assert all(one.note for one in told.values())
    (only,) = layers(python="/nonexistent/python")
    assert not only.active
    assert "could not" in only.note or "no worker" in only.note


@pytest.mark.parametrize("machine", sorted(ARCHITECTURES))
@pytest.mark.parametrize("named_files", [False, True])
def test_the_filter_is_a_program_that_ends(machine, named_files):
    code = seccomp.program(machine, 1234, named_files=named_files)
    steps = list(struct.iter_unpack("HBBI", code))
    assert len(steps) <= 4096  # BPF_MAXINSNS
    for at, (what, yes, no, _) in enumerate(steps):
        assert max(yes, no) <= 255
        assert at + 1 + max(yes, no) < len(steps) or what == 0x06
    assert steps[-1] == (0x06, 0, 0, 0x00050001)


def _run(code, number, *arguments, architecture):
    """What the filter says to a call, computed as the kernel does."""
    data = struct.pack("<IIQ6Q", number, architecture, 0, *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    steps = list(struct.iter_unpack("HBBI", code))
    at, held = 0, 0
    while True:
        what, yes, no, value = steps[at]
        at += 1
        if what == 0x20:
            (held,) = struct.unpack_from("<I", data, value)
        elif what == 0x54:
            held &= value
        elif what == 0x15:
            at += yes if held == value else no
        else:
            return value


@pytest.mark.parametrize("machine", sorted(ARCHITECTURES))
def test_the_filter_decides_by_call_and_argument(machine):
    architecture, column = ARCHITECTURES[machine]
    code = seccomp.program(machine, 1234, named_files=False)
    with_names = seccomp.program(machine, 1234, named_files=True)
    allow, deny, kill = 0x7FFF0000, 0x00050001, 0x80000000

    def say(name, *arguments, code=code):
        return _run(code, NUMBERS[name][column], *arguments, architecture=architecture)

    assert all(say(name) == allow for name in PLAIN if NUMBERS[name][column] is not None)
    new = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    assert say("openat", 0, 0, os.O_RDONLY | os.O_CLOEXEC) == allow
    assert say("openat", 0, 0, os.O_TMPFILE | os.O_RDWR) == allow
    assert say("openat", 0, 0, os.O_RDWR) == deny
    assert say("openat", 0, 0, new) == deny
    assert say("openat", 0, 0, new, code=with_names) == allow
    assert say("openat", 0, 0, os.O_WRONLY | os.O_CREAT, code=with_names) == deny
    assert say("unlinkat") == deny
    assert say("unlinkat", code=with_names) == allow
    assert say("clone", 0x10000 | 0x100) == allow
    assert say("clone", 17) == deny
    assert say("clone3") == 0x00050000 | 38
    assert say("kill", 1234, 9) == allow
    assert say("kill", 1, 9) == deny
    assert say("prlimit64", 0, 0) == allow
    assert say("prlimit64", 0, 7) == deny
    assert say("prlimit64", 99, 0) == deny
    assert say("mmap", 0, 0, 5) == allow
    assert say("mmap", 0, 0, 7) == deny
    assert say("fcntl", 3, 8) == deny
    assert _run(code, 9999, architecture=architecture) == deny
    assert _run(code, 0, architecture=0x40000003) == kill


STUCK = """
import re
from emotriage import analyzer

planted = analyzer("stuck", kinds={"*"})

def stuck(subject):
    re.match("(a|a)*$", "a" * 60 + "b")
    yield from ()

STUCK = planted(stuck)
"""


def test_a_worker_ends_with_its_parent_even_inside_of_c_code(plant, processes):
    plant(STUCK)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from emotriage import ScanPool\n"
        "ScanPool(on_event=lambda one: print(one.what, flush=True)).scan(b'hello')\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, sys.path[0]], stdout=subprocess.PIPE) as parent:
        assert [parent.stdout.readline() for _ in range(2)] == [b"started\n", b"artifact\n"]
        workers = processes.children(parent.pid)
        assert workers
        parent.kill()
    processes.wait_until(lambda: not any(processes.is_alive(pid) for pid in workers))


def test_what_has_to_be_unpacked_to_disk_is_unpacked_there(probe):
    data = archive(files={"a.bin": bytes(range(256)) * (6 << 12)})
    with ScanPool(plugins=[]) as pool:
        assert pool.scan(data, "a.zip").to_json() == scan(data, name="a.zip", plugins=[]).to_json()
    assert [one.name for one in probe.iterdir()] == ["secret"]
