"""References to variables as cmd.exe reads them, in batch files and on command lines.

Follows ``set /?``: ``%name%``, ``%name:~start,length%``, ``%name:old=new%``, ``%name:*all up to old=new%``, and the
same between exclamation marks. No variable of this machine is looked at: `VARIABLES` has the values of a stock Windows.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from emotriage.model.limits import RECORD, Budget

VARIABLES = {
    "allusersprofile": r"C:\ProgramData",
    "commonprogramfiles": r"C:\Program Files\Common Files",
    "commonprogramfiles(x86)": r"C:\Program Files (x86)\Common Files",
    "comspec": r"C:\Windows\system32\cmd.exe",
    "driverdata": r"C:\Windows\System32\Drivers\DriverData",
    "homedrive": "C:",
    "os": "Windows_NT",
    "path": r"C:\Windows\system32;C:\Windows;C:\Windows\System32\Wbem;C:\Windows\System32\WindowsPowerShell\v1.0;",
    "pathext": ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC",
    "processor_architecture": "AMD64",
    "programdata": r"C:\ProgramData",
    "programfiles": r"C:\Program Files",
    "programfiles(x86)": r"C:\Program Files (x86)",
    "programw6432": r"C:\Program Files",
    "psmodulepath": r"C:\Program Files\WindowsPowerShell\Modules;C:\Windows\system32\WindowsPowerShell\v1.0\Modules",
    "public": r"C:\Users\Public",
    "systemdrive": "C:",
    "systemroot": r"C:\Windows",
    "windir": r"C:\Windows",
}
"""Environment of a stock Windows, by lower-case name: what does not depend on who is logged on."""
_LETTER = 16
"""Work units for a letter of a value in which something is replaced."""


def _pattern(marks: str) -> re.Pattern[str]:
    """Marks stand in no part of a reference but what is looked for after an asterisk; every part is bounded."""
    return re.compile(
        rf"([{marks}])([^{marks}\n:=]{{1,256}})(?:"
        r":~[ \t]{0,8}(-?\d{0,6})(?:[ \t]{0,8},[ \t]{0,8}(-?\d{1,6}))?[ \t]{0,8}"
        rf"|:(\*[^=\n]{{1,256}}|[^{marks}=\n]{{1,256}})=([^{marks}\n]{{0,256}}))?\1"
    )


_PATTERNS = {marks: _pattern(marks) for marks in ("%", "!", "%!")}


@dataclass(frozen=True, slots=True)
class Reference:
    """A variable that is referred to.

    Attributes:
        text: the reference as it is written, marks included.
        name: in lower case.
        at: where it begins in the text.
        start: of the piece that is cut out, as written; None where none is.
        length: of the piece, as written; None for all that is left.
        old: what is replaced; None where nothing is.
        new: by what.
    """

    text: str
    name: str
    at: int
    start: str | None
    length: str | None
    old: str | None
    new: str

    @property
    def plain(self) -> bool:
        """The value is taken as it is."""
        return self.start is None and self.old is None

    def of(self, value: str, budget: Budget) -> str:
        """What the reference comes to, where its variable has a value."""
        if self.start is not None:
            return _cut(value, self.start, self.length)
        if self.old is None:
            return value
        budget.spend(_LETTER * len(value))
        if self.old.startswith("*"):
            found = re.search(re.escape(self.old[1:]), value, re.IGNORECASE)
            return self.new + value[found.end() :] if found else value
        return re.sub(re.escape(self.old), self.new.replace("\\", r"\\"), value, flags=re.IGNORECASE)


def reference_at(text: str, marks: str, at: int) -> Reference | None:
    """The reference whose first mark stands at a place; None where none does."""
    found = _PATTERNS[marks].match(text, at)
    return _reference(found) if found else None


def fill(text: str, marks: str, value: Callable[[Reference], str | None], budget: Budget) -> str:
    """A text with its references filled in.

    Args:
        text: one or more lines.
        marks: what stands around a name: ``%``, ``!`` or ``%!`` for either.
        value: what a reference comes to; None for what is none, so that its second mark may begin the next.
        budget: charged for each reference; the text's own length is the caller's to pay.
    """
    pattern = _PATTERNS[marks]
    out = []
    at = 0
    while found := pattern.search(text, at):
        budget.spend(RECORD)
        filled = value(_reference(found))
        end = found.end() if filled is not None else found.start() + 1
        out += [text[at : found.start()], filled if filled is not None else found[1]]
        at = end
    return "".join((*out, text[at:]))


def _reference(found: re.Match[str]) -> Reference:
    name, start, length, old, new = found.group(2, 3, 4, 5, 6)
    return Reference(found[0], name.lower(), found.start(), start, length, old, new or "")


def _cut(value: str, start: str, length: str | None) -> str:
    first = int(start) if start not in ("", "-") else 0
    begin = max(len(value) + first, 0) if first < 0 else min(first, len(value))
    if length is None:
        return value[begin:]
    count = int(length)
    return value[begin : begin + count] if count >= 0 else value[begin : max(len(value) + count, begin)]
