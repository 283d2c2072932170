"""Functions of the VBA library that need no host: text, numbers, arrays ([MS-VBAL] 6.1.2).

Each takes the arguments as they come and answers `UNKNOWN` where it can't know.
"""

import math
import re
from collections.abc import Callable

from emotriage.emulation.vba.octets import converted
from emotriage.emulation.vba.values import (
    LONGEST,
    UNKNOWN,
    Array,
    Thing,
    Unknown,
    Value,
    number_of,
    parsed,
    text_of,
    truth,
    whole,
)

_PARTS = 1 << 20
Function = Callable[[list[Value]], Value]
FUNCTIONS: dict[str, Function] = {}
"""By lower-case name."""


def _function(*names: str) -> Callable[[Function], Function]:
    def declare(run: Function) -> Function:
        FUNCTIONS.update(dict.fromkeys(names, run))
        return run

    return declare


def _text(args: list[Value], index: int = 0) -> str:
    """An argument as text; nothing where it is unknown or left out."""
    value = text_of(args[index]) if index < len(args) else ""
    return "" if isinstance(value, Unknown) else value


def _known(args: list[Value], *indices: int) -> bool:
    return all(index < len(args) and not isinstance(args[index], Unknown) for index in indices)


def _whole(args: list[Value], index: int, default: int = 0) -> int:
    if index >= len(args) or not isinstance(args[index], str | int | float | bool):
        return default
    value = whole(args[index])
    return default if isinstance(value, Unknown) else max(min(value, 1 << 31), -(1 << 31))


@_function("chr", "chrw", "chrb")
def _chr(args: list[Value]) -> Value:
    code = whole(args[0]) if args else UNKNOWN
    if isinstance(code, Unknown) or not -0x8000 <= code <= 0xFFFF:
        return UNKNOWN
    return chr(code & 0xFFFF)


@_function("asc", "ascw", "ascb")
def _asc(args: list[Value]) -> Value:
    text = _text(args)
    return ord(text[0]) & 0xFFFF if text else UNKNOWN


@_function("midb", "leftb", "rightb")
def _bytes(_: list[Value]) -> Value:
    return UNKNOWN


@_function("len")
def _len(args: list[Value]) -> Value:
    return len(_text(args)) if _known(args, 0) else UNKNOWN


@_function("lenb")
def _lenb(args: list[Value]) -> Value:
    return 2 * len(_text(args)) if _known(args, 0) else UNKNOWN


@_function("mid")
def _mid(args: list[Value]) -> Value:
    if not _known(args, 0, 1):
        return UNKNOWN
    start = max(_whole(args, 1, 1), 1) - 1
    length = _whole(args, 2, LONGEST)
    return _text(args)[start : start + max(length, 0)]


@_function("left")
def _left(args: list[Value]) -> Value:
    return _text(args)[: max(_whole(args, 1), 0)] if _known(args, 0, 1) else UNKNOWN


@_function("right")
def _right(args: list[Value]) -> Value:
    count = max(_whole(args, 1), 0)
    return (_text(args)[-count:] if count else "") if _known(args, 0, 1) else UNKNOWN


@_function("instr", "instrb")
def _instr(args: list[Value]) -> Value:
    start = 1
    if len(args) >= 3 and not (isinstance(args[0], str) and not args[0].isdecimal()):  # InStr(start, text, sought)
        start, args = max(_whole(args, 0, 1), 1), args[1:]
    if not _known(args, 0, 1):
        return UNKNOWN
    text, sought = _text(args), _text(args, 1)
    if _whole(args, 2) == 1:
        text, sought = text.lower(), sought.lower()
    return text.find(sought, start - 1) + 1


@_function("instrrev")
def _instrrev(args: list[Value]) -> Value:
    return _text(args).rfind(_text(args, 1)) + 1 if _known(args, 0, 1) else UNKNOWN


@_function("replace")
def _replace(args: list[Value]) -> Value:
    text, old, new = _text(args), _text(args, 1), _text(args, 2)
    text = text[max(_whole(args, 3, 1), 1) - 1 :]
    count = _whole(args, 4, -1)
    if not old or len(new) * text.count(old) > LONGEST:
        return text
    if _whole(args, 5) == 1 and text.isascii() and old.isascii():
        return re.sub(re.escape(old), lambda _: new, text, count=max(count, 0), flags=re.IGNORECASE)
    return text.replace(old, new, count)


@_function("strreverse")
def _strreverse(args: list[Value]) -> Value:
    return _text(args)[::-1] if _known(args, 0) else UNKNOWN


@_function("ucase")
def _ucase(args: list[Value]) -> Value:
    return _text(args).upper() if _known(args, 0) else UNKNOWN


@_function("lcase")
def _lcase(args: list[Value]) -> Value:
    return _text(args).lower() if _known(args, 0) else UNKNOWN


@_function("trim")
def _trim(args: list[Value]) -> Value:
    return _text(args).strip(" ") if _known(args, 0) else UNKNOWN


@_function("ltrim")
def _ltrim(args: list[Value]) -> Value:
    return _text(args).lstrip(" ") if _known(args, 0) else UNKNOWN


@_function("rtrim")
def _rtrim(args: list[Value]) -> Value:
    return _text(args).rstrip(" ") if _known(args, 0) else UNKNOWN


@_function("space")
def _space(args: list[Value]) -> Value:
    return " " * min(max(_whole(args, 0), 0), LONGEST)


@_function("string")
def _string(args: list[Value]) -> Value:
    sign = args[1] if len(args) > 1 else None
    one = sign[:1] if isinstance(sign, str) else _chr([sign])
    return one * min(max(_whole(args, 0), 0), LONGEST) if isinstance(one, str) else UNKNOWN


@_function("hex")
def _hex(args: list[Value]) -> Value:
    value = whole(args[0]) if args else UNKNOWN
    return UNKNOWN if isinstance(value, Unknown) else f"{value & 0xFFFFFFFF:X}"


@_function("oct")
def _oct(args: list[Value]) -> Value:
    value = whole(args[0]) if args else UNKNOWN
    return UNKNOWN if isinstance(value, Unknown) else f"{value & 0xFFFFFFFF:o}"


@_function("val")
def _val(args: list[Value]) -> Value:
    text = _text(args).replace(" ", "")
    for stop in range(min(len(text), 32), 0, -1):
        if not isinstance(value := parsed(text[:stop]), Unknown):
            return value
    return 0


@_function("cstr", "format")
def _cstr(args: list[Value]) -> Value:
    return text_of(args[0]) if args else ""


@_function("str")
def _str(args: list[Value]) -> Value:
    text = text_of(args[0]) if args else ""
    known = isinstance(text, str) and not isinstance(args[0], str)
    return f" {text}" if known and not str(text).startswith("-") else text


@_function("cvar", "cverr", "cvdate")
def _cvar(args: list[Value]) -> Value:
    return args[0] if args else UNKNOWN


@_function("strcomp")
def _strcomp(args: list[Value]) -> Value:
    if not _known(args, 0, 1):
        return UNKNOWN
    one, two = _text(args), _text(args, 1)
    if _whole(args, 2) == 1:
        one, two = one.lower(), two.lower()
    return (one > two) - (one < two)


@_function("switch")
def _switch(args: list[Value]) -> Value:
    for condition, value in zip(args[::2], args[1::2], strict=False):
        chosen = truth(condition)
        if isinstance(chosen, Unknown) or chosen:
            return value
    return None


@_function("typename")
def _typename(args: list[Value]) -> Value:
    names = {str: "String", bool: "Boolean", int: "Long", float: "Double", type(None): "Empty"}
    return next((name for kind, name in names.items() if args and type(args[0]) is kind), UNKNOWN)


@_function("isarray")
def _isarray(args: list[Value]) -> Value:
    return isinstance(args[0], Array) if _known(args, 0) else UNKNOWN


@_function("isobject")
def _isobject(args: list[Value]) -> Value:
    return isinstance(args[0], Thing) if _known(args, 0) else UNKNOWN


@_function("cint", "clng", "clnglng", "clngptr", "cbyte", "ccur")
def _cint(args: list[Value]) -> Value:
    return whole(args[0]) if args else UNKNOWN


@_function("cdbl", "csng", "cdec")
def _cdbl(args: list[Value]) -> Value:
    return number_of(args[0]) if args else UNKNOWN


@_function("cbool")
def _cbool(args: list[Value]) -> Value:
    return truth(args[0]) if args else UNKNOWN


def _math(run: Callable[[float], float]) -> Function:
    def apply(args: list[Value]) -> Value:
        value = number_of(args[0]) if args else UNKNOWN
        if isinstance(value, Unknown):
            return UNKNOWN
        try:
            found = run(value)
        except (ArithmeticError, ValueError):
            return UNKNOWN
        return int(found) if abs(found) < 1 << 53 and float(found).is_integer() else found

    return apply


FUNCTIONS |= {
    "int": _math(math.floor), "fix": _math(math.trunc), "abs": _math(abs), "sgn": _math(lambda x: (x > 0) - (x < 0)),
    "sqr": _math(math.sqrt), "sin": _math(math.sin), "cos": _math(math.cos), "tan": _math(math.tan),
    "atn": _math(math.atan), "exp": _math(math.exp), "log": _math(math.log), "round": _math(round),
}  # fmt: skip


@_function("array")
def _array(args: list[Value]) -> Value:
    return Array.of(list(args))


@_function("split")
def _split(args: list[Value]) -> Value:
    text, mark = _text(args), _text(args, 1) if len(args) > 1 and isinstance(args[1], str) else " "
    if not _known(args, 0):
        return UNKNOWN
    count = _whole(args, 2, -1)
    return Array.of(list(text.split(mark, min(count - 1, _PARTS) if count > 0 else _PARTS)) if mark else [text])


@_function("join")
def _join(args: list[Value]) -> Value:
    if not args or not isinstance(args[0], Array):
        return UNKNOWN
    mark = args[1] if len(args) > 1 and isinstance(args[1], str) else "" if len(args) > 1 else " "
    return mark.join(_text([one]) for one in args[0].values())[:LONGEST]


@_function("filter")
def _filter(args: list[Value]) -> Value:
    if not args or not isinstance(args[0], Array):
        return UNKNOWN
    keep = len(args) < 3 or truth(args[2]) is not False
    return Array.of([one for one in args[0].values() if (_text(args, 1) in _text([one])) == keep])


@_function("lbound")
def _lbound(args: list[Value]) -> Value:
    if args and isinstance(args[0], str):
        return 0
    return args[0].base if args and isinstance(args[0], Array) else UNKNOWN


@_function("ubound")
def _ubound(args: list[Value]) -> Value:
    return args[0].upper if args and isinstance(args[0], Array) else UNKNOWN


@_function("strconv")
def _strconv(args: list[Value]) -> Value:
    return converted(args[0], _whole(args, 1)) if args else UNKNOWN


@_function("iif")
def _iif(args: list[Value]) -> Value:
    if len(args) < 3:
        return UNKNOWN
    chosen = truth(args[0])
    return (args[1] or args[2]) if isinstance(chosen, Unknown) else args[1] if chosen else args[2]


@_function("choose")
def _choose(args: list[Value]) -> Value:
    index = _whole(args, 0)
    return args[index] if 0 < index < len(args) else UNKNOWN


@_function("environ")
def _environ(args: list[Value]) -> Value:
    return f"%{_text(args)}%" if _text(args) else UNKNOWN


@_function("isnumeric")
def _isnumeric(args: list[Value]) -> Value:
    return not isinstance(number_of(args[0]), Unknown) if _known(args, 0) else UNKNOWN


@_function("isempty", "isnull", "ismissing")
def _isempty(args: list[Value]) -> Value:
    return args[0] is None if _known(args, 0) else UNKNOWN


@_function("rgb")
def _rgb(args: list[Value]) -> Value:
    return _whole(args, 0) + (_whole(args, 1) << 8) + (_whole(args, 2) << 16)
