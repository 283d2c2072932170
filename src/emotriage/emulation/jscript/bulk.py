"""Loops of JScript that go through a long text or list letter by letter: all letters are done at once.

Decoders go through megabytes with a few operations for each byte. A loop is one of bulk when it counts by one, and all
that it does is to store, append or join a value that is computed from numbers, letters at the counter and constants.
"""

import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from emotriage.emulation.jscript.code import Op
from emotriage.emulation.jscript.values import LONGEST, Obj

Machine = Any
Frame = Any
_LEAST = 64
"""Passes that are worth it."""
_MOST = 4 << 20
_WORK = 100
_SMALL = 1 << 31
_SIGNS: dict[str, Callable[[int, int], int]] = {
    "^": operator.xor, "&": operator.and_, "|": operator.or_, "+": operator.add, "-": operator.sub, "%": operator.mod,
    ">>": operator.rshift,
}  # fmt: skip


class Bulk(NamedTuple):
    """A loop of bulk.

    Attributes:
        counter: its variable.
        limit: instructions of what it counts up to; nothing when it counts down to zero.
        target: variable that it fills.
        how: ``store``, ``push`` or ``join``.
        value: instructions of the value.
    """

    counter: str
    limit: tuple[Op, ...]
    target: str
    how: str
    value: tuple[Op, ...]


class _Other(Exception):
    """What the loop meets is not what is done in bulk."""


def bulk(ops: Sequence[Op], top: int, end: int) -> Bulk | None:
    """The loop between two instructions, when it is one of bulk."""
    if end - top > 64 or end - top < 8 or end > len(ops):
        return None
    first = ops[top]
    if first.do == "bump-get" and first.what[1:] == (-1, False) and ops[top + 1].do == "unless":
        return _filled(first.what[0], (), ops[top + 2 : end - 1])
    stop = next((at for at in range(top, min(top + 5, end)) if ops[at].do == "unless"), 0)
    if first.do != "get" or not stop or ops[stop - 1].do != "binary" or ops[stop - 1].what != "<":
        return None
    limit = tuple(ops[top + 1 : stop - 1])
    if not limit or any(one.do not in ("get", "const", "member") for one in limit):
        return None
    if ops[stop + 1].do == "jump":
        steps, body = ops[stop + 2 : stop + 5], ops[stop + 5 : end - 1]
    else:
        steps, body = ops[end - 3 : end], ops[stop + 1 : end - 3]
    counts = [one.do for one in steps] == ["bump-get", "drop", "again"] and steps[0].what[:2] == (first.what, 1)
    return _filled(first.what, limit, body) if counts else None


def _filled(counter: str, limit: tuple[Op, ...], body: Sequence[Op]) -> Bulk | None:
    if len(body) < 4 or body[0].do != "get" or body[-1].do != "drop" or body[0].what == counter:
        return None
    target, last = body[0].what, body[-2]
    if last.do == "set-index" and body[1].do == "get" and body[1].what == counter:
        value = list(body[2:-2])
        if value[:1] and value[0].do == "copy" and value[0].what == 2:
            value = [body[0], body[1], *value[1:]]
        return Bulk(counter, limit, target, "store", tuple(value))
    if last.do == "invoke" and last.what == ("push", 1):
        return Bulk(counter, limit, target, "push", tuple(body[1:-2]))
    if last.do == "set-get" and last.what == target and body[-3].do == "binary" and body[-3].what == "+":
        spelled = body[1].do == "get" and body[1].what == "String" and body[-4].do == "invoke"
        if spelled and body[-4].what == ("fromCharCode", 1):
            return Bulk(counter, limit, target, "join", tuple(body[2:-4]))
    return None


def run_bulk(machine: Machine, frame: Frame, loop: Bulk) -> None:
    """Do all passes that are left; nothing where something is out of the ordinary."""
    home = frame.scope.home(loop.counter)
    if home is None or type(home[loop.counter]) is not int:
        return
    try:
        start, stop = home[loop.counter], _value(frame, loop.limit) if loop.limit else 0
        if not loop.limit:
            start, stop = 0, start
        if type(stop) is not int or start < 0 or not _LEAST <= stop - start <= _MOST:
            return
        machine.spend((stop - start) << 3)
        machine.budget.spend(_WORK * (stop - start))
        counted = range(start, stop)
        values = _value(frame, loop.value, loop.counter, counted, _barred(loop))
        if not isinstance(values, list) or len(values) != len(counted) or not _fill(frame, loop, counted, values):
            return
    except (_Other, ArithmeticError, TypeError, ValueError, IndexError):
        return
    home[loop.counter] = stop if loop.limit else 0


def _barred(loop: Bulk) -> str:
    """The variable that no value may be computed from, since it changes on the way; its own place may be read."""
    own = [one.do for one in loop.value[:3]] == ["get", "get", "index"] and loop.value[1].what == loop.counter
    reads = sum(one.do == "get" and one.what == loop.target for one in loop.value)
    return "" if loop.how == "store" and reads == int(own and loop.value[0].what == loop.target) else loop.target


def _fill(frame: Frame, loop: Bulk, counted: range, values: list[int]) -> bool:
    home = frame.scope.home(loop.target)
    held = home[loop.target] if home is not None else None
    if loop.how == "join":
        if not isinstance(held, str):
            return False
        home[loop.target] = (held + "".join([chr(one & 0xFFFF) for one in values]))[:LONGEST]
        return True
    if not isinstance(held, Obj) or held.kind != "array" or len(held.items) + len(values) > LONGEST:
        return False
    if loop.how == "push":
        held.items.extend(values)
        return True
    if counted.start > len(held.items):
        return False
    held.items[counted.start : counted.stop] = values
    return True


def _value(frame: Frame, ops: Sequence[Op], counter: str = "", counted: range | None = None, barred: str = "") -> Any:  # noqa: ANN401
    """The value of instructions; with a range for the counter, all values as a list."""
    stack: list[Any] = []
    for one in ops:
        if one.do == "const":
            stack.append(one.what)
        elif one.do == "get":
            stack.append(counted if counted is not None and one.what == counter else _variable(frame, one.what, barred))
        elif one.do == "member" and one.what == "length":
            owner = stack.pop()
            stack.append(len(owner.items if isinstance(owner, Obj) and owner.kind == "array" else _text(owner)))
        elif one.do == "index":
            key, owner = stack.pop(), stack.pop()
            if not isinstance(owner, Obj) or owner.kind != "array":
                raise _Other
            numbers = _numbers(_picked(owner.items, key))
            stack.append(numbers[0] if isinstance(key, int) else numbers)
        elif one.do == "invoke" and one.what == ("charCodeAt", 1):
            key, owner = stack.pop(), stack.pop()
            letters = [ord(letter) for letter in _picked(_text(owner), key)]
            stack.append(letters[0] if isinstance(key, int) else letters)
        elif one.do == "binary" and one.what in _SIGNS:
            right, left = stack.pop(), stack.pop()
            stack.append(_combined(one.what, left, right))
        else:
            raise _Other
    if len(stack) != 1:
        raise _Other
    return stack[0]


def _variable(frame: Frame, name: str, barred: str) -> Any:  # noqa: ANN401
    if name == barred:
        raise _Other
    home = frame.scope.home(name)
    if home is None:
        raise _Other
    return home[name]


def _text(owner: object) -> str:
    if not isinstance(owner, str):
        raise _Other
    return owner


def _picked(held: Any, key: Any) -> Any:  # noqa: ANN401
    """Letters or items at one place or at many; all of them must be there."""
    if isinstance(key, int):
        if not 0 <= key < len(held):
            raise _Other
        return held[key : key + 1]
    if isinstance(key, range):
        if key.stop > len(held):
            raise _Other
        return held[key.start : key.stop]
    if min(key) < 0 or max(key) >= len(held):
        raise _Other
    return [held[one] for one in key]


def _numbers(values: Any) -> Any:  # noqa: ANN401
    if set(map(type, values)) != {int}:
        raise _Other
    return values


def _combined(sign: str, left: Any, right: Any) -> Any:  # noqa: ANN401
    does = _SIGNS[sign]
    for side in (left, right):
        low, high = (side, side) if isinstance(side, int) else (min(side), max(side))
        if type(low) is not int or not -_SMALL <= low <= high < _SMALL or (sign in ("%", ">>") and low < 0):
            raise _Other
    one, two = isinstance(left, int), isinstance(right, int)
    if one and two:
        return does(left, right)
    if one:
        return [does(left, value) for value in right]
    if two:
        return [does(value, right) for value in left]
    return list(map(does, left, right))
