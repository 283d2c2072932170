"""Sheets of Excel 2, 3 and 4: what the writer puts in comes out, as xlrd2 reads it too; damage is told."""

import struct

import pytest

from emotriage.formats.excel.biff8 import read_stray_sheets, read_workbook
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget, Limits
from emotriage.testing import workbook
from emotriage.testing.biff8 import Sheet
from emotriage.testing.biff_old import old_sheet, workspace

CELLS = {
    "A1": '=EXEC("emotriage-inert "&B1&C$2)',
    "A2": '=IF(GET.WORKSPACE(1)="x",HALT(),SUM($B2:B4))',
    "A3": "=RUN(Start)",
    "A4": '=FILE.DELETE("a.txt")',
    "A5": '=FORMULA(CHAR(61)&"HALT()",Macro1!A9)',
    "A6": "=(1+2.5)*-B2%",
    "B1": "text",
    "B2": 5,
    "B3": True,
    "B4": -1.5,
}
NAMES = {"Auto_Open": "Macro1!$A$1", "Start": "Macro1!$A$2"}
OLD = ("xls2", "xls3", "xls4")


def record(kind, data=b""):
    return struct.pack("<HH", kind, len(data)) + data


def read(data, passwords=()):
    return read_workbook(Blob(data), Budget(Limits()), passwords=passwords)


def made(form="xls4", cells=CELLS, **more):
    return workbook(form, sheets={}, xlm={"Macro1": cells}, names=NAMES, **more)


@pytest.mark.parametrize("form", OLD)
def test_cells_formulas_and_names_come_out_as_they_went_in(form):
    book = read(made(form, results={"Macro1": {"A1": "ran"}}))
    sheet = book.macrosheets[0]
    assert not book.anomalies
    found = {one.ref: one for one in sheet.cells}
    expected = {ref: text.replace("Macro1!", "") for ref, text in CELLS.items() if str(text).startswith("=")}
    assert {ref: one.formula for ref, one in found.items() if one.formula} == expected
    assert [found[ref].value for ref in ("A1", "B1", "B2", "B3", "B4")] == ["ran", "text", 5, True, -1.5]
    assert all(one.complete for one in sheet.cells)
    assert found["A4"].functions == ("FILE.DELETE",)
    assert [(one.auto, one.formula) for one in book.names] == [("auto_open", "=$A$1"), (None, "=$A$2")]
    assert read_stray_sheets(Blob(made(form)), Budget(Limits())) == ()


@pytest.mark.parametrize("form", OLD)
def test_xlrd2_reads_the_same_cells(form):
    xlrd2 = pytest.importorskip("xlrd2")
    cells = {ref: value for ref, value in CELLS.items() if ref.startswith("B")}
    sheet = xlrd2.open_workbook(file_contents=workbook(form, sheets={"S": cells}), logfile=None).sheet_by_index(0)
    assert [sheet.cell(row, 1).value for row in range(4)] == ["text", 5, 1, -1.5]


def test_sheets_of_an_excel_4_workbook_have_their_own_names():
    bodies = [old_sheet(4, Sheet(name, True, 0, {(0, 0): f'=EXEC("{name}")'})) for name in ("one", "two")]
    book = read(workspace([("One", bodies[0]), ("Two", bodies[1])]))
    assert [(one.name, one.cells[0].formula) for one in book.sheets] == [
        ("One", '=EXEC("one")'),
        ("Two", '=EXEC("two")'),
    ]
    assert not book.anomalies


def test_built_in_names_are_numbers():
    data = record(0x409, struct.pack("<HHH", 0x400, 0x40, 0))
    data += record(0x218, struct.pack("<HBBH", 0x20, 0, 1, 4) + b"\x01" + b"\x44\x00\x00\x00")
    names = read(data + record(0x0A)).names
    assert [(one.name, one.auto, one.formula) for one in names] == [("_xlnm.Auto_Open", "auto_open", "=$A$1")]


def test_array_formulas_stand_where_a_cell_says_so():
    cell = struct.pack("<HHH8sHH", 0, 0, 0, bytes(8), 0, 5) + struct.pack("<BHH", 1, 0, 0)
    array = struct.pack("<HHBBHH", 0, 0, 0, 0, 0, 3) + b"\x1e\x07\x00"
    data = record(0x409, struct.pack("<HHH", 0x400, 0x40, 0)) + record(0x406, cell) + record(0x221, array)
    assert read(data + record(0x0A)).sheets[0].cells[0].formula == "=7"
    lost = read(record(0x409, struct.pack("<HHH", 0x400, 0x40, 0)) + record(0x406, cell) + record(0x0A))
    assert not lost.sheets[0].cells[0].complete


@pytest.mark.parametrize(
    ("tail", "code"),
    [
        (record(0x204, b"\0\0"), "damaged-record"),
        (struct.pack("<HH", 0x204, 99) + b"\0", "record-past-end"),
        (record(0x17, b"\x08cmd\x03/c x"), "link-to-program"),
        (record(0x218, struct.pack("<HBBH", 0, 0, 1, 1) + b"x\x7f"), "damaged-name"),
    ],
)
def test_what_can_not_be_read_is_told(tail, code):
    head = record(0x409, struct.pack("<HHH", 0x400, 0x10, 0))
    found = read(head + tail + (b"" if code == "record-past-end" else record(0x0A)))
    assert code in {one.code for one in found.anomalies if one.incomplete}


def test_references_to_other_sheets_name_their_file():
    formula = b"\x1a" + bytes(4) + struct.pack("<HI", 1, 0) + b"\x44\x00\x00\x00" + b"\x1b" + bytes(4)
    cell = struct.pack("<HHH8sHH", 0, 0, 0, bytes(8), 0, len(formula)) + formula
    data = record(0x409, struct.pack("<HHH", 0x400, 0x40, 0)) + record(0x17, b"\x09\x01OTHER.XL")
    assert read(data + record(0x406, cell) + record(0x0A)).sheets[0].cells[0].formula == "='OTHER.XL'!$A$1"


def test_locked_sheets_are_not_read():
    data = record(0x409, struct.pack("<HHH", 0x400, 0x40, 0)) + record(0x2F, b"\1\2\3\4") + record(0x204, bytes(9))
    book = read(data + record(0x0A), passwords=["x"])
    assert book.encrypted
    assert [one.read for one in book.macrosheets] == [False]
