"""Machine code that a macro puts into memory: the bytes, and the calls that make it run."""

from collections.abc import Iterator, Sequence

from emotriage.analyzers.vba import lexicon as table
from emotriage.analyzers.vba.macros import Macros
from emotriage.catalogue import vba as rules
from emotriage.emulation.vba.host import Effect
from emotriage.formats.machine_code import SHORTEST, is_machine_code
from emotriage.model.finding import Finding

_RUNS = table.INJECT | table.CALLBACK
_SHOWN = 3


def look(macros: Macros, effects: Sequence[Effect]) -> Iterator[Finding]:
    """Report memory that is asked for, filled, and then run, in this order.

    Args:
        macros: the project.
        effects: what it would do, in order.
    """
    asked = next((one for one in effects if one.kind == "call" and one.what in table.ALLOCATE), None)
    filled = next((one for one in effects if one.kind == "memory" and len(one.detail) >= SHORTEST), None)
    if asked is None or filled is None:
        return
    behind = effects[effects.index(filled) + 1 :]
    ran = [one for one in behind if one.kind == "call" and one.what in _RUNS]
    if ran:
        texts = (
            (asked, asked.what),
            (filled, f"{filled.what}: {len(filled.detail)} bytes"),
            *((one, one.what) for one in ran),
        )
        yield rules.RUNS_MEMORY(*(macros.evidence(one.module, one.at, text) for one, text in list(texts)[:_SHOWN]))


def is_worth_a_look(content: str) -> bool:
    """True for bytes in memory that are a program or code."""
    return content[:2] == "MZ" or is_machine_code(content[: 1 << 16].encode("latin-1", "replace"))
