r"""Which script language a text is written in, by its content alone.

A name says little (``.txt`` files are run by ``wscript //e:jscript``, and an attachment may carry any name), so the
languages are told by shapes that their grammar needs: declarations, block ends, command lines. Prose, logs, CSV,
JSON, Markdown, C and other sources are no scripts.
"""

import re
from collections.abc import Iterable

from emotriage.formats.text import encoding_of

HEAD = 16 << 10
"""Bytes of a text that `dialect` looks at."""

_I = re.IGNORECASE
_M = re.MULTILINE
_MI = _M | _I
_ENOUGH = 4

_Shape = tuple[str, int, "re.Pattern[str]"]
"""(literal that must be there, in lower case; points; the pattern that proves it)."""

_JAVASCRIPT: tuple[_Shape, ...] = (
    ("@cc_on", 4, re.compile(r"/[/*]\s*@cc_on|@cc_on\b", _I)),
    ("activexobject", 4, re.compile(r"\bActiveXObject\s*\(", _I)),
    ("wscript", 3, re.compile(r"\bWScript\s*(?:\.\s*\w+\s*\(|\[)[^\n]{0,200};", _I)),
    ("fromcharcode", 3, re.compile(r"\bfromCharCode\b")),
    ("prototype", 3, re.compile(r"\b[A-Z]\w*\.prototype\s*[.\[]")),
    ("eval", 3, re.compile(r"(?:^|[;{}=(\s])eval\s*\([^\n]*\)\s*(?:;|$)", _M)),
    ("function", 3, re.compile(r"(?:^|[^\w.-])function\s*[\w$]*\s*\([\w$,\s]{0,400}\)\s*\{")),
    ("function", 2, re.compile(r"[(=:,!]\s*function\s*\(")),
    ("=>", 2, re.compile(r"(?:\)|\b[\w$]+)\s*=>\s*[{(\w\[]")),
    ("var", 2, re.compile(r"(?:^|[;{}(\s])var\s+[\w$]{1,80}\s*=\s*[^\s=]")),
    ("var", 1, re.compile(r"(?:^|[;{}]\s{0,4})var\s+[\w$]{1,80}(?:\s*,\s*[\w$]+)*\s*(?:[;,]|$)", _M)),
    ("const", 2, re.compile(r"(?:^|[;{}])\s{0,8}(?:const|let)\s+[\w$]{1,80}\s*=\s*[^\s=]", _M)),
    ("const", 2, re.compile(r"(?:^|[;{}])\s{0,8}(?:const|let)\s+\{[^}]{1,200}\}\s*=\s*\w", _M)),
    ("use strict", 2, re.compile(r"^\s*[\"']use strict[\"']\s*;?\s*$|[{;][\"']use strict[\"'];", _M)),
    ("this[", 2, re.compile(r"\bthis\[\s*[\"'\w]")),
    ("document.", 1, re.compile(r"\bdocument\.(?:write|getElement|cookie|create|body)")),
    ("module.exports", 2, re.compile(r"^module\.exports\s*=", _M)),
    ("require(", 1, re.compile(r"=\s*require\([\"']")),
    ("return", 1, re.compile(r"\breturn\b[^\n;]{0,200};?\s*\}")),
    ('"]', 1, re.compile(r"[\w\])]\[\"[\w$\\]+\"\]\s*[(.\[=]")),
    ("new ", 1, re.compile(r"=\s*new\s+(?:Array|Object|Date|Function|RegExp|String)\s*[(;]")),
    ("try", 1, re.compile(r"\btry\s*\{[^\n]*$|\bcatch\s*\(\s*[\w$]+\s*\)\s*\{", _M)),
    ("for", 1, re.compile(r"\bfor\s*\(\s*(?:var|let)\s")),
    ("+=", 1, re.compile(r"^\s*[\w$]{1,80}\s*\+=\s*[\"'].*[\"'];?\s*$", _M)),
    (";", 2, re.compile(r"\A(?:\s*[\w$]{1,80}\s*=\s*[\[\"'(][^\n]*;\s*\n){3}")),
)
_NOT_JAVASCRIPT = re.compile(
    r"^[ \t]*(?:#include\s*[<\"]|#define\s|#ifndef\s|package\s+[\w.]+;?\s*$|import\s+(?:static\s+)?java|using\s+System|"
    r"public\s+(?:static\s+|final\s+|abstract\s+)*(?:class|interface|void)\s|namespace\s+[\w.]+|typedef\s|"
    r"<!DOCTYPE|<html|<\?php|<\?xml|fn\s+\w+\(|func\s+\w+\(|local\s+\w+\s*=|use\s+(?:strict|warnings);|my\s+[$%@]\w+)",
    _MI,
)

_VBSCRIPT: tuple[_Shape, ...] = (
    ("createobject", 3, re.compile(r"^[^'\n]*(?:=\s*|\bWith\s+|\(\s*)(?:WScript\.)?CreateObject\s*\(?[^;\n]*$", _MI)),
    ("getobject", 2, re.compile(r"^\s*Set\s+\w+\s*=\s*GetObject\s*\(", _MI)),
    ("wscript", 3, re.compile(r"^\s*WScript\.\w+(?:\s+[^;{}\n]*|\s*\([^;{}\n]*\))?\s*$", _MI)),
    ("msgbox", 3, re.compile(r"^\s*(?:\w+\s*=\s*)?msgbox\s*[\"(][^;{}]*?$", _MI)),
    ("set", 3, re.compile(r"^\s*Set\s+[\w()]{1,60}\s*=\s*[\w(][^;\n]*$", _MI)),
    (
        "dim",
        2,
        re.compile(r"^\s*(?:Dim|ReDim|Public|Private)\s+\w+(?:\(\w*\))?(?:\s*,\s*\w+(?:\(\w*\))?)*\s*(?::|'|$)", _MI),
    ),
    ("as ", 2, re.compile(r"^\s*(?:Dim|Public|Private|Global|Static)\s+\w+(?:\(\))?\s+As\s+\w+", _MI)),
    ("option explicit", 3, re.compile(r"^\s*Option\s+Explicit\b", _MI)),
    ("on error", 4, re.compile(r"^\s*On\s+Error\s+(?:Resume\s+Next|Go\s?To\s+\w+)", _MI)),
    ("end ", 3, re.compile(r"(?:^|:)\s*End\s+(?:Sub|Function|If|With|Select|Property)\s*(?:$|:|')", _MI)),
    (
        "sub",
        2,
        re.compile(
            r"^\s*(?:Public\s+|Private\s+)?(?:Sub|Function)\s+\w+\s*(?:\([^)\n]*\))?(?:\s+As\s+\w+)?\s*(?:$|:|')", _MI
        ),
    ),
    ("then", 2, re.compile(r"^\s*(?:Else)?If\s[^;{}\n]{1,200}\sThen\s*(?:$|'|\w+)", _MI)),
    ("next", 1, re.compile(r"^\s*(?:Next(?:\s+\w+)?|Wend|Loop(?:\s+(?:Until|While)\s.*)?)\s*$", _MI)),
    ("each", 2, re.compile(r"^\s*For\s+Each\s+\w+\s+In\s+[\w.(]", _MI)),
    ("for", 2, re.compile(r"^\s*For\s+\w+\s*=\s*[\w(.]+\s+To\s+", _MI)),
    ("const", 1, re.compile(r"^\s*Const\s+\w+\s*=\s*[^;\n]+$", _MI)),
    ("chr", 2, re.compile(r"\bChrW?\s*\([^)\n]{1,60}\)\s*&", _I)),
    ("execute", 3, re.compile(r"(?:^|:)\s*Execute(?:Global)?[\s(]+[\w\"(][^;\n]*$", _MI)),
    ("&", 1, re.compile(r"^\s*\w+\s*=\s*(?:\w+|\"[^\"\n]*\")\s*&\s*[\w\"][^;\n]*$", _M)),
    ("attribute vb_", 4, re.compile(r"^Attribute\s+VB_\w+\s*=", _MI)),
)
_NOT_VBSCRIPT = re.compile(
    r"^\s*(?:Imports\s+\w|Namespace\s+\w|<\?php|#include|\\documentclass|<!DOCTYPE|<html|<\?xml)", _MI
)

_BATCH: tuple[_Shape, ...] = (
    ("@echo off", 4, re.compile(r"^\s*@echo\s+off\b", _MI)),
    ("echo off", 3, re.compile(r"^\s*echo\s+off\s*$", _MI)),
    ("%~", 3, re.compile(r"%~[a-z]{0,4}\d|%\w{1,60}:~-?\d", _I)),
    ("%%", 3, re.compile(r"^\s*\(?@?for\s+(?:/[fdlr]\s+)?(?:\"[^\"\n]*\"\s+)?%%~?\w\s+in\s*\(", _MI)),
    ("goto", 2, re.compile(r"(?:^|\s|&|\()goto\s*:?[\w-]+\s*\)?$", _MI)),
    ("errorlevel", 3, re.compile(r"\b(?:if\s+(?:not\s+)?errorlevel\s+\d|%errorlevel%)", _I)),
    ("exist", 3, re.compile(r"^\s*if\s+(?:not\s+)?exist\s+\S", _MI)),
    ("setlocal", 3, re.compile(r"^\s*@?setlocal\b", _MI)),
    ("nul", 3, re.compile(r"[12]?>\s*nul\b", _I)),
    ("exit /b", 3, re.compile(r"\bexit\s+/b\b", _I)),
    ("set ", 2, re.compile(r"^\s*@?set\s+(?:/[ap]\s+)?\"?[^\s=\"]{1,80}=[^;\n]*$", _MI)),
    ("rem ", 2, re.compile(r"^\s*@?rem\s", _MI)),
    ("call ", 1, re.compile(r"^\s*@?call\s+[:\"%\w]", _MI)),
    ("%", 1, re.compile(r"%[A-Za-z_]\w{1,40}%")),
    ("pause", 1, re.compile(r"^\s*@?pause\s*(?:>.*)?$", _MI)),
    ("start", 2, re.compile(r"^\s*@?start\s+(?:/(?:b|min|wait|max)\b|\"\"\s)", _MI)),
    ("echo", 1, re.compile(r"^\s*@?echo(?:\.|\s+\S)", _MI)),
    (":", 1, re.compile(r"^\s*:[A-Za-z_]\w{1,40}\s*$", _M)),
    ("^", 2, re.compile(r"(?:\w\^){4}")),
)

_POWERSHELL: tuple[_Shape, ...] = (
    ("$", 2, re.compile(r"^\s*\$(?:\w+:)?\w{1,60}\s*=\s*(?:\[|\$|\(|@|New-|Get-|\"|')", _MI)),
    ("param", 3, re.compile(r"^\s*param\s*\(\s*(?:\[|\$|$)", _MI)),
    (
        "function",
        3,
        re.compile(
            r"^\s*function\s+(?:global:)?\w+-?\w*\s*(?:\(\s*(?:\[\w|\$))?[^\n;]{0,100}\{?\s*\n\s*(?:param|\{|\[|\$|<#)",
            _MI,
        ),
    ),
    ("write-", 3, re.compile(r"(?:^|[{|;&(]|\s)Write-(?:Host|Output|Error|Verbose|Warning|Progress)\b", _I)),
    ("new-object", 3, re.compile(r"\bNew-Object\s+(?:-\w+\s+)?[\w.(]", _I)),
    ("invoke-", 3, re.compile(r"\bInvoke-(?:Expression|WebRequest|RestMethod|Command|Item|CimMethod|WmiMethod)\b", _I)),
    (
        "-",
        2,
        re.compile(
            r"(?:^|[{|;(=]\s*)(?:Get|Set|Add|New|Remove|Start|Stop|Import|Export|Out|Test|Select|ConvertTo|ConvertFrom)-"
            r"[A-Z]\w{2,40}(?:\s+[-$\"'\w(@]|\s*[|)}]|\s*$)",
            _MI,
        ),
    ),
    (
        "|",
        3,
        re.compile(
            r"\|\s*(?:Where-Object|ForEach-Object|Select-Object|Out-\w+|%|\?|iex|Sort-Object)(?:\s*\{|\s|$)", _I
        ),
    ),
    ("iex", 3, re.compile(r"(?:^|[;|&({]\s*)\(?\s*(?:iex|i`?e`?x)[\s(]+[$(\"'\[]", _MI)),
    ("download", 3, re.compile(r"\.Download(?:String|File|Data)\s*\(", _I)),
    ("]::", 3, re.compile(r"\[(?:System\.)?[\w.]{2,80}\]::\w+", _I)),
    ("$", 2, re.compile(r"\$(?:env:\w+|PSScriptRoot|_\.\w|true\b|null\b|args\b|PSBoundParameters)", _I)),
    ("-", 1, re.compile(r"\s-(?:eq|ne|like|match|replace|split|join|bxor|notmatch|gt|lt)\s", _I)),
    ("#requires", 3, re.compile(r"^\s*#requires\s+-", _MI)),
    ("<#", 2, re.compile(r"^\s*<#(?:PSScriptInfo)?\s*$|^\s*\.(?:SYNOPSIS|DESCRIPTION)\s*$", _MI)),
    ("catch", 1, re.compile(r"^\s*\}?\s*(?:try|catch)\s*\{", _MI)),
    ("using namespace", 3, re.compile(r"^using namespace System", _MI)),
)
_NOT_POWERSHELL = re.compile(r"^\s*(?:<\?php|use\s+(?:strict|warnings)|my\s+[$%@]|sub\s+\w+\s*\{)", _M)

_PYTHON: tuple[_Shape, ...] = (
    (
        "import",
        2,
        re.compile(r"^(?:import\s+[\w.]+(?:\s+as\s+\w+)?(?:\s*,\s*[\w.]+)*|from\s+[\w.]+\s+import\s+[\w(*].*)\s*$", _M),
    ),
    ("def ", 3, re.compile(r"^\s*(?:async\s+)?def\s+\w+\s*\([^\n]*(?:\)(?:\s*->[^\n:]+)?\s*:|,)\s*(?:#.*)?$", _M)),
    ("class ", 2, re.compile(r"^class\s+\w+(?:\([\w.,\s=\[\]]*\))?:\s*$", _M)),
    ("__name__", 3, re.compile(r"^if\s+__name__\s*==\s*['\"]__main__", _M)),
    ("print", 1, re.compile(r"^\s*print\s*\(.*\)\s*$", _M)),
    ("exec", 2, re.compile(r"^\s*exec\s*\(", _M)),
    ("self", 1, re.compile(r"\bself\.\w+")),
    ("elif", 1, re.compile(r"^\s*(?:elif\s[^\n]+|else|try|except[^\n]{0,80}|finally):\s*$", _M)),
)
_SHELL: tuple[_Shape, ...] = (
    ("fi", 2, re.compile(r"^\s*(?:fi|done|esac)\s*;?\s*$", _M)),
    ("if [", 2, re.compile(r"^\s*(?:el)?if\s+\[\[?\s.*\]\]?\s*;?\s*(?:then)?\s*$", _M)),
    ("; do", 2, re.compile(r"^\s*(?:for|while)\s.*;\s*do\s*$", _M)),
    ("set -", 2, re.compile(r"^set\s+-[euxo]+\b", _M)),
    ("export", 1, re.compile(r"^\s*export\s+[A-Z_]\w*=", _M)),
    ("${", 1, re.compile(r"\"?\$\{\w+[}:%#/]")),
    ("$(", 1, re.compile(r"=\"?\$\(\w")),
)

_SHEBANG = re.compile(
    r"\A\s*#!\s?\S{0,80}?(?:/|\s)(?:env\s+(?:-S\s+)?)?(python|bash|zsh|dash|ksh|sh|pwsh|powershell|perl|ruby|node|php|osascript)"
)
_SHEBANG_NAMES = {
    "bash": "shell", "zsh": "shell", "dash": "shell", "ksh": "shell", "sh": "shell",
    "pwsh": "powershell", "node": "javascript", "osascript": "applescript",
}  # fmt: skip
_ENCODED = re.compile(r"#@~\^[A-Za-z0-9+/]{6}==")
_MARKUP = re.compile(r"\A\s*(?:<\?|<!|<[a-z][\w:-]*[\s>/])", _I)
_ACTIVE_PAGE = re.compile(
    r"createobject\s*\(|activexobject|wscript|\.shellexecute|getobject\s*\(|language\s*=\s*[\"']?(?:vbs|jscript\.encode)",
    _I,
)
_WSF = re.compile(r"<(?:job|package|scriptlet|component|registration)\b[^>]*>|<(?:ms|msxsl|user):script\b", _I)
_JSON = re.compile(r"\A\s*(?:\{\s*(?:\"(?:[^\"\\\n]|\\.)*\"\s*:|\}\s*\Z)|\[\s*(?:\{\s*\"|\]\s*\Z))")
_PUNCTUATION_ONLY = re.compile(r"\A\s*[\[\]()!+{}$_~:;.,=\"'\\/*^-]{200}")
_FENCE = re.compile(r"^(?:```|~~~|#{1,6}\s\S|={4,}\s*$|-{4,}\s*$)", _M)
_COMMAND = re.compile(
    r"^[\s@(^\"]*(?:(?:cmd|powershell|pwsh|mshta|wscript|cscript|rundll32|regsvr32|certutil|bitsadmin|msiexec|curl|wmic|"
    r"forfiles|schtasks|reg|net|sc|taskkill|attrib|xcopy|robocopy|netsh)(?:\.exe)?\"?\s+[-/\"%\w.:$]|"
    r"(?:copy|del|move|ren|md|mkdir|rd|rmdir|cd|start|call|set|echo|exit|cls|timeout|ping|title|color|pushd|popd|type)\b)",
    _I,
)
_PROGRAM = re.compile(
    r"\b(?:cmd|powershell|pwsh|mshta|[wc]script|rundll32|regsvr32|certutil|bitsadmin|msiexec|curl|wmic|schtasks)(?:\.exe)?\"?\s",
    _I,
)
_CONTROL = bytes(range(8)) + bytes(range(14, 26)) + bytes(range(28, 32)) + b"\x7f"


def dialect(head: bytes) -> str | None:
    """The language that a text is a script in, or None.

    Args:
        head: the first `HEAD` bytes of the text, or less.

    Returns:
        ``javascript``, ``vbscript``, ``batch``, ``powershell``, ``wsf``, ``hta``, ``encoded`` (Script Encoder),
        ``python``, ``shell``, ``perl``, ``ruby``, ``php``, ``applescript``, or None where it is no script.
    """
    text = _characters(head[:HEAD])
    if not text or text.isspace():
        return None
    low = text.lower()
    if "#@~^" in text and _ENCODED.search(text):
        return "hta" if _MARKUP.match(low) and "<job" not in low else "encoded"
    if text.startswith("#!") and (shebang := _SHEBANG.match(text)):
        return _SHEBANG_NAMES.get(shebang[1], shebang[1])
    if _MARKUP.match(low):
        return _in_markup(low)
    if _JSON.match(text):
        return None
    if _PUNCTUATION_ONLY.match(text):
        return "javascript" if text.count("(") > 4 and text.count("[") + text.count("$") > 8 else None
    return _by_shapes(text, low)


def _characters(head: bytes) -> str:
    head = head.lstrip(b"\0")
    codec, mark = encoding_of(head)
    if not codec.startswith("utf-16"):
        if b"\0" in head:
            head = head.rstrip(b"\0")
        if len(head) - len(head.translate(None, _CONTROL)) > len(head) // 50:
            return ""
    text = head[mark:].decode(codec, "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _in_markup(low: str) -> str | None:
    if "<hta:" in low:
        return "hta"
    if "<script" in low and _WSF.search(low):
        return "wsf"
    if low.lstrip().startswith("<?php"):
        return "php"
    if ("<script" in low or "javascript:" in low or "vbscript:" in low) and _ACTIVE_PAGE.search(low):
        return "hta"
    return None


def _by_shapes(text: str, low: str) -> str | None:
    prose = len(_FENCE.findall(text)) > 1
    scores = {
        "batch": _score(_BATCH, text, low),
        "javascript": 0 if _NOT_JAVASCRIPT.search(text) else _score(_JAVASCRIPT, text, low),
        "powershell": 0 if _NOT_POWERSHELL.search(text) else _score(_POWERSHELL, text, low),
        "vbscript": 0 if _NOT_VBSCRIPT.search(text) else _score(_VBSCRIPT, text, low),
        "python": _score(_PYTHON, text, low),
        "shell": _score(_SHELL, text, low),
    }
    best = max(scores, key=lambda name: scores[name])
    if scores[best] >= (_ENOUGH if not prose else 3 * _ENOUGH):
        return best
    return "batch" if not prose and _mostly_commands(low) else None


def _score(shapes: Iterable[_Shape], text: str, low: str) -> int:
    return sum(points for literal, points, shape in shapes if literal in low and shape.search(text))


def _mostly_commands(low: str) -> bool:
    lines = [line for line in low[:4096].split("\n") if line.strip()]
    commands = sum(1 for line in lines if _COMMAND.match(line))
    return commands > 0 and commands * 2 > len(lines) and any(_PROGRAM.search(line) for line in lines)
