"""The texts of one formula, and how long its chains are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.emulation.xlm.literals import read_literals
from emotriage.model.limits import TOKEN, Budget, Limits


def read(formula):
    return read_literals(formula, Budget(Limits()))


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ('=EXEC("calc")', [("calc", False)]),
        ('=EXEC("c"&"alc"&CHAR(46)&"exe")', [("calc.exe", True)]),
        ('="say ""hi"""', [('say "hi"', False)]),
        ('=CALL("a","b" & "c",1)', [("a", False), ("bc", True)]),
        ('="a"&A1&"b"', [("a", False), ("b", False)]),
        ("=CHAR(72)", [("H", True)]),
        ("=CHAR(150)", [("\u2013", True)]),
        ("=MYCHAR(72)&X.CHAR(9)", []),
        ("=CHAR(A1)", []),
        ('="a""b', [('a"b', False)]),
        ('=""', []),
        ("", []),
    ],
)
def test_texts(formula, expected):
    assert list(read(formula).literals) == expected


@pytest.mark.parametrize(
    ("formula", "length"),
    [("=A1", 1), ("=A1&B1&C1", 3), ('="a & b & c"', 1), ("=F(A1&B1,C1&D1&E1&F1,G1)", 4), ("=(A1&B1)&C1", 3)],
)
def test_chains(formula, length):
    assert read(formula).longest_chain == length


@given(st.text(alphabet='"&CHAR(65),A1 \n', max_size=200))
def test_any_text_is_read_in_linear_work(formula):
    budget = Budget(Limits())
    read_literals(formula, budget)
    assert budget.work == TOKEN + len(formula)
