r"""The shapes that tell script languages apart: an anchor that is cheap to find, and the pattern that must stand there.

All is matched against lower-case text whose lines are stripped, without empty lines, each beginning after a ``\n``.
Sources: ECMA-262, the VBScript and Windows Script Host references, ``cmd /?``, about_Language_Keywords.
"""

import re
from typing import NamedTuple


class Shape(NamedTuple):
    """`points` for a language when `pattern` (or nothing more) matches where `anchor` stands."""

    anchor: str
    points: int
    pattern: re.Pattern[str] | None = None


def _shape(anchor: str, points: int, pattern: str = "") -> Shape:
    return Shape(anchor, points, re.compile(pattern) if pattern else None)


JAVASCRIPT = (
    _shape("@cc_on", 4),
    _shape("activexobject", 3, r"activexobject\s*\("),
    _shape("wscript", 3, r"wscript\s*(?:\.\s*\w+\s*\(|\[)[^\n]{0,300}[;}]"),
    _shape("fromcharcode", 3, r"fromcharcode(?:[\"']\])?\s*[(\].,;]"),
    _shape(".prototype", 3, r"\.prototype\s*(?:\.\s*[\w$]+\s*=|\[)"),
    _shape("eval", 3, r"eval\s*\([^\n]{0,500}\)\s*[;}]"),
    _shape("function", 3, r"(?<![\w.-])function(?:\s+[\w$]+)?\s*\([\w$,\s]{0,400}\)\s*\{"),
    _shape("function(", 2, r"(?<=[(=:,!\[] )function\(|(?<=[(=:,!\[])function\("),
    _shape("function (", 2, r"(?<=[(=:,!\[] )function \(|(?<=[(=:,!\[])function \("),
    _shape("=>", 2, r"(?<=[)\w$] )=>\s*[{(\w\[]|(?<=[)\w$])=>\s*[{(\w\[]"),
    _shape("var ", 2, r"(?<![\w$.])var\s+[\w$]{1,80}\s*=\s*[^\s=]"),
    _shape("var ", 3, r"(?<![\w$.])var\s+[\w$]{1,80}\s*=\s*(?:\[|new\s+array\s*\()\s*[\"'\d\\]"),
    _shape("var ", 3, r"(?<![\w$.])var\s+[\w$]{1,80}\s*=\s*(?:\"[^\"\n]{200}|'[^'\n]{200})"),
    _shape("();", 1, r"\(\);\n"),
    _shape("\nvar ", 1, r"\nvar\s+[\w$]{1,80}\s*(?:[;,]|\n)"),
    _shape("const ", 2, r"(?<=[\n;{}])const\s+(?:[\w$]{1,80}|\{[^}]{1,200}\})\s*=\s*[^\s=]"),
    _shape("let ", 2, r"(?<=[\n;{}])let\s+(?:[\w$]{1,80}|\{[^}]{1,200}\})\s*=\s*[^\s=]"),
    _shape("\nimport ", 3, r"\nimport\s+(?:[\w$]+|\{[^}\n]*\}|\*\s+as\s+\w+)\s+from\s+[\"']"),
    _shape("\nexport ", 3, r"\nexport\s+(?:default\s|\{|const\s|function\s|var\s|let\s|class\s)"),
    _shape("\ndefine(", 3, r"\ndefine\(\s*(?:\[|function)"),
    _shape("use strict", 2, r"use strict[\"']"),
    _shape("this[", 2),
    _shape("document.", 1, r"document\.(?:write|getelement|cookie|create|body)"),
    _shape("module.exports", 2, r"module\.exports\s*="),
    _shape("require(", 1, r"require\([\"']"),
    _shape("return", 1, r"return\b[^\n;]{0,200};?\s*\}"),
    _shape('["', 1, r"(?<=[\w\])])\[\"[\w$\\]+\"\]\s*[(.\[=]"),
    _shape("new ", 1, r"(?<=[=(:,] )new\s+(?:array|object|date|function|regexp|string)\s*[(;]"),
    _shape("catch", 1, r"catch\s*\(\s*[\w$]+\s*\)\s*\{"),
    _shape("for", 1, r"(?<!\w)for\s*\(\s*(?:var|let)\s"),
    _shape("\\x", 1, r"(?:\\x[0-9a-f]{2}){3}"),
    _shape("\n", 2, r"\n(?:[\w$]{1,80}\s*=\s*[\[\"'(][^\n]*;\n){3}"),
)

VBSCRIPT = (
    _shape("createobject", 3, r"createobject\s*\(?\s*[\"\w(][^;\n]{0,300}\n"),
    _shape(
        "\nset ",
        3,
        r"\nset\s+[\w()]{1,60}\s*=\s*(?:(?:wscript\.)?createobject|getobject|nothing|new\s|\w+\.\w|\w+\()[^;\n]*\n",
    ),
    _shape("\ndim ", 3, r"\ndim\s+\w+(?:\(\w*\))?\s*(?:,[\w\s,()]*)?(?: as \w[^\n]*)?[\n:']"),
    _shape("\nredim ", 2, r"\nredim\s+(?:preserve\s+)?\w+\("),
    _shape("\noption explicit", 3),
    _shape("\non error ", 4, r"\non error (?:resume next|go ?to \w+)"),
    _shape("end ", 3, r"(?<=[\n: ])end (?:sub|function|if|with|select|property)\s*[\n:']"),
    _shape("sub ", 2, r"(?<=[\n: ])sub\s+\w+\s*(?:\([^)\n]*\))?\s*[\n:']"),
    _shape("function ", 2, r"(?<=[\n: ])function\s+\w+\s*(?:\([^)\n]*\))?(?:\s+as\s+\w+)?\s*[\n:']"),
    _shape("if ", 2, r"(?<=[\ne])if\s[^;{}\n]{1,200}\sthen(?:\s*[\n']|\s\w)"),
    _shape("\nfor each ", 2, r"\nfor each \w+\s+in\s+[\w.(]"),
    _shape("\nfor ", 2, r"\nfor\s+\w+\s*=\s*[\w(.]+\s+to\s"),
    _shape("\nnext", 1, r"\nnext(?:\s+\w+)?\n"),
    _shape("\nwend\n", 1),
    _shape("\nloop", 1, r"\nloop(?:\s+(?:until|while)\s[^\n]*)?\n"),
    _shape("\nconst ", 1, r"\nconst\s+\w+\s*=\s*[^;\n]+\n"),
    _shape("chr", 2, r"chrw?\s*\([^)\n]{1,60}\)\s*&"),
    _shape("execute", 3, r"(?<=[\n:])execute(?:global)?(?:\s*\(|\s+\w+\s*[(&]|\s+\w+\n)"),
    _shape("\nmsgbox", 3, r"\nmsgbox[\s(]*[\"\w]"),
    _shape("\nwscript.", 3, r"\nwscript\.\w+[^;{}\n]*\n"),
    _shape(" & ", 1, r" & [\w\"]"),
    _shape("attribute vb_", 4, r"attribute vb_\w+\s*="),
)

BATCH = (
    _shape("\n@echo off", 4),
    _shape("\n@if (@", 8, r"\n@if \(@(?!_)"),
    _shape("\n@", 1, r"\n@(?:set|rem|if|for|goto|call|start|setlocal|cls|powershell|cmd|title|mode|copy|cscript)\b"),
    _shape("\necho off\n", 3),
    _shape("%~", 3, r"%~[a-z]{0,4}\d"),
    _shape(":~", 3, r":~-?\d+(?:,-?\d+)?[%!]"),
    _shape("%%", 3, r"(?<=[ \"])%%~?\w\s+in\s*\("),
    _shape("goto", 2, r"(?<=[\n &(@])goto\s*:?[\w-]+\s*\)?\n"),
    _shape("errorlevel", 3, r"(?<=[ %])errorlevel(?:\s+\d|%)"),
    _shape("exist ", 3, r"(?<=if )exist \S|(?<=if not )exist \S"),
    _shape("\nsetlocal", 3),
    _shape(">nul", 3),
    _shape("> nul", 2),
    _shape("2>&1", 1),
    _shape("exit /b", 3),
    _shape("\nset ", 2, r"\nset\s+(?:/[ap]\s+)?\"?[^\s=\"]{1,80}=[^;\n]*\n"),
    _shape("\nset /", 2, r"\nset /[ap] "),
    _shape("\nrem ", 2),
    _shape("\n::", 1),
    _shape("\n::", 4, r"\A\n::[^\s:]{300}"),
    _shape(
        "\n",
        8,
        r"\A\n@?(?:start\s+(?:/\w+\s+){0,3})?\"?(?:[\w:%\\]{0,80}\\)?(?:powershell|pwsh|cmd|mshta|[wc]script|rundll32|regsvr32|"
        r"certutil|bitsadmin|msiexec|curl|wmic|forfiles)(?:\.exe)?\"?\s+(?:[-/$\[(\"'&%\\]|https?:|[a-z]:|invoke-|iwr|iex|set-)",
    ),
    _shape("\ncall ", 1, r"\ncall\s+[:\"%\w]"),
    _shape("%", 1, r"%[a-z_]\w{1,40}%"),
    _shape("\npause", 1, r"\npause\s*(?:>[^\n]*)?\n"),
    _shape("\nstart ", 2, r"\nstart\s+(?:/(?:b|min|wait|max)\b|\"\"\s)"),
    _shape("\necho", 1, r"\necho(?:\.|\s+\S)"),
    _shape("\n:", 1, r"\n:[a-z_]\w{1,40}\n"),
    _shape("^", 2, r"(?:\^\w){4}|(?:\^\w\w?){6}"),
)

_NOUNS = (
    r"(?:item|content|childitem|process|service|object|wmi|cim|location|path|date|random|help|command|member|module|"
    r"psdrive|variable|string|host|file|null|csv|json|xml|sleep|job|net|ad|acl|execution|strictmode|computer|event|"
    r"alias|clipboard|package|printer|disk|volume|hotfix|local|culture|appx|windows|scheduled|alias|type|clixml)"
)

POWERSHELL = (
    _shape("\n$", 2, r"\n\$(?:\w+:)?\w{1,60}\s*\+?=\s*(?:\[|\$|\(|@|new-|get-|\"|'|\d)"),
    _shape("param", 3, r"(?<=[\n{(;])param\s*\(\s*(?:\[|\$|\n|\))"),
    _shape("\nfunction ", 3, r"\nfunction\s+(?:global:)?\w+-\w+\s*[({\n]"),
    _shape("\nfunction ", 3, r"\nfunction\s+\w+\s*(?:\(\s*(?:\[\w|\$)[^\n]*\)\s*)?\{?\s*\n?(?:param|\[|\$)"),
    _shape("write-", 3, r"(?<=[\n{|;&( ])write-(?:host|output|error|verbose|warning|progress)\b"),
    _shape("new-object", 3, r"new-object\s+(?:-\w+\s+)?[\w.(\"']"),
    _shape("invoke-", 3, r"(?<!\w)invoke-(?:expression|webrequest|restmethod|command|item|cimmethod|wmimethod)\b"),
    *(_shape(f"{verb}-", 2, rf"(?<=[\n{{|;(= &]){verb}-{_NOUNS}") for verb in (
        "get", "set", "add", "remove", "start", "stop", "import", "export",
        "out", "test", "select", "convertto", "convertfrom")),
    _shape("|", 3, r"\|\s*(?:where-object|foreach-object|select-object|out-\w+|iex|sort-object)[\s{]|\|\s*[%?]\s*\{"),
    _shape("iex", 3, r"(?<=[\n;|&({ ])iex[\s(]+[$(\"'\[]"),
    _shape(".download", 3, r"\.download(?:string|file|data)\s*\("),
    _shape("]::", 3, r"\]::\w"),
    _shape("$env:", 2),
    _shape("$_", 2, r"\$_(?:\.\w|\s*[|)}])"),
    _shape("$true", 1),
    _shape("$null", 1),
    _shape("$psscriptroot", 2),
    _shape(" -", 1, r" -(?:eq|ne|like|match|replace|split|join|bxor|notmatch|gt|lt)\s"),
    _shape("\n#requires -", 3),
    _shape("\n<#", 2, r"\n<#(?:psscriptinfo|\n)"),
    _shape("\n.synopsis\n", 2),
    _shape("catch {", 1),
    _shape("\nusing namespace system", 3),
)  # fmt: skip

PYTHON = (
    _shape("\nimport ", 2, r"\nimport\s+[\w.]+(?:\s+as\s+\w+)?(?:\s*,\s*[\w.]+){0,20}\s*\n"),
    _shape("\nfrom ", 2, r"\nfrom\s+[\w.]+\s+import\s+[\w(*]"),
    _shape("def ", 3, r"(?<=[\nc ])def\s+\w+\s*\((?:[^\n]*\)(?:\s*->[^\n:]+)?\s*:|[^\n]*,\n|\n)"),
    _shape("\nclass ", 2, r"\nclass\s+\w+(?:\([\w.,\s=\[\]]*\))?:\s*\n"),
    _shape("\nif __name__", 3, r"\nif __name__\s*==\s*['\"]__main__"),
    _shape("\nprint(", 1),
    _shape("\nexec(", 2),
    _shape("self.", 1, r"(?<=\W)self\.\w"),
    _shape("\nelif ", 1, r"\nelif\s[^\n]+:\n"),
    _shape("\ntry:\n", 1),
    _shape("\nexcept", 1, r"\nexcept[^\n]{0,80}:\n"),
)

SHELL = (
    _shape("\nfi\n", 2),
    _shape("\ndone", 2, r"\ndone\s*[\n;<|]"),
    _shape("\nesac\n", 2),
    _shape("\nif [", 2, r"\nif \[\[?\s[^\n]*\]"),
    _shape("; then\n", 2),
    _shape("; do\n", 2),
    _shape("\nset -", 2, r"\nset -[euxo]{1,4}\b"),
    _shape("\nexport ", 1, r"\nexport\s+[a-z_]\w*="),
    _shape("${", 1, r"\$\{\w+[}:%#/]"),
    _shape("$(", 1, r"\$\(\w"),
)

FOREIGN: dict[str, tuple[str, ...]] = {
    "javascript": (
        "\n#include", "\n#define ", "\n#ifndef ", "\n#if ", "\nimport java", "\nusing system", "\npublic class ",
        "\nnamespace ", "\ntypedef ", "\npackage ", "\nfunc ", "\nfn ", "\nlocal ", "\nuse strict;", "\nmy $",
        "\nextern ",
    ),
    "vbscript": (
        "\nimports ", "\nnamespace ", "\n#include", "\n\\documentclass", "\nuse strict;", "\n=head1 ", "\npackage ",
    ),
    "powershell": ("\nuse strict;", "\nuse warnings;", "\nmy $", "\nmy (", "\n1;\n", "\nsub "),
    "batch": ("\n=head1 ",), "python": (), "shell": (),
}  # fmt: skip
"""Line beginnings of other languages that share shapes with a script language, and so count against it."""
