"""What VBA code meets outside of itself: objects of Office, the Script Host, WMI and ADO, as data and as effects.

Nothing is done. A call of something that would start, fetch or write is an `Effect`; everything else answers with what
the document itself holds, or with `UNKNOWN`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from emotriage.emulation.vba.library import bytes_of, decoded_base64
from emotriage.emulation.vba.values import UNKNOWN, Array, Thing, Unknown, Value, text_of

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Effect:
    """Something the code would do.

    Attributes:
        kind: ``start``, ``fetch``, ``write`` or ``object``.
        what: the command, address, path or class; empty where it could not be computed.
        by: the call, such as ``WScript.Shell.Run``.
        module: index of the module.
        at: offset in its code.
        detail: what is written, or the other arguments.
    """

    kind: str
    what: str
    by: str
    module: int
    at: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the document holds for its code to read.

    Attributes:
        controls: properties of each control by its lower-case path, ``form.control`` or ``control``.
        variables: document variables by lower-case name.
        properties: built-in and custom document properties by lower-case name.
    """

    controls: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)


STARTS = frozenset(
    {"run", "exec", "shellexecute", "shellexecutew", "shellexecutea", "create", "shell", "winexec", "navigate"}
)
"""Methods and functions that start programs."""
_FETCHES = frozenset(
    {"urldownloadtofile", "urldownloadtofilea", "urldownloadtofilew", "downloadfile", "downloadstring"}
)
_WRITES = frozenset({"savetofile", "copyfile", "movefile", "saveas", "saveas2", "copyhere"})
_CONSTANTS: dict[str, Value] = {
    "vbcrlf": "\r\n", "vbnewline": "\r\n", "vbcr": "\r", "vblf": "\n", "vbtab": "\t", "vbnullstring": "",
    "vbnullchar": "\0",
    "vbback": "\b", "vbformfeed": "\f", "vbverticaltab": "\v", "vbhide": 0, "vbnormalfocus": 1, "vbminimizedfocus": 2,
    "vbmaximizedfocus": 3, "vbnormalnofocus": 4, "vbminimizednofocus": 6, "vbtrue": -1, "vbfalse": 0, "vbyes": 6,
    "vbno": 7, "vbok": 1, "vbcancel": 2, "vbunicode": 64, "vbfromunicode": 128, "vbuppercase": 1, "vblowercase": 2,
    "vbpropercase": 3, "vbbinarycompare": 0, "vbtextcompare": 1, "vbmethod": 1, "vbget": 2, "vblet": 4, "vbset": 8,
    **{f"wdkey{chr(code).lower()}": code for code in range(65, 91)},
    **{f"wdkey{digit}": 48 + digit for digit in range(10)},
    **{f"vbkey{chr(code).lower()}": code for code in range(65, 91)},
    **{f"vbkey{digit}": 48 + digit for digit in range(10)},
    **{f"wdkeyf{number}": 111 + number for number in range(1, 17)},
    **{f"vbkeyf{number}": 111 + number for number in range(1, 17)},
    **{f"wdkeynumeric{digit}": 96 + digit for digit in range(10)},
}  # fmt: skip
_DOCUMENTS = frozenset({"activedocument", "thisdocument", "activeworkbook", "thisworkbook", "me"})
_LIBRARIES = frozenset({"vba", "strings", "interaction", "conversion", "math", "information", "application", "global",
                        "word", "excel", "wordbasic", "filesystem", "datetime"})  # fmt: skip


class Host:
    """The world around the code, and what the code would have done to it."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.effects: list[Effect] = []
        self._surroundings = surroundings
        self._document = Thing("document")
        self._controls: dict[str, Thing] = {}
        for path, fields in surroundings.controls.items():
            self._controls[path] = Thing("control", {**fields, "name": path.rpartition(".")[2]})

    def named(self, name: str) -> Value | None:
        """A constant, control or object by its bare name; None where there is no such thing."""
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        if name in self._controls:
            return self._controls[name]
        if name in _DOCUMENTS:
            return self._document
        if name in _LIBRARIES:
            return Thing("library")
        if any(path.startswith(f"{name}.") for path in self._controls):
            return Thing("form", {"": name})
        return None

    def note(self, kind: str, what: Value, by: str, place: tuple[int, int], detail: str = "") -> None:
        """Record an effect."""
        text = text_of(what)
        one = Effect(kind, "" if isinstance(text, Unknown) else text, by, *place, detail)
        if one not in self.effects[-64:]:
            self.effects.append(one)

    def created(self, what: Value, by: str, place: tuple[int, int]) -> Value:
        """``CreateObject`` and ``GetObject``."""
        text = text_of(what)
        if isinstance(text, Unknown) or not text:
            return Thing("object")
        self.note("object", text, by, place)
        return Thing(text.strip().lower())

    def member(self, owner: Value, name: str) -> Value:
        """A property that is read."""
        if isinstance(owner, Thing):
            if name in owner.fields:
                return owner.fields[name]
            if owner.kind == "form":
                return self._controls.get(f"{owner.fields['']}.{name}", UNKNOWN)
            if owner.kind == "control":
                return ""
            if owner.kind == "xmlnode" and name in ("nodetypedvalue", "text"):
                return _decoded(owner)
            if owner.kind == "document" and name in self._controls:
                return self._controls[name]
            if owner.kind in ("document", "library", "module"):
                return self.named(name) if self.named(name) is not None else Thing(name)
            if name in ("value", "text"):
                return text_of(owner)
            return Thing(f"{owner.kind}.{name}" if len(owner.kind) < 200 else owner.kind)
        return owner if name in ("value", "text", "tag", "caption") else UNKNOWN

    def invoke(self, owner: Value, name: str, args: list[Value], place: tuple[int, int]) -> Value:
        """A method that is called, or a property with arguments."""
        kind = owner.kind if isinstance(owner, Thing) else ""
        by = f"{kind}.{name}".strip(".")
        if name in STARTS and (kind not in ("control", "form", "document") or name == "shell"):
            known = [one for one in map(text_of, args) if isinstance(one, str)]
            self.note("start", args[0] if args else UNKNOWN, by, place, " ".join(known[1:_SHOWN]))
            return Thing("process") if name == "exec" else 0
        if name in _FETCHES or (name == "open" and "http" in kind):
            texts = [one for one in map(text_of, args) if isinstance(one, str)]
            address = next((one for one in texts if "://" in one), "")
            self.note("fetch", address, by, place, " ".join(one for one in texts[:_SHOWN] if one != address))
            return 0
        if name in _WRITES:
            self.note("write", args[-1] if args and name != "savetofile" else args[0] if args else "", by, place)
            return 0
        if kind == "textfile" and name in ("write", "writeline") and isinstance(owner, Thing):
            self.note("write", owner.fields["path"], by, place, bytes_of(args[0]) or "" if args else "")
        if handler := _METHODS.get(name):
            return handler(self, owner, args)
        if isinstance(owner, Thing) and args and isinstance(args[0], str):
            return self._item(owner, name, args[0].lower())
        return UNKNOWN

    def _item(self, owner: Thing, name: str, key: str) -> Value:
        """An item of a collection by its name."""
        surroundings = self._surroundings
        if name == "variables" and key in surroundings.variables:
            return Thing("variable", {"value": surroundings.variables[key]})
        if name.endswith("properties") and key in surroundings.properties:
            return Thing("property", {"value": surroundings.properties[key]})
        if name in ("controls", "shapes", "oleobjects", "inlineshapes"):
            path = f"{owner.fields.get('', '')}.{key}".strip(".")
            return self._controls.get(path, UNKNOWN)
        return owner.fields.get(f"\0{name} {key}", UNKNOWN)


def _decoded(node: Thing) -> Value:
    text = text_of(node.fields.get("\0text"))
    how = text_of(node.fields.get("datatype"))
    if isinstance(text, Unknown) or isinstance(how, Unknown):
        return UNKNOWN
    return decoded_base64(text) if "base64" in how.lower() else text


def _element(_: Host, __: Value, ___: list[Value]) -> Value:
    return Thing("xmlnode")


def _special_folder(_: Host, __: Value, args: list[Value]) -> Value:
    names = {0: "%WINDIR%", 1: "%WINDIR%\\System32", 2: "%TEMP%"}
    one = args[0] if args else UNKNOWN
    return names.get(one, UNKNOWN) if isinstance(one, int) else f"%{one}%" if isinstance(one, str) else UNKNOWN


def _same(_: Host, __: Value, args: list[Value]) -> Value:
    return args[0] if args else UNKNOWN


def _path(_: Host, __: Value, args: list[Value]) -> Value:
    parts = [one for one in map(text_of, args[:2]) if isinstance(one, str)]
    return "\\".join(one.strip("\\") for one in parts)


def _text_file(_: Host, __: Value, args: list[Value]) -> Value:
    return Thing("textfile", {"path": args[0] if args else UNKNOWN})


def _put(_: Host, owner: Value, args: list[Value]) -> Value:
    if isinstance(owner, Thing) and args and (text := bytes_of(args[0])) is not None:
        owner.fields["\0text"] = (bytes_of(owner.fields.get("\0text", "")) or "") + text
    return 0


def _add(_: Host, owner: Value, args: list[Value]) -> Value:
    if isinstance(owner, Thing) and args:
        number = len(owner.fields)
        key = text_of(args[0]) if "dictionary" in owner.kind else text_of(args[1]) if len(args) > 1 else str(number + 1)
        value = args[1] if "dictionary" in owner.kind and len(args) > 1 else args[0]
        owner.fields[f"\0item {key}".lower()] = value
    return 0


def _items(_: Host, owner: Value, args: list[Value]) -> Value:
    if not isinstance(owner, Thing):
        return UNKNOWN
    if args:
        return owner.fields.get(f"\0item {text_of(args[0])}".lower(), UNKNOWN)
    return Array.of([value for key, value in owner.fields.items() if key.startswith("\0item ")])


_METHODS: dict[str, Callable[[Host, Value, list[Value]], Value]] = {
    "createelement": _element,
    "getspecialfolder": _special_folder,
    "specialfolders": _special_folder,
    "expandenvironmentstrings": _same,
    "buildpath": _path,
    "createtextfile": _text_file,
    "opentextfile": _text_file,
    "write": _put,
    "writeline": _put,
    "writetext": _put,
    "add": _add,
    "item": _items,
    "items": _items,
}
