"""Batch files are carried out on texts alone: what they would start, fetch and write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.emulation.cmd.arithmetic import value_of
from emotriage.emulation.cmd.batch_run import run
from emotriage.model.limits import Budget, Limits

ARMOUR = "-----BEGIN CERTIFICATE-----\nZW1vdHJpYWdlLWluZXJ0\n-----END CERTIFICATE-----\n"


def effects(text: str, kind: str = "start") -> list[str]:
    return [one.what for one in run(text, Budget(Limits())).effects if one.kind == kind]


def written(text: str) -> dict[str, str]:
    return {one.what: one.detail for one in run(text, Budget(Limits())).effects if one.kind == "write"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@echo off\nset a=emo\n%a%triage-inert\n", ["emotriage-inert"]),
        ("%nothing%emo%x:~1,2%triage\n", ["emotriage"]),
        ('set "k=abcdemotriage"\n%k:~4,3%%k:~-6%\n', ["emotriage"]),
        (
            "setlocal enabledelayedexpansion\nset s=\nfor %%i in (e m o) do (\n set s=!s!%%i\n)\n!s!-inert\n",
            ["emo-inert"],
        ),
        ("set a=1\nif %a%==1 (emo-1) else emo-2\nemo-3\n", ["emo-1", "emo-3"]),
        ("if defined nothing (emo-1) else (\n  emo-2\n)\n", ["emo-2"]),
        ("if exist a.txt (emo-1) else (emo-2)\n", ["emo-1", "emo-2"]),
        ("for /f \"tokens=2 delims==\" %%a in ('set comspec') do %%~nxa-inert\n", ["cmd.exe-inert"]),
        ("for /f \"usebackq tokens=1,3 delims=,\" %%a in ('emo,x,inert') do %%a-%%b\n", ["emo-inert"]),
        ("for /f \"delims==\" %%a in ('assoc .cmd') do emo%%a\n", ["emo.cmd"]),
        ("for /f %%a in ('emo-answers') do emo-%%a\n", ["emo-answers", "emo-%a"]),
        ("call :part emotriage -inert\nexit /b\n:part\n%1%2\ngoto :eof\n", ["emotriage-inert"]),
        ("set n=0\n:next\nset /a n+=1\nif %n% lss 3 goto next\nemo-%n%\n", ["emo-3"]),
        ("goto over\nemo-1\n:over\nemo-2\n", ["emo-2"]),
        ("exit\n:never\nemo-inert\n", ["emo-inert"]),
        (":wait\nping -n 5 x\ngoto wait\n", []),
        ("set a=call\ncmd /c set b=emo^&%a% %%b%%-inert\n", ["emo-inert"]),
        ("rem emo-1\n:: emo-2\n@rem emo-3\n", []),
        ('start "" /min /d %temp% emo-inert -x\n', ["emo-inert -x"]),
        ("echo emo-inert | cmd\n", ["emo-inert"]),
        ("echo y | emo-inert\n", ["emo-inert"]),
        ("echo a ^& emo-1\necho (\nemo-2\n", ["emo-2"]),
        ('emo-1 "a & b" && emo-2 || emo-3\n', ['emo-1 "a & b"', "emo-2", "emo-3"]),
        ("emo-1 ^\n -inert\n", ["emo-1  -inert"]),
        ("%~dp0emo.exe\n", ["%~dp0emo.exe"]),
    ],
)
def test_what_would_be_started(text, expected):
    assert effects(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("echo one>a.js\necho two>>a.js\n", {"a.js": "one\r\ntwo\r\n"}),
        ("(\necho var a = 1;\necho a^>0;\n)>a.js\n", {"a.js": "var a = 1;\r\na>0;\r\n"}),
        (">a.vbs echo x\n", {"a.vbs": "x\r\n"}),
        ("<nul set /p =emo>a.txt\n<nul set /p =inert>>a.txt\n", {"a.txt": "emoinert"}),
        ("echo x>a.txt\ncopy /y /b a.txt + a.txt b.txt >nul\n", {"a.txt": "x\r\n", "b.txt": "x\r\nx\r\n"}),
        ("echo x>a.txt\ntype a.txt>b.txt\n", {"a.txt": "x\r\n", "b.txt": "x\r\n"}),
        (f'certutil -decode "%~f0" b.exe\nexit /b\n{ARMOUR}', {"b.exe": "emotriage-inert"}),
        ('findstr /b "::js" "%~f0" > a.js\nexit /b\n::js one\n::js two', {"a.js": "::js one\n::js two"}),
        ('more +2 "%~f0" > a.js\nexit /b\nemo()', {"a.js": "emo()"}),
        ("echo x>nul\necho y 2>err.txt\n", {}),
    ],
)
def test_what_would_be_written(text, expected):
    assert written(text) == expected


def test_what_would_be_fetched():
    assert effects("curl -o a.exe http://example.invalid/a & emo-inert http://example.invalid/b\n", "fetch") == [
        "http://example.invalid/a"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1+2*3", 7), ("(1+2)*3", 9), ("-7/2", -3), ("-7%3", -1), ("0x10|1", 17), ("n+1", 6), ("~0", -1),
        ("1<<31", -(1 << 31)), ("2 3", None), ("(1", None), ("1+", None), ("", None), ("5/0", 0),
    ],
)  # fmt: skip
def test_sums(text, expected):
    assert value_of(text, {"n": "5"}) == expected


@given(st.text(alphabet="%!^&|<>()\"':~=, \nabfor/lsetin01@", max_size=200))
def test_any_text_is_carried_out(text):
    budget = Budget(Limits())
    assert run(text, budget) == run(text, Budget(Limits()))


@pytest.mark.parametrize(
    "text",
    [
        ":a\nset x=%x%x\ngoto a\n",
        ":a\ncall :a\n",
        "set n=0\n:a\nset /a n+=1\ngoto a\n",
        "for /l %%a in (1,1,99999) do for /l %%b in (1,1,99999) do emo\n",
        "(" * 30_000,
        "if 1==1 " * 8000 + "emo\n",
        "echo x>a\n" + "type a>>a\n" * 4000,
        "a|" * 20_000,
        "set a=xx\n" + "set a=%a%%a%\n" * 3000,
    ],
)
def test_hostile_files_end_within_bounds(text):
    budget = Budget(Limits())
    run(text, budget)
    assert budget.work < 900_000_000
