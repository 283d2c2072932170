"""Outlook messages: bodies in every form, attachments, and messages that are attached to them."""

import struct
from collections.abc import Mapping

from emotriage.testing.compound_file import compound_file
from emotriage.testing.content import Content, as_bytes

Streams = dict[str, bytes]


def outlook_message(
    text: str = "",
    *,
    subject: str = "",
    html: str = "",
    rtf: str = "",
    attach: Mapping[str, Content] | None = None,
    inner: Mapping[str, Content] | None = None,
    inner_text: str = "",
    ansi: str = "",
    more: Mapping[str, bytes] | None = None,
) -> bytes:
    """A message.

    Args:
        text: its plain body.
        subject: of it.
        html: its body as a page, in UTF-8.
        rtf: its body as a document; it is compressed without matches.
        attach: content by name.
        inner: attachments of a message that is attached to this one.
        inner_text: the body of that one.
        ansi: code page of texts and names; UTF-16 without it.
        more: further streams by path.
    """
    streams = _message("", {"0037": subject, "1000": text}, html, rtf, dict(attach or {}), ansi)
    if inner is not None or inner_text:
        number = len(attach or {})
        storage = f"__attach_version1.0_#{number:08X}/__substg1.0_3701000D/"
        streams |= _message(storage, {"1000": inner_text}, "", "", dict(inner or {}), ansi)
        streams[f"__attach_version1.0_#{number:08X}/__properties_version1.0"] = bytes(8)
    streams["__nameid_version1.0/__substg1.0_00020102"] = bytes(16)
    return compound_file(streams | dict(more or {}))


def compressed_rtf(text: str) -> bytes:
    """RTF as Outlook keeps it, every byte as it is, with the token that ends it."""
    raw, out = text.encode("cp1252", "replace"), b""
    for at in range(0, len(raw), 8):
        piece = raw[at : at + 8]
        out += (b"\0" if len(piece) == 8 else bytes([1 << len(piece)])) + piece
    if len(raw) % 8 == 0:
        out += b"\1"
    place = (207 + len(raw)) % 4096
    out += struct.pack(">H", place << 4)
    return struct.pack("<II4sI", len(out) + 12, len(raw), b"LZFu", 0) + out


def _message(  # noqa: PLR0917  one field after another
    prefix: str, texts: Mapping[str, str], html: str, rtf: str, attach: Mapping[str, Content], ansi: str
) -> Streams:
    sent = struct.pack("<HHIQ", 0x40, 0x39, 6, 134_000_000_000_000_000)
    out = {f"{prefix}__properties_version1.0": bytes(24 if prefix else 32) + sent}
    for tag, value in texts.items():
        if value:
            out[_name(prefix, tag, ansi)] = _text(value, ansi)
    if html:
        out[f"{prefix}__substg1.0_10130102"] = html.encode()
    if rtf:
        out[f"{prefix}__substg1.0_10090102"] = compressed_rtf(rtf)
    for number, (name, content) in enumerate(attach.items()):
        storage = f"{prefix}__attach_version1.0_#{number:08X}/"
        out[f"{storage}__properties_version1.0"] = bytes(8)
        out[_name(storage, "3707", ansi)] = _text(name, ansi)
        out[f"{storage}__substg1.0_37010102"] = as_bytes(content)
    return out


def _name(prefix: str, tag: str, ansi: str) -> str:
    return f"{prefix}__substg1.0_{tag}{'001E' if ansi else '001F'}"


def _text(value: str, ansi: str) -> bytes:
    return value.encode(ansi, "replace") if ansi else value.encode("utf-16-le")
