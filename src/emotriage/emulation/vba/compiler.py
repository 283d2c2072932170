"""VBA procedures as code for a stack machine, in one pass, whatever is left open or makes no sense ([MS-VBAL] 5)."""

from collections.abc import Callable, Iterable

from emotriage.emulation.vba import declarations, files, flow
from emotriage.emulation.vba.builder import Builder, Code
from emotriage.emulation.vba.expression import Op, variable_in
from emotriage.emulation.vba.lexer import Token
from emotriage.emulation.vba.statements import Statement, chain, statements, until
from emotriage.emulation.vba.values import LONGEST
from emotriage.emulation.vba.vocabulary import words

_IGNORED = words("""
    attribute option deftype declare implements event debug reset beep resume raiseevent friend rem stop seek lock
    unlock width defint deflng defstr defvar defbool defbyte defobj defdate mkdir rmdir chdir chdrive sendkeys
    setattr savesetting deletesetting randomize
""")
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
    while tokens and tokens[0].kind == "number":  # a line number
        to.code.labels[tokens[0].text] = to.here
        tokens = tokens[1:]
    if tokens and not declarations.take(to, tokens):
        first = tokens[0]
        handler = _HANDLERS.get(first.text) if first.kind == "name" else None
        if handler is not None:
            handler(to, tokens)
        elif first.kind == "name" and first.text in declarations.DECLARING:
            declarations.declare(to, tokens)
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
    to.emit("label", token.text)
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
    do = {"name": "call", "member": "invoke"}.get(target.do)
    if do is None:
        to.code.ops.append(target)
    names: list[str] = []
    index = start - 1
    while not names or (index < len(tokens) and tokens[index].text in (",", ";")):
        begin = to.here
        index = to.expression(tokens, index + 1)
        names.append(variable_in(to.code.ops, begin))
    to.emit(do or "index", target.what, len(names), at, names=tuple(names))


def _assign(to: Builder, tokens: list[Token], start: int, equals: int) -> None:
    """``target = value``."""
    if tokens[start].text in ("mid", "midb") and start + 2 < equals and tokens[start + 1].text == "(":
        _replace_part(to, tokens, start, equals)
        return
    before = to.here
    to.expression(tokens, start, equals)
    target = to.code.ops.pop() if to.here > before else Op("name")
    to.expression(tokens, equals + 1)
    to.emit(_STORES.get(target.do, "drop"), target.what, target.operand, tokens[start].at)


def _replace_part(to: Builder, tokens: list[Token], start: int, equals: int) -> None:
    """``Mid(variable, start, length) = value`` ([MS-VBAL] 5.4.3.5)."""
    at = until(tokens, start + 2, ",", equals)
    begin = to.expression(tokens, at + 1, equals)
    if begin < equals and tokens[begin].text == ",":
        to.expression(tokens, begin + 1, equals)
    else:
        to.emit("push", value=LONGEST)
    to.expression(tokens, equals + 1)
    to.emit("store-part", tokens[start + 2].text, at=tokens[start].at)


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


def _put(to: Builder, tokens: list[Token]) -> None:
    """``Print #`` and the like, or whatever else has that name."""
    if len(tokens) > 2 and (tokens[1].text == "#" or (tokens[0].text == "put" and tokens[1].kind == "number")):
        files.put(to, tokens)
    else:
        _plain(to, tokens)


def _call_it(to: Builder, tokens: list[Token]) -> None:
    """A statement that a function stands for: its arguments, up to a word that divides them."""
    first = tokens[0]
    end, _ = chain(tokens, 0)
    if end < len(tokens) and tokens[end].text == "=":
        _plain(to, tokens)
        return
    count, index = 0, 0
    while index < len(tokens) - 1 and (count == 0 or tokens[index].text in (",", "as")):
        index = to.expression(tokens, index + 1)
        count += 1
    to.emit("call", f"\0{first.text}", count, first.at)
    to.emit("drop")


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
    "return": flow.back,
    "on": flow.on_error,
    "with": _with,
    "end": _end,
    "open": files.open_file,
    "close": files.close_file,
    "print": _put,
    "write": _put,
    "put": _put,
    "kill": _call_it,
    "filecopy": _call_it,
    "name": _call_it,
    "load": _call_it,
    "erase": declarations.erase,
    "sub": declarations.head,
    "function": declarations.head,
    "property": declarations.head,
}
