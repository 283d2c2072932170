"""Names that the compiled part of a VBA project uses: the table at the end of `_VBA_PROJECT` ([MS-OVBA] 2.3.4.1).

The specification calls that stream a cache and leaves it open; the layout here was read off files of Office 97 to 365.
Three words say how many numbers are given out, how many entries there are and how many numbers are keywords; entries
that spell a keyword in another way come first, and one entry for each number after the keywords follows. What stands
before the table differs from version to version, so it is looked for by the form of the table itself.
"""

import re
from dataclasses import dataclass
from struct import unpack_from

from emotriage.formats.vba.keywords import KEYWORDS
from emotriage.model.errors import Unsupported
from emotriage.model.limits import RECORD, Budget

_MAGIC = b"\xcc\x61"
_HEADER = 10
_COUNTS = re.compile(rb"(?s)(?=..(?:[^\0].|.[^\0])(?:[\xc0-\xff]\0|[\0-\x60]\x01))")
_MOST_ENTRIES = 1 << 17  # read in all attempts together; Office gives out at most 2^15 numbers
_HASHED = 0x80
_HASH_BYTES = 6
_MORE_BYTES = 4


@dataclass(frozen=True, slots=True)
class Identifiers:
    """The names of a project by the numbers that compiled code uses for them.

    Attributes:
        version: of the compiler, as the stream says.
        keywords: how many of the first numbers are keywords; that tells the dialects of compiled code apart.
        names: by number, from the one after the keywords.
    """

    version: int
    keywords: int
    names: tuple[str, ...]

    def name(self, operand: int) -> str:
        """What an operand of compiled code names, or the empty string; its lowest bit is a flag."""
        number = (operand >> 1) - 1
        if number < self.keywords:
            return KEYWORDS[number] if 0 <= number < len(KEYWORDS) else ""
        number -= self.keywords
        return self.names[number] if number < len(self.names) else ""


def read_identifiers(data: bytes, codec: str, budget: Budget) -> Identifiers:
    """The table of a `_VBA_PROJECT` stream.

    Args:
        data: the stream.
        codec: Python's name of the encoding of names.
        budget: charged for every entry.

    Raises:
        Unsupported: there is none, or none in a known form.
    """
    if data[:2] != _MAGIC:
        raise Unsupported("compiled part of an unknown form")
    best: tuple[int, list[bytes]] | None = None
    room = _MOST_ENTRIES
    budget.spend(4 * len(data))
    for found in _COUNTS.finditer(data):
        given, entries, keywords = (
            unpack_from("<HHH", data, found.start()) if found.end() + 6 <= len(data) else (0, 0, 0)
        )
        if not 0 < given - keywords <= entries or entries - (given - keywords) > keywords:
            continue
        names, read = _entries(data, found.start() + _HEADER, entries, given - keywords, room)
        room -= read
        budget.spend(RECORD * (read + 1))
        if names is not None and (best is None or len(names) > len(best[1])):
            best = keywords, names
        if room <= 0:
            break
    if best is None:
        raise Unsupported("no table of names in the compiled part")
    names_of = tuple(name.decode(codec, "replace") for name in best[1])
    return Identifiers(unpack_from("<H", data, 2)[0], best[0], names_of)


def _entries(data: bytes, at: int, entries: int, wanted: int, room: int) -> tuple[list[bytes] | None, int]:
    """The names of a table, or None where this is none; and how many entries were read to find that out."""
    names: list[bytes] = []
    for number in range(min(entries, room)):
        spelling = number < entries - wanted  # of a keyword
        if spelling:
            at += 4
        alone = not spelling and data[at : at + 2] == b"\0\0"
        if alone:
            at += 4
        if at + 2 > len(data):
            return None, number
        size, sort = data[at], data[at + 1]
        at += 2 + (_HASH_BYTES if sort & _HASHED else 0)
        name = data[at : at + size]
        if not size or len(name) < size or min(name) < 0x20:
            return None, number
        at += size
        if not spelling:
            names.append(name)
            at += 0 if alone else _MORE_BYTES
    return (names if len(names) == wanted and at <= len(data) else None), entries
