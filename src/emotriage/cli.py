"""The command line: arguments, exit codes, progress. Scans are always isolated."""

import argparse
import contextlib
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn

from emotriage import __version__
from emotriage.api import ScanPool
from emotriage.model.blob import Blob
from emotriage.model.errors import UsageError
from emotriage.model.limits import Limits
from emotriage.model.verdict import Level, Verdict
from emotriage.reports.records import Failure, printer
from emotriage.reports.safe import safe_text

EXIT = {Level.CLEAN: 0, Level.UNVERIFIED: 10, Level.SUSPICIOUS: 20, Level.MALICIOUS: 30}
EXIT_USAGE = 64
EXIT_UNREADABLE = 74


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code.

    0 all clean, 10 worst is unverified, 20 suspicious, 30 malicious, 64 wrong usage, 74 some path could not be read and
    nothing reached 20. With ``--fail-on LEVEL``, 0 below that level.
    """
    options = _parser().parse_args(arguments)
    try:
        run: Callable[[argparse.Namespace], int] = options.run
        return run(options)
    except UsageError as error:
        sys.stderr.write(f"emotriage: {safe_text(str(error), 500)}\n")
        return EXIT_USAGE
    except OSError as error:
        if not isinstance(error, BrokenPipeError):  # whoever read us went away: nothing to say, and nobody to tell
            sys.stderr.write(f"emotriage: cannot write: {error.strerror or type(error).__name__}\n")
        # Python would fail once more when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_UNREADABLE
    except KeyboardInterrupt:
        return 130


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(EXIT_USAGE, f"emotriage: {safe_text(message, 500)}\n(see: {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="emotriage", description="Static triage of mail attachments. Nothing from a file ever runs.")
    parser.add_argument("--version", action="version", version=f"emotriage {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    scan = commands.add_parser("scan", help="look at files and say how bad they are", epilog=_EXITS)
    scan.add_argument("paths", nargs="+", metavar="PATH", help="file or folder; - is standard input")
    scan.add_argument("--format", choices=("text", "json", "jsonl"), default="text")
    scan.add_argument("--output", metavar="FILE", help="write there (it must not exist yet) instead of standard output")
    scan.add_argument("--jobs", type=_jobs, default=os.cpu_count() or 1, metavar="N", help="scans at a time")
    scan.add_argument("--fail-on", type=_level, metavar="LEVEL", help="exit with 0 below this level")
    scan.add_argument("--no-progress", action="store_true", help="no progress bar on the terminal")
    scan.set_defaults(run=_scan)
    rules = commands.add_parser("rules", help="what the rules mean")
    rules.add_argument("id", nargs="?", help="one rule's id; without it, all in a list")
    rules.set_defaults(run=_rules)
    schema = commands.add_parser("schema", help="the verdict's JSON Schema")
    schema.set_defaults(run=_schema)
    samples = commands.add_parser("samples", help="build the synthetic samples; all are inert")
    samples.add_argument("directory", type=Path, metavar="DIR")
    samples.add_argument("--giants", action="store_true", help="also those of more than 500 MB")
    samples.set_defaults(run=_samples)
    return parser


_EXITS = "exit code: 0 all clean, 10 unverified, 20 suspicious, 30 malicious, 64 wrong usage, 74 unreadable path"


def _jobs(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:4]) <= 256:
        raise argparse.ArgumentTypeError("a number from 1 to 256 is needed")
    return int(text)


def _level(text: str) -> Level:
    try:
        return Level.parse(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


@dataclass(frozen=True, slots=True)
class _Input:
    """A path of the command line, or a file found in one of its folders; `problem` says why it can't be scanned."""

    name: str
    problem: str = ""


def _scan(options: argparse.Namespace) -> int:
    inputs = list(_inputs(options.paths))
    single = len(options.paths) == 1 and len(inputs) == 1 and inputs[0].name == options.paths[0]
    with contextlib.ExitStack() as held:
        sink = held.enter_context(_output(options.output))
        report = printer(options.format, sink, single=single)
        pool = held.enter_context(ScanPool(jobs=options.jobs))
        progress = held.enter_context(_progress(len(inputs), hidden=options.no_progress))
        worst, unread = Level.CLEAN, False
        for outcome in pool.map(lambda one: _look(pool, one), inputs):
            report.add(outcome)
            progress(outcome.name)
            if isinstance(outcome, Verdict):
                worst = max(worst, outcome.level)
            else:
                unread = True
        report.close()
    if unread and worst < Level.SUSPICIOUS:
        return EXIT_UNREADABLE
    return 0 if options.fail_on is not None and worst < options.fail_on else EXIT[worst]


def _look(pool: ScanPool, one: _Input) -> Verdict | Failure:
    if one.problem:
        return Failure(one.name, one.problem)
    try:
        if one.name == "-":
            with _standard_input() as copy:
                return pool.scan(Blob.open(os.dup(copy.fileno())), "-")
        return pool.scan(one.name)
    except UsageError as error:
        return Failure(one.name, str(error))
    except OSError as error:
        return Failure(one.name, error.strerror or type(error).__name__)


def _inputs(paths: Iterable[str]) -> Iterator[_Input]:
    for path in paths:
        try:
            folder = path != "-" and stat.S_ISDIR(os.stat(path).st_mode)  # noqa: PTH116  names stay as given
        except (OSError, ValueError) as error:
            yield _Input(path, getattr(error, "strerror", None) or str(error))
            continue
        yield from _files(path) if folder else (_Input(path),)


def _files(folder: str) -> Iterator[_Input]:
    """The files of a folder in byte order of their names; links are not followed."""
    stack = [folder]
    while stack:
        path = stack.pop()
        try:
            mode = os.lstat(path).st_mode
            if stat.S_ISDIR(mode) or path == folder:
                entries = sorted(os.listdir(path), key=os.fsencode, reverse=True)  # noqa: PTH208  bytes order
                stack += [os.path.join(path, entry) for entry in entries]  # noqa: PTH118
            else:
                yield _Input(path, "" if stat.S_ISREG(mode) else "not a regular file")
        except OSError as error:
            yield _Input(path, error.strerror or "unreadable")


def _standard_input() -> IO[bytes]:
    """Standard input in an anonymous file: at most one byte more than the limit, which then says so."""
    copy = tempfile.TemporaryFile()  # noqa: SIM115  the caller closes it
    left = Limits().input_bytes + 1
    while left > 0 and (piece := sys.stdin.buffer.read(min(1 << 20, left))):
        copy.write(piece)
        left -= len(piece)
    copy.flush()
    return copy


@contextlib.contextmanager
def _output(path: str | None) -> Iterator[IO[str]]:
    """Standard output, or a new file that appears under its name when it is whole."""
    if path is None:
        yield sys.stdout
        return
    target = Path(path)
    try:
        if target.is_symlink() or target.exists():
            raise UsageError(f"output {path!r} exists already")
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=target.parent, prefix=".emotriage-", delete=False
        ) as draft:
            try:
                yield draft
                draft.flush()
                os.link(draft.name, target)  # refuses to replace what appeared meanwhile
            finally:
                Path(draft.name).unlink()
    except OSError as error:
        raise UsageError(f"cannot write {path!r}: {error.strerror}") from error


@contextlib.contextmanager
def _progress(total: int, *, hidden: bool) -> Iterator[Callable[[str], None]]:
    if hidden or total < 2 or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.fields[file]}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total, file="")
        yield lambda name: bar.update(task, advance=1, file=safe_text(os.path.basename(name), 60))  # noqa: PTH119


def _rules(options: argparse.Namespace) -> int:
    from emotriage.catalogue import rules
    from emotriage.reports.rules import rule_card, rule_list

    known = rules()
    if options.id is None:
        sys.stdout.write(rule_list(known.values()) + "\n")
        return 0
    if options.id not in known:
        raise UsageError(f"no such rule: {options.id!r}; `emotriage rules` lists them")
    sys.stdout.write(rule_card(known[options.id]) + "\n")
    return 0


def _schema(_: argparse.Namespace) -> int:
    from emotriage.reports.schema import schema_text

    sys.stdout.write(schema_text() + "\n")
    return 0


def _samples(options: argparse.Namespace) -> int:
    from emotriage.testing import build_samples

    try:
        built = sum(1 for _ in build_samples(options.directory, giants=options.giants))
    except OSError as error:
        raise UsageError(f"cannot write to {str(options.directory)!r}: {error.strerror}") from error
    sys.stdout.write(f"{built} samples in {safe_text(str(options.directory))}\n")
    return 0
