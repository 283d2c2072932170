"""Instructions of the VBA machine that make variables, arrays and files."""

from collections.abc import Callable

from emotriage.emulation.vba.expression import Op
from emotriage.emulation.vba.frame import Frame
from emotriage.emulation.vba.running import Running
from emotriage.emulation.vba.values import UNKNOWN, Array, Thing, Unknown, size_of, text_of, whole

_PLAIN = frozenset(
    {
        "", "string", "integer", "long", "longlong", "longptr", "byte", "boolean", "single", "double", "currency",
        "decimal", "date", "variant", "object", "any",
    }
)  # fmt: skip
_ELEMENTS = 1 << 20


def _local(to: Running, frame: Frame, op: Op) -> None:
    """``Dim name``: Empty, and the procedure's own; of a type of the project, a record."""
    kind = op.names[0] if op.names else ""
    if op.do == "static":
        frame.code.kept.add(op.what)
    if op.what in frame.variables:
        return
    known = kind in _PLAIN or to.linkage.module(kind) is not None or "." in kind
    frame.variables[op.what] = None if known or not to.linkage.is_record(kind) else Thing("record")


def _array(to: Running, frame: Frame, op: Op) -> None:
    """``Dim name(...)``, ``ReDim`` and ``Erase``; `number` is set where the values are kept."""
    bounds = [whole(frame.pop()) for _ in range(2 * op.operand)]
    home = to.linkage.where(op.what, frame)
    home = frame.variables if home is None else home
    old = home.get(op.what)
    octets = "byte" in op.names or (isinstance(old, Array) and old.octets)
    lower, upper = (bounds[-1], bounds[-2]) if bounds else (0, -1)
    lower = 0 if isinstance(lower, Unknown) else lower
    upper = -1 if isinstance(upper, Unknown) else min(upper, lower + _ELEMENTS)
    if op.number and isinstance(old, Array):
        old.upper = upper if upper >= old.upper else old.upper if len(old.items) > _ELEMENTS else upper
        if upper < len(old.items) + lower - 1 and op.operand == 1:
            home[op.what] = Array({key: one for key, one in old.items.items() if key[0] <= upper}, lower, upper, octets)
    else:
        home[op.what] = Array(base=lower, upper=upper, octets=octets)


def _open(to: Running, frame: Frame, op: Op) -> None:
    """``Open``: what is written comes later."""
    number, path = frame.pop(), frame.pop()
    if op.what in ("output", "append", "binary", "random"):
        to.linkage.files[str(text_of(number))] = path
        to.host.written(path, "", "Open", (frame.module, op.at))


def _put(to: Running, frame: Frame, op: Op) -> None:
    """``Print`` and ``Put``."""
    value, number = frame.pop(), str(text_of(frame.pop()))
    path = to.linkage.files.get(number, UNKNOWN)
    text = text_of(value)
    if op.what and isinstance(text, str) and to.linkage.begun.get(number) is not None:
        value = op.what + text
    to.linkage.begun[number] = path
    to.meter.steps += size_of(value)
    to.host.written(path, value, "Print", (frame.module, op.at))


STORAGE: dict[str, Callable[[Running, Frame, Op], None]] = {
    "local": _local,
    "static": _local,
    "array": _array,
    "open": _open,
    "put": _put,
}
"""By the word of the instruction."""
