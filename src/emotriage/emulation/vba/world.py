"""Where a macro may be run: what some of them ask for before they act, or decode their payload with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class World:
    """A machine's settings for one country.

    Attributes:
        country: international dialling code, which Excel and Word know countries by.
        language: Windows language id.
        currency: how an amount of money is written, without the digits.
    """

    country: int
    language: int
    currency: str


WORLDS = (
    World(81, 1041, "\\"),  # the yen sign is the backslash of code page 932
    World(39, 1040, "\u20ac "),
    World(49, 1031, "\u20ac "),
    World(44, 2057, "\u00a3"),
    World(34, 3082, "\u20ac "),
    World(33, 1036, "\u20ac "),
    World(1, 1033, "$"),
    World(48, 1045, "z\u0142 "),
    World(55, 1046, "R$ "),
    World(82, 1042, "\\"),
)
"""Countries that are tried, in order, where the code asks."""
