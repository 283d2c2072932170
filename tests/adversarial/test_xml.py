"""Office packages and their XML, made to be misread: rows X01 to X10 and X12 to X15 but for RTF."""

import base64
import io
import os
import zipfile

import pytest

from emotriage import Level, scan
from emotriage.testing import (
    archive,
    compound_file,
    document,
    mail,
    opendocument,
    presentation,
    shortcut,
    vba_project,
    workbook,
)

MACROS = {"Module1": 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'}
VBA = "application/vnd.ms-office.vbaProject"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
TEMPLATE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"
STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships/attachedTemplate"
HOST = "https://emotriage.invalid/t.dotm"
RELS = "word/_rels/settings.xml.rels"


def look(data, name="invoice.docx", **more):
    return scan(data, name=name, plugins=[], **more)


def rules(verdict):
    return {one.rule for one in verdict.findings}


def relations(target=HOST, kind=TEMPLATE, mode=' TargetMode="External"'):
    return (
        f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" Type="{kind}" Target="{target}"{mode}/>'
        "</Relationships>"
    )


def with_relations(rels):
    return document("docx", text="Minutes", parts={RELS: rels})


ENTITIES = {
    "laughs": "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9)) + '<!ENTITY a0 "ha">',
    "quadratic": f'<!ENTITY a1 "{"x" * 10_000}">',
    "file": '<!ENTITY a1 SYSTEM "file:///etc/hostname">',
    "address": '<!ENTITY a1 SYSTEM "https://emotriage.invalid/x">',
    "parameter": '<!ENTITY % a1 SYSTEM "file:///etc/hostname"> %a1;',
}
PARTS = ["word/document.xml", "[Content_Types].xml", RELS, "customXml/item1.xml", "word/media/picture.svg"]


@pytest.mark.parametrize("entities", ENTITIES)
@pytest.mark.parametrize("part", PARTS)
def test_x01_document_types_are_refused(part, entities, monkeypatch):
    bomb = f'<?xml version="1.0"?><!DOCTYPE a [{ENTITIES[entities]}]><a>{"&a1;" * 100}</a>'
    types = {"word/media/picture.svg": "image/svg+xml"}
    data = document("docx", text="Minutes", parts={part: bomb}, types=types)
    look(document("docx", text="Minutes"))  # whatever is imported late is imported now
    opened = []
    real = os.open
    monkeypatch.setattr(os, "open", lambda path, *rest, **more: opened.append(str(path)) or real(path, *rest, **more))
    verdict = look(data)
    assert not verdict.complete
    assert verdict.level >= (Level.UNVERIFIED if part.endswith(".svg") else Level.SUSPICIOUS)
    assert not [one for one in opened if "hostname" in one]


@pytest.mark.parametrize(
    "body",
    [
        "<a>" * 50_000,
        "<a " + " ".join(f'b{n}="1"' for n in range(30_000)) + "/>",
        f"<t>{'x ' * 1_000_000}</t>",
        "".join(f'<n:a xmlns:n="urn:{n}"/>' for n in range(20_000)),
    ],
    ids=["deep", "attributes", "text", "namespaces"],
)
def test_x02_size_ends_in_a_gap_or_in_nothing_lost(body):
    xml = f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    verdict = look(document("docx", external_template=HOST, parts={"word/document.xml": xml}))
    assert "ooxml.remote-template" in rules(verdict)
    assert verdict.complete or verdict.level > Level.CLEAN


ENCODED = {
    "utf-16": lambda xml: ('<?xml version="1.0" encoding="UTF-16"?>' + xml).encode("utf-16"),
    "utf-16-be": lambda xml: b"\xfe\xff" + xml.encode("utf-16-be"),
    "utf-16 without a mark": lambda xml: ('<?xml version="1.0"?>' + xml).encode("utf-16-le"),
    "utf-8 with a mark": lambda xml: b"\xef\xbb\xbf" + xml.encode(),
    "latin-1": lambda xml: ('<?xml version="1.0" encoding="ISO-8859-1"?>' + xml).encode("latin-1"),
    "ascii": lambda xml: ('<?xml version="1.0" encoding="us-ascii"?>' + xml).encode(),
    "cp1252": lambda xml: ('<?xml version="1.0" encoding="windows-1252"?>' + xml).encode("cp1252"),
}
MISREAD = {
    "utf-7": lambda xml: ('<?xml version="1.0" encoding="UTF-7"?>' + xml).encode("utf-7"),
    "ebcdic": lambda xml: ('<?xml version="1.0" encoding="cp037"?>' + xml).encode("cp037"),
    "a mark that lies": lambda xml: b"\xff\xfe" + xml.encode(),
    "a declaration that lies": lambda xml: ('<?xml version="1.0" encoding="UTF-16"?>' + xml).encode(),
    "zero bytes": lambda xml: xml.encode().replace(b"><", b">\0<"),
    "nobody's encoding": lambda xml: ('<?xml version="1.0" encoding="x-emotriage"?>' + xml).encode(),
}


@pytest.mark.parametrize("encoding", ENCODED)
def test_x03_templates_are_found_in_every_encoding(encoding):
    assert "ooxml.remote-template" in rules(look(with_relations(ENCODED[encoding](relations()))))


@pytest.mark.parametrize("encoding", MISREAD)
def test_x03_what_is_no_encoding_is_a_gap(encoding):
    verdict = look(with_relations(MISREAD[encoding](relations())))
    assert "ooxml.remote-template" in rules(verdict) or not verdict.complete
    assert verdict.level > Level.CLEAN


TARGETS = [
    "http://emotriage.invalid/t.dotm",
    "https:&#x2F;&#47;emotriage.invalid/t.dotm",
    " \t https://emotriage.invalid/t.dotm ",
    "%68ttps://emotriage.invalid/t.dotm",
    "\\\\198.51.100.7\\share\\t.dotm",
    "\\\\emotriage.invalid@SSL\\DavWWWRoot\\t.dotm",
    "file://198.51.100.7/share/t.dotm",
    "file:///\\\\198.51.100.7\\share\\t.dotm",
    "mhtml:https://emotriage.invalid/x.mht!x-usc:https://emotriage.invalid/y",
    "ms-msdt:/id PCWDiagnostic",
]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("kind", ["attachedTemplate", "oleObject", "frame", "aFChunk", "subDocument"])
@pytest.mark.parametrize("quote", ['"', "'"])
def test_x04_targets_outside_are_found_however_they_are_spelled(target, kind, quote):
    rels = relations(target, TEMPLATE.replace("attachedTemplate", kind)).replace('"', quote)
    verdict = look(with_relations(rels))
    found = {one for one in rules(verdict) if one.startswith("ooxml.remote-") or one == "ooxml.handler-link"}
    assert found
    assert any(
        "198.51.100.7" in one.value or "emotriage" in one.value or "ms-msdt" in one.value for one in verdict.indicators
    )


@pytest.mark.parametrize("target", ["Normal.dotm", "file:///C:/Templates/Normal.dotm", "C:\\Templates\\Normal.dotm"])
def test_x04_templates_of_this_machine_are_no_finding(target):
    assert look(with_relations(relations(target))).level is Level.CLEAN


@pytest.mark.parametrize("name", ["word/x.jpg", "word/media/image1.png", "customXml/item1.xml", "x"])
@pytest.mark.parametrize("declared", [VBA, "image/jpeg", ""])
def test_x05_macros_are_found_under_any_name_and_type(name, declared):
    kind = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
    data = document(
        "docx",
        text="Minutes",
        parts={name: vba_project(MACROS)},
        types={name: declared} if declared else {},
        links=[{"source": "word/document.xml", "type": kind, "target": f"/{name}"}],
    )
    assert {"vba.would-start", "ooxml.macros-in-plain-document"} <= rules(look(data))


@pytest.mark.parametrize("part", ["word/document.xml", "word/vbaProject.bin", "WORD/VBAPROJECT.BIN"])
def test_x06_parts_of_one_name_are_all_read(part):
    sane = zipfile.ZipFile(io.BytesIO(document("docm", text="Minutes", macros={"Module1": "Sub A()\nEnd Sub\n"})))
    fields = (
        f'<w:document xmlns:w="{WORD}"><w:p><w:fldSimple w:instr="DDEAUTO cmd /c emotriage-inert"/></w:p></w:document>'
    )
    second = fields.encode() if part.endswith(".xml") else vba_project(MACROS)
    pairs = [(one, sane.read(one)) for one in sane.namelist()]
    for both in ([*pairs, (part, second)], [(part, second), *pairs]):
        verdict = look(archive(both), "invoice.docm")
        assert "ooxml.duplicate-part" in rules(verdict)
        assert {"ooxml.dde-field", "vba.would-start"} & rules(verdict)


def test_x07_relationships_in_circles_and_to_nowhere():
    circle = [
        {"source": "word/document.xml", "type": "header", "target": "a.xml"},
        {"source": "word/a.xml", "type": "header", "target": "b.xml"},
        {"source": "word/b.xml", "type": "header", "target": "a.xml"},
        {"source": "word/b.xml", "type": "footer", "target": "missing.xml"},
    ]
    header = f'<w:hdr xmlns:w="{WORD}"/>'
    data = document("docx", external_template=HOST, parts={"word/a.xml": header, "word/b.xml": header}, links=circle)
    assert "ooxml.remote-template" in rules(look(data))
    many = "".join(f'<Relationship Id="r{n}" Type="{TEMPLATE}" Target="t{n}.xml"/>' for n in range(20_000))
    last = f'<Relationship Id="z" Type="{TEMPLATE}" Target="{HOST}" TargetMode="External"/>'
    rels = f'<Relationships xmlns="{RELATIONS}">{many}{last}</Relationships>'
    assert "ooxml.remote-template" in rules(look(with_relations(rels)))


def test_x08_flat_packages_and_word_2003_xml():
    project = base64.encodebytes(vba_project(MACROS)).decode()
    flat = (
        '<?mso-application progid="Word.Document"?>'
        '<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">'
        f'<pkg:part pkg:name="/word/vbaProject.bin" pkg:contentType="{VBA}"><pkg:binaryData>{project}'
        "</pkg:binaryData></pkg:part></pkg:package>"
    )
    old = (
        '<?mso-application progid="Word.Document"?>'
        '<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"><w:docSuppData>'
        f'<w:binData w:name="editdata.mso">{project}</w:binData></w:docSuppData></w:wordDocument>'
    )
    for one in (flat, old):
        assert "vba.would-start" in rules(look(one.encode(), "invoice.xml"))


def test_x09_web_archives_with_macros():
    page = mail(text="Minutes", attach={"editdata.mso": vba_project(MACROS)})
    for junk in (b"", b"\r\n\r\n", b"x" * 64 + b"\r\n"):
        verdict = look(junk + page, "invoice.doc")
        assert "vba.would-start" in rules(verdict) or not verdict.complete


@pytest.mark.parametrize("name", ["invoice.doc", "invoice.rtf", "invoice.pdf", "invoice.jpg", "invoice"])
def test_x10_the_type_is_told_by_content(name):
    verdict = look(document("docm", macros=MACROS), name)
    assert "vba.would-start" in rules(verdict)
    if name.endswith((".pdf", ".jpg")):
        assert "names.other-type" in rules(verdict)


def test_x10_other_contents_under_names_of_office():
    assert look(b"{\\rtf1 Minutes}", "invoice.doc").artifacts[0].kind == "rtf"
    assert (
        look(b"<html><body><table><tr><td>1</td></tr></table></body></html>", "invoice.xls").artifacts[0].kind == "html"
    )


STRICTLY = {
    "relationships": relations(kind=STRICT),
    "prefixes": relations()
    .replace("<Relation", "<o:Relation")
    .replace("</Rel", "</o:Rel")
    .replace("xmlns=", "xmlns:o="),
    "no namespace": relations().replace(f' xmlns="{RELATIONS}"', ""),
}


@pytest.mark.parametrize("shape", STRICTLY)
def test_x12_strict_and_renamed_namespaces_change_nothing(shape):
    assert "ooxml.remote-template" in rules(look(with_relations(STRICTLY[shape])))


@pytest.mark.parametrize("space", ["http://purl.oclc.org/ooxml/wordprocessingml/main", ""])
@pytest.mark.parametrize("prefix", ["w:", "zz:", ""])
def test_x12_fields_of_every_namespace(space, prefix):
    declared = f' xmlns{":" + prefix[:-1] if prefix else ""}="{space}"' if space or not prefix else ' xmlns:x="urn:x"'
    prefix = prefix if space else ""
    attribute = f'{prefix}instr="DDEAUTO cmd /c emotriage-inert"'
    body = f"<{prefix}p><{prefix}fldSimple {attribute}/></{prefix}p>"
    xml = f"<{prefix}document{declared}>{body}</{prefix}document>"
    assert "ooxml.dde-field" in rules(look(document("docx", parts={"word/document.xml": xml})))


@pytest.mark.parametrize("missing", ["[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels"])
def test_x13_what_is_missing_hides_nothing(missing):
    data = document("docm", macros=MACROS, fields=["DDEAUTO cmd /c emotriage-inert"])
    sane = zipfile.ZipFile(io.BytesIO(data))
    files = {one: sane.read(one) for one in sane.namelist() if one != missing}
    assert {"vba.would-start", "ooxml.dde-field"} <= rules(look(archive(files), "invoice.docm"))


def test_x13_a_macro_project_alone():
    assert "vba.would-start" in rules(look(archive({"word/vbaProject.bin": vba_project(MACROS)})))
    assert "vba.would-start" in rules(look(vba_project(MACROS), "vbaProject.bin"))


def test_x14_opendocument_with_macros_and_encrypted():
    basic = {"Module1": 'Sub Main\n  Shell "emotriage-inert"\nEnd Sub\n'}
    verdict = look(opendocument(basic=basic, events={"dom:load": "Module1.Main"}), "letter.odt")
    assert {"odf.autorun", "vba.execute"} <= rules(verdict)
    locked = look(opendocument(encrypted=["content.xml"]), "letter.odt")
    assert "odf.encrypted" in rules(locked)
    assert locked.level > Level.CLEAN


@pytest.mark.parametrize("name", ["talk.pptm", "talk.ppam"])
def test_x15_presentations_with_macros(name):
    assert "vba.would-start" in rules(look(presentation("pptm", text="Agenda", macros=MACROS), name))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.iqy", b"WEB\r\n1\r\nhttps://emotriage.invalid/q\r\n"),
        ("a.wll", b"MZ" + bytes(400)),
        ("a.xll", b"MZ" + bytes(400)),
        ("a.slk", b"ID;P\r\nC;X1;Y1;K0;Ecmd|'/c emotriage-inert'!A0\r\nE\r\n"),
        ("a.library-ms", b'<libraryDescription xmlns="http://schemas.microsoft.com/windows/2009/library"/>'),
        ("a.search-ms", b"<persistedQuery/>"),
        ("a.settingcontent-ms", b"<PCSettings><SearchableContent/></PCSettings>"),
        (
            "a.pub",
            compound_file(
                {"Quill/QuillSub/CONTENTS": b"x", "Contents": bytes(9) + shortcut(), "Escher/EscherStm": b""}
            ),
        ),
        ("a.xlam", workbook("xlsm", macros={"Module1": 'Sub Auto_Open()\n  Shell "emotriage-inert"\nEnd Sub\n'})),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_x15_other_kinds_are_a_finding_or_a_gap(name, data):
    verdict = look(data, name)
    assert verdict.level > Level.CLEAN or verdict.findings
