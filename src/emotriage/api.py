"""`scan` and `ScanPool`: what users call; in-process or isolated, the same verdict."""

import os
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, Self, TypeVar

from emotriage import __version__
from emotriage.catalogue import scan as rules
from emotriage.confine import Layer
from emotriage.crew import Crew, current_run
from emotriage.handover import Keeper, Sink, drained
from emotriage.job import Options, events_of
from emotriage.model.blob import Blob
from emotriage.model.errors import InputError, UsageError
from emotriage.model.finding import Evidence
from emotriage.model.limits import MIB, Limits
from emotriage.model.passwords import Passwords
from emotriage.model.progress import Progress
from emotriage.model.verdict import Artifact, Event, Verdict
from emotriage.pool import WorkerPool
from emotriage.registry import installed
from emotriage.scoring.judge import Heading, judge
from emotriage.scoring.policy import Policy
from emotriage.worker import Worker

T = TypeVar("T")
R = TypeVar("R")
Input = str | os.PathLike[str] | bytes | bytearray | memoryview | Blob
Watcher = Callable[[Progress], None]
_IN_MEMORY = 16 * MIB


def scan(  # noqa: PLR0917  the order is part of the contract
    data: Input,
    name: str | None = None,
    passwords: Iterable[str] = (),
    limits: Limits | None = None,
    policy: Policy | None = None,
    plugins: Iterable[str] | None = None,
    *,
    isolate: bool = False,
    on_event: Watcher | None = None,
) -> Verdict:
    """Triage one file.

    Args:
        data: a path, or the bytes themselves, or a `Blob`.
        name: what to call it; by default the path as given.
        passwords: candidates for what is encrypted; never printed.
        limits: what the scan may cost.
        policy: how findings become a level.
        plugins: names of the installed plugins to use; None is all, an empty list none.
        isolate: look in a child process that is killed at its limits; the verdict is the same. Each call starts one:
            for many files, keep a `ScanPool`.
        on_event: is told what happens while it happens; see `Progress`.

    Raises:
        UsageError: the caller's own mistake: wrong type, no such file. Never for anything that is in the file.
    """
    with ScanPool(
        passwords=passwords, limits=limits, policy=policy, plugins=plugins, isolate=isolate, on_event=on_event
    ) as pool:
        return pool.scan(data, name)


def layers(python: str = sys.executable) -> tuple[Layer, ...]:
    """How an isolated scan is confined on this machine: a worker is started and asked.

    Args:
        python: interpreter of the worker.
    """
    try:
        with closing(Worker(Options(), python)) as worker:
            confined = worker.layers()
            weighed = worker.resident() > 0
    except OSError as error:
        return (Layer("process", False, f"no worker could be started: {error.strerror or error}"),)
    return (
        Layer("process", True, "a child process of its own, killed at its deadline"),
        Layer(
            "memory", weighed, "killed at its memory limit" if weighed else "the system does not say how large it is"
        ),
        *confined,
    )


@dataclass(slots=True, weakref_slot=True)
class ScanPool:
    """Many scans with the same options; warm workers when isolated. Usable from several threads.

    Attributes:
        jobs: scans at a time, and workers at most (one more waits to replace one that dies).
        isolate: look in child processes. What untrusted senders send should be.
        python: interpreter of the workers, for hosts that embed Python.
        on_event: is told what happens while it happens, in the thread that scans; see `Progress`. It must not scan with
            this pool; what it raises ends that scan, and is raised from it.

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
    on_event: Watcher | None = None
    _options: Options = field(init=False, repr=False)
    _workers: WorkerPool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Check the options once, before the first scan."""
        if not isinstance(self.jobs, int) or self.jobs < 1:
            raise UsageError(f"jobs must be a positive number, not {self.jobs!r}")
        if isinstance(self.passwords, str):
            raise UsageError("passwords must be a list of strings, not a string")
        self._options = Options(
            limits=self.limits or Limits(),
            plugins=installed(self.plugins, (self.policy or Policy.default()).plugins),
            passwords=Passwords.of(self.passwords),
        )
        self._workers = WorkerPool(self._options, self.python, self.jobs)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the idle workers; one that is still scanning ends with its scan."""
        self._workers.close()

    def scan(self, data: Input, name: str | None = None, *, sink: Sink | None = None) -> Verdict:
        """Triage one file; see `scan`. Usable from several threads at once.

        Args:
            data: a path, or the bytes themselves, or a `Blob`.
            name: what to call it; by default the path as given.
            sink: takes the bytes of what is unpacked, as `emotriage.extract` does; the verdict is the same.

        Raises:
            UsageError: wrong type, no such file.
        """
        with ExitStack() as held:
            if name is not None and not isinstance(name, str):
                raise UsageError(f"a name is a string, not {type(name).__name__}")
            blob, descriptor = _opened(data, held)
            name = _name(data) if name is None else name
            source = self._isolated(name, blob, descriptor, sink) if self.isolate else self._here(name, blob, sink)
            events: Iterator[Event] = held.enter_context(closing(source))
            if self.on_event is not None:
                events = _watched(events, name, self.on_event)
            heading = Heading(
                engine=f"emotriage {__version__}",
                name=name,
                limits=self._options.limits,
                plugins=tuple(one.name for one in self._options.plugins),
            )
            return judge(_rooted(events, name, blob.size), heading, self.policy or Policy.default())

    def scan_many(self, items: Iterable[Input]) -> Iterator[Verdict]:
        """Verdicts in the order of the items, `jobs` at a time, each as soon as all before it are out.

        Items are taken as they are needed, so there may be any number of them. Closing the iterator ends at once what
        is being scanned.

        Raises:
            UsageError: at the item that is the caller's mistake.
        """
        return self.map(self.scan, items)

    def map(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Apply `work`, which may call `scan`, to the items, as `scan_many` does."""
        return Crew(self.jobs, work).map(items)

    def _here(self, name: str, blob: Blob, sink: Sink | None) -> Generator[Event, None, None]:
        keep = Keeper(sink) if sink is not None else None
        yield from events_of(self._options, name, blob, current_run().clock, keep)

    def _isolated(
        self, name: str, blob: Blob, descriptor: int | None, sink: Sink | None
    ) -> Generator[Event, None, None]:
        with ExitStack() as held:
            try:
                if descriptor is None:
                    descriptor = held.enter_context(_copied(blob)).fileno()
            except (OSError, InputError) as error:
                yield rules.INPUT_FAILED(Evidence(type(error).__name__))
                return
            try:
                worker = held.enter_context(self._workers.worker())
            except OSError as error:
                yield rules.WORKER_DIED(Evidence(f"could not start: {type(error).__name__}"))
                return
            keep = held.enter_context(drained(sink)) if sink is not None else None
            yield from worker.scan(name, descriptor, blob.size, keep)
            held.close()
            if worker.ended and self.on_event is not None and not self._workers.closed:
                self.on_event(Progress(name, "worker-replaced"))


def _opened(data: Input, held: ExitStack) -> tuple[Blob, int | None]:
    """The input as a blob, and the descriptor behind it where it is a file."""
    if isinstance(data, Blob):
        return data, data.descriptor
    if isinstance(data, bytes | bytearray | memoryview):
        return Blob(data), None
    if not isinstance(data, str | os.PathLike):
        raise UsageError(f"scan takes a path, bytes or a Blob, not {type(data).__name__}")
    try:
        path = _name(data)
        # Never block on a FIFO; what is no regular file is refused right after.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"cannot read {_name(data)!r}: {reason}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UsageError(f"cannot read {path!r}: not a regular file")
    blob = Blob.open(descriptor)
    held.callback(blob.close)
    return blob, descriptor


def _name(data: Input) -> str:
    return os.fsdecode(data) if isinstance(data, str | os.PathLike) else "bytes"


def _copied(blob: Blob) -> IO[bytes]:
    """The blob's bytes in an anonymous file, to be handed to a worker.

    Raises:
        OSError: no room for them.
    """
    if blob.size <= _IN_MEMORY and hasattr(os, "memfd_create"):
        copy: IO[bytes] = open(os.memfd_create("emotriage"), "wb", buffering=0)  # noqa: PTH123, SIM115  the caller holds it
    else:
        copy = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  the caller holds it
    try:
        for _, window in blob.windows(holes=True):
            copy.write(window)
    except BaseException:
        copy.close()
        raise
    return copy


def _watched(events: Iterator[Event], name: str, tell: Watcher) -> Iterator[Event]:
    """The events; the caller is told of them."""
    began = time.monotonic()
    tell(Progress(name, "started"))
    for event in events:
        if isinstance(event, Artifact):
            tell(Progress(name, "artifact", event.id, event.kind, time.monotonic() - began))
        yield event
    tell(Progress(name, "finished", seconds=time.monotonic() - began))


def _rooted(events: Iterable[Event], name: str, size: int) -> Iterator[Event]:
    """The events; with an artifact for the input even if nobody came so far as to describe it."""
    seen = False
    for event in events:
        seen = seen or (isinstance(event, Artifact) and event.id == 0)
        yield event
    if not seen:
        yield Artifact(id=0, parent=None, name=name, kind="unknown", size=size)
