"""Texts of controls: on a form, and on a page of Word."""

import struct

import pytest

from emotriage.formats.cfb import read_compound_file
from emotriage.formats.vba.oforms import read_controls
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget, Limits
from emotriage.testing import document
from emotriage.testing.compound_file import compound_file


def controls(data: bytes) -> dict[str, dict[str, str]]:
    budget = Budget(Limits())
    return {one.path: one.fields for one in read_controls(read_compound_file(Blob(data), budget), budget)}


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def morph(value: str, *, wide: bool = False, group: str = "") -> bytes:
    """A text box ([MS-OFORMS] 2.2.5) with the properties that Office writes for one."""
    raw = value.encode("utf-16-le" if wide else "latin-1")
    mask = 1 | 1 << 8 | 1 << 22 | 1 << 31 | (1 << 32 if group else 0)
    fixed = struct.pack("<II", 0x2C80481B, len(raw) | (0 if wide else 1 << 31))
    extra = struct.pack("<II", 0x1A, 0x23) + padded(raw)
    if group:
        fixed += struct.pack("<I", len(group) | 1 << 31)
        extra += padded(group.encode())
    body = struct.pack("<Q", mask) + fixed + extra
    return struct.pack("<BBH", 0, 2, len(body)) + body


def label(caption: str) -> bytes:
    body = struct.pack("<I", 1 << 3 | 1 << 5) + struct.pack("<I", len(caption) | 1 << 31)
    body += padded(caption.encode()) + struct.pack("<II", 1, 2)
    return struct.pack("<BBH", 0, 2, len(body)) + body


def site(name: str, tag: str, size: int, kind: int) -> bytes:
    mask = 1 | 2 | 1 << 5 | 1 << 7
    body = struct.pack("<I", mask) + struct.pack("<III", len(name) | 1 << 31, len(tag) | 1 << 31, size)
    body += padded(struct.pack("<H", kind)) + padded(name.encode()) + padded(tag.encode())
    return struct.pack("<HH", 0, len(body)) + body


def form(*sites: bytes) -> bytes:
    body = struct.pack("<I", 1 << 3) + struct.pack("<I", 9)
    head = struct.pack("<BBH", 0, 4, len(body) - 4 + 4) + body
    depths = padded(bytes([0, 1] * len(sites)))
    listed = b"".join(sites)
    return head + struct.pack("<H", 0) + struct.pack("<II", len(sites), len(depths) + len(listed)) + depths + listed


@pytest.mark.parametrize(
    ("text", "wide"), [("emotriage-inert", False), ("請求書 emotriage", True), ("x" * 9000, False)]
)
def test_a_control_on_the_page(text, wide):
    streams = {
        "ObjectPool/_1/contents": morph(text, wide=wide, group="g"),
        "ObjectPool/_1/\x03OCXNAME": "Box1\0\0".encode("utf-16-le"),
    }
    found = controls(document(format="doc", macros={"M": "Sub A()\nEnd Sub\n"}, streams=streams))
    assert found == {"box1": {"value": text, "text": text, "groupname": "g"}}


def test_controls_of_a_form():
    text, shown = morph("emotriage-inert"), label("Total:")
    streams = {
        "UserForm1/f": form(site("Box1", "a tag", len(text), 23), site("Label1", "", len(shown), 21)),
        "UserForm1/o": text + shown,
    }
    found = controls(compound_file(streams))
    assert found["userform1.box1"] == {"value": "emotriage-inert", "text": "emotriage-inert", "tag": "a tag"}
    assert found["userform1.label1"]["caption"] == "Total:"


@pytest.mark.parametrize("data", [b"", b"\0" * 4, b"\xff" * 64, b"\0\2\xff\xff" + b"\xff" * 200, bytes(range(256))])
def test_damage_ends_quietly(data):
    controls(compound_file({"F/f": data, "F/o": data, "P/contents": data, "P/\x03OCXNAME": data or b"a\0"}))
