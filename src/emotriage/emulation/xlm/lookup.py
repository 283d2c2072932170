"""Functions that choose among their arguments, lead to cells, or look through ranges of them."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from emotriage.emulation.xlm.code import reference_in
from emotriage.emulation.xlm.values import (
    GAP,
    LONGEST,
    Array,
    Blank,
    Reference,
    Scalar,
    Value,
    number_of,
    text_of,
)
from emotriage.formats.excel.macrosheet import column_name, quote_sheet
from emotriage.model.limits import TOKEN

MOST_CELLS = 4096
"""Cells of a range that are looked at; nothing is known of what lies in a larger one."""
_FAR = 1 << 24


class Around(Protocol):
    """What these functions ask: see `expression.Surroundings`."""

    @property
    def sheet(self) -> str:
        """Casefolded name of the formula's sheet."""

    @property
    def place(self) -> tuple[int, int]:
        """(row, column) of the formula's cell."""

    @property
    def cell(self) -> Callable[[str, int, int], Scalar]:
        """Value of a cell."""

    def spend(self, units: int) -> None:
        """Charge what is looked through."""

    def scalar(self, value: Value) -> Scalar:
        """What a value comes to, references followed."""


Lookup = Callable[[Sequence[Value], Around], Value]


def rows_of(value: Value, around: Around) -> tuple[tuple[Scalar, ...], ...] | None:
    """The values of a range, an array or a single value, in rows; None for a range that is too large."""
    if isinstance(value, Array):
        return value.rows
    if isinstance(value, Reference):
        height, width = value.bottom - value.top + 1, value.right - value.left + 1
        if not 0 < height * width <= MOST_CELLS:
            return None
        around.spend(TOKEN * height * width)
        return tuple(
            tuple([around.cell(value.sheet, row, column) for column in range(value.left, value.right + 1)])
            for row in range(value.top, value.bottom + 1)
        )
    return ((value,),)


def _values(arguments: Sequence[Value], around: Around) -> Iterator[Scalar]:
    for one in arguments:
        rows = rows_of(one, around)
        if rows is None:
            yield None
            continue
        for row in rows:
            yield from row


def _whole(arguments: Sequence[Value], index: int, around: Around, default: int | None = None) -> int | None:
    if index >= len(arguments) or arguments[index] == "":
        return default
    number = number_of(around.scalar(arguments[index]))
    return int(number) if number is not None and abs(number) < _FAR else None


def _if(arguments: Sequence[Value], around: Around) -> Value:
    if len(arguments) < 2:
        return None
    condition = number_of(around.scalar(arguments[0]))
    other = arguments[2] if len(arguments) > 2 else False
    return None if condition is None else arguments[1] if condition else other


def _choose(arguments: Sequence[Value], around: Around) -> Value:
    number = _whole(arguments, 0, around)
    return arguments[number] if number is not None and 0 < number < len(arguments) else None


def _indirect(arguments: Sequence[Value], around: Around) -> Value:
    text = around.scalar(arguments[0]) if arguments else None
    return reference_in(text, around.sheet, around.place) if isinstance(text, str) else None


def _address(arguments: Sequence[Value], around: Around) -> Value:
    row, column, form = _whole(arguments, 0, around), _whole(arguments, 1, around), _whole(arguments, 2, around, 1)
    if row is None or column is None or form is None or row < 1 or column < 1:
        return None
    sheet = text_of(around.scalar(arguments[4])) if len(arguments) > 4 else ""
    if len(arguments) > 3 and number_of(around.scalar(arguments[3])) == 0:
        cell = f"R{row}C{column}"
    else:
        dollars = {1: ("$", "$"), 2: ("", "$"), 3: ("$", "")}.get(form, ("", ""))
        cell = f"{dollars[0]}{column_name(column - 1)}{dollars[1]}{row}"
    return f"{quote_sheet(sheet)}!{cell}" if sheet else cell


def _offset(arguments: Sequence[Value], around: Around) -> Value:
    first = arguments[0] if arguments else None
    rows, columns = _whole(arguments, 1, around, 0), _whole(arguments, 2, around, 0)
    if not isinstance(first, Reference) or rows is None or columns is None:
        return None
    height = _whole(arguments, 3, around, first.bottom - first.top + 1)
    width = _whole(arguments, 4, around, first.right - first.left + 1)
    if height is None or width is None or height < 1 or width < 1:
        return None
    top, left = first.top + rows, first.left + columns
    return Reference(first.sheet, top, left, top + height - 1, left + width - 1) if min(top, left) >= 0 else None


def _index(arguments: Sequence[Value], around: Around) -> Value:
    first = arguments[0] if arguments else None
    row, column = _whole(arguments, 1, around, 0), _whole(arguments, 2, around, 0)
    if row is None or column is None:
        return None
    if isinstance(first, Reference):
        if len(arguments) < 3 and first.top == first.bottom:
            row, column = 1, row
        top, left = first.top + max(row, 1) - 1, first.left + max(column, 1) - 1
        return Reference(first.sheet, top, left, top, left) if min(top, left) >= 0 else None
    rows = rows_of(first, around) or ()
    if len(arguments) < 3 and len(rows) == 1:
        row, column = 1, row
    line = rows[max(row, 1) - 1] if max(row, 1) <= len(rows) else ()
    return line[max(column, 1) - 1] if max(column, 1) <= len(line) else None


def _same(one: Scalar, other: Scalar) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.casefold() == other.casefold()
    return one is not None and one == other and isinstance(one, str) is isinstance(other, str)


def _position(wanted: Scalar, line: Sequence[Scalar], form: int) -> int | None:
    """Where a value stands in a line; of a sorted one, also where the next smaller one stands."""
    for at, one in enumerate(line):
        if _same(one, wanted):
            return at
    if form == 0 or not isinstance(wanted, float):
        return None
    fits = [at for at, one in enumerate(line) if isinstance(one, float) and (one < wanted) is (form > 0)]
    return fits[-1] if fits else None


def _match(arguments: Sequence[Value], around: Around) -> Value:
    if len(arguments) < 2:
        return None
    form = _whole(arguments, 2, around, 1)
    at = _position(around.scalar(arguments[0]), list(_values(arguments[1:2], around)), 1 if form is None else form)
    return None if at is None else float(at + 1)


def _table(arguments: Sequence[Value], around: Around, *, turned: bool) -> Value:
    """HLOOKUP and VLOOKUP."""
    number = _whole(arguments, 2, around)
    rows = rows_of(arguments[1], around) if len(arguments) > 2 else None
    if number is None or not rows or number < 1:
        return None
    lines = rows if turned else tuple(zip(*rows, strict=False))
    exact = len(arguments) > 3 and number_of(around.scalar(arguments[3])) == 0
    at = _position(around.scalar(arguments[0]), lines[0] if lines else (), 0 if exact else 1)
    return lines[number - 1][at] if at is not None and number <= len(lines) else None


def _lookup(arguments: Sequence[Value], around: Around) -> Value:
    if len(arguments) < 2:
        return None
    line = list(_values(arguments[1:2], around))
    results = list(_values(arguments[2:3], around)) if len(arguments) > 2 else line
    at = _position(around.scalar(arguments[0]), line, 1)
    return results[at] if at is not None and at < len(results) else None


def _numbers(arguments: Sequence[Value], around: Around) -> list[float] | None:
    found: list[float] = []
    for one in arguments:
        for value in _values((one,), around):
            if isinstance(value, float) or (isinstance(value, str | bool) and not isinstance(one, Reference)):
                number = number_of(value)
                if number is None:
                    return None
                found.append(number)
            elif value is None:
                return None
    return found


def _total(make: Callable[[list[float]], float]) -> Lookup:
    def apply(arguments: Sequence[Value], around: Around) -> Value:
        numbers = _numbers(arguments, around)
        return None if numbers is None or any(abs(one) > 1e100 for one in numbers) else float(make(numbers))

    return apply


def _product(numbers: list[float]) -> float:
    out = 1.0
    for one in numbers:
        out = max(min(out * one, 1e100), -1e100)
    return out


def _truth(*, every: bool) -> Lookup:
    def apply(arguments: Sequence[Value], around: Around) -> Value:
        known = [number_of(one) for one in _values(arguments, around) if not isinstance(one, Blank)]
        if any(one is not None and bool(one) is not every for one in known):
            return not every
        return None if None in known else every

    return apply


def _concatenate(arguments: Sequence[Value], around: Around) -> Value:
    out: list[str] = []
    room = LONGEST
    for one in _values(arguments, around):
        out.append(text_of(one))
        room -= len(out[-1])
        if room < 0:
            return None
    return "".join(out)


def _count(*, texts: bool) -> Lookup:
    def apply(arguments: Sequence[Value], around: Around) -> Value:
        return float(
            sum(
                1
                for one in _values(arguments, around)
                if isinstance(one, float) or (texts and not isinstance(one, Blank) and one is not None)
            )
        )

    return apply


def _edge(pick: Callable[[Reference], int], own: Callable[[Around], int]) -> Lookup:
    def apply(arguments: Sequence[Value], around: Around) -> Value:
        if not arguments or arguments[0] == "":
            return float(own(around) + 1)
        return float(pick(arguments[0])) if isinstance(arguments[0], Reference) else None

    return apply


def _blank(arguments: Sequence[Value], around: Around) -> Value:
    value = around.scalar(arguments[0]) if arguments else None
    return None if value is None else isinstance(value, Blank)


def _deref(arguments: Sequence[Value], around: Around) -> Value:
    return around.scalar(arguments[0]) if arguments else None


def _reference_text(arguments: Sequence[Value], around: Around) -> Value:
    one = arguments[0] if arguments else None
    if not isinstance(one, Reference):
        return None
    sheet = quote_sheet(one.sheet) + "!" if one.sheet else ""
    if len(arguments) > 1 and number_of(around.scalar(arguments[1])):
        return f"{sheet}${column_name(one.left)}${one.top + 1}"
    return f"{sheet}R{one.top + 1}C{one.left + 1}"


def _moved(arguments: Sequence[Value], around: Around) -> Value:
    """ABSREF: a text such as ``R[1]C[2]``, counted from a cell."""
    text, base = (around.scalar(arguments[0]), arguments[1]) if len(arguments) > 1 else (None, None)
    if not isinstance(text, str) or GAP in text or not isinstance(base, Reference):
        return None
    return reference_in(text, base.sheet, (base.top, base.left))


LOOKUPS: dict[str, Lookup] = {
    "IF": _if,
    "CHOOSE": _choose,
    "INDIRECT": _indirect,
    "TEXTREF": _indirect,
    "ADDRESS": _address,
    "OFFSET": _offset,
    "INDEX": _index,
    "ABSREF": _moved,
    "REFTEXT": _reference_text,
    "DEREF": _deref,
    "MATCH": _match,
    "LOOKUP": _lookup,
    "HLOOKUP": lambda arguments, around: _table(arguments, around, turned=True),
    "VLOOKUP": lambda arguments, around: _table(arguments, around, turned=False),
    "SUM": _total(sum),
    "PRODUCT": _total(_product),
    "MIN": _total(lambda numbers: min(numbers, default=0.0)),
    "MAX": _total(lambda numbers: max(numbers, default=0.0)),
    "AVERAGE": _total(lambda numbers: sum(numbers) / max(len(numbers), 1)),
    "COUNT": _count(texts=False),
    "COUNTA": _count(texts=True),
    "AND": _truth(every=True),
    "OR": _truth(every=False),
    "CONCATENATE": _concatenate,
    "CONCAT": _concatenate,
    "ROW": _edge(lambda one: one.top + 1, lambda around: around.place[0]),
    "COLUMN": _edge(lambda one: one.left + 1, lambda around: around.place[1]),
    "ROWS": _edge(lambda one: one.bottom - one.top + 1, lambda _: 0),
    "COLUMNS": _edge(lambda one: one.right - one.left + 1, lambda _: 0),
    "ISBLANK": _blank,
    "ISREF": lambda arguments, _: bool(arguments) and isinstance(arguments[0], Reference),
}
"""What each comes to, from its arguments as they are and what is around the formula."""
