"""Control flow of VBA, compiled: conditions, loops, jumps ([MS-VBAL] 5.4.2).

A branch that can't be decided is not skipped: its arms are run one after the other, so an arm ends with ``arm``, which
jumps behind the block only where the block's condition was known.
"""

from emotriage.emulation.vba.builder import Block, Builder
from emotriage.emulation.vba.lexer import Token
from emotriage.emulation.vba.statements import until

_COMPARING = frozenset({"=", "<>", "<", ">", "<=", ">="})


def condition(to: Builder, tokens: list[Token]) -> None:
    """``If``: a block where nothing else stands in its line."""
    to.expression(tokens, 1, len(tokens) - (tokens[-1].text == "then"))
    block = to.open("if")
    block.otherwise = to.emit("unless", at=tokens[0].at, number=block.number)


def otherwise(to: Builder, tokens: list[Token]) -> None:
    """``ElseIf`` and ``Else``: the next arm."""
    block = to.inside("if", "block-if")
    if block is None:
        return
    to.close_above(block)
    _next_arm(to, block)
    if tokens[0].text == "elseif":
        to.expression(tokens, 1, len(tokens) - (tokens[-1].text == "then"))
        block.otherwise = to.emit("unless", at=tokens[0].at, number=block.number)
        block.kind = "block-if"


def count(to: Builder, tokens: list[Token]) -> None:
    """``For`` and ``For Each``."""
    at = tokens[0].at
    if len(tokens) > 2 and tokens[1].text == "each":
        to.expression(tokens, until(tokens, 2, "in") + 1)
        block = to.open("each")
        to.emit("iterate", at=at, number=block.number)
        block.top = to.here
        block.ends.append(to.emit("advance", tokens[2].text, at=at, number=block.number))
        return
    last = until(tokens, 1, "to")
    step = until(tokens, last, "step")
    variable = tokens[1].text if len(tokens) > 1 else ""
    to.expression(tokens, until(tokens, 1, "=") + 1, last)
    to.emit("constant", variable, at=at)  # the procedure's own, whatever else has that name
    to.expression(tokens, last + 1, step)
    if step < len(tokens):
        to.expression(tokens, step + 1)
    else:
        to.emit("push", value=1)
    block = to.open("for")
    block.loop = variable
    to.emit("range", number=block.number)
    block.top = to.here
    block.ends.append(to.emit("within", variable, at=at, number=block.number))


def advance(to: Builder, tokens: list[Token]) -> None:
    """``Next``, which may end several loops."""
    for _ in range(max(sum(1 for one in tokens if one.kind == "name") - 1, 1)):
        to.close_until("for", "each")


def loop(to: Builder, tokens: list[Token]) -> None:
    """``Do`` and ``While``."""
    first = tokens[0].text
    block = to.open(first, to.here)
    if first == "while" or len(tokens) > 1:
        to.expression(tokens, 1 if first == "while" else 2)
        _leave_unless(to, block, tokens[1].text if first == "do" else "while", tokens[0].at)


def repeat(to: Builder, tokens: list[Token]) -> None:
    """``Loop`` and ``Wend``."""
    if len(tokens) > 2 and (block := to.inside("do")) is not None:
        to.expression(tokens, 2)
        _leave_unless(to, block, tokens[1].text, tokens[0].at)
    elif (block := to.inside("do")) is not None and not any(to.code.ops[one].do == "while" for one in block.ends):
        to.emit("push", value=True)  # only ``Exit Do`` ends it
        _leave_unless(to, block, "while", tokens[0].at)
    to.close_until("do", "while")


def select(to: Builder, tokens: list[Token]) -> None:
    """``Select Case``."""
    to.expression(tokens, 2)
    to.emit("store", _hidden(to.open("select")))


def case(to: Builder, tokens: list[Token]) -> None:
    """``Case``: any of its conditions."""
    block = to.inside("select")
    if block is None:
        return
    to.close_above(block)
    if block.otherwise >= 0:
        _next_arm(to, block)
    if len(tokens) > 1 and tokens[1].text == "else":
        return
    index = 1
    while index == 1 or index < len(tokens):
        stop = until(tokens, index, ",")
        _matches(to, tokens[index:stop], _hidden(block))
        if index > 1:
            to.emit("binary", "or")
        index = stop + 1
    block.otherwise = to.emit("unless", at=tokens[0].at, number=block.number)


def leave(to: Builder, tokens: list[Token]) -> None:
    """``Exit Sub``, ``Exit For`` ...; not done where a condition that can't be known led there."""
    what = tokens[1].text if len(tokens) > 1 else ""
    block = to.inside("for", "each") if what == "for" else to.inside("do") if what == "do" else None
    conditions = tuple(one.number for one in to.blocks if one.kind in ("if", "block-if", "select"))
    index = to.emit("leave", operand=-1, within=conditions)
    if block is not None:
        block.ends.append(index)


def jump(to: Builder, tokens: list[Token]) -> None:
    """``GoTo`` and ``GoSub``."""
    if len(tokens) > 1:
        to.emit(tokens[0].text, tokens[1].text, at=tokens[0].at, number=-to.here)


def back(to: Builder, tokens: list[Token]) -> None:
    """``Return`` from a ``GoSub``."""
    to.emit("back", at=tokens[0].at)


def on_error(to: Builder, tokens: list[Token]) -> None:
    """``On Error GoTo label``; ``On value GoTo label, label``, of which the first is taken."""
    for index, one in enumerate(tokens[:-1]):
        if one.text in ("goto", "gosub") and tokens[index + 1].text != "0":
            if tokens[1].text == "error":
                to.emit("on-error", tokens[index + 1].text)
            else:
                jump(to, tokens[index:])
            return


def _matches(to: Builder, tokens: list[Token], hidden: str) -> None:
    """One condition of a ``Case``: a range, a comparison, or a value."""
    middle = until(tokens, 0, "to")
    to.emit("name", hidden)
    if middle < len(tokens):
        to.expression(tokens, 0, middle)
        to.emit("binary", ">=")
        to.emit("name", hidden)
        to.expression(tokens, middle + 1)
        to.emit("binary", "<=")
        to.emit("binary", "and")
        return
    start = 1 if tokens and tokens[0].text == "is" else 0
    compared = start < len(tokens) and tokens[start].text in _COMPARING
    to.expression(tokens, start + compared)
    to.emit("binary", tokens[start].text if compared else "=")


def _next_arm(to: Builder, block: Block) -> None:
    block.ends.append(to.emit("arm", number=block.number))
    if block.otherwise >= 0:
        to.aim(block.otherwise)
        block.otherwise = -1


def _leave_unless(to: Builder, block: Block, word: str, at: int) -> None:
    if word == "until":
        to.emit("unary", "not")
    block.ends.append(to.emit("while", at=at, number=block.number))


def _hidden(block: Block) -> str:
    """Name of the variable that keeps what a ``Select`` is about."""
    return f"\0select {block.number}"
