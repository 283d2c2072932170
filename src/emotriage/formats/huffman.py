"""Prefix codes over bits that come highest first, as RAR and LHA write them."""

from collections.abc import Iterator, Sequence

from emotriage.model.errors import Malformed

_BEHIND = 16
"""Zero bytes that a decoder may look at behind the end of its input."""

Table = tuple[int, list[int]]
"""Bits of the longest word, and for every value of so many bits ``symbol << 5 | bits of its word``, or -1."""


def prefix_table(lengths: Sequence[int]) -> Table:
    """The canonical code with these lengths, by symbol; codes that nobody wrote are an error where they are met.

    Raises:
        Malformed: there are more codes than bits can tell apart.
    """
    width = max(lengths, default=0)
    entries: list[int] = []
    for length, symbol in sorted((length, symbol) for symbol, length in enumerate(lengths) if length):
        entries += [symbol << 5 | length] * (1 << (width - length))
    if len(entries) > 1 << width:
        raise Malformed("prefix code with too many words")
    return width, entries + [-1] * ((1 << width) - len(entries))


def lone_symbol(symbol: int) -> Table:
    """A code of one symbol that takes no bits."""
    return 0, [symbol << 5]


class Bits:
    """The bits of a stream.

    Attributes:
        used: how many were taken.
    """

    __slots__ = ("_at", "_count", "_held", "_left", "_raw", "_source", "used")

    def __init__(self, source: Iterator[bytes]) -> None:
        self._source = source
        self._raw = b""
        self._at = self._held = self._count = self.used = 0
        self._left = _BEHIND

    def take(self, count: int) -> int:
        """The next bits, at most 40, as a number."""
        while self._count < count:
            self._fill()
        self._count -= count
        self.used += count
        value = self._held >> self._count
        self._held &= (1 << self._count) - 1
        return value

    def symbol(self, table: Table) -> int:
        """The next symbol of a code.

        Raises:
            Malformed: no word of the code begins so.
        """
        width, entries = table
        while self._count < width:
            self._fill()
        entry = entries[self._held >> (self._count - width)]
        if entry < 0:
            raise Malformed("bits that are no word of their code")
        used = entry & 31
        self._count -= used
        self.used += used
        self._held &= (1 << self._count) - 1
        return entry >> 5

    def align(self) -> None:
        """Go on at the next whole byte."""
        self.take(-self.used % 8)

    def _fill(self) -> None:
        piece = self._raw[self._at : self._at + 6]
        if not piece:
            self._raw = next(self._source, b"")
            self._at = 0
            piece = self._raw[:6]
            if not piece:
                piece = bytes(min(6, self._left))
                self._left -= len(piece)
                if not piece:
                    raise Malformed("packed content breaks off")
                self._at = -6
        self._at += 6
        self._held = self._held << 8 * len(piece) | int.from_bytes(piece, "big")
        self._count += 8 * len(piece)
