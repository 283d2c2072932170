"""What the formulas of macro sheets call and write, as far as the constants of the workbook say.

No emulator: every formula is evaluated in the order of the file, whether or not a run would get there, and what one
writes or sets is known to those after it; that is done over until nothing new is learned, a few times at most.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from emotriage.emulation.xlm.expression import Call, Surroundings, evaluate, reference_in
from emotriage.emulation.xlm.values import GAP, Reference, Scalar, Value, text_of
from emotriage.formats.macrosheet import Sheet, Workbook, auto_event
from emotriage.model.limits import TOKEN, Budget

_ROUNDS = 4
_MOST_TEXT = 16 << 20  # characters of all values that are kept
_DEEPEST = 4  # formulas that write formulas
_MOST_WRITTEN = 20_000

FORMULA_WRITERS = frozenset({"FORMULA", "FORMULA.FILL", "FORMULA.ARRAY"})
"""What puts a formula into a cell: the text, then the cell."""
_NAMERS = frozenset({"SET.NAME", "DEFINE.NAME"})
_Place = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A formula with what became of it.

    Attributes:
        formula: its text; of a formula that another one writes, what is written, which may have gaps.
        where: sheet and cell, or the defined name.
        calls: with their arguments as far as they are known.
        value: what it comes to; None where that is not known.
        written: it stands nowhere in the file.
        called: it runs; a defined name's only says what the name stands for, unless Excel starts it.
    """

    formula: str
    where: str
    calls: tuple[Call, ...]
    value: Scalar
    written: bool = False
    called: bool = True


@dataclass(slots=True)
class _Source:
    """A formula to evaluate."""

    formula: str
    where: str
    sheet: str
    place: _Place | None = None
    depth: int = 0


@dataclass(slots=True)
class _Known:
    """What is known of the workbook."""

    cells: dict[_Place, Scalar] = field(default_factory=dict)
    names: dict[str, Value] = field(default_factory=dict)
    set_twice: set[str] = field(default_factory=set)
    room: int = _MOST_TEXT

    def keep(self, place: _Place, value: Scalar) -> bool:
        """Remember a cell's value; true when it is new."""
        if value is None or self.cells.get(place) == value:
            return False
        self.room -= len(value) if isinstance(value, str) else 0
        if self.room < 0:
            return False
        self.cells[place] = value
        return True


def resolve(workbook: Workbook, budget: Budget) -> Iterator[Resolved]:
    """Every formula of the macro sheets and defined names, then those that are written while they run."""
    return _Resolution(workbook, budget).run()


class _Resolution:
    def __init__(self, workbook: Workbook, budget: Budget) -> None:
        self._budget = budget
        self._known = _Known()
        self._written: dict[tuple[str, str], _Source] = {}
        self._sources = list(self._collect(workbook.sheets))
        self._names = [
            (one.name.casefold(), _Source(one.formula, one.name, "")) for one in workbook.names if one.formula
        ]

    def _collect(self, sheets: Sequence[Sheet]) -> Iterator[_Source]:
        for number, sheet in enumerate(sheets):
            folded = sheet.name.casefold() or f"\0{number}"
            for cell in sheet.cells:
                place = (folded, cell.row, cell.column)
                # A number that was stored with a formula says when it was saved, not what it will be.
                self._known.keep(place, cell.value if not cell.formula or isinstance(cell.value, str) else None)
                if cell.formula and sheet.kind == "macrosheet":
                    yield _Source(cell.formula, f"{sheet.name or sheet.where}!{cell.ref}", folded, place)

    def run(self) -> Iterator[Resolved]:
        for _ in range(_ROUNDS):
            if not self._round():
                break
        for _, source in self._names:
            value, calls = self._evaluate(source)
            runs = auto_event(source.where) is not None
            yield Resolved(source.formula, source.where, tuple(calls), self._scalar(value), called=runs)
        for source in [*self._sources, *self._written.values()]:
            value, calls = self._evaluate(source)
            yield Resolved(source.formula, source.where, tuple(calls), self._scalar(value), source.depth > 0)

    def _round(self) -> bool:
        """Evaluate everything once; true when something was learned."""
        before = (len(self._written), len(self._known.set_twice))
        learned = False
        for name, source in self._names:
            if name not in self._known.names:
                value, _ = self._evaluate(source)
                if value is not None:
                    self._known.names[name] = value
                    learned = True
        set_here: dict[str, Value] = {}
        for source in [*self._sources, *self._written.values()]:
            value, calls = self._evaluate(source)
            scalar = self._scalar(value)
            if source.place and isinstance(scalar, str | float) and scalar != "" and GAP not in text_of(scalar):
                learned |= self._known.keep(source.place, scalar)
            for call in calls:
                learned |= self._effect(call, source, set_here)
        return learned or before != (len(self._written), len(self._known.set_twice))

    def _effect(self, call: Call, source: _Source, set_here: dict[str, Value]) -> bool:
        """Remember what a call writes; true when it is new."""
        values, texts = call.values, call.texts
        if call.name in _NAMERS and len(texts) > 1 and GAP not in texts[0]:
            name, value = texts[0].casefold(), self._scalar(values[1])
            if name in set_here and set_here[name] != value and set_here[name] != "":
                self._known.set_twice.add(name)
                return False
            new = self._known.names.get(name) != value
            set_here[name] = self._known.names[name] = value
            return new
        if call.name == "SET.VALUE" and len(values) > 1 and isinstance(values[0], Reference) and values[0].single:
            return self._put(values[0], self._scalar(values[1]))
        if call.name in FORMULA_WRITERS and texts:
            return self._write(texts[0], values[1] if len(values) > 1 else None, source)
        if call.name == "EVALUATE" and texts and GAP not in texts[0][:1]:
            return self._write("=" + texts[0].removeprefix("="), None, source)
        return False

    def _write(self, text: str, target: Value, source: _Source) -> bool:
        reference = target if isinstance(target, Reference) else None
        if isinstance(target, str) and GAP not in target:
            reference = reference_in(target, source.sheet)
        if not text.startswith("="):
            return bool(reference and reference.single and GAP not in text and self._put(reference, text))
        if source.depth >= _DEEPEST or len(self._written) >= _MOST_WRITTEN or (source.where, text) in self._written:
            return False
        place = (reference.sheet, reference.top, reference.left) if reference and reference.single else None
        sheet = reference.sheet if reference else source.sheet
        self._budget.spend(TOKEN + len(text))
        self._known.room -= len(text)
        if self._known.room < 0:
            return False
        self._written[source.where, text] = _Source(text, source.where, sheet, place, source.depth + 1)
        return True

    def _put(self, target: Reference, value: Scalar) -> bool:
        return self._known.keep((target.sheet, target.top, target.left), value)

    def _evaluate(self, source: _Source) -> tuple[Value, list[Call]]:
        around = Surroundings(self._cell, self._name, source.sheet)
        return evaluate(source.formula, around, self._budget)

    def _cell(self, sheet: str, row: int, column: int) -> Scalar:
        # An empty cell may be one that is written to; so nothing is known of it, as of sheets that were not read.
        return self._known.cells.get((sheet, row, column))

    def _name(self, name: str) -> Value:
        return None if name in self._known.set_twice else self._known.names.get(name)

    def _scalar(self, value: Value) -> Scalar:
        return Surroundings(self._cell, self._name).scalar(value)
