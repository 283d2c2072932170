"""tar archives: the standard library as the oracle for honest ones, and a list of members for all others."""

import io
import tarfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.formats.tar import read_tape
from emotriage.formats.tar_header import read_number, read_records
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError, Malformed
from emotriage.model.limits import Budget, Limits
from emotriage.testing import tape
from emotriage.testing.tape import pax_records, tape_header

FORMS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}
MARK = bytes(1024)


def budget(**limits: int) -> Budget:
    return Budget(Limits(**limits))


def listed(data: bytes) -> list[tuple[str, bytes]]:
    blob = Blob(data)
    return [(one.name, blob.read(one.data, one.size)) for one in read_tape(blob, budget()).members]


def codes(data: bytes) -> set[str]:
    return {one.code for one in read_tape(Blob(data), budget()).anomalies}


def file(name: str, content: bytes = b"", **fields: object) -> bytes:
    return tape_header({"name": name, "size": len(content), **fields}) + content + bytes(-len(content) % 512)


NAMES = st.text(st.sampled_from("abc/.表ソé "), min_size=1, max_size=60).map(
    lambda one: "d/" * 20 + one.strip("/ ") + "x"
)


@given(st.sampled_from(sorted(FORMS)), st.lists(st.tuples(NAMES, st.binary(max_size=1500)), min_size=1, max_size=5))
def test_the_same_members_as_the_oracle(form, files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=FORMS[form]) as archive:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for kind in (tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo("special")
            info.type, info.linkname = kind, "target"
            archive.addfile(info)
    with tarfile.open(fileobj=io.BytesIO(out.getvalue())) as archive:
        expected = [(one.name, one.size, one.type.decode(), one.linkname) for one in archive]
    read = read_tape(Blob(out.getvalue()), budget())
    assert [(one.name.rstrip("/"), one.size, one.kind, one.link) for one in read.members] == expected
    assert [content for _, content in listed(out.getvalue())][: len(files)] == [content for _, content in files]
    assert read.anomalies == ()
    assert read.end == len(out.getvalue())


@given(st.lists(st.tuples(NAMES, st.binary(max_size=700)), min_size=1, max_size=4), st.booleans())
def test_own_writer_and_oracle_agree(files, gnu):
    data = tape(files, long_names=gnu, pax={} if gnu else {name: {"path": name} for name, _ in files})
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        expected = [(one.name, archive.extractfile(one).read()) for one in archive]
    assert [(name.rstrip("/"), content) for name, content in listed(data)] == expected


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (b"0000017\0", 15), (b"     17 ", 15), (b"17\0\0", 15), (b"\0\0\0\0", 0), (b"8", None), (b"1 7\0", None),
        (b"\x80\0\0\x0f", 15), (b"\xff\xff\xff\xfe", -2), (b"\x80" + b"\xff" * 11, 2**88 - 1), (b"-1\0", None),
    ],
)  # fmt: skip
def test_numbers(field, value):
    assert read_number(field) == value


@pytest.mark.parametrize(
    ("data", "found", "whole"),
    [
        (b"14 path=a/b=c\n", {"path": "a/b=c"}, True),
        (b"8 a=bcd\n" * 2, {"a": "bcd"}, True),
        (b"8 a=bcd\n99 b=c\n", {"a": "bcd"}, False),
        (b"0 a=b\n", {}, False),
        (b"x a=b\n", {}, False),
        (b"5 ab\n", {}, False),
        (b"", {}, True),
    ],
)
def test_pax_records(data, found, whole):
    assert read_records(data) == (found, whole)


def test_names_in_code_page_932():
    assert listed(tape({"表ソ.js": b"x"}, encoding="cp932")) == [("表ソ.js", b"x")]


def test_a_size_in_base_256_is_read():
    data = (
        tape_header({"name": "a", "size": b"\x80" + (3).to_bytes(11, "big")}) + b"abc" + bytes(509) + file("b") + MARK
    )
    assert listed(data) == [("a", b"abc"), ("b", b"")]


@pytest.mark.parametrize("size", [-1, -(2**70), b"\xff" * 12, b"77a", b"-0000000001"])
def test_sizes_that_are_none_leave_a_gap_and_the_next_member_is_found(size):
    data = tape_header({"name": "a", "size": size}) + file("b", b"x") + MARK
    assert listed(data) == [("a", b""), ("b", b"x")]
    assert "bad-size" in codes(data)


def test_a_size_past_the_end_is_cut():
    data = file("a", b"x") + tape_header({"name": "b", "size": 2**40}) + b"rest"
    assert listed(data) == [("a", b"x"), ("b", b"rest")]
    assert "cut-off" in codes(data)


@pytest.mark.parametrize("kind", ["L", "K", "x", "g", "N"])
def test_extensions_of_two_gigabytes_are_not_read(kind):
    data = tape_header({"name": "long", "type": kind, "size": 2 << 30}) + file("b", b"x") + MARK
    spent = budget()
    assert [one.name for one in read_tape(Blob(data), spent).members] == ["b"]
    assert "bad-extension" in codes(data)
    assert spent.work < 1 << 20


def test_a_chain_of_extensions_ends():
    one = tape_header({"name": "x", "type": "x", "size": 512}) + pax_records({"path": "y" * 497})[:512].ljust(
        512, b"\0"
    )
    data = one * 2000 + file("b", b"x") + MARK
    assert [member.data for member in read_tape(Blob(data), budget()).members] == [2000 * 1024 + 512]
    assert "bad-extension" in codes(data)


def test_global_records_hold_for_all():
    head = pax_records({"path": "c"})
    data = (
        tape_header({"name": "g", "type": "g", "size": len(head)})
        + head.ljust(512, b"\0")
        + file("a")
        + file("b")
        + MARK
    )
    assert [name for name, _ in listed(data)] == ["c", "c"]


@pytest.mark.parametrize("kind", ["1", "2", "5", "3"])
def test_members_in_the_content_of_a_link_are_found_by_both_readings(kind):
    inner = file("inner", b"x")
    data = tape_header({"name": "link", "type": kind, "size": len(inner)}) + inner + file("after", b"y") + MARK
    assert {name for name, _ in listed(data)} == {"link", "inner", "after"}
    assert "content-of-link" in codes(data)


def test_both_sizes_of_a_member_are_followed():
    records = pax_records({"size": "1500"})
    data = tape_header({"name": "p", "type": "x", "size": len(records)}) + records.ljust(512, b"\0")
    data += file("a", b"x") + file("hidden", b"y") + bytes(512) + MARK
    assert {name for name, _ in listed(data)} == {"a", "hidden"}
    assert "size-mismatch" in codes(data)


def test_sparse_members_are_told():
    old = tape_header({"name": "a", "type": "S", "size": 3, "sparse": bytes(96) + b"\1" + b"00000001000\0"})
    data = old + bytes(504) + bytes([1]) + bytes(7) + bytes(512) + b"abc" + bytes(509) + file("b") + MARK
    assert listed(data) == [("a", b"abc"), ("b", b"")]
    assert "sparse" in codes(data)
    assert "sparse" in codes(tape({"a": b"x"}, pax={"a": {"GNU.sparse.major": "1", "GNU.sparse.name": "b"}}))


def test_reading_goes_on_behind_a_broken_header():
    for gap in (1, 40, 700):
        data = file("a", b"x") + b"\xaa" * 512 * gap + file("b", b"y") + MARK
        assert [name for name, _ in listed(data)] == ["a", "b"]
        assert "bad-header" in codes(data)


def test_without_a_mark_at_the_end():
    assert codes(file("a", b"x")) == {"no-end-mark"}


@pytest.mark.parametrize("zeros", [512, 1024, 10240, 60 << 10])
def test_zeros_that_fill_a_record_belong_to_it(zeros):
    data = file("a", b"x")
    assert read_tape(Blob(data + bytes(zeros)), budget()).end == len(data) + zeros
    assert read_tape(Blob(data + bytes(zeros) + b"more"), budget()).end == len(data) + zeros


def test_zeros_beyond_any_record_are_an_overlay():
    assert read_tape(Blob(file("a", b"x") + bytes(1 << 20)), budget()).end == 1024 + (64 << 10)


def test_members_beyond_the_limit_are_named():
    data = tape({f"{number}.txt": b"" for number in range(50)} | {"last.js": b""})
    read = read_tape(Blob(data), budget(children=20))
    assert len(read.members) == 20
    assert read.unlisted[-1] == "last.js"


def test_no_member_at_all():
    with pytest.raises(Malformed):
        read_tape(Blob(b"\xaa" * 2000), budget())


@given(st.integers(0, 4000), st.binary(min_size=1, max_size=80))
def test_damage_raises_nothing_undeclared(at, junk):
    whole = tape(
        {"a" * 120: b"x" * 600, "b/": b"", "c": b"y"}, long_names=True, pax={"c": {"size": "1"}}, links={"l": "../x"}
    )
    for data in (whole[:at], whole[:at] + junk + whole[at + len(junk) :], junk + whole):
        with suppress(FormatError):
            read_tape(Blob(data), budget())


@pytest.mark.parametrize(
    "unit",
    [
        file("a"), b"ustar", b"\xaa" * 512, file("a", size=-1), file("a", type="5", size=512),
        b"\xaa" * 512 + file("b"),
        b"\xaa" * 12288 + file("b"), file("a", type="x", size=1 << 40), bytes(257) + b"ustar" + bytes(250),
    ],
)  # fmt: skip
def test_work_grows_with_the_file(unit):
    works = []
    for size in (200_000, 400_000):
        spent = budget()
        read_tape(Blob(file("first", b"x") + unit * (size // len(unit))), spent)
        works.append(spent.work)
    assert works[1] < 2.5 * works[0] + 200_000
