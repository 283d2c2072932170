"""What documents hold for macros: variables and text of Word 97, property sets, controls of packages."""

import struct

import pytest

from emotriage import scan
from emotriage.formats.ole.property_set import read_properties
from emotriage.formats.ooxml import read_package
from emotriage.formats.vba.activex import read_package_controls
from emotriage.formats.word97_content import read_comments, read_text, read_variables
from emotriage.formats.word97_shapes import read_shapes
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget, Limits
from emotriage.testing import compound_file, document
from emotriage.testing.oforms import CLSID, text_box
from emotriage.testing.ovba import vba_streams
from emotriage.testing.property_set import summary_information


def budget():
    return Budget(Limits())


def _document(table, entry, *, text=b"", count=0):
    head = bytearray(2048)
    struct.pack_into("<I", head, 76, count)
    struct.pack_into("<II", head, 154 + 8 * entry, 0, len(table))
    return Blob(bytes(head) + text), Blob(table)


def _counted(text):
    return struct.pack("<H", len(text)) + text.encode("utf-16-le")


def _variables(pairs):
    names = b"".join(_counted(name) + bytes(4) for name in pairs)
    return b"\xff\xff" + struct.pack("<HH", len(pairs), 4) + names + b"".join(map(_counted, pairs.values()))


def test_document_variables_of_word_97():
    table = _variables({"Key": "emotriage-inert", "名": "値", "Empty": ""})
    assert read_variables(*_document(table, 60), budget()) == {"key": "emotriage-inert", "名": "値", "empty": ""}


@pytest.mark.parametrize("cut", [0, 5, 7, 12, 30])
def test_document_variables_that_are_cut(cut):
    table = _variables({"Key": "emotriage-inert", "Other": "x"})[:cut]
    assert "emotriage-inert" not in read_variables(*_document(table, 60), budget()).values()


def test_a_count_that_lies_costs_nothing():
    spent = budget()
    read_variables(*_document(b"\xff\xff\xff\xff\xff\xff" + bytes(64), 60), spent)
    assert spent.work < 10_000_000


def test_text_in_pieces_of_both_widths():
    wide = "日本\r".encode("utf-16-le")
    places = struct.pack("<III", 0, 6, 9)
    pieces = struct.pack("<HIH", 0, 2048 * 2 | 1 << 30, 0) + struct.pack("<HIH", 0, 2048 + 6, 0)
    clx = b"\1\3\0abc\2" + struct.pack("<I", len(places + pieces)) + places + pieces
    found = read_text(*_document(clx, 33, text=b"Hello\r" + wide, count=9), budget())
    assert found == "Hello\r日本\r"


def _parts_of_text(main, comments, boxes, *, wide=False):
    """A document whose text has several parts, and a text box for each of the texts given."""
    text = main + comments + "".join(boxes) + "\r"
    ends = [sum(map(len, boxes[:number])) for number in range(len(boxes) + 1)]
    places = struct.pack(f"<{len(ends) + 1}I", *ends, ends[-1] + 1) + bytes(22 * len(ends))
    piece = struct.pack("<HIH", 0, 2048 if wide else 2048 * 2 | 1 << 30, 0)
    pieces = struct.pack("<II", 0, len(text)) + piece
    clx = b"\2" + struct.pack("<I", len(pieces)) + pieces
    head = bytearray(2048)
    struct.pack_into("<8I", head, 76, len(main), 0, 0, 0, len(comments), 0, ends[-1] + 1, 0)
    struct.pack_into("<II", head, 154 + 8 * 33, 0, len(clx))
    struct.pack_into("<II", head, 154 + 8 * 56, len(clx), len(places))
    return bytes(head) + text.encode("utf-16-le" if wide else "cp1252"), clx + places


@pytest.mark.parametrize("wide", [False, True])
def test_comments_and_text_boxes_of_word_97(wide):
    raw, tables = _parts_of_text("Hello\r", "\5first\r\5second\r", ["emotriage-\r", "inert\r"], wide=wide)
    streams = Blob(raw), Blob(tables)
    assert read_text(*streams, budget()) == "Hello\r"
    assert read_comments(*streams, budget()) == ["first", "second"]
    nothing = Blob(b"")
    assert [one.text for one in read_shapes(*streams, nothing, budget())] == ["emotriage-", "inert"]
    for cut in range(0, len(tables), 3):
        assert len(read_shapes(streams[0], Blob(tables[:cut]), nothing, budget())) <= 2
        assert len(read_comments(Blob(raw[: 2048 + cut]), streams[1], budget())) <= 2


def test_macros_read_comments_and_text_boxes_of_word_97():
    code = (
        'Sub AutoOpen()\n  Shell ActiveDocument.Shapes(1).TextFrame.TextRange.Text & "-" & '
        "ActiveDocument.Comments(1).Range.Text\nEnd Sub\n"
    )
    raw, tables = _parts_of_text("Hello\r", "\5inert /quiet\r", ["emotriage\r"])
    raw = struct.pack("<HH6xH", 0xA5EC, 0xC1, 0x0200) + raw[12:]
    project = {f"Macros/{name}": one for name, one in vba_streams({"Module1": code}).items()}
    data = compound_file({"WordDocument": raw.ljust(4096, b"\0"), "1Table": tables.ljust(4096, b"\0"), **project})
    verdict = scan(data, name="order.doc", plugins=[])
    assert "emotriage-inert /quiet" in {one.value for one in verdict.indicators if one.kind == "command"}


def test_properties_by_the_names_that_code_uses():
    stream = Blob(summary_information({"title": "T", "comments": "日本", "last_author": "A"}))
    assert read_properties(stream, budget()) == {"title": "T", "comments": "日本", "last author": "A"}


def test_custom_properties_have_names_of_their_own():
    names = struct.pack("<III", 1, 2, 4) + b"Key\0"
    value = struct.pack("<II", 30, 6) + b"inert\0\0\0"
    places = [(0, 8 + 24), (1, 8 + 24 + 16), (2, 8 + 24 + 24)]
    body = names + struct.pack("<Ihh", 2, 1252, 0) + value
    section = struct.pack("<II", 8 + 24 + len(body), 3) + b"".join(struct.pack("<II", *one) for one in places) + body
    custom = bytes.fromhex("05d5cdd59c2e1b10939708002b2cf9ae")
    raw = struct.pack("<HHI16sI", 0xFFFE, 0, 0, bytes(16), 1) + custom + struct.pack("<I", 48) + section
    assert read_properties(Blob(raw), budget()) == {"key": "inert"}
    for cut in range(0, len(raw), 3):
        read_properties(Blob(raw[:cut]), budget())


def test_a_control_that_the_package_keeps_in_a_compound_file():
    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    r = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    ax = 'xmlns:ax="http://schemas.microsoft.com/office/2006/activeX"'
    page = (
        f'<w:document {w} {r}><w:body><w:object><w:control r:id="rX" w:name="Box1"/></w:object></w:body></w:document>'
    )
    data = document(
        "docm",
        parts={
            "word/document.xml": page,
            "word/activeX/activeX1.xml": f'<ax:ocx ax:classid="{{{CLSID}}}" {ax} {r} r:id="rId1"/>',
            "word/activeX/activeX1.bin": compound_file({"contents": text_box("emotriage-inert")}),
        },
        links=[
            {"type": "control", "target": "activeX/activeX1.xml", "id": "rX"},
            {
                "source": "word/activeX/activeX1.xml",
                "type": "http://schemas.microsoft.com/office/2006/relationships/activeXControlBinary",
                "target": "activeX1.bin",
            },
        ],
    )
    spent = budget()
    (one,) = read_package_controls(read_package(Blob(data), spent), spent)
    assert (one.path, one.fields["text"], one.where) == ("box1", "emotriage-inert", "word/activeX/activeX1.xml")
