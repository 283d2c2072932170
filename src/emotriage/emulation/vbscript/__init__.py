"""VBScript, evaluated as the dialect of VBA that it is: what stands outside of procedures becomes one, and is begun at.

VBScript Language Reference: code at the top level runs as it stands, and its variables are everybody's.
"""

import re

from emotriage.emulation.allowed import part_of
from emotriage.emulation.effects import Effect, Ran, Run
from emotriage.emulation.vba.host import Host, Surroundings
from emotriage.emulation.vba.program import ModuleCode
from emotriage.emulation.vba.source import read_source
from emotriage.emulation.vbscript.execute import ScriptMachine
from emotriage.emulation.vbscript.parts import divided
from emotriage.model.limits import Budget

_MAIN = "emotriage_main"
_CONDITION = re.compile(r"(?i)\b(?:do|loop)[ \t]+(?:while|until)\b")
_LOOP = re.compile(r"(?im)^([ \t]*loop)(?=[ \t]*(?:'|\r?$))")
_CONTINUED = re.compile(r"[ \t]_[ \t]{1,80}\n")
_SLEEPS = re.compile(r"(?i)\bwscript\.sleep\b|\.nextevent\b")
_ENDLESS = re.compile(r"(?i)\b(while|do[ \t]+while)[ \t]+\(?(?:true|1[ \t]*=[ \t]*1|-?1)\)?[ \t]*(?=$|:|\n|')")


def run(text: str, budget: Budget) -> Run:
    """Evaluate a script from its first line.

    Args:
        text: the script.
        budget: charged for every token and instruction.
    """
    machine: ScriptMachine | None = None
    with part_of(budget, len(text)) as part:
        machine = _machine(text, budget)
        machine.begin(machine.named(_MAIN))
    if machine is None:
        return Run((Ran(text, ""),), (), complete=False)
    done = machine.host.done()
    effects = [Effect(one.kind, one.what, one.by, 0, 0, one.detail) for one in done if one.kind != "script"]
    layers = [Ran(one.what, "Execute") for one in done if one.kind == "script" and one.what]
    complete = not (machine.cut or part.spent)
    return Run((Ran(text, ""), *machine.layers, *layers), tuple(effects), complete)


def _machine(text: str, budget: Budget) -> ScriptMachine:
    budget.spend(40 * len(text))
    if _SLEEPS.search(text):  # a loop that only waits has no end
        text = _ENDLESS.sub(r"\1 WScript.Waits", text)
        text = text if _CONDITION.search(text) else _LOOP.sub(r"\1 While WScript.Waits", text)
    lines = _CONTINUED.sub(" _\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    procedures, top, names = divided(lines, budget)
    declared = "".join(f"Dim {name}\n" for name in names)
    code = f"{declared}{procedures}\nSub {_MAIN}()\n{top}\nEnd Sub\n"
    modules = [ModuleCode("Script", "standard", read_source(code, budget))]
    return ScriptMachine(modules, Host(Surroundings()), _MAIN, budget)
