"""LZX as cabinets use it, from [MS-PATCH] 2 and Microsoft's "LZX Data Compression Format": one frame after another."""

import struct

from emotriage.model.errors import Malformed
from emotriage.model.limits import Budget

FRAME = 32 << 10
_SLOTS = {15: 30, 16: 32, 17: 34, 18: 36, 19: 38, 20: 42, 21: 50}
_CHARACTERS, _LENGTHS, _PRE, _ALIGNED = 256, 249, 20, 8
_VERBATIM, _ALIGNED_BLOCK, _UNCOMPRESSED = 1, 2, 3
_EXTRA = [0, 0, 0, 0, *(min(slot // 2 - 1, 17) for slot in range(4, 50))]
_BASE = [sum(1 << extra for extra in _EXTRA[:slot]) for slot in range(50)]
_TRANSLATED = 32768
_WORK = 24

_Table = tuple[int, list[tuple[int, int]]]
"""Width of the index in bits, and (symbol, bits it takes) by index."""


class LzxDecoder:
    """Unpacks the frames of one folder, in their order."""

    def __init__(self, window_bits: int, budget: Budget) -> None:
        """An empty window.

        Raises:
            Malformed: a window of a size that the format does not have.
        """
        if window_bits not in _SLOTS:
            raise Malformed("LZX window")
        self._budget = budget
        self._window = 1 << window_bits
        self._main_size = _CHARACTERS + 8 * _SLOTS[window_bits]
        self._main_lengths = [0] * self._main_size
        self._length_lengths = [0] * _LENGTHS
        self._main: _Table = (1, [])
        self._length: _Table = (1, [])
        self._aligned: _Table = (1, [])
        self._recent = [1, 1, 1]
        self._kind = 0
        self._block = self._length_of_block = 0
        self._out = bytearray()
        self._place = 0  # in the output, where the next frame begins: a match may lead into it
        self._begun = 0
        self._frames = 0
        self._image = 0
        self._started = False

    def frame(self, packed: bytes, size: int) -> bytes:
        """One frame of `size` bytes.

        Raises:
            Malformed: the packed bytes are no such frame.
        """
        if not 0 < size <= FRAME:
            raise Malformed("LZX frame size")
        self._budget.spend(len(packed) + size)
        bits = _Bits(packed)
        try:
            if not self._started:
                self._started = True
                if bits.take(1):
                    self._image = bits.take(16) << 16 | bits.take(16)
            stop = self._place + size
            while len(self._out) < stop:
                if not self._block:
                    self._header(bits)
                before = len(self._out)
                if self._kind == _UNCOMPRESSED:
                    self._out += bits.raw(min(self._block, stop - before))
                else:
                    self._symbols(bits, min(before + self._block, stop), before + self._block)
                odd = self._kind == _UNCOMPRESSED and self._length_of_block & 1
                self._block -= len(self._out) - before
                if odd and not self._block:
                    bits.raw(1)  # fills the block up to a word
        except IndexError:
            raise Malformed("LZX frame") from None
        done = bytes(self._out[self._place : stop])
        self._place = stop
        if self._place > 2 * self._window:
            del self._out[: self._place - self._window]
            self._place = self._window
        self._frames += 1
        done = self._translated(done) if self._image and self._frames <= _TRANSLATED else done
        self._begun += size
        return done

    def _header(self, bits: "_Bits") -> None:
        """The header of a block: its kind, its length, its trees."""
        self._kind = bits.take(3)
        self._block = self._length_of_block = bits.take(16) << 8 | bits.take(8)
        if not self._block:
            raise Malformed("LZX block")
        if self._kind == _UNCOMPRESSED:
            bits.align(always=True)
            self._recent = list(struct.unpack("<III", bits.raw(12)))
            return
        if self._kind not in (_VERBATIM, _ALIGNED_BLOCK):
            raise Malformed("LZX block")
        if self._kind == _ALIGNED_BLOCK:
            self._aligned = _table([bits.take(3) for _ in range(_ALIGNED)])
        self._deltas(bits, self._main_lengths, 0, _CHARACTERS)
        self._deltas(bits, self._main_lengths, _CHARACTERS, self._main_size)
        self._main = _table(self._main_lengths)
        self._deltas(bits, self._length_lengths, 0, _LENGTHS)
        self._length = _table(self._length_lengths)
        self._budget.spend(_WORK * (self._main_size + (1 << self._main[0]) // 16))

    def _deltas(self, bits: "_Bits", lengths: list[int], at: int, stop: int) -> None:
        """Lengths of codes, each as the difference to what it was in the block before."""
        table = _table([bits.take(4) for _ in range(_PRE)])
        while at < stop:
            code = bits.symbol(table)
            if code == 17:
                run, value = bits.take(4) + 4, 0
            elif code == 18:
                run, value = bits.take(5) + 20, 0
            elif code == 19:
                run = bits.take(1) + 4
                value = (lengths[at] - bits.symbol(table)) % 17
            else:
                run, value = 1, (lengths[at] - code) % 17
            if at + run > stop:
                raise Malformed("LZX code lengths")
            lengths[at : at + run] = [value] * run
            at += run

    def _symbols(self, bits: "_Bits", stop: int, end: int) -> None:
        """Characters and matches up to a place in the output; the last match may go on to the end of the block."""
        out, recent, aligned = self._out, self._recent, self._kind == _ALIGNED_BLOCK
        self._budget.spend(_WORK * (stop - len(out)) // 4)
        while len(out) < stop:
            element = bits.symbol(self._main)
            if element < _CHARACTERS:
                out.append(element)
                continue
            length, slot = (element - _CHARACTERS) & 7, (element - _CHARACTERS) >> 3
            length = length + 2 if length < 7 else bits.symbol(self._length) + 9
            if slot < 3:
                offset = recent[slot]
                recent[slot] = recent[0]
            else:
                extra = _EXTRA[slot]
                if aligned and extra >= 3:
                    more = bits.take(extra - 3) << 3
                    offset = _BASE[slot] - 2 + more + bits.symbol(self._aligned)
                else:
                    offset = _BASE[slot] - 2 + bits.take(extra)
                recent[2], recent[1] = recent[1], recent[0]
            recent[0] = offset
            if not 0 < offset <= min(len(out), self._window) or len(out) + length > end:
                raise Malformed("LZX match")
            start = len(out) - offset
            if offset >= length:
                out += out[start : start + length]
            else:
                out += (out[start:] * (length // offset + 1))[:length]

    def _translated(self, frame: bytes) -> bytes:
        """A frame with the targets of x86 calls put back."""
        if len(frame) <= 10 or b"\xe8" not in frame:
            return frame
        out = bytearray(frame)
        at = frame.find(b"\xe8", 0, len(frame) - 10)
        while at >= 0:
            target = int.from_bytes(out[at + 1 : at + 5], "little", signed=True)
            place = self._begun + at
            if -place <= target < self._image:
                value = target - place if target >= 0 else target + self._image
                out[at + 1 : at + 5] = (value & 0xFFFFFFFF).to_bytes(4, "little")
            at = out.find(b"\xe8", at + 5, len(frame) - 10)
        return bytes(out)


class _Bits:
    """The bits of a frame: words of 16, the highest bit first; behind the end there are zeros for a while."""

    __slots__ = ("_at", "_count", "_held", "_raw")

    def __init__(self, raw: bytes) -> None:
        self._raw = raw + bytes(8 + len(raw) % 2)
        self._at = 0
        self._held = 0
        self._count = 0

    def take(self, count: int) -> int:
        """The next bits as a number."""
        while self._count < count:
            self._fill()
        self._count -= count
        value = self._held >> self._count
        self._held &= (1 << self._count) - 1
        return value

    def symbol(self, table: _Table) -> int:
        """The next symbol of a tree."""
        width, entries = table
        while self._count < width:
            self._fill()
        value, used = entries[self._held >> (self._count - width)]
        self._count -= used
        self._held &= (1 << self._count) - 1
        return value

    def align(self, *, always: bool) -> None:
        """Drop the bits up to the next word; where there are none, the whole next one."""
        drop = self._count % 16
        if not drop and always:
            self.take(16)
        self.take(drop)

    def raw(self, count: int) -> bytes:
        """The next bytes, which begin at a word."""
        self._at -= self._count // 8
        self._held = self._count = 0
        if self._at + count > len(self._raw):
            raise IndexError
        self._at += count
        return self._raw[self._at - count : self._at]

    def _fill(self) -> None:
        if self._at + 2 > len(self._raw):
            raise IndexError
        word = self._raw[self._at] | self._raw[self._at + 1] << 8
        self._held = self._held << 16 | word
        self._count += 16
        self._at += 2


def _table(lengths: list[int]) -> _Table:
    """The canonical code of these lengths, as a table over its longest one.

    Raises:
        Malformed: the code has too many words, or some but not all of them.
    """
    width = max(lengths)
    if not width:
        return 0, []  # any use of it is an error
    entries: list[tuple[int, int]] = []
    for length, symbol in sorted((length, symbol) for symbol, length in enumerate(lengths) if length):
        entries += [(symbol, length)] * (1 << (width - length))
    if len(entries) != 1 << width:
        raise Malformed("LZX code")
    return width, entries
