"""Publisher documents: what is in their own streams that is a file; macros and objects have storages of their own."""

import re
from collections.abc import Iterator

from emotriage.catalogue import ole as rules
from emotriage.formats.active_magic import find_active
from emotriage.formats.cfb import read_compound_file
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.finding import Evidence
from emotriage.model.limits import RECORD

_OWN = re.compile(r"(?:.*/)?(?:contents|envelope|\x03internal|quill/quillsub/contents|escher/escher(?:delay)?stm)")


@analyzer("publisher", kinds={"ole"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Search the streams of text, drawings and layout."""
    compound = subject.view(read_compound_file)
    storages = {one.parent for one in compound.entries if one.name.lower() == "quill" and one.kind == "storage"}
    if not storages:
        return
    for entry in compound.entries:
        subject.budget.spend(RECORD)
        if entry.kind != "stream" or not _OWN.fullmatch(entry.path.lower()):
            continue
        content = compound.open(entry)
        for one in find_active(content, subject.budget, start=0):
            yield (rules.EMBEDDED_PROGRAM if one.what == "program" else rules.EMBEDDED_FILE)(
                Evidence(one.name, where=entry.path, offset=one.offset)
            )
            yield Child(f"{entry.path}{one.extension}", content.slice(one.offset))
