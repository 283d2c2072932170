"""Compiled VBA as source text: what the instructions of each line were compiled from.

Lines are read on a stack of texts: what loads pushes, what joins pops and pushes, and what stores, calls or branches
makes a statement. What is not known is left out; types of declarations are.
"""

from collections.abc import Callable
from struct import unpack

from emotriage.formats.vba.pcode import CompiledCode, Instruction, Line
from emotriage.formats.vba.phrases import (
    ACCESS,
    COERCED,
    FUNCTIONS,
    OPERATORS,
    RANGES,
    SPECIAL,
    STATEMENTS,
    VALUES,
    WRAPPED,
)
from emotriage.model.limits import Budget

_NEEDS = {number: text.count("{") for number, text in STATEMENTS.items()}
_ME = 0xFFFE


def decompile(code: CompiledCode, budget: Budget) -> str:
    """The source that compiled code stands for, one line of it for each line."""
    out: list[str] = []
    header = -1
    for line in code.instructions(budget):
        writer = _Writer(code, budget)
        text = writer.line(line)
        if writer.opens:
            header = len(out)
        if header >= 0 and text in ("End Function", "End Property"):
            word = text.removeprefix("End ")
            out[header] = out[header].replace("Sub ", "Property Get " if word == "Property" else f"{word} ", 1)
            header = -1
        out.append(text)
    return "\r\n".join(out)


class _Writer:
    """Writes one line; holds the stack of texts and the statements that are done."""

    def __init__(self, code: CompiledCode, budget: Budget) -> None:
        self.opens = False
        self._code = code
        self._budget = budget
        self._stack: list[str] = []
        self._done: list[str] = []
        self._cases: list[str] = []
        self._declared: list[str] = []
        self._prefix = ""
        self._output = ""

    def line(self, line: Line) -> str:
        for one in line:
            self.instruction(one)
        if self._declared:
            self.say(f"{self._prefix or 'Dim'} " + ", ".join(self._declared))
        if self._cases:
            self.say("Case " + ", ".join(self._cases))
        if self._output:
            self.say(self._output + ", ".join(self._stack))
        else:
            self._done += self._stack  # what nothing consumed is still worth reading
        return _statements(self._done)

    def instruction(self, one: Instruction) -> None:
        number = one.number
        if number <= 0x14:
            right, left = self.pop(), self.pop()
            self.push(f"{left} {OPERATORS[number]} {right}")
        elif number in FUNCTIONS:
            name, count = FUNCTIONS[number]
            self.push(f"{name}({', '.join(self.arguments(count))})")
        elif number in STATEMENTS:
            self.say(STATEMENTS[number].format(*self.exactly(_NEEDS[number])))
        elif number in RANGES:
            self._cases.append(f"{RANGES[number]} {self.pop()}")
        elif 0x20 <= number <= 0x44:
            self.access(one)
        elif number in _OTHERS:
            _OTHERS[number](self, one)

    def access(self, one: Instruction) -> None:
        does, form = ACCESS[one.number - 0x20]
        what = form.removesuffix("()").removeprefix(".")
        place = self.pop() if what in ("member", "key", "index") and not form.startswith(".") else ""
        if what != "index":
            mark = {"member": ".", "key": "!", "name": ""}[what]
            place += mark + self.name(one.operands[0])
        given = self.arguments(one.operands[-1]) if form.endswith("()") or what == "index" else None
        if does == "call":
            self.say(f"{place} {', '.join(given)}" if given else place)
            return
        if given is not None:
            place += f"({', '.join(given)})"
        if does == "load":
            self.push(place)
        else:
            self.say(f"{'Set ' if does == 'set' else ''}{place} = {self.pop()}")

    def literal(self, one: Instruction) -> None:
        self.push('"' + self._code.literal(one).replace('"', '""') + '"')

    def number(self, one: Instruction) -> None:
        sort, value = one.number, one.operands[0] if one.operands else 0
        if sort == 0xB8:
            self.push(str(one.flags))
        elif sort in (0xAC, 0xAD):
            bits = 16 if sort == 0xAC else 32
            self.push(str(value - (1 << bits) if value >> (bits - 1) else value))
        elif sort in (0xAF, 0xB0, 0xB1):
            self.push(f"&H{value:X}")
        elif sort in (0xB3, 0xB4, 0xB5):
            self.push(f"&O{value:o}")
        elif sort == 0xB6:
            self.push(repr(unpack("<f", value.to_bytes(4, "little"))[0]))
        else:
            whole = value | one.operands[1] << 32
            raw = whole.to_bytes(8, "little")
            signed = unpack("<q", raw)[0]
            self.push(
                repr(unpack("<d", raw)[0]) if sort in (0xAA, 0xB7) else str(signed / 10_000 if sort == 0xA9 else signed)
            )

    def procedure(self, one: Instruction) -> None:
        name = self._code.name_of(one.operands[0]) or "Unnamed"
        given = ", ".join(self._code.parameters(one.operands[0]))
        library = self._code.library(one.operands[0])
        self._stack.clear()
        if library:
            alias = f' Alias "{library[1]}"' if library[1] else ""
            self.say(f'Declare Function {name} Lib "{library[0]}"{alias} ({given})')
        else:
            self.opens = one.number != 0x74
            self.say(f"{'Sub' if self.opens else 'Event'} {name}({given})")

    def declare(self, one: Instruction) -> None:
        name = self._code.name_of(one.operands[0])
        bounds, self._stack = self._stack, []
        if self._prefix == "Const" and bounds:
            name += f" = {bounds[-1]}"
        elif bounds:
            name += f"({bounds[-1]})"
        self._declared.append(name)

    def begin_declaration(self, one: Instruction) -> None:
        self._prefix = "Const" if one.flags & 0x20 else "Dim"

    def redim(self, one: Instruction) -> None:
        bounds = [text for text in self.arguments(2 * (one.operands[1] & 0x3F)) if text]
        name = self.name(one.operands[0])
        if one.number in (0xC2, 0xC4):
            name = f"{self.pop()}.{name}"
        self.say(f"ReDim {'Preserve ' if one.flags & 0x20 else ''}{name}({', '.join(bounds[-1:])})")

    def jump(self, one: Instruction) -> None:
        number, label = one.number, one.operands[0]
        if number == 0xCC:
            special = "On Error Resume Next" if label >= _ME else "On Error GoTo 0" if not label else ""
        else:
            special = ("Resume Next" if label >= _ME else "Resume" if not label else "") if number == 0xE8 else ""
        word = {0x99: "GoSub", 0x9A: "GoTo", 0xCC: "On Error GoTo", 0xE8: "Resume"}[number]
        self.say(special or f"{word} {self.name(label)}")

    def label(self, one: Instruction) -> None:
        self._done.append(f"{self.name(one.operands[0])}:")

    def close(self, one: Instruction) -> None:
        self.say("Close " + ", ".join(self.arguments(one.operands[0])))

    def open(self, one: Instruction) -> None:
        name, channel, size = self.exactly(3)
        modes = {1: "Input", 2: "Output", 4: "Random", 8: "Append", 0x20: "Binary"}
        mode = modes.get(one.operands[0] & 0xFF, "Binary")
        self.say(f"Open {name} For {mode} As {channel}" + (f" Len = {size}" if size else ""))

    def print(self, one: Instruction) -> None:
        place = self.pop()
        self._output = f"{place}.Print " if one.number == 0xDC else f"Print {place}, "

    def case(self, one: Instruction) -> None:
        if one.number == 0x4C:
            high, low = self.pop(), self.pop()
            self._cases.append(f"{low} To {high}")
        else:
            self._cases.append(self.pop())

    def erase(self, one: Instruction) -> None:
        self.say("Erase " + ", ".join(self.arguments(one.operands[0])))

    def raise_event(self, one: Instruction) -> None:
        arguments = self.arguments(one.operands[1])
        self.say(f"RaiseEvent {self.name(one.operands[0])}({', '.join(arguments)})")

    def named_argument(self, one: Instruction) -> None:
        self.push(f"{self.name(one.operands[0])}:={self.pop()}")

    def bound(self, one: Instruction) -> None:
        arguments = self.arguments(max(one.operands[0], 1) if one.operands[0] < 3 else 1)
        self.push(f"{'LBound' if one.number == 0x8A else 'UBound'}({', '.join(arguments)})")

    def remark(self, one: Instruction) -> None:
        self.say("'" + self._code.literal(one))

    def as_written(self, one: Instruction) -> None:
        self.say(self._code.literal(one))

    def wrap(self, one: Instruction) -> None:
        self.push(WRAPPED[one.number].format(self.pop()))

    def load(self, one: Instruction) -> None:
        self.push(self.name(one.operands[0]))

    def address(self, one: Instruction) -> None:
        self.push(f"AddressOf {self.name(one.operands[0])}")

    def coerce(self, one: Instruction) -> None:
        self.push(f"{COERCED.get(one.flags, 'CVar')}({self.pop()})")

    def constant(self, one: Instruction) -> None:
        self.push(VALUES[one.number])

    def special(self, one: Instruction) -> None:
        self.push(SPECIAL[one.flags & 3])

    def new(self, _: Instruction) -> None:
        self.push("New Object")

    def name(self, operand: int) -> str:
        return "Me" if operand >= _ME else self._code.identifiers.name(operand) or "Unnamed"

    def pop(self) -> str:
        return self._stack.pop() if self._stack else ""

    def exactly(self, count: int) -> list[str]:
        """So many values, empty ones in front where fewer were left."""
        found = self.arguments(count)
        return [""] * (count - len(found)) + found

    def arguments(self, count: int) -> list[str]:
        count = min(count, len(self._stack))
        if not count:
            return []
        taken = self._stack[-count:]
        del self._stack[-count:]
        return taken

    def push(self, text: str) -> None:
        self._budget.spend(len(text))
        self._stack.append(text)

    def say(self, text: str) -> None:
        self._budget.spend(len(text))
        self._done.append(text)


def _statements(parts: list[str]) -> str:
    """Statements as one line."""
    text = ""
    for part in parts:
        if not text or text.endswith((" Then", "Else")) or part.startswith("'") or part == "Else":
            text += f" {part}" if text else part
        else:
            text += f"{' ' if text.endswith(':') else ': '}{part}"
    return text


_Write = Callable[[_Writer, Instruction], None]
_OTHERS: dict[int, _Write] = {
    number: write
    for numbers, write in (
        ((0xB9,), _Writer.literal),
        ((*range(0xA9, 0xAB), *range(0xAC, 0xB2), *range(0xB3, 0xB9)), _Writer.number),
        ((0x74, 0x96, 0x97), _Writer.procedure),
        ((0x5D, 0x5E), _Writer.begin_declaration),
        ((0xF5,), _Writer.declare),
        ((0xC2, 0xC3, 0xC4, 0xC5, 0xE4, 0xE5), _Writer.redim),
        ((0x99, 0x9A, 0xCC, 0xE8), _Writer.jump),
        ((0xA3, 0xA8), _Writer.label),
        ((0x56,), _Writer.close),
        ((0xCF,), _Writer.open),
        ((0xD5, 0xDC), _Writer.print),
        ((0x4B, 0x4C), _Writer.case),
        ((0x72,), _Writer.erase),
        ((0x75,), _Writer.raise_event),
        ((0xD4,), _Writer.named_argument),
        ((0x8A, 0x91), _Writer.bound),
        ((0xE3, 0xE7), _Writer.remark),
        ((0xE6,), _Writer.as_written),
        (tuple(WRAPPED), _Writer.wrap),
        ((0x49,), _Writer.address),
        ((0x58, 0x59), _Writer.coerce),
        (tuple(VALUES), _Writer.constant),
        ((0xBA,), _Writer.special),
        ((0xC9,), _Writer.new),
        ((0x1F,), _Writer.load),
    )
    for number in numbers
}
