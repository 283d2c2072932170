"""Commands of PowerShell, by their names, aliases and wildcards: what they note, and what they answer."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emotriage.emulation.powershell.commands import made_object, method, quoted, started
from emotriage.emulation.powershell.nodes import Walk
from emotriage.emulation.powershell.regexes import affordable
from emotriage.emulation.powershell.secured import to_secure_string
from emotriage.emulation.powershell.values import Script, Thing, Value, items_of, like, pattern, text_of, truth
from emotriage.emulation.vba.values import UNKNOWN, Unknown

Shell = Any
"""The evaluator; it imports this module."""
_ALIASES = {
    "iex": "invoke-expression", "%": "foreach-object", "foreach": "foreach-object", "?": "where-object",
    "where": "where-object", "iwr": "invoke-webrequest", "curl": "invoke-webrequest", "wget": "invoke-webrequest",
    "irm": "invoke-restmethod", "saps": "start-process", "start": "start-process", "sv": "set-variable",
    "set": "set-variable", "nv": "new-variable", "gv": "get-variable", "variable": "get-variable", "si": "set-item",
    "gi": "get-item", "item": "get-item", "ls": "get-childitem", "dir": "get-childitem", "gci": "get-childitem",
    "childitem": "get-childitem", "gcm": "get-command", "command": "get-command", "sal": "set-alias",
    "nal": "new-alias", "echo": "write-output", "write": "write-output", "icm": "invoke-command",
    "ii": "invoke-item", "sls": "select-string", "sort": "sort-object", "select": "select-object",
    "iwmi": "invoke-wmimethod", "sc": "set-content", "gal": "get-alias", "alias": "get-alias", "gc": "get-content",
    "cat": "get-content", "type": "get-content", "sleep": "start-sleep", "oh": "out-host", "measure": "measure-object",
}  # fmt: skip
_KNOWN = (
    "invoke-expression", "invoke-webrequest", "invoke-restmethod", "invoke-command", "invoke-item", "new-object",
    "start-process", "foreach-object", "where-object", "set-variable", "get-variable", "set-item", "get-item",
    "get-command", "write-output", "write-host", "out-string", "set-alias", "start-bitstransfer", "get-childitem",
    "iex", "iwr", "irm", "get-content", "get-random", "start-sleep", "out-null",
)  # fmt: skip
_CMDLET = re.compile(r"[a-z]{2,20}-[a-z]\w{1,60}|class|using|enum|workflow|configuration")
_TAKES_VALUE = frozenset({"erroraction", "outvariable", "scope", "option", "name", "value", "ea"})


@dataclass(frozen=True, slots=True)
class Line:
    """What a command is given.

    Attributes:
        args: positional arguments, and those of switches of which nobody knows whether they take one.
        named: arguments by the lower-case name of their switch; True for one that has none.
        piped: what is piped into it.
        pipes: something is.
    """

    args: list[Value]
    named: dict[str, Value]
    piped: Value
    pipes: bool


def call(shell: Shell, callee: Value, given: list[tuple[bool, Value]], *, piped: Value, pipes: bool) -> Walk:
    """A command.

    Args:
        shell: the evaluator.
        callee: its name, or a block.
        given: (whether it stands as a bare word or constant, value) of each argument.
        piped: what is piped into it.
        pipes: something is.
    """
    values = [one for _, one in given]
    if isinstance(callee, Script):
        return (yield shell.called(callee, values, {}, piped))
    if isinstance(callee, list) and len(callee) == 1:
        callee = callee[0]
    if isinstance(callee, Thing) and callee.kind == "command":
        callee = text_of(callee.fields.get("name"))
    word = text_of(callee).strip().lower()
    if not word:
        return UNKNOWN
    positional, named = _arguments(given)
    if word in shell.functions:
        return (yield shell.called(shell.functions[word], positional, named, piped))
    line = Line(positional, named, piped, pipes)
    name = shell.aliases.get(word, word)
    name = _ALIASES.get(name, name)
    if (does := _COMMANDS.get(name.removesuffix(".exe"))) is not None:
        return (yield does(shell, name, line))
    if f"get-{name}" in _COMMANDS:
        return (yield _COMMANDS[f"get-{name}"](shell, name, line))
    if _CMDLET.fullmatch(word):
        return UNKNOWN
    whole = " ".join([text_of(callee).strip(), *(quoted(one) for one in values)])
    return (yield started(shell, whole, "command", piped))


def _arguments(given: list[tuple[bool, Value]]) -> tuple[list[Value], dict[str, Value]]:
    """(positional, named) arguments of a command."""
    positional: list[Value] = []
    named: dict[str, Value] = {}
    last = ""
    for bare, one in given:
        if bare and isinstance(one, str) and re.fullmatch(r"[-\u2013\u2014][A-Za-z]\w{0,40}:?", one):
            last = one[1:].rstrip(":").lower()
            named[last] = True
        elif last:
            named[last] = one
            if last not in _TAKES_VALUE:
                positional.append(one)
            last = ""
        else:
            positional.append(one)
    return positional, named


def _expression(shell: Shell, name: str, line: Line) -> Walk:
    """``Invoke-Expression`` and ``Invoke-Command``: text or a block that is run."""
    given = [
        *line.args,
        *(one for key, one in line.named.items() if key.startswith(("c", "s")) and one not in line.args),
    ]
    value = given[0] if given else line.piped
    if isinstance(value, Script):
        return (yield shell.called(value, [], {}))
    if isinstance(value, Unknown | Thing):
        return UNKNOWN
    text = "\n".join(text_of(one) for one in items_of(value)) if isinstance(value, list) else text_of(value)
    return (yield shell.code(text, name)) if text.strip() else UNKNOWN


def _each(shell: Shell, _: str, line: Line) -> Walk:
    out: list[Value] = []
    blocks = [one for one in line.args if isinstance(one, Script)]
    if not blocks:
        member = text_of(line.args[0]).lower() if line.args else ""
        for one in items_of(line.piped)[:10_000]:
            out.append((yield method(shell, one, member, line.args[1:], static=False)))  # noqa: PERF401  a walk yields
        return out
    held = shell.variables.get("_")
    for one in items_of(line.piped)[:100_000]:
        shell.variables["_"] = one
        shell.variables["psitem"] = one
        for block in blocks:
            out += items_of((yield shell.value(block.body)))
    shell.variables["_"] = held
    return out[0] if len(out) == 1 else out


def _where(shell: Shell, _: str, line: Line) -> Walk:
    block = next((one for one in line.args if isinstance(one, Script)), None)
    if block is None:
        return line.piped
    out = []
    for one in items_of(line.piped)[:100_000]:
        shell.variables["_"] = one
        known = truth((yield shell.value(block.body)))
        if known is not False:
            out.append(one)
    return out


def _new_object(shell: Shell, _: str, line: Line) -> Walk:
    yield from ()
    rest = [one for one in line.args if one is not None]
    com = next((line.named[key] for key in line.named if key.startswith("com")), None)
    if com is not None:
        shell.note("object", com, "New-Object")
        return Thing(text_of(com).lower())
    kind = next((line.named[key] for key in line.named if key.startswith("t")), rest[0] if rest else "")
    given = rest[1:] if rest and rest[0] == kind else rest
    flat = [item for one in given for item in (one if isinstance(one, list) and len(given) == 1 else [one])]
    return made_object(shell, text_of(kind), flat)


def _start(shell: Shell, name: str, line: Line) -> Walk:
    file = next((line.named[key] for key in line.named if key.startswith("f")), line.args[0] if line.args else "")
    rest = [
        one
        for one in line.args
        if one is not file and text_of(one).lower() not in ("hidden", "runas", "minimized", "open")
    ]
    whole = " ".join([quoted(file), *(text_of(one) for one in rest)])
    return (yield started(shell, whole, name))


def _web(shell: Shell, name: str, line: Line) -> Walk:
    yield from ()
    texts = [
        text_of(item) for one in [*line.args, *line.named.values()] for item in items_of(one) if isinstance(item, str)
    ]
    address = next((one for one in texts if "://" in one[:12]), texts[0] if texts else "")
    shell.note("fetch", address, name)
    target = next((line.named[key] for key in line.named if key.startswith(("o", "des"))), None)
    if isinstance(target, str):
        shell.note("write", target, name)
    return UNKNOWN


def _set_variable(shell: Shell, _: str, line: Line) -> Walk:
    yield from ()
    rest = list(line.args)
    name = line.named["name"] if "name" in line.named else line.named.get("n", rest.pop(0) if rest else "")
    value = line.named.get("value", line.named.get("v", rest[0] if rest else line.piped if line.pipes else None))
    word = text_of(name).lower()
    word = word if word.startswith("env:") else word.rpartition(":")[2]
    if text_of(name).lower().startswith("alias:"):
        shell.aliases[word] = text_of(value).lower()
    else:
        shell.variables[word.strip("\\/")] = value
    return None


def _get_variable(shell: Shell, name: str, line: Line) -> Walk:
    yield from ()
    word = text_of(line.named.get("name", line.args[0] if line.args else "")).lower()
    plain = word if word.startswith("env:") else word.rpartition(":")[2].strip("\\/")
    if "*" in plain or "?" in plain:
        known = [one for one in shell.variables if _alike(one, plain)]
        plain = known[0] if known else plain
    value = shell.named(plain)
    if name == "get-item" and not word.startswith(("variable:", "env:")):
        return UNKNOWN
    short = next((key for key in line.named if key.startswith("val")), "")
    return value if short else Thing("variable", {"value": value, "name": plain})


def _alike(name: str, wanted: str) -> bool:
    return like(name[:80], wanted[:80])


def _get_command(_: Shell, __: str, line: Line) -> Walk:
    yield from ()
    wanted = text_of(line.named.get("name", line.args[0] if line.args else "")).lower()
    found = [one for one in _KNOWN if _alike(one, wanted)]
    name = found[0] if found else wanted
    return Thing("command", {"name": name, "value": name, "definition": _ALIASES.get(name, name)})


def _set_alias(shell: Shell, _: str, line: Line) -> Walk:
    yield from ()
    name = text_of(line.named.get("name", line.args[0] if line.args else "")).lower()
    value = text_of(line.named.get("value", line.args[1] if len(line.args) > 1 else "")).lower()
    shell.aliases[name] = value
    return None


def _output(_: Shell, __: str, line: Line) -> Walk:
    yield from ()
    return line.piped if line.pipes and not line.args else line.args[0] if len(line.args) == 1 else line.args or None


def _string(_: Shell, __: str, line: Line) -> Walk:
    yield from ()
    return "\r\n".join(text_of(one) for one in items_of(line.piped if line.piped is not None else line.args))


def _written(shell: Shell, name: str, line: Line) -> Walk:
    yield from ()
    path = next(
        (line.named[key] for key in line.named if key.startswith(("f", "p", "l"))), line.args[0] if line.args else ""
    )
    value = line.named.get("value", line.piped if line.pipes else line.args[1] if len(line.args) > 1 else "")
    shell.note("write", path, name, value.decode("latin-1") if isinstance(value, bytes) else text_of(value))
    return None


def _nothing(*_: Value) -> Walk:
    yield from ()
    return None


def _sleep(shell: Shell, _: str, __: Line) -> Walk:
    yield from ()
    shell.slept += 1
    return None


def _unknown(*_: Value) -> Walk:
    yield from ()
    return UNKNOWN


def _select(_: Shell, __: str, line: Line) -> Walk:
    yield from ()
    if any(key.startswith("e") for key in line.named) or line.args:
        return line.piped
    return line.piped


def _select_string(shell: Shell, _: str, line: Line) -> Walk:
    yield from ()
    if line.args and not affordable(shell, line.args[0], items_of(line.piped)):
        return UNKNOWN
    wanted = pattern(text_of(line.args[0])) if line.args else None
    return [one for one in items_of(line.piped) if wanted is None or wanted.search(text_of(one))]


def _sorted(_: Shell, __: str, line: Line) -> Walk:
    yield from ()
    if any(key.startswith("d") for key in line.named):
        return list(reversed(items_of(line.piped)))
    return sorted(items_of(line.piped), key=text_of)


_COMMANDS: dict[str, Callable[..., Walk]] = {
    "invoke-expression": _expression, "invoke-command": _expression, "foreach-object": _each, "where-object": _where,
    "new-object": _new_object, "start-process": _start, "invoke-item": _start, "invoke-webrequest": _web,
    "invoke-restmethod": _web, "start-bitstransfer": _web, "set-variable": _set_variable,
    "new-variable": _set_variable, "set-item": _set_variable, "get-variable": _get_variable, "get-item": _get_variable,
    "get-childitem": _get_variable, "get-command": _get_command, "get-alias": _get_command, "set-alias": _set_alias,
    "new-alias": _set_alias, "write-output": _output, "write-host": _nothing, "out-string": _string,
    "out-null": _nothing, "out-file": _written, "set-content": _written, "add-content": _written, "add-type": _nothing,
    "start-sleep": _sleep, "get-content": _unknown, "get-random": _unknown, "get-date": _unknown, "exit": _nothing,
    "set-executionpolicy": _nothing, "set-location": _nothing, "cd": _nothing, "test-path": _unknown,
    "select-object": _select, "select-string": _select_string, "sort-object": _sorted, "remove-item": _nothing,
    "get-wmiobject": _unknown, "set-strictmode": _nothing, "import-module": _nothing, "get-process": _unknown,
    "join-path": _output, "split-path": _output, "convertto-securestring": to_secure_string, "measure-object": _unknown,
    "get-host": _unknown, "clear-host": _nothing, "stop-process": _nothing, "new-item": _nothing,
    "set-itemproperty": _nothing, "new-itemproperty": _nothing, "write-error": _nothing, "write-warning": _nothing,
    "write-verbose": _nothing, "out-host": _nothing, "read-host": _unknown, "get-service": _unknown,
}  # fmt: skip
