"""Workbooks in packages, held against openpyxl and against parts that say different things."""

import io
import random
import re
import warnings
import zipfile

import openpyxl
import pytest

from emotriage.formats.excel.spreadsheetml import read_workbooks
from emotriage.formats.ooxml import read_package
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.limits import Budget, Limits
from emotriage.testing.document import document
from emotriage.testing.workbook import workbook

MACROS = {"Macro1": {"A1": '=EXEC("emotriage-inert")', "B2": "text", "B3": 12.5, "B4": True, "C1": "=HALT()"}}


def book(**more):
    return workbook(
        "xlsm", **{"xlm": MACROS, "state": {"Macro1": "veryHidden"}, "names": {"Auto_Open": "Macro1!$A$1"}, **more}
    )


def read(data, budget=None):
    budget = budget or Budget(Limits())
    return read_workbooks(read_package(Blob(data), budget), budget)


def rewrite(data, **changes):
    """The same package with the text of some parts changed: part name (without its folders) to (old, new) or bytes."""
    out = io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(data))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for one in source.infolist():
            content = source.read(one)
            change = changes.get(re.sub(r"\W", "_", one.filename.rpartition("/")[2]))
            if isinstance(change, bytes):
                content = change
            elif change:
                assert change[0].encode() in content
                content = content.replace(change[0].encode(), change[1].encode())
            target.writestr(one.filename, content)
    return out.getvalue()


def test_a_workbook_says_what_was_put_in():
    (found,) = read(book(hidden_names=["Auto_Open"]))
    assert found.format == "spreadsheetml"
    assert found.where == "xl/workbook.xml"
    assert not found.anomalies
    assert [(one.name, one.kind, one.state) for one in found.sheets] == [
        ("Sheet1", "worksheet", "visible"),
        ("Macro1", "macrosheet", "very-hidden"),
    ]
    assert [(one.name, one.formula, one.hidden, one.auto, one.disguised) for one in found.names] == [
        ("_xlnm.Auto_Open", "=Macro1!$A$1", True, "auto_open", False)
    ]
    cells = {one.ref: one for one in found.macrosheets[0].cells}
    assert cells["A1"].formula == '=EXEC("emotriage-inert")'
    assert cells["A1"].functions == ("EXEC",)
    assert [cells[ref].value for ref in ("B2", "B3", "B4")] == ["text", 12.5, True]


def test_international_macro_sheets_are_macro_sheets():
    (found,) = read(book(international=True))
    assert [one.kind for one in found.sheets] == ["worksheet", "macrosheet"]


def test_openpyxl_sees_the_same_sheets_and_names():
    data = book(sheets={"One": {}, "Two": {"A1": 1}}, state={"Two": "hidden", "Macro1": "veryHidden"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle = openpyxl.load_workbook(io.BytesIO(data))
    (found,) = read(data)
    states = {"visible": "visible", "hidden": "hidden", "veryHidden": "very-hidden"}
    assert [(one.name, one.state) for one in found.sheets] == [
        (one.title, states[one.sheet_state]) for one in oracle.worksheets
    ]
    assert [one.name for one in found.names] == list(oracle.defined_names)


def test_either_claim_makes_a_macro_sheet():
    data = book()
    for part, old, new in (
        ("_Content_Types__xml", "ms-excel.macrosheet+xml", "openxmlformats-officedocument.spreadsheetml.worksheet+xml"),
        ("workbook_xml_rels", "relationships/xlMacrosheet", "relationships/worksheet"),
    ):
        (found,) = read(rewrite(data, **{part: (old, new)}))
        assert found.macrosheets[0].cells[0].functions == ("EXEC",)
        assert [one.code for one in found.anomalies] == ["sheet-type-differs"]


def test_macro_sheets_outside_the_list_are_read():
    data = rewrite(book(), workbook_xml=('<sheet name="Macro1"', '<sheeet name="Macro1"'))
    main, strays = read(data)
    assert not main.macrosheets
    assert [(one.listed, one.where, one.cells[0].formula) for one in strays.sheets] == [
        (False, "xl/macrosheets/sheet1.xml", '=EXEC("emotriage-inert")')
    ]


def test_a_part_that_is_there_twice_is_read_twice():
    data = io.BytesIO(book())
    with warnings.catch_warnings(), zipfile.ZipFile(data, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("xl/macrosheets/sheet1.xml", '<m><row r="1"><c r="A1"><f>HALT()</f></c></row></m>')
    formulas = {cell.formula for one in read(data.getvalue()) for sheet in one.macrosheets for cell in sheet.cells}
    assert {"=HALT()", '=EXEC("emotriage-inert")'} <= formulas


def test_a_list_that_is_damaged_still_leaves_the_macro_sheets():
    main, strays = read(rewrite(book(), workbook_xml=b"<workbook><sheets>"))
    assert [one.incomplete for one in main.anomalies] == [True]
    assert strays.sheets[0].cells[0].functions == ("EXEC",)


def test_a_sheet_that_is_not_there_is_said_to_be_incomplete():
    (found, _) = read(rewrite(book(), workbook_xml_rels=("macrosheets/sheet1.xml", "macrosheets/gone.xml")))
    assert ("sheet-not-there", True) in [(one.code, one.incomplete) for one in found.anomalies]
    assert [one.read for one in found.macrosheets] == [False]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('<c r="B7" t="s"><v>1</v></c>', ("B7", "", "two")),
        ('<c r="B7" t="s"><v>0</v></c>', ("B7", "", "one")),
        ('<c t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>', ("A3", "", "ab")),
        ('<c r="$C$1" t="str"><f>CHAR(65)</f><v>A</v></c>', ("C1", "=CHAR(65)", "A")),
        ('<c r="A1" t="b"><v>0</v></c>', ("A1", "", False)),
        ('<c r="A1" t="e"><v>#N/A</v></c>', ("A1", "", "#N/A")),
        ('<c r="A1"><v>not a number</v></c>', ("A1", "", "not a number")),
        ('<c r="A1"><f> =HALT() </f></c>', ("A1", "=HALT()", None)),
        ('<c r="no such place"><v>5</v></c>', ("A3", "", 5.0)),
    ],
)
def test_cells_in_each_form(cell, expected):
    sheet = f'<worksheet><sheetData><row r="3">{cell}<c r="D9"/></row></sheetData></worksheet>'
    strings = "<sst><si><t>one</t><rPh><t>sound</t></rPh></si><si><r><t>t</t></r><r><t>wo</t></r></si></sst>"
    data = book(sheets={"S": {"A1": "some text"}})
    (found,) = read(rewrite(data, sheet1_xml=sheet.encode(), sharedStrings_xml=strings.encode()))
    assert [(one.ref, one.formula, one.value) for one in found.macrosheets[0].cells] == [expected]


def test_formulas_that_follow_a_shared_one_have_its_text():
    sheet = (
        '<x><row r="1"><c r="A1"><f t="shared" si="0">CHAR(65)</f></c><c r="B1"><f t="shared" si="0"/></c>'
        '<c r="C1"><f t="shared" si="9"/></c></row></x>'
    )
    (found,) = read(rewrite(book(), sheet1_xml=sheet.encode()))
    assert [(one.ref, one.functions) for one in found.macrosheets[0].cells] == [("A1", ("CHAR",)), ("B1", ("CHAR",))]


def test_a_shared_string_that_is_missing_is_said_to_be_incomplete():
    sheet = '<x><row r="1"><c r="A1" t="s"><v>4294967295</v></c><c r="A2" t="s"><v>-1</v></c></row></x>'
    (found,) = read(rewrite(book(), sheet1_xml=sheet.encode()))
    assert {(one.code, one.incomplete) for one in found.anomalies} == {("shared-string-missing", True)}


def test_more_cells_than_are_kept_leave_a_gap(monkeypatch):
    monkeypatch.setattr("emotriage.formats.excel.macrosheet_xml.MAX_CELLS", 3)
    (found,) = read(book())
    assert len(found.macrosheets[0].cells) == 3
    assert [(one.code, one.incomplete) for one in found.anomalies] == [("cells-over-limit", True)]


def test_other_documents_have_no_workbook():
    assert read(document("docx", text="hello")) == ()


def test_a_large_sheet_costs_linear_work():
    works = []
    for count in (4000, 8000):
        budget = Budget(Limits())
        cells = "".join(f'<c r="A{row}"><f>CHAR({row})</f></c>' for row in range(1, count))
        read(rewrite(book(), sheet1_xml=f"<x>{cells}</x>".encode()), budget)
        works.append(budget.work)
    assert works[1] <= 2.1 * works[0]


def test_cut_and_changed_packages_raise_nothing_else():
    data = book()
    parts = {
        one.filename: zipfile.ZipFile(io.BytesIO(data)).read(one)
        for one in zipfile.ZipFile(io.BytesIO(data)).infolist()
    }
    rng = random.Random(5)
    for _ in range(120):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, content in parts.items():
                changed = bytearray(content)
                for _ in range(rng.randrange(3)):
                    changed[rng.randrange(len(changed))] = rng.randrange(256)
                archive.writestr(name, bytes(changed[: rng.randrange(len(changed)) if rng.random() < 0.1 else None]))
        try:
            read(out.getvalue())
        except FormatError:
            continue
