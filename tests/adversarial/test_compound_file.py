"""Rows O01 to O16: compound files whose tables, tree and names lie; what was planted is found wherever it still is."""

import random
import struct
import tracemalloc

import pytest

from emotriage import Level, Limits, scan
from emotriage.formats.cfb import read_compound_file
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import MIB, Budget
from emotriage.testing import archive, compound_file, document, executable, package_object, vba_project

MACROS = {"Module1": 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'}
PLANTED = {"vba.autorun", "vba.execute"}
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0" + b"\xff\xdb\0\x43\0" + bytes(64) + b"\xff\xd9"


def planted(*defects, **more) -> bytes:
    return document("doc", text="Minutes", macros=MACROS, defects=defects, **more)


def look(data: bytes, name: str = "minutes.doc", **limits):
    return scan(data, name=name, limits=Limits(**limits) if limits else None, plugins=[])


def rules_of(verdict) -> set[str]:
    return {one.rule for one in verdict.findings}


def gaps_of(verdict) -> set[str]:
    return {one.rule for one in verdict.gaps}


def texts_of(verdict, rule: str) -> set[str]:
    return {seen.text for one in verdict.findings if one.rule == rule for seen in one.evidence}


def read(data: bytes):
    budget = Budget(Limits())
    return read_compound_file(Blob(data), budget), budget


def directory_at(data: bytes) -> int:
    return (struct.unpack_from("<I", data, 48)[0] + 1) * 512


def entry_at(data: bytes, name: str) -> int:
    at = data.index(name.encode("utf-16-le") + b"\0\0", directory_at(data))
    assert (at - directory_at(data)) % 128 == 0
    return at


def test_o01_a_loop_in_another_streams_chain():
    data = planted("fat-loop")
    verdict = look(data)
    assert rules_of(verdict) >= PLANTED | {"ole.malformed-allocation"}
    assert "chain-loop" in texts_of(verdict, "ole.malformed-allocation")
    assert gaps_of(verdict) == {"ole.damaged", "ole.unread-application"}  # the stream "Loop" is nobody's
    compound, _ = read(data)
    assert sum(one.size for one in compound.entries) <= 2 * len(data)


@pytest.mark.parametrize("length", [1, 2])
def test_o02_a_cycle_in_the_directorys_chain(length):
    data = bytearray(planted())
    fat = (struct.unpack_from("<I", data, 76)[0] + 1) * 512
    chain = [struct.unpack_from("<I", data, 48)[0]]
    while (following := struct.unpack_from("<I", data, fat + 4 * chain[-1])[0]) < 0xFFFFFFFA:
        chain.append(following)
    assert len(chain) > length
    struct.pack_into("<I", data, fat + 4 * chain[-1], chain[-length])
    verdict = look(bytes(data))
    assert rules_of(verdict) >= PLANTED
    assert gaps_of(verdict) == {"ole.damaged"}
    assert "chain-loop" in texts_of(verdict, "ole.damaged")


@pytest.mark.parametrize(("defect", "code"), [("loop", "chain-loop"), ("out-of-range", "chain-out-of-range")])
def test_o03_mini_chains_that_loop_or_leave(defect, code):
    verdict = look(planted(f"minifat-{defect}"))
    assert rules_of(verdict) >= PLANTED
    assert code in texts_of(verdict, "ole.malformed-allocation")
    assert "ole.damaged" in gaps_of(verdict)


@pytest.mark.parametrize("defect", ["difat-loop", "difat-count"])
def test_o04_lists_of_the_fat_that_never_end(defect):
    data = planted(defect)
    verdict = look(data)
    assert rules_of(verdict) >= PLANTED | {"ole.malformed-allocation"}
    tracemalloc.start()
    read(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 * len(data)


def test_o05_an_entry_that_is_its_own_sibling_and_child():
    verdict = look(planted("tree-cycle"))
    assert rules_of(verdict) >= PLANTED | {"ole.malformed-tree"}
    assert verdict.complete


@pytest.mark.parametrize("name", ["VBA", "dir", "Module1", "Macros"])
def test_o05_siblings_that_point_at_each_other(name):
    data = bytearray(planted())
    at = entry_at(data, name)
    for place in (68, 72, 76):
        struct.pack_into("<I", data, at + place, (at - directory_at(data)) // 128)
    first = len(read(planted())[0].entries)
    compound, _ = read(bytes(data))
    assert len(compound.entries) == first  # what the tree lost comes back as orphans
    verdict = look(bytes(data))
    assert rules_of(verdict) >= PLANTED | {"ole.malformed-tree"}


def test_o06_thousands_of_nested_storages():
    path = "/".join(f"s{index}" for index in range(4000))
    data = planted(streams={f"{path}/marker": b"emotriage-inert"})
    verdict = look(data)
    assert rules_of(verdict) >= PLANTED | {"ole.malformed-tree"}
    compound, budget = read(data)
    assert len(compound.entries) > 4000
    assert budget.work < 64 * MIB


def table_of_entries(entries: bytes, sectors: int, shift: int = 9) -> bytes:
    """A compound file by hand whose directory is one long chain of sectors of 512 or (shift 12) 4096 bytes."""
    size = 1 << shift
    links = size // 4
    count = -(-(sectors + 120) // (links - 1))
    fat = [0xFFFFFFFD] * count + [*range(count + 1, count + sectors), 0xFFFFFFFE]
    fat += [0xFFFFFFFF] * (count * links - len(fat))
    version, listed = (3, 0) if shift == 9 else (4, sectors)
    head = struct.pack(
        "<8s16s6H10I109I", bytes.fromhex("d0cf11e0a1b11ae1"), bytes(16), 62, version, 0xFFFE, shift, 6, 0, 0, listed,
        count, count, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, *range(count), *[0xFFFFFFFF] * (109 - count),
    )  # fmt: skip
    return head.ljust(size, b"\0") + struct.pack(f"<{len(fat)}I", *fat) + entries.ljust(sectors * size, b"\0")


def entry(name: str, kind: int, size: int = 0, child: int = 0xFFFFFFFF) -> bytes:
    raw = name.encode("utf-16-le") + b"\0\0"
    none = 0xFFFFFFFF
    return struct.pack("<64sHBBIII16sIQQIQ", raw, len(raw), kind, 1, none, none, child, bytes(16), 0, 0, 0, 0, size)


@pytest.mark.parametrize("filler", [bytes(128), entry("", 0), bytes(66) + b"\2" + bytes(61)])
def test_o06_a_many_thousands_of_empty_entries(filler):
    data = table_of_entries(entry("Root Entry", 5) + filler * 20_000, 5_100)
    works = []
    for _ in range(2):
        compound, budget = read(data)
        works.append(budget.work)
    assert works[0] == works[1] < 128 * MIB
    assert len(compound.anomalies) < 200
    assert look(data, "minutes.xyz").level >= Level.UNVERIFIED


@pytest.mark.long
@pytest.mark.parametrize("filler", [bytes(128), entry("", 0), bytes(66) + b"\2" + bytes(61)])
def test_o06_a_hundred_thousand_empty_entries_at_full_size(filler):
    data = table_of_entries(entry("Root Entry", 5) + filler * 100_000, 3_126, shift=12)
    compound, budget = read(data)
    assert budget.work < 640 * MIB
    assert len(compound.anomalies) < 200
    verdict = look(data, "minutes.xyz")
    assert verdict.level >= Level.UNVERIFIED or "padding.inflated" in rules_of(verdict)
    assert "scan.limit-reached" not in gaps_of(verdict)


@pytest.mark.parametrize("defect", ["orphan", "deleted"])
@pytest.mark.parametrize("path", ["Macros", "Macros/VBA", "Macros/VBA/Module1", "Macros/VBA/dir"])
def test_o07_macros_in_entries_that_no_tree_holds(defect, path):
    verdict = look(planted(f"{defect}:{path}"))
    assert rules_of(verdict) >= PLANTED
    assert "ole.orphan-stream" in rules_of(verdict) or "ole.deleted-entry" in rules_of(verdict)


def test_o08_two_entries_share_their_sectors():
    verdict = look(planted("shared-sector:Macros/VBA/dir"))
    assert "chain-shared" in texts_of(verdict, "ole.malformed-allocation")
    pairs = {"Macros/VBA/Copy": b"emotriage-inert", **dict.fromkeys(["zz"], b"emotriage-inert")}
    assert rules_of(look(planted("shared-sector:zz", streams=pairs))) >= PLANTED


def test_o08_thousands_of_entries_share_one_chain():
    count, body = 1500, bytes(range(256)) * 4096
    data = bytearray(planted(streams={"Big": body, **{f"s{index}": b"x" * 4096 for index in range(count)}}))
    start = struct.unpack_from("<I", data, entry_at(data, "Big") + 116)[0]
    for index in range(count):
        struct.pack_into("<IQ", data, entry_at(data, f"s{index}") + 116, start + index, len(body) - 512 * index)
    compound, budget = read(bytes(data))
    before = budget.work
    for one in compound.entries:
        compound.open(one).read(0, 64)
    assert budget.work - before < count * 8192
    assert compound.open(compound.find("s1400")).read() == body[512 * 1400 :]
    assert rules_of(look(bytes(data))) >= PLANTED


def test_o08_two_entries_of_one_name():
    project = vba_project(MACROS, host="word")
    clean = {one.path: read(project)[0].open(one).read() for one in read(project)[0].entries if one.kind == "stream"}
    for decoy_first in (True, False):
        pairs = list(clean.items())
        decoys = [("VBA/Module1", b"\1\0\xb0" + bytes(40))]
        data = compound_file([*decoys, *pairs] if decoy_first else [*pairs, *decoys])
        verdict = look(data, "vbaProject.bin")
        assert rules_of(verdict) >= PLANTED | {"ole.duplicate-name"}


def test_o09_no_truncation_is_clean_and_what_is_there_is_found():
    data = planted()
    behind = data.index(b"Attribut") + 512  # of the packed source, in the mini stream
    found = 0
    for cut in range(0, len(data), len(data) // 64):
        verdict = look(data[:cut])
        assert cut == 0 or verdict.level >= Level.UNVERIFIED, cut
        assert cut == 0 or verdict.gaps or cut < 8, cut
        if cut >= behind:
            found += 1
            assert rules_of(verdict) >= PLANTED, cut
    assert found > 10


def test_o09_files_in_what_tables_no_longer_lead_to():
    body = (
        bytes(8192)
        + b"%PDF-1.7\n1 0 obj\n<< /OpenAction << /S /Launch /F (emotriage-inert) >> >>\nendobj\n"
        + bytes(8192)
    )
    data = planted(streams={"Data": body})
    verdict = look(data[: data.index(b"%PDF") + 4096])
    assert "ole.damaged" in gaps_of(verdict)
    assert {one.kind for one in verdict.artifacts} == {"ole", "pdf"}
    assert "pdf.launch" in rules_of(verdict)


@pytest.mark.parametrize("shift", [0, 1, 7, 31])
def test_o10_impossible_sector_shifts(shift):
    verdict = look(planted(f"bad-sector-shift:{shift}"))
    assert rules_of(verdict) >= PLANTED
    assert "header-sector-shift" in texts_of(verdict, "ole.damaged")


@pytest.mark.parametrize("shift", [0, 31])
def test_o10_impossible_mini_sector_shifts(shift):
    verdict = look(planted(f"bad-mini-shift:{shift}"))
    assert rules_of(verdict) >= PLANTED
    assert "header-mini-shift" in texts_of(verdict, "ole.damaged")


def test_o10_byte_order_and_version():
    assert rules_of(look(planted("bad-byte-order"))) >= PLANTED | {"ole.malformed-header"}
    assert rules_of(look(planted("bad-version"))) >= PLANTED | {"ole.malformed-header"}
    sane = look(planted(container={"version": 4}))
    assert rules_of(sane) >= PLANTED
    assert not any(one.startswith("ole.") for one in rules_of(sane))
    assert sane.complete


@pytest.mark.parametrize("defect", ["stream-too-long", "stream-size-negative"])
def test_o11_sizes_beyond_the_file(defect):
    data = planted(f"{defect}:WordDocument")
    verdict = look(data)
    assert rules_of(verdict) >= PLANTED
    assert "stream-clipped" in texts_of(verdict, "ole.damaged")
    assert all(one.size <= len(data) for one in read(data)[0].entries)


def test_o11_the_upper_half_of_a_size():
    assert look(planted("stream-size-high:WordDocument")).complete  # undefined in version 3
    verdict = look(planted("stream-size-high:WordDocument", container={"version": 4}))
    assert "stream-clipped" in texts_of(verdict, "ole.damaged")
    assert rules_of(verdict) >= PLANTED


@pytest.mark.parametrize("junk", [b"\x90", b"\x90" * 512, bytes(range(256)) * 16, JPEG, JPEG + bytes(1000)])
def test_o12_behind_something_else(junk):
    verdict = look(junk + planted(), "picture.jpg" if junk.startswith(JPEG) else "minutes.doc")
    assert rules_of(verdict) >= PLANTED
    assert [one.kind for one in verdict.artifacts][1] == "ole"


NAMES = {
    "full": "n" * 32,
    "nul": "x\0y\0",
    "slash": "a/b\0",
    "back": "a\\b\0",
    "colon": "a:b\0",
    "bang": "a!b\0",
    "half": "\ud800x\0",
    "control": "\x01x\0",
    "override": "a\u202eb\0",
    "length": b"q\0" * 20,
}


def test_o13_names_that_no_program_writes():
    paths = {f"odd/{key}": b"emotriage-inert" for key in NAMES}
    data = planted(streams=paths, container={"raw_names": {f"odd/{key}": name for key, name in NAMES.items()}})
    verdict = look(data)
    assert rules_of(verdict) >= PLANTED | {"ole.malformed-tree"}
    verdict.to_json().encode("ascii")
    compound, _ = read(data)
    folded = [one.path.upper() for one in compound.entries]
    assert len(set(folded)) == len(folded)


def test_o14_twenty_packages_inside_each_other():
    data = planted()
    for level in range(20):
        data = package_object(data, f"level{level}.doc")
    verdict = look(data, "outer.bin")
    assert "scan.too-deep" in gaps_of(verdict)
    assert max(one.id for one in verdict.artifacts) == 13
    assert all(one.sha256 for one in verdict.artifacts)
    inner = planted()
    for level in range(12):
        inner = package_object(inner, f"level{level}.doc")
    assert rules_of(look(inner, "outer.bin")) >= PLANTED


@pytest.mark.parametrize("declared", [0, 1, 100, 0x7FFFFFFF, 0xFFFFFFFF])
def test_o15_packages_that_lie_about_their_length(declared):
    data = package_object(executable(), "..\\..\\x.lnk", "C:\\x.lnk", "..\\..\\x.lnk", declared_size=declared)
    verdict = look(data, "object.bin")
    assert "ole.embedded-program" in rules_of(verdict)
    assert verdict.gaps or len(verdict.artifacts) == 3  # what stands behind the declared end is looked at by itself
    assert all("\0" not in one.name for one in verdict.artifacts)


def test_o16_noise_under_a_header():
    head = bytes.fromhex("d0cf11e0a1b11ae1")
    for seed in range(40):
        noise = random.Random(seed).randbytes(20_000)
        verdict = look(head + noise, "noise.doc")
        assert verdict.level >= Level.UNVERIFIED
        assert verdict.gaps


@pytest.mark.long
def test_o16_noise_under_a_header_at_full_size():
    head = bytes.fromhex("d0cf11e0a1b11ae1")
    for seed in range(600):
        chooser = random.Random(seed)
        data = head + chooser.randbytes(504) + chooser.randbytes(MIB)
        budget = Budget(Limits())
        try:
            compound = read_compound_file(Blob(data), budget)
        except Malformed:
            continue
        assert any(one.incomplete for one in compound.anomalies), seed
        assert budget.work < 64 * MIB, seed
        for one in compound.entries:
            assert one.size <= len(data), seed
            compound.open(one).read(0, 4096)


def test_a_file_that_is_an_archive_as_well_is_read_both_ways():
    data = planted() + archive(files={"a.vbs": b'CreateObject("WScript.Shell").Run "emotriage-inert"'})
    assert rules_of(look(data)) >= PLANTED
