"""Rows Y03 and Y04 in part: pictures and archives that are pages as well; what either reader finds is found."""

import struct
import zlib

import pytest

from emotriage import Level, scan
from emotriage.testing import archive, page

SCRIPT = b'var shell = new ActiveXObject("WScript.Shell");\r\nshell.Run("emotriage-inert");\r\n'
APPLICATION = b"<html><head><hta:application id=dates></head><body><script>" + SCRIPT + b"</script></body></html>"
PAGE = page(
    "<html><body><script>saveAs(new Blob([Uint8Array.from(atob('{file}'), c => c.charCodeAt(0))]), 'dates.zip');"
    "</script></body></html>",
    archive(files={"dates.js": SCRIPT}),
)


def rules_of(verdict) -> set[str]:
    return {one.rule for one in verdict.findings}


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _png(comment: bytes) -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixels = _chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + head + _chunk(b"tEXt", b"Comment\0" + comment) + pixels + _chunk(b"IEND", b"")


def _gif(comment: bytes) -> bytes:
    pieces = [comment[at : at + 255] for at in range(0, len(comment), 255)]
    blocks = b"".join(bytes([len(one)]) + one for one in pieces)
    return b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff!\xfe" + blocks + b"\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"


def _jpeg(comment: bytes) -> bytes:
    return (
        b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xfe"
        + struct.pack(">H", len(comment) + 2)
        + comment
        + (b"\xff\xd9")
    )


PICTURES = {"png": _png, "gif": _gif, "jpg": _jpeg}


@pytest.mark.parametrize("suffix", ["hta", "own"])
@pytest.mark.parametrize("kind", PICTURES)
def test_y03_picture_that_is_an_application(kind, suffix):
    whole = PICTURES[kind](b"") + APPLICATION
    inside = PICTURES[kind](APPLICATION)
    for data in (whole, inside):
        verdict = scan(data, name=f"dates.{kind if suffix == 'own' else suffix}")
        assert verdict.artifacts[0].kind == "image"
        assert "passive.embedded-script" in rules_of(verdict)
        assert verdict.level >= Level.SUSPICIOUS
    assert "script.would-start" in rules_of(scan(whole, name=f"dates.{kind}"))


@pytest.mark.parametrize("name", ["dates.html", "dates.zip", "dates.hta"])
@pytest.mark.parametrize("form", ["page-first", "archive-first", "application-first"])
def test_y04_archive_that_is_a_page(form, name):
    packed = archive(files={"minutes.js": SCRIPT})
    data = {
        "page-first": PAGE + packed,
        "archive-first": packed + PAGE,
        "application-first": APPLICATION + packed,
    }[form]
    verdict = scan(data, name=name)
    names = {one.name for one in verdict.artifacts}
    assert "minutes.js" in names, "the archive is opened"
    if form != "application-first":
        assert "html.smuggles-file" in rules_of(verdict), "and the page is read"
        assert {"dates.js", "minutes.js"} <= names
    assert verdict.level >= Level.SUSPICIOUS


def test_y04_the_twin_is_a_page_alone():
    quiet = b"<html><body><p>Dates are on Tuesdays.</p></body></html>"
    assert scan(quiet, name="dates.html").level is Level.CLEAN
    assert "minutes.txt" in {
        one.name for one in scan(quiet + archive(files={"minutes.txt": b"Tuesday\n" * 9}), name="dates.html").artifacts
    }
