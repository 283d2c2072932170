"""Word documents in one XML file: macros, objects and pictures that they hold as text become children."""

from collections.abc import Iterator

from emotriage.formats.ooxml.flat_opc import is_flat
from emotriage.formats.word_xml import read_binary_parts
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.anomaly import Anomaly
from emotriage.model.errors import Malformed


@analyzer("word-xml", kinds={"word-xml"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Hand out the binary parts, but for those of a package: there they belong to what is put together of it."""
    if is_flat(subject.blob, subject.budget):
        return
    problems: list[Anomaly] = []
    yield from binary_children(subject, problems)
    if problems:
        raise Malformed(f"XML is not read to its end: {problems[0].code}")


def binary_children(subject: Subject, problems: list[Anomaly]) -> Iterator[Child]:
    """The binary parts, one by one; `problems` takes why they are not all."""
    for number, part in enumerate(read_binary_parts(subject.blob, subject.budget, problems)):
        yield Child(part.name.rpartition("/")[2] or f"binary-{number}", part.content)
