"""The records of .xlsb parts, and what can be wrong with them."""

import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.formats.excel.biff12 import OVERSIZE, TRUNCATED, read_binary_workbook, read_records
from emotriage.model.limits import RECORD, Budget, Limits

SHEET, NAME, FORMULA = 156, 39, 8


def number(value, most):
    out = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        out.append(low | (0x80 if value and len(out) < most - 1 else 0))
        if not value or len(out) == most:
            return bytes(out)


def record(kind, data=b""):
    return number(kind, 2) + number(len(data), 4) + data


def text(value):
    return b"\xff\xff\xff\xff" if value is None else struct.pack("<I", len(value)) + value.encode("utf-16-le")


def sheet(name, state=0, relationship="rId1"):
    return record(SHEET, struct.pack("<II", state, 1) + text(relationship) + text(name))


def name(value, flags=0, scope=0xFFFFFFFF):
    return record(NAME, struct.pack("<IBI", flags, 0, scope) + text(value) + struct.pack("<II", 0, 0) + text(None))


def read(data, size=1 << 18, budget=None):
    chunks = (data[at : at + size] for at in range(0, len(data), size))
    return read_binary_workbook(chunks, budget or Budget(Limits()), "xl/workbook.bin")


BOOK = (
    record(131)
    + sheet("Sheet1")
    + sheet("Macro \u8868", 2, "rId7")
    + sheet("odd", 9, None)
    + name("_xlnm.Auto_Open", 0x21)
    + name("local", 0, 1)
    + record(132)
)


@pytest.mark.parametrize("size", [1, 2, 7, 64, 1 << 18])
def test_sheets_and_names_are_read_from_chunks_of_any_size(size):
    found = read(BOOK, size)
    assert [(one.name, one.state, one.relationship) for one in found.sheets] == [
        ("Sheet1", "visible", "rId1"),
        ("Macro \u8868", "very-hidden", "rId7"),
        ("odd", "unknown", ""),
    ]
    assert [(one.name, one.hidden, one.sheet, one.auto) for one in found.names] == [
        ("_xlnm.Auto_Open", True, None, "auto_open"),
        ("local", False, 1, None),
    ]
    assert not found.anomalies


def test_numbers_that_never_end_take_no_more_bytes_than_they_may():
    events = list(read_records([b"\xff" * 4096], Budget(Limits()), frozenset({FORMULA})))
    assert events == [(TRUNCATED, b"")]


def test_a_length_of_256_mib_reads_nothing():
    data = number(NAME, 2) + number((1 << 28) - 1, 4) + b"x" * 100
    budget = Budget(Limits())
    found = read(data, budget=budget)
    assert [(one.code, one.incomplete) for one in found.anomalies] == [
        ("record-too-large", True),
        ("record-past-end", True),
    ]
    assert budget.work <= RECORD * 3


def test_large_records_nobody_wants_are_passed_over():
    data = record(1, b"x" * 300_000) + sheet("after") + record(2, b"y" * 100_000)
    assert [one.name for one in read(data, 4096).sheets] == ["after"]
    wanted = list(read_records([record(NAME, bytes(2 << 20)), record(132)], Budget(Limits()), frozenset({NAME, 132})))
    assert wanted == [(OVERSIZE, b""), (132, b"")]


def test_a_string_past_its_record_is_said_to_be_incomplete():
    found = read(record(SHEET, struct.pack("<III", 0, 1, 99) + b"ab") + sheet("good"))
    assert [one.name for one in found.sheets] == ["good"]
    assert [(one.code, one.incomplete) for one in found.anomalies] == [("damaged-record", True)]


def test_cut_and_changed_parts_never_raise():
    rng = random.Random(12)
    for end in range(len(BOOK)):
        read(BOOK[:end], 16)
    for _ in range(300):
        changed = bytearray(BOOK)
        for _ in range(1 + rng.randrange(4)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        read(bytes(changed), 1 + rng.randrange(80))


@given(st.binary(max_size=500))
def test_any_bytes_are_read_in_linear_work(data):
    budget = Budget(Limits())
    read(data, 50, budget)
    assert budget.work <= RECORD * (len(data) + 1)
