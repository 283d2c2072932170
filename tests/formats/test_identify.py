"""What a blob is shows in its bytes, and a magic number alone is never clean."""

import pytest

from emotriage import Level, scan
from emotriage.catalogue.kinds import KINDS
from emotriage.formats.identify import _MAGIC, identify
from emotriage.model.analyzer import Subject
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget, Limits


def _kind(data):
    return identify(Subject(Blob(data), "", "", Budget(Limits())))


@pytest.mark.parametrize(("offset", "magic", "kind"), _MAGIC)
def test_signatures(offset, magic, kind):
    data = bytes([0x11]) * offset + magic + bytes(range(28)) * 4
    assert _kind(data) == kind
    assert kind in KINDS


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "empty"),
        (b"Dear customer,\nplease find the invoice attached.\n", "text"),
        ("請求書をお送りします。\n".encode("cp932") * 5, "text"),
        ("請求書をお送りします。\n".encode("utf-16"), "text"),
        (b"%PDF-1.7\n1 0 obj\n", "pdf"),
        (b"\r\n\r\n%PDF-1.4 x", "pdf"),
        (b"<!DOCTYPE html><html><body>x</body></html>", "html"),
        (b"\xef\xbb\xbf<html><head>", "html"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "svg"),
        (b'<?xml version="1.0"?><note>x</note>', "xml"),
        (b'<?xml version="1.0"?><pkg:package xmlns:pkg="x">', "word-xml"),
        (b"[InternetShortcut]\r\nURL=http://a.invalid/\r\n", "url"),
        (b"ID;PWXL;N;E\r\nC;X1;Y1;K1\r\n", "slk"),
        (b"From: a@b.invalid\r\nTo: c@d.invalid\r\nSubject: x\r\nDate: y\r\n\r\nhello", "mail"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x", "mht"),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "calendar"),
        (b"-----BEGIN PKCS7-----\nabc", "signature"),
        (b"  -lh5-" + bytes(30), "lzh"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image"),
        (b"[InternetShortcut]\r\nURL=http://a.invalid/\r\n" + bytes(300), "url"),
        (b'GIF89a = 1\nSet s = CreateObject("WScript.Shell")\ns.Run "emotriage-inert"\n', "script"),
        (b'ID3 = 1\nSet s = CreateObject("WScript.Shell")\ns.Run "emotriage-inert"\n', "script"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "media"),
        (bytes(range(256)) * 4, "unknown"),
        (b"\x89PNG\r\n\x1a\n".ljust(0x8001, b"\0") + b"CD001" + bytes(100), "iso"),
        (b"\x89PNG\r\n\x1a\n" + bytes(4000) + b"conectix" + bytes(504), "disk-image"),
        (b"{\\rtf1\r\n[InternetShortcut]\r\nURL=http://a.invalid/\r\n", "rtf"),
        (b"/*\r\n[InternetShortcut]\r\n*/\r\nnew ActiveXObject('WScript.Shell').Run('emotriage-inert');", "text"),
        (b"; a comment\r\n[Other]\r\nA=1\r\n[InternetShortcut]\r\nURL=http://a.invalid/\r\n", "url"),
        (b"//-----BEGIN P\r\n" + b"new ActiveXObject('WScript.Shell').Run('emotriage-inert');\n" * 3, "text"),
        (b"// %PDF-1.4\n" + b"new ActiveXObject('WScript.Shell').Run('emotriage-inert');\n" * 3, "pdf"),
        (b"x" * 3000 + b"\n  <html><script>", "html"),
        (b"@echo off\r\nstart emotriage-inert.exe\r\n" + bytes(range(256)) * 80, "script"),
        (b"#@~^AAAAAA==\x01\x02\x03" * 20, "script"),
        (b"foo\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x", "mht"),
        (b" {\\rtf1 x}", "rtf"),
        (b"\r\n" * 17000 + b'<?xml version="1.0"?><?mso-application progid="Word.Document"?>', "word-xml"),
        (bytes(0x8001) + b"CD001" + bytes(100), "iso"),
        (b"\x11" * 4096 + b"conectix" + bytes(504), "disk-image"),
    ],
)
def test_shapes(data, kind):
    assert _kind(data) == kind


@pytest.mark.parametrize("magic", sorted({magic for offset, magic, _ in _MAGIC if not offset}))
def test_a_magic_number_alone_is_not_clean_unless_passive(magic):
    verdict = scan(magic, plugins=[])
    kind = KINDS[verdict.artifacts[0].kind]
    assert verdict.level is not Level.CLEAN or kind.treatment == "passive" or kind.name == "text"


def test_the_name_does_not_matter():
    for name in ("a.exe", "a.txt", "a.doc", ""):
        assert scan(b"{\\rtf1 x}", name=name, plugins=[]).artifacts[0].kind == "rtf"
