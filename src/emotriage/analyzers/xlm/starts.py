"""Where Visual Basic starts Excel 4.0 macros: formulas it hands over as texts, macro sheets it runs by name."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from emotriage.formats.ooxml import Package
from emotriage.formats.vba import Project, read_projects
from emotriage.model.analyzer import Subject
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.finding import Evidence
from emotriage.model.limits import Budget

_STARTS = re.compile(
    r"""(?i)\b(?:(ExecuteExcel4Macro)|(?:Application|Excel)\s{0,4}\.\s{0,4}Run)\b\s{0,8}\(?\s{0,8}(?:("(?:[^"\r\n]|""){0,2048}")(\s{0,8}&)?)?"""
)
_MOST = 32


class Started(NamedTuple):
    """What Visual Basic starts.

    Attributes:
        evidence: the calls, with their places.
        formulas: that are handed over as texts, with their equals sign.
        names: of macros and cells that are run.
        computed: the name or text of one is put together first.
        unread: why the code could not be read, where it could not.
    """

    evidence: tuple[Evidence, ...] = ()
    formulas: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    computed: bool = False
    unread: str = ""


NOT_STARTED = Started()


def started_in_file(subject: Subject) -> Started:
    """What the projects of a compound file start."""
    try:
        return started_by(subject.view(read_projects), subject.budget)
    except FormatError as error:
        return Started(unread=str(error))


def started_by(projects: Iterable[Project], budget: Budget) -> Started:
    """What the source of VBA projects starts, as far as it says so in plain words."""
    evidence: list[Evidence] = []
    formulas: list[str] = []
    names: list[str] = []
    computed = False
    for project in projects:
        for module in project.modules:
            budget.spend(len(module.source))
            for found in _STARTS.finditer(module.source):
                if len(evidence) >= _MOST:
                    break
                line = module.source.count("\n", 0, found.start()) + 1
                evidence.append(Evidence(found.group().strip(), where=f"{module.name}:{line}"))
                text = (found[2] or '""')[1:-1].replace('""', '"')
                computed |= not text or found[3] is not None
                if text and found[1]:
                    formulas.append("=" + text.removeprefix("="))
                elif text:
                    names.append(text)
    return Started(tuple(evidence), tuple(formulas), tuple(names), computed)


def started_in_package(package: Package, budget: Budget) -> Started:
    """The same of a package, whose project is a file of its own."""
    for part in package.parts:
        if "vbaproject" in part.content_type.lower() and not part.name.lower().endswith(".xml"):
            try:
                data = b"".join(package.stream(part, budget, []))
                return started_by(read_projects(Blob(data), budget), budget)
            except FormatError as error:
                return Started(unread=str(error))
    return NOT_STARTED
