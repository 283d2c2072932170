"""Values of worksheets that are XML, as macros ask for them."""

import pytest

from emotriage.formats.excel.sheet_values import read_shared_texts, read_values
from emotriage.formats.ooxml import read_package
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget, Limits
from emotriage.testing import workbook

SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
STRINGS = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</sst>'
PART = "xl/worksheets/sheet1.xml"


def budget():
    return Budget(Limits())


def values(rows, texts=()):
    package = read_package(Blob(workbook(format="xlsx", parts={PART: SHEET.format(rows)})), budget())
    return read_values(package, package.part(PART), list(texts), budget())


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ('<row r="2"><c r="B2"><v>1.5</v></c><c r="C2"/><c><v>7</v></c></row>', {(2, 2): 1.5, (2, 4): 7.0}),
        ("<row><c><v>1</v></c></row><row><c/><c><v>2</v></c></row>", {(1, 1): 1.0, (2, 2): 2.0}),
        ('<row><c r="A1" t="s"><v>1</v></c><c r="B1" t="s"><v>9</v></c></row>', {(1, 1): "two"}),
        ('<row><c r="A1" t="inlineStr"><is><t>in</t><t>ert</t></is></c></row>', {(1, 1): "inert"}),
        ('<row><c r="A1" t="b"><v>1</v></c><c r="B1" t="e"><v>#N/A</v></c></row>', {(1, 1): True, (1, 2): "#N/A"}),
        ('<row><c r="A1" t="str"><f>B1</f><v>text</v></c><c r="?"><v>1</v></c></row>', {(1, 1): "text"}),
        ('<row r="3"><c r="AA3"><v>1</v></c></row>', {(3, 27): 1.0}),
    ],
)
def test_cells(rows, expected):
    assert values(rows, ["one", "two"]) == expected


def test_shared_texts_leave_out_how_they_are_read_aloud():
    rich = "<si><r><t>emotriage-</t></r><r><t>inert</t></r><rPh><t>aloud</t></rPh></si>"
    parts = {"xl/sharedStrings.xml": STRINGS.format(f"<si><t>one</t></si>{rich}<si/>")}
    package = read_package(Blob(workbook(format="xlsx", parts=parts)), budget())
    assert read_shared_texts(package, package.part("xl/sharedStrings.xml"), budget()) == ["one", "emotriage-inert", ""]


def test_a_part_that_breaks_off_keeps_what_came_before():
    assert values('<row><c r="A1"><v>1</v></c><c r="B1"><v>2</v></row>') == {(1, 1): 1.0}
