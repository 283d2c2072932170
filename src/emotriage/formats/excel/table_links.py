"""Tables as text (CSV, TSV) whose cells have a spreadsheet start programs: ``=program|topic!item`` (DDE)."""

import re
from collections.abc import Iterator

from emotriage.formats.text import decode_text
from emotriage.model.blob import Blob
from emotriage.model.limits import MIB, RECORD, Budget

_LIMIT = 64 * MIB
_BEFORE, _BEHIND = 256, 2048
_PROGRAM = re.compile(r"(?:^|[,;\t])[ \"']{0,4}[=+\-@]{1,4}[^|\n\r]{0,128}?([\w.\\:/ ]{2,200})'?$")
_LAST = re.compile(r"[\w.\\:/ ]{2}'?$")
_TOPIC = re.compile(r"('[^'\n\r]{0,1024}'|[^!'\n\r]{1,1024})!['\"A-Za-z_$]")


def program_links(blob: Blob, budget: Budget) -> Iterator[tuple[str, int]]:
    """(``program|topic``, line) of each cell that is a link by DDE."""
    text = decode_text(blob, budget, _LIMIT)
    budget.spend(len(text))
    at, line, counted = text.find("|"), 1, 0
    while at >= 0:
        budget.spend(2 * RECORD)
        program = None
        if _LAST.search(text, max(0, at - 3), at):
            before = text[max(0, at - _BEFORE) : at]
            before = before[max(before.rfind("\n"), before.rfind("\r")) + 1 :]
            before = before[max(before.rfind("|"), 0) :]  # no cell's program goes through one
            budget.spend(64 * len(before))
            program = _PROGRAM.search(before)
        topic = _TOPIC.match(text[at + 1 : at + _BEHIND]) if program else None
        if program and topic:
            line += text.count("\n", counted, at)
            counted = at
            yield f"{program[1].strip()}|{topic[1]}", line
        at = text.find("|", at + 1)
