"""Batch files are read as cmd.exe reads them, and what it takes away is counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.emulation.cmd.batch import expand
from emotriage.model.limits import Budget, Limits


def budget() -> Budget:
    return Budget(Limits())


@pytest.mark.parametrize(
    ("lines", "last"),
    [
        ("set a=pow\n%a%ershell", "powershell"),
        ('set "a=pow"\n%a%ershell', "powershell"),
        ("@set A=pow& echo x\n%a%ershell", "powershell"),
        ("set a=abcdef\n%a:~1,2%%a:~-2%%a:~0,-4%%a:~9%", "bcefab"),
        ("set a=xpxoxw\n%a:x=%", "pow"),
        ("set a=po\nset b=%a%w\n%b%", "pow"),
        ("setlocal enabledelayedexpansion\nset a=pow\n!a!ershell", "powershell"),
        ("p^o^w^^er", "pow^er"),
        ("po%nothing%w%-%er", "power"),
        ("echo %TEMP% %~dp0 %1 %errorlevel% %windir%", "echo %TEMP% %~dp0 %1 %errorlevel% %windir%"),
        ("%comspec:~0,1%%programdata:~1,1%", "C:"),
        ("100% of 20 percent", "100% of 20 percent"),
    ],
)
def test_lines_as_they_are_run(lines, last):
    assert expand(lines, budget()).text.split("\n")[-1] == last


def test_what_is_taken_away_is_counted():
    expanded = expand("set k=abc\n%k:~1,1%%k:~0,1%\nab%-%cd%+%ef\np^o^w", budget())
    assert (expanded.slices, expanded.ghosts, expanded.carets) == (2, 2, 2)


def test_a_variable_is_set_before_it_is_used():
    assert expand("%a%x\nset a=1\n%a%x", budget()).text == "x\nset a=1\n1x"


def test_doubling_does_not_grow_without_end():
    lines = ["set a=xxxxxxxxxx"] + [f"set a=%a%%a%%a%{number}" for number in range(400)]
    assert len(expand("\n".join(lines), budget()).text) < 1 << 20


@given(st.text(alphabet='%!^:~=,set ab1-\n"&', max_size=300))
def test_any_text_is_expanded(text):
    assert expand(text, budget()) == expand(text, budget())


@pytest.mark.parametrize("unit", ["%", "%a%", "%a:~1,1%", "^", "set a=b&", "!", "%%a", "\n"])
def test_work_is_linear(unit):
    works = []
    for count in (3000, 6000):
        spent = budget()
        expand(unit * count, spent)
        works.append(spent.work)
    assert works[1] < 2.2 * works[0] + 100_000
