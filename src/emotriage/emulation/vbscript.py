"""VBScript, evaluated as the dialect of VBA that it is: what stands outside of procedures becomes one, and is begun at.

VBScript Language Reference: code at the top level runs as it stands, and its variables are everybody's.
"""

import re

from emotriage.emulation.effects import Effect, Ran, Run
from emotriage.emulation.vba.host import Surroundings
from emotriage.emulation.vba.machine import run as run_vba
from emotriage.emulation.vba.program import ModuleCode, Program
from emotriage.emulation.vba.source import read_source
from emotriage.model.limits import RECORD, Budget

_BEGIN = re.compile(
    r"(?i)^[ \t]*(?:(?:public|private|default)[ \t]+)*(sub|function|class|property[ \t]+[gls]et)[ \t]+\w"
)
_END = re.compile(r"(?i)(?:^|:)[ \t]*end[ \t]+(sub|function|class|property)\b")
_LITERALS = re.compile(r"\"(?:[^\"\n]|\"\")*\"?|'[^\n]*|(?i:\brem\b[^\n]*)")
_ASSIGNED = re.compile(
    r"(?i)(?:^|:|\bthen\b|\belse\b)[ \t]*(?:(?:set|const|for|let|for[ \t]+each)[ \t]+)?"
    r"([a-z]\w{0,200})[ \t]*(?=[=(]|in\b)"
)
_DECLARED = re.compile(r"(?i)(?:^|:)[ \t]*(?:dim|public|private|redim(?:[ \t]+preserve)?)[ \t]+([^\n:]{1,2000})")
_MODULE = re.compile(r"(?i)[ \t]*(?:dim|public|private|const)[ \t]+[^:]*\Z")
_NAME = re.compile(r"[A-Za-z]\w*")
_MAIN = "emotriage_main"
_CONDITION = re.compile(r"(?i)\b(?:do|loop)[ \t]+(?:while|until)\b")
_LOOP = re.compile(r"(?im)^([ \t]*loop)(?=[ \t]*(?:'|\r?$))")
_NAMES = 2000
_SLEEPS = re.compile(r"(?i)\bwscript\.sleep\b|\.nextevent\b")
_ENDLESS = re.compile(r"(?i)\b(while|do[ \t]+while)[ \t]+\(?(?:true|1[ \t]*=[ \t]*1|-?1)\)?[ \t]*(?=$|:|\n|')")


def run(text: str, budget: Budget) -> Run:
    """Evaluate a script from its first line.

    Args:
        text: the script.
        budget: charged for every token and instruction.
    """
    budget.spend(40 * len(text))
    if _SLEEPS.search(text):  # a loop that only waits has no end
        text = _ENDLESS.sub(r"\1 WScript.Waits", text)
        text = text if _CONDITION.search(text) else _LOOP.sub(r"\1 While WScript.Waits", text)
    procedures, top, names = _divided(text.replace("\r\n", "\n").replace("\r", "\n"), budget)
    declared = "".join(f"Dim {name}\n" for name in names)
    code = f"{declared}{procedures}\nSub {_MAIN}()\n{top}\nEnd Sub\n"
    program = Program([ModuleCode("Script", "standard", read_source(code, budget))], budget)
    entries = [number for number, one in enumerate(program.nodes) if one.procedure.name.lower() == _MAIN]
    result = run_vba(program, entries, Surroundings(), budget)
    effects = [Effect(one.kind, one.what, one.by, 0, 0, one.detail) for one in result.effects if one.kind != "script"]
    layers = [Ran(one.what, "Execute") for one in result.effects if one.kind == "script" and one.what]
    return Run((Ran(text, ""), *layers), tuple(effects), result.complete)


def _divided(text: str, budget: Budget) -> tuple[str, str, list[str]]:
    """(declarations, procedures and classes; all other lines; names that these lines set) of a script."""
    declarations: list[str] = []
    inside: list[str] = []
    outside: list[str] = []
    names: dict[str, None] = {}
    within = ""
    for line in text.split("\n"):
        budget.spend(RECORD)
        bare = _LITERALS.sub('""', line)
        if not within and (begun := _BEGIN.match(bare)):
            within = begun[1].split()[0].lower()
        if within:
            inside.append(line)
            if any(one[1].lower() == within for one in _END.finditer(bare)):
                within = ""
            continue
        if _MODULE.match(bare):
            declarations.append(line)
        else:
            outside.append(line)
        for one in _ASSIGNED.finditer(bare):
            names[one[1].lower()] = None
        for one in _DECLARED.finditer(bare):
            names.update(dict.fromkeys(name.lower() for name in _NAME.findall(one[1])))
    return "\n".join([*declarations, *inside]), "\n".join(outside), list(names)[:_NAMES]
