"""A file that appears under its name when it is whole, and never in place of another."""

import contextlib
import errno
import os
import stat
from types import TracebackType
from typing import Self

PREFIX = ".emotriage-"
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class Draft:
    """A file in the making, readable by its owner alone; it vanishes unless it is published.

    Attributes:
        descriptor: to write to.
    """

    def __init__(self, folder: str, at: int | None = None) -> None:
        """Make the draft in its folder.

        Args:
            folder: where the file is to appear.
            at: the open folder itself, where the platform can; then nobody can put another one in its place.

        Raises:
            OSError: nothing can be made there.
        """
        self._folder = folder
        self._at = at
        self._name = PREFIX + os.urandom(8).hex()
        self.descriptor = os.open(self._path(self._name), _FLAGS, 0o600, dir_fd=at)
        self._present = True

    def publish(self, name: str) -> None:
        """Let the file appear under its name.

        Raises:
            FileExistsError: something of that name is there, be it a link that leads nowhere.
            OSError: what was written does not fit, or the folder is gone.
        """
        os.close(self.descriptor)  # a network file system may only now say that its disk is full
        self.descriptor = -1
        draft, target = self._path(self._name), self._path(name)
        try:
            os.link(draft, target, src_dir_fd=self._at, dst_dir_fd=self._at)
        except FileExistsError:
            raise
        except OSError:
            if not self._lacks_links(name):
                raise
            os.rename(draft, target, src_dir_fd=self._at, dst_dir_fd=self._at)
            self._present = False

    def close(self) -> None:
        """Remove the draft; what was published stays."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
        if self._present:
            self._present = False
            with contextlib.suppress(OSError):
                os.unlink(self._path(self._name), dir_fd=self._at)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _path(self, name: str) -> str:
        return name if self._at is not None else os.path.join(self._folder, name)  # noqa: PTH118

    def _lacks_links(self, name: str) -> bool:
        """Is this a file system without hard links, and the name free?"""
        try:
            os.stat(self._path(name), dir_fd=self._at, follow_symlinks=False)
        except FileNotFoundError:
            return True
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name)


def write_all(descriptor: int, data: bytes | bytearray | memoryview) -> None:
    """Write every byte, however few the system takes at a time."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def open_folder(path: str) -> int | None:
    """The folder itself, held open: made for its owner alone if it is not there. None where a platform can't hold it.

    Raises:
        NotADirectoryError: it is something else, such as a link to a folder.
        OSError: it can't be made or opened.
    """
    path = path.rstrip("/") or "/"  # behind a slash the system would follow a link
    with contextlib.suppress(FileExistsError):
        os.mkdir(path, 0o700)  # noqa: PTH102
    if not stat.S_ISDIR(os.lstat(path).st_mode):
        raise NotADirectoryError(errno.ENOTDIR, "not a folder of its own", path)
    if os.open not in os.supports_dir_fd:
        return None
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
