"""Constants of VBA and of the hosts' type libraries, by name: their enumerations are data (``enumerations.txt``)."""

from functools import cache
from pathlib import Path

from emotriage.emulation.vba.values import Value

_TEXTS: dict[str, Value] = {
    "vbcrlf": "\r\n", "vbnewline": "\r\n", "vbcr": "\r", "vblf": "\n", "vbtab": "\t", "vbnullstring": "",
    "vbnullchar": "\0", "vbback": "\b", "vbformfeed": "\f", "vbverticaltab": "\v",
    "vba6": True, "vba7": True, "win16": False, "win32": True, "win64": True, "mac": False,
}  # fmt: skip


def constant(name: str) -> Value:
    """Value of a constant by its lower-case name; None where there is none of that name."""
    if name in _TEXTS:
        return _TEXTS[name]
    return _numbers().get(name)


@cache
def _numbers() -> dict[str, int]:
    """Members of enumerations; a line of the table is a value and the names that have it."""
    table: dict[str, int] = {}
    for line in Path(__file__).with_name("enumerations.txt").read_text("ascii").splitlines():
        value, *names = line.split(" ")
        table.update(dict.fromkeys(names, int(value)))
    return table
