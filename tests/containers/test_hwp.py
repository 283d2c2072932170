"""Hangul documents: what is embedded and what scripts do comes out, deflated or not; locks are gaps."""

import pytest

from emotriage import Level, scan
from emotriage.testing import compound_file, executable, hangul

SCRIPT = "function OnDocument_Open() { var shell = new ActiveXObject('WScript.Shell'); shell.Run('emotriage-inert'); }"


def look(data):
    return scan(data, name="letter.hwp", plugins=[])


def rules(verdict):
    return {one.rule for one in verdict.findings}


@pytest.mark.parametrize("flags", [[], ["compressed"]])
def test_scripts_and_files(flags):
    verdict = look(hangul(script=SCRIPT, embed={"BIN0001.exe": executable()}, flags=flags))
    assert "hwp.script" in rules(verdict)
    assert "executable" in {one.kind for one in verdict.artifacts}


def test_the_scripts_of_every_document_are_nothing():
    assert look(hangul()).level is Level.CLEAN


def test_a_picture_that_was_not_deflated_is_read_as_it_is():
    picture = b"\x89PNG\r\n\x1a\n" + bytes(200)
    verdict = look(hangul(streams={"BinData/BIN0001.png": picture}))
    assert "image" in {one.kind for one in verdict.artifacts}
    assert verdict.complete


@pytest.mark.parametrize("flag", ["password", "distribution", "rights"])
def test_locks_are_gaps(flag):
    verdict = look(hangul(script=SCRIPT, flags=["compressed", flag]))
    assert rules(verdict) == {"hwp.locked"}
    assert verdict.level is Level.UNVERIFIED


def test_the_name_of_a_property_set_alone_makes_no_document():
    verdict = look(compound_file({"\5HwpSummaryInformation": b"x", "Anything": b"y"}))
    assert "hwp.damaged" in rules(verdict)


def test_builder_refuses_what_it_does_not_know():
    with pytest.raises(ValueError, match="unknown flags"):
        hangul(flags=["x"])
