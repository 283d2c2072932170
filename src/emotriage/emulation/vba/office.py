"""The objects of Word and Excel that hold a document's content, answered from what the document holds."""

import re
from collections.abc import Sequence

from emotriage.emulation.vba.document import Document, Shape
from emotriage.emulation.vba.objects import collection
from emotriage.emulation.vba.values import UNKNOWN, Array, Partly, Thing, Unknown, Value, number_of, text_of

_ADDRESS = re.compile(r"\$?([a-z]{1,3})\$?(\d{1,7})(?::\$?([a-z]{1,3})\$?(\d{1,7}))?")
_CELLS = 4096
_ROWS = 4096
_FOLDER = "%DOCUMENT%"
_BARE = frozenset({"sheets", "worksheets", "activesheet", "cells", "range", "shapes", "usedrange", "selection"})
_CONTENT = frozenset({"value", "value2", "text", "formula", "formulalocal", "formular1c1"})
_WRITTEN = frozenset({"comment", "range", "characters"})
_OF_SHEETS = frozenset({"comments", "shapes", "textboxes", "drawingobjects"})
OWNERS = frozenset({"document", "library", "sheet", "module"})
"""Kinds of objects that the document's collections hang on."""


class Office:
    """Answers for the document, its sheets and its shapes; each is built when it is first asked for."""

    def __init__(self, document: Document, controls: dict[str, Thing]) -> None:
        self.root = Thing("document")
        self._document = document
        self._controls = controls
        self._made: dict[str, Thing] = {}
        self._cells: dict[tuple[int, int, int], Thing] = {}

    def bare(self, name: str) -> Value:
        """What a name stands for that nothing else has; None where it is nothing of the document's."""
        if name in _BARE:
            return self.member(self.root, name)
        if name.startswith("["):
            return self._range(0, name.strip("[]"))
        return None

    def sheet_of_module(self, module: str) -> Thing | None:
        """The sheet whose code a module is."""
        for index, one in enumerate(self._document.sheets()):
            if one.code_name.lower() == module:
                return self._sheet(index)
        return None

    def member(self, owner: Thing, name: str) -> Value:
        """A property of a document or sheet; None where that is none."""
        if owner.kind == "cell":
            return self._of_cell(owner, name, [])
        if owner.kind not in OWNERS:
            return None
        if owner.kind == "sheet" and name in ("cells", "usedrange", "range", "rows", "columns"):
            return self._grid(owner, name)
        if owner.kind == "sheet" and name in _OF_SHEETS:
            return self._of_sheet(owner, name)
        make = _COLLECTIONS.get(name)
        if make is not None:
            if name not in self._made:
                self._made[name] = make(self)
            return self._made[name]
        if name in ("activesheet", "sheet"):
            return self._sheet(0)
        if name in ("cells", "usedrange", "rows") and self._document.sheets():
            return self._grid(self._sheet(0), name)
        if name in ("content", "range") and owner.kind == "document":
            return self._text()
        if owner.kind == "document" and name in ("fullname", "name", "path"):
            return Partly({"fullname": f"{_FOLDER}\\document", "name": "document", "path": _FOLDER}[name])
        return None

    def call(self, owner: Thing, name: str, args: list[Value]) -> Value:
        """A method, or a property with arguments; None where it is nothing of the document's."""
        if owner.kind == "cell":
            return self._of_cell(owner, name, args)
        if owner.kind == "grid" and name in ("range", "cells", "item"):
            return self._at(owner, name, args)
        if owner.kind == "cells" and name in ("cells", "item"):
            return self.item(owner, args)
        if name == "text" and not args and owner.kind in _WRITTEN:
            return owner.fields["text"]
        if owner.kind == "shapes" and name == "range" and args:
            chosen = args[0]
            return self.item(owner, [next(iter(chosen.items.values()), "")] if isinstance(chosen, Array) else args)
        if owner.kind not in OWNERS:
            return None
        if name == "cells" or (
            name == "range" and args and (owner.kind == "sheet" or isinstance(args[0], str | Thing))
        ):
            sheet = owner if owner.kind == "sheet" else self._sheet(0)
            return self._at(self._grid(sheet, name), name, args)
        if name == "range" and owner.kind == "document":
            start, end = (number_of(args[0]) if args else 0, number_of(args[1]) if len(args) > 1 else UNKNOWN)
            text = text_of(self._text())
            if isinstance(start, Unknown) or isinstance(text, Unknown):
                return self._text()
            return _range_of(text[int(start) : None if isinstance(end, Unknown) else int(end)])
        held = self.member(owner, name)
        if not isinstance(held, Thing):
            return None
        return self.item(held, args)

    def item(self, held: Thing, args: list[Value]) -> Value:
        """An item of one of the collections; a variable that is not there begins to be."""
        if not args:
            return held
        key = str(text_of(args[0])).lower()
        if key in held.items:
            return held.items[key]
        if held.kind == "grid":
            return self._at(held, "cells", args)
        if held.kind == "characters":
            return _some_characters(held, args)
        if held.kind in ("variables", "properties"):
            return held.items.setdefault(key, Thing("variable", {"value": UNKNOWN}))
        if held.kind in ("shapes", "controls"):
            return self._controls.get(key, UNKNOWN)
        return UNKNOWN

    def _text(self) -> Thing:
        if "\0text" not in self._made:
            self._made["\0text"] = _range_of("\r".join(self._document.paragraphs()) or UNKNOWN)
        return self._made["\0text"]

    def variables(self) -> Thing:
        """One of the collections."""
        return collection("variables", [(key, _variable(key, one)) for key, one in self._document.variables().items()])

    def properties(self) -> Thing:
        """One of the collections."""
        return collection(
            "properties", [(key, _variable(key, one)) for key, one in self._document.properties().items()]
        )

    def paragraphs(self) -> Thing:
        """One of the collections."""
        made = [Thing("paragraph", {"range": _range_of(f"{one}\r")}) for one in self._document.paragraphs()]
        return collection("paragraphs", [("", one) for one in made])

    def comments(self) -> Thing:
        """One of the collections."""
        return collection("comments", [("", _comment(one)) for one in self._document.comments()])

    def shapes(self) -> Thing:
        """One of the collections; what stands in the text is found in it by name alone."""
        return _shapes(self._document.shapes(), inline=False)

    def inline_shapes(self) -> Thing:
        """One of the collections."""
        return _shapes(self._document.shapes(), inline=True)

    def _of_sheet(self, sheet: Thing, name: str) -> Thing:
        """Comments of a sheet's cells, or its shapes."""
        index = sheet.fields.get("\0index")
        index = index if isinstance(index, int) else 0
        key = f"\0{name} {index}"
        if key not in self._made:
            if name == "comments":
                sheets = self._document.sheets()
                texts = sheets[index].comments.values() if index < len(sheets) else ()
                self._made[key] = collection("comments", [("", _comment(one)) for one in texts])
            else:
                self._made[key] = _shapes(self._document.shapes_of(index), inline=False)
        return self._made[key]

    def sheets(self) -> Thing:
        """One of the collections."""
        made = [(one.name, self._sheet(index)) for index, one in enumerate(self._document.sheets())]
        return collection("sheets", made)

    def parts(self) -> Thing:
        """One of the collections."""
        made = [
            Thing("xmlpart", {"xml": one, "text": re.sub(r"<[^<>]{0,4096}>", "", one)})
            for one in self._document.parts()
        ]
        return collection("parts", [("", one) for one in made])

    def _sheet(self, index: int) -> Thing:
        key = f"\0sheet {index}"
        if key not in self._made:
            sheets = self._document.sheets()
            name, module = (sheets[index].name, sheets[index].code_name) if index < len(sheets) else ("", "")
            self._made[key] = Thing("sheet", {"name": name, "": module.lower(), "\0index": index})
        return self._made[key]

    def _grid(self, sheet: Thing, name: str) -> Thing:
        """The cells of a sheet; as rows, as many as it has."""
        index = sheet.fields.get("\0index")
        key = f"\0grid {index} {name}"
        if key not in self._made:
            made = self._made[key] = Thing("grid", {"\0index": index})
            if name in ("rows", "usedrange"):
                sheets = self._document.sheets()
                cells = sheets[index].cells if isinstance(index, int) and index < len(sheets) else {}
                last = min(max((row for row, _ in cells), default=0), _ROWS)
                made.fields["count"] = last
                index = index if isinstance(index, int) else 0
                if name == "rows":
                    made.items = {str(row): Thing("row", {"row": row}) for row in range(1, last + 2)}
                else:
                    made.items = {f"{r},{c}": self.cell(index, r, c) for r, c in sorted(cells)[:_CELLS]}
        return self._made[key]

    def _at(self, grid: Thing, name: str, args: list[Value]) -> Value:
        index = grid.fields.get("\0index")
        index = index if isinstance(index, int) else 0
        if name == "range" and args:
            first = args[0]
            if isinstance(first, Thing):
                return first
            text = text_of(first)
            return UNKNOWN if isinstance(text, Unknown) else self._range(index, text)
        numbers = [_column(one) if isinstance(one, str) and one.isalpha() else number_of(one) for one in args[:2]]
        if not numbers or any(isinstance(one, Unknown) for one in numbers):
            return UNKNOWN
        known = [int(one) for one in numbers if not isinstance(one, Unknown)]
        row, column = (1, known[0]) if len(known) == 1 else known
        return self.cell(index, row, column)

    def _range(self, index: int, address: str) -> Value:
        """Cells by their address: ``A1``, ``A1:B2``, ``Sheet!A1``."""
        sheet, _, place = address.rpartition("!")
        if sheet:
            names = [one.name.lower() for one in self._document.sheets()]
            name = sheet.strip("'").lower()
            index = names.index(name) if name in names else index
        found = _ADDRESS.fullmatch(place.strip().lower())
        if found is None:
            return UNKNOWN
        top, left = int(found[2]), _column(found[1])
        if not found[3]:
            return self.cell(index, top, left)
        rows, columns = range(top, int(found[4]) + 1), range(left, _column(found[3]) + 1)
        if not 0 < len(rows) * len(columns) <= _CELLS:
            return UNKNOWN
        made = Thing("cells", {"count": len(rows) * len(columns)})
        values = Array(base=1)
        for row in rows:
            for column in columns:
                one = made.items[str(len(made.items) + 1)] = self.cell(index, row, column)
                values.put((row - top + 1, column - left + 1), one.fields["value"])
        made.fields["value"] = made.fields["value2"] = values
        return made

    def cell(self, index: int, row: int, column: int) -> Thing:
        """One cell, which is the same object each time, so that what is written to it can be read again."""
        key = (index, row, column)
        if key not in self._cells:
            sheets = self._document.sheets()
            value: Value = sheets[index].cells.get((row, column)) if 0 <= index < len(sheets) else UNKNOWN
            shown = text_of(value)
            self._cells[key] = Thing(
                "cell",
                {
                    "value": value,
                    "value2": value,
                    "text": shown,
                    "formula": shown,
                    "row": row,
                    "column": column,
                    "\0index": index,
                },
            )
        return self._cells[key]

    def _of_cell(self, cell: Thing, name: str, args: list[Value]) -> Value:
        index, row, column = (cell.fields[one] for one in ("\0index", "row", "column"))
        if not (isinstance(index, int) and isinstance(row, int) and isinstance(column, int)):
            return None
        if name in ("offset", "cells", "item"):
            numbers = [number_of(one) for one in args[:2]]
            known = [int(one) for one in numbers if not isinstance(one, Unknown)]
            if len(known) != 2:
                return UNKNOWN
            less = 0 if name == "offset" else 1
            return self.cell(index, row + known[0] - less, column + known[1] - less)
        if name in ("comment", "notetext"):
            sheets = self._document.sheets()
            text = sheets[index].comments.get(f"{_letters(column)}{row}", "") if index < len(sheets) else ""
            return text if name == "notetext" else _comment(text)
        if name in _CONTENT:
            return cell.fields.get(name, UNKNOWN)
        return None

    def write_cell(self, cell: Thing, name: str, value: Value) -> None:
        """``cell.Value = ...``."""
        names = _CONTENT if name in _CONTENT else (name,)
        cell.fields.update(dict.fromkeys(names, value))


def _range_of(text: Value) -> Thing:
    return Thing("range", {"text": text, "value": text, "caption": text})


def _some_characters(held: Thing, args: list[Value]) -> Value:
    """Characters from a place on, counted from 1; as many as are asked for."""
    text, first = text_of(held.fields["text"]), number_of(args[0])
    count = number_of(args[1]) if len(args) > 1 else 1
    if isinstance(text, Unknown) or isinstance(first, Unknown) or isinstance(count, Unknown):
        return UNKNOWN
    start = max(int(first), 1) - 1
    return _range_of(text[start : start + max(int(count), 0)])


def _comment(text: str) -> Thing:
    shape = _shape(Shape("", text=text))
    return Thing("comment", {"range": _range_of(text), "text": text, "shape": shape})


def _shapes(found: Sequence[Shape], *, inline: bool) -> Thing:
    """Shapes by number and name; the others by name, where nothing else has it."""
    made = collection("shapes", [(one.name, _shape(one)) for one in found if one.inline is inline])
    for one in found:
        if one.inline is not inline and one.name:
            made.items.setdefault(one.name.lower(), _shape(one))
    return made


def _variable(name: str, value: str) -> Thing:
    return Thing("variable", {"value": value, "name": name})


def _shape(one: Shape) -> Thing:
    characters = Thing("characters", {"text": one.text, "caption": one.text})
    text = _range_of(one.text)
    text.fields["characters"] = characters
    frame = Thing(
        "textframe", {"textrange": text, "characters": characters, "hastext": bool(one.text), "contentrange": text}
    )
    return Thing(
        "shape",
        {
            "name": one.name,
            "alternativetext": one.description,
            "title": one.title,
            "textframe": frame,
            "textframe2": frame,
            "range": text,
            "text": one.text,
            "caption": one.text,
            "drawingobject": text,
            "oleformat": Thing("oleformat", {"object": text}),
        },
    )


def _column(letters: str) -> int:
    number = 0
    for one in letters.lower()[:3]:
        number = number * 26 + ord(one) - 96
    return number


def _letters(column: int) -> str:
    text = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


_COLLECTIONS = {
    "variables": Office.variables,
    "builtindocumentproperties": Office.properties,
    "customdocumentproperties": Office.properties,
    "documentproperties": Office.properties,
    "paragraphs": Office.paragraphs,
    "comments": Office.comments,
    "shapes": Office.shapes,
    "inlineshapes": Office.inline_shapes,
    "textboxes": Office.shapes,
    "drawingobjects": Office.shapes,
    "sheets": Office.sheets,
    "worksheets": Office.sheets,
    "customxmlparts": Office.parts,
}
