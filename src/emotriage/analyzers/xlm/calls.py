"""What one call in a macro sheet amounts to: what it starts, which library it calls, what it writes."""

import re
from collections.abc import Iterator

from emotriage.catalogue import xlm as rules
from emotriage.emulation import programs
from emotriage.emulation.xlm.expression import Call
from emotriage.emulation.xlm.values import GAP
from emotriage.model.finding import Rule

RUNNERS = frozenset({"EXEC", "EXECUTE", "CALL", "REGISTER", "REGISTER.ID", "INITIATE", "SEND.KEYS"})
"""What starts or steers programs; its texts are read as commands."""

_SIMPLE: dict[str, Rule] = {
    "EXECUTE": rules.TALKS_TO_PROGRAM,
    "POKE": rules.TALKS_TO_PROGRAM,
    "FWRITE": rules.WRITES_FILE,
    "FWRITELN": rules.WRITES_FILE,
    "WORKBOOK.HIDE": rules.COVERS_TRACKS,
    "FILE.DELETE": rules.COVERS_TRACKS,
}
_LIBRARIES = frozenset({"CALL", "REGISTER", "REGISTER.ID"})
_OPENERS = frozenset({"OPEN", "OPEN.LINKS", "OPEN.TEXT"})
_NAMES = """
charmap clipbrd excel msaccess mspaint notepad pbrush powerpnt project sol winfile winhelp winhlp32
winproj winword word wordpad write
"""
_ACCESSORIES = frozenset(_NAMES.split())
"""Programs that honest macros start, which do nothing by themselves."""

FETCHING = re.compile(
    r"(?i)URLDownloadToFile[AW]?|URLDownloadToCacheFile[AW]?|URLOpen(?:Blocking)?Stream[AW]?|InternetOpenUrl[AW]?"
    r"|InternetReadFile(?:Ex[AW]?)?|HttpSendRequest(?:Ex)?[AW]?|WinHttp(?:Open|Connect|OpenRequest|SendRequest)"
    r"|FtpGetFile[AW]?"
)
"""Functions of the system that fetch something."""
RUNNING = re.compile(
    r"(?i)WinExec|ShellExecute(?:Ex)?[AW]?|CreateProcess(?:AsUser|WithLogon|WithToken)?[AW]?|LoadLibrary(?:Ex)?[AW]?"
    r"|GetProcAddress|VirtualAlloc(?:Ex)?(?:Numa)?|VirtualProtect(?:Ex)?|WriteProcessMemory|CreateRemoteThread(?:Ex)?"
    r"|CreateThread|QueueUserAPC|(?:Rtl)?(?:Move|Copy)Memory|NtAllocateVirtualMemory|HeapCreate|SetThreadContext"
    r"|EnumSystemLocales[AW]?|CreateTimerQueueTimer|CertEnumSystemStore|DllRegisterServer|DllInstall|memcpy"
)
"""Functions of the system that start programs, or put code into memory."""
_FUNCTION = re.compile(r"[A-Za-z_][\w@?$]{1,127}")
_LIBRARY = re.compile(r"(?i)[\w $~-]{1,64}\.(?:dll|xll|drv|ocx|exe)\s*")
_WEB_LIBRARY = re.compile(r"(?i)(?:.*[\\/])?(?:urlmon|wininet|winhttp|inseng|ieframe|shdocvw|msxml\d?)(?:\.dll)?")
_INSTALLER = re.compile(r"(?i)(?:.*[\\/])?inseng(?:\.dll)?")  # whose function for that has an everyday name
_ODD_PLACE = re.compile(r"(?i)[\\/](?:temp|tmp|appdata|programdata|public)[\\/]|^\s*\.\.|://|^\s*\\\\")


def judge_call(call: Call) -> Iterator[Rule]:
    """The rules that apply to a call whatever its texts say; what they say is judged where texts are."""
    if call.name in _SIMPLE:
        yield _SIMPLE[call.name]
    elif call.name == "EXEC":
        yield rules.STARTS_ACCESSORY if _is_accessory(call.texts[:1]) else rules.EXECUTES
    elif call.name == "INITIATE":
        unknown = not call.texts or GAP in call.texts[0]
        yield rules.EXECUTES if unknown else rules.TALKS_TO_PROGRAM
    elif call.name in _LIBRARIES:
        if call.name != "CALL" or not (call.texts and call.texts[0].isdecimal()):  # a number that REGISTER gave
            yield rules.NAMES_LIBRARY if _is_plain_library(call) else rules.CALLS_LIBRARY
        if _INSTALLER.fullmatch(call.texts[0] if call.texts else "") and call.texts[1:2] == ("DownloadFile",):
            yield rules.DOWNLOADS
    elif call.name in _OPENERS and call.texts and programs.addresses_in(call.texts[0]):
        yield rules.OPENS_REMOTE


_COMMAND_AT = {
    "shellexecutea": (5, 6),
    "shellexecutew": (5, 6),
    "shellexecute": (5, 6),
    "winexec": (3,),
    "createprocessa": (3, 4),
    "createprocessw": (3, 4),
}
"""Which arguments of CALL are the command line, of functions that start programs."""


def command_of(call: Call) -> str:
    """The command line that a call starts, or empty."""
    if call.name == "EXEC" and call.texts:
        return call.texts[0]
    if call.name != "CALL" or len(call.texts) < 4:
        return ""
    places = _COMMAND_AT.get(call.texts[1].strip().lower(), ())
    return " ".join(call.texts[at] for at in places if at < len(call.texts) and call.texts[at] not in ("", "0")).strip()


def is_tame(call: Call) -> bool:
    """True for a call whose texts are no commands: of an everyday function, in a library that is not the web's."""
    if call.name not in _LIBRARIES:
        return call.name not in RUNNERS
    return _is_plain_library(call) and not _WEB_LIBRARY.fullmatch(call.texts[0])


def _is_accessory(texts: tuple[str, ...]) -> bool:
    """True for a command line of a program that does nothing by itself."""
    words = texts[0].replace('"', " ").split(maxsplit=1) if texts else []
    if not words or GAP in words[0] or programs.program_of(words[0]) not in _ACCESSORIES:
        return False
    return not (programs.programs_in(texts[0]) or programs.addresses_in(texts[0]) or programs.shares_in(texts[0]))


def _is_plain_library(call: Call) -> bool:
    """True when a call says which function it means, it is none to worry about, and the library is nowhere odd."""
    if len(call.texts) < 2:
        return False
    library, function = call.texts[0], call.texts[1]
    if not _FUNCTION.fullmatch(function) or FETCHING.fullmatch(function) or RUNNING.fullmatch(function):
        return False
    if GAP in library:  # a folder that is asked for, and the name of a library in it; or a choice of libraries
        tail = re.split(r"[\\/\ufffc]", library)[-1]
        return not tail or _LIBRARY.fullmatch(tail) is not None
    return bool(library) and not _ODD_PLACE.search(library)
