"""PDF files are swept wherever their objects lie, however their names are written, and whatever is broken."""

import base64
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.formats.pdf import object_at, read_document
from emotriage.formats.pdf.objects import read_stream, string_at
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError, Malformed
from emotriage.model.limits import Budget, Limits
from emotriage.model.padding import RunFinder

HEAD = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
TAIL = b"trailer\n<< /Root 1 0 R >>\n%%EOF\n"


def budget() -> Budget:
    return Budget(Limits())


def obj(number: int, body: bytes) -> bytes:
    return b"%d 0 obj\n%s\nendobj\n" % (number, body)


def stream(number: int, dictionary: bytes, data: bytes) -> bytes:
    return obj(number, b"<< %s /Length %d >>\nstream\n%s\nendstream" % (dictionary, len(data), data))


def names(data: bytes) -> list[str]:
    return [one.name for one in read_document(Blob(data), budget()).names]


@pytest.mark.parametrize(
    "written",
    [b"/JavaScript", b"/J#61vaScript", b"/#4A#61#76#61#53#63#72#69#70#74", b"/Java#53cript"],
)
def test_names_are_found_with_and_without_escapes(written):
    found = read_document(Blob(HEAD + obj(3, b"<< /S " + written + b" >>") + TAIL), budget()).names
    assert [one.name for one in found] == ["JavaScript"]
    assert found[0].escaped is (b"#" in written)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<< /JS (a) >>", ["JS"]),
        (b"<< /JS 12 0 R >>", ["JS"]),
        (b"<< /JSON (a) /JSx 1 >>", []),
        (b"/JS 5", []),
        (b"<< /AA << /O 1 0 R >> >>", ["AA"]),
        (b"/AAA /AA 7", []),
        (b"<< /URI (http://a.invalid/) >>", ["URI"]),
        (b"<< /S /URI >>", []),
        (b"<< /LaunchPad /Launching >>", []),
    ],
)
def test_short_names_need_their_value(body, expected):
    assert names(HEAD + obj(3, body) + TAIL) == expected


@pytest.mark.parametrize("at", [0, 1, 1000, (1 << 20) - 12, (1 << 20) - 5, (1 << 20) - 4200, 3 << 20])
def test_place_in_the_file_does_not_matter(at):
    filler = b"% " + b"x" * 61 + b"\n"
    data = HEAD + (filler * (at // 64 + 1))[:at] + obj(3, b"<< /S /Launch /JS (a) /URI (http://a.invalid/) >>") + TAIL
    found = read_document(Blob(data), budget()).names
    assert [one.name for one in found] == ["Launch", "JS", "URI"]
    assert string_at(found[2].value) == b"http://a.invalid/"


def test_padding_is_skipped():
    data = HEAD + bytes(2 << 20) + obj(3, b"<< /S /Launch >>") + TAIL
    blob = Blob(data)
    runs = RunFinder()
    runs.feed(data)
    blob.holes = runs.finish()
    spent = budget()
    assert [one.name for one in read_document(blob, spent).names] == ["Launch"]
    assert spent.work < 1 << 20


@pytest.mark.parametrize(
    "filters", [b"/Filter /FlateDecode", b"/Filter [/FlateDecode]", b"/Filter/Fl", b"/F /Flate#44ecode"]
)
def test_object_streams_are_swept(filters):
    packed = zlib.compress(b"7 0 8 20 << /S /Launch >>    << /S /GoTo >>")
    document = read_document(Blob(HEAD + stream(3, b"/Type /ObjStm " + filters, packed) + TAIL), budget())
    assert [(one.name, one.packed) for one in document.names] == [("ObjStm", False), ("Launch", True)]
    assert document.anomalies == ()


@pytest.mark.parametrize(
    ("filters", "data"),
    [
        (b"/Filter [/ASCIIHexDecode /FlateDecode]", lambda text: zlib.compress(text).hex().encode() + b">"),
        (b"/Filter [/A85/Fl]", lambda text: base64.a85encode(zlib.compress(text)) + b"~>"),
        (b"/Filter [/RL]", lambda text: bytes([len(text) - 1]) + text + b"\x80"),
        (
            b"/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 8 >>",
            lambda text: zlib.compress(_rows(text, 8)),
        ),
        (
            b"/Filter [/AHx /Fl] /DP [null << /Predictor 15 /Columns 8 >>]",
            lambda text: zlib.compress(_rows(text, 8)).hex().encode(),
        ),
    ],
)
def test_object_streams_in_any_encoding_are_swept(filters, data):
    text = b"7 0 8 20 << /S /Launch >>    << /S /GoTo >>"
    document = read_document(Blob(HEAD + stream(3, b"/Type /ObjStm " + filters, data(text)) + TAIL), budget())
    assert ("Launch", True) in [(one.name, one.packed) for one in document.names]
    assert document.anomalies == ()


def _rows(text: bytes, columns: int) -> bytes:
    """Rows that say how much they differ from the one above (PNG, filter 2)."""
    rows = [text[at : at + columns].ljust(columns) for at in range(0, len(text), columns)]
    above = [bytes(columns), *rows]
    return b"".join(
        b"\2" + bytes((a - b) & 0xFF for a, b in zip(row, up, strict=True))
        for row, up in zip(rows, above, strict=False)
    )


@pytest.mark.parametrize(
    ("filters", "data", "code"),
    [
        (b"/Filter /JBIG2Decode", b"x" * 20, "object-stream-filter"),
        (b"/Filter [/ASCII85Decode /Crypt]", b"x" * 20, "object-stream-filter"),
        (b"/Filter /LZWDecode", b"x" * 20, "object-stream-damaged"),
        (b"/Filter [/ASCII85Decode /FlateDecode]", b"x" * 20, "object-stream-damaged"),
        (b"/Filter /FlateDecode /DecodeParms 9 0 R", zlib.compress(b"x" * 40), "object-stream-filter"),
        (b"/Filter 9 0 R", b"x" * 20, "object-stream-filter"),
        (b"/Filter /FlateDecode /DecodeParms << /Predictor 12 >>", zlib.compress(b"x" * 40), "object-stream-damaged"),
        (b"/Filter /FlateDecode", b"no zlib at all", "object-stream-damaged"),
        (b"/Filter /FlateDecode", zlib.compress(bytes(range(256)) * 9)[:-20], "object-stream-damaged"),
    ],
)
def test_object_streams_that_are_not_read_are_told(filters, data, code):
    document = read_document(Blob(HEAD + stream(3, b"/Type /ObjStm " + filters, data) + TAIL), budget())
    assert [(one.code, one.incomplete) for one in document.anomalies] == [(code, True)]


def test_what_came_out_before_the_damage_is_swept():
    packed = zlib.compress(b"<< /S /Launch >>" + bytes(range(256)) * 40)[:-30]
    document = read_document(Blob(HEAD + stream(3, b"/Type /ObjStm /Filter /FlateDecode", packed) + TAIL), budget())
    assert [one.name for one in document.names] == ["ObjStm", "Launch"]
    assert document.anomalies


@pytest.mark.parametrize("kind", [b"/Type /EmbeddedFile", b""])
@pytest.mark.parametrize("packed", [False, True])
def test_embedded_files_are_given_out(kind, packed):
    content = b"emotriage-inert" * 100
    data = zlib.compress(content) if packed else content
    specification = obj(4, b"<< /Type /Filespec /EF << /F 3 0 R >> >>") if not kind else b""
    body = stream(3, kind + (b" /Filter /FlateDecode" if packed else b""), data)
    document = read_document(Blob(HEAD + body + specification + TAIL), budget())
    assert len(document.files) == 1
    assert b"".join(read_stream(document.files[0], budget())).rstrip(b"\n") == content
    assert document.anomalies == ()


def test_a_file_that_is_not_there_is_told():
    document = read_document(Blob(HEAD + obj(4, b"<< /EF << /F 77 0 R >> >>") + TAIL), budget())
    assert [one.code for one in document.anomalies] == ["stream-missing"]


def test_objects_by_number():
    packed = b"7 0 8 16 << /S /Launch >> << /S /GoTo >>"
    data = HEAD + obj(3, b"(old)") + obj(13, b"(other)") + obj(3, b"(new)")
    data += stream(5, b"/Type /ObjStm /Filter /FlateDecode", zlib.compress(packed)) + TAIL
    document = read_document(Blob(data), budget())
    assert object_at(document, 3, budget()).startswith(b"\n(new)")
    assert object_at(document, 7, budget()).startswith(b"<< /S /Launch")
    assert object_at(document, 99, budget()) == b""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (b" (plain)", b"plain"),
        (rb"(a\)b\(c(d)e)x", b"a)b(c(d)e"),
        (rb"(\101\12x\\)", b"A\nx\\"),
        (b"(a\\\nb)", b"ab"),
        (b"<48 65 6c6C6>", b"Hell`"),
        (b"(no end", b"no end"),
        (b"12", b""),
    ],
)
def test_strings(written, meant):
    assert string_at(written) == meant


def test_a_file_without_objects_is_malformed():
    with pytest.raises(Malformed):
        read_document(Blob(b"%PDF-1.7\nnothing here\n%%EOF"), budget())


@given(st.binary(max_size=400), st.integers(0, 400))
def test_damage_raises_nothing_undeclared(junk, cut):
    whole = (
        HEAD
        + stream(3, b"/Type /ObjStm /Filter /FlateDecode", zlib.compress(b"5 0 << /JS (a) /EF << /F 3 0 R >> >>"))
        + obj(4, b"<< /OpenAction 5 0 R /URI <41 /EF << /F 4 0 R >> >>")
        + TAIL
    )
    for data in (whole[:cut] + junk, whole[: len(whole) - cut], junk + whole[cut:]):
        try:
            document = read_document(Blob(data), budget())
            for one in document.files:
                for _ in read_stream(one, budget()):
                    pass
            for one in document.names:
                string_at(one.value)
        except FormatError:
            pass


@pytest.mark.parametrize(
    "unit", [b"/EF << /F 3 0 R >> ", b"/ObjStm stream\n", b"13 0 obj ", b"/#4A#53 (", b"((((", b"/OpenAction 3 0 R "]
)
def test_work_grows_with_the_file(unit):
    works = []
    for count in (500, 1000):
        spent = budget()
        read_document(Blob(HEAD + unit * count + TAIL), spent)
        works.append(spent.work)
    assert works[1] < 3 * works[0] + 100_000
