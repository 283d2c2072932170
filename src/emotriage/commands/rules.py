"""`emotriage rules`: what a rule means."""

import argparse
import sys

from emotriage.catalogue import rules
from emotriage.model.errors import UsageError
from emotriage.reports.rules import rule_card, rule_list


def run(options: argparse.Namespace) -> int:
    """List the rules, or tell all of one.

    Raises:
        UsageError: no such rule.
    """
    known = rules()
    if options.id is None:
        sys.stdout.write(rule_list(known.values()) + "\n")
        return 0
    if options.id not in known:
        raise UsageError(f"no such rule: {options.id!r}; `emotriage rules` lists them")
    sys.stdout.write(rule_card(known[options.id]) + "\n")
    return 0
