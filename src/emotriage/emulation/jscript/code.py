"""Stack code of JScript as it is put together: instructions, jumps, and constants that are folded on the way."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from emotriage.emulation.jscript.ahead import Later
from emotriage.emulation.jscript.values import Lazy, Value, compute, is_constant

_FOLDED = 4096
"""Longest text that is put together at once; longer ones cost steps when the code runs."""
_NESTED = 8
REST, COMPUTED = "\0...", "\0[]"
"""Keys of an object that takes the members of another, and whose value is a pair of key and value."""


@dataclass(slots=True)
class Op:
    """One instruction.

    Attributes:
        do: its name.
        what: its operand.
        at: offset in the text that it comes from.
    """

    do: str
    what: Any
    at: int


@dataclass(slots=True)
class Code:
    """A function, or a whole text, as instructions.

    Attributes:
        name: of the function, or nothing.
        parameters: their names.
        layer: number of the text that it stands in.
        source: that part of the text.
        ops: the instructions.
        variables: names that it declares.
        functions: functions that it declares, by name.
        is_text: it is a whole text, whose value is that of its last statement.
        cut: it is the beginning of a text that is too long.
        later: what is in it, as long as that has not been read.
        listed: its arguments are asked for as a list; None as long as nobody has looked.
        bulks: loops of bulk, by their first instruction.
        linked: the instructions as the machine wants them, once it has seen them.
    """

    name: str
    parameters: tuple[str, ...]
    layer: int
    source: str = ""
    ops: list[Op] = field(default_factory=list)
    variables: dict[str, None] = field(default_factory=dict)
    functions: "dict[str, Code]" = field(default_factory=dict)
    is_text: bool = False
    cut: bool = False
    bulks: dict[int, Any] = field(default_factory=dict)
    linked: "list[tuple[Callable[..., None], Any]] | None" = None
    later: Later | None = None
    listed: bool | None = None


class Builder:
    """Code that is being written.

    Attributes:
        code: what there is so far.
        barrier: instructions before this one are jumped behind, and must stay as they are.
    """

    def __init__(self, code: Code) -> None:
        self.code = code
        self.barrier = 0

    @property
    def here(self) -> int:
        """Number of the next instruction."""
        return len(self.code.ops)

    def emit(self, do: str, what: Value = None, at: int = 0) -> int:
        """Add an instruction; its number."""
        self.code.ops.append(Op(do, what, at))
        return len(self.code.ops) - 1

    def land(self, *jumps: int) -> None:
        """Let jumps that were written before lead to the next instruction."""
        self.barrier = len(self.code.ops)
        for one in jumps:
            self.code.ops[one].what = self.barrier

    def label(self) -> int:
        """Number of the next instruction, as a place to jump to."""
        self.barrier = len(self.code.ops)
        return self.barrier

    def reference(self) -> Op | None:
        """The last instruction, taken away, when it reads a variable or member that could be written or called."""
        ops = self.code.ops
        if len(ops) > self.barrier and ops[-1].do in ("get", "member", "index"):
            return ops.pop()
        return None

    def binary(self, sign: str, at: int) -> None:
        """Apply an operator, at once where both sides are constants."""
        ops = self.code.ops
        if len(ops) - self.barrier >= 2 and ops[-1].do == "const" and ops[-2].do == "const":
            value = compute(sign, ops[-2].what, ops[-1].what)
            if is_constant(value) and not (isinstance(value, str) and len(value) > _FOLDED):
                ops.pop()
                ops[-1] = Op("const", value, ops[-1].at)
                return
        self.emit("binary", sign, at)

    def gather(self, do: str, first: int, keys: list[str], at: int) -> None:
        """Make an array or object of the values since an instruction; one template where all are constants."""
        ops = self.code.ops
        parts = ops[first:]
        simple = first >= self.barrier and REST not in keys and all(one.do in ("const", "template") for one in parts)
        depth = 1 + max((one.what[2] for one in parts if one.do == "template"), default=0) if simple else 0
        if simple and len(parts) == len(keys) and depth <= _NESTED:
            del ops[first:]
            values = tuple((one.do, one.what) for one in parts)
            ready = {
                key: what if kind == "const" else Lazy(what) for key, (kind, what) in zip(keys, values, strict=True)
            }
            self.emit("template", (do, values, depth, ready if do == "object" else {}), at)
        else:
            self.emit(do, tuple(keys), at)
