"""Run compiled JScript without a host: within a budget, with unknowns; nothing is ever executed.

What can't be decided is followed on every side, one after the other. Calls have frames of their own, so that no depth
of an attacker's making reaches Python's stack. Text that is run as code is a layer, and is read and run in turn.
"""

from types import GeneratorType
from typing import Any, Final

from emotriage.emulation.effects import Ran
from emotriage.emulation.jscript import members
from emotriage.emulation.jscript.code import Code
from emotriage.emulation.jscript.frame import Frame, Scope, Thrown
from emotriage.emulation.jscript.statements import compile_text, complete
from emotriage.emulation.jscript.steps import LINKS
from emotriage.emulation.jscript.values import NULL, Obj, Value, array
from emotriage.emulation.jscript.world import World
from emotriage.emulation.vba.values import UNKNOWN, Thing, Unknown
from emotriage.model.limits import Budget

STEPS = 2_000_000
"""Instructions for all of a script."""
_STEP = 300
"""Work units of an instruction."""
_CHARGED = 256
_LABOUR = 1 << 20
_DEPTH = 400
_LAYERS = 256
_LAYER_TEXT = 4 << 20
_LATER = 64
_FAILURES = 2
_TEXT = 20  # steps of beginning to run a text
PENDING: Final = object()
"""What a call answers with that has only begun."""


class Machine:
    """A script that is being run.

    Attributes:
        world: objects of the host, and what was done to them.
        layers: texts that were run, the script itself first.
        protos: what values of each kind inherit.
        globe: the global object.
        frames: calls under way.
        doubts: how often something was done of which nobody knows whether it works.
        cut: something was left out.
        whole: all texts were understood.
    """

    def __init__(self, budget: Budget) -> None:
        from emotriage.emulation.jscript.library import furnish  # the library calls back

        self.budget = budget
        self.world = World()
        self.layers: list[Ran] = []
        self.protos: dict[str, Obj] = {}
        self.globe = Obj("object")
        self.frames: list[Frame] = []
        self.doubts = 0
        self.steps = 0
        self._paid = 0
        self._due = _CHARGED
        self.cut = False
        self.whole = True
        self.later: list[Value] = []
        self._codes: dict[str, Code] = {}
        self._failed: dict[tuple[int, int], int] = {}
        furnish(self)
        self.scope = Scope(self.globe.props, None)

    def run(self, text: str) -> None:
        """Run a script, and what it leaves for later."""
        self.frames = []
        self.evaluate(text, "", self.scope)
        self._loop()
        for number, one in enumerate(self.later):
            if number >= _LATER:
                break
            self.frames = [Frame(Code("", (), 0), LINKS(Code("", (), 0)), self.scope, self.globe)]
            if isinstance(one, str):
                self.evaluate(one, "setTimeout", self.scope)
            else:
                self.call(one, self.globe, [])
            self._loop()
        self.cut = self.cut or self.steps >= STEPS

    def evaluate(self, text: str, by: str, scope: Scope) -> None:
        """Begin to run a text as code; its value is that of its last statement."""
        code = self._compiled(text, text, by)
        self.steps += _TEXT
        if len(self.frames) >= _DEPTH:
            self.cut, code = True, None
        if code is None:
            self.give(UNKNOWN)
            return
        self._declare(code, scope)
        self.frames.append(Frame(code, self._linked(code), scope, self.globe))

    def compiled_function(self, parameters: str, body: str) -> Value:
        """``new Function(parameters, body)``."""
        code = self._compiled(f"(function anonymous({parameters}) {{\n{body}\n}})", body, "Function")
        made = None if code is None else next((one.what for one in code.ops if one.do == "function"), None)
        return self.function(made, self.scope) if made is not None else UNKNOWN

    def _compiled(self, text: str, shown: str, by: str) -> Code | None:
        """The code of a text, which becomes a layer when it is new; None when there are too many."""
        if (code := self._codes.get(text)) is not None:
            return code
        if len(self.layers) >= _LAYERS or sum(len(one.text) for one in self.layers) > _LAYER_TEXT:
            self.cut = True
            return None
        self.layers.append(Ran(shown, by))
        self.steps += len(text) >> 2 if by else 0
        code, whole = compile_text(text, len(self.layers) - 1, self.budget)
        self.whole = self.whole and whole
        self.cut = self.cut or code.cut
        self._codes[text] = code
        return code

    def quit(self) -> None:
        """``WScript.Quit``: the end, unless nobody knows whether the script comes here."""
        for frame in reversed(self.frames):
            if frame.waiting is None and frame.arms and frame.spared(-1, sparing=True):
                while self.frames[-1] is not frame:
                    self.frames.pop()
                return
        for frame in self.frames:
            frame.stack.clear()
        self.frames.clear()

    def _loop(self) -> None:
        """Run until the last frame is left, or the steps are spent."""
        frames = self.frames
        while frames and self.steps < STEPS:
            frame = frames[-1]
            ops = frame.ops
            try:
                while True:
                    do, what = ops[frame.at]
                    frame.at += 1
                    self.steps += 1
                    do(self, frame, what)
                    if self.steps >= self._due and self._pay():
                        break
                    if not frames or frames[-1] is not frame:
                        break
            except Thrown as thrown:
                self._throw(thrown.value)

    def _pay(self) -> bool:
        """Charge the steps since the last time; true when they are spent."""
        self.budget.spend((self.steps - self._paid) * _STEP)
        self._paid = self.steps
        self._due = self.steps + _CHARGED
        return self.steps >= STEPS

    def spend(self, size: int) -> None:
        """Count the work of handling so many characters or values as steps."""
        self.steps += size >> 6

    def toil(self, units: int) -> None:
        """Count work units as steps; much work is charged before it is done."""
        self.steps += units // _STEP
        if units > _LABOUR:
            self._pay()

    @staticmethod
    def _linked(code: Code) -> list[Any]:
        if code.linked is None:
            code.linked = LINKS(code)
        return code.linked

    def _declare(self, code: Code, scope: Scope) -> None:
        for name in code.variables:
            scope.variables.setdefault(name, None)
        self._hoist(code, scope)

    def _hoist(self, code: Code, scope: Scope) -> None:
        """Declare the functions of a text or function; ``a.b`` becomes a member of ``a``."""
        for name, one in code.functions.items():
            made = self.function(one, scope)
            owner, dot, member = name.rpartition(".")
            home = scope.home(owner) if dot else None
            if home is not None:
                self.store(home[owner], member, made)
            elif not dot:
                scope.variables[name] = made

    def function(self, code: Code, scope: Scope) -> Obj:
        """A function as a value."""
        return Obj("function", self.protos["function"], (code, scope))

    def native(self, name: str, does: Value) -> Obj:
        """A function of the library as a value."""
        one = Obj("native", self.protos.get("function"), does)
        one.props["name"] = name
        return one

    def array(self, values: list[Value]) -> Obj:
        """A new array."""
        self.spend(len(values))
        return array(values, self.protos["array"])

    def copied(self, what: Value) -> Obj:
        """A new array or object with the values of a template; what is inside of an object is made when it is read."""
        do, parts, _, ready = what
        if do == "array":
            return self.array([one if kind == "const" else self.copied(one) for kind, one in parts])
        made = Obj("object", self.protos["object"])
        made.props = ready.copy()
        return made

    def place(self) -> tuple[int, int]:
        """(layer, offset) of what is being run."""
        for frame in reversed(self.frames):
            if frame.waiting is None and frame.at <= len(frame.code.ops):
                return frame.code.layer, frame.code.ops[frame.at - 1].at if frame.at else 0
        return 0, 0

    def may_fail(self, frame: Frame) -> bool:
        """True the first times that something tried, of which nobody knows whether it works, is taken to fail too."""
        key = (id(frame.code), frame.at)
        self._failed[key] = self._failed.get(key, 0) + 1
        return self._failed[key] <= _FAILURES

    def fault(self, name: str, message: str) -> Value:
        """An error that the script made; where nobody would catch it, `UNKNOWN` instead."""
        if not any(one.handlers for one in self.frames):
            self.doubts += 1
            return UNKNOWN
        raise Thrown(self.error(name, message))

    def error(self, name: str, message: str) -> Obj:
        """An error as a value."""
        one = Obj("error", self.protos["error"])
        one.props |= {"name": name, "message": message, "description": message, "number": -2146827850}
        return one

    def _throw(self, value: Value) -> None:
        """Go where a thrown value is caught; where nobody does, to the next statement of the script."""
        while self.frames:
            frame = self.frames[-1]
            if frame.waiting is None:
                if frame.arms and frame.spared(-1, sparing=False):
                    return
                if frame.handlers:
                    frame.at, _, depth = frame.handlers.pop()
                    del frame.stack[depth:]
                    frame.stack.append(value)
                    return
                if len(self.frames) == 1:
                    frame.stack.clear()
                    frame.at = next(
                        (
                            number
                            for number in range(frame.at, len(frame.code.ops))
                            if frame.code.ops[number].do == "statement"
                        ),
                        len(frame.code.ops),
                    )
                    return
            self.frames.pop()

    def give(self, value: Value) -> None:
        """Hand a value to whoever waits for it."""
        while self.frames:
            frame = self.frames[-1]
            if frame.waiting is None:
                frame.stack.append(value)
                return
            self.steps += 2
            if self.steps >= self._due and self._pay():
                self.frames.clear()
                return
            try:
                callee, this, args = frame.waiting.send(value)
            except StopIteration as done:
                self.frames.remove(frame)
                value = done.value
                continue
            value = self._begin(callee, this, args)
            if value is PENDING:
                return

    def call(self, callee: Value, this: Value, args: list[Value]) -> None:
        """Call something; its value is handed over when it is there."""
        value = self._begin(callee, this, args)
        if value is not PENDING:
            self.give(value)

    def _begin(self, callee: Value, this: Value, args: list[Value]) -> Value:
        self.steps += 4
        for _ in range(16):
            if not (isinstance(callee, Obj) and callee.kind == "bound"):
                break
            callee, this, args = callee.data[0], callee.data[1], [*callee.data[2], *args]
        if isinstance(callee, Obj) and callee.kind == "function":
            return self._enter(callee, this, args)
        if isinstance(callee, Obj) and callee.kind == "native":
            result = callee.data(self, this, args)
            if isinstance(result, GeneratorType):
                if len(self.frames) >= _DEPTH:
                    return UNKNOWN
                frame = Frame(Code("", (), 0), [], self.scope, None)
                frame.waiting = result
                self.frames.append(frame)
                return None
            return result
        if isinstance(callee, Thing | Unknown):
            self.doubts += 1
            self.remember(args)
            return self.world.called(self, callee, args) if isinstance(callee, Thing) else UNKNOWN
        return self.fault("TypeError", "Function expected")

    def remember(self, args: list[Value]) -> None:
        """Functions that are handed to somebody unknown are called later."""
        for one in args:
            if isinstance(one, Obj) and one.kind == "function" and len(self.later) < _LATER:
                self.later.append(one)

    def _enter(self, callee: Obj, this: Value, args: list[Value]) -> Value:
        if len(self.frames) >= _DEPTH:
            self.cut = True
            return UNKNOWN
        code, outer = callee.data
        if code.later is not None:
            self.whole = complete(code, self.budget) and self.whole
            self.cut = self.cut or code.cut
        if code.listed is None:
            code.listed = "arguments" in code.source
        variables: dict[str, Value] = dict.fromkeys(code.variables)
        if code.listed:
            given = self.array(list(args))
            given.props["callee"] = callee
            variables["arguments"] = given
        if code.name and code.name not in code.functions:
            variables.setdefault(code.name, callee)
        if code.parameters:
            variables.update(dict.fromkeys(code.parameters))
            variables.update(zip(code.parameters, args, strict=False))
            if code.parameters[-1].startswith("..."):
                variables[code.parameters[-1][3:]] = self.array(args[len(code.parameters) - 1 :])
        scope = Scope(variables, outer)
        self._hoist(code, scope)
        self.frames.append(Frame(code, self._linked(code), scope, self.globe if this is None or this is NULL else this))
        return PENDING

    def construct(self, callee: Value, args: list[Value]) -> None:
        """``new callee(arguments)``."""
        if isinstance(callee, Obj) and callee.kind == "function":
            proto = self.member(callee, "prototype")
            made = Obj("object", proto if isinstance(proto, Obj) else self.protos["object"])
            if self._begin(callee, made, args) is PENDING:
                self.frames[-1].made = made
            else:
                self.give(made)
        elif isinstance(callee, Obj) and callee.kind == "native" and "construct" in callee.props:
            self.give(callee.props["construct"].data(self, None, args))
        else:
            self.call(callee, None, args)

    def leave(self, frame: Frame, value: Value) -> None:
        """Return from a call."""
        if self.frames[-1] is frame:
            self.frames.pop()
        if frame.made is not None and not isinstance(value, Obj | Thing):
            value = frame.made
        self.give(value)

    member = members.member
    store = members.store
    read = members.read
