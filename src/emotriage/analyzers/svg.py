"""Pictures in SVG, judged as the pages that browsers take them for."""

import re
from collections.abc import Iterator

from emotriage.analyzers.html.page import judge_page
from emotriage.catalogue import html as rules
from emotriage.catalogue import xml
from emotriage.formats.text import content_bytes, decode_text
from emotriage.model.analyzer import Found, Subject, analyzer
from emotriage.model.finding import Evidence
from emotriage.model.limits import MIB

_LIMIT = 8 * MIB
_TYPE = re.compile(r"(?i)<!doctype\s[^>\[]{0,1024}\[")
_STYLE = re.compile(r"(?i)<\?xml-stylesheet\s[^>]{0,1024}")


@analyzer("svg", kinds={"svg"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Judge the picture as a page; entities of its own are never undone."""
    text = decode_text(subject.blob, subject.budget, _LIMIT)
    if (size := content_bytes(subject.blob)) > _LIMIT:
        yield rules.NOT_READ_WHOLE(Evidence(f"{_LIMIT} of {size} bytes"))
    subject.budget.spend(2 * len(text))
    if _TYPE.search(text):
        yield xml.DOCUMENT_TYPE(Evidence("<!DOCTYPE", where="before the root"))
        if "<!entity" in text.lower():
            yield xml.ENTITIES(Evidence("<!ENTITY", where="<!DOCTYPE"))
    if style := _STYLE.search(text):
        yield xml.STYLE_SHEET(Evidence(style[0][:200], where="before the root"))
    yield from judge_page(text, subject.budget)
