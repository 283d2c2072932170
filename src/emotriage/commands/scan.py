"""`emotriage scan`: look at files, isolated, and say how bad they are."""

import argparse
import contextlib
from collections.abc import Generator
from dataclasses import dataclass

from emotriage.api import ScanPool
from emotriage.commands.inputs import Input, inputs_of
from emotriage.commands.interrupt import Interrupt
from emotriage.commands.means import EXIT, EXIT_UNREADABLE, limits_of, looked_at, pool_of
from emotriage.commands.output import output
from emotriage.commands.progress import progress
from emotriage.extract import Folder, Parcel
from emotriage.model.limits import Limits
from emotriage.model.verdict import Level, Verdict
from emotriage.reports.records import Failure, printer


def run(options: argparse.Namespace) -> int:
    """Scan and report; returns the exit code.

    Raises:
        UsageError: an option that means nothing.
        OSError: the report or an artifact can't be written.
        KeyboardInterrupt: Ctrl-C; what was reported by then is whole.
    """
    limits = limits_of(options)
    fail_on = Level.parse(options.fail_on) if options.fail_on else None
    inputs = list(inputs_of(options.paths))
    tally = _Tally()
    with contextlib.ExitStack() as held:
        pool = held.enter_context(pool_of(options, limits, options.jobs))
        folder = held.enter_context(Folder(options.extract, limits)) if options.extract else None
        sink = held.enter_context(output(options.output))  # ends before the folder: a full one takes no report away
        single = len(options.paths) == 1 and len(inputs) == 1 and inputs[0].name == options.paths[0]
        report = printer(options.format, sink, single=single, show_passwords=options.show_passwords)
        advance = held.enter_context(progress(len(inputs), hidden=options.no_progress))
        interrupt = Interrupt()
        held.enter_context(interrupt.watched())
        try:
            with contextlib.closing(_outcomes(pool, inputs, limits, folder)) as outcomes:
                for outcome in outcomes:
                    with interrupt.whole():
                        report.add(outcome)
                        tally.add(outcome)
                        advance(outcome.name)
        finally:
            with interrupt.whole():
                report.close()
    return tally.exit_code(fail_on)


@dataclass(slots=True)
class _Tally:
    """What decides the exit code."""

    worst: Level = Level.CLEAN
    unread: bool = False

    def add(self, outcome: Verdict | Failure) -> None:
        if isinstance(outcome, Verdict):
            self.worst = max(self.worst, outcome.level)
        else:
            self.unread = True

    def exit_code(self, fail_on: Level | None) -> int:
        if self.unread and self.worst < Level.SUSPICIOUS:
            return EXIT_UNREADABLE
        return 0 if fail_on is not None and self.worst < fail_on else EXIT[self.worst]


def _outcomes(
    pool: ScanPool, inputs: list[Input], limits: Limits, folder: Folder | None
) -> Generator[Verdict | Failure, None, None]:
    """Verdicts in the order of the inputs; the manifest is written in that order, too."""

    def look(one: Input) -> tuple[Verdict | Failure, Parcel | None]:
        parcel = folder.parcel() if folder is not None else None
        return looked_at(pool, one, limits, parcel), parcel

    for outcome, parcel in pool.map(look, inputs):
        if folder is not None and parcel is not None and isinstance(outcome, Verdict):
            folder.note(outcome, parcel)
        yield outcome
