"""Files as cmd.exe makes and reads them: ``echo`` and ``type`` into files, ``copy``, ``certutil -decode``, ``findstr``.

Follows the commands' own ``/?``. A file is known by the last part of its path, as scripts seldom have two of one name.
"""

import base64
import binascii
import re

from emotriage.model.limits import RECORD, Budget

_ROOM = 4 << 20
_OWN = re.compile(r"(?i)[%\ue025]~?[a-z]{0,8}0\Z")
_FLAG = re.compile(r"(?i)\s{0,40}/((?:c|g|f|d|a):(?:\"[^\"]{0,400}\"|\S{0,400})|\w{1,8})(?=\s|\"|\Z)")
_WORD = re.compile(r"\s*(?:\"([^\"]*)\"?|(\S+))")
_ARMOUR = re.compile(r"-----BEGIN [^-\n]{1,40}-----(.*?)(?:-----END|\Z)", re.DOTALL)
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_PATTERNS = 32


class Files:
    """What a run has written, and the batch file itself.

    Attributes:
        paths: of files, as they were first written, by their known name.
        contents: of files, by their known name.
        places: offsets of the lines that first wrote them.
        at: offset of the line that is carried out.
    """

    def __init__(self, own: str, budget: Budget) -> None:
        self.own = own
        self.budget = budget
        self.paths: dict[str, str] = {}
        self.contents: dict[str, str] = {}
        self.places: dict[str, int] = {}
        self.at = 0
        self.room = _ROOM

    def write(self, path: str, content: str, *, adds: bool = False) -> None:
        """Put a text into a file, or behind what it holds."""
        key = _key(path)
        self.budget.spend(RECORD + len(content))
        if not key or len(content) > self.room:
            return
        self.room -= len(content)
        self.paths.setdefault(key, path)
        self.places.setdefault(key, self.at)
        self.contents[key] = self.contents.get(key, "") + content if adds else content

    def read(self, path: str) -> str | None:
        """What a file holds; None for one that nobody wrote."""
        if _OWN.search(path.strip().strip('"').replace("\\", "/").rpartition("/")[2]):
            return self.own
        return self.contents.get(_key(path))

    def output(self, word: str, rest: str, given: str = "") -> str | None:
        """What a command that reads files prints; None where that is not known.

        Args:
            word: ``type``, ``more``, ``find`` or ``findstr``.
            rest: its arguments.
            given: what is piped into it.
        """
        flags: list[str] = []
        at = 0
        while found := _FLAG.match(rest, at):
            flags.append(found[1])
            at = found.end()
        words = [one[1] if one[1] is not None else one[2] for one in _WORD.finditer(rest, at)]
        if word == "type":
            parts = [self.read(one) for one in words]
            return "".join(one for one in parts if one is not None) if any(one is not None for one in parts) else None
        if word == "more":
            skip = next((int(one[1:]) for one in words if re.fullmatch(r"\+\d{1,6}", one)), 0)
            text = self._source([one for one in words if not one.startswith("+")], given)
            return None if text is None else "\n".join(text.split("\n")[skip:])
        return self._found(word, flags, words, given)

    def copy(self, rest: str) -> None:
        """``copy /b a+b c``, ``copy a b``, ``move a b``, ``ren a b``."""
        plain = re.sub(r"(?i)\s/[a-z]\b|\A/[a-z]\b", " ", rest)
        words = [one[1] if one[1] is not None else one[2] for one in _WORD.finditer(plain.replace("+", " + "))]
        sources: list[str] = []
        joined = True
        for one in words:
            if one == "+":
                joined = True
            elif joined:
                sources.append(one)
                joined = False
            else:
                parts = [self.read(source) for source in sources]
                if all(part is not None for part in parts):
                    self.write(one, "".join(part for part in parts if part is not None))
                return

    def decode(self, rest: str) -> None:
        """``certutil -decode in out``, and the same with hexadecimal digits."""
        found = re.search(r"(?i)[-/]decode(hex)?\s+(?:[-/]f\s+)?", rest)
        if found is None:
            return
        words = [one[1] if one[1] is not None else one[2] for one in _WORD.finditer(rest, found.end())]
        if len(words) < 2 or (source := self.read(words[0])) is None:
            return
        self.budget.spend(8 * len(source))
        block = _ARMOUR.search(source)
        text = block[1] if block else source
        try:
            if found[1]:
                data = bytes.fromhex("".join(re.findall(r"[0-9A-Fa-f]{2}", text)))
            else:
                digits = _NOT_BASE64.sub("", text)
                data = base64.b64decode(digits[: len(digits) // 4 * 4 + (len(digits) % 4 > 1) * 4] + "==")
        except (binascii.Error, ValueError):
            return
        self.write(words[1], data.decode("latin-1"))

    def _source(self, words: list[str], given: str) -> str | None:
        return given if given or not words else self.read(words[0])

    def _found(self, word: str, flags: list[str], words: list[str], given: str) -> str | None:
        """The lines that ``findstr`` and ``find`` let through."""
        named = [one[2:].strip('"') for one in flags if one[:2].lower() == "c:"]
        if not named and words:
            named = words[0].split(" ") if word == "findstr" else words[:1]
            words = words[1:]
        letters = "".join(one.lower() for one in flags if ":" not in one)
        if (text := self._source(words, given)) is None:
            return None
        needles = [one for one in named if one][:_PATTERNS]
        self.budget.spend((1 + len(needles)) * 4 * len(text))
        fold = "i" in letters
        anchored = "b" in letters
        needles = [_literal(one) for one in needles]
        kept = []
        for line in text.split("\n"):
            low = line.lower() if fold else line
            hit = any(
                low.startswith(one.removeprefix("^")) if anchored or one.startswith("^") else one in low
                for one in ((needle.lower() if fold else needle) for needle in needles)
            )
            if hit != ("v" in letters):
                kept.append(line)
        return "\n".join(kept)


def _literal(pattern: str) -> str:
    """The plain beginning of a pattern of ``findstr``, which is what scripts tell their own lines by."""
    return re.split(r"(?<!\\)[.*\[$]", pattern)[0].replace("\\", "")


def _key(path: str) -> str:
    return path.strip().strip('"').replace("/", "\\").rpartition("\\")[2].strip().lower()[:260]
