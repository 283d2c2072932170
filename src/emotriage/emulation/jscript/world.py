"""What a script meets outside of itself: the Script Host's objects, as data and as effects; nothing is done.

Vocabulary of the Windows Script Host, MSXML, ADO, WMI and Scripting references. What is not known answers `UNKNOWN`.
"""

from dataclasses import replace
from typing import Any

from emotriage.emulation.effects import Effect
from emotriage.emulation.jscript.objects import MADE, METHODS, PROPERTIES, READY, Call, family_of
from emotriage.emulation.jscript.values import NULL, Value, text_of
from emotriage.emulation.vba.values import UNKNOWN, Thing, Unknown

Machine = Any
_EFFECTS = 2000
_FIELDS = 4096
_NAMES: dict[str, Value] = {
    "scriptname": "script.js",
    "scriptfullname": r"C:\Users\user\Downloads\script.js",
    "fullname": r"C:\Windows\System32\wscript.exe",
    "name": "Windows Script Host",
    "path": r"C:\Windows\System32",
    "version": "5.8",
    "buildversion": 16384,
    "interactive": True,
}


class World:
    """The host of a script.

    Attributes:
        effects: what would be done, in order.
        repeated: how often the script has waited, or fetched what it fetched before.
    """

    def __init__(self) -> None:
        self.effects: list[Effect] = []
        self.repeated = 0
        self._seen: set[tuple[str, str, str]] = set()

    def note(self, machine: Machine, kind: str, what: Value, by: str, detail: str = "") -> None:
        """Record an effect, once."""
        text = text_of(what) if not isinstance(what, Unknown) and what is not None else ""
        key = (kind, text, detail)
        if key in self._seen:
            self.repeated += kind == "fetch"
        elif len(self.effects) < _EFFECTS:
            self._seen.add(key)
            layer, at = machine.place()
            self.effects.append(Effect(kind, text, by, layer, at, detail))

    def rewritten(self, machine: Machine, path: str, content: str) -> None:
        """Record what a text file holds by now, in place of what it held before."""
        for number in range(len(self.effects) - 1, max(len(self.effects) - 32, -1), -1):
            one = self.effects[number]
            if one.kind == "write" and one.what == path:
                self.effects[number] = replace(one, detail=content)
                return
        self.note(machine, "write", path, "textfile.write", content)

    def member(self, owner: Thing, name: str) -> Value:
        """A property of an object of the host."""
        low = name.lower()
        if owner.kind == "wscript":
            return _NAMES.get(low, Thing(f"wscript.{low}"))
        if low in owner.fields:
            return owner.fields[low]
        family = family_of(owner.kind)
        if family == "http" and low in READY:
            return READY[low]
        if (read := PROPERTIES.get((family, low))) is not None:
            return read(owner)
        if low in ("size", "length", "count", "eof", "atendofstream", "readystate", "busy", "exitcode"):
            return UNKNOWN
        return Thing(f"{owner.kind}.{low}") if len(owner.kind) < 200 else UNKNOWN

    def store(self, machine: Machine, owner: Thing, name: str, value: Value) -> None:
        """A property that is set; functions that are handed over are called later."""
        if len(owner.fields) < _FIELDS:
            owner.fields[name.lower()] = value
        machine.remember([value])

    def invoke(self, machine: Machine, owner: Thing, name: str, args: list[Value]) -> Value:
        """A method of an object of the host; nothing when the machine is told itself what comes out."""
        low = name.lower()
        if owner.kind == "wscript":
            return self._wscript(machine, low, args)
        machine.remember(args)
        if low in ("eval", "execscript", "executestatement", "addcode", "run") and "script" in family_of(owner.kind):
            machine.later.append(text_of(args[0]) if args else "")
            return UNKNOWN
        if (does := METHODS.get((family_of(owner.kind), low))) is not None:
            return does(Call(machine, owner, low, args))
        if (does := METHODS.get(("", low))) is not None:
            return does(Call(machine, owner, low, args))
        return UNKNOWN

    def called(self, machine: Machine, owner: Thing, args: list[Value]) -> Value:
        """An object of the host that is called as a function: its default method, or a method that was taken off."""
        if family_of(owner.kind) == "environment":
            return self.invoke(machine, owner, "item", args)
        kind, _, name = owner.kind.rpartition(".")
        if kind == "wscript":
            return self._wscript(machine, name, args)
        return self.invoke(machine, Thing(kind or owner.kind, owner.fields), name if kind else "", args)

    def _wscript(self, machine: Machine, name: str, args: list[Value]) -> Value:
        if name in ("createobject", "getobject"):
            return created(machine, None, args)
        if name == "quit":
            machine.quit()
        self.repeated += name == "sleep"
        return None if name in ("sleep", "echo", "quit", "connectobject", "disconnectobject") else UNKNOWN


def created(machine: Machine, _: Value, args: list[Value]) -> Value:
    """``new ActiveXObject(name)``, ``CreateObject`` and ``GetObject``."""
    machine.doubts += 1
    name = next((text_of(one).strip() for one in args if one is not None and one is not NULL and text_of(one)), "")
    if not name:
        return Thing("object")
    machine.world.note(machine, "object", name, "ActiveXObject")
    if name.lower().startswith(("script:", "scriptlet:")):
        machine.world.note(machine, "fetch", name.partition(":")[2], "GetObject")
    kind = name.lower().removeprefix("new:").strip("{}")[:200]
    return Thing(MADE.get(kind, kind))
