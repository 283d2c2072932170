"""The property store of a shortcut (block 0xA0000009): what the shell knows about its target, from [MS-PROPSTORE] 2."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from emotriage.model.limits import RECORD, Budget

_VERSION = b"1SPS"
_NAMED = UUID("d5cdd505-2e9c-101b-9397-08002b2cf9ae")
_WIDE_TEXT, _CLASS_ID = 0x1F, 0x48
TARGET = ("b9b4b3fc-2b51-4a42-b5d8-324146afcf25", "2")
"""System.Link.TargetParsingPath."""


@dataclass(frozen=True, slots=True)
class Property:
    """A property whose value is a text or a GUID; others are passed over.

    Attributes:
        key: GUID of its format, and its number or name there.
        text: the value.
    """

    key: tuple[str, str]
    text: str


def read_properties(data: bytes, budget: Budget) -> tuple[Property, ...]:
    """Read serialized property storages, as far as their sizes lead."""
    found: list[Property] = []
    at = 0
    while True:
        budget.spend(RECORD)
        size = int.from_bytes(data[at : at + 4], "little")
        if size < 24 or data[at + 4 : at + 8] != _VERSION:
            return tuple(found)
        form = UUID(bytes_le=data[at + 8 : at + 24]) if at + 24 <= len(data) else _NAMED
        found += _values(data[at + 24 : at + size], form, budget)
        at += size


def _values(data: bytes, form: UUID, budget: Budget) -> Iterator[Property]:
    at = 0
    while True:
        budget.spend(RECORD)
        size = int.from_bytes(data[at : at + 4], "little")
        if size < 9 or at + size > len(data):
            return
        number = int.from_bytes(data[at + 4 : at + 8], "little")
        value, name = data[at + 9 : at + size], str(number)
        if form == _NAMED:
            name, value = value[:number].decode("utf-16-le", "replace").rstrip("\0"), value[number:]
        kind = int.from_bytes(value[:2], "little")
        if kind == _WIDE_TEXT:
            length = 2 * int.from_bytes(value[4:8], "little")
            text = value[8 : 8 + length]
            yield Property(
                (str(form), name), text[: len(text) & ~1].decode("utf-16-le", "surrogatepass").split("\0")[0]
            )
        elif kind == _CLASS_ID and len(value) >= 20:
            yield Property((str(form), name), str(UUID(bytes_le=value[4:20])))
        at += size
