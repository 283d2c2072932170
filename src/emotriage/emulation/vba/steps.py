"""Instructions of the VBA machine that touch their own frame alone: values, conditions, loops, jumps.

Each answers True when it left something out: a loop that would not end.
"""

from collections.abc import Callable

from emotriage.emulation.vba.expression import Op
from emotriage.emulation.vba.frame import Frame
from emotriage.emulation.vba.values import UNKNOWN, Array, Thing, Unknown, Value, binary, number_of, text_of, truth

PASSES = 20_000
"""Times one loop is gone through."""
_ITEMS = 100_000


def item(value: Value, args: list[Value]) -> Value:
    """``value(arguments)``."""
    if isinstance(value, Array):
        key = _key(args)
        return value.items.get(key) if key is not None else UNKNOWN
    if isinstance(value, Thing) and args:
        name = text_of(args[0])
        return value.fields.get(f"\0item {name}".lower(), value.fields.get(str(name), UNKNOWN))
    return value if isinstance(value, str) and not args else UNKNOWN


def store_item(target: Value, args: list[Value], value: Value) -> None:
    """``target(arguments) = value``."""
    if isinstance(target, Array) and (key := _key(args)) is not None and len(target.items) < _ITEMS:
        target.items[key] = value
    elif isinstance(target, Thing) and args and len(target.fields) < _ITEMS:
        target.fields[f"\0item {text_of(args[0])}".lower()] = value


def _key(args: list[Value]) -> tuple[int, ...] | None:
    numbers = [number_of(one) for one in args]
    known = [round(one) for one in numbers if not isinstance(one, Unknown)]
    return tuple(known) if len(known) == len(numbers) else None


def _push(frame: Frame, op: Op) -> bool:
    frame.push(op.value)
    return False


def _drop(frame: Frame, _: Op) -> bool:
    frame.pop()
    return False


def _index(frame: Frame, op: Op) -> bool:
    args = frame.take(op.operand)
    frame.push(item(frame.pop(), args))
    return False


def _local(frame: Frame, op: Op) -> bool:
    """``Dim name``: Empty, and the procedure's own."""
    frame.variables.setdefault(op.what, None)
    return False


def _constant(frame: Frame, op: Op) -> bool:
    frame.variables[op.what] = frame.pop()
    return False


def _with(frame: Frame, _: Op) -> bool:
    frame.push(frame.withs[-1] if frame.withs else UNKNOWN)
    return False


def _begin_with(frame: Frame, _: Op) -> bool:
    frame.withs.append(frame.pop())
    return False


def _end_with(frame: Frame, _: Op) -> bool:
    if frame.withs:
        frame.withs.pop()
    return False


def _jump(frame: Frame, op: Op) -> bool:
    frame.at = op.operand
    return False


def _unless(frame: Frame, op: Op) -> bool:
    """Skip an arm whose condition is false; one that can't be known is run, and the others as well."""
    condition = truth(frame.pop())
    frame.undecided.discard(op.number)
    if isinstance(condition, Unknown):
        frame.undecided.add(op.number)
    elif not condition:
        frame.at = op.operand
    return False


def _arm(frame: Frame, op: Op) -> bool:
    """The end of an arm."""
    if op.number not in frame.undecided:
        frame.at = op.operand
    return False


def _while(frame: Frame, op: Op) -> bool:
    """Leave a loop whose condition is false; one that can't be known is gone through once."""
    condition = truth(frame.pop())
    passes = frame.passed(op.number)
    if condition is False or (isinstance(condition, Unknown) and passes > 1) or passes > PASSES:
        frame.passes[op.number] = 0
        frame.at = op.operand
    return passes > PASSES


def _range(frame: Frame, op: Op) -> bool:
    """Keep the bounds of a ``For``."""
    step, last = number_of(frame.pop()), number_of(frame.pop())
    frame.ranges[op.number] = (last, step)
    frame.passes[op.number] = 0
    return False


def _within(frame: Frame, op: Op) -> bool:
    """Leave a ``For`` that is past its bound; one without a known bound is gone through once."""
    last, step = frame.ranges.get(op.number, (UNKNOWN, 1))
    value = number_of(frame.variables.get(op.what))
    passes = frame.passed(op.number)
    if isinstance(value, Unknown) or isinstance(last, Unknown) or isinstance(step, Unknown) or not step:
        over = passes > 1
    else:
        over = value > last if step > 0 else value < last
    if over or passes > PASSES:
        frame.at = op.operand
    return not over and passes > PASSES


def _step(frame: Frame, op: Op) -> bool:
    """Count on."""
    _, step = frame.ranges.get(op.number, (UNKNOWN, 1))
    frame.variables[op.what] = binary("+", frame.variables.get(op.what), step)
    frame.at = op.operand
    return False


def _iterate(frame: Frame, op: Op) -> bool:
    """Keep the values of a ``For Each``."""
    value = frame.pop()
    values = [value]
    if isinstance(value, Array):
        values = value.values()
    elif isinstance(value, Thing):
        held = [one for key, one in value.fields.items() if key.startswith("\0item ")]
        values = held or [Thing(value.kind)]
    frame.items[op.number] = iter(values)
    return False


def _advance(frame: Frame, op: Op) -> bool:
    """The next value of a ``For Each``, or its end."""
    for value in frame.items.get(op.number, iter(())):
        frame.variables[op.what] = value
        return False
    frame.at = op.operand
    return False


def _leave(frame: Frame, op: Op) -> bool:
    """``Exit``: not where a condition that can't be known led here."""
    if not frame.undecided.intersection(op.within):
        frame.at = op.operand if op.operand >= 0 else len(frame.code.ops)
    return False


def _goto(frame: Frame, op: Op) -> bool:
    """``GoTo``, as often as a loop may go; under a condition that can't be known, once."""
    target = frame.code.labels.get(op.what)
    passes = frame.passed(op.number)
    if target is None or passes > PASSES or (frame.undecided and passes > 1):
        return passes > PASSES
    frame.at = target
    return False


def _return(frame: Frame, _: Op) -> bool:
    frame.at = len(frame.code.ops)
    return False


CONTROL: dict[str, Callable[[Frame, Op], bool]] = {
    "push": _push,
    "drop": _drop,
    "index": _index,
    "local": _local,
    "constant": _constant,
    "with": _with,
    "begin-with": _begin_with,
    "end-with": _end_with,
    "jump": _jump,
    "unless": _unless,
    "arm": _arm,
    "while": _while,
    "range": _range,
    "within": _within,
    "step": _step,
    "iterate": _iterate,
    "advance": _advance,
    "leave": _leave,
    "goto": _goto,
    "return": _return,
}
