"""A part of the budget that an evaluation may spend to its end without taking anything from those who come after."""

from collections.abc import Iterator
from contextlib import contextmanager

from emotriage.model.errors import BudgetSpent
from emotriage.model.limits import Budget

_KEPT = 4, 2
"""One part in so many of what remains is kept: of a short text, and of a long one, of which more is left to tell."""
_LONG = 1 << 20


class Part:
    """What became of the part.

    Attributes:
        spent: it was used up before the work was done.
    """

    def __init__(self) -> None:
        self.spent = False


@contextmanager
def part_of(budget: Budget, size: int) -> Iterator[Part]:
    """Do work within a part of the budget; what is done by the time it is used up stays.

    Args:
        budget: of which a part is kept.
        size: characters of the text.

    Raises:
        BudgetSpent: the whole scan's work or time is used up.
    """
    part = Part()
    try:
        with budget.allowance(_KEPT[size > _LONG]):
            yield part
    except BudgetSpent as spent:
        if spent.total:
            raise
        part.spent = True
