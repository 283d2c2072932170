"""The reader of internet shortcuts: encodings, padding, doubled lines, and any bytes at all."""

import configparser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.formats.url import read_internet_shortcut
from emotriage.model.blob import Blob
from emotriage.model.errors import BudgetSpent, Malformed
from emotriage.model.limits import GIB, Budget, Limits
from emotriage.model.padding import Run, RunFinder

PLAIN = b"[InternetShortcut]\r\nURL=https://www.example.invalid/\r\nIconFile=C:\\inert\\a.ico\r\nIconIndex=3\r\n"


def read(data: bytes, **limits: int):
    blob = Blob(data)
    finder = RunFinder()
    finder.feed(data)
    blob.holes = finder.finish()
    return read_internet_shortcut(blob, Budget(Limits(**limits)))


def test_keys_and_values():
    link = read(PLAIN)
    assert link.value("url") == "https://www.example.invalid/"
    assert link.value("iconfile") == r"C:\inert\a.ico"
    assert link.value("hotkey") == ""
    assert PLAIN[link.values("url")[0].offset :].startswith(b"URL=")


def test_same_as_configparser_over_all_recipes(samples):
    compared = 0
    for name, (recipe, data) in samples.items():
        if (
            b"[InternetShortcut" not in data
            or recipe.triggers in {("url.ambiguous",), ("url.damaged",)}
            or recipe.family != "url"
        ):
            continue
        parser = configparser.RawConfigParser(strict=False, delimiters=("=",), comment_prefixes=())
        parser.read_string(data.rstrip(b"\0").decode())
        link = read(data)
        theirs = dict(parser["InternetShortcut"])
        assert {one.key: one.value for one in reversed(link.entries)} == theirs, name
        compared += 1
    assert compared > 20


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(codec):
    text = PLAIN.decode().replace("www", "übung")
    data = b"\xfe\xff" + text.encode(codec) if codec == "utf-16-be" else text.encode(codec)
    assert read(data).value("url") == "https://übung.example.invalid/"


@pytest.mark.parametrize("filler", [100, 5000, 70_000, 500_000])
@pytest.mark.parametrize("where", ["end", "start", "inside"])
def test_padding_with_nuls(filler, where):
    at = {"end": len(PLAIN), "start": 0, "inside": 20}[where]
    link = read(PLAIN[:at] + bytes(filler) + PLAIN[at:])
    assert link.value("url") == "https://www.example.invalid/"
    assert link.filler == filler


def test_a_giant_costs_little():
    class Sparse:
        size = GIB

        def read(self, offset, length):
            return PLAIN[offset : offset + length].ljust(length, b"\0")

        def close(self):
            pass

    blob = Blob(Sparse())
    blob.holes = (Run(len(PLAIN), GIB - len(PLAIN), 0),)
    budget = Budget(Limits())
    assert read_internet_shortcut(blob, budget).value("url") == "https://www.example.invalid/"
    assert budget.work < 1_000_000


def test_the_first_of_two_counts():
    link = read(b"[InternetShortcut]\nURL=a\nurl = b \n[Other]\nURL=c\n[internetshortcut]\nURL='d'\n")
    assert [one.value for one in link.values("url")] == ["a", "b", "d"]
    assert link.value("url") == "a"


def test_the_unicode_section_is_utf_7():
    link = read(
        b"[InternetShortcut.W]\nURL=https://+APw-bung.invalid/\n[InternetShortcut]\nURL=https://?bung.invalid/\n"
    )
    assert [one.value for one in link.values("url")] == ["https://?bung.invalid/", "https://übung.invalid/"]


def test_without_its_section_it_is_none():
    for data in (b"", b"[Other]\nURL=a\n", b"URL=a\n"):
        with pytest.raises(Malformed):
            read(data)


def test_more_lines_than_anybody_writes_are_a_gap():
    link = read(PLAIN + b"A=\n" * 2000)
    assert [one.code for one in link.anomalies if one.incomplete] == ["too-many-lines"]


def test_lines_cost_budget():
    with pytest.raises(BudgetSpent):
        read(PLAIN * 500, work=50_000)


def test_a_line_of_a_megabyte():
    link = read(b"[InternetShortcut]\nA=" + b"a" * (3 << 20) + b"\nURL=b\n")
    assert link.value("url") == "b"
    assert len(link.value("a")) <= 64 << 10


@given(st.binary(max_size=300))
def test_any_bytes_behind_the_section(tail):
    assert read(b"[InternetShortcut]\n" + tail).filler >= 0
