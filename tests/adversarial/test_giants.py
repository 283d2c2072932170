"""Requirements R101 to R109: filler before, behind, between and around what every kind of file carries."""

import io
import zipfile

import pytest

from emotriage import Level, Limits, scan
from emotriage.testing import (
    Filler,
    archive,
    disc,
    document,
    mail,
    notebook,
    padded,
    program,
    rtf,
    shortcut,
    write_archive,
    write_padded,
)

MACRO = 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'
SCRIPT = b'var shell = new ActiveXObject("WScript.Shell");\nshell.Run("emotriage-inert");\n'
PAGE = b"<html><body><script>new ActiveXObject('WScript.Shell').Run('emotriage-inert')</script></body></html>"
APPLICATION = b"<hta:application id=a>" + PAGE
DOCM = document(format="docm", macros={"Module1": MACRO})
FILES = {
    "invoice.doc": document(format="doc", macros={"Module1": MACRO}),
    "invoice.docm": DOCM,
    "invoice.zip": archive(files={"invoice.docm": DOCM}, method=8),
    "invoice.lnk": shortcut(target="C:\\Windows\\System32\\cmd.exe", arguments="/c emotriage-inert", show="minimized"),
    "invoice.js": SCRIPT,
    "invoice.html": PAGE,
    "invoice.hta": APPLICATION,
    "invoice.one": notebook({"invoice.hta": APPLICATION}, text="Double click to view"),
    "invoice.rtf": rtf("Invoice", template="http://files.invalid/t.dotm"),
    "invoice.exe": program(),
    "invoice.iso": disc({"invoice.js": SCRIPT}),
    "invoice.eml": mail(attach={"invoice.docm": DOCM}),
}
FILLS = {
    "zero": {"fill": "zero"},
    "byte": {"fill": "byte", "byte": 0x90},
    "periodic": {"fill": "periodic"},
    "low-entropy": {"fill": "low-entropy"},
    "random": {"fill": "random"},
}
CALLED = {"zero": "byte 0x00", "byte": "byte 0x90", "periodic": "periodic", "low-entropy": "low-entropy"}
SORTED = ("padding.uniform-run", "padding.filler-stretch")
MIB = 1 << 20
SMALL = MIB + 200_000
LARGE = 520 * MIB
CEILINGS = (100, 250, 400, 500)


def look(data, name):
    return scan(data, name=name, plugins=[])


def rules_of(verdict):
    return {one.rule for one in verdict.findings if not one.incomplete}


def kept(plain, verdict, *but):
    """True when every finding is still there, or a gap of its family says that not all was read."""
    lost = rules_of(plain) - rules_of(verdict) - set(but)
    families = {one.rule.partition(".")[0] for one in verdict.gaps}
    return all(one.partition(".")[0] in families for one in lost)


def core(data, name):
    return look(data, name).artifacts[0].core_sha256


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("form", FILLS)
def test_r101_r102_r107_filler_behind_any_kind(name, form):
    data = FILES[name]
    plain, verdict = look(data, name), look(padded(data, len(data) + SMALL, **FILLS[form]), name)
    assert kept(plain, verdict)
    assert verdict.level is not Level.CLEAN
    if form != "random":
        assert "padding.inflated" in rules_of(verdict)
        told = [e for f in verdict.findings if f.rule in SORTED for e in f.evidence]
        assert any(CALLED[form] in e.text and "% of the file" in e.text and e.offset <= len(data) for e in told)


@pytest.mark.parametrize("name", FILES)
def test_r103_the_core_hash_forgets_how_much_and_with_what(name):
    data = FILES[name]
    cores = {core(data + bytes([byte]) * (size << 10), name) for byte, size in ((0, 100), (0, 300), (0x20, 200))}
    assert len(cores) == 1
    assert cores != {core(b"another" + data, name)}


@pytest.mark.parametrize("name", [one for one in FILES if one != "invoice.rtf"])  # its last brace is its end
@pytest.mark.parametrize("form", ["zero", "low-entropy"])
def test_r104_an_island_between_filler(name, form):
    data = FILES[name]
    first = padded(data, len(data) + SMALL, **FILLS[form])
    inner = archive(files={"second.docm": DOCM}, method=8)
    verdict = look(padded(first + inner, len(first + inner) + SMALL, **FILLS[form]), name)
    assert kept(look(data, name), verdict, "zip.lone-active-member")
    assert {"vba.autorun", "vba.execute"} <= rules_of(verdict)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("form", ["byte", "periodic"])
def test_r107_filler_before_any_kind(name, form):
    data = FILES[name]
    verdict = look(padded(data, len(data) + SMALL, where="start", **FILLS[form]), name)
    assert verdict.level is not Level.CLEAN
    assert any(one.rule.startswith(("padding.", "carve.")) for one in verdict.findings) or verdict.gaps


@pytest.mark.parametrize("place", ["comment", "record", "properties", "embedding"])
def test_r106_padded_packages_keep_their_macros(place):
    filler = bytes(SMALL)
    how = {
        "comment": {"parts": {"word/comments.xml": b"<!--" + b" " * SMALL + b"-->"}},
        "record": {},
        "properties": {"parts": {"docProps/app.xml": b"<Properties>" + b" " * SMALL + b"</Properties>"}},
        "embedding": {"parts": {"word/embeddings/oleObject1.bin": filler}},
    }[place]
    data = document(format="docm", macros={"Module1": MACRO}, zip={"method": 8}, **how)
    if place == "record":
        data += filler
    verdict = look(data, "invoice.docm")
    assert {"vba.autorun", "vba.execute", "padding.uniform-run"} <= rules_of(verdict)


@pytest.mark.parametrize("place", [0, 3, 9])
def test_r107_a_lure_among_padded_members(place):
    files = [(f"{number}.bin", padded(b"", SMALL, seed=number)) for number in range(9)]
    files.insert(place, ("invoice.docm", DOCM))
    assert {"vba.autorun", "vba.execute"} <= rules_of(look(archive(files=files, method=8), "invoices.zip"))


def test_r108_noise_past_the_spool_leaves_a_gap_and_its_tail_is_looked_at():
    inner = archive(files={"second.docm": DOCM}, method=8)
    doc = FILES["invoice.doc"]
    noise = padded(doc, len(doc) + 48 * MIB, "random") + inner
    data = archive(files={"invoice.doc": noise})
    verdict = scan(data, name="a.zip", limits=Limits(spooled_bytes=8 * MIB), plugins=[])
    assert "scan.spool-full" in {one.rule for one in verdict.gaps}
    assert {"vba.autorun", "vba.execute", "padding.overlay"} <= rules_of(verdict)
    assert {one.artifact for one in verdict.findings if one.rule == "vba.autorun"} != {1}


@pytest.mark.long
@pytest.mark.parametrize("ceiling", CEILINGS)
@pytest.mark.parametrize("more", [-1, 0, 1])
def test_r109_ceilings_are_named(ceiling, more, tmp_path):
    path = tmp_path / "invoice.doc"
    write_padded(path, FILES["invoice.doc"], ceiling * 1_000_000 + more)
    verdict = scan(path, plugins=[])
    told = [e.text for f in verdict.findings if f.rule == "padding.past-ceiling" for e in f.evidence]
    past = [f"{one} MB" for one in CEILINGS if one < ceiling or (one == ceiling and more > 0)]
    assert [text.partition("past ")[2] for text in told] == ([", ".join(past)] if past else [])


@pytest.mark.long
@pytest.mark.parametrize("name", [one for one in FILES if one != "invoice.eml"])
@pytest.mark.parametrize("form", FILLS)
def test_r101_r107_full_size_behind_any_kind(name, form, tmp_path):
    data = FILES[name]
    path = tmp_path / name
    write_padded(path, data, len(data) + LARGE, **FILLS[form])
    verdict = scan(path, plugins=[], isolate=True)
    assert kept(look(data, name), verdict)
    assert "scan.worker-died" not in {one.rule for one in verdict.gaps}
    if form != "random":
        assert {"padding.giant", "padding.past-ceiling"} <= rules_of(verdict)


@pytest.mark.long
@pytest.mark.parametrize("form", ["zero", "periodic", "random"])
def test_r104_full_size_second_island(form, tmp_path):
    doc = document(format="doc")
    inner = archive(files={"second.docm": DOCM}, method=8)
    path = tmp_path / "invoice.doc"
    write_padded(path, doc + inner, len(doc + inner) + LARGE, at=len(doc), **FILLS[form])
    verdict = scan(path, plugins=[], isolate=True)
    assert {"vba.autorun", "vba.execute"} <= rules_of(verdict)


@pytest.mark.long
def test_r106_full_size_embedded_object_of_more_than_a_gibibyte(tmp_path):
    path = tmp_path / "invoice.docm"
    parts = {"word/embeddings/oleObject1.bin": Filler((1 << 30) + 1)}
    with zipfile.ZipFile(io.BytesIO(DOCM)) as package:
        parts |= {name: package.read(name) for name in package.namelist()}
    write_archive(path, parts, method=8)
    verdict = scan(path, plugins=[], isolate=True)
    assert {"vba.autorun", "vba.execute"} <= rules_of(verdict)
    assert "scan.worker-died" not in {one.rule for one in verdict.gaps}
