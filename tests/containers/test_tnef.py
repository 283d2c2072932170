"""TNEF: bodies and attachments come out under their names, with what opens them; nothing passes unseen."""

import random

import pytest

from emotriage import Level, Limits, scan
from emotriage.formats.tnef import read_tnef
from emotriage.model.blob import Blob
from emotriage.model.errors import BudgetSpent, FormatError
from emotriage.model.limits import Budget
from emotriage.testing import archive, document, mail, outlook_message, tnef

MACRO = document("doc", macros={"Module1": 'Sub AutoOpen()\nShell "emotriage-inert"\nEnd Sub\n'})


@pytest.mark.parametrize("long_names", [True, False])
def test_every_body_and_attachment_is_an_artifact(long_names):
    data = tnef(
        "Minutes",
        html="<p>Minutes</p>",
        rtf="{\\rtf1 Minutes}",
        attach={"議事録.doc": MACRO, "b.txt": b"b"},
        long_names=long_names,
    )
    verdict = scan(data, name="winmail.dat", plugins=[])
    found = {one.name: one.kind for one in verdict.artifacts}
    wanted = {"body-0.txt": "text", "body.html": "html", "body.rtf": "rtf", "議事録.doc": "ole", "b.txt": "text"}
    assert wanted.items() <= found.items()
    assert verdict.complete


def test_the_same_content_says_the_same_in_every_sort_of_message():
    attach = {"invoice.zip": archive(files={"invoice.doc": MACRO}, password="March-77")}
    text = "The password is March-77."
    forms = [build(text, attach=attach) for build in (tnef, outlook_message, mail)]
    rules = [{one.rule for one in scan(data, name="a", plugins=[]).findings} for data in forms]
    assert rules[0] == rules[1] == rules[2]
    assert "vba.autorun" in rules[0]


def test_damage_leaves_a_gap():
    for defect in ("truncated", "odd-property"):
        verdict = scan(tnef("Minutes", attach={"a.txt": b"hello"}, defects=[defect]), name="a", plugins=[])
        assert verdict.level is Level.UNVERIFIED


def test_damage_never_raises():
    dice = random.Random(4)
    original = tnef("Minutes", html="<p>Minutes</p>", attach={"a.txt": b"hello", "b.txt": b"x" * 300})
    for _ in range(500):
        data = bytearray(original)
        for _ in range(dice.choice((1, 3, 9))):
            data[dice.randrange(4, len(data))] = dice.choice((0, 0x7F, 0xFF, dice.randrange(256)))
        try:
            read_tnef(Blob(bytes(data)), Budget(Limits()))
        except (FormatError, BudgetSpent):
            continue
