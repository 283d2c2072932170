"""Rows P01 to P11: whatever makes a file large, and wherever it does, the findings of the small file stay.

At full size a scan is the whole command in a process of its own, whose resident size (with its worker's) is bounded.
"""

import base64
import io
import json
import os
import subprocess
import sys
import zipfile

import pytest

from emotriage import Level, Limits, scan
from emotriage.testing import (
    Filler,
    archive,
    document,
    executable,
    gzipped,
    mail,
    padded,
    shortcut,
    tape,
    write_archive,
    write_compound_file,
    write_padded,
    write_padded_archive,
)
from emotriage.testing.ovba import vba_streams
from emotriage.testing.word97 import word97_streams

MACRO = 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'
DOC = document(format="doc", macros={"Module1": MACRO})
DOCM = document(format="docm", macros={"Module1": MACRO})
FOUND = {"vba.autorun", "vba.execute"}
FILLS = {
    "zero": {"fill": "zero"},
    "blank": {"fill": "byte", "byte": 0x20},
    "nop": {"fill": "byte", "byte": 0x90},
    "period 31": {"fill": "periodic", "period": 31},
    "period 4096": {"fill": "periodic", "period": 4096},
    "low entropy": {"fill": "low-entropy"},
    "noise": {"fill": "random"},
}
MIB = 1 << 20
SMALL = 2 * MIB
LARGE = 520 * MIB
RESIDENT = 160 * MIB
MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
"""
"""A small process in between: what a process was before it became another one counts among what was resident of it."""


def rules_of(verdict) -> set[str]:
    return {one.rule for one in verdict.findings}


def gaps_of(verdict) -> set[str]:
    return {one.rule for one in verdict.gaps}


def work_of(data: bytes, name: str) -> int:
    """The smallest power of two of work units that a scan gets by with."""
    work = 1 << 16
    while "scan.limit-reached" in rules_of(scan(data, name=name, limits=Limits(work=work), plugins=[])):
        work *= 2
    return work


@pytest.fixture
def command(tmp_path):
    """command(path): the verdict of the whole command on a file, as JSON, and what was resident of it at most."""

    def run(path, resident=RESIDENT, **limits):
        (tmp_path / "limits.toml").write_text("".join(f"{key} = {value}\n" for key, value in limits.items()))
        options = ["--format", "json", "--no-progress", "--limits", str(tmp_path / "limits.toml")]
        command = [sys.executable, "-m", "emotriage", "scan", *options, str(path)]
        done = subprocess.run([sys.executable, "-I", "-S", "-c", MEASURED, *command], capture_output=True, check=True)
        verdict = json.loads(done.stdout)
        found = {one["rule"] for one in verdict["findings"]}
        gaps = {one["rule"] for one in verdict["findings"] if one["incomplete"]}
        assert int(done.stderr.split()[-1]) * 1024 < resident
        assert "scan.worker-died" not in gaps
        return found, gaps, verdict

    return run


@pytest.mark.parametrize("form", FILLS)
@pytest.mark.parametrize("wrap", ["bare", "zip", "mail"])
def test_p01_p02_p03_filler_behind_the_end(form, wrap):
    data = padded(DOC, len(DOC) + SMALL, **FILLS[form])
    name = "invoice.doc"
    if wrap == "zip":
        data, name = archive(files={name: data}, method=0 if form == "noise" else 8), "invoice.zip"
    elif wrap == "mail":
        data, name = mail(attach={name: data}), "invoice.eml"
    verdict = scan(data, name=name, plugins=[])
    assert rules_of(verdict) >= FOUND
    assert verdict.level >= scan(DOC, name="invoice.doc", plugins=[]).level
    if form == "noise":
        assert {"padding.oversize-tail", "padding.unread-overlay"} <= rules_of(verdict)
        assert not {"padding.inflated", "padding.giant"} & rules_of(verdict)
    else:
        assert "padding.inflated" in rules_of(verdict)
        assert not {one for one in gaps_of(verdict) if one.startswith(("padding.", "scan."))}


@pytest.mark.parametrize("form", FILLS)
def test_p03_filler_is_counted_to_the_byte(form):
    for more in (MIB + 1, MIB + 300_001):
        size = len(DOC) + more
        verdict = scan(padded(DOC, size, **FILLS[form]), name="invoice.doc", plugins=[])
        told = [one for one in verdict.findings if one.rule in ("padding.inflated", "padding.oversize-tail")]
        assert told, more
        if form not in ("zero", "noise"):
            assert told[0].evidence[0].text == f"{more} of {size} bytes are filler"


def test_p03_content_in_the_midst_of_filler_is_found():
    script = b'var shell = new ActiveXObject("WScript.Shell");\nshell.Run("emotriage-inert");\n'
    inner = archive(files={"invoice.js": script})
    for form in FILLS.values():
        first = padded(DOC, len(DOC) + SMALL, **form)
        verdict = scan(padded(first + inner, len(first + inner) + SMALL, **form), name="invoice.doc", plugins=[])
        assert FOUND | {"script.starts-programs"} <= rules_of(verdict), form


@pytest.mark.parametrize("byte", [0x50, 0x4B])
def test_p03_filler_that_ends_like_the_file_behind_it_begins(byte):
    inner = archive(files={"invoice.docm": DOCM})
    plain = document(format="doc")
    first = padded(plain, len(plain) + SMALL, "byte", byte=byte)
    assert rules_of(scan(first + inner, name="invoice.doc", plugins=[])) >= FOUND


@pytest.mark.parametrize("form", ["zero", "period 31", "low entropy"])
def test_p01_work_grows_no_faster_than_the_file(form):
    works = [work_of(padded(DOC, len(DOC) + size, **FILLS[form]), "invoice.doc") for size in (4 * MIB, 16 * MIB)]
    assert works[1] <= 4 * works[0]


INSIDE = {
    "stream": {"streams": {"Filler": Filler(SMALL)}},
    "stream of a period": {"streams": {"Filler": Filler(SMALL, bytes(range(1, 32)))}},
    "unallocated": {"streams": {"Filler": Filler(SMALL)}, "container": {"defects": ["deleted:Filler"]}},
    "scattered": {"streams": {"Filler": Filler(SMALL)}, "container": {"scattered": True}},
}


@pytest.mark.parametrize("form", INSIDE)
def test_p04_filler_inside_of_a_compound_file(form):
    data = document(format="doc", macros={"Module1": MACRO}, **INSIDE[form])
    verdict = scan(data, name="invoice.doc", plugins=[])
    assert rules_of(verdict) >= FOUND
    assert {"padding.inflated", "padding.uniform-run", "padding.filler-stretch"} & rules_of(verdict)


def parts_of(docm: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(docm)) as package:
        return {name: package.read(name) for name in package.namelist()}


def blown_up(place: str, size: int) -> dict[str, object]:
    """The parts of a document with macros, one of them padded."""
    parts = dict(parts_of(DOCM))
    body = parts["word/document.xml"]
    head, tail = body.split(b"<w:body>")
    if place == "blanks in the document":
        parts["word/document.xml"] = [head + b"<w:body>", Filler(size, b" "), tail]
    elif place == "comment":
        parts["word/document.xml"] = [head + b"<w:body><!--", Filler(size, b"x"), b"-->" + tail]
    elif place == "properties":
        parts["docProps/filler.xml"] = [b"<filler>", Filler(size, b" "), b"</filler>"]
    else:
        parts["word/media/image1.png"] = [b"\x89PNG\r\n\x1a\n", Filler(size)]
    return parts


@pytest.mark.parametrize("place", ["blanks in the document", "comment", "properties", "picture"])
def test_p05_a_padded_part_of_a_package(place):
    verdict = scan(archive(files=blown_up(place, SMALL), method=8), name="invoice.docm", plugins=[])
    assert rules_of(verdict) >= FOUND
    assert "scan.limit-reached" not in rules_of(verdict)


@pytest.mark.parametrize("form", FILLS)
@pytest.mark.parametrize("payload", ["doc", "zip"])
def test_p06_filler_before_the_payload(form, payload):
    data = DOC if payload == "doc" else archive(files={"invoice.docm": DOCM})
    verdict = scan(padded(data, len(data) + SMALL, where="start", **FILLS[form]), name=f"invoice.{payload}", plugins=[])
    assert rules_of(verdict) >= FOUND | {"carve.behind-filler"}


@pytest.mark.parametrize("place", [0, 1, 7, 19, 30, 31, 42, 55, 58, 59])
def test_p07_one_lure_among_many_members(place):
    files = [(f"{number}.bin", padded(b"", 5000, "random", seed=number)) for number in range(59)]
    files.insert(place, ("invoice.docm", DOCM))
    assert rules_of(scan(archive(files=files), name="invoices.zip", plugins=[])) >= FOUND


@pytest.mark.parametrize("where", ["end", "inside"])
def test_p08_a_padded_program_beside_a_shortcut(where):
    lure = shortcut(target="C:\\Windows\\System32\\cmd.exe", arguments="/c setup.exe")
    program = padded(executable(), SMALL, where=where)
    verdict = scan(archive(files={"invoice.pdf.lnk": lure, "setup.exe": program}), name="invoice.zip", plugins=[])
    assert {"padding.inflated", "names.double-extension", "zip.active-member"} <= rules_of(verdict)
    assert verdict.level >= Level.SUSPICIOUS
    assert verdict.gaps


def test_p09_a_module_of_comments():
    lines = "' The whale was white, and the text was hidden.\n" * 20_000
    data = document(format="doc", macros={"Module1": lines + MACRO + lines})
    assert rules_of(scan(data, name="invoice.doc", plugins=[])) >= FOUND


@pytest.mark.parametrize("size", [MIB + 1, 40 * MIB])
def test_p10_beyond_the_input_limit(size):
    data = padded(DOC, size) + b""
    verdict = scan(data, name="invoice.doc", limits=Limits(input_bytes=MIB), plugins=[])
    assert "scan.input-too-large" in gaps_of(verdict)
    assert rules_of(verdict) >= FOUND
    assert verdict.sha256 is None
    clean = scan(padded(document(format="doc"), size), name="invoice.doc", limits=Limits(input_bytes=MIB), plugins=[])
    assert clean.level is Level.UNVERIFIED
    behind = scan(padded(DOC, size, where="start"), name="invoice.doc", limits=Limits(input_bytes=MIB), plugins=[])
    assert rules_of(behind) >= FOUND


def test_p10_what_nobody_read_is_not_called_filler():
    data = padded(DOC, 40 * MIB, "random")
    verdict = scan(data, name="invoice.doc", limits=Limits(input_bytes=MIB), plugins=[])
    assert not {"padding.giant", "padding.inflated", "padding.uniform-run"} & rules_of(verdict)
    assert verdict.artifacts[0].padding == ()


SPARSE = {
    "doc": DOC,
    "docm": DOCM,
    "zip": archive(files={"invoice.docm": DOCM}),
    "gz": gzipped(DOCM, name=b"invoice.docm"),
    "tar": tape({"invoice.docm": DOCM}),
    "eml": mail(attach={"invoice.docm": DOCM}),
    "lnk": shortcut(target="C:\\Windows\\System32\\cmd.exe", arguments="/c emotriage-inert"),
    "js": b'var shell = new ActiveXObject("WScript.Shell");\nshell.Run("emotriage-inert");\n',
    "pdf": b"%PDF-1.7\n1 0 obj\n<< /OpenAction << /S /Launch /F (x) >> >>\nendobj\ntrailer\n<< >>\n%%EOF",
}


@pytest.mark.parametrize("form", SPARSE)
def test_p11_a_sparse_file_of_100_gb(form, tmp_path):
    path = tmp_path / f"invoice.{form}"
    path.write_bytes(SPARSE[form])
    try:
        os.truncate(path, 100 * 1000**3)
    except OSError:
        pytest.skip("no sparse files here")
    plain = scan(SPARSE[form], name=path.name, plugins=[])
    verdict = scan(path, plugins=[], limits=Limits(work=256 * MIB))
    assert "scan.input-too-large" in gaps_of(verdict)
    assert "scan.limit-reached" not in gaps_of(verdict)
    assert rules_of(plain) <= rules_of(verdict)


@pytest.mark.long
@pytest.mark.parametrize("form", FILLS)
def test_p01_p03_full_size(form, tmp_path, command):
    path = tmp_path / "invoice.doc"
    write_padded(path, DOC, len(DOC) + LARGE, **FILLS[form])
    found, gaps, verdict = command(path)
    assert FOUND | {"padding.past-ceiling"} <= found
    assert verdict["sha256"]
    if form == "noise":
        assert "padding.oversize-tail" in found
        assert gaps == {"padding.unread-overlay"}
    else:
        assert "padding.giant" in found
        assert not gaps


@pytest.mark.long
@pytest.mark.parametrize("form", FILLS)
def test_p02_p03_full_size_in_an_archive(form, tmp_path, command):
    path = tmp_path / "invoice.zip"
    write_padded_archive(path, "invoice.doc", DOC, len(DOC) + LARGE, **FILLS[form])
    found, gaps, _ = command(path)
    assert FOUND | {"padding.past-ceiling"} <= found
    if form == "noise":
        assert "padding.oversize-tail" in found
    if form in ("noise", "low entropy"):
        assert "scan.spool-full" in gaps
    else:
        assert "padding.giant" in found
        assert not gaps


@pytest.mark.long
def test_p02_full_size_in_a_mail(tmp_path, command):
    path = tmp_path / "invoice.eml"
    head, _, tail = mail(attach={"invoice.doc": b"@"}).partition(b"QA==")
    data = DOC + bytes(-len(DOC) % 57)
    with path.open("wb") as file:
        file.write(head)
        for at in range(0, len(data), 57):
            file.write(base64.b64encode(data[at : at + 57]) + b"\r\n")
        block = (b"A" * 76 + b"\r\n") * 10_000
        for _ in range(LARGE // 570_000):
            file.write(block)
        file.write(tail)
    found, gaps, _ = command(path)
    if not found >= FOUND:  # a mail of half a gigabyte costs more than one artifact may
        assert "scan.limit-reached" in gaps
        found, gaps, _ = command(path, work=32 << 30, expanded_bytes=16 << 30, seconds=120)
    assert found >= FOUND | {"padding.giant"}
    assert not {one for one in gaps if one.startswith("scan.")}


@pytest.mark.long
@pytest.mark.parametrize("pattern", [b"\0", bytes(range(1, 32))])
@pytest.mark.parametrize("defects", [(), ("deleted:Filler",)])
def test_p04_full_size_inside_of_a_compound_file(pattern, defects, tmp_path, command):
    path = tmp_path / "invoice.doc"
    streams = {
        **word97_streams("Invoice"),
        **{f"Macros/{name}": one for name, one in vba_streams({"Module1": MACRO}).items()},
    }
    write_compound_file(path, {**streams, "Filler": Filler(LARGE, pattern)}, defects=defects)
    found, gaps, _ = command(path)
    assert FOUND | {"padding.giant"} <= found
    assert not {one for one in gaps if one.startswith("scan.")}


@pytest.mark.long
@pytest.mark.parametrize("place", ["blanks in the document", "comment", "properties", "picture"])
def test_p05_full_size_in_a_package(place, tmp_path, command):
    path = tmp_path / "invoice.docm"
    write_archive(path, blown_up(place, LARGE), method=8)
    found, gaps, _ = command(path)
    assert found >= FOUND
    assert "scan.limit-reached" not in gaps


@pytest.mark.long
@pytest.mark.parametrize("form", FILLS)
@pytest.mark.parametrize("payload", ["doc", "zip"])
def test_p06_full_size_before_the_payload(form, payload, tmp_path, command):
    path = tmp_path / f"invoice.{payload}"
    data = DOC if payload == "doc" else archive(files={"invoice.docm": DOCM})
    write_padded(path, data, len(data) + LARGE, where="start", **FILLS[form])
    found, gaps, _ = command(path)
    assert found >= FOUND | {"carve.behind-filler", "padding.past-ceiling"}
    if form != "noise":
        assert "scan.limit-reached" not in gaps


@pytest.mark.long
def test_p07_full_size_one_lure_among_thousands(tmp_path, command):
    path = tmp_path / "invoices.zip"
    junk = padded(b"", 50_000, "random")
    files = [(f"{number}.bin", junk) for number in range(9_900)]
    files.insert(7_777, ("invoice.docm", DOCM))
    write_archive(path, files)
    found, _, _ = command(path, seconds=300)
    assert found >= FOUND


@pytest.mark.long
def test_p08_full_size_program_beside_a_shortcut(tmp_path, command):
    path = tmp_path / "invoice.zip"
    lure = shortcut(target="C:\\Windows\\System32\\cmd.exe", arguments="/c setup.exe")
    write_archive(path, {"invoice.pdf.lnk": lure, "setup.exe": [executable(), Filler(LARGE)]}, method=8)
    found, gaps, verdict = command(path)
    assert {"padding.giant", "names.double-extension", "zip.active-member"} <= found
    assert verdict["level"] in ("suspicious", "malicious")
    assert gaps


@pytest.mark.long
def test_p09_full_size_module_of_comments(tmp_path, command):
    path = tmp_path / "invoice.doc"
    lines = "' The whale was white, and the text was hidden.\n" * 1_200_000
    path.write_bytes(document(format="doc", macros={"Module1": lines + MACRO}))
    del lines
    found, gaps, _ = command(path, resident=256 * MIB)
    assert found >= FOUND
    assert not gaps


@pytest.mark.long
@pytest.mark.parametrize("where", ["end", "start"])
def test_p10_full_size_one_byte_beyond_the_limit(where, tmp_path, command):
    path = tmp_path / "invoice.doc"
    write_padded(path, DOC, (1 << 30) + 1, where=where)
    found, gaps, verdict = command(path)
    assert FOUND | {"scan.input-too-large"} <= found
    assert "scan.input-too-large" in gaps
    assert verdict["sha256"] is None


@pytest.mark.long
@pytest.mark.parametrize("form", ["zero", "period 31", "low entropy"])
def test_p10_full_size_2_gib_within_raised_limits(form, tmp_path, command):
    path = tmp_path / "invoice.doc"
    write_padded(path, DOC, len(DOC) + (2 << 30), **FILLS[form])
    found, gaps, _ = command(path, input_bytes=3 << 30, work=32 << 30, seconds=120)
    assert FOUND | {"padding.giant"} <= found
    assert not gaps
