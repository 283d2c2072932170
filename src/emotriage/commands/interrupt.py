"""Ctrl-C between two records, never in the middle of one."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


class Interrupt:
    """Within `watched`, Ctrl-C raises KeyboardInterrupt as ever, but from within `whole` only at the end of it."""

    def __init__(self) -> None:
        self._writing = False
        self._asked = False

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Take over Ctrl-C, where this is the main thread's."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, self._on_signal)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    @contextlib.contextmanager
    def whole(self) -> Iterator[None]:
        """What is written here is written to its end.

        Raises:
            KeyboardInterrupt: it was asked for meanwhile.
        """
        self._writing = True
        try:
            yield
        finally:
            self._writing = False
        if self._asked:
            raise KeyboardInterrupt

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True
        if not self._writing:
            raise KeyboardInterrupt
