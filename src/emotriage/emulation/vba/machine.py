"""Run compiled VBA without a host: from each entry point, within a budget, with unknowns; nothing is ever executed.

What can't be decided is followed on every side, one after the other: arms of a condition, bodies of loops (once).
Calls have frames of their own, so that no depth of an attacker's making reaches Python's stack.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from emotriage.emulation.vba.builder import Code
from emotriage.emulation.vba.compiler import compile_procedure
from emotriage.emulation.vba.expression import Op
from emotriage.emulation.vba.frame import Frame
from emotriage.emulation.vba.host import STARTS, Effect, Host, Surroundings
from emotriage.emulation.vba.lexer import tokens
from emotriage.emulation.vba.library import FUNCTIONS
from emotriage.emulation.vba.program import Program
from emotriage.emulation.vba.steps import CONTROL, item, store_item
from emotriage.emulation.vba.values import UNKNOWN, Array, Thing, Unknown, Value, binary, text_of, unary
from emotriage.model.limits import RECORD, Budget

STEPS = 400_000
"""Instructions for all of a project; a call counts as several."""
_CALL = 10
_CHARGED = 64  # instructions that are charged at a time
_DEPTH = 48
_FIELDS = 4096
_UNKNOWABLE = frozenset({"now", "date", "time", "timer", "rnd", "err", "erl", "freefile", "doevents"})
_OURS = frozenset({"module", "document", "form"})
"""Kinds of objects whose members may be procedures of the project."""


@dataclass(frozen=True, slots=True)
class Run:
    """What running a project would do.

    Attributes:
        effects: in order.
        complete: False when the steps ran out, or a loop would not end.
    """

    effects: tuple[Effect, ...]
    complete: bool


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
    return Run(tuple(machine.host.effects), not machine.cut)


class Machine:
    """A project that is being run.

    Attributes:
        host: the world around it.
        cut: something was left out: a loop that would not end, or all that came after the last step.
    """

    def __init__(self, program: Program, host: Host, budget: Budget) -> None:
        self.host = host
        self.cut = False
        self._program = program
        self._budget = budget
        self._steps = 0
        self._frames: list[Frame] = []
        self._globals: list[dict[str, Value]] = [{} for _ in program.modules]
        self._modules = {one.name.lower(): index for index, one in enumerate(program.modules)}
        self._declares = {
            one.name.lower(): one.symbol for module in program.modules for one in module.source.declares()
        }
        self._codes: dict[int, Code] = {}

    def begin(self, entries: Iterable[int]) -> None:
        """Run the declarations of all modules, then the entries."""
        for index, module in enumerate(self._program.modules):
            inside = self._program.nodes_of(index)
            end = self._program.nodes[inside.start].procedure.start if len(inside) else len(module.source.code)
            code = compile_procedure(tokens(module.source, 0, end, self._budget))
            self._frames = [Frame(code, index, self._globals[index], keep=False)]
            self._loop()
        for number in entries:
            self._frames = []
            self._enter(number, [], keep=False)
            self._loop()

    def _loop(self) -> None:
        """Run until the last frame is left, or the steps are spent."""
        while self._frames and self._steps < STEPS:
            frame = self._frames[-1]
            if frame.at >= len(frame.code.ops):
                self._leave()
                continue
            op = frame.code.ops[frame.at]
            frame.at += 1
            self._steps += 1
            if not self._steps % _CHARGED:
                self._budget.spend(_CHARGED * RECORD)
            if (control := CONTROL.get(op.do)) is not None:
                self.cut = control(frame, op) or self.cut
            else:
                self._DO[op.do](self, frame, op)
        self.cut = self.cut or self._steps >= STEPS

    def _enter(self, number: int, args: list[Value], *, keep: bool = True) -> None:
        """Call a procedure of the project."""
        node = self._program.nodes[number]
        if number not in self._codes:
            source = self._program.modules[node.module].source
            start = source.logical_line(node.procedure.start)[0]
            self._codes[number] = compile_procedure(tokens(source, start, node.procedure.end, self._budget))
        if len(self._frames) >= _DEPTH:
            if keep:
                self._frames[-1].push(UNKNOWN)
            return
        self._steps += _CALL
        self._budget.spend(_CALL * RECORD)
        code = self._codes[number]
        variables = dict(zip(code.parameters, args, strict=False))
        self._frames.append(Frame(code, node.module, variables, keep=keep))

    def _leave(self) -> None:
        """Return to the caller with the function's value."""
        frame = self._frames.pop()
        if self._frames and frame.keep:
            self._frames[-1].push(frame.variables.get(frame.code.name))

    def _procedure(self, name: str, frame: Frame) -> int | None:
        """A procedure by its bare name: of the same module, or of any."""
        numbers = self._program.procedures(name)
        own = [one for one in numbers if self._program.nodes[one].module == frame.module]
        return next(iter(own or numbers), None)

    def _home(self, name: str, frame: Frame) -> dict[str, Value] | None:
        """The variables among which a name is."""
        for one in (frame.variables, self._globals[frame.module], *self._globals):
            if name in one:
                return one
        return None

    def _name(self, frame: Frame, op: Op) -> None:
        """A bare name that is read, or a procedure without arguments."""
        name = op.what
        if (home := self._home(name, frame)) is not None:
            frame.push(home[name])
        elif (number := self._procedure(name, frame)) is not None and name != frame.code.name:
            self._enter(number, [])
        elif (found := self.host.named(name)) is not None:
            frame.push(found)
        elif name in self._modules:
            frame.push(Thing("module", {"": name}))
        else:
            frame.push(UNKNOWN if name in _UNKNOWABLE else None)

    def _call(self, frame: Frame, op: Op) -> None:
        """``name(arguments)``: an item of an array, a procedure, or a function of the library."""
        name, args = op.what, frame.take(op.operand)
        home = self._home(name, frame)
        number = self._procedure(name, frame)
        if home is not None and not (name == frame.code.name and number is not None):
            frame.push(item(home[name], args))
        elif number is not None:
            self._enter(number, args)
        else:
            frame.push(self._library(name, args, (frame.module, op.at)))

    def _library(self, name: str, args: list[Value], place: tuple[int, int]) -> Value:
        """A function that is not the project's."""
        if name in ("createobject", "getobject"):
            known = [one for one in args if one is not None and one != ""]
            return self.host.created(known[0] if known else UNKNOWN, name, place)
        if name == "callbyname" and len(args) > 1:
            method = text_of(args[1])
            return self.host.invoke(args[0], method.lower(), args[3:], place) if isinstance(method, str) else UNKNOWN
        if name in FUNCTIONS:
            return FUNCTIONS[name](args)
        return self.host.invoke(Thing("library"), self._declares.get(name, name).lower(), args, place)

    def _invoke(self, frame: Frame, op: Op) -> None:
        """``object.name(arguments)``."""
        name, args, owner = op.what, frame.take(op.operand), frame.pop()
        place = (frame.module, op.at)
        if isinstance(owner, Thing) and owner.kind in _OURS and (number := self._procedure(name, frame)) is not None:
            self._enter(number, args)
        elif isinstance(owner, Thing) and owner.kind in ("library", "module"):
            called = str(args[0]).replace("!", ".").rpartition(".")[2].strip("' ").lower() if args else ""
            if name == "run" and (number := self._procedure(called, frame)) is not None:  # Application.Run "name"
                self._enter(number, args[1:])
            else:
                frame.push(self._library(name, args, place))
        elif isinstance(owner, Thing) and isinstance(held := owner.fields.get(name), Array):
            frame.push(item(held, args))
        else:
            frame.push(self.host.invoke(owner, name, args, place))

    def _member(self, frame: Frame, op: Op) -> None:
        """``object.name``: a property, or a method without arguments."""
        name, owner = op.what, frame.pop()
        if isinstance(owner, Thing) and owner.kind == "library":
            self._name(frame, op)
        elif isinstance(owner, Thing) and owner.kind in _OURS and name not in owner.fields:
            self._own_member(frame, owner, name)
        elif name in STARTS:
            frame.push(self.host.invoke(owner, name, [], (frame.module, op.at)))
        else:
            frame.push(self.host.member(owner, name))

    def _own_member(self, frame: Frame, owner: Thing, name: str) -> None:
        """A variable, control or procedure of a module or form."""
        module = self._modules.get(str(owner.fields.get("", "")), frame.module)
        if name in self._globals[module]:
            frame.push(self._globals[module][name])
            return
        found = self.host.named(f"{owner.fields.get('', '')}.{name}")
        found = self.host.member(owner, name) if found is None else found
        known = isinstance(found, Thing) and found.kind == "control"
        if not known and (number := self._procedure(name, frame)) is not None:
            self._enter(number, [])
        else:
            frame.push(found)

    def _store(self, frame: Frame, op: Op) -> None:
        """``name = value``."""
        value, name = frame.pop(), op.what
        home = self._home(name, frame)
        target = home[name] if home is not None else self.host.named(name)
        if isinstance(target, Thing) and target.kind == "control" and not isinstance(value, Thing):
            target.fields["value"] = target.fields["text"] = value
        else:
            (frame.variables if home is None else home)[name] = value

    def _store_item(self, frame: Frame, op: Op) -> None:
        """``name(index) = value``."""
        value, args, name = frame.pop(), frame.take(op.operand), op.what
        home = self._home(name, frame)
        if home is None:
            home = frame.variables
            home[name] = Array()
        store_item(home[name], args, value)

    def _store_member(self, frame: Frame, op: Op) -> None:
        """``object.name = value``."""
        value, owner = frame.pop(), frame.pop()
        if isinstance(owner, Thing) and owner.kind == "module":
            module = self._modules.get(str(owner.fields.get("", "")), frame.module)
            self._globals[module][op.what] = value
        elif isinstance(owner, Thing) and len(owner.fields) < _FIELDS:
            owner.fields["\0text" if owner.kind == "xmlnode" and op.what == "text" else op.what] = value

    def _store_invoke(self, frame: Frame, op: Op) -> None:
        """``object.name(index) = value``."""
        value, args, owner = frame.pop(), frame.take(op.operand), frame.pop()
        if isinstance(owner, Thing) and args:
            held = owner.fields.get(op.what)
            if isinstance(held, Array):
                store_item(held, args, value)
            elif len(owner.fields) < _FIELDS:
                owner.fields[f"\0{op.what} {text_of(args[0])}".lower()] = value

    def _array(self, frame: Frame, op: Op) -> None:
        """``Dim name(...)`` and ``ReDim``; `operand` where the values are kept."""
        home = self._home(op.what, frame) or frame.variables
        if not (op.operand and isinstance(home.get(op.what), Array)):
            home[op.what] = Array()

    def _binary(self, frame: Frame, op: Op) -> None:
        """Apply an operator."""
        right, left = frame.pop(), frame.pop()
        result = binary(op.what, left, right)
        if isinstance(result, str):
            self._budget.spend(len(result) // 4)
        frame.push(result)

    def _new(self, frame: Frame, op: Op) -> None:
        """``New class``."""
        frame.push(self.host.created(op.what, "New", (frame.module, op.at)))

    def _open(self, frame: Frame, op: Op) -> None:
        """``Open``: what is written comes later."""
        number, path = frame.pop(), frame.pop()
        if op.what in ("output", "append", "binary", "random"):
            frame.variables[f"\0file {text_of(number)}"] = path
            self.host.note("write", path, "Open", (frame.module, op.at))

    def _put(self, frame: Frame, op: Op) -> None:
        """``Print`` and ``Put``."""
        value, number = text_of(frame.pop()), frame.pop()
        path = frame.variables.get(f"\0file {text_of(number)}", UNKNOWN)
        self.host.note("write", path, "Print", (frame.module, op.at), "" if isinstance(value, Unknown) else value)

    def _unary(self, frame: Frame, op: Op) -> None:
        """``-``, ``+``, ``Not``."""
        frame.push(unary(op.what, frame.pop()))

    _DO: ClassVar = {
        "name": _name,
        "member": _member,
        "call": _call,
        "invoke": _invoke,
        "new": _new,
        "binary": _binary,
        "unary": _unary,
        "store": _store,
        "store-item": _store_item,
        "store-member": _store_member,
        "store-invoke": _store_invoke,
        "array": _array,
        "open": _open,
        "put": _put,
    }
