"""FAT12, FAT16 and FAT32 volumes, from the FAT specification 1.03 (boot sector 3, FAT 4, directories 6 and 7)."""

from collections.abc import Iterator
from dataclasses import dataclass

from emotriage.formats.disk.volume import DEEPEST, FOLDERS, Entry, Volume, clipped
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import RECORD, Budget

_HIDDEN, _SYSTEM, _LABEL, _FOLDER, _LONG = 2, 4, 8, 16, 15
_FOLDER_BYTES = 2 << 20
_WINDOW = 64 << 10


@dataclass(slots=True)
class _Fat:
    """The geometry of a volume, and the chains of its clusters."""

    blob: Blob
    budget: Budget
    cluster: int
    width: int
    fat_at: int
    root_at: int
    root_bytes: int
    root_cluster: int
    data_at: int
    clusters: int
    end: int
    _base: int = -1
    _window: bytes = b""

    def place(self, cluster: int) -> int:
        return self.data_at + (cluster - 2) * self.cluster

    def chain(self, cluster: int, size: int) -> tuple[tuple[tuple[int, int], ...], bool]:
        """(pieces, whether the chain is whole) of at most `size` bytes."""
        pieces: list[tuple[int, int]] = []
        left = size
        while left > 0:
            if not 2 <= cluster < self.clusters + 2:
                return tuple(pieces), False
            self.budget.spend(RECORD // 4)
            at = self.place(cluster)
            if pieces and sum(pieces[-1]) == at:
                pieces[-1] = (pieces[-1][0], pieces[-1][1] + self.cluster)
            else:
                pieces.append((at, self.cluster))
            left -= self.cluster
            cluster = self._next(cluster)
        return clipped(pieces, size), True

    def _next(self, cluster: int) -> int:
        at = cluster * self.width // 8
        if not self._base <= at < self._base + len(self._window) - 4:
            self._base = at
            self._window = self.blob.read(self.fat_at + at, _WINDOW)
        value = int.from_bytes(self._window[at - self._base : at - self._base + 4], "little")
        if self.width == 12:
            return (value >> 4 if cluster & 1 else value) & 0xFFF
        return value & (0xFFFF if self.width == 16 else 0x0FFFFFFF)


def is_fat(head: bytes) -> bool:
    """Do these first 512 bytes describe a FAT volume?"""
    bytes_a_sector = int.from_bytes(head[11:13], "little")
    return (
        head[510:512] == b"\x55\xaa"
        and head[:1] in (b"\xeb", b"\xe9")
        and bytes_a_sector in (512, 1024, 2048, 4096)
        and head[13].bit_count() == 1
        and head[16] in (1, 2)
        and int.from_bytes(head[14:16], "little") > 0
    )


def read_fat(blob: Blob, budget: Budget) -> Volume:
    """The files of a volume.

    Raises:
        Malformed: the boot sector describes none.
    """
    disc = _geometry(blob, budget)
    entries: list[Entry] = []
    odd: dict[str, Anomaly] = {}
    label = ""
    seen: set[int] = set()
    stack: list[tuple[str, int, bool, int]] = [("", disc.root_cluster, False, 0)]
    while stack:
        path, cluster, hidden, depth = stack.pop()
        if cluster in seen:
            odd.setdefault("folder-loop", Anomaly("folder-loop", path))
            continue
        seen.add(cluster)
        if len(seen) > FOLDERS or depth > DEEPEST or len(entries) >= budget.limits.children:
            odd["too-many-files"] = Anomaly("too-many-files", path, incomplete=True)
            break
        at = disc.chain(cluster, _FOLDER_BYTES)[0] if cluster else ((disc.root_at, disc.root_bytes),)
        inner = []
        for one in _records(blob, at, budget):
            if one.flags & _LABEL:
                label = label or one.name
                continue
            inside = f"{path}/{one.name}" if path else one.name
            unseen = hidden or bool(one.flags & (_HIDDEN | _SYSTEM))
            if one.flags & _FOLDER:
                inner.append((inside, one.cluster, unseen, depth + 1))
                continue
            pieces, whole = disc.chain(one.cluster, one.size)
            if not whole or any(sum(piece) > blob.size for piece in pieces):
                odd.setdefault("file-past-end", Anomaly("file-past-end", inside, one.at, incomplete=True))
            entries.append(Entry(inside, pieces, one.size, unseen, one.at))
        stack += reversed(inner)
    if disc.end > blob.size:
        odd["volume-cut"] = Anomaly("volume-cut", "volume", blob.size, incomplete=True)
    return Volume("FAT", label, tuple(entries), disc.end, tuple(odd.values()))


def _geometry(blob: Blob, budget: Budget) -> _Fat:
    head = blob.read(0, 512)
    if len(head) < 512 or not is_fat(head):
        raise Malformed("no FAT boot sector")

    def number(at: int, width: int) -> int:
        return int.from_bytes(head[at : at + width], "little")

    sector = number(11, 2)
    fat_size = number(22, 2) or number(36, 4)
    sectors = number(19, 2) or number(32, 4)
    fat_at = number(14, 2) * sector
    root_at = fat_at + head[16] * fat_size * sector
    root_bytes = number(17, 2) * 32
    data_at = root_at + -(-root_bytes // sector) * sector
    clusters = max(sectors * sector - data_at, 0) // (head[13] * sector)
    width = 12 if clusters < 4085 else 16 if clusters < 65525 else 32
    root_cluster = number(44, 4) if not number(22, 2) else 0
    return _Fat(
        blob, budget, head[13] * sector, width, fat_at, root_at, root_bytes, root_cluster, data_at, clusters,
        sectors * sector,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Record:
    """A directory entry with its long name, where it has one."""

    name: str
    flags: int
    cluster: int
    size: int
    at: int


def _records(blob: Blob, pieces: tuple[tuple[int, int], ...], budget: Budget) -> Iterator[_Record]:
    long: list[bytes] = []
    for begin, length in pieces:
        raw = blob.read(begin, min(length, _FOLDER_BYTES))
        for at in range(0, len(raw) - 31, 32):
            budget.spend(RECORD // 4)
            one = raw[at : at + 32]
            if one[0] == 0:
                return
            if one[0] == 0xE5:  # deleted
                long.clear()
            elif one[11] & 0x3F == _LONG:
                if one[0] & 0x40:
                    long.clear()
                long.append(one[1:11] + one[14:26] + one[28:32])
            else:
                name = b"".join(reversed(long)).decode("utf-16-le", "replace").partition("\0")[0]
                long.clear()
                short = _short(one[:11], one[12])
                if short in (".", ".."):
                    continue
                cluster = int.from_bytes(one[26:28], "little") | int.from_bytes(one[20:22], "little") << 16
                yield _Record(name or short, one[11], cluster, int.from_bytes(one[28:32], "little"), begin + at)


def _short(raw: bytes, case: int) -> str:
    """An 8.3 name; NT keeps in a byte of its own which part is in lower case."""
    raw = b"\xe5" + raw[1:] if raw[0] == 5 else raw
    stem, extension = (part.rstrip(b" ").decode("cp932", "replace") for part in (raw[:8], raw[8:]))
    stem = stem.lower() if case & 8 else stem
    extension = extension.lower() if case & 16 else extension
    return f"{stem}.{extension}" if extension else stem
