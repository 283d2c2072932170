"""The same bytes, met again elsewhere in the tree, are not looked at twice: the verdict points at the first place.

That may cost no finding and no point. So the first place must have been looked at to its end, with all that is in it
and without a gap; what the name decides must be decided alike; and whatever counts on the way to the copy must count on
the way to the first as well, because a score is that of a path.
"""

import re
from collections.abc import Iterable, Iterator

from emotriage.model.finding import Finding
from emotriage.model.verdict import Artifact, Event

_FIRSTS = 8
"""Places of the same bytes that are kept in mind: their ways differ."""
_FOLDERS = re.compile(r"[/\\]")

_Said = tuple[object, ...]


class Repeats:
    """What one scan has seen so far."""

    def __init__(self, *, by_name: bool) -> None:
        """Begin with nothing.

        Args:
            by_name: somebody may ask for all of a name; else what stands in front of its first dot decides nothing.
        """
        self._by_name = by_name
        self._parents: dict[int, int | None] = {}
        self._said: dict[int, set[_Said]] = {}
        self._gaps: set[int] = set()
        self._firsts: dict[tuple[object, ...], list[int]] = {}

    def note(self, event: Event) -> None:
        """Take in what the walk says, in its order."""
        if isinstance(event, Artifact):
            self._parents[event.id] = event.parent
            self._said[event.id] = set()
        elif isinstance(event, Finding):
            self._said[event.artifact].add(_weight(event))
            if event.incomplete:
                self._gaps.update(self._way(event.artifact))

    def remember(self, artifact: Artifact) -> None:
        """Keep in mind that an artifact is looked at from here on, and that nothing but its bytes and name decides."""
        if artifact.sha256 is not None:
            firsts = self._firsts.setdefault(self._identity(artifact), [])
            firsts[:] = [*(one for one in firsts if one not in self._gaps), artifact.id][-_FIRSTS:]

    def first(self, artifact: Artifact, named: Iterable[Event]) -> int | None:
        """The artifact that was looked at and stands for this one, or None.

        Args:
            artifact: not looked at so far.
            named: what its name alone says of it.
        """
        way = set(self._way(artifact.parent))
        own = {_weight(one) for one in named if isinstance(one, Finding)}
        for one in self._firsts.get(self._identity(artifact), ()):
            if one in self._gaps or one in way:
                continue
            counted: set[_Said] = set().union(*(self._said[each] for each in self._way(one)))
            if own <= counted and all(self._said[each] <= counted for each in way):
                return one
        return None

    def is_known(self, artifact: Artifact) -> bool:
        """True when these bytes were met before."""
        return self._identity(artifact) in self._firsts

    def _identity(self, artifact: Artifact) -> tuple[object, ...]:
        name = artifact.name if self._by_name else _FOLDERS.split(artifact.name)[-1].partition(".")[2].lower()
        return artifact.sha256, artifact.size, artifact.kind, name

    def _way(self, artifact: int | None) -> Iterator[int]:
        """An artifact and all it is inside of."""
        while artifact is not None:
            yield artifact
            artifact = self._parents[artifact]


def _weight(finding: Finding) -> _Said:
    """All of a finding that scores it."""
    return finding.rule, finding.severity, finding.confidence, finding.traits, finding.incomplete
