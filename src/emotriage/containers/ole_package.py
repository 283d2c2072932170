"""Files that the packager has put into a document: what their names say, and the file itself as a child."""

from collections.abc import Iterator

from emotriage.catalogue import ole as rules
from emotriage.formats.file_name import read_file_name
from emotriage.formats.identify import identify
from emotriage.formats.ole.native import Package
from emotriage.model.analyzer import Child, Found, Subject
from emotriage.model.blob import Blob
from emotriage.model.finding import Evidence
from emotriage.model.indicator import Indicator

_PROGRAMS = frozenset({"executable", "script", "hta", "lnk", "url", "jar", "chm", "msix"})
"""Kinds that run, or point to what runs, when they are opened."""


def judge_package(subject: Subject, package: Package, where: str, plain: str) -> Iterator[Found]:
    """Report a package and hand out its file.

    Args:
        subject: what it is in.
        package: as it was read.
        where: its place, for evidence.
        plain: what its file is called when it has no name of its own.
    """
    names = [read_file_name(one) for one in (package.label, package.temp_path, package.path) if one]
    shown = Evidence(" | ".join(dict.fromkeys((package.label, package.path, package.temp_path))), where=where)
    program = any(one.active in ("program", "script", "shortcut") for one in names)
    if package.linked:
        yield (rules.LINKED_PROGRAM if program else rules.LINKED_OBJECT)(shown)
        yield Indicator(kind="path", value=package.temp_path or package.path, where=where)
        return
    if program or kind_of(subject, package.data) in _PROGRAMS:
        yield rules.EMBEDDED_PROGRAM(shown)
    else:
        yield rules.EMBEDDED_FILE(shown)
    endings = {one.extension[:3] for one in names}
    if len(endings) > 1 or any(one.code == "package-names-differ" for one in package.anomalies):
        yield rules.DISGUISED_PACKAGE(shown)
    if lost := [one for one in package.anomalies if one.incomplete]:
        yield rules.DAMAGED(*(Evidence(one.code, where=where, offset=one.offset) for one in lost))
    yield Child(package.label or package.path or plain, package.data)
    if package.behind is not None:
        yield Child(plain, package.behind)


def kind_of(subject: Subject, blob: Blob) -> str:
    """What a part of the subject is, at the subject's cost."""
    return identify(Subject(blob, "unknown", "", subject.budget))
