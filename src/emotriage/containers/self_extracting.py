"""Programs that carry a ZIP or RAR archive behind their own end: self-extracting ones, and stubs before an archive."""

from collections.abc import Iterator

from emotriage.catalogue import zip as rules
from emotriage.formats.rar import find_archive
from emotriage.formats.zip import holds_archive, read_archive
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.finding import Evidence


@analyzer("self-extracting", kinds={"executable"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Hand out the archive; the program itself stays what it is."""
    if (at := find_archive(subject.blob, subject.budget, subject.end or 2)) is not None:
        yield rules.PREPENDED_DATA(Evidence("program", offset=0))
        yield Child(f"archive-{at}", subject.blob.slice(at))
    if not holds_archive(subject.blob, subject.budget):
        return
    start = min((one.offset for one in subject.view(read_archive).members if one.data >= 0), default=0)
    if start > 0:
        yield rules.PREPENDED_DATA(Evidence("program", offset=0))
        yield Child(f"archive-{start}", subject.blob.slice(start))
