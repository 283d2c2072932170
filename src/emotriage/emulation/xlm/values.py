"""What a part of an Excel 4.0 formula can come to: a text with gaps, a number, a truth, a reference, or not known."""

from typing import NamedTuple

GAP = "\ufffc"
"""Stands in a text for a part of it that is not known."""
LONGEST = 32_767
"""Characters of one text, as in Excel; a longer one is not known."""


class Reference(NamedTuple):
    """A rectangle of cells: casefolded sheet, first row and column, last row and column, from 0."""

    sheet: str
    top: int
    left: int
    bottom: int
    right: int

    @property
    def single(self) -> bool:
        """True for one cell."""
        return self.top == self.bottom and self.left == self.right


class Blank(str):
    """What an empty cell holds: no text, and zero where a number is wanted."""

    __slots__ = ()


BLANK = Blank()

Scalar = str | float | bool | None


class Array(NamedTuple):
    """Values in rows, as array constants and what is read of a range have them."""

    rows: tuple[tuple[Scalar, ...], ...]


Value = Scalar | Reference | Array


def text_of(value: Scalar) -> str:
    """A value as a text; what is not known becomes a gap."""
    if isinstance(value, str):
        return value
    if value is None:
        return GAP
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return f"{value:.15g}".upper()


def number_of(value: Scalar) -> float | None:
    """A value as a number, as Excel reads texts; None where it is none."""
    if value.__class__ is float:
        return value
    if isinstance(value, bool | float):
        return float(value)
    if isinstance(value, Blank):
        return 0.0
    if value is None or len(value) > 64 or GAP in value:
        return None
    try:
        return float(value or "x") if value.strip("+-. \t").isascii() else None
    except ValueError:
        return None
