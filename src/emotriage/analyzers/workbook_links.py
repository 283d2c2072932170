"""Workbooks of Excel 5 to 2003 that ask another program for data by DDE ([MS-XLS] 2.4.271)."""

from collections.abc import Iterator

from emotriage.catalogue import ole as rules
from emotriage.formats.cfb import read_compound_file
from emotriage.formats.excel.biff_globals import read_globals
from emotriage.formats.office_crypto import candidates
from emotriage.formats.ooxml.fields import asks_office
from emotriage.model.analyzer import Found, Subject, analyzer
from emotriage.model.errors import FormatError
from emotriage.model.finding import GUESS, Evidence
from emotriage.model.indicator import Indicator

_STREAMS = frozenset({"workbook", "book"})
_EVIDENCE = 8


@analyzer("workbook-links", kinds={"ole"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Report the programs that the links of each workbook name."""
    compound = subject.view(read_compound_file)
    passwords = [one.value for one in candidates(subject.passwords, subject.name, subject.limits.passwords)]
    links: dict[str, str] = {}
    for entry in compound.entries:
        if entry.kind == "stream" and entry.name.lower() in _STREAMS:
            try:
                found = read_globals(compound.open(entry), subject.budget, passwords)
            except FormatError as error:
                if compound.find("EncryptedPackage") is None:  # Office leaves an empty workbook beside one
                    yield rules.DAMAGED(Evidence(str(error), where=entry.path))
                continue
            links |= {book.link: entry.path for book in found.books if book.link}
    for confidence in (1.0, GUESS):
        if said := [one for one in links if asks_office(one) is (confidence == GUESS)]:
            yield rules.DDE_LINK(*(Evidence(one, where=links[one]) for one in said[:_EVIDENCE]), confidence=confidence)
    for one, where in links.items():
        yield Indicator(kind="command", value=one, where=where)
