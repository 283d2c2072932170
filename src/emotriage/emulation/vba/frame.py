"""A VBA procedure that is being run: where it stands, its variables, and what is open in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from emotriage.emulation.vba.builder import Code
from emotriage.emulation.vba.values import MISSING, UNKNOWN, Missing, Unknown, Value

_STACK = 4096


@dataclass(slots=True)
class Frame:
    """One call.

    Attributes:
        code: of the procedure.
        module: index of its module.
        variables: by lower-case name.
        keep: the caller wants the value.
        at: index of the next instruction.
        withs: objects of open ``With`` blocks.
        undecided: numbers of conditions that could not be known.
        passes: times each loop was gone through, by number.
        ranges: last value and step of each ``For``.
        items: what is left of each ``For Each``.
    """

    code: Code
    module: int
    variables: dict[str, Value]
    keep: bool = True
    at: int = 0
    withs: list[Value] = field(default_factory=list)
    undecided: set[int] = field(default_factory=set)
    passes: dict[int, int] = field(default_factory=dict)
    ranges: dict[int, tuple[float | Unknown, float | Unknown]] = field(default_factory=dict)
    items: dict[int, Iterator[Value]] = field(default_factory=dict)
    _stack: list[Value | Missing] = field(default_factory=list)

    def push(self, value: Value | Missing) -> None:
        """Leave a value on the stack."""
        if len(self._stack) < _STACK:
            self._stack.append(value)

    def pop(self) -> Value:
        """Take a value from the stack; what was left out is Empty."""
        value = self._stack.pop() if self._stack else UNKNOWN
        return None if isinstance(value, Missing) else value

    def take(self, count: int) -> list[Value]:
        """The arguments of a call."""
        if not count:
            return []
        args = self._stack[-count:]
        del self._stack[-count:]
        return [None if one is MISSING or isinstance(one, Missing) else one for one in args]

    def passed(self, number: int) -> int:
        """Count a pass through a loop."""
        self.passes[number] = self.passes.get(number, 0) + 1
        return self.passes[number]
