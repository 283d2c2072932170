"""Compiled help: every page comes out whole; nothing loops, grows or passes unseen."""

import random

import pytest

from emotriage import Level, Limits, scan
from emotriage.formats.chm import read_help
from emotriage.model.blob import Blob
from emotriage.model.errors import BudgetSpent, FormatError
from emotriage.model.limits import Budget
from emotriage.testing import document, help_file

FILES = {f"page-{number}.htm": b"<html><body>Page %d</body></html>" % number * 40 for number in range(200)}


def contents(data):
    budget = Budget(Limits())
    help_ = read_help(Blob(data), budget)
    stream = b"".join(help_.unpack(budget))
    return {one.name: (stream if one.packed else data)[one.offset : one.offset + one.size] for one in help_.members}


def test_every_page_comes_out():
    assert contents(help_file(FILES, stored=["page-7.htm"])) == FILES


def test_a_document_says_in_help_what_it_says_bare():
    macro = document("doc", macros={"Module1": 'Sub AutoOpen()\nShell "emotriage-inert"\nEnd Sub\n'})
    bare = {(one.rule, one.evidence) for one in scan(macro, name="invoice.doc", plugins=[]).findings}
    verdict = scan(help_file({**FILES, "invoice.doc": macro}), name="a.chm", plugins=[])
    (number,) = [one.id for one in verdict.artifacts if one.kind == "ole"]
    assert {(one.rule, one.evidence) for one in verdict.findings if one.artifact == number} == bare


def test_the_command_of_a_page_is_told():
    page = (
        b'<OBJECT id=x><PARAM name="Command" value="ShortCut"><PARAM name="Button" value="Bitmap:shortcut">'
        b"<PARAM name='Item1' value=',emotriage-inert.exe, -x &amp; http://emotriage.invalid/a'></OBJECT>"
        b"<SCRIPT>x . Click ();</SCRIPT>"
    )
    verdict = scan(help_file({"a.htm": page}), name="a.chm", plugins=[])
    (command,) = [one.value for one in verdict.indicators if one.kind == "command"]
    assert command == "emotriage-inert.exe, -x & http://emotriage.invalid/a"
    assert {"chm.runs-program", "chm.clicks-itself"} <= {one.rule for one in verdict.findings}
    assert verdict.level is Level.MALICIOUS or verdict.level is Level.SUSPICIOUS


@pytest.mark.parametrize("defect", ["no-stream", "bad-frames", "truncated"])
def test_defects_leave_a_gap(defect):
    verdict = scan(help_file(FILES, defects=[defect]), name="a.chm", plugins=[])
    assert verdict.level >= Level.UNVERIFIED
    assert verdict.gaps


def test_damage_never_raises():
    dice = random.Random(3)
    original = help_file({"a.htm": b"hello" * 9, "b.htm": b"x" * 70_000})
    for _ in range(400):
        data = bytearray(original)
        for _ in range(dice.choice((1, 3, 9))):
            data[dice.randrange(dice.choice((400, len(data))))] = dice.randrange(256)
        try:
            contents(bytes(data))
        except (FormatError, BudgetSpent):
            continue
