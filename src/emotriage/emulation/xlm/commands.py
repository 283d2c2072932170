"""What commands and questions of macros do within a run: where it goes on, what it writes, what it is told."""

import re
from collections import deque
from collections.abc import Mapping
from itertools import islice, product
from typing import TYPE_CHECKING

from emotriage.emulation.xlm.clock import PARTS, serial_of
from emotriage.emulation.xlm.code import reference_in
from emotriage.emulation.xlm.environment import QUESTIONS, answer, look_answer
from emotriage.emulation.xlm.expression import Command, Stop
from emotriage.emulation.xlm.lookup import MOST_CELLS
from emotriage.emulation.xlm.loops import Loop
from emotriage.emulation.xlm.memory import OpenFile, sense_of
from emotriage.emulation.xlm.values import GAP, Blank, Reference, Scalar, Value, number_of, text_of
from emotriage.formats.excel.functions import is_known
from emotriage.formats.excel.macrosheet import called_functions
from emotriage.model.limits import TOKEN

if TYPE_CHECKING:
    from emotriage.emulation.xlm.machine import Machine

_SILENT = """
ACTIVATE BEEP CALCULATE.NOW CALCULATION CANCEL.KEY COLUMN.WIDTH CUSTOM.REPEAT DELETE.NAME DISABLE.INPUT DISPLAY ECHO
EDIT.DELETE ERROR FCLOSE FILE.DELETE FONT FONT.PROPERTIES FORMAT.FONT FORMAT.NUMBER FORMULA.GOTO FREEZE.PANES HIDE
MESSAGE OPTIONS.VIEW PROTECT.DOCUMENT RESULT ROW.HEIGHT SAVE SAVE.AS SELECT SEND.KEYS SET.UPDATE.STATUS SHOW.TOOLBAR
UNHIDE VOLATILE WAIT WORKBOOK.ACTIVATE WORKBOOK.DELETE WORKBOOK.HIDE WORKBOOK.PROTECT WORKBOOK.SELECT WORKBOOK.UNHIDE
"""
SILENT = frozenset(_SILENT.split())
"""Commands that just work."""
_ASKING = """
ALERT APP.ACTIVATE APP.MAXIMIZE APP.MINIMIZE APP.RESTORE APP.SIZE CALLER DIRECTORY DOCUMENTS FILES GET.BAR GET.NOTE
GET.OBJECT GET.TOOL GET.TOOLBAR GET.WORKBOOK INPUT LAST.ERROR LINKS NAMES OPEN OPEN.DIALOG RAND SAVE.DIALOG UNREGISTER
WINDOW.MAXIMIZE WINDOW.MINIMIZE WINDOW.RESTORE WINDOW.SIZE WINDOWS
"""
_WORKS = frozenset(
    {"ALERT", "APP.ACTIVATE", "APP.MAXIMIZE", "APP.MINIMIZE", "APP.RESTORE", "OPEN", "WINDOW.MAXIMIZE"}
    | {"WINDOW.MINIMIZE", "WINDOW.RESTORE", "UNREGISTER"}
)
"""Of these, what says TRUE when it works."""
_LATER = ("ON.TIME", "ON.KEY", "ON.WINDOW", "ON.SHEET", "ON.DATA", "ON.ENTRY", "ON.RECALC", "ON.DOUBLECLICK")
_MOST_PIECES = 4096
_MOST_QUESTIONS = 64
_LAST_DAY = 1e7
_JUDGED = 1024
_TELLING = re.compile(
    r"(?i)https?://|\.(?:exe|dll|ocx|vbs|js|php|html?)\b|[A-Z]:\\|\b(?:cmd|mshta|powershell|urlmon|shell32)\b"
)
"""What a text that was put together rightly may well hold."""
_BLOCK = -1
_CELL = 3 * TOKEN
"""Work units for a cell of an area that is written."""


def table(machine: "Machine") -> Mapping[str, Command]:
    """The commands of one run."""
    return _Commands(machine).table()


class _Commands:
    def __init__(self, machine: "Machine") -> None:
        self._machine = machine
        self._memory = machine.memory

    def table(self) -> dict[str, Command]:
        """Every command by its name."""
        found: dict[str, Command] = {
            "IF": self._block,
            "ELSE": lambda _: Stop("skip", "end"),
            "ELSE.IF": self._else_if,
            "END.IF": lambda _: True,
            "GOTO": self._goto,
            "RUN": self._run,
            "RETURN": lambda arguments: Stop("return", arguments[0] if arguments else None),
            "HALT": lambda _: Stop("halt"),
            "QUIT": self._close,
            "CLOSE": self._close,
            "FILE.CLOSE": self._close,
            "CLOSE.ALL": self._close,
            "WHILE": self._while,
            "FOR": self._for,
            "FOR.CELL": self._for_cell,
            "NEXT": lambda _: Stop("next"),
            "BREAK": self._break,
            "ARGUMENT": self._argument,
            "SET.NAME": self._set_name,
            "DEFINE.NAME": self._set_name,
            "SET.VALUE": self._set_value,
            "FORMULA": self._formula,
            "FORMULA.FILL": self._formula,
            "FORMULA.ARRAY": self._formula,
            "EVALUATE": self._evaluate,
            "ACTIVE.CELL": lambda _: self._memory.active,
            "SELECTION": lambda _: self._memory.active,
            "SELECT": self._select,
            "FORMULA.GOTO": self._select,
            "EXEC": self._exec,
            "CALL": self._call,
            "REGISTER": self._register,
            "REGISTER.ID": self._register,
            "FOPEN": self._open,
            "FWRITE": lambda arguments: self._write(arguments, ""),
            "FWRITELN": lambda arguments: self._write(arguments, "\r\n"),
            "FREAD": self._read,
            "FREADLN": self._read,
            "FSIZE": self._size,
            "NOW": lambda _: self._asked(self._machine.moment),
            "TODAY": lambda _: self._asked(float(int(self._machine.moment))),
            "DATE": self._date,
            "RANDBETWEEN": lambda arguments: self._asked(self._number(arguments, 0)),
            "GET.CELL": self._get_cell,
            "GET.FORMULA": self._get_formula,
            "GET.NAME": self._get_name,
        }
        found |= dict.fromkeys(_LATER, self._later)
        found |= {name: self._asking(name) for name in QUESTIONS}
        found |= {name: self._answered(name) for name in _ASKING.split()}
        found |= {name: self._part(name) for name in PARTS}
        return found

    def _scalar(self, arguments: list[Value], index: int) -> Scalar:
        return self._machine.reads.scalar(arguments[index]) if index < len(arguments) else ""

    def _number(self, arguments: list[Value], index: int, default: float | None = None) -> float | None:
        if index >= len(arguments) or arguments[index] == "":
            return default
        return number_of(self._machine.reads.scalar(arguments[index]))

    def _asked(self, value: Value) -> Value:
        """An answer from outside: what is decided on it is shown the other one as well."""
        self._machine.frame.tainted = True
        return value

    def _answered(self, name: str) -> Command:
        return lambda _: self._asked(True if name in _WORKS else None)

    def _asking(self, name: str) -> Command:
        def ask(arguments: list[Value]) -> Value:
            asked = self._number(arguments, 0)
            number = -1 if asked is None else int(min(max(asked, -1), 999))
            return self._question(name, number, answer(name, number))

        return ask

    def _question(self, question: str, number: int, usual: Scalar) -> Value:
        """An answer of the surroundings: the usual one unless others are tried."""
        machine = self._machine
        if len(machine.questions) < _MOST_QUESTIONS:
            machine.questions.add((question, number))
        return self._asked(machine.answers.get((question, number), usual))

    def _part(self, name: str) -> Command:
        def ask(arguments: list[Value]) -> Value:
            serial = self._number(arguments, 0)
            if self._machine.frame.tainted:
                self._machine.asked.add(name)
            return None if serial is None or abs(serial) > _LAST_DAY else PARTS[name](serial)

        return ask

    def _date(self, arguments: list[Value]) -> Value:
        year, month, day = (self._number(arguments, index) for index in range(3))
        return None if year is None or month is None or day is None else serial_of(year, month, day)

    def _block(self, arguments: list[Value]) -> Value | Stop:
        """IF with nothing but a condition."""
        number = self._number(arguments, 0)
        truth = self._machine.decide(_BLOCK, None if number is None else bool(number))
        return True if truth else Stop("skip", "else")

    def _else_if(self, arguments: list[Value]) -> Value | Stop:
        frame = self._machine.frame
        if not frame.skipped:
            return Stop("skip", "end")
        frame.skipped = False
        return self._block(arguments)

    def _goto(self, arguments: list[Value]) -> Value | Stop:
        target = self._machine.target(arguments[0] if arguments else None)
        return Stop("goto", target) if target is not None else None

    def _run(self, arguments: list[Value]) -> Value | Stop:
        target = self._machine.target(arguments[0] if arguments else None)
        return Stop("run", target) if target is not None else None

    def _close(self, _: list[Value]) -> Value | Stop:
        return Stop("halt")

    def _while(self, arguments: list[Value]) -> Value | Stop:
        machine = self._machine
        number = self._number(arguments, 0)
        row = machine.frame.place[1]
        again = bool(machine.frame.loops) and machine.frame.loops[-1].row == row
        if bool(number) if number is not None else not again:  # what is not known holds once
            machine.begin_loop(Loop(row))
            return True
        return Stop("skip", "next")

    def _for(self, arguments: list[Value]) -> Value | Stop:
        name = text_of(self._scalar(arguments, 0)).casefold()
        first, last = self._number(arguments, 1), self._number(arguments, 2)
        step = self._number(arguments, 3, 1.0)
        if first is None or last is None or step is None:
            first, last, step = 1.0, 1.0, 1.0
        loop = Loop(self._machine.frame.place[1], name, first - step, last, step)
        self._machine.frame.loops[:] = [one for one in self._machine.frame.loops if one.row != loop.row]
        self._machine.begin_loop(loop)
        return True if self._machine.count(loop) else Stop("skip", "next")

    def _for_cell(self, arguments: list[Value]) -> Value | Stop:
        name = text_of(self._scalar(arguments, 0)).casefold()
        area = self._machine.target(arguments[1]) if len(arguments) > 1 else self._memory.active
        skip = bool(self._number(arguments, 2))
        cells = [one for one in self._cells(area) if not skip or not isinstance(self._machine.reads.scalar(one), Blank)]
        loop = Loop(self._machine.frame.place[1], name or "\0", cells=deque(cells))
        self._machine.frame.loops[:] = [one for one in self._machine.frame.loops if one.row != loop.row]
        self._machine.begin_loop(loop)
        return True if self._machine.count(loop) else Stop("skip", "next")

    def _break(self, _: list[Value]) -> Value | Stop:
        if self._machine.frame.loops:
            self._machine.frame.loops.pop()
        return Stop("skip", "next")

    def _argument(self, arguments: list[Value]) -> Value:
        frame = self._machine.frame
        at = frame.taken
        value = frame.arguments[at] if at < len(frame.arguments) else None
        frame.taken = at + 1
        name = text_of(self._scalar(arguments, 0)).casefold()
        if name and GAP not in name:
            self._memory.set_name(name, value)
        target = self._machine.target(arguments[2]) if len(arguments) > 2 else None
        if target is not None:
            self._memory.set((target.sheet, target.top, target.left), self._machine.reads.scalar(value))
        return value

    def _set_name(self, arguments: list[Value]) -> Value:
        name = text_of(self._scalar(arguments, 0)).casefold()
        value: Value = arguments[1] if len(arguments) > 1 else None
        if isinstance(value, str) and value.startswith("="):
            value = reference_in(value, self._machine.frame.place[0], self._machine.frame.place[1:]) or value[1:]
        if not name or GAP in name:
            return None
        self._memory.set_name(name, value)
        if self._machine.frame.tainted:
            self._memory.tainted.add(name)
        return True

    def _set_value(self, arguments: list[Value]) -> Value:
        for one in self._cells(arguments[0] if arguments else None):
            self._keep((one.sheet, one.top, one.left), self._scalar(arguments, 1))
        return True

    def _keep(self, place: tuple[str, int, int], value: Scalar) -> None:
        if not self._memory.set(place, value):
            self._machine.complete = False
        if self._machine.frame.tainted:
            self._memory.tainted.add(place)

    def _formula(self, arguments: list[Value]) -> Value:
        value = self._scalar(arguments, 0)
        area = self._machine.target(arguments[1]) if len(arguments) > 1 else self._memory.active
        text = text_of(value)
        self._judge(text)
        for one in self._cells(area):
            place = one.sheet, one.top, one.left
            if text.startswith("="):
                if not self._memory.write(place, text):
                    self._machine.complete = False
            else:
                self._keep(place, value)
        return True

    def _judge(self, text: str) -> None:
        """Count what makes sense and what does not, by which a key is told from the others."""
        machine = self._machine
        text = text[:_JUDGED]
        if not sense_of(text):
            machine.nonsense += 1
            return
        machine.sense += 1 if len(text) > 1 else 0
        machine.keyed |= machine.frame.tainted and len(text) > 1
        if text.startswith("="):
            machine.sense += sum(4 for name in called_functions(text) if is_known(name))
        machine.sense += 4 * len(_TELLING.findall(text))

    def _evaluate(self, arguments: list[Value]) -> Value | Stop:
        text = self._scalar(arguments, 0)
        return Stop("evaluate", text) if isinstance(text, str) and text and GAP not in text else text

    def _select(self, arguments: list[Value]) -> Value:
        base = self._memory.active
        first = arguments[0] if arguments else None
        if isinstance(first, str) and base is not None:
            self._memory.active = reference_in(first, base.sheet, (base.top, base.left)) or base
        else:
            self._memory.active = self._machine.target(first) or base
        return True

    def _exec(self, arguments: list[Value]) -> Value:
        self._judge(text_of(self._scalar(arguments, 0)))
        return self._asked(33.0)

    def _call(self, arguments: list[Value]) -> Value:
        for one in arguments:
            if isinstance(one, str | Reference):
                self._judge(text_of(self._machine.reads.scalar(one)))
        name = text_of(self._scalar(arguments, 0)).casefold()
        if name in self._memory.registered:
            return self._machine.call_registered(name, arguments[1:])
        return self._asked(0.0)

    def _register(self, arguments: list[Value]) -> Value:
        library, function, types, alias = (text_of(self._scalar(arguments, index)) for index in range(4))
        registered = self._memory.registered
        if len(registered) < _MOST_PIECES:
            number = str(len(registered) + 1)
            for name in (alias or function, number):
                if name and GAP not in name:
                    registered[name.casefold()] = library, function, types
            return float(number)
        return None

    def _open(self, arguments: list[Value]) -> Value:
        files = self._memory.files
        if len(files) >= 64:
            return None
        handle = len(files) + 1
        where = self._memory.spell(self._machine.frame.place)
        files[handle] = OpenFile(text_of(self._scalar(arguments, 0)).replace(GAP, "?"), where)
        return float(handle)

    def _file(self, arguments: list[Value]) -> OpenFile | None:
        number = self._number(arguments, 0)
        return self._memory.files.get(int(number)) if number is not None and abs(number) < 1e6 else None

    def _write(self, arguments: list[Value], end: str) -> Value:
        opened = self._file(arguments)
        text = text_of(self._scalar(arguments, 1))
        self._judge(text)
        if opened is not None and not opened.write(text.replace(GAP, "?") + end):
            self._machine.complete = False
        return float(len(text))

    def _read(self, arguments: list[Value]) -> Value:
        opened = self._file(arguments)
        return "".join(opened.pieces) if opened is not None and opened.pieces else self._asked(None)

    def _size(self, arguments: list[Value]) -> Value:
        opened = self._file(arguments)
        return self._asked(float(sum(map(len, opened.pieces))) if opened is not None else None)

    def _later(self, arguments: list[Value]) -> Value:
        target = self._machine.target(arguments[1]) if len(arguments) > 1 else None
        if target is not None and len(self._machine.scheduled) < 64:
            self._machine.scheduled.append((target.sheet, target.top, target.left))
        return True

    def _get_cell(self, arguments: list[Value]) -> Value:
        number = self._number(arguments, 0)
        one = arguments[1] if len(arguments) > 1 else self._memory.active
        if number is None or not isinstance(one, Reference):
            return self._asked(None)
        place = one.sheet, one.top, one.left
        if number in (5, 53):
            return self._machine.reads.scalar(one._replace(bottom=one.top, right=one.left))
        if number in (6, 41):
            return self._memory.formula(place) or text_of(self._machine.reads.scalar(one))
        if number in (2, 3):
            return float(one.top + 1 if number == 2 else one.left + 1)
        if number == 48:
            return bool(self._memory.formula(place))
        if number in (32, 62, 66):
            return self._asked("[Book1.xls]" + self._memory.layer.titles.get(place[0], place[0]))
        found = self._memory.layer.look(place)
        known = look_answer(int(number), *found) if found is not None else None
        return known if known is not None else self._question("GET.CELL", int(min(max(number, -1), 999)), None)

    def _get_formula(self, arguments: list[Value]) -> Value:
        one = arguments[0] if arguments else None
        return self._memory.formula((one.sheet, one.top, one.left)) if isinstance(one, Reference) else None

    def _get_name(self, arguments: list[Value]) -> Value:
        return self._memory.layer.names.get(text_of(self._scalar(arguments, 0)).casefold())

    def _cells(self, area: Value) -> list[Reference]:
        """The cells of an area, one by one; of a large one the first."""
        if not isinstance(area, Reference):
            return []
        if area.single:
            return [area]
        height, width = area.bottom - area.top + 1, min(area.right - area.left + 1, MOST_CELLS)
        height = min(height, -(-MOST_CELLS // max(width, 1)))
        self._machine.meter.spend(_CELL * max(height * width, 0))
        rows, columns = range(area.top, area.top + height), range(area.left, area.left + width)
        cells = (Reference(area.sheet, row, column, row, column) for row, column in product(rows, columns))
        return list(islice(cells, MOST_CELLS))
