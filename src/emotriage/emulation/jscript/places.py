"""Where statements of JScript end, and places that ``break`` and ``continue`` lead to."""

from typing import Any

from emotriage.emulation.jscript.reader import Parse, Reader, SyntaxFault


def place_of(reader: Reader, label: str, *, loop: bool) -> dict[str, Any]:
    """A place that ``break`` and ``continue`` can lead to."""
    place = {"label": label, "loop": loop, "break": [], "continue": [], "guarded": reader.guarded}
    reader.loops.append(place)
    return place


def leave(reader: Reader, place: dict[str, Any]) -> None:
    """The place is over: whoever breaks out of it comes here."""
    reader.loops.pop()
    reader.out.land(*place["break"])


def end_of(reader: Reader) -> None:
    """The end of a statement: a semicolon, or what stands for one."""
    if reader.skip(";"):
        return
    token = reader.token
    if not (token.newline or token.kind == "end" or reader.sees("}") or reader.sees(")")):
        raise SyntaxFault


def jump_out(reader: Reader, kind: str) -> Parse:
    """``break`` and ``continue``, with or without a label."""
    token = reader.token
    label = ""
    if token.kind == "name" and not token.newline and not reader.sees("}"):
        label = reader.name()
    for place in reversed(reader.loops):
        if place["label"] == label if label else (place["loop"] or (kind == "break" and not place["label"])):
            for _ in range(min(reader.guarded - place["guarded"], 100)):
                reader.out.emit("unguard", None, token.at)
            place[kind].append(reader.out.emit(kind, None, token.at))
            break
    end_of(reader)
    yield from ()
