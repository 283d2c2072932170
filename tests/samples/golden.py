"""Golden verdicts: what each recipe's sample must be said to be, kept beside the recipe.

``python tests/samples/golden.py`` compares; with ``--bless`` it rewrites what differs and prints the change in meaning.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from emotriage import Limits, Verdict, scan
from emotriage.testing.recipe import Recipe, RecipeError, load_recipe, recipes, recipes_folder, write_recipe


@cache
def verdict_of(name: str) -> Verdict:
    """The verdict on a recipe's sample under the recipe's own file name; no plugins."""
    recipe = load_recipe(name)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample"
        write_recipe(recipe, path)
        limits = Limits.from_dict(recipe.limits) if recipe.limits else None
        return scan(path, name=recipe.file, passwords=recipe.passwords, limits=limits, plugins=[])


def meaning(verdict: Verdict) -> dict[str, object]:
    """What of a verdict is golden: no titles, evidence, points or hashes, which may change without meaning less."""
    return {
        "level": str(verdict.level),
        "complete": verdict.complete,
        "findings": sorted({f"{one.rule}@{one.artifact}" for one in verdict.findings}),
        "indicators": sorted(
            {f"{one.kind}@{one.artifact} {one.origin}: {one.value}" for one in verdict.indicators},
        ),
        "gaps": sorted({f"{one.rule}@{one.artifact}" for one in verdict.gaps}),
    }


def expected_path(recipe: Recipe) -> Path:
    """Where the recipe's golden verdict is."""
    return recipes_folder() / f"{recipe.name}.expected.json"


def showcase_path(recipe: Recipe) -> Path:
    """Where a showcase recipe's whole golden verdict is."""
    return recipes_folder() / f"{recipe.name}.verdict.json"


def golden_of(recipe: Recipe) -> dict[str, object] | None:
    """The golden meaning, or None where there is none yet."""
    path = expected_path(recipe)
    return json.loads(path.read_text("ascii")) if path.exists() else None


def whole(verdict: Verdict) -> str:
    """The whole verdict as it is kept for showcases: without what every release changes."""
    return replace(verdict, engine="emotriage").to_json(indent=1) + "\n"


def changes(old: dict[str, object] | None, new: dict[str, object]) -> Iterator[str]:
    """What the new meaning says differently, one line a difference."""
    if old is None:
        yield f"new: {new['level']}, {'complete' if new['complete'] else 'incomplete'}"
        old = {key: [] for key in new}
        old |= {key: new[key] for key in ("level", "complete")}
    for key, now in new.items():
        before = old.get(key, [])
        if not isinstance(now, list):
            if now != before:
                yield f"{key}: {before} -> {now}"
            continue
        gone, come = sorted(set(before) - set(now)), sorted(set(now) - set(before))
        yield from (f"- {key}: {one}" for one in gone)
        yield from (f"+ {key}: {one}" for one in come)


def compare(recipe: Recipe, *, bless: bool) -> list[str]:
    """The changes of one recipe; written down when they are blessed."""
    verdict = verdict_of(recipe.name)
    new = meaning(verdict)
    found = list(changes(golden_of(recipe), new))
    if bless and found:
        expected_path(recipe).write_text(json.dumps(new, indent=1, ensure_ascii=True) + "\n", "ascii", newline="\n")
    if recipe.showcase:
        path, text = showcase_path(recipe), whole(verdict)
        if not path.exists() or path.read_text("ascii") != text:
            found.append("the whole verdict differs")
            if bless:
                path.write_text(text, "ascii", newline="\n")
    return found


def orphans() -> list[Path]:
    """Golden verdicts whose recipe is gone, or is no showcase any more."""
    made = {expected_path(one) for one in recipes()} | {showcase_path(one) for one in recipes() if one.showcase}
    return sorted(set(recipes_folder().rglob("*.json")) - made)


def main(arguments: list[str] | None = None) -> int:
    """Compare or bless; 0 when every recipe builds, and nothing differs or all of it was blessed."""
    parser = argparse.ArgumentParser(description="Compare the samples' verdicts with the golden ones.")
    parser.add_argument("names", nargs="*", help="recipes or families; by default all")
    parser.add_argument("--bless", action="store_true", help="rewrite the golden verdicts that differ")
    parser.add_argument("--giants", action="store_true", help="also those of hundreds of megabytes")
    options = parser.parse_args(arguments)
    differing = broken = 0
    for recipe in recipes():
        if options.names and not {recipe.name, recipe.family} & set(options.names):
            continue
        if recipe.giant and not options.giants:
            continue
        try:
            found = compare(recipe, bless=options.bless)
        except RecipeError as error:
            broken += 1
            _say(str(error))
            continue
        if found:
            differing += 1
            _say(recipe.name, *(f"    {line}" for line in found))
    if not options.names:
        for path in orphans():
            differing += 1
            _say(f"{path.name}: its recipe is gone")
            if options.bless:
                path.unlink()
    _say(f"{differing} golden verdicts {'rewritten' if options.bless else 'differ'}")
    return 1 if broken or (differing and not options.bless) else 0


def _say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(line.encode("ascii", "backslashreplace").decode() + "\n")


if __name__ == "__main__":
    sys.exit(main())
