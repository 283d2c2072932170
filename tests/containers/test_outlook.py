"""Outlook messages: bodies and attachments come out under their names, with what opens them; nothing passes unseen."""

import random

import pytest

from emotriage import Level, Limits, scan
from emotriage.formats.rtf.compressed import decompress_rtf
from emotriage.model.blob import Blob
from emotriage.model.errors import BudgetSpent, FormatError, Malformed
from emotriage.model.limits import Budget
from emotriage.testing import archive, document, mail, outlook_message, shortcut
from emotriage.testing.outlook import compressed_rtf

MACRO = document("doc", macros={"Module1": 'Sub AutoOpen()\nShell "emotriage-inert"\nEnd Sub\n'})


def names(verdict):
    return {one.name: one.kind for one in verdict.artifacts}


@pytest.mark.parametrize("ansi", ["", "cp932"])
def test_every_body_and_attachment_is_an_artifact(ansi):
    data = outlook_message(
        "Minutes", html="<p>Minutes</p>", rtf="{\\rtf1 Minutes}", attach={"議事録.doc": MACRO}, inner_text="older",
        inner={"older.txt": b"hello"}, ansi=ansi,
    )  # fmt: skip
    verdict = scan(data, name="a.msg", plugins=[])
    found = names(verdict)
    assert {
        "body-0.txt": "text",
        "body.html": "html",
        "body.rtf": "rtf",
        "議事録.doc": "ole",
        "older.txt": "text",
    }.items() <= found.items()
    assert verdict.complete
    assert verdict.level >= Level.SUSPICIOUS


def test_the_same_content_says_the_same_in_a_mail():
    attach = {"invoice.zip": archive(files={"invoice.doc": MACRO}, password="March-77")}
    text = "The password is March-77."
    both = [
        scan(one, name="a", plugins=[]) for one in (outlook_message(text, attach=attach), mail(text, attach=attach))
    ]
    rules = [{(one.rule) for one in verdict.findings} for verdict in both]
    assert rules[0] == rules[1]
    assert {one.source for one in both[0].passwords} == {"mail-text"}
    assert "March-77" not in both[0].to_json()


def test_a_file_in_a_property_that_nobody_opens_is_found():
    data = outlook_message("hello", more={"__substg1.0_80010102": bytes(64) + shortcut()})
    verdict = scan(data, name="a.msg", plugins=[])
    assert "lnk" in names(verdict).values()


def test_compressed_rtf():
    for size in (0, 1, 7, 8, 9, 5000):
        text = "{\\rtf1 " + "x" * size + "}"
        assert decompress_rtf(Blob(compressed_rtf(text)), Budget(Limits())) == text.encode()
    # the example of [MS-OXRTFCP] 4.1.1, with matches into the window as it is at first
    example = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert decompress_rtf(Blob(example), Budget(Limits())) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


def test_compressed_rtf_that_is_none():
    for raw in (b"", b"x" * 20, compressed_rtf("{\\rtf1 hello}")[:30].replace(b"LZFu", b"LZFx")):
        with pytest.raises(Malformed):
            decompress_rtf(Blob(raw), Budget(Limits()))
    verdict = scan(outlook_message(more={"__substg1.0_10090102": b"x" * 20}), name="a.msg", plugins=[])
    assert verdict.level is Level.UNVERIFIED


def test_damage_never_raises():
    dice = random.Random(2)
    original = compressed_rtf("{\\rtf1 " + "hello " * 200 + "}")
    for _ in range(400):
        data = bytearray(original)
        for _ in range(dice.choice((1, 9))):
            data[dice.randrange(len(data))] = dice.randrange(256)
        try:
            decompress_rtf(Blob(bytes(data)), Budget(Limits()))
        except (FormatError, BudgetSpent):
            continue
