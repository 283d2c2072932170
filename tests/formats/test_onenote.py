"""The reader of OneNote sections: held against pyOneNote, against each defect, both layouts, cuts and mutants."""

import io
import random
import struct
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.formats.onenote import SECTION, read_notebook
from emotriage.formats.onenote.fsshttpb import compact
from emotriage.formats.onenote.onestore import FILE_FOOTER, FILE_HEADER
from emotriage.formats.onenote.onestore_properties import read_properties
from emotriage.model.blob import Blob
from emotriage.model.errors import BudgetSpent, Malformed
from emotriage.model.limits import GIB, Budget, Limits
from emotriage.testing import notebook, shortcut

FILES = {"open.hta": b"<script>emotriage-inert</script>", "plan.txt": b"1. think", "offer.lnk": shortcut()}
PICTURES = {"cover.png": b"\x89PNG\r\n\x1a\n" + bytes(40)}
FULL = notebook(FILES, text="Double click", pictures=PICTURES, covered=True)
PACKAGED = bytes.fromhex("2fe98d63d4a6c14b9a36b3fc2511a5b7")


def read(data: bytes, **limits: int):
    return read_notebook(Blob(data), Budget(Limits(**limits)))


def contents(data: bytes, found) -> list[bytes]:
    return [data[one.offset : one.offset + one.size] for one in found.files]


def codes(found) -> set[str]:
    return {one.code for one in found.anomalies}


def stored(data: bytes, declared: int | None = None, footer: bytes = FILE_FOOTER) -> bytes:
    length = len(data) if declared is None else declared
    return FILE_HEADER + struct.pack("<QIQ", length, 0, 0) + data + bytes(-len(data) % 8) + footer


def test_files_names_and_places():
    found = read(FULL)
    assert found.layout == "store"
    assert sorted(contents(FULL, found)) == sorted([*FILES.values(), *PICTURES.values()])
    named = {one.name: FULL[one.offset : one.offset + one.size] for one in found.files}
    assert named == FILES | PICTURES
    assert {one.name: one.attached for one in found.files} == dict.fromkeys(FILES, True) | {"cover.png": False}
    assert dict(found.names) == {name: f"C:\\inert\\{name}" for name in FILES}
    assert found.anomalies == ()
    assert found.end == len(FULL)
    assert not found.locked


def test_many_files_keep_their_names():
    files = {f"{number}.txt": b"%d" % number for number in range(600)}
    data = notebook(files)
    found = read(data)
    assert {one.name: data[one.offset : one.offset + one.size] for one in found.files} == files


def test_same_as_pyonenote_over_all_recipes(samples):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyOneNote.OneDocument import OneDocment

    compared = 0
    for name, (recipe, data) in samples.items():
        if recipe.family not in {"onenote", "benign"} or not data.startswith(SECTION) or data[48:64] == PACKAGED:
            continue
        if recipe.build.get("defect") or recipe.build["kind"] == "damaged":
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = OneDocment(io.BytesIO(data)).get_files()
        assert sorted(contents(data, read(data))) == sorted(one["content"] for one in theirs.values()), name
        compared += 1
    assert compared > 10


@pytest.mark.parametrize(
    ("defect", "code", "gap"),
    [
        ("fragment-loop", None, False),
        ("fragment-past-end", None, False),
        ("transactions", "transaction-log", True),
        ("property-array", None, False),
        ("unreferenced-file", "file-without-node", False),
        ("file-guid", "file-without-guid", False),
        ("file-length", "file-length", False),
        ("file-footer", "file-footer", False),
        ("property-past-end", "property-set", True),
    ],
)
def test_defects_hide_no_file(defect, code, gap):
    data = notebook(FILES, defect=defect)
    found = read(data)
    assert codes(found) == ({code} if code else set())
    assert any(one.incomplete for one in found.anomalies) is gap
    for content, whole in zip(sorted(contents(data, found)), sorted(FILES.values()), strict=True):
        assert content.rstrip(b"\0") == whole.rstrip(b"\0")


def test_nodes_that_no_transaction_knows_and_such_that_are_missing():
    data = notebook({"a.txt": b"a"})
    log = struct.unpack_from("<Q", data, 0xA0)[0]
    entry = next(at for at in range(log, len(data), 8) if data[at : at + 4] == b"\x14\0\0\0")
    count = struct.unpack_from("<I", data, entry + 4)[0]
    for value, code in ((count + 1, "nodes-missing"), (count - 1, "nodes-not-committed"), (count, None)):
        changed = data[: entry + 4] + struct.pack("<I", value) + data[entry + 8 :]
        assert codes(read(changed)) == ({code} if code else set())


def test_a_locked_section_is_noticed():
    assert read(notebook(FILES, defect="encrypted")).locked


def test_a_table_of_contents_is_read():
    assert read(notebook(text="a", layout="table-of-contents")).layout == "store"


def test_a_file_that_claims_more_than_there_is():
    data = notebook() + stored(b"<script>", 500 << 20, b"")
    found = read(data)
    assert contents(data, found) == [b"<script>"]
    assert "file-past-end" in {one.code for one in found.anomalies if one.incomplete}


def test_a_file_that_claims_less_than_there_is():
    data = notebook() + stored(b"<script>emotriage-inert</script>", 1)
    assert contents(data, read(data)) == [b"<script>emotriage-inert</script>"]


def test_a_notebook_in_a_notebook_is_one_file():
    data = notebook({"inner.one": FULL})
    assert contents(data, read(data)) == [FULL]


def test_a_guid_across_two_windows():
    head = notebook()
    data = head + bytes((1 << 20) - len(head) - 7) + stored(b"emotriage-inert ")
    assert contents(data, read(data)) == [b"emotriage-inert "]


def test_a_hundred_thousand_files_end_in_a_gap():
    data = notebook() + stored(b"emotriage-inert ") * 20_000
    found = read(data)
    assert len(found.files) == 10_000
    assert "too-many-files" in {one.code for one in found.anomalies if one.incomplete}


def test_the_sweep_costs_budget():
    with pytest.raises(BudgetSpent):
        read(FULL, work=5000)


def test_without_its_header_it_is_no_notebook():
    for data in (b"", FULL[:63], b"x" + FULL):
        with pytest.raises(Malformed):
            read(data)


def test_a_giant_of_zeros_with_a_file_at_its_end():
    class Sparse:
        size = GIB

        def read(self, offset, length):
            tail = stored(b"emotriage-inert ")
            out = bytearray(FULL[offset : offset + length].ljust(length, b"\0"))
            if offset + length > GIB - len(tail):
                start = GIB - len(tail) - offset
                out[max(start, 0) :] = tail[max(-start, 0) :]
            return bytes(out[:length])

        def close(self):
            pass

    from emotriage.model.padding import Run

    blob = Blob(Sparse())
    blob.holes = (Run(len(FULL), GIB - len(FULL) - 100, 0),)
    found = read_notebook(blob, Budget(Limits()))
    assert len(found.files) == len(FILES) + len(PICTURES) + 1


# The packaged layout: a small package, built by hand after [MS-FSSHTTPB] 2.2.1.


def start(kind: int, data: bytes, *, compound: bool = False, long: bool = False) -> bytes:
    if len(data) < 128 and kind < 64 and not long:
        return struct.pack("<H", compound << 2 | kind << 3 | len(data) << 9) + data
    head = 2 | compound << 2 | kind << 3
    if len(data) < 0x7FFF:
        return struct.pack("<I", head | len(data) << 17) + data
    return struct.pack("<I", head | 0x7FFF << 17) + number(len(data)) + data


def number(value: int) -> bytes:
    """A compact 64-bit integer in as few bytes as it takes."""
    if value == 0:
        return b"\0"
    width = next((width for width in range(1, 8) if value < 1 << 7 * width), 8)
    return (
        b"\x80" + struct.pack("<Q", value)
        if width == 8
        else (value << width | 1 << width - 1).to_bytes(width, "little")
    )


def property_set(name: str) -> bytes:
    wide = name.encode("utf-16-le") + b"\0\0"
    return struct.pack("<IHII", 1 << 31, 1, 0x1C001D9C, len(wide)) + wide


def package(*blobs: bytes, names=(), finish: bool = True) -> bytes:
    guid = b"\x04" + bytes(16)
    parts = [
        SECTION,
        bytes(32),
        PACKAGED,
        bytes(4),
        start(0x7A, guid + bytes(16), compound=True),
        start(0x15, b"\0", compound=True),
    ]
    for name in names:
        inner = property_set(name)
        data = number(2) + guid + b"\0" + number(1) + guid + b"\0" + number(len(inner)) + inner
        parts += [start(0x01, guid + bytes(9) + b"\x0b", compound=True), start(0x16, data), b"\x05"]
    for blob in blobs:
        parts += [start(0x01, guid + bytes(9) + b"\x15", compound=True), start(0x02, number(len(blob)) + blob), b"\x05"]
    parts.append(b"\x55" + struct.pack("<H", 0x7A << 2 | 3) if finish else b"")
    return b"".join(parts)


@pytest.mark.parametrize("size", [0, 1, 100, 127, 128, 30_000, 33_000, 200_000])
def test_blobs_of_a_package(size):
    blob = b"a" * size
    data = package(blob, b"emotriage-inert")
    found = read(data)
    assert found.layout == "packaged"
    assert contents(data, found) == [blob, b"emotriage-inert"]
    assert found.anomalies == ()
    assert found.end == len(data)


def test_names_of_a_package():
    data = package(PICTURES["cover.png"], b"@echo off", names=["open.cmd"])
    found = read(data)
    assert found.names == (("open.cmd", ""),)
    assert [one.name for one in found.files] == ["", "open.cmd"]


def identity(value: int) -> bytes:
    return bytes([value << 3 | 4]) + bytes(range(16))


def group(*objects: tuple[int, tuple[int, ...], bytes | None]) -> bytes:
    """An object group: (number, numbers it refers to, property set); no set: its data is the BLOB of number + 16."""
    declared, given = [], []
    for name, references, said in objects:
        if said is None:
            declared.append(start(0x05, identity(name) + identity(name + 16) + number(2) + number(9) + b"\0\0"))
            given.append(start(0x1C, b"\0\0"))
            continue
        links = number(len(references)) + b"".join(map(identity, references))
        declared.append(start(0x18, identity(name) + number(1) + number(len(said)) + links[:1] + b"\0"))
        given.append(start(0x16, links + b"\0" + number(len(said)) + said))
    parts = (start(0x1D, b"", compound=True), *declared, b"\x75", start(0x1E, b"", compound=True), *given, b"\x79")
    return start(0x01, identity(31) + bytes(9) + b"\x0b", compound=True) + b"".join(parts) + b"\x05"


def said(prids: dict[int, object]) -> bytes:
    """A property set: texts, lengths, and lists of objects by their count."""
    data = b""
    for prid, value in prids.items():
        wide = str(value).encode("utf-16-le") + b"\0\0"
        kind = prid >> 26 & 31
        if kind == 5:
            data += struct.pack("<f", value)
        elif kind == 7:
            data += struct.pack("<I", len(wide)) + wide
        elif kind == 9:
            data += struct.pack("<I", value)
    ids = sum(value if prid >> 26 & 31 == 9 else prid >> 26 & 31 == 8 for prid, value in prids.items())
    head = struct.pack("<I", ids | 1 << 31) + bytes(4 * ids)
    return head + struct.pack(f"<H{len(prids)}I", len(prids), *prids) + data


def test_names_and_places_of_a_package_with_an_index():
    across, down, width, height = 0x14001C14, 0x14001C15, 0x140034CD, 0x140034CE
    icon = {across: 1.0, down: 1.0, width: 1.0, height: 1.0}
    index = group(
        (1, (2, 3), said({0x24001C20: 2, 0x14001C01: 20.0})),
        (2, (4,), said({0x20001D9B: 1, 0x1C001D9C: "open.cmd", **icon})),
        (3, (5,), said({0x20001C3F: 1, 0x1C001DD7: "cover.png", **icon})),
        (4, (), None),
        (5, (), None),
    )
    stored = [
        start(0x01, identity(each + 16) + bytes(9) + b"\x15", compound=True)
        + start(0x02, number(len(data)) + data)
        + b"\x05"
        for each, data in ((4, b"@echo off"), (5, PICTURES["cover.png"]))
    ]
    whole = package()
    end = len(whole) - 3
    found = read(whole[:end] + index + b"".join(stored) + whole[end:])
    assert [(one.name, one.attached) for one in found.files] == [("open.cmd", True), ("cover.png", False)]
    assert [(one.file.text, one.share, one.above) for one in found.covers] == [("open.cmd", 1.0, True)]
    assert found.anomalies == ()


def test_a_package_that_ends_early_is_a_gap():
    data = package(b"emotriage-inert", finish=False)
    for cut in (data, data[:-1], data + bytes(500), data[:70], data[:64]):
        found = read(cut)
        assert any(one.incomplete for one in found.anomalies)
        assert found.end is None


def test_a_stored_file_in_a_package_is_swept_up():
    data = package(b"plan") + stored(b"emotriage-inert ")
    assert contents(data, read(data)) == [b"plan", b"emotriage-inert "]


@given(st.integers(0, (1 << 64) - 1))
def test_compact_integers(value):
    assert compact(number(value) + b"rest") == (value, len(number(value)))


@given(st.binary(max_size=300))
def test_any_property_set(raw):
    found = read_properties(raw, Budget(Limits()))
    assert isinstance(found.complete, bool)


def test_a_million_nested_sets_are_no_recursion():
    raw = struct.pack("<I", 1 << 31) + struct.pack("<HI", 1, 0x44000001) * 150_000
    assert not read_properties(raw, Budget(Limits())).complete


@pytest.mark.parametrize("length", range(64, len(FULL), 97))
def test_cut_anywhere(length):
    found = read(FULL[:length])
    assert any(one.incomplete for one in found.anomalies)


def test_mutants_raise_nothing():
    rng = random.Random(2)
    for base in (FULL, package(b"emotriage-inert" * 20, names=["open.cmd"])):
        for _ in range(150):
            data = bytearray(base)
            for _ in range(rng.randrange(1, 8)):
                data[rng.randrange(64, len(data))] = rng.randrange(256)
            found = read(bytes(data))
            assert all(0 <= one.offset <= one.offset + one.size <= len(data) for one in found.files)


@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_behind_the_header(tail, packaged):
    read(SECTION + bytes(32) + (PACKAGED if packaged else bytes(16)) + bytes(4) + tail)
