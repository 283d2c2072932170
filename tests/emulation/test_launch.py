"""What command lines start: beside the shortcut, and by another's hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.emulation.launch import (
    fetch_tool,
    is_beside,
    is_nowhere,
    proxied,
    runs_input,
    started_beside,
    unseen_in,
)
from emotriage.model.limits import Budget, Limits


@pytest.mark.parametrize(
    ("line", "beside"),
    [
        ("cmd /c start inert.vbs & start explorer Photos", ("inert.vbs",)),
        ("cmd /c .\\a\\inert.exe", (".\\a\\inert.exe",)),
        ('rundll32 "a b\\inert.dll",Start', ("a b\\inert.dll",)),
        ("rundll32 inert.dat,#1", ("inert.dat",)),
        ("regsvr32 /s inert.tmp", ("inert.tmp",)),
        ('powershell -File "%cd%\\inert.ps1"', ("%cd%\\inert.ps1",)),
        ("control .\\inert.cpl", (".\\inert.cpl",)),
        ("explorer me\\inert.bat", ("me\\inert.bat",)),
    ],
)
def test_relative_paths_are_beside(line, beside):
    assert started_beside(line, Budget(Limits())) == beside


@pytest.mark.parametrize(
    "line",
    [
        'cmd /k "C:\\Tools\\inert.bat"',
        "cmd /k C:\\Program Files\\Inert Tools\\inert.bat",
        "powershell -command \". 'C:\\Program Files\\Inert\\inert.ps1'\"",
        "rundll32 shell32.dll,Control_RunDLL mmsys.cpl,,0",
        "rundll32 printui.dll,PrintUIEntry /p",
        "control appwiz.cpl",
        "hh inert.chm",
        "cmd /c cd /d C:\\Inert && start inert.exe",
        "cmd /c taskkill /f /im inert.exe",
        "cmd /c start chrome.exe",
        "mmc %windir%\\system32\\fsrm.msc",
    ],
)
def test_full_paths_and_stock_names_are_not(line):
    assert started_beside(line, Budget(Limits())) == ()


@pytest.mark.parametrize(
    ("folder", "nowhere"),
    [
        ("", True),
        ("%HOMEDRIVE%%HOMEPATH%", True),
        ("C:\\Windows\\System32", True),
        ("E:\\", True),
        ("data", True),
        ("C:\\Program Files\\Inert", False),
        ("%ProgramFiles%\\Inert", False),
        ("\\\\server\\share", False),
    ],
)
def test_folders_that_say_nothing(folder, nowhere):
    assert is_nowhere(folder) is nowhere


@pytest.mark.parametrize(
    ("line", "certain"),
    [
        ('forfiles /p C:\\ /m x /c "emotriage-inert"', True),
        ("mshta vbscript:Close()", True),
        ("rundll32 _X.inert,Start", True),
        ("wscript //e:vbscript inert.dat", True),
        ("conhost --headless emotriage-inert", True),
        ("wmic process call create emotriage-inert", True),
        ("control %TEMP%\\inert.cpl", True),
        ("winword /t https://host.invalid/a.dotm", True),
        ("powershell [Reflection.Assembly]::Load($b)", True),
        ("schtasks /create /tn x /tr emotriage-inert", False),
        ("rundll32 url.dll,OpenURL inert.hta", False),
    ],
)
def test_tools_that_run_something_else(line, certain):
    found = proxied(line, Budget(Limits()))
    assert found
    assert any(sure for _, sure in found) is certain


@pytest.mark.parametrize(
    "line",
    [
        "control appwiz.cpl",
        "control C:\\Windows\\System32\\main.cpl",
        "rundll32 shell32.dll,Control_RunDLL desk.cpl,,3",
        "wscript //nologo C:\\Tools\\inert.vbs",
        "ssh user@host.invalid",
        "ssh -o ProxyCommand=ssh host.invalid",
        'msiexec /i "C:\\Tools\\inert.msi"',
        "wmic os get caption",
        "powershell [Reflection.Assembly]::LoadWithPartialName('inert')",
        "winword /n C:\\Users\\a\\letter.docx",
    ],
)
def test_tools_that_do_their_own_work(line):
    assert proxied(line, Budget(Limits())) == ()


def test_pipes_and_calls_of_what_was_computed():
    assert runs_input("type inert.txt | cmd", powershell=False)
    assert runs_input("cmd /v/r cmd<inert.cfg", powershell=False)
    assert runs_input("&('a'+'b') x", powershell=True)
    assert not runs_input("echo a & (echo b)", powershell=False)
    assert not runs_input("& 'C:\\Tools\\inert.ps1'", powershell=True)
    assert not runs_input("dir | more", powershell=False)


def test_tools_that_only_fetch():
    assert fetch_tool("curl host.invalid/x -o y")
    assert fetch_tool("finger a@host.invalid")
    assert not fetch_tool("echo curly")


def test_folders_that_nobody_sees():
    assert unseen_in(["E:\\RECYCLER.BIN\\inert.exe"])
    assert unseen_in(["E:\\\u00a0\\inert.exe"])
    assert not unseen_in(["C:\\Tools\\inert.exe", "cmd  /c \\Tools\\inert.exe"])


@given(st.text(alphabet="ab \\/\"'.,%&|:-=\u00a0exdlrunscmt32hypi", max_size=400))
def test_any_line_is_read(line):
    budget = Budget(Limits())
    assert isinstance(started_beside(f"rundll32 {line}", budget), tuple)
    assert isinstance(proxied(line, budget), tuple)
    assert isinstance(is_beside(line), bool)
    assert isinstance(unseen_in([line]), tuple)


@pytest.mark.parametrize(
    "unit", ["rundll32 ", "a.exe ", "curl ", "\\ ", "regsvr32 /a ", "control ", "wscript /e:", " "]
)
def test_work_grows_with_the_line(unit):
    spent = []
    for times in (1000, 4000):
        budget = Budget(Limits())
        line = unit * times
        started_beside(line, budget)
        proxied(line, budget)
        runs_input(line, powershell=True)
        unseen_in([line])
        spent.append(budget.work)
    assert spent[1] <= 5 * spent[0]
