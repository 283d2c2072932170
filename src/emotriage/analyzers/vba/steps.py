"""The story of a macro: where it begins, then what it would do, each command with what is under its covers."""

from collections.abc import Iterator, Mapping, Sequence

from emotriage.analyzers.vba.macros import Macros
from emotriage.emulation.vba.host import Effect
from emotriage.model.step import Action, Step

_TOLD = 200
"""Effects that are told of one project."""
_PLAIN = frozenset({"collection", "dictionary", "scripting.dictionary", "regexp", "vbscript.regexp"})
"""Objects that only hold or find something."""
_ACTIONS: dict[str, Action] = {"start": "start", "fetch": "fetch", "write": "write", "object": "create"}


def look(
    macros: Macros,
    entries: Sequence[int],
    effects: Sequence[Effect],
    lines: Mapping[str, Sequence[str]],
    addresses: Mapping[str, Effect],
) -> Iterator[Step]:
    """The steps of a project that was evaluated.

    Args:
        macros: the project.
        entries: numbers of the procedures where it begins.
        effects: what it would do, in order.
        lines: by command, the command and those it would start in turn.
        addresses: by address, the effect that names it.
    """
    for number in entries:
        node = macros.program.nodes[number]
        yield Step(action="begin", text=node.procedure.name, where=macros.where(node.module, node.procedure.start))
    for one in effects[:_TOLD]:
        if one.kind == "object" and one.what.lower() in _PLAIN:
            continue
        where = macros.where(one.module, one.at)
        if one.kind == "password":
            yield Step(action="read", text=f"what opens with {one.what}", where=where, by=one.by)
            continue
        yield Step(action=_ACTIONS.get(one.kind, "call"), text=one.what, where=where, by=one.by)
        for line in lines.get(one.what, ())[1:] if one.kind == "start" else ():
            yield Step(action="start", text=line, where=where, depth=1)
        for address, source in addresses.items():
            if source is one and address != one.what:
                yield Step(action="fetch", text=address, where=where, depth=1)
