"""The global object of JScript: ECMA-262 third edition, sections 15.1 to 15.11, and what the Script Host adds."""

import math
import re
from collections.abc import Callable, Generator
from typing import Any
from urllib.parse import quote, unquote

from emotriage.emulation.jscript import arrays, dates, texts
from emotriage.emulation.jscript.values import (
    NULL,
    Obj,
    Value,
    normal,
    number_of,
    number_text,
    parsed,
    text_of,
    truth,
)  # fmt: skip
from emotriage.emulation.jscript.world import created
from emotriage.emulation.literals import from_base64
from emotriage.emulation.vba.values import UNKNOWN, Thing, Unknown

Machine = Any
Native = Callable[[Machine, Value, list[Value]], Any]
_ESCAPED = re.compile(r"%u([0-9a-fA-F]{4})|%([0-9a-fA-F]{2})")
_INTEGER = re.compile(r"\s*([+-]?)(0[xX])?([0-9a-zA-Z]{1,400})")
_FLOAT = re.compile(r"\s*[+-]?(?:\d{1,400}\.?\d{0,400}|\.\d{1,400})(?:[eE][+-]?\d{1,3})?")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def furnish(machine: Machine) -> None:
    """Put the library into the global object of a machine."""
    protos = machine.protos
    for kind in ("object", "function", "array", "string", "number", "boolean", "regexp", "date", "error"):
        protos[kind] = Obj("object", protos.get("object"))
    for kind, methods in _PROTOTYPES.items():
        for name, does in methods.items():
            protos[kind].props[name] = machine.native(name, does)
    globe = machine.globe
    globe.proto = protos["object"]
    for name, does in _GLOBALS.items():
        globe.props[name] = machine.native(name, does)
    for name, kind in _CLASSES.items():
        one = machine.native(name, _CONVERT[name])
        one.props["prototype"] = protos[kind]
        one.props["construct"] = machine.native(name, _CONSTRUCT.get(name, _CONVERT[name]))
        protos[kind].props["constructor"] = one
        globe.props[name] = one
        for static, does in _STATICS.get(name, {}).items():
            one.props[static] = machine.native(static, does)
    for name in ("ActiveXObject", "Enumerator", "VBArray"):
        globe.props[name].props["construct"] = globe.props[name]
    maths = Obj("object", protos["object"])
    maths.props = {name: machine.native(name, does) for name, does in _MATH.items()}
    maths.props |= {"PI": math.pi, "E": math.e, "LN2": math.log(2), "LN10": math.log(10), "SQRT2": math.sqrt(2)}
    globe.props |= {
        "Math": maths,
        "NaN": math.nan,
        "Infinity": math.inf,
        "undefined": None,
        "WScript": Thing("wscript"),
        "WSH": Thing("wscript"),
        "@_jscript_version": 5.8,
        "@_win32": True,
        "@_jscript": True,
    }
    globe.props["Number"].props |= {"MAX_VALUE": 1.7976931348623157e308, "MIN_VALUE": 5e-324, "NaN": math.nan}


def _eval(machine: Machine, this: Value, args: list[Value]) -> Value:
    from emotriage.emulation.jscript.machine import PENDING  # the machine is furnished with this

    if not args or not isinstance(args[0], str):
        return args[0] if args else None
    scope = machine.frames[-1].scope if this is None else machine.scope
    machine.evaluate(args[0], "eval", scope)
    return PENDING


def _new_function(machine: Machine, _: Value, args: list[Value]) -> Value:
    body = text_of(args[-1]) if args else ""
    parameters = ",".join(text_of(one) for one in args[:-1])
    return machine.compiled_function(parameters, body)


def _later(machine: Machine, _: Value, args: list[Value]) -> Value:
    if args and len(machine.later) < 64:
        machine.later.append(args[0])
    return 1


def _parse_int(_: Machine, __: Value, args: list[Value]) -> Value:
    if not args or isinstance(args[0], Unknown | Thing):
        return UNKNOWN
    base = texts.whole(args, 1)
    found = _INTEGER.match(text_of(args[0]))
    if found is None:
        return math.nan
    base = base or (16 if found[2] else 10)
    if not 2 <= base <= 36:
        return math.nan
    digits = found[3].lower() if found[2] is None or base == 16 else ""
    allowed = _DIGITS[:base]
    end = next((at for at, one in enumerate(digits) if one not in allowed), len(digits))
    if not end:
        return 0 if found[2] and base != 16 else math.nan
    return normal(int(digits[:end], base) * (-1 if found[1] == "-" else 1))


def _parse_float(_: Machine, __: Value, args: list[Value]) -> Value:
    if not args or isinstance(args[0], Unknown | Thing):
        return UNKNOWN
    found = _FLOAT.match(text_of(args[0]))
    return parsed(found[0]) if found else math.nan


def _is_nan(_: Machine, __: Value, args: list[Value]) -> Value:
    number = number_of(args[0] if args else None)
    return number if isinstance(number, Unknown) else number != number  # noqa: PLR0124  NaN


def _is_finite(_: Machine, __: Value, args: list[Value]) -> Value:
    number = number_of(args[0] if args else None)
    return number if isinstance(number, Unknown) else math.isfinite(number)


def _unescape(machine: Machine, _: Value, args: list[Value]) -> Value:
    text = text_of(args[0]) if args else ""
    machine.spend(4 * len(text))
    return _ESCAPED.sub(lambda one: chr(int(one[1] or one[2], 16)), text)


def _escape(machine: Machine, _: Value, args: list[Value]) -> Value:
    text = text_of(args[0]) if args else ""
    machine.spend(8 * len(text))
    return re.sub(
        r"[^A-Za-z0-9@*_+\-./]",
        lambda one: f"%{ord(one[0]):02X}" if ord(one[0]) < 256 else f"%u{ord(one[0]):04X}",
        text,
    )


def _decode(machine: Machine, _: Value, args: list[Value]) -> Value:
    text = text_of(args[0]) if args else ""
    machine.spend(4 * len(text))
    return unquote(text, errors="replace")


def _encode(machine: Machine, _: Value, args: list[Value]) -> Value:
    text = text_of(args[0]) if args else ""
    machine.spend(8 * len(text))
    return quote(text.encode("utf-8", "replace"), safe="-_.!~*'()")


def _atob(machine: Machine, _: Value, args: list[Value]) -> Value:
    text = text_of(args[0]) if args else ""
    machine.spend(4 * len(text))
    return from_base64("".join(text.split())).decode("latin-1")


def _from_char_code(machine: Machine, _: Value, args: list[Value]) -> Value:
    machine.spend(len(args) * 8)
    codes = [number_of(one) for one in args]
    return "".join(chr(int(one) & 0xFFFF) for one in codes if not isinstance(one, Unknown) and math.isfinite(one))


def _to_string(_: Machine, this: Value, args: list[Value]) -> Value:
    base = texts.whole(args, 0, 10)
    if isinstance(this, bool) or not isinstance(this, int | float) or base == 10 or not math.isfinite(this):
        return text_of(this)
    if not 2 <= base <= 36:
        return number_text(this)
    return _in_base(this, base)


def _in_base(value: float, base: int) -> str:
    number, rest = int(abs(value)), abs(value) - int(abs(value))
    digits: list[str] = []
    while number and len(digits) < 1100:
        number, digit = divmod(number, base)
        digits.append(_DIGITS[digit])
    out = "".join(reversed(digits)) or "0"
    if rest:
        out += "."
        for _ in range(52):
            digit, rest = int(rest * base), rest * base - int(rest * base)
            out += _DIGITS[digit]
            if not rest:
                break
    return ("-" if value < 0 else "") + out


def _to_fixed(_: Machine, this: Value, args: list[Value]) -> Value:
    number = number_of(this)
    return UNKNOWN if isinstance(number, Unknown) else f"{number:.{min(max(texts.whole(args, 0), 0), 20)}f}"


def _value_of(_: Machine, this: Value, __: list[Value]) -> Value:
    return this


def _has_own(_: Machine, this: Value, args: list[Value]) -> Value:
    if not isinstance(this, Obj) or not args:
        return UNKNOWN
    key = text_of(args[0])
    return key in this.props or (this.kind == "array" and key.isdigit() and int(key[:9]) < len(this.items))


def _object_string(_: Machine, this: Value, __: list[Value]) -> Value:
    kinds = {"array": "Array", "function": "Function", "native": "Function", "regexp": "RegExp", "date": "Date"}
    if isinstance(this, Obj):
        return f"[object {kinds.get(this.kind, 'Object')}]"
    return "[object Object]"


def _owner(machine: Machine, args: list[Value]) -> Value:
    """What a function is called on; in JScript that is the global object where nothing is given."""
    return machine.globe if not args or args[0] is None or args[0] is NULL else args[0]


def _call(machine: Machine, this: Value, args: list[Value]) -> Generator[Any, Any, Value]:
    result = yield this, _owner(machine, args), list(args[1:])
    return result


def _apply(machine: Machine, this: Value, args: list[Value]) -> Generator[Any, Any, Value]:
    given = list(args[1].items) if len(args) > 1 and isinstance(args[1], Obj) else []
    result = yield this, _owner(machine, args), given
    return result


def _bind(machine: Machine, this: Value, args: list[Value]) -> Value:
    return Obj("bound", machine.protos["function"], (this, args[0] if args else None, list(args[1:])))


def _unknown(machine: Machine, _: Value, __: list[Value]) -> Value:
    machine.doubts += 1
    return UNKNOWN


def _nothing(_: Machine, __: Value, ___: list[Value]) -> Value:
    return None


def _constant(value: Value) -> Native:
    return lambda _, __, ___: value


def _number(_: Machine, __: Value, args: list[Value]) -> Value:
    return number_of(args[0]) if args else 0


def _string(_: Machine, __: Value, args: list[Value]) -> Value:
    return text_of(args[0]) if args else ""


def _boolean(_: Machine, __: Value, args: list[Value]) -> Value:
    return truth(args[0]) if args else False


def _array(machine: Machine, _: Value, args: list[Value]) -> Value:
    if len(args) == 1 and isinstance(args[0], int) and not isinstance(args[0], bool):
        return machine.array([None] * min(max(args[0], 0), 1_000_000))
    return machine.array(list(args))


def _object(machine: Machine, _: Value, args: list[Value]) -> Value:
    given = args[0] if args else None
    return Obj("object", machine.protos["object"]) if given is None or given is NULL else given


def _keys(machine: Machine, _: Value, args: list[Value]) -> Value:
    one = args[0] if args else None
    if not isinstance(one, Obj):
        return UNKNOWN
    return machine.array([*(str(index) for index in range(len(one.items))), *one.props])


def _is_array(_: Machine, __: Value, args: list[Value]) -> Value:
    return bool(args) and isinstance(args[0], Obj) and args[0].kind == "array"


def _regexp(machine: Machine, _: Value, args: list[Value]) -> Value:
    one = args[0] if args else ""
    source = one.data[0] if isinstance(one, Obj) and one.kind == "regexp" else text_of(one)
    return Obj("regexp", machine.protos["regexp"], (source, text_of(args[1]) if len(args) > 1 else ""))


def _error(machine: Machine, _: Value, args: list[Value]) -> Value:
    message = next((one for one in reversed(args) if isinstance(one, str)), "")
    return machine.error("Error", message)


def _maths(does: Callable[..., Value]) -> Native:
    def applied(_: Machine, __: Value, args: list[Value]) -> Value:
        numbers = [number_of(one) for one in args]
        known = [one for one in numbers if not isinstance(one, Unknown)]
        if len(known) < len(numbers):
            return UNKNOWN
        try:
            return normal(does(*known))
        except (ArithmeticError, ValueError, TypeError):
            return math.nan

    return applied


_PROTOTYPES: dict[str, dict[str, Native]] = {
    "object": {"hasOwnProperty": _has_own, "toString": _object_string, "valueOf": _value_of},
    "function": {"call": _call, "apply": _apply, "bind": _bind, "toString": lambda _, this, __: text_of(this)},
    "array": arrays.METHODS,
    "string": texts.METHODS,
    "number": {"toString": _to_string, "toFixed": _to_fixed, "valueOf": _value_of},
    "boolean": {"toString": _to_string, "valueOf": _value_of},
    "regexp": texts.REGEXP,
    "date": dates.METHODS,
    "error": {"toString": lambda _, this, __: text_of(this)},
}
_GLOBALS: dict[str, Native] = {
    "eval": _eval, "execScript": _eval, "setTimeout": _later, "setInterval": _later, "setImmediate": _later,
    "clearTimeout": _nothing, "clearInterval": _nothing, "parseInt": _parse_int, "parseFloat": _parse_float,
    "isNaN": _is_nan, "isFinite": _is_finite, "unescape": _unescape, "escape": _escape, "decodeURIComponent": _decode,
    "decodeURI": _decode, "encodeURIComponent": _encode, "encodeURI": _encode, "atob": _atob,
    "ScriptEngine": _constant("JScript"), "ScriptEngineMajorVersion": _constant(5),
    "ScriptEngineMinorVersion": _constant(8), "ScriptEngineBuildVersion": _constant(16384), "GetObject": created,
    "ActiveXObject": created, "Enumerator": lambda _, __, ___: Thing("enumerator"),
    "VBArray": lambda _, __, args: args[0] if args else UNKNOWN, "alert": _nothing, "CollectGarbage": _nothing,
}  # fmt: skip
_CLASSES = {
    "Object": "object", "Function": "function", "Array": "array", "String": "string", "Number": "number",
    "Boolean": "boolean", "RegExp": "regexp", "Date": "date", "Error": "error",
}  # fmt: skip
_CONVERT: dict[str, Native] = {
    "Object": _object, "Function": _new_function, "Array": _array, "String": _string, "Number": _number,
    "Boolean": _boolean, "RegExp": _regexp, "Date": _unknown, "Error": _error,
}  # fmt: skip
_CONSTRUCT: dict[str, Native] = {"Date": dates.made}
_STATICS: dict[str, dict[str, Native]] = {
    "String": {"fromCharCode": _from_char_code},
    "Array": {"isArray": _is_array},
    "Object": {"keys": _keys},
    "Date": {"now": _unknown, "parse": _unknown, "UTC": _unknown},
}
_NUMBERS: dict[str, Callable[..., Value]] = {
    "floor": math.floor, "ceil": math.ceil, "round": lambda one: math.floor(one + 0.5), "abs": abs, "max": max,
    "min": min, "pow": math.pow, "sqrt": math.sqrt, "sin": math.sin, "cos": math.cos, "tan": math.tan, "log": math.log,
    "exp": math.exp, "atan": math.atan, "atan2": math.atan2, "asin": math.asin, "acos": math.acos,
}  # fmt: skip
_MATH: dict[str, Native] = {"random": _constant(0.5), **{name: _maths(does) for name, does in _NUMBERS.items()}}
