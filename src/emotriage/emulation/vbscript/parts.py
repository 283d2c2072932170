"""The parts of a script in VBScript: its procedures, what stands outside of them, and the names that this sets.

VBScript Language Reference: code at the top level runs as it stands, and its variables are everybody's.
"""

import re

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
_PROCEDURE = re.compile(r"(?i)\b(?:sub|function)[ \t]+([a-z]\w{0,200})")
_NAMES = 2000
RUN_TEXT = frozenset({"execute", "executeglobal", "eval"})
"""What runs text as code; where a line begins with them, they look like arrays."""


def divided(text: str, budget: Budget) -> tuple[str, str, list[str]]:
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
    called = RUN_TEXT | {one.lower() for one in _PROCEDURE.findall("\n".join(inside))}
    set_there = [one for one in names if one not in called]
    return "\n".join([*declarations, *inside]), "\n".join(outside), set_there[:_NAMES]
