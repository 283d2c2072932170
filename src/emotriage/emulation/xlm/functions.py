"""Worksheet functions with which Excel 4.0 macros put texts together, over values that may have gaps.

Each takes scalars and says what comes out, or None where that is not known.
"""

import re
from collections.abc import Callable, Sequence

from emotriage.emulation.xlm.values import GAP, LONGEST, Scalar, number_of, text_of

Function = Callable[[Sequence[Scalar]], Scalar]


def _whole(arguments: Sequence[Scalar], index: int, default: int | None = None) -> int | None:
    """A whole number among the arguments; None where it is not known or absurd."""
    if index >= len(arguments):
        return default
    number = number_of(arguments[index])
    return int(number) if number is not None and abs(number) < 1 << 31 else None


def _known(arguments: Sequence[Scalar], index: int = 0) -> str | None:
    """A text without gaps among the arguments."""
    text = text_of(arguments[index]) if index < len(arguments) else ""
    return None if GAP in text else text


def character(arguments: Sequence[Scalar]) -> Scalar:
    """CHAR: of Windows-1252."""
    code = _whole(arguments, 0)
    return bytes([code]).decode("cp1252", "replace") if code is not None and 0 < code < 256 else None


def _code(arguments: Sequence[Scalar]) -> Scalar:
    text = _known(arguments)
    return float(text[0].encode("cp1252", "replace")[0]) if text else None


def _left(arguments: Sequence[Scalar]) -> Scalar:
    count = _whole(arguments, 1, 1)
    text = text_of(arguments[0])
    return None if count is None or count < 0 or GAP in text[:count] else text[:count]


def _right(arguments: Sequence[Scalar]) -> Scalar:
    count = _whole(arguments, 1, 1)
    text = text_of(arguments[0])
    if count is None or count < 0:
        return None
    end = text[max(len(text) - count, 0) :]
    return None if GAP in end else end


def _mid(arguments: Sequence[Scalar]) -> Scalar:
    start, count = _whole(arguments, 1), _whole(arguments, 2)
    text = text_of(arguments[0])
    if start is None or count is None or start < 1 or count < 0 or GAP in text[: start - 1 + count]:
        return None
    return text[start - 1 : start - 1 + count]


def _substitute(arguments: Sequence[Scalar]) -> Scalar:
    text, old, new = _known(arguments), _known(arguments, 1), _known(arguments, 2)
    nth = _whole(arguments, 3, 0)
    if text is None or not old or new is None or nth is None:
        return text if old == "" else None
    if not nth:
        return text.replace(old, new) if len(text) + text.count(old) * len(new) <= 2 * LONGEST else None
    pieces = text.split(old)
    return old.join(pieces[:nth]) + new + old.join(pieces[nth:]) if 0 < nth < len(pieces) else text


def _replace(arguments: Sequence[Scalar]) -> Scalar:
    text, start, count, new = _known(arguments), _whole(arguments, 1), _whole(arguments, 2), _known(arguments, 3)
    if text is None or start is None or count is None or new is None or start < 1 or count < 0:
        return None
    return text[: start - 1] + new + text[start - 1 + count :]


def _repeat(arguments: Sequence[Scalar]) -> Scalar:
    text, count = text_of(arguments[0]), _whole(arguments, 1)
    return text * count if count is not None and 0 <= count * len(text) <= LONGEST and count >= 0 else None


def _find(arguments: Sequence[Scalar], *, fold: bool) -> Scalar:
    what, text, start = _known(arguments), _known(arguments, 1), _whole(arguments, 2, 1)
    if what is None or text is None or start is None or start < 1:
        return None
    found = text.lower().find(what.lower(), start - 1) if fold else text.find(what, start - 1)
    return float(found + 1) if found >= 0 else None


def _length(arguments: Sequence[Scalar]) -> Scalar:
    text = _known(arguments)
    return None if text is None else float(len(text))


def _from_base(arguments: Sequence[Scalar], base: int) -> Scalar:
    text = _known(arguments) or ""
    digits = "[01]{1,10}" if base == 2 else "[0-9A-Fa-f]{1,10}"
    return float(int(text, base)) if re.fullmatch(digits, text) else None


def _mapped(change: Callable[[str], str]) -> Function:
    return lambda arguments: change(text_of(arguments[0]))


def _numeric(change: Callable[[float], float]) -> Function:
    def apply(arguments: Sequence[Scalar]) -> Scalar:
        number = number_of(arguments[0])
        return None if number is None or abs(number) > 1e15 else float(change(number))

    return apply


def _modulo(arguments: Sequence[Scalar]) -> Scalar:
    left, right = number_of(arguments[0]), number_of(arguments[1]) if len(arguments) > 1 else None
    return left % right if left is not None and right else None


def _sum(arguments: Sequence[Scalar]) -> Scalar:
    numbers = [number_of(one) for one in arguments]
    return None if None in numbers else float(sum(one for one in numbers if one is not None))


def _text_alone(arguments: Sequence[Scalar]) -> Scalar:
    value = arguments[0]
    return value if value is None or isinstance(value, str) else ""


FUNCTIONS: dict[str, Function] = {
    "CHAR": character,
    "CODE": _code,
    "CONCATENATE": lambda arguments: "".join(text_of(one) for one in arguments),
    "LEFT": _left,
    "RIGHT": _right,
    "MID": _mid,
    "SUBSTITUTE": _substitute,
    "REPLACE": _replace,
    "REPT": _repeat,
    "FIND": lambda arguments: _find(arguments, fold=False),
    "SEARCH": lambda arguments: _find(arguments, fold=True),
    "LEN": _length,
    "T": _text_alone,
    "N": lambda arguments: number_of(arguments[0]),
    "VALUE": lambda arguments: number_of(arguments[0]),
    "UPPER": _mapped(str.upper),
    "LOWER": _mapped(str.lower),
    "TRIM": _mapped(
        lambda text: " ".join(text.split(" ")) if len(text) > LONGEST else re.sub(" +", " ", text.strip(" "))
    ),
    "CLEAN": _mapped(lambda text: "".join(char for char in text if char >= " ")),
    "INT": _numeric(lambda number: number // 1),
    "ROUND": _numeric(lambda number: float(round(number))),
    "ABS": _numeric(abs),
    "MOD": _modulo,
    "SUM": _sum,
    "HEX2DEC": lambda arguments: _from_base(arguments, 16),
    "BIN2DEC": lambda arguments: _from_base(arguments, 2),
}
"""What each comes to; called with at least one argument."""
