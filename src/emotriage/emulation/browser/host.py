"""What a page's scripts meet: document, elements, addresses, files and requests, as effects (WHATWG HTML)."""

from typing import Any

from emotriage.emulation.browser.elements import INNER, Elements
from emotriage.emulation.browser.files import Files, invoke_blob
from emotriage.emulation.browser.promises import settled
from emotriage.emulation.jscript.values import NULL, Obj, Value, text_of
from emotriage.emulation.jscript.world import World
from emotriage.emulation.vba.values import UNKNOWN, Thing, Unknown

Machine = Any
_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
)
_KNOWN: dict[str, dict[str, Value]] = {
    "navigator": {
        "useragent": _AGENT, "appversion": _AGENT[8:], "platform": "Win32", "language": "en-US", "webdriver": False,
        "appname": "Netscape", "vendor": "Google Inc.", "cookieenabled": True, "online": True,
    },
    "location": {"protocol": "file:", "href": "file:///C:/Users/user/Downloads/page.html", "host": "", "hostname": ""},
    "document": {"readystate": "complete", "cookie": "", "referrer": "", "domain": "", "charset": "UTF-8"},
}  # fmt: skip
_TEXTS = frozenset({"textcontent", "innertext", "text", "data", "nodevalue"})
_MARKUP = frozenset({"innerhtml", "outerhtml", "srcdoc"})
_SOURCES = frozenset({"src", "action", "formaction"})
_WRITTEN = 4 << 20
_BODY = ("body", "head", "documentelement")


class Browser(World):
    """The host of a page's scripts.

    Attributes:
        elements: of the page, and those that scripts make.
        files: that scripts put together, and where they go.
        written: markup that they write.
        scripts: texts of scripts that they write or append.
        lost: why not all was followed.
    """

    def __init__(self, elements: Elements) -> None:
        super().__init__()
        self.elements = elements
        self.files = Files()
        self.written: list[str] = []
        self.scripts: list[str] = []
        self.lost: dict[str, None] = {}
        self._room = _WRITTEN
        self._places = {name: elements.made(name) for name in _BODY}

    def member(self, owner: Thing, name: str) -> Value:
        """A property of an object of the browser."""
        low = name.lower()
        if owner.kind == "dataset":
            return next((value for key, value in owner.fields.items() if key.replace("-", "") == low), None)
        if owner.kind == "element":
            return self._element(owner, low)
        if low in owner.fields:
            return owner.fields[low]
        if (known := _KNOWN.get(owner.kind)) is not None and low in known:
            return known[low]
        if owner.kind == "document":
            if low in self._places:
                return self._places[low]
            return Thing("location") if low == "location" else self._other(owner, low)
        if owner.kind in ("location", "blob"):
            return UNKNOWN
        return super().member(owner, name)

    def _other(self, owner: Thing, low: str) -> Value:
        if low in ("url", "documenturi", "baseuri"):
            return _KNOWN["location"]["href"]
        return Thing(f"{owner.kind}.{low}")

    def _element(self, owner: Thing, low: str) -> Value:
        if low == "value" and "value" not in owner.fields and owner.fields.get("tagname") == "TEXTAREA":
            return self.elements.text(owner, markup=False)
        if low == "classname":
            low = "class"
        if low in owner.fields:
            return owner.fields[low]
        if low in _TEXTS | _MARKUP:
            return self.elements.text(owner, markup=low in _MARKUP)
        if low == "dataset":
            fields = {key[5:]: value for key, value in owner.fields.items() if key.startswith("data-")}
            return Thing("dataset", fields)
        if low in ("parentnode", "parentelement", "firstchild", "nextsibling", "content", "contentdocument"):
            return self._places["body"]
        if low in ("value", "checked", "files"):
            return UNKNOWN
        return Thing(f"element.{low}")

    def store(self, machine: Machine, owner: Thing, name: str, value: Value) -> None:
        """A property that is set."""
        low = name.lower()
        if owner.kind in ("location", "document") and low in ("href", "location"):
            self.goes(machine, value, "location")
            return
        super().store(machine, owner, low, value)
        if owner.kind != "element":
            return
        if low in _MARKUP:
            self.write(machine, value, low)
        elif low in _TEXTS:
            owner.fields[INNER] = value
        elif low in _SOURCES:
            self.asks(machine, value, f"{text_of(owner.fields.get('tagname')).lower()}.{low}")

    @property
    def done(self) -> int:
        """A number that grows with everything that scripts do."""
        return len(self.effects) + len(self.written) + self.files.count

    def goes(self, machine: Machine, where: Value, by: str) -> None:
        """The browser is sent somewhere: to a page, or to a file that the script made."""
        if isinstance(where, Unknown):
            self.lost[f"{by}: an address that is not known"] = None
        elif not self.files.hand(text_of(where), "", by):
            self.note(machine, "fetch", where, by)

    def asks(self, machine: Machine, where: Value, by: str) -> None:
        """Something is loaded into the page."""
        if isinstance(where, Unknown):
            self.lost[f"{by}: an address that is not known"] = None
        elif not text_of(where).lower().startswith(("data:", "blob:", "#", "about:")):
            self.note(machine, "fetch", where, by)

    def write(self, machine: Machine, markup: Value, by: str) -> None:
        """Markup is written into the page: its elements are there, and its scripts run."""
        text = text_of(markup)
        if isinstance(markup, Unknown):
            self.lost[f"{by}: markup that is not known"] = None
        if not text:
            return
        machine.spend(4 * len(text))
        self._room -= len(text)
        if self._room < 0:
            machine.cut = True
            return
        self.note(machine, "page", text[:200], by)
        if by.startswith("write") or text not in self.written[-8:]:
            self.written.append(text)
        if "<" in text:
            page = self.elements.written(text)
            for one in page.scripts:
                if one.language == "javascript" and one.text and by.startswith("write") == (one.when == "inline"):
                    machine.later.append(one.text)

    def click(self, machine: Machine, one: Thing, by: str) -> None:
        """A link is clicked."""
        where = one.fields.get("href")
        if where is None:
            return
        name = text_of(one.fields.get("download", ""))
        if isinstance(where, Unknown):
            self.lost[f"{by}: an address that is not known"] = None
        elif not self.files.hand(text_of(where), name, by):
            self.note(machine, "fetch", where, by)

    def invoke(self, machine: Machine, owner: Thing, name: str, args: list[Value]) -> Value:
        """A method of an object of the browser."""
        low, first = name.lower(), args[0] if args else None
        if low.startswith("mssave") or low == "saveas":
            self.files.save(first, text_of(args[1]) if len(args) > 1 else "", low)
            return True
        if owner.kind == "url":
            return self.files.address(first) if low == "createobjecturl" else None
        if owner.kind == "document":
            return self._document(machine, low, args)
        if owner.kind == "location":
            if low in ("assign", "replace"):
                self.goes(machine, first, "location")
            return None
        if owner.kind == "element":
            return self._on_element(machine, owner, low, args)
        if owner.kind == "blob":
            return invoke_blob(machine, owner, low, args)
        if owner.kind == "reader" and low.startswith("readas"):
            return self._read(machine, owner, low, first)
        return super().invoke(machine, owner, name, args)

    def _document(self, machine: Machine, low: str, args: list[Value]) -> Value:
        first = args[0] if args else None
        if low in ("write", "writeln"):
            for one in args:
                self.write(machine, one, low)
            return None
        if low in ("createelement", "createelementns"):
            return self.elements.made(text_of(args[-1]) if args else "")
        if low == "createtextnode":
            return first
        if low in ("open", "close", "execcommand", "createevent"):
            return Thing("event") if low == "createevent" else None
        return (
            self._found(machine, low, first) if low.startswith(("get", "query")) else self._on_any(machine, low, args)
        )

    def _found(self, machine: Machine, low: str, what: Value) -> Value:
        if isinstance(what, Unknown):
            return UNKNOWN
        name = text_of(what)
        machine.steps += len(self.elements.all) >> (8 if low == "getelementbyid" else 2)
        if low == "getelementbyid":
            return self.elements.by_id(name)
        marks = {"getelementsbyclassname": ".", "getelementsbytagname": "", "getelementsbyname": ""}
        if low == "getelementsbyname":
            return machine.array([self.elements.by_id(name)])
        found = self.elements.select(marks.get(low, "") + name)
        if low == "queryselector":
            return found[0] if found else Thing("element", {"tagname": ""})
        return machine.array(found)

    def _on_element(self, machine: Machine, owner: Thing, low: str, args: list[Value]) -> Value:
        first, second = (*args, None, None)[:2]
        if low in ("setattribute", "setattributens"):
            self.store(machine, owner, text_of(args[-2]) if len(args) > 1 else "", args[-1] if args else None)
        elif low in ("attr", "prop"):
            if len(args) < 2:
                return owner.fields.get(text_of(first).lower(), UNKNOWN)
            self.store(machine, owner, text_of(first), second)
            return owner
        elif low == "getattribute":
            return owner.fields.get(text_of(first).lower(), NULL)
        elif low in ("click", "dispatchevent"):
            self.click(machine, owner, low)
            machine.remember([owner.fields.get("onclick")])
        elif low in ("submit", "requestsubmit"):
            self.asks(machine, owner.fields.get("action", ""), "form.submit")
        elif low in ("appendchild", "insertbefore", "append", "prepend", "replacechild", "insertadjacentelement"):
            return self._append(machine, owner, [one for one in args if isinstance(one, Thing | str)])
        elif low in ("insertadjacenthtml", "html"):
            self.write(machine, second if low != "html" else first, low)
        elif low.startswith(("getelement", "queryselector")):
            return self._found(machine, low, first)
        else:
            return self._on_any(machine, low, args)
        return None

    def _append(self, machine: Machine, owner: Thing, added: list[Thing | str]) -> Value:
        for one in added:
            if isinstance(one, str):
                owner.fields[INNER] = one
            elif one.fields.get("tagname") == "SCRIPT" and isinstance(text := self._element(one, "text"), str) and text:
                machine.later.append(text)
        return added[0] if added else None

    def _on_any(self, machine: Machine, low: str, args: list[Value]) -> Value:
        machine.remember(args)
        return None if low in ("addeventlistener", "removechild", "remove", "focus", "preventdefault") else UNKNOWN

    def _read(self, machine: Machine, owner: Thing, low: str, what: Value) -> Value:
        """A ``FileReader``: what it read is there, and whoever waits for it is called."""
        result = invoke_blob(machine, what, low, []) if isinstance(what, Thing) else UNKNOWN
        owner.fields["result"] = result
        event = Thing("event", {"target": owner})
        for name in ("onload", "onloadend"):
            if isinstance(waits := owner.fields.get(name), Obj):
                machine.later.append(Obj("bound", machine.protos["function"], (waits, owner, [event])))
        return None

    def called(self, machine: Machine, owner: Thing, args: list[Value]) -> Value:
        """A method that was taken off its object."""
        kind, _, name = owner.kind.rpartition(".")
        if kind in ("navigator", "document", "location", "url"):
            return self.invoke(machine, Thing(kind), name, args)
        return super().called(machine, owner, args)

    def requested(self, machine: Machine, args: list[Value]) -> Value:
        """``fetch(address)``: what an address made by the script holds is known, what a server says is not."""
        where = args[0] if args else UNKNOWN
        if isinstance(where, str) and (held := self.files.held(where)) is not None:
            return settled(machine, held)
        self.asks(machine, where, "fetch")
        return settled(machine, Thing("response"))


def window_opens(machine: Machine, _: Value, args: list[Value]) -> Value:
    """``window.open(address)``."""
    machine.world.goes(machine, args[0] if args else "", "window.open")
    return Thing("window.opened")


def saves(machine: Machine, _: Value, args: list[Value]) -> Value:
    """``saveAs(blob, name)``."""
    machine.world.files.save(args[0] if args else UNKNOWN, text_of(args[1]) if len(args) > 1 else "", "saveAs")
    return None


def fetches(machine: Machine, _: Value, args: list[Value]) -> Value:
    """``fetch(address)``."""
    return machine.world.requested(machine, args)
