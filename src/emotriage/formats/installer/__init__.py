"""Windows Installer packages: the tables of their database, as Wine's msi.dll reads them (``table.c``, ``string.c``).

Texts lie once in a pool; a table's stream holds its first column, then its second, and so on, in cells of two, three or
four bytes.
"""

import codecs
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from emotriage.formats.cfb import CompoundFile, Entry
from emotriage.formats.installer.names import is_packed, is_table, unpacked_name
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.limits import MIB, RECORD, Budget

_TEXTS = 1 << 20
_POOL, _TABLE, _TEXT = 16 * MIB, 64 * MIB, 64 * MIB
_ROWS = 200_000
_WIDE_POOL = 0x8000
_STRING, _BINARY = 0x0800, 0x0900
_UTF8, _UTF16 = 65001, 1200
_COLUMNS = (("Table", _STRING), ("Number", 2), ("Name", _STRING), ("Type", 2))

Row = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Database:
    """A package.

    Attributes:
        tables: rows by table, of those that were asked for; cells by column.
        streams: (name as its author gave it, entry) of every stream that is no table.
        anomalies: what could not be read.
    """

    tables: Mapping[str, tuple[Row, ...]]
    streams: tuple[tuple[str, Entry], ...]
    anomalies: tuple[Anomaly, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class _Texts:
    """The pool by number, and how many bytes such a number takes in a cell."""

    all: Sequence[str]
    width: int


def is_database(compound: CompoundFile) -> bool:
    """True where there is a pool of texts under its packed name."""
    return any(is_table(one.name) and unpacked_name(one.name) == "_StringPool" for one in compound.entries)


def read_database(compound: CompoundFile, wanted: Sequence[str], budget: Budget) -> Database:
    """Read the tables of a package by name, and list its streams."""
    problems: list[Anomaly] = []
    tables: dict[str, Entry] = {}
    streams: list[tuple[str, Entry]] = []
    for one in compound.entries:
        budget.spend(RECORD)
        if one.kind != "stream" or one.name.startswith("\5"):
            continue
        if is_table(one.name):
            tables.setdefault(unpacked_name(one.name), one)
        else:
            streams.append((unpacked_name(one.name) if is_packed(one.name) else one.name, one))

    def content(name: str, most: int) -> bytes:
        entry = tables.get(name)
        blob = compound.open(entry) if entry else Blob(b"")
        if blob.size > most:
            problems.append(Anomaly("table-too-large", name, incomplete=True))
        raw = blob.read(0, most)
        budget.spend(len(raw))
        return raw

    pool = content("_StringPool", _POOL)
    wide = bool(int.from_bytes(pool[2:4], "little") & _WIDE_POOL)
    texts = _Texts(_texts(pool, content("_StringData", _TEXT), problems, budget), 3 if wide else 2)
    columns: dict[str, list[tuple[int, str, int]]] = {}
    for row in _rows(content("_Columns", _TABLE), _COLUMNS, texts, budget):
        if row["Table"] in wanted:
            columns.setdefault(str(row["Table"]), []).append((int(row["Number"]), str(row["Name"]), int(row["Type"])))
    if not columns:
        problems.append(Anomaly("no-columns", "_Columns", incomplete=True))
    found = {}
    for name in wanted:
        layout = tuple((column, kind) for _, column, kind in sorted(columns.get(name, ())))
        if layout and name in tables:
            raw = content(name, _TABLE)
            found[name] = tuple(_rows(raw, layout, texts, budget))
            length = sum(_width(kind, texts) for _, kind in layout)
            if len(raw) % length or len(raw) > _ROWS * length:
                problems.append(Anomaly("table-size", name, incomplete=True))
    return Database(found, tuple(streams), tuple(problems))


def _texts(pool: bytes, data: bytes, problems: list[Anomaly], budget: Budget) -> list[str]:
    """The pool, by number; a length beyond 16 bits is split over two entries, of which writers differ in the order."""
    page = int.from_bytes(pool[:2], "little") | (int.from_bytes(pool[2:4], "little") & 0x7FFF) << 16
    codec = "utf-8" if page in (0, _UTF8) else "utf-16-le" if page == _UTF16 else f"cp{page}"
    try:
        codecs.lookup(codec)
    except LookupError:
        codec = "latin-1"
    words = [int.from_bytes(pool[at : at + 2], "little") for at in range(4, min(len(pool), 4 * _TEXTS) - 1, 2)]
    budget.spend(8 * len(words))
    lengths = list(_lengths(words, high=1))
    if sum(lengths) != len(data) and sum(other := list(_lengths(words, high=3))) == len(data):
        lengths = other
    if sum(lengths) > len(data) or len(pool) > 4 * _TEXTS:
        problems.append(Anomaly("texts-cut", "_StringData", incomplete=True))
    out, at = [""], 0
    for length in lengths:
        out.append(data[at : at + length].decode(codec, "replace"))
        at += length
    return out


def _lengths(words: Sequence[int], high: int) -> Iterator[int]:
    at = 0
    while at + 1 < len(words):
        if words[at] == 0 and words[at + 1] != 0 and at + 3 < len(words):
            yield words[at + 2] | words[at + high] << 16
            at += 4
        else:
            yield words[at]
            at += 2


def _rows(
    raw: bytes, layout: Sequence[tuple[str, int]], texts: _Texts, budget: Budget
) -> Iterator[dict[str, str | int]]:
    widths = [_width(kind, texts) for _, kind in layout]
    count = len(raw) // sum(widths)
    for number in range(min(count, _ROWS)):
        budget.spend(RECORD * len(layout))
        row: dict[str, str | int] = {}
        at = 0
        for (column, kind), width in zip(layout, widths, strict=True):
            place = at + number * width
            value = int.from_bytes(raw[place : place + width], "little")
            at += count * width
            if kind & _STRING and not _is_binary(kind):
                row[column] = texts.all[value] if value < len(texts.all) else ""
            else:
                row[column] = value ^ (1 << 8 * width - 1) if value else 0
        yield row


def _width(kind: int, texts: _Texts) -> int:
    if _is_binary(kind):
        return 2
    if kind & _STRING:
        return texts.width
    return 4 if kind & 0xFF == 4 else 2


def _is_binary(kind: int) -> bool:
    return kind & 0xFFF == _BINARY
