"""Symbolic link files (SYLK): one sheet with its cells and names, as text."""

import re
from collections.abc import Sequence

from emotriage.testing.biff8 import Name, Sheet, Value
from emotriage.testing.ptg import place

_CELL = re.compile(r'"[^"]*(?:""[^"]*)*"|(?<![\w.!$])(?:[\w.]+!)?(\$?)([A-Za-z]{1,3})(\$?)([0-9]+)(?![\w.(])')


def symbolic_link(sheet: Sheet, names: Sequence[Name] = ()) -> bytes:
    """A file with that sheet; formulas are put into R1C1 style.

    Raises:
        ValueError: a formula that is given as tokens.
    """
    out = ["ID;P", "O;E" if sheet.macro else "O;L"]
    out += [f"NN;N{one.name};E{_moved(one.formula.removeprefix('='), None)}{';H' * one.hidden}" for one in names]
    for row, column in sorted(sheet.cells):
        value = sheet.cells[row, column]
        head = f"C;X{column + 1};Y{row + 1}"
        if isinstance(value, bytes):
            raise ValueError("a symbolic link file holds formulas as text")  # noqa: TRY004  # a caller's value
        if isinstance(value, str) and value.startswith("="):
            result = sheet.results.get((row, column), 0)
            out.append(f"{head};K{_plain(result)};E{_moved(value[1:], (row, column))}")
        else:
            out.append(f"{head};K{_plain(value)}")
    return "\r\n".join([*out, "E", ""]).encode("cp1252")


def _plain(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        return '"' + value.removeprefix("'").replace('"', '""').replace(";", ";;") + '"'
    return str(value)


def _moved(formula: str, cell: tuple[int, int] | None) -> str:
    def spell(found: re.Match[str]) -> str:
        if found[2] is None:
            return found.group()
        row, column = place(found[2] + found[4])
        rows = f"{row + 1}" if found[3] or cell is None else f"[{row - cell[0]}]"
        columns = f"{column + 1}" if found[1] or cell is None else f"[{column - cell[1]}]"
        return f"R{rows}C{columns}"

    return _CELL.sub(spell, formula).replace(";", ";;")
