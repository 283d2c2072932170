"""What is reported of DDE in packages."""

from emotriage.analyzers.ooxml_fields import ANALYZER
from emotriage.model.analyzer import Subject
from emotriage.model.blob import Blob
from emotriage.model.finding import Finding, Trait
from emotriage.model.indicator import Indicator
from emotriage.model.limits import Budget, Limits
from emotriage.testing import document


def look(*fields: str):
    data = document("docx", fields=list(fields))
    found = list(ANALYZER.run(Subject(Blob(data), "ooxml", "x.docx", Budget(Limits()))))
    return [one for one in found if isinstance(one, Finding)], [one for one in found if isinstance(one, Indicator)]


def test_a_field_that_starts_a_program():
    (finding,), (indicator,) = look("DDEAUTO emotriage-inert /k")
    assert finding.rule == "ooxml.dde-field"
    assert Trait.EXECUTE in finding.traits
    assert indicator.value == "DDEAUTO emotriage-inert /k"
    assert indicator.kind == "command"


def test_a_field_that_asks_excel_is_a_guess():
    (finding,), _ = look("DDE Excel.Sheet.8 book.xls R1C1")
    assert not finding.traits
    assert finding.weight < 30


def test_other_fields_are_nothing():
    assert look("PAGE", "DATE") == ([], [])
