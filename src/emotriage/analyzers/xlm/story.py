"""The story of macro sheets: where they begin, what they ask, write, fetch and start; and their listing."""

from collections.abc import Iterator

from emotriage.analyzers.xlm.calls import FETCHING, command_of
from emotriage.emulation.xlm.emulate import Emulation
from emotriage.emulation.xlm.expression import Call
from emotriage.emulation.xlm.resolve import FORMULA_WRITERS
from emotriage.emulation.xlm.values import GAP
from emotriage.formats.excel.macrosheet import Workbook
from emotriage.model.step import Action, Recovered, Step

_TOLD = 200
_LONGEST = 8192
_QUESTIONS = frozenset({"GET.WORKSPACE", "GET.WINDOW", "GET.DOCUMENT", "GET.CELL", "APP.MAXIMIZE", "NOW", "TODAY"})
_WRITERS = frozenset({"FOPEN", "FWRITE", "FWRITELN"})
_CHANGES = frozenset({"FILE.DELETE", "WORKBOOK.HIDE", "SAVE.AS", "WORKBOOK.DELETE"})
_STARTERS = frozenset({"EXEC", "EXECUTE", "INITIATE"})


def look(workbook: Workbook, done: Emulation, prefix: str) -> Iterator[Step | Recovered]:
    """The steps of the macros that were followed, then the formulas of each macro sheet as text."""
    for name in workbook.names:
        if name.auto:
            text = f"{name.name} {name.formula}".strip()[:_LONGEST]
            yield Step(action="begin", text=text, where=f"{prefix}defined name")
    told = 0
    asked: set[str] = set()
    for one, where in zip(done.executed, done.places, strict=True):
        for call in one.calls:
            step = _step(call, prefix + where)
            if step is not None and step.action == "check":
                if step.text in asked:
                    continue
                asked.add(step.text)
            if step is not None and told < _TOLD:
                told += 1
                yield step
    for sheet in workbook.macrosheets:
        lines = [f"{cell.ref}\t{cell.formula or cell.value}" for cell in sheet.cells if cell.formula]
        title = sheet.name or sheet.where
        written = [
            f"{where.rpartition('!')[2]}\t{one.formula}"
            for one, where in zip(done.executed, done.places, strict=True)
            if one.written and where.startswith(f"{title}!")
        ]
        if lines:
            yield Recovered(prefix + title, "excel4", "\n".join(lines + list(dict.fromkeys(written))))


def _step(call: Call, where: str) -> Step | None:
    """What a call does, or None where it is nothing to tell."""
    texts = [text.replace(GAP, "<?>") for text in call.texts]
    said = ", ".join(texts)[:_LONGEST]
    action: Action
    if call.name in _STARTERS or command_of(call):
        action, said = "start", (command_of(call) or said).replace(GAP, "<?>")[:_LONGEST]
    elif call.name in ("CALL", "REGISTER", "REGISTER.ID"):
        action = "fetch" if call.name == "CALL" and len(texts) > 3 and FETCHING.fullmatch(texts[1]) else "call"
    elif call.name in FORMULA_WRITERS and texts and texts[0].startswith("="):
        action, said = "decode", texts[0][:_LONGEST]
    elif call.name in _WRITERS:
        action = "write"
    elif call.name in _CHANGES:
        action = "change"
    elif call.name in _QUESTIONS:
        action, said = "check", f"{call.name}({texts[0] if texts else ''})"
    else:
        return None
    return Step(action=action, text=said, where=where, by=call.name.lower()) if said else None
