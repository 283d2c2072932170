"""What the analyzer says about internet shortcuts."""

import pytest

from emotriage import Level, scan
from emotriage.analyzers.url import ANALYZER
from emotriage.model.analyzer import Subject
from emotriage.model.blob import Blob
from emotriage.model.finding import Finding
from emotriage.model.indicator import Indicator
from emotriage.model.limits import Budget, Limits


def link(*lines: str) -> bytes:
    return "\r\n".join(["[InternetShortcut]", *lines, ""]).encode()


def run(data: bytes):
    return list(ANALYZER.run(Subject(Blob(data), "url", "a.url", Budget(Limits()))))


def findings(*lines: str) -> set[str]:
    return {one.rule.removeprefix("url.") for one in run(link(*lines)) if isinstance(one, Finding)}


@pytest.mark.parametrize(
    "lines",
    [
        ("URL=https://www.example.invalid/",),
        ("URL=https://example.com",),
        ("URL=https://www.example.invalid/a?file=b.exe#c.js",),
        ("URL=https://www.example.invalid/", "IconFile=https://www.example.invalid/favicon.ico", "IconIndex=1"),
        ("URL=https://www.example.invalid/", r"IconFile=C:\Program Files\Mozilla Firefox\firefox.exe"),
        ("URL=mailto:somebody@example.invalid",),
        ("URL=file:///C:/Users/inert/plan.txt",),
        ("URL=steam://rungameid/1",),
        ("URL=file://fileserver/share/plan.docx",),
        ("URL=file://fileserver/share/",),
    ],
)
def test_honest_links_are_left_alone(lines):
    assert scan(link(*lines), name="a.url", plugins=[]).level is Level.CLEAN


@pytest.mark.parametrize(
    "lines",
    [
        ("URL=file://198.51.100.7@80/a/b.lnk",),
        ("URL=file://198.51.100.7/a/b.zip/c.cpl",),
        ("URL=file://files.invalid/a/b.js",),
        (r"URL=\\files.invalid@SSL\DavWWWRoot\a\b.hta",),
        (r"URL=file:///\\198.51.100.7\share\a.zip\b.hta",),
        ("URL=file://%66iles.invalid/a/b%2ehta",),
        ("url = 'FILE://files.invalid/a/b.HTA'",),
        (r"URL=C:\Windows\emotriage-inert.exe", r"WorkingDirectory=\\files.invalid\share"),
        ("URL=search-ms:query=a&crumb=location:\\\\files.invalid\\share",),
        ("URL=https://www.example.invalid/", "URL=file://files.invalid/a/b.hta"),
        ("URL=https://www.example.invalid/", r"IconFile=\\files.invalid\%USERNAME%.ico"),
    ],
)
def test_bad_links_are_not(lines):
    assert scan(link(*lines), name="a.url", plugins=[]).level >= Level.SUSPICIOUS


@pytest.mark.parametrize("filler", [0, 4096, 70_000, 700_000])
def test_padding_changes_nothing(filler):
    data = link(
        "URL=file://files.invalid/a/b.hta", "IconFile=C:\\Windows\\System32\\shell32.dll", "HotKey=0", "IconIndex=1"
    )
    assert scan(data + bytes(filler), name="a.url", plugins=[]).level is Level.MALICIOUS


def test_the_target_and_its_server_are_indicators():
    found = [
        (one.kind, one.value) for one in run(link("URL=file://198.51.100.7@80/a.lnk")) if isinstance(one, Indicator)
    ]
    assert found == [("url", "file://198.51.100.7@80/a.lnk"), ("ip", "198.51.100.7")]


def test_a_program_on_an_office_server_is_half_as_certain():
    scored = [
        scan(link(f"URL=file://{server}/a.exe"), name="a.url", plugins=[]) for server in ("files", "files.invalid")
    ]
    assert [one.level for one in scored] == [Level.SUSPICIOUS, Level.MALICIOUS]


def test_the_unicode_section_is_no_second_target():
    data = b"[InternetShortcut]\nURL=https://?.invalid/\n[InternetShortcut.W]\nURL=https://+APw-.invalid/\n"
    assert not [one for one in run(data) if isinstance(one, Finding)]


def test_nothing_to_open():
    assert findings("IconIndex=0") == {"no-target"}


@pytest.mark.parametrize(
    ("address", "level"),
    [
        ("https://www.example.invalid/setup.exe", Level.CLEAN),
        ("https://www.example.invalid/a.hta", Level.SUSPICIOUS),
        ("http:\\\\www.example.invalid\\a.hta", Level.SUSPICIOUS),
        ("http://198.51.100.7/a.zip", Level.SUSPICIOUS),
        ("http://192.168.1.1/a.zip", Level.CLEAN),
        ("file://192.168.1.5/share/", Level.CLEAN),
        ("file://files.example.invalid/share/a.zip", Level.SUSPICIOUS),
        ("file://10.0.0.5/share/setup.exe", Level.SUSPICIOUS),
    ],
)
def test_where_a_file_lies_decides(address, level):
    assert scan(link(f"URL={address}"), name="a.url", plugins=[]).level is level
