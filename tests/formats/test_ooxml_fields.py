"""DDE in packages: fields split over runs and spelled in numbers, links of workbooks."""

import random
from contextlib import suppress

import pytest

from emotriage import scan
from emotriage.formats.ooxml import read_package
from emotriage.formats.ooxml.fields import asks_office, dde_fields, dde_links
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.limits import Budget, Limits
from emotriage.testing import archive, document

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/vnd.x.wordprocessingml.document.main+xml"/>'
    '<Override PartName="/xl/link.xml" ContentType="application/vnd.x.spreadsheetml.externalLink+xml"/></Types>'
)


def char(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def text(piece: str) -> str:
    return f"<w:r><w:instrText>{piece}</w:instrText></w:r>"


def fields(body: str, encoding: str = "utf-8") -> list[str]:
    part = f'<w:document xmlns:w="{WORD}">{body}</w:document>'.encode(encoding)
    data = archive({"[Content_Types].xml": TYPES.encode(), "word/document.xml": part}, method=8)
    budget = Budget(Limits())
    return [instruction for instruction, _ in dde_fields(read_package(Blob(data), budget), budget, [])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_fields_in_all_their_spellings(encoding):
    whole = char("begin") + text(" DDEAUTO emotriage-inert /k ") + char("separate") + char("end")
    assert fields(whole, encoding) == ["DDEAUTO emotriage-inert /k"]
    split = char("begin") + text("D") + text("dEau") + text("TO emotriage-inert") + char("end")
    assert fields(split, encoding) == ["DdEauTO emotriage-inert"]
    assert fields('<w:fldSimple w:instr="DDE emotriage-inert x"/>', encoding) == ["DDE emotriage-inert x"]
    numbers = " ".join(str(ord(one)) for one in "inert")
    quoted = char("begin") + text("DDE ") + char("begin") + text(f" QUOTE {numbers} ") + char("end") + char("end")
    assert fields(quoted, encoding) == ["DDE inert"]
    words = char("begin") + text("DDE ") + char("begin") + text(' QUOTE "inert" ') + char("end") + char("end")
    assert fields(words, encoding) == ["DDE inert"]
    assert fields(char("begin") + text("DDE never ended"), encoding) == ["DDE never ended"]


def test_other_fields_are_none():
    assert fields(char("begin") + text(" PAGE ") + char("end") + "<w:t>DDEAUTO x</w:t>") == []
    assert fields('<w:fldSimple w:instr="HYPERLINK &quot;DDE&quot;"/><w:fldSimple/>') == []
    assert fields(char("end") + text("DDE x") + char("separate")) == []


def test_fields_nested_without_end_are_bounded():
    body = (char("begin") + text("DDE x")) * 3000
    assert len(fields(body)) <= 64


def test_fields_of_our_own_documents():
    data = document("docx", fields=["DDEAUTO emotriage-inert x"])
    budget = Budget(Limits())
    ((instruction, part),) = dde_fields(read_package(Blob(data), budget), budget, [])
    assert (instruction, part.name) == ("DDEAUTO emotriage-inert x", "word/document.xml")


def test_links_of_workbooks():
    link = b'<externalLink xmlns="urn:x"><ddeLink ddeService="emotriage-inert" ddeTopic="/c x"/></externalLink>'
    data = archive({"[Content_Types].xml": TYPES.encode(), "xl/link.xml": link})
    budget = Budget(Limits())
    assert [link for link, _ in dde_links(read_package(Blob(data), budget), budget, [])] == ["emotriage-inert|/c x"]


def test_office_programs_that_are_honestly_asked():
    assert asks_office("DDE Excel.Sheet.8 book.xls R1C1")
    assert asks_office("Excel|book.xls")
    assert not asks_office('DDEAUTO "excel\\..\\..\\cmd" x')
    assert not asks_office("cmd|/c x")
    assert not asks_office("DDE")
    assert not asks_office("|")


def test_mutants_raise_nothing():
    data = document("docx", fields=["DDEAUTO emotriage-inert x", "QUOTE 65 66"])
    chance = random.Random(8)
    for _ in range(100):
        mutant = bytearray(data)
        for _ in range(chance.randint(1, 10)):
            mutant[chance.randrange(len(mutant))] = chance.randrange(256)
        budget = Budget(Limits())
        with suppress(FormatError):
            found = read_package(Blob(bytes(mutant)), budget)
            list(dde_fields(found, budget, []))
            list(dde_links(found, budget, []))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (char("begin") + text("TOC") + "</w:oops>", "xml-malformed"),
        ("<w:p>" * 300 + char("begin") + text("DDEAUTO emotriage-inert") + char("end") + "</w:p>" * 300, "xml-depth"),
        ("<!-- instrText --><w:t>" + "xyz " * (1 << 18) + "xyz</w:t>", "xml-text-cut"),
    ],
)
def test_fields_that_are_not_reached_are_a_gap(body, code):
    part = f'<w:document xmlns:w="{WORD}">{body}</w:document>'.encode()
    data = archive({"[Content_Types].xml": TYPES.encode(), "word/document.xml": part}, method=8)
    unread = []
    budget = Budget(Limits())
    list(dde_fields(read_package(Blob(data), budget), budget, unread))
    assert [(one.code, one.where, one.incomplete) for one in unread] == [(code, "word/document.xml", True)]
    assert ("ooxml.damaged", code) in [(f.rule, e.text) for f in scan(data, plugins=[]).gaps for e in f.evidence]
