"""HTML pages and bodies, read as a browser shows and runs them; what could not be followed is a gap that says what."""

from collections.abc import Iterator

from emotriage.analyzers.html.page import judge_page
from emotriage.catalogue import carve
from emotriage.catalogue import html as rules
from emotriage.formats.active_magic import find_active
from emotriage.formats.text import content_bytes, decode_text
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.finding import Evidence
from emotriage.model.limits import MIB

_LIMIT = 8 * MIB
_SELF = frozenset({"page with scripts", "HTML application", "Windows Script Host job"})
"""What a page may hold as a page; that is active content."""
_QUOTED = frozenset({"PDF document", "RTF document", "ActiveMime container"})
"""What begins with plain letters: in a page, they may only be talked about."""


@analyzer("html", kinds={"html"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Judge the page, and look for files that begin inside of it."""
    text = decode_text(subject.blob, subject.budget, _LIMIT)
    if (size := content_bytes(subject.blob)) > _LIMIT:
        yield rules.NOT_READ_WHOLE(Evidence(f"{_LIMIT} of {size} bytes"))
    yield from judge_page(text, subject.budget)
    for hidden in find_active(subject.blob, subject.budget):
        if hidden.name not in _SELF | _QUOTED:
            rule = carve.PROGRAM if hidden.what == "program" else carve.FILE
            yield rule(Evidence(hidden.name, where=f"offset {hidden.offset}", offset=hidden.offset))
            yield Child(f"embedded-{hidden.offset}", subject.blob.slice(hidden.offset))
