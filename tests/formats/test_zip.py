"""The ZIP reader, held against zipfile and against everything an archive can lie about."""

import bz2
import io
import lzma
import random
import struct
import zipfile
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.formats.zip import Archive, holds_archive, read_archive
from emotriage.formats.zip.names import member_name
from emotriage.model.blob import Blob
from emotriage.model.errors import BudgetSpent, Encrypted, FormatError, Malformed, Unsupported
from emotriage.model.limits import MIB, Budget, Limits
from emotriage.model.padding import RunFinder
from emotriage.testing import archive, zstd

FILES = {"a.txt": b"first" * 100, "b/c.bin": bytes(range(256)) * 30, "empty": b"", "b/": b""}
FILED = {name: body for name, body in FILES.items() if name != "b/"}


def read(data: bytes, **limits: int) -> Archive:
    blob = Blob(data)
    runs = RunFinder()
    runs.feed(data)
    blob.holes = runs.finish()
    return read_archive(blob, Budget(Limits(**limits)))


def contents(found: Archive, *, indexed: bool | None = None) -> dict[str, bytes]:
    return {
        one.name: b"".join(found.stream(one, Budget(Limits())))
        for one in found.members
        if not one.is_dir and not one.encrypted and indexed in (None, one.indexed)
    }


def codes(found: Archive) -> set[str]:
    return {one.code for one in found.anomalies}


def gaps(found: Archive) -> set[str]:
    return {one.code for one in found.anomalies if one.incomplete}


def by_zipfile(files: dict[str, bytes], method: int, **options: object) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method, **options) as made:
        for name, body in files.items():
            made.writestr(zipfile.ZipInfo(name), body, method)
    return out.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_zipfile_writes_is_read(method):
    data = by_zipfile(FILES, method)
    found = read(data)
    assert {name: body for name, body in contents(found).items() if name != "b/"} == FILED
    assert [one.name for one in found.members] == list(FILES)
    assert not found.anomalies
    assert not found.unindexed
    assert found.end == len(data)


@given(
    st.dictionaries(
        st.text(st.characters(exclude_characters="/\\\0", exclude_categories=["Cs"]), min_size=1, max_size=12),
        st.binary(max_size=2000),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
    st.binary(max_size=80),
)
def test_round_trip_against_zipfile(files, method, comment):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, body in files.items():
            made.writestr(zipfile.ZipInfo(name), body, method)
        made.comment = comment.replace(b"PK", b"pk")
    found = read(out.getvalue())
    assert contents(found) == files
    assert not found.anomalies
    assert found.end == len(out.getvalue())


def test_streamed_members_with_descriptors_and_zip64_fields():
    assert contents(read(archive(FILES, method=8, descriptor=True))) == contents(read(archive(FILES)))
    for descriptor in (False, True):
        found = read(archive(FILES, method=8, zip64=True, descriptor=descriptor))
        assert contents(found) == contents(read(archive(FILES)))
        assert not found.anomalies


def test_members_are_described():
    found = read(archive({"x.exe": b"MZ" * 50}, method=8, modes={"x.exe": 0o120777}))
    (member,) = found.members
    assert (member.name, member.raw_name, member.method, member.size) == ("x.exe", b"x.exe", 8, 100)
    assert member.crc == zlib.crc32(b"MZ" * 50)
    assert member.attributes >> 16 == 0o120777
    assert member.indexed
    assert not member.is_dir
    assert member.offset == 0
    assert member.data == 30 + len("x.exe")


@pytest.mark.parametrize("fill", [b"\0", b" "])
def test_far_padding_behind_the_end_record(fill):
    data = archive(FILES, method=8)
    found = read(data + fill * (6 * MIB))
    assert found.end == len(data)
    assert contents(found) == contents(read(data))
    assert not gaps(found)


def test_half_a_gigabyte_behind_the_end_record_costs_little():
    data = archive(FILES, method=8)
    size = 520 * MIB

    class Store:
        def __init__(self) -> None:
            self.size = len(data) + size
            self.asked = 0

        def read(self, offset, length):
            self.asked += length
            head = data[offset : offset + length]
            return head + bytes(length - len(head))

        def close(self):
            pass

    store = Store()
    blob = Blob(store)
    finder = RunFinder()
    finder.feed(data)
    for _ in range(520):
        finder.feed(bytes(MIB))
    blob.holes = finder.finish()
    budget = Budget(Limits())
    found = read_archive(blob, budget)
    assert found.end == len(data)
    assert store.asked < 8 * MIB
    assert budget.work < 128 * MIB


def test_random_padding_behind_the_end_record():
    data = archive(FILES, method=8)
    found = read(data + random.Random(3).randbytes(3 * MIB))
    assert found.end == len(data)
    assert contents(found) == contents(read(data))


def test_bomb_costs_no_memory_and_is_not_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made, made.open("big.doc", "w") as file:
        for _ in range(64):
            file.write(bytes(MIB))
    found = read(out.getvalue())
    (member,) = found.members
    sizes = [len(chunk) for chunk in found.stream(member, Budget(Limits()))]
    assert sum(sizes) == 64 * MIB
    assert max(sizes) <= 256 << 10
    assert found.head(member, Budget(Limits()), 100) == bytes(100)


def test_read_keeps_to_its_limit():
    found = read(archive(FILES, method=8))
    budget = Budget(Limits())
    assert found.read(found.members[0], budget, 500) == FILES["a.txt"]
    with pytest.raises(Unsupported):
        found.read(found.members[0], budget, 499)


def test_prepended_data_shifts_nothing():
    for front in (b"#", b"MZ" + bytes(70), random.Random(1).randbytes(70_000)):
        found = read(front + archive(FILES, method=8))
        assert contents(found) == contents(read(archive(FILES)))
        assert not gaps(found)
        if len(front) > 24:
            assert found.unindexed == ((0, len(front)),)
            assert codes(found) == {"prepended-data"}


def test_prepended_data_that_the_offsets_count():
    front = b"stub" * 20
    found = read(archive({"x": b"MZ" * 30}, prepend=b""))
    data = bytearray(front + archive({"x": b"MZ" * 30}))
    at = data.rfind(b"PK\1\2")
    data[at + 42 : at + 46] = struct.pack("<I", len(front))
    end = data.rfind(b"PK\5\6")
    data[end + 16 : end + 20] = struct.pack("<I", at)
    again = read(bytes(data))
    assert contents(again) == contents(found)
    assert not gaps(again)


def test_archives_behind_something_else_are_noticed():
    budget = Budget(Limits())
    data = archive(FILES)
    for front in (b"", b"MZ" + bytes(70), b"<script>" * 900, random.Random(1).randbytes(3 * MIB)):
        assert holds_archive(Blob(front + data + bytes(9)), budget)
        assert not holds_archive(Blob(front + data[:-30]), budget)
    assert not holds_archive(Blob(b"PK\5\6" * 100), budget)
    assert not holds_archive(Blob(b""), budget)


def test_several_archives_in_one_file():
    first, second = archive({"benign.txt": b"nothing here"}), archive({"payload.js": b"something else"})
    for data in (first + second, second + first):
        found = read(data)
        assert contents(found) == {"benign.txt": b"nothing here", "payload.js": b"something else"}
        assert "several-directories" in codes(found)
        assert len([one for one in found.members if one.indexed]) == 1
        assert found.end == len(data)


def test_end_record_in_a_comment():
    found = read(archive(FILES, defects=["end-record-in-comment"]))
    assert contents(found) == contents(read(archive(FILES)))
    hidden = archive({"hidden.js": b"x" * 50})
    found = read(archive({"shown.txt": b"y" * 50}, comment=hidden))
    assert contents(found) == {"shown.txt": b"y" * 50, "hidden.js": b"x" * 50}
    assert "several-directories" in codes(found)


def test_empty_end_record_behind_the_archive_hides_nothing():
    found = read(archive(FILES, defects=["empty-end-record-behind"]))
    assert contents(found) == contents(read(archive(FILES)))
    assert not gaps(found)


def test_a_stored_archive_inside_is_a_member_and_no_second_directory():
    inner = archive({"inner.txt": b"deep"})
    found = read(archive({"inner.zip": inner, "other": b"z" * 90}, method=0))
    assert [one.name for one in found.members] == ["inner.zip", "other"]
    assert not found.anomalies


def test_many_false_end_records_hide_nothing():
    false = b"".join(struct.pack("<4s4HIIH", b"PK\5\6", 0, 0, 3, 3, 9, 9, 0) + b"pad" for _ in range(200))
    found = read(archive(FILES) + false)
    assert contents(found) == contents(read(archive(FILES)))


@pytest.mark.parametrize("descriptor", [False, True])
@pytest.mark.parametrize("method", [0, 8])
def test_missing_end_record(method, descriptor):
    data = archive(FILES, method=method, descriptor=descriptor, defects=["no-end-record"])
    found = read(data)
    assert gaps(found) == {"no-end-record"}
    assert not any(one.indexed for one in found.members)
    assert contents(found) == contents(read(archive(FILES)))


def test_truncated_archive_gives_what_is_there():
    body = random.Random(5).randbytes(3000)
    data = archive({"first": b"1" * 300, "second": body}, method={"second": 8})[:2000]
    found = read(data)
    assert gaps(found) >= {"no-end-record", "truncated-member"}
    assert contents_of(found, "first") == b"1" * 300
    with pytest.raises(Malformed):
        contents_of(found, "second")
    oddities = []
    part = b"".join(found.stream(member(found, "second"), Budget(Limits()), oddities))
    assert part
    assert body.startswith(part)
    assert [one.code for one in oddities if one.incomplete] == ["damaged-member"]


def member(found: Archive, name: str):
    return next(one for one in found.members if one.name == name)


def contents_of(found: Archive, name: str) -> bytes:
    return b"".join(found.stream(member(found, name), Budget(Limits())))


def test_members_that_the_directory_leaves_out():
    found = read(archive(FILES, unindexed=["a.txt"]))
    assert contents(found, indexed=False) == {"a.txt": FILES["a.txt"]}
    assert "unindexed-member" in codes(found)
    assert not gaps(found)


def test_entries_without_a_local_header():
    found = read(archive({"x": b"1", "y": b"2"}, central={"y": {"offset": 5}}))
    assert gaps(found) == {"no-local-header"}
    assert contents_of(found, "x") == b"1"
    with pytest.raises(Malformed):
        found.read(next(one for one in found.members if one.name == "y" and one.indexed), Budget(Limits()), 10)
    assert {one.name for one in found.members if not one.indexed} == {"y"}  # its header was found all the same


def test_headers_that_disagree():
    found = read(archive({"a.txt": b"x" * 99}, local={"a.txt": {"name": "a.js"}}))
    assert codes(found) == {"name-mismatch"}
    assert contents(found) == {"a.txt": b"x" * 99, "a.js": b"x" * 99}
    found = read(archive({"a.txt": b"x" * 99}, method=8, central={"a.txt": {"method": 0}}))
    assert codes(found) == {"method-mismatch"}
    bodies = [b"".join(found.stream(one, Budget(Limits()))) for one in found.members]
    assert b"x" * 99 in bodies
    found = read(archive({"a.txt": b"x" * 99}, local={"a.txt": {"packed": 9, "size": 9}}))
    assert "size-mismatch" in codes(found)
    found = read(archive({"a.txt": b"x" * 99}, central={"a.txt": {"flags": 1}}))
    assert "encryption-mismatch" in codes(found)
    assert contents(found) == {"a.txt": b"x" * 99}
    assert "crc-mismatch" in codes(read(archive({"a.txt": b"x"}, local={"a.txt": {"crc": 7}})))


def test_content_counts_and_headers_do_not():
    oddities = []
    found = read(archive({"a": b"x" * 99}, method=8, both={"a": {"size": 5}}))
    assert b"".join(found.stream(found.members[0], Budget(Limits()), oddities)) == b"x" * 99
    assert [one.code for one in oddities] == ["wrong-size"]
    oddities = []
    found = read(archive({"a": b"x" * 99}, method=8, defects=["bad-crc"]))
    assert b"".join(found.stream(found.members[0], Budget(Limits()), oddities)) == b"x" * 99
    assert [one.code for one in oddities] == ["wrong-crc"]


def test_bytes_behind_the_deflate_stream():
    body = zlib.compress(b"x" * 500)[2:-4] + b"hidden behind the stream"
    data = archive({"a": body}, both={"a": {"method": 8, "size": 500, "crc": zlib.crc32(b"x" * 500)}})
    oddities = []
    found = read(data)
    assert b"".join(found.stream(found.members[0], Budget(Limits()), oddities)) == b"x" * 500
    assert [(one.code, one.where) for one in oddities] == [("packed-slack", "a")]


def test_encrypted_members_are_listed():
    found = read(archive(FILES, password="secret", encrypted=["a.txt"]))
    assert [one.encrypted for one in found.members] == [True, False, False, False]
    with pytest.raises(Encrypted):
        found.read(found.members[0], Budget(Limits()), MIB)
    for defect in ("strong-encryption", "masked-directory"):
        assert all(one.encrypted for one in read(archive({"x": b"1"}, defects=[defect])).members)


def test_other_methods_are_not_read():
    found = read(archive({"x": b"123"}, both={"x": {"method": 98}}))
    with pytest.raises(Unsupported):
        found.read(found.members[0], Budget(Limits()), MIB)


def test_lzma_that_asks_for_too_much_memory():
    packed = struct.pack("<BBH", 9, 4, 5) + b"\x5d" + struct.pack("<I", 1 << 31) + b"rest"
    found = read(archive({"x": packed}, both={"x": {"method": 14}}))
    with pytest.raises(Unsupported):
        found.read(found.members[0], Budget(Limits()), MIB)


@pytest.mark.parametrize(("method", "pack"), [(8, lambda b: zlib.compress(b)[2:-4]), (12, bz2.compress)])
def test_damaged_streams_are_malformed(method, pack):
    body = bytearray(pack(" ".join(str(index**3) for index in range(2000)).encode()))
    body[len(body) // 2 :] = b"\xff" * (len(body) - len(body) // 2)
    found = read(archive({"x": bytes(body)}, both={"x": {"method": method}}))
    with pytest.raises(Malformed):
        found.read(found.members[0], Budget(Limits()), MIB)


def test_all_that_comes_before_the_damage_is_given_out():
    body = " ".join(str(index**3) for index in range(30_000)).encode()
    packed = bytearray(zlib.compress(body)[2:-4])
    packed[-2000:] = b"\xff" * 2000
    found = read(archive({"x": bytes(packed)}, both={"x": {"method": 8, "size": len(body)}}))
    part = b"".join(found.stream(found.members[0], Budget(Limits()), []))
    assert part.startswith(body[: len(body) * 9 // 10])


def test_damaged_lzma_is_malformed():
    good = lzma.compress(b"x" * 100, format=lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1}])
    for packed in (b"", b"\x09\x04\x05\0\xff\xff\xff\xff\xff", b"\x09\x04\x05\0\x5d\0\0\x80\0" + b"\xff" * len(good)):
        found = read(archive({"x": packed}, both={"x": {"method": 14}}))
        with pytest.raises(FormatError):
            found.read(found.members[0], Budget(Limits()), MIB)


def test_overlapping_members():
    found = read(archive({"kernel": b"x" * 1000}, aliases={f"alias{index}": "kernel" for index in range(5)}))
    assert "overlap" in codes(found)
    assert len(found.members) == 6
    assert set(contents(found).values()) == {b"x" * 1000}


@pytest.mark.parametrize("defect", ["zip64-counts", "zip64-locator", "multi-disk", "lying-descriptor"])
def test_lying_records_lose_nothing(defect):
    found = read(archive(FILES, defects=[defect], descriptor=defect == "lying-descriptor"))
    assert contents(found) == FILED


def test_zip64_sentinels_without_their_field():
    found = read(archive(FILES, defects=["zip64-no-extra"], method=8))
    assert gaps(found) >= {"no-local-header"}
    assert contents(found, indexed=False) == FILES


def test_split_archives_and_short_directories_leave_a_gap():
    assert "split-archive" in gaps(read(archive(FILES, defects=["multi-disk"])))
    data = bytearray(archive(FILES))
    end = data.rfind(b"PK\5\6")
    data[end + 8 : end + 12] = struct.pack("<HH", 9, 9)
    assert gaps(read(bytes(data))) == {"directory-count"}
    data[end + 8 : end + 12] = struct.pack("<HH", 2, 2)
    assert codes(read(bytes(data))) == {"directory-count"}
    assert contents(read(bytes(data))) == contents(read(archive(FILES)))


def test_no_more_members_than_allowed():
    data = by_zipfile({f"{index}.txt": b"" for index in range(300)}, zipfile.ZIP_STORED)
    found = read(data, children=100)
    assert len(found.members) == 100
    assert gaps(found) == {"too-many-members"}
    assert not found.unindexed


def test_data_between_members_and_directory():
    found = read(archive(FILES, between=b"smuggled data, longer than a data descriptor"))
    assert codes(found) == {"unindexed-data"}
    ((offset, length),) = found.unindexed
    assert found.blob.read(offset, length).startswith(b"smuggled")
    assert not read(archive(FILES, between=bytes(4096))).unindexed  # alignment


def test_names_in_all_their_encodings():
    extra = struct.pack("<BI", 1, zlib.crc32(b"a.txt")) + b"b.exe"
    field = struct.pack("<HH", 0x7075, len(extra)) + extra
    assert member_name(b"a.txt", field) == ("b.exe", "a.txt")
    assert member_name(b"other", field) == ("other", "")
    assert member_name("請求書.doc".encode("cp932"), b"") == ("請求書.doc", "")
    assert member_name("請求書.doc".encode(), b"") == ("請求書.doc", "")
    assert member_name(b"caf\x82.txt", b"") == ("café.txt", "")
    assert member_name(b"\xff\xfe", b"\x75\x70\xff\xff")[0]
    found = read(archive({"表計算.xls": b"1"}, name_encoding="cp932"))
    assert found.members[0].name == "表計算.xls"
    found = read(archive({"a.txt": b"1"}, both={"a.txt": {"extra": field}}))
    assert "ambiguous-name" in codes(found)


def test_a_folder_with_content_is_a_file():
    found = read(archive({"folder.exe/": b"MZ content"}))
    assert contents(found) == {"folder.exe/": b"MZ content"}


def test_nothing_like_an_archive():
    for data in (b"", b"PK", b"PK\3\4", b"PK\5\6" + bytes(5), b"x" * 1000):
        with pytest.raises(Malformed):
            read(data)
    assert read(struct.pack("<4s4HIIH", b"PK\5\6", 0, 0, 0, 0, 0, 0, 0)).members == ()


def survives(data: bytes) -> None:
    """Every member of a damaged archive is read, or refused in the agreed way."""
    budget = Budget(Limits(work=64 * MIB))
    with suppress(FormatError, BudgetSpent):
        found = read_archive(Blob(data), budget)
        for one in found.members:
            with suppress(FormatError):
                for _ in found.stream(one, budget, []):
                    pass
            with suppress(FormatError):
                found.head(one, budget)


SEEDS = (
    archive(FILES, method=8, comment="a comment", descriptor=True),
    archive(FILES, method=8, zip64=True),
    by_zipfile(FILES, zipfile.ZIP_LZMA),
    by_zipfile(FILES, zipfile.ZIP_BZIP2),
    archive(FILES) + archive({"z": b"1"}, method=8),
)


@pytest.mark.parametrize("seed", range(len(SEEDS)))
def test_truncations_and_mutants_raise_nothing_else(seed):
    data = SEEDS[seed]
    for length in range(0, len(data), max(len(data) // 64, 1)):
        survives(data[:length])
    chance = random.Random(seed)
    for _ in range(60):
        mutant = bytearray(data)
        for _ in range(chance.randint(1, 12)):
            at = chance.randrange(len(mutant))
            mutant[at] = chance.choice((0, 0xFF, mutant[at] ^ 1 << chance.randrange(8), chance.randrange(256)))
        survives(bytes(mutant))


def test_what_zipfile_opens_is_opened_after_damage():
    chance = random.Random(11)
    data = archive(FILES, method=8)
    for _ in range(200):
        mutant = bytearray(data)
        mutant[chance.randrange(len(mutant))] = chance.randrange(256)
        theirs = {}
        with suppress(Exception), zipfile.ZipFile(io.BytesIO(bytes(mutant))) as opened:
            for info in opened.infolist():
                with suppress(Exception):
                    theirs[info.header_offset] = opened.read(info)
        ours = []
        for one in read(bytes(mutant)).members:
            with suppress(FormatError):
                ours.append(b"".join(read(bytes(mutant)).stream(one, Budget(Limits()), [])))
        assert all(any(one.startswith(body) for one in ours) for body in theirs.values())


def _packed_by(method: int, body: bytes) -> bytes:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    made = {9: squeeze.compress(body) + squeeze.flush(), 93: zstd(body), 95: lzma.compress(body)}[method]
    fields = {"method": method, "size": len(body), "crc": zlib.crc32(body)}
    return archive(files={"a.txt": made}, both={"a.txt": fields})


@pytest.mark.parametrize("method", [9, 93, 95])
def test_methods_that_zipfile_does_not_know(method):
    body = b"".join(b"line %d of the minutes\n" % number for number in range(900))
    found = read(_packed_by(method, body))
    assert contents(found) == {"a.txt": body}
    assert not codes(found)


@pytest.mark.parametrize("method", [1, 6, 98])
def test_methods_that_nobody_reads_are_a_gap(method):
    found = read(archive(files={"a.txt": b"x" * 40}, both={"a.txt": {"method": method, "size": 99}}))
    with pytest.raises(Unsupported, match=str(method)):
        contents(found)
