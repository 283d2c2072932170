"""References to variables are read in one way, wherever they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.emulation.variables import fill
from emotriage.model.errors import BudgetSpent
from emotriage.model.limits import Budget, Limits

KNOWN = {"a": "abcdef", "two words": "x", "bang": "!4d!ef", "back": r"C:\1\g<0>"}


def filled(text: str, marks: str = "%!", **limits: int) -> str:
    budget = Budget(Limits(**limits))

    def value(reference):
        return reference.of(KNOWN[reference.name], budget) if reference.name in KNOWN else None

    return fill(text, marks, value, budget)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%a%", "abcdef"),
        ("!A!", "abcdef"),
        ("%two words%", "x"),
        ("%a:~2%", "cdef"),
        ("%a:~-2%", "ef"),
        ("%a:~1,2%", "bc"),
        ("%a:~ 1 , 2 %", "bc"),
        ("%a:~,2%", "ab"),
        ("%a:~-%", "abcdef"),
        ("%a:~1,-2%", "bcd"),
        ("%a:~4,-3%", ""),
        ("%a:~9%", ""),
        ("%a:~-9,2%", "ab"),
        ("%a:C=%", "abdef"),
        ("%a:b=two%", "atwocdef"),
        ("%a:*c=x%", "xdef"),
        ("%a:*z=x%", "abcdef"),
        ("!bang:*d!=x!", "xef"),
        (r"%a:b=\1%", r"a\1cdef"),
        (r"%back:c=d%", r"d:\1\g<0>"),
        ("%b% and %a%", "%b% and abcdef"),
        ("5 % of %a%", "5 % of abcdef"),
        ("%a!", "%a!"),
        ("%a:~x%", "%a:~x%"),
        ("%a:=x%", "%a:=x%"),
        ("%a\n%", "%a\n%"),
    ],
)
def test_what_a_reference_comes_to(text, expected):
    assert filled(text) == expected


def test_marks_are_those_asked_for():
    assert filled("%a% !a!", "%") == "abcdef !a!"
    assert filled("%a% !a!", "!") == "%a% abcdef"


@given(st.text(alphabet="%!a:~*=, 01-\n", max_size=200), st.sampled_from(["%", "!", "%!"]))
def test_text_without_known_names_stays(text, marks):
    assert fill(text, marks, lambda _: None, Budget(Limits())) == text


def test_replacing_is_paid_for():
    with pytest.raises(BudgetSpent):
        filled("%a:z=%" * 5000, work=1_600_000)


@pytest.mark.parametrize("unit", ["%", "%a", "%b:*", "%b:~ ", "%b:x=y", "%b:~1,1%", "!b! %", "% " * 9])
def test_work_is_linear(unit):
    works = []
    for count in (2000, 4000):
        budget = Budget(Limits())
        fill(unit * count, "%!", lambda _: None, budget)
        works.append(budget.work)
    assert works[1] < 2.2 * works[0] + 10_000
