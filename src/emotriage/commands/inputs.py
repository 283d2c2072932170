"""The paths of a command line: which files they are, and how these are opened without following anybody's links."""

import contextlib
import errno
import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from emotriage.model.blob import Blob
from emotriage.model.errors import UsageError

STANDARD_INPUT = "-"
_LOOK = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # never wait for a FIFO's other end
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_FOLDER = getattr(os, "O_DIRECTORY", 0)


@dataclass(frozen=True, slots=True)
class Input:
    """A path of the command line, or a file found in one of its folders.

    Attributes:
        name: the path, as the verdict names it.
        folder: of the command line, that it was found in; empty for a path that was given itself.
        problem: why it can't be scanned.
    """

    name: str
    folder: str = ""
    problem: str = ""


def inputs_of(paths: Iterable[str]) -> Iterator[Input]:
    """What the paths stand for: themselves, or every file of a folder in byte order of the names.

    Raises:
        UsageError: standard input is asked for twice.
    """
    paths = list(paths)
    if paths.count(STANDARD_INPUT) > 1:
        raise UsageError("standard input can be scanned once only")
    for path in paths:
        try:
            is_folder = path != STANDARD_INPUT and stat.S_ISDIR(os.stat(path).st_mode)  # noqa: PTH116  as given
        except (OSError, ValueError) as error:
            yield Input(path, problem=getattr(error, "strerror", None) or str(error))
            continue
        yield from _files(path) if is_folder else (Input(path),)


def _files(folder: str) -> Iterator[Input]:
    stack = [folder]
    while stack:
        path = stack.pop()
        try:
            mode = os.lstat(path).st_mode
            if stat.S_ISDIR(mode) or path == folder:
                entries = sorted(os.listdir(path), key=os.fsencode, reverse=True)  # noqa: PTH208  bytes order
                stack += [os.path.join(path, entry) for entry in entries]  # noqa: PTH118
            else:
                yield Input(path, folder, "" if stat.S_ISREG(mode) else "not a regular file")
        except OSError as error:
            yield Input(path, folder, error.strerror or "unreadable")


@contextlib.contextmanager
def opened(one: Input, most: int) -> Iterator[Blob]:
    """The input's bytes.

    Args:
        one: what to open.
        most: bytes of standard input that are kept; one more says that there were more.

    Raises:
        OSError: it can't be read, or is no regular file, or became a link since it was found.
    """
    if one.name == STANDARD_INPUT:
        with _standard_input(most) as copy:
            blob = Blob.open(os.dup(copy.fileno()))
    else:
        descriptor = _descriptor(one)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, "not a regular file")
        blob = Blob.open(descriptor)
    try:
        yield blob
    finally:
        blob.close()


def _descriptor(one: Input) -> int:
    """The open file: what was found in a folder is reached from there, step by step, through no link."""
    if not one.folder:
        return os.open(one.name, _LOOK)
    if os.open not in os.supports_dir_fd:
        return os.open(one.name, _LOOK | _NO_LINK)
    *folders, last = Path(os.path.relpath(one.name, one.folder)).parts
    at = os.open(one.folder, os.O_RDONLY | _FOLDER)
    try:
        for folder in folders:
            inner = os.open(folder, os.O_RDONLY | _FOLDER | _NO_LINK, dir_fd=at)
            os.close(at)
            at = inner
        return os.open(last, _LOOK | _NO_LINK, dir_fd=at)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise OSError(error.errno, "became a link during the scan") from error
        raise
    finally:
        os.close(at)


def _standard_input(most: int) -> IO[bytes]:
    copy = tempfile.TemporaryFile()  # noqa: SIM115  the caller closes it
    left = most + 1
    while left > 0 and (piece := sys.stdin.buffer.read(min(1 << 20, left))):
        copy.write(piece)
        left -= len(piece)
    copy.flush()
    return copy
