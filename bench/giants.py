"""What padding costs: whole commands on documents padded with 520 MiB, against a bare process that only hashes them.

Prints, for a .doc and a .docm, bare and in a ZIP: median seconds of both, their ratio, and the largest resident size of
any process. Each pair of runs is made one after the other, so that a busy machine slows both.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from emotriage.testing import document, write_padded, write_padded_archive

SIZE = 520 << 20
RUNS = 5
MACRO = 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'
BARE = (
    "import hashlib,sys,zipfile\n"
    "p=sys.argv[1]; h=hashlib.sha256()\n"
    "z=zipfile.ZipFile(p) if p.endswith('.zip') else None\n"
    "f=z.open(z.namelist()[0]) if z else open(p,'rb')\n"
    "while b:=f.read(1<<20): h.update(b)\n"
    "print(h.hexdigest())\n"
)


def measured(command: list[str]) -> tuple[float, str]:
    """(seconds, output) of a whole process; the exit code of a scan says how bad it is, so it is not checked."""
    began = time.perf_counter()
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return time.perf_counter() - began, run.stdout


def samples(folder: Path) -> dict[Path, bytes]:
    """The giant files by path, each with the bytes it pads."""
    found = {}
    for form in ("doc", "docm"):
        data = document(format=form, macros={"Module1": MACRO})
        bare, packed = folder / f"invoice.{form}", folder / f"invoice-{form}.zip"
        write_padded(bare, data, SIZE + len(data), fill="zero")
        write_padded_archive(packed, bare.name, data, SIZE + len(data), fill="zero")
        found |= {bare: data, packed: data}
    return found


def rules(verdict: dict[str, object]) -> set[str]:
    """Rules of the macro families in a verdict."""
    return {one["rule"] for one in verdict["findings"] if one["rule"].startswith("vba.")}  # type: ignore[index,attr-defined]


def main() -> int:
    """Build, measure, print; 1 when padding changed the macro findings."""
    changed = False
    scan = [sys.executable, "-m", "emotriage", "scan", "--format", "json", "--no-progress"]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        print(f"{'file':20}{'scan s':>8}{'bare s':>8}{'ratio':>7}{'RSS MiB':>9}  macro findings")
        for path, data in samples(folder).items():
            plain = folder / f"plain{path.suffix}"
            plain.write_bytes(data)
            expected = rules(json.loads(measured([*scan, str(plain)])[1]))
            pairs = []
            for _ in range(RUNS):
                ours, text = measured([*scan, str(path)])
                bare, _ = measured([sys.executable, "-I", "-c", BARE, str(path)])
                pairs.append((ours, bare))
            same = rules(json.loads(text)) == expected and bool(expected)
            changed |= not same
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            ratio = statistics.median(a / b for a, b in pairs)
            ours, bare = (statistics.median(column) for column in zip(*pairs, strict=True))
            print(f"{path.name:20}{ours:8.2f}{bare:8.2f}{ratio:7.2f}{peak:9.0f}  {'same' if same else 'CHANGED'}")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
