"""Expressions of JScript made into stack code: ECMA-262 third edition, section 11.

Each construct is a generator that yields the constructs inside of it; `compile_text` keeps them on a stack of its own,
so that no depth of an attacker's making reaches Python's.
"""

from collections.abc import Generator
from typing import Any

from emotriage.emulation.jscript.ahead import Later
from emotriage.emulation.jscript.code import Builder, Code, Op
from emotriage.emulation.jscript.gathered import array, object_
from emotriage.emulation.jscript.lexer import Token
from emotriage.emulation.jscript.modern import is_arrow, is_async, klass, parameters
from emotriage.emulation.jscript.reader import Parse, Reader, SyntaxFault

_BINARY = {
    "||": 1, "&&": 2, "|": 3, "^": 4, "&": 5, "==": 6, "!=": 6, "===": 6, "!==": 6, "<": 7, ">": 7, "<=": 7,
    ">=": 7, "instanceof": 7, "in": 7, "<<": 8, ">>": 8, ">>>": 8, "+": 9, "-": 9, "*": 10, "/": 10, "%": 10,
    "**": 11, "??": 1,
}  # fmt: skip
_SHORT = {"&&": "and", "||": "or", "??": "nullish"}
_ASSIGN = frozenset(
    {"**=", "&&=", "||=", "??=", "=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", ">>>="}
)
_PREFIX = frozenset({"!", "~", "-", "+", "typeof", "void", "delete", "await", "..."})
_CONSTANTS: dict[object, Any] = {"true": True, "false": False}


_OPENING = frozenset({"(", "[", "{", "!", "~", "-", "+", "++", "--", "*"})


def expression(reader: Reader) -> Parse:
    """Assignments, divided by commas."""
    yield from assignment(reader)
    while reader.skip(","):
        reader.out.emit("drop", None, reader.token.at)
        yield assignment(reader)


def assignment(reader: Reader) -> Parse:
    """A conditional expression, or an assignment to what it names."""
    if is_async(reader):
        reader.take()
    if _arrow(reader):
        yield _arrow_function(reader)
        return
    if reader.sees("yield") and _yields(reader):
        yield assignment(reader)
        return
    out = reader.out
    yield from _binary(reader, 1)
    token = reader.token
    if token.kind != "sign":
        return
    if token.value == "?":
        reader.take()
        otherwise = out.emit("unless", None, token.at)
        outside, reader.no_in = reader.no_in, False
        yield assignment(reader)
        reader.no_in = outside
        reader.expect(":")
        end = out.emit("either", None, token.at)
        out.land(otherwise)
        yield assignment(reader)
        out.land(end)
    elif token.value in _ASSIGN:
        reader.take()
        target = out.reference()
        if target is None:
            yield assignment(reader)  # to what can't be assigned to
            return
        sign = str(token.value)[:-1]
        if sign:
            if target.do != "get":
                out.emit("copy", 1 if target.do == "member" else 2, token.at)
            out.emit(target.do, target.what, target.at)
        jump = out.emit(_SHORT[sign], None, token.at) if sign in _SHORT else None
        yield assignment(reader)
        if jump is not None:
            out.emit("combine", sign, token.at)
            out.land(jump)
        elif sign:
            out.binary(sign, token.at)
        out.emit(f"set-{target.do}", target.what, target.at)


def _binary(reader: Reader, least: int) -> Parse:
    out = reader.out
    token = reader.token
    if token.kind in ("string", "number") and _ends_operand(reader.tokens[reader.at + 1]):
        reader.at += 1
        out.emit("const", token.value, token.at)
    else:
        yield from _unary(reader)
    while True:
        token = reader.token
        if token.kind not in ("sign", "name"):
            return
        sign = str(token.value)
        strength = _BINARY.get(sign, 0)
        if strength < least or (sign == "in" and reader.no_in):
            return
        reader.at += 1
        if sign in _SHORT:
            jump = out.emit(_SHORT[sign], None, token.at)
            yield from _binary(reader, strength + 1)
            out.emit("combine", sign, token.at)
            out.land(jump)
            continue
        after = reader.token
        if after.kind in ("string", "number") and _ends_term(reader.tokens[reader.at + 1], strength):
            reader.at += 1
            out.emit("const", after.value, after.at)
        else:
            yield from _binary(reader, strength + 1)
        out.binary(sign, token.at)


def _ends_operand(token: Token) -> bool:
    """True when a literal before this token is an operand as it stands."""
    return token.kind == "end" or (token.kind == "sign" and token.value not in (".", "?.", "[", "(", "++", "--"))


def _ends_term(token: Token, strength: int) -> bool:
    """True when a literal before this token is all of the right side of an operator."""
    if not _ends_operand(token) or token.kind != "sign":
        return False
    return _BINARY.get(str(token.value), 0) <= strength


def _unary(reader: Reader) -> Parse:
    out = reader.out
    token = reader.token
    word = token.value
    if token.kind in ("sign", "name") and word in _PREFIX:
        reader.take()
        yield _unary(reader)
        if word == "delete":
            target = out.reference()
            if target is not None and target.do != "get":
                out.emit(f"delete-{target.do}", target.what, token.at)
            elif target is not None:
                out.emit("const", False, token.at)
        elif word == "typeof" and out.code.ops[-1].do == "get" and out.here > out.barrier:
            out.emit("typeof-name", out.code.ops.pop().what, token.at)
        else:
            out.emit("unary", word, token.at)
        return
    if token.kind == "sign" and word in ("++", "--"):
        reader.take()
        yield _unary(reader)
        _bump(out, 1 if word == "++" else -1, token.at, before=True)
        return
    yield from postfix(reader)
    token = reader.token
    if token.kind == "sign" and token.value in ("++", "--") and not token.newline:
        reader.take()
        _bump(out, 1 if token.value == "++" else -1, token.at, before=False)


def _bump(out: Builder, step: int, at: int, *, before: bool) -> None:
    target = out.reference()
    if target is not None:
        out.emit(f"bump-{target.do}", (target.what, step, before), at)


def postfix(reader: Reader, *, calls: bool = True) -> Parse:
    """A primary with its members, items and calls; ``new`` takes none of the calls."""
    out = reader.out
    yield from _primary(reader)
    ways_out: list[int] = []  # of `a?.b`, where `a` is nothing
    while True:
        token = reader.token
        if token.kind == "string" and reader.text[token.at - 1 : token.at] == "`":
            reader.take()
            target = out.reference()
            out.emit("const", token.value, token.at)
            _call(out, target, 1, token.at)
        elif token.kind != "sign":
            break
        elif token.value == "?.":
            yield from _optional(reader, ways_out, calls=calls)
        elif token.value == ".":
            reader.take()
            name = reader.take()
            if name.kind != "name":
                raise SyntaxFault
            out.emit("member", str(name.value), name.at)
        elif token.value == "[":
            reader.take()
            outside, reader.no_in = reader.no_in, False
            yield expression(reader)
            reader.no_in = outside
            reader.expect("]")
            last = out.code.ops[-1]
            if last.do == "const" and out.here > out.barrier and isinstance(last.what, str):
                out.code.ops.pop()
                out.emit("member", last.what, token.at)
            else:
                out.emit("index", None, token.at)
        elif token.value == "(" and calls:
            reader.take()
            target = out.reference()
            count = yield from _arguments(reader)
            _call(out, target, count, token.at)
        else:
            break
    if ways_out:
        out.land(*ways_out)


def _optional(reader: Reader, ways_out: list[int], *, calls: bool) -> Parse:
    """``?.`` and the name or the arguments behind it; of an index, the bracket is read next."""
    out, at = reader.out, reader.take().at
    if reader.sees("(") and calls:
        target = _asked_for(out, ways_out, at)
        reader.take()
        count = yield from _arguments(reader)
        _call(out, target, count, at)
    else:
        ways_out.append(out.emit("maybe", None, at))
        if not reader.sees("["):
            out.emit("member", reader.name(), at)


def _asked_for(out: Builder, ways_out: list[int], at: int) -> Op | None:
    """What is called, once it was looked whether there is anything to call; as `Builder.reference` gives it."""
    target = out.reference()
    if target is None:
        ways_out.append(out.emit("maybe", None, at))
    elif target.do != "index":
        if target.do == "member":
            out.emit("copy", 1, at)
        out.emit(target.do, target.what, target.at)
        ways_out.append(out.emit("maybe-owner" if target.do == "member" else "maybe-name", None, at))
    return target


def _yields(reader: Reader) -> bool:
    """Pass over ``yield``; false where no value stands behind it."""
    after = reader.tokens[reader.at + 1]
    if after.newline or after.kind == "end" or (after.kind == "sign" and after.value not in _OPENING):
        return False
    reader.take()
    reader.skip("*")
    return True


def _call(out: Builder, target: Op | None, count: int, at: int) -> None:
    if target is None:
        out.emit("call", count, at)
    elif target.do == "get":
        out.emit("call-name", (target.what, count), at)
    elif target.do == "member":
        out.emit("invoke", (target.what, count), at)
    else:
        out.emit("invoke-index", count, at)


def _arguments(reader: Reader) -> Generator[Parse, None, int]:
    """Arguments up to the closing bracket; how many there are."""
    count = 0
    outside, reader.no_in = reader.no_in, False
    while not reader.skip(")"):
        yield assignment(reader)
        count += 1
        if not reader.skip(",") and not reader.sees(")"):
            raise SyntaxFault
    reader.no_in = outside
    return count


def _primary(reader: Reader) -> Parse:
    out = reader.out
    token = reader.take()
    word = token.value
    if token.kind in ("string", "number"):
        out.emit("const", word, token.at)
    elif token.kind in ("regex", "list"):
        out.emit(token.kind, word, token.at)
    elif token.kind == "name":
        yield from _named(reader, token)
    elif word == "(":
        outside, reader.no_in = reader.no_in, False
        yield expression(reader)
        reader.no_in = outside
        reader.expect(")")
    elif word == "[":
        yield from array(reader, token.at)
    elif word == "{":
        yield from object_(reader, token.at)
    else:
        raise SyntaxFault


def _named(reader: Reader, token: Token) -> Parse:
    out = reader.out
    word = str(token.value)
    if word in _CONSTANTS:
        out.emit("const", _CONSTANTS[word], token.at)
    elif word == "null":
        out.emit("const", reader.null, token.at)
    elif word == "this":
        out.emit("this", None, token.at)
    elif word == "function":
        yield function(reader, token.at, declared=False)
    elif word == "class":
        yield klass(reader, token.at)
    elif word == "new" and reader.skip("."):
        reader.take()
        out.emit("const", None, token.at)
    elif word == "new":
        yield postfix(reader, calls=False)
        count = 0
        if reader.skip("("):
            count = yield from _arguments(reader)
        out.emit("new", count, token.at)
    elif word in _KEYWORDS:
        raise SyntaxFault
    else:
        out.emit("get", word, token.at)


_KEYWORDS = frozenset(
    {"if", "else", "for", "while", "do", "switch", "case", "default", "try", "catch", "finally", "return", "break",
     "continue", "throw", "var", "in", "instanceof", "with"}
)  # fmt: skip


def function(reader: Reader, at: int, *, declared: bool) -> Parse:
    """A function from its name on: a value, or a declaration of the function around."""
    from emotriage.emulation.jscript.statements import block  # statements hold expressions, and these hold functions

    outer = reader.out, reader.loops, reader.guarded, reader.no_in
    reader.skip("*")
    name = str(reader.take().value) if reader.token.kind == "name" else ""
    while reader.skip("."):  # function a.b() is JScript's own
        name += f".{reader.name()}"
    reader.expect("(")
    code = Code(name, tuple(parameters(reader)), reader.layer)
    reader.out, reader.loops, reader.guarded, reader.no_in = Builder(code), [], 0, False
    reader.expect("{")
    if reader.token.kind == "body":
        code.later = _body(reader)
    else:
        yield block(reader)
    code.source = reader.text[at : reader.tokens[reader.at - 1].at + 1]
    reader.out, reader.loops, reader.guarded, reader.no_in = outer
    if declared or name:  # in JScript, the name of a function that is a value is declared around it as well
        reader.out.code.functions.setdefault(name, code)
    if declared:
        reader.out.code.functions[name] = code
    else:
        reader.out.emit("function", code, at)


def _body(reader: Reader) -> Later | None:
    """The body of a function that is read when it is called, and its closing brace."""
    later = reader.take().value
    reader.expect("}")
    return later if isinstance(later, Later) else None


def _arrow(reader: Reader) -> bool:
    """True where an arrow function begins."""
    token = reader.token
    if token.kind == "name":
        return reader.tokens[reader.at + 1].value == "=>" and reader.tokens[reader.at + 1].kind == "sign"
    return token.kind == "sign" and token.value == "(" and is_arrow(reader)


def _arrow_function(reader: Reader) -> Parse:
    from emotriage.emulation.jscript.statements import block

    start = reader.token.at
    names = parameters(reader) if reader.skip("(") else [reader.name()]
    reader.expect("=>")
    code = Code("", tuple(names), reader.layer)
    outer = reader.out, reader.loops, reader.guarded, reader.no_in
    reader.out, reader.loops, reader.guarded, reader.no_in = Builder(code), [], 0, False
    if reader.skip("{"):
        if reader.token.kind == "body":
            code.later = _body(reader)
        else:
            yield block(reader)
    else:
        yield assignment(reader)
        reader.out.emit("return", None, start)
    code.source = reader.text[start : reader.tokens[reader.at - 1].at + 1]
    reader.out, reader.loops, reader.guarded, reader.no_in = outer
    reader.out.emit("function", code, start)
