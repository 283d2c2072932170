"""Methods and properties of the Script Host's objects: what they note, and what they answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emotriage.emulation.jscript.values import LONGEST, Value, text_of
from emotriage.emulation.literals import from_base64
from emotriage.emulation.vba.values import UNKNOWN, Thing

Machine = Any
_FAMILIES = (
    ("xmlhttp", "http"), ("winhttp", "http"), ("adodb.stream", "stream"), ("adodb.recordset", "recordset"),
    ("shell.application", "application"), ("filesystemobject", "files"), ("dictionary", "dictionary"),
    ("xmldom", "xml"), ("domdocument", "xml"), ("winmgmts", "wmi"), ("swbem", "wmi"), ("win32_process", "wmi"),
    ("internetexplorer", "browser"), ("scriptcontrol", "script"), ("htmlfile", "page"), ("document", "page"),
    ("environment", "environment"), ("xml.node", "node"), ("textfile", "textfile"), ("shell.explorer", "browser"),
    ("mmc20", "mmc"), ("schedule.service", "tasks"), ("enumerator", "enumerator"), ("navigator", "navigator"),
)  # fmt: skip
MADE = {
    "72c24dd5-d70a-438b-8a42-98424b88afb8": "wscript.shell",
    "f935dc22-1cf0-11d0-adb9-00c04fd58a0b": "wscript.shell",
    "13709620-c279-11ce-a49e-444553540000": "shell.application",
    "0d43fe01-f093-11cf-8940-00a0c9054228": "scripting.filesystemobject",
    "f6d90f16-9c73-11d3-b32e-00c04f990bb4": "msxml2.xmlhttp",
    "88d96a0a-f192-11d4-a65f-0040963251e5": "msxml2.xmlhttp.6.0",
}
"""Classes by their CLSID, [MS-OAUT] ``new:`` moniker."""
READY: dict[str, Value] = {"readystate": 4, "status": 200, "statustext": "OK"}
"""What a server answers that does answer."""
_ENVIRONMENT: dict[str, Value] = {
    "comspec": r"%SystemRoot%\system32\cmd.exe",
    "os": "Windows_NT",
    "pathext": ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC",
    "windir": "%SystemRoot%",
}
_HEX = frozenset("0123456789abcdefABCDEF")
_FOLDERS = {0: "%WINDIR%", 1: r"%WINDIR%\System32", 2: "%TEMP%"}


@dataclass(frozen=True, slots=True)
class Call:
    """A method that is called.

    Attributes:
        machine: that calls it.
        owner: the object.
        name: in lower case.
        args: the arguments.
    """

    machine: Machine
    owner: Thing
    name: str
    args: list[Value]

    def text(self, index: int) -> str:
        """An argument as text, or nothing."""
        return text_of(self.args[index]) if index < len(self.args) and self.args[index] is not None else ""

    def note(self, kind: str, what: Value, detail: str = "") -> None:
        """Record an effect."""
        self.machine.world.note(self.machine, kind, what, f"{self.owner.kind}.{self.name}", detail)


def family_of(kind: str) -> str:
    """The family of classes that a class is of."""
    if kind.startswith("wscript.shell") and "environment" not in kind:
        return "shell"
    return next((family for word, family in _FAMILIES if word in kind), "")


def _started(call: Call) -> Value:
    """``Run`` and ``Exec``."""
    call.note(
        "start", call.args[0] if call.args else UNKNOWN, " ".join(call.text(one) for one in (1, 2) if call.text(one))
    )
    return Thing("process") if call.name == "exec" else 0


def _shell_execute(call: Call) -> Value:
    call.note("start", f"{call.text(0)} {call.text(1)}".strip(), " ".join(call.text(one) for one in (2, 3, 4)).strip())
    return 0


def _create(call: Call) -> Value:
    call.note("start", call.args[0] if call.args else UNKNOWN)
    return 0


def _execute_shell_command(call: Call) -> Value:
    call.note("start", f"{call.text(0)} {call.text(2)}".strip())
    return 0


def _open(call: Call) -> Value:
    """``open(method, address, async)``."""
    call.note("fetch", call.args[1] if len(call.args) > 1 else UNKNOWN, call.text(0))
    return None


def _fetched(call: Call) -> Value:
    call.note("fetch", call.args[0] if call.args else UNKNOWN)
    return None


def _nothing(_: Call) -> Value:
    return None


def _same(call: Call) -> Value:
    return call.args[0] if call.args else UNKNOWN


def _environment(call: Call) -> Value:
    name = call.text(0)
    return _ENVIRONMENT.get(name.lower(), f"%{name}%") if name else UNKNOWN


def _expanded(call: Call) -> Value:
    """``ExpandEnvironmentStrings``: names stay, so that they are read."""
    return call.args[0] if call.args else UNKNOWN


def _special_folder(call: Call) -> Value:
    which = call.args[0] if call.args else UNKNOWN
    if isinstance(which, str):
        return f"%{which}%"
    return _FOLDERS.get(which, "%TEMP%") if isinstance(which, int) else UNKNOWN


def _path(call: Call) -> Value:
    return "\\".join(one.strip("\\") for one in (call.text(0), call.text(1)) if one)


def _registry(call: Call) -> Value:
    call.note("registry", call.args[0] if call.args else UNKNOWN, call.text(1))
    return None


def _put(call: Call) -> Value:
    """``Write`` and ``WriteText`` of a stream."""
    held = call.owner.fields.get("\0held", "")
    if call.args and isinstance(call.args[0], str) and isinstance(held, str) and len(held) < LONGEST:
        call.machine.spend(len(held) >> 5)
        call.owner.fields["\0held"] = held + call.args[0] + ("\r\n" if call.name == "writeline" else "")
    return None


def _save(call: Call) -> Value:
    held = call.owner.fields.get("\0held")
    call.note("write", call.args[0] if call.args else UNKNOWN, held if isinstance(held, str) else "")
    return None


def _read(call: Call) -> Value:
    return call.owner.fields.get("\0held", UNKNOWN)


def _text_file(call: Call) -> Value:
    if call.name == "createtextfile" or call.text(1) in ("2", "8"):
        call.note("write", call.args[0] if call.args else UNKNOWN)
    return Thing("textfile", {"path": call.args[0] if call.args else UNKNOWN})


def _write(call: Call) -> Value:
    """``Write`` and ``WriteLine`` of a text file."""
    _put(call)
    held = call.owner.fields.get("\0held", "")
    path = text_of(call.owner.fields.get("path"))
    call.machine.world.rewritten(call.machine, path, held if isinstance(held, str) else "")
    return None


def _copied(call: Call) -> Value:
    call.note("write", call.args[1] if len(call.args) > 1 else UNKNOWN, call.text(0))
    return None


def _element(_: Call) -> Value:
    return Thing("xml.node")


def _node_value(owner: Thing) -> Value:
    text, how = owner.fields.get("text", owner.fields.get("nodetypedvalue")), text_of(owner.fields.get("datatype"))
    if not isinstance(text, str):
        return UNKNOWN
    if "base64" in how.lower():
        return from_base64("".join(text.split())).decode("latin-1")
    if "hex" in how.lower():
        digits = "".join(text.split())
        return UNKNOWN if len(digits) % 2 or set(digits) - _HEX else bytes.fromhex(digits).decode("latin-1")
    return text


def _put_item(call: Call) -> Value:
    if len(call.args) > 1 and len(call.owner.fields) < 4096:
        call.owner.fields[f"\0item {call.text(0)}"] = call.args[1]
    return None


def _item(call: Call) -> Value:
    return call.owner.fields.get(f"\0item {call.text(0)}", UNKNOWN)


def _page(call: Call) -> Value:
    call.note("page", "".join(text_of(one) for one in call.args))
    return None


def _made(kind: str) -> Callable[[Call], Value]:
    return lambda _: Thing(kind)


def _temporary(_: Call) -> Value:
    return "rad0A1B2.tmp"


def _base_name(call: Call) -> Value:
    return call.text(0).replace("/", "\\").rpartition("\\")[2]


def _parent(call: Call) -> Value:
    return call.text(0).replace("/", "\\").rpartition("\\")[0]


def _get_file(call: Call) -> Value:
    path = call.args[0] if call.args else UNKNOWN
    return Thing("file", {"path": path, "shortpath": path, "name": _base_name(call), "value": path})


METHODS: dict[tuple[str, str], Callable[[Call], Any]] = {
    ("shell", "run"): _started, ("shell", "exec"): _started, ("", "run"): _started, ("shell", "regwrite"): _registry,
    ("shell", "expandenvironmentstrings"): _expanded, ("shell", "environment"): _made("wscript.shell.environment"),
    ("shell", "specialfolders"): _special_folder, ("environment", ""): _environment,
    ("environment", "item"): _environment, ("environment", "environment"): _environment, ("shell", "popup"): _nothing,
    ("shell", "createshortcut"): _made("shortcut"), ("", "shellexecute"): _shell_execute,
    ("application", "open"): _create, ("wmi", "create"): _create, ("", "executeshellcommand"): _execute_shell_command,
    ("wmi", "get"): _made("winmgmts.win32_process"), ("wmi", "spawninstance_"): _made("winmgmts.instance"),
    ("application", "namespace"): _get_file, ("http", "open"): _open, ("http", "send"): _nothing,
    ("http", "setrequestheader"): _nothing, ("browser", "navigate"): _fetched, ("browser", "navigate2"): _fetched,
    ("xml", "load"): _fetched, ("stream", "open"): _nothing, ("stream", "write"): _put, ("stream", "writetext"): _put,
    ("stream", "savetofile"): _save, ("stream", "readtext"): _read, ("stream", "read"): _read,
    ("recordset", "savetofile"): _save, ("files", "getspecialfolder"): _special_folder, ("files", "buildpath"): _path,
    ("files", "createtextfile"): _text_file, ("files", "opentextfile"): _text_file, ("textfile", "write"): _write,
    ("textfile", "writeline"): _write, ("files", "copyfile"): _copied, ("files", "movefile"): _copied,
    ("files", "gettempname"): _temporary, ("files", "getfilename"): _base_name,
    ("files", "getabsolutepathname"): _same, ("files", "getparentfoldername"): _parent, ("files", "getfile"): _get_file,
    ("files", "getfolder"): _get_file, ("xml", "createelement"): _element, ("", "createelement"): _element,
    ("dictionary", "add"): _put_item, ("dictionary", "item"): _item, ("page", "write"): _page,
    ("page", "writeln"): _page, ("", "getspecialfolder"): _special_folder, ("", "urldownloadtofile"): _fetched,
}  # fmt: skip
"""Methods by family of class and lower-case name; under no family, those of any object."""
PROPERTIES: dict[tuple[str, str], Callable[[Thing], Value]] = {
    ("node", "nodetypedvalue"): _node_value,
    ("node", "text"): _node_value,
    ("stream", "readtext"): lambda owner: owner.fields.get("\0held", UNKNOWN),
    ("stream", "read"): lambda owner: owner.fields.get("\0held", UNKNOWN),
    ("http", "responsetext"): lambda _: UNKNOWN,
}
"""Properties that are more than what was stored in them."""
