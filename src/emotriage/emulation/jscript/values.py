"""Values of JScript and what its operators make of them (ECMA-262 third edition, sections 8, 9 and 11), with `UNKNOWN`.

Texts, numbers and truth values are Python's; ``undefined`` is None. What is unknown vanishes where texts are joined.
"""

import math
from collections.abc import Callable
from typing import Any, Final

from emotriage.emulation.vba.values import UNKNOWN, Thing, Unknown

LONGEST = 8 << 20
"""Longest text that is kept, and most items of an array."""
_SHOWN_DEPTH = 12
_EXACT = 1 << 53


class Null:
    """The value ``null``."""


NULL: Final = Null()


class Obj:
    """An object: plain, array, function, date, regular expression or error.

    Attributes:
        kind: which of them: ``object``, ``array``, ``function``, ``native``, ``regexp``, ``date``, ``error``.
        props: its own properties, in order.
        proto: where properties are looked for that are not its own.
        items: of an array its values.
        data: of a function its (code, scope) or what Python calls; of a regular expression its pattern and flags.
    """

    __slots__ = ("data", "items", "kind", "props", "proto")

    def __init__(self, kind: str, proto: "Obj | None" = None, data: "Value" = None) -> None:
        self.kind = kind
        self.props: dict[str, Any] = {}
        self.proto = proto
        self.items: list[Any] = []
        self.data = data


Value = Any
"""str, int, float, bool, None, Null, Unknown, Obj, or a Thing of the host."""


class Lazy:
    """A value of an object that is made when it is read.

    Attributes:
        what: its template.
    """

    __slots__ = ("what",)

    def __init__(self, what: "Value") -> None:
        self.what = what


def is_constant(value: Value) -> bool:
    """True for values that are no objects and known."""
    return value is None or value is NULL or isinstance(value, str | int | float)


def array(values: list[Value], proto: Obj | None = None) -> Obj:
    """A new array."""
    one = Obj("array", proto)
    one.items = values[:LONGEST]
    return one


def text_of(value: Value, depth: int = 0) -> str:
    """The value as text; what is unknown is nothing."""
    if isinstance(value, str):
        return value
    if value is None:
        return "undefined"
    if value is NULL:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, Thing):
        held = value.fields.get("value", value.fields.get("\0value"))
        return held if isinstance(held, str) else ""
    if isinstance(value, Obj):
        return _object_text(value, depth)
    return ""


def _object_text(value: Obj, depth: int) -> str:
    if value.kind == "array":
        if depth > _SHOWN_DEPTH:
            return ""
        return ",".join("" if one is None or one is NULL else text_of(one, depth + 1) for one in value.items)[:LONGEST]
    if value.kind == "function":
        return value.data[0].source or "function () { }"
    if value.kind == "native":
        return f"\nfunction {value.props.get('name', '')}() {{\n    [native code]\n}}\n"
    if value.kind == "regexp":
        return f"/{value.data[0]}/{value.data[1]}"
    if value.kind == "date":
        return ""
    if value.kind == "error":
        return f"{text_of(value.props.get('name', 'Error'))}: {text_of(value.props.get('message', ''))}"
    return "[object Object]"


def number_text(value: float) -> str:
    """A number as JScript writes it."""
    if isinstance(value, int):
        return str(value) if -(10**21) < value < 10**21 else repr(float(value))
    if value != value:  # noqa: PLR0124  NaN
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    text = repr(value)
    mantissa, exponent, power = text.partition("e")
    if not exponent:
        return text
    if -7 < int(power) < 0:
        return f"{value:.20f}".rstrip("0")
    return f"{mantissa}e{int(power):+d}"


def number_of(value: Value) -> float | Unknown:
    """The value as a number."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    if value is None:
        return math.nan
    if value is NULL:
        return 0
    if isinstance(value, str):
        return parsed(value)
    if isinstance(value, Obj):
        if value.kind == "date":
            return UNKNOWN
        return parsed(text_of(value)) if value.kind == "array" else math.nan
    return UNKNOWN


def parsed(text: str) -> float:
    """The number that all of a text spells, or NaN."""
    text = text.strip()
    if not text:
        return 0
    if len(text) > 400 or "_" in text:
        return math.nan
    try:
        if text[:2] in ("0x", "0X"):
            return normal(int(text, 16))
        if text.lstrip("+-")[:1].isalpha() and text.lstrip("+-") != "Infinity":
            return math.nan
        return normal(float(text))
    except ValueError:
        return math.nan


def normal(value: float) -> float:
    """A number in the shape that numbers are kept in: whole ones as int, as long as they are exact."""
    if isinstance(value, float):
        return int(value) if abs(value) < _EXACT and value.is_integer() else value
    return value if -_EXACT < value < _EXACT else float(value) if abs(value) < 1 << 1023 else math.inf


def int32(value: Value) -> int | Unknown:
    """The value as a signed integer of 32 bits."""
    number = number_of(value)
    if isinstance(number, Unknown):
        return UNKNOWN
    if number != number or math.isinf(number):  # noqa: PLR0124  NaN
        return 0
    low = int(number) & 0xFFFFFFFF
    return low - (1 << 32) if low & 0x80000000 else low


def truth(value: Value) -> bool | Unknown:
    """The value as a condition."""
    if isinstance(value, bool):
        return value
    if isinstance(value, Thing | Unknown):
        return UNKNOWN
    if isinstance(value, Obj):
        return True
    if isinstance(value, float) and value != value:  # noqa: PLR0124  NaN
        return False
    return bool(value) if isinstance(value, str | int | float) else False


def compute(sign: str, left: Value, right: Value) -> Value:
    """What a binary operator makes of two values."""
    if sign == "+":
        return _added(left, right)
    if (compared := _COMPARED.get(sign)) is not None:
        return compared(left, right)
    if (bits := _BITS.get(sign)) is not None:
        one, two = int32(left), int32(right)
        return UNKNOWN if isinstance(one, Unknown) or isinstance(two, Unknown) else bits(one, two)
    first, second = number_of(left), number_of(right)
    if isinstance(first, Unknown) or isinstance(second, Unknown):
        return UNKNOWN
    try:
        return normal(_ARITHMETIC[sign](first, second))
    except (ArithmeticError, ValueError):
        return math.nan


def _added(left: Value, right: Value) -> Value:
    if isinstance(left, str) and isinstance(right, str):
        return (left + right)[:LONGEST]
    texts = isinstance(left, str | Obj) or isinstance(right, str | Obj)
    if texts or isinstance(left, Thing) or isinstance(right, Thing):
        if not texts and isinstance(left, Thing | Unknown) and isinstance(right, Thing | Unknown):
            return UNKNOWN
        return (text_of(left) + text_of(right))[:LONGEST]
    one, two = number_of(left), number_of(right)
    return UNKNOWN if isinstance(one, Unknown) or isinstance(two, Unknown) else normal(one + two)


def same(left: Value, right: Value) -> bool | Unknown:
    """``left === right``."""
    if isinstance(left, Thing | Unknown) or isinstance(right, Thing | Unknown):
        return True if left is right and isinstance(left, Thing) else UNKNOWN
    if isinstance(left, Obj) or isinstance(right, Obj):
        return left is right
    if isinstance(left, bool) != isinstance(right, bool) or isinstance(left, str) != isinstance(right, str):
        return False
    return bool(left == right) if left is not None and right is not None else left is right


def equal(left: Value, right: Value) -> bool | Unknown:
    """``left == right``."""
    if isinstance(left, Thing | Unknown) or isinstance(right, Thing | Unknown):
        return same(left, right)
    nothing = (None, NULL)
    if any(left is one for one in nothing) or any(right is one for one in nothing):
        return any(left is one for one in nothing) and any(right is one for one in nothing)
    if isinstance(left, Obj) and isinstance(right, Obj):
        return left is right
    if isinstance(left, str | Obj) and isinstance(right, str | Obj):
        return text_of(left) == text_of(right)
    one, two = number_of(left), number_of(right)
    return UNKNOWN if isinstance(one, Unknown) or isinstance(two, Unknown) else one == two


def _ordered(test: Callable[[Any, Any], bool]) -> Callable[[Value, Value], bool | Unknown]:
    def compared(left: Value, right: Value) -> bool | Unknown:
        if isinstance(left, str) and isinstance(right, str):
            return test(left, right)
        one, two = number_of(left), number_of(right)
        return UNKNOWN if isinstance(one, Unknown) or isinstance(two, Unknown) else test(one, two)

    return compared


def _negated(test: Callable[[Value, Value], bool | Unknown]) -> Callable[[Value, Value], bool | Unknown]:
    def compared(left: Value, right: Value) -> bool | Unknown:
        result = test(left, right)
        return result if isinstance(result, Unknown) else not result

    return compared


_COMPARED: dict[str, Callable[[Value, Value], bool | Unknown]] = {
    "<": _ordered(lambda a, b: a < b),
    ">": _ordered(lambda a, b: a > b),
    "<=": _ordered(lambda a, b: a <= b),
    ">=": _ordered(lambda a, b: a >= b),
    "===": same,
    "==": equal,
    "!==": _negated(same),
    "!=": _negated(equal),
}


def _signed(value: int) -> int:
    low = value & 0xFFFFFFFF
    return low - (1 << 32) if low & 0x80000000 else low


_BITS: dict[str, Callable[[int, int], int]] = {
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "<<": lambda a, b: _signed(a << (b & 31)),
    ">>": lambda a, b: a >> (b & 31),
    ">>>": lambda a, b: (a & 0xFFFFFFFF) >> (b & 31),
}


def _divided(one: float, two: float) -> float:
    if two == 0:
        return math.nan if one == 0 or one != one else math.copysign(math.inf, one)  # noqa: PLR0124  NaN
    return one / two


def _power(one: float, two: float) -> float:
    try:
        return math.pow(one, two)
    except OverflowError:
        return math.inf


_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "**": _power,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divided,
    "%": lambda a, b: math.fmod(a, b) if b else math.nan,
}
