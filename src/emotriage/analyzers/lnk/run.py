"""What the command line of a shortcut comes to when it is carried out by the evaluator of its language."""

import re
from collections.abc import Iterator

from emotriage.catalogue import script as script_rules
from emotriage.emulation import programs
from emotriage.emulation.behaviour import behaviour
from emotriage.emulation.effects import Effect, Run
from emotriage.emulation.powershell.commands import inner_command
from emotriage.model.analyzer import Child, Found
from emotriage.model.finding import Evidence
from emotriage.model.indicator import Indicator
from emotriage.model.limits import RECORD, Budget
from emotriage.model.step import Action, Step

_LONGEST = 1 << 16
_INLINE = re.compile(r"(?is)[\s\"'](javascript|vbscript):(.{3,})")
_POWERSHELL = frozenset({"powershell", "pwsh"})
_MOST = 64
_SHORT = 3
_TOLD: dict[str, tuple[str, Action]] = {
    "start": ("command", "start"),
    "fetch": ("url", "fetch"),
    "write": ("", "write"),
}


def carried_out(line: str, hosts: frozenset[str], budget: Budget) -> Run | None:
    """What a command line would do; None where nobody knows how to carry it out.

    Args:
        line: program and arguments.
        hosts: script hosts that the program may be.
        budget: charged for every step.
    """
    line = line[:_LONGEST]
    if hosts & _POWERSHELL:
        return behaviour(inner_command(line), "powershell", budget)
    if found := _INLINE.search(line):
        return behaviour(found[2].rstrip("\"' "), found[1].lower(), budget)
    return behaviour(line, "batch", budget) if "cmd" in hosts else None


def tell(run: Run, known: str, budget: Budget) -> Iterator[Found]:
    """Indicators, steps and files of a run; and a gap where it did not come to its end.

    Args:
        run: it.
        known: what was read off the line before, in lower case: it is not told again.
        budget: charged for every effect.
    """
    budget.spend(RECORD * len(run.effects))
    if not run.complete:
        yield script_rules.NOT_EVALUATED_WHOLE(Evidence(f"after {len(run.effects)} acts", "arguments"))
    told: set[tuple[str, str]] = set()
    for one in run.effects:
        what = one.what.strip()
        if one.kind not in _TOLD or len(what) <= _SHORT or (one.kind, what) in told or len(told) >= _MOST:
            continue
        told.add((one.kind, what))
        kind, action = _TOLD[one.kind]
        if what.lower() not in known:
            if kind:
                yield Indicator(kind=kind, value=what, origin="emulated", where=f"arguments, {one.by}")
            yield Step(action=action, text=what, where="arguments", by=one.by, depth=1)
        yield from _written(one)


def reading(run: Run, known: str) -> str:
    """The commands and addresses that a run comes to and the line does not say, as one text."""
    acts = (one.what.strip() for one in run.effects[:_MOST] if one.kind in ("start", "fetch"))
    return "\n".join(dict.fromkeys(one for one in acts if len(one) > _SHORT and one.lower() not in known))


def _written(effect: Effect) -> Iterator[Child]:
    name = re.split(r"[\\/]", effect.what)[-1]
    if effect.kind == "write" and len(effect.detail) > _SHORT and programs.suffix_of(name) in programs.ACTIVE_SUFFIXES:
        wide = any(ord(letter) > 255 for letter in effect.detail[:4096])
        yield Child(name, effect.detail.encode("utf-8" if wide else "latin-1", "replace"))
