"""An OLE 1.0 object as RTF holds it: ObjectHeader, EmbeddedObject and LinkedObject ([MS-OLEDS] 2.2.4 to 2.2.6)."""

import struct
from dataclasses import dataclass

_LINKED, _EMBEDDED = 1, 2
_NAME = 8192  # longest text that is believed


@dataclass(frozen=True, slots=True)
class NativeObject:
    """The header of an object.

    Attributes:
        linked: it lives elsewhere, at its topic.
        class_name: program id of who opens it.
        topic: of a linked object, path or address.
        item: the part of it that is shown.
        start: offset of the native data, which the four bytes of its size stand before; 0 for a linked object.
        size: of the native data, as the header says.
    """

    linked: bool
    class_name: str
    topic: str
    item: str
    start: int = 0
    size: int = 0


def read_object(raw: bytes) -> NativeObject | None:
    """The header that some bytes begin with, or None where it makes no sense.

    Word does not look at the version in front, so neither does this.

    Args:
        raw: the first 32 KiB or more of the data, or all of it.
    """
    if len(raw) < 12:
        return None
    (form,) = struct.unpack_from("<I", raw, 4)
    texts, at = [], 8
    for number in range(3):
        if number and form == _LINKED and len(raw) <= at:
            texts.append("")  # Word leaves out what nobody can follow
            continue
        size = int.from_bytes(raw[at : at + 4], "little")
        if form not in (_LINKED, _EMBEDDED) or size > min(_NAME, len(raw) - at - 4):
            return None
        texts.append(raw[at + 4 : at + 4 + size].partition(b"\0")[0].decode("cp1252", "replace"))
        at += 4 + size
    if form == _LINKED:
        return NativeObject(True, texts[0], texts[1], texts[2])
    if not texts[0] and len(raw) < at + 4:
        return None
    size = int.from_bytes(raw[at : at + 4].ljust(4, b"\0"), "little")
    return NativeObject(False, texts[0], texts[1], texts[2], at + 4, size)
