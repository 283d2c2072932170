"""What command lines name: programs, scripts, addresses and shares."""

import pytest

from emotriage.emulation import programs


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (r"C:\Windows\System32\CMD.EXE", "cmd"),
        (r"%windir%\system32\cmd.exe", "cmd"),
        ("%comspec%", "cmd"),
        ('"C:\\a b\\mshta.exe"', "mshta"),
        (r"C:\Tools\cmd.exe.txt", "cmd.exe.txt"),
        ("", ""),
    ],
)
def test_name_of_a_program(path, name):
    assert programs.program_of(path) == name


@pytest.mark.parametrize(
    ("path", "suffix"),
    [
        (r"C:\a.b\c.LNK", ".lnk"),
        ("file://host@80/a.zip/b.cpl", ".cpl"),
        ("https://files.invalid/a.exe?x=1.png", ".exe"),
        (r"C:\a.b\c", ""),
        ('"C:\\a b.js"', ".js"),
        ("name.exe. ", ".exe"),
    ],
)
def test_suffix(path, suffix):
    assert programs.suffix_of(path) == suffix


def test_programs_are_whole_words():
    text = r"/c C:\cmdlets\powershell.exe -c mshta & notcurl; x-curl; curl.txt | CertUtil.exe"
    assert programs.programs_in(text) == ("powershell", "mshta", "certutil")


def test_script_files():
    text = r'start "x" "C:\a b\one.vbs" & wscript two.jse,three.txt four.js.txt'
    assert programs.script_files_in(text) == (r"b\one.vbs", "two.jse")


@pytest.mark.parametrize(
    ("path", "server"),
    [
        (r"\\fileserver\share\a", "fileserver"),
        (r"\\files.invalid@SSL\DavWWWRoot\a", "files.invalid"),
        ("file://198.51.100.7@80/a", "198.51.100.7"),
        (r"file:///\\198.51.100.7\share\a", "198.51.100.7"),
        ("file:////fileserver/share", "fileserver"),
        ("file:///C:/a.exe", ""),
        ("file://C|/a.exe", ""),
        (r"\\?\C:\a", ""),
        (r"\\.\pipe\a", ""),
        (r"C:\a", ""),
        ("https://files.invalid/a", ""),
    ],
)
def test_server(path, server):
    assert programs.server_of(path) == server


def test_addresses_and_shares():
    text = r"a https://files.invalid/x, (http://198.51.100.7/y) \\fileserver\share\z.exe C:\\double\\path \\?\C:\q"
    assert programs.addresses_in(text) == ("https://files.invalid/x", "http://198.51.100.7/y")
    assert programs.shares_in(text) == (r"\\fileserver\share\z.exe",)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"%TEMP%\a.ps1", True),
        (r"C:\Users\x\AppData\Roaming\a\b.vbs", True),
        (r"$env:TEMP\a.exe", True),
        (r"C:\ProgramData\a.dll,Run", True),
        (r"C:\Program Files\a\b.exe", False),
        (r"%TEMP%\a.log", False),
    ],
)
def test_writable_folders(text, found):
    assert bool(programs.writable_in(text)) is found


def test_runs_of_backslashes_are_read_once():
    assert programs.writable_in("\\" * 200_000) == ""
    assert programs.writable_in(r"C:\\\ProgramData\a.exe") != ""
    assert programs.is_own_machine("http://localhost/a")
    assert not programs.is_own_machine("a" * 200_000)
