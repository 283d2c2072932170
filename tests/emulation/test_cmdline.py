"""Unfolding of command lines: each trick alone, tricks on top of each other, and what must stay as it is."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.emulation.cmdline import decode_command, unfold
from emotriage.model.errors import BudgetSpent
from emotriage.model.limits import Budget, Limits


def unfolded(command: str):
    return unfold(command, Budget(Limits()))


def encoded(text: str, codec: str = "utf-16-le") -> str:
    return base64.b64encode(text.encode(codec)).decode()


@pytest.mark.parametrize(
    ("command", "text", "step"),
    [
        ("/c em^ot^ri^age", "/c emotriage", "carets"),
        ("/c a ^& b", "/c a & b", "carets"),
        ("/c f%windir:~4,1%ndstr", "/c findstr", "variables"),
        ("/c %ProgramFiles:~3,1%rogram", "/c Program", "variables"),
        ("/c %COMSPEC:~-7,3%", "/c cmd", "variables"),
        ("/c %windir:~-1%", "/c s", "variables"),
        ("/c %windir:~3,-2%x", "/c Windox", "variables"),
        ("/c %windir:Windows=Emotriage%", r"/c C:\Emotriage", "variables"),
        ("/c set x=emo&&call %x%triage", "/c set x=emo&&call emotriage", "variables"),
        ("/v /c set x=emo&!x!triage", "/v /c set x=emo&emotriage", "variables"),
        ('/c po""wer""shell', "/c powershell", "quotes"),
        ('/c p"ow"er"sh"ell', "/c powershell", "quotes"),
        ("-c em`ot`riage", "-c emotriage", "backticks"),
        ("-c ('emo'+'tri' + 'age')", "-c ('emotriage')", "joined-strings"),
    ],
)
def test_each_trick(command, text, step):
    found = unfolded(command)
    assert found.text == text
    assert step in found.steps


@pytest.mark.parametrize(
    "command",
    [
        r"/k vcvarsall.bat amd64",
        r'/k ""C:\Program Files (x86)\Tools\vcvarsall.bat"" x86',
        r"%windir%\system32\inert.msc",
        r'"%ProgramFiles%\App\app.exe" --flag="a b"',
        r"shell32.dll,Control_RunDLL",
        r'-NoExit -Command "& { Import-Module Inert }"',
        "set PATH=%PATH%;C:\\inert",
        "%unknown:~0,1% %TEMP:~0,1%",
        '"a ^ b"',
        "",
    ],
)
def test_plain_commands_stay(command):
    found = unfolded(command)
    assert found.text == command
    assert found.steps == ()
    assert found.decoded == ()


@pytest.mark.parametrize("flag", ["-e", "-ec", "-en", "-enc", "-EncodedCommand", "/enc", "-eNcOdEdC", "\u2013enc"])
def test_encoded_commands_by_every_prefix(flag):
    assert unfolded(f"-nop {flag} {encoded('emotriage-inert --quietly')}").decoded == ("emotriage-inert --quietly",)


@pytest.mark.parametrize("flag", ["-ep", "-ex", "-encoding", "-executionpolicy"])
def test_other_flags_are_no_encoded_command(flag):
    assert unfolded(f"{flag} {encoded('emotriage-inert --quietly')}").decoded == ()


def test_tricks_on_top_of_each_other():
    inner = f"-enc {encoded('emotriage-inert --deep')}"
    found = unfolded(f"-e^n^c {encoded('powershell ' + inner)}")
    assert found.text.startswith("-enc ")
    assert found.decoded == ("powershell " + inner, "emotriage-inert --deep")


def test_decoding_ends():
    text = "emotriage-inert"
    for _ in range(8):
        text = f"powershell -enc {encoded(text)}"
    assert len(unfolded(text).decoded) <= 4


def test_base64_in_a_call():
    inner = encoded("emotriage-inert", "ascii")
    command = f"-c iex([Text.Encoding]::ASCII.GetString([Convert]::FromBase64String('{inner}')))"
    assert unfolded(command).decoded == ("emotriage-inert",)


@pytest.mark.parametrize("data", ["AAAA" * 8, "////" * 8, "ab" * 9 + "c", "emotriageinertemotriage"])
def test_what_is_no_text_is_not_decoded(data):
    assert decode_command(data) is None


def test_unfolding_costs_budget():
    with pytest.raises(BudgetSpent):
        unfold("%windir:~1%" * 4000, Budget(Limits(work=100_000)))


@pytest.mark.parametrize(
    "command",
    ["%path:~0%" * 7000, "'+'" * 20_000, '""' * 30_000, "^" * 60_000, "set a=" * 10_000, "-enc " + "A" * 65_000],
)
def test_long_tricks_stay_small(command):
    budget = Budget(Limits())
    assert len(unfold(command, budget).text) < 1 << 20
    assert budget.work < 200_000_000


@given(st.text(alphabet="%!^\"'`~:,+=-ecn set windir0A/&|", max_size=300))
def test_any_text_unfolds_and_stays_unfolded_in_its_letters(command):
    found = unfolded(command)
    assert isinstance(found.text, str)
    assert found == unfolded(command)
