"""Word documents of 6.0 to 2003: what the file information block and the document's own text say ([MS-DOC] 2.5, 2.8).

Only what triage asks: is it encrypted, does Word 6/95 hold macros, which template is attached, which fields run
programs. The text is searched as it lies in the stream, not through the piece table.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import RECORD, Budget

_WORD_97 = 0xA5EC
_WORD_6 = 0xA5DC
_RG_FC_LCB = 154
_STTBF_ASSOC = 32
_FC_CMDS_6 = 0x118
_OVERLAP = 8192  # more than the longest field that is taken
_DDE = re.compile(rb"\x13[ \"]{0,64}(?:DDEAUTO|DDE)\b[^\x13\x14\x15]{0,2000}", re.IGNORECASE)
_DDE_WIDE = re.compile(
    rb"\x13\0(?:[ \"]\0){0,64}D\0D\0E\0(?:A\0U\0T\0O\0)?[^A-Z0-9_]\0(?:(?![\x13\x14\x15]\0)..){0,2000}",
    re.IGNORECASE | re.DOTALL,
)
_TCG_SIZES = {1: 24, 2: 4, 3: 14, 4: 14, 5: 12}
"""Bytes of one record of each list in the command tables ([MS-DOC] 2.9.324): macros, allocations, key maps, menus."""


@dataclass(frozen=True, slots=True)
class Fib:
    """The file information block.

    Attributes:
        version: nFib; 193 and more is Word 97 and later, 101 to 104 Word 6.0 and 95.
        old: Word 6.0 or 95, whose macros are WordBasic.
        encrypted: the document is encrypted.
        obfuscated: by XOR, the oldest way of all.
        table: which of the two table streams counts, ``0Table`` or ``1Table``.
    """

    version: int
    old: bool
    encrypted: bool
    obfuscated: bool
    table: str


def read_fib(document: Blob) -> Fib:
    """Read the start of the stream ``WordDocument``.

    Raises:
        Malformed: too short, or no FIB.
    """
    raw = document.read(0, 32)
    if len(raw) < 32:
        raise Malformed("Word document without a file information block")
    ident, version = struct.unpack_from("<HH", raw)
    (flags,) = struct.unpack_from("<H", raw, 10)
    if ident not in (_WORD_97, _WORD_6):
        raise Malformed("Word document with another file information block")
    return Fib(
        version=version,
        old=ident == _WORD_6,
        encrypted=bool(flags & 0x0100),
        obfuscated=bool(flags & 0x8000),
        table="1Table" if flags & 0x0200 else "0Table",
    )


def attached_template(document: Blob, table: Blob) -> str:
    """Path of the attached template of a Word 97-2003 document, empty when there is none.

    It is the second of the associated strings, entry 32 of the FIB's table ([MS-DOC] 2.5.6, 2.9.274).
    """
    offset, size = struct.unpack("<II", document.read(_RG_FC_LCB + 8 * _STTBF_ASSOC, 8).ljust(8, b"\0"))
    raw = table.read(offset, min(size, 16384)) if size else b""
    if len(raw) < 8 or raw[:2] != b"\xff\xff":
        return ""
    count, extra = struct.unpack_from("<HH", raw, 2)
    at = 6
    for index in range(min(count, 2)):
        length = 2 * int.from_bytes(raw[at : at + 2], "little")
        if index == 1:
            text = raw[at + 2 : at + 2 + length]
            return text[: len(text) & ~1].decode("utf-16-le", "surrogatepass")
        at += 2 + length + extra
    return ""


def dde_fields(document: Blob, budget: Budget) -> Iterator[tuple[int, str]]:
    """(offset, instruction) of each field of the text that starts another program by DDE."""
    for at, window in document.windows(overlap=_OVERLAP):
        budget.spend(2 * len(window))
        ours = len(window) - (_OVERLAP if at + len(window) < document.size else 0)  # the rest is seen whole next time
        for pattern, encoding in ((_DDE, "cp1252"), (_DDE_WIDE, "utf-16-le")):
            for found in pattern.finditer(window):
                if found.start() < ours:
                    budget.spend(RECORD)
                    text = found.group()[: None if encoding == "cp1252" else len(found.group()) & ~1]
                    yield at + found.start(), text.decode(encoding, "replace").strip("\x13 ")


def old_macros(document: Blob, budget: Budget) -> int | None:
    """Number of WordBasic macros in a Word 6.0 or 95 document, or None where its command tables can't be followed.

    The tables hold lists one behind the other, each with its own tag ([MS-DOC] 2.9.323 keeps their shape).
    """
    offset, size = struct.unpack("<II", document.read(_FC_CMDS_6, 8).ljust(8, b"\0"))
    if not size:
        return 0
    raw = document.read(offset, min(size, 1 << 20))
    if len(raw) < 2 or raw[0] != 0xFF:
        return None
    at, macros = 1, 0
    while at < len(raw):
        budget.spend(RECORD)
        tag = raw[at]
        if tag == 0x40:
            return macros
        if tag not in _TCG_SIZES:
            return macros or None
        count = int.from_bytes(raw[at + 1 : at + 3], "little")
        if tag == 1:
            macros += count
        at += 3 + count * _TCG_SIZES[tag]
    return macros or None
