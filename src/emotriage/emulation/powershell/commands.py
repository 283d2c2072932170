"""What PowerShell reaches outside with: programs, objects, methods and static methods, and what they answer."""

import re
from typing import Any

from emotriage.emulation.effects import Ran
from emotriage.emulation.literals import as_text
from emotriage.emulation.powershell import dotnet
from emotriage.emulation.powershell.nodes import Node, Walk
from emotriage.emulation.powershell.parser import parse
from emotriage.emulation.powershell.regexes import method_affordable
from emotriage.emulation.powershell.secured import credential, plain
from emotriage.emulation.powershell.values import Method, Script, Thing, Type, Value, items_of, text_of
from emotriage.emulation.vba.values import UNKNOWN, Unknown

Shell = Any
"""The evaluator; it imports this module."""
_PROGRAM = re.compile(r"(?i)(?:^|[\\/\"' ])(?:powershell|pwsh)(?:\.exe)?[\"']?(?=\s|$)")
_ENCODED = re.compile(
    r"(?i)[-/\u2013\u2014]e(?:c|n(?:c(?:o(?:d(?:e(?:d(?:c(?:o(?:m(?:m(?:a(?:n(?:d)?)?)?)?)?)?)?)?)?)?)?)?)?\s+[\"']?([A-Za-z0-9+/=]{8,})"
)
_COMMAND = re.compile(r"(?i)[-/\u2013\u2014]c(?:o(?:m(?:m(?:a(?:n(?:d)?)?)?)?)?)?\s+(.*)\Z", re.DOTALL)
_SWITCH = re.compile(
    r"\s*[-/\u2013\u2014][A-Za-z]{1,20}(?:\s+(?:hidden|bypass|unrestricted|remotesigned|1|sta|[\"']?\w{1,12}[\"']?(?=\s+[-/])))?(?=\s|$)",
    re.IGNORECASE,
)


def quoted(value: Value) -> str:
    """A value as an argument of a command line."""
    text = text_of(value)
    return f'"{text}"' if " " in text and not text.startswith("-") else text


def started(shell: Shell, line: str, by: str, piped: Value = None) -> Walk:
    """A program is started; PowerShell in turn is given its command."""
    line = line.strip()[:32768]
    if not line:
        return UNKNOWN
    shell.note("start", line, by)
    if _PROGRAM.search(line):
        inner = inner_command(line)
        if not inner and piped is not None:
            inner = text_of(piped)
        if inner:
            yield shell.code(inner, "powershell")
    return UNKNOWN


def inner_command(line: str) -> str:
    """What a command line tells PowerShell to run."""
    found = _PROGRAM.search(line)
    rest = line[found.end() :] if found else line
    if (encoded := _ENCODED.search(rest)) is not None:
        data = dotnet.decoded(encoded[1])
        text = "" if isinstance(data, Unknown) else data.decode("utf-16-le", "replace")
        return text if text.isascii() or isinstance(data, Unknown) else as_text(data) or text
    if (command := _COMMAND.search(rest)) is not None:
        return _bare(command[1])
    at = 0
    while (switch := _SWITCH.match(rest, at)) is not None and switch.end() > at:
        at = switch.end()
    return _bare(rest[at:])


def _bare(text: str) -> str:
    text = text.strip()
    if (
        len(text) > 1
        and text[0] == text[-1]
        and text[0] in "\"'"
        and text[0] not in text[1:-1].replace("\\" + text[0], "")
    ):
        return text[1:-1].replace('\\"', '"')
    if text[:1] == '"' and '"' not in text[1:].replace('\\"', ""):  # never closed: it goes to the end of the line
        text = text[1:]
    return text.replace('\\"', '"')


def method(shell: Shell, owner: Value, name: str, args: list[Value], *, static: bool) -> Walk:
    """``owner.name(args)`` and ``[type]::name(args)``."""
    if isinstance(owner, Method) and name == "invoke":
        return (yield method(shell, owner.owner, owner.name, args, static=False))
    if isinstance(owner, Script) and name in ("invoke", "invokereturnasis", "invokewithcontext"):
        return (yield shell.called(owner, args, {}))
    if static or isinstance(owner, Type):
        kind = owner.name if isinstance(owner, Type) else text_of(owner).lower().removeprefix("system.")
        return (yield _static(shell, kind, name, args))
    if isinstance(owner, Thing):
        if dotnet.fetches(name) and not owner.kind.startswith("stream"):
            return _fetched(shell, f"{owner.kind}.{name}", args)
        if name in ("run", "exec", "shellexecute", "create", "start") and owner.kind not in ("stream", "encoding"):
            file = text_of(owner.fields.get("filename"))
            line = " ".join(text_of(one) for one in args[:2] if isinstance(one, str)) or file
            return (yield started(shell, line, f"{owner.kind}.{name}"))
        if name in ("invokescript", "newscriptblock") and args:
            return (yield shell.code(text_of(args[0]), name))
        if owner.kind.endswith(".invoke") or name == "invoke":
            called = owner.kind.removesuffix(".invoke").rpartition(".")
            return (yield method(shell, Thing(called[0]), called[2], args, static=False)) if called[0] else UNKNOWN
    if isinstance(owner, str) and name == "invoke" and args:
        return UNKNOWN
    if (text := plain(owner, name, args)) is not None:
        return text
    if name == "replace" and len(args) > 1 and isinstance(owner, str):
        args = [text_of(one) for one in args]
    return dotnet.invoked(owner, name, args, shell.budget)


def _static(shell: Shell, kind: str, name: str, args: list[Value]) -> Walk:
    if name == "new":
        return made_object(shell, kind, args)
    if kind == "scriptblock" and name == "create" and args:
        return Script(_parsed(shell, text_of(args[0])), text_of(args[0]))
    if kind == "diagnostics.process" and name == "start":
        return (yield started(shell, " ".join(quoted(one) for one in args), "Process.Start"))
    if kind in ("reflection.assembly", "appdomain") and name in ("load", "loadfile", "loadfrom", "unsafeloadfrom"):
        data = args[0] if args else None
        content = data.decode("latin-1") if isinstance(data, bytes) else ""
        shell.note("write", "assembly.dll", f"{kind}.{name}", content)
        return Thing("assembly")
    if kind == "io.file" and name.startswith("write") and args:
        data = args[1] if len(args) > 1 else ""
        shell.note(
            "write", args[0], f"{kind}.{name}", data.decode("latin-1") if isinstance(data, bytes) else text_of(data)
        )
        return None
    if kind in ("net.webrequest", "net.httpwebrequest") and name == "create":
        return _fetched(shell, f"{kind}.{name}", args)
    if kind == "activator" and name == "createinstance" and args:
        return made_object(shell, text_of(args[0]), args[1:])
    if kind == "type" and name in ("gettypefromprogid", "gettypefromclsid") and args:
        shell.note("object", args[0], f"{kind}.{name}")
        return Type(text_of(args[0]).lower())
    if (text := plain(kind, name, args)) is not None:
        return text
    return dotnet.static(kind, name, args, shell.budget) if method_affordable(shell, kind, name, args) else UNKNOWN


def _parsed(shell: Shell, text: str) -> Node:
    shell.layers.append(Ran(text, "scriptblock"))
    return parse(text, shell.budget)


def made_object(shell: Shell, kind: str, args: list[Value]) -> Value:
    """An object of a class; those that fetch or start something are noted."""
    low = kind.lower().removeprefix("system.")
    if any(word in low for word in ("webclient", "webrequest", "xmlhttp", "shell", "process", "httpclient", "winhttp")):
        shell.note("object", kind, "New-Object")
    return credential(low, args) or dotnet.made(low, args, shell.budget)


def _fetched(shell: Shell, by: str, args: list[Value]) -> Value:
    texts = [text_of(item) for one in args for item in items_of(one)]
    address = next((one for one in texts if "://" in one[:12]), "")
    shell.note("fetch", address, by)
    if "file" in by.lower() and len(texts) > 1:
        shell.note("write", texts[-1], by)
    return UNKNOWN
