"""Values of PowerShell and what its operators make of them (Language Specification 3.0, chapters 6 and 7)."""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from emotriage.emulation.patterns import compiled
from emotriage.emulation.powershell.nodes import Node
from emotriage.emulation.vba.values import UNKNOWN, Unknown

LONGEST = 4 << 20
_ITEMS = 1 << 20
_PATTERN, _TEXT = 200, 4096
_FORMAT = re.compile(r"\{(\d{1,3})(?:,-?\d{1,3})?(?::([^}]{0,20}))?\}|(\{\{|\}\})")
_NAMED_GROUP = re.compile(r"\(\?<([A-Za-z_]\w{0,30})>")
Value = Any
"""str, int, float, bool, None, bytes, list, dict, Char, Type, Script, Thing or Unknown."""


@dataclass(frozen=True, slots=True)
class Type:
    """A type, by its lower-case name without ``System.``."""

    name: str


@dataclass(frozen=True, slots=True)
class Script:
    """A block of code, as a value."""

    body: Node
    text: str
    parameters: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Method:
    """A method that was taken off its object."""

    owner: Value
    name: str


@dataclass(slots=True)
class Thing:
    """An object of .NET or of the system, by its lower-case class, with its properties."""

    kind: str
    fields: dict[str, Any] = field(default_factory=dict)


class Char(str):
    """One character; as a number it is its code."""

    __slots__ = ()


def text_of(value: Value) -> str:
    """The value as text; what is unknown is nothing."""
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, Unknown):
        return ""
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, int | float):
        return str(int(value)) if isinstance(value, int) or (value.is_integer() and abs(value) < 1e15) else repr(value)
    if isinstance(value, list | bytes):
        return " ".join(text_of(one) if not isinstance(one, list) else "System.Object[]" for one in value)[:LONGEST]
    if isinstance(value, Script):
        return value.text
    if isinstance(value, Type):
        return value.name
    return ""


def number_of(value: Value) -> Any:  # noqa: ANN401  int, float or Unknown
    """The value as a number, or `UNKNOWN`."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    if value is None:
        return 0
    if isinstance(value, Char):
        return ord(value)
    if isinstance(value, list) and len(value) == 1:
        return number_of(value[0])
    text = text_of(value).strip() if isinstance(value, str) else ""
    try:
        if text[:2].lower() == "0x":
            return int(text[:40], 16)
        number = float(text[:60].replace("_", "x"))
    except ValueError:
        return UNKNOWN
    return (
        int(number) if math.isfinite(number) and number.is_integer() else number if math.isfinite(number) else UNKNOWN
    )


def items_of(value: Value) -> list[Value]:
    """The value as what a pipeline or loop goes through."""
    if isinstance(value, list):
        return value
    if isinstance(value, bytes):
        return list(value)
    return [] if value is None else [value]


def truth(value: Value) -> Any:  # noqa: ANN401  bool or Unknown
    """The value as a condition."""
    if isinstance(value, Unknown | Thing):
        return UNKNOWN
    if isinstance(value, list):
        return truth(value[0]) if len(value) == 1 else bool(value)
    return bool(value)


def unary(sign: str, value: Value) -> Value:
    """A prefix operator."""
    if sign == "not":
        known = truth(value)
        return known if isinstance(known, Unknown) else not known
    if sign == "join":
        return "".join(text_of(one) for one in items_of(value))[:LONGEST]
    if sign == "split":
        return text_of(value).split()
    number = number_of(value)
    if isinstance(number, Unknown):
        return UNKNOWN
    return ~int(number) if sign == "bnot" else -number if sign == "-" else number


def binary(sign: str, left: Value, right: Value) -> Value:
    """An operator between two values."""
    if (text := _TEXTS.get(sign)) is not None:
        return text(left, right)
    if sign == "+":
        return _added(left, right)
    if sign == "*" and isinstance(left, str | list) and not isinstance(left, Char):
        count = number_of(right)
        return UNKNOWN if isinstance(count, Unknown) else left * max(min(int(count), LONGEST // max(len(left), 1)), 0)
    if sign in _COMPARED:
        return _compared(sign, left, right)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return UNKNOWN
    if sign in ("and", "or", "xor"):
        one, two = truth(left), truth(right)
        if isinstance(one, Unknown) or isinstance(two, Unknown):
            return UNKNOWN
        return {"and": one and two, "or": one or two, "xor": one != two}[sign]
    one, two = number_of(left), number_of(right)
    if isinstance(one, Unknown) or isinstance(two, Unknown):
        return UNKNOWN
    try:
        return _NUMBERS[sign](one, two)
    except (KeyError, ArithmeticError, ValueError):
        return UNKNOWN


def _added(left: Value, right: Value) -> Value:
    if isinstance(left, list | bytes):
        return [*left, *items_of(right)][:_ITEMS]
    if isinstance(left, str):
        return (text_of(left) + text_of(right))[:LONGEST]
    if isinstance(left, dict) and isinstance(right, dict):
        return {**left, **right}
    one, two = number_of(left), number_of(right)
    if isinstance(one, Unknown) or isinstance(two, Unknown):
        return (text_of(left) + text_of(right))[:LONGEST] if isinstance(right, str) else UNKNOWN
    return (
        two if left is None and isinstance(right, str) is False else one + two if left is not None else text_of(right)
    )


def range_of(left: Value, right: Value) -> Value:
    """``left..right``."""
    one, two = number_of(left), number_of(right)
    if isinstance(one, Unknown) or isinstance(two, Unknown) or abs(two - one) > _ITEMS:
        return UNKNOWN
    one, two = round(one), round(two)
    return list(range(one, two + 1)) if one <= two else list(range(one, two - 1, -1))


def item_of(owner: Value, index: Value) -> Value:
    """``owner[index]``, with an array of indices an array."""
    if isinstance(owner, Unknown):
        return UNKNOWN
    if isinstance(owner, dict):
        return owner.get(text_of(index).lower())
    if isinstance(index, list):
        found = [item_of(owner, one) for one in index]
        return [one for one in found if one is not None]
    number = number_of(index)
    if isinstance(number, Unknown):
        return UNKNOWN
    if isinstance(owner, str | list | bytes):
        at = int(number)
        if -len(owner) <= at < len(owner):
            return Char(owner[at]) if isinstance(owner, str) else owner[at]
        return None
    return owner if number == 0 else None


def pattern(source: str, flags: int = re.IGNORECASE) -> "re.Pattern[str]":
    """A regular expression of the script's, whose cost `regexes` has looked at; one of another form is plain text."""
    found = compiled(named_groups(source), "i" if flags & re.IGNORECASE else "")
    return found.regex if found is not None else re.compile(re.escape(source), flags)


def named_groups(source: str) -> str:
    """A regular expression with its named groups as Python writes them."""
    return _NAMED_GROUP.sub(r"(?P<\1>", source)


def like(text: str, wanted: str) -> bool:
    """True when a text looks like wildcards; each piece between stars is looked for from where the last one ended."""
    pieces = ["".join("." if one == "?" else re.escape(one) for one in part) for part in wanted.split("*")]
    sizes = [len(part) for part in wanted.split("*")]
    flags = re.IGNORECASE | re.DOTALL
    if len(pieces) == 1:
        return re.fullmatch(pieces[0], text, flags) is not None
    found = re.compile(pieces[0], flags).match(text)
    for piece in pieces[1:-1]:
        found = re.compile(piece, flags).search(text, found.end()) if found else None
    last = len(text) - sizes[-1]
    return found is not None and last >= found.end() and re.compile(pieces[-1], flags).match(text, last) is not None


def replaced(text: str, old: str, new: str) -> str:
    """``-replace``: a regular expression, and ``$1`` in what comes instead."""
    one = pattern(old)
    if one.groups == 0 and "$" not in new:
        return one.sub(lambda _: new, text)[:LONGEST]
    template = re.sub(
        r"\$(\d{1,2}|\{\d{1,2}\})", lambda found: f"\\g<{found[1].strip('{}')}>", new.replace("\\", "\\\\")
    )
    try:
        return one.sub(template, text)[:LONGEST]
    except (re.error, IndexError):
        return one.sub(lambda _: new, text)[:LONGEST]


def formatted(template: Value, values: Value) -> Value:
    """``-f``."""
    given = items_of(values)

    def filled(found: "re.Match[str]") -> str:
        if found[3]:
            return found[3][0]
        index = int(found[1])
        value = given[index] if index < len(given) else ""
        number = number_of(value)
        if found[2] and found[2][0] in "xX" and isinstance(number, int):
            return f"{number:{found[2][0]}}".zfill(int(found[2][1:] or 0) if found[2][1:].isdigit() else 0)
        return text_of(value)

    return _FORMAT.sub(filled, text_of(template))[:LONGEST]


def _on_each(does: Callable[[str, Value], Value]) -> Callable[[Value, Value], Value]:
    def applied(left: Value, right: Value) -> Value:
        if isinstance(left, list):
            out: list[Value] = []
            for one in left:
                made = does(text_of(one), right)
                out += made if isinstance(made, list) else [made]
            return out
        return UNKNOWN if isinstance(left, Unknown) else does(text_of(left), right)

    return applied


def _replace(text: str, by: Value) -> Value:
    both = by if isinstance(by, list) else [by]
    return replaced(text, text_of(both[0]) if both else "", text_of(both[1]) if len(both) > 1 else "")


def _split(text: str, by: Value) -> Value:
    mark = by[0] if isinstance(by, list) and by else by
    if isinstance(mark, Script):
        marks = "".join(dict.fromkeys(re.findall(r"['\"]([^'\"])['\"]", mark.text)))
        return re.split(f"[{re.escape(marks)}]", text) if marks else [text]
    return [one for one in pattern(text_of(mark)).split(text) if one is not None]


def _joined(left: Value, right: Value) -> Value:
    return text_of(right).join(text_of(one) for one in items_of(left))[:LONGEST]


def _match(text: str, by: Value) -> Value:
    return pattern(text_of(by)).search(text) is not None


def _like(text: str, by: Value) -> Value:
    return like(text[:_TEXT], text_of(by)[:_PATTERN])


def _contains(left: Value, right: Value) -> Value:
    return text_of(right).lower() in [text_of(one).lower() for one in items_of(left)]


_TEXTS: dict[str, Callable[[Value, Value], Value]] = {
    "f": formatted,
    "replace": _on_each(_replace),
    "split": _on_each(_split),
    "join": _joined,
    "match": _on_each(_match),
    "like": _on_each(_like),
    "contains": _contains,
    "in": lambda left, right: _contains(right, left),
    "is": lambda _, __: UNKNOWN,
    "isnot": lambda _, __: UNKNOWN,
    "notmatch": lambda left, right: unary("not", _on_each(_match)(left, right)),
    "notlike": lambda left, right: unary("not", _on_each(_like)(left, right)),
    "notcontains": lambda left, right: not _contains(left, right),
    "notin": lambda left, right: not _contains(right, left),
}
_COMPARED = {"eq", "ne", "gt", "lt", "ge", "le"}


def _compared(sign: str, left: Value, right: Value) -> Value:
    if isinstance(left, Unknown | Thing) or isinstance(right, Unknown | Thing):
        return UNKNOWN
    if isinstance(left, list):
        return [one for one in left if _compared(sign, one, right) is True]
    one: Any
    two: Any
    if isinstance(left, str) or isinstance(right, str):
        one, two = text_of(left).lower(), text_of(right).lower()
    else:
        one, two = number_of(left), number_of(right)
        if isinstance(one, Unknown) or isinstance(two, Unknown):
            return UNKNOWN
    return {"eq": one == two, "ne": one != two, "gt": one > two, "lt": one < two, "ge": one >= two, "le": one <= two}[
        sign
    ]


_NUMBERS: dict[str, Callable[[Any, Any], Any]] = {
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b if abs(a) < 1 << 64 and abs(b) < 1 << 64 else UNKNOWN,
    "/": lambda a, b: a // b if a % b == 0 else a / b,
    "%": lambda a, b: math.fmod(a, b) if isinstance(a, float) or isinstance(b, float) else int(math.fmod(a, b)),
    "band": lambda a, b: int(a) & int(b),
    "bor": lambda a, b: int(a) | int(b),
    "bxor": lambda a, b: int(a) ^ int(b),
    "shl": lambda a, b: int(a) << (int(b) & 31),
    "shr": lambda a, b: int(a) >> (int(b) & 31),
}


def octets(values: Iterable[Value]) -> bytes | Unknown:
    """Values as bytes; `UNKNOWN` when one is none."""
    numbers = [number_of(one) for one in values]
    if any(isinstance(one, Unknown) for one in numbers):
        return UNKNOWN
    return bytes(int(one) & 0xFF for one in numbers)


def store(owner: Value, index: Value, value: Value) -> None:
    """Give an element of a table or list a value, where there is one."""
    if isinstance(owner, dict):
        owner[text_of(index).lower()] = value
    elif isinstance(owner, list) and isinstance(at := number_of(index), int) and -len(owner) <= at < len(owner):
        owner[at] = value
