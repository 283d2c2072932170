"""Cells and formulas of .xlsb parts: every kind of cell, every operand, and what happens to damaged ones."""

import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.formats.excel.biff12 import read_binary_workbook
from emotriage.formats.excel.macrosheet_binary import BinarySheetReader
from emotriage.formats.excel.ptg import Scope, decode_formula
from emotriage.formats.ooxml import Part
from emotriage.model.limits import Budget, Limits

SCOPE = Scope(12, ["first", "second"], lambda index, _: f"Tab{index}", lambda book, name: f"far{book}.{name}")


def record(kind, data=b""):
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size = len(data)
    return head + (bytes([size]) if size < 128 else bytes([size & 0x7F | 0x80, size >> 7])) + data


def text(value):
    return struct.pack("<I", len(value)) + value.encode("utf-16-le")


def cell(column):
    return struct.pack("<II", column, 0)


def counted(tokens, extra=b""):
    return struct.pack("<I", len(tokens)) + tokens + struct.pack("<I", len(extra)) + extra


def string(value):
    return struct.pack("<BH", 0x17, len(value)) + value.encode("utf-16-le")


class Parts:
    """Stands for a package: parts by name."""

    def __init__(self, **parts):
        self.parts = parts

    def stream(self, part, _budget, _anomalies):
        data = self.parts[part.name]
        return (data[at : at + 50] for at in range(0, len(data), 50))


def read(sheet, strings=None, budget=None, **more):
    parts = Parts(sheet=sheet, strings=strings or b"")
    own = (Part("strings", "", None),) if strings is not None else ()
    reader = BinarySheetReader(parts, own, SCOPE, budget or Budget(Limits()))
    return reader.read(Part("sheet", "", None), **more), [one.code for one in reader.anomalies]


EXEC = string("calc") + b"\x42\x01" + struct.pack("<H", 110)
SHEET = (
    record(0, struct.pack("<I", 2) + bytes(13))
    + record(2, cell(0) + struct.pack("<I", 7 << 2 | 2))
    + record(3, cell(1) + b"\x17")
    + record(4, cell(2) + b"\x01")
    + record(5, cell(3) + struct.pack("<d", 1.5))
    + record(6, cell(4) + text("here"))
    + record(7, cell(5) + struct.pack("<I", 1))
    + record(0, struct.pack("<I", 9) + bytes(13))
    + record(8, cell(0) + text("result") + bytes(2) + counted(EXEC))
    + record(9, cell(1) + struct.pack("<d", 2) + bytes(2) + counted(b"\x1e\x02\x00"))
    + record(10, cell(2) + b"\x01" + bytes(2) + counted(b"\x1d\x01"))
    + record(11, cell(3) + b"\x07" + bytes(2) + counted(b"\x1c\x07"))
    + record(9, cell(4) + bytes(10) + counted(b"\x01" + struct.pack("<I", 9), struct.pack("<I", 4)))
    + record(427, struct.pack("<4I", 9, 9, 4, 5) + counted(b"\x4c" + struct.pack("<IH", 0xFFFFF, 0xFFFF)))
    + record(130)
)
STRINGS = record(159, bytes(8)) + record(19, b"\0" + text("no")) + record(19, b"\0" + text("shared"))


def test_every_kind_of_cell():
    cells, odd = read(SHEET, STRINGS)
    assert [(one.ref, one.formula, one.value) for one in cells] == [
        ("A3", "", 7.0),
        ("B3", "", "#REF!"),
        ("C3", "", True),
        ("D3", "", 1.5),
        ("E3", "", "here"),
        ("F3", "", "shared"),
        ("A10", '=EXEC("calc")', "result"),
        ("B10", "=2", 2.0),
        ("C10", "=TRUE", True),
        ("D10", "=#DIV/0!", "#DIV/0!"),
        ("E10", "=D9", 0.0),
    ]
    assert cells[6].functions == ("EXEC",)
    assert all(one.complete for one in cells)
    assert not odd


@pytest.mark.parametrize(
    ("tokens", "extra", "expected"),
    [
        (b"\x23" + struct.pack("<I", 2), b"", "second"),
        (b"\x39" + struct.pack("<HI", 3, 7), b"", "far3.7"),
        (b"\x44" + struct.pack("<IH", 99_999, 0xC003), b"", "D100000"),
        (b"\x25" + struct.pack("<IIHH", 0, 9, 0, 0x4001), b"", "$A$1:B$10"),
        (b"\x5a" + struct.pack("<HIH", 4, 1, 2), b"", "Tab4!$C$2"),
        (b"\x3b" + struct.pack("<HIIHH", 4, 1, 2, 3, 4), b"", "Tab4!$D$2:$E$3"),
        (b"\x2a" + bytes(6), b"", "#REF!"),
        (string('say "a"') + string("b") + b"\x08", b"", '"say ""a"""&"b"'),
        (
            b"\x60" + bytes(14),
            struct.pack("<II", 2, 2) + b"\0" + struct.pack("<d", 1) + b"\x01\x01\0x\0\x02\x01\x04\x2a\0\0\0",
            '{1,"x";TRUE,#N/A}',
        ),
        (b"\x26" + bytes(6) + b"\x1e\x05\x00", struct.pack("<I", 1) + bytes(16), "5"),
    ],
)  # fmt: skip
def test_operands(tokens, extra, expected):
    found = decode_formula(tokens, extra, SCOPE, Budget(Limits()))
    assert found.text == expected
    assert found.complete


def test_names_and_what_they_refer_to():
    def name(value, tokens, flags=0):
        return record(39, struct.pack("<IBI", flags, 0, 0xFFFFFFFF) + text(value) + counted(tokens))

    sheets = b"".join(
        record(156, struct.pack("<II", state, number) + text(f"rId{number}") + text(title))
        for number, (state, title) in enumerate([(0, "Sheet1"), (2, "It's 2")], 1)
    )
    links = record(357) + record(355, bytes(8))
    links += record(362, struct.pack("<IIiiIii", 2, 0, 1, 1, 1, 0, 0))
    book = record(131) + sheets + links
    book += name("_xlnm.Auto_Open", b"\x3a" + struct.pack("<HIH", 0, 0, 0), 0x21)
    book += name("command", string("mshta")) + name("other", b"\x3a" + struct.pack("<HIH", 1, 0, 0)) + record(132)
    found = read_binary_workbook([book], Budget(Limits()), "workbook")
    assert [(one.name, one.formula) for one in found.names] == [
        ("_xlnm.Auto_Open", "='It''s 2'!$A$1"),
        ("command", '="mshta"'),
        ("other", "=[1]!$A$1"),
    ]
    assert not found.anomalies


def test_what_is_lost_is_said_of_macro_sheets_alone():
    for damaged, code in (
        (SHEET[:-20], "record-past-end"),
        (record(9, cell(0)), "damaged-record"),
        (record(9, cell(1) + bytes(10) + struct.pack("<I", 99) + b"\x1e"), "damaged-record"),
        (record(7, cell(1) + struct.pack("<I", 9)), "shared-string-missing"),
    ):
        assert code in read(damaged)[1]
        assert not read(damaged, data=True)[1]


def test_any_truncation_and_any_byte_is_survived():
    chance = random.Random(12)
    for end in range(len(SHEET)):
        read(SHEET[:end], STRINGS)
    for _ in range(500):
        data = bytearray(SHEET)
        data[chance.randrange(len(data))] = chance.randrange(256)
        read(bytes(data), STRINGS)


@given(st.binary(max_size=64), st.binary(max_size=32))
def test_any_tokens_are_survived(tokens, extra):
    decode_formula(tokens, extra, SCOPE, Budget(Limits()))
