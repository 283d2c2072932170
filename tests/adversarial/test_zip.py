"""Rows Z01 to Z18 and E04 to E09 for ZIP archives: what is tried, and what must come back."""

import hashlib
import io
import random
import struct
import sys
import tracemalloc
import zipfile
import zlib

import pytest

from emotriage import Level, Limits, Verdict, scan
from emotriage.containers import zip as zip_container
from emotriage.containers import zip_secrets
from emotriage.model import shelf
from emotriage.model.blob import Blob
from emotriage.model.limits import MIB, Budget
from emotriage.model.shelf import Shelf
from emotriage.testing import Filler, archive, document, executable, overlap, shortcut, write_archive

LURE = document("doc", macros={"Module1": 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'})
SCRIPT = b'var shell = new ActiveXObject("WScript.Shell");\nshell.Run("emotriage-inert");\n'
NOTE = {"note.txt": b"Please find the order attached.\r\n" * 4}
MACRO, RUNS = "vba.autorun", "script.starts-programs"


def look(data: bytes, name: str = "order.zip", *passwords: str, **limits: int) -> Verdict:
    return scan(data, name=name, passwords=passwords, limits=Limits(**limits), plugins=[])


def rules_of(verdict: Verdict) -> set[str]:
    return {one.rule for one in verdict.findings}


def gaps_of(verdict: Verdict) -> set[str]:
    return {one.rule for one in verdict.gaps}


def names_of(verdict: Verdict) -> list[str]:
    return [one.name for one in verdict.artifacts]


def evidence_of(verdict: Verdict, rule: str) -> list[tuple[str, str]]:
    return [(each.text, each.where) for one in verdict.findings if one.rule == rule for each in one.evidence]


def field(kind: int, data: bytes) -> bytes:
    """An extra field."""
    return struct.pack("<HH", kind, len(data)) + data


# shared bytes, bombs, numbers


def test_z01_a_quoted_overlap_costs_a_few_of_its_members():
    verdict = look(overlap(200, body=SCRIPT, zeros=2 * MIB), expanded_bytes=64 * MIB)
    assert verdict.level >= Level.SUSPICIOUS
    assert {"zip.overlapping-members", "zip.overlap-bomb", "zip.overlap-limit"} <= rules_of(verdict)
    assert "scan.limit-reached" not in rules_of(verdict)
    assert sum(one.size for one in verdict.artifacts[1:]) < 16 * MIB
    assert "0199.txt" in names_of(verdict)
    assert RUNS in rules_of(verdict)


@pytest.mark.long
def test_z01_fifty_thousand_overlapping_members():
    verdict = look(overlap(50_000, zeros=10 * MIB))
    assert verdict.level >= Level.SUSPICIOUS
    assert {"zip.overlap-bomb", "zip.too-many-members"} <= rules_of(verdict)
    assert sum(one.size for one in verdict.artifacts[1:]) < 200 * MIB


def test_z02_one_local_header_under_many_names():
    data = archive(
        {"0.txt": Filler(2 * MIB)}, method=8, aliases={f"{number}.txt": "0.txt" for number in range(1, 3000)}
    )
    verdict = look(data, expanded_bytes=16 * MIB)
    assert verdict.level >= Level.SUSPICIOUS
    assert {"zip.overlapping-members", "zip.overlap-bomb"} <= rules_of(verdict)
    assert "scan.limit-reached" not in rules_of(verdict)
    assert len(verdict.artifacts) == 3


def test_z02_a_running_name_among_the_aliases_is_looked_at():
    aliases = {f"{number}.txt": "0.txt" for number in range(1, 300)} | {"last.js": "0.txt"}
    verdict = look(archive({"0.txt": SCRIPT}, aliases=aliases))
    assert "last.js" in names_of(verdict)
    assert ("last.js", "") in evidence_of(verdict, "zip.active-member")


def test_z03_a_bomb_in_a_bomb_ends_in_a_gap():
    data = archive({"core.bin": Filler(8 * MIB)}, method=8)
    for _ in range(5):
        data = archive({f"{number}.zip": data + bytes([number]) for number in range(8)}, method=8)
    verdict = look(data, expanded_bytes=64 * MIB, work=256 * MIB)
    assert verdict.level >= Level.UNVERIFIED
    assert {"scan.limit-reached", "scan.not-reached"} & gaps_of(verdict)


def test_z04_a_chain_of_copies_ends_at_the_depth():
    data = archive(NOTE)
    for number in range(20):
        data = archive({f"copy-{'x' * number}.zip": data})
    verdict = look(data)
    assert "scan.too-deep" in gaps_of(verdict)
    assert len(verdict.artifacts) <= 16


def test_z04_copies_of_copies_are_looked_at_once():
    data = archive({"order.doc": LURE})
    for layer in range(4):
        data = archive({f"{layer}-{number}.zip": data for number in range(6)}, method=8)
    verdict = look(data, work=16 * MIB)
    assert verdict.complete
    assert MACRO in rules_of(verdict)
    assert len(verdict.artifacts) == 6 + 4 * 5
    assert sum(one.same_as is not None for one in verdict.artifacts) == 4 * 5


def test_z05_a_ratio_alone_refuses_nothing():
    verdict = look(archive({"order.doc": [LURE, Filler(40 * MIB)]}, method=8))
    assert {MACRO, "padding.overlay"} <= rules_of(verdict)
    assert verdict.complete
    assert "zip.high-ratio" in rules_of(look(archive({"order.txt": Filler(20 * MIB)}, method=8)))


@pytest.mark.long
@pytest.mark.parametrize("encryption", ["", "zipcrypto", "aes-256"])
def test_z05_six_hundred_megabytes(encryption, tmp_path):
    options = {"password": "7788", "encryption": encryption} if encryption else {}
    write_archive(tmp_path / "order.zip", {"order.doc": [LURE, Filler(600 * MIB)]}, method=8, **options)
    limits = Limits(worker_memory=256 * MIB, seconds=120)
    verdict = scan(tmp_path / "order.zip", passwords=["7788"], limits=limits, plugins=[], isolate=True)
    assert {MACRO, "padding.overlay"} <= rules_of(verdict)
    assert verdict.complete


def test_z06_names_beyond_the_limit_are_judged():
    files = {f"{number}.txt": b"" for number in range(3000)} | {"marker.lnk": b"x"}
    verdict = look(archive(files), children=300)
    assert "zip.too-many-members" in gaps_of(verdict)
    assert ("marker.lnk", "beyond the limit") in evidence_of(verdict, "zip.active-member")
    assert len(verdict.artifacts) <= 301


@pytest.mark.long
def test_z06_two_hundred_thousand_members():
    entries = [(f"{number}.txt", b"") for number in range(199_999)] + [("marker.lnk", b"x")]
    verdict = look(archive(entries))
    assert "zip.too-many-members" in gaps_of(verdict)
    assert ("marker.lnk", "beyond the limit") in evidence_of(verdict, "zip.active-member")
    assert len(verdict.artifacts) <= Limits().children


# two views


@pytest.mark.parametrize(("shown", "hidden"), [("a.txt", "a.js"), ("a.js", "a.txt")])
def test_z07_both_names_of_a_member_are_there(shown, hidden):
    verdict = look(archive({shown: SCRIPT}, local={shown: {"name": hidden}}))
    assert {"zip.contradicting-headers", RUNS} <= rules_of(verdict)
    assert {"a.txt", "a.js"} <= set(names_of(verdict))
    assert verdict.level >= Level.SUSPICIOUS


@pytest.mark.parametrize("side", ["local", "central"])
@pytest.mark.parametrize("lie", [{"size": 3}, {"packed": 9}, {"method": 0}, {"flags": 1}])
def test_z07_a_header_that_lies_hides_nothing(side, lie):
    verdict = look(archive({"a.doc": LURE}, method=8, **{side: {"a.doc": lie}}))
    assert {"zip.contradicting-headers", MACRO} <= rules_of(verdict)


@pytest.mark.parametrize("method", [0, 9, 99, 77])
def test_z08_a_deflated_body_under_another_method(method):
    script = SCRIPT * 20  # matches of 258 bytes are the one thing that Deflate64 spells in another way
    fields = {"method": method, "size": len(script), "crc": zlib.crc32(script)}
    data = archive({"a.js": zlib.compress(script, wbits=-15)}, both={"a.js": fields})
    verdict = look(data)
    assert {"zip.wrong-method", RUNS} <= rules_of(verdict)


def test_z08_a_stored_body_that_is_called_deflated():
    verdict = look(archive({"a.js": SCRIPT}, both={"a.js": {"method": 8}}))
    assert {"zip.wrong-method", RUNS} <= rules_of(verdict)


@pytest.mark.parametrize("method", [0, 8])
def test_z08_a_body_in_clear_that_is_called_encrypted(method):
    verdict = look(archive({"a.js": SCRIPT * 3}, method=method, encrypted_flag=True))
    assert {"zip.wrong-method", RUNS} <= rules_of(verdict)


@pytest.mark.parametrize("hostile_first", [True, False])
def test_z09_archives_in_a_row(hostile_first):
    good, bad = archive(NOTE), archive({"a.doc": LURE}, method=8)
    verdict = look(bad + good if hostile_first else good + bad)
    assert {"zip.several-directories", MACRO} <= rules_of(verdict)
    assert {"note.txt", "a.doc"} <= set(names_of(verdict))


def test_z09_three_in_a_row_and_one_in_a_comment():
    bad = archive({"a.doc": LURE}, method=8)
    verdict = look(archive(NOTE) + bad + archive({"b.txt": b"second"}))
    assert {"zip.several-directories", MACRO} <= rules_of(verdict)
    verdict = look(archive(NOTE, comment=bad))
    assert {"zip.several-directories", MACRO} <= rules_of(verdict)
    verdict = look(archive({"a.doc": LURE}, defects=["end-record-in-comment"]))
    assert {"zip.several-directories", MACRO} <= rules_of(verdict)


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({"files": NOTE, "between": LURE}, "zip.unindexed-data"),
        ({"files": {**NOTE, "a.doc": LURE}, "unindexed": ["a.doc"]}, "zip.unindexed-member"),
        ({"files": NOTE, "append": LURE}, "padding.overlay"),
        ({"files": NOTE, "append": archive({"a.doc": LURE})[:-22]}, "zip.unindexed-member"),
    ],
)
def test_z10_what_the_directory_leaves_out_is_found(options, rule):
    assert {rule, MACRO} <= rules_of(look(archive(**options)))


@pytest.mark.parametrize(
    "junk",
    [b"x", random.Random(1).randbytes(64 << 10), executable(size=4096), b"PK\3\4" + bytes(80), bytes(MIB)],
    ids=["byte", "noise", "program", "header", "zeros"],
)
def test_z11_junk_in_front_hides_nothing(junk):
    verdict = look(junk + archive({"a.doc": LURE}, method=8))
    assert MACRO in rules_of(verdict)
    assert {"zip.prepended-data", "carve.file-inside"} & rules_of(verdict)


@pytest.mark.parametrize("defect", ["zip64-counts", "zip64-locator", "zip64-no-extra"])
def test_z12_zip64_records_that_lie(defect):
    verdict = look(archive({"a.doc": LURE, **NOTE}, method=8, defects=[defect]))
    assert MACRO in rules_of(verdict)
    assert {"zip.several-directories", "zip.contradicting-headers", "zip.damaged"} & rules_of(verdict)


def test_z12_two_zip64_records_lead_to_two_directories():
    front, back = archive({"a.doc": LURE}, zip64=True), archive(NOTE, zip64=True)
    end = back.rfind(b"PK\6\7")
    record = front.rfind(b"PK\6\6")
    astray = back[: end + 8] + struct.pack("<Q", record) + back[end + 16 :]
    verdict = look(front + astray)
    assert {"zip.several-directories", MACRO} <= rules_of(verdict)


def test_z13_odd_names_are_all_kept():
    names = [
        "a.doc",
        "A.DOC",
        "a.doc ",
        "a.doc.",
        "x\\a.doc",
        "x/a.doc",
        "con.txt",
        "a.txt\0.doc",
        "n" * 60_000 + ".doc",
    ]
    verdict = look(archive([(name, LURE) for name in names]))
    assert len(verdict.artifacts) == 1 + len(names)
    found = {one.artifact for one in verdict.findings if one.rule == MACRO}
    assert all(one.id in found or one.same_as in found for one in verdict.artifacts[1:])
    assert ("con.txt", "device name") in evidence_of(verdict, "zip.unsafe-name")


def test_z13_one_name_twice():
    verdict = look(archive([("a.doc", b"plain text"), ("a.doc", LURE)]))
    assert MACRO in rules_of(verdict)
    assert len(verdict.artifacts) == 3


def test_z14_names_and_modes_that_lead_elsewhere():
    names = ["../../x", "/x", "C:\\x", "\\\\server\\x", "link", "disk", "tty", "pipe", "plain"]
    modes = {"link": 0o120777, "disk": 0o060660, "tty": 0o020666, "pipe": 0o010644, "plain": 0o100644}
    verdict = look(archive(dict.fromkeys(names, b"/etc/passwd"), modes=modes))
    assert dict(evidence_of(verdict, "zip.unsafe-name")) == {
        "../../x": "parent folder",
        "/x": "absolute path",
        "C:\\x": "drive letter",
        "\\\\server\\x": "network path",
        "link": "symbolic link",
        "disk": "device",
        "tty": "device",
    }


@pytest.mark.parametrize("flags", [0, 0x800])
def test_z15_names_in_code_page_932(flags):
    verdict = look(archive({"表計算ソ.doc": LURE}, name_encoding="cp932", both={"表計算ソ.doc": {"flags": flags}}))
    assert "表計算ソ.doc" in names_of(verdict)
    assert MACRO in rules_of(verdict)


@pytest.mark.parametrize(("plain", "unicode"), [("a.txt", "a.js"), ("a.js", "a.txt")])
def test_z15_a_unicode_path_that_disagrees(plain, unicode):
    extra = field(0x7075, struct.pack("<BI", 1, zlib.crc32(plain.encode())) + unicode.encode())
    verdict = look(archive({plain: SCRIPT, **NOTE}, both={plain: {"extra": extra}}))
    assert {"zip.ambiguous-name", "zip.active-member", RUNS} <= rules_of(verdict)
    assert {plain, unicode} <= set(names_of(verdict))


def test_z15_a_unicode_path_that_agrees_is_nothing():
    name = "表.txt"
    extra = field(0x7075, struct.pack("<BI", 1, zlib.crc32(name.encode("cp932"))) + name.encode())
    verdict = look(archive({name: b"text"}, name_encoding="cp932", both={name: {"extra": extra}}))
    assert rules_of(verdict) == set()


@pytest.mark.parametrize(
    ("defect", "rule", "complete"),
    [
        ("bad-crc", "zip.wrong-size-or-checksum", True),
        ("lying-descriptor", "zip.contradicting-headers", True),
        ("multi-disk", "zip.damaged", False),
        ("no-end-record", "zip.no-end-record", False),
    ],
)
def test_z16_records_that_lie_or_are_missing(defect, rule, complete):
    verdict = look(archive({"a.doc": LURE}, method=8, descriptor=defect == "lying-descriptor", defects=[defect]))
    assert {rule, MACRO} <= rules_of(verdict)
    assert verdict.complete is complete


def test_z16_a_truncated_member_is_looked_at_as_far_as_it_goes():
    data = archive({"a.js": SCRIPT + random.Random(4).randbytes(9000).hex().encode()}, method=8)
    verdict = look(data[:5000])
    assert RUNS in rules_of(verdict)
    assert {"zip.no-end-record", "zip.damaged"} <= gaps_of(verdict)


@pytest.mark.parametrize(
    ("hidden", "rule"),
    [
        (shortcut(target="C:\\Windows\\emotriage-inert.exe"), "zip.file-in-comment"),
        (executable(), "zip.file-in-comment"),
        (SCRIPT, RUNS),
    ],
    ids=["shortcut", "program", "script"],
)
def test_z17_comments_and_extra_fields_are_looked_at(hidden, rule):
    for options in (
        {"central": {"note.txt": {"comment": hidden}}},
        {"central": {"note.txt": {"extra": field(0x7777, hidden)}}},
        {"local": {"note.txt": {"extra": field(0xA220, hidden)}}},
        {"local": {"note.txt": {"extra": b"\xff\xff\xff\xff" + hidden}}},
        {"comment": hidden},
    ):
        assert rule in rules_of(look(archive(NOTE, **options))), options


def test_z17_timestamps_and_padding_are_nothing():
    extra = field(0x000A, bytes(4) + struct.pack("<HHQQQ", 1, 24, 1 << 57, 1 << 57, 1 << 57)) + field(
        0xA220, bytes(300)
    )
    verdict = look(archive(NOTE, both={"note.txt": {"extra": extra}}))
    assert len(verdict.artifacts) == 2
    assert verdict.level == Level.CLEAN


HEADERS = {
    "rar": b"Rar!\x1a\x07\x01\0" + bytes(64),
    "7z": b"7z\xbc\xaf\x27\x1c\0\4" + bytes(64),
    "iso": bytes(0x8000) + b"\1CD001\1" + bytes(2041),
    "udf": bytes(0x8000) + b"\0BEA01\1" + bytes(2041) + b"\0NSR02\1" + bytes(2041),
    "vhd": bytes(512) + b"conectix" + bytes(504),
    "cab": b"MSCF" + bytes(20) + b"\3\1" + bytes(40),
    "ace": bytes(7) + b"**ACE**" + bytes(40),
    "arj": b"\x60\xea" + bytes(40),
    "z": b"\x1f\x9d\x90" + bytes(40),
    "lzh": b"\x20\0-lh5-" + bytes(40),
    "gz": b"\x1f\x8b\x08\0\0\0\0\0\0\3",
    "xz": b"\xfd7zXZ\0\0\4" + bytes(16),
    "bz2": b"BZh9" + bytes(16),
    "zst": b"\x28\xb5\x2f\xfd" + bytes(16),
    "tar": bytes(257) + b"ustar\x0000" + bytes(247),
}


@pytest.mark.parametrize("kind", HEADERS)
def test_z18_headers_alone_are_never_clean(kind):
    verdict = look(archive({f"order.{kind}": HEADERS[kind]}))
    assert verdict.level >= Level.UNVERIFIED
    assert any(one.artifact >= 1 for one in verdict.gaps)


# passwords


@pytest.mark.parametrize("encryption", ["zipcrypto", "aes-128", "aes-192", "aes-256", "aes-256/1"])
def test_e04_a_candidate_opens_the_members(encryption):
    data = archive({"a.doc": LURE}, method=8, password="パス-7788", encryption=encryption)
    verdict = look(data, "order.zip", "wrong", "パス-7788")
    assert {"zip.opened-with-password", MACRO} <= rules_of(verdict)
    assert verdict.complete
    assert [one.source for one in verdict.passwords] == ["caller"]
    assert "7788" not in verdict.to_json()
    shut = look(data)
    assert shut.level >= Level.UNVERIFIED
    assert "zip.encrypted-member" in gaps_of(shut)


def test_e04_names_and_customs_are_candidates_too():
    verdict = look(archive({"a.doc": LURE}, password="7788"), "order_7788.zip")
    assert MACRO in rules_of(verdict)
    assert [one.source for one in verdict.passwords] == ["file-name"]
    verdict = look(archive({"a.doc": LURE}, password="infected"))
    assert [one.source for one in verdict.passwords] == ["well-known"]
    assert evidence_of(verdict, "zip.opened-with-password") == [("a.doc", "ZipCrypto, password that everybody knows")]


def test_e05_a_flood_of_candidates_is_cut():
    data = archive({"a.doc": LURE}, password="7788")
    flood = [f"word{number}" for number in range(500)]
    assert MACRO in rules_of(look(data, "order.zip", "7788", *flood))
    verdict = look(data, "order.zip", *flood, "7788")
    assert "zip.encrypted-member" in gaps_of(verdict)


def test_e05_many_locked_members_end_within_the_rounds():
    data = archive({f"{number}.txt": b"text" for number in range(40)}, password="7788", encryption="aes-256")
    verdict = look(data, key_rounds=200_000)
    assert "zip.encrypted-member" in gaps_of(verdict)
    assert any("not all candidates tried" in where for _, where in evidence_of(verdict, "zip.encrypted-member"))


@pytest.mark.parametrize("method", [0, 8])
def test_e06_a_false_accept_is_not_believed(method):
    data = archive({"a.doc": LURE}, method=method, password="7788", decoys=["infected"])
    verdict = look(data, "order.zip", "infected", "7788")
    assert MACRO in rules_of(verdict)
    assert verdict.complete
    shut = look(data)
    assert gaps_of(shut) == {"zip.encrypted-member"}
    assert shut.passwords == ()


def test_e07_a_clear_decoy_beside_a_locked_script():
    data = archive({**NOTE, "order.js": SCRIPT}, password="kept-to-ourselves", encrypted=["order.js"])
    verdict = look(data)
    assert {"zip.mixed-encryption", "zip.encrypted-program"} <= rules_of(verdict)
    assert verdict.level >= Level.SUSPICIOUS
    assert not verdict.complete
    assert evidence_of(verdict, "zip.encrypted-member") == [("order.js", "ZipCrypto")]
    opened = look(data, "order.zip", "kept-to-ourselves")
    assert {"zip.mixed-encryption", "zip.encrypted-program", RUNS} <= rules_of(opened)
    assert opened.score >= verdict.score


def test_e07_each_member_has_its_own_password():
    words = {"note.txt": "first", "a.doc": "second"}
    verdict = look(archive({**NOTE, "a.doc": LURE}, password=words, encryption="aes-128"), "x.zip", "second", "first")
    assert MACRO in rules_of(verdict)
    assert verdict.complete
    assert len(verdict.passwords) == 1


def test_e07_a_package_with_locked_parts_is_opened_too():
    files = {"[Content_Types].xml": b"<Types/>", "order.doc": LURE}
    verdict = look(archive(files, password="7788", encrypted=["order.doc"]), "order.zip", "7788")
    assert {"zip.opened-with-password", MACRO} <= rules_of(verdict)


@pytest.mark.parametrize("encryption", ["zipcrypto", "aes-256"])
def test_e08_five_layers_under_one_password(encryption):
    data = archive({"a.doc": LURE}, password="7788", encryption=encryption)
    for layer in range(4):
        data = archive({f"layer{layer}.zip": data}, password="7788", encryption=encryption)
    verdict = look(data, "outer_7788.zip")
    assert MACRO in rules_of(verdict)
    assert verdict.complete
    assert len(verdict.passwords) == 5


def test_e08_deeper_than_the_limit_is_a_gap():
    data = archive({"a.doc": LURE}, password="7788")
    for layer in range(6):
        data = archive({f"layer{layer}.zip": data}, password="7788")
    verdict = look(data, "outer.zip", "7788", depth=4)
    assert "scan.too-deep" in gaps_of(verdict)


@pytest.mark.parametrize("compiled", [True, False])
def test_e09_a_large_member_is_opened_or_a_gap(compiled, monkeypatch):
    if not compiled:
        monkeypatch.setitem(sys.modules, "stream_unzip", None)
    body = LURE + random.Random(5).randbytes(300_000)
    verdict = look(archive({"a.doc": body}, password="7788"), "order.zip", "7788", work=64 * MIB)
    assert (MACRO in rules_of(verdict)) is compiled
    assert verdict.level >= Level.UNVERIFIED
    assert compiled or "scan.limit-reached" in gaps_of(verdict)
    assert ("a.doc" in names_of(verdict)) is compiled


def test_a_giant_behind_a_password_is_never_whole_in_memory():
    from emotriage.formats.zip import Keyring, read_archive
    from emotriage.model.passwords import Passwords

    out = io.BytesIO()
    for chunk in archive_of_zeros(96 * MIB):
        out.write(chunk)
    found = read_archive(Blob(out.getvalue()), Budget(Limits()))
    budget = Budget(Limits())
    tracemalloc.start()
    ring = Keyring(Passwords.of(["7788"]), budget)
    key, content = found.open(found.members[0], ring, budget, 16 * MIB, Shelf(budget.limits.spooled_bytes))
    size = sum(map(len, found.stream(found.members[0], budget, key=key)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size == 96 * MIB
    assert content.spooled.blob.size == size
    assert peak < 24 * MIB


def decryptions(monkeypatch) -> list[int]:
    """Sizes of what is decrypted from here on."""
    from emotriage.formats.zip import key as zip_key

    sizes: list[int] = []
    real = zip_key.zip_crypto.decrypted

    def counting(packed, *arguments):
        sizes.append(packed.size)
        return real(packed, *arguments)

    monkeypatch.setattr(zip_key.zip_crypto, "decrypted", counting)
    return sizes


def check_decrypted_once(monkeypatch, unit: int) -> None:
    sizes = decryptions(monkeypatch)
    noise = random.Random(7)
    bodies = {f"{number}.doc": LURE + noise.randbytes(6 * unit) for number in range(4)}
    verdict = look(archive(bodies, password="7788"), "order.zip", "7788")
    assert sizes == [len(body) + 12 for body in bodies.values()]
    assert [one.sha256 for one in verdict.artifacts[1:5]] == [
        hashlib.sha256(body).hexdigest() for body in bodies.values()
    ]
    assert sum(one.rule == MACRO for one in verdict.findings) == 4


def test_large_members_behind_a_password_are_decrypted_once(monkeypatch):
    """At a sixteenth of all sizes, so that they are as large beside what is kept in memory."""
    monkeypatch.setattr(shelf, "_IN_MEMORY", shelf._IN_MEMORY // 16)
    for module in (zip_secrets, zip_container):
        monkeypatch.setattr(module, "KEPT", module.KEPT // 16)
    check_decrypted_once(monkeypatch, MIB // 16)


@pytest.mark.long
def test_large_members_behind_a_password_are_decrypted_once_full_size(monkeypatch):
    check_decrypted_once(monkeypatch, MIB)


def test_what_finds_no_room_is_decrypted_in_its_turn(monkeypatch):
    sizes = decryptions(monkeypatch)
    noise = random.Random(7)
    bodies = {f"{number}.bin": noise.randbytes(MIB // 4) for number in range(3)}
    verdict = look(archive(bodies, password="7788"), "order.zip", "7788", spooled_bytes=5 * MIB // 8)
    assert len(sizes) == 4
    assert "scan.spool-full" not in rules_of(verdict)
    assert [one.sha256 for one in verdict.artifacts[1:]] == [
        hashlib.sha256(body).hexdigest() for body in bodies.values()
    ]


def test_a_wrong_password_that_passes_the_first_check_leaves_nothing_behind(monkeypatch):
    sizes = decryptions(monkeypatch)
    body = LURE + random.Random(7).randbytes(5 * MIB // 8)
    data = archive({"a.doc": body, "b.doc": LURE}, password="right", decoys=["decoy"])
    verdict = look(data, "order.zip", "decoy", "right", spooled_bytes=6 * MIB // 8)
    assert sizes == [len(body) + 12] * 2 + [len(LURE) + 12]
    assert [one.sha256 for one in verdict.artifacts if one.name.endswith(".doc")] == [
        hashlib.sha256(one).hexdigest() for one in (body, LURE)
    ]
    wrong = look(data, "order.zip", "decoy")
    assert "zip.encrypted-member" in gaps_of(wrong)
    assert len(wrong.artifacts) == 1


def archive_of_zeros(size: int):
    yield archive({"a.bin": Filler(size)}, method=8, password="7788")


def test_content_is_unpacked_once(monkeypatch):
    from emotriage.formats import zip as reader

    unpacked: list[int] = []
    real = reader.unpack

    def counting(packed, *arguments, **options):
        for chunk in real(packed, *arguments, **options):
            unpacked.append(len(chunk))
            yield chunk

    monkeypatch.setattr(reader, "unpack", counting)
    files = {"a.txt": b"some text " * 500, "b.txt": b"more text " * 900}
    assert look(archive(files, method=8)).complete
    assert sum(unpacked) == sum(map(len, files.values()))
    unpacked.clear()
    assert look(archive(files, method=8, password="7788"), "order.zip", "7788").complete
    assert sum(unpacked) == sum(map(len, files.values()))


def test_zipfile_agrees_about_what_was_built():
    with zipfile.ZipFile(io.BytesIO(archive({"a.doc": LURE}, method=8, password="7788"))) as theirs:
        assert theirs.read("a.doc", b"7788") == LURE
