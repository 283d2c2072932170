"""Which script language a text is written in, by its content alone.

A name says little (``wscript //e:jscript`` runs ``.txt`` files, and an attachment may carry any name), so languages
are told by shapes that their grammar needs: declarations, block ends, command lines. Prose, logs, CSV, JSON, Markdown,
C and other sources are no scripts. The head alone is looked at, so that every text can be asked.
"""

import re

from emotriage.formats.script import shapes
from emotriage.formats.text import encoding_of

HEAD = 8 << 10
"""Bytes of a text that `dialect` looks at."""

_ENOUGH = 4
_FOREIGN = 5
_TRIES = 24

_LANGUAGES = {
    "batch": shapes.BATCH,
    "javascript": shapes.JAVASCRIPT,
    "powershell": shapes.POWERSHELL,
    "vbscript": shapes.VBSCRIPT,
    "python": shapes.PYTHON,
    "shell": shapes.SHELL,
}
_SHEBANG = re.compile(r"\n#!\s?\S{0,80}(?:/|\s)(python|bash|zsh|dash|ksh|sh|pwsh|perl|ruby|node|php|osascript)")
_SHEBANG_NAMES = {
    "bash": "shell", "zsh": "shell", "dash": "shell", "ksh": "shell", "sh": "shell",
    "pwsh": "powershell", "node": "javascript", "osascript": "applescript",
}  # fmt: skip
_ENCODED = re.compile(r"#@~\^[A-Za-z0-9+/]{6}==")
_MARKUP = re.compile(r"\n<(?:\?|!|[a-z][\w:-]*[\s>/])")
_ACTIVE_PAGE = re.compile(
    r"createobject\s*\(|activexobject|wscript\.|\.shellexecute|getobject\s*\(|language\s*=\s*[\"']?jscript|vbscript\.encode"
)
_JSON = re.compile(r"\n(?:\{\s*(?:\"(?:[^\"\\\n]|\\.)*\"\s*:|\}\n\Z)|\[\s*(?:\{\s*\"|\]\n\Z))")
_PUNCTUATION_ONLY = re.compile(r"[\s\[\]()!+{}$_~:;.,=\"'\\/*^-]{200}")
_FENCE = re.compile(r"\n(?:```|~~~|#{2,6} \S|={4,}\n|-{4,}\n)")
_MAIL = re.compile(
    r"\n(?:received|from|to|cc|subject|date|return-path|delivered-to|mime-version|message-id|x-[\w-]+|content-type):\s"
)
_COMMAND = re.compile(
    r"[@(^\"]*(?:(?:cmd|powershell|pwsh|mshta|[wc]script|rundll32|regsvr32|certutil|bitsadmin|msiexec|curl|wmic|"
    r"forfiles|schtasks|reg|net|sc|taskkill|attrib|xcopy|robocopy|netsh)(?:\.exe)?\"?\s+[-/\"%\w.:$]|"
    r"(?:copy|del|move|ren|md|mkdir|rd|rmdir|cd|start|call|set|echo|exit|cls|timeout|ping|title|color|pushd|popd|type)\b)"
)
_PROGRAM = re.compile(
    r"\b(?:cmd|powershell|pwsh|mshta|[wc]script|rundll32|regsvr32|certutil|bitsadmin|msiexec|curl|wmic|schtasks)"
    r"(?:\.exe)?\"?\s"
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
    low = "\n".join(["", *filter(None, map(str.strip, text.lower().replace("\r", "\n").split("\n"))), ""])
    if len(low) < 3:
        return None
    if "#@~^" in text and _ENCODED.search(text):
        return _in_markup(low) or "encoded"
    if low.startswith("\n#!") and (shebang := _SHEBANG.match(low)):
        return _SHEBANG_NAMES.get(shebang[1], shebang[1])
    if low.startswith("\n<") and _MARKUP.match(low):
        return _in_markup(low)
    if low.startswith(("\n{", "\n[")) and _JSON.match(low):
        return None
    if _PUNCTUATION_ONLY.match(low):
        return "javascript" if low.count("(") > 4 and low.count("[") + low.count("$") > 8 else None
    return _by_shapes(low)


def score(low: str, language: str) -> int:
    """How much lower-case, line-stripped text looks like a language; 4 and more is enough without other signs."""
    points = sum(shape.points for shape in _LANGUAGES[language] if _stands(shape, low))
    return points - _FOREIGN * sum(1 for line in shapes.FOREIGN[language] if line in low)


def _stands(shape: shapes.Shape, low: str) -> bool:
    at = low.find(shape.anchor)
    if shape.pattern is None:
        return at >= 0
    for _ in range(_TRIES):
        if at < 0:
            break
        if shape.pattern.match(low, at):
            return True
        at = low.find(shape.anchor, at + 1)
    return False


def _characters(head: bytes) -> str:
    codec, skip = encoding_of(head)
    if not codec.startswith("utf-16") and b"#@~^" not in head:
        bare = head.strip(b"\0")
        if len(bare) - len(bare.translate(None, _CONTROL)) > len(bare) // 50:
            return ""
    return head[skip:].decode(codec, "replace").replace("\0", "")


def _in_markup(low: str) -> str | None:
    if low.startswith("\n<?php"):
        return "php"
    if "<hta:" in low:
        return "hta"
    scripts = "<script" in low
    if scripts and any(tag in low for tag in ("<job", "<package", "<scriptlet", "<component", "<registration")):
        return "wsf"
    if "ms:script" in low or "msxsl:script" in low:
        return "wsf"
    if (scripts or "javascript:" in low or "vbscript:" in low) and _ACTIVE_PAGE.search(low):
        return "hta"
    return None


def _by_shapes(low: str) -> str | None:
    prose = len(_FENCE.findall(low)) > 1 or _MAIL.match(low) is not None
    best, points = max(((name, score(low, name)) for name in _LANGUAGES), key=lambda one: one[1])
    if points >= (4 * _ENOUGH if prose else _ENOUGH):
        return best
    return "batch" if not prose and _mostly_commands(low) else None


def _mostly_commands(low: str) -> bool:
    lines = low[:4096].split("\n")[1:-1]
    commands = sum(1 for line in lines if _COMMAND.match(line))
    return commands * 2 > len(lines) and any(_PROGRAM.search(line) for line in lines)
