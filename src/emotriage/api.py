"""`scan` and `ScanPool`: what users call; in-process or isolated, the same verdict."""

import os
import stat
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import IO, Self, TypeVar

from emotriage import __version__
from emotriage.catalogue import scan as rules
from emotriage.model.blob import Blob
from emotriage.model.errors import UsageError
from emotriage.model.finding import Evidence
from emotriage.model.limits import Limits
from emotriage.model.passwords import Passwords
from emotriage.model.verdict import Artifact, Event, Verdict
from emotriage.registry import Plugin, installed
from emotriage.scoring.judge import Heading, judge
from emotriage.scoring.policy import Policy
from emotriage.worker import Job, Worker, events_of

T = TypeVar("T")
R = TypeVar("R")
Input = str | os.PathLike[str] | bytes | bytearray | memoryview | Blob
RETIRE_AFTER = 200
"""Scans after which a warm worker is replaced."""


def scan(  # noqa: PLR0917  the order is part of the contract
    data: Input,
    name: str | None = None,
    passwords: Iterable[str] = (),
    limits: Limits | None = None,
    policy: Policy | None = None,
    plugins: Iterable[str] | None = None,
    *,
    isolate: bool = False,
) -> Verdict:
    """Triage one file.

    Args:
        data: a path, or the bytes themselves, or a `Blob`.
        name: what to call it; by default the path as given.
        passwords: candidates for what is encrypted; never printed.
        limits: what the scan may cost.
        policy: how findings become a level.
        plugins: names of the installed plugins to use; None is all, an empty list none.
        isolate: look in a child process that is killed at its limits; the verdict is the same.

    Raises:
        UsageError: the caller's own mistake: wrong type, no such file. Never for anything that is in the file.
    """
    with ScanPool(jobs=1, passwords=passwords, limits=limits, policy=policy, plugins=plugins, isolate=isolate) as pool:
        return pool.scan(data, name)


@dataclass(slots=True)
class ScanPool:
    """Many scans with the same options; warm workers when isolated.

    Attributes:
        jobs: scans at a time in `scan_many`.
        isolate: look in child processes. What untrusted senders send should be.
        python: interpreter of the workers, for hosts that embed Python.

    Example::

        with ScanPool(jobs=4) as pool:
            for verdict in pool.scan_many(paths):
                print(verdict.level, verdict.name)
    """

    jobs: int = 1
    passwords: Iterable[str] = ()
    limits: Limits | None = None
    policy: Policy | None = None
    plugins: Iterable[str] | None = None
    isolate: bool = True
    python: str = sys.executable
    _limits: Limits = field(init=False, repr=False)
    _passwords: Passwords = field(init=False, repr=False)
    _installed: tuple[Plugin, ...] = field(init=False, repr=False)
    _idle: SimpleQueue[Worker] = field(init=False, repr=False, default_factory=SimpleQueue)

    def __post_init__(self) -> None:
        """Check the options once, before the first scan."""
        if not isinstance(self.jobs, int) or self.jobs < 1:
            raise UsageError(f"jobs must be a positive number, not {self.jobs!r}")
        if isinstance(self.passwords, str):
            raise UsageError("passwords must be a list of strings, not a string")
        self._limits = self.limits or Limits()
        self._passwords = Passwords.of(self.passwords)
        self._installed = installed(self.plugins, (self.policy or Policy.default()).plugins)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the idle workers; one that is still scanning ends with its scan."""
        while True:
            try:
                worker = self._idle.get_nowait()
            except Empty:
                return
            if worker.is_ours:
                worker.close()
            else:
                worker.forget()

    def scan(self, data: Input, name: str | None = None) -> Verdict:
        """Triage one file; see `scan`. Usable from several threads at once.

        Raises:
            UsageError: wrong type, no such file.
        """
        with ExitStack() as held:
            if name is not None and not isinstance(name, str):
                raise UsageError(f"a name is a string, not {type(name).__name__}")
            blob, descriptor = _opened(data, held)
            name = _name(data) if name is None else name
            job = Job(name=name, limits=self._limits, plugins=self._installed, passwords=self._passwords)
            events = self._isolated(job, blob, descriptor) if self.isolate else events_of(job, blob)
            heading = Heading(
                engine=f"emotriage {__version__}",
                name=name,
                limits=self._limits,
                plugins=tuple(one.name for one in self._installed),
            )
            return judge(_rooted(events, name, blob.size), heading, self.policy or Policy.default())

    def scan_many(self, items: Iterable[Input]) -> Iterator[Verdict]:
        """Verdicts in the order of the items, `jobs` at a time, each as soon as all before it are out.

        Raises:
            UsageError: at the item that is the caller's mistake.
        """
        return self.map(self.scan, items)

    def map(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Apply `work` to the items, `jobs` at a time, results in order."""
        ahead: deque[Future[R]] = deque()
        with ThreadPoolExecutor(self.jobs) as threads:
            try:
                for item in items:
                    ahead.append(threads.submit(work, item))
                    while len(ahead) >= 4 * self.jobs:
                        yield ahead.popleft().result()
                while ahead:
                    yield ahead.popleft().result()
            finally:
                for one in ahead:
                    one.cancel()

    def _isolated(self, job: Job, blob: Blob, descriptor: int | None) -> Iterator[Event]:
        with ExitStack() as held:
            if descriptor is None:
                descriptor = held.enter_context(_copied(blob)).fileno()
            try:
                worker = self._worker()
            except OSError as error:
                yield rules.WORKER_DIED(Evidence(f"could not start: {type(error).__name__}"))
                return
            try:
                yield from worker.scan(job, descriptor)
            except GeneratorExit:
                worker.close()
                raise
            if worker.alive and worker.scans < RETIRE_AFTER:
                self._idle.put(worker)
            elif worker.alive:
                worker.close()

    def _worker(self) -> Worker:
        while True:
            try:
                worker = self._idle.get_nowait()
            except Empty:
                return Worker(self._limits, self.python)
            if worker.is_ours:
                return worker
            worker.forget()


def _opened(data: Input, held: ExitStack) -> tuple[Blob, int | None]:
    """The input as a blob, and the descriptor behind it where it is a file."""
    if isinstance(data, Blob):
        return data, None
    if isinstance(data, bytes | bytearray | memoryview):
        return Blob(data), None
    if not isinstance(data, str | os.PathLike):
        raise UsageError(f"scan takes a path, bytes or a Blob, not {type(data).__name__}")
    try:
        path = os.fspath(data)
        # Never block on a FIFO; what is no regular file is refused right after.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"cannot read {os.fspath(data)!r}: {reason}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UsageError(f"cannot read {path!r}: not a regular file")
    blob = Blob.open(descriptor)
    held.callback(blob.close)
    return blob, descriptor


def _name(data: Input) -> str:
    return os.fspath(data) if isinstance(data, str | os.PathLike) else "bytes"


def _copied(blob: Blob) -> IO[bytes]:
    """The blob's bytes in an anonymous file, to be handed to a worker."""
    copy = tempfile.TemporaryFile()  # noqa: SIM115  the caller holds it
    for _, window in blob.windows(holes=True):
        copy.write(window)
    copy.flush()
    return copy


def _rooted(events: Iterable[Event], name: str, size: int) -> Iterator[Event]:
    """The events; with an artifact for the input even if nobody came so far as to describe it."""
    seen = False
    for event in events:
        seen = seen or (isinstance(event, Artifact) and event.id == 0)
        yield event
    if not seen:
        yield Artifact(id=0, parent=None, name=name, kind="unknown", size=size)
