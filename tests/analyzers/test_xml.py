"""XML documents: data is clean, what programs act on is not."""

import pytest

from emotriage.analyzers.xml import ANALYZER
from emotriage.model.analyzer import Subject
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.finding import Finding
from emotriage.model.limits import Budget, Limits


def rules(text: str | bytes) -> list[str]:
    data = text if isinstance(text, bytes) else text.encode()
    subject = Subject(Blob(data), "xml", "invoice.xml", Budget(Limits()))
    return [one.rule.removeprefix("xml.") for one in ANALYZER.run(subject) if isinstance(one, Finding)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<invoice><total>100</total></invoice>", []),
        ("<請求書><合計>100</合計></請求書>", []),
        ("<a href='http://emotriage-inert.invalid/'/>", []),
        ("<a href='  JavaScript:inert()'/>", ["script"]),
        ("<a><b:SCRIPT xmlns:b='x'/></a>", ["script"]),
        ("<?mso-application progid='Word.Document'?><a/>", ["style-sheet"]),
        ("<MMC_ConsoleFile><Inert/></MMC_ConsoleFile>", ["active-document"]),
        ("<x:task xmlns:x='http://schemas.microsoft.com/windows/2004/02/mit/task'/>", ["active-document"]),
        ("<!DOCTYPE a><a/>", ["document-type"]),
        ("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///emotriage-inert'>]><a/>", ["document-type", "entities"]),
    ],
)
def test_what_stands_in_it(text, expected, encoding):
    assert rules(text.encode(encoding)) == expected


def test_what_was_seen_before_the_end_of_a_broken_document_is_kept():
    subject = Subject(Blob(b"<a><script/><b></a>"), "xml", "a.xml", Budget(Limits()))
    run = ANALYZER.run(subject)
    assert next(run).rule == "xml.script"
    with pytest.raises(Malformed):
        next(run)


def test_scripts_are_found_wherever_they_stand():
    assert rules("<a>" + "<b/>" * 100_000 + "<script/></a>") == ["script"]
