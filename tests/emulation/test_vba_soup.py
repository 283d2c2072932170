"""Code out of its own words in any order is evaluated to some end, within its steps."""

import random

import pytest

from emotriage.emulation.vba.document import Document, Shape, Sheet
from emotriage.emulation.vba.host import Surroundings
from emotriage.emulation.vba.machine import run
from emotriage.emulation.vba.program import ModuleCode, Program
from emotriage.emulation.vba.source import read_source
from emotriage.model.limits import Budget, Limits

_TABLE = """
Function If Then Else ElseIf End For Each Next Do Loop While Wend Until Select Case Is To Step With GoTo GoSub Return On
Error Resume Exit Sub Property Get Let Set Dim ReDim Preserve As New Byte String Long Const Static Public Private Type
Enum Call Open Output Binary Print Put Close Name Kill FileCopy Erase Load Me Not And Or Xor Mod Like Imp Nothing True
a b c d x y z F G Work Item Add Value Text Count Range Cells Sheets Shapes Variables Paragraphs Content Comment Offset
Shell Chr Asc Mid Left Split Join Replace Array UBound LBound StrConv StrReverse Val CreateObject GetObject
Environ Run OnTime Application ActiveDocument ThisWorkbook UserForm1 Show International Format ExecuteExcel4Macro
RegWrite Write SaveToFile LoadXML Pattern Execute Test Keys Items Exists Create ShellExecute Open AddFile Controls
( ) ( ) , , . . = = & & + - * / \\ ^ < > <> := : # ! [A1] [x] "a" "WScript.Shell" "VBScript.RegExp"
"1,2,3" CallByName "A1:B2" "Scripting.Dictionary" "EXEC(""x"")" "-1" 0 1 2 3 7 64 128 &HFF 1.5 99999999 _\n
"""
WORDS = _TABLE.split() + ["\n"] * 24


class Filled(Document):
    def variables(self):
        return {"a": "1"}

    def paragraphs(self):
        return ["a", "b"]

    def shapes(self):
        return [Shape("a", "b")]

    def sheets(self):
        return [Sheet("a", "Sheet1", {(1, 1): "x", (2, 2): 3.0})]


def soup(seed):
    chance = random.Random(seed)
    pieces = [" ".join(chance.choice(WORDS) for _ in range(chance.randint(5, 400))) for _ in range(4)]
    heads = [
        "Sub AutoOpen()",
        "Function F(a, Optional ByVal b = 1, ParamArray c())",
        "Property Let G(v)",
        "Sub Work(x)",
    ]
    return "\n".join(f"{head}\n{piece}\nEnd {head.split()[0]}\n" for head, piece in zip(heads, pieces, strict=True))


@pytest.mark.parametrize("shard", range(4))
def test_any_order_of_words_comes_to_an_end(shard):
    around = Surroundings({"userform1.a": {"value": "1"}}, Filled())
    for seed in range(shard, 24, 4):
        budget = Budget(Limits(work=1 << 31, seconds=600))
        parts = [("Module1", "standard"), ("Work", "class"), ("UserForm1", "form"), ("Sheet1", "document")]
        modules = [
            ModuleCode(name, kind, read_source(soup(seed * 7 + i), budget)) for i, (name, kind) in enumerate(parts)
        ]
        program = Program(modules, budget)
        done = run(program, range(len(program.nodes)), around, budget)
        assert all(isinstance(one.what, str) and isinstance(one.detail, str) for one in done.effects)
        assert budget.work < 1 << 31
