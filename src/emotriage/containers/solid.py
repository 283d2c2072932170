"""Files that lie one after another in a stream that is unpacked once for all of them."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from emotriage.catalogue import archive as rules
from emotriage.model.analyzer import Child, Found
from emotriage.model.finding import Evidence
from emotriage.model.passwords import Passwords
from emotriage.model.spool import Spooled

EVIDENCE = 64
"""Members named in one finding."""


class Part(Protocol):
    """A file by its place in the stream."""

    @property
    def name(self) -> str:
        """As the archive gives it."""

    @property
    def offset(self) -> int:
        """Where it begins."""

    @property
    def size(self) -> int:
        """Bytes."""


def parts_of(content: Spooled, inside: Sequence[Part], passwords: Passwords | None = None) -> Iterator[Found]:
    """Each file as a child, and a gap for those that the stream does not reach or that its end may have damaged."""
    reached = content.blob.size
    broken = [one for one in inside if one.offset + one.size > reached - (content.failure is not None)]
    if broken:
        why = str(content.failure) if content.failure is not None else "behind the end of its stream"
        yield rules.DAMAGED(*(Evidence(one.name, where=why) for one in broken[:EVIDENCE]))
    for one in inside:
        yield Child(one.name, content.blob.slice(one.offset, one.size), passwords or Passwords())
