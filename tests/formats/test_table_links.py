"""Cells of tables as text that a spreadsheet takes for links by DDE."""

import pytest

from emotriage.formats.excel.table_links import program_links
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget, Limits

LINKS = [
    ("=cmd|'/c emotriage-inert'!A0", "cmd|'/c emotriage-inert'"),
    ("1,=cmd|' /c emotriage-inert'!''", "cmd|' /c emotriage-inert'"),
    ("a;\"=cmd|'/c emotriage-inert'!A1\"", "cmd|'/c emotriage-inert'"),
    ("x\t@SUM(1+1)*cmd|'/c emotriage-inert'!A0", "cmd|'/c emotriage-inert'"),
    ("+cmd|'/c emotriage-inert'!A0", "cmd|'/c emotriage-inert'"),
    ("=C:\\Windows\\System32\\cmd.exe|'/c x'!A0", "C:\\Windows\\System32\\cmd.exe|'/c x'"),
]
HONEST = ["a|b|c!", "name|price\nx|1", "=SUM(A1:A9)", "yes | no! | maybe", "- one | two! | three", "price,=A1|0"]


def links(text, encoding="utf-8"):
    return [one for one, _ in program_links(Blob(text.encode(encoding)), Budget(Limits()))]


@pytest.mark.parametrize(("text", "link"), LINKS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_links(text, link, encoding):
    assert links(f"name,price\r\n{text}\r\n", encoding) == [link]


@pytest.mark.parametrize("text", HONEST)
def test_honest_cells(text):
    assert links(text) == []


def test_the_line_is_told():
    found = program_links(Blob(b"a\nb\n=cmd|'/c x'!A0\n"), Budget(Limits()))
    assert list(found) == [("cmd|'/c x'", 3)]
