"""What a script would do, as every evaluator of scripts reports it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effect:
    """Something a script would do.

    Attributes:
        kind: ``start``, ``fetch``, ``write``, ``registry``, ``page`` or ``object``.
        what: the command, address, path, key, markup or class; empty where it could not be computed.
        by: the call, such as ``wscript.shell.run``.
        layer: number of the text that does it.
        at: offset in that text.
        detail: what is written, or the other arguments.
    """

    kind: str
    what: str
    by: str
    layer: int
    at: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Ran:
    """A text that was run.

    Attributes:
        text: it.
        by: what ran it, as ``eval``; nothing for the script itself.
    """

    text: str
    by: str


@dataclass(frozen=True, slots=True)
class Run:
    """What running a script would do.

    Attributes:
        layers: the texts that were run, the script itself first.
        effects: in order.
        complete: False when the steps ran out before the end.
    """

    layers: tuple[Ran, ...]
    effects: tuple[Effect, ...]
    complete: bool
