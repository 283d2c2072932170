"""Extra data of a shortcut: the blocks behind its strings, and where they end, from [MS-SHLLINK] 2.5."""

import re
from dataclasses import dataclass
from uuid import UUID

from emotriage.formats.ansi import decode_ansi
from emotriage.formats.lnk.properties import Property, read_properties
from emotriage.formats.lnk.shell_items import ShellItem, read_items
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.limits import RECORD, Budget

ENVIRONMENT, CONSOLE, TRACKER, CONSOLE_CODE_PAGE, SPECIAL_FOLDER, DARWIN = range(0xA0000001, 0xA0000007)
ICON_ENVIRONMENT, SHIM, PROPERTY_STORE, _UNUSED, KNOWN_FOLDER, VISTA_ID_LIST = range(0xA0000007, 0xA000000D)
KNOWN = frozenset(range(ENVIRONMENT, VISTA_ID_LIST + 1)) - {_UNUSED}
"""Signatures that the specification has."""

_KEPT = 256
_BLOCK_LIMIT = 1 << 16
_PATHS_END = 788  # size, signature, 260 ANSI and 260 UTF-16 characters


@dataclass(frozen=True, slots=True)
class Block:
    """An extra data block: its signature, and the whole block's place in the file.

    Attributes:
        known: false for a signature that the specification does not have.
    """

    signature: int
    offset: int
    size: int
    known: bool


@dataclass(frozen=True, slots=True)
class ExtraData:
    """What the blocks say.

    Attributes:
        environment: target of the environment block, such as ``%ComSpec%``.
        icon: path of the icon block.
        darwin: application identifier of an installer's shortcut.
        machine: NetBIOS name of the machine that the target lay on when the shortcut was made.
        mac: hardware address of its network card, from the object id of the target; or empty.
        object_ids: of the volume and the file that the target was, then of those that it was first.
        shim: name of the compatibility layer that the target runs under.
        folder: GUID of the known folder, or number of the special one, that the target lies in; or empty.
        properties: what the property store says.
        items: the IDList of 0xA000000C.
        blocks: the first blocks, in order.
        end: offset behind the terminal block.
    """

    environment: str
    icon: str
    darwin: str
    machine: str
    mac: str
    object_ids: tuple[str, ...]
    shim: str
    folder: str
    properties: tuple[Property, ...]
    items: tuple[ShellItem, ...]
    blocks: tuple[Block, ...]
    end: int


def read_extra_data(blob: Blob, at: int, budget: Budget) -> tuple[ExtraData, list[Anomaly]]:
    """Walk the blocks from `at` on, as far as their sizes lead; the first of each signature counts."""
    blocks, end, anomalies = _walk(blob, at, budget)
    first = {one.signature: one for one in reversed(blocks)}

    def data(signature: int) -> bytes:
        block = first.get(signature)
        return blob.read(block.offset, min(block.size, _BLOCK_LIMIT)) if block else b""

    paths = {}
    for signature, where in (
        (ENVIRONMENT, "environment block"),
        (ICON_ENVIRONMENT, "icon block"),
        (DARWIN, "darwin block"),
    ):
        paths[signature], odd = _paths(data(signature), where)
        anomalies += odd
    items: tuple[ShellItem, ...] = ()
    if VISTA_ID_LIST in first:
        items, odd = read_items(data(VISTA_ID_LIST)[8:], first[VISTA_ID_LIST].offset + 8, budget)
        anomalies += odd
    tracker = data(TRACKER)
    known, special = data(KNOWN_FOLDER)[8:24], data(SPECIAL_FOLDER)[8:12]
    extra = ExtraData(
        environment=paths[ENVIRONMENT],
        icon=paths[ICON_ENVIRONMENT],
        darwin=paths[DARWIN],
        machine=_ansi(tracker[16:32]),
        mac=_mac(tracker[48:64]),
        object_ids=tuple(str(UUID(bytes_le=tracker[at : at + 16])) for at in range(32, len(tracker) - 15, 16)[:4]),
        shim=_wide(data(SHIM)[8:]),
        folder=str(UUID(bytes_le=known)) if len(known) == 16 else str(int.from_bytes(special, "little") or ""),
        properties=read_properties(data(PROPERTY_STORE)[8:], budget),
        items=items,
        blocks=tuple(blocks),
        end=end,
    )
    return extra, anomalies


def _walk(blob: Blob, at: int, budget: Budget) -> tuple[list[Block], int, list[Anomaly]]:
    blocks: list[Block] = []
    odd: dict[str, Anomaly] = {}
    while True:
        budget.spend(RECORD)
        head = blob.read(at, 8)
        size = int.from_bytes(head[:4], "little")
        if len(head) < 4:
            odd["no-terminal-block"] = Anomaly("no-terminal-block", "extra data", at, incomplete=bool(head))
            return blocks, blob.size, list(odd.values())
        if size < 4:
            return blocks, at + 4, list(odd.values())
        signature = int.from_bytes(head[4:8], "little")
        if size < 8 or size > blob.size - at:
            # Windows gives up here as well. What follows is looked at as data behind the end, unless it was a real
            # block that has been cut off.
            lost = len(head) < 8 or signature in KNOWN
            odd["past-end"] = Anomaly("past-end", "extra data", at, incomplete=lost)
            return blocks, at, list(odd.values())
        known = signature in KNOWN
        if not known:
            odd.setdefault("unknown-block", Anomaly("unknown-block", "extra data", at))
        if len(blocks) < _KEPT:
            blocks.append(Block(signature, at, size, known))
        else:
            odd.setdefault("too-many-blocks", Anomaly("too-many-blocks", "extra data", at, incomplete=True))
        at += size


def _paths(block: bytes, where: str) -> tuple[str, list[Anomaly]]:
    """A block that says one thing in 260 ANSI and in 260 UTF-16 characters (2.5.3, 2.5.4, 2.5.5)."""
    if not block:
        return "", []
    narrow, wide = _ansi(block[8:268]), _wide(block[268:_PATHS_END])
    if len(block) < _PATHS_END:
        return wide or narrow, [Anomaly("past-end", where, incomplete=True)]
    if narrow != wide and not re.search(r"[^\x20-\x7e]", narrow + wide) and "?" not in narrow:
        return wide or narrow, [Anomaly("ansi-unicode-differ", where)]
    return wide or narrow, []


def _mac(droid: bytes) -> str:
    """The node of a time-based object id (2.5.10), where it is a hardware address and no random number."""
    if len(droid) < 16:
        return ""
    node, version = droid[10:16], UUID(bytes_le=droid).version
    return "" if version != 1 or node[0] & 1 or not any(node) else node.hex(":")


def _ansi(raw: bytes) -> str:
    return decode_ansi(raw.split(b"\0", 1)[0])


def _wide(raw: bytes) -> str:
    return raw[: len(raw) & ~1].decode("utf-16-le", "surrogatepass").split("\0", 1)[0]
