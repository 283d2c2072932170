"""Dates of JScript: only what the script itself sets is known, since no clock is looked at (ECMA-262 section 15.9)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from emotriage.emulation.jscript.texts import whole
from emotriage.emulation.jscript.values import Obj, Value
from emotriage.emulation.vba.values import UNKNOWN

Machine = Any
Native = Callable[[Machine, Value, list[Value]], Any]
_FIELDS = ("FullYear", "Month", "Date", "Hours", "Minutes", "Seconds", "Milliseconds")
_SET_TOGETHER = {"FullYear": 3, "Month": 2, "Date": 1, "Hours": 4, "Minutes": 3, "Seconds": 2, "Milliseconds": 1}


def made(machine: Machine, _: Value, args: list[Value]) -> Value:
    """``new Date(...)``: its fields as far as they are given."""
    one = Obj("date", machine.protos["date"], {})
    if len(args) > 1:
        one.data.update({name: whole(args, index) for index, name in enumerate(_FIELDS[: len(args)])})
    elif args and isinstance(args[0], int | float):
        _set_time(machine, one, args)
    return one


def _set_time(_: Machine, this: Value, args: list[Value]) -> Value:
    stamp = whole(args, 0)
    if isinstance(this, Obj) and this.kind == "date" and abs(stamp) < 10**14:
        when = datetime.fromtimestamp(stamp // 1000, UTC) if stamp >= 0 else datetime(1970, 1, 1, tzinfo=UTC)
        fields = (when.year, when.month - 1, when.day, when.hour, when.minute, when.second, stamp % 1000)
        this.data.update(zip(_FIELDS, fields, strict=True))
        this.data["time"] = stamp
    return stamp


def _getter(name: str) -> Native:
    def get(machine: Machine, this: Value, _: list[Value]) -> Value:
        if isinstance(this, Obj) and this.kind == "date" and name in this.data:
            return this.data[name]
        machine.doubts += 1
        return UNKNOWN

    return get


def _setter(name: str) -> Native:
    first = _FIELDS.index(name)

    def put(_: Machine, this: Value, args: list[Value]) -> Value:
        if isinstance(this, Obj) and this.kind == "date":
            this.data.pop("time", None)
            for index, field in enumerate(_FIELDS[first : first + _SET_TOGETHER[name]]):
                if index < len(args):
                    this.data[field] = whole(args, index)
        return UNKNOWN

    return put


METHODS: dict[str, Native] = {
    "getTime": _getter("time"),
    "valueOf": _getter("time"),
    "setTime": _set_time,
    **{f"get{zone}{name}": _getter(name) for name in _FIELDS for zone in ("", "UTC")},
    **{f"set{zone}{name}": _setter(name) for name in _FIELDS for zone in ("", "UTC")},
    **{
        name: _getter("")
        for name in (
            "getDay", "getUTCDay", "getYear", "getTimezoneOffset", "toString", "toGMTString", "toUTCString",
            "toLocaleString", "toDateString", "toTimeString", "getVarDate",
        )
    },
}  # fmt: skip
"""Methods of dates, by name."""
