"""VBA procedures as code for a stack machine, in one pass, whatever is left open or makes no sense ([MS-VBAL] 5)."""

from collections.abc import Callable, Iterable

from emotriage.emulation.vba import flow
from emotriage.emulation.vba.builder import Builder, Code
from emotriage.emulation.vba.expression import Op
from emotriage.emulation.vba.lexer import Token
from emotriage.emulation.vba.statements import Statement, chain, statements, until
from emotriage.emulation.vba.vocabulary import words

_IGNORED = words("""
    attribute option deftype declare implements event enum type debug reset beep lset rset erase resume on raiseevent
    friend rem stop seek lock unlock width name defint deflng defstr defvar defbool
""")
_DECLARING = words("dim static public private global redim const")
_STORES = {
    "name": "store",
    "call": "store-item",
    "member": "store-member",
    "invoke": "store-invoke",
}


def compile_procedure(tokens: Iterable[Token]) -> Code:
    """Compile a procedure from its declaration on, or the declarations of a module; any tokens give some code."""
    to = Builder()
    for one in statements(tokens):
        _statement(to, one)
    while to.blocks:
        to.close()
    to.emit("return")
    return to.code


def _statement(to: Builder, one: Statement) -> None:
    """Compile one statement, and close what ends with its line."""
    tokens = one.tokens
    while len(tokens) > 1 and tokens[0].kind == "number":  # a line number
        tokens = tokens[1:]
    if tokens:
        first = tokens[0]
        handler = _HANDLERS.get(first.text) if first.kind == "name" else None
        if handler is not None:
            handler(to, tokens)
        elif first.kind == "name" and first.text in _DECLARING:
            _declare(to, tokens)
        elif first.kind == "name" and len(tokens) == 1 and not one.last:
            _label(to, first)
        elif first.kind != "name" or first.text not in _IGNORED:
            _plain(to, tokens)
    if one.last:
        if not tokens or tokens[-1].text == "then":
            _widen(to)
        while to.blocks and to.blocks[-1].kind == "if":
            to.close()


def _widen(to: Builder) -> None:
    """Nothing stands behind ``Then`` in its line: the block goes on to ``End If``."""
    if to.blocks and to.blocks[-1].kind == "if" and to.code.ops[-1].do == "unless":
        to.blocks[-1].kind = "block-if"


def _label(to: Builder, token: Token) -> None:
    """``name:`` is a label; to whoever meant a call, running on is nearly as good."""
    to.code.labels[token.text] = to.here
    to.emit("name", token.text, at=token.at)
    to.emit("drop", at=token.at)


def _plain(to: Builder, tokens: list[Token]) -> None:
    """An assignment, or the call of a procedure."""
    start = 1 if tokens[0].text in ("call", "let", "set") and len(tokens) > 1 else 0
    end, group = chain(tokens, start)
    at = tokens[start].at
    if end < len(tokens) and tokens[end].text == "=" and tokens[end].kind == "operator":
        _assign(to, tokens, start, end)
        return
    if end == start:
        to.expression(tokens, start)
    elif end >= len(tokens):
        to.expression(tokens, start, end)
    else:  # arguments without parentheses; what looked like some may be the first of them
        if group and tokens[end].kind == "operator":
            end = group
        to.expression(tokens, start, end)
        _arguments(to, tokens, end, at)
    to.emit("drop", at=at)


def _arguments(to: Builder, tokens: list[Token], start: int, at: int) -> None:
    """Turn what was compiled last into a call with the arguments that follow it."""
    target = to.code.ops.pop()
    count, index = 0, start - 1
    while count == 0 or (index < len(tokens) and tokens[index].text == ","):
        index = to.expression(tokens, index + 1)
        count += 1
    do = {"name": "call", "member": "invoke"}.get(target.do)
    if do is None:
        to.code.ops.append(target)
    to.emit(do or "index", target.what, count, at)


def _assign(to: Builder, tokens: list[Token], start: int, equals: int) -> None:
    """``target = value``."""
    before = to.here
    to.expression(tokens, start, equals)
    target = to.code.ops.pop() if to.here > before else Op("name")
    to.expression(tokens, equals + 1)
    to.emit(_STORES.get(target.do, "drop"), target.what, target.operand, tokens[start].at)


def _declare(to: Builder, tokens: list[Token]) -> None:
    """Constants, objects and arrays; other declarations say nothing that matters here."""
    opening = {one.text for one in tokens[:4] if one.kind == "name"}
    if opening & {"sub", "function", "property"}:
        if "declare" not in opening:
            _head(to, tokens)
        return
    if opening & {"declare", "enum", "type", "event"}:
        return
    index = 1
    while index < len(tokens):
        stop = until(tokens, index, ",")
        while index < stop and tokens[index].text in _DECLARING | {"withevents", "preserve"}:
            index += 1
        if index < stop and tokens[index].kind == "name":
            _variable(to, tokens, index, stop, keep="preserve" in opening)
        index = stop + 1


def _variable(to: Builder, tokens: list[Token], index: int, stop: int, *, keep: bool) -> None:
    name = tokens[index]
    equals = until(tokens, index, "=", stop)
    if equals < stop:
        to.expression(tokens, equals + 1, stop)
        to.emit("constant", name.text, at=name.at)
    elif until(tokens, index, "new", stop) < stop - 1:
        to.emit("new", tokens[stop - 1].text, at=name.at)
        to.emit("store", name.text, at=name.at)
    elif index + 1 < stop and tokens[index + 1].text == "(":
        to.emit("array", name.text, int(keep), name.at)
    else:
        to.emit("local", name.text, at=name.at)


def _head(to: Builder, tokens: list[Token]) -> None:
    """The declaration of the procedure itself."""
    index = next((i for i, one in enumerate(tokens) if one.text in ("sub", "function", "property")), 0) + 1
    if index + 1 < len(tokens) and tokens[index].text in ("get", "let", "set") and tokens[index + 1].kind == "name":
        index += 1
    if index >= len(tokens) or to.code.name:
        return
    to.code.name = tokens[index].text
    names = []
    index += 2
    while index < len(tokens) and tokens[index].text != ")":
        stop = until(tokens, index, ",")
        named = [one.text for one in tokens[index:stop] if one.kind == "name"]
        names += [one for one in named if one not in ("byval", "byref", "optional", "paramarray")][:1]
        index = stop + 1
    to.code.parameters = tuple(names)


def _with(to: Builder, tokens: list[Token]) -> None:
    """``With``."""
    to.expression(tokens, 1)
    to.emit("begin-with", at=tokens[0].at)
    to.open("with")


def _end(to: Builder, tokens: list[Token]) -> None:
    """``End If``, ``End With``, ``End Select``."""
    kinds = {"if": ("block-if", "if"), "with": ("with",), "select": ("select",)}
    if len(tokens) > 1 and tokens[1].text in kinds:
        to.close_until(*kinds[tokens[1].text])


def _open(to: Builder, tokens: list[Token]) -> None:
    """``Open name For mode As #number``."""
    stop = until(tokens, 1, "for")
    to.expression(tokens, 1, stop)
    to.expression(tokens, until(tokens, stop, "as") + 1)
    to.emit("open", tokens[stop + 1].text if stop + 1 < len(tokens) else "", at=tokens[0].at)


def _put(to: Builder, tokens: list[Token]) -> None:
    """``Print #number, value`` and the like."""
    if len(tokens) < 3 or tokens[1].text != "#":
        _plain(to, tokens)
        return
    stop = until(tokens, 1, ",")
    to.expression(tokens, 2, stop)
    while (index := until(tokens, stop + 1, ",")) < len(tokens):
        stop = index
    to.expression(tokens, stop + 1)
    to.emit("put", at=tokens[0].at)


_HANDLERS: dict[str, Callable[[Builder, list[Token]], None]] = {
    "if": flow.condition,
    "elseif": flow.otherwise,
    "else": flow.otherwise,
    "for": flow.count,
    "next": flow.advance,
    "do": flow.loop,
    "while": flow.loop,
    "loop": flow.repeat,
    "wend": flow.repeat,
    "select": flow.select,
    "case": flow.case,
    "exit": flow.leave,
    "goto": flow.jump,
    "gosub": flow.jump,
    "with": _with,
    "end": _end,
    "open": _open,
    "print": _put,
    "write": _put,
    "put": _put,
    "sub": _head,
    "function": _head,
    "property": _head,
}
