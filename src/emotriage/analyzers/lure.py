"""Lures: text that talks the reader of a document into enabling its content."""

from collections.abc import Iterator

from emotriage.catalogue import lure as rules
from emotriage.emulation.lure import OVERLAP, Lure
from emotriage.formats.cfb import read_compound_file
from emotriage.formats.ooxml import read_package
from emotriage.formats.ooxml.text import texts
from emotriage.model.analyzer import Found, Subject, analyzer
from emotriage.model.finding import Evidence

_STREAMS = frozenset({"worddocument", "0table", "1table", "data", "workbook", "book", "powerpoint document"})
"""Streams with the text of a document and of its shapes: it lies there in one piece, whatever its format."""
_EVIDENCE = 8


@analyzer("lure", kinds={"ole", "ooxml"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Report phrases by which documents ask to have their content enabled."""
    found: dict[str, Lure] = {}
    if subject.kind == "ooxml":
        for name, text in texts(subject.view(read_package), subject.budget):
            found.setdefault(name, Lure()).read(text, subject.budget)
    else:
        compound = subject.view(read_compound_file)
        for entry in compound.entries:
            if entry.kind == "stream" and entry.name.lower() in _STREAMS:
                lure = found.setdefault(entry.path, Lure())
                for _, window in compound.open(entry).windows(overlap=OVERLAP):
                    lure.scan(window, subject.budget)
    calls = [Evidence(phrase, where=name) for name, one in found.items() for phrase in one.calls]
    pretexts = [Evidence(phrase, where=name) for name, one in found.items() for phrase in one.pretexts]
    if calls and pretexts:
        yield rules.LURE(*calls[: _EVIDENCE // 2], *pretexts[: _EVIDENCE // 2])
    elif calls:
        yield rules.ASKS(*calls[:_EVIDENCE])
