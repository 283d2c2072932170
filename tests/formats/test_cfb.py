"""The compound file reader, held against olefile and against everything a file can lie about."""

import io
import random
import struct
from contextlib import suppress

import olefile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotriage.formats.cfb import CompoundFile, read_compound_file
from emotriage.model.blob import Blob
from emotriage.model.errors import BudgetSpent, Malformed
from emotriage.model.limits import MIB, Budget, Limits
from emotriage.testing.compound_file import compound_file

STREAMS = {
    "WordDocument": bytes(range(256)) * 40,
    "Macros/VBA/dir": b"small",
    "Macros/VBA/Module1": b"x" * 4096,
    "Macros/PROJECT": b"y" * 4095,
    "Macros/VBA/Long": bytes(index % 251 for index in range(70_000)),
    "\x01CompObj": b"",
    "ObjectPool/": b"",
    "\u8868": b"z" * 65,
}


def read(data: bytes, **limits: int) -> CompoundFile:
    return read_compound_file(Blob(data), Budget(Limits(**limits)))


def contents(compound: CompoundFile, *, orphans: bool = False) -> dict[str, bytes]:
    return {
        one.path: compound.open(one).read()
        for one in compound.entries
        if one.kind == "stream" and (orphans or not one.orphan)
    }


def codes(compound: CompoundFile) -> set[str]:
    return {one.code for one in compound.anomalies}


def gaps(compound: CompoundFile) -> set[str]:
    return {one.code for one in compound.anomalies if one.incomplete}


def filled(streams: dict[str, bytes]) -> dict[str, bytes]:
    return {path: body for path, body in streams.items() if not path.endswith("/")}


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("scattered", [False, True])
def test_streams_and_storages(version, scattered):
    clsids = {"": "00020906-0000-0000-c000-000000000046", "Macros": "0003000c-0000-0000-c000-000000000046"}
    data = compound_file(STREAMS, version=version, scattered=scattered, clsids=clsids)
    compound = read(data)
    assert contents(compound) == filled(STREAMS)
    assert compound.anomalies == ()
    assert compound.end == len(data)
    root = compound.entries[0]
    assert (root.kind, root.path, root.parent, root.clsid) == ("root", "", -1, clsids[""])
    assert compound.find("macros").clsid == clsids["Macros"]
    assert compound.find("MACROS/vba/DIR").path == "Macros/VBA/dir"
    assert {one.name for one in compound.children(compound.find("Macros"))} == {"VBA", "PROJECT"}
    assert compound.find("ObjectPool").kind == "storage"
    assert compound.find("Macros/VBA/nothing") is None


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.text(st.characters(exclude_characters="/\\:!", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=15),
        st.integers(0, 9000),
        max_size=40,
    ),
    st.sampled_from([3, 4]),
    st.booleans(),
)
def test_it_reads_what_olefile_reads(sizes, version, scattered):
    folded = {name.upper(): (name, size) for name, size in sizes.items()}
    streams = {f"S/{name}": name.encode()[:1] * size for name, size in folded.values()}
    data = compound_file(streams, version=version, scattered=scattered)
    compound = read(data)
    with olefile.OleFileIO(io.BytesIO(data)) as file:
        theirs = {"/".join(path): file.openstream(path).read() for path in file.listdir()}
    assert contents(compound) == theirs
    assert compound.anomalies == ()
    assert compound.end == len(data)


def test_names_are_kept_and_paths_escaped():
    streams = {"a/plain": b"1", "a/slash": b"2", "a/back": b"3", "a/half": b"4", "a/nul": b"5", "a/full": b"6"}
    names = {
        "a/slash": "x/y\0",
        "a/back": "x\\y\0",
        "a/half": "\ud800x\0",
        "a/nul": "x\0y\0",
        "a/full": "n" * 32,
    }
    compound = read(compound_file(streams, raw_names=names))
    found = {one.path: one.name for one in compound.entries if one.kind == "stream"}
    assert found == {
        "a/plain": "plain",
        "a/x\\x2fy": "x/y",
        "a/x\\x5cy": "x\\y",
        "a/\ud800x": "\ud800x",
        "a/x": "x",
        "a/" + "n" * 31: "n" * 31,
    }
    assert codes(compound) == {"entry-name"}
    assert contents(compound)["a/x\\x2fy"] == b"2"


@pytest.mark.parametrize("length", [66, 0xFFFF, 63, 64])
def test_names_end_at_their_zero_whatever_their_length_says(length):
    data = bytearray(compound_file({"Workbook": b"content"}))
    at = data.find("Workbook".encode("utf-16-le"))
    data[at + 64 : at + 66] = length.to_bytes(2, "little")
    compound = read(bytes(data))
    assert codes(compound) == {"entry-name"}
    assert contents(compound) == {"Workbook": b"content"}
    assert compound.find("workbook") is not None


def test_equal_names_get_paths_of_their_own():
    compound = read(compound_file([("m/Dir", b"first"), ("m/dir", b"second")]))
    streams = [one for one in compound.entries if one.kind == "stream"]
    assert len({one.path.upper() for one in streams}) == 2
    assert {compound.open(one).read() for one in streams} == {b"first", b"second"}
    assert {one.name.lower() for one in streams} == {"dir"}
    assert codes(compound) == {"entry-duplicate"}


@pytest.mark.parametrize(
    ("defect", "expected", "gap"),
    [
        ("fat-loop", {"chain-loop", "stream-clipped"}, {"stream-clipped"}),
        ("fat-out-of-range", {"chain-out-of-range", "stream-clipped"}, {"stream-clipped"}),
        ("minifat-loop", {"chain-loop", "stream-clipped"}, {"stream-clipped"}),
        ("minifat-out-of-range", {"chain-out-of-range", "stream-clipped"}, {"stream-clipped"}),
        ("directory-loop", {"chain-loop"}, {"chain-loop"}),
        ("difat-count", {"fat-count", "difat-count"}, set()),
        ("tree-cycle", {"tree-cycle", "entry-orphan"}, set()),
        ("orphan", {"entry-orphan"}, set()),
        ("deleted", {"entry-deleted"}, set()),
        ("shared-sector", {"chain-shared"}, set()),
        ("stream-too-long", {"chain-shared", "stream-clipped"}, {"stream-clipped"}),
        ("stream-size-negative", {"chain-shared", "stream-clipped"}, {"stream-clipped"}),
        ("bad-byte-order", {"header-byte-order"}, set()),
        ("bad-version", {"header-version"}, set()),
        ("bad-sector-shift:0", {"header-sector-shift"}, {"header-sector-shift"}),
        ("bad-sector-shift:31", {"header-sector-shift"}, {"header-sector-shift"}),
        ("bad-mini-shift:0", {"header-mini-shift"}, {"header-mini-shift"}),
        ("bad-mini-shift:31", {"header-mini-shift"}, {"header-mini-shift"}),
    ],
)
def test_a_defect_is_named_and_hides_no_other_stream(defect, expected, gap):
    streams = {**filled(STREAMS), "zz": b"w" * 66}
    compound = read(compound_file(streams, defects=[defect]))
    assert codes(compound) == expected
    assert gaps(compound) == gap
    found = {one.name: compound.open(one).read() for one in compound.entries if one.kind == "stream"}
    for path, body in streams.items():
        if path != "zz":
            assert found[path.rpartition("/")[2]] == body
    assert all(one.size <= compound.blob.size for one in compound.entries)


def test_a_loop_is_read_once():
    compound = read(compound_file({"sane": b"marker" * 1000}, defects=["fat-loop"]))
    assert compound.open(compound.find("Loop")).size == 512
    assert compound.open(compound.find("sane")).read() == b"marker" * 1000


def test_difat_loop_ends():
    compound = read(compound_file({"sane": b"marker" * 1000}, defects=["difat-loop"]))
    assert compound.open(compound.find("sane")).read() == b"marker" * 1000
    assert "fat-count" in codes(compound)


def test_orphans_and_deleted_entries_are_listed_with_their_content():
    for defect in ("orphan", "deleted"):
        compound = read(compound_file({"a": b"1" * 5000, "b": b"marker" * 1000}, defects=[defect]))
        (found,) = [one for one in compound.entries if one.orphan]
        assert (found.name, found.parent, found.kind) == ("b", -1, "stream")
        assert found.path.startswith("\\orphan")
        assert compound.open(found).read() == b"marker" * 1000


def test_an_orphan_storage_keeps_what_is_in_it():
    data = bytearray(compound_file({"m/VBA/dir": b"one", "m/VBA/Module1": b"two"}))
    sector = struct.unpack_from("<I", data, 48)[0]
    struct.pack_into("<I", data, (sector + 1) * 512 + 76, 0xFFFFFFFF)  # the root's child
    compound = read(bytes(data))
    assert all(one.orphan for one in compound.entries[1:])
    by_name = {one.name: one for one in compound.entries}
    assert {one.name for one in compound.children(by_name["VBA"])} == {"dir", "Module1"}
    assert compound.open(by_name["Module1"]).read() == b"two"


def test_high_half_of_a_size_counts_in_version_4_only():
    body = {"a": b"1" * 5000}
    assert contents(read(compound_file(body, defects=["stream-size-high"]))) == body
    wide = read(compound_file(body, version=4, defects=["stream-size-high"]))
    assert gaps(wide) == {"stream-clipped"}
    assert wide.find("a").size <= wide.blob.size


@pytest.mark.parametrize("data", [b"", b"\xd0\xcf\x11\xe0", b"PK\3\4" + bytes(600), bytes(4096)])
def test_no_header_no_compound_file(data):
    with pytest.raises(Malformed):
        read(data)


def test_a_header_alone_is_a_gap():
    compound = read(compound_file({"a": b"1"})[:512])
    assert compound.entries == ()
    assert "directory-missing" in gaps(compound)


def test_truncation_loses_nothing_in_silence():
    streams = {**filled(STREAMS), "zz": b"w" * 66}
    data = compound_file(streams)
    for cut in range(0, len(data), len(data) // 64):
        with suppress(Malformed):
            compound = read(data[:cut])
            found = contents(compound, orphans=True)
            whole = all(found.get(path) == body for path, body in streams.items())
            assert whole or gaps(compound), cut


def test_a_partial_last_sector_is_enough():
    body = b"q" * 5000
    data = compound_file({"a": body})
    stream_end = data.rindex(b"q") + 1
    assert len(data) > stream_end
    moved = bytearray(data)
    compound = read(bytes(moved[: len(moved) - 100]))
    assert compound.end == len(data) - 100
    assert contents(compound).get("a") == body or gaps(compound)


@pytest.mark.parametrize("version", [3, 4])
def test_the_end_is_exact_under_half_a_gigabyte_of_padding(version):
    data = compound_file(STREAMS, version=version)

    class Padded:
        size = len(data) + 520 * MIB
        touched = 0

        def read(self, offset: int, length: int) -> bytes:
            Padded.touched += length
            head = data[offset : offset + length]
            return head + bytes(length - len(head))

        def close(self) -> None: ...

    budget = Budget(Limits())
    compound = read_compound_file(Blob(Padded()), budget)
    assert compound.end == len(data)
    assert contents(compound) == filled(STREAMS)
    assert compound.anomalies == ()
    assert Padded.touched < 4 * len(data) + 65536 * 4
    assert budget.work < MIB


def test_rest_of_the_fat_filled_with_other_than_free_does_not_move_the_end():
    data = compound_file({"a": b"1" * 5000})
    for filler in (0, 0xFFFFFFFE):
        spoilt = bytearray(data)
        fat = (struct.unpack_from("<I", data, 76)[0] + 1) * 512
        for at in range(fat, fat + 512, 4):
            if struct.unpack_from("<I", data, at)[0] == 0xFFFFFFFF:
                struct.pack_into("<I", spoilt, at, filler)
        compound = read(bytes(spoilt) + bytes(100_000))
        assert compound.end == len(data)
        assert contents(compound) == {"a": b"1" * 5000}


def test_deep_nesting_takes_no_recursion_and_no_quadratic_paths():
    path = "/".join(f"storage{index:05}" + "n" * 18 for index in range(4000))
    compound = read(compound_file({path + "/marker": b"found" * 1000}))
    (marker,) = [one for one in compound.entries if one.kind == "stream"]
    assert (marker.name, marker.orphan) == ("marker", False)
    assert compound.open(marker).read() == b"found" * 1000
    assert sum(len(one.path) for one in compound.entries) < 500_000
    assert "tree-deep" in codes(compound)


def header_and_tables(directory: bytes, sectors: int) -> bytes:
    """A version 3 file by hand: FAT sectors first, then one chain that is the directory."""
    count = 1
    while (sectors + count) > count * 128:
        count += 1
    fat = [0xFFFFFFFD] * count + [*range(count + 1, count + sectors), 0xFFFFFFFE]
    fat += [0xFFFFFFFF] * (count * 128 - len(fat))
    head = struct.pack(
        "<8s16s6H10I", bytes.fromhex("d0cf11e0a1b11ae1"), bytes(16), 62, 3, 0xFFFE, 9, 6, 0, 0, 0, count, count, 0,
        4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0,
    )  # fmt: skip
    head += struct.pack("<109I", *range(count), *[0xFFFFFFFF] * (109 - count))
    return head + struct.pack(f"<{len(fat)}I", *fat) + directory


def entry(name: str, kind: int, *, right: int = -1, child: int = -1, start: int = 0, size: int = 0) -> bytes:
    raw = name.encode("utf-16-le") + b"\0\0"
    links = [one & 0xFFFFFFFF for one in (-1, right, child)]
    return struct.pack("<64sHBBIII16sIQQIQ", raw, len(raw), kind, 1, *links, bytes(16), 0, 0, 0, start, size)


def test_a_hundred_thousand_empty_entries_cost_little():
    blank = bytes(128)
    directory = entry("Root Entry", 5, child=99_999) + blank * 99_998 + entry("last", 1)
    budget = Budget(Limits())
    compound = read_compound_file(Blob(header_and_tables(directory[: 54_400 * 128], 13_600)), budget)
    assert compound.entries[0].kind == "root"
    assert "tree-dangling" in codes(compound)  # the entry lies behind what 109 sectors of the FAT can reach
    assert budget.work < 32 * MIB


def test_too_many_entries_are_a_gap():
    directory = entry("Root Entry", 5) + b"".join(entry(f"{index}", 2) for index in range(40_000))
    compound = read(header_and_tables(directory.ljust(10_001 * 512, b"\0"), 10_001))
    assert gaps(compound) == {"directory-too-long"}
    assert len(compound.entries) < 40_000


def test_sibling_chain_of_thousands_is_no_recursion():
    count = 30_000
    chain = b"".join(entry(f"{index:05}", 2, right=index + 2 if index < count - 1 else -1) for index in range(count))
    compound = read(header_and_tables((entry("Root Entry", 5, child=1) + chain).ljust(7501 * 512, b"\0"), 7501))
    assert len(compound.entries) == count + 1
    assert not any(one.orphan for one in compound.entries)


def test_all_entries_in_one_long_chain_take_linear_work():
    count = 20_000
    entries = b"".join(entry(f"{index:05}", 2, start=157 + index % 4000, size=2 * MIB) for index in range(count))
    data = header_and_tables((entry("Root Entry", 5) + entries).ljust(5001 * 512, b"\0"), 5001)
    budget = Budget(Limits())
    compound = read_compound_file(Blob(data), budget)
    assert "chain-shared" in codes(compound)
    assert budget.work < 64 * MIB
    assert len(compound.anomalies) < 200


def mutants(data: bytes, count: int) -> list[bytes]:
    """Copies with a few bytes changed, most of them where the structure is."""
    chooser = random.Random(20211115)
    directory = (struct.unpack_from("<I", data, 48)[0] + 1) * 512
    fat = (struct.unpack_from("<I", data, 76)[0] + 1) * 512
    places = [(24, 512), (directory, directory + 1536), (fat, fat + 512), (0, len(data))]
    made = []
    for _ in range(count):
        spoilt = bytearray(data)
        for _ in range(chooser.randint(1, 6)):
            low, high = chooser.choice(places)
            at = chooser.randrange(low, min(high, len(data)))
            spoilt[at] = chooser.choice([0, 1, 0x7F, 0x80, 0xFF, 0xFE, chooser.randrange(256)])
        made.append(bytes(spoilt))
    return made


def test_mutants_end_declared_and_agree_with_olefile():
    data = compound_file(STREAMS, scattered=True)
    compared = 0
    for spoilt in mutants(data, 300):
        try:
            compound = read(spoilt)
        except Malformed:
            continue
        ours = contents(compound, orphans=True)
        assert all(len(body) <= len(spoilt) for body in ours.values())
        assert len({one.path.upper() for one in compound.entries}) == len(compound.entries)
        if compound.anomalies:
            continue
        with olefile.OleFileIO(io.BytesIO(spoilt)) as file:
            theirs = {"/".join(path): file.openstream(path).read() for path in file.listdir()}
        assert {path.upper(): body for path, body in contents(compound).items()} == {
            path.upper(): body for path, body in theirs.items()
        }
        compared += 1
    assert compared > 50


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=2048), st.integers(0, 511))
def test_noise_under_a_header(noise, at):
    data = bytearray(compound_file({"a": b"1" * 5000})[:512] + noise)
    data[at % len(data)] ^= 0xFF
    with suppress(Malformed):
        contents(read(bytes(data)), orphans=True)


@pytest.mark.parametrize("seed", range(40))
def test_random_headers_over_noise(seed):
    chooser = random.Random(seed)
    head = bytes.fromhex("d0cf11e0a1b11ae1") + chooser.randbytes(504)
    compound = read(head + chooser.randbytes(100_000))
    assert gaps(compound)
    contents(compound, orphans=True)


def test_the_budget_ends_it():
    data = compound_file({f"s{index}": b"x" * 600 for index in range(400)})
    with pytest.raises(BudgetSpent):
        read(data, work=50_000)
