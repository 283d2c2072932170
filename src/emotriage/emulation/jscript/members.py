"""Members of JScript's values: own, inherited, items of arrays and letters of texts (ECMA-262, sections 8.6 and 15)."""

from typing import Any

from emotriage.emulation.jscript.values import Lazy, Obj, Value, text_of
from emotriage.emulation.vba.values import UNKNOWN, Thing, Unknown

Machine = Any
"""The machine; it imports this module."""


def member(machine: Machine, owner: Value, key: str) -> Value:
    """``owner.key``."""
    if isinstance(owner, str):
        if key == "length":
            return len(owner)
        if key.isdigit() and len(key) < 9:
            return owner[int(key)] if int(key) < len(owner) else None
        one: Obj | None = machine.protos["string"]
    elif isinstance(owner, Obj):
        one = owner
        if owner.kind == "array":
            if key == "length":
                return _length(owner.items)
            if key.isdigit() and len(key) < 9:
                return owner.items[int(key)] if int(key) < len(owner.items) else _beyond(owner.items)
        elif owner.kind == "function" and key not in owner.props:
            if key == "prototype":
                made = owner.props["prototype"] = Obj("object", machine.protos["object"])
                made.props["constructor"] = owner
                return made
            if key == "length":
                return len(owner.data[0].parameters)
    elif isinstance(owner, bool):
        one = machine.protos["boolean"]
    elif isinstance(owner, int | float):
        one = machine.protos["number"]
    elif isinstance(owner, Thing):
        machine.doubts += 1
        return machine.world.member(owner, key)
    elif isinstance(owner, Unknown):
        machine.doubts += 1
        return UNKNOWN
    else:
        return machine.fault("TypeError", f"'{key}' is null or not an object")
    for _ in range(64):
        if one is None:
            return None
        if key in one.props:
            found = one.props[key]
            if type(found) is Lazy:
                found = one.props[key] = machine.copied(found.what)
            return found
        one = one.proto
    return None


def store(machine: Machine, owner: Value, key: str, value: Value) -> None:
    """``owner.key = value``."""
    if isinstance(owner, Obj):
        if owner.kind == "array":
            if key.isdigit() and len(key) < 8:
                index = int(key)
                if index >= len(owner.items):
                    machine.spend(index - len(owner.items))
                    owner.items.extend([None] * (index + 1 - len(owner.items)))
                owner.items[index] = value
                return
            if key == "length":
                if isinstance(value, int) and 0 <= value < len(owner.items):
                    del owner.items[value:]
                return
        owner.props[key] = value
    elif isinstance(owner, Thing):
        machine.world.store(machine, owner, key, value)


def read(machine: Machine, owner: Value, key: Value) -> Value:
    """``owner[key]``."""
    if isinstance(key, int) and not isinstance(key, bool):
        if isinstance(owner, str):
            return owner[key] if 0 <= key < len(owner) else None
        if isinstance(owner, Obj) and owner.kind == "array":
            return owner.items[key] if 0 <= key < len(owner.items) else _beyond(owner.items)
    if isinstance(key, Unknown):
        machine.doubts += 1
        return _any(owner)
    return member(machine, owner, text_of(key))


def _any(owner: Value) -> Value:
    """What stands under a key that nobody knows: the first of the texts that there are."""
    if isinstance(owner, Obj) and owner.kind == "array" and owner.items and isinstance(owner.items[0], str):
        return owner.items[0]
    return UNKNOWN


def _length(items: list[Value]) -> Value:
    """How long an array is; nobody knows of one that was filled with what nobody knows."""
    return UNKNOWN if items and isinstance(items[0], Unknown) and isinstance(items[-1], Unknown) else len(items)


def _beyond(items: list[Value]) -> Value:
    """What stands behind the end of an array: nothing, unless it was filled with what nobody knows."""
    return UNKNOWN if items and isinstance(items[-1], Unknown) else None
