"""Write the macro sheets of workbooks anew as .xls and .xlsb and see whether the same is found in them.

    python bench/reencode.py FOLDER OUT

OUT takes a folder for each format, with a workbook for each of FOLDER that has macro sheets; it is no part of the
checkout. One line a workbook: told by eight digits of its SHA-256, what differs in each format between what is found
and executed in it and in the original, or that nothing does.
"""

import hashlib
import sys
from pathlib import Path
from typing import Any

from emotriage import Verdict, scan
from emotriage.formats.excel.macrosheet import Sheet, Workbook, column_name
from emotriage.formats.excel.spreadsheetml import read_workbooks
from emotriage.formats.ooxml import read_package
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.limits import Budget, Limits
from emotriage.testing import workbook

FORMATS = ("xls", "xlsb")


def read(data: bytes) -> Workbook | None:
    """The first workbook of a package that has macro sheets, with all its cells."""
    budget = Budget(Limits())
    books = read_workbooks(read_package(Blob(data), budget), budget, every=True)
    return next((one for one in books if one.macrosheets), None)


def arguments(book: Workbook) -> dict[str, Any]:
    """What the writer is told of a workbook."""
    kinds = ("worksheet", "macrosheet")
    every = [one for one in book.sheets if one.kind in kinds]
    told: dict[str, Any] = {"sheets": {}, "xlm": {}, "results": {}, "state": {}, "looks": {}, "heights": {}}
    for one in every:
        told["xlm" if one.kind == "macrosheet" else "sheets"][one.name] = {
            cell.ref: cell.formula or ("'" + cell.value if isinstance(cell.value, str) else cell.value)
            for cell in one.cells
        }
        told["results"][one.name] = {
            cell.ref: cell.value for cell in one.cells if cell.formula and cell.value is not None
        }
        if one.state in ("hidden", "very-hidden"):
            told["state"][one.name] = one.state.replace("-", "")
        told["looks"][one.name] = _looks(book, one)
        told["heights"][one.name] = {str(row + 1): height for row, height in one.layout.heights.items()}
    names = [one for one in book.names if one.formula and "#REF!" not in one.formula]
    told["names"] = {one.name: one.formula for one in names}
    told["hidden_names"] = [one.name for one in names if one.hidden]
    told["name_scopes"] = {one.name: book.sheets[one.sheet].name for one in names if one.sheet is not None}
    return told


def _looks(book: Workbook, sheet: Sheet) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for (row, column), number in sheet.layout.styles.items():
        if number < len(book.looks):
            look = book.looks[number]
            found[f"{column_name(column)}{row + 1}"] = {
                "size": look.font.size,
                "colour": look.font.colour,
                "fill": look.fill,
                "vertical": look.vertical,
                "horizontal": look.horizontal,
            }
    return found


def essence(verdict: Verdict) -> set[str]:
    """What is found: rules of macros with their places, and what is to be acted on."""
    found = {
        f"{one.rule} {piece.where}: {piece.text}"
        for one in verdict.findings
        if one.rule.startswith("xlm.")
        for piece in one.evidence
    }
    return found | {f"{one.kind} {one.value}" for one in verdict.indicators if one.where and "!" in one.where}


def main() -> int:
    """Print what differs; 1 when anything does, 64 when called wrongly."""
    if len(sys.argv) != 3 or not Path(sys.argv[1]).is_dir():
        print(__doc__)
        return 64
    differs = False
    for path in sorted(one for one in Path(sys.argv[1]).rglob("*") if one.is_file()):
        data = path.read_bytes()
        name = hashlib.sha256(data).hexdigest()[:8]
        try:
            book = read(data)
        except FormatError:
            continue
        if book is None:
            continue
        original = essence(scan(data, path.name))
        for form in FORMATS:
            try:
                made = workbook(form, **arguments(book))
            except ValueError as error:
                print(f"{name} {form}: can't be written: {error}")
                differs = True
                continue
            target = Path(sys.argv[2], form, f"{path.stem}.{form}")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(made)
            again = essence(scan(made, target.name))
            differs |= again != original
            print(f"{name} {form}: {'equal' if again == original else 'differs'}, {len(original)} facts")
            for sign, group in (("-", original - again), ("+", again - original)):
                for one in sorted(group)[:6]:
                    print(f"    {sign} {one[:110]!a}")
    return int(differs)


if __name__ == "__main__":
    sys.exit(main())
