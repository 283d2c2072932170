"""What the readers of Excel's formats have in common: sheets, defined names, and the cells of macro sheets.

A formula is text in the form of the file formats, English and in A1 style, with its equals sign: ``=EXEC("calc")``.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple

from emotriage.formats.excel.cell_looks import Layout, Look
from emotriage.model.anomaly import Anomaly

SheetKind = Literal["worksheet", "macrosheet", "chart", "dialog", "module", "unknown"]
SheetState = Literal["visible", "hidden", "very-hidden", "unknown"]
Format = Literal["biff2-4", "biff5", "biff8", "biff12", "spreadsheetml", "sylk"]

MAX_CELLS = 200_000
"""Cells that a reader keeps of one workbook's macro sheets; more leave an anomaly."""
MAX_TEXT = 32 << 20
"""Characters of formulas and values that a reader keeps of one workbook; more leave an anomaly."""

_AUTO = ("open", "close", "activate", "deactivate")
# What localised Excel calls Auto_Open and Auto_Close: the built-in name is a number, but a typed one is text.
_LOCAL = {
    "auto_öffnen": "auto_open",
    "auto_schließen": "auto_close",
    "auto_schliessen": "auto_close",
    "auto_ouvrir": "auto_open",
    "auto_fermer": "auto_close",
    "auto_abrir": "auto_open",
    "auto_cerrar": "auto_close",
    "auto_fechar": "auto_close",
    "auto_apri": "auto_open",
    "auto_chiudi": "auto_close",
    "auto_openen": "auto_open",
    "auto_sluiten": "auto_close",
}
_PREFIXES = {f"auto_{event}": f"auto_{event}" for event in _AUTO} | _LOCAL
_PREFIX = re.compile(r"('(?:[^']|'')*'|(?<![\w.])[^\W\d][\w.]*)!")
_CALLED = re.compile(r'"[^"]*(?:""[^"]*)*"?|\'[^\']*(?:\'\'[^\']*)*\'?|(?<![\w.\\])([A-Za-z_\\][\w.\\]*)\??\(')


class Cell(NamedTuple):
    """A cell of a macro sheet that holds something.

    Attributes:
        row: from 0.
        column: from 0.
        formula: with its equals sign; empty for a constant.
        value: the constant, or the result that was stored with the formula.
        functions: what the formula calls, in order, as the format spells it; user-defined ones too.
        complete: false when the formula could not be decoded to its end.
    """

    row: int
    column: int
    formula: str = ""
    value: str | float | bool | None = None
    functions: tuple[str, ...] = ()
    complete: bool = True

    @property
    def ref(self) -> str:
        """The cell as people name it, such as ``A3``."""
        return f"{column_name(self.column)}{self.row + 1}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook.

    Attributes:
        name: as its tab says; empty where it is not known.
        kind: what it is; a sheet that any of the places of the file calls a macro sheet is one.
        state: as the workbook declares it.
        where: stream or part that holds it.
        cells: of macro sheets, and of worksheets that these refer to, in the order of the file.
        listed: false when the workbook's list of sheets does not have it.
        read: false when it is a macro sheet whose formulas were not read.
        layout: how the cells of a macro sheet look.
    """

    name: str
    kind: SheetKind
    state: SheetState
    where: str = ""
    cells: tuple[Cell, ...] = ()
    listed: bool = True
    read: bool = True
    layout: Layout = field(default=Layout(), repr=False)


@dataclass(frozen=True, slots=True)
class DefinedName:
    """A defined name.

    Attributes:
        name: as the file spells it; built-in ones as ``_xlnm.Auto_Open``.
        formula: what it stands for, with an equals sign.
        hidden: not shown in the Name Manager.
        sheet: index of the sheet it belongs to; None for the whole workbook.
        functions: what its formula calls.
    """

    name: str
    formula: str = ""
    hidden: bool = False
    sheet: int | None = None
    functions: tuple[str, ...] = ()

    @property
    def auto(self) -> str | None:
        """The event that runs it (``auto_open`` ...), or None."""
        return auto_event(self.name)

    @property
    def disguised(self) -> bool:
        """True for a name that still runs by itself although it is not spelled like one."""
        plain = self.name.casefold().removeprefix("_xlnm.")
        return self.auto is not None and plain not in _PREFIXES


@dataclass(frozen=True, slots=True)
class Workbook:
    """One workbook: of two streams of a compound file, each is one.

    Attributes:
        where: stream or part it was read from.
        format: which of the formats.
        sheets: in the order of their tabs, then those that the list does not have.
        names: in the order of the file.
        encrypted: the records are, so that names, states and formulas are not known.
        password: the candidate that opened the records, where they were encrypted.
        scheme: how the records are or were encrypted, for people.
        looks: what the numbers in the layouts of its sheets stand for; empty where no macro asks.
        anomalies: departures from the specification.
    """

    where: str
    format: Format
    sheets: tuple[Sheet, ...] = ()
    names: tuple[DefinedName, ...] = ()
    encrypted: bool = False
    password: str | None = field(default=None, repr=False)
    scheme: str = ""
    looks: tuple[Look, ...] = field(default=(), repr=False)
    anomalies: tuple[Anomaly, ...] = field(default=(), repr=False)

    @property
    def macrosheets(self) -> tuple[Sheet, ...]:
        """The sheets that can hold Excel 4.0 macros."""
        return tuple(sheet for sheet in self.sheets if sheet.kind == "macrosheet")


def auto_event(name: str) -> str | None:
    """The event that runs a defined name, judged as leniently as Excel does, or None.

    Case, compatibility forms, and control and format characters make no difference, and what follows does not either:
    ``Auto_Open``, ``AUTO_OPEN1`` and ``_xlnm.Auto_openXyz`` all run when the workbook opens.
    """
    folded = unicodedata.normalize("NFKC", name[:1024])
    folded = "".join(char for char in folded if unicodedata.category(char) not in ("Cc", "Cf")).casefold()
    # Casefold turns the German "ß" to "ss"; the table has both spellings.
    folded = folded.strip().removeprefix("_xlnm.")
    if not folded.startswith("auto_"):
        return None
    return next((event for prefix, event in _PREFIXES.items() if folded.startswith(prefix)), None)


@lru_cache(2048)
def called_functions(formula: str) -> tuple[str, ...]:
    """Names in front of an opening parenthesis, outside strings and quoted sheet names, in upper case."""
    if not formula:
        return ()
    return tuple(
        found[1].upper().removeprefix("_XLFN.").removeprefix("_XLWS.")
        for found in _CALLED.finditer(formula)
        if found[1] is not None
    )


def asks_for_looks(sheets: Iterable[Sheet]) -> bool:
    """True when a macro asks how cells look; formulas that are yet to be put together may, where many are."""
    return any(
        "GET.CELL" in cell.functions or "FORMULA" in cell.functions or "FORMULA.FILL" in cell.functions
        for sheet in sheets
        if sheet.kind == "macrosheet"
        for cell in sheet.cells
    )


def referenced_sheets(sheets: Iterable[Sheet], names: Iterable[DefinedName]) -> set[str]:
    """Casefolded names of the sheets that the formulas of macro sheets and defined names refer to.

    Empty when there is no macro sheet.
    """
    cells = [cell for sheet in sheets if sheet.kind == "macrosheet" for cell in sheet.cells]
    formulas = [cell.formula for cell in cells if "!" in cell.formula]
    formulas += [name.formula for name in names if cells and "!" in name.formula]
    found = {prefix for formula in formulas for prefix in _PREFIX.findall(formula)}
    return {prefix.removeprefix("'").removesuffix("'").replace("''", "'").casefold() for prefix in found}


@lru_cache(1024)
def column_name(column: int) -> str:
    """The letters of a column from 0: ``A`` ... ``Z``, ``AA`` ..."""
    letters = ""
    column = max(column, 0)
    while column >= 0:
        column, rest = divmod(column, 26)
        letters = chr(65 + rest) + letters
        column -= 1
    return letters


def quote_sheet(name: str) -> str:
    """A sheet's name as formulas spell it, in quotes where it needs them."""
    if re.fullmatch(r"[^\W\d][\w.]*", name) and not re.fullmatch(r"[A-Za-z]{1,3}\d+|[Rr]\d*[Cc]?\d*|[Cc]\d*", name):
        return name
    return "'" + name.replace("'", "''") + "'"
