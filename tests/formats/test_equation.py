"""Font records of equations."""

import random

from emotriage.formats.equation import fonts, is_equation, overflows
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


def test_what_has_no_room_is_told():
    def told(raw: bytes) -> list[str]:
        return list(overflows(HEADER + b"\3\1\1\3\0" + raw, Budget(Limits())))

    assert told(b"\x0a\x08\1\1" + b"x" * 31 + b"\0\0") == []
    assert told(b"\x0a\x08\1\1" + b"x" * 32 + b"\0\0") == ["font name of 32 bytes at 34"]
    assert told(b"\5\0\0\0\x1f\x1f" + bytes(40)) == []
    assert told(b"\5\0\0\0\x20\2" + bytes(40)) == ["matrix of 32 rows and 2 columns at 33"]
    assert list(overflows(HEADER + b"\5\1\0\5\0\5\0\0\0\x20\2" + bytes(40), Budget(Limits()))) == []
    assert told(b"\x85\2\2\0\0\0\x20\2" + bytes(40)) == ["matrix of 32 rows and 2 columns at 33"]


def test_a_header_says_what_wrote_it():
    assert is_equation(HEADER + b"\3\1\1\3\0\x0a")
    assert is_equation(b"\2\0\0\3\0\x0a")
    assert not is_equation(b"\2\xab\1\xe7\3\x0a")
    assert not is_equation(b"MZ\0\0")
    assert not is_equation(b"")
