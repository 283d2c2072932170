"""The catalogue and the table of kinds hold together with the code that uses them."""

import re
from importlib import import_module
from pkgutil import iter_modules

from emotriage import registry
from emotriage.catalogue import rules
from emotriage.catalogue.kinds import ALWAYS, KINDS
from emotriage.model.finding import Severity
from emotriage.reports.rules import rule_card, rules_page


def test_rules_say_what_they_mean():
    for rule in rules().values():
        assert len(rule.title) <= 90, rule.id
        assert rule.explanation.endswith("."), rule.id
        assert rule.false_positives.endswith("."), rule.id
        assert all(re.fullmatch(r"T\d{4}(\.\d{3})?", one) for one in rule.attack), rule.id
        assert rule.title in rule_card(rule)


def test_the_rules_page_has_them_all():
    page = rules_page(rules().values())
    for rule in rules().values():
        assert f"### {rule.id}\n" in page


def test_gaps_of_the_walk_weigh_nothing():
    for rule in rules().values():
        if rule.family == "scan":
            assert rule.incomplete
            assert rule.severity is Severity.INFO


def _declared():
    """Every analyzer that a module of this package declares."""
    for home in ("containers", "analyzers"):
        package = import_module(f"emotriage.{home}")
        for module in iter_modules(package.__path__):
            one = getattr(import_module(f"{package.__name__}.{module.name}"), "ANALYZER", None)
            if one is not None:
                assert one.name == module.name.replace("_", "-")
                yield one


def test_the_table_of_kinds_names_whoever_wants_a_kind():
    declared = list(_declared())
    wanted = {name: {one.name for one in declared if name in one.kinds} for name in ("*", *KINDS)}
    assert wanted["*"] == set(ALWAYS)
    for kind in KINDS.values():
        assert list(kind.needs) == sorted(wanted[kind.name]), kind.name
        assert bool(kind.needs) or kind.treatment == "gap", kind.name
    assert {one.name: one.kinds for one in declared} == {one.name: one.kinds for one in registry.built_in()}
    assert len({one.name for one in declared}) == len(declared)
