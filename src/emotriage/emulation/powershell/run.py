"""A PowerShell script from its first line to its end."""

from contextlib import suppress

from emotriage.emulation.allowed import part_of
from emotriage.emulation.effects import Run
from emotriage.emulation.powershell.evaluator import DEPTH, Shell
from emotriage.emulation.powershell.leaving import Leave
from emotriage.emulation.powershell.nodes import SyntaxFault, drive
from emotriage.model.limits import Budget


def run(text: str, budget: Budget) -> Run:
    """Evaluate a script from its first line.

    Args:
        text: the script, or what stands behind ``-Command``.
        budget: charged for every step.
    """
    shell = Shell(budget)
    with part_of(budget, len(text)) as part, suppress(Leave, SyntaxFault):
        drive(shell.code(text, ""), budget, DEPTH)
    return Run(tuple(shell.layers), tuple(shell.effects), not (shell.cut or shell.lost or part.spent))
