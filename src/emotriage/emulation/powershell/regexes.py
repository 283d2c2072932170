"""What a script's regular expressions may cost: the worst case is known from their form, and is charged beforehand."""

import re
from collections.abc import Iterable
from typing import Any

from emotriage.emulation.patterns import Pattern, compiled
from emotriage.emulation.powershell.values import Value, items_of, named_groups, text_of

Shell = Any
"""The evaluator; it imports this module."""
_OPERATORS = frozenset({"match", "notmatch", "replace", "split"})
_WILDCARDS = frozenset({"like", "notlike"})
_METHODS = frozenset({"replace", "split", "matches", "match", "ismatch"})


def operator_affordable(shell: Shell, sign: str, left: Value, right: Value) -> bool:
    """True when an operator may be applied; what a regular expression or wildcards cost at worst is charged."""
    if sign in _WILDCARDS:
        shell.budget.spend(len(text_of(right)) * sum(min(len(text_of(one)), 4096) for one in items_of(left)))
        return True
    if sign not in _OPERATORS:
        return True
    source = right[0] if isinstance(right, list) and right else right
    return affordable(shell, source, items_of(left))


def method_affordable(shell: Shell, kind: str, name: str, args: list[Value]) -> bool:
    """True when a static method of ``[Regex]`` may be called, or another."""
    if not kind.endswith("regex") or name not in _METHODS or len(args) < 2:
        return True
    return affordable(shell, args[1], args[:1])


def affordable(shell: Shell, source: Value, texts: Iterable[Value]) -> bool:
    """True when a pattern may be used on some texts; otherwise something is lost."""
    wanted = text_of(source)
    pattern = compiled(named_groups(wanted), "i")
    if pattern is None and _is_regex(wanted):
        shell.lost = True
        return False
    for one in texts if pattern is not None else ():
        units = _units(pattern, text_of(one))
        if units is None:
            shell.lost = True
            return False
        shell.budget.spend(units)
    return True


def _units(pattern: Pattern | None, text: str) -> int | None:
    return 0 if pattern is None else pattern.cost(text)


def _is_regex(source: str) -> bool:
    """True for what Python would take; what it would not is taken for plain text."""
    try:
        re.compile(named_groups(source[:10_000]))
    except (re.error, OverflowError, RecursionError):
        return False
    return re.escape(source) != source
