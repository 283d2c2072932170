"""Methods of JScript's arrays: ECMA-262 third edition, section 15.4; those that call back are generators."""

from collections.abc import Callable, Generator
from typing import Any

from emotriage.emulation.jscript.texts import whole
from emotriage.emulation.jscript.values import LONGEST, NULL, Obj, Value, number_of, same, text_of, truth
from emotriage.emulation.vba.values import UNKNOWN, Unknown

Machine = Any
Native = Callable[[Machine, Value, list[Value]], Any]
METHODS: dict[str, Native] = {}
"""Methods of arrays, by name."""
_SORTED = 20_000


def _method(*names: str) -> Callable[[Native], Native]:
    def register(does: Native) -> Native:
        METHODS.update(dict.fromkeys(names, does))
        return does

    return register


def _items(machine: Machine, this: Value) -> list[Value]:
    if isinstance(this, Obj) and this.kind == "array":
        return this.items
    if isinstance(this, str):
        return list(this)
    if isinstance(this, Obj) and isinstance(length := this.props.get("length"), int):
        machine.spend(min(max(length, 0), LONGEST))
        return [this.props.get(str(index)) for index in range(min(length, 100_000))]
    return []


@_method("push")
def _push(_: Machine, this: Value, args: list[Value]) -> Value:
    if isinstance(this, Obj) and this.kind == "array":
        if len(this.items) < LONGEST:
            this.items.extend(args)
        return len(this.items)
    return UNKNOWN


@_method("pop")
def _pop(_: Machine, this: Value, __: list[Value]) -> Value:
    return this.items.pop() if isinstance(this, Obj) and this.items else None


@_method("shift")
def _shift(machine: Machine, this: Value, _: list[Value]) -> Value:
    machine.spend(len(this.items) >> 3 if isinstance(this, Obj) else 0)
    return this.items.pop(0) if isinstance(this, Obj) and this.items else None


@_method("unshift")
def _unshift(machine: Machine, this: Value, args: list[Value]) -> Value:
    if not isinstance(this, Obj):
        return UNKNOWN
    machine.spend(len(this.items) >> 3)
    this.items[:0] = args
    return len(this.items)


@_method("splice")
def _splice(machine: Machine, this: Value, args: list[Value]) -> Value:
    if not isinstance(this, Obj):
        return UNKNOWN
    items = this.items
    machine.spend(len(items))
    start = whole(args, 0)
    start = max(len(items) + start, 0) if start < 0 else min(start, len(items))
    count = max(whole(args, 1, len(items)), 0)
    gone = items[start : start + count]
    items[start : start + count] = args[2:]
    return machine.array(gone)


@_method("slice")
def _slice(machine: Machine, this: Value, args: list[Value]) -> Value:
    items = _items(machine, this)
    return machine.array(items[whole(args, 0) : whole(args, 1, len(items))])


@_method("concat")
def _concat(machine: Machine, this: Value, args: list[Value]) -> Value:
    out = list(_items(machine, this))
    for one in args:
        out += one.items if isinstance(one, Obj) and one.kind == "array" else [one]
    return machine.array(out)


@_method("join", "toString", "toLocaleString")
def _join(machine: Machine, this: Value, args: list[Value]) -> Value:
    mark = text_of(args[0]) if args and args[0] is not None else ","
    parts = ["" if one is None or one is NULL else text_of(one, 1) for one in _items(machine, this)]
    result = mark.join(parts)[:LONGEST]
    machine.spend(len(result) + len(parts))
    return result


@_method("reverse")
def _reverse(machine: Machine, this: Value, _: list[Value]) -> Value:
    if isinstance(this, Obj):
        machine.spend(len(this.items))
        this.items.reverse()
    return this


@_method("indexOf")
def _index_of(machine: Machine, this: Value, args: list[Value]) -> Value:
    items = _items(machine, this)
    machine.spend(len(items) * 8)
    for index, one in enumerate(items):
        if args and same(one, args[0]) is True:
            return index
    return -1


@_method("includes")
def _includes(machine: Machine, this: Value, args: list[Value]) -> Value:
    return _index_of(machine, this, args) != -1


@_method("sort")
def _sort(machine: Machine, this: Value, args: list[Value]) -> Value:
    if not isinstance(this, Obj):
        return UNKNOWN
    machine.spend(16 * len(this.items))
    if args and isinstance(args[0], Obj) and len(this.items) <= _SORTED:
        return _sorted_by(this, args[0])
    this.items.sort(key=text_of)
    return this


def _sorted_by(this: Obj, order: Obj) -> Generator[Any, Any, Value]:
    """A merge sort whose comparisons are calls of the script."""
    width = 1
    while width < len(this.items):
        out: list[Value] = []
        for start in range(0, len(this.items), 2 * width):
            left, right = this.items[start : start + width], this.items[start + width : start + 2 * width]
            one = two = 0
            while one < len(left) and two < len(right):
                number = number_of((yield order, None, [left[one], right[two]]))
                if isinstance(number, Unknown) or not number > 0:
                    out.append(left[one])
                    one += 1
                else:
                    out.append(right[two])
                    two += 1
            out += left[one:] + right[two:]
        this.items[:] = out
        width *= 2
    return this


def _each(kind: str) -> Native:
    def does(machine: Machine, this: Value, args: list[Value]) -> Generator[Any, Any, Value]:
        items = list(_items(machine, this))
        out: list[Value] = []
        for index, one in enumerate(items):
            result = yield args[0] if args else None, args[1] if len(args) > 1 else None, [one, index, this]
            known = truth(result)
            if kind == "map":
                out.append(result)
            elif kind == "filter" and known is not False:
                out.append(one)
            elif kind == "some" and known is True:
                return True
            elif kind == "every" and known is False:
                return False
            elif kind == "find" and known is True:
                return one
        return (
            {"some": False, "every": True}.get(kind)
            if kind in ("some", "every", "forEach", "find")
            else machine.array(out)
        )

    return does


for _name in ("forEach", "map", "filter", "some", "every", "find"):
    METHODS[_name] = _each(_name)


@_method("reduce")
def _reduce(machine: Machine, this: Value, args: list[Value]) -> Generator[Any, Any, Value]:
    items = list(_items(machine, this))
    value = args[1] if len(args) > 1 else items.pop(0) if items else None
    for index, one in enumerate(items):
        value = yield args[0] if args else None, None, [value, one, index, this]
    return value
