"""Lure text is found in every home of text and in many languages, and means little alone."""

import pytest

from emotriage import Level, scan
from emotriage.emulation.lure_phrases import LANGUAGES
from emotriage.testing import document, presentation, workbook

MACRO = {"Module1": 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'}
DRAWING = "application/vnd.openxmlformats-officedocument.drawing+xml"
SPLIT = (
    '<w:document xmlns:w="urn:x"><w:p><w:r><w:t>Ena</w:t></w:r><w:r><w:t>ble Content: </w:t></w:r></w:p></w:document>'
)


def rules(data, name="invoice.doc"):
    return {one.rule for one in scan(data, name=name, plugins=[]).findings}


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.name)
@pytest.mark.parametrize("form", ["doc", "docx", "xls", "xlsx", "ppt", "pptx"])
def test_every_language_in_every_format(language, form):
    text = f"{language.pretexts[0]}. {language.calls[0]}!"
    if form in ("doc", "docx"):
        data = document(form, text=text)
    elif form in ("ppt", "pptx"):
        data = presentation(form, text=text)
    else:
        data = workbook(form, sheets={"Sheet1": {"A1": text}})
    assert "lure.enable-content" in rules(data, f"invoice.{form}")


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.name)
def test_every_call_has_one_of_its_stems(language):
    assert all(any(stem in call for stem in language.stems) for call in language.calls)


def test_alternative_text_and_split_runs():
    split = document("docx", parts={"word/document.xml": SPLIT})
    assert "lure.asks-to-enable" in rules(split, "invoice.docx")
    drawing = '<d xmlns="urn:x"><docPr descr="Click Enable&#32;Content: protected view"/></d>'
    shown = document("docx", parts={"word/drawings/d.xml": drawing}, types={"word/drawings/d.xml": DRAWING})
    assert "lure.enable-content" in rules(shown, "invoice.docx")


def test_alone_it_is_text_and_beside_a_macro_it_counts():
    lure = "This document is protected. Click Enable Content."
    alone = scan(document("doc", text=lure), name="invoice.doc", plugins=[])
    assert alone.level is Level.CLEAN
    plain = scan(document("doc", text="Minutes", macros=MACRO), name="invoice.doc", plugins=[])
    both = scan(document("doc", text=lure, macros=MACRO), name="invoice.doc", plugins=[])
    assert both.score > plain.score


def test_a_manual_about_macros_is_clean():
    text = "To enable macros, open the options. Protected View shows files from the web; choose Enable Editing there."
    assert scan(document("docx", text=text), name="manual.docx", plugins=[]).level is Level.CLEAN
