"""Files found by their first bytes alone."""

import struct

import pytest

from emotriage.formats.active_magic import find_active
from emotriage.model.blob import Blob
from emotriage.model.errors import BudgetSpent
from emotriage.model.limits import MIB, Budget, Limits
from emotriage.testing import archive, shortcut

PROGRAM = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + b"emotriage-inert"


def carved(data: bytes, start: int = 0, **limits: int):
    return [(one.extension, one.offset) for one in find_active(Blob(data), Budget(Limits(**limits)), start)]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PROGRAM, ".exe"),
        (archive({"a.txt": b"a"}), ".zip"),
        (shortcut(), ".lnk"),
        (b"%PDF-1.4", ".pdf"),
        (b"ITSF\3\0\0\0", ".chm"),
        (b"<SCRIPT language=x>", ".hta"),
        (b"<hta:application id=a>", ".hta"),
        (b"<job id=a>", ".wsf"),
    ],
)
@pytest.mark.parametrize("before", [0, 1, 1000, MIB - 5, MIB - 1, MIB])
def test_found_wherever_it_begins(data, kind, before):
    assert carved(b"\xaa" * before + data) == [(kind, before)]


def test_letters_that_begin_nothing():
    assert carved(b"x" + b"MZ" * 100 + b"<scripted> <jobs>" + bytes(100)) == []


def test_first_of_each_kind_in_order():
    assert carved(b"#" + shortcut() + PROGRAM + shortcut()) == [(".lnk", 1), (".exe", 1 + len(shortcut()))]


def test_a_flood_of_beginnings_costs_budget():
    with pytest.raises(BudgetSpent):
        carved(b"x" + b"MZ" * 100_000, work=10_000_000)
