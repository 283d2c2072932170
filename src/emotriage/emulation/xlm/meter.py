"""What reading and running the macros of one workbook may cost, so that no sheet takes more than its part."""

from emotriage.model.limits import Budget

_COPIED = 100
"""Work units for a cell that is taken over."""


class Spent(Exception):
    """The work of one workbook's macros is used up; what was found before stays."""


class Meter:
    """A budget's part for the macros of one workbook.

    Attributes:
        left: work units.
        copies: cells that machines may take over from others, of all machines together.
    """

    def __init__(self, budget: Budget, left: int, copies: int = 400_000) -> None:
        self.left = left
        self.copies = copies
        self._budget = budget

    def spend(self, units: int) -> None:
        """Charge work done.

        Raises:
            Spent: the workbook's part is used up.
            BudgetSpent: the budget is.
        """
        self._budget.spend(units)
        self.left -= units
        if self.left < 0:
            raise Spent

    def copy(self, cells: int) -> bool:
        """Charge a machine's memory; false where there is no more room for it."""
        if cells > self.copies or _COPIED * cells > self.left:
            return False
        self.copies -= cells
        self.spend(_COPIED * cells)
        return True
