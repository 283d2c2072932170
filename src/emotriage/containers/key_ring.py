"""Candidates for the locks of one archive, each with the keys that it gave; what fitted once is tried first."""

from collections.abc import Callable
from typing import Generic, TypeVar

from emotriage.formats.office_crypto import KeyWork
from emotriage.model.analyzer import Subject
from emotriage.model.passwords import Password

K = TypeVar("K")
T = TypeVar("T")
_ROUND = 4
"""Work units of one round."""


class KeyRing(Generic[K]):
    """The candidates of an artifact, held to the rounds of key derivation that it may cost.

    Attributes:
        tried: candidates that were tried on the names.
    """

    def __init__(self, subject: Subject, make: Callable[[str, Callable[[int], bool]], K]) -> None:
        """All candidates; `make` has the keys of one from it and from what is asked before rounds are spent."""
        self.tried = 0
        self._work = KeyWork.of(subject.budget)
        self._budget = subject.budget
        candidates = subject.passwords.attempts(subject.name, subject.limits.passwords)
        self._keys = [(make(one.value, self._afford), one) for one in candidates]

    def candidates(self) -> list[tuple[K, Password]]:
        """All of them, in the order in which they are tried."""
        return list(self._keys)

    def fits(self, keys: K, password: Password) -> None:
        """That one opened something."""
        self._keys.remove((keys, password))
        self._keys.insert(0, (keys, password))

    def first(self, opens: Callable[[K], T | None]) -> tuple[T, Password] | None:
        """What the first candidate that fits opens."""
        for keys, password in self.candidates():
            self.tried += 1
            if (found := opens(keys)) is not None:
                self.fits(keys, password)
                return found, password
        return None

    def _afford(self, rounds: int) -> bool:
        if rounds > self._work.left:
            return False
        self._work.left -= rounds
        self._budget.spend(rounds * _ROUND)
        return True
