"""L1 by mutation: were a gap not reported, some test would fail; and it is this gap that keeps a verdict from clean.

Each rule that is a gap is taken the mark of one, a rule at a time, and the samples that prove it are scanned again.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from emotriage import ScanPool, Severity, Verdict, scan
from emotriage import registry as analyzers
from emotriage.catalogue import rules
from emotriage.model.analyzer import Analyzer
from emotriage.model.errors import Encrypted, InputError
from emotriage.model.finding import Rule
from emotriage.testing import Recipe, build_recipe, document, recipes
from laws.call_sites import call_with
from laws.faults import looked_at
from samples import golden

GAPS = [name for name, one in rules().items() if one.incomplete]
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NOTE = b"Minutes of the meeting\r\n"
BROKEN_FIELD = f'<w:document xmlns:w="{WORD}"><w:body><w:p><w:r><w:instrText>TOC'


_recipes = cache(recipes)


def proving(rule: str) -> tuple[Recipe, ...]:
    return tuple(one for one in _recipes() if rule in one.triggers and not one.giant)


def _worksheet_only() -> bytes:
    """The encrypted workbook of the recipe, its macro sheet a worksheet, so that nothing else is wrong with it."""
    data = build_recipe(next(one for one in proving("xlm.encrypted-workbook")))
    for record, other in (("0908100000064000", "0908100000061000"), ("85000e00640000000001", "85000e00640000000000")):
        assert bytes.fromhex(record) in data
        data = data.replace(bytes.fromhex(record), bytes.fromhex(other))
    return data


ALONE: dict[str, Callable[[], bytes]] = {
    "ole.damaged": lambda: document("doc", defects=["directory-loop"]),
    "ooxml.damaged": lambda: document("docx", parts={"word/document.xml": BROKEN_FIELD}),
    "xlm.encrypted-workbook": _worksheet_only,
}
"""Inputs of which a rule is the only gap, where its recipe's sample has others too."""

NEVER_ALONE = {
    "app.manifest-not-read": "app.windows-package",
    "app.windows-package": "xml.active-document",  # its manifest
    "archive.too-many-members": "scan.limit-reached",
    "image.too-many-files": "scan.limit-reached",
    "msi.files-elsewhere": "msi.package",
    "msi.tables-not-read": "msi.package",
    "scan.malformed": "scan.not-read",  # the analyzer that gave up is missing in the ledger as well
    "scan.not-reached": "scan.limit-reached",  # what was left over, and what stopped the scan before it
    "zip.overlap-limit": "zip.no-end-record",  # such members unpack to local headers without a directory
    "zip.too-many-members": "scan.limit-reached",  # the names that are kept out, and the children that are
}
"""Gaps that come with another one by design: two guards over one door."""


def _raising(error: BaseException) -> Callable[[], Verdict]:
    """A scan in which an analyzer of somebody else's meets this."""

    def run(subject):
        raise error
        yield

    def look() -> Verdict:
        everyone = (*analyzers.built_in(), Analyzer("planted", frozenset({"*"}), (), run))
        with call_with(analyzers, "built_in", lambda: everyone):
            return looked_at(Recipe("planted/note", "", "note.txt", {}), NOTE)

    return look


def _broken_plugin() -> Verdict:
    with TemporaryDirectory() as folder, call_with(sys, "path", [folder, *sys.path]):
        package = Path(folder) / "broken-1.0.dist-info"
        package.mkdir()
        (package / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
        (package / "entry_points.txt").write_text("[emotriage.analyzers]\nbroken = emotriage_inert:ANALYZER\n")
        return scan(NOTE, name="note.txt", plugins=["broken"])


def _no_worker() -> Verdict:
    with ScanPool(plugins=[], python="/no/such/interpreter") as pool:
        return pool.scan(NOTE, "note.txt")


BY_HAND: dict[str, Callable[[], Verdict]] = {
    "scan.analyzer-failed": _raising(RuntimeError()),
    "scan.encrypted": _raising(Encrypted("a planted lock")),  # for plugins: each built-in reader has its own rule
    "scan.input-failed": _raising(InputError("a planted bad sector")),
    "scan.plugin-failed": _broken_plugin,
    "scan.worker-died": _no_worker,
}
"""Gaps that no bytes alone lead to."""


@pytest.fixture
def unmarked(monkeypatch, request):
    """Within the test one rule is no gap."""
    rule, report = request.param, Rule.__call__

    def harmless(self, *evidence, **more):
        found = report(self, *evidence, **more)
        if self.id != rule:
            return found
        return replace(found, incomplete=False, severity=Severity.INFO, traits=frozenset())

    monkeypatch.setattr(Rule, "__call__", harmless)
    return rule


def test_every_gap_has_a_proof():
    without = {one for one in GAPS if not proving(one)}
    assert without == set(BY_HAND)


@pytest.mark.parametrize("unmarked", [one for one in GAPS if one not in BY_HAND], indirect=True)
def test_a_gap_that_is_not_reported_is_noticed(unmarked, samples):
    complete = set()
    for recipe in proving(unmarked):
        verdict = looked_at(*samples[recipe.name])
        new, expected = golden.meaning(verdict), golden.golden_of(recipe)
        assert any(new[key] != expected[key] for key in ("level", "complete", "gaps")), recipe.name
        complete.add(verdict.complete)
    if True not in complete and unmarked not in ALONE:
        assert NEVER_ALONE[unmarked] in {one.rule for one in verdict.gaps}


@pytest.mark.parametrize("unmarked", sorted(ALONE), indirect=True)
def test_alone_it_keeps_the_verdict_from_clean(unmarked, monkeypatch):
    recipe, data = proving(unmarked)[0], ALONE[unmarked]()
    assert looked_at(recipe, data).complete
    monkeypatch.undo()
    verdict = looked_at(recipe, data)
    assert {one.rule for one in verdict.gaps} == {unmarked}


@pytest.mark.parametrize("unmarked", sorted(BY_HAND), indirect=True)
def test_without_a_sample_too(unmarked, monkeypatch):
    hidden = {one.rule for one in BY_HAND[unmarked]().gaps}
    monkeypatch.undo()
    assert {one.rule for one in BY_HAND[unmarked]().gaps} == {unmarked} | hidden
    assert unmarked not in hidden
