"""Covers come off scripts by text alone: joints, codes, encodings, junk, order."""

import base64
import gzip
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.emulation.literals import as_text, payloads
from emotriage.emulation.script import flatten, tiled, unfold
from emotriage.model.limits import Budget, Limits

SECRET = 'CreateObject("WScript.Shell").Run "emotriage-inert"'


def budget() -> Budget:
    return Budget(Limits())


def all_texts(script: str) -> str:
    return "\n".join(one.text for one in unfold(script, budget()).layers)


@pytest.mark.parametrize(
    ("covered", "bare"),
    [
        ('"WScr" + "ipt.Sh" +\n  "ell"', '"WScript.Shell"'),
        ("'WScr' + \"ipt.Shell\"", "'WScript.Shell\""),
        ('"WScr" & _\n "ipt"', '"WScript"'),
        (r"'\x57\u0053cript'", "'WScript'"),
        ('Chr(87) & "Script"', '"WScript"'),
        ("ChrW(&H57) & Chr(80+3) & Chr(100-1)", '"WSc"'),
        ("String.fromCharCode(87, 0x53, 99)", 'String."WSc"'),
        ("[char]87+[char]0x53", '"WS"'),
        ("I`nv`oke", "Invoke"),
        ("'{1}{0}' -f 'ript','WSc'", '"WScript"'),
        ('"W"/* a */+"S"', '"WS"'),
    ],
)
def test_flatten(covered, bare):
    assert flatten(covered)[0] == bare


@pytest.mark.parametrize("text", ["", "a + b", "C:\\new\\x", "var a = 1; // b\n", 'If a & b Then\nx = "1" + y'])
def test_flatten_leaves_the_rest_alone(text):
    assert flatten(text) == (text, ())


def hidden(how: str) -> str:
    data = SECRET.encode()
    if how == "base64":
        return f'var a = "{base64.b64encode(data).decode()}";'
    if how == "base64 of UTF-16":
        return f"powershell -enc {base64.b64encode(SECRET.encode('utf-16-le')).decode()}"
    if how == "gzip":
        return f"x('{base64.b64encode(gzip.compress(data * 3, mtime=0)).decode()}')"
    if how == "hex":
        return f"a = '{data.hex()}'"
    if how == "spaced hex":
        return f"$a = '{data.hex(' ')}' -split ' '"
    if how == "numbers":
        return f"a = [{', '.join(map(str, data))}]"
    if how == "hex numbers":
        return f"a = [{','.join(map(hex, data))}]"
    if how == "marked numbers":
        return f"a = '{'!'.join(map(str, data))}'.split('!')"
    if how == "xor":
        return f"a = [{','.join(str(one ^ 0x5B) for one in data)}]"
    if how == "percent":
        return "eval(unescape('" + "".join(f"%{one:02x}" for one in data) + "'))"
    if how == "reversed":
        return f"a = '{SECRET[::-1]}'"
    if how == "junk":
        return f"a = '{'qzq'.join(SECRET)}'.split('qzq').join('')"
    if how == "replaced":
        return f"a = '{SECRET.replace('e', '<#>')}'.replace('<#>', 'e')"
    if how == "spaced":
        return f"a = '{'?'.join(SECRET * 2)}?'"
    if how == "list":
        return f"a = [{','.join(repr(one) for one in SECRET)}].join('')"
    nested = base64.b64encode(hidden("reversed").encode()).decode()
    return f"a = '{nested}'"


HOW = [
    "base64", "base64 of UTF-16", "gzip", "hex", "spaced hex", "numbers", "hex numbers", "marked numbers", "xor",
    "percent", "reversed", "junk", "replaced", "spaced", "list", "nested",
]  # fmt: skip


@pytest.mark.parametrize("how", HOW)
def test_hidden_words_come_out(how):
    script = hidden(how)
    assert "WScript.Shell" not in script
    assert "WScript.Shell" in all_texts(script)


def test_short_literals_are_decoded_together():
    script = "var a = ['V1NjcmlwdC5TaGVsbA==', 'UnVu', '52756e4974'];"
    assert "WScript.Shell" in all_texts(script)
    assert "RunIt" in all_texts(script)


def test_layers_say_how_and_where():
    layer = unfold("// one\n// two\n" + hidden("base64"), budget()).layers[0]
    assert layer.steps == ("base64",)
    assert layer.line == 3


@pytest.mark.parametrize("wrapped", [False, True])
def test_files_in_literals(wrapped):
    program = b"MZ" + bytes(100) + b"emotriage-inert"
    data = gzip.compress(program, mtime=0) if wrapped else program
    found = unfold(f"$a = '{base64.b64encode(data).decode()}'", budget()).payloads
    assert [(one.name, one.data) for one in found] == [("program", program)]


@pytest.mark.parametrize(
    "script", ["", "a = 1", "document.getElementById('x')", "x = 'abcdefghijklmnopqrstuvwxyzabcdefgh'"]
)
def test_plain_scripts_have_no_payloads(script):
    assert list(payloads(script, budget())) == []


def test_words_out_of_fragments():
    script = 'var a = "WScr", b = "ipt.S", c = "hell", d = ":cre:xx:ateOb:ject:".split(":");'
    assert list(tiled(script, ("wscript.shell", "createobject", "adodb.stream"), budget())) == [
        "wscript.shell",
        "createobject",
    ]
    assert list(tiled('"wscript.shell"', ("wscript.shell",), budget())) == []


def test_text_and_binary_are_told_apart():
    assert as_text(b"plain text, \t\r\n") == "plain text, \t\r\n"
    assert as_text("wide".encode("utf-16-le")) == "wide"
    assert as_text(bytes(range(200))) is None
    assert as_text(b"") is None


@given(st.text(alphabet=string.printable + "é漢\0\ud800", max_size=300))
def test_any_text_is_unfolded(text):
    first, second = unfold(text, budget()), unfold(text, budget())
    assert first == second


@pytest.mark.parametrize(
    "unit",
    [
        '"a"+', "'a',", "\\x41", "Chr(65)&", "fromCharCode(", "'{0}{1}' -f ", "41 ", "0x41,", "65,", "65!", "%41",
        "QUJD", "a.split('b').join('')", "replace(", "/*", "?a", "llehs.tpircsw", "'", "(", "\n",
    ],
)  # fmt: skip
def test_work_is_linear(unit):
    works = []
    for count in (2000, 4000):
        spent = budget()
        unfold(unit * count, spent)
        works.append(spent.work)
    assert works[1] < 2.6 * works[0] + 500_000


def test_what_comes_out_is_bounded():
    bomb = base64.b64encode(gzip.compress(b"A" * (64 << 20), mtime=0)).decode()
    spent = budget()
    layers = unfold(f"x('{bomb}')", spent).layers
    assert sum(len(one.text) for one in layers) < 8 << 20
    assert spent.expanded <= 8 << 20
