"""Formulas that link to other programs (DDE), which Excel starts for that: ``=program|topic!item``."""

import re
from collections.abc import Iterator

from emotriage.analyzers.xlm.formulas import Survey, shorten
from emotriage.catalogue import xlm as rules
from emotriage.emulation import programs
from emotriage.emulation.xlm.literals import Literal
from emotriage.formats.excel.macrosheet import Workbook
from emotriage.model.analyzer import Found
from emotriage.model.finding import Evidence
from emotriage.model.limits import Budget

_LINK = re.compile(
    r"""(?:^=|[-+(,&*/=<>])\s{0,8}'?([\w.\\:/ -]{1,255}?)'?\|(?:'((?:[^']|''){0,2048})'|([^'!\s]{0,2048}))!"""
)
_MOST = 8


def look(workbook: Workbook, budget: Budget) -> Iterator[Found]:
    """Links that name a program of the system; those of an honest feed name their vendor's."""
    survey = Survey(budget)
    found: list[Evidence] = []
    for sheet in workbook.sheets:
        for cell in sheet.cells:
            if "|" not in cell.formula:
                continue
            budget.spend(len(cell.formula))
            for link in _LINK.finditer(cell.formula):
                topic = (link[2] or link[3] or "").replace("''", "'")
                command = f"{link[1].strip()} {topic}".strip()
                where = f"{sheet.name or sheet.where}!{cell.ref}"
                if programs.programs_in(link[1]) or programs.programs_in(topic):
                    found.append(Evidence(shorten(command), where))
                    survey.text(Literal(command, decoded=False), where, runs=True)
    if found:
        yield rules.PROGRAM_LINK(*found[:_MOST])
        yield from survey.findings()
