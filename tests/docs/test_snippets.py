"""Every Python snippet of the README and the documentation runs as it stands."""

import re
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
PAGES = [TOP / "README.md", *sorted((TOP / "docs").glob("*.md"))]
SNIPPETS = [
    pytest.param(code, id=f"{page.name}-{number}")
    for page in PAGES
    for number, code in enumerate(
        re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    )
]


@pytest.mark.parametrize("code", SNIPPETS)
def test_snippet(code):
    exec(compile(code, "snippet", "exec"), {})  # noqa: S102  our own documentation


def test_there_are_snippets():
    assert len(SNIPPETS) >= 5


def test_the_plugin_of_the_documentation_finds_what_it_says(tmp_path, monkeypatch):
    from emotriage import scan

    page = (TOP / "docs" / "analyzer.md").read_text("utf-8")
    (tmp_path / "rtf_triage.py").write_text(re.search(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)[1])
    info = tmp_path / "rtf_triage-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rtf-triage\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[emotriage.analyzers]\nrtf-update = rtf_triage:ANALYZER\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    data = b"{\\rtf1" + b" " * 2_000_000 + b"{\\object\\objupdate}}"
    for isolate in (False, True):
        verdict = scan(data, name="a.rtf", isolate=isolate)
        assert verdict.plugins == ("rtf-update",)
        assert [f.evidence[0].offset for f in verdict.findings if f.rule == "rtf.object-update"] == [2_000_014]
        without = scan(data, name="a.rtf", plugins=[], isolate=isolate)
        assert without.plugins == ()
        assert "rtf.object-update" not in {f.rule for f in without.findings}
