"""The text reports in colour, wrapped to a terminal."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from emotriage.model.verdict import Level

if TYPE_CHECKING:
    from emotriage.reports.text import Line, Row

_STYLE = {
    str(Level.CLEAN): "green",
    str(Level.UNVERIFIED): "yellow",
    str(Level.SUSPICIOUS): "bold dark_orange",
    str(Level.MALICIOUS): "bold red",
}


def draw_table(rows: Sequence["Row"], total: str, width: int) -> str:
    """The rows and the counts below them."""
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    grid.add_column("level", no_wrap=True)
    grid.add_column("score", justify="right", no_wrap=True)
    grid.add_column("file", overflow="fold", max_width=max(24, width // 3))
    grid.add_column("why", overflow="fold")
    for one in rows:
        grid.add_row(Text(str(one.level), _STYLE[str(one.level)]), str(one.score), Text(one.name), Text(one.why))
    return _render([grid, Text(), Text(total)], width)


def draw_story(lines: Sequence["Line"], width: int) -> str:
    """The lines of a story."""
    parts = [Padding(Text(line.text, _STYLE.get(line.style, line.style)), (0, 0, 0, line.indent)) for line in lines]
    return _render(parts, width)


def _render(parts: Sequence[object], width: int) -> str:
    sink = io.StringIO()
    console = Console(file=sink, force_terminal=True, width=width, highlight=False, markup=False, emoji=False)
    for part in parts:
        console.print(part)
    # Lines are wrapped, not padded: nothing but the text itself is worth its bytes.
    return "\n".join(line.rstrip() for line in sink.getvalue().split("\n"))
