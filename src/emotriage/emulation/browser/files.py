"""Files that a page's scripts put together: blobs, the addresses they are given, and who gets them (W3C File API)."""

import base64
from dataclasses import dataclass
from typing import Any

from emotriage.emulation.browser.octets import CONTENT, array_of
from emotriage.emulation.browser.promises import settled
from emotriage.emulation.jscript.values import Value
from emotriage.emulation.vba.values import UNKNOWN, Thing
from emotriage.formats.data_address import read_data_address
from emotriage.model.limits import Budget, Limits

Machine = Any
_ADDRESS = "blob:null/"
_MOST = 256


@dataclass(frozen=True, slots=True)
class Handed:
    """A file that a page hands to its reader.

    Attributes:
        name: that it is to be saved under, or nothing.
        type: media type that the page gives it.
        content: its bytes; None where they are not known.
        by: what hands it over.
    """

    name: str
    type: str
    content: bytes | None
    by: str


class Files:
    """Blobs by address, and what was handed over."""

    def __init__(self) -> None:
        self._blobs: list[Thing] = []
        self._handed: dict[tuple[str, str, bytes | None], Handed] = {}
        self._taken: set[int] = set()

    @property
    def count(self) -> int:
        """How many blobs were given an address, or handed over."""
        return len(self._blobs) + len(self._handed)

    def address(self, blob: Value) -> str:
        """``URL.createObjectURL``: an address that stands for a blob."""
        one = blob if isinstance(blob, Thing) else Thing("blob", {CONTENT: UNKNOWN})
        if len(self._blobs) < _MOST:
            self._blobs.append(one)
        return f"{_ADDRESS}{len(self._blobs) - 1}"

    def held(self, address: str) -> Thing | None:
        """The blob that an address stands for, or that a ``data:`` address holds."""
        if address.startswith(_ADDRESS) and address[len(_ADDRESS) :].isdigit():
            number = int(address[len(_ADDRESS) :][:6])
            return self._blobs[number] if number < len(self._blobs) else None
        if (read := read_data_address(address, Budget(Limits()))) is None:
            return None
        content: Value = UNKNOWN if read.content is None else read.content.decode("latin-1")
        return Thing("blob", {CONTENT: content, "type": read.type})

    def hand(self, address: str, name: str, by: str) -> bool:
        """Hand the file behind an address to the reader; False where it is an address of elsewhere."""
        if not address.lstrip().lower().startswith(("blob:", "data:")):
            return False
        self.save(self.held(address.strip()) or UNKNOWN, name, by)
        return True

    def save(self, blob: Value, name: str, by: str) -> None:
        """Hand a blob to the reader."""
        one = blob if isinstance(blob, Thing) else Thing("blob")
        self._taken.add(id(one))
        held = one.fields.get(CONTENT)
        content = held.encode("latin-1", "replace") if isinstance(held, str) else None
        name = name or str(one.fields.get("name", ""))
        if len(self._handed) < _MOST:
            kind = one.fields.get("type", "")
            self._handed.setdefault(
                (name, by, content), Handed(name, kind if isinstance(kind, str) else "", content, by)
            )

    def all(self) -> tuple[Handed, ...]:
        """What was handed over, and blobs that were given an address and went who knows where."""
        for one in self._blobs:
            if id(one) not in self._taken:
                self.save(one, "", "createObjectURL")
        return tuple(self._handed.values())


def invoke_blob(machine: Machine, owner: Thing, low: str, args: list[Value]) -> Value:
    """A method of a blob, of what was fetched, or of a ``FileReader`` about one."""
    held = owner.fields.get(CONTENT, UNKNOWN)
    if low in ("blob", "clone"):
        return settled(machine, owner)
    if not isinstance(held, str):
        return settled(machine, UNKNOWN)
    machine.spend(len(held))
    if low in ("arraybuffer", "readasarraybuffer", "bytes"):
        made = array_of(machine, held)
        return settled(machine, made) if low != "readasarraybuffer" else made
    if low in ("text", "readastext"):
        text = held.encode("latin-1").decode("utf-8", "replace")
        return settled(machine, text) if low == "text" else text
    if low == "readasbinarystring":
        return held
    if low == "readasdataurl":
        kind = owner.fields.get("type") or "application/octet-stream"
        return f"data:{kind};base64,{base64.b64encode(held.encode('latin-1')).decode('ascii')}"
    if low == "slice":
        stops = [one if isinstance(one, int) else None for one in args[:2]] + [None, None]
        return Thing("blob", owner.fields | {CONTENT: held[stops[0] : stops[1]]})
    return UNKNOWN
