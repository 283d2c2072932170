"""Formula tokens, held against a compiler of formulas and against everything tokens can lie about."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.formats.excel.functions import functions
from emotriage.formats.excel.macrosheet import called_functions
from emotriage.formats.excel.ptg import UNKNOWN, Formula, Scope, decode_formula
from emotriage.model.limits import TOKEN, Budget, Limits
from emotriage.testing.ptg import compile_formula

SHEETS = ("Sheet1", "Macro Sheet", "Macro1")
NAMES = ("target", "Other_Name")
FORMULAS = [
    'EXEC("emotriage-inert /c")',
    'CALL("lib","Function","JJ",0,A1&"x")',
    'REGISTER("lib","Function","JJJ","called",,1,9)',
    "FORMULA.FILL(CHAR(61)&CHAR(72+1)&$B$2,IV65536)",
    'FORMULA("=1+1",Sheet1!B2)',
    "IF(GET.WORKSPACE(19)<>0,GOTO(A5),CLOSE(FALSE))",
    'IF(AND(A1>=1,B2<=-2.5,C3<>"a""b"),1,2)',
    "SUM(A1:B2,Sheet1!$C$3,'Macro Sheet'!A$1:$B2)",
    "-(1+2)*3^2%/4&TRUE&#N/A",
    "target+Other_Name",
    "NOW()",
    'SET.VALUE(C1,"\u8868 \U0001f600")',
    "RUN(A1)",
    "1E+20+0.1",
    "HALT()",
]


def scope(biff=8):
    return Scope(
        biff,
        NAMES,
        lambda first, _last: ["Sheet1", "'Macro Sheet'", "Macro1"][first],
        lambda book, name: f"ext{book}.{name}",
    )


def decode(tokens, extra=b"", *, biff=8, cell=(0, 0), budget=None):
    return decode_formula(tokens, extra, scope(biff), budget or Budget(Limits()), cell)


@pytest.mark.parametrize("formula", FORMULAS)
def test_what_was_compiled_is_decoded(formula):
    found = decode(compile_formula(formula, sheets=SHEETS, names=NAMES))
    assert found.complete
    assert found.text == formula
    assert sorted(found.functions) == sorted(called_functions(formula))


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (0x006E, "EXEC"),
        (0x0096, "CALL"),
        (0x0095, "REGISTER"),
        (0x010B, "REGISTER.ID"),
        (0x0084, "FOPEN"),
        (0x008A, "FWRITE"),
        (0x0058, "SET.NAME"),
        (0x00B9, "GET.CELL"),
        (0x00BA, "GET.WORKSPACE"),
        (0x8011, "RUN"),
        (0x8060, "FORMULA"),
        (0x8061, "FORMULA.FILL"),
        (0x8006, "FILE.DELETE"),
        (0x8094, "ON.TIME"),
        (0x8076, "ALERT"),
        (0x80AD, "APP.MAXIMIZE"),
    ],
)
@pytest.mark.parametrize("token", [0x22, 0x42, 0x62])
def test_dangerous_functions_are_known_by_number(number, name, token):
    argument = b"\x17\x01\x00x"
    found = decode(argument + struct.pack("<BBH", token, 1, number))
    assert found == Formula(f'{name}("x")', (name,))
    assert functions()[number].name == name


def test_fixed_functions_take_as_many_arguments_as_they_have():
    one, two = b"\x1e\x01\x00", b"\x1e\x02\x00"
    assert decode(one + two + b"\x21\x8a\x00").text == "FWRITE(1,2)"
    assert decode(one + b"\x41\x6f\x00").text == "CHAR(1)"
    assert decode(b"\x61\x4a\x00").text == "NOW()"


def test_a_dialog_version_keeps_its_question_mark():
    assert decode(struct.pack("<BBH", 0x42, 0x80, 0x8006)).text == "FILE.DELETE?()"


def test_user_defined_functions_go_by_their_first_argument():
    own = b"\x43" + struct.pack("<I", 1)
    assert decode(own + b"\x1e\x07\x00" + b"\x42\x02\xff\x00") == Formula("target(7)", ("TARGET",))
    other = b"\x59" + struct.pack("<HHH", 3, 2, 0)
    assert decode(other + b"\x42\x01\xff\x00").functions == ("EXT3.2",)


def test_relative_references_move_with_the_cell():
    reference = struct.pack("<BHH", 0x2C, 0xFFFF, 0xC0FF)
    assert decode(reference, cell=(4, 2)).text == "B4"
    assert decode(struct.pack("<BHH", 0x44, 4, 0x0002)).text == "$C$5"


def test_operands_of_excel_5_are_narrower():
    assert decode(b"\x17\x03abc", biff=5).text == '"abc"'
    assert decode(struct.pack("<BHB", 0x44, 0xC004, 2), biff=5).text == "C5"
    assert decode(struct.pack("<BHHBB", 0x45, 0, 0x3FFF, 0, 255), biff=5).text == "$A$1:$IV$16384"
    three = struct.pack("<Bh8xHHHB", 0x5A, -1, 2, 2, 0, 0)
    assert decode(three, biff=5).text == "Macro1!$A$1"
    name = struct.pack("<BH12x", 0x43, 2)
    assert decode(name, biff=5).text == "Other_Name"


def test_array_constants_wait_behind_the_tokens():
    extra = (
        bytes([1, 1, 0]) + b"\x01" + struct.pack("<d", 1.5) + b"\x02\x02\x00\x00ab" + b"\x04\x01" + bytes(7) + bytes(9)
    )
    assert decode(b"\x60" + bytes(7), extra).text == '{1.5,"ab";TRUE,}'
    assert not decode(b"\x60" + bytes(7), extra[:14]).complete


def test_a_sum_can_be_an_attribute_and_jumps_are_skipped():
    assert decode(b"\x1e\x01\x00\x19\x10\x00\x00").text == "SUM(1)"
    assert decode(b"\x1e\x01\x00\x19\x04\x01\x00" + bytes(4) + b"\x19\x08\x00\x00").text == "1"


def test_a_formula_that_only_points_to_another_says_where():
    assert decode(b"\x01\x07\x00\x02\x00") == Formula("", shared=(7, 2))


def test_ten_thousand_parentheses_cost_no_more_than_their_tokens():
    budget = Budget(Limits())
    found = decode(b"\x1e\x01\x00" + b"\x15" * 10_000, budget=budget)
    assert found.complete
    assert found.text == "(" * 10_000 + "1" + ")" * 10_000
    assert budget.work <= 10_001 * TOKEN + 4 * len(found.text)


@pytest.mark.parametrize(
    "tokens",
    [
        b"\x1e\x01\x00\x30",  # no such token
        b"\xff",
        b"\x03",  # nothing to add
        b"\x1e\x01\x00\x1e\x02\x00",  # two values that nothing joins
        b"\x17\x05\x00ab",  # a string that is not all there
        b"\x43\x63\x00\x00\x00",  # name 99
        b"\x41\xfe\xfe",  # function without a known number of arguments
        b"\x19",
        b"\x19\x40\x00",
        b"",
    ],
)
def test_what_can_not_be_decoded_is_said_to_be_incomplete(tokens):
    assert not decode(tokens).complete


def test_what_came_before_the_damage_is_kept():
    found = decode(b"\x17\x04\x00calc\x42\x01\x6e\x00\x30")
    assert found.functions == ("EXEC",)
    assert found.text == f'EXEC("calc"),{UNKNOWN}'


@pytest.mark.parametrize("formula", FORMULAS)
def test_cut_tokens_never_raise(formula):
    tokens = compile_formula(formula, sheets=SHEETS, names=NAMES)
    for end in range(len(tokens)):
        decode(tokens[:end])
        decode(tokens[:end], biff=5)


@given(tokens=st.binary(max_size=300), extra=st.binary(max_size=60), biff=st.sampled_from([5, 8]))
def test_any_bytes_are_decoded_in_linear_work(tokens, extra, biff):
    budget = Budget(Limits())
    found = decode(tokens, extra, biff=biff, budget=budget)
    assert isinstance(found.text, str)
    assert budget.work <= (len(tokens) + 1) * TOKEN + len(found.text)
