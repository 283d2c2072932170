"""Documents in one XML file: a flat package is read as the package it stands for, with what Word and Excel 2003 do."""

import base64
import io
import re
import zipfile

import pytest

from emotriage import Level, scan
from emotriage.testing import document

MACROS = {"Module1": 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'}
SPACE = "http://schemas.microsoft.com/office/2006/xmlPackage"


def flat(data, head=""):
    """The flat form of a package, as Word saves it."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    types = dict(re.findall(r'PartName="([^"]+)" ContentType="([^"]+)"', archive.read("[Content_Types].xml").decode()))
    out = [f'<?xml version="1.0"?>{head}<?mso-application progid="Word.Document"?><pkg:package xmlns:pkg="{SPACE}">']
    for name in archive.namelist():
        content = archive.read(name)
        kind = types.get("/" + name, "application/vnd.openxmlformats-package.relationships+xml")
        if content.startswith(b"<"):
            inside = f"<pkg:xmlData>{re.sub(r'^<.xml[^>]*>', '', content.decode())}</pkg:xmlData>"
        else:
            inside = f"<pkg:binaryData>{base64.encodebytes(content).decode()}</pkg:binaryData>"
        if not name.startswith("["):
            out.append(f'<pkg:part pkg:name="/{name}" pkg:contentType="{kind}">{inside}</pkg:part>')
    return "".join([*out, "</pkg:package>"]).encode()


def look(data):
    return scan(data, name="letter.xml", plugins=[])


def rules(verdict):
    return {one.rule for one in verdict.findings}


def test_the_project_of_a_flat_package_is_looked_at_once():
    data = flat(document("docm", macros=MACROS))
    verdict = look(data)
    assert [one.kind for one in verdict.artifacts].count("ole") == 1
    assert len([one for one in verdict.findings if one.rule == "vba.would-start"]) == 1
    broken = look(data.replace(b"</pkg:package>", b"</pkg:lost>"))
    assert "vba.would-start" in rules(broken)
    assert not broken.complete


def test_a_flat_package_is_the_package():
    data = document(
        "docm",
        text="Minutes",
        macros=MACROS,
        fields=["DDEAUTO cmd /c emotriage-inert"],
        external_template="https://emotriage.invalid/t.dotm",
    )
    assert {"vba.would-start", "ooxml.dde-field", "ooxml.remote-template"} <= rules(look(flat(data)))
    assert look(flat(document("docx", text="Minutes & more"))).level is Level.CLEAN


def test_namespaces_that_are_declared_above_reach_the_parts():
    data = flat(document("docx", fields=["DDEAUTO cmd /c emotriage-inert"])).decode()
    declared = re.search(r'xmlns:w="[^"]+"', data)[0]
    moved = data.replace(f" {declared}", "").replace("<pkg:package ", f"<pkg:package {declared} ", 1)
    assert "ooxml.dde-field" in rules(look(moved.encode()))


@pytest.mark.parametrize("head", ['<!DOCTYPE x [<!ENTITY a "b">]>', "<open>"])
def test_what_is_not_read_to_its_end_is_a_gap(head):
    verdict = look(flat(document("docx", text="Minutes"), head))
    assert not verdict.complete
    assert verdict.level > Level.CLEAN


def test_parts_of_one_name_are_both_kept():
    data = flat(document("docm", macros=MACROS)).decode()
    part = re.search(r'<pkg:part pkg:name="/word/document.xml".*?</pkg:part>', data, re.DOTALL)[0]
    assert "ooxml.duplicate-part" in rules(look(data.replace(part, part + part).encode()))


def test_other_programs_leave_a_gap():
    assert not look(b'<?xml version="1.0"?><?mso-application progid="InfoPath.Document"?><form/>').complete
