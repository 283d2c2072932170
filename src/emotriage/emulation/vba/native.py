"""What functions of dynamic libraries would do with their arguments: start, fetch, put code into memory."""

from collections.abc import Iterator

from emotriage.emulation.vba.values import UNKNOWN, Array, Unknown, Value, text_of

_MEMORY = frozenset({"rtlmovememory", "rtlcopymemory", "copymemory", "movememory", "memcpy", "writeprocessmemory",
                     "ntwritevirtualmemory", "zwwritevirtualmemory", "writeprocessmemoryptr"})  # fmt: skip
_FETCH = {
    "urldownloadtofile": (1, 2),
    "urldownloadtocachefile": (1, 2),
    "urlopenblockingstream": (1, 2),
    "internetopenurl": (1, 2),
    "internetconnect": (1, 2),
    "winhttpconnect": (1, 2),
    "ftpgetfile": (1, 2),
}
"""Which arguments are the address and the file."""
_START = {
    "shellexecute": (2, 3),
    "shellexecuteex": (0, 1),
    "createprocess": (1, 0),
    "createprocessasuser": (2, 1),
    "winexec": (0, 1),
    "system": (0, 1),
    "popen": (0, 1),
}
"""Which arguments are the program and the rest of the command line."""


def called(symbol: str, args: list[Value]) -> Iterator[tuple[str, Value, Value]]:
    """(kind of effect, what, detail) of a call.

    Args:
        symbol: of the library, in lower case.
        args: as they are passed.
    """
    name = symbol if symbol in _FETCH or symbol in _START or symbol in _MEMORY else symbol[:-1]
    if name in _FETCH:
        what, detail = (_at(args, index) for index in _FETCH[name])
        yield "fetch", what, detail
    elif name in _START:
        program, rest = (text_of(_at(args, index)) for index in _START[name])
        if name.startswith("createprocess"):
            yield "start", program or rest, ""
        elif name == "shellexecute" and isinstance(program, str) and isinstance(rest, str) and rest:
            yield "start", f"{program} {rest}", ""
        else:
            yield "start", program, ""
    elif symbol in _MEMORY:
        yield from _memory(symbol, args)


def _memory(symbol: str, args: list[Value]) -> Iterator[tuple[str, Value, Value]]:
    """Bytes that are put somewhere: all of an array from its first element on, or one at a time."""
    source = 2 if "process" in symbol or symbol.startswith(("nt", "zw")) else 1
    size = _at(args, source + 1)
    count = size if isinstance(size, int) else 0
    for one in args:
        if isinstance(one, Array):
            cut = 0 < count < len(one.items)
            yield "memory", symbol, Array.of(one.values()[:count], octets=True) if cut else one
            return
    piece = _at(args, source)
    if type(piece) is int and -128 <= piece < 256:
        yield "memory", symbol, Array.of([piece & 0xFF], octets=True)
    elif isinstance(piece, str) and piece:
        yield "memory", symbol, piece


def _at(args: list[Value], index: int) -> Value:
    value = args[index] if index < len(args) else UNKNOWN
    return UNKNOWN if isinstance(value, Unknown) else value
