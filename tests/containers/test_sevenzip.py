"""7z archives: every file comes out whole, whatever packs or locks it; nothing loops, grows or passes unseen."""

import random
import zlib

import pytest

from emotriage import Level, Limits, scan
from emotriage.formats.sevenzip import read_sevenzip
from emotriage.formats.sevenzip.coders import Keys
from emotriage.model.blob import Blob
from emotriage.model.errors import BudgetSpent, FormatError
from emotriage.model.limits import Budget
from emotriage.testing import Filler, document, sevenzip

TEXT = b"Minutes of the meeting\r\n" * 500
FILES = {
    "minutes.txt": TEXT,
    "a/議事録.txt": b"short",
    "empty.txt": b"",
    "folder/": b"",
    "code.bin": b"\xe8\1\2\3\0" * 999,
}
METHODS = ("lzma2", "lzma", "copy", "deflate", "bcj")


def contents(data, password=""):
    budget = Budget(Limits())
    keys = Keys(password, lambda rounds: rounds < 1 << 20) if password else None
    archive = read_sevenzip(Blob(data), budget, keys)
    blocks = {}
    for one in archive.members:
        if one.block >= 0 and one.block not in blocks:
            blocks[one.block] = b"".join(archive.unpack(one.block, budget, keys))
    return {
        one.name: blocks[one.block][one.offset : one.offset + one.size] if one.block >= 0 else b""
        for one in archive.members
        if not one.folder
    }


@pytest.mark.parametrize("password", ["", "secret"])
@pytest.mark.parametrize("solid", [True, False])
@pytest.mark.parametrize("method", METHODS)
def test_every_file_comes_out(method, solid, password):
    wanted = {name: one for name, one in FILES.items() if not name.endswith("/")}
    assert contents(sevenzip(FILES, method=method, solid=solid, password=password), password) == wanted
    if password:
        hidden = sevenzip(FILES, method=method, solid=solid, password=password, hide_names=True)
        assert contents(hidden, password) == wanted


@pytest.mark.parametrize("password", ["", "March-77"])
def test_a_document_says_in_an_archive_what_it_says_bare(password):
    macro = document("doc", macros={"Module1": 'Sub AutoOpen()\nShell "emotriage-inert"\nEnd Sub\n'})
    bare = {(one.rule, one.evidence) for one in scan(macro, name="invoice.doc", plugins=[]).findings}
    data = sevenzip({"readme.txt": b"hello", "invoice.doc": macro}, password=password, hide_names=bool(password))
    verdict = scan(data, name="a.7z", passwords=["wrong", password] if password else [], plugins=[])
    (number,) = [one.id for one in verdict.artifacts if one.kind == "ole"]
    assert {(one.rule, one.evidence) for one in verdict.findings if one.artifact == number} == bare
    assert "March-77" not in verdict.to_json()


@pytest.mark.parametrize("defect", ["bad-checksum", "bad-header-checksum", "truncated", "size-lie", "endless-names"])
def test_defects_leave_a_gap(defect):
    verdict = scan(sevenzip(FILES, solid=False, defects=[defect]), name="a.7z", plugins=[])
    assert verdict.level >= Level.UNVERIFIED
    assert verdict.gaps


def test_a_key_that_costs_too_much_is_not_derived():
    data = sevenzip(FILES, password="1234", rounds_power=8)
    place = data.index(b"\6\xf1\7\1") + 5
    dear = bytearray(data)
    assert dear[place] & 0x3F == 8
    dear[place] = dear[place] & 0xC0 | 24
    verdict = scan(bytes(dear), name="a.7z", plugins=[])
    assert verdict.level >= Level.UNVERIFIED


def test_a_bomb_ends_at_the_limit():
    data = sevenzip({"zeros.bin": Filler(64 << 20)})
    assert len(data) < 20_000
    verdict = scan(data, name="a.7z", limits=Limits(expanded_bytes=1 << 20), plugins=[])
    assert any(one.rule == "scan.limit-reached" for one in verdict.gaps)


def test_damage_never_raises():
    dice = random.Random(7)
    for original in (
        sevenzip(FILES),
        sevenzip(FILES, solid=False, method="copy"),
        sevenzip(FILES, password="1234", hide_names=True),
    ):
        header = len(original) - 250
        for _ in range(250):
            data = bytearray(original)
            for _ in range(dice.choice((1, 3))):
                data[dice.randrange(header, len(data))] = dice.randrange(256)
            start = bytearray(data[12:32])
            size = int.from_bytes(start[8:16], "little")
            start[16:20] = zlib.crc32(data[32 + int.from_bytes(start[:8], "little") :][:size]).to_bytes(4, "little")
            data[12:32] = start
            data[8:12] = zlib.crc32(start).to_bytes(4, "little")
            try:
                contents(bytes(data), "1234")
            except (FormatError, BudgetSpent):
                continue
