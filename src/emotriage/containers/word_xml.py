"""Word documents in one XML file: macros, objects and pictures that they hold as text become children."""

from collections.abc import Iterator

from emotriage.formats.word_xml import read_binary_parts
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.anomaly import Anomaly
from emotriage.model.errors import Malformed


@analyzer("word-xml", kinds={"word-xml"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Hand out the binary parts; what else the document says is not read."""
    problems: list[Anomaly] = []
    for number, part in enumerate(read_binary_parts(subject.blob, subject.budget, problems)):
        yield Child(part.name.rpartition("/")[2] or f"binary-{number}", part.content)
    if problems:
        raise Malformed(f"XML is not read to its end: {problems[0].code}")
