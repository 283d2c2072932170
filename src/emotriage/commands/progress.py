"""A bar on the terminal while many files are scanned."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator

from emotriage.reports.safe import safe_text


@contextlib.contextmanager
def progress(total: int, *, hidden: bool) -> Iterator[Callable[[str], None]]:
    """A function that takes the name of each file that is done."""
    if hidden or total < 2 or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.fields[file]}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total, file="")
        yield lambda name: bar.update(task, advance=1, file=safe_text(os.path.basename(name), 60))  # noqa: PTH119
