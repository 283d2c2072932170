"""What the package container hands out, reports, and leaves alone."""

import random

import pytest

from emotriage.containers.ooxml import ANALYZER
from emotriage.model.analyzer import Child, Subject
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.finding import Finding
from emotriage.model.indicator import Indicator
from emotriage.model.limits import Budget, Limits
from emotriage.testing import archive, document, executable, workbook

MACROS = {"Module1": 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'}
MAIN = "word/document.xml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PIECE = f"<w:document xmlns:w='{WORD}'/>".encode()
STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"


def look(data: bytes, name: str = "x", **limits: int):
    """(children by name, findings by rule, indicators) of a package."""
    found = list(ANALYZER.run(Subject(Blob(data), "ooxml", name, Budget(Limits(**limits)))))
    children = {one.name: one for one in found if isinstance(one, Child)}
    findings = {one.rule: one for one in found if isinstance(one, Finding)}
    return children, findings, [one for one in found if isinstance(one, Indicator)]


def content(child: Child) -> bytes:
    if isinstance(child.content, Blob):
        return child.content.read()
    return b"".join(child.content(Budget(Limits())))


def link(kind: str, target: str, space: str = OFFICE, source: str = MAIN) -> dict[str, object]:
    return {"source": source, "type": f"{space}/{kind}", "target": target, "external": True, "id": "rIdX"}


@pytest.mark.parametrize("data", [document("docx", text="text"), workbook("xlsx"), workbook("xlsm")])
def test_plain_packages_hand_out_nothing(data):
    assert look(data) == ({}, {}, [])


STYLES = "word/styles.xml"
RECORDS = "xl/worksheets/binaryIndex1.bin"


def with_styles(inside: bytes) -> bytes:
    """A document whose styles are long, with something between them."""
    styles = f"<w:styles xmlns:w='{WORD}'>".encode() + b"<w:style/>" * 900 + inside + b"</w:styles>"
    types = {STYLES: "application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"}
    links = [{"source": MAIN, "type": f"{OFFICE}/styles", "target": "styles.xml", "id": "rIdS"}]
    return document("docm", macros=MACROS, parts={STYLES: styles}, types=types, links=links)


@pytest.mark.parametrize("kept", [1 << 24, 5000])
def test_scripts_in_bulky_markup_are_not_passed_over(kept, monkeypatch):
    monkeypatch.setattr("emotriage.containers.ooxml.KEPT", kept)
    script = b"<h:script xmlns:h='http://www.w3.org/1999/xhtml'>emotriage</h:script>"
    assert STYLES in look(with_styles(script))[0]
    assert set(look(with_styles(b""))[0]) == {"word/vbaProject.bin"}


@pytest.mark.parametrize("kept", [1 << 24, 5000])
def test_bulky_records_are_unpacked_to_their_end(kept, monkeypatch):
    monkeypatch.setattr("emotriage.containers.ooxml.KEPT", kept)
    records = (b"\1\x3c" + b"emotriage " * 6) * 200
    types = {RECORDS: "application/vnd.ms-excel.binIndexWs"}
    data = workbook("xlsb", parts={RECORDS: records}, types=types)
    assert look(data) == ({}, {}, [])
    at = data.find(records) + len(records) - 9
    assert set(look(data[:at] + b"X" + data[at + 1 :])[1]) == {"zip.wrong-size-or-checksum"}


def test_what_a_bulky_part_costs_it_takes_from_nobody(monkeypatch):
    monkeypatch.setattr("emotriage.containers.ooxml.KEPT", 5000)
    budget = Budget(Limits())
    run = ANALYZER.run(Subject(Blob(with_styles(b"")), "ooxml", "a.docm", budget))
    assert next(one.name for one in run if isinstance(one, Child)) == "word/vbaProject.bin"
    before = budget.work
    assert not [one for one in run if isinstance(one, Child)]
    assert budget.work - before > 2 * 9000


def test_macro_projects_and_pictures_are_children():
    data = document("docm", macros=MACROS, parts={"word/media/a.png": b"\x89PNG\r\n\x1a\n"}, types={"png": "image/png"})
    children, findings, _ = look(data, "a.docm")
    assert set(children) == {"word/vbaProject.bin", "word/media/a.png"}
    assert content(children["word/vbaProject.bin"]).startswith(b"\xd0\xcf\x11\xe0")
    assert not findings


def test_macro_projects_under_another_name_or_type():
    children, findings, _ = look(document("docm", macros=MACROS, vba_part="word/media/image1.bin"))
    assert content(children["word/media/image1.bin"]).startswith(b"\xd0\xcf\x11\xe0")
    assert set(findings) == {"ooxml.renamed-macro-project"}
    types = {"word/vbaProject.bin": "image/jpeg"}
    _, findings, _ = look(document("docm", macros=MACROS, types=types))
    assert set(findings) == {"ooxml.renamed-macro-project", "ooxml.disguised-part"}


def test_macros_where_the_document_says_there_are_none():
    _, findings, _ = look(document("docx", macros=MACROS))
    assert set(findings) == {"ooxml.macros-in-plain-document"}
    _, findings, _ = look(document("docm", macros=MACROS), "invoice.docx")
    assert set(findings) == {"ooxml.macros-in-plain-document"}


@pytest.mark.parametrize("space", [OFFICE, STRICT])
@pytest.mark.parametrize(
    ("kind", "target", "rule"),
    [
        ("attachedTemplate", "http://emotriage.invalid/a.dotm", "ooxml.remote-template"),
        ("attachedTemplate", "HTTPS:\\\\emotriage.invalid\\a", "ooxml.remote-template"),
        ("attachedTemplate", "\\\\198.51.100.7\\share\\a.dotm", "ooxml.remote-template"),
        ("attachedTemplate", "file:///\\\\emotriage.invalid@SSL\\DavWWWRoot\\a.dotm", "ooxml.remote-template"),
        ("attachedTemplate", "%68ttp://emotriage.invalid/a.dotm", "ooxml.remote-template"),
        ("attachedTemplate", "file://///server/templates/letter.dotm", "ooxml.intranet-template"),
        ("oleObject", "https://emotriage.invalid/x.html!", "ooxml.remote-object"),
        ("aFChunk", "http://emotriage.invalid/x.mht", "ooxml.remote-object"),
        ("frame", "http://emotriage.invalid/x", "ooxml.remote-frame"),
        ("subDocument", "\\\\emotriage.invalid\\x", "ooxml.remote-frame"),
        (
            "oleObject",
            "mhtml:http://emotriage.invalid/a.html!x-usc:http://emotriage.invalid/a.html",
            "ooxml.handler-link",
        ),
        ("hyperlink", "ms-msdt:/id x", "ooxml.handler-link"),
        ("image", "http://emotriage.invalid/1.png", "ooxml.remote-picture"),
        ("anythingElse", "http://emotriage.invalid/1", "ooxml.remote-part"),
    ],
)
def test_links_that_lead_out(kind, target, rule, space):
    _, findings, indicators = look(document("docx", links=[link(kind, target, space)]))
    assert set(findings) == {rule}
    assert findings[rule].evidence[0].text == target
    assert findings[rule].evidence[0].where.startswith(MAIN)
    assert [one.value for one in indicators] == [target]


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("hyperlink", "http://emotriage.invalid/"),
        ("hyperlink", "mailto:someone@emotriage.invalid"),
        ("attachedTemplate", "file:///C:\\Users\\someone\\Templates\\Normal.dotm"),
        ("attachedTemplate", "Normal.dotm"),
        ("oleObject", "file:///C:\\Users\\someone\\book.xlsx"),
        ("oleObject", "book.xlsx"),
        ("externalLinkPath", "https://emotriage.invalid/book.xlsx"),
        ("externalLinkPath", "book.xlsx"),
    ],
)
def test_links_that_are_nobodys_business(kind, target):
    assert look(document("docx", links=[link(kind, target)])) == ({}, {}, [])


def test_links_of_utf16_tables():
    data = document("docx", links=[link("attachedTemplate", "http://emotriage.invalid/a")])
    from emotriage.formats.ooxml import read_package

    package = read_package(Blob(data), Budget(Limits()))
    parts = {one.name: package.read(one, Budget(Limits())) for one in package.parts}
    parts = {name: body.decode().replace("UTF-8", "UTF-16").encode("utf-16") for name, body in parts.items()}
    _, findings, _ = look(archive(parts, method=8))
    assert set(findings) == {"ooxml.remote-template"}


@pytest.mark.parametrize(
    ("name", "body", "rules"),
    [
        ("word/media/image1.jpg", document("doc", text="x"), {"ooxml.disguised-part"}),
        ("customXml/item1.xml", b"PK\3\4 and more", {"ooxml.disguised-part"}),
        ("word/settings2.xml", executable(), {"ooxml.disguised-part"}),
        ("word/chunk.xml", b"x = new ActiveXObject('emotriage-inert')", set()),
        ("word/chunk.xml", b"<html><script>emotriage</script></html>", set()),
        ("word/afchunk.mht", b"MIME-Version: 1.0\r\n", set()),
        ("word/media/image.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", set()),
        ("word/embeddings/oleObject1.bin", document("doc", text="x"), set()),
        ("word/embeddings/book.xlsx", workbook("xlsx"), set()),
    ],
)
def test_parts_are_told_by_their_bytes(name, body, rules):
    children, findings, _ = look(document("docx", parts={name: body}, types={"jpg": "image/jpeg"}))
    assert content(children[name]) == body
    assert set(findings) == rules


HTML = "<html><script>emotriage</script></html>"
WORD_2003 = (
    '<?mso-application progid="Word.Document"?><w:a xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"/>'
)
FLAT = '<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage"/>'
INNER = f'<w:a xmlns:w="{WORD}"><h:img xmlns:h="http://www.w3.org/1999/xhtm&#108;" onerror="x"/></w:a>'


@pytest.mark.parametrize("padding", [0, 4200, 70_000])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
@pytest.mark.parametrize("body", [HTML, WORD_2003, FLAT, INNER, "<unknown/>", "<w:unbound/>", '<a b="c" b="d">'])
def test_markup_for_somebody_else_is_a_child_however_it_is_padded(body, codec, padding):
    types = '<Types><Default Extension="doc" ContentType="application/xml"/></Types>'
    for front in (f"<!--{'x' * padding}-->", " " * padding, f"<?x {'x' * padding}?>"):
        data = (front + body).encode(codec)
        children, _, _ = look(archive({"[Content_Types].xml": types, "invoice.doc": data, "invoice.xml": data}))
        assert content(children["invoice.doc"]) == content(children["invoice.xml"]) == data
        children, _, _ = look(document("docx", parts={"word/afchunk.xml": data}))
        assert content(children["word/afchunk.xml"]) == data


def test_markup_that_the_package_leads_to_is_a_piece_of_it():
    name = "customXml/item1.xml"
    to_it = {**link("customXml", "/" + name), "external": False}
    to_chunk = {**link("aFChunk", "/" + name), "external": False}
    for body in (b"<unknown/>", b"<a>&lt;script&gt; xmlns='http://www.w3.org/1999/xhtml'</a>", PIECE):
        assert look(document("docx", parts={name: body}, links=[to_it])) == ({}, {}, [])
        assert set(look(document("docx", parts={name: body}, links=[to_chunk]))[0]) == {name}
    for body in (b"<unknown><script/></unknown>", INNER.encode(), FLAT.encode(), b"<unknown>"):
        assert set(look(document("docx", parts={name: body}, links=[to_it]))[0]) == {name}


def test_large_markup_that_nobody_leads_to_is_a_child():
    data = f"<a xmlns='{WORD}'>{'text ' * 4_000_000}</a>".encode()
    children, _, _ = look(document("docx", parts={"word/extra.xml": data}, zip={"method": 8}))
    assert set(children) == {"word/extra.xml"}


def test_form_controls_are_named_and_others_are_children():
    forms = bytes.fromhex("101dd28b42ecce119e0d00aa006002f3") + b"state"
    kind = {"word/activeX/activeX1.bin": "application/vnd.ms-office.activeX"}
    children, findings, _ = look(document("docx", parts={"word/activeX/activeX1.bin": forms}, types=kind))
    assert set(findings) == {"ooxml.activex"}
    assert not children
    children, findings, _ = look(document("docx", parts={"word/activeX/activeX1.bin": bytes(40)}, types=kind))
    assert set(findings) == {"ooxml.foreign-activex"}
    assert set(children) == {"word/activeX/activeX1.bin"}


def test_ribbons_that_call_a_macro():
    kind = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
    ribbon = {"source": "", "type": kind, "target": "customUI/customUI14.xml", "external": False, "id": "rIdU"}
    for callback, rules in ((' onLoad="Started"', {"ooxml.ribbon-callback"}), ("", set())):
        body = f'<customUI xmlns="http://schemas.microsoft.com/office/2009/07/customui"{callback}/>'
        data = document("docm", macros=MACROS, parts={"customUI/customUI14.xml": body}, links=[ribbon])
        _, findings, _ = look(data)
        assert set(findings) == rules


def test_document_types_are_a_gap():
    for name in ("customXml/item1.xml", "word/extra.xml"):
        data = document("docx", parts={name: b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'})
        _, findings, _ = look(data)
        assert set(findings) == {"ooxml.document-type"}
        assert findings["ooxml.document-type"].incomplete


def test_two_parts_of_one_name_are_both_handed_out():
    data = document("docx", parts={"word/a.bin": b"one", "word/A.BIN": b"two"})
    children, findings, _ = look(data)
    assert {content(children["word/a.bin"]), content(children["word/A.BIN"])} == {b"one", b"two"}
    assert set(findings) == {"ooxml.duplicate-part"}


def test_packages_without_their_tables():
    children, findings, _ = look(archive({"word/document.xml": PIECE, "word/vbaProject.bin": b"\xd0\xcf"}))
    assert set(children) == {"word/vbaProject.bin"}
    assert set(findings) == {"ooxml.no-content-types"}


def test_damage_is_a_gap():
    body = f"<a xmlns='{WORD}'>" + "".join(f"<b>{index**5}</b>" for index in range(3000)) + "</a>"
    data = bytearray(document("docx", parts={"customXml/item1.xml": body}, zip={"method": 8}))
    at = data.find(b"customXml/item1.xml") + 2000
    data[at : at + 500] = b"\xff" * 500
    _, findings, _ = look(bytes(data))
    assert findings["ooxml.damaged"].incomplete
    _, findings, _ = look(document("docx", zip={"password": "kept-to-ourselves", "encrypted": [MAIN]}))
    assert "zip.encrypted-member" in findings
    _, findings, _ = look(document("docx", zip={"both": {MAIN: {"method": 9}}}))
    assert findings["ooxml.damaged"].incomplete


def test_what_the_archive_hides_is_handed_out():
    hidden = executable()
    children, findings, _ = look(document("docx", zip={"between": hidden}))
    assert [content(one) for one in children.values()] == [hidden]
    assert set(findings) == {"zip.unindexed-data"}
    children, findings, _ = look(
        document("docx", parts={"word/hidden.bin": b"hidden"}, zip={"unindexed": ["word/hidden.bin"]})
    )
    assert set(children) == {"word/hidden.bin"}
    assert set(findings) == {"zip.unindexed-member"}


def test_mutants_never_raise_anything_else():
    data = document("docm", macros=MACROS, links=[link("attachedTemplate", "http://emotriage.invalid/a")])
    chance = random.Random(12)
    for _ in range(100):
        mutant = bytearray(data)
        for _ in range(chance.randint(1, 10)):
            mutant[chance.randrange(len(mutant))] = chance.randrange(256)
        try:
            children, _, _ = look(bytes(mutant))
            for one in children.values():
                content(one)
        except FormatError:
            continue
