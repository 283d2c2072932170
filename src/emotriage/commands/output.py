"""Where a report goes: standard output, or a new file that appears when it is whole."""

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from typing import IO

from emotriage.model.errors import UsageError
from emotriage.model.new_file import Draft


@contextlib.contextmanager
def output(path: str | None) -> Iterator[IO[str]]:
    """Something to write a report to.

    Raises:
        UsageError: the file exists already, or can't be made there.
        OSError: it can't be written to its end; then it does not appear.
    """
    if path is None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that has no Japanese still gets the rest
        yield sys.stdout
        return
    folder, name = os.path.split(path)
    if "\0" in path:
        raise UsageError(f"cannot write {path!r}: no file can have that name")
    if os.path.lexists(path):
        raise UsageError(f"cannot write {path!r}: exists already")
    try:
        draft = Draft(folder or os.curdir)
    except OSError as error:
        raise UsageError(f"cannot write {path!r}: {error.strerror}") from error
    with draft:
        with open(draft.descriptor, "w", encoding="utf-8", closefd=False) as sink:
            yield sink
        try:
            draft.publish(name)
        except FileExistsError:
            raise UsageError(f"cannot write {path!r}: exists already") from None
