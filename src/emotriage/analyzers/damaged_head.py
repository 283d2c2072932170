"""Files whose first bytes are wrong: mended, and looked at as what they would be."""

from collections.abc import Iterator

from emotriage.catalogue import carve as rules
from emotriage.formats.damaged_head import read_damaged
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.finding import Evidence


@analyzer("damaged-head", kinds={"text", "unknown"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Put the beginning right; whoever opens the file may do the same."""
    if (damaged := read_damaged(subject.blob, subject.budget)) is not None:
        yield rules.DAMAGED_HEADER(Evidence(damaged.name, where="first bytes", offset=0))
        yield Child("mended", lambda budget: damaged.mended(subject.blob, budget))
