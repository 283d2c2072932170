"""A script, evaluated: the texts that it runs as code, and what it would start, fetch and write."""

from emotriage.emulation.allowed import part_of
from emotriage.emulation.effects import Run
from emotriage.emulation.jscript.machine import Machine
from emotriage.model.limits import Budget


def run(text: str, budget: Budget) -> Run:
    """Evaluate a script from its first line.

    Args:
        text: the script.
        budget: charged for every token and instruction.
    """
    machine = Machine(budget)
    with part_of(budget, len(text)) as part:
        machine.run(text)
    return Run(tuple(machine.layers), tuple(machine.world.effects), not (machine.cut or part.spent))
