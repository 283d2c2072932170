"""Candidate passwords, in the order they are tried, each with where it came from."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

Source = Literal["caller", "mail-text", "macro", "file-name", "well-known"]

WELL_KNOWN = (
    "VelvetSweatshop",  # what Excel itself tries ([MS-OFFCRYPTO] 2.4.2.3 and 2.3.4)
    "infected", "1234", "password", "12345", "123456", "0000", "1111", "123", "malware", "virus", "abc123", "test",
)  # fmt: skip
"""Passwords that everybody knows: programs try them by themselves, or they are customary."""

_WORDS = re.compile(r"[^\W_]{3,64}")
_DIGITS = re.compile(r"\d{3,32}")
_FROM_NAME = 8
_LONGEST = 255


@dataclass(frozen=True, slots=True)
class Password:
    """A candidate; its value is never shown, its source is.

    Attributes:
        value: the password itself.
        source: ``caller``, ``mail-text``, ``macro``, ``file-name`` or ``well-known``.
    """

    value: str = field(repr=False)
    source: Source = "caller"


@dataclass(frozen=True, slots=True)
class Passwords:
    """An ordered set of candidates that travels down the tree."""

    candidates: tuple[Password, ...] = ()

    @classmethod
    def of(cls, values: Iterable[str], source: Source = "caller") -> "Passwords":
        """Candidates from plain strings, first seen first."""
        return cls(tuple(Password(value, source) for value in dict.fromkeys(values)))

    @classmethod
    def from_name(cls, name: str) -> "Passwords":
        """Candidates that a file's own name spells: its stem, words and numbers in it, full-width forms folded."""
        folded = unicodedata.normalize("NFKC", name).replace("\\", "/").rpartition("/")[2]
        stem = folded.rpartition(".")[0] or folded
        found = [stem, *_DIGITS.findall(stem), *_WORDS.findall(stem)]
        return cls.of([one for one in dict.fromkeys(found) if len(one) <= _LONGEST][:_FROM_NAME], "file-name")

    def attempts(self, name: str, limit: int) -> tuple[Password, ...]:
        """What is tried on one encrypted artifact, in order: these candidates, its name's, the well-known ones.

        Args:
            name: of the artifact.
            limit: candidates at most; see `Limits.passwords`. What is longer than any program takes is left out.
        """
        all_ = self.plus(Passwords.from_name(name)).plus(Passwords.of(WELL_KNOWN, "well-known"))
        return tuple(one for one in all_ if one.value and len(one.value) <= _LONGEST)[:limit]

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
    """Yielded when a password opened an artifact: where the password came from.

    Attributes:
        source: of the `Password`.
        artifact: that was opened.
        value: the password, kept out of every report unless one asks for it; empty for the caller's own.
    """

    source: str
    artifact: int = 0
    value: str = field(default="", repr=False)

    @classmethod
    def by(cls, password: Password) -> "Opened":
        """The event for a candidate that opened the artifact being looked at."""
        return cls(password.source, value="" if password.source == "caller" else password.value)
