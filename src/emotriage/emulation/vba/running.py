"""The VBA machine, as its instructions see it."""

from typing import Protocol

from emotriage.emulation.vba.frame import Frame, Meter
from emotriage.emulation.vba.host import Host
from emotriage.emulation.vba.linkage import Linkage
from emotriage.emulation.vba.values import Named, Thing, Value


class Running(Protocol):
    """The machine, as its instructions see it."""

    host: Host
    linkage: Linkage
    meter: Meter
    cut: bool

    def enter(
        self,
        number: int,
        args: "list[Value | Named]",
        *,
        keep: bool = True,
        me: Thing | None = None,
        names: tuple[str, ...] = (),
    ) -> None:
        """Call a procedure of the project."""

    def library(
        self, name: str, args: "list[Value | Named]", place: tuple[int, int], names: tuple[str, ...], frame: Frame
    ) -> Value:
        """A function that is not the project's."""
