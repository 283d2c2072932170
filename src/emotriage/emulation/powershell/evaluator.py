"""PowerShell, evaluated: a walk over the tree with unknowns, which notes what would be done; nothing is ever executed.

What can't be decided is followed on every side. Text that is run as code becomes a layer, and is read in turn.
"""

from typing import Any, ClassVar

from emotriage.emulation.effects import Effect, Ran
from emotriage.emulation.powershell import cmdlets, commands, dotnet
from emotriage.emulation.powershell.leaving import Leave
from emotriage.emulation.powershell.nodes import Node, Walk
from emotriage.emulation.powershell.parser import parse
from emotriage.emulation.powershell.regexes import operator_affordable
from emotriage.emulation.powershell.stock import ENVIRONMENT, VARIABLES
from emotriage.emulation.powershell.values import (
    Script,
    Thing,
    Type,
    Value,
    binary,
    item_of,
    items_of,
    number_of,
    range_of,
    store,
    text_of,
    truth,
    unary,
)  # fmt: skip
from emotriage.emulation.vba.values import UNKNOWN, Unknown
from emotriage.model.limits import RECORD, Budget

STEPS = 300_000
"""Constructs for all of a script."""
DEPTH = 3000
"""Constructs within constructs."""
_CALLS = 60
_PASSES = 100_000
_TRIES = 8
_LAYERS = 64
_EFFECTS = 1000


class Shell:
    """A script that is being evaluated.

    Attributes:
        effects: what would be done, in order.
        layers: texts that were run, the script itself first.
        cut: something was left out; `lost`: a value of the script's own could not be computed.
        variables: by lower-case name.
        functions: the script's own, by lower-case name.
        slept: how often it has waited.
        aliases: names of commands that it gave others.
    """

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.effects: list[Effect] = []
        self.layers: list[Ran] = []
        self.cut = self.lost = False
        self.variables: dict[str, Value] = dict(VARIABLES)
        self.functions: dict[str, Script] = {}
        self.aliases: dict[str, str] = {}
        self.slept = 0
        self._steps = 0
        self._calls = 0
        self._where = 0
        self._seen: set[tuple[str, str]] = set()

    def note(self, kind: str, what: Value, by: str, detail: str = "") -> None:
        """Record an effect, once."""
        text = text_of(what)
        if (kind, text) not in self._seen and len(self.effects) < _EFFECTS:
            self._seen.add((kind, text))
            self.effects.append(Effect(kind, text, by, max(len(self.layers) - 1, 0), self._where, detail))

    def code(self, text: str, by: str) -> Walk:
        """Run a text as code."""
        if len(self.layers) >= _LAYERS or self._calls >= _CALLS:
            self.cut = True
            return UNKNOWN
        self.layers.append(Ran(text, by))
        self._calls += 1
        tree = parse(text, self.budget)
        value = yield self.value(tree)
        self._calls -= 1
        return value

    def value(self, node: Node) -> Walk:
        """What a construct comes to."""
        self._steps += 1
        if self._steps > STEPS:
            self.cut = True
            return UNKNOWN
        if node.do != "const":
            self._where = node.at
        return (yield self._DO[node.do](self, *node.parts))

    def _const(self, value: Value) -> Walk:
        yield from ()
        return value

    def _block(self, *parts: Node) -> Walk:
        out: list[Value] = []
        for one in parts:
            value = yield self.value(one)
            if value is None or one.do == "assign":
                continue
            out += value if isinstance(value, list) else [value]
        return out[0] if len(out) == 1 else out or None

    def _array(self, inner: Node) -> Walk:
        return list(items_of((yield self.value(inner))))

    def _group(self, inner: Node) -> Walk:
        if len(inner.parts) == 1:  # an assignment in brackets has a value, and an empty array stays one
            return (yield self.value(inner.parts[0]))
        return (yield self.value(inner))

    def _joined(self, *parts: Node) -> Walk:
        out = []
        for one in parts:
            out.append(text_of((yield self.value(one))))  # noqa: PERF401  a walk yields
        text = "".join(out)
        self.budget.spend(len(text))
        return text

    def _list(self, *parts: Node) -> Walk:
        out = []
        for one in parts:
            out.append((yield self.value(one)))  # noqa: PERF401  a walk yields
        return out

    def _table(self, *pairs: tuple[Node, Node]) -> Walk:
        out: dict[str, Value] = {}
        for key, one in pairs:
            name = text_of((yield self.value(key))).lower()
            out[name] = yield self.value(one)
        return out

    def _script(self, body: Node, text: str) -> Walk:
        yield from ()
        return Script(body, text)

    def _type(self, name: str) -> Walk:
        yield from ()
        return Type(name.removeprefix("system."))

    def _variable(self, name: str) -> Walk:
        yield from ()
        return self.named(name)

    def named(self, name: str) -> Value:
        """A variable by its name, with or without its drive."""
        drive_, _, rest = name.rpartition(":")
        if drive_ == "env":
            return self.variables.get(name, ENVIRONMENT.get(rest, f"%{rest.upper()}%"))
        return self.variables.get(rest)

    def _cast(self, name: str, inner: Node) -> Walk:
        value = yield self.value(inner)
        self.budget.spend(8 * len(value) if isinstance(value, str | list | bytes) else 0)
        if name.removeprefix("system.") == "scriptblock":
            return value
        return dotnet.cast(name, value)

    def _unary(self, sign: str, inner: Node) -> Walk:
        return unary(sign, (yield self.value(inner)))

    def _binary(self, sign: str, left: Node, right: Node) -> Walk:
        one = yield self.value(left)
        two = yield self.value(right)
        return self._operated(sign, one, two)

    def _operated(self, sign: str, left: Value, right: Value) -> Value:
        """Apply an operator; long values cost more steps than short ones."""
        if not operator_affordable(self, sign, left, right):
            return UNKNOWN
        result = binary(sign, left, right)
        size = max((len(one) for one in (left, result) if isinstance(one, str | list)), default=0)
        self._steps += size >> 9
        self.budget.spend(RECORD + size)
        return result

    def _range(self, left: Node, right: Node) -> Walk:
        return range_of((yield self.value(left)), (yield self.value(right)))

    def _index(self, owner: Node, index: Node) -> Walk:
        return item_of((yield self.value(owner)), (yield self.value(index)))

    def _bump(self, name: str, step: int) -> Walk:
        yield from ()
        number = number_of(self.named(name))
        self.variables[name] = UNKNOWN if isinstance(number, Unknown) else number + step
        return None

    def _member(self, owner: Node, name: Node, static: bool) -> Walk:
        value = yield self.value(owner)
        word = text_of((yield self.value(name)))
        return dotnet.property_of(value, word) if not static or isinstance(value, Type) else UNKNOWN

    def _invoke(self, owner: Node, name: Node, args: tuple[Node, ...], static: bool) -> Walk:
        value = yield self.value(owner)
        word = text_of((yield self.value(name))).lower()
        given = []
        for one in args:
            given.append((yield self.value(one)))  # noqa: PERF401  a walk yields
        return (yield commands.method(self, value, word, given, static=static))

    def _assign(self, target: Node, sign: str, value: Node) -> Walk:
        new = yield self.value(value)
        while target.do == "cast":
            new = dotnet.cast(target.parts[0], new)
            target = target.parts[1]
        if sign:
            new = self._operated(sign, (yield self.value(target)), new)
        if target.do == "variable":
            name = target.parts[0]
            self.variables[name if name.startswith("env:") else name.rpartition(":")[2]] = new
        elif target.do == "list":
            for one, item in zip(target.parts, items_of(new), strict=False):
                if one.do == "variable":
                    self.variables[one.parts[0].rpartition(":")[2]] = item
        elif target.do == "index":
            owner, index = (yield self.value(target.parts[0])), (yield self.value(target.parts[1]))
            if isinstance(owner, bytes) and target.parts[0].do == "variable":
                owner = self.variables[target.parts[0].parts[0].rpartition(":")[2]] = list(owner)
            store(owner, index, new)
        elif target.do == "member":
            owner, name = (yield self.value(target.parts[0])), text_of((yield self.value(target.parts[1]))).lower()
            if isinstance(owner, Thing):
                owner.fields[name] = new
        return new

    def _if(self, condition: Node, body: Node, other: Node | None) -> Walk:
        known = truth((yield self.value(condition)))
        out = None
        if known is not False:
            out = yield self._arm(body, certain=known is True)
        if known is not True and other is not None:
            out = (yield self._arm(other, certain=known is False)) or out
        return out

    def _arm(self, body: Node, *, certain: bool) -> Walk:
        """An arm; what would leave one that nobody knows to be run does not leave what comes behind it."""
        try:
            return (yield self.value(body))
        except Leave:
            if certain:
                raise
            return None

    def _try(self, body: Node, *handlers: Node) -> Walk:
        """What is tried; nobody knows whether it works, so that what handles a failure is run as well."""
        try:
            out = yield self.value(body)
        except Leave as leave:
            if leave.kind != "throw":
                raise
            out = None
        for one in handlers:
            more = yield self._arm(one, certain=False)
            out = more if out is None else out
        return out

    def _loop(self, condition: Node | None, body: Node, step: Node | None, *, until: bool, first: bool) -> Walk:
        out: list[Value] = []
        slept = self.slept
        for _ in range(_PASSES):
            if self.slept - slept > _TRIES:  # it only waits
                break
            known: Any = True
            if condition is not None and not first:
                known = truth((yield self.value(condition)))
                known = known if isinstance(known, Unknown) or not until else not known
            first = False
            if known is False or self.cut:
                break
            try:
                out += items_of((yield self.value(body)))
            except Leave as leave:
                if leave.kind == "break":
                    break
                if leave.kind != "continue":
                    raise
            if isinstance(known, Unknown):
                break
            if step is not None:
                yield self.value(step)
        else:
            self.cut = True
        return out or None

    def _while(self, condition: Node, body: Node) -> Walk:
        return (yield self._loop(condition, body, None, until=False, first=False))

    def _do_loop(self, condition: Node, body: Node, until: bool) -> Walk:
        return (yield self._loop(condition, body, None, until=until, first=True))

    def _for(self, begin: Node | None, condition: Node | None, step: Node | None, body: Node) -> Walk:
        if begin is not None:
            yield self.value(begin)
        return (yield self._loop(condition, body, step, until=False, first=False))

    def _foreach(self, name: str, values: Node, body: Node) -> Walk:
        out: list[Value] = []
        given = yield self.value(values)
        for one in items_of(given)[:_PASSES]:
            self.variables[name.rpartition(":")[2]] = one
            try:
                out += items_of((yield self.value(body)))
            except Leave as leave:
                if leave.kind == "break":
                    break
                if leave.kind != "continue":
                    raise
        return out or None

    def _function(self, name: str, parameters: tuple[Any, ...], body: Node) -> Walk:
        yield from ()
        self.functions[name] = Script(body, "", parameters)
        return None

    def _param(self, parameters: tuple[Any, ...]) -> Walk:
        given = items_of(self.variables.get("args"))
        named = self.variables.get("\0named") or {}
        for index, (name, default) in enumerate(parameters):
            if name in named:
                self.variables[name] = named[name]
            elif index < len(given):
                self.variables[name] = given[index]
            elif default is not None:
                self.variables[name] = yield self.value(default)
        return None

    def called(self, script: Script, args: list[Value], named: dict[str, Value], piped: Value = None) -> Walk:
        """A block or function of the script's own is called."""
        if self._calls >= _CALLS:
            self.cut = True
            return UNKNOWN
        self._calls += 1
        outer = self.variables
        self.variables = {**outer, "args": list(args), "\0named": named}
        self.variables |= {"input": piped, "_": piped} if piped is not None else {}
        if script.parameters:
            yield self._param(script.parameters)
        try:
            value = yield self.value(script.body)
        except Leave as leave:
            value = leave.value if leave.kind == "return" else None
        self._calls -= 1
        self.variables = outer
        return value

    def _return(self, inner: Node | None) -> Walk:
        raise Leave("return", (yield self.value(inner)) if inner is not None else None)

    def _throw(self, inner: Node | None) -> Walk:
        raise Leave("throw", (yield self.value(inner)) if inner is not None else None)

    def _break(self, _: Node | None) -> Walk:
        yield from ()
        raise Leave("break")

    def _continue(self, _: Node | None) -> Walk:
        yield from ()
        raise Leave("continue")

    def _pipe(self, *elements: Node) -> Walk:
        piped = yield self.value(elements[0])
        for one in elements[1:]:
            if one.do == "command":
                piped = yield self._command(*one.parts, piped=piped, pipes=True)
            else:
                self.variables["_"] = piped
                piped = yield self.value(one)
        return piped

    def _command(self, name: Node, args: tuple[Node, ...], *, piped: Value = None, pipes: bool = False) -> Walk:
        callee = yield self.value(name)
        given = []
        for one in args:
            if one.do != "redirect":
                given.append((one.do == "const" and isinstance(one.parts[0], str), (yield self.value(one))))  # noqa: PERF401  a walk yields
        return (yield cmdlets.call(self, callee, given, piped=piped, pipes=pipes))

    _DO: ClassVar[dict[str, Any]] = {
        "const": _const, "block": _block, "array": _array, "group": _group,
        "joined": _joined, "list": _list, "table": _table, "script": _script, "type": _type,
        "variable": _variable, "cast": _cast, "unary": _unary, "binary": _binary,
        "range": _range, "index": _index, "bump": _bump, "member": _member,
        "invoke": _invoke, "assign": _assign, "if": _if, "while": _while, "do": _do_loop,
        "for": _for, "foreach": _foreach, "function": _function, "param": _param,
        "pipe": _pipe, "command": _command, "return": _return, "break": _break,
        "continue": _continue, "throw": _throw,
        "try": _try,
    }  # fmt: skip
