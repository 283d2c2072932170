"""LZH, ARJ and ACE archives: names and stored members."""

import struct
import zlib

import pytest

from emotriage import Level, scan

SCRIPT = b'var shell = new ActiveXObject("WScript.Shell"); shell.Run("emotriage-inert");'


def lzh(name: bytes, content: bytes, level: int, method: bytes = b"-lh0-") -> bytes:
    numbers = struct.pack("<IIIB", len(content), len(content), 0x21, 0x20)
    if level == 0:
        body = method + numbers + b"\0" + bytes([len(name)]) + name + b"\0\0"
        return bytes([len(body), sum(body) & 0xFF]) + body + content + b"\0"
    record = b"\1" + name
    record = struct.pack("<H", len(record) + 2) + record + b"\0\0"
    if level == 1:
        packed = len(content) + len(record) - 2
        numbers = struct.pack("<IIIB", packed, len(content), 0x21, 0x20)
        body = method + numbers + b"\1\0\0\0M" + record[:2]
        return bytes([len(body), 0]) + body + record[2:] + content + b"\0"
    body = method + numbers + b"\2\0\0M" + record
    return struct.pack("<H", len(body) + 2) + body + content + b"\0"


def arj(name: bytes, content: bytes, *, flags: int = 0, method: int = 0) -> bytes:
    def header(raw: bytes) -> bytes:
        return b"\x60\xea" + struct.pack("<H", len(raw)) + raw + struct.pack("<I", zlib.crc32(raw)) + b"\0\0"

    first = bytes([30, 3, 1, 0, flags, method, 0, 0]) + struct.pack("<III", 0x21, len(content), len(content))
    return (
        header(first.ljust(30, b"\0") + b"a.arj\0\0")
        + header(first.ljust(30, b"\0") + name + b"\0\0")
        + content
        + b"\x60\xea\0\0"
    )


def ace(name: bytes, content: bytes, *, flags: int = 1, method: int = 0) -> bytes:
    def block(raw: bytes) -> bytes:
        return struct.pack("<HH", zlib.crc32(raw) & 0xFFFF, len(raw)) + raw

    main = block(b"\0\0\0**ACE**" + bytes(20))
    head = struct.pack("<BHIIIIIBBHHH", 1, flags, len(content), len(content), 0, 0, 0, method, 3, 0, 0, len(name))
    return main + block(head + name) + content


CLEAR = [*(lzh(b"run.js", SCRIPT, level) for level in range(3)), arj(b"run.js", SCRIPT), ace(b"run.js", SCRIPT)]
PACKED = [lzh(b"run.js", SCRIPT, 1, b"-lh5-"), arj(b"run.js", SCRIPT, method=1), ace(b"run.js", SCRIPT, method=1)]
SECRET = [arj(b"run.js", SCRIPT, flags=1), ace(b"run.js", SCRIPT, flags=0x4001)]


def looked_at(data):
    verdict = scan(data, name="invoice.bin", plugins=[])
    assert verdict.level >= Level.UNVERIFIED
    return {one.rule for one in verdict.findings}


@pytest.mark.parametrize("data", CLEAR)
def test_stored_members_are_looked_at(data):
    found = looked_at(data)
    assert {"archive.lone-active-member", "script.starts-programs"} <= found
    assert "archive.damaged" not in found


@pytest.mark.parametrize("data", PACKED)
def test_packed_members_are_named(data):
    assert {"archive.lone-active-member", "archive.method-not-read"} <= looked_at(data)


@pytest.mark.parametrize("data", SECRET)
def test_encrypted_programs_are_told(data):
    assert {"archive.encrypted-program", "archive.encrypted-member"} <= looked_at(data)


def test_any_cut_is_a_verdict():
    for data in (*CLEAR, *PACKED):
        for cut in range(8, len(data), 5):
            scan(data[:cut], name="a.bin", plugins=[])
