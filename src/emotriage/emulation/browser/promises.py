"""Promises that are settled at once: what waits for one is called on the spot (ECMA-262, section 27.2)."""

from collections.abc import Generator
from typing import Any

from emotriage.emulation.jscript.values import Obj, Value
from emotriage.emulation.vba.values import UNKNOWN

Machine = Any


def furnish(machine: Machine) -> None:
    """Put ``Promise`` into the global object."""
    proto = machine.protos["promise"] = Obj("object", machine.protos["object"])
    for name, method in (("then", _then), ("finally", _finally), ("catch", _caught)):
        proto.props[name] = machine.native(name, method)
    one = machine.globe.props["Promise"] = machine.native("Promise", _made)
    one.props |= {
        "construct": machine.native("Promise", _made),
        "resolve": machine.native("resolve", _resolved),
        "all": machine.native("all", _all),
        "prototype": proto,
    }


def settled(machine: Machine, value: Value) -> Obj:
    """A promise that was kept with a value."""
    one = Obj("object", machine.protos["promise"])
    one.data = [held(value)]
    return one


def held(value: Value) -> Value:
    """What a promise was kept with; every other value is itself."""
    for _ in range(16):
        if not (isinstance(value, Obj) and isinstance(value.data, list)):
            break
        value = value.data[0]
    return value


def _then(machine: Machine, this: Value, args: list[Value]) -> Generator[Any, Any, Value]:
    if not args or not isinstance(args[0], Obj):
        return this
    result = yield args[0], None, [held(this)]
    return settled(machine, result)


def _finally(_: Machine, this: Value, args: list[Value]) -> Generator[Any, Any, Value]:
    if args and isinstance(args[0], Obj):
        yield args[0], None, []
    return this


def _caught(machine: Machine, this: Value, args: list[Value]) -> Value:
    machine.remember(args)
    return this


def _made(machine: Machine, _: Value, args: list[Value]) -> Generator[Any, Any, Value]:
    one = settled(machine, UNKNOWN)

    def kept(_: Machine, __: Value, given: list[Value]) -> Value:
        one.data[0] = held(given[0]) if given else None
        return None

    if args and isinstance(args[0], Obj):
        yield args[0], None, [machine.native("resolve", kept), machine.native("reject", _refused)]
    return one


def _refused(_: Machine, __: Value, ___: list[Value]) -> Value:
    return None


def _resolved(machine: Machine, _: Value, args: list[Value]) -> Value:
    return settled(machine, args[0] if args else None)


def _all(machine: Machine, _: Value, args: list[Value]) -> Value:
    values = args[0].items if args and isinstance(args[0], Obj) else []
    return settled(machine, machine.array([held(one) for one in values]))
