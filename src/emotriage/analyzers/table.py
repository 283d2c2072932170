"""Tables as text: cells that have a spreadsheet start programs."""

from collections.abc import Iterator

from emotriage.catalogue import table as rules
from emotriage.formats.excel.table_links import program_links
from emotriage.formats.file_name import read_file_name
from emotriage.formats.ooxml.fields import asks_office
from emotriage.model.analyzer import Found, Subject, analyzer
from emotriage.model.finding import GUESS, Evidence
from emotriage.model.indicator import Indicator

_TABLES = frozenset({"csv", "tsv", "tab", "prn", "dif", "xls", "xlsx", "xlsm"})
"""Extensions under which a spreadsheet opens text."""
_EVIDENCE = 8


@analyzer("table", kinds={"text"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Report links by DDE; under a name that no spreadsheet opens they are a guess."""
    opened = read_file_name(subject.name).extension in _TABLES
    seen: dict[str, int] = {}
    for link, line in program_links(subject.blob, subject.budget):
        if len(seen) < _EVIDENCE:
            seen.setdefault(link, line)
    sure = [one for one in seen if opened and not asks_office(one)]
    for group, confidence in ((sure, 1.0), ([one for one in seen if one not in sure], GUESS)):
        if group:
            yield rules.PROGRAM_LINK(
                *(Evidence(one, where=f"line {seen[one]}") for one in group), confidence=confidence
            )
    for one, line in seen.items():
        yield Indicator(kind="command", value=one, where=f"line {line}")
