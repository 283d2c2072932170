"""Verdicts as records: one JSON object, an array, a line each, or text for people."""

import json
from dataclasses import dataclass, field
from typing import IO, Protocol

from emotriage.model.verdict import Verdict
from emotriage.reports.safe import shown

ERROR_SCHEMA = "emotriage.error/1"


@dataclass(frozen=True, slots=True)
class Failure:
    """A path that could not be read."""

    name: str
    error: str

    def to_json(self) -> str:
        """The failure as ASCII JSON."""
        return json.dumps({"schema": ERROR_SCHEMA, "name": self.name, "error": self.error}, ensure_ascii=True)


class Printer(Protocol):
    """Takes outcomes in input order."""

    def add(self, outcome: Verdict | Failure) -> None:
        """Take the next one."""

    def close(self) -> None:
        """Write what is left."""


def printer(form: str, sink: IO[str], *, single: bool) -> Printer:
    """The printer of a format: ``text``, ``json`` or ``jsonl``; `single` is one path, told whole."""
    if form == "jsonl":
        return _Lines(sink)
    return _Array(sink, single=single) if form == "json" else _Text(sink, single=single)


@dataclass(slots=True)
class _Lines:
    sink: IO[str]

    def add(self, outcome: Verdict | Failure) -> None:
        self.sink.write(outcome.to_json() + "\n")
        self.sink.flush()

    def close(self) -> None:
        self.sink.flush()


@dataclass(slots=True)
class _Array:
    sink: IO[str]
    single: bool
    _count: int = 0

    def add(self, outcome: Verdict | Failure) -> None:
        opening = "" if self.single else "[\n" if not self._count else ",\n"
        self.sink.write(opening + outcome.to_json())
        self._count += 1

    def close(self) -> None:
        self.sink.write("\n" if self.single else "\n]\n" if self._count else "[]\n")
        self.sink.flush()


@dataclass(slots=True)
class _Text:
    sink: IO[str]
    single: bool
    _verdicts: list[Verdict] = field(default_factory=list)
    _failures: list[Failure] = field(default_factory=list)

    def add(self, outcome: Verdict | Failure) -> None:
        if isinstance(outcome, Failure):
            self._failures.append(outcome)
        else:
            self._verdicts.append(outcome)

    def close(self) -> None:
        from emotriage.reports.text import story, table

        color = self.sink.isatty()
        width = _width(self.sink)
        if self._verdicts:
            tell = (
                story(self._verdicts[0], color=color, width=width)
                if self.single
                else table(self._verdicts, color=color, width=width)
            )
            self.sink.write(tell)
        for one in self._failures:
            self.sink.write(f"not read: {shown(one.name)}: {shown(one.error)}\n")
        self.sink.flush()


def _width(sink: IO[str]) -> int:
    from shutil import get_terminal_size

    return max(60, get_terminal_size((120, 24)).columns) if sink.isatty() else 120
