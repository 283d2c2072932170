"""Numbers and results as cells of all binary formats hold them ([MS-XLS] 2.5.218 and 2.5.133)."""

import struct

from emotriage.formats.excel.ptg import ERRORS

Held = str | float | bool | None
"""What a cell holds."""


def rk_number(number: int) -> float:
    """A number in 32 bits ([MS-XLS] 2.5.218)."""
    if number & 2:
        value = float((number >> 2) - (1 << 30 if number & 0x80000000 else 0))
    else:
        value = struct.unpack("<d", struct.pack("<Q", (number & 0xFFFFFFFC) << 32))[0]
    return value / 100 if number & 1 else value


def result_of(raw: bytes) -> Held:
    """The result stored with a formula; a string follows in a record of its own ([MS-XLS] 2.5.133)."""
    if raw[6:] != b"\xff\xff":
        return float(struct.unpack("<d", raw)[0])
    if raw[0] == 1:
        return bool(raw[2])
    return ERRORS.get(raw[2], "#ERR!") if raw[0] == 2 else None
