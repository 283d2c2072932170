"""What VBA code meets outside of itself: objects of Office, the Script Host, WMI and ADO, as data and as effects.

Nothing is done. A call of something that would start, fetch or write is an `Effect`; everything else answers with what
the document itself holds, or with `UNKNOWN`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from emotriage.emulation.vba.constants import constant
from emotriage.emulation.vba.document import Document
from emotriage.emulation.vba.native import called
from emotriage.emulation.vba.objects import BY_KIND, METHODS, Place, decoded_node
from emotriage.emulation.vba.octets import bytes_of
from emotriage.emulation.vba.office import OWNERS, Office
from emotriage.emulation.vba.values import UNKNOWN, Array, Partly, Thing, Unknown, Value, number_of, text_of
from emotriage.emulation.vba.vocabulary import words
from emotriage.emulation.vba.world import World

_SHOWN = 8
_EFFECTS = 2048
_KEPT = 1 << 22
_FIELDS = 4096


@dataclass(frozen=True, slots=True)
class Effect:
    """Something the code would do.

    Attributes:
        kind: ``start``, ``fetch``, ``write``, ``script`` (a text handed to a script engine), ``registry``, ``memory``
            (bytes put where code may run), ``call`` (a function of a dynamic library) or ``object``.
        what: the command, address, path, key, symbol or class; empty where it could not be computed.
        by: the call, such as ``WScript.Shell.Run``.
        module: index of the module.
        at: offset in its code.
        detail: what is written, or the other arguments.
        partly: some of `what` could not be known and was left out.
    """

    kind: str
    what: str
    by: str
    module: int
    at: int
    detail: str = ""
    partly: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the code can ask for.

    Attributes:
        controls: properties of each control by its lower-case path, ``form.control`` or ``control``.
        document: what else the document holds.
        world: the country it is run in, where that is assumed.
    """

    controls: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    document: Document = field(default_factory=Document)
    world: World | None = None


_STARTS = frozenset({"run", "exec", "shellexecute", "shell", "winexec", "create", "execshell"})
_NOT_A_PROGRAM = frozenset({"control", "form", "document", "library", "module", "sheet", "instance"})
_WMI = ("process", "winmgmts", "swbem", "wbem")
_FETCHES = frozenset({"downloadfile", "downloadstring", "navigate", "navigate2", "followhyperlink"})
_OPENS = frozenset(
    {"open", "opentext", "opennorepairdialog", "add", "insertfile", "addfile", "loadurl", "load", "openxml"}
)
_COPIES = frozenset({"copyfile", "movefile", "copyfolder", "movefolder"})
_SAVES = frozenset({"saveas", "saveas2", "saveas3", "copyhere", "savecopyas"})
_DOCUMENTS = frozenset({"activedocument", "thisdocument", "activeworkbook", "thisworkbook", "activepresentation"})
_LIBRARIES = frozenset({"vba", "strings", "interaction", "conversion", "math", "information", "application", "global",
                        "word", "excel", "wordbasic", "filesystem", "datetime", "worksheetfunction"})  # fmt: skip
_CLASSES = {
    "72c24dd5-d70a-438b-8a42-98424b88afb8": "wscript.shell",
    "f935dc22-1cf0-11d0-adb9-00c04fd58a0b": "wscript.shell",
    "13709620-c279-11ce-a49e-444553540000": "shell.application",
    "0d43fe01-f093-11cf-8940-00a0c9054228": "scripting.filesystemobject",
    "ee09b103-97e0-11cf-978f-00a02463e06f": "scripting.dictionary",
    "88d96a0a-f192-11d4-a65f-0040963251e5": "msxml2.xmlhttp.6.0",
    "f6d90f16-9c73-11d3-b32e-00c04f990bb4": "msxml2.xmlhttp",
}
_EXCEL4 = re.compile(r"(?i)\b(exec|call|register)\((.*)", re.DOTALL)
_TELLING = words("international country countryregion languageid language format languagedesignation")
"""Names of what tells the country or language."""
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')


class Host:
    """The world around the code, and what the code would have done to it.

    Attributes:
        effects: in order.
        asked: it was asked in which country it runs.
    """

    def __init__(self, surroundings: Surroundings) -> None:
        self.effects: list[Effect] = []
        self.asked = False
        self._world = surroundings.world
        self._controls: dict[str, Thing] = {}
        for path, fields in surroundings.controls.items():
            self._controls[path] = Thing("control", {**fields, "name": path.rpartition(".")[2]})
        self._forms = {path.partition(".")[0] for path in self._controls if "." in path}
        self._office = Office(
            surroundings.document, {key: one for key, one in self._controls.items() if "." not in key}
        )
        self._seen: set[tuple[str, str, str]] = set()
        self._files: dict[str, tuple[int, list[str]]] = {}
        self._kept = 0

    def named(self, name: str) -> Value:
        """A constant, control or object by its bare name; None where there is no such thing."""
        if (found := self._controls.get(name)) is not None:
            return found
        if name in _DOCUMENTS:
            return self._office.root
        if name in _LIBRARIES:
            return Thing("library")
        if name in self._forms:
            return self.form(name)
        if (value := constant(name)) is not None:
            return value
        return self._office.bare(name)

    def own(self, me: Value, name: str) -> Value:
        """A control of the form whose code this is; None where it has none of that name."""
        return (
            self._controls.get(f"{me.fields.get('')}.{name}") if isinstance(me, Thing) and me.kind == "form" else None
        )

    def form(self, name: str) -> Thing:
        """A form by its module's name."""
        return Thing("form", {"": name})

    def home(self, module: str, kind: str) -> Thing:
        """What the code of a module calls ``Me``."""
        if kind == "form":
            return self.form(module)
        if kind == "document" and (sheet := self._office.sheet_of_module(module)) is not None:
            return sheet
        return self._office.root if kind == "document" else Thing("module", {"": module})

    def note(self, kind: str, what: Value, by: str, place: Place, detail: str = "") -> None:
        """Record an effect, once."""
        text = text_of(what)
        partly = isinstance(text, Unknown | Partly)
        one = Effect(kind, "" if isinstance(text, Unknown) else str(text), by, *place, detail, partly)
        if len(self.effects) < _EFFECTS and (one.kind, one.what, one.detail) not in self._seen:
            self._seen.add((one.kind, one.what, one.detail))
            self.effects.append(one)

    def written(self, path: Value, piece: Value, by: str, place: Place) -> None:
        """Record a piece of a file; all pieces of it become one effect."""
        self._piece("write", path, piece, by, place)

    def _piece(self, kind: str, path: Value, piece: Value, by: str, place: Place) -> None:
        text = text_of(path)
        name = "" if isinstance(text, Unknown) else str(text)
        key = f"{kind} {name.lower()}"
        if key not in self._files:
            if len(self.effects) >= _EFFECTS:
                return
            self._files[key] = (len(self.effects), [])
            self.effects.append(Effect(kind, name, by, *place, "", isinstance(text, Unknown | Partly)))
        content = bytes_of(piece) or ""
        if self._kept + len(content) <= _KEPT:
            self._kept += len(content)
            self._files[key][1].append(content)

    def done(self) -> tuple[Effect, ...]:
        """The effects, with the files in one piece."""
        for index, pieces in self._files.values():
            self.effects[index] = replace(self.effects[index], detail="".join(pieces))
        return tuple(self.effects)

    def created(self, what: Value, by: str, place: Place) -> Value:
        """``CreateObject`` and ``GetObject``."""
        text = text_of(what)
        if isinstance(text, Unknown) or not text.strip():
            return Thing("object")
        self.note("object", text, by, place)
        kind = text.strip().lower()
        if kind.startswith(("script:", "scriptlet:")):
            self.note("fetch", text.partition(":")[2], by, place)
        kind = kind.removeprefix("new:").strip("{} ")
        return Thing(_CLASSES.get(kind, kind[:200]))

    def member(self, owner: Value, name: str, place: Place = (0, 0)) -> Value:
        """A property that is read."""
        if not isinstance(owner, Thing):
            return owner if name in ("value", "text", "tag", "caption", "value2") else UNKNOWN
        if name in owner.fields and not (owner.kind == "xmlnode" and name == "text"):
            return owner.fields[name]
        if owner.kind == "form":
            return self._controls.get(f"{owner.fields['']}.{name}", UNKNOWN)
        if owner.kind == "control":
            return Thing("items") if name in ("font", "object") else ""
        if owner.kind == "xmlnode" and name in ("nodetypedvalue", "text"):
            return decoded_node(owner)
        if owner.kind in ("document", "sheet") and name in self._controls:
            return self._controls[name]
        if (found := self._office.member(owner, name)) is not None:
            return found
        if name == "count":
            return len(owner.items)
        if name in ("keys", "items", "read", "readtext", "readall", "newtask", "gettempname"):
            return METHODS[name](self, owner, [], place)
        if owner.kind in OWNERS:
            if (known := self.country(name, [])) is not None:
                return known
            return self.named(name) if self.named(name) is not None else Thing(name)
        if name in ("value", "text"):
            return text_of(owner)
        return Thing(f"{owner.kind}.{name}" if len(owner.kind) < 200 else owner.kind)

    def country(self, name: str, args: list[Value]) -> Value:
        """What tells the country or language; None for all other names."""
        if name not in _TELLING:
            return None
        if name == "format":
            how = text_of(args[1]) if len(args) > 1 else ""
            if not isinstance(how, str) or how.lower() != "currency":
                return None
        elif name in ("language", "languageid") and self._world is not None:
            return self._world.language
        elif name == "international" and args and number_of(args[0]) not in (1, 2, 25):
            return None
        self.asked = True
        if self._world is None:
            return UNKNOWN
        return self._world.currency + "0" if name == "format" else self._world.country

    def invoke(self, owner: Value, name: str, args: list[Value], place: Place) -> Value:
        """A method that is called, or a property with arguments."""
        kind = owner.kind if isinstance(owner, Thing) else ""
        by = f"{kind}.{name}".strip(".")
        if (handler := BY_KIND.get((kind, name))) is not None and isinstance(owner, Thing):
            return handler(self, owner, args, place)
        if self._effect(kind, name, args, by, place):
            return Thing("process") if name == "exec" else 0
        if not isinstance(owner, Thing):
            return UNKNOWN
        if isinstance(held := owner.fields.get(name), Array | Thing) and args:
            return self._office.item(held, args) if isinstance(held, Thing) else UNKNOWN
        if kind == "form" and name == "controls":
            key = text_of(args[0]) if args else UNKNOWN
            return self._controls.get(f"{owner.fields['']}.{key}".lower(), UNKNOWN)
        if kind == "variables" and name == "add" and len(args) > 1:
            owner.items[str(text_of(args[0])).lower()] = Thing("variable", {"name": args[0], "value": args[1]})
            return 0
        if (found := self._office.call(owner, name, args)) is not None:
            return found
        if (known := self.country(name, args)) is not None and name != "format":
            return known
        if name == "environment":
            return Thing("environment")
        if (method := METHODS.get(name)) is not None:
            return method(self, owner, args, place)
        if name == "item" or kind == "grid":
            return self._office.item(owner, args)
        return (
            Thing(f"{kind}.{name}")
            if len(kind) < 200 and not args
            else owner.fields.get(f"\0{name} {text_of(args[0]) if args else ''}".lower(), Thing(f"{kind}.{name}"[:200]))
        )

    def _effect(self, kind: str, name: str, args: list[Value], by: str, place: Place) -> bool:
        """Record what a method would do; True where that is known."""
        texts = [str(one) for one in map(text_of, args) if isinstance(one, str)]
        first = args[0] if args else UNKNOWN
        name = name.removesuffix("w") if name == "shellexecutew" else name
        address = next((one for one in texts if "://" in one[:12] or one.startswith("\\\\")), "")
        if name in _STARTS and self._is_start(kind, name, args):
            if name == "shellexecute" and len(args) > 1 and isinstance(args[1], str) and args[1]:
                first = f"{'' if isinstance(text_of(first), Unknown) else text_of(first)} {args[1]}"
            self.note("start", first, by, place, " ".join(texts[1:_SHOWN]))
        elif name == "open" and kind.startswith("shell.application"):
            self.note("start", first, by, place)
        elif (
            name in _FETCHES
            or (name == "open" and "http" in kind)
            or (name in _OPENS and "://" in address and not (name == "open" and "dom" in kind))
        ):
            rest = [one for one in texts[:_SHOWN] if one != address]
            self.note("fetch", address.removeprefix("URL;"), by, place, " ".join(rest))
            return name != "open" or kind != "library"
        elif name in _COPIES or name == "\0filecopy":
            self.note("write", args[1] if len(args) > 1 else UNKNOWN, by.replace("\0", ""), place)
        elif name == "\0name":
            self.note("write", args[1] if len(args) > 1 else UNKNOWN, "Name", place)
        elif name in _SAVES:
            self.note("write", first, by, place)
        elif name == "executeexcel4macro":
            self._excel4(first, place)
        elif name == "write" and kind.startswith("htmlfile"):
            self.note("script", first, by, place)
        else:
            return name.startswith("\0")
        return True

    def _is_start(self, kind: str, name: str, args: list[Value]) -> bool:
        if name == "shell":
            return kind in ("library", "", "module")
        if not args or kind in _NOT_A_PROGRAM or kind.endswith(("excel.application", "word.application")):
            return False
        return name != "create" or kind in ("", "object") or any(one in kind for one in _WMI)

    def _excel4(self, text: Value, place: Place) -> None:
        """``ExecuteExcel4Macro``: what it starts, or calls in a library."""
        plain = text_of(text)
        found = None if isinstance(plain, Unknown) else _EXCEL4.search(plain)
        if found is None:
            return
        texts = [one.replace('""', '"') for one in _QUOTED.findall(found[2])]
        if found[1].lower() == "exec":
            self.note("start", texts[0] if texts else UNKNOWN, "ExecuteExcel4Macro", place)
        elif len(texts) > 1:
            self.native(texts[1].lower(), [None, *texts[3:]], place)

    def native(self, symbol: str, args: list[Value], place: Place) -> Value:
        """A function of a dynamic library."""
        known = False
        for kind, what, detail in called(symbol, args):
            known = True
            if kind == "memory":
                self._piece(kind, what, detail, symbol, place)
            else:
                text = text_of(detail)
                self.note(kind, what, symbol, place, "" if isinstance(text, Unknown) else text)
        if not known:
            self.note("call", symbol, "Declare", place)
        return UNKNOWN

    def store(self, owner: Thing, name: str, value: Value, place: Place) -> None:
        """``object.name = value``."""
        if owner.kind == "cell":
            self._office.write_cell(owner, name, value)
        elif name == "attachedtemplate":
            self.note("fetch", value, "AttachedTemplate", place)
        elif owner.kind == "control" and name in ("value", "text"):
            owner.fields["value"] = owner.fields["text"] = value
        elif len(owner.fields) < _FIELDS:
            owner.fields["\0text" if owner.kind == "xmlnode" and name in ("text", "nodetypedvalue") else name] = value
