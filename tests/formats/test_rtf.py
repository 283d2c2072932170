"""RTF: the same objects as rtfobj where that is right; text in the document's code pages; fields and templates."""

import warnings

import pytest

from emotriage.formats.rtf import read_rtf
from emotriage.formats.rtf.data import decoded
from emotriage.formats.rtf.lexer import BINARY, HOLE, QUOTED, WORD, tokens
from emotriage.formats.rtf.object import read_object
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget, Limits
from emotriage.model.padding import Run
from emotriage.testing import compound_file, document, native_object, rtf


def read(data: bytes):
    return read_rtf(Blob(data), Budget(Limits()))


def objects(data: bytes) -> list[tuple[str, bytes]]:
    """(class, native data) of each object, as Word reads them."""
    document = read(data)
    found = []
    for item in document.data:
        raw = b"".join(decoded(document.blob, item, Budget(Limits())))
        header = read_object(raw)
        if header is not None:
            found.append((header.class_name, raw[header.start :][: header.size]))
    return found


def as_rtfobj(data: bytes) -> list[tuple[str, bytes]]:
    with warnings.catch_warnings():  # oletools and what it pulls in warn when they are compiled
        warnings.simplefilter("ignore")
        from oletools.rtfobj import RtfObjParser

    parser = RtfObjParser(data)
    parser.parse()
    return [(one.class_name.decode("cp1252"), one.oledata) for one in parser.objects if one.is_ole and one.oledata]


COMPOUND = compound_file({"Contents": b"figures " * 40})
NATIVES = [
    native_object("Word.Document.8", document("doc", text="Figures")),
    native_object("Package", b"\2\0figures.txt\0"),
    native_object("Equation.3", COMPOUND),
    native_object("Figures.1", b"figures"),
]


@pytest.mark.parametrize("cover", ["plain", "spaces", "words", "binary"])
def test_the_same_objects_as_rtfobj(cover):
    data = rtf("Minutes", objects=NATIVES, class_name="Figures.1", cover=cover)
    assert objects(data) == as_rtfobj(data)
    assert [name for name, _ in objects(data)] == ["Word.Document.8", "Package", "Equation.3", "Figures.1"]


@pytest.mark.parametrize("cover", ["groups", "escapes", "half", "upr"])
def test_covers_that_rtfobj_may_stumble_over(cover):
    data = rtf("Minutes", objects=NATIVES, cover=cover)
    assert objects(data) == objects(rtf("Minutes", objects=NATIVES))


@pytest.mark.parametrize("raw", [b"", b"\1\5\0\0\2\0\0\0", b"\1\5\0\0\7\0\0\0\4\0\0\0abc\0", bytes(200), b"\xff" * 200])
def test_what_is_no_object_is_none(raw):
    assert read_object(raw) is None


def test_a_linked_object_has_a_topic():
    link = read_object(native_object("Word.Document.8", linked=True, topic="C:\\Team\\figures.doc"))
    assert link is not None
    assert (link.linked, link.topic) == (True, "C:\\Team\\figures.doc")
    cut = read_object(native_object("Word.Document.8", linked=True, topic="x")[:28])
    assert cut is not None
    assert (cut.class_name, cut.topic) == ("Word.Document.8", "")


def test_text_is_in_the_code_pages_of_the_document_and_its_fonts():
    head = b"{\\rtf1\\ansi\\ansicpg932{\\fonttbl{\\f0\\fcharset128 Mincho;}{\\f1\\fcharset204 Arial;}{\\f2 Arial;}}"
    assert read(head + b"\\f0 \\'93\\'fa\\'96\\'7b\\'8c\\'ea}").text == "日本語"
    assert read(head + b"\\f1 \\'c4\\'e0}").text == "Да"
    assert read(head + b"\\'93\\'fa\\par{\\f1 \\'c4}\\'96\\'7b}").text == "日\nД本"
    assert read(b"{\\rtf1\\mac \\'8e}").text == "é"


def test_unicode_characters_replace_what_stands_behind_them():
    assert read(b"{\\rtf1 \\u26085?\\u26412 ?x}").text == "日本x"
    assert read(b"{\\rtf1\\uc2 \\u26085\\'93\\'fax{\\uc0\\u26412}y}").text == "日x本y"
    assert read(b"{\\rtf1 \\u-10179?\\u-8704?}").text == "\U0001f600"
    assert read(b"{\\rtf1 a\\{b\\}c\\\\d\\~e}").text == "a{b}c\\d\xa0e"


def test_tables_and_properties_are_no_text():
    assert read(b"{\\rtf1{\\info{\\title T}}{\\*\\inert I}{\\stylesheet{S;}}text{\\footnote note}}").text == "textnote"


def test_fields_are_put_together():
    nested = b"{\\rtf1{\\field{\\*\\fldinst {{DD}{\\b EAUTO} a {\\field{\\fldinst b}{\\fldrslt x}} c}}{\\fldrslt r}}}"
    assert [text for _, text in read(nested).fields] == ["DDEAUTO a b c", "b"]
    quoted = rtf(fields=["DDEAUTO a b", "QUOTE 65"])
    assert [text for _, text in read(quoted).fields] == ["DDEAUTO a b", "QUOTE 65"]


def test_a_template_is_read_with_its_escapes():
    assert [text for _, text in read(rtf(template="\\\\host\\a.dotm")).templates] == ["\\\\host\\a.dotm"]
    assert [text for _, text in read(b"{\\rtf1{\\*\\template \\u104?\\'74tp://x}}").templates] == ["http://x"]


def test_tokens():
    def kinds(raw):
        return [(one.kind, one.word, one.number) for one in tokens(Blob(raw), Budget(Limits()))]

    assert kinds(b"\\b12x\\par-3 \\'41")[::2] == [(WORD, b"b", 12), (WORD, b"par", -3)]
    assert kinds(b"\\'4g")[0] == (QUOTED, b"4g", None)
    assert kinds(b"\\bin99999999999999999999 abc") == [(BINARY, b"", None)]
    short = list(tokens(Blob(b"\\bin5 ab"), Budget(Limits())))
    assert short[0].short
    assert (short[0].start, short[0].stop) == (6, 8)


def test_filler_is_one_token():
    blob = Blob(b"{" * 300_000)
    blob.holes = (Run(0, 300_000, ord("{")),)
    assert [one.kind for one in tokens(blob, Budget(Limits()))].count(HOLE) == 1
    assert read_rtf(blob, Budget(Limits())).end == 300_000


def test_the_end_is_behind_the_last_brace_and_its_line_end():
    assert read(b"{\\rtf1 a}\r\nbehind").end == 11
    assert read(b"{\\rtf1 a").end == 8
