"""The catalogue and the table of kinds hold together with the code that uses them."""

import re

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


def test_what_a_kind_needs_is_whoever_wants_it():
    wanted = {name: {one.name for one in registry.built_in() if name in one.kinds} for name in ("*", *KINDS)}
    assert wanted["*"] == set(ALWAYS)
    for kind in KINDS.values():
        if kind.treatment != "gap":
            assert kind.needs, kind.name
            assert list(kind.needs) == sorted(wanted[kind.name]), kind.name


def test_analyzers_want_kinds_that_exist():
    for one in registry.built_in():
        assert one.kinds <= {"*", *KINDS}, one.name
    names = [one.name for one in registry.built_in()]
    assert len(names) == len(set(names))
