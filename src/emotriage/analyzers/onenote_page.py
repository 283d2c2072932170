"""What the pages of a notebook show and say: lures, links, pictures over icons; and the story of a double click."""

from collections.abc import Iterator, Sequence

from emotriage.analyzers.url import judge_address
from emotriage.catalogue import onenote as rules
from emotriage.emulation.lure import Lure
from emotriage.emulation.open_phrases import OPENING
from emotriage.formats.onenote import Notebook
from emotriage.formats.onenote.page import Cover, Shown
from emotriage.formats.url import Entry
from emotriage.model.analyzer import Found
from emotriage.model.finding import Evidence
from emotriage.model.indicator import Indicator
from emotriage.model.limits import Budget
from emotriage.model.step import Recovered, Step

_COVERED = 0.25
"""Of an icon's area; its lower half is the name of the file."""
_TOLD, _EVIDENCE, _LINKS = 50, 8, 1000
_LENGTH = 300
_OWN = ("onenote:", "mailto:", "#", "tel:")


def judge_pages(notebook: Notebook, budget: Budget) -> Iterator[Found]:
    """Judge places, texts and links, and tell the story."""
    everything = (*notebook.shown, *notebook.former)
    covering = [one for one in notebook.covers if one.above and one.share >= _COVERED]
    if covering:
        yield rules.COVERED(*(_covered(one) for one in covering[:_EVIDENCE]))
    if notebook.names or any(one.attached for one in notebook.files):
        yield from _lure(everything, budget)
    yield from _links(everything)
    if texts := list(dict.fromkeys(one.text for one in everything if one.text and one.what != "file")):
        yield Recovered("pages", "text", "\n".join(texts))
    yield from _story(notebook.shown, covering)


def _covered(cover: Cover) -> Evidence:
    text = f"{cover.file.text}: {round(100 * cover.share)} % of its icon"
    return Evidence(text, f"page {cover.file.page}", cover.file.offset)


def _lure(shown: Sequence[Shown], budget: Budget) -> Iterator[Found]:
    found: list[Evidence] = []
    for one in shown:
        lure = Lure(OPENING)
        lure.read(one.text if one.what != "file" else "", budget)
        found += [Evidence(phrase, _place(one), one.offset) for phrase in lure.calls]
    if found:
        yield rules.ASKS_TO_OPEN(*found[:_EVIDENCE])


def _links(shown: Sequence[Shown]) -> Iterator[Found]:
    addresses = {each: one for one in reversed(shown) for each in one.addresses}
    for address, one in list(addresses.items())[:_LINKS]:
        if address.lower().startswith(_OWN):
            continue
        yield Indicator(kind="url" if "://" in address else "path", value=address, where=_place(one))
        yield from judge_address(Entry("", _place(one), address, one.offset))


def _story(shown: Sequence[Shown], covering: Sequence[Cover]) -> Iterator[Step]:
    over = {one.file: one.picture for one in covering}
    for one in shown[:_TOLD]:
        where = f"page {one.page}"
        if one.what == "file":
            hidden = " under a picture" if one in over else ""
            yield Step(action="show", text=f"the icon of {one.text!r}{hidden}", where=where)
        else:
            what = f"a picture{': ' if one.text else ''}" if one.what == "picture" else ""
            yield Step(action="show", text=f"{what}{' '.join(one.text.split())[:_LENGTH]}", where=where)
        for address in one.addresses:
            yield Step(action="fetch", text=address, where=where, by="click", depth=1)
    for name in dict.fromkeys(one.text for one in shown if one.what == "file"):
        yield Step(action="start", text=name, by="double click")


def _place(one: Shown) -> str:
    return f"page {one.page}, {one.what}"
