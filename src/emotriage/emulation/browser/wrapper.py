"""What pages load or expect beside the browser's own objects: jQuery's requests, ``Array.from`` and ``JSON.parse``."""

import json
from collections.abc import Generator
from typing import Any

from emotriage.emulation.jscript.values import NULL, Obj, Value, normal
from emotriage.emulation.vba.values import UNKNOWN, Thing

Machine = Any
_DEEPEST = 64


def furnish(machine: Machine) -> None:
    """Put them into the global object."""
    globe = machine.globe.props
    query = machine.native("jQuery", _query)
    query.props |= {name: machine.native(name, _request) for name in ("ajax", "post", "get", "getJSON", "getScript")}
    globe |= {"$": query, "jQuery": query}
    globe["Array"].props["from"] = machine.native("from", _from)
    notation = globe["JSON"] = Obj("object", machine.protos["object"])
    notation.props = {"parse": machine.native("parse", _parse), "stringify": machine.native("stringify", _unknown)}


def _query(machine: Machine, _: Value, args: list[Value]) -> Value:
    """``$(selector)``, ``$(element)`` or ``$(function)``."""
    first = args[0] if args else None
    machine.remember([first])
    if isinstance(first, str) and "<" not in first:
        found = machine.world.elements.select(first)
        return found[0] if found else Thing("element", {"tagname": ""})
    if isinstance(first, str):
        machine.world.write(machine, first, "jQuery")
    return first if isinstance(first, Thing) else Thing("element", {"tagname": ""})


def _request(machine: Machine, _: Value, args: list[Value]) -> Value:
    """``$.ajax({url: address})`` and its shorter forms."""
    first = args[0] if args else UNKNOWN
    where = machine.member(first, "url") if isinstance(first, Obj) else first
    machine.world.asks(machine, where, "ajax")
    machine.remember([*args, *(first.props.values() if isinstance(first, Obj) else ())])
    return Thing("element", {"tagname": ""})


def _from(machine: Machine, _: Value, args: list[Value]) -> Generator[Any, Any, Value]:
    """``Array.from(values, function)``."""
    one = args[0] if args else None
    length = machine.member(one, "length") if isinstance(one, Obj) and one.kind == "object" else 0
    if isinstance(length, int) and length:
        values: list[Value] = [None] * min(max(length, 0), 1 << 20)
    else:
        values = list(one) if isinstance(one, str) else list(one.items) if isinstance(one, Obj) else [UNKNOWN]
    machine.spend(4 * len(values))
    if len(args) > 1:
        for index, value in enumerate(values):
            values[index] = yield args[1], None, [value, index]
    return machine.array(values)


def _parse(machine: Machine, _: Value, args: list[Value]) -> Value:
    text = args[0] if args else None
    if not isinstance(text, str) or text.count("[") + text.count("{") > 100_000 or _depth(text) > _DEEPEST:
        return UNKNOWN
    machine.spend(16 * len(text))
    try:
        return _value(machine, json.loads(text))
    except (ValueError, RecursionError):
        return machine.fault("SyntaxError", "JSON")


def _depth(text: str) -> int:
    """Brackets that are open at once, at most."""
    open_, most = 0, 0
    for one in text:
        if one in "[{":
            open_ += 1
            most = max(most, open_)
        elif one in "]}":
            open_ -= 1
    return most


def _value(machine: Machine, read: object) -> Value:
    if isinstance(read, dict):
        made = Obj("object", machine.protos["object"])
        made.props = {key: _value(machine, one) for key, one in read.items()}
        return made
    if isinstance(read, list):
        return machine.array([_value(machine, one) for one in read])
    return NULL if read is None else normal(read) if isinstance(read, float) else read


def _unknown(_: Machine, __: Value, ___: list[Value]) -> Value:
    return UNKNOWN
