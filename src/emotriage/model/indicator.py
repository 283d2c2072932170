"""`Indicator`: an address, a command, a path or a name that others may want to block or search for."""

from dataclasses import dataclass
from typing import Literal

Origin = Literal["literal", "decoded", "emulated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """Something to act on.

    Attributes:
        kind: ``url``, ``domain``, ``ip``, ``email``, ``path``, ``command``, ``hash``, ``host``, ``mac`` ...
        value: verbatim, from the input.
        origin: how it was come by: it stood there, it was decoded, or it is the result of emulation.
        where: the place in the artifact, as in `Evidence`.
        artifact: stamped by the walk.
    """

    kind: str
    value: str
    origin: Origin = "literal"
    where: str = ""
    artifact: int = 0
