"""What padding costs: whole commands on files padded with 520 MB, against a bare process that reads and hashes them.

Prints a row for every kind of file and filler: median seconds of both, their ratio, and the largest resident size of
any process. Each pair of runs is made one after the other, so that a busy machine slows both.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emotriage.testing import (
    archive,
    disc,
    document,
    notebook,
    program,
    rtf,
    shortcut,
    write_padded,
    write_padded_archive,
)

SIZE = 520_000_000
LARGE = 2_000_000_000
RAISED = "input_bytes = 3_000_000_000\nwork = 34_359_738_368\nexpanded_bytes = 8_589_934_592\nseconds = 120\n"
MACRO = 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'
SCRIPT = b'var shell = new ActiveXObject("WScript.Shell");\r\nshell.Run("emotriage-inert");\r\n'
APPLICATION = b"<hta:application id=a><script>new ActiveXObject('WScript.Shell').Run('emotriage-inert')</script>"
MEASURED = (  # what a process was before it became another counts too, so a small one stands in between
    "import resource,subprocess,sys\n"
    "subprocess.run(sys.argv[1:])\n"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,file=sys.stderr)\n"
)
BARE = (
    "import hashlib,sys,zipfile\n"
    "p=sys.argv[1]; h=hashlib.sha256()\n"
    "z=zipfile.ZipFile(p) if p.endswith('.packed.zip') else None\n"
    "f=z.open(z.namelist()[0]) if z else open(p,'rb')\n"
    "while b:=f.read(1<<20): h.update(b)\n"
    "print(h.hexdigest())\n"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One file to measure: what it holds, what pads it, and how it is wrapped."""

    name: str
    data: bytes = field(repr=False)
    fill: str = "zero"
    where: str = "end"
    packed: bool = False

    @property
    def title(self) -> str:
        """The row's name in the table."""
        return f"{self.name}{' in ZIP' if self.packed else ''}, {self.fill} at the {self.where}"

    def write(self, folder: Path, size: int) -> Path:
        """The file, padded to a size."""
        how: dict[str, Any] = {"fill": self.fill, "where": self.where}
        path = folder / (f"{self.name}.packed.zip" if self.packed else self.name)
        if self.packed:
            write_padded_archive(path, self.name, self.data, size, **how)
        else:
            write_padded(path, self.data, size, **how)
        return path


def rows() -> Iterator[Row]:
    """Every kind with zeros behind it; documents with each sort of filler, in ZIPs, and with filler in front."""
    docm = document(format="docm", macros={"Module1": MACRO})
    kinds = {
        "invoice.doc": document(format="doc", macros={"Module1": MACRO}),
        "invoice.docm": docm,
        "invoice.zip": archive(files={"invoice.docm": docm}, method=8),
        "invoice.lnk": shortcut("C:\\Windows\\System32\\cmd.exe", "/c emotriage-inert"),
        "invoice.one": notebook({"invoice.hta": APPLICATION}, text="Double click to view"),
        "invoice.rtf": rtf("Invoice", template="http://files.invalid/t.dotm"),
        "invoice.js": SCRIPT,
        "invoice.html": b"<html><body>" + APPLICATION + b"</body></html>",
        "invoice.hta": APPLICATION,
        "invoice.iso": disc({"invoice.js": SCRIPT}),
        "setup.exe": program(),
    }
    for name, data in kinds.items():
        yield Row(name, data)
    doc = kinds["invoice.doc"]
    for fill in ("byte", "periodic", "low-entropy", "random"):
        yield Row("invoice.doc", doc, fill)
    for fill in ("zero", "periodic"):
        yield Row("invoice.doc", doc, fill, packed=True)
    yield Row("invoice.docm", docm, packed=True)
    for fill in ("zero", "periodic", "random"):
        yield Row("invoice.doc", doc, fill, where="start")


def measured(command: list[str]) -> tuple[float, str, float]:
    """(seconds, output, MiB) of a whole process; the exit code of a scan says how bad it is, so it is not checked."""
    began = time.perf_counter()
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", MEASURED, *command], capture_output=True, text=True, check=False
    )
    return time.perf_counter() - began, run.stdout, int(run.stderr.split()[-1]) / 1024


def told(output: str) -> set[str]:
    """Rules of a verdict that are not about filler or gaps."""
    findings = json.loads(output)["findings"]
    return {one["rule"] for one in findings if not one["incomplete"] and not one["rule"].startswith("padding.")}


def main() -> int:
    """Build, measure, print; 1 when padding took a finding away."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--large", action="store_true", help="2 GB each, with raised limits")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="", help="rows that hold this text")
    given = parser.parse_args()
    lost = False
    scan = [sys.executable, "-m", "emotriage", "scan", "--format", "json", "--no-progress"]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if given.large:
            (folder / "limits.toml").write_text(RAISED)
            scan += ["--limits", str(folder / "limits.toml")]
        print(f"{'file':40}{'scan s':>8}{'bare s':>8}{'ratio':>7}{'RSS MiB':>9}  findings")
        for row in rows():
            if given.only not in row.title:
                continue
            plain = folder / row.name
            plain.write_bytes(row.data)
            expected = told(measured([*scan, str(plain)])[1])
            path = row.write(folder, LARGE if given.large else SIZE)
            pairs = []
            for _ in range(given.runs):
                ours, output, peak = measured([*scan, str(path)])
                pairs.append((ours, measured([sys.executable, "-I", "-c", BARE, str(path)])[0], peak))
            missing = expected - told(output)
            lost |= bool(missing)
            ratio = statistics.median(a / b for a, b, _ in pairs)
            ours, bare, peak = (statistics.median(column) for column in zip(*pairs, strict=True))
            outcome = f"LOST {', '.join(sorted(missing))}" if missing else "kept"
            print(f"{row.title:40}{ours:8.2f}{bare:8.2f}{ratio:7.2f}{peak:9.0f}  {outcome}", flush=True)
            path.unlink()
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
