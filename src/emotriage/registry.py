"""Which analyzers there are: the built-in ones, and those that installed packages add by entry point."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from emotriage.catalogue.kinds import ALWAYS, KINDS
from emotriage.model.analyzer import API_VERSION, Analyzer, Found, Run, Subject
from emotriage.model.errors import UsageError

GROUP = "emotriage.analyzers"
_HOMES = ("emotriage.containers", "emotriage.analyzers")


@dataclass(frozen=True, slots=True)
class Plugin:
    """An installed analyzer that is not imported yet: its entry point's name and ``module:attribute``."""

    name: str
    value: str


@cache
def built_in() -> tuple[Analyzer, ...]:
    """The analyzers of this package, in a fixed order; each is imported when an artifact first wants it.

    Which kinds want which analyzer stands in the table of kinds; the analyzer ``ole-zip`` lives in ``ole_zip.py``.
    """
    found = []
    for home in _HOMES:
        for module in sorted(one.name for one in iter_modules(import_module(home).__path__)):
            name = module.replace("_", "-")
            kinds = {"*"} if name in ALWAYS else {kind.name for kind in KINDS.values() if name in kind.needs}
            if kinds:
                found.append(Analyzer(name, frozenset(kinds), (), _late(f"{home}.{module}")))
    # What every artifact needs comes last, so that a sweep of filler takes no work from those who know the format.
    return tuple(sorted(found, key=lambda one: one.name in ALWAYS))


def _late(module: str) -> Run:
    def run(subject: Subject) -> Iterator[Found]:
        one: Analyzer = import_module(module).ANALYZER
        return one.run(subject)

    return run


def installed(names: Iterable[str] | None = None) -> tuple[Plugin, ...]:
    """Plugins by entry point, in the order of their names; nothing is imported.

    Args:
        names: only these; None is all of them.

    Raises:
        UsageError: a name that is not installed.
    """
    found = _found(tuple(sys.path))
    if names is None:
        return tuple(found[name] for name in sorted(found))
    if isinstance(names, str):
        raise UsageError("plugins must be a list of names, not a string")
    wanted = sorted(set(names))
    if missing := [name for name in wanted if name not in found]:
        raise UsageError(f"no such plugin installed: {', '.join(missing)}")
    return tuple(found[name] for name in wanted)


@cache
def _found(_: tuple[str, ...]) -> dict[str, Plugin]:
    """Plugins by name; the search through every installed package is made once for a search path."""
    from importlib.metadata import entry_points

    return {one.name: Plugin(one.name, one.value) for one in entry_points(group=GROUP)}


def load(plugins: Sequence[Plugin]) -> tuple[tuple[Analyzer, ...], tuple[str, ...]]:
    """(analyzers, failures): built-in ones first; a failure is ``name: ExceptionType``, never a raised exception."""
    taken = {one.name for one in built_in()}
    loaded, failures = list(built_in()), []
    for plugin in plugins:
        try:
            module, _, attribute = plugin.value.partition(":")
            one = import_module(module)
            for step in attribute.split("."):
                one = getattr(one, step)
            if not isinstance(one, Analyzer) or one.api != API_VERSION:
                raise TypeError  # noqa: TRY301  one way out for all that can be wrong with a plugin
        except (Exception, SystemExit) as error:  # noqa: BLE001  a plugin that can't be loaded is a finding
            failures.append(f"{plugin.name}: {type(error).__name__}")
            continue
        if one.name in taken:
            failures.append(f"{plugin.name}: analyzer name already taken")
            continue
        taken.add(one.name)
        loaded.append(one)
    return tuple(loaded), tuple(failures)
