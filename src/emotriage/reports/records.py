"""Verdicts as records: one JSON object, an array, a line each, or text for people."""

import json
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Protocol

from emotriage.model.verdict import Verdict
from emotriage.reports.safe import shown

if TYPE_CHECKING:
    from emotriage.reports.text import Row

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
        """Write what is left; what was written by then is whole, however many outcomes there were."""


def printer(form: str, sink: IO[str], *, single: bool, show_passwords: bool = False) -> Printer:
    """The printer of a format.

    Args:
        form: ``text``, ``json`` or ``jsonl``.
        sink: where to.
        single: one path, told whole.
        show_passwords: with the passwords that were found in names and mails.
    """
    if form == "jsonl":
        return _Lines(sink, show_passwords)
    return _Array(sink, show_passwords, single) if form == "json" else _Text(sink, show_passwords, single)


def _record(outcome: Verdict | Failure, *, show_passwords: bool) -> str:
    return outcome.to_json(show_passwords=show_passwords) if isinstance(outcome, Verdict) else outcome.to_json()


@dataclass(slots=True)
class _Lines:
    sink: IO[str]
    show_passwords: bool

    def add(self, outcome: Verdict | Failure) -> None:
        self.sink.write(_record(outcome, show_passwords=self.show_passwords) + "\n")
        self.sink.flush()

    def close(self) -> None:
        self.sink.flush()


@dataclass(slots=True)
class _Array:
    sink: IO[str]
    show_passwords: bool
    single: bool
    _count: int = 0

    def add(self, outcome: Verdict | Failure) -> None:
        opening = "" if self.single else "[\n" if not self._count else ",\n"
        self.sink.write(opening + _record(outcome, show_passwords=self.show_passwords))
        self._count += 1

    def close(self) -> None:
        if self._count or not self.single:
            self.sink.write("\n" if self.single else "\n]\n" if self._count else "[]\n")
        self.sink.flush()


@dataclass(slots=True)
class _Text:
    """Keeps of each verdict only the row, so that a hundred thousand files cost no more than their names."""

    sink: IO[str]
    show_passwords: bool
    single: bool
    _rows: "list[Row]" = field(default_factory=list)
    _whole: Verdict | None = None
    _failures: list[Failure] = field(default_factory=list)

    def add(self, outcome: Verdict | Failure) -> None:
        from emotriage.reports.text import Row

        if isinstance(outcome, Failure):
            self._failures.append(outcome)
        elif self.single:
            self._whole = outcome
        else:
            self._rows.append(Row.of(outcome))

    def close(self) -> None:
        from emotriage.reports.text import story, table_of

        color = self.sink.isatty()
        width = _width(self.sink)
        if self._whole is not None:
            self.sink.write(story(self._whole, color=color, width=width, show_passwords=self.show_passwords))
        if self._rows:
            self.sink.write(table_of(self._rows, color=color, width=width))
        for one in self._failures:
            self.sink.write(f"not read: {shown(one.name)}: {shown(one.error)}\n")
        self.sink.flush()


def _width(sink: IO[str]) -> int:
    from shutil import get_terminal_size

    return max(60, get_terminal_size((120, 24)).columns) if sink.isatty() else 120
