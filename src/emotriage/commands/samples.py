"""`emotriage samples`: build the synthetic samples into a folder."""

import argparse
import sys

from emotriage.model.errors import UsageError
from emotriage.reports.safe import safe_text
from emotriage.testing import build_samples


def run(options: argparse.Namespace) -> int:
    """Build all of them.

    Raises:
        UsageError: the folder can't be written to.
    """
    try:
        built = sum(1 for _ in build_samples(options.directory, giants=options.giants))
    except OSError as error:
        raise UsageError(f"cannot write to {str(options.directory)!r}: {error.strerror}") from error
    sys.stdout.write(f"{built} samples in {safe_text(str(options.directory))}\n")
    return 0
