"""Instructions of the VBA machine that touch their own frame alone: values, conditions, loops, jumps.

Each answers True when it left something out: a loop that would not end.
"""

from collections.abc import Callable

from emotriage.emulation.vba.expression import Op
from emotriage.emulation.vba.frame import Frame
from emotriage.emulation.vba.objects import item_key
from emotriage.emulation.vba.values import (
    UNKNOWN,
    Array,
    Named,
    Thing,
    Unknown,
    Value,
    binary,
    number_of,
    text_of,
    truth,
)
from emotriage.emulation.vba.vocabulary import words

PASSES = 200_000
"""Times one loop is gone through."""
_SPINS = 4096
"""Times a loop is gone through that does nothing but count."""
_ITEMS = 1 << 20


def item(value: Value, args: list[Value]) -> Value:
    """``value(arguments)``."""
    if isinstance(value, Array):
        key = _key(args)
        if key is None:
            return UNKNOWN
        return value.items.get(key, 0 if value.octets else None)
    if isinstance(value, Thing) and args:
        if value.kind == "environment":
            return f"%{text_of(args[0])}%"
        return value.items.get(item_key(args[0]), UNKNOWN)
    return value if isinstance(value, str) and not args else UNKNOWN


def store_item(target: Value, args: list[Value], value: Value) -> None:
    """``target(arguments) = value``."""
    if isinstance(target, Array) and (key := _key(args)) is not None and len(target.items) < _ITEMS:
        target.put(key, value)
    elif isinstance(target, Thing) and args and len(target.items) < _ITEMS:
        target.items[item_key(args[0])] = value


def _key(args: list[Value]) -> tuple[int, ...] | None:
    if len(args) == 1 and type(args[0]) is int:
        return (args[0],)
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
    args = frame.values(op.operand)
    frame.push(item(frame.pop(), args))
    return False


def _named(frame: Frame, op: Op) -> bool:
    frame.push(Named(op.what, frame.pop()))
    return False


def _default(frame: Frame, op: Op) -> bool:
    """An optional parameter that was left out."""
    value = frame.pop()
    if frame.variables.get(op.what) is None:
        frame.variables[op.what] = value
    return False


def _label(frame: Frame, op: Op) -> bool:
    if frame.handler == op.what:
        frame.handler = ""
    return False


def _on_error(frame: Frame, op: Op) -> bool:
    frame.handler = op.what
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
    if condition is False or (isinstance(condition, Unknown) and passes > 1):
        return _left(frame, op)
    return _worn(frame, op, passes)


def _left(frame: Frame, op: Op) -> bool:
    """A loop comes to its own end."""
    frame.passes[op.number] = 0
    frame.at = op.operand
    return False


def _worn(frame: Frame, op: Op, passes: int) -> bool:
    """Leave a loop that takes too long: what it counted with is not known any more."""
    worn = frame.is_worn(op.number) or (passes >= _SPINS and (passes > PASSES or _counted(frame, op) is not None))
    if not worn:
        return False
    counted = _counted(frame, op)
    for name in counted or ():
        if name in frame.variables:
            frame.variables[name] = UNKNOWN
    _left(frame, op)
    return counted is None or bool(counted - {op.what})


def _counted(frame: Frame, op: Op) -> frozenset[str] | None:
    """Variables that a loop counts with, if that is all it does; None where it does anything else."""
    found = frame.code.counted.get(op.number)
    if found is None and op.number not in frame.code.counted:
        top = next((at for at, one in enumerate(frame.code.ops) if one is op), 0)
        first = next((one.operand for one in frame.code.ops[top : op.operand] if _is_back(one, top)), top)
        body = frame.code.ops[first : op.operand]
        found = frozenset(one.what for one in body if one.do in ("store", "constant", "step"))
        if any(one.do not in _IDLE or (one.do == "name" and one.what not in frame.variables) for one in body):
            found = None
        frame.code.counted[op.number] = found
    return found


def _is_back(op: Op, at: int) -> bool:
    return op.do in ("jump", "step") and op.operand <= at


def _range(frame: Frame, op: Op) -> bool:
    """Keep the bounds of a ``For``."""
    step, last = number_of(frame.pop()), number_of(frame.pop())
    frame.ranges[op.number] = (last, step)
    frame.passes[op.number] = 0
    return False


def _within(frame: Frame, op: Op) -> bool:
    """Leave a ``For`` that is past its bound; one without a known bound is gone through once."""
    last, step = frame.ranges.get(op.number, (UNKNOWN, 1))
    value = frame.variables.get(op.what)
    value = value if type(value) is int else number_of(value)
    passes = frame.passed(op.number)
    if isinstance(value, Unknown) or isinstance(last, Unknown) or isinstance(step, Unknown) or not step:
        over = passes > 1
    else:
        over = value > last if step > 0 else value < last
    return _left(frame, op) if over else _worn(frame, op, passes)


def _step(frame: Frame, op: Op) -> bool:
    """Count on."""
    _, step = frame.ranges.get(op.number, (UNKNOWN, 1))
    value = frame.variables.get(op.what)
    if type(value) is int and type(step) is int:
        frame.variables[op.what] = value + step
    else:
        frame.variables[op.what] = binary("+", value, step)
    frame.at = op.operand
    return False


def _iterate(frame: Frame, op: Op) -> bool:
    """Keep the values of a ``For Each``."""
    value = frame.pop()
    values = [value]
    if isinstance(value, Array):
        values = value.values()
    elif isinstance(value, Thing):
        held = list({id(one): one for one in value.items.values()}.values())
        values = held or ([] if value.fields.get("count") == 0 else [Thing(value.kind, dict(value.fields))])
    frame.items[op.number] = iter(values)
    frame.meter.steps += len(values) >> 4
    frame.passes[op.number] = 0
    return False


def _advance(frame: Frame, op: Op) -> bool:
    """The next value of a ``For Each``, or its end."""
    for value in frame.items.get(op.number, iter(())):
        frame.variables[op.what] = value
        return _worn(frame, op, frame.passed(op.number))
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
    worn = passes > PASSES or (passes > _SPINS and frame.is_worn(op.number))
    if target is None or worn or (frame.undecided and passes > 1):
        return worn
    frame.at = target
    return False


def _gosub(frame: Frame, op: Op) -> bool:
    """``GoSub``, which comes back."""
    if op.what in frame.code.labels and len(frame.returns) < _OPEN:
        frame.returns.append(frame.at)
        return _goto(frame, op)
    return False


def _back(frame: Frame, _: Op) -> bool:
    if frame.returns:
        frame.at = frame.returns.pop()
    return False


def _return(frame: Frame, _: Op) -> bool:
    frame.at = len(frame.code.ops)
    return False


_OPEN = 64
_IDLE = words("""
    push name store constant binary unary jump unless arm while range within step drop local label leave
""")
"""What a loop consists of that does nothing but count."""
CONTROL: dict[str, Callable[[Frame, Op], bool]] = {
    "push": _push,
    "drop": _drop,
    "index": _index,
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
    "gosub": _gosub,
    "back": _back,
    "named": _named,
    "default": _default,
    "label": _label,
    "on-error": _on_error,
    "return": _return,
}
