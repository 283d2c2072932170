"""The one way to extend emotriage: a function that looks at a `Subject` and yields what it found."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from emotriage.model.blob import Blob
from emotriage.model.finding import Finding, Rule
from emotriage.model.indicator import Indicator
from emotriage.model.limits import Budget, Limits
from emotriage.model.passwords import Opened, Passwords
from emotriage.model.spool import Spooled
from emotriage.model.step import Recovered, Step

API_VERSION = 1
"""Raised when `Subject`, `Child` or `analyzer` change in a way that breaks plugins."""

View = TypeVar("View")
Stream = Callable[[Budget], Iterator[bytes]]
"""Opens a child's bytes, in chunks, when its turn comes; raises `FormatError` where they can't be read."""


@dataclass(frozen=True, slots=True)
class Child:
    """Something inside the artifact, to be looked at next.

    Attributes:
        name: as the container gives it; from the input, so never trusted.
        content: a blob, plain bytes, or a function that streams them when its turn comes (nothing is unpacked before);
            or what was spooled already, because it had to be read to its end.
        passwords: candidates that this child and what is in it may try, beside those of its parent.
        beside: the container as it was read, for who has to know what else it holds; nobody reads it until then.
    """

    name: str
    content: Blob | bytes | Stream | Spooled = field(repr=False)
    passwords: Passwords = field(default_factory=Passwords)
    beside: object = field(default=None, repr=False, compare=False)


@dataclass(slots=True)
class Subject:
    """What an analyzer sees: the bytes, what they are, and the budget that all of the scan shares.

    Attributes:
        blob: the bytes.
        kind: what `identify` says they are, such as ``ole`` or ``lnk``.
        name: what the container or the caller calls them.
        budget: spend what you do; it stops you in time.
        passwords: candidates from the caller, and from what this is inside of.
        end: where the format says its own content ends, or None; what lies behind is an overlay.
        beside: the container that this came out of, as it was read, where its reader hands it on.
    """

    blob: Blob
    kind: str
    name: str
    budget: Budget
    passwords: Passwords = field(default_factory=Passwords)
    end: int | None = None
    beside: object = field(default=None, repr=False)
    _views: dict[object, tuple[object, BaseException | None]] = field(default_factory=dict, repr=False)

    @property
    def limits(self) -> Limits:
        """The limits of the scan."""
        return self.budget.limits

    def view(self, parse: Callable[[Blob, Budget], View]) -> View:
        """Parse once and share: all analyzers of this subject get the same object, or the same exception.

        Args:
            parse: a module-level parser ``(blob, budget) -> view``.

        Raises:
            FormatError: what `parse` raised, each time anew.
        """
        if parse not in self._views:
            try:
                self._views[parse] = (parse(self.blob, self.budget), None)
            except Exception as error:
                self._views[parse] = (None, error)
                raise
        value, failure = self._views[parse]
        if failure is not None:
            raise failure
        return value  # type: ignore[return-value]  # stored under the function that returned it


Found = Finding | Indicator | Child | Opened | Step | Recovered | Passwords
"""What an analyzer yields; passwords are for what is in the artifact, and for what comes after it in its container."""
Run = Callable[[Subject], Iterator[Found]]


@dataclass(frozen=True, slots=True)
class Analyzer:
    """An analyzer by name: which kinds it wants, which rules it brings, and the function itself."""

    name: str
    kinds: frozenset[str]
    rules: tuple[Rule, ...]
    run: Run
    api: int = API_VERSION


def analyzer(name: str, *, kinds: Iterable[str], rules: Iterable[Rule] = ()) -> Callable[[Run], Analyzer]:
    r"""Declare a generator function to be an analyzer.

    Args:
        name: unique among those installed; verdicts name it.
        kinds: kinds of artifact it wants, as in the table of kinds; ``"*"`` is every kind.
        rules: rules that the built-in catalogue does not have.

    Example::

        @analyzer("rtf-update", kinds={"rtf"}, rules=[OBJECT])
        def ANALYZER(subject):
            for at, window in subject.blob.windows(overlap=16):
                if (found := window.find(b"\\objupdate")) >= 0:
                    yield OBJECT(Evidence("\\objupdate", offset=at + found))
    """

    def declare(run: Run) -> Analyzer:
        return Analyzer(name, frozenset(kinds), tuple(rules), run)

    return declare
