"""What a RAR unpacker has written: the window that matches refer to, and the filters that content goes through."""

from collections.abc import Callable, Iterator

from emotriage.model.errors import Malformed, Unsupported
from emotriage.model.limits import MIB, Budget

Filter = Callable[[bytes, int], bytes]
"""(part of the content, where in its member it begins) to what it was before it was packed."""

_LARGEST = 64 * MIB
_STEP = MIB
_FILTERS = 8192


class Window:
    """Bytes that came out, of all members of a solid archive in a row.

    Attributes:
        out: what is still referred to.
        member: bytes that came out of the member so far.
    """

    def __init__(self, size: int, budget: Budget) -> None:
        self._size = min(size, _LARGEST)
        self._claimed = size
        self._budget = budget
        self.out = bytearray()
        self._gone = 0
        self._begin = 0
        self._written = 0
        self._charged = 0
        self._filters: list[tuple[int, int, Filter, int]] = []

    @property
    def member(self) -> int:
        """Bytes that came out of the member so far."""
        return self._gone + len(self.out) - self._begin

    def begin(self) -> None:
        """The next member begins."""
        self._begin = self._written = self._charged = self._gone + len(self.out)
        self._filters.clear()

    def copy(self, distance: int, length: int) -> None:
        """Repeat what stands so far back.

        Raises:
            Malformed: that is before the beginning.
            Unsupported: that is further back than is kept.
        """
        out = self.out
        if not 0 < distance <= min(len(out), self._size):
            if 0 < distance <= min(self._gone + len(out), self._claimed):
                raise Unsupported("RAR dictionary of more than 64 MiB")
            raise Malformed("RAR match before the beginning")
        start = len(out) - distance
        if distance >= length:
            out += out[start : start + length]
        else:
            out += (out[start:] * (length // distance + 1))[:length]

    def add(self, start: int, length: int, function: Filter, cost: int) -> None:
        """A filter for a part of the member that begins so far behind what came out; `cost` is work for each byte."""
        begin = self._gone + len(self.out) + start
        last = self._filters[-1] if self._filters else (0, 0)
        if not length or (begin < last[0] + last[1] and (begin, length) != last[:2]):
            raise Malformed("RAR filters over one another")
        if len(self._filters) >= _FILTERS:
            raise Malformed("too many RAR filters")
        self._filters.append((begin, length, function, cost))

    def ready(self, *, ended: bool = False) -> Iterator[bytes]:
        """What can be handed on, through its filters; what is no longer referred to is let go."""
        produced = self._gone + len(self.out)
        self._budget.spend(produced - self._charged)
        self._charged = produced
        while self._filters:
            begin, length = self._filters[0][:2]
            if begin + length > produced:
                if ended:
                    raise Malformed("RAR filter behind the end")
                if begin > self._written:
                    yield from self._plain(min(begin, produced))
                break
            yield from self._plain(begin)
            part = self._part(begin, begin + length)
            while self._filters and self._filters[0][:2] == (begin, length):
                _, _, function, cost = self._filters.pop(0)
                self._budget.spend(cost * length)
                part = function(part, begin - self._begin)
            self._written = begin + length
            yield part
        else:
            yield from self._plain(produced)
        spare = min(len(self.out) - self._size, self._written - self._gone)
        if spare > _STEP:
            del self.out[:spare]
            self._gone += spare

    def _plain(self, stop: int) -> Iterator[bytes]:
        if stop > self._written:
            yield self._part(self._written, stop)
            self._written = stop

    def _part(self, begin: int, stop: int) -> bytes:
        return bytes(self.out[begin - self._gone : stop - self._gone])
