"""Encrypted workbook streams: what the right password opens, and that a wrong one opens nothing."""

import random
import struct

import pytest

from emotriage.formats.excel.biff8 import read_stray_sheets, read_workbook
from emotriage.formats.excel.biff_crypt import DEFAULT_PASSWORD, open_cipher
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget, Limits
from emotriage.testing.biff8 import Name, Sheet, workbook_stream

CELLS = {(row, 0): f"text {row}" for row in range(200)} | {(200, 0): '=EXEC("emotriage-inert")', (201, 1): 2.5}
SHEETS = [Sheet("Sheet1", False, "visible", {}), Sheet("Macro1", True, "veryhidden", CELLS)]
NAMES = [Name("Auto_Open", "Macro1!$A$201")]


def stream(password=None, limit=8224):
    return workbook_stream(SHEETS, NAMES, string_limit=limit, password=password)


@pytest.mark.parametrize("limit", [8224, 100])
def test_what_the_right_password_opens_is_what_was_encrypted(limit):
    clear = read_workbook(Blob(stream(limit=limit)), Budget(Limits()))
    found = read_workbook(Blob(stream("secret", limit)), Budget(Limits()), passwords=["wrong", "secret"])
    assert found.password == "secret"
    assert not found.encrypted
    assert (found.sheets, found.names, found.anomalies) == (clear.sheets, clear.names, clear.anomalies)
    assert read_stray_sheets(Blob(stream("secret")), Budget(Limits()), passwords=["secret"]) == ()


def test_the_default_password_needs_no_candidate():
    assert read_workbook(Blob(stream(DEFAULT_PASSWORD)), Budget(Limits())).password == DEFAULT_PASSWORD


def test_a_wrong_password_opens_nothing():
    found = read_workbook(Blob(stream("secret")), Budget(Limits()), passwords=["wrong", ""])
    assert found.encrypted
    assert found.password is None
    assert [one.kind for one in found.sheets] == ["worksheet", "macrosheet"]
    assert not any(one.cells for one in found.sheets)


def test_the_old_method_checks_key_and_verifier():
    right = struct.pack("<HH", 20810, 52250)  # those of "abc" in the tests of Apache POI
    for record in (b"\0\0" + right, right):
        cipher = open_cipher(record, ["abd", "abc"], Budget(Limits()))
        assert cipher.password == "abc"
        assert len(cipher.open(0x0204, 77, bytes(40), Budget(Limits()))) == 40
    for record in (
        struct.pack("<HHH", 0, 0, 0),
        struct.pack("<HH", 1, 2),
        b"",
        b"\x01",
        bytes(6),
        b"\0\0" + right[::-1],
    ):
        assert open_cipher(record, ["abc", ""], Budget(Limits())) is None


def test_any_record_of_the_kind_is_survived():
    chance = random.Random(1)
    for kind in (b"\0\0", b"\1\0\1\0\1\0", b"\1\0\2\0\2\0", b"\1\0\4\0\2\0\0\0\0\0\xff\xff\xff\xff", b"\1\0\3\0\3\0"):
        for length in range(0, 120, 7):
            open_cipher(kind + chance.randbytes(length), ["x", "\ud800", "y" * 999], Budget(Limits()))


def test_any_damage_is_survived():
    whole = stream("secret")
    chance = random.Random(2)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(5):
            data[chance.randrange(40, len(data))] = chance.randrange(256)
        read_workbook(Blob(bytes(data)), Budget(Limits()), passwords=["secret"])
    for end in range(100, len(whole), 997):
        read_workbook(Blob(whole[:end]), Budget(Limits()), passwords=["secret"])
