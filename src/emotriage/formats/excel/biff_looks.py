"""How cells of a workbook stream look: FONT and XF records of its globals ([MS-XLS] 2.4.122 and 2.4.353).

Read in a walk of their own, when a macro asks: most workbooks have thousands of these records, and nobody who asks.
"""

import struct

from emotriage.formats.excel.biff_globals import BOF, EOF, Globals
from emotriage.formats.excel.biff_records import read_records
from emotriage.formats.excel.cell_looks import MOST_LOOKS, Font, Look, indexed_colour
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget

_FONT, _XF, _FORMAT = (0x0031, 0x0231), 0x00E0, 0x041E
_WANTED = frozenset({BOF, EOF, _FORMAT, _XF, *_FONT})


def read_looks(blob: Blob, found: Globals, budget: Budget) -> tuple[Look, ...]:
    """The looks that the numbers of cells stand for, in order; what is damaged is left out."""
    fonts: list[Font] = []
    looks: list[Look] = []
    formats: dict[int, str] = {}
    for kind, offset, data in read_records(blob, budget, 0, _WANTED, found.cipher):
        if kind == EOF or kind < 0 or (kind == BOF and offset):
            break
        try:
            if kind in _FONT and len(fonts) < MOST_LOOKS:
                if len(fonts) == 4:  # nobody has number 4
                    fonts.append(fonts[0])
                fonts.append(_font(data, found))
            elif kind == _XF and len(looks) < MOST_LOOKS:
                looks.append(_look(data, found, fonts, formats))
            elif kind == _FORMAT and len(formats) < MOST_LOOKS:
                text = data[5:].decode("utf-16-le" if data[4] & 1 else "latin-1", "replace") if found.biff == 8 else ""
                formats[struct.unpack_from("<H", data)[0]] = text
        except (struct.error, IndexError):
            continue
    return tuple(looks)


def _font(data: bytes, found: Globals) -> Font:
    height, marks, colour, weight, _, underline = struct.unpack_from("<HHHHHB", data)
    if found.biff == 8:
        wide = data[15] & 1
        name = data[16 : 16 + (data[14] << wide)].decode("utf-16-le" if wide else "latin-1", "replace")
    else:
        name = data[15 : 15 + data[14]].decode(found.codec, "replace")
    return Font(
        name, height / 20, indexed_colour(colour), weight >= 600, bool(marks & 2), bool(underline), bool(marks & 8)
    )


def _look(data: bytes, found: Globals, fonts: list[Font], formats: dict[int, str]) -> Look:
    font, number, flags = struct.unpack_from("<HHH", data)
    if found.biff == 8:
        alignment = data[6]
        pattern, fill = data[17] >> 2, struct.unpack_from("<H", data, 18)[0] & 0x7F
    else:
        alignment = data[6]
        pattern, fill = data[10] & 0x3F, data[8] & 0x7F
    return Look(
        fonts[font] if font < len(fonts) else Font(),
        indexed_colour(fill) if pattern else 0,
        (alignment >> 4 & 7) + 1,
        (alignment & 7) + 1,
        bool(alignment & 8),
        bool(flags & 1),
        formats.get(number, "General"),
    )
