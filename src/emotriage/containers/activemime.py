"""ActiveMime (editdata.mso): what Word compressed into it, a compound file with macros or objects."""

from collections.abc import Iterator

from emotriage.formats.activemime import unpack_activemime
from emotriage.model.analyzer import Child, Found, Subject, analyzer


@analyzer("activemime", kinds={"activemime"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Hand out the content."""
    yield Child("editdata.bin", lambda budget: unpack_activemime(subject.blob, budget))
