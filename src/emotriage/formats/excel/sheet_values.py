"""Values of the cells of worksheets that are XML, and nothing else of them (ECMA-376 part 1, 18.3 and 18.4)."""

import re

from emotriage.formats.excel.macrosheet import MAX_CELLS, MAX_TEXT
from emotriage.formats.ooxml import Package, Part
from emotriage.formats.xml import iter_events
from emotriage.model.anomaly import Anomaly
from emotriage.model.limits import Budget

Values = dict[tuple[int, int], str | float | bool]
"""By (row, column) from 1."""
_REF = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


def read_shared_texts(package: Package, part: Part, budget: Budget) -> list[str]:
    """The strings that cells share, in order; what is said about how they are read aloud is left out.

    Raises:
        FormatError: the part can't be unpacked.
    """
    found: list[str] = []
    problems: list[Anomaly] = []
    pieces: list[str] = []
    room, aloud = MAX_TEXT, False
    stream = package.stream(part, budget, problems)
    for start, (tag, _, text) in iter_events(stream, budget, problems, starts={"rPh"}, ends={"rPh", "si", "t"}):
        if tag == "rPh":
            aloud = start
        elif tag == "si":
            found.append(pieces[0] if len(pieces) == 1 else "".join(pieces))
            pieces = []
            if room < 0:
                break
        elif not aloud:
            pieces.append(text)
            room -= len(text)
    return found


def read_values(package: Package, part: Part, texts: list[str], budget: Budget) -> Values:
    """What the cells of a sheet hold, up to as many as are kept of a workbook.

    Args:
        package: the workbook.
        part: the sheet.
        texts: the strings that cells share.
        budget: charged for all of the part.

    Raises:
        FormatError: the part can't be unpacked.
    """
    found: Values = {}
    problems: list[Anomaly] = []
    row, last, behind, room = 0, "", 0, MAX_TEXT
    value, inline = "", list[str]()
    stream = package.stream(part, budget, problems)
    for start, (tag, attributes, text) in iter_events(stream, budget, problems, starts={"row"}, ends={"v", "t", "c"}):
        if start:
            row, last, behind = _number(attributes.get("r", ""), row + 1), "", 0
        elif tag == "v":
            value = text
        elif tag == "t":
            inline.append(text)
        else:
            last, behind = (attributes["r"], 0) if "r" in attributes else (last, behind + 1)
            if value or inline:
                held = _value(attributes.get("t", "n"), value, inline, texts)
                value, inline = "", []
                place = _place(last, row, behind)
                if held is not None and place is not None:
                    found[place] = held
                    room -= len(held) if isinstance(held, str) else 0
                    if len(found) >= MAX_CELLS or room < 0:
                        break
    return found


def _value(kind: str, value: str, inline: list[str], texts: list[str]) -> str | float | bool | None:
    """The value of a cell of that type (18.18.11)."""
    if kind == "s":
        index = _number(value, -1)
        return texts[index] if 0 <= index < len(texts) else None
    if kind == "inlineStr":
        return "".join(inline)
    if not value:
        return None
    if kind == "b":
        return value.strip() in ("1", "true")
    if kind == "n":
        try:
            return float(value)
        except ValueError:
            return value
    return value


def _place(ref: str, row: int, behind: int) -> tuple[int, int] | None:
    """(row, column) of a cell so many places behind the one of that reference, or behind the start of its row."""
    if not ref:
        return max(row, 1), behind
    found = _REF.fullmatch(ref)
    if found is None:
        return None
    number = 0
    for letter in found[1].upper():
        number = number * 26 + ord(letter) - 64
    return int(found[2]), number + behind


def _number(text: str, default: int) -> int:
    """A small decimal number, or the default."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default
