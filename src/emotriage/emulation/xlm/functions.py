"""Worksheet functions with which Excel 4.0 macros put texts together, over values that may have gaps.

Each takes scalars and says what comes out, or None where that is not known.
"""

import math
import re
from collections.abc import Callable, Sequence

from emotriage.emulation.xlm.values import GAP, LONGEST, Blank, Scalar, number_of, text_of

Function = Callable[[Sequence[Scalar]], Scalar]


def _whole(arguments: Sequence[Scalar], index: int, default: int | None = None) -> int | None:
    """A whole number among the arguments; None where it is not known or absurd."""
    if index >= len(arguments):
        return default
    number = number_of(arguments[index])
    # Excel counts in 15 decimal digits: what is a hair below a whole number is one.
    return int(round(number, 9)) if number is not None and abs(number) < 1 << 31 else None


def _known(arguments: Sequence[Scalar], index: int = 0) -> str | None:
    """A text without gaps among the arguments."""
    text = text_of(arguments[index]) if index < len(arguments) else ""
    return None if GAP in text else text


_CHARACTERS = [bytes([code]).decode("cp1252", "replace") for code in range(256)]


def character(number: float | None) -> str | None:
    """The character of Windows-1252 with that number."""
    if number is None:
        return None
    # Excel counts in 15 decimal digits: what is a hair below a whole number is one.
    code = int(number if number == number // 1 else round(number, 9)) if abs(number) < 1e6 else 0
    return _CHARACTERS[code] if 1 <= code < 256 else None


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
    digits = {2: "[01]{1,10}", 8: "[0-7]{1,10}"}.get(base, "[0-9A-Fa-f]{1,10}")
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


def _text_alone(arguments: Sequence[Scalar]) -> Scalar:
    value = arguments[0]
    return value if value is None or isinstance(value, str) else ""


def _exact(arguments: Sequence[Scalar]) -> Scalar:
    one, other = _known(arguments), _known(arguments, 1)
    return None if one is None or other is None else one == other


def _format(arguments: Sequence[Scalar]) -> Scalar:
    """TEXT, for the formats that numbers are padded with; a text stays as it is."""
    value, form = arguments[0], _known(arguments, 1) or ""
    number = number_of(value)
    if number is None or abs(number) > 1e15:
        return value if isinstance(value, str) else None
    if form in ("", "@", "General"):
        return text_of(value)
    whole, _, decimals = form.partition(".")
    if len(form) > 32 or set(whole + decimals) - set("0#"):
        return None
    text = f"{number:.{len(decimals)}f}"
    return text.zfill(form.count("0") + bool(decimals))


def _fixed(arguments: Sequence[Scalar]) -> Scalar:
    number, places = number_of(arguments[0]), _whole(arguments, 1, 2)
    if number is None or places is None or not 0 <= places <= 32 or abs(number) > 1e15:
        return None
    plain = len(arguments) > 2 and number_of(arguments[2])
    return f"{number:.{places}f}" if plain else f"{number:,.{places}f}"


def _rounded(arguments: Sequence[Scalar], more: float) -> Scalar:
    """Away from zero from that fraction on, as Excel does."""
    number, places = number_of(arguments[0]), _whole(arguments, 1, 0)
    if number is None or places is None or abs(places) > 15 or abs(number) > 1e15:
        return None
    scale = 10.0**places
    return math.copysign(math.floor(abs(number) * scale + more) / scale, number)


def _power(arguments: Sequence[Scalar]) -> Scalar:
    one, two = number_of(arguments[0]), number_of(arguments[1]) if len(arguments) > 1 else None
    if one is None or two is None or abs(two) > 64 or not 0 < one <= 1e4:
        return None
    return float(one**two)


def _quotient(arguments: Sequence[Scalar]) -> Scalar:
    one, two = number_of(arguments[0]), number_of(arguments[1]) if len(arguments) > 1 else None
    return float(int(one / two)) if one is not None and two and abs(one) < 1e15 and abs(two) > 1e-9 else None


def _not(arguments: Sequence[Scalar]) -> Scalar:
    number = number_of(arguments[0])
    return None if number is None else not number


def _is_text(value: Scalar) -> bool:
    return isinstance(value, str) and not isinstance(value, Blank)


def _is_error(arguments: Sequence[Scalar]) -> Scalar:
    """Errors are among what is not known, so only that something is none can be said."""
    return None if arguments[0] is None else False


def _wide_character(arguments: Sequence[Scalar]) -> Scalar:
    code = _whole(arguments, 0)
    return chr(code) if code is not None and 0 < code < 0x110000 else None


def _to_base(arguments: Sequence[Scalar], form: str) -> Scalar:
    number, places = _whole(arguments, 0), _whole(arguments, 1, 0)
    if number is None or number < 0 or places is None or not 0 <= places <= 32:
        return None
    return f"{number:{form}}".zfill(places)


FUNCTIONS: dict[str, Function] = {
    "CHAR": lambda arguments: character(number_of(arguments[0])),
    "CODE": _code,
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
    "PROPER": _mapped(str.title),
    "EXACT": _exact,
    "TEXT": _format,
    "FIXED": _fixed,
    "INT": _numeric(lambda number: round(number, 9) // 1),
    "TRUNC": _numeric(lambda number: float(int(number))),
    "ROUND": lambda arguments: _rounded(arguments, 0.5),
    "ROUNDDOWN": lambda arguments: _rounded(arguments, 0.0),
    "ROUNDUP": lambda arguments: _rounded(arguments, 1 - 1e-9),
    "SQRT": _numeric(lambda number: math.sqrt(max(number, 0.0))),
    "POWER": _power,
    "EVEN": _numeric(lambda number: math.copysign(math.ceil(abs(number) / 2) * 2, number)),
    "ODD": _numeric(lambda number: math.copysign(math.ceil((abs(number) + 1) / 2) * 2 - 1, number)),
    "SIGN": _numeric(lambda number: (number > 0) - (number < 0)),
    "QUOTIENT": _quotient,
    "NOT": _not,
    "ISNUMBER": lambda arguments: None if arguments[0] is None else isinstance(arguments[0], float),
    "ISTEXT": lambda arguments: None if arguments[0] is None else _is_text(arguments[0]),
    "ISNONTEXT": lambda arguments: None if arguments[0] is None else not _is_text(arguments[0]),
    "ISLOGICAL": lambda arguments: None if arguments[0] is None else isinstance(arguments[0], bool),
    "ISERROR": _is_error,
    "ISERR": _is_error,
    "ISNA": _is_error,
    "IFERROR": lambda arguments: arguments[1] if arguments[0] is None and len(arguments) > 1 else arguments[0],
    "UNICHAR": _wide_character,
    "DEC2HEX": lambda arguments: _to_base(arguments, "X"),
    "DEC2BIN": lambda arguments: _to_base(arguments, "b"),
    "OCT2DEC": lambda arguments: _from_base(arguments, 8),
    "ABS": _numeric(abs),
    "MOD": _modulo,
    "HEX2DEC": lambda arguments: _from_base(arguments, 16),
    "BIN2DEC": lambda arguments: _from_base(arguments, 2),
}
"""What each comes to; called with at least one argument."""
