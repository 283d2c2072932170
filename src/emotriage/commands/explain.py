"""`emotriage explain`: what a file would do, step by step."""

import argparse
import shutil

from emotriage.commands.means import EXIT, EXIT_UNREADABLE, limits_of, looked_at, pool_of, single
from emotriage.commands.output import output
from emotriage.model.verdict import Verdict
from emotriage.reports.explanation import explanation
from emotriage.reports.safe import shown


def run(options: argparse.Namespace) -> int:
    """Scan one file and tell its story; returns the exit code of its level.

    Raises:
        UsageError: an option that means nothing, or a folder.
        OSError: the story can't be written.
    """
    limits = limits_of(options)
    one = single(options.path)
    with pool_of(options, limits) as pool, output(options.output) as sink:
        outcome = looked_at(pool, one, limits)
        if not isinstance(outcome, Verdict):
            sink.write(f"not read: {shown(outcome.name)}: {shown(outcome.error)}\n")
            return EXIT_UNREADABLE
        terminal = sink.isatty()
        width = max(60, shutil.get_terminal_size((120, 24)).columns) if terminal else 120
        sink.write(explanation(outcome, color=terminal, width=width))
        sink.flush()
        return EXIT[outcome.level]
