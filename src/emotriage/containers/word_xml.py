"""Word documents in one XML file: macros, objects and pictures that they hold as text become children."""

from collections.abc import Iterator

from emotriage.formats.ooxml.flat_opc import as_archive, is_flat
from emotriage.formats.word_xml import read_binary_parts
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.anomaly import Anomaly
from emotriage.model.errors import FormatError, Malformed


@analyzer("word-xml", kinds={"word-xml"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Hand out the binary parts, but for a package that can be put together: that holds them where they belong."""
    if is_flat(subject.blob, subject.budget) and _is_put_together(subject):
        return
    problems: list[Anomaly] = []
    for number, part in enumerate(read_binary_parts(subject.blob, subject.budget, problems)):
        yield Child(part.name.rpartition("/")[2] or f"binary-{number}", part.content)
    if problems:
        raise Malformed(f"XML is not read to its end: {problems[0].code}")


def _is_put_together(subject: Subject) -> bool:
    try:
        subject.view(as_archive)
    except FormatError:  # whoever puts it together says so
        return False
    return True
