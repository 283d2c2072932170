"""What a OneNote page shows and where: texts, pictures and icons of files in their places, from [MS-ONE] 2.2 and 2.3.

Lengths are in half inches. Pages and whatever has an offset of its own are placed by it; paragraphs of an outline come
one below the other, as high as they say they are. That is near enough to tell what lies over what.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from emotriage.formats.ansi import decode_ansi
from emotriage.formats.onenote import objects as prids
from emotriage.formats.onenote.fsshttpb import Id
from emotriage.formats.onenote.objects import PageObject
from emotriage.model.anomaly import Anomaly
from emotriage.model.limits import RECORD, Budget

_ACROSS, _DOWN, _PAGE_WIDTH = 0x14001C14, 0x14001C15, 0x14001C01
_SHOWN_SIZE, _OWN_SIZE = (0x14001C1B, 0x14001C1C), (0x140034CD, 0x140034CE)
_ICON, _LINE = 2.0, 0.6
_FIELD = re.compile('\ufddfHYPERLINK "([^"]{0,4096})"')
_PAIRS, _PAIR = 1 << 16, 20

What = Literal["text", "picture", "file"]
Box = tuple[float, float, float, float]
"""Left, top, width, height."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A thing on a page.

    Attributes:
        what: a text, a picture, or the icon of an attached file.
        text: what it says, the file's name, or what the picture says for those who don't see it.
        addresses: where a click on it leads.
        page: number of the page, from 0.
        box: its place there.
        id: of the object.
        offset: of its property set in the file.
    """

    what: What
    text: str
    addresses: tuple[str, ...]
    page: int
    box: Box
    id: Id
    offset: int


@dataclass(frozen=True, slots=True)
class Cover:
    """A picture that lies where the icon of a file lies.

    Attributes:
        file: the icon.
        picture: it.
        share: of the icon's area that the picture takes.
        above: the picture comes later on the page, and so lies over the icon; otherwise the icon lies on the picture.
    """

    file: Shown
    picture: Shown
    share: float
    above: bool


@dataclass(slots=True)
class _Flow:
    """An outline: where it begins, and how far down its paragraphs have come."""

    left: float
    top: float
    used: float = 0.0


def arrange(objects: Mapping[Id, PageObject], budget: Budget) -> tuple[Shown, ...]:
    """Everything that the pages show, in the order in which they hold it; what no page holds comes last."""
    inside = {child for one in objects.values() for prid in prids.CHILDREN for child in one.of(prid)}
    roots = [one for one in objects.values() if one.id not in inside]
    pages = [one for one in objects.values() if _PAGE_WIDTH in one.properties.numbers]
    found: list[Shown] = []
    met: set[Id] = set()
    page = -1
    for root in (*roots, *pages, *objects.values()):
        stack = [(root, _Flow(0.0, 0.0))] if root.id not in met else []
        page += bool(stack)
        while stack:
            one, flow = stack.pop()
            if one.id in met:
                continue
            met.add(one.id)
            budget.spend(RECORD)
            across, down = one.properties.length(_ACROSS), one.properties.length(_DOWN)
            is_page = _PAGE_WIDTH in one.properties.numbers
            page += is_page
            placed = across is not None or down is not None
            flow = _Flow(flow.left + (across or 0.0), flow.top + (down or 0.0)) if placed else flow
            shown = list(_shown(one, page, flow))
            found += shown
            if shown and not placed:
                flow.used += max(each.box[3] for each in shown)
            children = [objects[each] for prid in prids.CHILDREN for each in one.of(prid) if each in objects]
            budget.spend(RECORD * len(children))
            stack += [(each, _Flow(0.0, 0.0) if is_page else flow) for each in reversed(children)]
    return tuple(found)


def covers(shown: Sequence[Shown], budget: Budget) -> tuple[tuple[Cover, ...], tuple[Anomaly, ...]]:
    """Pictures and icons that share their place, and an anomaly where there were too many to compare."""
    found: list[Cover] = []
    by_page: dict[int, tuple[list[tuple[int, Shown]], list[tuple[int, Shown]]]] = {}
    for number, one in enumerate(shown):
        if one.what != "text":
            by_page.setdefault(one.page, ([], []))[one.what == "picture"].append((number, one))
    pairs = 0
    for files, pictures in by_page.values():
        pairs += len(files) * len(pictures)
        if pairs > _PAIRS:
            return tuple(found), (Anomaly("too-many-on-a-page", "page", files[0][1].offset, incomplete=True),)
        budget.spend(_PAIR * len(files) * len(pictures))
        for place, file in files:
            for other, picture in pictures:
                if share := _share(file.box, picture.box):
                    found.append(Cover(file, picture, share, other > place))
    return tuple(found), ()


def _shown(one: PageObject, page: int, flow: _Flow) -> Iterator[Shown]:
    said = one.properties
    raw = said.text(prids.TEXT) or decode_ansi(said.data.get(prids.NARROW_TEXT, b"").rstrip(b"\0"))
    addresses = dict.fromkeys((*_FIELD.findall(raw), *([link] if (link := said.text(prids.ADDRESS)) else ())))
    text = _FIELD.sub("", raw).strip()
    what: What = "text"
    if said.objects.get(prids.FILE_CONTAINER) or said.text(prids.FILE_NAME):
        what, text = "file", said.text(prids.FILE_NAME) or text
    elif said.objects.get(prids.IMAGE_CONTAINER):
        what, text = "picture", " ".join(filter(None, (said.text(prids.ALTERNATIVE_TEXT), text)))
    elif not text and not addresses:
        return
    width, height = (
        abs(said.length(mine) or said.length(own) or 0.0) or (_LINE if what == "text" else _ICON)
        for mine, own in zip(_SHOWN_SIZE, _OWN_SIZE, strict=True)
    )
    yield Shown(
        what, text, tuple(addresses), page, (flow.left, flow.top + flow.used, width, height), one.id, one.offset
    )


def _share(icon: Box, picture: Box) -> float:
    """How much of an icon's area lies within a picture, 0.0 to 1.0."""
    across = min(icon[0] + icon[2], picture[0] + picture[2]) - max(icon[0], picture[0])
    down = min(icon[1] + icon[3], picture[1] + picture[3]) - max(icon[1], picture[1])
    if across <= 0 or down <= 0:
        return 0.0
    return min(across * down / (icon[2] * icon[3]), 1.0)
