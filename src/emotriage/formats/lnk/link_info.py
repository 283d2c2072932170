"""LinkInfo of a shortcut: the volume or the network share that its target lies on, from [MS-SHLLINK] 2.3."""

from dataclasses import dataclass

from emotriage.formats.ansi import decode_ansi
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob

_LIMIT = 1 << 16
_HAS_VOLUME, _HAS_NETWORK = 1, 2


@dataclass(frozen=True, slots=True)
class LinkInfo:
    r"""Where the target lay.

    Attributes:
        local_path: path on a local volume, or empty.
        share: ``\\server\share`` that the target lies on, or empty.
        device: the drive letter that the share was mounted as, or empty.
        suffix: what comes behind the local path or the share.
        drive_type: 2 removable, 3 fixed, 4 remote, 5 optical ...; None without a volume.
        drive_serial: serial number of the volume, or None.
        volume_label: its label.
    """

    local_path: str = ""
    share: str = ""
    device: str = ""
    suffix: str = ""
    drive_type: int | None = None
    drive_serial: int | None = None
    volume_label: str = ""

    @property
    def path(self) -> str:
        """The whole path: local where there is one, else on the share."""
        base = self.local_path or self.share
        if not base or not self.suffix:
            return base
        return base + self.suffix if base.endswith("\\") or self.local_path else f"{base}\\{self.suffix}"

    @property
    def glued(self) -> str:
        """The local path by itself, where no separator keeps the suffix from changing its last name."""
        return "" if not self.suffix or self.local_path.endswith("\\") else self.local_path


def read_link_info(blob: Blob, at: int) -> tuple[LinkInfo | None, list[Anomaly], int]:
    """Read the LinkInfo at an offset.

    Returns:
        What it says (None when there is no header), what is odd about it, and the bytes that it takes.
    """
    head = blob.read(at, 4)
    size = int.from_bytes(head, "little")
    if len(head) < 4 or size < 4:
        return None, [Anomaly("link-info-size", "LinkInfo", at, incomplete=True)], len(head)
    data = blob.read(at, min(size, _LIMIT))
    anomalies = []
    if size > blob.size - at:
        anomalies.append(Anomaly("past-end", "LinkInfo", at, incomplete=True))
    elif size > _LIMIT:
        anomalies.append(Anomaly("link-info-size", "LinkInfo", at, incomplete=True))
    reader = _Reader(data, at, anomalies)
    info = _parse(reader) if len(data) >= 0x1C else None
    if info is None and not anomalies:
        anomalies.append(Anomaly("link-info-size", "LinkInfo", at, incomplete=True))
    return info, anomalies, min(size, blob.size - at)


def _parse(reader: "_Reader") -> LinkInfo:
    header, flags, volume, base, network, suffix = (reader.u32(at) for at in range(4, 28, 4))
    wide_base, wide_suffix = (reader.u32(0x1C), reader.u32(0x20)) if header >= 0x24 else (0, 0)
    local_path = share = device = label = ""
    drive_type = drive_serial = None
    if flags & _HAS_VOLUME:
        local_path = reader.text(wide_base, wide=True) or reader.text(base)
        if volume and reader.inside(volume + 0x10):
            drive_type, drive_serial = reader.u32(volume + 4), reader.u32(volume + 8)
            label_at = reader.u32(volume + 0xC)
            label = reader.text(
                volume + (reader.u32(volume + 0x10) if label_at == 0x14 else label_at), wide=label_at == 0x14
            )
    if flags & _HAS_NETWORK and reader.inside(network + 0x14):
        name, mount = reader.u32(network + 8), reader.u32(network + 12)
        valid = reader.u32(network + 4)
        wide_name, wide_mount = (reader.u32(network + 0x14), reader.u32(network + 0x18)) if name > 0x14 else (0, 0)
        share = reader.text(network + wide_name if wide_name else 0, wide=True) or reader.text(network + name)
        if valid & 1:
            device = reader.text(network + wide_mount if wide_mount else 0, wide=True) or reader.text(network + mount)
    tail = reader.text(wide_suffix, wide=True) or (reader.text(suffix) if suffix else "")
    return LinkInfo(local_path, share, device, tail, drive_type, drive_serial, label)


class _Reader:
    """Reads numbers and strings at offsets that the file chose."""

    def __init__(self, data: bytes, base: int, anomalies: list[Anomaly]) -> None:
        self._data = data
        self._base = base
        self._anomalies = anomalies

    def inside(self, at: int) -> bool:
        """True when an offset lies in the structure; else that is noted."""
        if at <= len(self._data):
            return True
        self._anomalies.append(Anomaly("link-info-offset", "LinkInfo", self._base, incomplete=True))
        return False

    def u32(self, at: int) -> int:
        return int.from_bytes(self._data[at : at + 4], "little")

    def text(self, at: int, *, wide: bool = False) -> str:
        """The zero-terminated string at an offset; offset 0 is none."""
        if not at or not self.inside(at):
            return ""
        if not wide:
            end = self._data.find(b"\0", at)
            return decode_ansi(self._data[at : end if end >= 0 else len(self._data)])
        raw = self._data[at : at + ((len(self._data) - at) & ~1)]
        return raw.decode("utf-16-le", "surrogatepass").split("\0", 1)[0]
