"""Binary data of a browser's scripts: buffers, typed arrays, blobs and what turns texts into them.

ECMA-262, sections 23.2 and 25; W3C File API; WHATWG Encoding. A buffer is an array of numbers that its views share.
"""

import base64
import math
from collections.abc import Callable, Generator
from typing import Any

from emotriage.emulation.jscript.values import LONGEST, Obj, Value, number_of, text_of
from emotriage.emulation.vba.values import UNKNOWN, Thing, Unknown

Machine = Any
Native = Callable[[Machine, Value, list[Value]], Any]
CONTENT = "\0content"
"""Field of a blob that holds its bytes, a character each; UNKNOWN where they are not known."""
_WIDTHS = {
    "Uint8Array": 1, "Int8Array": 1, "Uint8ClampedArray": 1, "Uint16Array": 2, "Int16Array": 2, "Uint32Array": 4,
    "Int32Array": 4,
}  # fmt: skip
_VIEW = "\0width"


def furnish(machine: Machine) -> None:
    """Put buffers, typed arrays and blobs into the global object."""
    globe = machine.globe.props
    proto = machine.protos["octets"] = Obj("object", machine.protos["array"])
    for name, method in _METHODS.items():
        proto.props[name] = machine.native(name, method)
    for name, does in (*_MADE.items(), *((name, _typed(width)) for name, width in _WIDTHS.items())):
        one = globe[name] = machine.native(name, does)
        one.props["construct"] = machine.native(name, does)
        one.props["prototype"] = proto
    for name in _WIDTHS:
        globe[name].props |= {"from": machine.native("from", _from), "of": machine.native("of", _of)}
    globe["btoa"] = machine.native("btoa", _btoa)


def octets_of(machine: Machine, value: Value) -> str | None:
    """The bytes that a value is as a part of a blob, a character each; None where they can't be known."""
    if isinstance(value, Thing):
        held = value.fields.get(CONTENT)
        return held if isinstance(held, str) else None
    if isinstance(value, Obj) and value.kind == "array":
        machine.spend(4 * len(value.items))
        width = value.props.get(_VIEW, 1)
        try:
            if width == 1:
                return bytes([one & 0xFF for one in value.items]).decode("latin-1")
            full = (1 << 8 * width) - 1
            return b"".join((one & full).to_bytes(width, "little") for one in value.items).decode("latin-1")
        except TypeError:
            return _loose(value.items)
    if isinstance(value, Unknown):
        return None
    text = text_of(value)
    machine.spend(len(text))
    return text.encode("utf-8", "replace").decode("latin-1")


def _loose(items: list[Value]) -> str | None:
    """Bytes of values that are not all whole numbers; None when one of them is not known."""
    numbers = [number_of(one) for one in items]
    if any(isinstance(one, Unknown) for one in numbers):
        return None
    known = [one for one in numbers if not isinstance(one, Unknown)]
    return bytes(int(one) & 0xFF if math.isfinite(one) else 0 for one in known).decode("latin-1")


def blob(machine: Machine, parts: Value, name: Value = None, options: Value = None) -> Thing:
    """``new Blob(parts, options)``, or a ``File`` with a name."""
    pieces = parts.items if isinstance(parts, Obj) and parts.kind == "array" and _VIEW not in parts.props else [parts]
    read = [octets_of(machine, one) for one in pieces]
    known = [one for one in read if one is not None]
    whole: Value = "".join(known)[:LONGEST] if len(known) == len(read) else UNKNOWN
    fields = {CONTENT: whole, "size": len(whole) if isinstance(whole, str) else UNKNOWN}
    fields["type"] = text_of(machine.member(options, "type")) if isinstance(options, Obj) else ""
    if name is not None:
        fields["name"] = text_of(name)
    return Thing("blob", fields)


def array_of(machine: Machine, text: str) -> Obj:
    """Bytes, a character each, as a ``Uint8Array``."""
    return _view(machine, machine.array([ord(one) & 0xFF for one in text]).items, 1)


def _view(machine: Machine, items: list[Value], width: int) -> Obj:
    """A view of items, which it shares with its buffer."""
    buffer = Obj("array", machine.protos["octets"])
    view = Obj("array", machine.protos["octets"])
    buffer.items = view.items = items
    buffer.props = {"byteLength": len(items) * width, _VIEW: width}
    view.props = {"byteLength": len(items) * width, "byteOffset": 0, "buffer": buffer, _VIEW: width}
    return view


def _typed(width: int) -> Native:
    def made(machine: Machine, _: Value, args: list[Value]) -> Value:
        one = args[0] if args else 0
        if isinstance(one, Obj) and one.kind == "array":
            if _VIEW in one.props and one.props[_VIEW] == width and "buffer" not in one.props:
                return _view(machine, one.items, width)
            machine.spend(len(one.items))
            return _view(machine, list(one.items), width)
        size = number_of(one)
        if isinstance(size, Unknown) or not isinstance(size, int):
            return _view(machine, [], width)
        return _view(machine, machine.array([0] * min(max(size, 0), LONGEST)).items, width)

    return made


def _from(machine: Machine, _: Value, args: list[Value]) -> Generator[Any, Any, Value]:
    """``Uint8Array.from(values, function)``."""
    one = args[0] if args else None
    values = list(one) if isinstance(one, str) else list(one.items) if isinstance(one, Obj) else []
    machine.spend(4 * len(values))
    if len(args) > 1 and isinstance(one, str) and _spells(args[1]):
        values = [ord(letter) for letter in one]
    elif len(args) > 1:
        for index, value in enumerate(values):
            values[index] = yield args[1], None, [value, index]
    if isinstance(one, str) and len(args) < 2:
        values = [int(value) if value.isdigit() else 0 for value in values]
    return _view(machine, values, 1)


def _spells(how: Value) -> bool:
    """True for ``letter => letter.charCodeAt(0)``, which is done for all letters at once."""
    if not isinstance(how, Obj) or how.kind != "function":
        return False
    code = how.data[0]
    shape = [(one.do, one.what) for one in code.ops[:4]]
    return shape[1:] == [("const", 0), ("invoke", ("charCodeAt", 1)), ("return", None)] and shape[0] == (
        "get",
        code.parameters[0] if code.parameters else "",
    )


def _of(machine: Machine, _: Value, args: list[Value]) -> Value:
    return _view(machine, list(args), 1)


def _blob(machine: Machine, _: Value, args: list[Value]) -> Value:
    return blob(machine, args[0] if args else None, None, args[1] if len(args) > 1 else None)


def _file(machine: Machine, _: Value, args: list[Value]) -> Value:
    name = text_of(args[1]) if len(args) > 1 else ""
    return blob(machine, args[0] if args else None, name, args[2] if len(args) > 2 else None)


def _data_view(machine: Machine, _: Value, args: list[Value]) -> Value:
    one = args[0] if args else None
    return _view(machine, one.items, 1) if isinstance(one, Obj) else UNKNOWN


def _btoa(machine: Machine, _: Value, args: list[Value]) -> Value:
    text = text_of(args[0]) if args else ""
    machine.spend(4 * len(text))
    return base64.b64encode(text.encode("latin-1", "replace")).decode("ascii")


def _coder(machine: Machine, _: Value, args: list[Value]) -> Value:
    made = Obj("object", machine.protos["object"])
    codec = text_of(args[0]).lower() if args else "utf-8"
    made.props["decode"] = machine.native("decode", _decode)
    made.props["encode"] = machine.native("encode", _encode)
    made.props["encoding"] = codec
    return made


def _decode(machine: Machine, this: Value, args: list[Value]) -> Value:
    held = octets_of(machine, args[0]) if args else ""
    if held is None:
        return UNKNOWN
    codec = text_of(this.props.get("encoding")) if isinstance(this, Obj) else ""
    wide = {"utf-16le": "utf-16-le", "utf-16": "utf-16-le", "utf-16be": "utf-16-be"}
    narrow = "latin-1" if codec in ("iso-8859-1", "latin1", "windows-1252", "ascii") else "utf-8"
    return held.encode("latin-1").decode(wide.get(codec, narrow), "replace")


def _encode(machine: Machine, _: Value, args: list[Value]) -> Value:
    return array_of(machine, octets_of(machine, text_of(args[0]) if args else "") or "")


def _set(machine: Machine, this: Value, args: list[Value]) -> Value:
    """``set(values, offset)``."""
    values = args[0].items if args and isinstance(args[0], Obj) else []
    start = args[1] if len(args) > 1 and isinstance(args[1], int) else 0
    machine.spend(len(values))
    if isinstance(this, Obj) and 0 <= start <= len(this.items):
        room = len(this.items) - start
        this.items[start : start + min(len(values), room)] = values[:room]
    return None


def _subarray(machine: Machine, this: Value, args: list[Value]) -> Value:
    if not isinstance(this, Obj):
        return UNKNOWN
    stops = [one if isinstance(one, int) else None for one in args[:2]] + [None, None]
    machine.spend(len(this.items))
    return _view(machine, this.items[stops[0] : stops[1]], this.props.get(_VIEW, 1))


def _set_octet(machine: Machine, this: Value, args: list[Value]) -> Value:
    if len(args) > 1 and isinstance(args[0], int):
        machine.store(this, str(args[0]), args[1])
    return None


def _get_octet(machine: Machine, this: Value, args: list[Value]) -> Value:
    return machine.read(this, args[0]) if args else UNKNOWN


_MADE: dict[str, Native] = {
    "ArrayBuffer": lambda machine, this, args: _typed(1)(machine, this, args).props["buffer"],
    "DataView": _data_view,
    "Blob": _blob,
    "File": _file,
    "TextDecoder": _coder,
    "TextEncoder": _coder,
}
_METHODS: dict[str, Native] = {
    "set": _set,
    "subarray": _subarray,
    "slice": _subarray,
    "setUint8": _set_octet,
    "setInt8": _set_octet,
    "getUint8": _get_octet,
    "getInt8": _get_octet,
}
