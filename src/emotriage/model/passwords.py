"""Candidate passwords, in the order they are tried, each with where it came from."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Password:
    """A candidate; its value is never shown, its source is.

    Attributes:
        value: the password itself.
        source: ``caller``, ``mail-text``, ``file-name`` or ``well-known``.
    """

    value: str = field(repr=False)
    source: str = "caller"


@dataclass(frozen=True, slots=True)
class Passwords:
    """An ordered set of candidates that travels down the tree."""

    candidates: tuple[Password, ...] = ()

    @classmethod
    def of(cls, values: Iterable[str], source: str = "caller") -> "Passwords":
        """Candidates from plain strings, first seen first."""
        return cls(tuple(Password(value, source) for value in dict.fromkeys(values)))

    def plus(self, others: "Passwords") -> "Passwords":
        """These candidates, then the others that are new."""
        known = {one.value for one in self.candidates}
        return Passwords(self.candidates + tuple(one for one in others.candidates if one.value not in known))

    def __iter__(self) -> Iterator[Password]:
        return iter(self.candidates)

    def __len__(self) -> int:
        return len(self.candidates)


@dataclass(frozen=True, slots=True)
class Opened:
    """Yielded when a password opened an artifact: where the password came from, not what it is."""

    source: str
    artifact: int = 0
