"""How many bytes stand behind each formula token, by version of the records.

[MS-XLS] 2.5.198 and [MS-XLSB] 2.5.97; BIFF2 to BIFF5 after OpenOffice's description of the file format, section 3.
"""

from collections.abc import Mapping
from functools import cache
from typing import Literal

Biff = Literal[2, 3, 4, 5, 8, 12]
"""A version of the records: of Excel 2, 3, 4, 5 and 95, 97 to 2003, and of .xlsb."""

CORNER: Mapping[int, str] = {2: "<HB", 3: "<HB", 4: "<HB", 5: "<HB", 8: "<HH", 12: "<IH"}
"""What a cell looks like: row and column."""
AREA: Mapping[int, str] = {2: "<HHBB", 3: "<HHBB", 4: "<HHBB", 5: "<HHBB", 8: "<HHHH", 12: "<IIHH"}
"""What an area looks like: first and last row, first and last column."""

_PLAIN = {0x15: 0, 0x16: 0, 0x1C: 1, 0x1D: 1, 0x1E: 2, 0x1F: 8}
_NARROW = {0x24: 3, 0x25: 6, 0x2A: 3, 0x2B: 6, 0x2C: 3, 0x2D: 6}
_FUNCTIONS = {0x21: 2, 0x22: 3}
_SHORT_FUNCTIONS = {0x21: 1, 0x22: 2, 0x38: 2}  # one byte for the number; commands have a token of their own
_SIZES: Mapping[int, Mapping[int, int]] = {
    2: _SHORT_FUNCTIONS | _NARROW | {0x20: 6, 0x23: 7},
    3: _SHORT_FUNCTIONS | _NARROW | {0x20: 7, 0x23: 10},
    4: _FUNCTIONS | _NARROW | {0x20: 7, 0x23: 10},
    5: _FUNCTIONS | _NARROW | {0x20: 7, 0x23: 14, 0x39: 24, 0x3A: 17, 0x3B: 20, 0x3C: 17, 0x3D: 20},
    8: _FUNCTIONS
    | {0x20: 7, 0x23: 4, 0x24: 4, 0x25: 8, 0x2A: 4, 0x2B: 8, 0x2C: 4, 0x2D: 8}
    | {0x39: 6, 0x3A: 6, 0x3B: 10, 0x3C: 6, 0x3D: 10},
    12: _FUNCTIONS
    | {0x20: 14, 0x23: 4, 0x24: 6, 0x25: 12, 0x2A: 6, 0x2B: 12, 0x2C: 6, 0x2D: 12}
    | {0x39: 6, 0x3A: 8, 0x3B: 14, 0x3C: 8, 0x3D: 14},
}


@cache
def sizes_of(biff: Biff) -> Mapping[int, int]:
    """Bytes behind the tokens that push something."""
    return {**_PLAIN, **_SIZES[biff]}


def skipped(biff: Biff) -> Mapping[int, int]:
    """Bytes behind the tokens that take no part in the text."""
    if biff == 2:
        return {0x26: 4, 0x27: 4, 0x28: 4, 0x29: 1, 0x2E: 1, 0x2F: 1}
    return {0x26: 6, 0x27: 6, 0x28: 6, 0x29: 2, 0x2E: 2, 0x2F: 2}
