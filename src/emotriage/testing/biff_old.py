"""Sheets of Excel 2, 3 and 4, each a stream of its own: cells, formulas and names in BIFF2 to BIFF4.

Formulas are compiled as for Excel 97 and put into the older tokens, without the jumps that only make them faster.
"""

import struct
from collections.abc import Sequence

from emotriage.testing.biff8 import Name, Sheet, Value
from emotriage.testing.ptg import NAMES_OF_BUILT_INS, compile_formula

_BOF = {2: 0x0009, 3: 0x0209, 4: 0x0409}
_FORMULA = {2: 0x0006, 3: 0x0206, 4: 0x0406}
_FIXED = {0x1C: 1, 0x1D: 1, 0x1E: 2, 0x1F: 8}
_REFERENCES = {0x04: 1, 0x05: 2, 0x1A: 1, 0x1B: 2}
"""Tokens of cells and areas without their class, those of other sheets among them, and how many corners they have."""


def old_sheet(version: int, sheet: Sheet, names: Sequence[Name] = ()) -> bytes:
    """The stream of one sheet; references that name a sheet mean this one.

    Args:
        version: 2, 3 or 4, of Excel and of the records alike.
        sheet: with its cells.
        names: defined names.

    Raises:
        ValueError: a version, cell or formula that can't be written.
    """
    if version not in _BOF:
        raise ValueError(f"version must be 2, 3 or 4, not {version!r}")
    known = [one.name for one in names]

    def compiled(formula: str, *, absolute: bool = False) -> bytes:
        tokens = compile_formula(formula, sheets=[sheet.name], names=known, absolute=absolute)
        return _older(tokens, version)

    head = struct.pack("<HH", version if version == 2 else version << 8, 0x40 if sheet.macro else 0x10)
    out = [_record(_BOF[version], head if version == 2 else head + bytes(2))]
    out += [_name(version, one, compiled(one.formula, absolute=True)) for one in names]
    for row, column in sorted(sheet.cells):
        place = struct.pack("<HH", row, column) + bytes(3 if version == 2 else 2)
        value = sheet.cells[row, column]
        if isinstance(value, str) and value.startswith("="):
            out += _formula(version, place, compiled(value), sheet.results.get((row, column), 0))
        else:
            out.append(_constant(version, place, value))
    return b"".join([*out, _record(0x0A)])


def workspace(sheets: Sequence[tuple[str, bytes]]) -> bytes:
    """A workbook of Excel 4: the streams of its sheets, each behind its name."""
    out = [_record(_BOF[4], struct.pack("<HHH", 0x400, 0x100, 0))]
    for name, body in sheets:
        raw = name.encode("cp1252")
        out += [_record(0x8F, struct.pack("<IB", len(body), len(raw)) + raw), body]
    return b"".join([*out, _record(0x0A)])


def _record(number: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", number, len(data)) + data


def _text(version: int, text: str) -> bytes:
    raw = text.encode("cp1252")
    return (bytes([len(raw)]) if version == 2 else struct.pack("<H", len(raw))) + raw


def _name(version: int, one: Name, tokens: bytes) -> bytes:
    number = NAMES_OF_BUILT_INS.get(one.name.lower()) if one.builtin and version > 2 else None
    raw = one.name.encode("cp1252") if number is None else bytes([number])
    if version == 2:
        return _record(0x18, bytes([2, 0, 0, len(raw), len(tokens)]) + raw + tokens + bytes([len(tokens)]))
    flags = int(one.hidden) | 0x20 * (number is not None)
    return _record(0x218, struct.pack("<HBBH", flags, 0, len(raw), len(tokens)) + raw + tokens)


def _formula(version: int, place: bytes, tokens: bytes, result: Value) -> list[bytes]:
    text = [_record(7 if version == 2 else 0x207, _text(version, result))] if isinstance(result, str) else []
    if isinstance(result, bytes):
        raise ValueError("a formula does not come to bytes")  # noqa: TRY004  # a caller's value
    held = struct.pack("<B5xH", 0, 0xFFFF) if isinstance(result, str) else struct.pack("<d", result)
    if isinstance(result, bool):
        held = struct.pack("<BxBxxxH", 1, result, 0xFFFF)
    sizes = bytes([0, len(tokens)]) if version == 2 else struct.pack("<HH", 0, len(tokens))
    return [_record(_FORMULA[version], place + held + sizes + tokens), *text]


def _constant(version: int, place: bytes, value: Value) -> bytes:
    later = 0 if version == 2 else 0x200
    if isinstance(value, bytes):
        raise ValueError("tokens are those of Excel 97")  # noqa: TRY004  # a caller's value
    if isinstance(value, str):
        return _record(4 + later, place + _text(version, value.removeprefix("'")))
    if isinstance(value, bool):
        return _record(5 + later, place + bytes([value, 0]))
    if isinstance(value, int) and version == 2 and 0 <= value < 65536:
        return _record(2, place + struct.pack("<H", value))
    return _record(3 + later, place + struct.pack("<d", value))


def _older(tokens: bytes, version: int) -> bytes:
    """The tokens of Excel 97 in an older form."""
    out, at = bytearray(), 0
    while at < len(tokens):
        token = tokens[at]
        kind = token & 0x60
        base = token if token < 0x20 else token & 0x1F
        at += 1
        if token == 0x17:
            length, wide = tokens[at], tokens[at + 1]
            text = tokens[at + 2 : at + 2 + (length << wide)].decode("utf-16-le" if wide else "latin-1")
            out += bytes([0x17, length]) + text.encode("cp1252")
            at += 2 + (length << wide)
        elif token == 0x19:
            at += 3
        elif token < 0x20:
            out += tokens[at - 1 : at + _FIXED.get(token, 0)]
            at += _FIXED.get(token, 0)
        elif base in (1, 2):
            out += _called(tokens[at : at + 1 + base], kind, version)
            at += 1 + base
        elif base == 3:
            out += bytes([token]) + tokens[at : at + 2] + bytes(5 if version == 2 else 8)
            at += 4
        elif base in _REFERENCES:
            count = _REFERENCES[base]
            at += 2 if base >= 0x1A else 0
            out += bytes([kind | 4 + count - 1]) + _corners(struct.unpack_from(f"<{2 * count}H", tokens, at), count)
            at += 4 * count
        else:
            raise ValueError(f"the token {token:#x} has no older form here")
    if version == 2 and len(out) > 255:
        raise ValueError("a formula of Excel 2 has at most 255 bytes")
    return bytes(out)


def _called(data: bytes, kind: int, version: int) -> bytes:
    """A call: before Excel 4 numbers have one byte, and commands a token of their own."""
    if version == 4:
        return bytes([kind | len(data) - 1]) + data
    (number,) = struct.unpack("<H", data[-2:])
    if number & 0x7F00:
        raise ValueError(f"Excel {version} has no function {number:#x}")
    if number & 0x8000:
        return bytes([kind | 0x18, data[0] if len(data) == 3 else 0, number & 0xFF])
    return bytes([kind | len(data) - 1]) + data[:-2] + bytes([number])


def _corners(values: Sequence[int], count: int) -> bytes:
    """Rows carry the marks of what is relative, and columns are one byte."""
    rows, columns = values[:count], values[count:]
    marked = [row & 0x3FFF | column & 0xC000 for row, column in zip(rows, columns, strict=True)]
    if any(row > 0x3FFF for row in rows):
        raise ValueError("a cell lies outside a sheet of Excel 4")
    return struct.pack(f"<{count}H{count}B", *marked, *(column & 0xFF for column in columns))
