"""Whether a script runs what a server answers is told by the names that hold the answer."""

import pytest

from emotriage.analyzers.script.answers import runs_answer
from emotriage.model.limits import Budget, Limits

FETCH = 'set r = createobject("msxml2.xmlhttp")\nr.send\n'


def found(text: str) -> bool:
    return runs_answer(text.lower(), Budget(Limits())) is not None


@pytest.mark.parametrize(
    "text",
    [
        FETCH + "Execute r.responseText\n",
        FETCH + "a = r.responseText\nb = Array(1, a)\nExecuteGlobal b(1)\n",
        FETCH + "Function Ask\nAsk = r.responseText\nEnd Function\nExecute Ask()\n",
        FETCH + "x = 1 : code = r.responseText : Execute(code)\n",
        "var t = r.responseText;\neval(t);\nWScript.Quit();\n",
    ],
)
def test_an_answer_that_is_run(text):
    assert found(text)


@pytest.mark.parametrize(
    "text",
    [
        FETCH + "WScript.Echo r.responseText\nExecute include\n",
        FETCH + 'include = fso.OpenTextFile("a.vbs").ReadAll\nExecuteGlobal include\na = r.responseText\n',
        "function read(r) { return eval('(' + r.responseText + ')'); }\n",
        "a = b\nb = a\nExecute a\n",
        "",
    ],
)
def test_what_else_is_run(text):
    assert not found(text)


def test_work_is_linear():
    works = []
    for count in (2000, 4000):
        budget = Budget(Limits())
        runs_answer("responsetext\n" + "".join(f"n{one} = n{one + 1}\n" for one in range(count)), budget)
        works.append(budget.work)
    assert works[1] < 2.2 * works[0] + 10_000
