"""Every place where the package calls into a parser, found by reading its source; and a way to make one of them fail.

A site is a line range of one module and the name that is called there: a function imported from `emotriage.formats`,
called or handed to `Subject.view`, or a method of a blob or of what a parser returned.
"""

import ast
import inspect
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, wraps
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import FrameType, FunctionType, ModuleType

import emotriage
from emotriage import walk
from emotriage.model.analyzer import Subject
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget

HOMES = ("emotriage.analyzers", "emotriage.containers", "emotriage.emulation", "emotriage.describe")
FORMATS = "emotriage.formats"
_VIEW = Subject.view.__code__
_EVERYDAY = (str, bytes, dict, list, set, tuple, int, type(zlib.decompressobj()))


@dataclass(frozen=True, order=True)
class Site:
    """One call: the module, the lines, and what is called; `certain` is false where the receiver may be no view."""

    module: str
    name: str
    first: int
    last: int
    certain: bool = True

    @property
    def home(self) -> str:
        """The part of the package that it is in, as `sites` takes it."""
        return ".".join(self.module.split(".")[:2])

    def __str__(self) -> str:
        return f"{self.module.removeprefix('emotriage.')}:{self.first} {self.name}"


def modules(*homes: str) -> Iterator[ModuleType]:
    """The modules of the package that lie in the homes."""
    for one in walk_packages(emotriage.__path__, "emotriage."):
        if any(f"{one.name}.".startswith(f"{home}.") for home in homes):
            yield import_module(one.name)


@cache
def methods() -> dict[str, tuple[type, ...]]:
    """Public methods of blobs and of the classes of `formats`, by name."""
    found: dict[str, set[type]] = {}
    owners = {one for module in modules(FORMATS) for one in vars(module).values() if inspect.isclass(one)}
    public = {one for one in owners if one.__module__.startswith(FORMATS) and not one.__name__.startswith("_")}
    for owner in {Blob, *public}:
        for name, value in vars(owner).items():
            if isinstance(value, FunctionType) and not name.startswith("_"):
                found.setdefault(name, set()).add(owner)
    return {name: tuple(sorted(owners, key=str)) for name, owners in sorted(found.items())}


@cache
def _elsewhere() -> frozenset[str]:
    """Names of methods that something else than a blob or a view has too; only running the code tells whose it is."""
    found = {name for one in _EVERYDAY for name in dir(one)}
    for module in modules(*HOMES, "emotriage.model"):
        for node in ast.walk(ast.parse(Path(module.__file__).read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and module.__name__ != Blob.__module__:
                found |= {one.name for one in node.body if isinstance(one, ast.FunctionDef)}
    return frozenset(found)


@cache
def sites(*homes: str) -> tuple[Site, ...]:
    """Every site in the homes."""
    return tuple(sorted({one for module in modules(*homes) for one in _sites_of(module)}))


def _sites_of(module: ModuleType) -> Iterator[Site]:
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    imported = _imported(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        place = (node.lineno, node.end_lineno)
        for one in (node.func, *node.args, *(word.value for word in node.keywords)):
            if isinstance(one, ast.Name) and one.id in imported:
                yield Site(module.__name__, one.id, *place)
        if isinstance(node.func, ast.Attribute) and node.func.attr in methods():
            name = node.func.attr
            yield Site(module.__name__, name, *place, certain=name not in _elsewhere())


def _imported(tree: ast.Module) -> dict[str, str]:
    """Functions that the module imports from `formats`, wherever it does, and the module that defines each."""
    return {
        name.asname or name.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(FORMATS)
        for name in node.names
        if inspect.isroutine(inspect.unwrap(getattr(import_module(node.module), name.name)))
    }


@cache
def _owners(*homes: str) -> dict[str, tuple[object, ...]]:
    """Where a stand-in has to go, by name: modules that import a function, the one that defines it, and classes."""
    found = {name: list(owners) for name, owners in methods().items()}
    for module in modules(*homes):
        for name, source in _imported(ast.parse(Path(module.__file__).read_text("utf-8"))).items():
            owners = found.setdefault(name, [])
            owners += [one for one in (module, import_module(source)) if name in vars(one) and one not in owners]
    return {name: tuple(owners) for name, owners in found.items()}


Hook = Callable[[Callable, tuple, dict, str, FrameType], object]


@contextmanager
def hooked(hook: Hook, homes: Iterable[str], names: set[str] | None = None) -> Iterator[None]:
    """Within this block `hook` stands before each call; it is told the function, its arguments, name and caller."""
    undo: list[tuple[object, str, object]] = []

    def replace(owner: object, name: str) -> None:
        real = vars(owner)[name]

        @wraps(real)
        def stand_in(*args: object, **kwargs: object) -> object:
            frame = sys._getframe(1)
            while frame.f_code is _VIEW:
                frame = frame.f_back
            return hook(real, args, kwargs, name, frame)

        undo.append((owner, name, real))
        setattr(owner, name, stand_in)

    for name, owners in _owners(*homes).items():
        for owner in owners if names is None or name in names else ():
            replace(owner, name)
    try:
        yield
    finally:
        for owner, name, real in reversed(undo):
            setattr(owner, name, real)


@cache
def places(*homes: str) -> dict[tuple[str, str], tuple[Site, ...]]:
    """Sites by file and name."""
    found: dict[tuple[str, str], list[Site]] = {}
    for site in sites(*homes):
        found.setdefault((import_module(site.module).__file__, site.name), []).append(site)
    return {key: tuple(value) for key, value in found.items()}


def finder(known: dict[tuple[str, str], tuple[Site, ...]]) -> Callable[[FrameType, str], Site | None]:
    """Tells the site that a call comes from: of several on the line, the one that spans least."""

    @cache
    def at(file: str, name: str, line: int) -> Site | None:
        fitting = [one for one in known.get((file, name), ()) if one.first <= line <= one.last]
        return min(fitting, key=lambda one: one.last - one.first, default=None)

    return lambda frame, name: at(frame.f_code.co_filename, name, frame.f_lineno)


class Record:
    """What each analyzer said about each artifact, under keys that are the same in two scans of the same bytes."""

    def __init__(self) -> None:
        self.said: dict[tuple[object, str], list[str]] = {}
        self.parents: dict[object, object] = {}
        self.now: tuple[object, str] = ((), "describe")
        self.budget: Budget | None = None
        self._keys: dict[int | None, object] = {None: ()}
        self._seen: Counter[object] = Counter()

    def artifact(self, number: int, parent: int | None, name: str) -> None:
        """The walk came to an artifact."""
        place = (self._keys[parent], name)
        self._seen[place] += 1
        self._keys[number] = key = (*place, self._seen[place])
        self.parents[key] = self._keys[parent]
        self.now = (key, "describe")


@contextmanager
def recorded() -> Iterator[Record]:
    """Within this block the walk tells the record what it does."""
    record = Record()
    examine, guarded = walk._examine, walk._guarded

    def examined(turn, number, means, look):
        record.artifact(number, turn.parent, turn.child.name)
        record.budget = means.budget
        yield from examine(turn, number, means, look)

    def watched(one, subject, look):
        record.now = (record.now[0], one.name)
        said = record.said.setdefault(record.now, [])
        for event in guarded(one, subject, look):
            said.append(repr(event))
            yield event
        record.now = (record.now[0], "describe")

    walk._examine, walk._guarded = examined, watched
    try:
        yield record
    finally:
        walk._examine, walk._guarded = examine, guarded


@contextmanager
def call_with(owner: object, name: str, stand_in: object) -> Iterator[None]:
    """Within this block the owner has something else under a name."""
    real = getattr(owner, name)
    setattr(owner, name, stand_in)
    try:
        yield
    finally:
        setattr(owner, name, real)
