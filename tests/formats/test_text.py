"""Text comes out of bytes in the encoding they are in, without the padding around it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.formats.text import content_bytes, decode_text, encoding_of
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget, Limits
from emotriage.model.padding import RunFinder

SCRIPT = 'var a = "b";\r\neval(a);\r\n'
JAPANESE = "添付ファイルを確認してください。よろしくお願いいたします。"


def text_of(data: bytes, limit: int = 8 << 20) -> str:
    blob = Blob(data)
    runs = RunFinder()
    runs.feed(data)
    blob.holes = runs.finish()
    return decode_text(blob, Budget(Limits()), limit)


@pytest.mark.parametrize(
    "data",
    [
        SCRIPT.encode("utf-8-sig"),
        b"\xff\xfe" + SCRIPT.encode("utf-16-le"),
        b"\xfe\xff" + SCRIPT.encode("utf-16-be"),
        SCRIPT.encode("utf-16-le"),
        SCRIPT.encode("utf-16-be"),
        SCRIPT.encode(),
    ],
)
def test_encodings_of_ascii(data):
    assert text_of(data) == SCRIPT


@pytest.mark.parametrize("codec", ["utf-8", "cp932", "iso2022_jp", "utf-8-sig", "utf-16"])
def test_encodings_of_japanese(codec):
    assert text_of(JAPANESE.encode(codec)) == JAPANESE


def test_what_is_left_is_one_character_a_byte():
    assert text_of(b"Gr\xfc\xdfe \x80\xff.") == "Gr\xfc\xdfe \x80\xff."
    assert encoding_of(bytes(range(256))) == ("latin-1", 0)


def test_a_character_cut_at_the_limit_does_not_change_the_encoding():
    data = JAPANESE.encode()
    assert text_of(data, limit=len(data) - 1).startswith(JAPANESE[:-2])


@pytest.mark.parametrize("fill", [0, 0x20, 0x0A])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16"])
@pytest.mark.parametrize("size", [200_000, 200_001])
def test_padding_is_read_around(fill, codec, size):
    first, second = "var a = 1;\n" * 9, "eval(b);\n" * 9
    mark = b"\xff\xfe" if codec == "utf-16" else b""
    body = codec if codec == "utf-8" else "utf-16-le"
    data = mark + first.encode(body) + bytes([fill]) * size + second.encode(body)
    if (len(mark) + len(first.encode(body)) + size) % 2 and body != "utf-8":
        return  # the padding itself puts what follows out of step
    text = text_of(data)
    assert text.startswith(first)
    assert second in text
    assert len(text) < 20_000


def test_padding_in_front_of_the_mark():
    assert text_of(b"\0" * 100_000 + b"\xef\xbb\xbf" + SCRIPT.encode()) == SCRIPT


def test_content_bytes_leaves_holes_out():
    data = b"x" * 1000 + b"\0" * (1 << 20) + b"y" * 1000
    blob = Blob(data)
    runs = RunFinder()
    runs.feed(data)
    blob.holes = runs.finish()
    assert content_bytes(blob) == 2000 + 2 * 4096
    assert content_bytes(Blob(data)) == len(data)


@given(st.binary(max_size=400))
def test_any_bytes_are_text(data):
    assert isinstance(text_of(data), str)
    assert text_of(data) == text_of(data)


@given(st.text(max_size=300))
def test_work_is_what_was_read(text):
    data = text.encode("utf-8", "replace")
    budget = Budget(Limits())
    decode_text(Blob(data), budget)
    assert budget.work == len(data)
