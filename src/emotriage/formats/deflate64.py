"""Deflate64, which only ZIP and 7z know (APPNOTE.TXT 4.4.5): Deflate with a window of 64 KiB and longer matches."""

from collections.abc import Iterator, Sequence

from emotriage.model.errors import Malformed
from emotriage.model.limits import RECORD, Budget

_WINDOW, _KEPT = 64 << 10, 1 << 20
_CHUNK, _SYMBOL = 2048, 250
_SPARE = 8
_ORDER = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)
_LENGTH_BITS = (*[0] * 8, *(extra for extra in range(1, 6) for _ in range(4)), 16)
_LENGTHS = [*(3 + sum(1 << extra for extra in _LENGTH_BITS[:slot]) for slot in range(28)), 3]
_DISTANCE_BITS = (0, 0, *(extra for extra in range(15) for _ in range(2)))
_DISTANCES = [1 + sum(1 << extra for extra in _DISTANCE_BITS[:slot]) for slot in range(32)]
_FIXED = [8] * 144 + [9] * 112 + [7] * 24 + [8] * 8

_Table = tuple[int, list[int]]
"""Bits of the longest word, and by so many bits ``symbol << 4 | bits of its word``, or -1."""


def inflate64(source: Iterator[bytes], budget: Budget) -> Iterator[bytes]:
    """The content of a stream, in chunks.

    Raises:
        Malformed: it breaks off or contradicts the format.
    """
    bits, out, given = _Bits(source), bytearray(), 0
    last = False
    while not last:
        budget.spend(RECORD)
        last = bool(bits.take(1))
        sort = bits.take(2)
        if sort == 3:
            raise Malformed("Deflate64 block")
        steps = _stored(bits, out) if sort == 0 else _packed(bits, out, *_tables(bits, budget, fixed=sort == 1), budget)
        for _ in steps:
            yield bytes(out[given:])
            given = len(out)
            if given > _KEPT:
                del out[: given - _WINDOW]
                given = _WINDOW
    bits.finish()


def _stored(bits: "_Bits", out: bytearray) -> Iterator[None]:
    bits.align()
    length = bits.take(16)
    if bits.take(16) != length ^ 0xFFFF:
        raise Malformed("Deflate64 block")
    out += bytes(bits.take(8) for _ in range(length))
    yield


def _tables(bits: "_Bits", budget: Budget, *, fixed: bool) -> tuple[_Table, _Table]:
    if fixed:
        return _table(_FIXED), _table([5] * 32)
    literals, distances, count = bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4
    pre = [0] * 19
    for place in _ORDER[:count]:
        pre[place] = bits.take(3)
    table = _table(pre)
    lengths: list[int] = []
    while len(lengths) < literals + distances:
        symbol = bits.symbol(table)
        if symbol < 16:
            lengths.append(symbol)
            continue
        if symbol == 16 and not lengths:
            raise Malformed("Deflate64 code lengths")
        run = bits.take(2) + 3 if symbol == 16 else bits.take(3) + 3 if symbol == 17 else bits.take(7) + 11
        lengths += [lengths[-1] if symbol == 16 else 0] * run
    found = _table(lengths[:literals]), _table(lengths[literals : literals + distances])
    budget.spend(RECORD * (literals + distances) // 4 + sum(len(entries) for _, entries in found) // 4)
    return found


def _packed(bits: "_Bits", out: bytearray, main: _Table, far: _Table, budget: Budget) -> Iterator[None]:
    while True:
        budget.spend(_SYMBOL * _CHUNK)
        for _ in range(_CHUNK):
            symbol = bits.symbol(main)
            if symbol < 256:
                out.append(symbol)
                continue
            if symbol == 256:
                yield
                return
            if symbol > 285:
                raise Malformed("Deflate64 match")
            length = _LENGTHS[symbol - 257] + bits.take(_LENGTH_BITS[symbol - 257])
            slot = bits.symbol(far)
            distance = _DISTANCES[slot] + bits.take(_DISTANCE_BITS[slot])
            if distance > len(out):
                raise Malformed("Deflate64 match")
            start = len(out) - distance
            if distance >= length:
                out += out[start : start + length]
            else:
                out += (out[start:] * (length // distance + 1))[:length]
            if length > 258:
                budget.spend(length)
        yield


class _Bits:
    """The bits of a stream, lowest first."""

    __slots__ = ("_at", "_count", "_held", "_raw", "_source", "_spare")

    def __init__(self, source: Iterator[bytes]) -> None:
        self._source = source
        self._raw = b""
        self._at = self._held = self._count = 0
        self._spare = _SPARE

    def take(self, count: int) -> int:
        """The next bits as a number."""
        while self._count < count:
            self._fill()
        value = self._held & (1 << count) - 1
        self._held >>= count
        self._count -= count
        return value

    def symbol(self, table: _Table) -> int:
        """The next symbol of a code."""
        width, entries = table
        while self._count < width:
            self._fill()
        entry = entries[self._held & (1 << width) - 1]
        if entry < 0:
            raise Malformed("Deflate64 bits that are no word of their code")
        used = entry & 15
        self._held >>= used
        self._count -= used
        return entry >> 4

    def align(self) -> None:
        """Go on at the next whole byte."""
        self.take(self._count % 8)

    def finish(self) -> None:
        """Nothing more is needed: was all of it there?"""
        if self._count < 8 * (_SPARE - self._spare):
            raise Malformed("a Deflate64 stream breaks off")

    def _fill(self) -> None:
        piece = self._raw[self._at : self._at + 6]
        self._at += 6
        if not piece:
            self._raw, self._at = next(self._source, b""), 6
            piece = self._raw[:6]
            if not piece:
                self._spare -= 1
                if self._spare < 0:
                    raise Malformed("a Deflate64 stream breaks off")
                piece = b"\0"  # a table may look further than the stream goes
        self._held |= int.from_bytes(piece, "little") << self._count
        self._count += 8 * len(piece)


def _table(lengths: Sequence[int]) -> _Table:
    """The canonical code with these lengths, by its bits as they come.

    Raises:
        Malformed: there are more words than bits can tell apart.
    """
    width = max(lengths)
    entries = [-1] * (1 << width)
    code = before = 0
    for length, symbol in sorted((length, symbol) for symbol, length in enumerate(lengths) if length):
        code <<= length - before
        before = length
        if code >> length:
            raise Malformed("Deflate64 code with too many words")
        turned = int(f"{code:0{length}b}"[::-1], 2)
        entries[turned :: 1 << length] = [symbol << 4 | length] * (1 << (width - length))
        code += 1
    return width, entries
