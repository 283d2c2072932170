"""Shapes and comments of Word 97 and Excel 97: names, alternative texts, texts; damaged ones end quietly."""

import struct

import pytest

from emotriage import scan
from emotriage.formats.cfb import read_compound_file
from emotriage.formats.drawing import read_shapes as read_drawing
from emotriage.formats.excel.sheet_content import StreamBook
from emotriage.formats.word97_shapes import read_shapes
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget, Limits
from emotriage.testing import document, workbook

LONG = "emotriage-inert " * 600
TEXTS = ["", "plain", "日本語", LONG, LONG + "語"]


def _streams(data, *names):
    file = read_compound_file(Blob(data), Budget(Limits()))
    return [file.open(file.find(name)) for name in names]


def _word(data):
    return read_shapes(*_streams(data, "WordDocument", "1Table", "Data"), Budget(Limits()))


def _excel(data):
    book = StreamBook(*_streams(data, "Workbook"), Budget(Limits()))
    return {one.name: book.objects(one) for one in book.sheets}


@pytest.mark.parametrize("text", TEXTS)
def test_shapes_of_word_97(text):
    shapes = [
        {"inline": True, "name": "Chart", "description": text[:400]},
        {"name": "ロゴ", "description": text},
        {"text": text},
        {"inline": True},
    ]
    found = _word(document("doc", text="Hello", shapes=shapes))
    kind = "Text Box" if text else "Picture"
    assert [(one.name, one.description, one.text, one.inline) for one in found] == [
        ("ロゴ", text, "", False),
        (f"{kind} 2", "", text, False),
        ("Chart", text[:400], "", True),
        ("Picture 2", "", "", True),
    ]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("password", [None, "VelvetSweatshop"])
def test_comments_and_shapes_of_excel_97(text, password):
    data = workbook(
        "xls",
        sheets={"First": {"A1": 1}, "Second": {}, "Third": {}},
        comments={"First": {"B2": text, "C70": "other"}},
        shapes={"First": [{"name": "ロゴ", "text": text}], "Third": [{"description": text[:3000]}]},
        password=password,
    )
    found = _excel(data)
    assert found["First"].comments == {"B2": text, "C70": "other"}
    assert [tuple(one) for one in found["First"].shapes] == [
        ("ロゴ", "", text),
        ("Comment 2", "", text),
        ("Comment 3", "", "other"),
    ]
    assert found["Second"] == ({}, [])
    assert [tuple(one) for one in found["Third"].shapes] == [("Text Box 1", text[:3000], "")]


def test_comments_of_excel_95_stand_in_their_own_records():
    pieces = [struct.pack("<HHH", 4, 1, 20) + b"emotriage-", struct.pack("<HHH", 0xFFFF, 0, 5) + b"inert"]
    records = [(0x809, struct.pack("<HH4x", 0x500, 5)), (0x85, struct.pack("<IBBB", 28, 0, 0, 1) + b"A"), (0x0A, b"")]
    records += [(0x809, struct.pack("<HH4x", 0x500, 0x10)), *((0x1C, one) for one in pieces), (0x0A, b"")]
    stream = b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in records)
    book = StreamBook(Blob(stream), Budget(Limits()))
    assert book.objects(book.sheets[0]).comments == {"B5": "emotriage-inert"}


def test_damaged_drawings_end_quietly():
    data = document("doc", shapes=[{"name": "Logo", "description": "inert"}, {"inline": True, "description": "x"}])
    whole = _streams(data, "WordDocument", "1Table", "Data")
    for number, one in enumerate(whole):
        raw = one.read()
        for cut in range(0, len(raw), max(len(raw) // 40, 1)):
            streams = [*whole[:number], Blob(raw[:cut]), *whole[number + 1 :]]
            assert len(read_shapes(*streams, Budget(Limits()))) <= 3
    book = workbook("xls", comments={"Sheet1": {"A1": "inert"}}, shapes={"Sheet1": [{"name": "Logo"}]})
    (stream,) = _streams(book, "Workbook")
    raw = stream.read()
    for at in range(len(raw) - 700, len(raw) - 1):
        damaged = Blob(raw[:at] + b"\xff" + raw[at + 1 :])
        read = StreamBook(damaged, Budget(Limits()))
        assert all(len(read.objects(one).shapes) <= 2 for one in read.sheets)


def test_records_that_claim_much_cost_little():
    spent = Budget(Limits())
    head = struct.pack("<HHI", 202 << 4 | 2, 0xF00A, 8) + struct.pack("<II", 1025, 0xA00)
    raw = head + struct.pack("<HHI", 0xFFF3, 0xF00B, 0xFFFFFFFF) + struct.pack("<HI", 0xC380, 0xFFFFFFFF) * 3000
    assert [one.number for one in read_drawing(raw, spent)] == [1025]
    assert spent.work < 1_000_000


CASES = {
    'Range("B2").Comment.Text()': "note",
    'Range("B2").NoteText': "note",
    "ActiveSheet.Comments(1).Shape.TextFrame.Characters.Text": "note",
    'Sheets(2).Shapes("Box").TextFrame.Characters(3, 2).Text': "x-",
    'Sheets(2).Shapes("Box").TextFrame2.TextRange.Characters.Text': "box-text",
    'Sheets(2).Shapes.Range(Array("Box")).TextFrame.Characters.Text': "box-text",
    "Sheets(2).Shapes(1).OLEFormat.Object.Text": "box-text",
    "Sheets(2).DrawingObjects(1).Caption": "box-text",
    "Sheets(2).TextBoxes(1).Text": "box-text",
    'Sheets(2).Shapes("Box").DrawingObject.Text': "box-text",
}


@pytest.mark.parametrize("asked", CASES)
def test_ways_to_ask_for_a_shape_or_comment(asked):
    code = f'Sub Workbook_Open()\n  Shell "emotriage-inert " & {asked}\nEnd Sub\n'
    data = workbook(
        "xls",
        macros={"ThisWorkbook": code},
        sheets={"One": {}, "Two": {}},
        comments={"One": {"B2": "note"}},
        shapes={"Two": [{"name": "Box", "text": "box-text"}]},
    )
    verdict = scan(data, name="order.xls", plugins=[])
    assert [one.value for one in verdict.indicators] == [f"emotriage-inert {CASES[asked]}"]
