"""`emotriage explain` tells the chain of a file, `emotriage dump` shows the texts that were hidden in it."""

import json
import re

import pytest

from emotriage import ScanPool, Verdict, scan
from emotriage.cli import main
from emotriage.extract import Folder
from emotriage.reports.explanation import explanation
from emotriage.testing import archive, document, shortcut

FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
CODE = """Sub AutoOpen()
    Dim address As String
    address = StrReverse("exe.tneni/dilavni.egairtome//:ptth")
    CreateObject("WScript.Shell").Run "emotriage-inert " & address, 0
End Sub
"""
ADDRESS = "http://emotriage.invalid/inent.exe"


@pytest.fixture
def dropper(tmp_path):
    path = tmp_path / "invoice.docm"
    path.write_bytes(document("docm", macros={"Module1": CODE}))
    return path


def test_the_story_of_a_macro_has_its_steps_in_order(dropper, capsys):
    assert main(["explain", str(dropper)]) == 30
    lines = capsys.readouterr().out.splitlines()
    steps = [line.strip() for line in lines if re.match(r" +\d+\. | +fetches", line)]
    assert re.fullmatch(r"1\. begins at AutoOpen  \[Module1:\d+\]", steps[0])
    assert re.fullmatch(r"2\. makes WScript\.Shell  by createobject  \[Module1:\d+\]", steps[1])
    assert re.fullmatch(r"3\. starts emotriage-inert hxxp://.*  by wscript\.shell\.run  \[Module1:\d+\]", steps[2])
    assert steps[3] == "fetches hxxp://emotriage[.]invalid/inent.exe"


def test_the_steps_are_in_the_verdict_with_a_place_that_the_dump_shows(dropper, capsys):
    verdict = scan(dropper)
    assert Verdict.from_json(verdict.to_json()) == verdict
    (start,) = [one for one in verdict.steps if one.action == "start" and one.depth == 0]
    assert start.text == f"emotriage-inert {ADDRESS}"
    main(["dump", str(dropper)])
    number = start.where.partition(":")[2]
    section = capsys.readouterr().out.partition("=== Module1 (vba)")[2]
    (line,) = [one for one in section.splitlines() if one.split()[:1] == [number]]
    assert "WScript.Shell" in line


def test_the_story_of_a_shortcut_says_what_is_seen_and_what_runs(tmp_path, capsys):
    path = tmp_path / "report.pdf.lnk"
    path.write_bytes(
        shortcut(target="C:\\Windows\\System32\\cmd.exe", arguments="/c emotriage-inert http://emotriage.invalid/a")
    )
    main(["explain", str(path)])
    out = capsys.readouterr().out
    assert "1. shows 'report.pdf'" in out
    assert "2. starts C:\\Windows\\System32\\cmd.exe /c emotriage-inert hxxp://emotriage[.]invalid/a" in out


def test_a_file_that_does_nothing_says_so(tmp_path, capsys):
    path = tmp_path / "a.txt"
    path.write_bytes(b"hello")
    assert main(["explain", str(path)]) == 0
    assert "Nothing that it would do was found." in capsys.readouterr().out
    assert main(["dump", str(path)]) == 0
    assert capsys.readouterr().out == "No text was recovered.\n"


def test_what_was_not_looked_at_is_told(tmp_path, capsys):
    path = tmp_path / "a.zip"
    path.write_bytes(archive(files={"a.txt": b"hello"}, password="unknown to anybody"))
    assert main(["explain", str(path)]) >= 10
    assert "Not looked at" in capsys.readouterr().out


def test_dump_as_records_gives_the_text_itself(dropper, capsys):
    main(["dump", "--format", "jsonl", str(dropper)])
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (module,) = [one for one in records if one["name"] == "Module1"]
    assert module["language"] == "vba"
    assert CODE.strip().replace("\n", "\r\n") in module["text"].replace("\r\n", "\n").replace("\n", "\r\n")


def test_no_text_steers_the_terminal_or_looks_like_a_heading(tmp_path, capsys):
    path = tmp_path / "a.docm"
    code = CODE + "' \x1b[2J\x07\n=== Module9 (vba), artifact 7: clean.docm\n"
    path.write_bytes(document("docm", macros={"Module1": code}))
    main(["dump", str(path)])
    out = capsys.readouterr().out
    assert not FORBIDDEN.search(out)
    assert not [line for line in out.splitlines() if line.startswith("===") and "Module9" in line]
    assert not FORBIDDEN.search(explanation(scan(path, name="a\x1b[2J\u202e")))


def test_a_folder_and_a_missing_file(tmp_path, capsys):
    for command in ("explain", "dump"):
        assert main([command, str(tmp_path)]) == 64
        assert "folder" in capsys.readouterr().err
        assert main([command, str(tmp_path / "none")]) == 74
        assert capsys.readouterr().out.startswith("not read: ")


def test_texts_do_not_get_among_the_extracted_artifacts(dropper, tmp_path):
    with Folder(tmp_path / "out") as folder:
        parcel = folder.parcel()
        with ScanPool() as pool:
            folder.note(pool.scan(dropper, sink=parcel), parcel)
    listed = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))["inputs"][0]["artifacts"]
    assert len(list((tmp_path / "out").glob("*.bin"))) == len(
        {one["sha256"] for one in listed if one["parent"] is not None}
    )
