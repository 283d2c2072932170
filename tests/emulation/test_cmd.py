"""Command lines of cmd.exe, carried out on texts alone."""

import pytest

from emotriage.emulation.cmd import started
from emotriage.model.limits import Budget, Limits


def run(line: str) -> list[str]:
    return list(started(line, Budget(Limits())))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('cmd /c "set x=emo&&set y=triage&&call %x%%y%-inert"', ["emotriage-inert"]),
        ("cmd /v:on /c set x=emo&&!x!triage-inert", ["emotriage-inert"]),
        ('cmd /V /C "set k=abcdemotriage&&for %i in (4,5,6,4) do set o=!o!!k:~%i,1!&&if %i==6 call %o:~3%"', ["emo"]),
        ("c^m^d /^c s^et a=em^otriage&&c^all %a^%-inert", ["emotriage-inert"]),
        ('cmd /v /c "set a=qmotriagq&&set b=!a:q=e!&&echo !b!|cmd"', ["emotriage"]),
        ('cmd /v /c "set a=xxemotriage&&call !a:*xx=!"', ["emotriage"]),
        (
            'cmd /v /c "set k=emo&&for %9 in (0, 1 ,2)do set 4D=!4D!!k:~  %9,  1!&&if %9==2 echo !4D:*4D!=!|cmd "',
            ["emo"],
        ),
        ("cmd /c for /L %n in (1,1,3) do call emotriage-%n", ["emotriage-1", "emotriage-2", "emotriage-3"]),
        ("cmd /c for %a in (x y) do if not %a==x call emotriage-%a", ["emotriage-y"]),
        ("cmd /c for %a in (7 12) do if %a geq 10 call emotriage-%a", ["emotriage-12"]),
        ("cmd /c set a=emo&&cmd /c call %a%triage", ["emotriage"]),
        ('cmd /c "call pow%PUBLIC:~5,1%r%SESSIONNAME:~-4,1%h%TEMP:~-3,1%ll -x"', ["powershell -x"]),
        ("cmd /c set a=1&exit", []),
    ],
)
def test_what_it_comes_to(line, expected):
    assert run(line) == expected


@pytest.mark.parametrize("line", ["", "emotriage-inert /c x", "cmd /c dir", "set a=b", "notepad for call.txt"])
def test_lines_that_need_no_carrying_out(line):
    assert run(line) == []


@pytest.mark.parametrize(
    "line",
    [
        "cmd /c " + "for %a in (1 2 3 4 5 6 7 8 9) do " * 40 + "call x",
        "cmd /v /c set a=xx" + "&&set a=!a!!a!" * 400 + "&&call !a!",
        "cmd /c " + "cmd /c set a=b&&" * 900,
        "cmd /c set " + "a" * 30_000 + "=" + "!" * 30_000,
        "cmd /c for /L %i in (0,0,9) do call x",
        "cmd /c for /L %i in (1,1,999999) do set a=%i",
        "cmd /c set %%%%=!!!!&&call %%%%!!!!:~,=",
        "cmd /c " + "if 1==1 " * 4000 + "call x",
    ],
)
def test_hostile_lines_end_within_bounds(line):
    budget = Budget(Limits())
    assert len(started(line, budget)) <= 32
    assert budget.work < 400_000_000
