"""The same walk in a child process that can be killed at any moment without losing a finding.

The channel is a socket pair: the parent sends one JSON line and a descriptor a scan, the worker answers with one JSON
line an event, each flushed. Nothing is ever unpickled. Resource limits are set before the first parser is imported.
"""

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from emotriage.catalogue import scan as rules
from emotriage.model.analyzer import Child
from emotriage.model.blob import Blob
from emotriage.model.finding import Evidence
from emotriage.model.limits import Budget, Limits
from emotriage.model.passwords import Passwords, Source
from emotriage.model.verdict import Event, event_from_dict, event_to_dict
from emotriage.registry import Plugin, load
from emotriage.walk import walk

GRACE = 1.0
"""Seconds that a worker gets beyond its own deadline before it is killed."""
_LINE_CAP = 32 << 20
_POLL = 0.05
_BOOT = (
    "import json,socket,sys;c=socket.socket(fileno=int(sys.argv[1]));f=c.makefile('rb',buffering=0);"
    "s=json.loads(f.readline());sys.path[:]=s['path'];from emotriage.worker import serve;serve(c,s['memory'])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One scan as it is sent to a worker."""

    name: str
    limits: Limits
    plugins: tuple[Plugin, ...] = ()
    passwords: Passwords = field(default_factory=Passwords)


def events_of(job: Job, blob: Blob, scratch: str | None = None) -> Iterator[Event]:
    """All events of one scan in this process."""
    analyzers, failures = load(job.plugins)
    yield from walk(Child(job.name, blob), Budget(job.limits), analyzers, job.passwords, scratch)
    for failure in failures:
        yield rules.PLUGIN_FAILED(Evidence(failure))


class Worker:
    """A warm child process; one scan at a time.

    Attributes:
        scans: how many it has answered.
        alive: false once it died or was killed.
    """

    def __init__(self, limits: Limits, python: str = sys.executable) -> None:
        """Start the process.

        Raises:
            OSError: no worker can be started.
        """
        self.scans = 0
        self.alive = True
        self._memory = limits.worker_memory
        self._parent = os.getpid()
        ours, theirs = socket.socketpair()
        try:
            self._process = subprocess.Popen(  # noqa: S603  our own interpreter, our own module
                [python, "-I", "-c", _BOOT, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                cwd="/" if os.name == "posix" else None,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            )
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        self._channel = ours
        self._send({"path": [os.path.abspath(one) for one in sys.path], "memory": self._memory}, None)  # noqa: PTH100

    def scan(self, job: Job, descriptor: int) -> Iterator[Event]:
        """The events of one scan, as they arrive; if the worker ends early, the last one is `scan.worker-died`.

        Args:
            job: what to do.
            descriptor: an open regular file, read with `pread`; the caller keeps it.
        """
        deadline = time.monotonic() + job.limits.seconds + GRACE
        self._send(
            {
                "name": job.name,
                "limits": job.limits.to_dict(),
                "plugins": [[one.name, one.value] for one in job.plugins],
                "passwords": [[one.value, one.source] for one in job.passwords],
            },
            descriptor,
        )
        try:
            for line in self._lines(deadline):
                if line == b"end":
                    self.scans += 1
                    return
                yield event_from_dict(json.loads(line))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            yield self._died(f"unreadable answer: {type(error).__name__}")
        except _Dead as dead:
            yield self._died(str(dead))

    @property
    def is_ours(self) -> bool:
        """False in a forked copy of the process that started it: that one must not speak to the worker."""
        return self._parent == os.getpid()

    def forget(self) -> None:
        """Let go of somebody else's worker without touching it."""
        self.alive = False
        self._process.returncode = 0  # not our child: there is nothing to wait for
        self._channel.close()

    def close(self) -> None:
        """End the process, whatever it is doing, and reap it."""
        self.alive = False
        self._process.kill()
        self._process.wait()
        self._channel.close()

    def _died(self, reason: str) -> Event:
        self.close()
        return rules.WORKER_DIED(Evidence(reason))

    def _send(self, message: Mapping[str, Any], descriptor: int | None) -> None:
        line = json.dumps(message).encode() + b"\n"
        with contextlib.suppress(OSError):  # a dead worker shows when its answer is read
            if descriptor is not None:
                socket.send_fds(self._channel, [line[:1]], [descriptor])
                line = line[1:]
            self._channel.sendall(line)

    def _lines(self, deadline: float) -> Iterator[bytes]:
        buffer = bytearray()
        while True:
            if time.monotonic() > deadline:
                raise _Dead("killed at its deadline")
            if select.select([self._channel], [], [], _POLL)[0]:
                piece = self._channel.recv(1 << 20)
                if not piece:
                    raise _Dead(f"ended by itself, {self._exit()}")
                buffer += piece
                if len(buffer) > _LINE_CAP:
                    raise _Dead("answer too long")
                *lines, rest = buffer.split(b"\n")
                buffer = rest
                for line in lines:
                    yield bytes(line)
            if self._resident() > self._memory:
                raise _Dead("killed at its memory limit")

    def _exit(self) -> str:
        try:
            code = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return "still closing"
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def _resident(self) -> int:
        try:
            with open(f"/proc/{self._process.pid}/statm", "rb") as statm:  # noqa: PTH123  polled often
                return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, ValueError, IndexError):
            return 0  # no /proc here: only the address space limit holds


class _Dead(Exception):
    """The worker can't go on; the message says why."""


def serve(channel: socket.socket, memory: int) -> None:
    """A worker's life: answer scans until the parent hangs up."""
    _confine(memory)
    while True:
        request, descriptor = _receive(channel)
        if request is None or descriptor is None:
            return
        job = Job(
            name=request["name"],
            limits=Limits.from_dict(request["limits"]),
            plugins=tuple(Plugin(*one) for one in request["plugins"]),
            passwords=_passwords(request["passwords"]),
        )
        blob = Blob.open(descriptor)
        try:
            for event in events_of(job, blob):
                channel.sendall(json.dumps(event_to_dict(event), ensure_ascii=True).encode() + b"\n")
        finally:
            blob.close()
        channel.sendall(b"end\n")


def _receive(channel: socket.socket) -> tuple[dict[str, Any] | None, int | None]:
    line, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
    buffer = bytearray(line)
    while buffer and not buffer.endswith(b"\n"):
        piece = channel.recv(1 << 16)
        if not piece:
            return None, None
        buffer += piece
    return (json.loads(buffer), descriptors[0]) if buffer and descriptors else (None, None)


def _passwords(raw: Sequence[Sequence[str]]) -> Passwords:
    candidates = Passwords()
    for value, source in raw:
        candidates = candidates.plus(Passwords.of([value], cast("Source", source)))
    return candidates


def _confine(memory: int) -> None:
    """Limits that hold even where the cooperative ones fail."""
    try:
        import resource
    except ImportError:  # Windows: only the parent's kill holds
        return
    for what, limit in (
        (resource.RLIMIT_AS, 3 * memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        with contextlib.suppress(ValueError, OSError):
            _, hard = resource.getrlimit(what)
            resource.setrlimit(what, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
