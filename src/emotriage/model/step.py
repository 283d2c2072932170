"""`Step`: one thing that an artifact would do, in the order it would. `Recovered`: a text that came out of one."""

from dataclasses import dataclass
from typing import Literal, get_args

Action = Literal["show", "begin", "check", "read", "decode", "call", "create", "write", "change", "fetch", "start"]
"""What a step does: shows the reader something, begins at an entry point, looks who is watching, reads data, takes
covers off, calls a function of the system, makes an object, writes a file, changes settings, fetches, starts."""
ACTIONS = frozenset(get_args(Action))
DEEPEST = 8
"""Depth that no step exceeds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a story.

    Attributes:
        action: what it does.
        text: to what: a command, an address, a path, a procedure; from the input, so never trusted.
        where: the place in the artifact, as in `Evidence`.
        by: the call that does it, such as ``wscript.shell.run``, where it is known.
        depth: 0 for the story's own steps; one of depth n + 1 belongs to the last one of depth n before it, as the
            address does to the command that names it.
        artifact: stamped by the walk.
    """

    action: Action
    text: str
    where: str = ""
    by: str = ""
    depth: int = 0
    artifact: int = 0


@dataclass(frozen=True, slots=True)
class Recovered:
    """A text that was hidden in the artifact's bytes: a macro's source, a decoded layer, a sheet's formulas.

    It is part of no verdict; `emotriage dump` shows it.

    Attributes:
        name: of the text, such as the module's; from the input, so never trusted.
        language: what it is written in: ``vba``, ``excel4``, ``cmd``, ``powershell``, ``javascript``, ``vbscript``,
            ``command`` ...
        text: all of it.
    """

    name: str
    language: str
    text: str
