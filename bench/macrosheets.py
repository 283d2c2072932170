"""How fast emotriage is beside XLMMacroDeobfuscator on workbooks, and which effects of macros each of them names.

    python bench/macrosheets.py FOLDER [LARGE]

Only workbooks count that have macro sheets or more than LARGE kB (300). Each program looks at each file in a process
that is forked off a warm one, three times at most, and the fastest counts, in processor time; ours and theirs in turn.
A program that takes longer than a minute is killed, and counts as a minute. One line a file, told by eight digits of
its SHA-256: milliseconds of each, and how many addresses, commands and calls of dangerous functions each names. The
program does not look for the day of the month that is a key: it is told the one that we have found, and asked
without it as well.

Runs in the environment of the tests, which has XLMMacroDeobfuscator.
"""

import hashlib
import logging
import multiprocessing
import os
import re
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from emotriage import scan

ROUNDS = 3
SECONDS = 60
ENOUGH = 5.0
"""Seconds after which a file is not looked at once more."""
_ADDRESS = re.compile(r"(?i)https?://[^\s\"'<>,)]{4,}")
_COMMAND = re.compile(r"(?i)\b(?:EXEC|ShellExecute[AW]?|WinExec|CreateProcess[AW]?)\b")
_CALL = re.compile(
    r"(?i)URLDownloadToFile|InternetOpenUrl|HttpSendRequest|ShellExecute|WinExec|CreateProcess|VirtualAlloc"
)
_DAY = re.compile(r"^day of the month ([0-9]+)")
Effects = tuple[int, int, int]


def ours(path: str) -> Effects:
    """Addresses, commands and dangerous calls of a scan in this process."""
    verdict = scan(Path(path).read_bytes(), Path(path).name)
    found = verdict.indicators
    told = [piece.text for one in verdict.findings if one.rule.startswith("xlm.") for piece in one.evidence]
    addresses = {one.value for one in found if one.kind == "url" and one.origin != "literal"}
    commands = {one.value for one in found if one.kind == "command"}
    calls = {one.lower() for text in told for one in _CALL.findall(text)}
    return len(addresses), len(commands), len(calls)


def theirs(path: str, day: int = 0) -> Effects:
    """The same of what the other program returns, told the day of the month or not."""
    from XLMMacroDeobfuscator.deobfuscator import process_file

    lines = process_file(
        file=path, noninteractive=True, noindent=True, silent=True, return_deobfuscated=True, timeout=SECONDS, day=day
    )
    run = [str(one) for one in lines or ()]
    addresses = {one for line in run for one in _ADDRESS.findall(line)}
    commands = {line for line in run if _COMMAND.search(line)}
    calls = {one.lower() for line in run for one in _CALL.findall(line)}
    return len(addresses), len(commands), len(calls)


def first_look(path: Path) -> tuple[bool, int]:
    """(whether a workbook has a macro sheet, the day of the month that is its key or 0)."""
    findings = scan(path.read_bytes(), path.name).findings
    told = [piece.text for one in findings if one.rule.startswith("xlm.") for piece in one.evidence]
    days = [int(found[1]) for found in map(_DAY.search, told) if found]
    return any(one.rule == "xlm.macrosheet" for one in findings), next(iter(days), 0)


def timed(work: Callable[[str], Effects], path: Path) -> tuple[float, Effects | None]:
    """(milliseconds of processor time, what came out) of a program; None for what failed or was killed."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_answer, args=(work, str(path), sender))
    process.start()
    sender.close()
    answer: tuple[float, Effects | None] = (SECONDS * 1000.0, None)
    if receiver.poll(SECONDS + 5):
        with suppress(EOFError):
            answer = receiver.recv()
    process.kill()
    process.join()
    return answer


def _answer(work: Callable[[str], Effects], path: str, sender: Connection) -> None:
    sys.stdout = sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  while the process lives
    found: Effects | None = None
    best = float("inf")
    began = time.process_time()
    for _ in range(ROUNDS):
        start = time.process_time()
        with suppress(Exception):
            found = work(path)
        best = min(best, time.process_time() - start)
        if time.process_time() - began > ENOUGH:
            break
    sender.send((best * 1000, found))


def main() -> int:
    """Print the table; 64 when called wrongly."""
    if len(sys.argv) not in (2, 3) or not Path(sys.argv[1]).is_dir():
        print(__doc__)
        return 64
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    large = int(sys.argv[2] if len(sys.argv) > 2 else 300) * 1000
    from XLMMacroDeobfuscator import deobfuscator  # both programs are warm before the first file

    del deobfuscator
    ratios: dict[str, list[float]] = {"macro sheets": [], "large, without": []}
    print("| file | kB | macro sheets | ms | its ms | ratio | effects | its effects | its ms untold | effects untold |")
    print("|---|--:|---|--:|--:|--:|---|---|--:|---|")
    for path in sorted(one for one in Path(sys.argv[1]).rglob("*") if one.is_file()):
        data = path.read_bytes()
        macros, day = first_look(path)
        if not macros and len(data) < large:
            continue
        took, found = timed(ours, path)
        untold, found_untold = timed(theirs, path)
        took_them, found_them = timed(partial(theirs, day=day), path) if day else (untold, found_untold)
        if found_them is None and took_them < SECONDS * 1000:
            continue  # a format it does not read
        ratios["macro sheets" if macros else "large, without"].append(took_them / took)
        name = hashlib.sha256(data).hexdigest()[:8]
        effects = ["-" if one is None else " ".join(map(str, one)) for one in (found, found_them, found_untold)]
        print(
            f"| {name} | {len(data) // 1000} | {'yes' if macros else 'no'} | {took:.1f} | {took_them:.1f} |"
            f" {took_them / took:.1f} | {effects[0]} | {effects[1]} | {untold:.1f} | {effects[2]} |",
            flush=True,
        )
    for name, group in ratios.items():
        if group:
            print(
                f"\n{name}: {len(group)} workbooks, ratio median {statistics.median(group):.1f}, least {min(group):.1f}"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
