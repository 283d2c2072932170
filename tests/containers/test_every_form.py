"""The same document in every container gives the findings that it gives bare, and the container's own beside them."""

import pytest

from emotriage import scan
from emotriage.testing import document
from emotriage.testing.container_forms import FORMS

NAME = "dates.doc"
DOCUMENT = document("doc", macros={"Module1": 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'})
PLACE = {"names.", "scan."}
"""Families of rules that depend on where a file lies."""


def rules_at(verdict, artifact=None):
    return {
        one.rule
        for one in verdict.findings
        if artifact in (None, one.artifact) and not any(one.rule.startswith(family) for family in PLACE)
    }


BARE = scan(DOCUMENT, name=NAME, plugins=[])


@pytest.mark.parametrize("form", FORMS)
def test_a_document_is_judged_alike_in_every_container(form):
    extension, build = FORMS[form]
    name = f"{NAME}.zst" if form == "zst" else f"dates.{extension}"
    verdict = scan(build(NAME, DOCUMENT), name=name, plugins=[])
    inside = [one for one in verdict.artifacts if one.sha256 == BARE.sha256]
    assert inside, [one.name for one in verdict.artifacts]
    assert rules_at(BARE) <= rules_at(verdict)
    assert verdict.level >= BARE.level
    assert verdict.score >= BARE.score
