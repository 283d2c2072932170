"""How much one scan may cost: `Limits` are what users set, `Budget` is what is left of them.

Work is counted, not timed, so that the same bytes end at the same place on every machine. One unit of work is about
what it costs to stream one byte through inflate and SHA-256 (roughly 2 ns). The clock is only the last resort.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields

from emotriage.model.errors import BudgetSpent, UsageError
from emotriage.model.settings import read_settings

MIB = 1 << 20
GIB = 1 << 30

RECORD = 300
"""Work units for one parsed record: a few attribute look-ups and an unpack in Python."""
TOKEN = 500
"""Work units for one lexed or interpreted token."""

_CLOCK_EVERY = 4 * MIB

_MOST = 1 << 44
_MOST_OF = {
    "depth": 1000,
    "children": 1_000_000,
    "seconds": 86_400,
    "worker_memory": 1 << 40,
    "passwords": 10_000,
    "xml_depth": 10_000,
}
"""Values beyond these are mistakes: they would mean "unlimited"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Hard limits of one scan. All are positive integers; none can be switched off.

    Attributes:
        input_bytes: size of the input itself.
        expanded_bytes: bytes that all children together may unpack to, streamed.
        spooled_bytes: bytes, without uniform runs, that one unpacked child may keep on disk.
        depth: containers inside containers.
        children: artifacts in the whole tree.
        seconds: the clock behind everything else.
        worker_memory: resident bytes of an isolated worker.
        passwords: candidates tried on one encrypted artifact.
        key_rounds: key-derivation rounds spent on one encrypted artifact.
        work: work units for the whole tree.
        string_bytes: longest single string that is kept.
        vba_module_bytes: decompressed size of one VBA module.
        vba_project_bytes: decompressed size of all modules of one project.
        xml_depth: nesting of one XML part.
    """

    input_bytes: int = GIB
    expanded_bytes: int = 4 * GIB
    spooled_bytes: int = 256 * MIB
    depth: int = 12
    children: int = 10_000
    seconds: int = 30
    worker_memory: int = 512 * MIB
    passwords: int = 64
    key_rounds: int = 8_000_000
    work: int = 4 * GIB
    string_bytes: int = MIB
    vba_module_bytes: int = 64 * MIB
    vba_project_bytes: int = 128 * MIB
    xml_depth: int = 256

    def __post_init__(self) -> None:
        """Refuse what would mean "unlimited" somewhere."""
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, int) or isinstance(value, bool):
                raise UsageError(f"limit {field.name} must be an integer, not {value!r:.50}")
            if not 1 <= value <= self.most(field.name):
                raise UsageError(f"limit {field.name} must be from 1 to {self.most(field.name)}")

    @staticmethod
    def most(name: str) -> int:
        """The largest value that a limit may have."""
        return _MOST_OF.get(name, _MOST)

    def to_dict(self) -> dict[str, int]:
        """The limits as plain numbers, by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_dict(cls, raw: Mapping[str, object]) -> "Limits":
        """Limits from plain numbers; an unknown name is a mistake, not a comment.

        Raises:
            UsageError: a name that is no limit, or a value that is no positive integer.
        """
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(raw) - known):
            raise UsageError(f"unknown limit: {', '.join(unknown)}")
        return cls(**raw)  # type: ignore[arg-type]  # __post_init__ checks each value

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Limits":
        """Limits from a TOML file: a line for each that is not the default, as in ``seconds = 10``.

        Raises:
            UsageError: no such file, no TOML, or a key or value that means nothing; the message names it.
        """
        raw = read_settings(path)
        try:
            return cls.from_dict(raw)
        except UsageError as error:
            raise UsageError(f"{os.fspath(path)}: {error}") from error


class Budget:
    """What is left of the limits: a hard total for the tree, and an allowance for the artifact being looked at.

    Whoever spends more than is left gets `BudgetSpent`; the budget then latches, so that a parser which swallows the
    exception is caught by the guard afterwards.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self.work = 0
        self.expanded = 0
        self.children = 0
        self.latched: BudgetSpent | None = None
        self._work_stop = limits.work
        self._expanded_stop = limits.expanded_bytes
        self._clock = clock
        self._deadline = clock() + limits.seconds
        self._next_look = 0

    def spend(self, units: int) -> None:
        """Charge work done.

        Raises:
            BudgetSpent: the artifact's or the scan's work is used up, or the clock ran out.
        """
        if self.latched is not None:
            raise self.latched
        if units > 0:
            self.work += units
        if self.work > self._work_stop:
            self._stop("work", total=self.work > self.limits.work)
        if self.work >= self._next_look:
            self._next_look = self.work + _CLOCK_EVERY
            if self._clock() > self._deadline:
                self._stop("seconds", total=True)

    def expand(self, size: int) -> None:
        """Charge bytes that came out of a decompressor or decoder, and the work of streaming them.

        Raises:
            BudgetSpent: too many bytes for this artifact or for the scan.
        """
        self.expanded += size
        if self.expanded > self._expanded_stop:
            self._stop("expanded", total=self.expanded > self.limits.expanded_bytes)
        self.spend(size)

    def child(self) -> bool:
        """Count one more artifact; false when the tree has as many as it may."""
        if self.children >= self.limits.children:
            return False
        self.children += 1
        return True

    @contextmanager
    def allowance(self, kept: int = 2) -> Iterator[None]:
        """Within this block, one part in `kept` of what remains is kept for those who come after; blocks may nest.

        An artifact leaves half of the scan's work to the others, an analyzer a quarter of its artifact's.
        """
        stops = self._work_stop, self._expanded_stop
        self._work_stop -= max(self._work_stop - self.work, 0) // kept
        self._expanded_stop -= max(self._expanded_stop - self.expanded, 0) // kept
        try:
            yield
        finally:
            self._work_stop, self._expanded_stop = stops
            if self.latched is not None and not self.latched.total:
                self.latched = None

    def _stop(self, resource: str, *, total: bool) -> None:
        self.latched = BudgetSpent(resource, total=total)
        raise self.latched
