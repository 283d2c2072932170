"""Sums as ``set /a`` does them: whole numbers of 32 bits, names of variables, the operators of C (``set /?``)."""

import re
from collections.abc import Callable

_TOKEN = re.compile(r"\s*(0x[0-9a-f]{1,8}|\d{1,10}|[a-z_]\w{0,63}|<<|>>|[-+*/%^&|()~])", re.IGNORECASE)
_RANKS = {"|": 1, "^": 2, "&": 3, "<<": 4, ">>": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6, "neg": 7, "~": 7}
_LONGEST = 400
_OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "&": lambda a, b: a & b,
    "<<": lambda a, b: a << (b & 31),
    ">>": lambda a, b: a >> (b & 31),
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: int(a / b) if b else 0,
    "%": lambda a, b: a - b * int(a / b) if b else 0,
}


def value_of(text: str, variables: dict[str, str]) -> int | None:
    """What a sum comes to; None where it is none. Names that nobody set are 0."""
    values: list[int] = []
    signs: list[str] = []
    operand = True
    at = 0
    text = text[:_LONGEST].strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            return None
        piece, at = found[1].lower(), found.end()
        if operand and piece in "-~+":
            if piece != "+":
                signs.append("neg" if piece == "-" else piece)
        elif piece == "(":
            signs.append(piece)
        elif piece == ")":
            while signs and signs[-1] != "(":
                if not _apply(signs.pop(), values):
                    return None
            if not signs:
                return None
            signs.pop()
        elif piece in _RANKS:
            while signs and signs[-1] != "(" and _RANKS[signs[-1]] >= _RANKS[piece]:
                if not _apply(signs.pop(), values):
                    return None
            signs.append(piece)
        else:
            values.append(_number(piece, variables))
        operand = piece in _RANKS or piece == "("
    while signs:
        if not _apply(signs.pop(), values):
            return None
    return values[0] if len(values) == 1 else None


def _number(piece: str, variables: dict[str, str]) -> int:
    held = piece if piece[0].isdigit() else variables.get(piece, "0").strip()
    try:
        return _wrapped(int(held, 0) if held[:2].lower() == "0x" else int(held))
    except ValueError:
        return 0


def _apply(sign: str, values: list[int]) -> bool:
    if sign in ("neg", "~"):
        if not values:
            return False
        values.append(_wrapped(-values.pop() if sign == "neg" else ~values.pop()))
        return True
    if len(values) < 2 or sign not in _OPERATIONS:
        return False
    right = values.pop()
    values.append(_wrapped(_OPERATIONS[sign](values.pop(), right)))
    return True


def _wrapped(number: int) -> int:
    return (number + (1 << 31)) % (1 << 32) - (1 << 31)
