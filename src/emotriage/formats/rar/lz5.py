"""How RAR 5 packs: blocks of matches and literals behind four prefix codes, and filters between them.

The form is that of RAR 5.0 and, with more distances, of RAR 7 (compression versions 0 and 1 of the file header).
"""

from collections.abc import Iterator
from functools import partial

from emotriage.formats.huffman import Bits, Table, prefix_table
from emotriage.formats.rar.filters import arm, delta, x86
from emotriage.formats.rar.window import Filter, Window
from emotriage.model.errors import Malformed, Unsupported
from emotriage.model.limits import MIB, RECORD, Budget

_MAIN, _LOW, _REPEAT = 306, 16, 44
_DISTANCES = (64, 80)
_PRE = 20
_CHUNK, _SYMBOL = 2048, 200
"""Symbols at a time, and the work of each."""
_OVERHANG = 4 * MIB
_FILTERED = 4 * MIB
_SPACE = 1 << 24
_CHEAP, _DEAR = 2, 60


class Lz5:
    """Unpacks the members of a solid archive one after another, or a single one."""

    def __init__(self, size: int, version: int, budget: Budget) -> None:
        """An empty window of `size` bytes; `version` is that of the compression, 0 or 1."""
        self._budget = budget
        self._slots = _DISTANCES[version]
        self._window = Window(size, budget)
        self._tables: list[Table] = []
        self._recent = [0, 0, 0, 0]
        self._length = 0

    def unpack(self, source: Iterator[bytes], size: int) -> Iterator[bytes]:
        """A member in chunks, all that its blocks hold; what is far behind `size` is not asked for.

        Raises:
            Malformed: a block contradicts the format.
            Unsupported: it refers further back than is kept.
        """
        bits, window = Bits(source), self._window
        window.begin()
        last = False
        while not last and window.member <= size + _OVERHANG:
            self._budget.spend(RECORD)
            begin, end, last = self._block(bits)
            while bits.used < end:
                self._symbols(bits, end)
                yield from window.ready()
                if window.member > size + _OVERHANG:
                    break
            if bits.used > end:
                raise Malformed("RAR block that is longer than it says")
            while not last and bits.used < begin:
                bits.take(min(begin - bits.used, 32))
        yield from window.ready(ended=True)

    def _block(self, bits: Bits) -> tuple[int, int, bool]:
        """Where the next block begins, where this one's bits end, and whether it is the last."""
        flags, check = bits.take(8), bits.take(8)
        width = (flags >> 3 & 3) + 1
        raw = bits.take(8 * width) if width < 4 else 0
        size = int.from_bytes(raw.to_bytes(width, "big"), "little")
        if width == 4 or 0x5A ^ flags ^ size & 0xFF ^ size >> 8 & 0xFF ^ size >> 16 != check:
            raise Malformed("RAR block header")
        begin = bits.used
        if flags & 0x80:
            self._read_tables(bits)
        if not self._tables:
            raise Malformed("RAR block without its codes")
        return begin + 8 * size, begin + 8 * (size - 1) + (flags & 7) + 1, bool(flags & 0x40)

    def _read_tables(self, bits: Bits) -> None:
        sizes = (_MAIN, self._slots, _LOW, _REPEAT)
        pre = prefix_table(pre_lengths(bits))
        total = sum(sizes)
        lengths: list[int] = []
        while len(lengths) < total:
            symbol = bits.symbol(pre)
            if symbol < 16:
                lengths.append(symbol)
                continue
            run = bits.take(7) + 11 if symbol & 1 else bits.take(3) + 3
            if symbol < 18 and not lengths:
                raise Malformed("RAR code lengths")
            lengths += [lengths[-1] if symbol < 18 else 0] * run
        self._tables = []
        at = 0
        for size in sizes:
            self._tables.append(prefix_table(lengths[at : min(at + size, total)]))
            at += size
        self._budget.spend(RECORD * total // 4 + sum(len(entries) for _, entries in self._tables) // 4)

    def _symbols(self, bits: Bits, end: int) -> None:
        """A few literals and matches, at most up to the end of the block."""
        self._budget.spend(_SYMBOL * min(_CHUNK, end - bits.used))
        main, _, _, repeat = self._tables
        window, out, recent = self._window, self._window.out, self._recent
        symbol = bits.symbol
        for _ in range(_CHUNK):
            if bits.used >= end:
                return
            slot = symbol(main)
            if slot < 256:
                out.append(slot)
                continue
            if slot == 256:
                self._filter(bits)
                continue
            if slot >= 262:
                length = _length(bits, slot - 262)
                distance = self._distance(bits)
                length += (distance > 0x100) + (distance > 0x2000) + (distance > 0x40000)
                recent.insert(0, distance)
                recent.pop()
            elif slot == 257:
                if not self._length:
                    continue
                length, distance = self._length, recent[0]
            else:
                distance = recent.pop(slot - 258)
                recent.insert(0, distance)
                length = _length(bits, symbol(repeat))
            self._length = length
            window.copy(distance, length)

    def _distance(self, bits: Bits) -> int:
        _, distances, low, _ = self._tables
        slot = bits.symbol(distances)
        if slot < 4:
            return 1 + slot
        extra = slot // 2 - 1
        distance = 1 + ((2 | slot & 1) << extra)
        if extra < 4:
            return distance + bits.take(extra)
        return distance + (bits.take(extra - 4) << 4) + bits.symbol(low)

    def _filter(self, bits: Bits) -> None:
        start, length = _number(bits), _number(bits)
        sort = bits.take(3)
        if not 0 < length <= _FILTERED:
            raise Malformed("RAR filter")
        function: Filter
        cost = _CHEAP
        if sort == 0:
            channels = bits.take(5) + 1
            function, cost = partial(_delta, channels=channels), _DEAR
        elif sort in (1, 2):
            function = partial(x86, jumps=sort == 2, wrap=_SPACE)
        elif sort == 3:
            function = arm
        else:
            raise Unsupported(f"RAR filter {sort}")
        self._window.add(start, length, function, cost)


def pre_lengths(bits: Bits) -> list[int]:
    """Lengths of the code that the lengths of the others are written in."""
    lengths: list[int] = []
    while len(lengths) < _PRE:
        length = bits.take(4)
        if length == 15 and (zeros := bits.take(4)):
            lengths += [0] * (zeros + 2)
        else:
            lengths.append(length)
    return lengths[:_PRE]


def _delta(data: bytes, _: int, *, channels: int) -> bytes:
    return delta(data, channels)


def _length(bits: Bits, slot: int) -> int:
    if slot < 8:
        return 2 + slot
    extra = slot // 4 - 1
    return 2 + ((4 | slot & 3) << extra) + bits.take(extra)


def _number(bits: Bits) -> int:
    width = bits.take(2) + 1
    return int.from_bytes(bits.take(8 * width).to_bytes(width, "big"), "little")
