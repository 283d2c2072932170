"""Every recipe's sample against its golden verdict, and every rule against the recipes that must prove it."""

import importlib.util
import re
from pathlib import Path

import pytest

from emotriage import Level
from emotriage.catalogue import rules
from emotriage.testing.recipe import recipes

_spec = importlib.util.spec_from_file_location("golden", Path(__file__).with_name("golden.py"))
golden = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(golden)

NEEDS_MORE_THAN_BYTES = {
    "scan.analyzer-failed",  # a bug
    "scan.encrypted",  # for plugins: each built-in reader has a rule of its own that says more
    "scan.input-failed",  # a failing disk
    "scan.plugin-failed",  # a broken installation
    "scan.worker-died",  # a kill
}
HOST = re.compile(r"(?://|(?<![\w:\\])\\\\)([\w.-]+)")
ALL = {one.name: one for one in recipes()}
PROVING = {name: one for name, one in ALL.items() if one.triggers}


def marked(names):
    return [pytest.param(name, marks=[pytest.mark.long] if ALL[name].giant else []) for name in names]


def rules_in(name):
    return {one.rule for one in golden.verdict_of(name).findings}


@pytest.mark.parametrize("name", marked(ALL))
def test_verdict_is_the_golden_one(name):
    recipe = ALL[name]
    expected = golden.golden_of(recipe)
    assert expected is not None, "no golden verdict yet: make bless"
    assert golden.meaning(golden.verdict_of(name)) == expected
    if recipe.showcase:
        assert golden.whole(golden.verdict_of(name)) == golden.showcase_path(recipe).read_text("ascii")


@pytest.mark.parametrize("name", marked(PROVING))
def test_a_recipe_triggers_its_rules_and_its_twin_does_not(name):
    recipe = PROVING[name]
    assert set(recipe.triggers) <= rules_in(name)
    assert recipe.twin in ALL, f"no such twin: {recipe.twin}"
    assert not ALL[recipe.twin].triggers
    assert not set(recipe.triggers) & rules_in(recipe.twin)


@pytest.mark.parametrize("name", [name for name, one in ALL.items() if one.family == "benign"])
def test_benign_files_are_not_accused(name):
    verdict = golden.verdict_of(name)
    assert verdict.level < Level.SUSPICIOUS
    assert verdict.score < 30


@pytest.mark.parametrize("rule", [one for one in rules() if one not in NEEDS_MORE_THAN_BYTES])
def test_each_rule_is_proven_by_a_recipe(rule):
    assert any(rule in one.triggers for one in PROVING.values())


def test_recipes_name_rules_that_exist():
    named = {rule for one in PROVING.values() for rule in one.triggers}
    assert sorted(named - set(rules())) == []


def test_no_golden_verdict_without_its_recipe():
    assert golden.orphans() == []


def test_five_recipes_are_shown_whole():
    assert sum(one.showcase for one in ALL.values()) == 5


def test_nothing_in_a_golden_verdict_leads_anywhere():
    """Hosts of samples are reserved names and addresses, or names without a dot, so that nobody reaches a real one."""
    for recipe in ALL.values():
        for line in (golden.golden_of(recipe) or {}).get("indicators", []):
            kind, _, rest = line.partition("@")
            value = rest.partition(": ")[2]
            for host in [value] if kind in {"domain", "ip", "email"} else HOST.findall(value):
                assert "." not in host or host.endswith(".invalid") or host.startswith("198.51.100."), line
