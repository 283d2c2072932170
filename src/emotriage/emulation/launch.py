"""What a command line really starts: files by a relative path, and system tools that run something else for it.

The ways are those of the LOLBAS project, by the tools' own switches and entry points. Nothing here depends on how a
file is called, only on where a command line looks for it and on what it makes of it.
"""

import re
from collections.abc import Iterable

from emotriage.emulation import programs
from emotriage.emulation.stock import STOCK
from emotriage.model.limits import TOKEN, Budget

_STARTED = re.compile(
    r"(?i)\.(?:exe|scr|pif|bat|cmd|vb[se]|jse?|ws[fh]|hta|ps1|psm1|sct|dll|ocx|cpl|msi|msp|jar|chm|inf|rsp|csproj|msc|lnk"
    r"|xll|wll|a3x|au3|ahk|pyw?)(?![\w.-])"
)
_BEFORE = re.compile(r"[\s\"'<>|&()=;]")
_SCHEME = re.compile(r"(?i)^(?:mk:@msitstore|ms-its|its|file):")
_HERE = re.compile(r"(?i)^(?:%cd%|%~dp0|\$pwd\b|\$psscriptroot\b)")
_ABSOLUTE = re.compile(r"(?i)^(?:[a-z]:|\\\\|//|%[\w()]|\$|::|shell:|\w{2,}:|@)|[*?]|://")
_NO_START = re.compile(r"(?i)(?:/im|/pid|del|erase|echo|title|taskkill|set)[ \t]+(?:/\w+[ \t]+)*\"?$")
_BLANK_IN_PATH = re.compile(r"(?i)(?:[a-z]:|%\w[^%\s]{0,40}%|\\\\[^\\\s]{1,80})\\(?:[^\s\"'.<>|&]{1,80} ){1,4}$")
"""What stands before the rest of an absolute path that has blanks and no quotes."""
_BY_FOLDER_ONLY = frozenset({".chm", ".cpl", ".lnk", ".msc"})
"""Their bare names are looked for in the system's own folders, or go into a command's output."""

_NOWHERE = re.compile(
    r"(?i)^(?:|\.|%cd%|%homedrive%%homepath%|%userprofile%|[abd-z]:|[a-z]:\\users\\[^\\]+"
    r"|(?:%windir%|%systemroot%|[a-z]:\\windows)(?:\\.*)?)$"
)
_MOVES = re.compile(
    r"(?i)(?<![\w-])(?:cd|chdir|pushd|sl|set-location)\s+(?:/d\s+)?[\"']?(?:[a-z]:[\\/]|%(?!cd%|~)\w|\\\\|\$env)"
)

_LIBRARY_CALL = re.compile(
    r"(?i)\brundll32(?:\.exe)?\"?\s+(?:/\w+\s+)?(?:\"([^\"]{1,260})\"|([^\s,\"]{1,260}))\s{0,8},\s{0,8}[#\w]"
)
_REGISTER = re.compile(
    r"(?i)\bregsvr32(?:\.exe)?\"?\s+(?:[-/]\S{1,260}\s+){0,8}(?:\"([^\"]{1,260})\"|([^\s,\"&|/-][^\s\"&|]{0,260}))"
)
_LIBRARIES = frozenset({"", ".dll", ".ocx", ".cpl", ".drv", ".ax", ".exe", ".scr", ".sys", ".wll", ".xll", ".dll_"})
_ENGINE = re.compile(
    r"(?i)\b[wc]script(?:\.exe)?\"?\s[^&|]{0,120}?(?<!\S)//?e:\s{0,4}[\w.]{1,32}\s+(?:/\S{1,32}\s+){0,4}\"?([^\"&|]{1,260})"
)
_SURE = re.compile(
    r"(?i)\b(?:rundll32|mshta)(?:\.exe)?\"?\s{1,64}\"?(?:javascript|vbscript|about):[^&|]{0,40}"
    r"|\b(?:mshtml|pcwutl|zipfldr|advpack|ieadvpack|davclnt)(?:\.dll)?\"?\s{0,8},\s{0,8}(?:RunHTMLApplication|PrintHTML"
    r"|LaunchApplication\w?|RouteTheCall|LaunchINFSection\w{0,4}|RegisterOCX|DavSetCookie)"
    r"|\bforfiles(?:\.exe)?\"?\s[^|]{0,200}?[-/]c\s{1,8}\S{1,80}|\bpcalua(?:\.exe)?\"?\s[^|&]{0,80}?-a\s{1,8}\S{1,80}"
    r"|\bscriptrunner(?:\.exe)?\"?\s[^|&]{0,80}?-appvscript\b|\bconhost(?:\.exe)?\"?\s[^|&]{0,80}?--headless\b"
    r"|\b(?:syncappvpublishingserver|pubprn|cl_invocation|cl_mutexverifiers|cl_loadassembly)\.(?:vbs|ps1|exe)\b"
    r"|\bwmic(?:\.exe)?\"?\s[^|&]{0,120}?\bcall\s{1,8}[\"']?create\b"
    r"|\bodbcconf(?:\.exe)?\"?\s[^|&]{0,80}?(?:[-/]f\b|regsvr\b)|\bmsiexec(?:\.exe)?\"?\s[^|&]{0,80}?[-/][yz]\b"
    r"|\bftp(?:\.exe)?\"?\s[^|&]{0,80}?[-/]s:\S{1,80}"
    r"|\b(?:permit)?localcommand[\s=]|\bproxycommand[\s=]{1,8}[\"']?(?!\S{0,120}\b(?:ssh|nc|ncat|connect|corkscrew|cloudflared)\b)\S{1,80}"
    r"|\bhh(?:\.exe)?\"?\s{1,8}-decompile\b|\b(?:control|Control_RunDLL\w?)(?:\.exe)?\"?[\s,]{1,8}[^|&]{0,200}?\.cpl(?!\w)"
    r"|\b(?:winword|excel|powerpnt)(?:\.exe)?\"?\s[^|&]{0,80}?(?:https?:|\\\\)[^|&]{0,200}?\.(?:dot|xlt|pot|xll|wll|ppa|xla)[xm]?(?!\w)"
    r"|\bAssembly\]::Load\s{0,4}\(|\bms-(?:msdt|officecmd|appinstaller):|\bnslookup(?:\.exe)?\s[^|&]{0,80}?-(?:q|ty?p?e?|querytype)=txt"
)
_OWN_ITEM = re.compile(
    r"(?i)^control\w{0,8}(?:\.exe)?\"?[\s,]{1,8}(?:\"?(?:[a-z]:\\(?:windows|program files(?: \(x86\))?)"
    r"|%(?:windir|systemroot|programfiles(?:\(x86\))?)%)\\[^|&]*|[\"@]?[\w-]{1,40})\.cpl$"
)
"""A control panel item by its bare name, or of the system's and the programs' folders."""
_MAYBE = re.compile(
    r"(?i)\bschtasks(?:\.exe)?\"?\s[^|&]{0,80}?/create\b|\b(?:url|ieframe|shdocvw|shell32)(?:\.dll)?\"?\s{0,8},\s{0,8}(?:OpenURL\w?"
    r"|FileProtocolHandler\w?|ShellExec_RunDLL\w?)|\bscp(?:\.exe)?\"?\s[^|&]{0,200}?\w@[\w.-]{1,253}:\S"
)
_PIPED = re.compile(
    r"(?i)\|\s{0,8}\"?(?:%comspec%|(?:[\w:%\\]{0,80}\\)?(?:cmd|powershell|pwsh|bash|sh)(?:\.exe)?(?![\w.\\-]))|\bcmd(?:\.exe)?\s{0,8}<"
)
_COMPUTED = re.compile(r"(?:^|[\s;|{\"'(,])[.&]\s{0,8}(?:\(|\$(?!env:))")
_FETCH_TOOL = re.compile(
    r"(?i)\b(?:(?:curl|wget|tftp|bitsadmin|desktopimgdownldr)(?:\.exe)?\"?\s+\S[^|&]{0,80}|finger(?:\.exe)?\"?\s[^|&\s]{0,80}@[^|&\s]{1,80})"
)
_UNSEEN = re.compile(
    r"(?i)(?:(?:^|[\\/\"\s])(?:\$?recycle[rd]?(?:\.bin)?|system volume information)"
    r"|\\[\s\u2000-\u200f\u2800\u3164]{1,8}"
    r"|(?:^|[\"\s])[\u00a0\u2000-\u200f\u2800\u3164]{1,8})\\[^\"<>|&*?\r\n]{1,200}"
)


def is_nowhere(folder: str) -> bool:
    r"""True when a working folder says nothing: none, the user's own, a drive, or one of the system's.

    Relative names are then looked for beside the shortcut, whatever else the system tries.
    """
    plain = folder.strip().strip('"').rstrip("\\/ ")
    return _NOWHERE.match(plain) is not None or not _ABSOLUTE.search(plain)


def started_beside(line: str, budget: Budget) -> tuple[str, ...]:
    """Programs, scripts and libraries that a command line names by a relative path, each once, in order.

    Bare names of what every machine has are left out, and so is all when the line moves to another folder first.
    """
    budget.spend(4 * len(line))
    if _MOVES.search(line):
        return ()
    named = []
    for one in _STARTED.finditer(line):
        budget.spend(TOKEN + 260)
        before = line[max(one.start() - 260, 0) : one.start()]
        quote = line[one.end() : one.end() + 1]
        stem = before.rpartition(quote)[2] if quote in ("'", '"') else _BEFORE.split(before)[-1]
        lead = before[: len(before) - len(stem)]
        if _NO_START.search(lead) is None and _BLANK_IN_PATH.search(lead) is None:
            named.append(stem + one.group())
    for pattern in (_LIBRARY_CALL, _REGISTER):
        named += [_either(one) for one in pattern.finditer(line)]
    return tuple(dict.fromkeys(path for path in named if is_beside(path)))


def is_beside(path: str) -> bool:
    r"""True for a relative path that leads to no stock program: ``.\x.vbs``, ``a\x.exe``, ``%cd%x.exe``, ``x.dll``."""
    plain = _SCHEME.sub("", path.strip().strip('"').strip("'"))
    if _HERE.match(plain):
        return True
    if not plain or _ABSOLUTE.search(plain) or plain.startswith("-"):
        return False
    if "\\" in plain or ("/" in plain and not plain.startswith("/")):
        return True
    suffix = programs.suffix_of(plain)
    return suffix not in _BY_FOLDER_ONLY and plain.lower().removesuffix(suffix).rstrip(".") not in STOCK | {""}


def proxied(line: str, budget: Budget) -> tuple[tuple[str, bool], ...]:
    """(words, certain) of every way in which a command line makes a system tool run something else."""
    budget.spend(8 * len(line))
    found = [(one.group(), True) for one in _SURE.finditer(line) if not _OWN_ITEM.search(one.group())]
    for pattern in (_LIBRARY_CALL, _REGISTER):
        found += [(one.group(), True) for one in pattern.finditer(line) if _is_odd(_either(one))]
    for one in _ENGINE.finditer(line):
        if programs.suffix_of(one.group(1)) not in programs.SCRIPT_SUFFIXES:
            found.append((one.group(), True))
    found += [(one.group(), False) for one in _MAYBE.finditer(line)]
    return tuple(dict.fromkeys(found))


def runs_input(line: str, *, powershell: bool) -> str:
    """The words with which a line pipes text into a shell, or, in PowerShell, calls what it has computed."""
    found = _PIPED.search(line) or (_COMPUTED.search(line) if powershell else None)
    return found.group() if found else ""


def fetch_tool(line: str) -> str:
    """A tool that does nothing but fetch, with what it is told; or empty."""
    found = _FETCH_TOOL.search(line)
    return found.group() if found else ""


def unseen_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Paths through folders that Explorer does not show, or whose names are blank."""
    return tuple(dict.fromkeys(one.group().strip('"') for text in texts for one in _UNSEEN.finditer(text)))


def _either(match: re.Match[str]) -> str:
    return match.group(1) or match.group(2) or ""


def _is_odd(path: str) -> bool:
    """A library under a suffix that libraries do not have."""
    return programs.suffix_of(path) not in _LIBRARIES
