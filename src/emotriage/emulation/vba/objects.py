"""Objects of the Script Host, of ADO, of XML and of tasks: what their methods answer and leave behind.

Each handler takes the recorder of effects, the object, the arguments and the place of the call.
"""

import re
from collections.abc import Callable
from typing import Protocol

from emotriage.emulation.vba.octets import bytes_of, decoded
from emotriage.emulation.vba.values import UNKNOWN, Array, Thing, Unknown, Value, text_of

Place = tuple[int, int]
_ITEMS = 1 << 16
_MATCHED = 1 << 12
_MATCHES = 1000
_SIMPLE = re.compile(
    r"(?:\\[dDwWsS.\\/|()\[\]{}*+?^$-]|\[\^?[^\[\]\\]{1,60}\]|[^\\()\[\]{}*+?|^$.]|\.)*(?:[+*]|\{\d{1,3}\})?"
)


class Recorder(Protocol):
    """Who notes what would be done."""

    def note(self, kind: str, what: Value, by: str, place: Place, detail: str = "") -> None:
        """Record an effect."""

    def written(self, path: Value, piece: Value, by: str, place: Place) -> None:
        """Record a piece of a file."""


Handler = Callable[[Recorder, Thing, list[Value], Place], Value]


def item_key(value: Value) -> str:
    """The key under which a collection keeps an item."""
    return str(text_of(value)).lower()


def collection(kind: str, named: list[tuple[str, Thing]]) -> Thing:
    """A collection whose items are found by name and by number, from 1."""
    found = Thing(kind, {"count": len(named)})
    for number, (name, one) in enumerate(named, 1):
        found.items.setdefault(str(number), one)
        if name:
            found.items.setdefault(name.lower(), one)
    return found


def _special_folder(_: Recorder, __: Thing, args: list[Value], ___: Place) -> Value:
    names = {0: "%WINDIR%", 1: "%WINDIR%\\System32", 2: "%TEMP%"}
    one = args[0] if args else UNKNOWN
    return names.get(one, UNKNOWN) if isinstance(one, int) else f"%{one}%" if isinstance(one, str) else UNKNOWN


def _same(_: Recorder, __: Thing, args: list[Value], ___: Place) -> Value:
    return args[0] if args else UNKNOWN


def _path(_: Recorder, __: Thing, args: list[Value], ___: Place) -> Value:
    parts = [one for one in map(text_of, args[:2]) if isinstance(one, str)]
    return "\\".join(one.strip("\\") for one in parts)


def _temporary_name(_: Recorder, __: Thing, ___: list[Value], ____: Place) -> Value:
    return "rad00000.tmp"


def _text_file(_: Recorder, __: Thing, args: list[Value], ___: Place) -> Value:
    return Thing("textfile", {"path": args[0] if args else UNKNOWN})


def _put(to: Recorder, owner: Thing, args: list[Value], place: Place) -> Value:
    """``Write`` and the like, into a file or into a stream that is saved later."""
    piece = args[0] if args else ""
    if owner.kind == "textfile":
        to.written(owner.fields["path"], piece, "textfile.write", place)
    else:
        old = owner.fields.get("\0content", "")
        new = bytes_of(piece)
        owner.fields["\0content"] = (old if isinstance(old, str) else "") + (new or "")
    return 0


def _put_line(to: Recorder, owner: Thing, args: list[Value], place: Place) -> Value:
    return _put(to, owner, [(bytes_of(args[0]) or "" if args else "") + "\r\n"], place)


def _save(to: Recorder, owner: Thing, args: list[Value], place: Place) -> Value:
    content = owner.fields.get("\0content", "")
    to.written(args[0] if args else "", content or UNKNOWN, f"{owner.kind}.savetofile", place)
    return 0


def _read(_: Recorder, owner: Thing, __: list[Value], ___: Place) -> Value:
    """What was put into a stream: bytes or text, as its type is now."""
    content = owner.fields.get("\0content")
    if not isinstance(content, str):
        return UNKNOWN
    if owner.fields.get("type") == 1:
        return Array.of(list(content.encode("latin-1", "replace")), octets=True)
    return content


def _element(_: Recorder, __: Thing, ___: list[Value], ____: Place) -> Value:
    return Thing("xmlnode")


def _load_xml(_: Recorder, owner: Thing, args: list[Value], __: Place) -> Value:
    """Only the text of a document matters, and the encoding that it says it has."""
    text = text_of(args[0]) if args else UNKNOWN
    if isinstance(text, str):
        kind = re.search(r"dt=[\"'](bin\.\w{3,6})", text[:4096])
        plain = re.sub(r"<[^<>]{0,4096}>", "", text)
        node = Thing("xmlnode", {"\0text": plain, "datatype": kind[1] if kind else ""})
        owner.fields |= {"documentelement": node, "firstchild": node, "text": plain, "xml": text}
    return True


def decoded_node(node: Thing) -> Value:
    """The typed value of an XML element."""
    text = text_of(node.fields.get("\0text"))
    how = text_of(node.fields.get("datatype"))
    if isinstance(text, Unknown) or isinstance(how, Unknown):
        return UNKNOWN
    return decoded(text, how.lower())


def _add(_: Recorder, owner: Thing, args: list[Value], __: Place) -> Value:
    if args and len(owner.items) < _ITEMS:
        keyed = len(args) > 1 and "dictionary" in owner.kind
        key = args[0] if keyed else args[1] if len(args) > 1 and args[1] is not None else str(len(owner.items) + 1)
        owner.items[item_key(key)] = args[1] if keyed else args[0]
        if keyed:
            owner.fields[f"\0key {item_key(key)}"] = args[0]
    return 0


def _item(_: Recorder, owner: Thing, args: list[Value], __: Place) -> Value:
    if not args:
        return UNKNOWN
    found = owner.items.get(item_key(args[0]))
    number = args[0] if type(args[0]) is int else 0
    if found is None and "dictionary" not in owner.kind and 0 < number <= len(owner.items):
        return list(owner.items.values())[number - 1]
    return UNKNOWN if found is None else found


def _items(_: Recorder, owner: Thing, __: list[Value], ___: Place) -> Value:
    return Array.of(list(owner.items.values()))


def _keys(_: Recorder, owner: Thing, __: list[Value], ___: Place) -> Value:
    return Array.of([owner.fields.get(f"\0key {key}", key) for key in owner.items])


def _exists(_: Recorder, owner: Thing, args: list[Value], __: Place) -> Value:
    return item_key(args[0]) in owner.items if args and "dictionary" in owner.kind else UNKNOWN


def _remove(_: Recorder, owner: Thing, args: list[Value], __: Place) -> Value:
    if args:
        owner.items.pop(item_key(args[0]), None)
    return 0


def _pattern(owner: Thing) -> re.Pattern[str] | None:
    """The expression, where it is of the simple kind that can't run away."""
    text = text_of(owner.fields.get("pattern"))
    if isinstance(text, Unknown) or len(text) > 256 or not _SIMPLE.fullmatch(text):
        return None
    try:
        return re.compile(text, re.IGNORECASE if owner.fields.get("ignorecase") is True else 0)
    except re.error:
        return None


def _substitute(_: Recorder, owner: Thing, args: list[Value], __: Place) -> Value:
    text = text_of(args[0]) if args else UNKNOWN
    new = text_of(args[1]) if len(args) > 1 else ""
    pattern = _pattern(owner)
    if pattern is None or isinstance(text, Unknown) or isinstance(new, Unknown):
        return text
    if pattern.pattern[-1:] in ("+", "*") and len(text) > _MATCHED * 16:
        return text
    return pattern.sub(lambda _: new, text, 0 if owner.fields.get("global") else 1)


def _execute(_: Recorder, owner: Thing, args: list[Value], __: Place) -> Value:
    text = text_of(args[0]) if args else UNKNOWN
    pattern = _pattern(owner)
    if pattern is None or isinstance(text, Unknown):
        return UNKNOWN
    found = [one[0] for _, one in zip(range(_MATCHES), pattern.finditer(text[: _MATCHED * 16]), strict=False)]
    return Thing(
        "matches",
        {"count": len(found)},
        {str(number): Thing("match", {"value": one, "length": len(one)}) for number, one in enumerate(found)},
    )


def _test(_: Recorder, owner: Thing, args: list[Value], __: Place) -> Value:
    text = text_of(args[0]) if args else UNKNOWN
    pattern = _pattern(owner)
    known = pattern is not None and not isinstance(text, Unknown)
    return pattern.search(str(text)[: _MATCHED * 16]) is not None if known and pattern else UNKNOWN


def _script(to: Recorder, owner: Thing, args: list[Value], place: Place) -> Value:
    to.note("script", args[0] if args else UNKNOWN, f"{owner.kind}.script", place)
    return UNKNOWN


def _task(to: Recorder, _: Thing, args: list[Value], place: Place) -> Value:
    """A task is registered: as text, or as a definition with actions."""
    for one in args:
        if isinstance(one, Thing) and isinstance(actions := one.fields.get("actions"), Thing):
            for action in actions.items.values():
                if isinstance(action, Thing):
                    path, rest = text_of(action.fields.get("path")), text_of(action.fields.get("arguments"))
                    to.note("start", f"{path} {rest}".strip() if isinstance(path, str) else UNKNOWN, "task", place)
        elif isinstance(one, str) and "<" in one and (command := _between(one, "command")):
            to.note("start", f"{command} {_between(one, 'arguments')}".strip(), "task", place)
    return Thing("task")


def _between(text: str, tag: str) -> str:
    low = text.lower()
    start = low.find(f"<{tag}>")
    end = low.find(f"</{tag}>", start)
    return text[start + len(tag) + 2 : end] if 0 <= start < end else ""


def _action(_: Recorder, owner: Thing, __: list[Value], ___: Place) -> Value:
    made = Thing("action")
    owner.items[str(len(owner.items) + 1)] = made
    return made


def _new_task(_: Recorder, __: Thing, ___: list[Value], ____: Place) -> Value:
    return Thing("taskdefinition", {"actions": Thing("actions")})


def _register(to: Recorder, owner: Thing, args: list[Value], place: Place) -> Value:
    value = text_of(args[1]) if len(args) > 1 else ""
    to.note(
        "registry",
        args[0] if args else UNKNOWN,
        f"{owner.kind}.regwrite",
        place,
        "" if isinstance(value, Unknown) else value,
    )
    return 0


def _wmi_method(to: Recorder, owner: Thing, args: list[Value], place: Place) -> Value:
    """``ExecMethod("Create", parameters)``, with or without the name of the class before."""
    names = [one.lower() for one in args if isinstance(one, str)]
    parameters = next((one for one in args if isinstance(one, Thing)), None)
    if "create" in names and parameters is not None:
        to.note("start", parameters.fields.get("commandline", UNKNOWN), f"{owner.kind}.execmethod", place)
    return Thing("result")


def _bits(to: Recorder, owner: Thing, args: list[Value], place: Place) -> Value:
    to.note("fetch", args[0] if args else UNKNOWN, f"{owner.kind}.addfile", place)
    return 0


METHODS: dict[str, Handler] = {
    "createelement": _element,
    "createnode": _element,
    "loadxml": _load_xml,
    "getspecialfolder": _special_folder,
    "specialfolders": _special_folder,
    "expandenvironmentstrings": _same,
    "getabsolutepathname": _same,
    "buildpath": _path,
    "gettempname": _temporary_name,
    "createtextfile": _text_file,
    "opentextfile": _text_file,
    "write": _put,
    "writeline": _put_line,
    "writetext": _put,
    "savetofile": _save,
    "read": _read,
    "readtext": _read,
    "readall": _read,
    "add": _add,
    "item": _item,
    "items": _items,
    "keys": _keys,
    "exists": _exists,
    "remove": _remove,
    "replace": _substitute,
    "execscript": _script,
    "addcode": _script,
    "executestatement": _script,
    "eval": _script,
    "newtask": _new_task,
    "registertaskdefinition": _task,
    "registertask": _task,
    "regwrite": _register,
    "execmethod": _wmi_method,
    "execmethod_": _wmi_method,
    "addfile": _bits,
}
"""By lower-case name of the method, whatever the object."""
BY_KIND: dict[tuple[str, str], Handler] = {
    ("vbscript.regexp", "execute"): _execute,
    ("regexp", "execute"): _execute,
    ("vbscript.regexp", "test"): _test,
    ("regexp", "test"): _test,
    ("actions", "create"): _action,
}
"""By kind of object and name of the method, where the name alone says too little."""
