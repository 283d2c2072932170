"""What the ZIP container hands out and reports."""

import io
import random
import zipfile
import zlib
from contextlib import suppress

import pytest

from emotriage.containers.zip import ANALYZER
from emotriage.model.analyzer import Child, Subject
from emotriage.model.blob import Blob
from emotriage.model.errors import BudgetSpent, FormatError
from emotriage.model.finding import Finding
from emotriage.model.limits import MIB, Budget, Limits
from emotriage.model.spool import Spooled, spool
from emotriage.testing import archive, overlap

FILES = {"a.txt": b"first " * 100, "b/c.txt": b"second", "b/": b""}


def look(data: bytes, **limits: int):
    """(children by name, findings by rule) of an archive."""
    found = list(ANALYZER.run(Subject(Blob(data), "zip", "x.zip", Budget(Limits(**limits)))))
    children = {one.name: one for one in found if isinstance(one, Child)}
    findings = {one.rule: one for one in found if isinstance(one, Finding)}
    return children, findings


def content(child: Child) -> bytes:
    if isinstance(child.content, Blob):
        return child.content.read()
    if isinstance(child.content, Spooled):
        return child.content.blob.read()
    return b"".join(child.content(Budget(Limits())))


def texts(finding: Finding) -> list[str]:
    return [one.text for one in finding.evidence]


def gaps(findings) -> set[str]:
    return {name for name, one in findings.items() if one.incomplete}


def test_every_member_becomes_a_child_with_its_own_content():
    children, findings = look(archive(FILES, method=8))
    assert {name: content(one) for name, one in children.items()} == {"a.txt": b"first " * 100, "b/c.txt": b"second"}
    assert list(children) == ["a.txt", "b/c.txt"]
    assert not findings


def test_encrypted_members_leave_a_gap_that_names_them():
    children, findings = look(archive(FILES, password="kept-to-ourselves", encrypted=["a.txt"]))
    assert list(children) == ["b/c.txt"]
    assert texts(findings["zip.encrypted-member"]) == ["a.txt"]
    assert gaps(findings) == {"zip.encrypted-member"}
    assert set(findings) == {"zip.encrypted-member", "zip.mixed-encryption"}


@pytest.mark.parametrize("name", ["run.js", "run.LNK", "x/setup.exe ", "disk.iso", "invoice.pdf.scr"])
def test_an_encrypted_program_is_more_than_a_gap(name):
    _, findings = look(archive({name: b"1", "z.txt": b"2"}, password="kept-to-ourselves"))
    assert texts(findings["zip.encrypted-program"]) == [name]
    _, findings = look(archive({"letter.docx": b"1"}, password="kept-to-ourselves"))
    assert set(findings) == {"zip.encrypted-member"}


def test_both_readings_of_a_member_are_handed_out():
    children, findings = look(archive({"a.txt": b"x" * 99}, local={"a.txt": {"name": "a.js"}}))
    assert {name: content(one) for name, one in children.items()} == {"a.txt": b"x" * 99, "a.js": b"x" * 99}
    assert texts(findings["zip.contradicting-headers"]) == ["a.txt"]


def test_shared_bytes_are_looked_at_once():
    data = archive({"kernel": b"x" * 1000}, aliases={f"alias{index}": "kernel" for index in range(50)})
    children, findings = look(data)
    assert len(children) == 2
    assert "zip.overlapping-members" in findings
    assert len(findings["zip.overlapping-members"].evidence) <= 16


def test_a_quoted_overlap_is_unpacked_a_few_times_at_most():
    data = overlap(40, body=b"kernel")
    with zipfile.ZipFile(io.BytesIO(data)) as theirs:
        assert len(theirs.namelist()) == 40
    children, findings = look(data)
    assert {"zip.overlapping-members", "zip.overlap-bomb", "zip.overlap-limit"} <= set(findings)
    assert gaps(findings) == {"zip.overlap-limit"}
    assert len(children) == 4
    assert content(children["0039.txt"]) == b"kernel" + bytes(MIB)
    assert len(content(children["0000.txt"])) > MIB
    budget = Budget(Limits(expanded_bytes=3 * MIB))
    with pytest.raises(BudgetSpent):
        _ = [spool(one.content(budget), budget) for one in children.values()]


def test_members_that_overlap_are_all_looked_at_while_they_are_few():
    children, findings = look(overlap(4, body=b"kernel"))
    assert len(children) == 4
    assert not gaps(findings)


def test_recovered_archives_say_so_once():
    children, findings = look(archive(FILES, defects=["no-end-record"]))
    assert set(children) == {"a.txt", "b/c.txt"}
    assert set(findings) == {"zip.no-end-record"}
    assert gaps(findings) == {"zip.no-end-record"}


def test_truncated_member_still_gives_its_beginning():
    body = " ".join(str(index**3) for index in range(5000)).encode()
    data = archive({"a.txt": body}, method=8)[:5000]
    children, findings = look(data)
    assert {"zip.no-end-record", "zip.damaged"} <= gaps(findings)
    chunks = []
    with pytest.raises(FormatError):
        chunks.extend(children["a.txt"].content(Budget(Limits())))
    assert body.startswith(b"".join(chunks))
    assert chunks


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({"unindexed": ["a.txt"]}, "zip.unindexed-member"),
        ({"between": b"hidden between members and directory"}, "zip.unindexed-data"),
        ({"prepend": b"stands before the first member of the archive"}, "zip.prepended-data"),
        ({"defects": ["bad-crc"]}, "zip.wrong-size-or-checksum"),
        ({"both": {"a.txt": {"size": 1}}, "method": 8}, "zip.wrong-size-or-checksum"),
        ({"defects": ["end-record-in-comment"]}, "zip.several-directories"),
        ({"defects": ["multi-disk"]}, "zip.damaged"),
        ({"central": {"a.txt": {"method": 8}}}, "zip.contradicting-headers"),
        ({"modes": {"a.txt": 0o120777}}, "zip.unsafe-name"),
    ],
)
def test_anomalies_become_findings(options, rule):
    _, findings = look(archive(FILES, **options))
    assert set(findings) == {rule}


def test_methods_that_lie():
    body = b"MZ" + b"some content " * 90
    crc = {"size": len(body), "crc": zlib.crc32(body)}
    for method in (0, 99, 9):
        data = archive({"a.bin": zlib.compress(body)[2:-4]}, both={"a.bin": {"method": method, **crc}})
        found = list(ANALYZER.run(Subject(Blob(data), "zip", "x.zip", Budget(Limits()))))
        bodies = []
        for one in found:
            with suppress(FormatError):
                bodies += [content(one)] if isinstance(one, Child) else []
        assert body in bodies
        assert "zip.wrong-method" in {one.rule for one in found if isinstance(one, Finding)}
    found = list(
        ANALYZER.run(
            Subject(Blob(archive({"a.bin": body}, both={"a.bin": {"method": 8}})), "zip", "x", Budget(Limits()))
        )
    )
    assert content(found[-1]) == body
    _, findings = look(archive({"a.bin": b"x" * 100}, defects=["bad-crc"]))
    assert "zip.wrong-method" not in findings


def test_what_belongs_to_no_member_is_a_child():
    for option in ("between", "prepend"):
        children, _ = look(archive({"a.txt": b"1"}, **{option: b"MZ" + b"hidden" * 10}))
        hidden = next(one for name, one in children.items() if name.startswith("unindexed-"))
        assert content(hidden) == b"MZ" + b"hidden" * 10


@pytest.mark.parametrize(
    "name", ["../../x", "/etc/x", "C:\\x", "\\\\server\\x", "a/../x", "folder\\..\\x", "con.txt", "a/NUL"]
)
def test_names_that_lead_elsewhere(name):
    children, findings = look(archive({name: b"1", "fine.txt": b"2"}))
    assert texts(findings["zip.unsafe-name"]) == [name]
    assert name in children


@pytest.mark.parametrize("name", ["a..b", "console.txt", "...", "a/b.c", "nul1.txt", "xx:y.txt"])
def test_names_that_only_look_like_it(name):
    _, findings = look(archive({name: b"1"}))
    assert not findings


def test_active_members():
    _, findings = look(archive({"run.js": b"1"}))
    assert set(findings) == {"zip.lone-active-member"}
    _, findings = look(archive({"book.xlsm": b"1", "b/": b""}))
    assert set(findings) == {"zip.lone-active-member"}
    _, findings = look(archive({"run.js": b"1", "a.txt": b"2"}))
    assert set(findings) == {"zip.active-member"}


def test_a_ratio_is_reported_and_not_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made, made.open("a.doc", "w") as file:
        for _ in range(20):
            file.write(bytes(MIB))
    children, findings = look(out.getvalue())
    assert set(findings) == {"zip.high-ratio"}
    assert sum(map(len, children["a.doc"].content(Budget(Limits())))) == 20 * MIB


def test_only_so_many_members():
    data = archive({f"{index}.txt": b"" for index in range(300)})
    children, findings = look(data, children=100)
    assert len(children) == 100
    assert gaps(findings) == {"zip.too-many-members"}


def test_names_beyond_the_limit_are_still_looked_at():
    data = archive({f"{index}.txt": b"" for index in range(300)} | {"last.lnk": b"x"})
    _, findings = look(data, children=100)
    assert texts(findings["zip.active-member"]) == ["last.lnk"]
    assert gaps(findings) == {"zip.too-many-members"}


def test_mutants_never_raise_anything_else():
    data = archive(FILES, method=8, descriptor=True)
    chance = random.Random(6)
    for _ in range(150):
        mutant = bytearray(data)
        for _ in range(chance.randint(1, 10)):
            mutant[chance.randrange(len(mutant))] = chance.randrange(256)
        try:
            children, _ = look(bytes(mutant))
            for one in children.values():
                content(one)
        except FormatError:
            continue
