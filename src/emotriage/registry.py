"""Which analyzers there are: the built-in ones, and those that installed packages add by entry point."""

import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.machinery import PathFinder
from pathlib import Path
from pkgutil import iter_modules

from emotriage.catalogue.kinds import ALWAYS, KINDS
from emotriage.model.analyzer import API_VERSION, Analyzer, Found, Run, Subject
from emotriage.model.errors import UsageError

GROUP = "emotriage.analyzers"
_HOMES = ("emotriage.containers", "emotriage.analyzers")
_RANKS = {"names": -1, "padding": 1}
"""A name costs nothing to judge; a sweep of filler comes last, so that it takes no work from who knows the format."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """An installed analyzer that is not imported yet.

    Attributes:
        name: of its entry point.
        value: ``module:attribute``.
        problem: why it can't be loaded, where that is known already.
    """

    name: str
    value: str
    problem: str = ""


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
    return tuple(sorted(found, key=lambda one: _RANKS.get(one.name, 0)))


def _late(module: str) -> Run:
    def run(subject: Subject) -> Iterator[Found]:
        one: Analyzer = import_module(module).ANALYZER
        return one.run(subject)

    return run


def installed(names: Iterable[str] | None = None, allowed: Iterable[str] | None = None) -> tuple[Plugin, ...]:
    """Plugins by entry point, in the order of their names; nothing is imported.

    Args:
        names: only these; None is all of them.
        allowed: the policy's list; None allows every plugin.

    Raises:
        UsageError: a name that is not installed, or not allowed.
    """
    if isinstance(names, str):
        raise UsageError("plugins must be a list of names, not a string")
    found = _found(tuple(sys.path))
    if names is not None and allowed is not None and (refused := sorted(set(names) - set(allowed))):
        raise UsageError(f"plugin not allowed by the policy: {', '.join(refused)}")
    wanted = names if names is not None else allowed if allowed is not None else found
    if missing := sorted(set(wanted) - set(found)):
        raise UsageError(f"no such plugin installed: {', '.join(missing)}")
    return tuple(found[name] for name in sorted(set(wanted)))


@cache
def _found(_: tuple[str, ...]) -> dict[str, Plugin]:
    """Plugins by name; the search through every installed package is made once for a search path."""
    if not _may_have_plugins(sys.path):
        return {}
    from importlib.metadata import entry_points

    try:
        points = [(one.name, one.value) for one in entry_points(group=GROUP)]
        unreadable: list[str] = []
    except Exception:  # noqa: BLE001  one damaged package must not hide the plugins of the others
        points, unreadable = _package_by_package()
    values: dict[str, set[str]] = defaultdict(set)
    for name, value in points:
        values[name].add(value)
    found = {
        name: Plugin(name, min(several)) if len(several) == 1 else Plugin(name, "", "installed more than once")
        for name, several in values.items()
    }
    return found | {name: Plugin(name, "", "its package is damaged") for name in unreadable}


def _may_have_plugins(paths: Iterable[str]) -> bool:
    """False when no installed package says a word of plugins: seen at once, and saves the import of the search."""
    if any(hasattr(one, "find_distributions") and one is not PathFinder for one in sys.meta_path):
        return True
    for path in paths:
        try:
            names = os.listdir(path or ".")  # noqa: PTH208  names are all that is needed
        except NotADirectoryError:
            return True  # packages in an archive
        except OSError:
            continue
        for name in names:
            if name.lower().endswith((".dist-info", ".egg-info")):
                with suppress(OSError):
                    if GROUP.encode() in Path(path, name, "entry_points.txt").read_bytes():
                        return True
            elif name.lower().endswith(".egg"):
                return True
    return False


def _package_by_package() -> tuple[list[tuple[str, str]], list[str]]:
    """(names and values of entry points, packages that seem to have some but can't be read)."""
    from importlib.metadata import distributions

    points: list[tuple[str, str]] = []
    unreadable, seen = [], set()
    for one in distributions():
        name = str(one.metadata["Name"])
        if name in seen:  # hidden by the same package earlier on the path
            continue
        seen.add(name)
        try:
            points += [(point.name, point.value) for point in one.entry_points.select(group=GROUP)]
        except Exception:  # noqa: BLE001  whatever its text file looks like
            if GROUP in (one.read_text("entry_points.txt") or ""):
                unreadable.append(name)
    return points, unreadable


def load(plugins: Sequence[Plugin]) -> tuple[tuple[Analyzer, ...], tuple[str, ...]]:
    """(analyzers, failures): built-in ones first; a failure is ``name: reason``, never a raised exception."""
    loaded, failures = list(built_in()), []
    taken = {one.name for one in loaded}
    for plugin in plugins:
        one = plugin.problem or _imported(plugin, tuple(sys.path))
        if not isinstance(one, str) and one.name in taken:
            one = "analyzer name already taken"
        if isinstance(one, str):
            failures.append(f"{plugin.name}: {one}")
            continue
        taken.add(one.name)
        loaded.append(one)
    return tuple(loaded), tuple(failures)


@cache
def _imported(plugin: Plugin, _path: tuple[str, ...]) -> Analyzer | str:
    """The plugin's analyzer, or why there is none; tried once for a search path."""
    try:
        module, _, attribute = plugin.value.partition("[")[0].strip().partition(":")
        one: object = import_module(module)
        for step in attribute.split("."):
            one = getattr(one, step)
        return _checked(one)
    except KeyboardInterrupt:  # that is the person at the keyboard
        raise
    except BaseException as error:  # noqa: BLE001  a plugin that can't be loaded is a finding
        return type(error).__name__


def _checked(one: object) -> Analyzer | str:
    if not isinstance(one, Analyzer) or not isinstance(one.name, str) or not callable(one.run):
        return "not an analyzer"
    if one.api != API_VERSION:
        return f"made for another version of the plugin interface, this is {API_VERSION}"
    return replace(one, kinds=frozenset(kind for kind in one.kinds if isinstance(kind, str)))
