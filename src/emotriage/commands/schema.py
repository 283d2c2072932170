"""`emotriage schema`: the verdict's JSON Schema."""

import argparse
import sys

from emotriage.reports.schema import schema_text


def run(_: argparse.Namespace) -> int:
    """Print the schema."""
    sys.stdout.write(schema_text() + "\n")
    return 0
