"""Custom actions of Windows Installer packages (Windows SDK, "Summary List of All Custom Action Types")."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from emotriage.formats.installer import Database
from emotriage.model.limits import RECORD, Budget

_BASE, _SOURCE = 0x07, 0x30
_DLL, _EXE, _TEXT, _JSCRIPT, _VBSCRIPT = 1, 2, 3, 5, 6
_BINARY, _FILE, _FOLDER, _PROPERTY = 0x00, 0x10, 0x20, 0x30
_SET = 51
_REFERENCE = re.compile(r"\[([A-Za-z_][A-Za-z0-9_.]{0,80})\]")
_LONGEST = 64 << 10
_REFERENCES = 32


@dataclass(frozen=True, slots=True)
class Action:
    """A custom action.

    Attributes:
        name: of the action.
        sort: ``command``, ``property``, ``library``, ``jscript``, ``vbscript`` or ``other``.
        source: the binary, file, folder or property that it is made of.
        text: the command line, the script, the function's name, or what the property is set to; of commands and
            properties, with the package's own properties put in.
        where: ``binary``, ``file``, ``folder`` or ``property``: what the source is.
        number: in the sequence that installs; -1 where nothing there calls it.
    """

    name: str
    sort: str
    source: str
    text: str
    where: str
    number: int


def custom_actions(database: Database, budget: Budget) -> Iterator[Action]:
    """The custom actions in the order of their table."""
    values = {str(one.get("Property", "")): str(one.get("Value", "")) for one in database.tables.get("Property", ())}
    order: dict[str, int] = {}
    for table in ("InstallExecuteSequence", "InstallUISequence"):
        for row in database.tables.get(table, ()):
            budget.spend(RECORD)
            order.setdefault(str(row.get("Action", "")), _whole(row.get("Sequence")))
    rows = [
        (str(one.get("Action", "")), _whole(one.get("Type")), str(one.get("Source", "")), str(one.get("Target", "")))
        for one in database.tables.get("CustomAction", ())
    ]
    for _, kind, source, target in rows:
        if kind & 0x3F == _SET:
            values.setdefault(source, target)
    for name, kind, source, target in rows:
        base, place = kind & _BASE, kind & _SOURCE
        budget.spend(RECORD + len(target))
        sort = {_DLL: "library", _EXE: "command", _JSCRIPT: "jscript", _VBSCRIPT: "vbscript"}.get(base, "other")
        if kind & 0x3F == _SET:
            sort, text = "property", _filled(target, values, budget)
        elif sort == "command":
            program = values.get(source, source) if place == _PROPERTY else source if place in (_BINARY, _FILE) else ""
            text = _filled(f"{program} {target}".strip(), values, budget)
        elif sort in ("jscript", "vbscript") and place == _PROPERTY:
            text = values.get(source, target)
        else:
            text = target
        where = {_BINARY: "binary", _FILE: "file", _FOLDER: "folder", _PROPERTY: "property"}[place]
        yield Action(name, sort, source, text, where, order.get(name, -1))


def _whole(cell: str | int | None) -> int:
    """The number in a cell, whatever the columns are said to hold."""
    return cell if isinstance(cell, int) else 0


def _filled(text: str, values: Mapping[str, str], budget: Budget) -> str:
    """The text with properties put in, two deep; what is not known stays as it stands."""
    for _ in range(2):
        left = _REFERENCES

        def put(found: re.Match[str]) -> str:
            nonlocal left
            left -= 1
            return values.get(found[1], found[0])[:_LONGEST] if left >= 0 else found[0]

        budget.spend(len(text))
        text = _REFERENCE.sub(put, text)[:_LONGEST]
    return text
