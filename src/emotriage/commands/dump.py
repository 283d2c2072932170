"""`emotriage dump`: the texts that were hidden in a file: macros, formulas, decoded stages."""

import argparse
import json
from dataclasses import dataclass, field

from emotriage.commands.means import EXIT, EXIT_UNREADABLE, limits_of, looked_at, pool_of, single
from emotriage.commands.output import output
from emotriage.model.limits import MIB
from emotriage.model.verdict import Verdict
from emotriage.reports.safe import shown
from emotriage.reports.source import Text, listing

_ROOM = 256 * MIB
"""Bytes of texts that are kept at most; what comes after is counted."""


def run(options: argparse.Namespace) -> int:
    """Scan one file and write down the texts recovered from it; returns the exit code of its level.

    Raises:
        UsageError: an option that means nothing, or a folder.
        OSError: not all could be written.
    """
    limits = limits_of(options)
    one = single(options.path)
    texts = Texts()
    with pool_of(options, limits) as pool, output(options.output) as sink:
        outcome = looked_at(pool, one, limits, texts)
        if not isinstance(outcome, Verdict):
            sink.write(f"not read: {shown(outcome.name)}: {shown(outcome.error)}\n")
            return EXIT_UNREADABLE
        for text in texts.found:
            if options.format == "jsonl":
                sink.write(json.dumps(text.to_dict(), ensure_ascii=True) + "\n")
            else:
                sink.writelines(listing(text, outcome))
        if options.format == "text":
            if not texts.found:
                sink.write("No text was recovered.\n")
            if texts.left_out:
                sink.write(f"{texts.left_out} more texts are longer together than {_ROOM // MIB} MiB.\n")
        sink.flush()
        return EXIT[outcome.level]


@dataclass(slots=True)
class Texts:
    """A `Sink` that keeps the recovered texts and lets artifacts pass.

    Attributes:
        found: the texts, in the order they came.
        left_out: how many found no room.
    """

    found: list[Text] = field(default_factory=list)
    left_out: int = 0
    _room: int = _ROOM
    _title: tuple[int, str, str] | None = None
    _pieces: list[bytes] = field(default_factory=list)

    def begin(self, artifact: int) -> None:  # noqa: ARG002  a sink's methods
        """An artifact: not kept."""
        self._title = None

    def begin_text(self, artifact: int, name: str, language: str) -> None:
        """A text follows."""
        self._title = (artifact, name, language)
        self._pieces = []

    def data(self, piece: bytes) -> None:
        """The next bytes of it."""
        if self._title is None:
            return
        self._room -= len(piece)
        if self._room < 0:
            self._title, self._pieces = None, []
            self.left_out += 1
        else:
            self._pieces.append(piece)

    def run(self, length: int, byte: int) -> None:
        """A run of an artifact: not kept."""

    def end(self) -> None:
        """That was all of it."""
        if self._title is not None:
            text = b"".join(self._pieces).decode("utf-8", "backslashreplace")
            self.found.append(Text(*self._title, text))
        self._title, self._pieces = None, []
