"""Headers of Windows programs: which parts the file has, and where it ends."""

import struct

import pytest

from emotriage import scan
from emotriage.formats.pe import read_image
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import Budget, Limits
from emotriage.testing import executable, padded, program

WHOLE = program({".data": b"d" * 700}, resources=b"r" * 5000, managed=b"m" * 3000, certificates=b"c" * 800)
MIB = 1 << 20


def read(data):
    return read_image(Blob(data), Budget(Limits()))


def part(data, what, name=""):
    (found,) = [one for one in read(data).parts if (one.what, one.name) == (what, name)]
    return data[found.offset : found.end]


def rules_of(data):
    return {one.rule for one in scan(data, name="setup.exe", plugins=[]).findings}


def test_each_part_is_where_the_headers_say():
    assert part(WHOLE, "section", ".data").rstrip(b"\0") == b"d" * 700
    assert part(WHOLE, "section", ".text").startswith(b"emotriage-inert")
    assert part(WHOLE, "resources") == b"r" * 5000
    assert part(WHOLE, "managed resources") == b"m" * 3000
    assert part(WHOLE, "certificates") == b"c" * 800
    assert read(WHOLE).end == len(WHOLE) == read(WHOLE + b"overlay").end


def test_certificates_far_behind_the_sections_leave_what_is_between_to_be_looked_at():
    bare = program()
    gap = bare + bytes(4096)
    data = bytearray(gap + b"c" * 800)
    struct.pack_into("<II", data, 0x40 + 24 + 112 + 8 * 4, len(gap), 800)
    assert part(bytes(data), "certificates") == b"c" * 800
    assert read(bytes(data)).end == len(bare)


def test_symbols_belong_to_the_image():
    data = bytearray(program())
    struct.pack_into("<II", data, 0x40 + 8 + 4, len(data), 2)
    data += bytes(36) + struct.pack("<I", 12) + b"strings!"
    assert read(bytes(data) + b"overlay").end == len(data)
    struct.pack_into("<II", data, 0x40 + 8 + 4, len(data), 0xFFFFFFFF)
    assert read(bytes(data)).end == len(program())


@pytest.mark.parametrize("data", [executable(), b"MZ", b"MZ" + bytes(58) + b"\xff\xff\xff\xff", b"\x7fELF" + bytes(99)])
def test_what_is_no_such_program(data):
    assert (read(data).parts, read(data).end) == ((), None)


def test_headers_that_lie():
    at = 0x40 + 24 + 240
    for offset in range(0, 40, 4):
        for value in (0, 1, 0x7FFFFFFF, 0xFFFFFFFF):
            data = bytearray(WHOLE)
            struct.pack_into("<I", data, at + 40 + offset, value)
            image = read(bytes(data))
            assert 0 < image.end <= len(data)
            assert all(one.offset >= 0 and one.end <= len(data) and one.size > 0 for one in image.parts)
    with pytest.raises(Malformed):
        read(WHOLE[: 0x40 + 100])
    many = bytearray(WHOLE)
    struct.pack_into("<H", many, 0x40 + 6, 0xFFFF)
    budget = Budget(Limits())
    read_image(Blob(bytes(many) + bytes(4 * MIB)), budget)
    assert budget.work < MIB


@pytest.mark.parametrize("fill", ["zero", "byte", "periodic", "low-entropy"])
def test_r105_padded_parts_are_told_apart(fill):
    filler = padded(b"head", 2 * MIB, fill)
    told = {
        "padding.program-section": program({".data": filler}),
        "padding.program-resources": program(resources=filler),
        "padding.program-managed-resources": program(managed=filler),
        "padding.program-certificates": program(certificates=filler),
        "padding.overlay": program() + filler,
    }
    for rule, data in told.items():
        found = rules_of(data)
        assert rule in found, rule
        assert not (found & told.keys()) - {rule}, rule
        assert "padding.inflated" in found, rule


def test_r105_honest_parts_are_not_told():
    noise = padded(b"", 2 * MIB, "random")
    assert not {one for one in rules_of(program({".data": noise}, resources=noise)) if one.startswith("padding.")}
    assert "padding.oversize-tail" in rules_of(program() + padded(b"", 16 * MIB, "random"))
