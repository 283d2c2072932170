"""What later editions of the language have: ECMA-262, sections 14.3 (patterns), 15.1 (parameters) and 15.7 (classes).

Values that a parameter has by default are left out: what is not given is undefined.
"""

from collections.abc import Generator
from typing import Any

from emotriage.emulation.jscript.code import Code
from emotriage.emulation.jscript.lexer import Token
from emotriage.emulation.jscript.reader import Parse, Reader, SyntaxFault

_OPENS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_AHEAD = 400
_NAMES = 200
_MODIFIERS = frozenset({"static", "async", "get", "set"})


class Spread:
    """Values of ``...list``, on their way into arguments or an array.

    Attributes:
        items: them.
    """

    __slots__ = ("items",)

    def __init__(self, items: list[Any]) -> None:
        self.items = items


def parameters(reader: Reader) -> list[str]:
    """Names of parameters up to the closing bracket, the one of all others with dots before it."""
    names: list[str] = []
    while not reader.skip(")"):
        rest = "..." if reader.skip("...") else ""
        token = reader.take()
        if token.kind == "end":
            raise SyntaxFault
        if token.kind == "name":
            names.append(rest + str(token.value))
        elif token.value in ("{", "["):
            names.append("")
            _pass_over(reader, 1)
        else:
            raise SyntaxFault
        if reader.skip("="):
            _pass_over(reader, 0)
        if not reader.skip(",") and not reader.sees(")"):
            raise SyntaxFault
    return names


def _pass_over(reader: Reader, depth: int) -> None:
    """Go to the end of what is open; with nothing open, to the next comma or closing bracket."""
    while reader.token.kind != "end":
        token = reader.token
        step = _OPENS.get(str(token.value), 0) if token.kind == "sign" else 0
        if not depth and (step < 0 or (token.kind == "sign" and token.value == ",")):
            return
        depth += step
        reader.take()
        if not depth and step < 0:
            return


def is_arrow(reader: Reader) -> bool:
    """True where a bracket opens the parameters of an arrow function."""
    depth = 0
    for at in range(reader.at, min(reader.at + _AHEAD, len(reader.tokens) - 1)):
        token = reader.tokens[at]
        if token.kind != "sign":
            continue
        depth += _OPENS.get(str(token.value), 0)
        if not depth:
            return reader.tokens[at + 1].value == "=>" and reader.tokens[at + 1].kind == "sign"
    return False


def is_async(reader: Reader) -> bool:
    """True where ``async`` stands before a function."""
    token, after = reader.token, reader.tokens[min(reader.at + 1, len(reader.tokens) - 1)]
    if token.kind != "name" or token.value != "async" or after.newline:
        return False
    return after.kind == "name" or (after.value == "(" and _arrow_at(reader, reader.at + 1))


def _arrow_at(reader: Reader, at: int) -> bool:
    here, reader.at = reader.at, at
    found = is_arrow(reader)
    reader.at = here
    return found


def pattern(reader: Reader) -> list[tuple[str, str]]:
    """(member, name) of each variable in ``{a, b: c}`` or ``[a, b]``; patterns inside of patterns are left out."""
    closing = "}" if reader.take().value == "{" else "]"
    found: list[tuple[str, str]] = []
    index = 0
    while not reader.skip(closing):
        if reader.skip(","):
            index += 1
            continue
        reader.skip("...")
        token = reader.take()
        if token.kind == "end" or len(found) > _NAMES:
            raise SyntaxFault
        key, name = (str(token.value) if closing == "}" else str(index)), str(token.value)
        if token.kind == "sign":
            _pass_over(reader, 1)
        elif closing == "}" and reader.skip(":"):
            inner = reader.take()
            if inner.kind == "name":
                found.append((key, str(inner.value)))
            else:
                _pass_over(reader, 1)
        else:
            found.append((key, name))
        if reader.skip("="):
            _pass_over(reader, 0)
    return found


def declarations(reader: Reader) -> Parse:
    """``name = value, ...`` behind ``var``."""
    from emotriage.emulation.jscript.parser import assignment  # expressions hold functions, and these declarations

    out = reader.out
    while True:
        token = reader.token
        if token.kind == "sign" and token.value in ("{", "["):
            yield _unpacked(reader)
            if not reader.skip(","):
                return
            continue
        name = reader.name()
        out.code.variables[name] = None
        if reader.skip("="):
            yield assignment(reader)
            out.emit("set-get", name, token.at)
            out.emit("discard", None, token.at)
        if not reader.skip(","):
            return


def _unpacked(reader: Reader) -> Parse:
    """``{a, b: c} = value``: variables from the members of a value."""
    from emotriage.emulation.jscript.parser import assignment

    at = reader.token.at
    names = pattern(reader)
    reader.expect("=")
    yield assignment(reader)
    unpack(reader, names, at)


def unpack(reader: Reader, names: list[tuple[str, str]], at: int) -> None:
    """Set variables from the members of the value on the stack, which is then gone."""
    for key, name in names:
        reader.out.code.variables[name] = None
        reader.out.emit("copy", 1, at)
        reader.out.emit("member", key, at)
        reader.out.emit("set-get", name, at)
        reader.out.emit("discard", None, at)
    reader.out.emit("discard", None, at)


def modifiers(reader: Reader) -> set[str]:
    """The words before the name of a member: ``static``, ``async``, ``get`` and ``set``; a star is passed over."""
    found: set[str] = set()
    while reader.token.kind == "name" and reader.token.value in _MODIFIERS:
        word, after = str(reader.token.value), reader.tokens[reader.at + 1]
        if after.kind == "sign" and after.value not in ("[", "*") and (word, after.value) != ("static", "{"):
            break
        found.add(word)
        reader.take()
    reader.skip("*")
    return found


def klass(reader: Reader, at: int) -> Parse:
    """A class, from its name on: its constructor is a function, its methods are members of the prototype."""
    from emotriage.emulation.jscript.parser import assignment, function, postfix  # expressions hold classes
    from emotriage.emulation.jscript.statements import block

    out = reader.out
    name = str(reader.take().value) if reader.token.kind == "name" and not reader.sees("extends") else f"\0class {at}"
    out.code.variables[name] = None
    if reader.skip("extends"):
        first = out.here
        yield postfix(reader)
        del out.code.ops[first:]
        out.label()
    reader.expect("{")
    out.emit("function", Code("", (), reader.layer), at)
    _keep(reader, name, at)
    while not reader.skip("}"):
        if reader.skip(";"):
            continue
        static = "static" in modifiers(reader)
        if static and reader.skip("{"):
            yield block(reader)
            continue
        key = yield from _key(reader)
        if key.value == "constructor" and reader.sees("("):
            out.emit("get", name, at)
            out.emit("member", "prototype", at)
            _keep(reader, "\0prototype", at)
            yield function(reader, key.at, declared=False)
            _keep(reader, name, at)
            out.emit("get", name, at)
            out.emit("get", "\0prototype", at)
            out.emit("set-member", "prototype", at)
            out.emit("discard", None, at)
            continue
        out.emit("get", name, key.at)
        if not static:
            out.emit("member", "prototype", key.at)
        if reader.sees("("):
            yield function(reader, key.at, declared=False)
        elif reader.skip("="):
            yield assignment(reader)
        else:
            out.emit("const", None, key.at)
        out.emit("set-member", str(key.value), key.at)
        out.emit("discard", None, key.at)
    out.emit("get", name, at)


def _key(reader: Reader) -> Generator[Parse, None, Token]:
    """The name of a member; of one that is calculated, the bracket before it."""
    from emotriage.emulation.jscript.parser import assignment

    key = reader.take()
    if key.kind == "sign" and key.value == "[":
        yield assignment(reader)
        reader.out.emit("discard", None, key.at)
        reader.expect("]")
    elif key.kind not in ("name", "string", "number"):
        raise SyntaxFault
    return key


def class_statement(reader: Reader, _: str) -> Parse:
    """A class that is declared."""
    yield klass(reader, reader.tokens[reader.at - 1].at)
    reader.out.emit("discard", None, reader.token.at)


def _keep(reader: Reader, name: str, at: int) -> None:
    """Store the value on the stack in a variable."""
    reader.out.code.variables[name] = None
    reader.out.emit("set-get", name, at)
    reader.out.emit("discard", None, at)
