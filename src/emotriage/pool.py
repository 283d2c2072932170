"""Warm workers that wait for scans: started before they are needed, replaced before they are worn out."""

import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from emotriage.crew import current_run
from emotriage.job import Options
from emotriage.model.limits import MIB
from emotriage.scratch import Scratch
from emotriage.worker import Worker

RETIRE_AFTER = 500
"""Scans after which a worker is replaced."""
RETIRE_GROWN = 64 * MIB
"""Growth after its first scans at which a worker is replaced."""
_STUCK = "importing it takes too long, or ends the process"
_HANGS = 5
"""Part of a scan's time from which on an import that does not end is one that hangs."""
_SETTLED = 10
_WEIGHED_EVERY = 5


class WorkerPool:
    """Workers with the same options; usable from several threads and in forked copies of the process."""

    def __init__(self, options: Options, python: str, jobs: int) -> None:
        self.closed = False
        self._options = options
        self._python = python
        self._jobs = jobs
        self._stable = _Stable(jobs)

    @contextmanager
    def worker(self) -> Iterator[Worker]:
        """A worker for one scan; waits while `jobs` others have one. One that is not idle afterwards is ended.

        Raises:
            OSError: none can be started.
        """
        stable = self._here()
        with stable.turns, stable.at_work():
            worker = self._loaded(stable)
            try:
                with current_run().holding(worker):
                    yield worker
            finally:
                if worker.is_ready() and not self.closed and not stable.is_worn(worker):
                    stable.idle.append(worker)
                else:
                    worker.close()
        if self.closed:
            stable.close()

    def close(self) -> None:
        """End the idle workers; one that is still scanning ends with its scan."""
        self.closed = True
        self._here().close()

    def _loaded(self, stable: "_Stable") -> Worker:
        """A worker that has its plugins; one that none can be started with, twice, is left out from then on."""
        began = time.monotonic()
        run = current_run()
        suspects: set[str] = set()
        while True:
            tried = time.monotonic()
            worker = self._take(stable)
            with run.holding(worker):
                name = worker.stuck_in()
            worker.late = time.monotonic() - began
            if not name or run.stopped:
                return worker
            late = worker.late > self._options.limits.seconds / 2
            died = time.monotonic() - tried < self._options.limits.seconds / _HANGS
            if died and not late and name not in suspects:  # anybody may have killed it in that moment
                suspects.add(name)
                continue
            self._options = replace(
                self._options,
                plugins=tuple(
                    replace(one, problem=one.problem or _STUCK) if late or one.name == name else one
                    for one in self._options.plugins
                ),
            )

    def _take(self, stable: "_Stable") -> Worker:
        worker = stable.next()
        again = worker is not None
        worker = worker or self._start(stable)
        if again and not self.closed:
            self._spare(stable)
        return worker

    def _spare(self, stable: "_Stable") -> None:
        """Whoever scans more than once has one worker waiting: another may die of any input."""
        if stable.sparing.acquire(blocking=False):  # one is enough
            try:
                if not stable.idle:
                    with suppress(OSError):  # it is tried again when it is needed
                        stable.idle.append(self._start(stable))
            finally:
                stable.sparing.release()

    def _start(self, stable: "_Stable") -> Worker:
        return Worker(replace(self._options, scratch=stable.scratch()), self._python)

    def _here(self) -> "_Stable":
        if self._stable.owner != os.getpid():
            self._stable = _Stable(self._jobs)
        return self._stable


class _Stable:
    """The workers of one process; a forked copy has its own."""

    def __init__(self, jobs: int) -> None:
        self.owner = os.getpid()
        self.turns = threading.BoundedSemaphore(jobs)
        self.idle: deque[Worker] = deque()
        self.sparing = threading.Lock()
        self._lock = threading.Lock()
        self._at_work = 0
        self._folder: str | None = None
        self._remove: Callable[[], object] = lambda: None

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Within this block a worker may need the folder."""
        with self._lock:
            self._at_work += 1
        try:
            yield
        finally:
            with self._lock:
                self._at_work -= 1

    def scratch(self) -> str | None:
        """A folder of our own: workers may read what lies in it, and nothing ever does that has a name."""
        with self._lock:
            if self._folder is None:
                with suppress(OSError):  # nothing can be unpacked to disk then, and what has to be is a gap
                    scratch = Scratch()
                    self._folder = scratch.path
                    self._remove = weakref.finalize(self, scratch.remove)
            return self._folder

    def close(self) -> None:
        """End the idle workers; the last one at work takes the folder with it."""
        while (worker := self.next()) is not None:
            worker.close()
        with self._lock:
            if not self._at_work:
                self._remove()
                self._folder = None

    def next(self) -> Worker | None:
        """An idle worker, the one that was at work last first."""
        while True:
            try:
                worker = self.idle.pop()
            except IndexError:
                return None
            if worker.is_ready():
                return worker
            worker.close()

    def is_worn(self, worker: Worker) -> bool:
        """Has it done or grown enough."""
        if worker.scans >= RETIRE_AFTER:
            return True
        if worker.scans % _WEIGHED_EVERY:
            return False
        weight = worker.resident()
        if worker.scans <= _SETTLED:
            worker.settled = max(worker.settled, weight)
        return weight > worker.settled + RETIRE_GROWN
