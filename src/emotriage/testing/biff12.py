"""The parts of an .xlsb workbook ([MS-XLSB]): sheets, macro sheets, strings, names and looks."""

import struct
from collections.abc import Callable, Sequence

from emotriage.testing.biff8 import Name, Sheet, Value, state_number
from emotriage.testing.looks import Look, distinct
from emotriage.testing.ooxml import Package
from emotriage.testing.ptg import NAMES_OF_BUILT_INS, compile_formula

MAIN = "xl/workbook.bin"
MAIN_TYPE = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
_TYPE = "application/vnd.ms-excel."
Compile = Callable[[str], bytes]
"""Makes the tokens of a formula."""


def add_binary_workbook(draft: Package, sheets: Sequence[Sheet], names: Sequence[Name]) -> None:
    """Add all parts of a workbook but its VBA project.

    Raises:
        ValueError: a formula or state that can't be written.
    """
    draft.add(MAIN, b"", MAIN_TYPE, relation="officeDocument")
    titles, known = [one.name for one in sheets], [one.name for one in names]

    def compiled(formula: str) -> bytes:
        return compile_formula(formula, sheets=titles, names=known, wide=True)

    looks = distinct(one.looks for one in sheets)
    strings: dict[str, int] = {}
    bundle = b""
    for number, one in enumerate(sheets, 1):
        folder, sort = ("macrosheets", "xlMacrosheet") if one.macro else ("worksheets", "worksheet")
        body = _sheet(one, compiled, strings, looks)
        kind = _TYPE + ("macrosheet" if one.macro else "worksheet")
        link = draft.add(f"xl/{folder}/sheet{number}.bin", body, kind, source=MAIN, relation=sort)
        entry = struct.pack("<II", state_number(one.state) & 3, number) + _text(link) + _text(one.name)
        bundle += _record(156, entry)
    draft.add("xl/styles.bin", _styles(looks), _TYPE + "styles", source=MAIN, relation="styles")
    if strings:
        table = b"".join(_record(19, b"\0" + _text(one)) for one in strings)
        table = _record(159, struct.pack("<II", len(strings), len(strings))) + table + _record(160)
        draft.add("xl/sharedStrings.bin", table, _TYPE + "sharedStrings", source=MAIN, relation="sharedStrings")
    links = b"".join(struct.pack("<Iii", 0, one, one) for one in range(len(sheets)))
    own = _record(353) + _record(357) + _record(362, struct.pack("<I", len(sheets)) + links) + _record(354)
    defined = b"".join(_name(one, titles, known) for one in names)
    draft.parts[MAIN] = _record(131) + _record(143) + bundle + _record(144) + own + defined + _record(132)


def _record(kind: int, data: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length, rest = b"", len(data)
    while True:
        length += bytes([rest & 0x7F | (0x80 if rest > 0x7F else 0)])
        rest >>= 7
        if not rest:
            return head + length + data


def _text(text: str) -> bytes:
    raw = text.encode("utf-16-le", "surrogatepass")
    return struct.pack("<I", len(raw) // 2) + raw


def _formula(tokens: bytes) -> bytes:
    return struct.pack("<I", len(tokens)) + tokens + struct.pack("<I", 0)


def _name(one: Name, titles: Sequence[str], known: Sequence[str]) -> bytes:
    builtin = one.builtin and one.name.lower() in NAMES_OF_BUILT_INS
    tokens = compile_formula(one.formula, sheets=titles, names=known, absolute=True, wide=True)
    flags = int(one.hidden) | 0x20 * builtin
    sheet = one.scope - 1 if one.scope else 0xFFFFFFFF
    name = f"_xlnm.{one.name}" if builtin else one.name
    return _record(39, struct.pack("<IBI", flags, 0, sheet) + _text(name) + _formula(tokens) + b"\xff" * 4)


def _sheet(one: Sheet, compiled: Compile, strings: dict[str, int], looks: Sequence[Look]) -> bytes:
    rows: dict[int, list[bytes]] = {row: [] for row in one.heights}
    for row, column in sorted({*one.cells, *one.looks}):
        style = looks.index(one.looks.get((row, column), Look()))
        head = struct.pack("<II", column, style)
        value = one.cells.get((row, column))
        result = one.results.get((row, column))
        cell = _record(1, head) if value is None else _cell(head, value, result, compiled, strings)
        rows.setdefault(row, []).append(cell)
    out = [_record(129), _record(485, struct.pack("<IHHI", 0xFFFFFFFF, 8, 300, 0)), _record(145)]
    for row in sorted(rows):
        height = one.heights.get(row)
        flags = 0 if height is None else 0x20
        head = struct.pack("<IIHBBBI", row, 0, round((height or 15) * 20), 0, flags, 0, 0)
        out += [_record(0, head), *rows[row]]
    return b"".join([*out, _record(146), _record(130)])


def _cell(head: bytes, value: Value, result: Value | None, compiled: Compile, strings: dict[str, int]) -> bytes:
    if isinstance(value, bytes):
        raise ValueError("an .xlsb workbook holds other tokens")  # noqa: TRY004  # as all others here
    if isinstance(value, str) and value.startswith("="):
        tokens = struct.pack("<H", 0) + _formula(compiled(value))
        if isinstance(result, str):
            return _record(8, head + _text(result) + tokens)
        if isinstance(result, bool) or result is None:
            return _record(10, head + bytes([bool(result)]) + tokens)
        return _record(9, head + struct.pack("<d", result) + tokens)
    if isinstance(value, str):
        return _record(7, head + struct.pack("<I", strings.setdefault(value.removeprefix("'"), len(strings))))
    if isinstance(value, bool):
        return _record(4, head + bytes([value]))
    return _record(5, head + struct.pack("<d", value))


def _styles(looks: Sequence[Look]) -> bytes:
    fonts = fills = formats = b""
    for number, one in enumerate(looks):
        colour, fill = _colour(one.colour), _colour(one.fill)
        head = struct.pack("<HHHHBBBB", round(one.size * 20), 0, 400, 0, 0, 0, 0, 0)
        fonts += _record(43, head + colour + b"\0" + _text("Calibri"))
        fills += _record(45, struct.pack("<I", 1 if one.fill else 0) + fill + _colour(0) + bytes(48))
        bits = one.horizontal - 1 | (one.vertical - 1) << 3 | 0x1000
        formats += _record(47, struct.pack("<5HBBHH", 0, 0, number, number, 0, 0, 0, bits, 0))
    count = struct.pack("<I", len(looks))
    out = _record(278) + _record(611, count) + fonts + _record(612) + _record(603, count) + fills + _record(604)
    return out + _record(617, count) + formats + _record(618) + _record(279)


def _colour(number: int) -> bytes:
    """A BrtColor: of the palette, or automatic."""
    return bytes([1 << 1 | 1, number + 7]) + bytes(6) if number else bytes(8)
