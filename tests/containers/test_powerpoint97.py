"""PowerPoint 97-2003 presentations: whatever hides a stored object from the order of the stream, it is found."""

import struct

import pytest

from emotriage import Level, scan
from emotriage.testing import archive, compound_file, executable, presentation

MACROS = {"Module1": 'Sub Auto_Open()\n  Shell "emotriage-inert"\nEnd Sub\n'}


def look(data, **scanned):
    return scan(data, name="talk.ppt", plugins=[], **scanned)


def rules(verdict):
    return {one.rule for one in verdict.findings}


@pytest.mark.parametrize("how", [{}, {"compressed": False}, {"defects": ["hidden-objects"]}, {"password": "4711"}])
def test_macros_are_found_however_they_are_stored(how):
    verdict = look(presentation(text="Agenda", macros=MACROS, **how), passwords=["4711"])
    assert {"vba.autorun", "vba.would-start"} <= rules(verdict)
    assert verdict.complete


def test_a_broken_object_is_a_gap_and_the_next_one_is_read():
    data = presentation(macros=MACROS, defects=["broken-object"])
    assert not look(data).complete
    sane = presentation(objects=[compound_file({"x": b"y" * 9000})], embed={"setup.exe": executable()})
    assert "ole.embedded-program" in rules(look(sane))


def test_filler_between_edits_is_no_gap():
    document = bytearray(presentation(text="Agenda", macros=MACROS))
    assert look(bytes(document)).complete
    padded = presentation(text="Agenda", files=[bytes(200_000)])
    assert look(padded).level is Level.CLEAN


def test_archives_in_records_are_looked_at():
    verdict = look(presentation(text="Agenda", files=[archive(files={"run.js": b"WScript.Echo(1)"})]))
    assert "zip" in {one.kind for one in verdict.artifacts}


def test_pictures_are_searched():
    inside = bytes(100) + compound_file({"Workbook": b"\x09\x08\x10\0" + bytes(600)})
    assert "ole.embedded-file" in rules(look(presentation(text="Agenda", pictures=inside)))
    locked = look(presentation(text="Agenda", pictures=inside, password="4711"), passwords=["4711"])
    assert "ole.encrypted" in rules(locked)  # they stay so, whatever opens the slides


def test_records_that_lie_are_a_gap():
    lying = struct.pack("<HHI", 0xF, 0x3E8, 1 << 30)
    verdict = look(compound_file({"PowerPoint Document": lying + bytes(40), "Current User": b""}))
    assert "powerpoint.damaged" in rules(verdict)
    assert verdict.level is Level.UNVERIFIED


def test_edits_that_refer_to_themselves_end():
    edit = struct.pack("<HHI", 0, 0xFF5, 28) + struct.pack("<IHBBIIIIHH", 0, 0, 0, 3, 8, 8, 1, 1, 1, 0)
    user = struct.pack("<HHIIII", 0, 0xFF6, 24, 20, 0xE391C05F, 8)
    verdict = look(compound_file({"PowerPoint Document": struct.pack("<HHI", 0, 1, 0) + edit, "Current User": user}))
    assert "powerpoint.damaged" in rules(verdict)


def test_the_same_actions_in_both_formats():
    program = {"what": "program", "target": "cmd /c start https://emotriage.invalid/x", "hover": True}
    for form in ("ppt", "pptx"):
        verdict = look(presentation(form, text="Agenda", actions=[program]))
        assert "powerpoint.program-on-hover" in rules(verdict)
        found = {(one.kind, one.value) for one in verdict.indicators}
        assert ("command", program["target"]) in found
        assert any(kind == "url" and "emotriage.invalid" in value for kind, value in found)


def test_builder_refuses_what_it_does_not_know():
    for wrong in ({"format": "pps"}, {"defects": ["x"]}, {"actions": [{"what": "dance"}]}):
        with pytest.raises(ValueError, match=r"unknown defects|must be|is one of"):
            presentation(**wrong)
