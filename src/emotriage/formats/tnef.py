"""TNEF (winmail.dat), from [MS-OXTNEF] 2.1: the texts and attachments of a message, one attribute after another."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from emotriage.formats.unix_name import decode_name
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import RECORD, Budget

MAGIC = b"\x78\x9f\x3e\x22"
_SUBJECT, _BODY, _DATA, _TITLE, _NEXT, _PROPERTIES, _MORE = 0x8004, 0x800C, 0x800F, 0x8010, 0x9002, 0x9003, 0x9005
_ATTRIBUTES, _ROWS, _VALUES = 65536, 4096, 256
_TEXT, _RAW = 1 << 20, 64 << 20
_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = frozenset({0x0D, 0x1E, 0x1F, 0x102})
_OBJECT = 16  # the interface's id stands before an embedded object
_RTF, _HTML, _PLAIN, _LONG_NAME, _CONTENT = 0x1009, 0x1013, 0x1000, 0x3707, 0x3701


@dataclass(slots=True)
class TnefAttachment:
    """One file.

    Attributes:
        name: that the reader sees; from the input, so never trusted.
        content: its bytes, or those of the embedded object.
        offset: of its first attribute.
    """

    name: str
    content: Blob | None
    offset: int


@dataclass(frozen=True, slots=True)
class Tnef:
    """A message.

    Attributes:
        subject: of it.
        texts: plain bodies.
        bodies: (kind, bytes) in other forms: ``html``, ``rtf`` (compressed).
        attachments: in order.
        end: offset behind the last attribute.
        anomalies: what could not be read.
    """

    subject: str
    texts: tuple[str, ...]
    bodies: tuple[tuple[str, Blob], ...]
    attachments: tuple[TnefAttachment, ...]
    end: int
    anomalies: tuple[Anomaly, ...]


def read_tnef(blob: Blob, budget: Budget) -> Tnef:
    """Read a message.

    Raises:
        Malformed: no signature.
    """
    if blob.read(0, 4) != MAGIC:
        raise Malformed("no TNEF signature")
    subject, texts, bodies = "", list[str](), list[tuple[str, Blob]]()
    attachments: list[TnefAttachment] = []
    odd: dict[str, Anomaly] = {}
    at = 6
    if not blob.read(at, 9).strip(b"\0"):
        odd["attribute"] = Anomaly("attribute", "message", at, incomplete=True)
    for _ in range(_ATTRIBUTES):
        budget.spend(RECORD)
        head = blob.read(at, 9)
        if not head.strip(b"\0"):
            break
        level, name, _, size = struct.unpack("<BHHI", head.ljust(9, b"\xff"))
        if len(head) < 9 or level not in (1, 2) or at + 9 + size > blob.size:
            odd["attribute"] = Anomaly("attribute", "message", at, incomplete=True)
            break
        value = blob.slice(at + 9, size)
        if name == _NEXT or (level == 2 and not attachments):
            attachments.append(TnefAttachment("", None, at))
        if name == _SUBJECT:
            subject = decode_name(value.read(0, _TEXT).rstrip(b"\0"))
        elif name == _BODY:
            texts.append(decode_name(value.read(0, _TEXT).rstrip(b"\0")))
        elif name == _TITLE and attachments:
            attachments[-1].name = attachments[-1].name or decode_name(value.read(0, 2048).rstrip(b"\0"))
        elif name == _DATA and attachments:
            attachments[-1].content = value
        elif name in (_PROPERTIES, _MORE):
            for tag, content, text in _rows(value, budget, odd):
                if name == _MORE and attachments:
                    _attach(attachments[-1], tag, content, text)
                elif tag in (_RTF, _HTML):
                    bodies.append(("rtf" if tag == _RTF else "html", content))
                elif tag == _PLAIN and text:
                    texts.append(text)
        at += 9 + size + 2
    else:
        odd["too-many"] = Anomaly("too-many-attributes", "message", at, incomplete=True)
    return Tnef(subject, tuple(texts), tuple(bodies), tuple(attachments), min(at, blob.size), tuple(odd.values()))


def _attach(attachment: TnefAttachment, tag: int, content: Blob, text: str) -> None:
    if tag == _LONG_NAME and text:
        attachment.name = text
    elif tag == _CONTENT and attachment.content is None:
        attachment.content = content


def _rows(blob: Blob, budget: Budget, odd: dict[str, Anomaly]) -> Iterator[tuple[int, Blob, str]]:
    """(property, bytes, text) of the rows that have a length ([MS-OXTNEF] 2.1.3.4); named ones have the number 0."""
    count = int.from_bytes(blob.read(0, 4), "little")
    at = 4
    for _ in range(min(count, _ROWS)):
        budget.spend(RECORD)
        head = blob.read(at, 4)
        if len(head) < 4:
            break
        kind, tag = struct.unpack("<HH", head)
        at += 4
        if tag >= 0x8000:
            at, tag = _named(blob, at), 0
        several, kind = kind & 0x1000, kind & 0xEFFF
        values = 1
        if several or kind in _VARIABLE:
            values = int.from_bytes(blob.read(at, 4), "little")
            at += 4
        if kind not in _VARIABLE | _FIXED.keys() or values > _VALUES:
            odd["property"] = Anomaly("property", f"type {kind:#06x}", at, incomplete=True)
            return
        for _ in range(values):
            if kind in _FIXED:
                at += _FIXED[kind]
                continue
            size = int.from_bytes(blob.read(at, 4), "little")
            if at + 4 + size > blob.size:
                odd["property"] = Anomaly("property", f"{tag:#06x}", at, incomplete=True)
                return
            content = blob.slice(at + 4, size)
            yield tag, content.slice(_OBJECT) if kind == 0x0D else content, _text(content, kind)
            at += 4 + (size + 3 & ~3)
    if count > _ROWS:
        odd["property"] = Anomaly("too-many-properties", "message", at, incomplete=True)


def _named(blob: Blob, at: int) -> int:
    """Where a named property's value begins: behind a GUID, and a number or a name."""
    kind, value = struct.unpack("<II", blob.read(at + 16, 8).ljust(8, b"\0"))
    return at + 24 + ((value + 3 & ~3) if kind else 0)


def _text(content: Blob, kind: int) -> str:
    if kind == 0x1F:
        return content.read(0, _TEXT & ~1).decode("utf-16-le", "replace").rstrip("\0")
    return decode_name(content.read(0, _TEXT).rstrip(b"\0")) if kind == 0x1E else ""
