"""Item identifier lists: the path that a shortcut's target has in the shell, from [MS-SHLLINK] 2.2.

The items themselves are opaque there; the layouts of the common ones (root folder, volume, file entry with its long
name in the 0xBEEF0004 extension block, network place, address, delegate folder) follow what Windows writes.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from emotriage.formats.ansi import decode_ansi
from emotriage.model.anomaly import Anomaly
from emotriage.model.limits import RECORD, Budget

_LONG_NAME = b"\x04\x00\xef\xbe"
_NAME_AT = {3: 20, 7: 38, 8: 42, 9: 46}  # by extension block version, from the block's start
_WIDE = re.compile(rb"(?:[\x20-\x7e]\x00){5,}")
_NARROW = re.compile(rb"[\x20-\x7e]{5,}")


@dataclass(frozen=True, slots=True)
class ShellItem:
    """One step of the path.

    Attributes:
        kind: its class type indicator, as in ``0x1f`` for a root folder.
        name: what it is called: a folder's or file's long name, a drive, ``::{guid}``, a network
            place, an address; or empty.
        short_name: the 8.3 name, where there is a long one besides.
        strings: readable text of an item whose layout is not known.
        offset: of the item in the file.
    """

    kind: int
    name: str
    short_name: str
    strings: tuple[str, ...]
    offset: int


def read_items(data: bytes, base: int, budget: Budget) -> tuple[tuple[ShellItem, ...], list[Anomaly]]:
    """Read an IDList without its size field.

    Args:
        data: the list, at most 64 KiB.
        base: its offset in the file.
        budget: charged for every item.

    Returns:
        The items, and what is odd about them. Nothing is raised: a list that ends too early gives the items before.
    """
    items: list[ShellItem] = []
    at = 0
    while at + 2 <= len(data):
        budget.spend(RECORD)
        size = int.from_bytes(data[at : at + 2], "little")
        if size == 0:
            rest = len(data) - at - 2
            return tuple(items), [Anomaly("id-list-ends-early", "IDList", base + at)] if rest else []
        if size < 3 or at + size > len(data):
            return tuple(items), [Anomaly("id-list-item-size", "IDList", base + at, incomplete=True)]
        items.append(_item(data[at : at + size], base + at))
        at += size
    return tuple(items), [Anomaly("id-list-unterminated", "IDList", base + at)]


def path_of(items: Iterable[ShellItem]) -> str:
    r"""The items as one path: ``C:\Windows\System32\cmd.exe``, or ``::{guid}\name`` outside the file system."""
    names = [one.name for one in items if one.name]
    roots = [index for index, name in enumerate(names) if name[1:2] == ":" or name.startswith("\\\\")]
    kept = names[roots[-1] :] if roots else names
    return "\\".join(name.rstrip("\\") for name in kept[:-1]) + ("\\" if kept[1:] else "") + kept[-1] if kept else ""


def _item(data: bytes, offset: int) -> ShellItem:
    kind = data[2]
    name = short = ""
    if kind in (0x1F, 0x2E):
        name = _guid(data[4:20])
    elif kind == 0x71:
        name = _guid(data[14:30])
    elif 0x20 <= kind <= 0x2F:
        name = _narrow(data[3:])
    elif 0x30 <= kind & 0x7F <= 0x3F:
        short, name = _file_entry(data, 14, wide=bool(kind & 4))
    elif kind == 0x74 and data[6:10] == b"CFSF":
        short, name = _file_entry(data, 24, wide=bool(data[12:13] and data[12] & 4))
    elif 0x40 <= kind & 0x7F <= 0x4F:
        name = _narrow(data[5:])
    strings = () if name else tuple(_strings(data))
    if kind == 0x61:
        name = next((one for one in strings if ":" in one), "")
    return ShellItem(kind, name, short if short != name else "", strings, offset)


def _file_entry(data: bytes, at: int, *, wide: bool) -> tuple[str, str]:
    short = _wide(data[at:]) if wide else _narrow(data[at:])
    found = data.find(_LONG_NAME, at)
    if found < 4:
        return short, short
    block = data[found - 4 :]
    version = int.from_bytes(block[2:4], "little")
    start = _NAME_AT.get(version) or (_NAME_AT[9] if version > 9 else _NAME_AT[3])
    return short, _wide(block[start:]) or short


def _strings(data: bytes) -> Iterable[str]:
    for one in _WIDE.finditer(data):
        yield one.group().decode("utf-16-le")
    for one in _NARROW.finditer(data):
        yield one.group().decode("ascii")


def _guid(raw: bytes) -> str:
    return f"::{{{str(UUID(bytes_le=raw)).upper()}}}" if len(raw) == 16 else ""


def _narrow(raw: bytes) -> str:
    return decode_ansi(raw.split(b"\0", 1)[0])


def _wide(raw: bytes) -> str:
    text = raw[: len(raw) & ~1].decode("utf-16-le", "surrogatepass")
    return text.split("\0", 1)[0]
