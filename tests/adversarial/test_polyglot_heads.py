"""Rows Y01, Y02 and Y05 to Y09: files that are two things at once, and such whose beginning lies."""

import random
from functools import cache

import pytest

from emotriage import Level, scan
from emotriage.catalogue.kinds import KINDS
from emotriage.testing import archive, build_recipe, document, recipes, shortcut

SCRIPT = 'var shell = new ActiveXObject("WScript.Shell");\r\nshell.Run("emotriage-inert");\r\n'
VBS = 'Set shell = CreateObject("WScript.Shell")\r\nshell.Run "emotriage-inert"\r\n'
STARTS = "script.starts-programs"
MACRO = {"Module1": 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'}


def rules_of(verdict):
    return {one.rule for one in verdict.findings}


def web_archive(line: str = "\r\n") -> bytes:
    lines = (
        "MIME-Version: 1.0",
        'Content-Type: multipart/related; boundary="x"',
        "",
        "--x",
        "Content-Location: file:///C:/run.js",
        "Content-Type: text/javascript",
        "",
        *SCRIPT.split("\r\n"),
        "--x--",
        "",
    )
    return line.join(lines).encode()


PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
PDF_END = b"trailer\n<< /Root 1 0 R >>\n%%EOF\n"


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("closed", [True, False])
def test_y01_web_archive_in_a_pdf(end, closed):
    verdict = scan(PDF + (PDF_END if closed else b"") + web_archive(end), name="invoice.doc", plugins=[])
    assert {"pdf.other-file", STARTS} <= rules_of(verdict)
    assert verdict.level >= Level.SUSPICIOUS


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("offset", [0, 7, 900])
def test_y02_pdf_header_beside_a_web_archive(end, offset):
    data = b" " * offset + b"%PDF-1.7" + end.encode() * 2 + web_archive(end)
    verdict = scan(data, name="invoice.doc", plugins=[])
    assert STARTS in rules_of(verdict)
    behind = b" " * offset + web_archive(end) + PDF + PDF_END
    assert STARTS in rules_of(scan(behind, name="invoice.doc", plugins=[]))


DAMAGED = {
    "compound file": (lambda: document("doc", macros=MACRO), "vba.autorun"),
    "archive": (lambda: archive(files={"run.js": SCRIPT.encode(), "b.txt": b"hello"}, method=8), STARTS),
    "shortcut": (lambda: shortcut(target="cmd.exe", arguments="/c emotriage-inert"), "lnk."),
}


@pytest.mark.parametrize("length", range(1, 9))
@pytest.mark.parametrize("what", DAMAGED)
def test_y05_damaged_heads_are_mended(what, length):
    build, wanted = DAMAGED[what]
    data = build()
    for junk in (b"\xff" * length, b"\0" * length, b"A" * length):
        verdict = scan(junk + data[length:], name="invoice.bin", plugins=[])
        assert any(one.startswith(wanted) for one in rules_of(verdict)), (junk, rules_of(verdict))
        assert not verdict.complete


@pytest.mark.parametrize("length", range(1, 9))
def test_y05_damaged_rtf(length):
    data = b"{\\rtf1\\ansi\\deff0{\\fonttbl{\\f0 Arial;}}{\\*\\template \\\\\\\\198.51.100.7\\\\x.dot}\\pard Minutes}"
    assert any(one.startswith("rtf.") for one in rules_of(scan(data, name="a.rtf", plugins=[])))
    for junk in (b"\xff" * length, b"\0" * length, b"A" * length):
        verdict = scan(junk + data[length:], name="a.rtf", plugins=[])
        assert any(one.startswith("rtf.") for one in rules_of(verdict)), junk
        assert not verdict.complete


@pytest.mark.parametrize("before", [b"Dear customer,\r\n", b"\xfe\x01" * 50_000])
@pytest.mark.parametrize("length", [0, 4])
def test_y05_archives_further_on(before, length):
    """What stands in the middle is told as what it is: whole, or with a damaged head."""
    data = archive(files={"run.js": SCRIPT.encode(), "b.txt": b"hello"}, method=8)
    at = before + b"\xff" * length + data[length:]
    verdict = scan(at, name="invoice.bin", plugins=[])
    assert {STARTS, "carve.file-inside"} <= rules_of(verdict)
    assert ("carve.damaged-header" in rules_of(verdict)) == bool(length)
    assert all(one.rule != "carve.damaged-header" or one.artifact for one in verdict.findings)


def test_y05_the_first_in_the_directory_may_be_the_last_in_the_file():
    data = archive(files={"run.js": SCRIPT.encode(), "b.txt": b"hello"}, method=8)
    start, stop = data.index(b"PK\1\2"), data.index(b"PK\5\6")
    second = data.rindex(b"PK\1\2")
    turned = b"\xff" * 4 + data[4:start] + data[second:stop] + data[start:second] + data[stop:]
    assert {STARTS, "carve.damaged-header"} <= rules_of(scan(turned, name="invoice.bin", plugins=[]))


MAGIC = (
    "d0cf11e0a1b11ae1", "504b0304", "504b0506", "504b0708", "4c00000001140200", "e4525c7b8cd8a74daeb15378d02996d3",
    "a12fff43d9ef764c9ee210ea5722765f", "7b5c7274", "7b5c72746631", "4163746976654d696d65", "789f3e22", "49545346",
    "377abcaf271c", "526172211a0700", "526172211a070100", "4d53434600000000", "1f8b0800", "425a6839", "fd377a585a00",
    "28b52ffd", "1f9d9000", "1fa00000", "60ea0000", "78617221", "7668647866696c65", "636f6e6563746978", "4b444d56",
    "514649fb", "4d5a9000", "7f454c46", "cffaedfe", "cefaedfe", "cafebabe", "89504e470d0a1a0a", "ffd8ffe0",
    "474946383961", "474946383761", "49492a00", "4d4d002a", "4949bc01", "00000100", "38425053", "0000000c6a502020",
    "d7cdc69a", "0001000000", "4f54544f00", "74746366", "774f4646", "774f4632", "0000001866747970", "49443303",
    "4f676753", "664c6143", "1a45dfa3", "4d546864", "3026b2758e66cf11", "000001ba", "255044462d", "0908100000060500",
    "30820000", "424d0000", "52494646", "4d494d45", "3c3f786d6c", "20002d6c68352d",
)  # fmt: skip


def test_y06_magic_alone():
    assert len(MAGIC) >= 60
    for digits in MAGIC:
        data = bytes.fromhex(digits)
        for cut in {4, len(data), min(16, len(data) + 4)}:
            verdict = scan(data[:cut].ljust(cut, b"\0"), name="a.bin", plugins=[])
            kind = verdict.artifacts[0].kind
            whole = KINDS[kind].treatment == "passive" or kind in ("text", "tnef")  # which may hold nothing
            assert whole or verdict.level >= Level.UNVERIFIED, (digits, cut, kind)


@pytest.mark.parametrize(
    "comment",
    [
        "' MIME-Version: 1.0\r\n' Content-Type: multipart/related\r\n",
        'MIME-Version = 1\r\nx = "MIME-Version: 1.0 multipart/related"\r\n',
        "'\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related\r\n'\r\n",
    ],
)
def test_y07_a_script_that_talks_of_web_archives(comment):
    for text in (comment + VBS, VBS + comment):
        verdict = scan(text.encode(), name="a.vbs", plugins=[])
        assert STARTS in rules_of(verdict) or not verdict.complete, text
        if "\r\nMIME" not in comment:  # a header of its own makes a script that no host runs
            assert STARTS in rules_of(verdict), text


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("name", ["a.js", "a.txt"])
def test_y08_scripts_in_other_encodings(codec, name):
    assert STARTS in rules_of(scan(SCRIPT.encode(codec), name=name, plugins=[]))


@pytest.mark.parametrize("head", [b"\xff\xd8\xff\xe0", b"GIF89a=1;", b"BM=1;", b"\xef\xbb\xbf\xef\xbb\xbf"])
def test_y08_scripts_behind_the_bytes_of_pictures(head):
    verdict = scan(head + b"\r\n" + SCRIPT.encode(), name="a.js", plugins=[])
    assert STARTS in rules_of(verdict) or verdict.level >= Level.SUSPICIOUS or not verdict.complete


@pytest.mark.parametrize("name", ["a.js", "a.txt"])
def test_y08_big_endian_scripts_with_a_mark(name):
    assert STARTS in rules_of(scan(b"\xfe\xff" + SCRIPT.encode("utf-16-be"), name=name, plugins=[]))


EXCEPTIONS = ("names.", "padding.", "scan.", "passive.", "carve.", "benign.")
"""Families of what a file is as a whole: its name, its end, what of it was not looked at."""
FAMILIES = (
    "archive",
    "zip",
    "lnk",
    "rtf",
    "pdf",
    "script",
    "vba",
    "onenote",
    "html",
    "mail",
    "ole",
    "program",
    "msi",
    "app",
)
SIZE = 64 << 10


@cache
def _pairs():
    """Small samples that have findings, and are told by their first bytes."""
    return [
        (one.name, data)
        for one in recipes()
        if one.family in FAMILIES and one.triggers and not (one.giant or one.passwords or one.limits)
        and len(data := build_recipe(one)) <= SIZE
    ]  # fmt: skip


NEVER_BEHIND = ("archive/script-gzip", "archive/lone", "archive/high-ratio", "html/", "rtf/", "script/")
"""What nothing opens behind another file: texts that must stand first, and streams with a mark of two bytes."""

CUT_OFF = ("lnk/damaged-string-past-end",)
"""What ends too early on its own, and no longer does with other bytes behind it."""


def _lost(first: tuple[str, bytes], second: tuple[str, bytes]) -> set[str]:
    def own(data: bytes) -> set[str]:
        return {one for one in rules_of(scan(data, name="a.bin", plugins=[])) if not one.startswith(EXCEPTIONS)}

    verdict = scan(first[1] + second[1], name="a.bin", plugins=[])
    wanted = own(first[1])
    if first[0].startswith("script/"):  # with other bytes behind it, no host runs it
        wanted = {one for one in wanted if not one.startswith("script.")}
    if first[0] in CUT_OFF:
        wanted = {one for one in wanted if not one.endswith(".damaged")}
    if not second[0].startswith(NEVER_BEHIND):
        wanted |= own(second[1])
    return wanted - rules_of(verdict) if verdict.complete else set()


@pytest.mark.parametrize("seed", range(12))
def test_y09_what_is_in_either_is_found_in_both_or_a_gap(seed):
    parts = _pairs()
    chosen = random.Random(seed)
    first, second = chosen.choice(parts), chosen.choice(parts)
    assert not _lost(first, second), (first[0], second[0])


@pytest.mark.long
@pytest.mark.parametrize("seed", range(12, 212))
def test_y09_two_hundred_pairs(seed):
    test_y09_what_is_in_either_is_found_in_both_or_a_gap(seed)
