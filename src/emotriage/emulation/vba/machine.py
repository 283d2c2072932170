"""Run compiled VBA without a host: from each entry point, within a budget, with unknowns; nothing is ever executed.

What can't be decided is followed on every side, one after the other: arms of a condition, bodies of loops (once).
Calls have frames of their own, so that no depth of an attacker's making reaches Python's stack.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from emotriage.emulation.vba.arguments import ordered
from emotriage.emulation.vba.builder import Code
from emotriage.emulation.vba.compiler import compile_procedure
from emotriage.emulation.vba.frame import Frame, Meter
from emotriage.emulation.vba.host import Effect, Host, Surroundings
from emotriage.emulation.vba.lexer import tokens
from emotriage.emulation.vba.library import FUNCTIONS
from emotriage.emulation.vba.linkage import Linkage
from emotriage.emulation.vba.operations import OPERATIONS
from emotriage.emulation.vba.program import Program
from emotriage.emulation.vba.steps import CONTROL
from emotriage.emulation.vba.values import UNKNOWN, Array, Named, Partly, Thing, Unknown, Value, size_of, text_of
from emotriage.emulation.vba.vocabulary import words
from emotriage.model.limits import RECORD, Budget

STEPS = 500_000
"""Instructions for all of a project; a call counts as several."""
_CALL = 10
_CHARGED = 64  # instructions that are charged at a time
_DEPTH = 48
_LINE = 250  # work units of one instruction
_BY_PLACE = words("mid left right len lenb asc ascw ascb ubound lbound isarray isempty ismissing isnull val chr array")
"""Functions that take no longer for a longer text or array."""
_HALF_KNOWN = frozenset({Unknown, Partly})


@dataclass(frozen=True, slots=True)
class Run:
    """What running a project would do.

    Attributes:
        effects: in order.
        complete: False when the steps ran out, or a loop would not end.
        asked: it was asked in which country it runs.
    """

    effects: tuple[Effect, ...]
    complete: bool
    asked: bool = False


def run(program: Program, entries: Iterable[int], surroundings: Surroundings, budget: Budget) -> Run:
    """Evaluate a program from its entry points.

    Args:
        program: the project.
        entries: numbers of the procedures to begin at.
        surroundings: what the document holds.
        budget: charged for every instruction.
    """
    machine = Machine(program, Host(surroundings), budget)
    machine.begin(entries)
    return Run(machine.host.done(), not machine.cut, machine.host.asked)


class Machine:
    """A project that is being run.

    Attributes:
        host: the world around it.
        linkage: its procedures and modules by name.
        cut: something was left out: a loop that would not end, or all that came after the last step.
        budget: charged for every instruction.
        meter: the steps that were done; what reads or makes long texts counts as many.
    """

    def __init__(self, program: Program, host: Host, budget: Budget) -> None:
        self.host = host
        self.cut = False
        self.budget = budget
        self.linkage = Linkage(program, host)
        self._program = program
        self.meter = Meter(0, STEPS)
        self._frames: list[Frame] = []
        self._codes: dict[int, Code] = {}
        self._kept: dict[tuple[int, str], Value] = {}  # variables that are ``Static``

    def begin(self, entries: Iterable[int]) -> None:
        """Run the declarations of all modules, then the entries."""
        for index, module in enumerate(self._program.modules):
            inside = self._program.nodes_of(index)
            end = self._program.nodes[inside.start].procedure.start if len(inside) else len(module.source.code)
            code = compile_procedure(tokens(module.source, 0, end, self.budget))
            own = self.linkage.variables(index)
            self._frames = [Frame(code, index, own, own, keep=False, meter=self.meter)]
            self._loop()
        for number in entries:
            self._frames = []
            self.enter(number, [], keep=False)
            self._loop()
            self._later()

    def named(self, name: str) -> tuple[int, ...]:
        """Numbers of the procedures of a name, in lower case."""
        return self._program.procedures(name)

    def relink(self, program: Program) -> None:
        """Go on with a program that has more modules behind those that there were."""
        self._program = program
        self.linkage.extend(program)

    def _later(self) -> None:
        """Procedures that were put off (``OnTime``)."""
        for _ in range(_DEPTH):
            if not self.linkage.later:
                return
            name = self.linkage.later.pop(0)
            if (number := self.linkage.procedure(name, None)) is not None:
                self.enter(number, [], keep=False)
                self._loop()

    def _loop(self) -> None:
        """Run until the last frame is left, or the steps are spent."""
        meter, charged, frames = self.meter, self.meter.steps, self._frames
        while frames and meter.steps < STEPS:
            frame = frames[-1]
            at, ops = frame.at, frame.code.ops
            if at >= len(ops):
                self._leave()
                continue
            op = ops[at]
            frame.at = at + 1
            meter.steps += 1
            if meter.steps - charged >= _CHARGED:
                self.budget.spend((meter.steps - charged) * _LINE)
                charged = meter.steps
            do = op.do
            if (control := CONTROL.get(do)) is not None:
                self.cut = control(frame, op) or self.cut
            else:
                OPERATIONS[do](self, frame, op)
        self.cut = self.cut or meter.steps >= STEPS

    def enter(
        self,
        number: int,
        args: "list[Value | Named]",
        *,
        keep: bool = True,
        me: Thing | None = None,
        names: tuple[str, ...] = (),
    ) -> None:
        """Call a procedure of the project.

        Args:
            number: of its node.
            args: by position and by name.
            keep: the caller wants the value.
            me: the object whose method it is.
            names: of the caller's variables that the arguments are.
        """
        node = self._program.nodes[number]
        if number not in self._codes:
            source = self._program.modules[node.module].source
            start = source.logical_line(node.procedure.start)[0]
            self._codes[number] = compile_procedure(tokens(source, start, node.procedure.end, self.budget))
        if len(self._frames) >= _DEPTH:
            if keep:
                self._frames[-1].push(UNKNOWN)
            return
        self.meter.steps += _CALL
        self.budget.spend(_CALL * RECORD)
        code = self._codes[number]
        own = me.fields if me is not None and me.kind == "instance" else self.linkage.variables(node.module)
        if me is None and self.linkage.kind(node.module) == "form":
            me = self.linkage.home(node.module)
        frame = Frame(code, node.module, {}, own, me, keep=keep, meter=self.meter)
        place = 0
        lent: list[tuple[str, str]] = []
        for index, one in enumerate(args):
            if isinstance(one, Named):
                frame.variables[one.name] = one.value
            elif place < len(code.parameters) and code.parameters[place] != code.rest:
                name = code.parameters[place]
                frame.variables[name] = one
                if index < len(names) and names[index] and names[index][-1:] != ")" and name not in code.copied:
                    lent.append((name, names[index]))
                place += 1
            elif code.rest:
                frame.variables[code.rest] = Array.of([each for each in args[index:] if not isinstance(each, Named)])
                break
        for name in code.parameters:
            frame.variables.setdefault(name, None)
        for (owner, name), value in self._kept.items():
            if owner == number:
                frame.variables[name] = value
        frame.lent = tuple(lent)
        self._frames.append(frame)

    def _leave(self) -> None:
        """Return to the caller with the function's value, or first see what it does when something fails."""
        frame = self._frames[-1]
        target = frame.code.labels.get(frame.handler) if frame.handler else None
        frame.handler = ""
        if target is not None:
            frame.at = target
            return
        self._frames.pop()
        if frame.code.kept:
            node = next((number for number, code in self._codes.items() if code is frame.code), -1)
            self._kept |= {(node, name): frame.variables.get(name) for name in frame.code.kept}
        if not self._frames:
            return
        caller = self._frames[-1]
        for name, lent in frame.lent:
            home = self.linkage.where(lent, caller)
            (caller.variables if home is None else home)[lent] = frame.variables.get(name)
        if frame.keep:
            caller.push(frame.variables.get(frame.code.name))

    def library(
        self, name: str, args: "list[Value | Named]", place: tuple[int, int], names: tuple[str, ...], frame: Frame
    ) -> Value:
        """A function that is not the project's."""
        plain = ordered(name, args)
        if (symbol := self.linkage.declares.get(name)) is not None:
            for index, one in enumerate(names[: len(plain)]):
                home = self.linkage.where(one[:-2], frame) if one.endswith("()") else None
                if home is not None and isinstance(held := home[one[:-2]], Array) and held.upper > held.base:
                    plain[index] = held if _is_first(plain[index], held) and _is_many(plain) else plain[index]
            return self.host.native(symbol.lower(), plain, place)
        if name in ("createobject", "getobject"):
            known = [one for one in plain if one is not None and one != ""]
            return self.host.created(known[0] if known else UNKNOWN, name, place)
        if (known_value := self.host.country(name, plain)) is not None:
            return known_value
        if (function := FUNCTIONS.get(name)) is not None:
            found = function(plain)
            self.meter.steps += size_of(found) + (0 if name in _BY_PLACE else sum(map(size_of, plain)))
            if type(found) is str and not _HALF_KNOWN.isdisjoint(map(type, plain)):
                return Partly(found)
            return found
        return self.host.invoke(Thing("library"), name, plain, place)


def _is_first(value: Value, array: Array) -> bool:
    return array.items.get((array.base,), 0) == value


def _is_many(args: list[Value]) -> bool:
    """Not one byte at a time."""
    return not args or text_of(args[-1]) != "1"
