"""What the analyzer says about notebooks: files that run are seen by name and by content, documents are left alone."""

import pytest

from emotriage import Level, scan
from emotriage.analyzers.onenote import ANALYZER
from emotriage.model.analyzer import Child, Subject
from emotriage.model.blob import Blob
from emotriage.model.finding import Finding, Trait
from emotriage.model.indicator import Indicator
from emotriage.model.limits import Budget, Limits
from emotriage.testing import archive, document, executable, notebook, shortcut, text

BATCH = b"@echo off\r\nset A=1\r\nif exist C:\\inert goto end\r\ncall emotriage-inert %A%\r\n:end\r\n"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(60)


def run(data: bytes):
    return list(ANALYZER.run(Subject(Blob(data), "onenote", "a.one", Budget(Limits()))))


def findings(data: bytes) -> dict[str, Finding]:
    return {one.rule.removeprefix("onenote."): one for one in run(data) if isinstance(one, Finding)}


def children(data: bytes) -> dict[str, bytes]:
    return {one.name: one.content.read() for one in run(data) if isinstance(one, Child)}


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("open.cmd", BATCH, "embedded-script"),
        ("open.cmd", b"emotriage-inert", "embedded-script"),
        ("notes.txt", BATCH, "embedded-script"),
        (
            "a.vbs",
            text('CreateObject("WScript.Shell").Run "emotriage-inert"', "utf-16-le", bom=True),
            "embedded-script",
        ),
        ("a.wsf", b"<job id='a'></job>", "embedded-script"),
        ("setup.exe", executable(), "embedded-program"),
        ("setup", executable(), "embedded-program"),
        ("setup.msi", b"x", "embedded-program"),
        ("setup.jar", archive({"a": b"a"}), "embedded-program"),
        ("addin.xll", b"x", "embedded-program"),
        ("offer.lnk", shortcut(), "embedded-launcher"),
        ("offer", shortcut(), "embedded-launcher"),
        ("help.chm", b"ITSF\3\0\0\0", "embedded-launcher"),
        ("disk.iso", b"x", "embedded-launcher"),
        ("page.html", b"<p>a</p>", "embedded-page"),
    ],
)
def test_what_runs_is_seen(name, content, rule):
    found = findings(notebook({name: content}, pictures={"cover.png": PICTURE}, covered=True))
    assert rule in found
    if rule != "embedded-page":
        assert found[rule].traits >= {Trait.LURE, Trait.EXECUTE}
    assert children(notebook({name: content}))[name] == content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plan.docx", document(format="docx", text="plan")),
        ("plan.txt", b"1. think\r\n2. write\r\n"),
        ("table.csv", b"a;b\r\n1;2\r\n"),
        ("print.xps", archive({"FixedDocSeq.fdseq": b"<a/>"})),
        ("scan.png", PICTURE),
        ("log.txt", b"2021-01-01 12:00 started\r\n2021-01-01 12:01 stopped\r\n"),
        ("old.one", notebook(text="a")),
        ("sound.mp3", b"ID3\3" + bytes(60)),
    ],
)
def test_documents_are_left_alone(name, content):
    found = findings(notebook({name: content}, text="The file is attached.", pictures={"cover.png": PICTURE}))
    assert set(found) == {"source-path"}
    assert scan(notebook({name: content}), name="a.one", plugins=[]).level < Level.SUSPICIOUS


def test_a_lured_script_is_malicious():
    data = notebook({"open.cmd": BATCH}, text="Double click to view", pictures={"cover.png": PICTURE}, covered=True)
    assert scan(data, name="a.one", plugins=[]).level is Level.MALICIOUS


def test_a_program_that_is_called_a_document():
    assert {"disguised-attachment", "embedded-program"} <= set(findings(notebook({"invoice.pdf": executable()})))


def test_three_files_in_every_damage():
    files = {"a.hta": b"<script>emotriage-inert</script>", "b.wsf": b"<job>emotriage-inert</job>", "c.lnk": shortcut()}
    for defect in (
        "",
        "fragment-loop",
        "unreferenced-file",
        "file-guid",
        "file-length",
        "file-footer",
        "property-array",
    ):
        data = notebook(files, defect=defect)
        assert {"embedded-script", "embedded-launcher"} <= set(findings(data)), defect
        whole = {content.rstrip(b"\0") for content in files.values()}
        assert {one.rstrip(b"\0") for one in children(data).values()} == whole, defect


def test_copies_are_counted():
    found = findings(notebook({f"{n}.txt": b"the same" for n in range(3)} | {"other.txt": b"other"}))
    assert found["repeated-attachment"].evidence[0].text.startswith("3 times: ")


def test_copies_of_a_picture_are_none():
    assert "repeated-attachment" not in findings(notebook(pictures={f"{n}.png": PICTURE for n in range(3)}))


def test_the_path_of_the_author_is_an_indicator():
    data = notebook({"a.txt": b"a"}, source_folder="Z:\\build\\one\\")
    assert [one.value for one in run(data) if isinstance(one, Indicator)] == ["Z:\\build\\one\\a.txt"]


def test_a_name_with_a_right_to_left_mark_is_kept_for_those_who_judge_names():
    assert "invoice\u202efdp.exe" in children(notebook({"invoice\u202efdp.exe": executable()}))


def test_a_package_without_its_index_is_a_gap_and_carved():
    data = notebook({"offer.lnk": shortcut()}, layout="packaged")
    found = findings(data)
    assert found["damaged"].incomplete
    assert "embedded-launcher" in found
    assert any(one.startswith(shortcut()) for one in children(data).values())


def test_gaps_are_never_clean():
    for data in (notebook(defect="encrypted"), notebook({"a.txt": b"a"}, layout="packaged"), notebook(text="a")[:900]):
        verdict = scan(data, name="a.one", plugins=[])
        assert not verdict.complete
        assert verdict.level is Level.UNVERIFIED


@pytest.mark.parametrize(
    ("name", "content", "level"),
    [
        ("admin.ps1", b"Get-Date\r\n", Level.SUSPICIOUS),
        ("page.html", b"<html><script>emotriage()</script></html>", Level.SUSPICIOUS),
        ("site.url", b"[InternetShortcut]\r\nURL=https://www.example.invalid/\r\n", Level.CLEAN),
        ("open.cmd", BATCH, Level.MALICIOUS),
        ("console.msc", b"<MMC_ConsoleFile/>", Level.MALICIOUS),
    ],
)
def test_how_much_an_attachment_weighs(name, content, level):
    assert scan(notebook({name: content}), name="a.one", plugins=[]).level is level


def test_blank_lines_hide_no_script():
    found = findings(notebook({"notes.txt": b"\r\n" * 40_000 + BATCH}))
    assert "embedded-script" in found


@pytest.mark.parametrize(
    "said",
    [
        "Double click to view the document",
        "DOUBLE-CLICK here",
        "Click to view",
        "請求書を開くにはダブルクリックしてください",
        "Doppelklicken Sie hier",
        "Double-cliquez sur le bouton",
        "Haga doble clic",
        "Дважды щелкните здесь",
        "双击打开",
    ],
)
def test_a_page_that_asks_for_a_double_click(said):
    assert "asks-to-open" in findings(notebook({"a.txt": b"a"}, text=said))
    assert "asks-to-open" in findings(notebook({"a.txt": b"a"}, pictures={"a.png": PICTURE}, alt_text=said))
    assert "asks-to-open" not in findings(notebook(text=said))
    assert "asks-to-open" not in findings(notebook({"a.txt": b"a"}, text="Meeting on Tuesday, see the plan"))


def test_a_picture_over_an_icon_and_one_below():
    pictures = {"a.png": PICTURE}
    found = findings(notebook({"a.txt": b"a"}, pictures=pictures, covered=True))
    assert found["covered-attachment"].traits == {Trait.LURE, Trait.EVADE}
    assert found["covered-attachment"].evidence[0].text == "a.txt: 100 % of its icon"
    assert "covered-attachment" not in findings(notebook({"a.txt": b"a"}, pictures=pictures))


@pytest.mark.parametrize(
    ("link", "rule"),
    [
        ("https://www.emotriage.invalid/plan", None),
        ("onenote:#plan", None),
        ("file://198.51.100.7/a/b.hta", "url.program-target"),
        ("search-ms:query=a&crumb=location:198.51.100.7", "url.script-address"),
        ("http://198.51.100.7/a.js", "url.program-download"),
    ],
)
def test_links_are_judged_like_those_of_shortcuts(link, rule):
    data = notebook(pictures={"a.png": PICTURE}, link=link)
    verdict = scan(data, name="a.one", plugins=[])
    assert {one.rule for one in verdict.findings if one.rule.startswith("url.")} >= ({rule} if rule else set())
    assert (verdict.level is Level.CLEAN) is (rule is None)
    assert any(one.value == link for one in verdict.indicators) is not link.startswith("onenote:")


def test_the_story_of_a_page():
    data = notebook(
        {"open.cmd": BATCH}, text="Double click", pictures={"a.png": PICTURE}, covered=True, alt_text="Open"
    )
    told = [(one.action, one.text) for one in scan(data, name="a.one", plugins=[]).steps if one.artifact == 0]
    assert told == [
        ("show", "Double click"),
        ("show", "the icon of 'open.cmd' under a picture"),
        ("show", "a picture: Open"),
        ("start", "open.cmd"),
    ]
