"""Loops of JScript that only pass the time: they are left out, as far as nothing in them depends on it.

Scripts count to millions so that whoever evaluates them gives up. A loop is idle when all that it changes is its own
counter (and those of idle loops inside of it), and its conditions hold that counter against constants alone: then
every pass between two of these constants is the same.
"""

from collections.abc import Sequence
from typing import NamedTuple

from emotriage.emulation.jscript.code import Op
from emotriage.emulation.jscript.values import Value

_COMPARE = frozenset({"<", ">", "<=", ">=", "==", "!=", "===", "!=="})
_PURE = frozenset(
    {"const", "get", "binary", "unary", "unless", "jump", "break", "continue", "return", "loop", "discard", "drop",
     "member", "index", "this", "and", "or", "combine", "either", "typeof-name", "statement"}
)  # fmt: skip
_LEAVES = frozenset({"unless", "jump", "break", "continue", "return", "again", "and", "or", "either"})
_MOST = 4096


class Idle(NamedTuple):
    """A loop that only counts.

    Attributes:
        name: its counter.
        step: what is added to it in a pass.
        stops: values around which passes differ.
        limit: (True, name) of the variable, or (False, constant) that it counts up to, or down to.
    """

    name: str
    step: int
    stops: tuple[float, ...]
    limit: tuple[bool, Value]

    def skipped(self, value: Value, limit: Value) -> Value:
        """The counter's next value that makes a difference."""
        if type(value) is not int or type(limit) not in (int, float) or limit != limit:  # noqa: PLR0124  NaN
            return value
        way = 1 if self.step > 0 else -1
        stops = [limit, *(stop + shift for stop in self.stops for shift in (-1, 0, 1))]
        ahead = min(((stop - value) * way for stop in stops if (stop - value) * way >= 0), default=0)
        passes = int(min(ahead, 1 << 52)) // abs(self.step)
        return value + max(passes - 1, 0) * self.step


def idle(ops: Sequence[Op], top: int, end: int) -> Idle | None:
    """What a loop is counting, when it does nothing else; None for a loop that does something."""
    if end - top > _MOST or end - top < 4:
        return None
    first, second, third = ops[top], ops[top + 1], ops[top + 2]
    if first.do != "get" or second.do not in ("const", "get") or third.do != "binary" or third.what not in _COMPARE:
        return None
    name, inner, step = first.what, set[str](), 0
    for number in range(top, end):
        one = ops[number]
        if one.do == "again":
            if one.what is not None and one.what[2] is not None:
                inner.add(one.what[2].name)
            elif one.what is not None:
                return None
        elif one.do == "bump-get":
            if one.what[0] == name:
                if step:
                    return None
                step = one.what[1]
        elif one.do not in _PURE and one.do != "set-get":
            return None
    writes = {
        one.what[0] if one.do == "bump-get" else one.what for one in ops[top:end] if one.do in ("set-get", "bump-get")
    }
    if not step or writes - inner - {name} or any(one.do == "set-get" and one.what == name for one in ops[top:end]):
        return None
    stops = _stops(ops, top + 3, end, name)
    return None if stops is None else Idle(name, step, stops, (second.do == "get", second.what))


def _stops(ops: Sequence[Op], start: int, end: int, name: str) -> tuple[float, ...] | None:
    """Constants that a counter is held against; None when something else depends on it."""
    stops: list[float] = []
    for at in range(start, end):
        if ops[at].do != "get" or ops[at].what != name:
            continue
        before, after = ops[at - 1], ops[at + 1 : at + 3]
        if before.do == "const" and after and after[0].do == "binary" and after[0].what in _COMPARE:
            constant = before.what
        elif len(after) == 2 and after[0].do == "const" and after[1].do == "binary" and after[1].what in _COMPARE:
            constant = after[0].what
        elif next((one.do for one in ops[at:end] if one.do in _LEAVES), "") == "return":
            continue
        else:
            return None
        if not isinstance(constant, int | float):
            return None
        stops.append(constant)
    return tuple(stops)
