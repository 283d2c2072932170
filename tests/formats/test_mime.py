"""The reader of mails: fields, parameters, structure and encodings, and that no byte of a body is lost."""

import base64
import random

import pytest

from emotriage.formats.mime import DEPTH, PARTS, read_mail
from emotriage.formats.mime.header import read_header
from emotriage.formats.mime.parameters import names_of, read_value
from emotriage.formats.mime.text import decode_charset, decode_header, hides_ascii
from emotriage.formats.mime.transfer import (
    base64_end,
    decode_base64,
    decode_quoted_printable,
    encoding_name,
    find_uuencoded,
    looks_base64,
)
from emotriage.model.blob import Blob
from emotriage.model.errors import BudgetSpent, FormatError, Malformed
from emotriage.model.limits import Budget, Limits
from emotriage.testing import mail

HEAD = b"From: a@example.invalid\nTo: b@example.invalid\nSubject: x\n"


def budget() -> Budget:
    return Budget(Limits())


def read(data: bytes):
    return read_mail(Blob(data), budget())


def body(message, part) -> bytes:
    return message.blob.read(part.start, part.stop - part.start)


def test_a_mail_without_structure_is_one_part():
    message = read(HEAD + b"\nhello\n")
    assert [(one.role, one.path, body(message, one)) for one in message.parts] == [("part", "", b"hello\n")]
    assert message.anomalies == ()


def test_parts_have_paths_and_exact_ranges():
    inner = b"Content-Type: multipart/alternative; boundary=in\r\n\r\n--in\r\n\r\na\r\n--in\r\n\r\nb\r\n--in--\r\n"
    data = HEAD + b"Content-Type: multipart/mixed; boundary=out\r\n\r\nintro\r\n--out\r\n" + inner
    message = read(data + b"--out\r\nX: y\r\n\r\nc\r\n\r\n--out--\r\nafter")
    assert [(one.role, one.path, body(message, one)) for one in message.parts] == [
        ("preamble", "", b"intro"),
        ("part", "1.1", b"a"),
        ("part", "1.2", b"b"),
        ("part", "2", b"c\r\n"),
        ("epilogue", "", b"after"),
    ]
    assert message.anomalies == ()


def test_no_byte_of_a_body_is_lost():
    rng = random.Random(7)
    lines = [
        b"--one",
        b"--one--",
        b"--two",
        b"--",
        b"--onex",
        b"",
        b"text",
        b"Content-Type: text/plain",
        b"X: y",
        b" z",
    ]
    lines += [b"Content-Type: multipart/mixed; boundary=two", b"Content-Transfer-Encoding: base64", b"\0", b"QUJD"]
    ends = [b"\r\n", b"\n", b"\r", b"\r\r\n"]
    for _ in range(400):
        text = b"".join(rng.choice(lines) + rng.choice(ends) for _ in range(rng.randrange(40)))
        message = read(HEAD + b"Content-Type: multipart/mixed; boundary=one\n\n" + text)
        covered = bytearray(len(message.blob))
        for part in message.parts:
            assert 0 <= part.start <= part.stop <= message.blob.size
            covered[part.start : part.stop] = b"\1" * (part.stop - part.start)
        rest = bytes(byte for at, byte in enumerate(message.blob.read()) if not covered[at])
        left = {one.strip(b"\r\n \t\0") for one in rest.replace(b"\r", b"\n").split(b"\n")}
        known = {b"X: y", b"z", *HEAD.split(b"\n"), b"Content-Type: text/plain", b"Content-Transfer-Encoding: base64"}
        for one in left:
            assert one in known or one.startswith((b"--", b"Content-Type: multipart")) or not one, (one, text)


def test_bytes_that_are_no_mail_raise_only_what_is_declared():
    rng = random.Random(11)
    sample = mail("text", html="<p>x</p>", attach={"表.txt": b"hello"})
    for _ in range(300):
        mutant = bytearray(sample)
        for _ in range(rng.choice([1, 4, 16])):
            mutant[rng.randrange(len(mutant))] = rng.choice([0, 10, 13, 32, 34, 45, 58, 59, 61, rng.randrange(256)])
        try:
            for part in read(bytes(mutant)).parts:
                part.names()
        except FormatError:
            continue
    with pytest.raises(Malformed):
        read(b"\0\1\2")


def test_limits_are_said():
    many = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * (PARTS + 5)
    message = read(many)
    assert len(message.parts) <= PARTS + 2
    assert [one.code for one in message.anomalies if one.incomplete] == ["too-many-parts"]
    assert message.parts[-1].role == "rest"
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(DEPTH + 4))
    assert "too-deep" in [one.code for one in read(HEAD + deep).anomalies if one.incomplete]


def test_work_is_charged():
    with pytest.raises(BudgetSpent):
        read_mail(
            Blob(HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 9000), Budget(Limits(work=90_000))
        )


@pytest.mark.parametrize("newline", [b"\r\n", b"\n", b"\r", b"\r\r\n"])
def test_fields(newline):
    lines = (b"A: 1", b"B : 2", b"C (note): 3", b"D: 4", b"\tfolded", b"no field", b"E:", b"", b"body")
    header = read_header(Blob(newline.join(lines)), 0, budget())
    assert [(one.name, one.value) for one in header.fields] == [
        ("a", b"1"),
        ("b", b"2"),
        ("c", b"3"),
        ("d", b"4\tfolded"),
        ("e", b""),
    ]
    assert newline.join(lines)[header.end :] == b"body"


def test_a_field_has_its_offset():
    header = read_header(Blob(b"A: 1\r\nB: 2\r\n\r\n"), 0, budget())
    assert [one.offset for one in header.fields] == [0, 6]


def test_a_header_that_ends_without_a_blank_line():
    header = read_header(Blob(b"A: 1\nthis is text\nand more\n"), 0, budget())
    assert header.end == 5
    assert [one.code for one in header.anomalies] == ["no-blank-line"]


def test_parameters():
    value = read_value(b'TEXT/Plain (note); Charset="utf-8" ; name="a;b\\"c"; x = y; x=z')
    assert value.text == "text/plain"
    assert value.parameters == (("charset", b"utf-8"), ("name", b'a;b"c'), ("x", b"y"), ("x", b"z"))
    assert read_value(b"a/b;" + b"p=1;" * 65).cut
    assert not read_value(b"a/b;" + b"p=1;" * 64).cut


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        (b'x; filename="a b.txt"', ("a b.txt",)),
        (b"x; filename=a b.txt", ("a b.txt",)),
        (b"x; filename*=utf-8'ja'%E8%A1%A8.txt", ("表.txt",)),
        (b"x; filename*=iso-2022-jp''%1B%24B%49%3D%1B%28B.txt", ("表.txt",)),
        (b"x; filename*0*=cp932''%95; filename*1*=%5C; filename*2=.txt", ("表.txt",)),
        (b"x; filename*1=b.txt; filename*0=a", ("ab.txt",)),
        (b"x; filename=a.txt; filename=b.txt", ("a.txt", "b.txt")),
        (b'x; filename="=?utf-8?Q?=E8=A1=A8?=.txt"', ("表.txt",)),
        (b'x; filename="\x95\x5c\x95\x5c.txt"', ("表表.txt",)),
        (b'x; filename="\x1b$B%"%"\x1b(B.txt"', ("アア.txt",)),
        (b'x; filename="caf\xe9.txt"', ("café.txt",)),
        (b"x; filename=", ()),
    ],
)
def test_names(raw, names):
    assert names_of([(read_value(raw), "filename")])[0] == names


def test_charsets():
    text = "①㈱髙﨑ソ表テスト"
    assert decode_charset("テスト".encode("iso2022_jp"), "ISO-2022-JP") == "テスト"
    assert decode_charset(b"\x1b$B-!-j\x1b(B", "iso-2022-jp") == "①㈱"
    assert decode_charset(b"\xad\xa1\xad\xea", "euc-jp") == "①㈱"
    assert decode_charset(text.encode("cp932"), "Shift_JIS") == text
    assert decode_charset(text.encode(), "utf-8") == text
    assert decode_charset("テストです".encode("euc_jp"), "euc-jp") == "テストです"
    assert decode_charset(b"\x1b(I6E\x1b(B", "iso-2022-jp") == "ｶﾅ"
    assert decode_charset(b"caf\xe9", "iso-8859-1") == "café"
    assert decode_charset(b"abc", "no-such-charset") == "abc"
    assert decode_charset("テスト".encode("iso2022_jp"), "us-ascii") == "テスト"
    assert decode_charset(bytes(range(256)), "base64")
    assert hides_ascii("UTF-7")
    assert hides_ascii("utf-16le")
    assert not hides_ascii("iso-2022-jp")
    assert not hides_ascii("nonsense")


def test_encoded_words():
    assert decode_header(b"=?utf-8?B?44OG?= =?utf-8?B?44K544OI?=") == "テスト"
    assert decode_header(b"Re: =?iso-8859-1?Q?caf=E9_?= now") == "Re: café  now"
    assert decode_header(b"=?shift_jis?B?lQ==?=\r\n =?Shift_JIS?B?XA==?=") == "表"
    assert decode_header("表ソ".encode("cp932")) == "表ソ"
    assert decode_header("テスト日本".encode("euc_jp")) == "テスト日本"
    assert decode_header(b"=?broken") == "=?broken"


def undone(decode, data: bytes) -> bytes:
    return b"".join(decode(Blob(data), 0, len(data), budget()))


def test_base64():
    rng = random.Random(3)
    for size in (0, 1, 2, 3, 100, 3 << 20):
        data = rng.randbytes(size)
        assert undone(decode_base64, base64.encodebytes(data)) == data
    assert undone(decode_base64, b"QUI=QUI=") == b"ABAB"
    assert undone(decode_base64, b"Q-U*I\xffD") == b"AB\x03"
    assert undone(decode_base64, b"QUJDR") == b"ABC"
    assert base64_end(Blob(b"QUI=\r\n-- \r\nfooter (list)"), 0, 26, budget()) == 4
    assert base64_end(Blob(b"QUI=\r\nQUI=\r\n"), 0, 12, budget()) == 12
    assert looks_base64(base64.encodebytes(bytes(90)))
    assert not looks_base64(b"It is a sentence of words, none of them long enough to be anything else at all. " * 2)


def test_quoted_printable():
    assert undone(decode_quoted_printable, b"a=3Db =\r\nc=\r\n\r\nd=ZZ") == b"a=b c\r\nd=ZZ"
    assert undone(decode_quoted_printable, b"a= \t\r\nb") == b"ab"
    assert undone(decode_quoted_printable, b"a=\rb\n") == b"ab\n"
    assert undone(decode_quoted_printable, b"=41" * 500_000) == b"A" * 500_000


def test_uuencoded_files_are_found():
    data = b"text\nbegin 644 a.txt\n#86)C\n`\nend\nbegin the talk\nbegin 600 b.txt\n#86)C\n"
    found = list(find_uuencoded(Blob(data), 0, len(data), budget()))
    assert [(one.name, one.closed) for one in found] == [(b"a.txt", True), (b"b.txt", False)]


def test_names_of_encodings():
    assert encoding_name(b" BASE64 (yes); ") == "base64"
    assert encoding_name(b"Quoted-Printable") == "quoted-printable"
    assert encoding_name(b"x-uuencode") == "uuencode"
    assert encoding_name(b"8bit") == "identity"
    assert encoding_name(b"x-emotriage") == ""
