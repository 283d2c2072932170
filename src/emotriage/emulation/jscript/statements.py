"""Statements of JScript made into stack code: ECMA-262 third edition, sections 12 and 14.

What is no JScript is skipped up to the next statement, so that one odd word doesn't hide all that stands behind it.
"""

from emotriage.emulation.jscript.code import Builder, Code
from emotriage.emulation.jscript.idle import idle
from emotriage.emulation.jscript.lexer import MOST, tokens
from emotriage.emulation.jscript.modern import class_statement, declarations, is_async, pattern, unpack
from emotriage.emulation.jscript.modules import export_statement, import_statement
from emotriage.emulation.jscript.parser import expression, function
from emotriage.emulation.jscript.places import end_of, jump_out, leave, place_of
from emotriage.emulation.jscript.reader import Parse, Reader, SyntaxFault
from emotriage.emulation.jscript.values import NULL
from emotriage.model.limits import RECORD, TOKEN, Budget

_DEEPEST = 2000
_READ = 200
"""Work units for a token that is passed by."""
_FAULTS = 100
_SAMPLE = 12_000
_LARGE = 128 << 10
"""Tokens that a text of more than so many characters is tried with, before all of it is read."""


def compile_text(text: str, layer: int, budget: Budget) -> tuple[Code, bool]:
    """The code of a whole text, and whether all of it was understood.

    Args:
        text: the script.
        layer: number to know the text by.
        budget: charged for every token.
    """
    if len(text) > _LARGE:
        code, faults = _compiled(Reader(text, layer, tokens(text, budget, _SAMPLE), NULL), budget)
        if faults >= _FAULTS:
            return code, False
    reader = Reader(text, layer, tokens(text, budget), NULL)
    code, faults = _compiled(reader, budget)
    code.cut = len(reader.tokens) > MOST
    return code, not faults


def complete(code: Code, budget: Budget) -> bool:
    """Read the body of a function that was left for later; true when all of it was understood."""
    later, code.later = code.later, None
    if later is None:
        return True
    reader = Reader(later.text, code.layer, tokens(later.text, budget, part=later), NULL)
    reader.out = Builder(code)
    _, faults = _compiled(reader, budget)
    code.cut = len(reader.tokens) > MOST
    return not faults


def _compiled(reader: Reader, budget: Budget) -> tuple[Code, int]:
    """The code of some tokens, and in how many places they are no JScript; after too many nothing more is read."""
    outermost = reader.out
    faults = 0
    while reader.token.kind != "end" and faults < _FAULTS:
        began = reader.at
        try:
            _drive(statement(reader), budget)
        except SyntaxFault:
            faults += 1
            reader.out, reader.loops, reader.guarded, reader.no_in = outermost, [], 0, False
            outermost.emit("abandon", None, reader.token.at)
            reader.at = max(reader.at, began + 1)
            while reader.token.kind != "end" and reader.tokens[reader.at - 1].value not in (";", "}"):
                reader.at += 1
        budget.spend(RECORD + (reader.at - began) * _READ)
        outermost.emit("statement", None, reader.token.at)
        outermost.label()
    return outermost.code, faults


def _drive(first: Parse, budget: Budget) -> None:
    """Read a construct and all that is inside of it."""
    stack = [first]
    turns = 0
    while stack:
        turns += 1
        if not turns & 63:
            budget.spend(64 * TOKEN)
        try:
            inner = next(stack[-1])
        except StopIteration:
            stack.pop()
            continue
        stack.append(inner)
        if len(stack) > _DEEPEST:
            raise SyntaxFault


def block(reader: Reader) -> Parse:
    """Statements up to the closing brace."""
    while not reader.skip("}"):
        if reader.token.kind == "end":
            return
        yield statement(reader)


def statement(reader: Reader, label: str = "") -> Parse:
    """One statement."""
    token = reader.token
    if token.kind == "sign" and token.value == "{":
        reader.take()
        place = place_of(reader, label, loop=False) if label else None
        yield block(reader)
        if place is not None:
            leave(reader, place)
    elif token.kind == "sign" and token.value == ";":
        reader.take()
    elif is_async(reader) and reader.tokens[reader.at + 1].value == "function":
        reader.at += 1
        yield statement(reader)
    elif token.kind == "name" and (read := _STATEMENTS.get(str(token.value))):
        reader.take()
        yield read(reader, label)
    elif token.kind == "name" and reader.tokens[reader.at + 1].value == ":" and _is_sign(reader, 1):
        reader.at += 2
        yield statement(reader, str(token.value))
    else:
        yield expression(reader)
        reader.out.emit("drop", None, token.at)
        end_of(reader)


def _is_sign(reader: Reader, ahead: int) -> bool:
    return reader.tokens[reader.at + ahead].kind == "sign"


def _condition(reader: Reader) -> Parse:
    reader.expect("(")
    yield expression(reader)
    reader.expect(")")


def _if(reader: Reader, _: str) -> Parse:
    out = reader.out
    yield _condition(reader)
    otherwise = out.emit("unless", None, reader.token.at)
    yield statement(reader)
    if reader.skip("else"):
        end = out.emit("jump", None, reader.token.at)
        out.land(otherwise)
        yield statement(reader)
        out.land(end)
    else:
        out.land(otherwise)


def _turns(reader: Reader, label: str, top: int, end: int) -> Parse:
    """The body of a loop, and the way back to its top, which `end` leaves."""
    out = reader.out
    place = place_of(reader, label, loop=True)
    yield statement(reader)
    out.land(*place["continue"])
    again = out.emit("again", None, reader.token.at)
    out.land(end)
    out.code.ops[again].what = (top, out.here, idle(out.code.ops, top, out.here))
    leave(reader, place)


def _while(reader: Reader, label: str) -> Parse:
    out = reader.out
    out.emit("loop", out.here, reader.token.at)
    top = out.label()
    yield _condition(reader)
    end = out.emit("unless", None, reader.token.at)
    yield _turns(reader, label, top, end)


def _do(reader: Reader, label: str) -> Parse:
    out = reader.out
    out.emit("loop", out.here, reader.token.at)
    top = out.label()
    place = place_of(reader, label, loop=True)
    yield statement(reader)
    out.land(*place["continue"])
    reader.expect("while")
    yield _condition(reader)
    end = out.emit("unless", None, reader.token.at)
    again = out.emit("again", None, reader.token.at)
    out.land(end)
    out.code.ops[again].what = (top, out.here, idle(out.code.ops, top, out.here))
    leave(reader, place)
    reader.skip(";")


def _for(reader: Reader, label: str) -> Parse:
    out = reader.out
    reader.skip("await")
    reader.expect("(")
    declares = any(reader.skip(word) for word in ("var", "let", "const"))
    if declares and reader.token.value in ("{", "["):
        here, names = reader.at, pattern(reader)
        if reader.skip("of"):
            yield from _each(reader, label, "", names)
            return
        reader.at = here
    if (declares or reader.token.kind == "name") and _is_in(reader):
        name = reader.name()
        if declares:
            out.code.variables[name] = None
        reader.take()
        yield from _each(reader, label, name)
        return
    reader.no_in = True
    if declares:
        yield declarations(reader)
    elif not reader.sees(";"):
        yield expression(reader)
        out.emit("drop", None, reader.token.at)
    reader.no_in = False
    reader.expect(";")
    out.emit("loop", out.here, reader.token.at)
    top = out.label()
    end = None
    if not reader.sees(";"):
        yield expression(reader)
        end = out.emit("unless", None, reader.token.at)
    reader.expect(";")
    body = out.emit("jump", None, reader.token.at)
    step = out.label()
    if not reader.sees(")"):
        yield expression(reader)
        out.emit("drop", None, reader.token.at)
    reader.expect(")")
    again = out.emit("again", None, reader.token.at)
    out.land(body)
    place = place_of(reader, label, loop=True)
    yield statement(reader)
    out.land(*place["continue"])
    out.emit("jump", step, reader.token.at)
    if end is not None:
        out.land(end)
    out.code.ops[again].what = (top, out.here, idle(out.code.ops, top, out.here))
    leave(reader, place)


def _is_in(reader: Reader) -> bool:
    following = reader.tokens[reader.at + 1]
    return following.kind == "name" and following.value in ("in", "of")


def _each(reader: Reader, label: str, name: str, names: list[tuple[str, str]] | None = None) -> Parse:
    """``for (name in object)``; ``of`` gives the values."""
    out = reader.out
    values = reader.tokens[reader.at - 1].value == "of"
    yield expression(reader)
    reader.expect(")")
    reader.slots += 1
    slot = reader.slots
    out.emit("keys", (slot, values), reader.token.at)
    out.emit("loop", out.here, reader.token.at)
    top = out.label()
    out.emit("key", slot, reader.token.at)
    end = out.emit("unless", None, reader.token.at)
    out.emit("next", slot, reader.token.at)
    if names is None:
        out.emit("set-get", name, reader.token.at)
        out.emit("discard", None, reader.token.at)
    else:
        unpack(reader, names, reader.token.at)
    yield _turns(reader, label, top, end)


def _switch(reader: Reader, label: str) -> Parse:
    out = reader.out
    yield _condition(reader)
    reader.slots += 1
    slot = reader.slots
    out.emit("keep", slot, reader.token.at)
    reader.expect("{")
    place = place_of(reader, label, loop=False)
    missed = out.emit("jump", None, reader.token.at)
    default: int | None = None
    while not reader.skip("}"):
        if reader.skip("case"):
            through = out.emit("jump", None, reader.token.at)
            out.land(missed)
            yield expression(reader)
            out.emit("case-is", slot, reader.token.at)
            missed = out.emit("unless", None, reader.token.at)
            out.land(through)
            reader.expect(":")
        elif reader.skip("default"):
            reader.expect(":")
            default = out.label()
        elif reader.token.kind == "end":
            raise SyntaxFault
        else:
            yield statement(reader)
    if default is None:
        out.land(missed)
    else:
        end = out.emit("jump", None, reader.token.at)
        out.land(missed)
        out.emit("jump", default, reader.token.at)
        out.land(end)
    leave(reader, place)


def _break(reader: Reader, _: str) -> Parse:
    yield from jump_out(reader, "break")


def _continue(reader: Reader, _: str) -> Parse:
    yield from jump_out(reader, "continue")


def _return(reader: Reader, _: str) -> Parse:
    token = reader.token
    if token.newline or token.kind == "end" or reader.sees(";") or reader.sees("}"):
        reader.out.emit("const", None, token.at)
    else:
        yield expression(reader)
    reader.out.emit("return", None, token.at)
    end_of(reader)


def _throw(reader: Reader, _: str) -> Parse:
    at = reader.token.at
    yield expression(reader)
    reader.out.emit("throw", None, at)
    end_of(reader)


def _var(reader: Reader, _: str) -> Parse:
    yield declarations(reader)
    end_of(reader)


def _function(reader: Reader, _: str) -> Parse:
    yield function(reader, reader.tokens[reader.at - 1].at, declared=True)


def _try(reader: Reader, _: str) -> Parse:
    out = reader.out
    guard = out.emit("guard", None, reader.token.at)
    reader.guarded += 1
    reader.expect("{")
    yield block(reader)
    reader.guarded -= 1
    if reader.skip("catch"):
        end = out.emit("guarded", None, reader.token.at)
        out.land(guard)
        if reader.skip("("):
            if reader.token.value in ("{", "["):
                unpack(reader, pattern(reader), reader.token.at)
            else:
                out.emit("caught", reader.name(), reader.token.at)
            reader.expect(")")
        else:
            out.emit("discard", None, reader.token.at)
        reader.expect("{")
        yield block(reader)
        out.land(end)
    else:
        out.emit("unguard", None, reader.token.at)
        over = out.emit("jump", None, reader.token.at)
        out.land(guard)
        out.emit("discard", None, reader.token.at)
        out.land(over)
    if reader.skip("finally"):
        reader.expect("{")
        yield block(reader)


def _with(reader: Reader, _: str) -> Parse:
    yield _condition(reader)
    reader.out.emit("with", None, reader.token.at)
    yield statement(reader)
    reader.out.emit("without", None, reader.token.at)


_STATEMENTS = {
    "if": _if,
    "while": _while,
    "do": _do,
    "for": _for,
    "switch": _switch,
    "break": _break,
    "continue": _continue,
    "return": _return,
    "throw": _throw,
    "var": _var,
    "let": _var,
    "const": _var,
    "class": class_statement,
    "import": import_statement,
    "export": export_statement,
    "function": _function,
    "try": _try,
    "with": _with,
}
