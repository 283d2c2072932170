"""`Progress`: what a caller may watch while scans run; none of it is part of a verdict."""

from dataclasses import dataclass
from typing import Literal

What = Literal["started", "artifact", "finished", "worker-replaced"]


@dataclass(frozen=True, slots=True)
class Progress:
    """One thing that happened.

    Attributes:
        name: of the input that is scanned.
        what: ``started``, ``artifact`` (one was begun), ``finished``, or ``worker-replaced`` (it died or was worn out).
        artifact: its number, for ``artifact``.
        kind: what it is, for ``artifact``.
        seconds: since the scan started.
    """

    name: str
    what: What
    artifact: int | None = None
    kind: str = ""
    seconds: float = 0.0
