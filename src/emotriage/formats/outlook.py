"""Outlook messages in compound files, from [MS-OXMSG] 2: texts and attachments of each message in it.

A message that is attached to another one is a storage of the same file, so all are listed side by side.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from emotriage.formats.cfb import CompoundFile, Entry
from emotriage.formats.unix_name import decode_name
from emotriage.model.blob import Blob
from emotriage.model.limits import RECORD, Budget

_PROPERTIES = "__properties_version1.0"
_ATTACHMENT, _RECIPIENT = "__attach_version1.0_", "__recip_version1.0_"
_SUBJECT, _BODY, _HTML, _RTF, _DATA = "0037", "1000", "1013", "1009", "3701"
_FILE_NAMES = ("3707", "3704", "3001")
_UNICODE, _ANSI, _BINARY, _OBJECT = "001f", "001e", "0102", "000d"
_TEXT = 256 << 10
_NAME = 2048
_SUBMITTED = (0x0039, 0x0E06)  # PidTagClientSubmitTime, PidTagMessageDeliveryTime
_SYSTIME = 0x0040


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file.

    Attributes:
        name: that the reader sees; from the input, so never trusted.
        data: its stream, or None for an attached message or object, which is a storage.
        where: path of its storage.
    """

    name: str
    data: Entry | None
    where: str


@dataclass(frozen=True, slots=True)
class OutlookMessage:
    """One message.

    Attributes:
        where: path of its storage; empty for the file's own.
        subject: of it.
        texts: its plain body, where there is one.
        bodies: (kind, stream) of its bodies in other forms: ``html``, ``rtf`` (compressed).
        attachments: in order.
        sent: when it was, in 100 ns since 1601, or 0.
    """

    where: str
    subject: str
    texts: tuple[str, ...]
    bodies: tuple[tuple[str, Entry], ...]
    attachments: tuple[Attachment, ...]
    sent: int


def read_messages(compound: CompoundFile, budget: Budget) -> Iterator[OutlookMessage]:
    """Every message of a file: its own, and those attached to it at any depth."""
    for entry in compound.entries:
        budget.spend(RECORD)
        name = entry.name.lower()
        if entry.kind == "stream" or name.startswith((_ATTACHMENT, _RECIPIENT)):
            continue
        streams = {one.name.lower(): one for one in compound.children(entry)}
        if _PROPERTIES in streams:
            yield _message(compound, entry, streams, budget)


def is_message_property(name: str) -> str:
    """The type of a property by its stream's name, such as ``0102`` for binary ones; "" for what is no property."""
    return name.lower()[16:20] if name.lower().startswith("__substg1.0_") else ""


def _message(compound: CompoundFile, storage: Entry, streams: dict[str, Entry], budget: Budget) -> OutlookMessage:
    html = [streams[name] for tag in (_BINARY, _UNICODE, _ANSI) if (name := f"__substg1.0_{_HTML}{tag}") in streams]
    rtf = streams.get(f"__substg1.0_{_RTF}{_BINARY}")
    attachments = []
    for one in compound.children(storage):
        budget.spend(RECORD)
        if one.kind != "stream" and one.name.lower().startswith(_ATTACHMENT):
            inside = {each.name.lower(): each for each in compound.children(one)}
            name = next((text for tag in _FILE_NAMES if (text := _string(compound, inside, tag, _NAME))), "")
            attachments.append(Attachment(name, inside.get(f"__substg1.0_{_DATA}{_BINARY}"), one.path))
    body = _string(compound, streams, _BODY, _TEXT)
    return OutlookMessage(
        storage.path,
        _string(compound, streams, _SUBJECT, _NAME),
        (body,) if body else (),
        (*(("html", one) for one in html), *([("rtf", rtf)] if rtf is not None else [])),
        tuple(attachments),
        _time(compound.open(streams[_PROPERTIES]), budget),
    )


def _string(compound: CompoundFile, streams: dict[str, Entry], tag: str, most: int) -> str:
    """A text property, in UTF-16 or in some code page."""
    if (one := streams.get(f"__substg1.0_{tag}{_UNICODE}")) is not None:
        return compound.open(one).read(0, most & ~1).decode("utf-16-le", "replace").rstrip("\0")
    if (one := streams.get(f"__substg1.0_{tag}{_ANSI}")) is not None:
        return decode_name(compound.open(one).read(0, most).rstrip(b"\0"))
    return ""


def _time(properties: Blob, budget: Budget) -> int:
    """When the message was sent: properties of fixed length are rows of sixteen bytes ([MS-OXMSG] 2.4.2)."""
    raw = properties.read(0, 64 << 10)
    budget.spend(len(raw))
    for head in (32, 24):
        for at in range(head, len(raw) - 15, 16):
            kind, tag, _, value = struct.unpack_from("<HHIQ", raw, at)
            if kind == _SYSTIME and tag in _SUBMITTED:
                return int(value)
    return 0
