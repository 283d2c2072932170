"""LZH, ARJ and ACE archives: names and stored members."""

import struct
import zlib

import pytest

from emotriage import scan
from emotriage.testing import archive, arj, lzh

SCRIPT = b'var shell = new ActiveXObject("WScript.Shell"); shell.Run("emotriage-inert");'


def ace(name: bytes, content: bytes, *, flags: int = 1, method: int = 0) -> bytes:
    def block(raw: bytes) -> bytes:
        return struct.pack("<HH", zlib.crc32(raw) & 0xFFFF, len(raw)) + raw

    main = block(b"\0\0\0**ACE**" + bytes(20))
    head = struct.pack("<BHIIIIIBBHHH", 1, flags, len(content), len(content), 0, 0, 0, method, 3, 0, 0, len(name))
    return main + block(head + name) + content


FILES = {"run.js": SCRIPT}
TWICE = {"a.txt": SCRIPT * 9, "run.js": SCRIPT}
CLEAR = [*(lzh(FILES, level=level) for level in range(3)), arj(FILES), ace(b"run.js", SCRIPT)]
PACKED = [lzh(FILES, method="lh1", level=1), arj(FILES, method=4), ace(b"run.js", SCRIPT, method=1)]
SECRET = [arj(FILES, encrypted=True), ace(b"run.js", SCRIPT, flags=0x4001)]


def looked_at(data):
    verdict = scan(data, name="invoice.bin", plugins=[])
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


@pytest.mark.parametrize(
    "data",
    [
        *(lzh(TWICE, method=method, level=level) for level in range(3) for method in ("lh0", "lh5", "lh6", "lh7")),
        *(arj(TWICE, method=method) for method in range(4)),
    ],
)
def test_every_member_comes_out(data):
    verdict = scan(data, name="invoice.bin", plugins=[])
    assert [(one.name, one.size) for one in verdict.artifacts[1:]] == [
        (name, len(body)) for name, body in TWICE.items()
    ]
    assert "script.starts-programs" in {one.rule for one in verdict.findings}
    assert verdict.complete


@pytest.mark.parametrize("make", [lambda: lzh(FILES, method="lh5"), lambda: arj(FILES, method=1)])
def test_damage_is_a_gap(make):
    data = bytearray(make())
    data[-5] ^= 0x55
    assert not scan(bytes(data), name="invoice.bin", plugins=[]).complete
    for cut in range(40, len(data), 37):
        assert not scan(bytes(data[:cut]), name="invoice.bin", plugins=[]).complete


@pytest.mark.parametrize("data", [lzh(FILES, method="lh5"), arj(FILES, method=1)])
def test_z18_what_lies_behind_the_end_is_looked_at(data):
    verdict = scan(data + archive(files={"invoice.js": SCRIPT}), name="invoice.bin", plugins=[])
    assert "padding.overlay" in {one.rule for one in verdict.findings}
    assert "invoice.js" in [one.name for one in verdict.artifacts]
