"""What shortcuts cut out of themselves: lines and bytes come out under the name that they are written to."""

import pytest

from emotriage import Level, scan
from emotriage.analyzers.lnk.slice import slices
from emotriage.model.blob import Blob
from emotriage.model.errors import BudgetSpent
from emotriage.model.limits import Budget, Limits
from emotriage.testing import shortcut

SCRIPT = 'CreateObject("WScript.Shell").Run "emotriage-inert"\r\n'
HEAD = b"no line of it: " + bytes(range(16, 64)) + b"\r\n"
CMD = r"C:\Windows\System32\cmd.exe"
POWERSHELL = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"


def cuts(text: str, data: bytes, **limits: int) -> list[tuple[str, bytes]]:
    return [(one.name, one.content.read()) for one in slices(text, Blob(data), Budget(Limits(**limits)))]


@pytest.mark.parametrize(
    ("text", "name", "content"),
    [
        ('findstr "MARK.*" a.lnk > "%tmp%\\x.vbs" & "%tmp%\\x.vbs"', "x.vbs", b"MARK one\nMARK two\n"),
        ('findstr /b /i "mark" "%cd%\\a.lnk">%temp%\\s.ps1', "s.ps1", b"MARK one\nMARK two\n"),
        ("findstr /c:two a.lnk > t.txt", "t.txt", b"MARK two\n"),
        ("findstr one.*tail a.lnk", None, None),
        ('findstr "^two" a.lnk', None, None),
        ("more +2 a.lnk > b.js", "b.js", b"MARK two\nlast"),
        ("more +9 a.lnk > b.js", None, None),
        ("gc a.lnk -Tail 1 | Set-Content 'x.hta'", "x.hta", b"last"),
        ("Get-Content a.lnk | Select -Skip 3 | iex", "slice-0x17", b"last"),
        ("$b=[IO.File]::ReadAllBytes('a.lnk');iex $b[5..8]", "slice-0x5", b"MARK"),
        ("$b=[IO.File]::ReadAllBytes('a.lnk')|select -Skip 0x17", "slice-0x17", b"last"),
        ("$b=[IO.File]::ReadAllBytes('a.lnk').Skip(5).Take(4)", "slice-0x5", b"MARK"),
        ("$o=0x5;$f=[IO.File]::OpenRead('a.lnk');$f.Seek($o,0);$f.Read($b,0,4);", "slice-0x5", b"MARK"),
        ("[Text.Encoding]::ASCII.GetString([IO.File]::ReadAllBytes('a.lnk'), 5, 4)", None, None),
        ("$b=[IO.File]::ReadAllBytes('a.lnk');[Text.Encoding]::ASCII.GetString($b, 5, 4)", "slice-0x5", b"MARK"),
        ("(gc a.lnk -raw).Substring(5,4)|iex", "slice-0x5", b"MARK"),
        ("$b=[IO.File]::ReadAllBytes('a.lnk')[0x1000..0x2000]", None, None),
        (
            "$b=[IO.File]::ReadAllBytes('a.lnk')[23..26];[IO.File]::WriteAllBytes('c:\\x\\d.pdf',$b)",
            "d.pdf",
            b"last",
        ),
    ],
)
def test_the_cut_is_made(text, name, content):
    data = b"head\nMARK one\nMARK two\nlast"
    assert cuts(text, data) == ([(name, content)] if name else [])


def test_two_files_of_one_shortcut_and_a_key():
    text = (
        "$f=[IO.File]::OpenRead('a.lnk');$f.Seek(0x2,0);$f.Read($b,0,0x2);[IO.File]::WriteAllBytes('a.pdf',$b);"
        "$f.Seek(0x4,0);$f.Read($c,0,0x2);$c[$i] -bxor 0x20;[IO.File]::WriteAllBytes('b.bat',$c)"
    )
    assert cuts(text, b"..AABB..") == [("a.pdf", b"AA"), ("a.pdf", b"aa"), ("b.bat", b"BB"), ("b.bat", b"bb")]


def test_a_long_file_costs_budget():
    with pytest.raises(BudgetSpent):
        cuts("more +1000000 a.lnk", b"\n" * 100_000, work=50_000)


def test_thousands_of_cuts_end():
    text = "$b=[IO.File]::ReadAllBytes('a.lnk');" + "".join(f"$b[{one}..{one}];" for one in range(3000))
    assert len(cuts(text, bytes(4000))) == 32


@pytest.mark.parametrize(
    ("target", "arguments"),
    [
        (CMD, '/c findstr /b "CreateObject" invoice.lnk > "%tmp%\\open.vbs" & "%tmp%\\open.vbs"'),
        (CMD, '/c f^in^dstr /b "CreateObject" invoice.lnk > %tmp%\\open.vbs & start %tmp%\\open.vbs'),
        (POWERSHELL, "gc invoice.lnk -Tail 1 | Out-File $env:temp\\open.vbs; start $env:temp\\open.vbs"),
    ],
)
def test_what_comes_out_is_looked_at(target, arguments):
    data = shortcut(target, arguments, overlay=HEAD + SCRIPT.encode())
    verdict = scan(data, name="invoice.lnk", plugins=[])
    assert "open.vbs" in [one.name for one in verdict.artifacts]
    assert verdict.level is Level.MALICIOUS
    number = next(one.id for one in verdict.artifacts if one.name == "open.vbs")
    assert any(one.artifact == number and one.rule.startswith("script.") for one in verdict.findings)
