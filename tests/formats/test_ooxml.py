"""The package reader, held against python-docx and openpyxl and against everything a package can lie about."""

import io
import random
import struct
from contextlib import suppress

import docx
import openpyxl
import pytest

from emotriage.formats.ooxml import Package, Part, read_package
from emotriage.formats.ooxml.markup import holds_scripts, is_marked, is_own, opens_alone
from emotriage.formats.ooxml.parts import clear_font, font_keys, is_disguised, is_masked_font, magic_of, part_kind
from emotriage.formats.xml import Opening, read_opening
from emotriage.formats.zip import Member
from emotriage.model.blob import Blob
from emotriage.model.errors import BudgetSpent, Encrypted, FormatError, Malformed
from emotriage.model.limits import MIB, Budget, Limits
from emotriage.testing import archive, document, workbook

TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="XML" ContentType="Application/xml"/>'
    '<Override PartName="/Word/Document.xml" ContentType="application/main+xml"/></Types>'
)
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def rels(*entries: str) -> str:
    return f'<Relationships xmlns="{RELS}">{"".join(entries)}</Relationships>'


def rel(number: int, kind: str, target: str, mode: str = "") -> str:
    mode = f' TargetMode="{mode}"' if mode else ""
    return f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"{mode}/>'


def package(files: dict[str, str | bytes]) -> Package:
    made = {name: body.encode() if isinstance(body, str) else body for name, body in files.items()}
    return read(archive(made, method=8))


def read(data: bytes, **limits: int) -> Package:
    return read_package(Blob(data), Budget(Limits(**limits)))


def part(name: str, content_type: str = "", size: int = 1000) -> Part:
    member = Member(name, name.encode(), 8, 0, 0, size, size, 0, indexed=True)
    return Part(name, content_type, member)


def test_parts_of_a_word_document_as_python_docx_sees_them():
    made = docx.Document()
    made.add_paragraph("text")
    out = io.BytesIO()
    made.save(out)
    found = read(out.getvalue())
    theirs = {one.partname.lstrip("/"): one for one in docx.Document(out).part.package.iter_parts()}
    for name, one in theirs.items():
        assert found.part(name).content_type == one.content_type.lower()
    assert not found.anomalies
    (main,) = found.related("", "officeDocument")
    assert main.name == "word/document.xml"
    assert {one.name for one in found.related(main.name, "styles")} == {"word/styles.xml"}
    texts = [text for tag, _, text in found.xml(main, Budget(Limits())) if tag == "t"]
    assert texts == ["text"]


def test_parts_of_a_workbook_as_openpyxl_writes_them():
    made = openpyxl.Workbook()
    made.active["A1"] = "x"
    out = io.BytesIO()
    made.save(out)
    found = read(out.getvalue())
    (book,) = found.related("", "officeDocument")
    assert [one.name for one in found.related(book.name, "worksheet")] == ["xl/worksheets/sheet1.xml"]
    assert found.part("/XL/Worksheets/SHEET1.xml") is not None


@pytest.mark.parametrize("data", [document("docm", macros={"Module1": "Sub A()\nEnd Sub\n"}), workbook("xlsm")])
def test_what_our_builders_write(data):
    found = read(data)
    assert not found.anomalies
    assert not found.archive.anomalies
    (main,) = found.related("", "officeDocument")
    assert "macroenabled" in main.content_type
    for one in found.parts:
        assert part_kind(one, found.archive.head(one.member, Budget(Limits()))) in ("markup", "content")


def test_content_types_and_case():
    found = package({"[CONTENT_TYPES].xml": TYPES, "word/document.xml": "<a/>", "other.xml": "<a/>", "image.png": b"x"})
    assert {one.name: one.content_type for one in found.parts} == {
        "[CONTENT_TYPES].xml": "application/xml",
        "word/document.xml": "application/main+xml",
        "other.xml": "application/xml",
        "image.png": "",
    }


def test_relationships_are_resolved():
    found = package(
        {
            "[Content_Types].xml": TYPES,
            "_rels/.rels": rels(rel(1, "officeDocument", "word/document.xml")),
            "word\\document.xml": "<a/>",
            "word/_rels/document.xml.rels": rels(
                rel(1, "image", "media/a.png"),
                rel(2, "image", "../other/b.png"),
                rel(3, "image", "/root/c.png"),
                rel(4, "image", "..\\..\\..\\d%20e.png#frag"),
                rel(5, "attachedTemplate", " http://emotriage.invalid/x&amp;y ", "External"),
            ),
            "d e.png": b"x",
        }
    )
    targets = [(one.source, one.target, one.external) for one in found.relationships]
    assert targets == [
        ("", "word/document.xml", False),
        ("word/document.xml", "word/media/a.png", False),
        ("word/document.xml", "other/b.png", False),
        ("word/document.xml", "root/c.png", False),
        ("word/document.xml", "d%20e.png", False),
        ("word/document.xml", " http://emotriage.invalid/x&y ", True),
    ]
    assert [one.name for one in found.related("word/document.xml", "image")] == ["d e.png"]
    assert [one.id for one in found.relations("WORD/document.xml")] == ["rId1", "rId2", "rId3", "rId4", "rId5"]


def test_strict_relationships_have_the_same_endings():
    strict = rels(rel(1, "officeDocument", "word/document.xml")).replace(
        OFFICE, "http://purl.oclc.org/ooxml/relationships"
    )
    found = package({"[Content_Types].xml": TYPES, "_rels/.rels": strict, "word/document.xml": "<a/>"})
    assert [one.name for one in found.related("", "officeDocument")] == ["word/document.xml"]


def test_a_package_without_tables_still_lists_everything():
    found = package({"vbaProject.bin": b"x", "word/document.xml": "<a/>"})
    assert [(one.name, one.content_type) for one in found.parts] == [("vbaProject.bin", ""), ("word/document.xml", "")]
    assert [(one.code, one.incomplete) for one in found.anomalies] == [("no-content-types", False)]


def test_two_parts_of_one_name():
    found = package({"[Content_Types].xml": TYPES, "a/x.bin": b"1", "A/X.BIN": b"2"})
    assert [one.code for one in found.anomalies] == ["duplicate-part"]
    assert len(found.parts) == 3
    assert found.part("a/x.bin").name == "a/x.bin"


@pytest.mark.parametrize("table", ["[Content_Types].xml", "_rels/.rels"])
def test_tables_that_cannot_be_read(table):
    whole = {"[Content_Types].xml": TYPES, "_rels/.rels": rels(rel(1, "officeDocument", "a.xml")), "a.xml": "<a/>"}
    found = package({**whole, table: whole[table][:-9]})
    assert [(one.code, one.incomplete) for one in found.anomalies] == [("unread-table", True)]
    assert found.relationships
    found = package({**whole, table: "<!DOCTYPE x>" + whole[table]})
    assert [(one.code, one.incomplete) for one in found.anomalies] == [("xml-dtd", True)]
    found = read(archive({k: v.encode() for k, v in whole.items()}, password="x", encrypted=[table]))
    assert [(one.code, one.incomplete) for one in found.anomalies] == [("unread-table", True)]
    assert len(found.parts) == 3


def test_reading_parts():
    found = read(
        archive({"[Content_Types].xml": TYPES.encode(), "a.bin": b"x" * 90}, password="x", encrypted=["a.bin"])
    )
    budget = Budget(Limits())
    assert found.read(found.parts[0], budget) == TYPES.encode()
    with pytest.raises(Encrypted):
        found.read(found.parts[1], budget)
    with pytest.raises(Encrypted):
        list(found.xml(found.parts[1], budget, []))


def test_damage_inside_of_a_part():
    body = "<a>" + "".join(f"<b>{index**5}</b>" for index in range(3000)) + "</a>"
    data = bytearray(archive({"[Content_Types].xml": TYPES.encode(), "a.xml": body.encode()}, method=8))
    found = read(bytes(data))
    at = found.part("a.xml").member.end - 3000
    data[at : at + 2000] = b"\xff" * 2000
    found = read(bytes(data))
    problems = []
    seen = [text for tag, _, text in found.xml(found.part("a.xml"), Budget(Limits()), problems) if tag == "b"]
    assert len(seen) > 1000
    assert any(one.incomplete for one in problems)
    with pytest.raises(Malformed):
        list(found.xml(found.part("a.xml"), Budget(Limits())))


def test_many_relationships_in_a_circle_are_bounded():
    circle = rels(*(rel(index, "image", "document.xml") for index in range(5000)))
    files = {"[Content_Types].xml": TYPES, "word/_rels/document.xml.rels": circle, "word/document.xml": "<a/>"}
    found = package(files)
    assert [one.name for one in found.related("word/document.xml", "image")] == ["word/document.xml"]
    with pytest.raises(BudgetSpent):
        read(archive({k: v.encode() for k, v in files.items()}), work=100_000)


@pytest.mark.parametrize(
    ("name", "declared", "head", "kind"),
    [
        ("word/document.xml", "application/x+xml", b"<?xml?><w:document/>", "markup"),
        ("word/document.xml", "", b"\xef\xbb\xbf\r\n <?xml?><w:document/>", "markup"),
        ("customXml/item1.xml", "application/xml", "\ufeff<root/>".encode("utf-16-le"), "markup"),
        ("1.fpage", "application/vnd.ms-package.xps-fixedpage+xml", "<F/>".encode("utf-16-be"), "markup"),
        ("xl/drawing.vml", "application/vnd.openxmlformats-officedocument.vmlDrawing".lower(), b"<xml/>", "markup"),
        ("word/document.xml", "application/x+xml", b"x = 1", "content"),
        ("word/document.xml", "application/x+xml", b"", "content"),
        ("word/chunk.xml", "application/xml", b"<?xml?><pkg:package xmlns:pkg='x'>", "content"),
        ("word/chunk.xml", "application/xml", b"<html><script>", "content"),
        ("word/media/image.svg", "image/svg+xml", b"<svg/>", "content"),
        ("word/part.html", "text/html", b"<p>text</p>", "content"),
        ("part", "", b"<a/>", "content"),
        ("xl/worksheets/sheet1.bin", "application/vnd.ms-excel.worksheet", b"\x81\x01\x00\x93\x01\x02ab", "records"),
        ("xl/worksheets/sheet1.bin", "application/vnd.ms-excel.worksheet", b"\xff" * 20, "content"),
        ("xl/embeddings/book.xls", "application/vnd.ms-excel", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "content"),
        ("xl/activeX1.bin", "application/vnd.ms-office.activex", bytes(16), "foreign-control"),
        ("xl/vbaProject.bin", "application/vnd.ms-office.vbaproject", b"\xd0\xcf\x11\xe0", "content"),
    ],
)
def test_kinds_of_parts(name, declared, head, kind):
    assert part_kind(part(name, declared, len(head)), head) == kind


def test_form_controls_are_told_from_others():
    forms = struct.pack("<IHH", 0x8BD21D40, 0xEC42, 0x11CE) + bytes.fromhex("9e0d00aa006002f3")
    one = part("word/activeX/activeX1.bin", "application/vnd.ms-office.activex", 100)
    assert part_kind(one, forms + b"state") == "control"
    large = part("word/activeX/activeX1.bin", "application/vnd.ms-office.activex", 9000)
    assert part_kind(large, forms + b"state") == "content"


def test_disguises():
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(20)
    assert is_disguised(part("word/media/image1.jpg", "image/jpeg"), ole)
    assert is_disguised(part("word/settings.xml", ""), b"PK\3\4")
    assert is_disguised(part("word/fonts/font1.odttf", "application/vnd.x.obfuscatedFont".lower()), b"MZ")
    assert not is_disguised(part("word/embeddings/object1.bin", "application/vnd.x.oleobject"), ole)
    assert not is_disguised(part("word/media/image1.jpg", "image/jpeg"), b"\xff\xd8\xff")
    assert magic_of(b"") == ""


def opening(data: bytes | str, size: int = 1000) -> Opening:
    data = data.encode() if isinstance(data, str) else data
    return read_opening((data[at : at + size] for at in range(0, len(data), size)), Budget(Limits()))


@pytest.mark.parametrize("size", [1, 100, 100_000])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_openings_are_read_behind_whatever_may_stand_before_them(size, codec):
    padding = (
        f"<?xml version='1.0'?>\n<!-- > <b> {'x' * 9000} --> <?Mso-Application a?>{' ' * 9000}<?mso-application b?>"
    )
    found = opening((padding + "<w:a xmlns:w='urn:w'><b/>").encode(codec), size)
    assert (found.root, found.root.uri) == ("a", "urn:w")
    assert found.instructions == ("mso-application",)
    assert not found.document_type
    found = opening((padding + "<!DOCTYPE a><a/>").encode(codec), size)
    assert (found.root, found.document_type) == (None, True)


@pytest.mark.parametrize("text", ["", " ", "text", "<", "<!-- <a/>", "<a b=c>", "<a:b/>", "<?xml version='1.0'?>x<a/>"])
def test_openings_that_cannot_be_read(text):
    found = opening(text)
    assert (found.root, found.document_type) == (None, False)
    assert opens_alone(found)


def test_openings_cost_no_more_than_what_stands_before_the_root():
    budget = Budget(Limits())
    assert read_opening([b"<a>", *[b"<b/>" * 10_000] * 100], budget).root == "a"
    assert budget.work < 10_000
    many = "".join(f"<?i{index}?>" for index in range(9000)) + "<a/>"
    assert opening(many).root is None
    assert len(opening(many).instructions) < 100


@pytest.mark.parametrize(
    ("text", "alone", "own"),
    [
        (f"<w:document xmlns:w='{WORD}'/>", False, True),
        ("<a xmlns='http://purl.oclc.org/ooxml/drawingml/main'/>", False, True),
        ("<a/>", False, False),
        ("<xml xmlns:v='urn:schemas-microsoft-com:vml'/>", False, False),
        ("<HTML/>", True, False),
        ("<job/>", True, False),
        ("<x:a xmlns:x='http://www.w3.org/2000/svg'/>", True, False),
        ("<x:a xmlns:x='http://schemas.microsoft.com/office/2006/xmlPackage'/>", True, False),
        ("<x:a xmlns:x='http://schemas.microsoft.com/office/word/2003/wordml'/>", True, False),
        ("<x:stylesheet xmlns:x='http://www.w3.org/1999/XSL/Transform'/>", True, False),
        (f"<?xml-stylesheet href='a'?><w:document xmlns:w='{WORD}'/>", True, True),
        ("<?mso-application progid='Word.Document'?><a/>", True, False),
        ("<?mso-contentType?><a/>", False, False),
    ],
)
def test_roots_and_instructions_tell_who_opens_markup(text, alone, own):
    found = opening(text)
    assert (opens_alone(found), is_own(found.root)) == (alone, own)


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<b/>", False),
        ("&lt;script&gt; xmlns='http://www.w3.org/1999/xhtml'", False),
        ("<b><script/></b>", True),
        ("<b xmlns='http://www.w3.org/1999/xhtm&#108;'/>", True),
        ("<c:b xmlns:c='http://www.w3.org/2000/svg'/>", True),
        ("<b", True),
    ],
)
def test_scripts_inside_of_markup(inside, expected):
    data = f"<a>{inside}</a>"
    assert holds_scripts([data.encode()], Budget(Limits())) is expected
    assert is_marked(data.encode()) or not expected or inside == "<b"
    assert is_marked(data.encode("utf-16")) == is_marked(data.encode())


def test_ways_that_lead_to_parts():
    names = ("w/a.xml", "w/B.xml", "w/c.xml", "w/d.xml")
    found = package(
        {
            "[Content_Types].xml": TYPES,
            "_rels/.rels": rels(rel(1, "Main", "w/a.xml")),
            "w/_rels/a.xml.rels": rels(rel(1, "aFChunk", "b.xml"), rel(2, "other", "c.xml", "External")),
            "w/_rels/c.xml.rels": rels(rel(1, "lost", "d.xml")),
            **dict.fromkeys(names, "<a/>"),
        }
    )
    ways = [set(found.ways_to(found.part(one))) for one in names]
    assert ways == [{"main"}, {"afchunk"}, set(), set()]


@pytest.mark.parametrize("by_name", [False, True])
def test_embedded_fonts_in_the_clear(by_name):
    guid = "{1A2B3C4D-5E6F-4711-8899-AABBCCDDEEFF}"
    key = bytes.fromhex(guid.strip("{}").replace("-", ""))[::-1]
    font = b"\0\1\0\0" + bytes(range(200))
    masked = bytes(a ^ b for a, b in zip(font[:32], key * 2, strict=True)) + font[32:]
    table = f'<w:fonts xmlns:w="urn:w"><w:embedRegular w:fontKey="{"" if by_name else guid}"/></w:fonts>'
    types = TYPES.replace(
        "</Types>",
        '<Override PartName="/word/fontTable.xml" ContentType="application/x.fontTable+xml"/>'
        '<Default Extension="odttf" ContentType="application/x.obfuscatedFont"/></Types>',
    )
    name = f"word/fonts/{guid if by_name else 'font1'}.odttf"
    found = package({"[Content_Types].xml": types, "word/fontTable.xml": table, name: masked})
    keys = font_keys(found, Budget(Limits()))
    one = found.part(name)
    assert is_masked_font(one)
    assert b"".join(clear_font(found.stream(one, Budget(Limits())), one.name, keys)) == font
    assert b"".join(clear_font(iter([masked]), "font1.odttf", ())) == masked


def survives(data: bytes) -> None:
    """Every part of a damaged package is read, or refused in the agreed way."""
    budget = Budget(Limits(work=64 * MIB))
    with suppress(FormatError, BudgetSpent):
        found = read_package(Blob(data), budget)
        font_keys(found, budget)
        for one in found.parts:
            with suppress(FormatError):
                list(found.xml(one, budget, []))
            with suppress(FormatError):
                head = found.archive.head(one.member, budget)
                part_kind(one, head)
                read_opening([head], budget)
            with suppress(FormatError):
                found.read(one, budget)


def test_truncations_and_mutants_raise_nothing_else():
    data = document("docm", macros={"Module1": "Sub A()\nEnd Sub\n"}, text="some text")
    for length in range(0, len(data), len(data) // 64):
        survives(data[:length])
    chance = random.Random(9)
    for _ in range(120):
        mutant = bytearray(data)
        for _ in range(chance.randint(1, 20)):
            mutant[chance.randrange(len(mutant))] = chance.randrange(256)
        survives(bytes(mutant))
