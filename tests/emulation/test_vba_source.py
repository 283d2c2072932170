"""VBA source taken apart: logical lines, literals, procedures, constants, and who calls whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.emulation.vba.fold import arithmetic, constants
from emotriage.emulation.vba.program import ModuleCode, Program, Span
from emotriage.emulation.vba.source import read_source
from emotriage.emulation.vba.vocabulary import KNOWN, is_constant
from emotriage.model.errors import BudgetSpent
from emotriage.model.limits import Budget, Limits


def _source(text):
    return read_source(text, Budget(Limits()))


def _constants(text):
    return [one.value for one in constants(_source(text), Budget(Limits()))]


def _program(**modules):
    budget = Budget(Limits())
    return Program([ModuleCode(name, "standard", read_source(text, budget)) for name, text in modules.items()], budget)


def _reached(program, entry):
    return {program.nodes[one].procedure.name for one in program.reach(program.procedures(entry))}


def test_comments_and_literals_are_no_code():
    source = _source(
        '\' Shell one\nx = "Shell two \' no comment" \' Shell "three"\nRem Shell four\ny = 1: Rem Shell five\n'
    )
    assert "shell" not in source.words()
    assert [value for _, value in source.literals()] == ["Shell two ' no comment"]
    assert source.comments == len("' Shell one' Shell \"three\"Rem Shell fourRem Shell five")


def test_a_continued_line_is_one_line_and_keeps_its_numbers():
    source = _source("Sub _\r\nAutoOpen( _\r\n)\r\n' comment _\r\nShell x\r\nBeep\r\nEnd Sub\r\n")
    (procedure,) = source.procedures()
    assert (procedure.name, source.line(procedure.start)) == ("AutoOpen", 1)
    assert "shell" not in source.words()
    assert source.line(source.code.index("Beep")) == 6


def test_doubled_and_missing_quotes():
    source = _source('a = "say ""hi""" & "" & """"\nb = "open\nc = 1\n')
    assert [value for _, value in source.literals()] == ['say "hi"', "", '"', "open"]
    assert "c = 1" in source.code


def test_procedures_of_all_kinds():
    source = _source(
        "Option Explicit\nPrivate Static Function A%(x)\nEnd Function\nProperty Get B()\nEnd Property\n"
        'Declare PtrSafe Sub C Lib "k" ()\nPublic Sub [D]()\nSub E()\n Exit Sub\nEnd Sub\nx: Sub F()\n'
    )
    assert [(one.name, one.kind) for one in source.procedures()] == [
        ("A", "function"),
        ("B", "property"),
        ("D", "sub"),
        ("E", "sub"),
        ("F", "sub"),
    ]


def test_declared_libraries():
    source = _source(
        'Private Declare PtrSafe Function Fetch Lib "urlmon" Alias _\n "URLDownloadToFileA" (ByVal a As Long)\n'
        'Declare Sub Sleep Lib "kernel32" (ByVal n&)\n\' Declare Sub No Lib "x"\n'
    )
    assert [(one.name, one.library, one.symbol) for one in source.declares()] == [
        ("Fetch", "urlmon", "URLDownloadToFileA"),
        ("Sleep", "kernel32", "Sleep"),
    ]


def test_attributes_stand_apart():
    source = _source('Attribute VB_Name = "Module1"\nAttribute VB_Control = "Box, 0, 0, MSForms, TextBox"\nx = 1\n')
    assert source.attributes == (("VB_Name", "Module1"), ("VB_Control", "Box, 0, 0, MSForms, TextBox"))
    assert "vb_name" not in source.words()


@given(st.text("Sub End\"'&+_ :()\n\r\tRem x1", max_size=300))
def test_any_text_is_some_source(text):
    source = _source(text)
    for offset, value in source.literals():
        assert source.code[offset : offset + 2] == '""'
        assert source.literal(offset) == value
    assert all(0 <= one.start <= one.end <= len(source.code) for one in source.procedures())
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert source.line(len(source.code)) <= lines
    list(constants(source, Budget(Limits())))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('x = "a" & "b" + "c"', ["abc"]),
        ('x = "a" & Chr(98) & ChrW$(&H43) & vbCrLf', ["abC\r\n"]),
        ('x = "a" & y & "b"', ["a", "b"]),
        ("x = Chr(90 + 9) & Chr(2 * 50)", ["cd"]),
        ("x = Chr(n + 1)", []),
        ('x = "a" & ("b" & "c")', ["abc"]),
        ('x = f("a") & "b"', ["a", "b"]),
        ('x = "a": y = "b"', ["a", "b"]),
        ('x = "a" & _\n "b"', ["ab"]),
        ("x = VBA.Chr(65) & strings.chr(66)", ["AB"]),
        ("x = MyChr(65)", []),
    ],
)
def test_constants_are_folded(text, values):
    assert _constants(text) == values


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", 1), ("&H10 + 2", 18), ("2+3*4", 14), ("-5", -5), ("8/2-1", 3), ("1 2", None), ("", None), ("1+", None)],
)
def test_arithmetic_of_plain_numbers(text, value):
    assert arithmetic(text) == value


def test_calls_are_followed_by_name_member_and_literal():
    program = _program(
        ThisDocument='Sub Document_Open()\n One\n Module2.Two\n Application.Run "Book!Three"\nEnd Sub\n',
        Module1="Sub One()\n Call Four\nEnd Sub\nSub Three()\nEnd Sub\nSub Four()\nEnd Sub\nSub Never()\nEnd Sub\n",
        Module2="Sub Two()\nEnd Sub\nSub Other()\n Never\nEnd Sub\n",
    )
    assert _reached(program, "document_open") == {"Document_Open", "One", "Two", "Three", "Four"}


def test_a_method_counts_only_where_its_class_is_named():
    modules = {"Client": "Sub Execute()\nEnd Sub\nSub Class_Initialize()\nEnd Sub\n"}
    program = _program(Main="Sub AutoOpen()\n thing.Execute\nEnd Sub\n", **modules)
    assert _reached(program, "autoopen") == {"AutoOpen"}
    program = _program(Main="Sub AutoOpen()\n Dim a As New Client\n a.Execute\nEnd Sub\n", **modules)
    assert _reached(program, "autoopen") == {"AutoOpen", "Execute", "Class_Initialize"}


def test_a_value_is_followed_through_variables_functions_and_parameters():
    program = _program(
        Main="Sub AutoOpen()\n a = Hidden()\n Start a\nEnd Sub\nSub Start(what)\n Shell what\nEnd Sub\n",
        Other='Function Hidden()\n Hidden = StrReverse("x")\nEnd Function\nSub Unrelated()\n b = 1\nEnd Sub\n',
    )
    code = program.modules[0].source.code
    spans = program.made_of(Span(0, code.index("Shell what"), len(code)), KNOWN)
    text = " ".join(program.modules[one.module].source.code[one.start : one.end] for one in spans)
    assert "StrReverse" in text
    assert "Unrelated" not in text


def test_constants_of_the_hosts_are_known_by_their_form():
    assert is_constant("xlUp")
    assert is_constant("wdGoToPage")
    assert is_constant("adTypeBinary")
    assert not is_constant("address")
    assert not is_constant("document")


def _work(text):
    budget = Budget(Limits())
    try:
        source = read_source(text, budget)
        list(constants(source, budget))
        program = Program([ModuleCode("Main", "document", source)], budget)
        program.reach(range(len(program.nodes)))
        program.assigned()
    except BudgetSpent:
        pytest.fail("a small text used up the budget")
    return budget.work


@pytest.mark.parametrize(
    "unit",
    [
        '"1."',
        "a@",
        "(",
        "Chr(",
        '"a" & ',
        "Sub a()\nEnd Sub\n",
        "x _\n",
        "Rem x\n",
        "a = b\n",
        'x = "\n',
        "a.b.",
        "x=1:",
        "Const a=1:",
        'x=x&"a":',
    ],
)
def test_work_grows_with_the_text(unit):
    small, large = _work(unit * 2000), _work(unit * 4000)
    assert large <= 2.1 * small + 100_000


def test_a_logical_line_is_found_without_reading_the_code_again():
    source = _source("Sub A()\nx = 1: y = _\n2\n\nEnd Sub")
    for at, one in enumerate(source.code):
        start, end = source.logical_line(at)
        assert start <= at <= end
        assert "\n" not in source.code[start:end]
        assert one != "\n" or end == at
    assert source.logical_line(len(source.code))[1] == len(source.code)


@pytest.mark.parametrize("name", ["a" * 100_000, "a1" * 50_000, "a_" * 50_000])
def test_names_of_a_hundred_thousand_letters(name):
    text = f"Sub Main()\n{name} = 1\nx = {name}\nEnd Sub\n"
    budget = Budget(Limits(work=1 << 28))
    program = Program([ModuleCode("Main", "document", read_source(text, budget))], budget)
    assert len(program.assigned()[name]) == 1
    assert name in program.nodes[0].bare
