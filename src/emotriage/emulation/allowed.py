"""A part of the budget that an evaluation may spend to its end without taking anything from those who come after."""

from collections.abc import Iterator
from contextlib import contextmanager

from emotriage.model.errors import BudgetSpent
from emotriage.model.limits import Budget

_KEPT = 2
"""One part in so many of what remains is kept."""


class Part:
    """What became of the part.

    Attributes:
        spent: it was used up before the work was done.
    """

    def __init__(self) -> None:
        self.spent = False


@contextmanager
def part_of(budget: Budget) -> Iterator[Part]:
    """Do work within a part of the budget; what is done by the time it is used up stays.

    Args:
        budget: of which half is kept.

    Raises:
        BudgetSpent: the whole scan's work or time is used up.
    """
    part = Part()
    try:
        with budget.allowance(_KEPT):
            yield part
    except BudgetSpent as spent:
        if spent.total:
            raise
        part.spent = True
