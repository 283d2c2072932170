"""How fast emotriage is beside oletools, on the same bytes in the same warm process; and start-up, throughput, memory.

    python bench/peers.py [FOLDER]

Without a folder, the synthetic samples are the input. A file is read by each program in turn, three times, and the
fastest of each counts, in processor time, so that a busy machine slows all of them alike. olevba opens, extracts and
analyses without its deobfuscation; mraptor opens, extracts and judges. Both are only asked about Office files.

Runs in an environment of its own (bench/.venv), since oletools is no dependency of emotriage; see `make bench`.
"""

import logging
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from emotriage import ScanPool, Verdict, scan
from emotriage.testing import build_samples, document

ROUNDS = 3
COLD_RUNS = 7
LONGEST = 32 << 20
OFFICE = {"ole", "ooxml"}
MACRO = 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'
CLASSES = {
    "ooxml": "Office without macros",
    "ole": "Office without macros",
    "lnk": "shortcuts",
    "onenote": "OneNote",
    "script": "scripts",
    "zip": "archives",
    "pdf": "PDF",
}


@dataclass(slots=True)
class Class:
    """Milliseconds a file of one class took, one item a file."""

    ours: list[float] = field(default_factory=list)
    olevba: list[float] = field(default_factory=list)
    mraptor: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)


def emotriage(path: str, data: bytes) -> Verdict:
    """The whole scan, in this process."""
    return scan(data, path)


def olevba(path: str, data: bytes) -> bool:
    """What the tool does with a file when it is called with -a; true when it has found macros."""
    from oletools.olevba import VBA_Parser

    parser = VBA_Parser(path, data=data)
    found: bool = parser.detect_vba_macros()
    if found:
        for _ in parser.extract_macros():
            pass
        parser.analyze_macros(show_decoded_strings=False, deobfuscate=False)
    parser.close()
    return found


def mraptor(path: str, data: bytes) -> bool:
    """What the tool does with a file."""
    from oletools.mraptor import MacroRaptor
    from oletools.olevba import VBA_Parser

    parser = VBA_Parser(path, data=data)
    found: bool = parser.detect_vba_macros()
    if found:
        raptor = MacroRaptor("\n".join(code for *_, code in parser.extract_all_macros() if isinstance(code, str)))
        raptor.scan()
    parser.close()
    return found


def timed(work: Callable[[str, bytes], object], path: str, data: bytes) -> tuple[float, object]:
    """(milliseconds of processor time, result); a tool that fails on a file has taken that long to fail."""
    began = time.process_time()
    result: object = None
    with suppress(Exception):
        result = work(path, data)
    return (time.process_time() - began) * 1000, result


def compare(paths: Iterable[Path]) -> dict[str, Class]:
    """The classes that the files fall into, with what each file took."""
    classes: dict[str, Class] = defaultdict(Class)
    for path in paths:
        data = path.read_bytes()
        name = path.name
        verdict = emotriage(name, data)
        tools: list[Callable[[str, bytes], object]] = [emotriage]
        macros = False
        if verdict.artifacts[0].kind in OFFICE:
            tools += [olevba, mraptor]
            macros = bool(timed(olevba, name, data)[1])
        best = [math.inf] * len(tools)
        for _ in range(ROUNDS):
            best = [min(known, timed(tool, name, data)[0]) for known, tool in zip(best, tools, strict=True)]
        found = classes[class_of(verdict, macros=macros)]
        for times, one in zip((found.ours, found.olevba, found.mraptor), best, strict=False):
            times.append(one)
        if len(best) > 1:
            found.ratios.append(best[1] / best[0])
    return classes


def class_of(verdict: Verdict, *, macros: bool) -> str:
    """The line of the table that a file belongs to."""
    if macros:
        return "Office with VBA macros"
    if any(one.rule == "xlm.macrosheet" for one in verdict.findings):
        return "Excel 4.0 macro sheets"
    return CLASSES.get(verdict.artifacts[0].kind, "other")


def show(classes: dict[str, Class]) -> None:
    """One line a class: medians and 95th percentiles, and the median of the files' own ratios."""
    print(f"{'class':24}{'files':>6}{'median':>9}{'p95':>9}{'olevba':>9}{'p95':>9}{'mraptor':>9}{'ratio':>7}  (ms)")
    for name, one in sorted(classes.items()):
        line = f"{name:24}{len(one.ours):6}{statistics.median(one.ours):9.2f}{late(one.ours):9.2f}"
        if one.olevba:
            line += f"{statistics.median(one.olevba):9.2f}{late(one.olevba):9.2f}{statistics.median(one.mraptor):9.2f}"
            line += f"{statistics.median(one.ratios):7.2f}"
        print(line)


def late(times: list[float]) -> float:
    """95th percentile."""
    return sorted(times)[math.ceil(0.95 * len(times)) - 1]


def start_up(sample: Path) -> None:
    """Imports and whole commands in turn: median seconds, and the largest resident size of any process in MiB."""
    python = [sys.executable, "-W", "ignore"]
    commands = {
        "python alone": [*python, "-c", "pass"],
        "import emotriage": [*python, "-c", "import emotriage"],
        "import oletools.olevba": [*python, "-c", "import oletools.olevba"],
        "emotriage scan": [*python, "-m", "emotriage", "scan", "--no-progress", str(sample)],
        "olevba": [*python, "-m", "oletools.olevba", "-a", str(sample)],
    }
    took: dict[str, list[float]] = {name: [] for name in commands}
    resident: dict[str, float] = {}
    for _ in range(COLD_RUNS):
        for name, command in commands.items():
            began = time.perf_counter()
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            _, _, usage = os.wait4(process.pid, 0)
            process.returncode = 0  # it is reaped
            took[name].append(time.perf_counter() - began)
            resident[name] = max(resident.get(name, 0), usage.ru_maxrss / 1024)
    print(f"{'cold process':24}{'ms':>6}{'RSS MiB':>9}")
    for name, seconds in took.items():
        print(f"{name:24}{statistics.median(seconds) * 1000:6.0f}{resident[name]:9.0f}")


def throughput(paths: list[Path]) -> None:
    """Isolated scans of all files through a pool of warm workers."""
    print(f"\n{'isolated pool':24}{'files/s':>8}{'MB/s':>8}")
    size = sum(path.stat().st_size for path in paths) / 1e6
    for jobs in (1, 2):
        with ScanPool(jobs=jobs) as pool:
            for _ in pool.scan_many([path.read_bytes() for path in paths[: 4 * jobs]]):
                pass  # the workers are warm now
            began = time.perf_counter()
            count = sum(1 for _ in pool.scan_many(paths))
            seconds = time.perf_counter() - began
        print(f"{f'{jobs} at a time':24}{count / seconds:8.1f}{size / seconds:8.1f}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"largest child process: {peak:.0f} MiB")


def main() -> int:
    """Compare on a folder, or on the synthetic samples; 64 when called wrongly."""
    if len(sys.argv) > 2:
        print(__doc__)
        return 64
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as scratch:
        sample = Path(scratch, "small.docm")
        sample.write_bytes(document(format="docm", macros={"Module1": MACRO}))
        start_up(sample)  # first: a child's resident size counts from that of its parent
        folder = Path(sys.argv[1]) if len(sys.argv) == 2 else Path(scratch, "samples")
        if len(sys.argv) == 1:
            for _ in build_samples(folder):
                pass
        paths = sorted(one for one in folder.rglob("*") if one.is_file() and one.stat().st_size <= LONGEST)
        throughput(paths)
        print(f"\n{len(paths)} files of {'a folder' if len(sys.argv) == 2 else 'the synthetic samples'}")
        show(compare(paths))
    return 0


if __name__ == "__main__":
    sys.exit(main())
