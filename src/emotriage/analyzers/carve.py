"""Files that begin behind text, scripts, filler or unknown bytes: found by their first bytes and looked at."""

import re
from collections.abc import Iterator

from emotriage.catalogue import carve as rules
from emotriage.formats.active_magic import Hidden, find_active
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.finding import Evidence

_QUOTED = frozenset({"PDF document", "RTF document", "ActiveMime container"})
"""What begins with plain letters: in a text, they may only be talked about."""
_BEFORE_TAGS = frozenset({b"\0", b"\t", b"\n", b"\r", b" ", b">"})
_URL_SECTION = re.compile(rb"[\r\n][ \t]*\[internetshortcut", re.IGNORECASE)


@analyzer("carve", kinds={"hta", "pdf", "script", "text", "unknown"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Carve the first file of each kind out, up to the end; of a PDF, what stands before its header."""
    if subject.kind == "pdf":
        if header := max(subject.blob.read(0, 1024).find(b"%PDF-"), 0):
            yield Child("before-header", subject.blob.slice(0, header))
        return
    yield from _shortcut(subject)
    for hidden in find_active(subject.blob, subject.budget):
        if subject.kind != "unknown" and not _stands_free(subject, hidden):
            continue
        rule = rules.PROGRAM if hidden.what == "program" else rules.FILE
        yield rule(Evidence(hidden.name, where=f"offset {hidden.offset}", offset=hidden.offset))
        yield Child(f"embedded-{hidden.offset}", subject.blob.slice(hidden.offset))


def _stands_free(subject: Subject, hidden: Hidden) -> bool:
    """False for what a text or script only talks about, or holds in a string."""
    if hidden.what == "script":
        return subject.kind == "text" and subject.blob.read(hidden.offset - 1, 1) in _BEFORE_TAGS
    return hidden.name not in _QUOTED


def _shortcut(subject: Subject) -> Iterator[Found]:
    """An internet shortcut: Windows reads its section wherever a line begins it."""
    for at, window in subject.blob.windows(overlap=64):
        subject.budget.spend(len(window))
        if found := _URL_SECTION.search(window):
            offset = at + found.end() - len("[internetshortcut")
            yield rules.FILE(Evidence("internet shortcut", where=f"offset {offset}", offset=offset))
            yield Child(f"embedded-{offset}", subject.blob.slice(offset))
            return
