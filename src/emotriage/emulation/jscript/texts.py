"""Methods of JScript's strings and regular expressions: ECMA-262 third edition, sections 15.5 and 15.10."""

import math
import re
from collections.abc import Callable, Generator
from typing import Any

from emotriage.emulation.jscript.values import LONGEST, NULL, Obj, Value, number_of, text_of
from emotriage.emulation.patterns import compiled, template
from emotriage.emulation.vba.values import UNKNOWN, Thing, Unknown
from emotriage.model.limits import RECORD, TOKEN

_MATCHES = 100_000
Machine = Any
Native = Callable[[Machine, Value, list[Value]], Any]
METHODS: dict[str, Native] = {}
"""Methods of strings, by name."""


def whole(args: list[Value], index: int, default: int = 0) -> int:
    """An argument as an integer; what is unknown or missing is the default."""
    number = number_of(args[index]) if index < len(args) and args[index] is not None else default
    if isinstance(number, Unknown) or number != number:  # noqa: PLR0124  NaN
        return 0 if index < len(args) else default
    return int(number) if not math.isinf(number) else (1 << 53 if number > 0 else -(1 << 53))


def _method(*names: str) -> Callable[[Native], Native]:
    def register(does: Native) -> Native:
        METHODS.update(dict.fromkeys(names, does))
        return does

    return register


def _unknown(this: Value, args: list[Value]) -> bool:
    return isinstance(this, Unknown) or any(isinstance(one, Unknown) for one in args)


@_method("charAt")
def _char_at(_: Machine, this: Value, args: list[Value]) -> Value:
    text, index = text_of(this), whole(args, 0)
    return UNKNOWN if _unknown(this, args) else text[index] if 0 <= index < len(text) else ""


@_method("charCodeAt", "codePointAt")
def _char_code_at(_: Machine, this: Value, args: list[Value]) -> Value:
    text, index = text_of(this), whole(args, 0)
    return UNKNOWN if _unknown(this, args) else ord(text[index]) if 0 <= index < len(text) else math.nan


@_method("substring")
def _substring(machine: Machine, this: Value, args: list[Value]) -> Value:
    text = text_of(this)
    machine.spend(len(text) >> 5)
    one = min(max(whole(args, 0), 0), len(text))
    two = min(max(whole(args, 1, len(text)), 0), len(text))
    return text[min(one, two) : max(one, two)]


@_method("substr")
def _substr(machine: Machine, this: Value, args: list[Value]) -> Value:
    text = text_of(this)
    machine.spend(len(text) >> 5)
    start = whole(args, 0)
    start = max(len(text) + start, 0) if start < 0 else start
    return text[start : start + max(whole(args, 1, len(text)), 0)]


@_method("slice")
def _slice(machine: Machine, this: Value, args: list[Value]) -> Value:
    text = text_of(this)
    machine.spend(len(text) >> 5)
    return text[whole(args, 0) : whole(args, 1, len(text))]


@_method("indexOf")
def _index_of(machine: Machine, this: Value, args: list[Value]) -> Value:
    text = text_of(this)
    machine.spend(len(text) >> 3)
    return (
        UNKNOWN
        if _unknown(this, args)
        else text.find(text_of(args[0]) if args else "undefined", max(whole(args, 1), 0))
    )


@_method("lastIndexOf")
def _last_index_of(machine: Machine, this: Value, args: list[Value]) -> Value:
    text = text_of(this)
    machine.spend(len(text) >> 3)
    return UNKNOWN if _unknown(this, args) else text.rfind(text_of(args[0]) if args else "undefined")


@_method("toLowerCase", "toLocaleLowerCase")
def _lower(machine: Machine, this: Value, _: list[Value]) -> Value:
    machine.spend(len(text_of(this)))
    return text_of(this).lower()


@_method("toUpperCase", "toLocaleUpperCase")
def _upper(machine: Machine, this: Value, _: list[Value]) -> Value:
    machine.spend(len(text_of(this)))
    return text_of(this).upper()


@_method("toString", "valueOf")
def _same(_: Machine, this: Value, __: list[Value]) -> Value:
    return text_of(this)


@_method("trim")
def _trim(_: Machine, this: Value, __: list[Value]) -> Value:
    return text_of(this).strip()


@_method("repeat")
def _repeat(machine: Machine, this: Value, args: list[Value]) -> Value:
    text, count = text_of(this), max(whole(args, 0), 0)
    machine.spend(min(len(text) * count, LONGEST))
    return text * min(count, LONGEST // max(len(text), 1))


@_method("padStart")
def _pad_start(_: Machine, this: Value, args: list[Value]) -> Value:
    text, width = text_of(this), min(whole(args, 0), 4096)
    fill = text_of(args[1]) if len(args) > 1 else " "
    missing = max(width - len(text), 0)
    return (fill * missing)[:missing] + text


@_method("startsWith")
def _starts_with(_: Machine, this: Value, args: list[Value]) -> Value:
    return UNKNOWN if _unknown(this, args) or not args else text_of(this).startswith(text_of(args[0]))


@_method("endsWith")
def _ends_with(_: Machine, this: Value, args: list[Value]) -> Value:
    return UNKNOWN if _unknown(this, args) or not args else text_of(this).endswith(text_of(args[0]))


@_method("includes")
def _includes(_: Machine, this: Value, args: list[Value]) -> Value:
    return UNKNOWN if _unknown(this, args) or not args else text_of(args[0]) in text_of(this)


@_method("concat")
def _concat(machine: Machine, this: Value, args: list[Value]) -> Value:
    result = "".join(text_of(one) for one in (this, *args))[:LONGEST]
    machine.spend(len(result) >> 5)
    return result


@_method("split")
def _split(machine: Machine, this: Value, args: list[Value]) -> Value:
    text = text_of(this)
    machine.spend(len(text))
    if not args or args[0] is None:
        return machine.array([text])
    if isinstance(args[0], Obj) and args[0].kind == "regexp":
        use = usable(machine, args[0], text)
        if use is None:
            return machine.array([text])
        return machine.array([one for one in use.split(text, _MATCHES) if one is not None])
    mark = text_of(args[0])
    parts: list[Value] = list(text.split(mark) if mark else text)
    limit = whole(args, 1, len(parts)) if len(args) > 1 else len(parts)
    return machine.array(parts[:limit])


def usable(machine: Machine, regexp: Value, text: str) -> "re.Pattern[str] | None":
    """The pattern of a regular expression, where it can be used on a text; what that costs is charged."""
    if isinstance(regexp, Obj) and regexp.kind == "regexp":
        found = compiled(*regexp.data)
    else:
        found = compiled(re.escape(text_of(regexp)), "")
    cost = found.cost(text) if found is not None else None
    if found is None or cost is None:
        return None
    machine.toil(cost)
    return found.regex


@_method("replace")
def _replace(machine: Machine, this: Value, args: list[Value]) -> Value:
    text = text_of(this)
    machine.spend(2 * len(text))
    if not args or isinstance(this, Thing | Unknown):
        return UNKNOWN if isinstance(this, Thing | Unknown) else text
    what, by = args[0], args[1] if len(args) > 1 else None
    many = isinstance(what, Obj) and what.kind == "regexp" and "g" in what.data[1]
    if isinstance(by, Obj) and by.kind in ("function", "native", "bound"):
        return _replace_by(machine, text, what, by, many=many)
    if not isinstance(what, Obj):
        at = text.find(text_of(what))
        return text if at < 0 else text[:at] + text_of(by) + text[at + len(text_of(what)) :]
    pattern = usable(machine, what, text)
    if pattern is None:
        machine.doubts += 1
        return text
    written = text_of(by)
    if "$" in written:
        result, count = pattern.subn(lambda match: template(written, match), text, _MATCHES if many else 1)
    else:
        result, count = pattern.subn(written.replace("\\", r"\\"), text, 0 if many else 1)
    machine.toil(count * (4 * TOKEN if "$" in written else RECORD) + len(result))
    return result[:LONGEST]


def _replace_by(machine: Machine, text: str, what: Value, by: Obj, *, many: bool) -> Generator[Any, Any, str]:
    """``replace`` with a function, which is called for each match."""
    pattern = usable(machine, what, text)
    if pattern is None:
        return text
    out: list[str] = []
    last = 0
    for count, match in enumerate(pattern.finditer(text)):
        if count and (not many or count >= _MATCHES):
            break
        groups = [one if one is not None else "" for one in match.groups()]
        machine.steps += 2
        result = yield by, None, [match[0], *groups, match.start(), text]
        out += [text[last : match.start()], text_of(result)]
        last = match.end()
    return ("".join(out) + text[last:])[:LONGEST]


@_method("match")
def _match(machine: Machine, this: Value, args: list[Value]) -> Value:
    text = text_of(this)
    machine.spend(2 * len(text))
    if not args or isinstance(this, Thing | Unknown):
        return UNKNOWN
    pattern = usable(machine, args[0], text)
    if pattern is None:
        return UNKNOWN
    if isinstance(args[0], Obj) and "g" in args[0].data[1]:
        all_ = [one[0] for _, one in zip(range(_MATCHES), pattern.finditer(text), strict=False)]
        return machine.array(all_) if all_ else NULL
    return _found(machine, pattern.search(text), text)


def _found(machine: Machine, match: "re.Match[str] | None", text: str) -> Value:
    if match is None:
        return NULL
    one = machine.array([match[0], *match.groups()])
    one.props |= {"index": match.start(), "input": text}
    return one


@_method("search")
def _search(machine: Machine, this: Value, args: list[Value]) -> Value:
    text = text_of(this)
    machine.spend(2 * len(text))
    pattern = usable(machine, args[0], text) if args and not _unknown(this, args) else None
    if pattern is None:
        return UNKNOWN
    match = pattern.search(text)
    return match.start() if match else -1


def _test(machine: Machine, this: Value, args: list[Value]) -> Value:
    found = _exec(machine, this, args)
    return found if isinstance(found, Unknown) else found is not NULL


def _exec(machine: Machine, this: Value, args: list[Value]) -> Value:
    text = text_of(args[0]) if args else ""
    machine.spend(2 * len(text))
    pattern = usable(machine, this, text) if args and not isinstance(args[0], Unknown | Thing) else None
    if pattern is None or not isinstance(this, Obj):
        machine.doubts += 1
        return UNKNOWN
    many = "g" in this.data[1]
    start = this.props.get("lastIndex", 0) if many else 0
    match = pattern.search(text, start) if isinstance(start, int) and start <= len(text) else None
    if many:
        this.props["lastIndex"] = (match.end() + (match.end() == match.start())) if match else 0
    return _found(machine, match, text)


REGEXP: dict[str, Native] = {"test": _test, "exec": _exec, "toString": _same}
"""Methods of regular expressions, by name."""
