"""OpenDocument packages: macros and what starts them, links, locks; caches of the program's own are no gap."""

import pytest

from emotriage import Level, scan
from emotriage.testing import compound_file, opendocument, shortcut

SHELL = {"Module1": 'Sub Main\n  Shell "emotriage-inert"\nEnd Sub\n'}


def look(data, name="letter.odt"):
    return scan(data, name=name, plugins=[])


def rules(verdict):
    return {one.rule for one in verdict.findings}


@pytest.mark.parametrize("event", ["dom:load", "office:load-finished", "office:print"])
def test_basic_that_an_event_starts(event):
    verdict = look(opendocument(basic=SHELL, events={event: "Module1.Main"}))
    assert {"odf.macros", "odf.autorun", "vba.execute"} <= rules(verdict)
    assert verdict.complete


def test_basic_that_nothing_starts_is_a_guess():
    verdict = look(opendocument(basic=SHELL))
    assert "vba.execute" in rules(verdict)
    assert verdict.level < Level.SUSPICIOUS


@pytest.mark.parametrize("macro", ["location=share", "location=user", "location=application"])
def test_scripts_of_the_installation(macro):
    address = f"vnd.sun.star.script:emotriage-inert.py$run?language=Python&{macro}"
    assert "odf.foreign-script" in rules(look(opendocument(events={"dom:load": address})))


def test_caches_are_passive_unless_a_file_begins_in_them():
    assert look(opendocument(text="Minutes", parts={"layout-cache": bytes(range(1, 90))})).level is Level.CLEAN
    hidden = look(opendocument(text="Minutes", parts={"layout-cache": bytes(8) + shortcut()}))
    assert hidden.level > Level.CLEAN


def test_objects_are_children():
    inner = compound_file({"\1Ole10Native": b"\5\0\0\0%PDF-"})
    assert "ole" in {one.kind for one in look(opendocument(parts={"Object 1": inner})).artifacts}


def test_links_by_dde_to_the_office_program_are_a_guess():
    verdict = look(opendocument(dde=[["soffice", "/home/user/table.ods", "A1"]]))
    assert verdict.level is Level.CLEAN
    assert "odf.dde-link" in rules(verdict)


def test_a_document_type_with_a_subset_of_its_own_is_refused():
    module = '<!DOCTYPE m PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd" [<!ENTITY a "b">]><m/>'
    verdict = look(opendocument(parts={"Basic/Standard/Module1.xml": module}))
    assert "odf.damaged" in rules(verdict)
    assert not verdict.complete


def test_a_flat_document_is_a_gap():
    flat = '<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"/>'
    assert not look(flat.encode(), "letter.fodt").complete
