"""RAR archives of both formats: names, what is stored, and what stays shut."""

import pytest

from emotriage import Level, scan
from emotriage.testing import rar

SCRIPT = b'var shell = new ActiveXObject("WScript.Shell");\r\nshell.Run("emotriage-inert");\r\n'
BOTH = pytest.mark.parametrize("version", [4, 5])


def looked_at(data, name="invoice.rar"):
    verdict = scan(data, name=name, plugins=[])
    return verdict, {one.rule for one in verdict.findings}, [one.name for one in verdict.artifacts]


@BOTH
def test_stored_members_are_looked_at(version):
    verdict, found, names = looked_at(
        rar({"minutes.txt": b"Minutes of the meeting", "run.js": SCRIPT}, version=version)
    )
    assert names[1:] == ["minutes.txt", "run.js"]
    assert "script.starts-programs" in found
    assert verdict.complete


@BOTH
def test_packed_members_are_a_gap_with_their_names(version):
    verdict, found, _ = looked_at(rar({"run.js": b"packed", "b.txt": b"packed"}, version=version, method=3))
    assert {"archive.method-not-read", "archive.active-member"} <= found
    assert verdict.level == Level.UNVERIFIED
    told = next(one for one in verdict.findings if one.rule == "archive.method-not-read")
    assert [one.text for one in told.evidence] == ["run.js", "b.txt"]


@BOTH
def test_e07_encrypted_program_beside_a_clear_decoy(version):
    data = rar({"minutes.txt": b"Minutes", "run.js": bytes(32)}, version=version, encrypted=["run.js"])
    verdict, found, names = looked_at(data)
    assert {"archive.encrypted-member", "archive.encrypted-program"} <= found
    assert "minutes.txt" in names
    assert not verdict.complete


@BOTH
def test_e02_encrypted_names(version):
    verdict, found, names = looked_at(rar({"run.js": SCRIPT}, version=version, encrypted_names=True))
    assert "archive.encrypted-names" in found
    assert names == ["invoice.rar"]
    assert verdict.level >= Level.UNVERIFIED


@BOTH
def test_streams_comments_and_names_of_other_letters(version):
    data = rar({"請求書.txt": b"Minutes"}, version=version, streams={"請求書.txt:run.js": SCRIPT}, comment="Agenda")
    verdict, found, names = looked_at(data)
    assert {"請求書.txt", "請求書.txt:run.js", "comment"} <= set(names)
    assert "script.starts-programs" in found
    assert verdict.complete


@BOTH
def test_links_and_names_that_lead_out(version):
    _, found, _ = looked_at(rar({"a.txt": b"x"}, version=version, links={"b.txt": "../../b.txt"}))
    assert "archive.unsafe-name" in found
    _, found, _ = looked_at(rar({"../a.txt": b"x"}, version=version))
    assert "archive.unsafe-name" in found


@BOTH
@pytest.mark.parametrize("defect", ["bad-content-crc", "bad-header-crc", "split", "truncated"])
def test_damage_is_a_gap(version, defect):
    verdict, _, _ = looked_at(rar({"minutes.txt": b"Minutes of the meeting"}, version=version, defects=[defect]))
    assert not verdict.complete


@BOTH
def test_any_cut_is_a_verdict(version):
    data = rar({"minutes.txt": b"Minutes", "b/": b""}, version=version, links={"c": "d"}, comment="x")
    for cut in range(1, len(data)):
        assert scan(data[:cut], name="a.rar", plugins=[]).level >= Level.CLEAN
