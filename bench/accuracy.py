"""Write the measured parts of docs/accuracy.md: a table of levels a subset, honest files not looked at, and padding.

    python bench/accuracy.py TABLE VERDICTS [BENCH [COMPARE]]

TABLE: what the evaluation over a labelled corpus printed: a header, then one line a subset (label, subset, files,
malicious, suspicious or worse, unverified, clean, gaps, with an address, with a command, with a payload, without a
verdict), then totals. VERDICTS: the verdicts as JSON lines; the folder that a file lies in is its subset. BENCH: what
`make bench` printed. COMPARE: what compare.py printed.

Each part replaces what stands between its two marks in the page; the words around them are written by hand.
"""

import collections
import json
import re
import sys
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "accuracy.md"
WITH_SUBJECT = {"scan.not-read", "ole.unread-application"}
HEAD = (
    "| label | subset | files | malicious | suspicious or worse | unverified | clean | with gaps | payload |\n"
    "|---|---|--:|--:|--:|--:|--:|--:|--:|\n"
)


def levels(table: str) -> str:
    """The table of levels and the totals below it."""
    rows = [line.split() for line in table.splitlines() if re.match(r"(?:benign|malicious|robustness) ", line)]
    body = "".join(f"| {' | '.join([*row[:8], row[10]])} |\n" for row in rows)
    totals = [line for line in table.splitlines() if re.match(r"(?:benign|malicious|clean with a gap):", line)]
    return HEAD + body + "\n" + "\n\n".join(totals) + "\n"


def reasons(verdicts: str) -> str:
    """Why honest files are unverified, most frequent first."""
    count: collections.Counter[str] = collections.Counter()
    files = 0
    for line in verdicts.splitlines():
        verdict = json.loads(line)
        if verdict["level"] != "unverified" or not Path(verdict["name"]).parent.name.startswith("benign"):
            continue
        files += 1
        count.update({reason(verdict["findings"][number]) for number in verdict["gaps"]})
    for rare in [why for why, number in count.items() if number < 3 and "ole.unread-application" in why]:
        count["other applications (`ole.unread-application`)"] += count.pop(rare)
    lines = "".join(
        f"| {why} | {number} |\n" for why, number in sorted(count.items(), key=lambda one: (-one[1], one[0]))
    )
    last = f"In all {files} honest files are unverified; a file can have several reasons.\n"
    return f"| reason | files |\n|---|--:|\n{lines}\n{last}"


def reason(finding: dict[str, object]) -> str:
    """What a gap says, with the sort of content where the rule is about any."""
    evidence = finding["evidence"]
    what = evidence[0]["text"] if finding["rule"] in WITH_SUBJECT and evidence else finding["title"]  # type: ignore[index]
    return f"{what} (`{finding['rule']}`)"


def written(page: str, part: str, text: str) -> str:
    """The page with one part replaced."""
    begin, end = f"<!-- {part} -->\n", f"<!-- end of {part} -->\n"
    head, rest = page.split(begin)
    return head + begin + text + end + rest.split(end)[1]


def main() -> int:
    """Rewrite the page; 64 when called wrongly."""
    if len(sys.argv) not in (3, 4, 5):
        print(__doc__)
        return 64
    table, verdicts, *bench = (Path(name).read_text(encoding="utf-8") for name in sys.argv[1:])
    page = written(PAGE.read_text(encoding="utf-8"), "levels", levels(table))
    page = written(page, "reasons", reasons(verdicts))
    if len(bench) == 2:
        page = written(page, "peers", bench.pop())
    for text in bench:
        lines = "".join(f"{line}\n" for line in text.splitlines() if re.match(r"file |invoice", line))
        page = written(page, "padding", f"```text\n{lines}```\n")
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
