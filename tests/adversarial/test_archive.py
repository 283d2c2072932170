"""Rows Z03 and Z18 to Z20: nested bombs, headers alone, dishonest tar archives, and rows of compressed streams."""

import gzip
import lzma
import sys

import pytest

from emotriage import Level, Limits, scan
from emotriage.testing import archive, bzipped, gzipped, tape, xzipped, zstd
from emotriage.testing.content import Filler
from emotriage.testing.tape import pax_records, tape_header

SCRIPT = b'var shell = new ActiveXObject("WScript.Shell");\nshell.Run("emotriage-inert");\n'
FOUND = "script.starts-programs"


def rules_of(verdict) -> set[str]:
    return {one.rule for one in verdict.findings}


def nested(layers: int) -> bytes:
    """A bomb in the form of 42.zip: each layer holds copies of the next one."""
    data = gzip.compress(bytes(4 << 20))
    for layer in range(layers):
        data = archive(files={f"{number}.bin": data + bytes([number]) for number in range(6)}, method=8)
        data = gzipped(data) if layer % 2 else tape({"a.zip": data})
    return data


def test_z03_a_nested_bomb_ends_in_a_gap():
    limits = Limits(expanded_bytes=64 << 20, work=256 << 20)
    verdict = scan(nested(6), name="a.tar", limits=limits, plugins=[])
    assert verdict.level >= Level.UNVERIFIED
    assert {"scan.limit-reached", "scan.too-deep", "scan.not-reached"} & rules_of(verdict)


def test_z03_depth_ends_in_a_gap():
    data = SCRIPT
    for _ in range(20):
        data = xzipped(data)
    verdict = scan(data, name="a.js.xz", plugins=[])
    assert "scan.too-deep" in rules_of(verdict)
    assert len(verdict.artifacts) == 14
    data = SCRIPT
    for _ in range(12):
        data = xzipped(data)
    assert FOUND in rules_of(scan(data, name="a.js.xz", plugins=[]))


HEADS = {
    "rar": b"Rar!\x1a\x07\x01\0",
    "7z": b"7z\xbc\xaf\x27\x1c\0\4",
    "iso": bytes(0x8001) + b"CD001\1\0",
    "udf": bytes(0x8001) + b"BEA01\1\0",
    "vhd": b"conectix",
    "vhdx": b"vhdxfile",
    "cab": b"MSCF\0\0\0\0",
    "ace": bytes(7) + b"**ACE**",
    "arj": b"\x60\xea",
    "lzh": b"\x20\0-lh5-",
    "z": b"\x1f\x9d\x90",
    "tar": bytes(257) + b"ustar\x0000",
    "gz": b"\x1f\x8b\x08",
    "bz2": b"BZh9",
    "xz": b"\xfd7zXZ\0",
    "zst": b"\x28\xb5\x2f\xfd",
}


@pytest.mark.parametrize("form", HEADS)
@pytest.mark.parametrize("size", [0, 600])
def test_z18_a_header_alone_is_never_clean(form, size):
    verdict = scan(HEADS[form].ljust(size, b"\0"), name=f"a.{form}", plugins=[])
    assert verdict.level >= Level.UNVERIFIED
    assert verdict.gaps


def member(name: str, content: bytes = SCRIPT, **fields: object) -> bytes:
    return tape_header({"name": name, "size": len(content), **fields}) + content + bytes(-len(content) % 512)


LOOP = pax_records({"path": "x"}).ljust(512, b"\0")
TAPES = {
    "negative size": tape_header({"name": "a", "size": -512}),
    "size of all ones": tape_header({"name": "a", "size": b"\xff" * 12}),
    "size past the end": member("first.js") + tape_header({"name": "a", "size": 1 << 62}),
    "records in a row": (tape_header({"name": "x", "type": "x", "size": 10}) + LOOP) * 5000,
    "long name of 2 GB": tape_header({"name": "././@LongLink", "type": "L", "size": 2 << 30, "magic": b"ustar  \0"}),
    "long name in base 256": tape_header(
        {"name": "././@LongLink", "type": "L", "size": 1 << 80, "magic": b"ustar  \0"}
    ),
    "records that lie": tape_header({"name": "x", "type": "x", "size": 20}) + b"99999 path=../../a\n".ljust(512, b"\0"),
    "sparse": tape_header({"name": "a", "type": "S", "size": 0, "sparse": b"\xff" * 97}) + b"\xff" * 512 * 40,
    "sparse by record": member("x", pax_records({"GNU.sparse.major": "1", "GNU.sparse.realsize": "9" * 30}), type="x"),
    "several volumes": member("a", type="M"),
}


@pytest.mark.parametrize("form", TAPES)
def test_z19_dishonest_tapes_leave_a_gap_and_hide_nothing(form):
    data = TAPES[form] + member("invoice.js") + bytes(1024)
    verdict = scan(data, name="a.tar", limits=Limits(work=64 << 20), plugins=[])
    assert verdict.gaps
    assert verdict.level >= Level.UNVERIFIED
    assert FOUND in rules_of(verdict)
    assert "scan.limit-reached" not in rules_of(verdict)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("../../a.txt", {}), ("/etc/a.txt", {}), ("C:\\a.txt", {}), ("\\\\198.51.100.1\\a\\b.txt", {}), ("con.txt", {}),
        ("a", {"type": "2", "link": "../../b", "size": 0}), ("a", {"type": "1", "link": "/etc/b", "size": 0}),
        ("a", {"type": "3", "size": 0}), ("a", {"type": "6", "size": 0}),
    ],
)  # fmt: skip
def test_z19_what_leads_out_of_the_folder_is_told(name, fields):
    data = member(name, b"" if fields else b"text", **fields) + bytes(1024)
    assert "archive.unsafe-name" in rules_of(scan(data, name="a.tar", plugins=[]))


PACK = {"gz": gzipped, "bz2": bzipped, "xz": xzipped, "zst": zstd}


@pytest.mark.parametrize("form", PACK)
def test_z20_a_thousand_streams_are_one_content(form):
    third = len(SCRIPT) // 3
    pieces = [SCRIPT[:third], *[b""] * 499, SCRIPT[third : 2 * third], *[b""] * 498, SCRIPT[2 * third :]]
    packed = {piece: PACK[form](piece) for piece in pieces}
    data = b"".join(packed[piece] for piece in pieces)
    verdict = scan(data, name=f"a.js.{form}", limits=Limits(work=64 << 20), plugins=[])
    assert FOUND in rules_of(verdict)
    assert verdict.complete
    assert verdict.artifacts[1].size == len(SCRIPT)


@pytest.mark.parametrize("form", PACK)
def test_z20_garbage_behind_is_told_and_looked_at(form):
    packed = PACK[form](b"Present: all.\r\n")
    verdict = scan(packed + archive(files={"invoice.js": SCRIPT}), name=f"a.{form}", plugins=[])
    assert {"padding.overlay", FOUND} <= rules_of(verdict)
    noise = scan(packed + bytes(range(1, 256)) * 400, name=f"a.{form}", plugins=[])
    assert "padding.overlay" in rules_of(noise)


@pytest.mark.parametrize("form", PACK)
def test_z20_garbage_behind_a_giant_is_a_gap(form):
    packed = PACK[form](Filler(20 << 20)) if form != "xz" else lzma.compress(bytes(20 << 20), preset=0)
    assert scan(packed, name=f"a.{form}", plugins=[]).artifacts[1].size == 20 << 20
    verdict = scan(packed + archive(files={"invoice.js": SCRIPT}), name=f"a.{form}", plugins=[])
    assert verdict.gaps


def test_z20_a_dictionary_of_4_gib_is_a_gap():
    verdict = scan(xzipped(SCRIPT, dictionary=40), name="a.js.xz", plugins=[])
    assert [one.rule for one in verdict.gaps] == ["scan.unsupported"]
    assert verdict.level is Level.UNVERIFIED


def test_z20_a_window_of_256_mib_is_a_gap():
    verdict = scan(zstd(SCRIPT * 9000, window=0x90), name="a.js.zst", plugins=[])
    assert [one.rule for one in verdict.gaps] == ["scan.unsupported"]
    assert verdict.level is Level.UNVERIFIED


def test_z20_zstandard_without_its_package_is_a_gap_that_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "zstandard", None)
    verdict = scan(zstd(SCRIPT), name="a.js.zst", plugins=[])
    assert ["zstandard" in one.evidence[0].text for one in verdict.gaps] == [True]
    assert verdict.level is Level.UNVERIFIED


def test_z20_frames_that_hold_nothing_are_skipped():
    skipped = b"\x50\x2a\x4d\x18\x04\0\0\0abcd"
    half = len(SCRIPT) // 2
    verdict = scan(zstd(SCRIPT[:half]) + skipped + zstd(SCRIPT[half:]), name="a.js.zst", plugins=[])
    assert FOUND in rules_of(verdict)
    assert verdict.complete
