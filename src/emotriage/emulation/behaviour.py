"""What a script would do, whatever it is written in: each part goes to the evaluator of its language."""

import re
from dataclasses import replace

from emotriage.emulation.cmd.batch_run import run as run_batch
from emotriage.emulation.effects import Effect, Ran, Run
from emotriage.emulation.jscript.run import run as run_jscript
from emotriage.emulation.powershell.commands import inner_command
from emotriage.emulation.powershell.run import run as run_powershell
from emotriage.emulation.vbscript import run as run_vbscript
from emotriage.formats.script.parts import script_parts
from emotriage.model.limits import Budget

LONGEST = 16 << 20
"""Longest text that is evaluated."""
_RUNNERS = {"javascript": run_jscript, "vbscript": run_vbscript, "powershell": run_powershell, "batch": run_batch}
_PAGES = 4
_COMMANDS = 8
_POWERSHELL = re.compile(r"(?i)(?:powershell|pwsh)")
_PADDING = re.compile(r"([ \t\0\r\n])\1{255,}")


def behaviour(text: str, language: str, budget: Budget) -> Run | None:
    """Evaluate a script; None where nobody knows how.

    Args:
        text: the script.
        language: as `formats.script.dialect` calls it.
        budget: charged for every token and instruction.
    """
    if language == "hta":
        return _with_commands(_of_page(text, budget), budget)
    if (runner := _RUNNERS.get(language)) is None:
        return None
    if len(text) > LONGEST:
        budget.spend(4 * len(text))
        text = _PADDING.sub(r"\1", text)
    if len(text) > LONGEST:
        return Run((Ran(text, ""),), (), complete=False)
    run = runner(text, budget)
    pages = [one for one in run.effects if one.kind == "page" and "<script" in one.what.lower()]
    for one in pages[:_PAGES]:
        run = _joined(run, _of_page(one.what, budget))
    return run if language == "powershell" else _with_commands(run, budget)


def _with_commands(run: Run, budget: Budget) -> Run:
    """The same, and what PowerShell would do with the commands it is started with."""
    for one in [effect for effect in run.effects if effect.kind == "start"][:_COMMANDS]:
        if (inner := inner_command(one.what)) and _POWERSHELL.search(one.what):
            run = _joined(run, run_powershell(inner, budget))
    return run


def _of_page(page: str, budget: Budget) -> Run:
    """The scripts of a page, one after the other, those of one language together."""
    run = Run((Ran(page, ""),), (), complete=True)
    parts = script_parts(page, budget)
    for language, runner in _RUNNERS.items():
        text = "\n".join(one.text for one in parts if one.language == language)
        if text and len(text) <= LONGEST:
            run = _joined(run, runner(text, budget))
        elif text:
            run = replace(run, complete=False)
    return run


def _joined(one: Run, other: Run) -> Run:
    """Two runs as one."""
    shift = len(one.layers)
    moved: tuple[Effect, ...] = tuple(replace(effect, layer=effect.layer + shift) for effect in other.effects)
    return Run((*one.layers, *other.layers), (*one.effects, *moved), one.complete and other.complete)
