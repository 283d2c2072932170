"""What the formulas of macro sheets call and write, as far as the constants of the workbook say.

No emulator: every formula is evaluated in the order of the file, whether or not a run would get there; what one writes
or sets is known to those behind it, and those before it that read the place are evaluated anew, a few times at most.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from emotriage.emulation.xlm.code import reference_in
from emotriage.emulation.xlm.expression import Call, Surroundings, evaluate
from emotriage.emulation.xlm.meter import Meter, Spent
from emotriage.emulation.xlm.values import GAP, Reference, Scalar, Value, text_of
from emotriage.formats.excel.macrosheet import Sheet, Workbook, auto_event
from emotriage.model.limits import TOKEN, Budget

_MOST_WORK = 400_000_000  # units: about a second
_TURNS = 4  # evaluations of one formula
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
        ran: a run got there, so that its calls say what it would do.
    """

    formula: str
    where: str
    calls: tuple[Call, ...]
    value: Scalar
    written: bool = False
    called: bool = True
    ran: bool = False


@dataclass(slots=True)
class _Source:
    """A formula to evaluate, and what came of it the last time."""

    formula: str
    where: str
    sheet: str
    place: _Place | None = None
    name: str | None = None
    depth: int = 0
    times: int = 0
    waiting: bool = True
    value: Scalar = None
    calls: list[Call] = field(default_factory=list)


def resolve(workbook: Workbook, budget: Budget) -> Iterator[Resolved]:
    """Every formula of the macro sheets and defined names, then those that are written while they run.

    Raises:
        Spent: behind the last one, where they were too much work for all to be evaluated.
    """
    return _Resolution(workbook, Meter(budget, _MOST_WORK)).run()


class _Resolution:
    def __init__(self, workbook: Workbook, meter: Meter) -> None:
        self._meter = meter
        self._cells: dict[_Place, Scalar] = {}
        self._names: dict[str, Value] = {}
        self._setters: dict[str, _Source] = {}
        self._unsteady: set[str] = set()
        self._readers: dict[_Place | str, list[_Source]] = {}
        self._room = _MOST_TEXT
        self._written: dict[tuple[str, str], None] = {}
        self._sources = [
            _Source(one.formula, one.name, "", name=one.name.casefold()) for one in workbook.names if one.formula
        ]
        self._sources += self._collect(workbook.sheets)
        self._queue = deque(self._sources)
        self._now: _Source | None = None

    def _collect(self, sheets: Sequence[Sheet]) -> Iterator[_Source]:
        for number, sheet in enumerate(sheets):
            folded = sheet.name.casefold() or f"\0{number}"
            for cell in sheet.cells:
                place = (folded, cell.row, cell.column)
                # A number that was stored with a formula says when it was saved, not what it will be.
                self._keep(place, cell.value if not cell.formula or isinstance(cell.value, str) else None)
                if cell.formula and sheet.kind == "macrosheet":
                    yield _Source(cell.formula, f"{sheet.name or sheet.where}!{cell.ref}", folded, place)

    def run(self) -> Iterator[Resolved]:
        spent: Spent | None = None
        while self._queue and spent is None:
            try:
                self._evaluate(self._queue.popleft())
            except Spent as error:
                spent = error
        for one in self._sources:
            runs = one.name is None or auto_event(one.where) is not None
            yield Resolved(one.formula, one.where, tuple(one.calls), one.value, one.depth > 0, runs)
        if spent is not None:
            raise spent

    def _evaluate(self, source: _Source) -> None:
        """Evaluate a formula, and have those wait for another turn that read what it changes."""
        source.waiting = False
        source.times += 1
        self._now = source
        around = Surroundings(
            self._cell, self._name, source.sheet, source.place[1:] if source.place else (0, 0), self._meter
        )
        value, source.calls = evaluate(source.formula, around, self._meter)
        source.value = around.scalar(value)
        if source.name is not None:
            if source.name not in self._setters and value is not None and self._names.get(source.name) != value:
                self._names[source.name] = value
                self._wake(source.name)
        elif source.place and source.value not in (None, "") and GAP not in text_of(source.value):
            self._keep(source.place, source.value)
        for call in source.calls:
            self._effect(call, source)

    def _keep(self, place: _Place, value: Scalar) -> None:
        """Remember a cell's value."""
        if value is None or self._cells.get(place) == value:
            return
        self._room -= len(value) if isinstance(value, str) else 0
        if self._room >= 0:
            self._cells[place] = value
            self._wake(place)

    def _wake(self, what: _Place | str) -> None:
        """Have the formulas that read a cell or a name wait for another turn, in which they say so again."""
        for source in self._readers.pop(what, ()):
            if not source.waiting and source.times < _TURNS and source is not self._now:
                source.waiting = True
                self._queue.append(source)

    def _effect(self, call: Call, source: _Source) -> None:
        """Remember what a call writes."""
        values, texts = call.values, call.texts
        if call.name in _NAMERS and len(texts) > 1 and GAP not in texts[0]:
            self._set(texts[0].casefold(), values[1], source)
        elif call.name == "SET.VALUE" and len(values) > 1:
            if isinstance(values[0], Reference) and values[0].single:
                self._keep(_place(values[0]), self._scalar(values[1]))
        elif call.name in FORMULA_WRITERS and texts:
            self._write(texts[0], values[1] if len(values) > 1 else None, source)
        elif call.name == "EVALUATE" and texts and GAP not in texts[0][:1]:
            self._write("=" + texts[0].removeprefix("="), None, source)

    def _set(self, name: str, to: Value, source: _Source) -> None:
        """Remember what a name is set to; nothing is known of one that two formulas set to different values."""
        value = self._scalar(to)
        other = self._setters.get(name)
        if other is not None and other is not source and self._names.get(name) not in ("", value):
            self._unsteady.add(name)
            return
        self._setters[name] = source
        if self._names.get(name) != value:
            self._names[name] = value
            self._wake(name)

    def _write(self, text: str, target: Value, source: _Source) -> None:
        reference = target if isinstance(target, Reference) else None
        if isinstance(target, str) and GAP not in target:
            reference = reference_in(target, source.sheet)
        place = _place(reference) if reference and reference.single else None
        if not text.startswith("="):
            if place and GAP not in text:
                self._keep(place, text)
            return
        if source.depth >= _DEEPEST or len(self._written) >= _MOST_WRITTEN or (source.where, text) in self._written:
            return
        self._meter.spend(TOKEN + len(text))
        self._room -= len(text)
        if self._room < 0:
            return
        self._written[source.where, text] = None
        sheet = reference.sheet if reference else source.sheet
        written = _Source(text, source.where, sheet, place, depth=source.depth + 1)
        self._sources.append(written)
        self._queue.append(written)

    def _cell(self, sheet: str, row: int, column: int) -> Scalar:
        # An empty cell may be one that is written to; so nothing is known of it, as of sheets that were not read.
        place = (sheet, row, column)
        self._read(place)
        return self._cells.get(place)

    def _name(self, name: str) -> Value:
        self._read(name)
        return None if name in self._unsteady else self._names.get(name)

    def _read(self, what: _Place | str) -> None:
        """Remember who reads a cell or a name."""
        if self._now is not None:
            readers = self._readers.setdefault(what, [])
            if not readers or readers[-1] is not self._now:
                readers.append(self._now)

    def _scalar(self, value: Value) -> Scalar:
        return Surroundings(self._cell, self._name).scalar(value)


def _place(reference: Reference) -> _Place:
    return reference.sheet, reference.top, reference.left
