"""Disk images: FAT and NTFS volumes, in a partition or not, plain or as the virtual disks VHD and VHDX."""

import struct
from collections.abc import Collection, Mapping
from typing import Literal
from uuid import UUID

from emotriage.testing.content import Content, as_bytes

_SECTOR, _CLUSTER = 512, 4096
_BLOCK = 1 << 21
_RECORD = 1024
DEFECTS = frozenset({"file-past-end", "folder-loop", "compressed"})

Files = Mapping[str, Content]


def disk(
    files: Files,
    *,
    system: Literal["fat", "ntfs", "exfat"] = "fat",
    hidden: Collection[str] = (),
    partitioned: Literal["", "mbr", "extended", "gpt"] = "",
    container: Literal["", "vhd", "vhd-dynamic", "vhdx", "vhd-difference", "vmdk"] = "",
    defects: Collection[str] = (),
) -> bytes:
    """An image of a disk.

    Args:
        files: content by name; all lie in the root.
        system: of its volume; ``exfat`` has a boot sector and nothing else.
        hidden: names that are marked as hidden.
        partitioned: table of partitions in front of the volume.
        container: virtual disk it is wrapped in.
        defects: of `DEFECTS`; the last is NTFS's.

    Raises:
        ValueError: a defect that is not known.
    """
    if unknown := set(defects) - DEFECTS:
        raise ValueError(f"unknown defects: {sorted(unknown)}")
    contents = {name: as_bytes(one) for name, one in files.items()}
    if system == "fat":
        volume = _fat(contents, hidden, defects)
    elif system == "ntfs":
        volume = _ntfs(contents, hidden, defects)
    else:
        volume = (b"\xeb\x76\x90EXFAT   ".ljust(510, b"\0") + b"\x55\xaa").ljust(64 << 10, b"\0")
    raw = _partitioned(volume, partitioned)
    raw += bytes(-len(raw) % (64 << 10))
    wrap = {"vhd": _vhd, "vhd-dynamic": _vhd_dynamic, "vhdx": _vhdx}
    if container == "vhd-difference":
        return _vhd(raw, kind=4)
    if container == "vmdk":
        return b"KDMV" + bytes(508) + raw
    return wrap[container](raw) if container else raw


def _partitioned(volume: bytes, how: str) -> bytes:
    count = len(volume) // _SECTOR
    start = 64
    if how == "mbr":
        return _table((7, start, count)).ljust(start * _SECTOR, b"\0") + volume
    if how == "extended":
        chain = _table((5, 32, count + 32)).ljust(32 * _SECTOR, b"\0")
        return (chain + _table((6, 32, count))).ljust(start * _SECTOR, b"\0") + volume
    if how == "gpt":
        head = b"EFI PART" + bytes(64) + struct.pack("<QII", 2, 1, 128)
        entry = UUID(int=1).bytes_le * 2 + struct.pack("<QQ", start, start + count - 1)
        table = _table((0xEE, 1, count + start)) + head.ljust(_SECTOR, b"\0") + entry
        return table.ljust(start * _SECTOR, b"\0") + volume
    return volume


def _table(row: tuple[int, int, int]) -> bytes:
    kind, start, count = row
    entry = struct.pack("<B3xB3xII", 0, kind, start, count)
    return bytes(446) + entry.ljust(64, b"\0") + b"\x55\xaa"


def _fat(files: Mapping[str, bytes], hidden: Collection[str], defects: Collection[str]) -> bytes:
    """A FAT16 volume with one sector a cluster."""
    sectors, fats, fat_sectors, entries = 8192, 2, 32, 512
    boot = b"\xeb\x3c\x90EMOTRIAG" + struct.pack(
        "<HBHBHHBHHHII", 512, 1, 1, fats, entries, sectors, 0xF8, fat_sectors, 1, 1, 0, 0
    )
    boot = (boot + b"\x80\0\x29\0\0\0\0EMOTRIAGE  FAT16   ").ljust(510, b"\0") + b"\x55\xaa"
    fat = [0xFFF8, 0xFFFF]
    root, data = b"EMOTRIAGE  \x08".ljust(32, b"\0"), b""
    for number, (name, content) in enumerate(files.items()):
        count = -(-len(content) // _SECTOR)
        first = len(fat) if count else 0
        fat += [*range(first + 1, first + count), 0xFFFF][:count] if count else []
        data += content + bytes(-len(content) % _SECTOR)
        size = len(content) + (4096 if "file-past-end" in defects else 0)
        root += _fat_entry(number, name, 2 if name in hidden else 0, first, size)
    if "folder-loop" in defects:
        for number in (len(files), len(files) + 1):
            root += _fat_entry(number, f"FOLDER{number}", 16, len(fat), 0)
        fat.append(0xFFFF)
        data += bytes(_SECTOR)
    table = struct.pack(f"<{len(fat)}H", *fat).ljust(fat_sectors * _SECTOR, b"\0")
    return (boot + table * fats + root.ljust(entries * 32, b"\0") + data).ljust(sectors * _SECTOR, b"\0")


def _fat_entry(number: int, name: str, flags: int, cluster: int, size: int) -> bytes:
    """A directory entry with its long name in front."""
    short = b"FILE%04d%s" % (number, name.rpartition(".")[2].upper().encode("ascii", "replace")[:3].ljust(3))
    check = 0
    for byte in short:
        check = ((check >> 1) + (check << 7 & 0x80) + byte) & 0xFF
    wide = name.encode("utf-16-le") + (b"\0\0" if len(name) % 13 else b"")
    wide += b"\xff" * (-len(wide) % 26)
    out = b""
    for index in reversed(range(len(wide) // 26)):
        part = wide[index * 26 : index * 26 + 26]
        order = index + 1 | (0x40 if (index + 1) * 26 == len(wide) else 0)
        out += bytes([order]) + part[:10] + bytes([15, 0, check]) + part[10:22] + b"\0\0" + part[22:]
    return out + short + struct.pack("<B8xH4xHI", flags, cluster >> 16, cluster & 0xFFFF, size)


def _ntfs(files: Mapping[str, bytes], hidden: Collection[str], defects: Collection[str]) -> bytes:
    """An NTFS volume: boot sector, file table, and content; a name with a colon is a stream of the file before it."""
    per = _CLUSTER // _RECORD
    named = [one for one in files if ":" not in one]
    count = 24 + len(named)
    table_clusters = -(-count // per)
    at = 4 + table_clusters
    records, data = [_file_record(0, "$MFT", False, [("", None, table_clusters, 4, count * _RECORD, 0)])], b""
    records += [bytes(_RECORD)] * 23
    for number, name in enumerate(named, 24):
        streams: list[_Stream] = []
        for path, content in files.items():
            main, _, stream = path.partition(":")
            if main != name:
                continue
            if len(content) < 300:
                streams.append((stream, content, 0, 0, 0, 0))
                continue
            clusters = -(-len(content) // _CLUSTER)
            place = at + (1 << 20 if "file-past-end" in defects else 0)
            streams.append((stream, None, clusters, place, len(content), 1 if "compressed" in defects else 0))
            data += content + bytes(-len(content) % _CLUSTER)
            at += clusters
        records.append(_file_record(number, name, name in hidden, streams))
    boot = b"\xeb\x52\x90NTFS    " + struct.pack("<HB", _SECTOR, _CLUSTER // _SECTOR) + bytes(26)
    boot += struct.pack("<QQQ", at * _CLUSTER // _SECTOR, 4, 4) + struct.pack("<b3xb3x", -10, 1)
    boot = boot.ljust(510, b"\0") + b"\x55\xaa"
    body = b"".join(records).ljust(table_clusters * _CLUSTER, b"\0") + data
    return boot.ljust(4 * _CLUSTER, b"\0") + body


_Stream = tuple[str, bytes | None, int, int, int, int]


def _file_record(number: int, name: str, unseen: bool, streams: list[_Stream]) -> bytes:
    """A record of the file table, its sectors' ends moved to the update sequence."""
    standard = bytes(32) + struct.pack("<I", 2 if unseen else 0) + bytes(12)
    label = struct.pack("<Q", 5) + bytes(56) + bytes([len(name), 1]) + name.encode("utf-16-le")
    attributes = _resident(0x10, "", standard) + _resident(0x30, "", label)
    for title, content, clusters, place, size, flags in streams:
        attributes += (
            _resident(0x80, title, content) if content is not None else _runs(title, clusters, place, size, flags)
        )
    head = b"FILE" + struct.pack("<HHQHHHHIIQHHI", 48, 3, 0, 1, 1, 56, 1, 0, _RECORD, 0, 0, 0, number)
    raw = bytearray((head.ljust(56, b"\0") + attributes + b"\xff\xff\xff\xff").ljust(_RECORD, b"\0"))
    raw[48:54] = b"\1\0" + raw[510:512] + raw[1022:1024]
    raw[510:512] = raw[1022:1024] = b"\1\0"
    return bytes(raw)


def _resident(kind: int, name: str, body: bytes) -> bytes:
    begin = (24 + 2 * len(name) + 7) & ~7
    length = (begin + len(body) + 7) & ~7
    head = struct.pack("<IIBBHHHIHH", kind, length, 0, len(name), 24, 0, 0, len(body), begin, 0)
    return ((head + name.encode("utf-16-le")).ljust(begin, b"\0") + body).ljust(length, b"\0")


def _runs(name: str, clusters: int, place: int, size: int, flags: int) -> bytes:
    begin = (64 + 2 * len(name) + 7) & ~7
    runs = b"\x44" + struct.pack("<Ii", clusters, place) + b"\0"
    length = (begin + len(runs) + 7) & ~7
    head = struct.pack("<IIBBHHH", 0x80, length, 1, len(name), 64, flags, 0)
    head += struct.pack("<QQHHIQQQ", 0, clusters - 1, begin, 0, 0, clusters * _CLUSTER, size, size)
    return ((head + name.encode("utf-16-le")).ljust(begin, b"\0") + runs).ljust(length, b"\0")


def _footer(size: int, kind: int, data: int) -> bytes:
    raw = b"conectix" + struct.pack(
        ">IIQI4sI4sQQIIII", 2, 0x10000, data, 0, b"emot", 0x10000, b"Wi2k", size, size, 0, kind, 0, 0
    )
    return raw.ljust(_SECTOR, b"\0")


def _vhd(raw: bytes, *, kind: int = 2) -> bytes:
    return raw + _footer(len(raw), kind, (1 << 64) - 1)


def _vhd_dynamic(raw: bytes) -> bytes:
    count = -(-len(raw) // _BLOCK)
    head = b"cxsparse" + struct.pack(">QQIII", (1 << 64) - 1, 1536, 0x10000, count, _BLOCK)
    begin = 1536 + (-(-4 * count // _SECTOR)) * _SECTOR
    table, body = [], b""
    for index in range(count):
        block = raw[index * _BLOCK : (index + 1) * _BLOCK].ljust(_BLOCK, b"\0")
        written = bool(block.strip(b"\0"))
        table.append((begin + len(body)) // _SECTOR if written else 0xFFFFFFFF)
        body += b"\xff" * _SECTOR + block if written else b""
    footer = _footer(len(raw), 3, _SECTOR)
    return (
        footer
        + head.ljust(1024, b"\0")
        + struct.pack(f">{count}I", *table).ljust(begin - 1536, b"\xff")
        + body
        + footer
    )


def _vhdx(raw: bytes) -> bytes:
    mib = 1 << 20
    count = -(-len(raw) // _BLOCK)
    table, body = [], b""
    for index in range(count):
        block = raw[index * _BLOCK : (index + 1) * _BLOCK].ljust(_BLOCK, b"\0")
        written = bool(block.strip(b"\0"))
        table.append(3 * mib + len(body) | 6 if written else 0)
        body += block if written else b""
    regions = b"regi" + struct.pack("<III", 0, 2, 0)
    for guid, at in (("2dc27766-f623-4200-9d64-115e9bfd4a08", mib), ("8b7ca206-4790-4b9a-b8fe-575f050f886e", 2 * mib)):
        regions += UUID(guid).bytes_le + struct.pack("<QII", at, mib, 1)
    items = (
        ("caa16737-fa36-4d43-b3b6-33f0aa44e76b", struct.pack("<II", _BLOCK, 0)),
        ("2fa54224-cd1b-4876-b211-5dbed83bf4b8", struct.pack("<Q", len(raw))),
        ("8141bf1d-a96f-4709-ba47-f233a8faab5f", struct.pack("<I", _SECTOR)),
    )
    metadata, values = b"metadata" + struct.pack("<HH20x", 0, len(items)), b""
    for guid, value in items:
        metadata += UUID(guid).bytes_le + struct.pack("<III4x", (64 << 10) + len(values), len(value), 0)
        values += value.ljust(8, b"\0")
    image = b"vhdxfile".ljust(192 << 10, b"\0") + regions
    image = image.ljust(mib, b"\0") + struct.pack(f"<{count}Q", *table)
    image = image.ljust(2 * mib, b"\0") + metadata.ljust(64 << 10, b"\0") + values
    return image.ljust(3 * mib, b"\0") + body
