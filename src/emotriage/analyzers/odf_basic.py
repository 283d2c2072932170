"""Macros of OpenDocument packages: Basic is near enough to VBA to be read as such, from where events enter it."""

import re
from collections.abc import Iterator

from emotriage.analyzers.vba import concealment as vba_concealment
from emotriage.analyzers.vba import text as vba_text
from emotriage.analyzers.vba.behaviour import Behaviour
from emotriage.analyzers.vba.macros import prepare
from emotriage.formats.odf import OpenDocument, read_opendocument
from emotriage.formats.vba import Module, Project
from emotriage.model.analyzer import Found, Subject, analyzer
from emotriage.model.step import Recovered

_MACRO = re.compile(r"(?:vnd\.sun\.star\.script:|macro:///)?(?:\w+\.)*(\w+)", re.IGNORECASE)
_MOST = 64


@analyzer("odf-basic", kinds={"odf"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Report what the modules of Basic can do, and how they hide that."""
    document = subject.view(read_opendocument)
    if not document.modules:
        return
    modules = [Module(one.name, one.name, one.code, "standard") for one in document.modules]
    for one in modules:
        yield Recovered(one.name, "vba", one.source)
    modules.append(Module("events of the document", "", _entries(document), "standard"))
    project = Project("Basic", "Basic", tuple(modules), 65001, (), "", ())
    macros = prepare(project, subject.budget)
    yield from vba_text.look(macros)
    hidden = list(vba_concealment.look(macros))
    yield from Behaviour(macros).look()
    yield from hidden


def _entries(document: OpenDocument) -> str:
    """A procedure that VBA would start by itself, and that calls what the events of the document do."""
    names = {found[1]: None for one in document.listeners if (found := _MACRO.match(one.macro))}
    return "\n".join(["Sub AutoOpen()", *(f"  Call {one}" for one in list(names)[:_MOST]), "End Sub", ""])
