"""L10: nothing from an input steers a terminal, a log or a JSON reader."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage import scan
from emotriage.reports.safe import defang, safe_text, shown
from emotriage.reports.text import story, table
from emotriage.testing import archive

FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
HOSTILE = [
    "\x1b[2Jinvoice.doc",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x9b31mred",
    "a\rclean  b",
    "a\nJan 1 00:00:00 host emotriage: clean",
    "inv\u202ecod.exe",
    "zero\u200bwidth\u2066",
    "%s{0}$(x)`y`",
    "[bold]markup[/bold]",
    "lone\udcff",
    "\x08\x08\x08",
    "http://evil.invalid/x",
    "表ソ.doc",
]


@given(st.text(max_size=300))
def test_safe_text_lets_no_control_through(text):
    assert not FORBIDDEN.search(safe_text(text))
    assert "\n" not in safe_text(text)
    shown(text).encode("utf-8")


@pytest.mark.parametrize("name", HOSTILE)
def test_reports(name):
    data = archive(files={name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"): b"MZ" + bytes(64)})
    verdict = scan(data, name=name, plugins=[])
    for text in (table([verdict]), story(verdict), story(verdict, color=False, width=60)):
        assert not FORBIDDEN.search(text)
        text.encode("utf-8")
    raw = verdict.to_json()
    assert raw.isascii()
    assert not FORBIDDEN.search(raw)
    assert "\n" not in raw
    assert json.loads(raw)["name"] == name


def test_addresses_are_defanged_for_people():
    assert defang("get http://evil.invalid/a.exe now") == "get hxxp://evil[.]invalid/a.exe now"
    assert defang("https://198.51.100.7/x.y") == "hxxps://198[.]51[.]100[.]7/x.y"
    assert defang(r"\\host.invalid\share\x.dll") == r"\\host[.]invalid\share\x[.]dll"
    assert defang("ftp://a.invalid") == "fxp://a[.]invalid"
