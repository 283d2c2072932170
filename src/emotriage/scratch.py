"""Folders for what workers unpack: each pool has one of its own, held by a lock, and sweeps those that nobody holds.

Only files without a name are ever written there, so a folder whose owner was killed is empty, and all there is to do is
to remove it.
"""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on Windows, where folders stay until the system's own clean-up
    fcntl = None  # type: ignore[assignment]

PREFIX = "emotriage-"
_SWEPT = 256
"""Names looked at in one sweep."""
_TRIES = 3


class Scratch:
    """A folder of our own.

    Attributes:
        path: of the folder.
    """

    def __init__(self) -> None:
        """Sweep, then make the folder.

        Raises:
            OSError: none can be made.
        """
        _sweep(Path(tempfile.gettempdir()))
        self._owner = os.getpid()
        for _ in range(_TRIES):
            self.path = tempfile.mkdtemp(prefix=PREFIX)
            self._hold = _held(self.path)
            if Path(self.path).is_dir():  # else somebody swept it before it was held
                return
            self.remove()
        raise FileNotFoundError(self.path)

    def remove(self) -> None:
        """Let go of the folder and remove it; in a forked copy, which has one of its own, nothing happens."""
        if os.getpid() != self._owner:
            return
        with suppress(OSError):
            Path(self.path).rmdir()
        if self._hold is not None:
            with suppress(OSError):
                os.close(self._hold)
            self._hold = None


def _held(path: str) -> int | None:
    """A descriptor whose shared lock says that the folder is in use; it ends with the process, however that ends."""
    if fcntl is None:
        return None
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    return descriptor


def _sweep(parent: Path) -> None:
    """Remove empty folders of the same user that nobody holds."""
    if fcntl is None:
        return
    with suppress(OSError):
        for path in sorted(parent.glob(f"{PREFIX}*"))[:_SWEPT]:
            with suppress(OSError):
                if path.is_symlink() or not path.is_dir() or path.stat().st_uid != os.getuid():
                    continue
                descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    path.rmdir()
                finally:
                    os.close(descriptor)
