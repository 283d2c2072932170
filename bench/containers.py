"""What every container costs: the same document bare and in each form, one warm process, a row a form.

    python bench/containers.py [--runs N] [--size KIB]

Prints seconds and work of a scan (the median of the runs), the most that Python held at once beside what it had before,
in MiB, and the level; the document is made larger by a stream of text. Building the samples is not counted.
"""

import argparse
import random
import statistics
import time
import tracemalloc
from collections.abc import Callable

from emotriage import scan
from emotriage.testing import document
from emotriage.testing.container_forms import FORMS

MACRO = 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'
WORDS = ("minutes", "meeting", "present", "agenda", "date", "room", "next", "plan", "list", "costs")
NAME = "dates.doc"


def main() -> None:
    """Measure all forms and print a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=3, help="scans of each form")
    options.add_argument("--size", type=int, default=256, help="KiB of text in the document")
    chosen = options.parse_args()
    data = sample(chosen.size << 10)
    scan(data, name=NAME, plugins=[])  # warm: every module is there
    forms: dict[str, tuple[str, Callable[[str, bytes], bytes]]] = {"(bare)": ("doc", lambda _, data: data), **FORMS}
    print("| form | bytes | seconds | MiB | level |\n|---|---|---|---|---|")
    for form, (extension, build) in forms.items():
        made = build(NAME, data)
        name = f"{NAME}.zst" if form == "zst" else f"dates.{extension}"
        seconds, held, level = measured(made, name, chosen.runs)
        print(f"| {form} | {len(made):,} | {seconds:.3f} | {held / 2**20:.1f} | {level} |", flush=True)


def sample(size: int) -> bytes:
    """A document with a macro and so much text that packs as text does."""
    choose = random.Random(1)  # noqa: S311  the same text every time
    text = " ".join(choose.choice(WORDS) for _ in range(size // 6))[:size]
    return document("doc", macros={"Module1": MACRO}, streams={"Notes": text.encode()})


def measured(data: bytes, name: str, runs: int) -> tuple[float, int, str]:
    """(median seconds, most bytes held at once, level)."""
    seconds = []
    for _ in range(runs):
        begin = time.perf_counter()
        verdict = scan(data, name=name, plugins=[])
        seconds.append(time.perf_counter() - begin)
    tracemalloc.start()
    scan(data, name=name, plugins=[])
    _, held = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return statistics.median(seconds), held, str(verdict.level)


if __name__ == "__main__":
    main()
