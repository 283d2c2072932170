"""The Workbook stream of Excel 97 to 2003 ([MS-XLS]): worksheets and macro sheets with formulas, names and strings."""

import struct
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from emotriage.testing.biff8_objects import group_record, objects
from emotriage.testing.biff_crypt import encrypted, filepass
from emotriage.testing.binary_encryption import Lock, Method
from emotriage.testing.drawing import Drawn
from emotriage.testing.looks import Look, distinct, font_record, format_record
from emotriage.testing.ptg import NAMES_OF_BUILT_INS, compile_formula

Value = str | int | float | bool | bytes
"""Of a cell: "=..." is a formula, "'..." a text that may begin with "=", bytes are the tokens of a formula."""

DEFECTS = {
    "no-sheet-eof": "no sheet ends with an EOF record",
    "record-length-lies": "a record of the last sheet claims more bytes than there are",
    "macro-sheet-undeclared": "the sheet list calls macro sheets worksheets",
    "macro-sheet-pretended": "the sheet list calls worksheets macro sheets",
    "bad-string-index": "text cells point behind the string table",
    "empty-records": "thousands of records without content stand before the sheet list",
}
_BIFF8, _BUILD = 0x0600, (0x0DBB, 0x07CC, 0xC1, 0x0306)
_STATES = {"visible": 0, "hidden": 1, "veryhidden": 2}
_LIMIT = 8224
_VIEW = struct.pack("<HHHHHIHHI", 0x23E, 18, 0x06B6, 0, 0, 64, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet.

    Attributes:
        name: as its tab says.
        macro: a macro sheet, or a worksheet.
        state: ``visible``, ``hidden``, ``veryhidden`` or the raw byte of the sheet list.
        cells: by (row, column) from 0.
        results: what a formula is said to have come to, by cell.
        looks: how cells look, by (row, column).
        heights: of rows, in points.
        comments: of cells, by (row, column).
        shapes: text boxes over the cells.
    """

    name: str
    macro: bool
    state: str | int
    cells: Mapping[tuple[int, int], Value]
    results: Mapping[tuple[int, int], Value] = field(default_factory=dict)
    looks: Mapping[tuple[int, int], Look] = field(default_factory=dict)
    heights: Mapping[int, float] = field(default_factory=dict)
    comments: Mapping[tuple[int, int], str] = field(default_factory=dict)
    shapes: Sequence[Drawn] = ()


@dataclass(frozen=True, slots=True)
class Name:
    """A defined name: its formula, the number of the sheet it belongs to (0: all), and how it is written."""

    name: str
    formula: str
    scope: int = 0
    hidden: bool = False
    builtin: bool = False


def state_number(state: str | int) -> int:
    """The hidden state as the sheet list has it.

    Raises:
        ValueError: an unknown word.
    """
    if isinstance(state, str) and state.lower() not in _STATES:
        raise ValueError(f"state must be one of {', '.join(_STATES)}, not {state!r}")
    return state if isinstance(state, int) else _STATES[state.lower()]


def workbook_stream(
    sheets: Sequence[Sheet],
    names: Sequence[Name] = (),
    *,
    links: Sequence[Sequence[str]] = (),
    with_vba: bool = False,
    string_limit: int = _LIMIT,
    password: str | None = None,
    encryption: Method = "rc4",
    defects: Collection[str] = (),
) -> bytes:
    """The stream.

    Args:
        sheets: in order.
        names: defined names, in order.
        links: DDE links: service, topic and item of each.
        with_vba: say that there is a VBA project.
        string_limit: most bytes of a record of the string table; less makes it go on in CONTINUE records.
        password: encrypt the records with it.
        encryption: in which way.
        defects: words of `DEFECTS`.

    Raises:
        ValueError: a formula, cell or state that can't be written.
    """
    strings = _Strings(broken="bad-string-index" in defects)
    titles, known = [one.name for one in sheets], [one.name for one in names]
    end = b"" if "no-sheet-eof" in defects else _record(0x0A)
    looks = distinct(one.looks for one in sheets)[1:]
    bodies: list[bytes] = []
    drawings = [len(one.comments) + len(one.shapes) for one in sheets]
    for number, one in enumerate(sheets, 1):
        code_name = _record(0x1BA, _long_text(f"Sheet{number}")) if with_vba and not one.macro else b""
        over = objects(sum(map(bool, drawings[:number])), one.comments, one.shapes) if drawings[number - 1] else ()
        drawn = b"".join(_record(*each) for each in over)
        bodies.append(_sheet(one, titles, known, strings, looks) + drawn + _VIEW + code_name + end)
    lock = None if password is None else Lock(password, encryption)
    head = b"".join(_head(looks, with_vba=with_vba, lock=lock))
    head += _record(0x1B6) * (5000 if "empty-records" in defects else 0)
    tail = b"".join(_links(len(sheets), links)) + b"".join(_name(one, titles, known) for one in names)
    if used := [one for one in drawings if one]:
        tail += _record(*group_record(used))
    tail += strings.records(string_limit) + _record(0x0A)
    entries = [_short_text(one.name) for one in sheets]
    at = len(head) + sum(10 + len(one) for one in entries) + len(tail)
    listed = []
    for one, entry, body in zip(sheets, entries, bodies, strict=True):
        macro = (one.macro and "macro-sheet-undeclared" not in defects) or "macro-sheet-pretended" in defects
        listed.append(_record(0x85, struct.pack("<IBB", at, state_number(one.state), macro) + entry))
        at += len(body)
    out = bytearray(head + b"".join(listed) + tail + b"".join(bodies))
    if "record-length-lies" in defects:
        del out[len(out) - len(end) :]
        out += struct.pack("<HH", 0x0203, 0x1000) + bytes(14)
    return bytes(out) if lock is None else encrypted(bytes(out), lock)


def _record(number: int, data: bytes = b"") -> bytes:
    if len(data) > _LIMIT:
        raise ValueError("a record holds at most 8,224 bytes")
    return struct.pack("<HH", number, len(data)) + data


def _bof(sort: int) -> bytes:
    build, year, flags, lowest = _BUILD
    return _record(0x809, struct.pack("<HHHHII", _BIFF8, sort, build, year, flags, lowest))


def _wide(text: str) -> tuple[bytes, bool, int]:
    """Bytes of a text, whether they are UTF-16, and the number of its units."""
    if all(ord(char) < 0x100 for char in text):
        return text.encode("latin-1"), False, len(text)
    raw = text.encode("utf-16-le", "surrogatepass")
    return raw, True, len(raw) // 2


def _short_text(text: str) -> bytes:
    raw, wide, count = _wide(text)
    return bytes([count, wide]) + raw


def _long_text(text: str) -> bytes:
    raw, wide, count = _wide(text)
    return struct.pack("<HB", count, wide) + raw


def _head(looks: Sequence[Look], *, with_vba: bool, lock: Lock | None) -> Iterator[bytes]:
    """The workbook's globals before the sheet list."""
    yield _bof(0x0005)
    if lock is not None:
        yield _record(0x2F, filepass(lock))
    yield _record(0x42, struct.pack("<H", 1200))
    if with_vba:
        yield _record(0xD3) + _record(0x1BA, _long_text("ThisWorkbook"))
    yield _record(0x3D, struct.pack("<9H", 0, 0, 0x4000, 0x2000, 0x38, 0, 0, 1, 600))
    yield _record(0x31, struct.pack("<5H4B", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + _short_text("Arial")) * 4
    for one in looks:
        yield _record(0x31, font_record(one) + _short_text("Arial"))
    for index in range(16):
        style = index < 15
        yield _record(0xE0, struct.pack("<HHHBBBBIIH", 0, 0, 0xFFF5 if style else 1, 0x20, 0, 0, 0, 0, 0, 0x20C0))
    for index, one in enumerate(looks):
        yield _record(0xE0, format_record(one, 5 + index))
    yield _record(0x293, struct.pack("<HBB", 0x8000, 0, 0xFF))


def _links(count: int, links: Sequence[Sequence[str]]) -> Iterator[bytes]:
    """Where references to sheets lead ([MS-XLS] 2.4.271, 2.4.105)."""
    yield _record(0x1AE, struct.pack("<HH", count, 0x0401))
    for service, topic, item in links:
        yield _record(0x1AE, struct.pack("<H", 0) + _long_text(f"{service}\x03{topic}"))
        yield _record(0x23, struct.pack("<HHH", 0x7FE0 | 2, 0, 0) + _short_text(item))
    places = b"".join(struct.pack("<HHH", 0, one, one) for one in range(count))
    places += b"".join(struct.pack("<Hhh", 1 + one, -2, -2) for one in range(len(links)))
    yield _record(0x17, struct.pack("<H", count + len(links)) + places)


def _name(one: Name, titles: Sequence[str], known: Sequence[str]) -> bytes:
    """[MS-XLS] 2.4.150."""
    number = NAMES_OF_BUILT_INS.get(one.name.lower())
    builtin = one.builtin and number is not None
    raw, wide, count = (bytes([number or 0]), False, 1) if builtin else _wide(one.name)
    tokens = compile_formula(one.formula, sheets=titles, names=known, absolute=True)
    flags = 0x20 * builtin | int(one.hidden)
    head = struct.pack("<HBBHHH4B", flags, 0, count, len(tokens), 0, one.scope, 0, 0, 0, 0)
    return _record(0x18, head + bytes([wide]) + raw + tokens)


def _sheet(
    one: Sheet,
    titles: Sequence[str],
    known: Sequence[str],
    strings: "_Strings",
    looks: Sequence[Look],
) -> bytes:
    rows, columns = [row for row, _ in one.cells], [column for _, column in one.cells]
    out = [_bof(0x0040 if one.macro else 0x0010)]
    size = (min(rows), max(rows) + 1, min(columns), max(columns) + 1) if rows else (0, 0, 0, 0)
    out.append(_record(0x200, struct.pack("<IIHHH", *size, 0)))
    for row in sorted(one.heights):
        height = round(one.heights[row] * 20)
        out.append(_record(0x208, struct.pack("<8H", row, 0, 256, height, 0, 0, 0x140, 15)))
    for row, column in sorted({*one.cells, *one.looks}):
        if row > 0xFFFF or column > 0xFF:
            raise ValueError("a cell lies outside a sheet of Excel 97")
        look = one.looks.get((row, column), Look())
        place = struct.pack("<HHH", row, column, 15 if look == Look() else 16 + looks.index(look))
        if (row, column) not in one.cells:
            out.append(_record(0x201, place))
            continue
        value = one.cells[row, column]
        if isinstance(value, bytes) or (isinstance(value, str) and value.startswith("=")):
            tokens = value if isinstance(value, bytes) else compile_formula(value, sheets=titles, names=known)
            result, more = _result(one.results.get((row, column), False))
            out.append(_record(0x06, place + result + struct.pack("<HIH", 0, 0, len(tokens)) + tokens) + more)
        else:
            out.append(_constant(place, value, strings))
    return b"".join(out)


def _constant(place: bytes, value: str | float, strings: "_Strings") -> bytes:
    if isinstance(value, str):
        return _record(0xFD, place + struct.pack("<I", strings.index(value.removeprefix("'"))))
    if isinstance(value, bool):
        return _record(0x205, place + bytes([value, 0]))
    if isinstance(value, int) and -(2**29) <= value < 2**29:
        return _record(0x27E, place + struct.pack("<I", (value << 2 | 2) & 0xFFFFFFFF))
    return _record(0x203, place + struct.pack("<d", value))


def _result(value: Value) -> tuple[bytes, bytes]:
    """The cached value of a formula ([MS-XLS] 2.5.133), and the STRING record behind it."""
    if isinstance(value, bool):
        return struct.pack("<BxBxxxH", 1, value, 0xFFFF), b""
    if isinstance(value, str):
        return struct.pack("<B5xH", 0, 0xFFFF), _record(0x207, _long_text(value))
    if isinstance(value, bytes):
        raise ValueError("a formula does not come to bytes")  # noqa: TRY004  # a caller's value, as all others here
    return struct.pack("<d", value), b""


class _Strings:
    """The shared string table ([MS-XLS] 2.4.265)."""

    def __init__(self, *, broken: bool) -> None:
        self._places: dict[str, int] = {}
        self._uses = 0
        self._shift = 1 << 20 if broken else 0

    def index(self, text: str) -> int:
        self._uses += 1
        return self._places.setdefault(text, len(self._places)) + self._shift

    def records(self, limit: int) -> bytes:
        """The SST record, and CONTINUE records where it is full; a text that goes on repeats its width."""
        done: list[bytearray] = []
        now = bytearray(struct.pack("<II", self._uses, len(self._places)))
        for text in self._places:
            raw, wide, count = _wide(text)
            if len(now) + 3 + 2 > limit:
                done, now = [*done, now], bytearray()
            now += struct.pack("<HB", count, wide)
            at = 0
            while at < len(raw):
                if len(now) + 2 > limit:
                    done, now = [*done, now], bytearray([wide])
                room = (limit - len(now)) // 2 * 2 if wide else limit - len(now)
                now += raw[at : at + room]
                at += room
        return b"".join(_record(0x3C if index else 0xFC, bytes(one)) for index, one in enumerate([*done, now]))
