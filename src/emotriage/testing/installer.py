"""Windows Installer packages: the tables of their database as streams of a compound file."""

import struct
from collections.abc import Mapping, Sequence

from emotriage.testing.compound_file import compound_file

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._"
_CLASS = "000C1084-0000-0000-C000-000000000046"
_TEXT, _SHORT, _LONG = 0x0D48, 0x0502, 0x0104
_COLUMNS: dict[str, tuple[tuple[str, int], ...]] = {
    "Property": (("Property", _TEXT), ("Value", _TEXT)),
    "CustomAction": (("Action", _TEXT), ("Type", _SHORT), ("Source", _TEXT), ("Target", _TEXT)),
    "InstallExecuteSequence": (("Action", _TEXT), ("Condition", _TEXT), ("Sequence", _SHORT)),
    "File": (("File", _TEXT), ("FileName", _TEXT), ("FileSize", _LONG)),
    "Media": (("DiskId", _SHORT), ("Cabinet", _TEXT)),
}


def installer(
    properties: Mapping[str, str] | None = None,
    *,
    actions: Sequence[Sequence[str | int]] = (),
    files: Sequence[str] = (),
    cabinets: Mapping[str, bytes] | None = None,
    external: Sequence[str] = (),
    binaries: Mapping[str, bytes] | None = None,
    cut: int = 0,
) -> bytes:
    """A package.

    Args:
        properties: values by name.
        actions: ``[name, type, source, target]`` of custom actions; each is a step of the installation.
        files: names of what is installed.
        cabinets: by name, cabinets in the package.
        external: names of cabinets beside it.
        binaries: by name, streams of the table Binary.
        cut: bytes that the pool's texts lack at their end.
    """
    tables: dict[str, list[tuple[str | int, ...]]] = {
        "Property": list((properties or {"ProductName": "Emotriage"}).items()),
        "CustomAction": [tuple(one) for one in actions],
        "InstallExecuteSequence": [(str(one[0]), "", 100 + number) for number, one in enumerate(actions)],
        "File": [(f"f{number}", name, 16) for number, name in enumerate(files)],
        "Media": [
            (number + 1, name) for number, name in enumerate([*(f"#{one}" for one in cabinets or {}), *external])
        ],
    }
    columns = [
        (table, number + 1, name, kind)
        for table, layout in _COLUMNS.items()
        if tables[table]
        for number, (name, kind) in enumerate(layout)
    ]
    texts = _Texts()
    streams = {
        _packed(name, table=True): _stream(rows, [kind for _, kind in _COLUMNS[name]], texts)
        for name, rows in tables.items()
        if rows
    }
    streams[_packed("_Columns", table=True)] = _stream(columns, [_TEXT, _SHORT, _TEXT, _SHORT], texts)
    streams[_packed("_StringPool", table=True)] = texts.pool()
    streams[_packed("_StringData", table=True)] = texts.data()[: -cut or None]
    for name, content in {
        **(cabinets or {}),
        **{f"Binary.{key}": one for key, one in (binaries or {}).items()},
    }.items():
        streams[_packed(name)] = content
    return compound_file(streams, clsids={"": _CLASS})


class _Texts:
    """Each text once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {"": 0}

    def number(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))

    def pool(self) -> bytes:
        out = struct.pack("<HH", 65001, 0)
        for one in list(self._numbers)[1:]:
            low, high = len(one.encode()) & 0xFFFF, len(one.encode()) >> 16
            out += struct.pack("<HHHH", 0, high, low, 1) if high else struct.pack("<HH", low, 1)
        return out

    def data(self) -> bytes:
        return "".join(self._numbers).encode()


def _stream(rows: Sequence[Sequence[str | int]], kinds: Sequence[int], texts: _Texts) -> bytes:
    """Column after column."""
    out = b""
    for place, kind in enumerate(kinds):
        for row in rows:
            value = row[place]
            if isinstance(value, str):
                out += struct.pack("<H", texts.number(value))
            else:
                out += struct.pack("<I", value ^ 0x80000000) if kind == _LONG else struct.pack("<H", value ^ 0x8000)
    return out


def _packed(name: str, *, table: bool = False) -> str:
    """Two letters in one character, as far as they go."""
    out = chr(0x4840) if table else ""
    at = 0
    while at < len(name):
        first = _LETTERS.find(name[at])
        second = _LETTERS.find(name[at + 1]) if at + 1 < len(name) else -1
        if first >= 0 and second >= 0:
            out += chr(0x3800 + first + (second << 6))
            at += 2
        else:
            out += chr(0x4800 + first) if first >= 0 else name[at]
            at += 1
    return out
