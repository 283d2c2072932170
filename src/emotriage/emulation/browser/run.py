"""The scripts of a page, evaluated together in document order: what they write, fetch, and hand to the reader."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from emotriage.emulation.browser import octets, promises, wrapper
from emotriage.emulation.browser.elements import Elements
from emotriage.emulation.browser.files import Handed
from emotriage.emulation.browser.host import Browser, fetches, saves, window_opens
from emotriage.emulation.effects import Run
from emotriage.emulation.jscript.code import Code
from emotriage.emulation.jscript.frame import Frame, Scope
from emotriage.emulation.jscript.machine import STEPS, Machine
from emotriage.emulation.jscript.steps import LINKS
from emotriage.emulation.jscript.values import Obj, Value
from emotriage.emulation.vba.values import Thing
from emotriage.formats.html_page import Page
from emotriage.model.limits import Budget

LONGEST = 4 << 20
"""Longest text of all scripts of a page together."""
_HANDLERS = 500
_LATER = 1000
_ROUNDS = 20
_AGAIN = 16
_CLASSES = {"FileReader": "reader", "XMLHttpRequest": "msxml2.xmlhttp", "Image": "element", "MouseEvent": "event",
            "Event": "event", "CustomEvent": "event"}  # fmt: skip
_THINGS = {"document": "document", "navigator": "navigator", "location": "location", "URL": "url", "webkitURL": "url",
           "screen": "screen", "console": "console", "history": "history", "localStorage": "storage",
           "sessionStorage": "storage", "event": "event", "crypto": "crypto"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PageRun:
    """What the scripts of a page come to.

    Attributes:
        run: texts that were run, and effects.
        files: that are handed to the reader.
        written: markup that is written into the page.
        lost: why not all was followed; nothing where it was.
    """

    run: Run
    files: tuple[Handed, ...]
    written: str
    lost: tuple[str, ...]


class _Globe(dict[str, Any]):
    """Global variables of a page: an address that is stored in ``location`` is gone to, and handlers are called."""

    def __init__(self, held: dict[str, Any], machine: "_Page") -> None:
        super().__init__(held)
        self._machine = machine

    def __setitem__(self, name: str, value: Value) -> None:
        if name == "location":
            self._machine.world.goes(self._machine, value, "location")
            return
        super().__setitem__(name, value)
        if name.startswith("on"):
            self._machine.remember([value])


class _Page(Machine):
    """A page whose scripts are being run."""

    world: Browser

    def __init__(self, page: Page, budget: Budget) -> None:
        super().__init__(budget)
        self.world = Browser(Elements(page, budget))
        octets.furnish(self)
        promises.furnish(self)
        wrapper.furnish(self)
        globe = self.globe.props
        globe |= {name: Thing(kind) for name, kind in _THINGS.items()}
        globe |= dict.fromkeys(("window", "self", "top", "parent", "globalThis", "frames"), self.globe)
        globe |= {
            "open": self.native("open", window_opens),
            "saveAs": self.native("saveAs", saves),
            "fetch": self.native("fetch", fetches),
        }
        for name, kind in _CLASSES.items():
            one = globe[name] = self.native(name, lambda *_, kind=kind: Thing(kind, {"tagname": "IMG"}))
            one.props["construct"] = one
        for name in ("setTimeout", "setInterval", "setImmediate", "queueMicrotask"):
            globe[name] = self.native(name, _timer)
        for name in ("addEventListener", "requestAnimationFrame", "attachEvent"):
            globe[name] = self.native(name, _waits)
        self.globe.props = _Globe(globe, self)
        self.scope = Scope(self.globe.props, None)

    def follow(self, page: Page) -> None:
        """Run the scripts on the way, then all that waits for something."""
        inline = [one.text for one in page.scripts if one.language == "javascript" and one.when == "inline"]
        waiting = [one.text for one in page.scripts if one.language == "javascript" and one.when != "inline"]
        for number, text in enumerate(one for one in inline if one.strip()):
            self.frames = []
            self.evaluate(text, f"script {number + 1}" if number else "", self.scope)
            self._loop()
        self.cut = self.cut or len(waiting) > _HANDLERS
        self.later += waiting[:_HANDLERS]
        called: Counter[str | int] = Counter()
        for _ in range(_ROUNDS):
            batch, self.later = self.later, []
            for one in batch:
                key = one if isinstance(one, str) else id(one.data[0] if one.kind == "function" else one)
                called[key] += 1
                if called[key] > _AGAIN:
                    continue
                done = self.world.done
                self._call_later(one)
                if called[key] == _AGAIN and self.world.done > done:
                    self.world.lost["handlers that are called over and over"] = None
        if self.later:
            self.world.lost["handlers that call further ones"] = None
        self.cut = self.cut or self.steps >= STEPS
        for one in list(self.world.elements.all):
            if str(one.fields.get("href", ""))[:5].lower() in ("blob:", "data:"):
                self.world.click(self, one, "link")

    def remember(self, args: list[Value]) -> None:
        """Functions that are handed to the browser are called later."""
        for one in args:
            if isinstance(one, Obj) and one.kind in ("function", "bound"):
                self.wait_for(one)

    def wait_for(self, one: Obj | str) -> None:
        """A function or text that is run later."""
        if len(self.later) < _LATER:
            self.later.append(one)
        else:
            self.cut = True

    def _call_later(self, one: str | Obj) -> None:
        """Run what waited for its turn."""
        empty = Code("", (), 0)
        self.frames = [Frame(empty, LINKS(empty), self.scope, self.globe)]
        if isinstance(one, str):
            self.evaluate(one, "handler", self.scope)
        else:
            self.call(one, self.globe, [Thing("event")])
        self._loop()


def _timer(machine: Machine, _: Value, args: list[Value]) -> Value:
    """``setTimeout(function or text)``."""
    if args and isinstance(args[0], str) and isinstance(machine, _Page):
        machine.wait_for(args[0])
    machine.remember(args[:1])
    return 1


def _waits(machine: Machine, _: Value, args: list[Value]) -> None:
    machine.remember([one for one in args if isinstance(one, Obj)])


def run_page(page: Page, budget: Budget) -> PageRun:
    """Evaluate the JavaScript of a page.

    Args:
        page: the page.
        budget: charged for every token and instruction.
    """
    machine = _Page(page, budget)
    if sum(len(one.text) for one in page.scripts) > LONGEST:
        return PageRun(Run((), (), complete=False), (), "", ("scripts that are too long",))
    machine.follow(page)
    lost = list(machine.world.lost)
    if machine.cut:
        lost.append("scripts that take too many steps")
    if not machine.whole:
        lost.append("scripts that are not understood to their end")
    run = Run(tuple(machine.layers), tuple(machine.world.effects), not machine.cut)
    return PageRun(run, machine.world.files.all(), "\n".join(machine.world.written), tuple(lost))
