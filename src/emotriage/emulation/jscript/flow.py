"""Instructions of the JScript machine that decide where it goes on: conditions, loops, jumps, handlers, scopes.

What can't be known is followed on every side: one arm after the other, bodies of loops once.
"""

from collections.abc import Callable
from typing import Any

from emotriage.emulation.jscript.bulk import bulk, run_bulk
from emotriage.emulation.jscript.frame import Arm, Frame, Scope, Thrown
from emotriage.emulation.jscript.idle import Idle
from emotriage.emulation.jscript.values import NULL, Obj, Value, same, truth
from emotriage.emulation.vba.values import UNKNOWN, Thing, Unknown

PASSES = 200_000
"""Times one loop is gone through."""
_TRIES = 24
"""Times that a loop tries the same again, or waits, before it is left."""
_DECIDED = object()
Machine = Any
Operand = Any
"""The machine, which imports this module, and what an instruction is about."""


def _jump(_: Machine, frame: Frame, target: int | None) -> None:
    if frame.arms:
        frame.jump(target)
    elif target is not None:
        frame.at = target


def _break(_: Machine, frame: Frame, target: int | None) -> None:
    frame.jump(target, sparing=True)


def _unless(_: Machine, frame: Frame, target: int | None) -> None:
    """Skip an arm whose condition is false; one that can't be known is run, and the other as well."""
    condition = truth(frame.stack.pop())
    if condition is True or target is None:
        return
    if condition is False:
        frame.jump(target)
    else:
        frame.arms.append(Arm(frame.at, target, len(frame.stack), len(frame.handlers)))


def _and(_: Machine, frame: Frame, target: int) -> None:
    _short(frame, target, stops=False)


def _or(_: Machine, frame: Frame, target: int) -> None:
    _short(frame, target, stops=True)


def _short(frame: Frame, target: int, *, stops: bool) -> None:
    known = truth(frame.stack[-1])
    if known is stops:
        frame.at = target
    elif not isinstance(known, Unknown):
        frame.stack[-1] = _DECIDED


def _nullish(_: Machine, frame: Frame, target: int) -> None:
    left = frame.stack[-1]
    if left is None or left is NULL:
        frame.stack[-1] = _DECIDED
    elif not isinstance(left, Unknown):
        frame.at = target


def _maybe(_: Machine, frame: Frame, target: int) -> None:
    """Leave a chain of members where there is nothing that could have any."""
    if frame.stack[-1] is None or frame.stack[-1] is NULL:
        frame.stack[-1] = None
        frame.at = target


def _maybe_name(_: Machine, frame: Frame, target: int) -> None:
    """The same for a function that is called by its name."""
    called = frame.stack.pop()
    if called is None or called is NULL:
        frame.stack.append(None)
        frame.at = target


def _maybe_owner(_: Machine, frame: Frame, target: int) -> None:
    """The same for a method, whose object stands before it."""
    called = frame.stack.pop()
    if called is None or called is NULL:
        frame.stack[-1] = None
        frame.at = target


def _combine(_: Machine, frame: Frame, sign: str) -> None:
    """Both sides of ``&&`` or ``||``, where the left one did not decide alone."""
    right, left = frame.stack.pop(), frame.stack.pop()
    if left is _DECIDED:
        frame.stack.append(right)
        return
    known = truth(right)
    decided = not isinstance(known, Unknown) and known is (sign == "||")
    frame.stack.append(right if decided or isinstance(right, str | Obj | Thing) else UNKNOWN)


def _loop(_: Machine, frame: Frame, number: int) -> None:
    frame.turns[number + 1] = 0


def _again(machine: Machine, frame: Frame, what: tuple[int, int, Idle | None]) -> None:
    """Another pass of a loop; of one that only counts, the next that makes a difference."""
    top, end, idle = what
    passed = frame.turns[top] = frame.turns.get(top, 0) + 1
    if passed > PASSES or (machine.world.repeated and _tries(machine, frame, top) > _TRIES):
        machine.cut = machine.cut or passed > PASSES
        frame.at = end
        return
    if idle is not None and (home := frame.scope.home(idle.name)) is not None:
        variable, limit = idle.limit
        if variable:
            limit = (frame.scope.home(limit) or {}).get(limit)
        home[idle.name] = idle.skipped(home[idle.name], limit)
    if passed == 1 and not frame.arms:
        if top not in frame.code.bulks:
            frame.code.bulks[top] = bulk(frame.code.ops, top, end)
        if (loop := frame.code.bulks[top]) is not None:
            run_bulk(machine, frame, loop)
    frame.jump(top)


def _tries(machine: Machine, frame: Frame, top: int) -> int:
    """How many passes of a loop in a row have only waited, or fetched what was fetched before."""
    world = machine.world
    tries, repeated, done = frame.tries.get(top, (0, 0, 0))
    if len(world.effects) != done:
        tries = 0
    elif world.repeated != repeated:
        tries += 1
    frame.tries[top] = (tries, world.repeated, len(world.effects))
    return tries


def _keys(machine: Machine, frame: Frame, what: tuple[int, bool]) -> None:
    slot, values = what
    owner = frame.stack.pop()
    keys: list[Value] = []
    if isinstance(owner, str):
        keys = list(owner) if values else [str(one) for one in range(len(owner))]
    elif isinstance(owner, Obj):
        if owner.kind == "array":
            keys = list(owner.items) if values else [str(one) for one in range(len(owner.items))]
        if not values and owner.kind != "native":
            keys += list(owner.props)
            inherited = owner.proto.props if owner.proto is not None else {}
            keys += [key for key, one in inherited.items() if not isinstance(one, Obj) or one.kind != "native"]
    elif owner is not None and owner is not NULL:
        keys = [UNKNOWN]
    machine.spend(len(keys))
    frame.slots[slot] = iter(keys)


def _key(_: Machine, frame: Frame, slot: int) -> None:
    found = next(frame.slots[slot], _DECIDED)
    frame.slots[-slot] = found
    frame.stack.append(found is not _DECIDED)


def _next(_: Machine, frame: Frame, slot: int) -> None:
    frame.stack.append(frame.slots[-slot])


def _keep(_: Machine, frame: Frame, slot: int) -> None:
    frame.slots[slot] = frame.stack.pop()


def _case_is(_: Machine, frame: Frame, slot: int) -> None:
    frame.stack.append(same(frame.slots[slot], frame.stack.pop()))


def _return(machine: Machine, frame: Frame, _: Operand) -> None:
    value = frame.stack.pop()
    if frame.arms and frame.spared(-1, sparing=True):
        frame.answer = frame.answer if value is None else value
        return
    machine.leave(frame, frame.answer if value is None else value)


def _throw(_: Machine, frame: Frame, __: Operand) -> None:
    raise Thrown(frame.stack.pop())


def _guard(machine: Machine, frame: Frame, target: int) -> None:
    frame.handlers.append((target, machine.doubts, len(frame.stack)))


def _unguard(_: Machine, frame: Frame, __: Operand) -> None:
    if frame.handlers:
        frame.handlers.pop()


def _guarded(machine: Machine, frame: Frame, target: int) -> None:
    """The end of what is tried; where it may have failed, the handler is run as well."""
    caught, doubts, depth = frame.handlers.pop() if frame.handlers else (frame.at, machine.doubts, 0)
    if machine.doubts > doubts and machine.may_fail(frame):
        frame.arms.append(Arm(frame.at, target, depth, len(frame.handlers)))
        frame.stack.append(UNKNOWN)
        frame.at = caught
    else:
        frame.jump(target)


def _caught(_: Machine, frame: Frame, name: str) -> None:
    frame.scope.variables[name] = frame.stack.pop()


def _with(machine: Machine, frame: Frame, __: Operand) -> None:
    owner = frame.stack.pop()
    if isinstance(owner, Obj):
        for name in list(owner.props):
            machine.member(owner, name)  # what is only made when it is read
    thing = owner if isinstance(owner, Thing) else None
    frame.scope = Scope(owner.props if isinstance(owner, Obj) else {}, frame.scope, thing)


def _without(_: Machine, frame: Frame, __: Operand) -> None:
    frame.scope = frame.scope.outer or frame.scope


def _statement(_: Machine, frame: Frame, __: Operand) -> None:
    frame.stack.clear()


def _abandon(_: Machine, frame: Frame, __: Operand) -> None:
    frame.stack.clear()
    frame.handlers.clear()
    frame.arms.clear()


FLOW: dict[str, Callable[[Machine, Frame, Operand], None]] = {
    "jump": _jump,
    "either": _jump,
    "break": _break,
    "continue": _jump,
    "unless": _unless,
    "and": _and,
    "or": _or,
    "nullish": _nullish,
    "maybe": _maybe,
    "maybe-name": _maybe_name,
    "maybe-owner": _maybe_owner,
    "combine": _combine,
    "loop": _loop,
    "again": _again,
    "keys": _keys,
    "key": _key,
    "next": _next,
    "keep": _keep,
    "case-is": _case_is,
    "return": _return,
    "throw": _throw,
    "guard": _guard,
    "unguard": _unguard,
    "guarded": _guarded,
    "caught": _caught,
    "with": _with,
    "without": _without,
    "statement": _statement,
    "abandon": _abandon,
}
"""What does each of them, by name."""
