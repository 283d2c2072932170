"""Samples as text: recipes in TOML that say which builder makes a file, what it must trigger, and what its twin is.

::

    summary = "Word 97 document whose AutoOpen starts a program"
    file = "invoice.doc"                # the sample's name
    triggers = ["vba.autorun"]          # rules this recipe exists to prove
    twin = "vba/autorun-twin"           # differs in the tested feature alone, and must not have those rules
    [scan]                              # optional: passwords = [...], limits = { ... }
    [build]
    kind = "document"                   # a builder; the other keys are its arguments
    format = "doc"

A table with a `kind` among the arguments is built first. Where a builder wants bytes, a string is UTF-8 text.
"""

import inspect
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from emotriage.testing.notebook import notebook
from emotriage.testing.padding import padded, write_padded, write_padded_archive
from emotriage.testing.program import program
from emotriage.testing.shortcut import shortcut
from emotriage.testing.text import damaged, executable, joined, raw, text

_KEYS = {
    "summary": str,
    "file": str,
    "triggers": list,
    "twin": str,
    "giant": bool,
    "showcase": bool,
    "scan": dict,
    "build": dict,
}
_SCAN_KEYS = {"passwords": list, "limits": dict}
_OWN: tuple[Callable[..., bytes], ...] = (
    text, raw, joined, executable, damaged, padded, program, shortcut, notebook,
)  # fmt: skip
_STREAMED: dict[str, Callable[..., None]] = {"padded": write_padded, "padded_archive": write_padded_archive}


class RecipeError(ValueError):
    """A recipe says something that can't be built; the message names the recipe and the key."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """One sample, as its author wrote it.

    Attributes:
        name: family and stem, such as ``vba/autorun``.
        summary: one sentence for people.
        file: the sample's file name.
        build: the builder and its arguments.
        triggers: rules that the sample is made to prove; empty for twins and benign files.
        twin: name of the recipe that differs in the tested feature alone, or "".
        giant: too large to build in memory; `write_recipe` streams it.
        showcase: its whole verdict is kept as the golden one.
        passwords: what the caller of the scan knows.
        limits: limits that the scan is given, where they are not the usual ones.
    """

    name: str
    summary: str
    file: str
    build: Mapping[str, Any] = field(repr=False)
    triggers: tuple[str, ...] = ()
    twin: str = ""
    giant: bool = False
    showcase: bool = False
    passwords: tuple[str, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict)

    @property
    def family(self) -> str:
        """The folder the recipe is in."""
        return self.name.partition("/")[0]


def recipes_folder() -> Path:
    """The folder of the recipes: in an installed package its own, in a source checkout ``samples_synthetic``.

    Raises:
        FileNotFoundError: neither is there.
    """
    here = Path(__file__).resolve().parent
    for folder in (here / "recipes", here.parents[2] / "samples_synthetic"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError("no recipes are installed with this package")


def recipes(folder: Path | None = None) -> tuple[Recipe, ...]:
    """All recipes of a folder (by default those that come with the package), in the order of their names.

    Raises:
        RecipeError: one of them is wrong.
    """
    folder = folder or recipes_folder()
    paths = sorted(folder.rglob("*.toml"), key=lambda one: one.relative_to(folder).with_suffix("").as_posix())
    return tuple(load_recipe(path, folder) for path in paths)


def load_recipe(source: Path | str, folder: Path | None = None) -> Recipe:
    """A recipe by its file, or by its name such as ``vba/autorun``.

    Args:
        source: file or name.
        folder: where names are looked up; by default the recipes that come with the package.

    Raises:
        RecipeError: no such recipe, no TOML, or a key that is missing, unknown or of the wrong type.
    """
    folder = folder or recipes_folder()
    path = source if isinstance(source, Path) else folder / f"{source}.toml"
    name = (path.relative_to(folder) if path.is_relative_to(folder) else Path(path.name)).with_suffix("").as_posix()
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise RecipeError(f"{name}: there is no such recipe") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{name}: not TOML: {error}") from None
    _check(name, "", raw, _KEYS)
    for key in ("summary", "file", "build"):
        if not raw.get(key):
            raise RecipeError(f"{name}: the key {key!r} is missing")
    scan = raw.get("scan", {})
    _check(name, "scan.", scan, _SCAN_KEYS)
    if set(raw["file"]) & set("/\\\0") or raw["file"] in {".", ".."}:
        raise RecipeError(f"{name}: {raw['file']!r} is no plain file name")
    if raw.get("triggers") and not raw.get("twin"):
        raise RecipeError(f"{name}: a recipe with triggers needs a twin")
    return Recipe(
        name=name,
        summary=raw["summary"],
        file=raw["file"],
        build=raw["build"],
        triggers=tuple(raw.get("triggers", ())),
        twin=raw.get("twin", ""),
        giant=raw.get("giant", False),
        showcase=raw.get("showcase", False),
        passwords=tuple(scan.get("passwords", ())),
        limits=scan.get("limits", {}),
    )


def build_recipe(recipe: Recipe) -> bytes:
    """The sample's bytes; the same everywhere.

    Raises:
        RecipeError: the recipe is a giant, or a builder does not exist or refuses its arguments.
    """
    if recipe.giant:
        raise RecipeError(f"{recipe.name}: a giant is not built in memory; write_recipe() streams it")
    return cast("bytes", _build(recipe.name, recipe.build))


def write_recipe(recipe: Recipe, path: Path) -> None:
    """The sample as a file; giants are streamed.

    Raises:
        RecipeError: a builder does not exist or refuses its arguments.
        OSError: the file could not be written.
    """
    if not recipe.giant:
        path.write_bytes(build_recipe(recipe))
        return
    write = _STREAMED.get(str(recipe.build.get("kind")))
    if write is None:
        raise RecipeError(f"{recipe.name}: a giant is of the kind {' or '.join(_STREAMED)}")
    arguments = {key: _build(recipe.name, value) for key, value in recipe.build.items() if key != "kind"}
    _call(recipe.name, write, {"path": path, **arguments})


def build_samples(
    directory: Path, *, giants: bool = False, folder: Path | None = None
) -> Iterator[tuple[Path, Recipe]]:
    """Write every sample to ``directory/<family>/<recipe>/<file>``, and say each time that one is there.

    Args:
        directory: made when it is not there.
        giants: also those of hundreds of megabytes.
        folder: other recipes than those of the package.

    Raises:
        RecipeError: a recipe is wrong.
        OSError: a file could not be written.
    """
    for recipe in recipes(folder):
        if recipe.giant and not giants:
            continue
        path = directory / recipe.name / recipe.file
        path.parent.mkdir(parents=True, exist_ok=True)
        write_recipe(recipe, path)
        yield path, recipe


def builders() -> dict[str, Callable[..., bytes]]:
    """Every builder that a recipe can name: the functions of `emotriage.testing` that return bytes."""
    package = import_module("emotriage.testing")
    found = {one.__name__: one for one in _OWN}
    for name in package.__all__:
        value = getattr(package, name)
        if inspect.isfunction(value) and value.__module__ != __name__ and get_type_hints(value).get("return") is bytes:
            found[name] = value
    return dict(sorted(found.items()))


def _check(name: str, where: str, raw: Mapping[str, Any], keys: Mapping[str, type]) -> None:
    for key, value in raw.items():
        if key not in keys:
            raise RecipeError(f"{name}: unknown key {where + key!r}; known are {', '.join(sorted(keys))}")
        if not isinstance(value, keys[key]):
            raise RecipeError(f"{name}: {where + key!r} must be a {keys[key].__name__}, not {value!r}")


def _build(name: str, value: object) -> object:
    """A TOML value with each table that has a `kind` replaced by its bytes; as deep as its author nested it."""
    if isinstance(value, Mapping):
        built = {key: _build(name, inner) for key, inner in value.items()}
        return _make(name, built) if "kind" in built else built
    if isinstance(value, list):
        return [_build(name, inner) for inner in value]
    return value


def _make(name: str, table: dict[str, Any]) -> bytes:
    kind = table.pop("kind")
    known = builders()
    if kind not in known:
        raise RecipeError(f"{name}: there is no builder {kind!r}; there are {', '.join(known)}")
    return cast("bytes", _call(name, known[kind], table))


def _call(name: str, builder: Callable[..., object], arguments: dict[str, Any]) -> object:
    hints = get_type_hints(builder)
    try:
        fitting = {key: _fit(hints.get(key), value) for key, value in arguments.items()}
        inspect.signature(builder).bind(**fitting)
        return builder(**fitting)
    except (TypeError, ValueError, LookupError) as error:
        raise RecipeError(f"{name}: {builder.__name__}: {error}") from error


def _fit(wanted: object, value: object) -> object:
    """A TOML value as the builder's annotation wants it: strings become UTF-8 where only bytes will do."""
    origin, inner = get_origin(wanted), get_args(wanted)
    options = inner if origin in {Union, UnionType} else (wanted,)
    if isinstance(value, str):
        return value.encode() if bytes in options and str not in options else value
    for option in options:
        origin, inner = get_origin(option), get_args(option)
        if isinstance(value, dict) and len(inner) == 2:
            return {key: _fit(inner[1], one) for key, one in value.items()}
        if isinstance(value, list) and inner and origin is not Literal:
            return [_fit(inner[0], one) for one in value]
    return value
