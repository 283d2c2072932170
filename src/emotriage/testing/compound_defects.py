"""The ways in which a compound file can be wrong, one word each."""

import struct
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Protocol

from emotriage.testing.compound_tree import FREE, STREAM, Node, link
from emotriage.testing.content import Content

DEFECTS = {
    "fat-loop": "the first sector of a stream (argument: its path) follows itself; the stream claims 1 GiB",
    "fat-out-of-range": "the chain of a stream (path) leaves the file after its first sector",
    "minifat-loop": "the first mini sector of a small stream (path) follows itself; the stream claims 4,095 bytes",
    "minifat-out-of-range": "the chain of a small stream (path) leaves the mini stream after its first sector",
    "directory-loop": "the last directory sector is followed by the first",
    "tree-cycle": "an entry (path; the last one) is its own left and right sibling and its own child",
    "difat-loop": "a DIFAT sector follows itself; 2^31-1 of them and of FAT sectors are claimed",
    "difat-count": "2^31-1 DIFAT and FAT sectors are claimed, and none is there",
    "orphan": "no tree holds an entry (path; the last one)",
    "deleted": "an entry (path; the last one) is marked unused, but still says where its stream is",
    "shared-sector": "a stream (path; the last one) starts where the one before it does",
    "stream-too-long": "a stream (path; the last one) claims 2^31-1 bytes",
    "stream-size-high": "the upper half of a stream's size (path; the last one) is not zero",
    "stream-size-negative": "a stream (path; the last one) claims 2^32-1 bytes",
    "bad-sector-shift": "the header's sector shift (argument; 7)",
    "bad-mini-shift": "the header's mini sector shift (argument; 31)",
    "bad-byte-order": "the byte order mark is turned round",
    "bad-version": "the header's major version (argument; 5)",
    "truncated": "only the first bytes (argument; half) are there",
}
_OWN_STREAM = {"fat-loop": 4608, "fat-out-of-range": 4608, "minifat-loop": 100, "minifat-out-of-range": 100}
_HEADER = {"bad-sector-shift": (30, 7), "bad-mini-shift": (32, 31), "bad-version": (26, 5)}
_HUGE = 2**31 - 1


class Tables(Protocol):
    """What a defect may change after all sectors are given out."""

    fat: list[int]
    minifat: list[int]
    directory: int
    directory_sectors: int


def damage_of(defects: Collection[str]) -> "Damage":
    """What the words ask for.

    Raises:
        ValueError: a word that is not known.
    """
    damage = Damage()
    for defect in defects:
        word, _, argument = defect.partition(":")
        if word not in DEFECTS:
            raise ValueError(f"unknown defect {word!r}; there are {', '.join(DEFECTS)}")
        damage.words.append((word, argument))
        if word in _OWN_STREAM and not argument:
            damage.extra.append(("Loop", b"emotriage-inert ".ljust(_OWN_STREAM[word], b".")))
        elif word == "difat-loop":
            damage.difat_sectors = 1
        elif word == "truncated":
            damage.truncated = True
            damage.keep = int(argument) if argument else None
    return damage


@dataclass(slots=True)
class Damage:
    """Defects that were asked for, and what they need."""

    words: list[tuple[str, str]] = field(default_factory=list)
    extra: list[tuple[str, Content]] = field(default_factory=list)
    difat_sectors: int = 0
    truncated: bool = False
    keep: int | None = None

    def apply(self, nodes: list[Node], tables: Tables) -> None:
        """Spoil directory entries and chains."""
        for word, argument in self.words:
            if word == "directory-loop":
                tables.fat[tables.directory + tables.directory_sectors - 1] = tables.directory
            elif word not in _HEADER and word not in {"difat-loop", "difat-count", "bad-byte-order", "truncated"}:
                _spoil(word, _target(nodes, argument or ("Loop" if word in _OWN_STREAM else "")), nodes, tables)

    def header(self, header: bytes) -> bytes:
        """The header, spoilt."""
        out = bytearray(header)
        for word, argument in self.words:
            if word in _HEADER:
                at, usual = _HEADER[word]
                struct.pack_into("<H", out, at, int(argument) if argument else usual)
            elif word == "bad-byte-order":
                out[28:30] = b"\xff\xfe"
            elif word in {"difat-loop", "difat-count"}:
                struct.pack_into("<I", out, 44, _HUGE)
                struct.pack_into("<I", out, 72, _HUGE)
        return bytes(out)

    def next_difat(self, following: int, this: int) -> int:
        """Which DIFAT sector the sector `this` names as the one behind it."""
        return this if self.difat_sectors else following


def _target(nodes: list[Node], path: str) -> int:
    if not path:
        return len(nodes) - 1
    found = [index for index, node in enumerate(nodes) if node.path == path]
    if not found:
        raise ValueError(f"there is no entry {path!r} to spoil")
    return found[0]


def _spoil(word: str, index: int, nodes: list[Node], tables: Tables) -> None:
    node = nodes[index]
    start = node.start
    if word in {"fat-loop", "fat-out-of-range", "minifat-loop", "minifat-out-of-range"}:
        table = tables.minifat if word.startswith("mini") else tables.fat
        if start is None or (node.size < 4096) != word.startswith("mini"):
            raise ValueError(f"{word} needs a stream that is {'smaller' if word.startswith('mini') else 'larger'}")
        table[start] = start if word.endswith("loop") else 0x00FFFFFF
        node.declared = {"fat-loop": 1 << 30, "minifat-loop": 4095}.get(word)
    elif word == "tree-cycle":
        node.left = node.right = node.child = index
    elif word in {"orphan", "deleted"}:
        node.linked = False
        node.kind = FREE if word == "deleted" else node.kind
        nodes[node.parent].child = 0xFFFFFFFF
        link(nodes)
    elif word == "shared-sector":
        others = [one for one in nodes[:index] if one.kind == STREAM and (one.size < 4096) == (node.size < 4096)]
        if not others:
            raise ValueError("shared-sector needs two streams of the same sort")
        node.start = others[-1].start
    else:
        sizes = {"stream-too-long": _HUGE, "stream-size-negative": 2**32 - 1, "stream-size-high": 1 << 32 | node.size}
        node.declared = sizes[word]
