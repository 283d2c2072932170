"""Write the measured parts of docs/performance.md: beside oletools, on synthetic and real files, and padded documents.

    python bench/report.py BENCH [REAL]

BENCH: what `make bench` printed. REAL: what `bench/peers.py FOLDER` printed for a folder of real files.

Each part replaces what stands between its two marks in the page; the words around them are written by hand.
"""

import re
import sys
from pathlib import Path

from accuracy import written

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
PEERS = re.compile(r"(?ms)^cold process .*?^class .*?(?=\n\n|\n?\Z)")
PADDING = re.compile(r"(?m)^file .*(?:\n^.+  (?:kept|LOST .*)$)+")


def block(pattern: re.Pattern[str], text: str) -> str:
    """The table that a pattern finds in the output, as a literal block."""
    found = pattern.search(text)
    if found is None:
        raise SystemExit(f"no such table: {pattern.pattern}")
    return "```text\n" + re.sub(r"(?m) +$", "", found[0]) + "\n```\n"


def main() -> int:
    """Rewrite the page; 64 when called wrongly."""
    if len(sys.argv) not in (2, 3):
        print(__doc__)
        return 64
    bench, *real = (Path(name).read_text(encoding="utf-8") for name in sys.argv[1:])
    page = PAGE.read_text(encoding="utf-8")
    page = written(page, "synthetic", block(PEERS, bench))
    page = written(page, "padding", block(PADDING, bench))
    for text in real:
        page = written(page, "real", block(PEERS, text))
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
