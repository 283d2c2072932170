"""Names that deceive, and names that only look like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.analyzers.names import ANALYZER
from emotriage.formats.file_name import escapes, read_file_name
from emotriage.model.analyzer import Subject
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget, Limits


def rules(name: str, kind: str = "empty", *, points: bool = True) -> set[str]:
    found = list(ANALYZER.run(Subject(Blob(b"?"), kind, name, Budget(Limits()))))
    return {one.rule.removeprefix("names.") for one in found if not points or one.severity > 0}


@pytest.mark.parametrize(
    ("name", "kind", "rule"),
    [
        ("invoice\u202efdp.exe", "executable", "bidi-override"),
        ("invoice.pdf.lnk", "lnk", "double-extension"),
        ("請求書.xlsx.js", "script", "double-extension"),
        ("photo.JPG .Scr", "executable", "double-extension"),
        ("folder/a.docx.hta", "hta", "double-extension"),
        ("invoice" + " " * 40 + ".exe", "executable", "hidden-extension"),
        ("invoice" + "\u3000" * 25 + ".js", "script", "hidden-extension"),
        ("invoice" + "\u00a0" * 25 + ".lnk", "lnk", "hidden-extension"),
        ("setup.exe ", "executable", "trailing-dot-or-blank"),
        ("setup.exe.", "executable", "trailing-dot-or-blank"),
        ("inv\u200boice.doc", "ole", "invisible-characters"),
        ("invoice.txt\0.exe", "executable", "invisible-characters"),
        ("line\nbreak.doc", "ole", "invisible-characters"),
        ("invoice\uff0e\uff45\uff58\uff45", "executable", "lookalike-extension"),
        ("invoice.pdf", "lnk", "disguised-program"),
        ("invoice.pdf", "script", "disguised-program"),
        ("photo.jpg", "executable", "disguised-program"),
        ("letter.doc", "hta", "disguised-program"),
        ("notes.txt", "lnk", "disguised-program"),
        ("notes.one", "script", "disguised-program"),
        ("invoice.pdf", "html", "disguised-page"),
        ("photo.png", "svg", "disguised-page"),
        ("invoice.pdf", "url", "disguised-page"),
    ],
)
def test_names_that_deceive(name, kind, rule):
    assert rule in rules(name, kind)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("invoice.pdf", "pdf"),
        ("letter.doc", "ole"),
        ("letter.doc", "rtf"),
        ("report.xls", "html"),
        ("report.xls", "mht"),
        ("table.xlsx", "ole"),
        ("image1.jpeg", "image"),
        ("image1.emf", "image"),
        ("data.csv", "text"),
        ("build.txt", "script"),
        ("app.min.js", "script"),
        ("archive.tar.gz", "gzip"),
        ("report.2023.pdf", "pdf"),
        ("setup-1.2.exe", "executable"),
        ("Microsoft Word.lnk", "lnk"),
        ("notepad.exe.lnk", "lnk"),
        ("data.json.js", "script"),
        ("form" + "_" * 30 + "signed.pdf", "pdf"),
        ("no extension", "text"),
        ("", "text"),
        ("...", "text"),
        ("word/vbaProject.bin", "ole"),
        ("www.example.invalid", "html"),
        ("\u05d7\u05e9\u05d1\u05d5\u05e0\u05d9\u05ea.pdf", "pdf"),
        ("\u2067\u05d7\u05e9\u2069.pdf", "pdf"),
        ("zip.zip", "ooxml"),
        ("broken.pdf", "unknown"),
    ],
)
def test_names_that_do_not(name, kind):
    assert rules(name, kind) == set()


def test_what_only_informs():
    assert rules("letter.doc", "rtf", points=False) == {"other-type"}
    assert rules("run.js", "script", points=False) == {"active-extension"}
    assert rules("book.xlsm", "ooxml", points=False) == set()
    assert rules("a\u2067b.pdf", "pdf", points=False) == {"bidi-mark"}


def test_paths_and_what_windows_goes_by():
    name = read_file_name("C:\\folder\\x.pdf/invoice.PDF.eXe . ")
    assert (name.base, name.extension, name.active, name.inner) == ("invoice.PDF.eXe . ", "exe", "program", "pdf")
    assert read_file_name("invoice\u202efdp.js").extension == "js"
    assert read_file_name("a.tar").active == ""


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("a/../b", "parent folder"),
        ("..\\b", "parent folder"),
        ("/b", "absolute path"),
        ("\\b", "absolute path"),
        ("//server/b", "network path"),
        ("\\\\server\\b", "network path"),
        ("C:b", "drive letter"),
        ("a/con", "device name"),
        ("LPT1.txt", "device name"),
        ("a/b..c/d", ""),
        ("console", ""),
    ],
)
def test_ways_out_of_a_folder(name, how):
    assert escapes(name) == how


@given(st.text(max_size=60), st.sampled_from(["lnk", "script", "ole", "unknown", "html"]))
def test_any_name_is_read(name, kind):
    rules(name, kind)
    escapes(name)


def test_a_very_long_name_costs_little():
    for filler in (" ", ".", "_", "\u202e", "a.", "\u3000."):
        rules(filler * 100_000 + ".exe", "script")
