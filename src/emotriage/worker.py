"""The same walk in a child process that can be killed at any moment without losing a finding.

The channel is a socket pair: the parent sends one JSON line and a descriptor a scan, the worker answers with one JSON
line an event, each flushed. Nothing is ever unpickled, and nothing is believed that `testimony` does not let pass.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator, Mapping
from typing import Any

from emotriage.catalogue import scan as rules
from emotriage.confine import Layer
from emotriage.job import PROTOCOL, Options
from emotriage.model.finding import Evidence
from emotriage.model.verdict import Event
from emotriage.testimony import Untrue, parsed, testimony

GRACE = 1.5
"""Seconds that a worker gets beyond its own deadline before it is killed."""
_LINE_CAP = 8 << 20
_SEND_CAP = 10.0
_PIECE = 1 << 18
_POLL = 0.05
_PLUGIN_CAP = 5.0
"""Seconds that a plugin may take to be imported, or a quarter of a scan's, whichever is less."""
_BOOT = (
    "import json,socket,sys;c=socket.socket(fileno=int(sys.argv[1]));"
    "sys.path[:]=json.loads(c.makefile('rb',buffering=0).readline());from emotriage.serve import serve;serve(c)"
)


class Worker:
    """A warm child process; one scan at a time.

    Attributes:
        scans: how many it has answered.
        settled: its resident bytes after its first scans, noted by who keeps it.
        idle: it waits for a scan; false while it has one, and once it has ended.
        late: seconds of the next scan that were spent on workers before this one.
    """

    def __init__(self, options: Options, python: str = sys.executable) -> None:
        """Start the process; it gets ready by itself.

        Raises:
            OSError: no worker can be started.
        """
        if os.name != "posix":
            raise OSError("no isolation on this platform")
        self.scans = 0
        self.settled = 0
        self.idle = True
        self._killed = False
        self.late = 0.0
        self._limits = options.limits
        self._plugins = len(options.plugins)
        self._loading = ""
        self._deadline = 0.0
        self._greeted: tuple[Layer, ...] | None = None
        self._channel, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = subprocess.Popen(  # noqa: S603  our own interpreter, our own module
                    [python, "-I", "-c", _BOOT, str(theirs.fileno())],
                    stdin=subprocess.PIPE,  # its lifeline: nothing is written, and the end of it is the end of us
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    bufsize=0,
                    pass_fds=(theirs.fileno(),),
                    cwd="/",
                    process_group=0,  # Ctrl-C is for the parent, which ends us when it wants to
                    env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
                )
            except OSError:
                self._channel.close()
                raise
        self._end = weakref.finalize(self, _end, os.getpid(), self._process, self._channel)
        _LIVING.add(self)
        self._send([os.path.abspath(one) for one in sys.path])  # noqa: PTH100
        self._send(options.to_dict())

    def scan(self, name: str, descriptor: int, size: int, keep: int | None = None) -> Iterator[Event]:
        """The events of one scan, as they arrive; if the worker ends early, the last one is `scan.worker-died`.

        Args:
            name: of the input.
            descriptor: an open regular file, read with `pread`; the caller keeps it.
            size: of the file.
            keep: the near end of a pipe that takes what is unpacked; the caller keeps it.
        """
        self.idle = False
        self._deadline = time.monotonic() + self._limits.seconds + GRACE - self.late
        self.late = 0.0
        self._send({"name": name, "keep": keep is not None}, *(one for one in (descriptor, keep) if one is not None))
        lines = self._lines()
        try:
            self._greet(lines)
            yield from testimony(lines, size)
        except (Untrue, _Dead) as dead:
            self.close()
            yield rules.WORKER_DIED(Evidence(str(dead)))
        else:
            self.scans += 1
            self.idle = True

    def layers(self) -> tuple[Layer, ...]:
        """How it is confined, as it says itself.

        Raises:
            OSError: it does not answer.
        """
        self._deadline = time.monotonic() + self._limits.seconds
        try:
            return self._greet(self._lines())
        except (Untrue, _Dead) as dead:
            self.close()
            raise OSError(str(dead)) from dead

    def stuck_in(self) -> str:
        """The name of the plugin that it hangs in or died of while it loads them; nothing when all went well.

        Raises:
            OSError: it does not answer, and no plugin is to blame.
        """
        try:
            if self._plugins:
                self.layers()
        except OSError:
            if not self._loading:
                raise
        return self._loading

    def is_ready(self) -> bool:
        """It waits for a scan and nobody has killed it meanwhile."""
        return self.idle and not self._killed and self._process.poll() is None

    def resident(self) -> int:
        """Bytes of memory in use; 0 where the system does not say."""
        try:
            with open(f"/proc/{self._process.pid}/statm", "rb", buffering=0) as statm:  # noqa: PTH123  polled often
                return int(statm.read(200).split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, ValueError, IndexError):
            return 0

    @property
    def ended(self) -> bool:
        """The process is no more."""
        return not self._end.alive

    def kill(self) -> None:
        """End the process from another thread: whoever waits for its answer sees it die."""
        self._killed = True
        self._process.kill()

    def close(self) -> None:
        """End the process, whatever it is doing, and reap it."""
        self.idle = False
        self._end()

    def _greet(self, lines: Iterator[bytes]) -> tuple[Layer, ...]:
        """The first message of a worker, which says who it is."""
        if self._greeted is None:
            raw = parsed(next(lines))
            for _ in range(self._plugins):
                if raw.keys() == {"loading"}:
                    self._loading = str(raw["loading"])
                    self._deadline = time.monotonic() + min(_PLUGIN_CAP, self._limits.seconds / 4)
                    raw = parsed(next(lines))
            self._loading = ""
            try:
                layers = tuple(Layer(str(name), active is True, str(note)) for name, active, note in raw["layers"])
            except (KeyError, TypeError, ValueError) as error:
                raise Untrue(f"unreadable answer: {type(error).__name__}") from error
            if raw.get("protocol") != PROTOCOL:
                raise Untrue("worker of another version")
            self._greeted = layers
        return self._greeted

    def _send(self, message: Mapping[str, Any] | list[str], *descriptors: int) -> None:
        line = json.dumps(message).encode() + b"\n"
        self._channel.settimeout(_SEND_CAP)
        with contextlib.suppress(OSError):  # a dead worker shows when its answer is read
            sent = socket.send_fds(self._channel, [line], descriptors) if descriptors else 0
            self._channel.sendall(line[sent:])

    def _lines(self) -> Iterator[bytes]:
        """Lines as they arrive, until the deadline.

        Raises:
            _Dead: there will be no more.
        """
        self._channel.settimeout(_POLL)
        begun = bytearray()
        look = 0.0
        while True:
            now = time.monotonic()
            if now > self._deadline:
                raise _Dead("killed at its deadline")
            if now > look:
                look = now + _POLL
                if self.resident() > self._limits.worker_memory:
                    raise _Dead("killed at its memory limit")
            try:
                piece = self._channel.recv(_PIECE)
            except TimeoutError:
                continue
            except OSError as error:
                raise _Dead(f"channel lost: {type(error).__name__}") from error
            if not piece:
                raise _Dead(f"ended by itself, {self._exit()}")
            *lines, rest = piece.split(b"\n")
            for line in lines:
                yield bytes(begun + line)
                begun.clear()
            begun += rest
            if len(begun) > _LINE_CAP:
                raise _Dead("answer too long")

    def _exit(self) -> str:
        try:
            code = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return "still closing"
        return f"signal {-code}" if code < 0 else f"exit code {code}"


class _Dead(Exception):
    """The worker can't go on; the message says why."""


def _end(parent: int, process: "subprocess.Popen[bytes]", channel: socket.socket) -> None:
    """Leave nothing behind; in a forked copy of the parent, without touching what is the parent's."""
    channel.close()
    if process.stdin is not None:
        process.stdin.close()
    if os.getpid() == parent:
        process.kill()
        process.wait()
    else:
        process.returncode = 0  # not our child: there is nothing to wait for


_LIVING: "weakref.WeakSet[Worker]" = weakref.WeakSet()


def _abandon() -> None:
    for one in list(_LIVING):
        one.close()


if hasattr(os, "register_at_fork"):  # a copy of the parent must not keep its workers alive, nor speak to them
    os.register_at_fork(after_in_child=_abandon)
