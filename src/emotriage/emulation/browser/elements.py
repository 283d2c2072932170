"""Elements of a page as its scripts meet them: by id, class or name, with attributes and text (WHATWG DOM)."""

import re

from emotriage.emulation.jscript.values import Value
from emotriage.emulation.vba.values import UNKNOWN, Thing
from emotriage.formats.html_page import Element, Page, read_page
from emotriage.formats.html_tags import text_of as words_of
from emotriage.model.limits import Budget

INNER = "\0inner"
_SELECTOR = re.compile(
    r"\s*([\w-]*)(?:#([\w-]+)|\.([\w-]+)|\[\s*([\w-]+)\s*(?:[~|^$*]?=\s*[\"']?([^\]\"']*)[\"']?)?\])?\s*\Z"
)
_MOST = 1 << 16
_TEXT = 4 << 20


class Elements:
    """All elements that there are, in the page and made by scripts.

    Attributes:
        all: in the order they came.
    """

    def __init__(self, page: Page, budget: Budget) -> None:
        self.all: list[Thing] = []
        self._budget = budget
        self._ids: dict[str, Thing] = {}
        self._places: dict[int, tuple[str, Element]] = {}
        self._room = _TEXT
        self.add(page)

    def add(self, page: Page) -> None:
        """Take in the elements of a page, or of what was written into it."""
        for one in sorted(page.elements, key=lambda one: one.start):
            thing = self.made(one.name)
            for name, value in one.attributes.items():
                thing.fields[_field(name)] = value
            self._places[id(thing)] = (page.text, one)
            if given := one.attributes.get("id") or one.attributes.get("name"):
                self._ids.setdefault(given, thing)

    def written(self, text: str) -> Page:
        """Read markup that a script writes; what comes out is also a page of its own."""
        page = read_page(text, self._budget)
        self.add(page)
        return page

    def made(self, name: str) -> Thing:
        """A new element."""
        one = Thing("element", {"tagname": name.upper(), "nodename": name.upper()})
        if len(self.all) < _MOST:
            self.all.append(one)  # kept, so that no other gets its id()
        return one

    def by_id(self, name: str) -> Thing:
        """The element with an id; one that is not there may have been made elsewhere."""
        if (found := self._ids.get(name)) is None:
            found = next((one for one in self.all if one.fields.get("id") == name), None) or self.made("div")
            self._ids[name] = found
        return found

    def select(self, selector: str) -> list[Thing]:
        """Elements that a simple selector means."""
        self._budget.spend(50 * len(self.all))
        found = _SELECTOR.match(selector)
        if found is None:
            return []
        tag, name, css, attribute, value = found.groups()
        if name:
            return [self.by_id(name)]
        return [
            one
            for one in self.all
            if (not tag or one.fields.get("tagname") == tag.upper())
            and (not css or css in str(one.fields.get("class", "")).split())
            and (not attribute or _field(attribute) in one.fields)
            and (not value or one.fields.get(_field(attribute)) == value)
        ]

    def text(self, one: Thing, *, markup: bool) -> Value:
        """What stands in an element."""
        if INNER in one.fields or id(one) not in self._places:
            return one.fields.get(INNER, "")
        text, element = self._places[id(one)]
        inner = text[slice(*element.inner)]
        self._room -= len(inner)
        if self._room < 0:
            return UNKNOWN
        if markup or element.name in ("script", "textarea", "template", "style", "xmp", "noscript"):
            return inner
        return words_of(inner, self._budget) if "<" in inner or "&" in inner else inner


def _field(name: str) -> str:
    return name.lower()
