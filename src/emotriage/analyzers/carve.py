"""Files that begin behind text, scripts, filler or unknown bytes: found by their first bytes and looked at."""

from collections.abc import Iterator

from emotriage.catalogue import carve as rules
from emotriage.formats.active_magic import find_active
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.finding import Evidence

_QUOTED = frozenset({"PDF document", "RTF document", "ActiveMime container", "web archive or mail"})
"""What begins with plain letters: in a text, they may only be talked about."""


@analyzer("carve", kinds={"hta", "script", "text", "unknown"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Carve the first file of each kind out, up to the end."""
    for hidden in find_active(subject.blob, subject.budget):
        if hidden.what == "script" or (subject.kind != "unknown" and hidden.name in _QUOTED):
            continue
        rule = rules.PROGRAM if hidden.what == "program" else rules.FILE
        yield rule(Evidence(hidden.name, where=f"offset {hidden.offset}", offset=hidden.offset))
        yield Child(f"embedded-{hidden.offset}", subject.blob.slice(hidden.offset))
