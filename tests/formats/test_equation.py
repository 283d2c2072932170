"""Font records of equations."""

import random

from emotriage.formats.equation import fonts
from emotriage.model.limits import Budget, Limits

HEADER = b"\x1c\0" + bytes(26)


def names(raw: bytes) -> list[bytes]:
    return [name for _, name in fonts(raw, Budget(Limits()))]


def test_fonts_behind_other_records():
    body = b"\3\1\1\3\0\x0a\1\2\x84\xc3\3\x03\x0f\x01\x00\4\1\1\x09\2\3\x08\1\1Symbol\0\0"
    assert names(HEADER + body) == [b"Symbol"]
    assert names(b"\2\0\0\3\0\x0a\1\x12\x83F\x08\1\1Times\0") == [b"Times"]


def test_a_long_name_is_given_whole():
    assert names(HEADER + b"\3\1\1\3\x0a\x0a\1\x08\x5a\x5a" + b"x" * 60) == [b"x" * 60]


def test_any_bytes_end():
    chooser = random.Random(3)
    for length in range(200):
        raw = HEADER + b"\3\1\1\3\0" + chooser.randbytes(length)
        assert all(len(name) <= length for name in names(raw))
        names(raw[: length % 33])
