"""HTML pages and bodies: judged where they hold nothing active, a gap that says what where they do."""

from collections.abc import Iterator

from emotriage.analyzers.html_signs import link_of, raw_signs, signs_of
from emotriage.catalogue import carve
from emotriage.catalogue import html as rules
from emotriage.formats.active_magic import find_active
from emotriage.formats.html_tags import read_tags
from emotriage.formats.text import content_bytes, decode_text
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.finding import Evidence
from emotriage.model.indicator import Indicator
from emotriage.model.limits import MIB

_LIMIT = 8 * MIB
_URLS = 256
_EVIDENCE = 16
_SELF = frozenset({"page with scripts", "HTML application", "Windows Script Host job"})
"""What a page may hold as a page; that is active content."""
_QUOTED = frozenset({"PDF document", "RTF document", "ActiveMime container"})
"""What begins with plain letters: in a page, they may only be talked about."""


@analyzer("html", kinds={"html"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Look for whatever is more than text, pictures and links to pages; the links are indicators."""
    budget = subject.budget
    text = decode_text(subject.blob, budget, _LIMIT)
    if (size := content_bytes(subject.blob)) > _LIMIT:
        yield rules.NOT_READ_WHOLE(Evidence(f"{_LIMIT} of {size} bytes"))
    budget.spend(8 * len(text))
    active: dict[str, Evidence] = {}
    links: dict[str, int] = {}
    for tag in read_tags(text, budget):
        for why in signs_of(tag):
            if len(active) < _EVIDENCE:
                active.setdefault(why, Evidence(why, where=f"character {tag.start}"))
        if len(links) < _URLS and (address := link_of(tag)):
            links.setdefault(address, tag.start)
    for why in raw_signs(text):
        if not active:
            active[why] = Evidence(why, where="outside of tags")
    for address, at in links.items():
        yield Indicator(kind="url", value=address, where=f"character {at}")
    for hidden in find_active(subject.blob, budget):
        if hidden.name not in _SELF | _QUOTED:
            rule = carve.PROGRAM if hidden.what == "program" else carve.FILE
            yield rule(Evidence(hidden.name, where=f"offset {hidden.offset}", offset=hidden.offset))
            yield Child(f"embedded-{hidden.offset}", subject.blob.slice(hidden.offset))
    if active:
        yield rules.ACTIVE_CONTENT(*active.values())
