"""TNEF (winmail.dat): a message as Outlook hands it to strangers."""

import struct
from collections.abc import Collection, Mapping

from emotriage.testing.content import Content, as_bytes
from emotriage.testing.outlook import compressed_rtf

DEFECTS = frozenset({"truncated", "odd-property"})


def tnef(
    text: str = "",
    *,
    html: str = "",
    rtf: str = "",
    attach: Mapping[str, Content] | None = None,
    long_names: bool = True,
    defects: Collection[str] = (),
) -> bytes:
    """A message.

    Args:
        text: its plain body.
        html: its body as a page, in UTF-8.
        rtf: its body as a document; it is compressed without matches.
        attach: content by name.
        long_names: names are properties in UTF-16; else attributes in code page 932.
        defects: of `DEFECTS`.

    Raises:
        ValueError: a defect that is not known.
    """
    if unknown := set(defects) - DEFECTS:
        raise ValueError(f"unknown defects: {sorted(unknown)}")
    rows = [_row(0x0102, 0x1013, html.encode())] if html else []
    rows += [_row(0x0102, 0x1009, compressed_rtf(rtf))] if rtf else []
    rows += [struct.pack("<HHI", 0x0099, 0x1234, 7)] if "odd-property" in defects else []
    named = struct.pack("<HH", 0x001F, 0x8001) + bytes(16) + struct.pack("<II", 1, 6) + "ab\0".encode("utf-16-le")
    rows.append(named + bytes(2) + struct.pack("<II", 1, 4) + "x\0".encode("utf-16-le"))
    out = b"\x78\x9f\x3e\x22\1\0" + _attribute(1, 0x8004, b"Minutes\0")
    out += _attribute(1, 0x800C, text.encode("cp932", "replace") + b"\0") if text else b""
    out += _attribute(1, 0x9003, struct.pack("<I", len(rows)) + b"".join(rows))
    for name, content in (attach or {}).items():
        out += _attribute(2, 0x9002, bytes(14))
        if not long_names:
            out += _attribute(2, 0x8010, name.encode("cp932", "replace") + b"\0")
        out += _attribute(2, 0x800F, as_bytes(content))
        if long_names:
            row = _row(0x001F, 0x3707, (name + "\0").encode("utf-16-le"))
            out += _attribute(2, 0x9005, struct.pack("<I", 1) + row)
    return out[: len(out) - 9] if "truncated" in defects else out


def _attribute(level: int, name: int, value: bytes) -> bytes:
    return struct.pack("<BHHI", level, name, 6, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def _row(kind: int, tag: int, value: bytes) -> bytes:
    return struct.pack("<HHII", kind, tag, 1, len(value)) + value + bytes(-len(value) % 4)
