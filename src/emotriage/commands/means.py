"""What the commands that scan have in common: the pool their options ask for, and a single file."""

import argparse
import contextlib
from collections.abc import Iterator

from emotriage.api import ScanPool
from emotriage.commands.inputs import Input, inputs_of, opened
from emotriage.commands.password_list import caller_passwords
from emotriage.handover import Sink
from emotriage.model.errors import UsageError
from emotriage.model.limits import Limits
from emotriage.model.verdict import Level, Verdict
from emotriage.reports.records import Failure
from emotriage.scoring.policy import Policy

EXIT = {Level.CLEAN: 0, Level.UNVERIFIED: 10, Level.SUSPICIOUS: 20, Level.MALICIOUS: 30}
EXIT_UNREADABLE = 74


@contextlib.contextmanager
def pool_of(options: argparse.Namespace, limits: Limits, jobs: int = 1) -> Iterator[ScanPool]:
    """A pool with the passwords and the policy of the command line.

    Raises:
        UsageError: an option that means nothing.
    """
    policy = Policy.load(options.policy) if options.policy else Policy.default()
    passwords = caller_passwords(options.password, options.passwords_from)
    if len(passwords) > limits.passwords:
        raise UsageError(f"{len(passwords)} passwords are given; limit passwords tries no more than {limits.passwords}")
    with ScanPool(jobs, passwords=passwords, limits=limits, policy=policy) as pool:
        yield pool


def limits_of(options: argparse.Namespace) -> Limits:
    """The limits of the command line.

    Raises:
        UsageError: a file that says something else.
    """
    return Limits.load(options.limits) if options.limits else Limits()


def looked_at(pool: ScanPool, one: Input, limits: Limits, sink: Sink | None = None) -> Verdict | Failure:
    """Scan an input; a failure where it can't be read."""
    if one.problem:
        return Failure(one.name, one.problem)
    try:
        with opened(one, limits.input_bytes) as blob:
            return pool.scan(blob, one.name, sink=sink)
    except OSError as error:
        return Failure(one.name, error.strerror or type(error).__name__)


def single(path: str) -> Input:
    """The one file that a path stands for.

    Raises:
        UsageError: a folder.
    """
    found = next(inputs_of([path]), None)
    if found is None or found.name != path:
        raise UsageError(f"{path!r} is a folder; one file is wanted")
    return found
