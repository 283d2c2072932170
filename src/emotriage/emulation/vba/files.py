"""File statements of VBA, compiled: ``Open``, ``Print``, ``Write``, ``Put``, ``Close`` ([MS-VBAL] 5.4.5)."""

from emotriage.emulation.vba.builder import Builder
from emotriage.emulation.vba.lexer import Token
from emotriage.emulation.vba.statements import until

_ITEMS = 64


def open_file(to: Builder, tokens: list[Token]) -> None:
    """``Open name For mode As #number``."""
    stop = until(tokens, 1, "for")
    to.expression(tokens, 1, stop)
    to.expression(tokens, until(tokens, stop, "as") + 1)
    to.emit("open", tokens[stop + 1].text if stop + 1 < len(tokens) else "", at=tokens[0].at)


def close_file(to: Builder, tokens: list[Token]) -> None:
    """``Close``: what comes next under that number is another file; as an object's method it is none of ours."""
    if len(tokens) > 1 and tokens[1].text not in (".", "="):
        to.expression(tokens, 1)
        to.emit("drop", at=tokens[0].at)


def put(to: Builder, tokens: list[Token]) -> None:
    """``Print #number, value; value`` and ``Put #number, place, value``; all values become one."""
    stop = until(tokens, 1, ",")
    to.expression(tokens, 2 if tokens[1].text == "#" else 1, stop)
    if tokens[0].text == "put":
        to.expression(tokens, until(tokens, stop + 1, ",") + 1)
        to.emit("put", "", at=tokens[0].at)
        return
    count, index = 0, stop
    while index < len(tokens) and count < _ITEMS:
        if tokens[index].text not in (",", ";"):
            break
        if index + 1 < len(tokens):
            begin = index + 1
            index = to.expression(tokens, begin)
            count += 1
            if count > 1:
                to.emit("binary", "&")
            if index == begin:
                index += 1
        else:
            break
    if not count:
        to.emit("push", value="")
    to.emit("put", "\r\n" if tokens[-1].text != ";" else "", at=tokens[0].at)
