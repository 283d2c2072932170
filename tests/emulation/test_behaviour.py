"""Scripts of every language: what they would do, wherever the code stands."""

import pytest

from emotriage.emulation.behaviour import behaviour
from emotriage.formats.script.parts import script_parts
from emotriage.model.limits import Budget, Limits


def started(text: str, language: str) -> list[str]:
    run = behaviour(text, language, Budget(Limits()))
    assert run is not None
    return [one.what for one in run.effects if one.kind == "start"]


@pytest.mark.parametrize(
    "text",
    [
        'CreateObject("WScript.Shell").Run "x012", 0',
        'Set w = CreateObject("WScript" & Chr(46) & "Shell")\nw.Run StrReverse("210x")',
        'Dim s\ns = "x0"\nGo\nSub Go\n  CreateObject("WScript.Shell").Run s & "12"\nEnd Sub',
        'Function f(a)\nf = a & "12"\nEnd Function\nIf 1 = 1 Then\nCreateObject("WScript.Shell").Run f("x0")\nEnd If',
        'Do While True\nWScript.Sleep 10\nLoop\nCreateObject("WScript.Shell").Run "x012" \' end sub',
    ],
)
def test_vbscript_runs_from_its_first_line(text):
    assert started(text, "vbscript") == ["x012"]


def test_pages_have_scripts_of_both_languages():
    page = (
        '<html><script language="VBScript">CreateObject("WScript.Shell").Run "a012"</script>'
        "<job><script><![CDATA[ new ActiveXObject('WScript.Shell').Run('b012'); ]]></script></job>"
        "<body onload=\"new ActiveXObject(&quot;WScript.Shell&quot;).Run('c012')\">"
    )
    assert sorted(started(page, "hta")) == ["a012", "b012", "c012"]


def test_what_is_started_with_powershell_is_read_on():
    text = """new ActiveXObject("WScript.Shell").Run("powershell -c iex ('Start-' + 'Process emotriage-inert')", 0);"""
    assert started(text, "javascript")[-1] == "emotriage-inert"


def test_pages_that_scripts_write_are_read_on():
    text = 'document.write(unescape(\'%3Cscript%3Enew ActiveXObject("WScript.Shell").Run("x012")%3C/script%3E\'));'
    assert started(text, "javascript") == ["x012"]


def test_what_is_too_long_is_told():
    run = behaviour("var a = 1;\n" * 300_000, "javascript", Budget(Limits()))
    assert run is not None
    assert not run.complete


def test_parts_that_are_not_closed_go_on_to_the_end():
    parts = script_parts("<p><script type='text/vbscript'>a\n<script>b", Budget(Limits()))
    assert [(one.text, one.language) for one in parts] == [("a\n<script>b", "vbscript")]


@pytest.mark.parametrize(
    "text",
    [
        'Execute "Set s = CreateObject(" & Chr(34) & "WScript.Shell" & Chr(34) & ")"\ns.Run "emotriage-inert"\n',
        'Set s = CreateObject("WScript.Shell")\nx = Eval("""emo"" & ""triage""")\ns.Run x & Eval("""-inert""")\n',
        (
            'ExecuteGlobal "Function f(a)" & vbCrLf & "f = a & 1" & vbCrLf & "End Function"\n'
            'CreateObject("WScript.Shell").Run Replace(f("emotriage"), "1", "-inert")\n'
        ),
        (
            'Function d(s)\nFor i = 1 To Len(s)\nExecute("d = d & Chr(Asc(Mid(s, i, 1)) - 1)")\nNext\nEnd Function\n'
            'CreateObject("WScript.Shell").Run d("fnpusjbhf.jofsu")\n'
        ),
        'Execute("Run ""emotriage-inert""")\nSub Run(line)\nCreateObject("WScript.Shell").Run _  \n  line\nEnd Sub\n',
    ],
)
def test_vbscript_that_runs_text_as_code(text):
    run = behaviour(text, "vbscript", Budget(Limits()))
    assert [one.what for one in run.effects if one.kind == "start"] == ["emotriage-inert"]
    assert run.complete


@pytest.mark.parametrize(
    "text",
    [
        'Sub q\nExecute "q"\nEnd Sub\nq\n',
        's = "x"\nWhile True\nExecute s\ns = s & "x"\nWend\n',
        'n = 0\nWhile n < 9999\nn = n + 1\nExecuteGlobal "Sub a" & n & vbCrLf & "End Sub"\nWend\n',
        'Execute "Execute """ & String(9999, "x") & """"\n',
    ],
)
def test_text_that_runs_itself_ends_within_bounds(text):
    budget = Budget(Limits())
    behaviour(text, "vbscript", budget)
    assert budget.work < 2_000_000_000
