"""What a Word document says in its first block, its template and its fields."""

import struct

import pytest

from emotriage.formats.word97 import attached_template, dde_fields, old_macros, read_fib
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import Budget, Limits
from emotriage.testing.word97 import word97_streams


def budget() -> Budget:
    return Budget(Limits())


def fib(ident: int = 0xA5EC, version: int = 193, flags: int = 0x0200) -> bytes:
    return struct.pack("<HHHHHH", ident, version, 0, 0x0409, 0, flags) + bytes(20)


def test_fib():
    found = read_fib(Blob(word97_streams("text")["WordDocument"]))
    assert (found.version, found.old, found.encrypted, found.table) == (193, False, False, "1Table")
    found = read_fib(Blob(fib(flags=0x8100)))
    assert (found.encrypted, found.obfuscated, found.table) == (True, True, "0Table")
    assert read_fib(Blob(fib(0xA5DC, 104))).old


@pytest.mark.parametrize("raw", [b"", fib()[:31], bytes(64)])
def test_no_fib(raw):
    with pytest.raises(Malformed):
        read_fib(Blob(raw))


def test_template():
    streams = word97_streams("text", template="https://templates.invalid/a.dot")
    assert (
        attached_template(Blob(streams["WordDocument"]), Blob(streams["1Table"])) == "https://templates.invalid/a.dot"
    )
    streams = word97_streams("text")
    assert not attached_template(Blob(streams["WordDocument"]), Blob(streams["1Table"]))
    assert not attached_template(Blob(streams["WordDocument"]), Blob(b""))


@pytest.mark.parametrize("text", ["narrow", "\u8acb\u6c42\u66f8 wide"])
@pytest.mark.parametrize("word", ["DDEAUTO", "DDE", "ddeauto"])
def test_dde_fields(text, word):
    command = f'{word} c:\\\\windows\\\\emotriage-inert.exe "/x"'
    streams = word97_streams(text, fields=["DATE", command, "HYPERLINK x"])
    found = list(dde_fields(Blob(streams["WordDocument"]), budget()))
    assert [text.strip() for _, text in found] == [command]


def test_words_that_only_begin_like_dde():
    streams = word97_streams("DDEAUTO in the text", fields=["DDEX a b", "DDEAUTOMATIC", "DATE"])
    assert not list(dde_fields(Blob(streams["WordDocument"]), budget()))


def test_a_field_over_two_windows_is_found_once():
    raw = b"." * ((1 << 20) - 10) + b"\x13 DDEAUTO emotriage-inert a \x14" + b"." * 5000
    assert [text for _, text in dde_fields(Blob(raw), budget())] == ["DDEAUTO emotriage-inert a"]


def old_word(tables: bytes) -> bytes:
    return fib(0xA5DC, 104).ljust(0x118, b"\0") + struct.pack("<II", 0x120, len(tables)) + tables


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        (b"", 0),
        (b"\xff\x40", 0),
        (b"\xff\1\2\0" + bytes(48) + b"\x40", 2),
        (b"\xff\3\1\0" + bytes(14) + b"\1\1\0" + bytes(24) + b"\x40", 1),
        (b"\xff\x77", None),
        (b"\xfe", None),
        (b"\xff\1\xff\xff", 65535),
        (b"\xff", None),
    ],
)
def test_wordbasic(tables, expected):
    assert old_macros(Blob(old_word(tables)), budget()) == expected


def test_truncations():
    streams = word97_streams("text", template="https://templates.invalid/a.dot", fields=["DDE a b"])
    document, table = streams["WordDocument"], streams["1Table"]
    for cut in range(0, len(document), 37):
        part = Blob(document[:cut])
        attached_template(part, Blob(table))
        list(dde_fields(part, budget()))
        old_macros(part, budget())
    for cut in range(0, len(table), 37):
        attached_template(Blob(document), Blob(table[:cut]))
