"""Arrays and objects that are written out: ECMA-262, sections 13.2.4 and 13.2.5."""

from emotriage.emulation.jscript.code import COMPUTED, REST
from emotriage.emulation.jscript.lexer import Token
from emotriage.emulation.jscript.modern import modifiers
from emotriage.emulation.jscript.reader import Parse, Reader, SyntaxFault
from emotriage.emulation.vba.values import UNKNOWN


def array(reader: Reader, at: int) -> Parse:
    """Values up to the closing bracket."""
    from emotriage.emulation.jscript.parser import assignment  # expressions hold arrays, and these hold expressions

    out = reader.out
    first = out.here
    count = 0
    outside, reader.no_in = reader.no_in, False
    while not reader.skip("]"):
        if reader.sees(","):
            out.emit("const", None, at)
        else:
            token = reader.token
            if token.kind in ("string", "number") and reader.tokens[reader.at + 1].value in (",", "]"):
                reader.at += 1
                out.emit("const", token.value, token.at)
            else:
                yield assignment(reader)
        count += 1
        if not reader.skip(",") and not reader.sees("]"):
            raise SyntaxFault
    reader.no_in = outside
    out.gather("array", first, [""] * count, at)


def object_(reader: Reader, at: int) -> Parse:
    """Members up to the closing brace."""
    from emotriage.emulation.jscript.parser import assignment

    out = reader.out
    first = out.here
    keys: list[str] = []
    outside, reader.no_in = reader.no_in, False
    while not reader.skip("}"):
        words = modifiers(reader)
        if reader.skip("..."):
            keys.append(REST)
            yield assignment(reader)
        elif reader.skip("["):
            keys.append(COMPUTED)
            yield assignment(reader)
            reader.expect("]")
            yield _value(reader, reader.tokens[reader.at - 1], words)
            out.emit("pair", None, at)
        else:
            key = reader.take()
            if key.kind not in ("name", "string", "number"):
                raise SyntaxFault
            keys.append(str(key.value))
            yield _value(reader, key, words)
        if not reader.skip(",") and not reader.sees("}"):
            raise SyntaxFault
    reader.no_in = outside
    out.gather("object", first, keys, at)


def _value(reader: Reader, key: Token, words: set[str]) -> Parse:
    """What stands behind a key: a method, a value, or nothing, where the key names a variable."""
    from emotriage.emulation.jscript.parser import assignment, function

    out = reader.out
    if reader.sees("("):
        yield function(reader, key.at, declared=False)
        if words & {"get", "set"}:
            out.emit("discard", None, key.at)
            out.emit("const", UNKNOWN, key.at)
    elif key.kind == "name" and not reader.sees(":"):
        out.emit("get", str(key.value), key.at)
        if reader.skip("="):  # in a pattern that values are assigned to
            yield assignment(reader)
            out.emit("discard", None, key.at)
    else:
        reader.expect(":")
        yield assignment(reader)
