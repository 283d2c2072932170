"""Declarations of VBA, compiled: procedures, variables, arrays, constants, types, enumerations ([MS-VBAL] 5.2, 5.3)."""

from emotriage.emulation.vba.builder import Builder
from emotriage.emulation.vba.lexer import Token
from emotriage.emulation.vba.statements import until
from emotriage.emulation.vba.values import MISSING
from emotriage.emulation.vba.vocabulary import words

DECLARING = words("dim static public private global redim const")
"""Words that a declaration begins with."""
_BEFORE_NAME = DECLARING | {"withevents", "preserve", "shared"}
_DIMENSIONS = 8


def take(to: Builder, tokens: list[Token]) -> bool:
    """True for what belongs to the declaration of a type or an enumeration, which is compiled here."""
    first = tokens[0].text
    if to.listing:
        if first == "end" and len(tokens) > 1 and tokens[1].text in ("enum", "type"):
            to.listing = ""
        elif to.listing == "enum":
            _member(to, tokens)
        return True
    opening = [] if to.code.name else [one.text for one in tokens[:2]]
    kind = next((one for one in opening if one in ("enum", "type")), "")
    if kind and len(tokens) > 1 and (first == kind or first in ("public", "private")) and tokens[-1].text != "=":
        if any(one.text in ("=", "(", ".") for one in tokens[:3]):
            return False
        to.listing = kind
        to.emit("push", value=-1)
        to.emit("constant", "\0enum")
        return True
    return False


def _member(to: Builder, tokens: list[Token]) -> None:
    """One member of an enumeration: what is said, or one more than the last."""
    if len(tokens) > 2 and tokens[1].text == "=":
        to.expression(tokens, 2)
    else:
        to.emit("name", "\0enum")
        to.emit("push", value=1)
        to.emit("binary", "+")
    to.emit("constant", tokens[0].text, at=tokens[0].at)
    to.emit("name", tokens[0].text)
    to.emit("constant", "\0enum")


def declare(to: Builder, tokens: list[Token]) -> None:
    """Constants, objects and arrays; other declarations say nothing that matters here."""
    opening = {one.text for one in tokens[:4] if one.kind == "name"}
    if opening & {"sub", "function", "property"}:
        if "declare" not in opening:
            head(to, tokens)
        return
    if opening & {"declare", "event"}:
        return
    kept = tokens[0].text == "static"
    index = 1
    while index < len(tokens):
        stop = until(tokens, index, ",")
        while index < stop and tokens[index].text in _BEFORE_NAME:
            index += 1
        if index < stop and tokens[index].kind == "name":
            _variable(to, tokens, index, stop, keep="preserve" in opening, static=kept)
        index = stop + 1


def _variable(to: Builder, tokens: list[Token], index: int, stop: int, *, keep: bool, static: bool) -> None:
    name = tokens[index]
    equals = until(tokens, index, "=", stop)
    kind = next((one.text for one in tokens[until(tokens, index, "as", stop) + 1 : stop]), "")
    if equals < stop:
        to.expression(tokens, equals + 1, stop)
        to.emit("constant", name.text, at=name.at)
    elif until(tokens, index, "new", stop) < stop - 1:
        to.emit("new", tokens[stop - 1].text, at=name.at)
        to.emit("store", name.text, at=name.at)
    elif index + 1 < stop and tokens[index + 1].text == "(":
        count = _bounds(to, tokens, index + 2, stop)
        to.emit("array", name.text, count, name.at, number=int(keep), names=(kind,))
    elif index + 1 < stop and tokens[index + 1].text == ".":  # ReDim object.member(...)
        return
    else:
        to.emit("static" if static else "local", name.text, at=name.at, names=(kind,))


def _bounds(to: Builder, tokens: list[Token], index: int, stop: int) -> int:
    """Leave the lower and upper bound of each dimension on the stack; how many dimensions there are."""
    end = min(until(tokens, index, ")", stop), stop)
    count = 0
    while index < end and count < _DIMENSIONS:
        comma = min(until(tokens, index, ",", end), end)
        middle = until(tokens, index, "to", comma)
        if middle < comma:
            to.expression(tokens, index, middle)
            to.expression(tokens, middle + 1, comma)
        else:
            to.emit("push", value=MISSING)
            to.expression(tokens, index, comma)
        count += 1
        index = comma + 1
    return count


def erase(to: Builder, tokens: list[Token]) -> None:
    """``Erase`` empties arrays."""
    for one in tokens[1:]:
        if one.kind == "name":
            to.emit("array", one.text, 0, one.at)


def head(to: Builder, tokens: list[Token]) -> None:
    """The declaration of the procedure itself."""
    index = next((i for i, one in enumerate(tokens) if one.text in ("sub", "function", "property")), 0) + 1
    if index + 1 < len(tokens) and tokens[index].text in ("get", "let", "set") and tokens[index + 1].kind == "name":
        index += 1
    if index >= len(tokens) or to.code.name:
        return
    to.code.name = tokens[index].text
    names: list[str] = []
    copied: set[str] = set()
    index += 2
    while index < len(tokens) and tokens[index].text != ")":
        stop = until(tokens, index, ",")
        said = [one.text for one in tokens[index:stop] if one.kind == "name"]
        marks = {"byval", "byref", "optional", "paramarray"}
        name = next((one for one in said if one not in marks), "")
        if name:
            names.append(name)
        if "byval" in said:
            copied.add(name)
        if "paramarray" in said:
            to.code.rest = name
        equals = until(tokens, index, "=", stop)
        if name and equals < stop:
            to.expression(tokens, equals + 1, stop)
            to.emit("default", name)
        index = stop + 1
    to.code.parameters = tuple(names)
    to.code.copied = frozenset(copied)
