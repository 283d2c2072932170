"""The cells of macro sheets that are XML, with the shared strings they use (ECMA-376 part 1, 18.3 and 18.4)."""

import re
from collections.abc import Iterator
from dataclasses import replace

from emotriage.formats.excel.cell_looks import Layout, whole
from emotriage.formats.excel.macrosheet import MAX_CELLS, MAX_TEXT, Cell, called_functions
from emotriage.formats.ooxml import Package, Part
from emotriage.formats.xml import iter_events
from emotriage.model.anomaly import Anomaly
from emotriage.model.errors import FormatError
from emotriage.model.limits import Budget

_REF = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_STARTS = frozenset({"row", "sheetFormatPr"})
_ENDS = frozenset({"f", "v", "t", "c"})
_EVEN_EMPTY = ("s", "inlineStr")
_Value = str | float | bool | None


class SheetReader:
    """Reads macro sheets of one workbook, which share what may be kept and the table of strings.

    Attributes:
        anomalies: what was odd in any of them.
        layout: how the cells of the sheet look that was read last.
    """

    def __init__(self, package: Package, strings: tuple[Part, ...], budget: Budget) -> None:
        """`strings` are the workbook's parts of shared strings."""
        self.anomalies: list[Anomaly] = []
        self.layout = Layout()
        self._package = package
        self._parts = strings
        self._budget = budget
        self._quiet = False
        self._cells_left = MAX_CELLS
        self._text_left = MAX_TEXT

    def read(self, part: Part, *, data: bool = False) -> tuple[Cell, ...]:
        """The cells of a macro sheet; of a worksheet, which is only asked for `data`, what is odd is kept to itself.

        A formula that is shared stands in its first cell; those that follow get its text with nothing moved.

        Raises:
            FormatError: the part can't be unpacked at all.
        """
        cells: list[Cell] = []
        strings: list[tuple[int, int]] = []
        self._quiet = data
        for cell, string in self._cells(part):
            if string is not None:
                strings.append((len(cells), string))
            cells.append(cell)
        texts = self._shared_strings({string for _, string in strings})
        for index, string in strings:
            if string in texts:
                cells[index] = cells[index]._replace(value=texts[string])
            else:
                self._odd("shared-string-missing", f"{part.name}!{cells[index].ref}")
        return tuple(cells)

    def _cells(self, part: Part) -> Iterator[tuple[Cell, int | None]]:
        """(cell, index of its shared string) of every cell that holds something."""
        row, column = -1, -1
        formula, shared, inner = "", None, ""
        inline: list[str] = []
        masters: dict[str, str] = {}
        styles: dict[tuple[int, int], int] = {}
        rows: dict[int, int] = {}
        heights: dict[int, float] = {}
        self.layout = Layout(styles, rows, heights)
        stream = self._package.stream(part, self._budget, self.anomalies)
        for start, (tag, attributes, text) in iter_events(
            stream, self._budget, self.anomalies, starts=_STARTS, ends=_ENDS
        ):
            if start:
                formula, shared, inner, inline = "", None, "", []
                if tag == "row":
                    row, column = _number(attributes.get("r"), row + 2) - 1, -1
                    if "ht" in attributes and len(heights) < MAX_CELLS:
                        heights[row] = _height(attributes["ht"])
                    if "s" in attributes and len(rows) < MAX_CELLS:
                        rows[row] = whole(attributes["s"])
                else:
                    self.layout = replace(self.layout, height=_height(attributes.get("defaultRowHeight", "")))
            elif tag == "v":
                inner = text
            elif tag == "f":
                formula = text.strip()
                shared = attributes.get("si") if attributes.get("t") == "shared" else None
            elif tag == "t":
                inline.append(text)
            else:
                row, column = _place(attributes.get("r", ""), row, column + 1)
                if (style := attributes.get("s", "0")) != "0" and len(styles) < MAX_CELLS:
                    styles[row, column] = whole(style)
                if shared is not None:
                    formula = masters.setdefault(shared, formula) if formula or shared in masters else ""
                kind = attributes.get("t", "n")
                if formula or inner or inline or kind in _EVEN_EMPTY:
                    value, string = _value(kind, inner, inline)
                    self._cells_left -= 1
                    self._text_left -= len(formula) + (len(value) if isinstance(value, str) else 0)
                    if self._cells_left < 0 or self._text_left < 0:
                        self._odd("cells-over-limit", part.name)
                        return
                    if formula:
                        formula = "=" + formula.removeprefix("=")
                        yield Cell(row, column, formula, value, called_functions(formula)), string
                    else:
                        yield Cell(row, column, value=value), string
                    formula, shared, inner = "", None, ""
                    if inline:
                        inline = []

    def _shared_strings(self, wanted: set[int]) -> dict[int, str]:
        found: dict[int, str] = {}
        if not wanted:
            return found
        last = max(wanted)
        try:
            for part in self._parts[:1]:
                for index, text in self._strings(part):
                    if index in wanted:
                        self._text_left -= len(text)
                        found[index] = text
                    if index == last or self._text_left < 0:
                        break
        except FormatError:
            self._odd("unread-part", "shared strings")
        return found

    def _strings(self, part: Part) -> Iterator[tuple[int, str]]:
        index, pieces, phonetic = 0, list[str](), False
        stream = self._package.stream(part, self._budget, self.anomalies)
        for event in iter_events(stream, self._budget, self.anomalies):
            tag = event.element.tag
            if tag == "rPh":
                phonetic = event.start
            elif tag == "si":
                if not event.start:
                    yield index, "".join(pieces)
                    index += 1
                pieces = []
            elif tag == "t" and not event.start and not phonetic:
                pieces.append(event.element.text)

    def _odd(self, code: str, where: str) -> None:
        if len(self.anomalies) < 64 and not self._quiet:
            self.anomalies.append(Anomaly(code, where, incomplete=True))


def _value(kind: str, inner: str, inline: list[str]) -> tuple[_Value, int | None]:
    """(value, index of a shared string) of a cell of that type (18.18.11)."""
    if kind == "s":
        return None, _number(inner, -1)
    if kind == "inlineStr":
        return "".join(inline), None
    if not inner:
        return None, None
    if kind == "b":
        return inner.strip() in ("1", "true"), None
    if kind == "n":
        try:
            return float(inner), None
        except ValueError:
            return inner, None
    return inner, None


def _place(ref: str, row: int, column: int) -> tuple[int, int]:
    """(row, column) that a cell's reference says, or the place that follows in order."""
    found = _REF.fullmatch(ref)
    if not found:
        return max(row, 0), column
    number = 0
    for letter in found[1].upper():
        number = number * 26 + ord(letter) - 64
    return int(found[2]) - 1, number - 1


def _height(text: str) -> float:
    """A height in points, or what rows have by default."""
    try:
        return min(max(float(text), 0.0), 409.0)
    except ValueError:
        return 15.0


def _number(text: str | None, default: int) -> int:
    """A small decimal number, or the default."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default
