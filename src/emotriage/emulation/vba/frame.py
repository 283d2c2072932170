"""A VBA procedure that is being run: where it stands, its variables, and what is open in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from emotriage.emulation.vba.builder import Code
from emotriage.emulation.vba.values import MISSING, UNKNOWN, Missing, Named, Unknown, Value

_STACK = 4096


@dataclass(slots=True)
class Meter:
    """Steps of a whole run: those that were done, and the most that may be."""

    steps: int = 0
    most: int = 1


@dataclass(slots=True)
class Frame:
    """One call.

    Attributes:
        code: of the procedure.
        module: index of its module.
        variables: by lower-case name.
        own: the variables of its module, or of the object whose method it is.
        me: that object.
        keep: the caller wants the value.
        at: index of the next instruction.
        withs: objects of open ``With`` blocks.
        undecided: numbers of conditions that could not be known.
        passes: times each loop was gone through, by number.
        ranges: last value and step of each ``For``.
        items: what is left of each ``For Each``.
        lent: (parameter, variable of the caller) of what was passed ``ByRef``.
        returns: where each open ``GoSub`` came from.
        handler: label that an error leads to, until it was gone to.
        began: steps that were done when each loop began.
    """

    code: Code
    module: int
    variables: dict[str, Value]
    own: dict[str, Value] = field(default_factory=dict)
    me: Value = None
    keep: bool = True
    at: int = 0
    withs: list[Value] = field(default_factory=list)
    undecided: set[int] = field(default_factory=set)
    passes: dict[int, int] = field(default_factory=dict)
    ranges: dict[int, tuple[float | Unknown, float | Unknown]] = field(default_factory=dict)
    items: dict[int, Iterator[Value]] = field(default_factory=dict)
    lent: tuple[tuple[str, str], ...] = ()
    returns: list[int] = field(default_factory=list)
    handler: str = ""
    began: dict[int, int] = field(default_factory=dict)
    meter: Meter = field(default_factory=Meter)
    _stack: list[Value | Missing | Named] = field(default_factory=list)

    def push(self, value: Value | Missing | Named) -> None:
        """Leave a value on the stack."""
        if len(self._stack) < _STACK:
            self._stack.append(value)

    def pop(self) -> Value:
        """Take a value from the stack; what was left out is Empty."""
        value = self._stack.pop() if self._stack else UNKNOWN
        kind = type(value)
        if kind is str or kind is int:
            return value  # type: ignore[return-value]  # as nearly all are
        if isinstance(value, Named):
            return value.value
        return None if isinstance(value, Missing) else value

    def take(self, count: int) -> "list[Value | Named]":
        """The arguments of a call."""
        if not count:
            return []
        args = self._stack[-count:]
        del self._stack[-count:]
        return [None if one is MISSING else one for one in args]  # type: ignore[misc]

    def values(self, count: int) -> list[Value]:
        """The arguments of a call, in their order whatever their names."""
        return [one.value if isinstance(one, Named) else one for one in self.take(count)]

    def passed(self, number: int) -> int:
        """Count a pass through a loop."""
        passes = self.passes[number] = self.passes.get(number, 0) + 1
        if passes == 1:
            self.began[number] = self.meter.steps
        return passes

    def is_worn(self, number: int) -> bool:
        """True for a loop that has used up half of the steps that were left when it began."""
        began = self.began.get(number, 0)
        return 2 * (self.meter.steps - began) > self.meter.most - began
