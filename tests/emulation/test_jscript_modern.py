"""JScript's younger syntax is read and means what it says, and what is long is read at one go."""

import pytest

from emotriage.emulation.effects import Run
from emotriage.emulation.jscript import ahead
from emotriage.emulation.jscript.lexer import tokens
from emotriage.emulation.jscript.machine import Machine
from emotriage.emulation.jscript.run import run
from emotriage.model.limits import Budget, Limits

_SHELL = "var s = new ActiveXObject('WScript.Shell'); s.Run("
_BODY = "x = 1; " * 500


def _started(code: str) -> list[str]:
    return [one.what for one in _run(code).effects if one.kind == "start"]


def _run(code: str) -> Run:
    return run(code, Budget(Limits()))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("({a: ['x', 'emotriage-inert']})?.a?.[1]", "emotriage-inert"),
        ("typeof null?.[0]", "undefined"),
        ("typeof (void 0)?.a.b.c(1)", "undefined"),
        ("({f: function () { return this.v; }, v: 'this kept'}).f?.()", "this kept"),
        ("typeof ({v: 1}).f?.(1)", "undefined"),
        ("typeof null?.f()", "undefined"),
        ("'' + (0 ?? 'other')", "0"),
        ("null ?? 'other'", "other"),
        ("1 ?.5 : 2", "0.5"),
        ("'' + 1_000n", "1000"),
        ("'' + (0b101 + 0o17)", "20"),
        ("'' + 2 ** 3", "8"),
        ("(function () { var o = null; o ??= 'set'; return o; })()", "set"),
        ("(function () { var o = 'kept'; o ||= 'set'; return o; })()", "kept"),
        ("(function () { var o = 1; o &&= 'set'; return o; })()", "set"),
        ("(function () { try { null.x.y } catch { return 'caught'; } })()", "caught"),
        ("((a, ...b) => b.join(''))(1, 'x', 'y')", "xy"),
        ("[...'ab', ...['c']].join('')", "abc"),
        ("({...{a: 'spread'}}).a", "spread"),
        ("({['k' + 1]: 'computed'}).k1", "computed"),
        ("({async f() {}, get g() { return 1; }, *h() { yield 1; yield* []; }, set g(v) {}, k: 'kept'}).k", "kept"),
        ("`a${`b${1 + 1}`}c`", "ab2c"),
        ("String.fromCharCode`65`", "A"),
        ("(function () { var {a, b: [c]} = {a: 'unpacked'}; return a; })()", "unpacked"),
    ],
)
def test_younger_expressions(value: str, expected: str) -> None:
    assert _started(f"{_SHELL}{value});") == [expected]


@pytest.mark.parametrize(
    "code",
    [
        "class A extends (b, c).D { #x = 1; static #y; static {A.z = 1; } get x() { return this.#x; } [k]() {} 1() {}}",
        "class A { static async *f() { for await (const x of y) yield x; } async\ng\n}",
        "async function f() { await g(); const {a = 1, ...rest} = await h; }",
        "function* f() { const x = yield; yield\n x }",
        "import a, {b as c} from 'd'; import * as e from 'f'; import 'g'; import('h').then(i => i); k(import.meta.url)",
        "export default function () {} export const a = 1; export {a as b}; export * from 'c'; export class D {}",
        "try { f() } catch ({message}) { g(message) }",
        "f = async x => await x; g = async (x, y = {a: 1}) => ({x}); ({a, b = 2} = c); [a, b] = [b, a];",
        "label: for (const [k, v] of Object.entries(o)) { if (k) continue label; }",
        "x = /[/]\\/(?<name>a)/dgimsuy.test(y) / 2; function F() { return new.target }",
    ],
)
def test_younger_statements_are_understood(code: str) -> None:
    machine = Machine(Budget(Limits()))
    machine.run(code)
    assert machine.whole


def test_what_stands_behind_modules_is_run() -> None:
    assert _started(f"import {{x}} from 'y';\nexport var z = 1;\n{_SHELL}'emotriage-inert');") == ["emotriage-inert"]


@pytest.mark.parametrize("head", ["function f()", "f = function ()", "f = () =>", "f = async function* g(a, b)"])
def test_long_bodies_are_read_when_they_are_called(head: str) -> None:
    code = f"{head} {{ {_BODY} }} later = 1;"
    assert len(tokens(code, Budget(Limits()))) < 40
    assert _started(f"{head} {{ {_BODY} {_SHELL}'emotriage-inert'); }} f();") == ["emotriage-inert"]


@pytest.mark.parametrize(
    "trap",
    [
        "'}'",
        '"}"',
        "/}/",
        "/[/}]/",
        "`}${'}' + `}`}`",
        "1 / 2 /*}*/ / 3",
        "{a: {}}",
        "function () { return /}/ }",
        "1 //}\n",
    ],
)
def test_braces_that_close_nothing(trap: str) -> None:
    code = f"function f() {{ var a = {trap}; {_BODY} {_SHELL}'emotriage-inert'); }} f(); {_SHELL}'behind');"
    assert _started(code) == ["emotriage-inert", "behind"]


def test_body_without_end_is_read_at_once() -> None:
    code = f"function f() {{ {_BODY}"
    assert ahead.body_end(code, code.index("{") + 1, len(code), Budget(Limits())) == -1
    assert len(tokens(code, Budget(Limits()))) > 1000


def test_what_is_passed_over_costs_what_its_characters_cost() -> None:
    def cost(count: int) -> int:
        budget = Budget(Limits())
        tokens("".join(f"function f{one}() {{ {_BODY} }}\n" for one in range(count)), budget)
        return budget.work

    assert cost(20) < 2.1 * cost(10)
    assert cost(10) < 10 * 40 * len(_BODY)


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        (["1"] * 20, [1] * 20),
        (["0x1f", "-2", "1.5", "017", "'a'", '"b"'] * 4, [31, -2, 1.5, 15, "a", "b"] * 4),
    ],
)
def test_lists_of_constants_are_one_token(items: list[str], expected: list[object]) -> None:
    found = tokens(f"a = [{', '.join(items)},];", Budget(Limits()))
    assert [one.value for one in found if one.kind == "list"] == [expected]


@pytest.mark.parametrize("code", ["a[1, 2]", f"a[{'1,' * 20}1]", f"[{'1,' * 20}b]", f"['\\x41',{'1,' * 20}1]"])
def test_other_brackets_are_read_by_token(code: str) -> None:
    assert not [one for one in tokens(code, Budget(Limits())) if one.kind == "list"]
