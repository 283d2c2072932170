"""Which members of a ZIP archive are unpacked when they share bytes: the work stays linear in the archive's size."""

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass

from emotriage.formats.file_name import read_file_name
from emotriage.formats.zip import Archive, Member

_LAYERS = 4
"""How often one byte may be unpacked."""
_NAMES = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """What is unpacked of an archive.

    Attributes:
        members: in the archive's order.
        left: those that share their bytes with too many others.
        bomb: the members' packed sizes add up to several times the bytes that they share.
    """

    members: tuple[Member, ...]
    left: tuple[Member, ...]
    bomb: bool


def choose(archive: Archive, files: Iterable[Member]) -> Choice:
    """Take every member once, and no byte more than four times.

    Of the names for the very same bytes two count, and more only where they say that opening them runs something. Of
    members that overlap the outermost comes first, then the smallest.
    """
    distinct: list[Member] = []
    names: dict[tuple[int, int, int, bool], set[str]] = {}
    declared = 0
    for member in files:
        start, end = _span(archive, member)
        declared += end - start
        known = names.setdefault((member.data, member.packed, member.method, member.encrypted), set())
        if member.name not in known and (len(known) < _NAMES or read_file_name(member.name).active):
            known.add(member.name)
            distinct.append(member)
    spans = [_span(archive, member) for member in distinct]
    layers = [_Layer() for _ in range(_LAYERS)]
    late = [
        one
        for one in sorted(range(len(spans)), key=lambda one: _outermost(spans[one]))
        if not layers[0].take(spans[one])
    ]
    late.sort(key=lambda one: (spans[one][1] - spans[one][0], one))
    left = {one for one in late if not any(layer.take(spans[one]) for layer in layers[1:])}
    return Choice(
        tuple(member for index, member in enumerate(distinct) if index not in left),
        tuple(member for index, member in enumerate(distinct) if index in left),
        bomb=declared > _LAYERS * _covered(spans),
    )


def _covered(spans: Iterable[tuple[int, int]]) -> int:
    """Bytes that belong to any member; filler around them does not count."""
    total = reached = 0
    for start, end in sorted(spans):
        total += max(end - max(start, reached), 0)
        reached = max(reached, end)
    return total


class _Layer:
    """Stretches of the archive that do not overlap."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int]] = []

    def take(self, span: tuple[int, int]) -> bool:
        """Add a stretch, or return False when one that is there shares bytes with it."""
        start, end = span
        if start == end:
            return True
        index = bisect_left(self._spans, (end, 0))
        if index and self._spans[index - 1][1] > start:
            return False
        insort(self._spans, span)
        return True


def _outermost(span: tuple[int, int]) -> tuple[int, int]:
    return span[0], -span[1]


def _span(archive: Archive, member: Member) -> tuple[int, int]:
    """Where its packed bytes are, as far as they are there."""
    if member.data < 0:
        return 0, 0
    return member.data, max(min(member.end, archive.blob.size), member.data)
