"""RAR archives of both formats: names, what is stored, and what stays shut."""

import pytest

from emotriage import Level, Limits, scan
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
@pytest.mark.parametrize("solid", [False, True])
@pytest.mark.parametrize("filtered", ["", "delta", "e8", "e8e9"])
def test_packed_members_are_looked_at(version, solid, filtered):
    files = {"minutes.txt": b"Minutes of the meeting. " * 40, "run.js": SCRIPT, "end.txt": b"Minutes of the meeting"}
    data = rar(files, version=version, method=3, solid=solid, filtered=filtered)
    verdict, found, names = looked_at(data)
    assert names[1:] == list(files)
    assert "script.starts-programs" in found
    assert verdict.complete


def test_ppmd_is_a_gap_with_the_names():
    verdict, found, _ = looked_at(rar({"run.js": b"x", "b.txt": b"x"}, version=4, method=3, defects=["ppmd"]))
    assert {"archive.method-not-read", "archive.active-member"} <= found
    assert verdict.level == Level.UNVERIFIED
    told = next(one for one in verdict.findings if one.rule == "archive.method-not-read")
    assert [one.text for one in told.evidence] == ["run.js", "b.txt"]
    assert told.evidence[0].where == "RAR method PPMd"


@BOTH
@pytest.mark.parametrize("method", [0, 3])
@pytest.mark.parametrize("solid", [False, True])
def test_e04_a_password_at_hand_opens_members(version, method, solid):
    files = {"minutes.txt": b"Minutes of the meeting", "run.js": SCRIPT}
    data = rar(files, version=version, method=method, solid=solid, encrypted=files, password="infected")
    verdict, found, names = looked_at(data)
    assert names[1:] == list(files)
    assert {"archive.opened-with-password", "script.starts-programs", "archive.encrypted-program"} <= found
    assert verdict.complete


@BOTH
def test_e04_a_password_at_hand_opens_names(version):
    data = rar({"run.js": SCRIPT}, version=version, method=3, encrypted_names=True, password="infected")
    verdict, found, _ = looked_at(data)
    assert {"archive.opened-with-password", "script.starts-programs"} <= found
    assert "archive.encrypted-names" not in found
    assert verdict.complete


@BOTH
def test_e02_an_unknown_password_leaves_everything_shut(version):
    data = rar({"a.txt": b"x" * 99}, version=version, method=3, encrypted=["a.txt"], password="nobody-knows")
    verdict = scan(data, name="a.rar", plugins=[], limits=Limits(key_rounds=600_000))
    assert "archive.encrypted-member" in {one.rule for one in verdict.findings}
    assert not verdict.complete
    data = rar({"a.txt": b"x" * 99}, version=version, encrypted_names=True, password="nobody-knows")
    verdict = scan(data, name="a.rar", plugins=[], limits=Limits(key_rounds=600_000))
    assert "archive.encrypted-names" in {one.rule for one in verdict.findings}


def test_e06_without_a_check_value_the_checksum_tells():
    data = rar({"run.js": SCRIPT}, method=3, encrypted=["run.js"], password="infected", defects=["no-check"])
    verdict, found, _ = looked_at(data)
    assert "script.starts-programs" in found
    assert verdict.complete


@BOTH
def test_a_wrong_checksum_hides_nothing_of_a_solid_archive(version):
    files = {"a.txt": b"Minutes", "run.js": SCRIPT}
    verdict, found, _ = looked_at(rar(files, version=version, method=3, solid=True, defects=["bad-content-crc"]))
    assert {"archive.damaged", "script.starts-programs"} <= found
    assert not verdict.complete


@BOTH
def test_e07_encrypted_program_beside_a_clear_decoy(version):
    files = {"minutes.txt": b"Minutes", "run.js": SCRIPT}
    data = rar(files, version=version, encrypted=["run.js"], password="nobody-knows")
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
