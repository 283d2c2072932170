"""What a command line starts and fetches: script hosts, the system's own tools that run other people's code, addresses.

The vocabulary is that of the LOLBAS project's categories (execute, download, bypass), by the programs' own names.
"""

import re

SCRIPT_HOSTS = frozenset({"cmd", "powershell", "pwsh", "powershell_ise", "wscript", "cscript", "mshta", "bash", "wsl"})
"""Programs that run what their command line says."""
_PROXIES = """
cmstp conhost control explorer forfiles hh ieexec installutil mavinject mmc msbuild msdt msiexec odbcconf pcalua
presentationhost regasm regsvcs regsvr32 rundll32 schtasks scriptrunner wmic
"""
PROXIES = frozenset(_PROXIES.split())
"""Programs of the system that can be told to run something else."""
FETCHERS = frozenset(
    {"bitsadmin", "certutil", "curl", "desktopimgdownldr", "finger", "ftp", "scp", "ssh", "tftp", "wget"}
)
"""Programs of the system that can be told to fetch something."""
EVERYDAY = frozenset({"control", "explorer", "finger", "ftp", "hh", "mmc", "schtasks", "scp", "ssh"})
"""Those that honest shortcuts start as well, with nothing more to say about it."""

SCRIPT_SUFFIXES = frozenset({".hta", ".js", ".jse", ".ps1", ".psm1", ".sct", ".vbe", ".vbs", ".wsf", ".wsh", ".xsl"})
"""What script hosts run, by suffix; batch files are left out, honest shortcuts start them all the time."""
_ACTIVE = """
.application .appref-ms .appx .bat .chm .cmd .com .cpl .diagcab .dll .exe .gadget .img .inf .iso .jar .library-ms .lnk
.msi .msix .msp .mst .ocx .pif .reg .scr .search-ms .settingcontent-ms .url .vhd .vhdx .wll .xll
"""
ACTIVE_SUFFIXES = SCRIPT_SUFFIXES | frozenset(_ACTIVE.split())
"""What runs, installs or leads to something that runs when it is opened."""

OPENERS = frozenset({"cmd", "conhost", "control", "explorer", "forfiles", "pcalua", "rundll32"})
"""Those that, given an address, hand it to the browser."""

_NAMES = "|".join(sorted(SCRIPT_HOSTS | PROXIES | FETCHERS, key=lambda name: (-len(name), name)))
_PROGRAM = re.compile(rf"(?i)(?<![\w.-])(?:{_NAMES})(?=(?:\.exe)?(?![\w.-]))")
_URL = re.compile(
    r"(?i)(?:\b|(?<=[/-]i))(?:https?|ftps?|file|search-ms|ms-search|webdav)://?[^\s\"'<>|^`(){}\[\],;]{3,2048}"
)
_UNC = re.compile(r"(?<![\w\\:])\\\\(?![?.]\\)([\w.$%@-]{1,253})\\([^\s\"'<>|?*;,&]{1,1024})")
_SCRIPT_FILE = re.compile(r"(?i)\.(?:vbs|vbe|jse?|wsf|wsh|hta|ps1|psm1|sct|xsl)(?![\w.-])")
_FETCH = re.compile(
    r"(?i)Download(?:String|File|Data)|\bInvoke-(?:WebRequest|RestMethod)\b|(?<![\w-])(?:iwr|irm)(?![\w-])|Start-BitsTransfer"
    r"|Net\.WebClient|[-/]urlcache\b|\bbitsadmin\b.{0,64}/transfer|\bMsXml2\.|\bWinHttp\b|URLDownloadToFile"
)
_RUN_TEXT = re.compile(r"(?i)(?<![\w-])(?:iex|Invoke-Expression)(?![\w-])|\.Invoke\(|Add-Type\b|Reflection\.Assembly")
_WRITABLE = re.compile(
    r"(?i)(?:%(?:temp|tmp|appdata|localappdata|programdata|public|allusersprofile|userprofile|homepath)%|\$env:(?:temp|tmp"
    r"|appdata|localappdata|programdata|public|userprofile)|\\(?:programdata|appdata|users\\+public|windows\\+temp|temp"
    r"|tmp|downloads|perflogs|\$recycle\.bin))[\\/][^\"'<>|&\r\n]{0,200}?\.(?:exe|com|scr|pif|dll|cpl|ocx|msi|vb[se]|jse?"
    r"|ws[fh]|hta|ps1|sct|bat|cmd|jar|dat|tmp|lnk)(?![\w.-])"
)
_WEBDAV = re.compile(r"(?i)@ssl|@\d{1,5}(?:[\\/]|$)|davwwwroot")
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")

_PRIVATE = re.compile(r"(?:10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2,3}$")
_LOOPBACK = re.compile(r"(?i)(?<!\w)\w+://(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?:[:/?#]|$)")


def program_of(path: str) -> str:
    r"""Name of a program from its path, in lower case and without ``.exe``: ``C:\Windows\CMD.exe`` is ``cmd``."""
    name = re.split(r"[\\/]", path.strip().strip('"').rstrip("\\/. "))[-1].lower()
    if name == "%comspec%":
        return "cmd"
    return name.removesuffix(".exe").removesuffix(".com")


def suffix_of(path: str) -> str:
    """Suffix of a path or an address in lower case, with its dot; empty when there is none."""
    name = re.split(r"[\\/]", re.split(r"[?#]", path.strip().strip('"').rstrip(". "))[0])[-1].lower()
    return name[name.rfind(".") :] if "." in name else ""


def programs_in(text: str) -> tuple[str, ...]:
    """Script hosts and tools that a text names as words, in lower case, each once, in order."""
    return tuple(dict.fromkeys(one.group().lower() for one in _PROGRAM.finditer(text)))


def script_files_in(text: str) -> tuple[str, ...]:
    """Names of script files in a text, each once, in order."""
    names = []
    for one in _SCRIPT_FILE.finditer(text):
        before = re.split(r"[\s\"'<>|&()=,]", text[max(one.start() - 260, 0) : one.start()])[-1]
        names.append(before + one.group())
    return tuple(dict.fromkeys(names))


def writable_in(text: str) -> str:
    """The first script or program in a text that lies in a folder anybody can write to, or empty."""
    found = _WRITABLE.search(text)
    return found.group() if found else ""


def addresses_in(text: str) -> tuple[str, ...]:
    """URLs in a text, each once, in order."""
    return tuple(dict.fromkeys(one.group().rstrip(".,\\") for one in _URL.finditer(text)))


def shares_in(text: str) -> tuple[str, ...]:
    r"""``\\server\share\...`` paths in a text, each once, in order."""
    return tuple(dict.fromkeys(one.group() for one in _UNC.finditer(text)))


def server_of(path: str) -> str:
    r"""The server of a UNC path or a ``file:`` URL, without port or ``@SSL``; empty when it is local."""
    local = re.sub(r"(?i)^(?:file|webdav):", "", path.strip().strip('"')).replace("/", "\\")
    if not local.startswith("\\\\"):
        return ""
    server = local.lstrip("\\").split("\\", 1)[0]
    server = server.split("@", 1)[0] if _WEBDAV.search(server) else server
    return "" if server in ("", "?", ".") or re.fullmatch(r"[A-Za-z][:|]", server) else server


def is_webdav(path: str) -> bool:
    """True when a path goes over HTTP: ``@SSL``, ``@80``, ``DavWWWRoot``."""
    return _WEBDAV.search(path) is not None


def is_numeric(server: str) -> bool:
    """True when a server goes by its IPv4 address."""
    return _ADDRESS.fullmatch(server) is not None


def is_inside(server: str) -> bool:
    """True when a server is one of the own network: a name without dots, or a private IPv4 address (RFC 1918)."""
    return "." not in server or _PRIVATE.match(server) is not None


def is_own_machine(address: str) -> bool:
    """True for a URL that leads to the machine itself."""
    return _LOOPBACK.match(address) is not None


def fetches(text: str) -> str:
    """The words with which a text fetches something, or empty."""
    found = _FETCH.search(text)
    return found.group() if found else ""


def runs_text(text: str) -> str:
    """The words with which a text runs another text as code, or empty."""
    found = _RUN_TEXT.search(text)
    return found.group() if found else ""
