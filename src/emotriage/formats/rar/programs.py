"""Filters of RAR 2.9 to 4, which come as programs for a machine of its own; they are recognised, never run."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from emotriage.formats.huffman import Bits
from emotriage.formats.rar.filters import delta, picture, sound, x86
from emotriage.formats.rar.window import Filter, Window
from emotriage.model.errors import Malformed, Unsupported
from emotriage.model.limits import RECORD, Budget

_KNOWN = {
    (53, 0xAD576887): "e8",
    (57, 0x3CD7E57E): "e8e9",
    (120, 0x3769893F): "itanium",
    (29, 0x0E06077D): "delta",
    (149, 0x1C2C5DC8): "rgb",
    (216, 0xBC85E701): "audio",
}
"""By length and CRC-32 of the code, programs that the archiver writes."""
_CODE, _PROGRAMS, _BLOCK, _WORD = 0x10000, 1024, 0x40000, 1 << 32


@dataclass(slots=True)
class _Program:
    sort: str
    length: int


class Programs:
    """The programs of a stream; each is sent once and called by its number afterwards."""

    def __init__(self, window: Window, budget: Budget) -> None:
        self._window = window
        self._budget = budget
        self._programs: list[_Program] = []
        self._last = 0

    def read(self, bits: Bits) -> None:
        """A filter, as it stands between matches.

        Raises:
            Malformed: it can't be read.
            Unsupported: a program that is not known.
        """
        flags = bits.take(8)
        length = (flags & 7) + 1
        if length == 7:
            length = bits.take(8) + 7
        elif length == 8:
            length = bits.take(16)
        self._budget.spend(RECORD + 8 * length)
        code = Bits(iter([bytes(bits.take(8) for _ in range(length))]))
        number = self._last
        if flags & 0x80:
            number = _number(code)
            if not number:
                self._programs.clear()
            number -= bool(number)
        if number > len(self._programs) or number >= _PROGRAMS:
            raise Malformed("RAR filter without a program")
        self._last = number
        start = _number(code) + (258 if flags & 0x40 else 0)
        known = self._programs[number] if number < len(self._programs) else None
        size = _number(code) if flags & 0x20 else known.length if known else 0
        mask = code.take(7) if flags & 0x10 else 0
        registers = [_number(code) if mask & (1 << place) else 0 for place in range(7)]
        if known is None:
            known = _Program(self._recognised(code), size)
            self._programs.append(known)
        known.length = size
        if start > _BLOCK * 16 or not 0 < size <= _BLOCK:
            raise Malformed("RAR filter")
        function, cost = _function(known.sort, registers)
        self._window.add(start, size, function, cost)

    def _recognised(self, code: Bits) -> str:
        length = _number(code)
        if not 0 < length < _CODE:
            raise Malformed("RAR filter without a program")
        self._budget.spend(8 * length)
        raw = bytes(code.take(8) for _ in range(length))
        return _KNOWN.get((length, zlib.crc32(raw)), "")


def _function(sort: str, registers: list[int]) -> tuple[Filter, int]:
    """What a program does, and its work for each byte."""
    if sort in ("e8", "e8e9"):
        return partial(x86, jumps=sort == "e8e9", wrap=_WORD), 2
    if sort in ("delta", "audio"):
        if not 0 < registers[0] <= 1024:
            raise Malformed("RAR filter")
        return partial(_channels, undo=delta if sort == "delta" else sound, channels=registers[0]), (
            60 if sort == "delta" else 800
        )
    if sort == "rgb":
        if registers[0] < 3:
            raise Malformed("RAR filter")
        return partial(_picture, width=registers[0] - 3, red=registers[1]), 300
    raise Unsupported(f"RAR filter {sort or 'with a program of its own'}")


def _channels(data: bytes, _: int, *, undo: Callable[[bytes, int], bytes], channels: int) -> bytes:
    return undo(data, channels)


def _picture(data: bytes, _: int, *, width: int, red: int) -> bytes:
    return picture(data, width, red)


def _number(bits: Bits) -> int:
    """A number in one of four widths."""
    sort = bits.take(2)
    if sort == 0:
        return bits.take(4)
    if sort == 1:
        high = bits.take(4)
        return high << 4 | bits.take(4) if high else 0xFFFFFF00 | bits.take(8)
    return bits.take(16) if sort == 2 else bits.take(32)
