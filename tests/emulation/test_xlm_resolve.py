"""What formulas come to by constants alone, and that hostile ones cost what their size says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.emulation.xlm.code import reference_in
from emotriage.emulation.xlm.expression import Surroundings, evaluate
from emotriage.emulation.xlm.resolve import resolve
from emotriage.emulation.xlm.values import GAP, LONGEST, Reference
from emotriage.formats.excel.macrosheet import Cell, DefinedName, Sheet, Workbook, called_functions
from emotriage.model.limits import Budget, Limits
from emotriage.testing.ptg import place

CELLS = {"A1": "one", "A2": "two", "B1": 65.0, "B2": "A2"}
NAMES = {"n": "name", "r": Reference("m", 1, 0, 1, 0)}


def comes_to(formula):
    cells = {("m", *place(where)): value for where, value in CELLS.items()}
    around = Surroundings(lambda *key: cells.get(key), NAMES.get, "m")
    return around.scalar(evaluate(formula, around, Budget(Limits()))[0])


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ('="a"&"b"&CHAR(B1)&1+2*3', "abA7"),
        ("=A1&M!A2&'M'!$A$1", "onetwoone"),
        ("=A1&A9&A2", f"one{GAP}two"),
        ("=n&r", "nametwo"),
        ('=CONCATENATE(LEFT("abc",2),RIGHT("abc"),MID("abcdef",2,3))', "abcbcd"),
        ('=SUBSTITUTE("a-b-c","-","")&SUBSTITUTE("a-b-c","-","+",2)', "abca-b+c"),
        ('=REPLACE("abcdef",2,3,"X")&REPT("z",3)&UPPER("q")&LOWER("Q")&TRIM("  a   b ")', "aXefzzzQqa b"),
        ("=CHAR(INT(130/2)+MOD(9,4)-1)&CHAR(2^6+1)", "AA"),
        ('=IF(1=1,"yes","no")&IF("a"="b","yes","no")', "yesno"),
        ('=CHOOSE(2,"a","b","c")&INDEX(A1:A2,2)&OFFSET(A1,1,0)&INDIRECT(B2)&INDIRECT("R2C1")', "btwotwotwotwo"),
        ('=FIND("c","abc")+LEN("abcd")-CODE("A")+HEX2DEC("41")', 7.0),
        ("=-(3-5)%", 0.02),
        ("=CHAR(A9)", None),
        ('=CHAR(300)&T(B1)&N("x")', f"{GAP}{GAP}"),
        ('=LEFT(A9&"abc",2)', None),
        ('=LEFT("abc"&A9,2)', "ab"),
        ("=1/0", None),
        ("=9^999", None),
        ('=REPT("x",99999)', None),
        ("=", ""),
        (")))((", None),
        ('="unfinished', "unfinished"),
        ("={1,2}&#REF!", None),
    ],
)
def test_values(formula, value):
    found = comes_to(formula)
    assert found == value if value is not None else found is None or isinstance(found, str)


def test_calls_say_what_their_arguments_come_to():
    around = Surroundings(lambda *_: None, lambda _: None)
    _, calls = evaluate('=IF(A1,CALL("ur"&"l","f",A2&"x"),GOTO(B2))', around, Budget(Limits()))
    assert [(one.name, one.texts) for one in calls] == [
        ("CALL", ("url", "f", f"{GAP}x")),
        ("GOTO", (GAP,)),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("R5C2", Reference("m", 4, 1, 4, 1)),
        ("$B$5:C6", Reference("m", 4, 1, 5, 2)),
        ("'It''s'!R1C1", Reference("it's", 0, 0, 0, 0)),
        ("text", None),
        ("R[1]C", Reference("m", 1, 0, 1, 0)),
        ("9" * 99, None),
    ],
)
def test_references_in_texts(text, expected):
    assert reference_in(text, "m") == expected


def book(cells, names=(), **others):
    def sheet(name, cells):
        made = []
        for where, value in cells.items():
            formula = value if isinstance(value, str) and value.startswith("=") else ""
            row, column = place(where)
            made.append(Cell(row, column, formula, None if formula else value, called_functions(formula)))
        return Sheet(name, "macrosheet", "visible", cells=tuple(made))

    sheets = [sheet("M", cells), *(sheet(name, cells) for name, cells in others.items())]
    return Workbook("", "biff8", tuple(sheets), tuple(DefinedName(name, text) for name, text in dict(names).items()))


def texts(workbook, name, budget=None):
    found = resolve(workbook, budget or Budget(Limits()))
    return [call.texts for one in found for call in one.calls if call.name == name]


def test_what_is_set_is_known_to_those_behind_and_before():
    cells = {"A1": "=EXEC(B1&x)", "A2": '=SET.NAME("x",C1&"!")', "A3": '=SET.VALUE(B1,"run ")', "C1": "=N!A1"}
    assert texts(book(cells, {"x": '=""'}, N={"A1": "=A2", "A2": "it"}), "EXEC") == [("run it!",)]


def test_a_name_that_changes_is_not_known():
    cells = {"A1": '=SET.NAME("x","a")', "A2": '=SET.NAME("x","b")', "A3": "=EXEC(x)"}
    assert texts(book(cells, {"x": '=""'}), "EXEC") == [(GAP,)]


def test_formulas_that_are_written_are_read_and_write_others():
    cells = {"A1": '=FORMULA("=FORMULA(""=EX""&B1,""R9C1"")",A5)', "B1": 'EC("x"&"y")'}
    found = [one for one in resolve(book(cells), Budget(Limits())) if one.written]
    assert [one.formula for one in found][-1] == '=EXEC("x"&"y")'
    assert found[-1].calls[-1].texts == ("xy",)
    assert all(one.where == "M!A1" for one in found)


def test_circles_end():
    (found,) = texts(book({"A1": "=EXEC(A2&A1)", "A2": "=A1&A2", "A3": "=FORMULA(A3,A3)"}), "EXEC")
    assert set(found[0]) == {GAP}
    assert len(list(resolve(book({"A1": '=FORMULA("=FORMULA(A1,A1)",A1)'}), Budget(Limits())))) < 10


def test_doubling_stops_at_the_longest_text():
    cells = {"A1": "x" * 99} | {f"A{row}": f"=A{row - 1}&A{row - 1}" for row in range(2, 60)}
    longest = max(len(one.value) for one in resolve(book(cells), Budget(Limits())) if isinstance(one.value, str))
    assert longest <= LONGEST


def test_deep_formulas_are_read_in_linear_work():
    work = []
    for depth in (1000, 4000):
        budget = Budget(Limits())
        around = Surroundings(lambda *_: None, lambda _: None)
        evaluate("=" + "IF((" * depth + "1" + "))" * depth, around, budget)
        work.append(budget.work)
    assert work[1] <= 4.2 * work[0]


@given(st.text(alphabet="\"&CHAR(65),A1:!$ 'RUN{}%<=>-.5e\n", max_size=300))
def test_any_text_can_be_evaluated(formula):
    evaluate("=" + formula, Surroundings(lambda *_: "1", lambda _: None, "m"), Budget(Limits()))


SOME = [
    *("=FORMULA(A1&A2,A3)", '=SET.VALUE(A2,A1&"=")', "=EVALUATE(A1)", '=FORMULA("="&A4,A1)', "=A1&A2&A3", "=EXEC(A4)"),
    *('=SET.NAME("x",x&A1)', "=OFFSET(A1,A2,A3)", "=INDIRECT(A1&A2)", "=INDEX(A1:A3,A2)", "=CHOOSE(A1,A2,A3)", 2.0),
]


@given(st.lists(st.sampled_from(SOME), max_size=12))
def test_any_sheet_ends(formulas):
    cells = {f"A{row}": formula for row, formula in enumerate(formulas, 1)}
    list(resolve(book(cells, {"x": '=""'}), Budget(Limits())))
