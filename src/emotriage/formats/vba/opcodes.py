"""Instructions of compiled VBA: what follows each in its line, and how older versions number them.

The numbers are those of 64-bit Office, which has all of them: versions before it are the same list with some left out.
An instruction is a word, its number in the lower ten bits and flags in the upper six.
"""

from typing import Final

_Ranges = tuple[int | tuple[int, int], ...]

NAME, WORD, LONG, CONTEXT, TEXT = "nwlct"
"""Operands: a number of a name, 16 bits, 32 bits, 32 bits (64 where addresses are), text behind its length."""

_FOLLOWED: dict[str, _Ranges] = {
    NAME: (
        *((0x1F, 0x22), (0x27, 0x29), (0x2E, 0x30), (0x35, 0x36), (0x39, 0x3A), (0x3D, 0x3E), (0x49, 0x4A)),
        *((0x99, 0x9A), 0xA3, 0xA8, 0xCC, 0xD4, 0xE8, 0xFB, 0x105),
    ),
    NAME + WORD: ((0x24, 0x26), (0x2B, 0x2D), (0x32, 0x34), (0x37, 0x38), (0x3B, 0x3C), (0x3F, 0x44), (0x75, 0x77)),
    WORD: (
        *(0x23, 0x2A, 0x31, 0x46, 0x55, 0x56, 0x66, 0x72, 0x8A, 0x91, 0x94, 0x9D, 0x9E, 0xA5, 0xAC, 0xAF, 0xB3),
        *(0xC9, 0xCF, 0xE1, 0xEB, 0xEE),
    ),
    LONG: (0x5C, 0x74, (0x96, 0x97), 0x9F, 0xAD, 0xB0, 0xB4, 0xB6, 0xF1, 0xF3, 0xF5),
    LONG + LONG: ((0xA9, 0xAA), 0xAE, 0xB1, 0xB5, 0xB7),
    CONTEXT: (0x5A,),
    NAME + WORD + LONG: ((0xC2, 0xC5), (0xE4, 0xE5)),
    TEXT: (0xA6, 0xB9, (0xCD, 0xCE), (0xE6, 0xE7)),
    WORD + TEXT: (0xE3,),
}
COUNT: Final = 0x108
"""How many instructions there are."""

_OF_64_BITS = (0xAE, 0xB1, 0xB5)
_OF_2000 = (0x45, 0x49, 0x4A, 0x74, 0x75, 0x76, 0x77, 0x9F)
"""Debug.Assert, AddressOf, events and Implements, which the language got with Office 2000."""
_NEWER: dict[str, tuple[int, ...]] = {  # instructions that a dialect does not have
    "64": (),
    "32": _OF_64_BITS,
    "97": (*_OF_64_BITS, *_OF_2000),
}


def _spread(ranges: _Ranges) -> list[int]:
    spans = [one if isinstance(one, tuple) else (one, one) for one in ranges]
    return [number for first, last in spans for number in range(first, last + 1)]


_SHAPES = {number: shape for shape, ranges in _FOLLOWED.items() for number in _spread(ranges)}

DIALECTS: dict[str, tuple[tuple[int, str], ...]] = {
    name: tuple((number, _SHAPES.get(number, "")) for number in range(COUNT) if number not in left_out)
    for name, left_out in _NEWER.items()
}
"""By dialect and its own numbering: number in the full list, and operands."""
