"""Internet shortcuts (.url, .website) and what else the shell reads as INI: .scf, .theme, desktop.ini, as Windows does.

There is no specification; the layout is what `GetPrivateProfileString` takes: section and key names in any case, the
first value of a key counts, whatever is no ``key=value`` line is skipped. Padding costs nothing: uniform runs are left
out, and the rest is read in windows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import TOKEN, Budget

_SHORTCUT = ("internetshortcut", "internetshortcut.w", "internetshortcut.a")
_SECTIONS = (
    *_SHORTCUT,
    "shell",
    "taskbar",
    ".shellclassinfo",
    ".shellclassinfo.w",
    "theme",
    "visualstyles",
    "boot",
    "slideshow",
    "control panel\\desktop",
    "control panel\\cursors",
)
"""Those of internet shortcuts, of Explorer commands, of folders, and of themes."""
_TELLING = frozenset({*_SHORTCUT, "shell", ".shellclassinfo", "theme", "visualstyles"})
_VALUE_LIMIT = 64 << 10
_HOLE_EDGE = 4096  # of a left-out run, what windows show of it at either end
_ENTRIES = 1024


Form = Literal["shortcut", "command", "folder", "theme"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a section.

    Attributes:
        section: in lower case, without brackets.
        key: in lower case.
        value: without blanks at its ends and without the quotes around it.
        offset: of the line in the file.
    """

    section: str
    key: str
    value: str
    offset: int


@dataclass(frozen=True, slots=True)
class InternetShortcut:
    """An internet shortcut, or another INI file of the shell.

    Attributes:
        form: ``shortcut``, ``command`` (.scf), ``folder`` (desktop.ini) or ``theme``.
        entries: the lines of its sections, in order.
        filler: NUL bytes between and behind the lines.
        anomalies: what is odd; incomplete when lines were left out.
    """

    form: Form
    entries: tuple[Entry, ...]
    filler: int
    anomalies: tuple[Anomaly, ...]

    def values(self, key: str) -> tuple[Entry, ...]:
        """Every line with a key, the one that counts first."""
        wanted = [one for one in self.entries if one.key == key]
        return tuple(sorted(wanted, key=lambda one: (_SECTIONS.index(one.section), one.offset)))

    def value(self, key: str) -> str:
        """The value that counts, or empty."""
        found = self.values(key)
        return found[0].value if found else ""


def read_internet_shortcut(blob: Blob, budget: Budget) -> InternetShortcut:
    """Read an internet shortcut or one of its kin, in whatever encoding.

    Raises:
        Malformed: there is no section that tells what it is.
    """
    section = ""
    met: dict[str, None] = {}
    entries: list[Entry] = []
    odd: dict[str, Anomaly] = {}
    codec = _codec(blob.read(0, 256))
    filler = sum(one.length - 2 * _HOLE_EDGE for one in blob.holes if one.byte == 0)
    for offset, raw in _lines(blob, codec, budget, odd):
        filler += raw.count(b"\0") if codec == "cp1252" else 0
        line = _decode(raw, codec)
        if line.startswith("["):
            section = line[1:].partition("]")[0].strip().lower()
            met |= {section: None} if section in _TELLING else {}
            continue
        key, equals, value = line.partition("=")
        if not equals or section not in _SECTIONS:
            continue
        budget.spend(TOKEN)
        if len(entries) >= _ENTRIES:
            odd["too-many-lines"] = Anomaly("too-many-lines", section, offset, incomplete=True)
            break
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        entries.append(Entry(section, key.strip().lower(), _wide(value) if section.endswith(".w") else value, offset))
    if not met:
        raise Malformed("no InternetShortcut section")
    return InternetShortcut(_form(met), tuple(entries), filler, tuple(odd.values()))


def _form(met: dict[str, None]) -> Form:
    if any(one in met for one in _SHORTCUT):
        return "shortcut"
    if "shell" in met:
        return "command"
    return "folder" if ".shellclassinfo" in met else "theme"


def _lines(blob: Blob, codec: str, budget: Budget, odd: dict[str, Anomaly]) -> Iterator[tuple[int, bytes]]:
    """(offset, bytes) of each line, without its end; over-long ones are cut."""
    newline = "\n".encode(codec)
    rest, start, end = b"", 0, 0
    for at, window in blob.windows():
        budget.spend(4 * len(window))
        if at != end:  # a uniform run was left out: a line does not go through it
            if rest:
                yield start, rest
            rest = b""
        start = start if rest else at
        end = at + len(window)
        pieces = (rest + window).split(newline)
        for piece in pieces[:-1]:
            yield start, piece[:_VALUE_LIMIT]
            start += len(piece) + len(newline)
        rest = pieces[-1]
        if len(rest) > _VALUE_LIMIT:
            if rest[_VALUE_LIMIT:].strip(b"\0 "):
                odd.setdefault("long-line", Anomaly("long-line", "", start))
            rest = rest[:_VALUE_LIMIT]
    if rest:
        yield start, rest


def _codec(head: bytes) -> str:
    if head[:2] == b"\xff\xfe":
        return "utf-16-le"
    if head[:2] == b"\xfe\xff":
        return "utf-16-be"
    text = head.rstrip(b"\0")
    return "utf-16-le" if len(text) > 8 and text[1::2].count(0) > len(text) // 3 else "cp1252"


def _decode(raw: bytes, codec: str) -> str:
    if codec == "cp1252":
        raw = raw.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"")
        try:
            return raw.decode("utf-8").strip()
        except UnicodeDecodeError:
            return raw.decode("cp1252", "replace").strip()
    return raw[: len(raw) & ~1].decode(codec, "replace").replace("\0", "").lstrip("\ufeff").strip()


def _wide(value: str) -> str:
    """The ``.W`` section holds UTF-7."""
    try:
        return value.encode("ascii").decode("utf-7")
    except UnicodeError:
        return value
