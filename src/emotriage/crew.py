"""Threads that apply a function to items, results in order, and end at once when nobody wants them any more."""

import atexit
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from queue import SimpleQueue
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")
LOOK_AHEAD = 4
"""Items taken ahead of the result that is waited for, a thread."""


class Killable(Protocol):
    """Something that a thread waits for, and that can be ended from outside."""

    def kill(self) -> None:
        """End it."""


class Run:
    """The work of one crew, to be ended together.

    Attributes:
        stopped: nobody wants the results any more.
    """

    def __init__(self) -> None:
        self.stopped = False
        self._held: set[Killable] = set()
        self._lock = threading.Lock()

    @contextmanager
    def holding(self, one: Killable) -> Iterator[None]:
        """Within this block, the end of the run is the end of that one too."""
        with self._lock:
            self._held.add(one)
            if self.stopped:
                one.kill()
        try:
            yield
        finally:
            with self._lock:  # whoever has it next must not be ended in this one's stead
                self._held.discard(one)

    def stop(self) -> None:
        """End all work, whatever it is doing."""
        with self._lock:
            self.stopped = True
            for one in self._held:
                one.kill()

    def clock(self) -> float:
        """The time by which work here is limited; when the run is stopped, it is late."""
        return math.inf if self.stopped else time.monotonic()


_RUN: ContextVar[Run | None] = ContextVar("run", default=None)


def current_run() -> Run:
    """The run that this thread works for; one that nobody stops, if it works for itself."""
    return _RUN.get() or Run()


class Crew(Generic[T, R]):
    """At most `size` threads that apply `work`."""

    def __init__(self, size: int, work: Callable[[T], R]) -> None:
        self._size = size
        self._work = work
        self._run = Run()
        self._tasks: SimpleQueue[tuple[Future[R], T] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    def map(self, items: Iterable[T]) -> Iterator[R]:
        """Results in the order of the items; items are taken as they are needed, by whoever asks for results.

        Closing this generator ends what is at work.
        """
        ahead: deque[Future[R]] = deque()
        atexit.register(self._run.stop)  # should the interpreter end before the generator does
        try:
            for item in items:
                ahead.append(self._begin(item))
                while ahead and (len(ahead) >= LOOK_AHEAD * self._size or ahead[0].done()):
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            atexit.unregister(self._run.stop)
            self._run.stop()
            for _ in self._threads:
                self._tasks.put(None)
            for one in self._threads:
                one.join()

    def _begin(self, item: T) -> Future[R]:
        future: Future[R] = Future()
        self._tasks.put((future, item))
        if len(self._threads) < self._size:
            # Not waited for at the interpreter's end: the workers that they wait for end then.
            self._threads.append(threading.Thread(target=self._labour, name="emotriage-scan", daemon=True))
            self._threads[-1].start()
        return future

    def _labour(self) -> None:
        _RUN.set(self._run)
        while (task := self._tasks.get()) is not None:
            future, item = task
            if self._run.stopped:
                future.cancel()
                continue
            try:
                future.set_result(self._work(item))
            except BaseException as error:  # noqa: BLE001  whoever asks for the result gets it
                future.set_exception(error)
