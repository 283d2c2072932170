"""Optical disc images: ISO 9660 with a Joliet directory beside it, honest and dishonest; and UDF."""

import struct
from collections.abc import Collection, Iterable, Mapping, Sequence

from emotriage.testing.content import Content, as_bytes

_SECTOR = 2048
_FIRST = 24
"""First sector behind the descriptors."""
_HIDDEN, _FOLDER = 1, 2
DEFECTS = frozenset({"folder-loop", "file-past-end", "no-descriptors"})

Files = Mapping[str, Content]


def disc(
    files: Files,
    *,
    hidden: Collection[str] = (),
    joliet: bool = True,
    primary: Files | None = None,
    names: Mapping[str, str] | None = None,
    label: str = "EMOTRIAGE",
    system_area: bytes = b"",
    defects: Collection[str] = (),
) -> bytes:
    """An ISO 9660 image.

    Args:
        files: content by path with slashes.
        hidden: paths of files and folders that are marked as hidden.
        joliet: with a second directory that has the names as they are; the primary one has them in capitals.
        primary: files of the primary directory, where it is to have others.
        names: by path, the name in the primary directory, where it is to be another.
        label: of the volume.
        system_area: what stands in the first 32 KiB.
        defects: of `DEFECTS`.

    Raises:
        ValueError: a defect that is not known.
    """
    if unknown := set(defects) - DEFECTS:
        raise ValueError(f"unknown defects: {sorted(unknown)}")
    views = [(primary if primary is not None else files, False), *([(files, True)] if joliet else [])]
    contents = dict.fromkeys(as_bytes(one) for view, _ in views for one in view.values())
    places: dict[bytes, int] = {}
    at = _FIRST
    tables = []
    for view, wide in views:
        tree = _Tree(view, hidden, {} if wide else names or {}, at, wide=wide)
        tables.append(tree)
        at = tree.end
    for one in contents:
        places[one] = at
        at += -(-len(one) // _SECTOR)
    if "file-past-end" in defects:
        places = {one: place + at for one, place in places.items()}
    body = b"".join(tree.sectors(places, loop="folder-loop" in defects) for tree in tables)
    body += b"".join(_padded(one) for one in contents)
    descriptors = b"".join(_descriptor(tree, label, at) for tree in tables)
    descriptors += _padded(b"\xffCD001\1")
    if "no-descriptors" in defects:
        descriptors = _padded(b"\x09CD001\1")
    return system_area.ljust(16 * _SECTOR, b"\0") + descriptors.ljust((_FIRST - 16) * _SECTOR, b"\0") + body


class _Tree:
    """One directory of an image: its folders, a sector or more each, and where they lie."""

    def __init__(
        self, files: Files, hidden: Collection[str], names: Mapping[str, str], first: int, *, wide: bool
    ) -> None:
        self.wide = wide
        self._hidden, self._names = hidden, names
        self._folders: dict[str, list[tuple[str, bytes | None]]] = {"": []}
        for path, content in files.items():
            above = path.split("/")[:-1]
            for depth in range(len(above)):
                folder = "/".join(above[: depth + 1])
                if folder not in self._folders:
                    self._folders[folder] = []
                    self._folders["/".join(above[:depth])].append((folder, None))
            self._folders["/".join(above)].append((path, as_bytes(content)))
        self.at: dict[str, int] = {}
        self.size: dict[str, int] = {}
        at = first
        for folder, inside in self._folders.items():
            sectors = _packed([len(self._record(path, 0, 0, 0)) for path, _ in inside], 68)
            self.at[folder], self.size[folder] = at, sectors * _SECTOR
            at += sectors
        self.end = at

    def sectors(self, places: Mapping[bytes, int], *, loop: bool) -> bytes:
        """All folders."""
        out = b""
        for folder, inside in self._folders.items():
            above = folder.rpartition("/")[0]
            records = [
                _record(b"\0", self.at[folder], self.size[folder], _FOLDER),
                _record(b"\1", self.at[above], self.size[above], _FOLDER),
            ]
            for path, content in inside:
                flags = _HIDDEN if path in self._hidden else 0
                if content is None:
                    to = "" if loop else path
                    records.append(self._record(path, self.at[to], self.size[to], flags | _FOLDER))
                else:
                    records.append(self._record(path, places[content], len(content), flags))
            out += _sectors(records).ljust(self.size[folder], b"\0")
        return out

    def _record(self, path: str, at: int, size: int, flags: int) -> bytes:
        name = path.rpartition("/")[2]
        if self.wide:
            return _record(name.encode("utf-16-be"), at, size, flags)
        plain = self._names.get(path, name).upper()
        return _record((plain if flags & _FOLDER else f"{plain};1").encode("cp932", "replace"), at, size, flags)


def _record(name: bytes, at: int, size: int, flags: int) -> bytes:
    length = (33 + len(name) + 1) & ~1
    head = bytes([length, 0]) + _both(at, 4) + _both(size, 4) + bytes([126, 1, 1, 0, 0, 0, 0, flags, 0, 0])
    return (head + _both(1, 2) + bytes([len(name)]) + name).ljust(length, b"\0")


def _packed(lengths: Iterable[int], used: int) -> int:
    """Sectors that records of these lengths take, none of which crosses the end of one."""
    sectors = 1
    for one in lengths:
        if used + one > _SECTOR:
            sectors, used = sectors + 1, 0
        used += one
    return sectors


def _sectors(records: Sequence[bytes]) -> bytes:
    out = b""
    for one in records:
        if len(out) % _SECTOR + len(one) > _SECTOR:
            out += bytes(-len(out) % _SECTOR)
        out += one
    return out


def _descriptor(tree: _Tree, label: str, sectors: int) -> bytes:
    text = label.encode("utf-16-be") if tree.wide else label.encode()
    blank = b"\0 " if tree.wide else b" "
    head = bytes([2 if tree.wide else 1]) + b"CD001\1\0" + blank * (32 // len(blank)) + text.ljust(32)[:32]
    head += bytes(8) + _both(sectors, 4) + (b"%/E" if tree.wide else b"").ljust(32, b"\0")
    head += _both(1, 2) + _both(1, 2) + _both(_SECTOR, 2) + bytes(24)
    head += _record(b"\0", tree.at[""], tree.size[""], _FOLDER)
    return _padded(head)


def _both(value: int, width: int) -> bytes:
    """A number in both byte orders."""
    return value.to_bytes(width, "little") + value.to_bytes(width, "big")


def _padded(raw: bytes) -> bytes:
    return raw + bytes(-len(raw) % _SECTOR)


def udf_disc(files: Files, *, hidden: Collection[str] = (), metadata: bool = False) -> bytes:
    """A UDF 1.02 image of one plain partition, all files in its root.

    Args:
        files: content by name.
        hidden: names that are marked as hidden.
        metadata: with a partition map of the sort that is not plain.
    """
    start = 272
    contents = [as_bytes(one) for one in files.values()]
    blocks, at = [], 3 + len(contents)
    for one in contents:
        blocks.append(at)
        at += max(-(-len(one) // _SECTOR), 1)
    folder = _identifier(b"", 1, 2 | 8)
    for number, name in enumerate(files):
        folder += _identifier(b"\x10" + name.encode("utf-16-be"), 2 + number, _HIDDEN if name in hidden else 0)
    listing = at
    partition = [_file_set(), _entry(4, len(folder), listing)]
    partition += [_entry(5, len(one), block) for one, block in zip(contents, blocks, strict=True)]
    body = b"".join(_padded(one) for one in partition).ljust((3 + len(contents)) * _SECTOR, b"\0")
    body += b"".join(_padded(one) or bytes(_SECTOR) for one in contents) + _padded(folder)
    sequence = [_logical(metadata=metadata), _partition(start, listing + 1), _tagged(8, b"", 496)]
    recognition = b"".join(_padded(b"\0" + one + b"\1") for one in (b"BEA01", b"NSR02", b"TEA01"))
    image = bytes(16 * _SECTOR) + recognition
    image = image.ljust(32 * _SECTOR, b"\0") + b"".join(_padded(one) for one in sequence)
    image = image.ljust(256 * _SECTOR, b"\0")
    image += _padded(_tagged(2, struct.pack("<II", 16 * _SECTOR, 32) * 2, 496))
    return image.ljust(start * _SECTOR, b"\0") + body


def _tagged(number: int, body: bytes, room: int) -> bytes:
    """A descriptor: its tag with a right sum, and what it says."""
    tag = bytearray(struct.pack("<HHBBHHHI", number, 2, 0, 0, 1, 0, 0, 0))
    tag[4] = (sum(tag[:4]) + sum(tag[5:])) & 0xFF
    return bytes(tag) + body.ljust(room, b"\0")


def _logical(*, metadata: bool) -> bytes:
    label = (b"\x08EMOTRIAGE").ljust(127, b"\0") + b"\x0a"
    kind = b"\2" + bytes([64]) if metadata else b"\1" + bytes([6])
    maps = kind + struct.pack("<HH", 1, 0)
    body = bytes(4 + 64) + label + struct.pack("<I", _SECTOR) + bytes(32) + struct.pack("<IIH", _SECTOR, 0, 0)
    return _tagged(6, body.ljust(248, b"\0") + struct.pack("<II", len(maps), 1) + bytes(168) + maps, 496)


def _partition(start: int, blocks: int) -> bytes:
    return _tagged(5, bytes(188 - 16) + struct.pack("<II", start, blocks), 496)


def _file_set() -> bytes:
    return _tagged(256, bytes(400 - 16) + struct.pack("<IIH", _SECTOR, 1, 0), 496)


def _entry(kind: int, size: int, block: int) -> bytes:
    icb = struct.pack("<IHHHBB", 0, 4, 0, 1, 0, kind) + bytes(6) + struct.pack("<H", 0)
    body = icb + bytes(20) + struct.pack("<Q", size) + bytes(168 - 64) + struct.pack("<II", 0, 8)
    return _tagged(261, body + struct.pack("<II", size, block), 496)


def _identifier(name: bytes, block: int, flags: int) -> bytes:
    body = struct.pack("<HBB", 1, flags, len(name)) + struct.pack("<IIH", _SECTOR, block, 0) + bytes(6)
    raw = _tagged(257, body + struct.pack("<H", 0) + name, 0)
    return raw + bytes(-len(raw) % 4)
