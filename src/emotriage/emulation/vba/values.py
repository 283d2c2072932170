"""VBA values: what they become where text or a number is wanted, and what operators make of them.

[MS-VBAL] 5.5 and 5.6.9.

Text, numbers and booleans are Python's; `None` is Empty, Null and Nothing. `UNKNOWN` is what can't be known here: it
vanishes in a concatenation, so that the rest of the text survives, and spreads through everything else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from operator import eq, ge, gt, le, lt, ne
from typing import Final

LONGEST = 1 << 20
"""Characters of a text that is kept."""


class Unknown:
    """What can't be known without running the host."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


class Missing:
    """An argument that is left out."""


MISSING: Final = Missing()


class Partly(str):
    """A text of which a part could not be known and was left out."""

    __slots__ = ()


@dataclass(slots=True)
class Array:
    """An array, with as many dimensions as its keys have; ``(i,)`` for one.

    Attributes:
        items: values by index.
        base: lowest index.
        upper: highest index of the first dimension.
        octets: its elements are bytes, so that it becomes a text, and is made of one, as the memory of the text.
    """

    items: dict[tuple[int, ...], "Value"] = field(default_factory=dict)
    base: int = 0
    upper: int = -1
    octets: bool = False

    @classmethod
    def of(cls, values: "Sequence[Value]", base: int = 0, *, octets: bool = False) -> "Array":
        """A one-dimensional array."""
        items: dict[tuple[int, ...], Value] = {(base + index,): value for index, value in enumerate(values)}
        return cls(items, base, base + len(items) - 1, octets)

    def values(self) -> "list[Value]":
        """The values in the order of their indices; in an array of bytes what was not set is 0."""
        if self.octets and self.upper - self.base < LONGEST:
            return [self.items.get((index,), 0) for index in range(self.base, self.upper + 1)]
        return [self.items[key] for key in sorted(self.items)]

    def put(self, key: tuple[int, ...], value: "Value") -> None:
        """Set an element."""
        self.items[key] = value
        self.upper = max(self.upper, key[0])

    def octets_of(self) -> bytes:
        """Its bytes; what is no number is 0."""
        numbers = (whole(one) for one in self.values()[:LONGEST])
        return bytes(0 if isinstance(one, Unknown) else one & 0xFF for one in numbers)


@dataclass(slots=True)
class Thing:
    """An object: of the host, of a library, or of a class of the project.

    Attributes:
        kind: lower-case name of its class, such as ``wscript.shell`` or ``form``.
        fields: its properties, by lower-case name.
        items: what it holds by lower-case name or number, as a collection.
    """

    kind: str
    fields: "dict[str, Value]" = field(default_factory=dict)
    items: "dict[str, Value]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Named:
    """An argument that is passed by name."""

    name: str
    value: "Value"


Value = str | int | float | bool | None | Unknown | Array | Thing


def text_of(value: object) -> str | Unknown:
    """The value as text."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, int):
        return str(value) if -(1 << 128) < value < 1 << 128 else UNKNOWN
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, Thing):
        return default_of(value)
    if isinstance(value, Array) and value.octets:
        raw = value.octets_of()
        return raw[: len(raw) & ~1].decode("utf-16-le", "surrogatepass")
    return UNKNOWN


def size_of(value: object) -> int:
    """What a value costs whoever goes through all of it, in steps of the machine."""
    if isinstance(value, str):
        return len(value) >> 11
    return max(len(value.items), value.upper - value.base) >> 2 if isinstance(value, Array) else 0


def default_of(thing: Thing) -> str | Unknown:
    """The text that an object stands for where no property is named."""
    for name in ("value", "text", "caption"):
        if isinstance(found := thing.fields.get(name), str) and found:
            return found
    return UNKNOWN


def number_of(value: object) -> float | Unknown:
    """The value as a number."""
    kind = type(value)
    if kind is int or kind is float:
        return value  # type: ignore[return-value]  # as nearly all are
    if isinstance(value, bool):
        return -1 if value else 0
    if isinstance(value, int | float):
        return value
    if value is None:
        return 0
    text = text_of(value) if isinstance(value, str | Thing) else UNKNOWN
    if isinstance(text, Unknown):
        return UNKNOWN
    return parsed(text)


def parsed(text: str) -> float | Unknown:
    """The number that a text spells, or `UNKNOWN`."""
    text = text.strip()[:64]
    try:
        if text[:2].lower() == "&h":
            return int(text[2:].rstrip("&"), 16)
        if text[:2].lower() == "&o":
            return int(text[2:].rstrip("&"), 8)
        value = float(text.replace("d", "e").replace("D", "e"))
    except ValueError:
        return UNKNOWN
    if value != value or abs(value) > 1e300:  # noqa: PLR0124  NaN
        return UNKNOWN
    return int(value) if value.is_integer() and abs(value) < 1 << 62 else value


def whole(value: object) -> int | Unknown:
    """The value as an integer, rounded to even as VBA does."""
    number = number_of(value)
    return number if type(number) is int else UNKNOWN if isinstance(number, Unknown) else round(number)


def truth(value: object) -> bool | Unknown:
    """The value as a condition."""
    if type(value) is bool:
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    number = number_of(value)
    return UNKNOWN if isinstance(number, Unknown) else bool(number)


def joined(left: object, right: object) -> str:
    """``left & right``; what is unknown leaves nothing."""
    one, two = text_of(left), text_of(right)
    if type(one) is str and type(two) is str:
        return (one + two)[:LONGEST]
    text = (("" if isinstance(one, Unknown) else one) + ("" if isinstance(two, Unknown) else two))[:LONGEST]
    return Partly(text) if isinstance(one, Unknown | Partly) or isinstance(two, Unknown | Partly) else text


def binary(operator: str, left: object, right: object) -> Value:
    """What a binary operator makes of two values."""
    if type(left) is int and type(right) is int:
        if (certain := _OF_INTEGERS.get(operator)) is not None:
            return certain(left, right)
    elif operator == "&" and type(left) is str and type(right) is str:
        return (left + right)[:LONGEST]
    if operator != "is":
        left = default_of(left) if isinstance(left, Thing) else left
        right = default_of(right) if isinstance(right, Thing) else right
    if operator == "&":
        return joined(left, right)
    if operator == "+" and (isinstance(left, str) or isinstance(right, str)):
        numbers = number_of(left), number_of(right)
        if (isinstance(left, str) and isinstance(right, str)) or any(isinstance(one, Unknown) for one in numbers):
            return joined(left, right)
    if operator in ("=", "<>", "<", ">", "<=", ">="):
        return _compared(operator, left, right)
    if operator == "like":
        return _like(left, right)
    if operator == "is":
        return UNKNOWN if isinstance(left, Unknown) or isinstance(right, Unknown) else left is right
    one, two = number_of(left), number_of(right)
    if isinstance(one, Unknown) or isinstance(two, Unknown):
        return UNKNOWN
    if operator in _LOGIC:
        bits = _LOGIC[operator](round(one), round(two))
        return bool(bits) if isinstance(left, bool) and isinstance(right, bool) else bits
    try:
        return _shortened(_ARITHMETIC[operator](one, two))
    except (KeyError, ArithmeticError, ValueError):
        return UNKNOWN


def unary(operator: str, value: object) -> Value:
    """What ``-``, ``+`` and ``Not`` make of a value."""
    if operator == "not" and isinstance(value, bool):
        return not value
    number = number_of(value)
    if isinstance(number, Unknown):
        return UNKNOWN
    if operator == "not":
        return ~round(number)
    return -number if operator == "-" else number


_LOGIC: dict[str, Callable[[int, int], int]] = {
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
    "xor": lambda a, b: a ^ b,
    "eqv": lambda a, b: ~(a ^ b),
    "imp": lambda a, b: ~a | b,
}
_OF_INTEGERS: dict[str, Callable[[int, int], int | bool]] = {
    **_LOGIC,
    "=": eq,
    "<>": ne,
    "<": lt,
    ">": gt,
    "<=": le,
    ">=": ge,
}
"""Operators that make of two integers what needs no look; the way that most values of a program go."""
_ARITHMETIC: dict[str, Callable[[float, float], object]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "\\": lambda a, b: int(round(a) / round(b)),
    "mod": lambda a, b: round(a) - int(round(a) / round(b)) * round(b),
    "^": lambda a, b: float(a) ** float(b) if abs(b) < 1024 else UNKNOWN,
}


def _shortened(value: object) -> Value:
    if isinstance(value, float):
        if value != value or abs(value) > 1e300:  # noqa: PLR0124  NaN
            return UNKNOWN
        return int(value) if value.is_integer() and abs(value) < 1 << 53 else value
    if isinstance(value, int):
        return value if abs(value) < 1 << 128 else UNKNOWN
    return UNKNOWN


def _compared(sign: str, left: object, right: object) -> bool | Unknown:
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return UNKNOWN
    one, two = number_of(left), number_of(right)
    if (isinstance(left, str) and isinstance(right, str)) or isinstance(one, Unknown) or isinstance(two, Unknown):
        text, other = text_of(left), text_of(right)
        if isinstance(text, Unknown) or isinstance(other, Unknown):
            return UNKNOWN
        return _holds(sign, (text > other) - (text < other))
    return _holds(sign, (one > two) - (one < two))


def _holds(sign: str, order: int) -> bool:
    return {"=": not order, "<>": bool(order), "<": order < 0, ">": order > 0, "<=": order <= 0, ">=": order >= 0}[sign]


def _like(left: object, right: object) -> bool | Unknown:
    one, two = text_of(left), text_of(right)
    if isinstance(one, Unknown) or isinstance(two, Unknown) or len(two) > 64 or two.count("*") > 3:
        return UNKNOWN
    return fnmatchcase(one[:4096], two.replace("#", "[0-9]").replace("[!", "[!"))
