"""Code of one VBA procedure while it is put together: instructions, jumps, and the blocks that are open."""

from dataclasses import dataclass, field

from emotriage.emulation.vba.expression import Op, compile_expression
from emotriage.emulation.vba.lexer import Token
from emotriage.emulation.vba.values import Missing, Value

_OPEN = 64
"""Blocks open at a time; deeper ones are run as if they stood side by side."""


@dataclass(slots=True)
class Block:
    """A block that is open.

    Attributes:
        kind: ``if`` of one line, ``block-if``, ``select``, ``for``, ``each``, ``do``, ``while``, ``with``.
        number: of the block in its procedure, from 1.
        top: where a loop begins again.
        ends: jumps that lead behind the block.
        otherwise: the jump that leads to its next arm, or -1.
        loop: variable of a ``For``.
    """

    kind: str
    number: int
    top: int = 0
    ends: list[int] = field(default_factory=list)
    otherwise: int = -1
    loop: str = ""


@dataclass(slots=True)
class Code:
    """The code of one procedure.

    Attributes:
        ops: instructions.
        parameters: names, in order.
        labels: where each label stands.
        name: of the procedure, in lower case: a function's value.
        copied: parameters that are passed ``ByVal``.
        rest: the parameter that takes all further arguments.
        kept: variables that are ``Static``.
        counted: variables that a loop counts with, by its number; None where it does more than count.
    """

    ops: list[Op] = field(default_factory=list)
    parameters: tuple[str, ...] = ()
    labels: dict[str, int] = field(default_factory=dict)
    name: str = ""
    copied: frozenset[str] = frozenset()
    rest: str = ""
    kept: set[str] = field(default_factory=set)
    counted: dict[int, frozenset[str] | None] = field(default_factory=dict)


class Builder:
    """Puts a procedure together.

    Attributes:
        code: what is there so far.
        blocks: open ones, innermost last.
        listing: ``enum`` or ``type`` while the members of one are declared.
    """

    def __init__(self) -> None:
        self.code = Code()
        self.blocks: list[Block] = []
        self.listing = ""
        self._count = 0

    @property
    def here(self) -> int:
        """Index of the next instruction."""
        return len(self.code.ops)

    def emit(
        self,
        do: str,
        what: str = "",
        operand: int = 0,
        at: int = 0,
        *,
        number: int = 0,
        value: Value | Missing = None,
        within: tuple[int, ...] = (),
        names: tuple[str, ...] = (),
    ) -> int:
        """Append an instruction; its index."""
        self.code.ops.append(Op(do, what, operand, at, number, value, within, names))
        return self.here - 1

    def aim(self, index: int) -> None:
        """Let a jump lead here."""
        self.code.ops[index] = self.code.ops[index]._replace(operand=self.here)

    def expression(self, tokens: list[Token], start: int, stop: int | None = None) -> int:
        """Compile an expression; the index behind it."""
        return compile_expression(tokens, start, len(tokens) if stop is None else stop, self.code.ops)

    def open(self, kind: str, top: int = 0) -> Block:
        """Begin a block."""
        self._count += 1
        block = Block(kind, self._count, top)
        if len(self.blocks) < _OPEN:
            self.blocks.append(block)
        return block

    def inside(self, *kinds: str) -> Block | None:
        """The innermost open block of one of these kinds."""
        return next((one for one in reversed(self.blocks) if one.kind in kinds), None)

    def close_above(self, block: Block) -> None:
        """End what was left open inside of a block."""
        while self.blocks[-1] is not block:
            self.close()

    def close(self) -> None:
        """End the innermost block."""
        block = self.blocks.pop()
        if block.otherwise >= 0:
            self.aim(block.otherwise)
        if block.kind in ("do", "while", "each"):
            self.emit("jump", operand=block.top)
        elif block.kind == "for":
            self.emit("step", block.loop, block.top, number=block.number)
        elif block.kind == "with":
            self.emit("end-with")
        for index in block.ends:
            self.aim(index)

    def close_until(self, *kinds: str) -> None:
        """End the innermost block of one of these kinds, with what was left open in it; nothing if there is none."""
        if (block := self.inside(*kinds)) is not None:
            self.close_above(block)
            self.close()
