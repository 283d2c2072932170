"""Instructions of the JScript machine."""

from collections.abc import Callable, Generator
from typing import Any

from emotriage.emulation.jscript.code import COMPUTED, REST, Code
from emotriage.emulation.jscript.flow import FLOW
from emotriage.emulation.jscript.frame import Frame, Scope
from emotriage.emulation.jscript.modern import Spread
from emotriage.emulation.jscript.values import Obj, Value, compute, normal, number_of, text_of, truth
from emotriage.emulation.vba.values import UNKNOWN, Thing, Unknown

_BROWSER = frozenset({"window", "document", "self", "navigator", "location", "screen", "top", "parent", "console"})
Machine = Any
Operand = Any
"""The machine; it imports this module."""


def LINKS(code: Code) -> list[tuple[Callable[[Machine, Frame, Any], None], Any]]:
    """Code as the machine wants it: what does each instruction, and its operand."""
    return [*((_DO[one.do], one.what) for one in code.ops), (_finish, None)]


def _finish(machine: Machine, frame: Frame, _: Operand) -> None:
    """The end of a text or function."""
    frame.at = len(frame.ops) - 1
    if frame.arms and frame.spared(-1, sparing=False):
        return
    machine.leave(frame, frame.last if frame.code.is_text else frame.answer)


def _const(_: Machine, frame: Frame, what: Value) -> None:
    frame.stack.append(what)


def _template(machine: Machine, frame: Frame, what: Operand) -> None:
    machine.spend(4 * len(what[1]))
    frame.stack.append(machine.copied(what))


def _array(machine: Machine, frame: Frame, keys: tuple[str, ...]) -> None:
    frame.stack.append(machine.array(frame.take(len(keys))))


def _object(machine: Machine, frame: Frame, keys: tuple[str, ...]) -> None:
    made = Obj("object", machine.protos["object"])
    values = frame.take(len(keys))
    made.props = dict(zip(keys, values, strict=False))
    if REST in made.props or COMPUTED in made.props:
        made.props = {}
        for key, value in zip(keys, values, strict=False):
            if key == REST:
                made.props |= value.props if isinstance(value, Obj) else {}
            elif key != COMPUTED:
                made.props[key] = value
            elif not isinstance(value[0], Unknown):
                made.props[text_of(value[0])] = value[1]
    frame.stack.append(made)


def _pair(_: Machine, frame: Frame, __: Operand) -> None:
    value = frame.stack.pop()
    frame.stack[-1] = (frame.stack[-1], value)


def _list(machine: Machine, frame: Frame, values: list[Value]) -> None:
    machine.spend(4 * len(values))
    frame.stack.append(machine.array(list(values)))


def _function(machine: Machine, frame: Frame, code: Code) -> None:
    frame.stack.append(machine.function(code, frame.scope))


def _regex(machine: Machine, frame: Frame, what: tuple[str, str]) -> None:
    frame.stack.append(Obj("regexp", machine.protos["regexp"], what))


def _this(_: Machine, frame: Frame, __: Operand) -> None:
    frame.stack.append(frame.this)


def _lookup(machine: Machine, frame: Frame, name: str, *, typeof: bool = False) -> Value:
    if (home := frame.scope.home(name)) is not None:
        return home[name]
    if (thing := frame.scope.things()) is not None:
        return machine.world.member(thing, name)
    if name in _BROWSER:
        return Thing(name) if name not in ("window", "self", "top", "parent") else machine.globe
    return None if typeof else machine.fault("ReferenceError", f"'{name}' is undefined")


def _get(machine: Machine, frame: Frame, name: str) -> None:
    scope: Scope | None = frame.scope
    while scope is not None:
        if name in scope.variables:
            frame.stack.append(scope.variables[name])
            return
        scope = scope.outer
    frame.stack.append(_lookup(machine, frame, name))


def _set_get(machine: Machine, frame: Frame, name: str) -> None:
    home = frame.scope.home(name)
    (machine.globe.props if home is None else home)[name] = frame.stack[-1]


def _member(machine: Machine, frame: Frame, name: str) -> None:
    frame.stack.append(machine.member(frame.stack.pop(), name))


def _set_member(machine: Machine, frame: Frame, name: str) -> None:
    value = frame.stack.pop()
    machine.store(frame.stack.pop(), name, value)
    frame.stack.append(value)


def _index(machine: Machine, frame: Frame, _: Operand) -> None:
    key = frame.stack.pop()
    frame.stack.append(machine.read(frame.stack.pop(), key))


def _set_index(machine: Machine, frame: Frame, _: Operand) -> None:
    value, key = frame.stack.pop(), frame.stack.pop()
    owner = frame.stack.pop()
    if not isinstance(key, Unknown):
        machine.store(owner, text_of(key), value)
    frame.stack.append(value)


def _copy(_: Machine, frame: Frame, count: int) -> None:
    frame.stack.extend(frame.stack[-count:])


def _bumped(value: Value, step: int) -> Value:
    number = number_of(value)
    return UNKNOWN if isinstance(number, Unknown) else normal(number + step)


def _bump_get(machine: Machine, frame: Frame, what: tuple[str, int, bool]) -> None:
    name, step, before = what
    home = frame.scope.home(name)
    home = machine.globe.props if home is None else home
    old = home.get(name)
    new = home[name] = _bumped(old, step)
    frame.stack.append(new if before else old)


def _bump_member(machine: Machine, frame: Frame, what: tuple[str, int, bool]) -> None:
    name, step, before = what
    owner = frame.stack.pop()
    old = machine.member(owner, name)
    new = _bumped(old, step)
    machine.store(owner, name, new)
    frame.stack.append(new if before else old)


def _bump_index(machine: Machine, frame: Frame, what: tuple[None, int, bool]) -> None:
    key = frame.stack.pop()
    frame.stack.append(frame.stack.pop())
    _bump_member(machine, frame, (text_of(key), *what[1:]))


def _delete_member(_: Machine, frame: Frame, name: str) -> None:
    owner = frame.stack.pop()
    if isinstance(owner, Obj):
        owner.props.pop(name, None)
    frame.stack.append(True)


def _delete_index(machine: Machine, frame: Frame, _: Operand) -> None:
    _delete_member(machine, frame, text_of(frame.stack.pop()))


def _binary(machine: Machine, frame: Frame, sign: str) -> None:
    stack = frame.stack
    right, left = stack.pop(), stack.pop()
    if sign in ("instanceof", "in"):
        stack.append(_relation(sign, left, right))
        return
    if isinstance(left, Obj) or isinstance(right, Obj):
        left, right = _primitive(machine, left), _primitive(machine, right)
        if isinstance(left, _Wanted) or isinstance(right, _Wanted):
            machine.call(machine.native("", _converted), None, [sign, left, right])
            return
    result = compute(sign, left, right)
    if isinstance(result, str):
        machine.spend(len(result) >> 4)
    stack.append(result)


class _Wanted:
    """An object whose own ``valueOf`` or ``toString`` must be called before it is a value."""

    __slots__ = ("how", "owner")

    def __init__(self, owner: Obj, how: Obj) -> None:
        self.owner = owner
        self.how = how


def _primitive(machine: Machine, value: Value) -> Value:
    if isinstance(value, Obj):
        for name in ("valueOf", "toString"):
            how = machine.member(value, name)
            if isinstance(how, Obj) and how.kind == "function":
                return _Wanted(value, how)
    return value


def _converted(_: Machine, __: Value, args: list[Value]) -> Generator[Value, Value, Value]:
    """Apply an operator to what the script's own ``valueOf`` and ``toString`` answer."""
    sign, left, right = args
    if isinstance(left, _Wanted):
        left = yield left.how, left.owner, []
    if isinstance(right, _Wanted):
        right = yield right.how, right.owner, []
    return compute(sign, left, right)


def _relation(sign: str, left: Value, right: Value) -> Value:
    if sign == "in":
        if isinstance(right, Obj):
            key = text_of(left)
            return key in right.props or (right.kind == "array" and key.isdigit() and int(key) < len(right.items))
        return UNKNOWN
    if not isinstance(left, Obj) or not isinstance(right, Obj):
        return UNKNOWN if isinstance(left, Unknown | Thing) else False
    wanted, proto = right.props.get("prototype"), left.proto
    for _ in range(64):
        if proto is None:
            return False
        if proto is wanted:
            return True
        proto = proto.proto
    return UNKNOWN


def _unary(machine: Machine, frame: Frame, sign: str) -> None:
    value = frame.stack.pop()
    if sign == "!":
        known = truth(value)
        frame.stack.append(known if isinstance(known, Unknown) else not known)
    elif sign == "typeof":
        frame.stack.append(_type(value))
    elif sign == "void":
        frame.stack.append(None)
    elif sign == "await":
        frame.stack.append(value.data[0] if isinstance(value, Obj) and isinstance(value.data, list) else value)
    elif sign == "...":
        items = list(value) if isinstance(value, str) else list(value.items) if isinstance(value, Obj) else [UNKNOWN]
        machine.spend(len(items))
        frame.stack.append(Spread(items))
    elif sign == "~":
        frame.stack.append(compute("^", value, -1))
    else:
        value = _primitive(machine, value)
        if isinstance(value, _Wanted):
            machine.call(machine.native("", _converted), None, ["*", value, 1 if sign == "+" else -1])
            return
        number = number_of(value)
        frame.stack.append(number if isinstance(number, Unknown) or sign == "+" else normal(-number))


def _type(value: Value) -> Value:
    if isinstance(value, Unknown):
        return UNKNOWN
    if value is None:
        return "undefined"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "number"
    return "function" if isinstance(value, Obj) and value.kind in ("function", "native", "bound") else "object"


def _typeof_name(machine: Machine, frame: Frame, name: str) -> None:
    frame.stack.append(_type(_lookup(machine, frame, name, typeof=True)))


def _call(machine: Machine, frame: Frame, count: int) -> None:
    args = frame.take(count)
    machine.call(frame.stack.pop(), None, args)


def _call_name(machine: Machine, frame: Frame, what: tuple[str, int]) -> None:
    name, count = what
    args = frame.take(count)
    home = frame.scope.home(name)
    if home is None and (thing := frame.scope.things()) is not None:
        frame.stack.append(machine.world.invoke(machine, thing, name, args))
        return
    callee = home[name] if home is not None else _lookup(machine, frame, name)
    machine.call(callee, None, args)


def _invoke(machine: Machine, frame: Frame, what: tuple[str, int]) -> None:
    name, count = what
    args = frame.take(count)
    _method(machine, frame.stack.pop(), name, args)


def _invoke_index(machine: Machine, frame: Frame, count: int) -> None:
    args = frame.take(count)
    key, owner = frame.stack.pop(), frame.stack.pop()
    if isinstance(key, Unknown):
        machine.call(UNKNOWN, owner, args)
    else:
        _method(machine, owner, text_of(key), args)


def _method(machine: Machine, owner: Value, name: str, args: list[Value]) -> None:
    if isinstance(owner, Thing):
        machine.doubts += 1
        machine.give(machine.world.invoke(machine, owner, name, args))
    else:
        machine.call(machine.member(owner, name), owner, args)


def _new(machine: Machine, frame: Frame, count: int) -> None:
    args = frame.take(count)
    machine.construct(frame.stack.pop(), args)


def _drop(_: Machine, frame: Frame, __: Operand) -> None:
    frame.last = frame.stack.pop()


def _discard(_: Machine, frame: Frame, __: Operand) -> None:
    frame.stack.pop()


_DO: dict[str, Callable[[Machine, Frame, Operand], None]] = {
    "const": _const,
    "template": _template,
    "array": _array,
    "object": _object,
    "pair": _pair,
    "list": _list,
    "function": _function,
    "regex": _regex,
    "this": _this,
    "get": _get,
    "set-get": _set_get,
    "member": _member,
    "set-member": _set_member,
    "index": _index,
    "set-index": _set_index,
    "copy": _copy,
    "bump-get": _bump_get,
    "bump-member": _bump_member,
    "bump-index": _bump_index,
    "delete-member": _delete_member,
    "delete-index": _delete_index,
    "binary": _binary,
    "unary": _unary,
    "typeof-name": _typeof_name,
    "call": _call,
    "call-name": _call_name,
    "invoke": _invoke,
    "invoke-index": _invoke_index,
    "new": _new,
    "drop": _drop,
    "discard": _discard,
    **FLOW,
}
