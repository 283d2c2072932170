"""How cells of an .xlsb look: fonts, fills and formats of styles.bin ([MS-XLSB] 2.1.7.50)."""

import struct
from collections.abc import Iterable, Sequence

from emotriage.formats.excel.biff12 import read_records, wide_string
from emotriage.formats.excel.cell_looks import (
    MOST_LOOKS,
    Font,
    Look,
    colour_index,
    indexed_colour,
    theme_colour,
)
from emotriage.model.limits import Budget

_FONT, _FILL, _FORMAT, _BEGIN_CELLS, _END_CELLS = 43, 45, 47, 617, 618
_WANTED = frozenset({_FONT, _FILL, _FORMAT, _BEGIN_CELLS, _END_CELLS})


def read_binary_styles(chunks: Iterable[bytes], budget: Budget) -> tuple[Look, ...]:
    """The looks that the numbers of cells stand for, in order; what is damaged is left out."""
    fonts: list[Font] = []
    fills: list[int] = []
    looks: list[Look] = []
    inside = False
    for kind, data in read_records(chunks, budget, _WANTED):
        if kind in (_BEGIN_CELLS, _END_CELLS):
            inside = kind == _BEGIN_CELLS
            continue
        try:
            if kind == _FONT and len(fonts) < MOST_LOOKS:
                fonts.append(_font(data))
            elif kind == _FILL and len(fills) < MOST_LOOKS:
                fills.append(_colour(data, 4) if struct.unpack_from("<I", data)[0] else 0)
            elif kind == _FORMAT and inside and len(looks) < MOST_LOOKS:
                looks.append(_look(data, fonts, fills))
        except (struct.error, IndexError):
            continue
    return tuple(looks)


def _font(data: bytes) -> Font:
    height, marks, weight, _, underline = struct.unpack_from("<HHHHB", data)
    name, _ = wide_string(data, 21)
    return Font(name, height / 20, _colour(data, 12), weight >= 600, bool(marks & 2), bool(underline), bool(marks & 8))


def _look(data: bytes, fonts: Sequence[Font], fills: Sequence[int]) -> Look:
    font, fill = struct.unpack_from("<HH", data, 4)
    bits = int.from_bytes(data[12:14], "little")
    return Look(
        fonts[font] if font < len(fonts) else Font(),
        fills[fill] if fill < len(fills) else 0,
        (bits >> 3 & 7) + 1,
        (bits & 7) + 1,
        bool(bits & 0x40),
        bool(bits & 0x1000),
    )


def _colour(data: bytes, at: int) -> int:
    """A BrtColor ([MS-XLSB] 2.5.11)."""
    kind, index = data[at] >> 1, data[at + 1]
    if kind == 1:
        return indexed_colour(index)
    if kind == 2:
        return colour_index(data[at + 4] << 16 | data[at + 5] << 8 | data[at + 6])
    return theme_colour(index) if kind == 3 else 0
