"""ActiveMime, web archives and Word documents in one XML file: the macros in them are found wherever they travel."""

import base64
import struct
import zlib

import pytest

from emotriage import Level, Limits, scan
from emotriage.formats.activemime import unpack_activemime
from emotriage.formats.word_xml import read_binary_parts
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import Budget
from emotriage.testing import vba_project

PROJECT = vba_project({"Module1": 'Sub AutoOpen()\n Shell "emotriage-inert"\nEnd Sub\n'})
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
WORD = "http://schemas.microsoft.com/office/word/2003/wordml"
PACKAGE = "http://schemas.microsoft.com/office/2006/xmlPackage"


def active_mime(content, fields=50):
    return b"ActiveMime\0\0\x01\xf0\4\0\0\0\xff\xff\xff\xff".ljust(fields, b"\0") + zlib.compress(content)


def spelled(data):
    return base64.encodebytes(data).decode()


def web_archive(data):
    return (
        'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n--x\r\nContent-Location: a.htm\r\n'
        "Content-Type: text/html\r\n\r\n<html><body>Minutes</body></html>\r\n--x\r\nContent-Location: editdata.mso\r\n"
        "Content-Transfer-Encoding: base64\r\nContent-Type: application/x-mso\r\n\r\n" + spelled(data) + "\r\n--x--\r\n"
    ).encode()


def word_2003(data, name="editdata.mso"):
    return (
        f'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument xmlns:w="{WORD}">'
        f'<w:docSuppData><w:binData w:name="{name}">{spelled(data)}</w:binData></w:docSuppData></w:wordDocument>'
    ).encode()


def flat_package(data):
    return (
        f'<?xml version="1.0"?><?mso-application progid="Word.Document"?><pkg:package xmlns:pkg="{PACKAGE}">'
        '<pkg:part pkg:name="/word/odd.bin"><pkg:binaryData>' + spelled(data) + "</pkg:binaryData></pkg:part>"
        "</pkg:package>"
    ).encode()


@pytest.mark.parametrize(
    "data",
    [
        active_mime(PROJECT),
        active_mime(PROJECT, fields=0x22A),
        web_archive(active_mime(PROJECT)),
        word_2003(active_mime(PROJECT)),
        flat_package(PROJECT),
        PDF + web_archive(active_mime(PROJECT)),
        PDF + word_2003(active_mime(PROJECT)),
        b"%PDF-1.4\n" + web_archive(active_mime(PROJECT)),
    ],
    ids=["mso", "mso-far", "mht", "word-2003", "flat-opc", "pdf-mht", "pdf-xml", "header-mht"],
)
def test_macros_are_found_in_every_wrapping(data):
    verdict = scan(data, name="minutes.doc", plugins=[])
    assert {"vba.autorun", "vba.execute"} <= {one.rule for one in verdict.findings}
    assert verdict.level >= Level.SUSPICIOUS


def test_a_web_archive_of_text_is_clean():
    assert scan(web_archive(b"Hello"), name="page.mht", plugins=[]).level is Level.CLEAN


def test_what_breaks_off_is_a_gap():
    for data in (active_mime(PROJECT)[:200], active_mime(PROJECT)[:50], b"ActiveMime" + bytes(90)):
        verdict = scan(data, name="editdata.mso", plugins=[])
        assert not verdict.complete
        assert verdict.level >= Level.UNVERIFIED


def test_the_first_compressed_stream_is_not_always_the_content():
    decoy = b"ActiveMime\0\0" + zlib.compress(b"nothing") + zlib.compress(PROJECT)
    assert b"".join(unpack_activemime(Blob(decoy), Budget(Limits()))) == PROJECT
    with pytest.raises(Malformed):
        list(unpack_activemime(Blob(b"ActiveMine"), Budget(Limits())))


@pytest.mark.parametrize("before", [0, 5000, (1 << 20) - 90, (1 << 20) + 17])
def test_a_part_longer_than_any_string_is_read_from_the_bytes(before):
    content = struct.pack("<I", 7) * 3000
    data = word_2003(content, name="x").replace(b"<w:docSuppData>", b"<w:docSuppData>" + b" " * before)
    found = []
    parts = list(read_binary_parts(Blob(data), Budget(Limits(string_bytes=4096)), found))
    assert found == []
    (part,) = parts
    assert b"".join(part.content(Budget(Limits()))) == content


def test_a_long_part_that_is_not_read_is_named():
    data = word_2003(b"x" * 6000).decode().encode("utf-16")
    found = []
    assert list(read_binary_parts(Blob(data), Budget(Limits(string_bytes=4096)), found)) == []
    assert [one.code for one in found] == ["xml-text-cut"]
