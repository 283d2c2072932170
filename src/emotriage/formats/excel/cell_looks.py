"""How cells look, where macros ask: font, colours, alignment, heights; and styles.xml (ECMA-376 part 1, 18.8).

Macros use the size of a font or the height of a row as a key, so what a program says about them matters.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from emotriage.formats.xml import iter_events
from emotriage.model.anomaly import Anomaly
from emotriage.model.limits import Budget

MOST_LOOKS = 65536
"""Looks of one workbook; a cell's number of its look is 16 bits wide."""
_PALETTE = """
000000 FFFFFF FF0000 00FF00 0000FF FFFF00 FF00FF 00FFFF 800000 008000 000080 808000 800080 008080 C0C0C0 808080
9999FF 993366 FFFFCC CCFFFF 660066 FF8080 0066CC CCCCFF 000080 FF00FF FFFF00 00FFFF 800080 800000 008080 0000FF
00CCFF CCFFFF CCFFCC FFFF99 99CCFF FF99CC CC99FF FFCC99 3366FF 33CCCC 99CC00 FFCC00 FF9900 FF6600 666699 969696
003366 339966 003300 333300 993300 993366 333399 333333
"""
PALETTE = tuple(int(one, 16) for one in _PALETTE.split())
"""Colours 1 to 56 of a workbook that has none of its own ([MS-XLS] 2.5.161)."""
_THEME = (0xFFFFFF, 0x000000, 0xEEECE1, 0x1F497D, 0x4F81BD, 0xC0504D, 0x9BBB59, 0x8064A2, 0x4BACC6, 0xF79646)
_VERTICAL = {"top": 1, "center": 2, "bottom": 3, "justify": 4, "distributed": 5}
_HORIZONTAL = {
    "general": 1,
    "left": 2,
    "center": 3,
    "right": 4,
    "fill": 5,
    "justify": 6,
    "centerContinuous": 7,
    "distributed": 8,
}


class Font(NamedTuple):
    """A font: its name, size in points, colour (1 to 56, 0 for automatic), and four marks."""

    name: str = "Calibri"
    size: float = 11.0
    colour: int = 0
    bold: bool = False
    italic: bool = False
    underlined: bool = False
    struck: bool = False


class Look(NamedTuple):
    """How a cell looks, in the numbers that GET.CELL answers with.

    Attributes:
        font: of its text.
        fill: colour of its pattern (1 to 56), 0 for none.
        vertical: 1 top, 2 centre, 3 bottom, 4 justified, 5 distributed.
        horizontal: 1 general, 2 left, 3 centre, 4 right, 5 filled, 6 justified, 7 centred across, 8 distributed.
        wrapped: its text runs on in further lines.
        locked: against changes, on a protected sheet.
        number_format: as cells spell it.
    """

    font: Font = Font()
    fill: int = 0
    vertical: int = 3
    horizontal: int = 1
    wrapped: bool = False
    locked: bool = True
    number_format: str = "General"


@dataclass(frozen=True, slots=True)
class Layout:
    """What a sheet says about the looks of its cells.

    Attributes:
        styles: number of a cell's look, by (row, column), where it is not the usual one.
        rows: the same for whole rows.
        heights: of rows, in points.
        height: of all others.
        style: number of the look that all other cells have.
    """

    styles: Mapping[tuple[int, int], int] = field(default_factory=dict)
    rows: Mapping[int, int] = field(default_factory=dict)
    heights: Mapping[int, float] = field(default_factory=dict)
    height: float = 15.0
    style: int = 0


@lru_cache(256)
def colour_index(rgb: int, palette: Sequence[int] = PALETTE) -> int:
    """The number of the colour that comes nearest, from 1."""
    red, green, blue = rgb >> 16 & 0xFF, rgb >> 8 & 0xFF, rgb & 0xFF

    def distance(at: int) -> int:
        one = palette[at]
        return (red - (one >> 16 & 0xFF)) ** 2 + (green - (one >> 8 & 0xFF)) ** 2 + (blue - (one & 0xFF)) ** 2

    return min(range(len(palette)), key=distance) + 1


def theme_colour(number: int) -> int:
    """The number of a theme's colour, as Office's own theme has it."""
    return colour_index(_THEME[number]) if 0 <= number < len(_THEME) else 0


def read_styles(chunks: Iterable[bytes], budget: Budget, anomalies: list[Anomaly]) -> tuple[Look, ...]:
    """The looks that the numbers of cells in an .xlsm stand for, in order."""
    fonts: list[Font] = []
    fills: list[int] = []
    looks: list[Look] = []
    font: dict[str, str] = {}
    colour, fill, alignment, locked, inside = 0, 0, dict[str, str](), True, ""
    for start, (tag, attributes, _) in iter_events(chunks, budget, anomalies):
        if start:
            if tag in ("fonts", "fills", "cellXfs", "cellStyleXfs", "dxfs"):
                inside = tag
            elif tag in ("font", "fill", "xf"):
                font, colour, fill, alignment, locked = {}, 0, 0, {}, True
            continue
        if tag in ("fonts", "fills", "cellXfs", "cellStyleXfs", "dxfs"):
            inside = ""
        elif tag == "color" and inside == "fonts":
            colour = _colour(attributes)
        elif tag == "fgColor" and inside == "fills":
            fill = _colour(attributes)
        elif tag == "alignment":
            alignment = attributes
        elif tag == "protection":
            locked = attributes.get("locked", "1") not in ("0", "false")
        elif tag == "font" and inside == "fonts" and len(fonts) < MOST_LOOKS:
            fonts.append(_font(font, colour))
        elif tag == "fill" and inside == "fills" and len(fills) < MOST_LOOKS:
            fills.append(fill)
        elif tag == "xf" and inside == "cellXfs" and len(looks) < MOST_LOOKS:
            looks.append(_look(attributes, alignment, fonts, fills, locked=locked))
        elif inside == "fonts":
            font[tag] = attributes.get("val", "1")
    return tuple(looks)


def _font(marks: Mapping[str, str], colour: int) -> Font:
    def marked(name: str) -> bool:
        return marks.get(name, "0") not in ("0", "false", "none")

    size = _decimal(marks.get("sz"), 11.0)
    return Font(marks.get("name", "Calibri"), size, colour, marked("b"), marked("i"), marked("u"), marked("strike"))


def _look(
    attributes: Mapping[str, str],
    alignment: Mapping[str, str],
    fonts: Sequence[Font],
    fills: Sequence[int],
    *,
    locked: bool,
) -> Look:
    font, fill = whole(attributes.get("fontId")), whole(attributes.get("fillId"))
    return Look(
        fonts[font] if font < len(fonts) else Font(),
        fills[fill] if fill < len(fills) else 0,
        _VERTICAL.get(alignment.get("vertical", ""), 3),
        _HORIZONTAL.get(alignment.get("horizontal", ""), 1),
        alignment.get("wrapText", "0") in ("1", "true"),
        locked,
    )


def _colour(attributes: Mapping[str, str]) -> int:
    rgb = attributes.get("rgb", "")
    if rgb:
        try:
            return colour_index(int(rgb[-6:], 16))
        except ValueError:
            return 0
    if "theme" in attributes:
        return theme_colour(whole(attributes["theme"]))
    number = whole(attributes.get("indexed"))
    return indexed_colour(number) if "indexed" in attributes else 0


def indexed_colour(number: int) -> int:
    """What GET.CELL says of a colour's number in the file: 8 to 63 are the palette's, 0 to 7 the same as 8 to 15."""
    return number - 7 if 8 <= number < 64 else number + 1 if 0 <= number < 8 else 0


def whole(text: str | None) -> int:
    """A small decimal number; 0 where it is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _decimal(text: str | None, default: float) -> float:
    try:
        number = float(text or "")
    except ValueError:
        return default
    return number if abs(number) < 1e6 else default
