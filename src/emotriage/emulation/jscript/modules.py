"""Modules of JScript's later editions: ECMA-262, section 16.2, ``import`` and ``export``."""

from emotriage.emulation.jscript.places import end_of
from emotriage.emulation.jscript.reader import Parse, Reader
from emotriage.emulation.vba.values import UNKNOWN


def import_statement(reader: Reader, _: str) -> Parse:
    """Names from another module, of which nothing is known; or ``import(...)``, a call."""
    from emotriage.emulation.jscript.parser import expression  # statements hold expressions, and these hold statements

    out, at = reader.out, reader.token.at
    if reader.sees("(") or reader.sees("."):
        reader.at -= 1
        yield expression(reader)
        out.emit("drop", None, at)
    else:
        while reader.token.kind in ("name", "sign") and not reader.sees(";"):
            token = reader.take()
            if token.kind == "name" and token.value not in ("as", "from"):
                out.code.variables[str(token.value)] = None
                out.emit("const", UNKNOWN, at)
                out.emit("set-get", str(token.value), at)
                out.emit("discard", None, at)
        if reader.token.kind == "string":
            reader.take()
    end_of(reader)


def export_statement(reader: Reader, _: str) -> Parse:
    """What other modules may have: a declaration, a value, or a list of names."""
    from emotriage.emulation.jscript.parser import expression
    from emotriage.emulation.jscript.statements import statement

    if reader.skip("default"):
        yield expression(reader)
        reader.out.emit("drop", None, reader.token.at)
        reader.skip(";")
        return
    if reader.sees("{") or reader.sees("*"):
        while reader.token.kind in ("name", "sign") and not reader.sees(";"):
            if reader.take().value == "}" and not reader.sees("from"):
                break
        if reader.token.kind == "string":
            reader.take()
    else:
        yield statement(reader)
        return
    end_of(reader)
