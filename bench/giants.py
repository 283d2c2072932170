"""What padding costs: whole commands on files padded to 520 MB and to 2 GB, against a bare process that only hashes.

    python bench/giants.py [--only TEXT] [--runs N] [--size 520|2000]

Prints a row for every kind of file and filler: seconds of the command and of a bare Python process that reads (or
inflates) and hashes the same bytes, their ratio, and the largest resident size of any process. Each pair of runs is
made one after the other, so that a busy machine slows both; the median of the pairs counts. At 2 GB limits are raised,
and each pair is run once.
"""

import argparse
import io
import json
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emotriage.testing import (
    Filler,
    archive,
    disc,
    document,
    notebook,
    program,
    rtf,
    shortcut,
    write_archive,
    write_compound_file,
    write_padded,
    write_padded_archive,
)
from emotriage.testing.ovba import vba_streams
from emotriage.testing.word97 import word97_streams

SIZES = {520: 520_000_000, 2000: 2_000_000_000}
RAISED = "input_bytes = 3_000_000_000\nwork = 34_359_738_368\nexpanded_bytes = 8_589_934_592\nseconds = 120\n"
MACRO = 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'
SCRIPT = b'var shell = new ActiveXObject("WScript.Shell");\r\nshell.Run("emotriage-inert");\r\n'
APPLICATION = b"<hta:application id=a><script>new ActiveXObject('WScript.Shell').Run('emotriage-inert')</script>"
MEMBERS = 5_000
MEASURED = (  # what a process was before it became another counts too, so a small one stands in between
    "import resource,subprocess,sys\n"
    "subprocess.run(sys.argv[1:])\n"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,file=sys.stderr)\n"
)
BARE = (
    "import hashlib,sys,zipfile\n"
    "z=zipfile.ZipFile(sys.argv[1]) if len(sys.argv)>2 else None\n"
    "for n in z.namelist() if z else [sys.argv[1]]:\n"
    " h=hashlib.sha256(); f=z.open(n) if z else open(n,'rb')\n"
    " while b:=f.read(1<<20): h.update(b)\n"
)
Write = Callable[[Path, int], None]


@dataclass(frozen=True, slots=True)
class Row:
    """One file to measure.

    Attributes:
        title: what it holds, what pads it, and where.
        name: of the file.
        plain: the same without filler, whose findings must stay.
        write: writes it to a path, so many bytes large.
        packed: the filler is deflated, so the bare process inflates.
        large: it is measured at 2 GB as well.
    """

    title: str
    name: str
    plain: bytes
    write: Write
    packed: bool = False
    large: bool = True


def padded_row(name: str, data: bytes, fill: str = "zero", where: str = "end", *, packed: bool = False) -> Row:
    """A file with filler behind or before it, bare or in a ZIP."""
    how: dict[str, Any] = {"fill": fill, "where": where}

    def write(path: Path, size: int) -> None:
        if packed:
            write_padded_archive(path, name, data, size, **how)
        else:
            write_padded(path, data, size, **how)

    title = f"{name}{' in ZIP' if packed else ''}, {fill} at the {where}"
    outer = f"{name}.zip" if packed else name
    return Row(title, outer, archive(files={name: data}) if packed else data, write, packed, large=fill == "zero")


def package_rows(docm: bytes) -> Iterator[Row]:
    """A document with macros, one of whose parts is padded."""
    with zipfile.ZipFile(io.BytesIO(docm)) as package:
        parts: dict[str, Any] = {name: package.read(name) for name in package.namelist()}
    head, tail = parts["word/document.xml"].split(b"<w:body>")
    places: dict[str, Callable[[int], dict[str, Any]]] = {
        "zeros in a picture": lambda size: {"word/media/image1.png": [b"\x89PNG\r\n\x1a\n", Filler(size)]},
        "blanks in the text": lambda size: {"word/document.xml": [head + b"<w:body>", Filler(size, b" "), tail]},
        "a comment in the text": lambda size: {
            "word/document.xml": [head + b"<w:body><!--", Filler(size, b"x"), b"-->" + tail]
        },
    }
    for place, more in places.items():

        def write(path: Path, size: int, more: Callable[[int], dict[str, Any]] = more) -> None:
            write_archive(path, {**parts, **more(size)}, method=8)

        yield Row(f"invoice.docm, {place}", "invoice.docm", docm, write, packed=True)


def program_rows() -> Iterator[Row]:
    """A program with zeros behind its end, and in each part that its headers can make large."""
    yield padded_row("setup.exe", program())
    yield padded_row("setup.exe", program(), packed=True)
    block = bytes(512)
    for part, data, directory in (
        ("section", program({".data": block}), None),
        ("resources", program(resources=block), 2),
        ("certificates", program(certificates=block), 4),
    ):

        def write(path: Path, size: int, data: bytes = data, directory: int | None = directory) -> None:
            write_padded(path, enlarged(data, size, directory), size)

        yield Row(f"setup.exe, zeros in its {part}", "setup.exe", data, write)


def enlarged(data: bytes, size: int, directory: int | None) -> bytes:
    """A program whose headers say that its last section, or what a data directory names, goes on to a size."""
    head = bytearray(data)
    sections, table = struct.unpack_from("<H", head, 0x46)[0], 0x40 + 24 + 240
    more = size - len(data)
    if directory is not None:
        place = 0x40 + 24 + 112 + 8 * directory + 4
        struct.pack_into("<I", head, place, struct.unpack_from("<I", head, place)[0] + more)
    if directory != 4:  # certificates stand behind all sections
        last = table + 40 * (sections - 1)
        for field in (8, 16):
            struct.pack_into("<I", head, last + field, struct.unpack_from("<I", head, last + field)[0] + more)
    return bytes(head)


def compound_rows(doc: bytes) -> Iterator[Row]:
    """A binary document with a padded stream."""
    streams = {**word97_streams("Invoice"), **{f"Macros/{n}": s for n, s in vba_streams({"Module1": MACRO}).items()}}
    for what, pattern in (("zeros", b"\0"), ("a period", bytes(range(1, 32)))):
        for state, defects in (("a stream", ()), ("a deleted stream", ("deleted:Filler",))):

            def write(path: Path, size: int, pattern: bytes = pattern, defects: tuple[str, ...] = defects) -> None:
                write_compound_file(path, {**streams, "Filler": Filler(size, pattern)}, defects=defects)

            yield Row(f"invoice.doc, {what} in {state}", "invoice.doc", doc, write, large=False)


def many_members(path: Path, size: int) -> None:
    """An archive of thousands of members of zeros, no two alike, and a document among them."""
    each = size // MEMBERS
    files: dict[str, Any] = {f"{number}.bin": [b"%05d" % number, Filler(each)] for number in range(MEMBERS)}
    write_archive(path, {**files, "invoice.docm": document(format="docm", macros={"Module1": MACRO})}, method=8)


def rows() -> Iterator[Row]:
    """Every kind with zeros behind it, bare and in a ZIP; filler of each sort, before, behind and inside."""
    doc, docm = (document(format=form, macros={"Module1": MACRO}) for form in ("doc", "docm"))
    kinds = {
        "invoice.doc": doc,
        "invoice.docm": docm,
        "invoice.lnk": shortcut("C:\\Windows\\System32\\cmd.exe", "/c emotriage-inert"),
        "invoice.one": notebook({"invoice.hta": APPLICATION}, text="Double click to view"),
        "invoice.rtf": rtf("Invoice", template="http://files.invalid/t.dotm"),
        "invoice.js": SCRIPT,
        "invoice.html": b"<html><body>" + APPLICATION + b"</body></html>",
        "invoice.iso": disc({"invoice.js": SCRIPT}),
        "invoice.zip": archive(files={"invoice.docm": docm}, method=8),
    }
    for name, data in kinds.items():
        yield padded_row(name, data)
        if not name.endswith((".iso", ".zip")):
            yield padded_row(name, data, packed=True)
    yield from package_rows(docm)
    yield from compound_rows(doc)
    yield from program_rows()
    lure = archive(files={"invoice.docm": docm, "0.bin": b"0"})
    yield Row(f"{MEMBERS} members, zeros in each", "invoices.zip", lure, many_members, packed=True, large=False)
    for fill in ("periodic", "low-entropy", "random"):
        yield padded_row("invoice.doc", doc, fill)
    for fill in ("zero", "random"):
        yield padded_row("invoice.doc", doc, fill, where="start")


def measured(command: list[str]) -> tuple[float, str, float]:
    """(seconds, output, MiB) of a whole process; the exit code of a scan says how bad it is, so it is not checked."""
    began = time.perf_counter()
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", MEASURED, *command], capture_output=True, text=True, check=False
    )
    return time.perf_counter() - began, run.stdout, int(run.stderr.split()[-1]) / 1024


def told(output: str) -> set[str]:
    """Rules of a verdict that are not about filler, or about what the archive holds besides."""
    findings = json.loads(output)["findings"]
    besides = ("padding.", "zip.lone-")
    return {one["rule"] for one in findings if not one["incomplete"] and not one["rule"].startswith(besides)}


def measure(row: Row, folder: Path, size: int, runs: int) -> bool:
    """Print the line of one row; true when a finding is lost."""
    scan = [sys.executable, "-m", "emotriage", "scan", "--format", "json", "--no-progress"]
    if size > SIZES[520]:
        (folder / "limits.toml").write_text(RAISED)
        scan += ["--limits", str(folder / "limits.toml")]
    path = folder / row.name
    path.write_bytes(row.plain)
    expected = told(measured([*scan, str(path)])[1])
    path.unlink()
    row.write(path, size)
    with path.open("rb") as file:  # so that neither of the two pays for bringing it into memory
        while file.read(1 << 20):
            pass
    pairs = []
    for _ in range(runs):
        ours, output, peak = measured([*scan, str(path)])
        bare = measured([sys.executable, "-I", "-c", BARE, str(path), *["inflate"] * row.packed])[0]
        pairs.append((ours, bare, peak))
    path.unlink()
    missing = expected - told(output)
    ratio = statistics.median(a / b for a, b, _ in pairs)
    ours, bare, peak = (statistics.median(column) for column in zip(*pairs, strict=True))
    outcome = f"LOST {', '.join(sorted(missing))}" if missing else "kept"
    print(f"{row.title:42}{size // 1_000_000:5}{ours:8.2f}{bare:8.2f}{ratio:7.2f}{peak:9.0f}  {outcome}", flush=True)
    return bool(missing)


def main() -> int:
    """Build, measure, print; 1 when padding took a finding away."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, choices=SIZES, help="megabytes; both by default")
    parser.add_argument("--runs", type=int, default=2, help="pairs of runs at 520 MB")
    parser.add_argument("--only", default="", help="rows that hold this text")
    given = parser.parse_args()
    lost = False
    with tempfile.TemporaryDirectory() as scratch:
        print(f"{'file':42}{'MB':>5}{'scan s':>8}{'bare s':>8}{'ratio':>7}{'RSS MiB':>9}  findings")
        for megabytes, size in SIZES.items():
            if given.size not in (None, megabytes):
                continue
            for row in rows():
                if given.only in row.title and (row.large or megabytes == 520):
                    lost |= measure(row, Path(scratch), size, given.runs if megabytes == 520 else 1)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
