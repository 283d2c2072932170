"""Trees of PowerShell, and how they are walked: every walk keeps its own stack, whatever depth an attacker makes."""

from collections.abc import Generator
from typing import Any, NamedTuple

from emotriage.model.limits import RECORD, Budget

Walk = Generator["Walk", Any, Any]
"""A step that yields the steps inside of it, and is sent what each comes to."""


class SyntaxFault(Exception):
    """What stands here is no PowerShell."""


class Node(NamedTuple):
    """A construct.

    Attributes:
        do: what it is, such as ``binary`` or ``command``.
        parts: what it is made of.
        at: offset in the text.
    """

    do: str
    parts: tuple[Any, ...]
    at: int


def drive(first: Walk, budget: Budget, depth: int) -> Any:  # noqa: ANN401  whatever the walk is for
    """Walk to the end; what it comes to.

    Args:
        first: the outermost step.
        budget: charged for every step.
        depth: how many steps may be inside of each other; beyond, the step that goes too deep fails.
    """
    stack = [first]
    value: Any = None
    fault: Exception | None = None
    while stack:
        budget.spend(RECORD)
        try:
            inner = stack[-1].send(value) if fault is None else stack[-1].throw(fault)
            value, fault = None, None
        except StopIteration as done:
            stack.pop()
            value, fault = done.value, None
        except BaseException as error:
            if not isinstance(error, Exception):
                raise
            stack.pop()
            value, fault = None, error
            if not stack:
                raise
        else:
            stack.append(inner)
            if len(stack) > depth:
                inner.close()
                stack.pop()
                fault = SyntaxFault()
    return value
