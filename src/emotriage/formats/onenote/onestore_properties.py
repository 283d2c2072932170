"""Property sets of OneNote objects, from [MS-ONESTORE] 2.6.1 and 2.6.6 to 2.6.9."""

import math
import struct
from dataclasses import dataclass, field, replace

from emotriage.model.limits import RECORD, Budget

_FIXED = {0x1: 0, 0x2: 0, 0x3: 1, 0x4: 2, 0x5: 4, 0x6: 8, 0x8: 0, 0xA: 0, 0xC: 0}
_LISTS = frozenset({0x9, 0xB, 0xD})
_NUMBER, _OBJECT, _OBJECTS, _DATA, _SETS, _SET = 0x5, 0x8, 0x9, 0x7, 0x10, 0x11
_READ_SET = -1
_LARGEST = 1e6


@dataclass(frozen=True, slots=True)
class Properties:
    """What an object's property set says; nested sets are read into the same maps.

    Attributes:
        data: bytes of the properties that have a length, by property id; the first of each.
        objects: raw CompactIDs of the objects that a property refers to, by property id.
        ids: raw CompactIDs of all objects that the set refers to.
        places: for each property of `objects`, at which of the `ids` its own begin.
        numbers: properties of four bytes, by property id, as unsigned numbers.
        complete: false when a size led out of the set, or a type is unknown: what was read before is kept.
    """

    data: dict[int, bytes] = field(default_factory=dict)
    objects: dict[int, tuple[int, ...]] = field(default_factory=dict)
    ids: tuple[int, ...] = ()
    places: dict[int, int] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)
    complete: bool = True

    def length(self, prid: int) -> float | None:
        """A property as a length, in half inches; None where it is not there, or no length on any page."""
        value = struct.unpack("<f", self.numbers[prid].to_bytes(4, "little"))[0] if prid in self.numbers else math.nan
        return value if abs(value) <= _LARGEST else None

    def text(self, prid: int) -> str:
        """A property as UTF-16 text without its terminator; empty where it is not there."""
        raw = self.data.get(prid, b"")
        return raw[: len(raw) & ~1].decode("utf-16-le", "surrogatepass").split("\0", 1)[0]


def read_properties(raw: bytes, budget: Budget) -> Properties:
    """Read an ObjectSpaceObjectPropSet: the streams of ids, then the property set."""
    ids, at = _ids(raw)
    found = Properties(ids=ids)
    used = 0
    stack: list[list[int]] = [[_READ_SET]]
    while stack:
        if not stack[-1]:
            stack.pop()
            continue
        budget.spend(RECORD)
        prid = stack[-1].pop()
        if prid == _READ_SET:
            count = _number(raw, at, 2)
            prids = (
                [_number(raw, at + 2 + 4 * index, 4) for index in range(count)]
                if at + 2 + 4 * count <= len(raw)
                else None
            )
            if prids is None or at + 2 > len(raw):
                return _cut(found)
            budget.spend(RECORD * count)
            stack.append(prids[::-1])
            at += 2 + 4 * count
            continue
        kind = prid >> 26 & 0x1F
        count = _number(raw, at, 4) if kind in _LISTS or kind in (_DATA, _SETS) else 0
        if kind in _FIXED:
            if kind == _OBJECT:
                found.objects.setdefault(prid, ids[used : used + 1])
                found.places.setdefault(prid, used)
                used += 1
            elif kind == _NUMBER:
                found.numbers.setdefault(prid, _number(raw, at, 4))
            at += _FIXED[kind]
        elif kind in _LISTS:
            if kind == _OBJECTS:
                found.objects.setdefault(prid, ids[used : used + count])
                found.places.setdefault(prid, used)
                used += count
            at += 4
        elif kind == _DATA:
            found.data.setdefault(prid, raw[at + 4 : at + 4 + count])
            at += 4 + count
        elif kind == _SETS and count <= len(raw) - at:
            stack.append([_number(raw, at + 4, 4)] * count)  # each of the type that the next property id says
            at += 8 if count else 4
        elif kind == _SET:
            stack.append([_READ_SET])
        else:
            return _cut(found)
        if at > len(raw):
            return _cut(found)
    return found


def _ids(raw: bytes) -> tuple[tuple[int, ...], int]:
    """CompactIDs of objects, and where the property set begins behind the streams of ids."""
    head = _number(raw, 0, 4)
    count = min(head & 0xFFFFFF, len(raw) // 4)
    ids = tuple(_number(raw, 4 + 4 * index, 4) for index in range(count))
    at = 4 + 4 * count
    if not head >> 31:
        head = _number(raw, at, 4)
        at += 4 + 4 * (head & 0xFFFFFF)
        if head >> 30 & 1:
            at += 4 + 4 * (_number(raw, at, 4) & 0xFFFFFF)
    return ids, at


def _cut(found: Properties) -> Properties:
    return replace(found, complete=False)


def _number(raw: bytes, at: int, width: int) -> int:
    return int.from_bytes(raw[at : at + width], "little")
