"""Cabinets: every file comes out whole, whatever packs it; nothing loops, grows or passes unseen."""

import random

import pytest

from emotriage import Level, Limits, scan
from emotriage.formats.cab import read_cabinet
from emotriage.formats.lzx import LzxDecoder
from emotriage.model.blob import Blob
from emotriage.model.errors import BudgetSpent, FormatError, Malformed
from emotriage.model.limits import Budget
from emotriage.testing import Filler, cabinet, document

TEXT = b"".join(b"Minutes of the meeting, line %d\r\n" % number for number in range(4000))
FILES = {"minutes.txt": TEXT, "a\\議事録.txt": b"short", "empty.txt": b"", "odd.bin": b"\xe8\1\2\3\0" * 13_001}


def contents(data):
    budget = Budget(Limits())
    cabinet_ = read_cabinet(Blob(data), budget)
    folders = {one: b"".join(cabinet_.unpack(one, budget)) for one in {m.folder for m in cabinet_.members} - {-1}}
    return {
        one.name: folders[one.folder][one.offset : one.offset + one.size] for one in cabinet_.members if one.folder >= 0
    }


@pytest.mark.parametrize("reserve", [b"", b"signature"])
@pytest.mark.parametrize("solid", [True, False])
@pytest.mark.parametrize("method", ["store", "mszip", "lzx"])
def test_every_file_comes_out(method, solid, reserve):
    assert contents(cabinet(FILES, method=method, solid=solid, reserve=reserve)) == FILES


def lzx_bits(*fields):
    """Fields of (value, width) as LZX stores them: words of 16 bits, the highest bit first."""
    bits = "".join(f"{value:0{width}b}" for value, width in fields if width)
    bits += "0" * (-len(bits) % 16)
    return b"".join(int(bits[at : at + 16], 2).to_bytes(2, "little") for at in range(0, len(bits), 16))


def verbatim(size, elements, translation=0):
    """A verbatim block in which "a", "b" and a match of two from one byte back have codes of two bits."""
    main = {ord("a"): 2, ord("b"): 2, 256 + 0: 2, 256 + 1: 2}
    fields = [(1, 1), (translation >> 16, 16), (translation & 0xFFFF, 16)] if translation else [(0, 1)]
    fields += [(1, 3), (size >> 8, 16), (size & 0xFF, 8)]
    for lengths in (
        [main.get(at, 0) for at in range(256)],
        [main.get(at, 0) for at in range(256, 256 + 240)],
        [0] * 249,
    ):
        # of the code for lengths, 0 and 15 (which is 0 - 2 modulo 17) have one bit
        fields += [(1 if at in (0, 15) else 0, 4) for at in range(20)]
        fields += [((0, 1), (1, 1))[one == 2] for one in lengths]
    return lzx_bits(*fields, *((one, 2) for one in elements))


def test_lzx_codes_and_matches():
    decoder = LzxDecoder(15, Budget(Limits()))
    # a, b, then a match of two bytes at the last distance (one byte back), and one of three
    packed = verbatim(7, [0, 1, 2, 3])
    assert decoder.frame(packed, 7) == b"abbbbbb"


def test_lzx_puts_calls_back():
    decoder = LzxDecoder(15, Budget(Limits()))
    body = b"\xe8" + (0x100).to_bytes(4, "little") + b"x" * 27
    head = lzx_bits((1, 1), (0, 16), (0x1000, 16), (3, 3), (0, 16), (len(body), 8))
    assert decoder.frame(head + (1).to_bytes(4, "little") * 3 + body, len(body))[1:5] == (0x100).to_bytes(4, "little")
    second = lzx_bits((3, 3), (0, 16), (len(body), 8)) + (1).to_bytes(4, "little") * 3 + body
    assert decoder.frame(second, len(body))[1:5] == (0x100 - len(body)).to_bytes(4, "little")


def test_lzx_refuses_what_is_none():
    for packed in (b"", b"\0" * 100, b"\xff" * 100, verbatim(7, [2, 2, 2, 2])):
        with pytest.raises(Malformed):
            LzxDecoder(15, Budget(Limits())).frame(packed, 7)
    with pytest.raises(Malformed):
        LzxDecoder(14, Budget(Limits()))


@pytest.mark.parametrize("method", ["mszip", "lzx"])
def test_a_document_says_in_a_cabinet_what_it_says_bare(method):
    macro = document("doc", macros={"Module1": 'Sub AutoOpen()\nShell "emotriage-inert"\nEnd Sub\n'})
    bare = {(one.rule, one.evidence) for one in scan(macro, name="invoice.doc", plugins=[]).findings}
    verdict = scan(cabinet({"readme.txt": b"hello", "invoice.doc": macro}, method=method), name="a.cab", plugins=[])
    (number,) = [one.id for one in verdict.artifacts if one.kind == "ole"]
    assert {(one.rule, one.evidence) for one in verdict.findings if one.artifact == number} == bare


@pytest.mark.parametrize("defect", ["truncated", "bad-block", "no-such-folder", "next-cabinet", "file-past-end"])
def test_defects_leave_a_gap(defect):
    verdict = scan(cabinet(FILES, solid=False, defects=[defect]), name="a.cab", plugins=[])
    assert verdict.level >= Level.UNVERIFIED
    assert verdict.gaps


def test_a_bomb_ends_at_the_limit():
    data = cabinet({"zeros.bin": Filler(16 << 20)})
    verdict = scan(data, name="a.cab", limits=Limits(expanded_bytes=1 << 20), plugins=[])
    assert any(one.rule == "scan.limit-reached" for one in verdict.gaps)


def test_damage_never_raises():
    dice = random.Random(3)
    small = {"a.txt": b"hello " * 99, "b.txt": b"x" * 70_000}
    for method in ("store", "mszip", "lzx"):
        original = cabinet(small, method=method)
        for _ in range(200):
            data = bytearray(original)
            for _ in range(dice.choice((1, 3, 9))):
                data[dice.randrange(min(len(data), dice.choice((120, len(data)))))] = dice.randrange(256)
            try:
                contents(bytes(data))
            except (FormatError, BudgetSpent):
                continue
