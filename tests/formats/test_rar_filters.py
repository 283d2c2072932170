"""What RAR's filters undo: each beside what would have been written."""

import struct

from emotriage.formats.rar.filters import arm, delta, picture, sound, x86

WRAP = 1 << 24


def test_targets_of_calls_become_relative_again():
    code = b"\x90\xe8" + struct.pack("<i", 0x1000) + b"\x90" * 5
    done = x86(code, 0x200, jumps=False, wrap=WRAP)
    assert struct.unpack_from("<i", done, 2)[0] == 0x1000 - 0x202
    before_the_file = b"\xe8" + struct.pack("<i", -1) + b"\x90" * 5
    assert struct.unpack_from("<i", x86(before_the_file, 0x200, jumps=False, wrap=WRAP), 1)[0] == WRAP - 1
    outside = b"\xe8" + struct.pack("<i", WRAP) + b"\x90" * 5
    assert x86(outside, 0, jumps=False, wrap=WRAP) == outside


def test_jumps_only_where_they_were_meant():
    code = b"\xe9" + struct.pack("<i", 0x1000) + b"\xe8" + struct.pack("<i", 0x1000) + b"\x90" * 5
    done = x86(code, 0, jumps=False, wrap=WRAP)
    assert done[:5] == code[:5]
    assert done[5:10] != code[5:10]
    assert x86(code, 0, jumps=True, wrap=WRAP)[:5] != code[:5]


def test_the_end_of_a_block_stays():
    assert x86(b"\xe8\1\0\0\0", 0, jumps=False, wrap=WRAP) != b"\xe8\1\0\0\0"
    assert x86(b"\xe8\1\0\0", 0, jumps=False, wrap=WRAP) == b"\xe8\1\0\0"
    assert x86(b"", 0, jumps=True, wrap=WRAP) == b""


def test_branches_of_arm():
    assert arm(b"\0\0\0\xeb" + b"\5\0\0\xeb" + b"\5\0\0\xea\1", 8) == (
        b"\xfe\xff\xff\xeb" + b"\2\0\0\xeb" + b"\5\0\0\xea\1"
    )


def test_differences_of_channels():
    assert delta(bytes([256 - 1, 256 - 1, 256 - 10, 5]), 2) == bytes([1, 10, 2, 5])
    assert delta(b"", 3) == b""


def test_pictures_and_sound_of_zeros_and_steps():
    assert picture(bytes(30), 9, 0) == bytes(30)
    assert picture(bytes([255, 0, 0]) + bytes(6), 9, 9) == bytes([1, 0, 0] * 3)
    assert sound(bytes(64), 2) == bytes(64)
    assert sound(bytes([255]) + bytes(3), 1) == bytes([1, 1, 1, 1])
