"""`Anomaly`: how a parser says that something is odd. Containers and analyzers turn it into findings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One departure from the specification.

    Attributes:
        code: kebab-case, the parser's own, such as ``fat-loop``.
        where: the structure, stream or member it is in.
        offset: byte offset in the parsed blob, where there is one.
        incomplete: true when something could not be read because of it.
    """

    code: str
    where: str = ""
    offset: int | None = None
    incomplete: bool = False
