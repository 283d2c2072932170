"""Passive data is clean when nothing active is inside, however it is hidden there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage import Level, scan
from emotriage.formats.active_magic import find_active
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget, Limits

PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010800000000") + bytes(40)
PE = b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0" + bytes(64)
CFB = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + bytes.fromhex("3e000300feff0900") + bytes(480)
LNK = bytes.fromhex("4c0000000114020000000000c000000000000046") + bytes(56)
ZIP = b"PK\3\4\x14\0\0\0\0\0" + bytes(16) + b"\x05\0\0\0a.txt"

ACTIVE = {
    "Windows program": PE,
    "compound file": CFB,
    "Windows shortcut": LNK,
    "ZIP archive": ZIP,
    "PDF document": b"%PDF-1.7\n",
    "RTF document": b"{\\rtf1\\ansi ",
    "page with scripts": b"<SCRIPT language='VBScript'>",
    "HTML application": b"<hta:application id=a>",
    "web archive or mail": b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n",
}
NOISE = [
    b"MZ" + bytes(80),
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(80),
    b"PK\3\4" + bytes(80),
    b"PK\3\4\x14\0\0\0\0\0" + bytes(16) + b"\x05\0\0\0\1\2\3\4\5",
    b"%PDF-" + bytes(10),
    b"{\\rtx}",
    b"<scripture>",
    b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:Description/></x:xmpmeta>",
]


def names_in(data: bytes) -> list[str]:
    return [one.name for one in find_active(Blob(data), Budget(Limits()))]


@pytest.mark.parametrize("name", ACTIVE)
@pytest.mark.parametrize("gap", [0, 1, 5000, (1 << 20) - 90, (1 << 20) + 3])
def test_active_data_is_found_wherever_it_is(name, gap):
    assert names_in(PNG + bytes(range(1, 200)) * (gap // 199) + b"\1" * (gap % 199) + ACTIVE[name]) == [name]


@pytest.mark.parametrize("noise", NOISE)
def test_a_signature_alone_is_noise(noise):
    assert names_in(PNG + noise * 3) == []


def test_what_the_file_itself_begins_with_does_not_count():
    assert names_in(PE) == []


@pytest.mark.parametrize("name", ACTIVE)
def test_a_picture_with_active_data_is_not_clean(name):
    verdict = scan(PNG + ACTIVE[name], name="photo.png")
    assert verdict.artifacts[0].kind == "image"
    assert any(one.rule.startswith("passive.embedded-") for one in verdict.findings)
    assert len(verdict.artifacts) > 1
    if name in ("Windows program", "Windows shortcut", "page with scripts", "HTML application"):
        assert verdict.level >= Level.SUSPICIOUS


@pytest.mark.parametrize(
    "head", [PNG, b"GIF89a" + bytes(40), b"\xff\xd8\xff\xe0" + bytes(60), b"OTTO" + bytes(60), b""]
)
def test_passive_data_alone_is_clean(head):
    verdict = scan(head, name="x")
    assert verdict.level is Level.CLEAN
    assert verdict.complete


def test_padding_between_picture_and_program_changes_nothing():
    verdict = scan(PNG + bytes(3 << 20) + PE, name="photo.png")
    assert "passive.embedded-program" in {one.rule for one in verdict.findings}


@pytest.mark.parametrize(
    "data",
    [
        b"-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n",
        bytes.fromhex("3082010006092a864886f70d010703a082") + bytes(200),
        bytes.fromhex("3082010006092a864886f70d010702a08206092a864886f70d010701a0") + bytes(200),
    ],
)
def test_content_in_a_signature_is_a_gap(data):
    assert scan(data, name="smime.p7m").level is Level.UNVERIFIED


def test_calendar_attachments_become_children():
    data = (
        b"BEGIN:VCALENDAR\r\nATTACH;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=a.bin:ZW1v\r\n dHJp\r\n YWdl\r\n"
        b"URL:https://example.invalid/x\r\nEND:VCALENDAR\r\n"
    )
    verdict = scan(data, name="a.ics")
    assert [one.name for one in verdict.artifacts] == ["a.ics", "a.bin"]
    assert verdict.artifacts[1].size == 9
    assert "https://example.invalid/x" in {one.value for one in verdict.indicators}


@given(st.binary(max_size=300), st.sampled_from(sorted(ACTIVE)), st.integers(0, 64))
def test_damaged_magic_never_raises(junk, name, cut):
    names_in(junk + ACTIVE[name][: len(ACTIVE[name]) - cut] + junk)
