"""Windows shortcuts, from [MS-SHLLINK]: header (2.1) and strings (2.4); the other structures have rooms of their own.

Everything lies within bounds that the format itself sets (16-bit sizes, or a count), so a shortcut is read in a few
windows however large the file is. What contradicts the specification is reported as an anomaly beside what was read.
"""

import struct
from dataclasses import dataclass
from uuid import UUID

from emotriage.formats.ansi import decode_ansi
from emotriage.formats.lnk.extra import ExtraData, read_extra_data
from emotriage.formats.lnk.link_info import LinkInfo, read_link_info
from emotriage.formats.lnk.properties import TARGET
from emotriage.formats.lnk.shell_items import ShellItem, path_of, read_items
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import Budget

MAGIC = (0x4C).to_bytes(4, "little") + UUID("00021401-0000-0000-c000-000000000046").bytes_le
"""HeaderSize and LinkCLSID: the first 20 bytes of every shortcut."""

HAS_ID_LIST, HAS_LINK_INFO, IS_UNICODE = 1 << 0, 1 << 1, 1 << 7
FORCE_NO_LINK_INFO, RUN_AS_USER = 1 << 8, 1 << 13
_STRINGS = (
    (1 << 2, "name"),
    (1 << 3, "relative_path"),
    (1 << 4, "working_dir"),
    (1 << 5, "arguments"),
    (1 << 6, "icon"),
)
_HEADER_SIZE = 0x4C
_WINDOWS_LIMIT = 260


@dataclass(frozen=True, slots=True)
class Strings:
    """The StringData of a shortcut, read one way.

    Attributes:
        name: the comment.
        relative_path: the target as seen from the shortcut.
        working_dir: where the target starts.
        arguments: its command line.
        icon: icon location.
        arguments_at: offset of the arguments' text, or None.
        end: offset behind the last string.
    """

    name: str = ""
    relative_path: str = ""
    working_dir: str = ""
    arguments: str = ""
    icon: str = ""
    arguments_at: int | None = None
    end: int = 0


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A shortcut, read as far as it goes.

    Attributes:
        flags: LinkFlags.
        show: ShowCommand: 1 normal, 3 maximised, 7 minimised without focus.
        times: creation, last access and last change of the target, as FILETIMEs; 0 for none.
        hot_key: HotKey, 0 when there is none.
        icon_index: index into the icon file, or minus its resource number.
        items: the IDList.
        link_info: the LinkInfo, or None.
        strings: StringData as Windows reads it: all but the arguments end at 260 characters.
        specified: StringData by their own counts, where that gives something else; or None.
        extra: the extra data.
        anomalies: departures from the specification.
    """

    flags: int
    show: int
    times: tuple[int, int, int]
    hot_key: int
    icon_index: int
    items: tuple[ShellItem, ...]
    link_info: LinkInfo | None
    strings: Strings
    specified: Strings | None
    extra: ExtraData
    anomalies: tuple[Anomaly, ...]

    @property
    def end(self) -> int:
        """Offset behind the terminal block; what lies there is not the shortcut's."""
        return self.extra.end

    @property
    def run_as(self) -> bool:
        """True when it asks for other credentials (RunAsUser)."""
        return bool(self.flags & RUN_AS_USER)

    @property
    def icon(self) -> str:
        """Where its icon comes from, or empty when it is the target's own."""
        return self.extra.icon or self.strings.icon

    @property
    def targets(self) -> tuple[tuple[str, str], ...]:
        """(where it is written, path) of every target it names, in the order in which Windows trusts them."""
        found = (
            ("IDList", path_of(self.items)),
            ("LinkInfo", self.link_info.path if self.link_info else ""),
            ("LinkInfo without its suffix", self.link_info.glued if self.link_info else ""),
            ("environment block", self.extra.environment),
            ("IDList block", path_of(self.extra.items)),
            ("property store", next((one.text for one in self.extra.properties if one.key == TARGET), "")),
            ("relative path", self.strings.relative_path),
        )
        return tuple((where, path) for where, path in found if path)

    @property
    def target(self) -> str:
        """The target that Windows would start: the first one that lies in the file system or on the network."""
        paths = [path for _, path in self.targets]
        return next((path for path in paths if not path.startswith("::{")), paths[0] if paths else "")


def read_shortcut(blob: Blob, budget: Budget) -> Shortcut:
    """Read a shortcut that begins at offset 0.

    Raises:
        Malformed: the header is not that of a shortcut, or is cut off.
    """
    header = blob.read(0, _HEADER_SIZE)
    if len(header) < _HEADER_SIZE or not header.startswith(MAGIC):
        raise Malformed("no shortcut header")
    flags, icon_index, show = (int.from_bytes(header[at : at + 4], "little") for at in (0x14, 0x38, 0x3C))
    anomalies: list[Anomaly] = []
    at = _HEADER_SIZE
    items: tuple[ShellItem, ...] = ()
    if flags & HAS_ID_LIST:
        items, odd, at = _read_id_list(blob, at, budget)
        anomalies += odd
    info = None
    if flags & HAS_LINK_INFO and not flags & FORCE_NO_LINK_INFO:
        info, odd, size = read_link_info(blob, at)
        anomalies += odd
        at += size
    strings, odd = _read_strings(blob, at, flags, _WINDOWS_LIMIT)
    anomalies += odd
    specified, _ = _read_strings(blob, at, flags, 0xFFFF)
    extra, odd = read_extra_data(blob, strings.end, budget)
    anomalies += odd
    return Shortcut(
        flags=flags,
        show=show,
        times=struct.unpack_from("<3Q", header, 0x1C),
        hot_key=int.from_bytes(header[0x40:0x42], "little"),
        icon_index=icon_index - (1 << 32) if icon_index >> 31 else icon_index,
        items=items,
        link_info=info,
        strings=strings,
        specified=specified if specified != strings else None,
        extra=extra,
        anomalies=tuple(anomalies),
    )


def _read_id_list(blob: Blob, at: int, budget: Budget) -> tuple[tuple[ShellItem, ...], list[Anomaly], int]:
    raw = blob.read(at, 2)
    size = int.from_bytes(raw, "little")
    data = blob.read(at + 2, size)
    items, odd = read_items(data, at + 2, budget)
    if len(raw) < 2 or len(data) < size:
        odd = [Anomaly("past-end", "IDList", at, incomplete=True)]
    return items, odd, at + len(raw) + len(data)


def _read_strings(blob: Blob, at: int, flags: int, limit: int) -> tuple[Strings, list[Anomaly]]:
    width = 2 if flags & IS_UNICODE else 1
    anomalies: list[Anomaly] = []
    read: dict[str, str] = {}
    arguments_at = None
    for flag, field in _STRINGS:
        if not flags & flag:
            continue
        head = blob.read(at, 2)
        count = int.from_bytes(head, "little")
        kept = count if field == "arguments" else min(count, limit)
        raw = blob.read(at + 2, kept * width)
        if len(head) < 2 or len(raw) < kept * width:
            anomalies.append(Anomaly("past-end", field, at, incomplete=True))
        elif kept < count:
            anomalies.append(Anomaly("string-over-limit", field, at))
            raw = raw[: (kept - 1) * width]  # Windows puts its terminator over the last one
        if field == "arguments":
            arguments_at = at + 2
        read[field] = _decode(raw, width).rstrip("\0")
        at = min(at + 2 + kept * width, blob.size)
    strings = Strings(
        name=read.get("name", ""),
        relative_path=read.get("relative_path", ""),
        working_dir=read.get("working_dir", ""),
        arguments=read.get("arguments", ""),
        icon=read.get("icon", ""),
        arguments_at=arguments_at,
        end=at,
    )
    return strings, anomalies


def _decode(raw: bytes, width: int) -> str:
    if width == 1:
        return decode_ansi(raw)
    return raw[: len(raw) & ~1].decode("utf-16-le", "surrogatepass")
