"""Words by which scripts start, fetch, write and hide: tables for `analyzers.script`.

Vocabulary of the Windows Script Host, MSXML, ADO, .NET and PowerShell references and of the LOLBAS project. All signs
meet lower-case text; a sign is looked for only around its needles, so that megabytes without any cost next to nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TRIES = 48
_BEFORE, _BEHIND = 64, 512


class Lower:
    """A lower-case text that remembers where words stand first: the signs share many."""

    __slots__ = ("_first", "text")

    def __init__(self, text: str) -> None:
        self.text = text.lower()
        self._first: dict[str, int] = {}

    def find(self, word: str) -> int:
        """Offset of the first place of a word, or -1."""
        at = self._first.get(word)
        if at is None:
            at = self._first[word] = self.text.find(word)
        return at


@dataclass(frozen=True, slots=True)
class Sign:
    """A pattern, and the plain words one of which is in everything that it matches."""

    needles: tuple[str, ...]
    pattern: "re.Pattern[str]"

    def first(self, low: Lower) -> "re.Match[str] | None":
        """The first match, needle by needle."""
        return next(self.all(low), None)

    def all(self, low: Lower) -> Iterator["re.Match[str]"]:
        """Matches around the first places of each needle; the same match can come more than once."""
        for needle in self.needles:
            at = low.find(needle)
            for _ in range(_TRIES):
                if at < 0:
                    break
                if found := self.pattern.search(low.text, max(at - _BEFORE, 0), at + _BEHIND):
                    yield found
                at = low.text.find(needle, at + len(needle))

    def words(self, low: Lower) -> dict[str, int]:
        """What stands there and at which offset first, by offset."""
        found: dict[str, int] = {}
        for one in self.all(low):
            found[one[0]] = min(one.start(), found.get(one[0], one.start()))
        return dict(sorted(found.items(), key=lambda item: item[1]))


def _sign(needles: str, *patterns: str) -> Sign:
    return Sign(tuple(needles.split("|")), re.compile("|".join(patterns)))


_TOOLS = "powershell|pwsh|mshta|regsvr32|wscript|cscript|rundll32|certutil|bitsadmin|wmic|msiexec|forfiles|installutil"

EXECUTE = _sign(
    "wscript.shell|shell.application|shellexecute|win32_process|mmc20|start-process|diagnostics.process|shell.explorer|"
    f"schedule.service|scriptcontrol|virtualalloc|createthread|createremotethread|reflection.assembly|invoke-|os.system|subprocess|cmd|{_TOOLS}",
    r"wscript\.shell\b|shell\.application\b|\bshellexecute\b|\bwin32_process\b|\bmmc20\.application\b|\bstart-process\b",
    r"\bdiagnostics\.process\b|\bshell\.explorer\b|\bschedule\.service\b|\bscriptcontrol\b|\bvirtualalloc|\bcreatethread\b",
    r"\bcreateremotethread\b|\breflection\.assembly\b|\binvoke-(?:item|wmimethod|cimmethod)\b|\bos\.system\b|\bsubprocess\.",
    r"\bcmd(?:\.exe)?[\"']?\s{1,4}/[cvkqs]\b",
    rf"(?<![\w.\\-])(?:{_TOOLS})(?:\.exe)?(?=[\"']?\s{{1,8}}[-/$\[(\"'%\\\w])",
)
"""What starts programs."""

FETCH = _sign(
    "xmlhttp|winhttp|internetexplorer|.download|net.webclient|invoke-webrequest|invoke-restmethod|bitstransfer|iwr|irm|wget|"
    "curl|urldownloadto|urlcache|bitsadmin|urllib|httpclient|getresponse",
    r"\b(?:msxml[23]|microsoft)\.(?:server)?xmlhttp|\bwinhttp\.winhttprequest|\bwinhttprequest\b|\binternetexplorer\.application\b",
    r"\.download(?:file|string|data)(?:async)?\b|\bnet\.webclient\b|\binvoke-(?:webrequest|restmethod)\b|\bstart-bitstransfer\b",
    r"(?<![\w.$-])(?:iwr|irm)\s{1,4}[-\"'$h(]|(?<![\w.$-])(?:wget|curl)(?:\.exe)?\s{1,4}[-\"'$h(]|\burldownloadtofile",
    r"[-/]urlcache\b|\bbitsadmin\b[^\n]{0,80}/transfer|\burllib\b|\bhttpclient\b|\bgetresponse\b",
)
"""What fetches."""

WRITE = _sign(
    "adodb.stream|savetofile|responsebody|writeall|createtextfile|out-file|set-content|opentextfile|-outfile",
    r"\badodb\.stream\b|\bsavetofile\b|\bresponsebody\b|\bwriteall(?:bytes|text)\b|\bcreatetextfile\b|\bout-file\b",
    r"\bset-content\b|\bopentextfile\b|-outfile\b",
)
"""What writes files."""

_HIDEABLE = (
    "wscript.shell|wscript.createobject|shell.application|shellexecute|win32_process|adodb.stream|savetofile|msxml2.xmlhttp|"
    "msxml2.serverxmlhttp|msxml3.xmlhttp|microsoft.xmlhttp|winhttp.winhttprequest|responsebody|scripting.filesystemobject|"
    "createobject|activexobject|getspecialfolder|expandenvironmentstrings|urldownloadtofile|powershell|cmd.exe|cmd /c|"
    "mshta|regsvr32|rundll32|certutil|bitsadmin|invoke-expression|invoke-webrequest|start-process|downloadstring|downloadfile|"
    "net.webclient|frombase64string|reflection.assembly|virtualalloc|amsiutils|amsiinitfailed|os.system|subprocess.|/bin/sh|%temp%|%appdata%|programdata\\"
)
HIDEABLE = tuple(_HIDEABLE.split("|"))
"""Words that do harm, and that nobody has an honest reason to hide."""

TILES = (
    "wscript.shell", "adodb.stream", "savetofile", "responsebody", "msxml2.xmlhttp", "microsoft.xmlhttp",
    "scripting.filesystemobject", "expandenvironmentstrings", "shell.application", "shellexecute", "createobject",
    "activexobject", "powershell",
)  # fmt: skip
"""Words that are looked for among the fragments of a script."""

RUN_TEXT = _sign(
    'eval(|eval (|new function|function("|function(\'|function ("|constructor|execute|'
    "invoke-expression|iex|settimeout|execscript|& (|&(|exec(|. (|.(",
    r"(?<![\w.$])eval\s{0,4}\(\s{0,4}(?![\"'][^\"'+]{0,200}[\"']\s{0,4}\))(?!\))",
    r"\bnew\s{1,4}function\s{0,4}\(|(?<![\w.])function\s{0,4}\(\s{0,4}[\"']|\[[\"']constructor[\"']\]\s{0,4}[(\[]",
    r"\.constructor\s{0,4}\(\s{0,4}[\"']|(?:^|[\n:])\s{0,40}execute(?:global)?\s{0,4}[( ]\s{0,4}[\w\"(]",
    r"\binvoke-expression\b|(?<![\w.$-])iex[\s(]{1,4}[$(\"'\[]|\|\s{0,4}iex\b|\bsettimeout\s{0,4}\(\s{0,4}[\"']|\.execscript\s{0,4}\(",
    r"(?<![&\w])[&.]\s{0,4}\(\s{0,4}[\"'$]\S{0,200}\)\s{0,4}[$(\"']|\bexec\s{0,4}\(\s{0,4}(?:base64|zlib|bytes|compile|__import__)",
)
"""What runs text as code."""

HIDDEN_WINDOW = _sign(
    "-w|.run|start /min|showintaskbar|windowstate|moveto|resizeto|createnowindow|.shellexecute",
    r"(?<![\w-])-w(?:in(?:dowstyle)?|indow|i)?\s{1,4}[\"']?h(?:idden|id)?\b|(?<![\w-])-w\s{1,4}1\b",
    r"\.run\s{0,4}\(?[^\n;]{1,400},\s{0,4}(?:0|vbhide)\s{0,4}(?:[,);:\n]|$)|\bstart\s{1,4}/min\b",
    r"showintaskbar\s{0,4}=\s{0,4}[\"']?no|windowstate\s{0,4}=\s{0,4}[\"']?minimize|\bmoveto\s{0,4}\(?\s{0,4}-\d{3}",
    r"resizeto\s{0,4}\(?\s{0,4}[01]\s{0,4},\s{0,4}[01]\b|createnowindow\s{0,4}=\s{0,4}\$?true",
    r"\.shellexecute[^\n;]{1,400},\s{0,4}0\s{0,4}[);:\n]",
)
"""What keeps windows out of sight."""

DEFENCES = _sign(
    "amsi|mppreference|vssadmin|wevtutil|recoveryenabled|disableantispyware|disablerealtimemonitoring|windefend",
    r"\bamsiutils\b|\bamsiinitfailed\b|\bamsiscanbuffer\b|\bset-mppreference\b[^\n]{0,200}-disable",
    r"\badd-mppreference\b[^\n]{0,200}-exclusion|\bvssadmin\b[^\n]{0,40}\bdelete\s{1,4}shadows|\bwevtutil\b[^\n]{0,20}\bcl\b",
    r"\bbcdedit\b[^\n]{0,60}recoveryenabled\s{1,4}no|disableantispyware|disablerealtimemonitoring|\bsc\s{1,4}(?:stop|delete)\s{1,4}windefend\b",
)
"""What turns off the system's defences."""

TOOL_ABUSE = _sign(
    "mshta|regsvr32|certutil|bitsadmin|rundll32|msiexec|wmic|getobject",
    r"\bmshta(?:\.exe)?[\"']?\s{1,8}[\"']?(?:https?:|\\\\)|\bregsvr32(?:\.exe)?\b[^\n]{0,80}/i:[\"']?https?:",
    r"\bregsvr32(?:\.exe)?\b[^\n]{0,120}\bscrobj|\bcertutil(?:\.exe)?\b[^\n]{0,80}[-/]urlcache\b",
    r"\bbitsadmin(?:\.exe)?\b[^\n]{0,80}/transfer\b|\brundll32(?:\.exe)?\b[^\n]{0,20}\bjavascript:",
    r"\b(?:rundll32|regsvr32)(?:\.exe)?[\"']?\s{1,8}(?:[-/]\w\s{1,8}){0,3}[\"']?"
    r"(?:%(?:temp|tmp|appdata|localappdata|programdata|public|userprofile)%|\w:\\(?:programdata|users\\public|windows\\temp)\\)",
    r"\brundll32(?:\.exe)?[\"']?\s{1,8}[^\n,]{1,200}\.(?:jpe?g|png|gif|bmp|txt|dat|tmp|log|bin|ico|pdf|db)\b",
    r"\bmsiexec(?:\.exe)?\b[^\n]{0,60}\bhttps?:|\bwmic\b[^\n]{0,120}/format:[\"']?https?:|getobject\s{0,4}\(\s{0,4}[\"']script:",
)
"""Ways of using the system's tools that only get round controls."""

RUN_CALL = _sign(
    ".run|[\"run|['run|.exec|shellexecute|start-process|invoke-|win32_process|rundll32|regsvr32|wscript |wscript.exe|"
    "mshta|start |call |iex|diagnostics.process|sh",
    r"\.run[\s(]|\[[\"']run[\"']\]|\.exec[\s(]|\[[\"']exec[\"']\]|\bshellexecute\b|\bstart-process\b|\binvoke-(?:item|expression)\b",
    r"\bwin32_process\b|\brundll32\b|\bregsvr32\b|\bwscript(?:\.exe)?\s|\bmshta\b|(?:^|[\n&(])\s{0,40}start\s{1,4}(?:/|\"|%|\w:)",
    r"(?:^|[\n&(])\s{0,40}call\s{1,4}[^\s:]|(?<![\w.$-])iex\b|\bdiagnostics\.process\b|\|\s{0,4}(?:ba|z)?sh\b",
)
"""What starts a file that was just saved, or text that was just fetched."""

SAVE_CALL = _sign(
    "savetofile|download|-outfile| -o|invoke-expression|iex|writeallbytes|urlcache|/transfer|urldownloadto|"
    "bitstransfer|curl|sh",
    r"\bsavetofile\b|\bdownload(?:file|string|data)\b|-outfile\b|\bwriteallbytes\b|[-/]urlcache\b|/transfer\b",
    r"\biwr\b[^\n]{0,200}\s-o(?:ut)?\b|\burldownloadtofile|\bstart-bitstransfer\b|\bcurl\b[^\n]{0,200}(?:\s-o|>)|\|\s{0,4}(?:ba|z)?sh\b",
    r"\b(?:invoke-expression|iex)\b[^\n]{0,200}\b(?:iwr|irm|invoke-webrequest|invoke-restmethod|curl|wget)\b",
)
"""What keeps or passes on what was fetched."""

ENCODED = _sign(
    " -e| /e|frombase64string",
    r"(?<![\w-])[-/\u2013\u2014]e(?:c|nc?|nco|ncod|ncode|ncoded|ncodedc[a-z]{0,6})?\s{1,8}[\"']?[a-z0-9+/]{40,}",
    r"\bfrombase64string\s{0,4}\(\s{0,4}[\"'][a-z0-9+/=\s]{40,}",
)
"""Commands that PowerShell gets encoded."""

RUNS_ANSWER = _sign(
    "execute|eval(",
    r"(?:^|[\n:])\s{0,40}execute(?:global)?[ \t(][^;\n]{1,200}\n|\beval\s{0,4}\([^\n;]{0,80}\bresponse",
)
"""What runs the answer of a server, in a script of the Windows Script Host."""

DECODES_FILE = _sign(
    "certutil",
    r"\bcertutil(?:\.exe)?\b[^\n]{0,80}[-/]decode(?:hex)?\b",
)
"""What writes an encoded part of a script to a file."""

DECODES = _sign(
    "atob|frombase64|bin.base64|bin.hex|-decode|charcode|chr|unescape|decodeuri|nodetypedvalue|fromhexstring|-bxor|"
    " xor |createdecryptor|gzipstream|deflatestream|parseint|convertto-securestring",
    r"\batob\b|frombase64|bin\.base64|bin\.hex|[-/]decode\b|charcode|\bchrw?\s{0,4}\(|\bunescape\b|decodeuri|nodetypedvalue|fromhexstring",
    r"-bxor\b|\sxor\s|createdecryptor|gzipstream|deflatestream|\bparseint\b|convertto-securestring",
)
"""What undoes an encoding at run time."""

HOST = _sign(
    "wscript|activexobject|createobject|getobject", r"\bwscript\b|\bactivexobject\b|\bcreateobject\b|\bgetobject\b"
)
"""The Windows Script Host's own objects."""
