"""Compound files ([MS-CFB] versions 3 and 4), sane ones and such with exactly one defect."""

import struct
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from emotriage.testing.compound_defects import Damage, damage_of
from emotriage.testing.compound_tree import NO_STREAM, ROOT, STREAM, Node, link, plant
from emotriage.testing.content import Content, as_bytes, chunks, joined, saved

Streams = Mapping[str, Content] | Iterable[tuple[str, Content]]

FREE, END, FAT_SECTOR, DIFAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFC
_CUTOFF = 4096
_MINI = 64
_HEADER_SLOTS = 109


@dataclass(slots=True)
class _Layout:
    """Which sector holds what; `bodies` lie before the directory, in this order."""

    sector: int
    fat: list[int]
    minifat: list[int]
    fat_sectors: list[int]
    difat_sectors: list[int]
    directory: int = END
    directory_sectors: int = 0
    minifat_start: int = END
    minifat_sectors: int = 0
    small: list[Node] = field(default_factory=list)
    bodies: list[tuple[Node, list[int]]] = field(default_factory=list)


def compound_file_chunks(
    streams: Streams,
    *,
    version: int = 3,
    clsids: Mapping[str, str] | None = None,
    scattered: bool = False,
    raw_names: Mapping[str, str | bytes] | None = None,
    defects: Collection[str] = (),
) -> Iterator[bytes]:
    r"""A compound file, in pieces.

    Args:
        streams: content of each stream by its path, such as ``Macros/VBA/dir``; a path that ends in "/" is an empty
            storage. Storages above are made. Pairs where a path comes twice. Control characters stand for themselves.
        version: 3 (sectors of 512 bytes) or 4 (of 4,096).
        clsids: class id by path; "" is the root.
        scattered: the sectors of each chain lie in reverse order.
        raw_names: by path, what stands in the 64 bytes of the entry's name instead (text as UTF-16, no terminator).
        defects: words of `compound_defects.DEFECTS`, each alone or as ``word:argument``. Where the argument names a
            stream and is left out, a stream "Loop" is added to suffer, and the others stay sane.

    Raises:
        ValueError: a name longer than 31 UTF-16 units, or a defect that is not known or has nothing to work on.
    """
    if version not in {3, 4}:
        raise ValueError("compound files have version 3 or 4")
    damage = damage_of(defects)
    pairs = [*(streams.items() if isinstance(streams, Mapping) else streams), *damage.extra]
    nodes = plant(pairs, clsids or {})
    link(nodes)
    layout = _allocate(nodes, version, scattered=scattered, difat_sectors=damage.difat_sectors)
    damage.apply(nodes, layout)
    directory = b"".join(_entry(node, (raw_names or {}).get(node.path)) for node in nodes)
    parts = _parts(layout, directory, damage.header(_header(layout, version)), damage)
    if damage.keep is None and not damage.truncated:
        yield from parts
        return
    whole = b"".join(parts)
    yield whole[: damage.keep if damage.keep is not None else len(whole) // 2]


compound_file = joined("compound_file", compound_file_chunks)
"""A compound file as bytes; arguments as `compound_file_chunks`."""

write_compound_file = saved("write_compound_file", compound_file_chunks)
"""Write a compound file to a path, streaming; further arguments as `compound_file_chunks`."""


def _allocate(nodes: list[Node], version: int, *, scattered: bool, difat_sectors: int) -> _Layout:
    """Give every stream its sectors."""
    sector = 512 if version == 3 else 4096
    layout = _Layout(sector, [], [], [], [])
    for node in nodes:
        if node.kind != STREAM or not node.size:
            continue
        if node.size >= _CUTOFF:
            taken = _chain(layout.fat, -(-node.size // sector), scattered=scattered)
            node.start = taken[0]
            layout.bodies.append((node, taken))
        else:
            node.start = _chain(layout.minifat, -(-node.size // _MINI), scattered=False)[0]
            layout.small.append(node)
    if layout.small:
        nodes[0].size = len(layout.minifat) * _MINI
        taken = _chain(layout.fat, -(-nodes[0].size // sector), scattered=scattered)
        nodes[0].start = taken[0]
        nodes[0].content = b"".join(_whole(one.content, _MINI) for one in layout.small)
        layout.bodies.append((nodes[0], taken))
        layout.minifat_sectors = -(-len(layout.minifat) * 4 // sector)
        layout.minifat_start = _chain(layout.fat, layout.minifat_sectors)[0]
    layout.directory_sectors = -(-len(nodes) * 128 // sector)
    layout.directory = _chain(layout.fat, layout.directory_sectors)[0]
    _tables(layout, difat_sectors)
    return layout


def _whole(content: Content, unit: int) -> bytes:
    data = as_bytes(content)
    return data + bytes(-len(data) % unit)


def _chain(table: list[int], count: int, *, scattered: bool = False) -> list[int]:
    taken = list(range(len(table), len(table) + count))
    if scattered:
        table += [END, *taken[:-1]]
        return taken[::-1]
    table += [*taken[1:], END]
    return taken


def _tables(layout: _Layout, more_difat: int) -> None:
    """Sectors for the FAT itself, and for the DIFAT where 109 slots in the header do not do."""
    slots = layout.sector // 4
    used, tables, further = len(layout.fat), 0, 0
    while True:
        total = used + tables + further
        want = -(-total // slots), max(-(-max(0, tables - _HEADER_SLOTS) // (slots - 1)), more_difat)
        if want == (tables, further):
            break
        tables, further = want
    layout.fat_sectors = list(range(used, used + tables))
    layout.difat_sectors = list(range(used + tables, used + tables + further))
    layout.fat += [FAT_SECTOR] * tables + [DIFAT_SECTOR] * further


def _parts(layout: _Layout, directory: bytes, header: bytes, damage: Damage) -> Iterator[bytes]:
    sector = layout.sector
    yield header.ljust(sector, b"\0")
    for node, taken in layout.bodies:
        if taken == sorted(taken):
            yield from chunks(node.content)
            yield bytes(-node.size % sector)
        else:
            whole = _whole(node.content, sector)
            yield from (whole[at : at + sector] for at in range(len(whole) - sector, -1, -sector))
    if layout.minifat:
        yield _numbers(layout.minifat, layout.minifat_sectors * sector)
    yield directory + _unused(layout.directory_sectors * sector // 128 - len(directory) // 128)
    yield _numbers(layout.fat, len(layout.fat_sectors) * sector)
    slots = sector // 4 - 1
    for index, _ in enumerate(layout.difat_sectors):
        rest = layout.fat_sectors[_HEADER_SLOTS + index * slots :][:slots]
        following = [*layout.difat_sectors, END][index + 1]
        rest += [FREE] * (slots - len(rest))
        yield _numbers([*rest, damage.next_difat(following, layout.difat_sectors[index])], sector)


def _numbers(values: list[int], length: int) -> bytes:
    return struct.pack(f"<{len(values)}I", *values).ljust(length, b"\xff")


def _unused(count: int) -> bytes:
    return (bytes(68) + struct.pack("<III", NO_STREAM, NO_STREAM, NO_STREAM) + bytes(48)) * count


def _header(layout: _Layout, version: int) -> bytes:
    """[MS-CFB] 2.2."""
    slots = layout.fat_sectors[:_HEADER_SLOTS]
    return struct.pack(
        "<8s16s6H10I109I",
        bytes.fromhex("d0cf11e0a1b11ae1"),
        bytes(16),
        0x3E,
        version,
        0xFFFE,
        layout.sector.bit_length() - 1,
        6,
        0,
        0,
        layout.directory_sectors if version == 4 else 0,
        len(layout.fat_sectors),
        layout.directory,
        0,
        _CUTOFF,
        layout.minifat_start,
        layout.minifat_sectors,
        layout.difat_sectors[0] if layout.difat_sectors else END,
        len(layout.difat_sectors),
        *slots,
        *[FREE] * (_HEADER_SLOTS - len(slots)),
    )


def _entry(node: Node, raw_name: str | bytes | None) -> bytes:
    """[MS-CFB] 2.6.1."""
    name = node.name.encode("utf-16-le", "surrogatepass") + b"\0\0"
    if raw_name is not None:
        name = raw_name.encode("utf-16-le", "surrogatepass") if isinstance(raw_name, str) else raw_name
    return struct.pack(
        "<64sHBBIII16sIQQIQ",
        name,
        len(name),
        node.kind,
        node.color,
        node.left,
        node.right,
        node.child,
        UUID(node.clsid).bytes_le if node.clsid else bytes(16),
        0,
        0,
        0,
        node.start if node.start is not None else (END if node.kind in {STREAM, ROOT} else 0),
        node.declared if node.declared is not None else node.size,
    )
