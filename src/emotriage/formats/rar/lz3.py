"""How RAR 2.9 to 4 packs: matches and literals behind four prefix codes, with programs that undo filters between them.

The programs are never run: those that the archiver itself writes are known by the CRC-32 of their code.
"""

from collections.abc import Iterator

from emotriage.formats.huffman import Bits, Table, prefix_table
from emotriage.formats.rar.lz5 import pre_lengths
from emotriage.formats.rar.programs import Programs
from emotriage.formats.rar.window import Window
from emotriage.model.errors import Malformed, Unsupported
from emotriage.model.limits import MIB, RECORD, Budget

_SIZES = (299, 60, 17, 28)
_LENGTHS = (*range(8), 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224)
_LENGTH_BITS = (*[0] * 8, *(extra for extra in range(1, 6) for _ in range(4)))
_SHORT = ((0, 2), (4, 2), (8, 3), (16, 4), (32, 5), (64, 6), (128, 6), (192, 6))
_SLOTS_BY_BITS = (4, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 14, 0, 12)
_DISTANCE_BITS = [extra for extra, count in enumerate(_SLOTS_BY_BITS) for _ in range(count)]
_DISTANCES = [sum(1 << extra for extra in _DISTANCE_BITS[:slot]) for slot in range(60)]
_CHUNK, _SYMBOL = 2048, 200
"""Symbols at a time, and the work of each."""
_OVERHANG = 4 * MIB
_SAME_LOW = 15


class Lz3:
    """Unpacks the members of a solid archive one after another, or a single one."""

    def __init__(self, size: int, budget: Budget) -> None:
        """An empty window of `size` bytes."""
        self._budget = budget
        self._window = Window(size, budget)
        self._lengths = [0] * sum(_SIZES)
        self._tables: list[Table] = []
        self._ready = False
        self._recent = [0, 0, 0, 0]
        self._length = 0
        self._low = self._low_left = 0
        self._programs = Programs(self._window, budget)

    def unpack(self, source: Iterator[bytes], size: int) -> Iterator[bytes]:
        """A member in chunks; `size` is what its header promises.

        Raises:
            Malformed: the bits contradict the format.
            Unsupported: PPMd, a program that is not known, or a match further back than is kept.
        """
        bits, window = Bits(source), self._window
        window.begin()
        if not self._ready:
            self._read_tables(bits)
        while window.member < size + _OVERHANG and self._symbols(bits):
            yield from window.ready()
        yield from window.ready(ended=True)

    def _read_tables(self, bits: Bits) -> None:
        bits.align()
        if bits.take(1):
            raise Unsupported("RAR method PPMd")
        if not bits.take(1):
            self._lengths = [0] * len(self._lengths)
        self._low = self._low_left = 0
        pre = prefix_table(pre_lengths(bits))
        total = len(self._lengths)
        lengths: list[int] = []
        while len(lengths) < total:
            symbol = bits.symbol(pre)
            if symbol < 16:
                lengths.append(symbol + self._lengths[len(lengths)] & 15)
                continue
            run = bits.take(7) + 11 if symbol & 1 else bits.take(3) + 3
            if symbol < 18 and not lengths:
                raise Malformed("RAR code lengths")
            lengths += [lengths[-1] if symbol < 18 else 0] * run
        self._lengths = lengths[:total]
        self._tables = []
        at = 0
        for size in _SIZES:
            self._tables.append(prefix_table(self._lengths[at : at + size]))
            at += size
        self._ready = True
        self._budget.spend(RECORD * total // 4 + sum(len(entries) for _, entries in self._tables) // 4)

    def _symbols(self, bits: Bits) -> bool:
        """A few literals and matches; False at the end of the member."""
        self._budget.spend(_SYMBOL * _CHUNK)
        main, _, _, repeat = self._tables
        window, out, recent = self._window, self._window.out, self._recent
        symbol = bits.symbol
        for _ in range(_CHUNK):
            slot = symbol(main)
            if slot < 256:
                out.append(slot)
                continue
            if slot == 256:
                if not self._goes_on(bits):
                    return False
                main, _, _, repeat = self._tables
                continue
            if slot == 257:
                self._programs.read(bits)
                continue
            if slot >= 271:
                length = _LENGTHS[slot - 271] + 3 + bits.take(_LENGTH_BITS[slot - 271])
                distance = self._distance(bits)
                length += (distance >= 0x2000) + (distance >= 0x40000)
                recent.insert(0, distance)
                recent.pop()
            elif slot == 258:
                if not self._length:
                    continue
                length, distance = self._length, recent[0]
            elif slot < 263:
                distance = recent.pop(slot - 259)
                recent.insert(0, distance)
                number = symbol(repeat)
                length = _LENGTHS[number] + 2 + bits.take(_LENGTH_BITS[number])
            else:
                base, extra = _SHORT[slot - 263]
                length, distance = 2, base + 1 + bits.take(extra)
                recent.insert(0, distance)
                recent.pop()
            self._length = length
            window.copy(distance, length)
        return True

    def _goes_on(self, bits: Bits) -> bool:
        """What an end mark ends: a block, behind which new codes stand, or the member."""
        if bits.take(1):
            self._read_tables(bits)
            return True
        self._ready = not bits.take(1)
        return False

    def _distance(self, bits: Bits) -> int:
        _, distances, low, _ = self._tables
        slot = bits.symbol(distances)
        extra = _DISTANCE_BITS[slot]
        distance = _DISTANCES[slot] + 1
        if slot <= 9:
            return distance + bits.take(extra)
        if extra > 4:
            distance += bits.take(extra - 4) << 4
        if self._low_left:
            self._low_left -= 1
        elif (value := bits.symbol(low)) == 16:
            self._low_left = _SAME_LOW
        else:
            self._low = value
        return distance + self._low
