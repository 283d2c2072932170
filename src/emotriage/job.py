"""What is asked of one scan, in a form that can be sent to a worker, and the scan itself."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emotriage.catalogue import scan as rules
from emotriage.model.analyzer import Child
from emotriage.model.blob import Blob
from emotriage.model.finding import Evidence
from emotriage.model.limits import Budget, Limits
from emotriage.model.passwords import Password, Passwords
from emotriage.model.verdict import Event
from emotriage.registry import Plugin, load

if TYPE_CHECKING:
    from emotriage.walk import Keep

PROTOCOL = 1
"""Version of the messages between parent and worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What all scans of a pool have in common.

    Attributes:
        limits: what each may cost.
        plugins: analyzers beside the built-in ones.
        passwords: the caller's candidates.
        scratch: folder for unpacked children; None is the system's.
    """

    limits: Limits = field(default_factory=Limits)
    plugins: tuple[Plugin, ...] = ()
    passwords: Passwords = field(default_factory=Passwords)
    scratch: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The options as plain JSON values."""
        return {
            "limits": self.limits.to_dict(),
            "plugins": [[one.name, one.value, one.problem] for one in self.plugins],
            "passwords": [[one.value, one.source] for one in self.passwords],
            "scratch": self.scratch,
        }

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> "Options":
        """The options that `to_dict` made plain."""
        return cls(
            limits=Limits.from_dict(raw["limits"]),
            plugins=tuple(Plugin(*one) for one in raw["plugins"]),
            passwords=Passwords(tuple(Password(*one) for one in raw["passwords"])),
            scratch=raw["scratch"],
        )


def events_of(
    options: Options,
    name: str,
    blob: Blob,
    clock: Callable[[], float] = time.monotonic,
    keep: "Keep | None" = None,
) -> Iterator[Event]:
    """All events of one scan in this process; `keep` takes what is unpacked."""
    from emotriage.walk import walk  # who isolates never walks, and starts in half the time

    analyzers, failures = load(options.plugins)
    budget = Budget(options.limits, clock)
    yield from walk(Child(name, blob), budget, analyzers, options.passwords, options.scratch, keep=keep)
    for failure in failures:
        yield rules.PLUGIN_FAILED(Evidence(failure))
