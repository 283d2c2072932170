"""Excel 2007 and later: sheets, defined names and macro sheets of .xlsx, .xlsm and .xlsb packages.

ECMA-376 part 1, 18.2 and 18.3; macro sheets by [MS-OFFMACRO2] 2.2.1.5 and 2.2.1.6. Whatever calls a part a macro
sheet, its content type, its relationship or its folder, is believed: programs do not agree on which of them counts.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain

from emotriage.formats.excel.biff12 import BEGIN_BOOK, BundledSheet, read_binary_workbook
from emotriage.formats.excel.cell_looks import Layout, Look, read_styles
from emotriage.formats.excel.looks_binary import read_binary_styles
from emotriage.formats.excel.macrosheet import (
    Cell,
    DefinedName,
    Sheet,
    SheetKind,
    SheetState,
    Workbook,
    asks_for_looks,
    called_functions,
    referenced_sheets,
)
from emotriage.formats.excel.macrosheet_binary import BinarySheetReader
from emotriage.formats.excel.macrosheet_xml import SheetReader
from emotriage.formats.excel.ptg import Scope
from emotriage.formats.ooxml import Package, Part
from emotriage.formats.xml import iter_events
from emotriage.model.anomaly import Anomaly
from emotriage.model.errors import FormatError
from emotriage.model.limits import RECORD, Budget

_MAIN = re.compile(r"(sheet|template|addin)\.(binary\.)?(macroenabled\.)?main(\+xml)?$")
_OTHERS = ("wordprocessingml", "presentationml", "ms-word", "ms-powerpoint", "visio")
_KINDS: tuple[tuple[str, SheetKind], ...] = (
    ("macrosheet", "macrosheet"),
    ("dialogsheet", "dialog"),
    ("chartsheet", "chart"),
    ("worksheet", "worksheet"),
)
_STATES: dict[str, SheetState] = {"": "visible", "visible": "visible", "hidden": "hidden", "veryHidden": "very-hidden"}
_MOST = 65535


def read_workbooks(package: Package, budget: Budget, *, every: bool = False) -> tuple[Workbook, ...]:
    """Read the workbooks of a package: none when it is another program's document, several when it is ambiguous.

    With `every`, all worksheets are read, whether or not macros take their texts from them.
    """
    books = tuple(_Book(package, part, budget, every=every) for part in _workbook_parts(package))
    found = [workbook for book in books if (workbook := book.read()) is not None]
    read = {part for book in books for part in book.parts}
    targets = {one.target.lower() for one in package.relationships if "macrosheet" in one.type.lower()}
    strays = [part for part in package.parts if part not in read and _is_macrosheet(part, targets)]
    if strays:
        found.append(_read_strays(package, strays, budget))
    return tuple(found)


def _workbook_parts(package: Package) -> tuple[Part, ...]:
    """Parts that may be the workbook: what the package says it is, and what is declared to be one."""
    declared = (part for part in package.parts if _MAIN.search(part.content_type))
    found = dict.fromkeys(chain(package.related("", "officeDocument"), declared))
    return tuple(part for part in found if not any(word in part.content_type for word in _OTHERS))


def _is_macrosheet(part: Part, targets: set[str]) -> bool:
    name = part.name.lower()
    if "macrosheet" in part.content_type or name in targets:
        return True
    return "/macrosheets/" in "/" + name and "/_rels/" not in name and "binaryindex" not in name


class _Book:
    """Reads one workbook.

    Attributes:
        parts: of the sheets that its list leads to.
    """

    def __init__(self, package: Package, part: Part, budget: Budget, *, every: bool) -> None:
        self._every = every
        self.parts: set[Part] = set()
        self._package = package
        self._part = part
        self._budget = budget
        self._anomalies: list[Anomaly] = []
        self._relations = {one.id: one for one in reversed(package.relations(part.name))}
        self._readers = _Readers(package, package.related(part.name, "sharedStrings"), Scope(12), budget)

    def read(self) -> Workbook | None:
        """The workbook, or None when the part is none."""
        binary = False
        tabs: list[BundledSheet] = []
        names: list[DefinedName] = []
        try:
            chunks, binary = _open(self._package, self._part, self._budget, self._anomalies)
            if binary:
                listed = read_binary_workbook(chunks, self._budget, self._part.name)
                tabs, names = listed.sheets, listed.names
                strings = self._package.related(self._part.name, "sharedStrings")
                self._readers = _Readers(self._package, strings, listed.scope, self._budget)
                self._anomalies += listed.anomalies
            elif not self._read_list(chunks, tabs, names):
                return None
        except FormatError as error:
            self._anomalies.append(Anomaly("unread-part", f"{self._part.name}: {error}", incomplete=True))
        sheets = [self._sheet(tab) for tab in tabs]
        wanted = referenced_sheets(sheets, names)
        sheets = [self._data(one) if self._every or one.name.casefold() in wanted else one for one in sheets]
        looks = self._looks() if asks_for_looks(sheets) else ()
        anomalies = (*self._anomalies, *self._readers.anomalies)
        return Workbook(
            self._part.name,
            "biff12" if binary else "spreadsheetml",
            tuple(sheets),
            tuple(names),
            looks=looks,
            anomalies=anomalies,
        )

    def _looks(self) -> tuple[Look, ...]:
        """The looks of cells; what is odd there is kept to itself: that they were read at all is a help."""
        for part in self._package.related(self._part.name, "styles")[:1]:
            try:
                chunks, binary = _open(self._package, part, self._budget, [])
                return read_binary_styles(chunks, self._budget) if binary else read_styles(chunks, self._budget, [])
            except FormatError:
                break
        return ()

    def _read_list(self, chunks: Iterable[bytes], tabs: list[BundledSheet], names: list[DefinedName]) -> bool:
        """Fill in the sheets and names of workbook.xml; False when the document is something else."""
        first = True
        for event in iter_events(chunks, self._budget, self._anomalies):
            tag, attributes, text = event.element
            if first and tag != "workbook":
                return False
            first = False
            if event.start:
                continue
            if tag == "sheet" and len(tabs) < _MOST:
                state = _STATES.get(attributes.get("state", ""), "unknown")
                tabs.append(BundledSheet(attributes.get("name", ""), state, attributes.get("r:id", "")))
            elif tag == "definedName" and len(names) < _MOST:
                names.append(_defined_name(attributes, text))
        return True

    def _sheet(self, tab: BundledSheet) -> Sheet:
        self._budget.spend(RECORD)
        relation = self._relations.get(tab.relationship)
        target = self._package.part(relation.target) if relation and not relation.external else None
        claims = [relation.type.lower()] if relation else []
        if target is not None:
            claims.append(target.content_type)
            self.parts.add(target)
        kinds = {kind for claim in claims for word, kind in _KINDS if word in claim}
        kind: SheetKind = "macrosheet" if "macrosheet" in kinds else min(kinds, default="unknown")
        if len(kinds) > 1 and kind == "macrosheet":
            self._anomalies.append(Anomaly("sheet-type-differs", tab.name))
        if target is None:
            if not (relation and relation.external):
                self._anomalies.append(Anomaly("sheet-not-there", tab.name, incomplete=kind != "chart"))
            return Sheet(tab.name, kind, tab.state, read=kind != "macrosheet")
        if kind != "macrosheet":
            return Sheet(tab.name, kind, tab.state, target.name)
        return self._readers.macrosheet(target, Sheet(tab.name, kind, tab.state, target.name))

    def _data(self, sheet: Sheet) -> Sheet:
        """A worksheet with its cells, as far as they can be read."""
        part = self._package.part(sheet.where) if sheet.kind == "worksheet" and sheet.where else None
        if part is None:
            return sheet
        try:
            return replace(sheet, cells=self._readers.cells(part, data=True))
        except FormatError:
            return sheet


def _open(package: Package, part: Part, budget: Budget, anomalies: list[Anomaly]) -> tuple[Iterable[bytes], bool]:
    """(chunks of a part, whether it is binary)."""
    stream = package.stream(part, budget, anomalies)
    head = next(stream, b"")
    return chain((head,), stream), head[:2] == BEGIN_BOOK or not head.lstrip(
        b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
    ).startswith(b"<")


class _Readers:
    """Reads the sheets of one workbook, whichever form each of them has."""

    def __init__(self, package: Package, strings: tuple[Part, ...], scope: Scope, budget: Budget) -> None:
        self._package = package
        self._budget = budget
        self._xml = SheetReader(package, strings, budget)
        self._binary = BinarySheetReader(package, strings, scope, budget)
        self._anomalies: list[Anomaly] = []

    @property
    def anomalies(self) -> list[Anomaly]:
        """What was odd in any of the sheets."""
        return self._anomalies + self._xml.anomalies + self._binary.anomalies

    def cells(self, part: Part, *, data: bool = False) -> tuple[Cell, ...]:
        """The cells of a sheet.

        Raises:
            FormatError: the part can't be unpacked at all.
        """
        return self._cells(part, data=data)[0]

    def _cells(self, part: Part, *, data: bool = False) -> tuple[tuple[Cell, ...], Layout]:
        _, binary = _open(self._package, part, self._budget, [])
        reader = self._binary if binary else self._xml
        return reader.read(part, data=data), reader.layout

    def macrosheet(self, part: Part, sheet: Sheet) -> Sheet:
        """That sheet with its cells, or marked as not read."""
        try:
            cells, layout = self._cells(part)
            return replace(sheet, cells=cells, layout=layout)
        except FormatError as error:
            self._anomalies.append(Anomaly("unread-part", f"{part.name}: {error}", incomplete=True))
            return replace(sheet, read=False)


def _read_strays(package: Package, parts: list[Part], budget: Budget) -> Workbook:
    """Macro sheets that no list of sheets leads to, as a workbook of their own."""
    strings = tuple(part for part in package.parts if "sharedstrings" in part.content_type)
    readers = _Readers(package, strings, Scope(12), budget)
    sheets = tuple(
        readers.macrosheet(part, Sheet("", "macrosheet", "unknown", part.name, listed=False)) for part in parts
    )
    return Workbook("", "spreadsheetml", sheets, anomalies=tuple(readers.anomalies))


def _defined_name(attributes: dict[str, str], text: str) -> DefinedName:
    scope = attributes.get("localSheetId", "")
    formula = "=" + text.strip().removeprefix("=") if text.strip() else ""
    return DefinedName(
        attributes.get("name", ""),
        formula,
        attributes.get("hidden", "") in ("1", "true"),
        int(scope) if scope.isascii() and scope.isdigit() and len(scope) < 6 else None,
        called_functions(formula),
    )
