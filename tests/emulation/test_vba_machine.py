"""VBA evaluated without a host: what the code would start, fetch and write."""

import pytest

from emotriage.emulation.vba.host import Surroundings
from emotriage.emulation.vba.machine import run
from emotriage.emulation.vba.program import ModuleCode, Program
from emotriage.emulation.vba.source import read_source
from emotriage.model.limits import Budget, Limits


def evaluate(text: str, *, more: dict[str, str] | None = None, surroundings: Surroundings | None = None):
    budget = Budget(Limits())
    sources = {"Module1": text, **(more or {})}
    modules = [ModuleCode(name, "standard", read_source(code, budget)) for name, code in sources.items()]
    program = Program(modules, budget)
    entries = [n for n, node in enumerate(program.nodes) if node.procedure.name.lower() == "autoopen"]
    return run(program, entries, surroundings or Surroundings(), budget)


def started(body: str, rest: str = "", **how) -> list[str]:
    text = f"Sub AutoOpen()\n{body}\nEnd Sub\n{rest}"
    return [one.what for one in evaluate(text, **how).effects if one.kind == "start"]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('"a" & "b" + "c"', "abc"),
        ("1 + 2 * 3 ^ 2", "19"),
        ("-2 ^ 2", "-4"),
        ("7 \\ 2 & 7 Mod 4", "33"),
        ("(1 + 2) * 3", "9"),
        ("Not 0", "-1"),
        ("5 And 3 Or 8", "9"),
        ("1 < 2", "True"),
        ('"10" + 5', "15"),
        ('"a" + 5', "a5"),
        ("Chr(65) & ChrW$(66) & Chr$(&H43)", "ABC"),
        ("&HFFFF & &HFFFF& & &O17", "-16553515"),
        ('StrReverse("cba")', "abc"),
        ('Replace("xaxbx", "x", "")', "ab"),
        ('Mid("abcdef", 2, 3) & Left("xyz", 1) & Right("xyz", 1)', "bcdxz"),
        ('Split("a|b|c", "|")(1)', "b"),
        ('Join(Array("a", "b"), "-")', "a-b"),
        ('InStr("abc", "c") & InStr(2, "aba", "a") & InStrRev("aba", "a")', "333"),
        ('UCase("a") & LCase("B") & Trim(" c ") & Space(2) & String(2, "d")', "Abc  dd"),
        ('Hex(255) & Oct(8) & Val("12x") & CStr(3)', "FF10123"),
        ('IIf(1 > 2, "a", "b") & Choose(2, "c", "d")', "bd"),
        ('Environ("TEMP")', "%TEMP%"),
        ("wdKeyP & vbKeyA", "8065"),
        ("Len(Undeclared) & Undeclared", "0"),
        ('VBA.Strings.StrReverse("ba")', "ab"),
        ('"a" & Unknown.Thing(3).Text & "b"', "ab"),
        ('[Undeclared] & "x"', "x"),
        ('Asc("A") Xor 3', "66"),
        ('"a" Like "[a-c]"', "True"),
        ("True = (1 = 1)", "True"),
    ],
)
def test_expressions(expression, value):
    assert started(f"Shell {expression}") == [value]
    assert started(f"Dim x\nx = {expression}\nCall Shell(x, 0)") == [value]


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("For i = 1 To 3\n s = s & i\nNext\nShell s", "123"),
        ("For i = 3 To 1 Step -1: s = s & i: Next i: Shell s", "321"),
        ('For Each x In Array("a", "b")\n s = s & x\nNext\nShell s', "ab"),
        ('Do While Len(s) < 3\n s = s & "x"\nLoop\nShell s', "xxx"),
        ('Do\n s = s & "x"\nLoop Until Len(s) = 2\nShell s', "xx"),
        ('While i < 2\n i = i + 1: s = s & "y"\nWend\nShell s', "yy"),
        ('If 1 = 1 Then s = "a" Else s = "b"\nShell s', "a"),
        ('If 1 = 2 Then\n s = "a"\nElseIf 2 = 2 Then\n s = "b"\nElse\n s = "c"\nEnd If\nShell s', "b"),
        ('If 1 = 2 Then\n s = "a"\nElse\n If True Then s = "d"\nEnd If\nShell s', "d"),
        ('Select Case 5\nCase 1, 2\n s = "a"\nCase 3 To 6\n s = "b"\nCase Else\n s = "c"\nEnd Select\nShell s', "b"),
        ('Select Case "x"\nCase Is > "z"\n s = "a"\nCase Else\n s = "c"\nEnd Select\nShell s', "c"),
        ('ReDim a(2)\na(0) = "p": a(1) = "q"\nShell a(0) & a(1)', "pq"),
        ('Dim a(1, 1)\na(0, 1) = "z"\nShell a(0, 1)', "z"),
        ('s = "a"\nGoTo over\ns = "b"\nover:\nShell s', "a"),
        ('With CreateObject("WScript.Shell")\n .Run "w", 0\nEnd With', "w"),
        ('s = "a" _\n & "b"\nShell s', "ab"),
        ('Const c = "k", d = "l"\nShell c & d', "kl"),
        ("For i = 1 To 9\n If i = 3 Then Exit For\n s = s & i\nNext\nShell s", "12"),
        ('Dim o As New Dictionary\no.Add "k", "v"\nShell o.Item("k")', "v"),
    ],
)
def test_statements(body, value):
    assert started(body) == [value]


def test_functions_of_the_project_carry_values():
    rest = 'Function F(ByVal a, b)\n F = b & a\nEnd Function\nFunction G()\n G = "g"\nEnd Function\n'
    assert started('Shell F("x", "y") & G & Module1.G()', rest) == ["yxgg"]


def test_names_of_other_modules_and_their_variables():
    more = {"Other": 'Public kept\nSub Fill()\n kept = "v"\nEnd Sub\nFunction Text()\n Text = kept\nEnd Function\n'}
    assert started("Fill\nShell Other.kept & Other.Text", more=more) == ["vv"]


@pytest.mark.parametrize(
    "line",
    [
        'Shell "c", 0',
        'x = Shell("c")',
        'CreateObject("WScript.Shell").Run "c", 0, True',
        'Set o = CreateObject("WScript.Shell"): o.Exec("c")',
        'GetObject("winmgmts:Win32_Process").Create "c", Null, Null, p',
        'CreateObject("Shell.Application").ShellExecute "c", "", "", "open", 0',
        'CallByName CreateObject("WScript.Shell"), "Ru" & "n", 1, "c"',
        'Interaction.Shell "c"',
        'Application.Run "Module1.Other", "c"',
    ],
)
def test_ways_to_start_something(line):
    assert started(line, "Sub Other(what)\n Shell what\nEnd Sub\n")[0] == "c"


def test_declared_functions_go_by_their_real_name():
    text = (
        'Private Declare Function pull Lib "urlmon" Alias "URLDownloadToFileA" (ByVal a As Long) As Long\n'
        'Sub AutoOpen()\n pull 0, "http://emotriage-inert.invalid/a", "b", 0, 0\nEnd Sub\n'
    )
    assert [(one.kind, one.what) for one in evaluate(text).effects] == [("fetch", "http://emotriage-inert.invalid/a")]


def test_what_is_fetched_and_written():
    text = """Sub AutoOpen()
 Set x = CreateObject("MSXML2.XMLHTTP")
 x.Open "GET", "http://emotriage-inert.invalid/" & "a", False
 Set s = CreateObject("ADODB.Stream")
 s.SaveToFile Environ("TEMP") & "\\a", 2
 Open "C:\\x.txt" For Output As #1
 Print #1, "emotriage-" & "inert"
 Close #1
End Sub
"""
    found = [(one.kind, one.what, one.detail) for one in evaluate(text).effects if one.kind != "object"]
    assert ("fetch", "http://emotriage-inert.invalid/a", "GET False") in found
    assert ("write", "%TEMP%\\a", "") in found
    assert ("write", "C:\\x.txt", "emotriage-inert") in found


def test_what_goes_into_a_text_file():
    text = """Sub AutoOpen()
 Set f = CreateObject("Scripting.FileSystemObject").CreateTextFile(Environ("TEMP") & "\\a.js", True)
 f.Write "emotriage" & "-inert"
End Sub
"""
    assert [(one.what, one.detail) for one in evaluate(text).effects if one.kind == "write"] == [
        ("%TEMP%\\a.js", "emotriage-inert")
    ]


def test_both_arms_of_what_cannot_be_known():
    assert started('If Now > 5 Then\n Shell "a"\nElse\n Shell "b"\nEnd If\nShell "c"') == ["a", "b", "c"]
    assert started('If Application.Version = 1 Then Exit Sub\nShell "c"') == ["c"]
    assert started('Do While Rnd > 1\n Shell "a"\nLoop') == ["a"]


def test_texts_of_controls():
    around = Surroundings({"box1": {"value": "emo", "text": "emo"}, "form1.label1": {"caption": "triage", "tag": "t"}})
    body = "Shell ThisDocument.Box1 + UserForm1 & Form1.Label1.Caption & Box1.Text & Form1.Label1.Tag"
    assert started(body, surroundings=around) == ["emotriageemot"]


def test_base64_nodes_decode():
    body = """Set n = CreateObject("MSXML2.DOMDocument").createElement("b64")
n.DataType = "bin.base64"
n.Text = "ZW1vdHJpYWdlLWluZXJ0"
Shell StrConv(n.nodeTypedValue, vbUnicode)"""
    assert started(body) == ["emotriage-inert"]


@pytest.mark.parametrize(
    "body",
    [
        "Do\nLoop",
        "While True\n x = x + 1\nWend",
        "a:\nGoTo a",
        "For i = 1 To 1000000000\nNext",
        "AutoOpen",
        "x = F(1)",
    ],
)
def test_what_does_not_end(body):
    found = evaluate(f'Sub AutoOpen()\nShell "before"\n{body}\nEnd Sub\nFunction F(n)\n F = F(n) & F(n)\nEnd Function')
    assert found.effects[0].what == "before"


@pytest.mark.parametrize(
    "body",
    ["While True\n x = x + 1\nWend", "a:\nGoTo a", "For i = 1 To 1000000000\n x = Chr(i Mod 9)\nNext", "Do\n F\nLoop"],
)
def test_a_loop_without_end_is_told(body):
    assert not evaluate(f"Sub AutoOpen()\n{body}\nEnd Sub").complete
    assert evaluate("Sub AutoOpen()\nFor i = 1 To 10\nNext\nEnd Sub").complete


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000,
        "If " * 3000,
        "x = " + "(" * 4000 + "1",
        "x = " + "F(" * 4000,
        "Shell " + "-" * 9000 + "1",
        "For " * 500 + "\n" + "Next\n" * 900,
        "Select Case\nCase\nCase To\nCase Is\nEnd Select",
        "With\n.a.b.c = \n.d(\nEnd With",
        "a.b(1)(2).c = d(,,)(,)",
        "Open For As\nPrint #\nPut #1,,",
        "Dim\nReDim (\nConst =\nSub\nFunction (",
        '\0\1\2 """ [ ] # & ! % $ @ ^ \\ ::: :=',
        "x = 9 ^ 9 ^ 9 ^ 9 ^ 9: y = x * x: z = 1 / 0: w = 5 Mod 0",
        's = "a"\nFor i = 1 To 99\n s = s & s\nNext',
    ],
)
def test_nonsense_ends_quietly(text):
    budget = Budget(Limits())
    source = read_source(f'Sub AutoOpen()\n{text}\nShell "after"\nEnd Sub\n', budget)
    program = Program([ModuleCode("Module1", "standard", source)], budget)
    run(program, [0], Surroundings(), budget)
    assert budget.work < Limits().work // 4


def test_work_grows_with_the_code_alone():
    works = []
    for count in (500, 1000):
        budget = Budget(Limits())
        source = read_source("Sub AutoOpen()\n" + 's = s & "x" & Chr(65)\n' * count + "Shell s\nEnd Sub\n", budget)
        run(Program([ModuleCode("M", "standard", source)], budget), [0], Surroundings(), budget)
        works.append(budget.work)
    assert works[1] < 2.6 * works[0]
