"""The command line: arguments, exit codes, one clear line for a mistake. Each command is imported when it is called."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from emotriage import __version__
from emotriage.model.errors import UsageError
from emotriage.reports.safe import safe_text

EXIT_USAGE = 64
EXIT_UNWRITABLE = 74
EXIT_INTERRUPTED = 130
LEVELS = ("clean", "unverified", "suspicious", "malicious")
_EXITS = """exit code: 0 all clean, 10 the worst is unverified, 20 suspicious, 30 malicious, 64 wrong usage,
74 a path can't be read (and nothing reached 20) or not all could be written, 130 interrupted"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code.

    0 all clean, 10 worst is unverified, 20 suspicious, 30 malicious, 64 wrong usage, 74 some path could not be read and
    nothing reached 20, or not all could be written, 130 interrupted. With ``--fail-on LEVEL``, 0 below that level.
    """
    options = _parser().parse_args(arguments)
    try:
        run: Callable[[argparse.Namespace], int] = import_module(f"emotriage.commands.{options.command}").run
        return run(options)
    except UsageError as error:
        _say(str(error))
        return EXIT_USAGE
    except OSError as error:
        if not isinstance(error, BrokenPipeError):  # whoever read us went away: nothing to say, and nobody to tell
            _say(f"cannot write: {error.strerror or type(error).__name__}")
        try:
            sys.stdout.flush()
        except OSError:  # Python would fail once more when it flushes at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_UNWRITABLE
    except KeyboardInterrupt:
        _say("interrupted; what is not reported was not looked at")
        return EXIT_INTERRUPTED


def _say(message: str) -> None:
    sys.stderr.write(f"emotriage: {safe_text(message, 500)}\n")


class _Parser(argparse.ArgumentParser):
    def __init__(self, **options: Any) -> None:  # noqa: ANN401  what argparse takes
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        self.exit(EXIT_USAGE, f"emotriage: {safe_text(message, 500)} (see: {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="emotriage", description="Static triage of mail attachments. Nothing from a file ever runs.")
    parser.add_argument("--version", action="version", version=f"emotriage {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _scan(commands.add_parser("scan", help="look at files and say how bad they are", epilog=_EXITS))
    explain = commands.add_parser("explain", help="tell what a file would do, step by step", epilog=_EXITS)
    dump = commands.add_parser("dump", help="show the macros, formulas and decoded stages in a file", epilog=_EXITS)
    dump.add_argument("--format", choices=("text", "jsonl"), default="text")
    for one in (explain, dump):
        one.add_argument("path", metavar="FILE", help="a file; - is standard input")
        one.add_argument("--output", metavar="FILE", help="write there (it must not exist yet)")
        _means(one)
    rules = commands.add_parser("rules", help="what the rules mean")
    rules.add_argument("id", nargs="?", help="one rule's id; without it, all in a list")
    commands.add_parser("schema", help="the verdict's JSON Schema")
    samples = commands.add_parser("samples", help="build the synthetic samples; all are inert")
    samples.add_argument("directory", type=Path, metavar="DIR")
    samples.add_argument("--giants", action="store_true", help="also those of more than 500 MB")
    doctor = commands.add_parser(
        "doctor", help="what works on this machine", epilog="exit code: 0 scans are isolated here, 10 something lacks"
    )
    doctor.add_argument("--format", choices=("text", "json"), default="text")
    doctor.add_argument("--limits", metavar="FILE", help="limits as TOML, as for scan")
    doctor.add_argument("--policy", metavar="FILE", help="policy as TOML, as for scan")
    return parser


def _scan(scan: argparse.ArgumentParser) -> None:
    scan.add_argument("paths", nargs="+", metavar="PATH", help="file or folder; - is standard input")
    scan.add_argument("--format", choices=("text", "json", "jsonl"), default="text")
    scan.add_argument("--output", metavar="FILE", help="write there (it must not exist yet) instead of standard output")
    scan.add_argument("--jobs", type=_jobs, default=min(os.cpu_count() or 1, 256), metavar="N", help="scans at a time")
    scan.add_argument(
        "--show-passwords", action="store_true", help="show those found in names and mails; given ones never are"
    )
    _means(scan)
    scan.add_argument("--extract", metavar="DIR", help="write what was unpacked there, each under its SHA-256")
    scan.add_argument("--fail-on", type=str.lower, choices=LEVELS, metavar="LEVEL", help="exit with 0 below this level")
    scan.add_argument("--no-progress", action="store_true", help="no progress bar on the terminal")


def _means(command: argparse.ArgumentParser) -> None:
    """The options of every command that scans."""
    command.add_argument(
        "--password", action="append", default=[], metavar="P", help="a password to try; may be given more than once"
    )
    command.add_argument(
        "--passwords-from", action="append", default=[], metavar="FILE", help="passwords to try, one a line"
    )
    command.add_argument("--limits", metavar="FILE", help="what a scan may cost, as TOML")
    command.add_argument("--policy", metavar="FILE", help="how findings become a level, as TOML")


def _jobs(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:4]) <= 256:
        raise argparse.ArgumentTypeError("a number from 1 to 256 is needed")
    return int(text)
