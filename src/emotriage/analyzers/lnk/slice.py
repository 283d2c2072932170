"""What a shortcut's command cuts out of the shortcut itself: lines by findstr and more, bytes by offsets in PowerShell.

Only the cut is made, as the command would make it; what comes out is looked at under the name that it would be written
to. A command that finds its cut in another way still leaves the data behind the shortcut's end, which is looked at too.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from emotriage.model.blob import Blob
from emotriage.model.limits import Budget

_NUMBER = r"(0x[0-9a-fA-F]{1,12}|\d{1,12})"
_VARIABLE = re.compile(r"\$(\w{1,64})\s{0,8}=\s{0,8}" + _NUMBER + r"(?![\w.])")
_FINDSTR = re.compile(
    r"(?i)\bfindstr(?:\.exe)?[\"']?((?:\s{1,16}/(?:c:(?:\"[^\"]{1,256}\"|[^\s\"]{1,256})|[a-z]{1,16}(?::\S{1,64})?)){0,8})"
    r"\s{1,16}(?:(\"[^\"]{1,256}\"|[^\s\"/]{1,256})\s{1,16})?[^&|<>]{0,300}?\.lnk"
)
_LITERAL = re.compile(r"(?i)/c:(?:\"([^\"]{1,256})\"|([^\s\"]{1,256}))")
_MORE = re.compile(r"(?i)\bmore(?:\.com)?\s{1,16}\+(\d{1,9})\b")
_WRITTEN = re.compile(r">{1,2}\s{0,8}\"?([^\"&|<>\r\n]{1,300})")
_WRITES = re.compile(
    r"(?i)(?:WriteAll(?:Bytes|Text)\s{0,4}\(\s{0,4}|(?:Set-Content|Add-Content|Out-File)\s{1,8}(?:-\w{4,12}\s{1,4}){0,2})"
    r"[\"']?([^\"',);|\r\n]{1,300})"
)
_BYTES = re.compile(r"(?i)ReadAllBytes|-Encoding\s{1,4}Byte|-AsByteStream|OpenRead|FileStream|Seek\s{0,4}\(")
_SKIP = re.compile(r"(?i)(?:-Skip\s{1,4}|\.Skip\s{0,4}\(\s{0,4})" + _NUMBER)
_TAKE = re.compile(r"(?i)(?:-First\s{1,4}|\.Take\s{0,4}\(\s{0,4})" + _NUMBER)
_LAST = re.compile(r"(?i)(?:-Tail|-Last)\s{1,4}" + _NUMBER)
_SEEK = re.compile(r"(?i)\bSeek\s{0,4}\(\s{0,4}" + _NUMBER)
_READ = re.compile(r"(?i)\bRead\s{0,4}\([^,()]{1,64},[^,()]{1,32},\s{0,4}" + _NUMBER)
_RANGE = re.compile(r"\[\s{0,4}" + _NUMBER + r"\s{0,4}\.\.\s{0,4}(?:" + _NUMBER + r"|[^\]]{1,64})\]")
_COPIED = re.compile(
    r"(?i)(?:\b(?:Block)?Copy|MemoryStream|GetString|FromBase64CharArray)\s{0,4}\(\s{0,4}[^,()]{1,64},\s{0,4}"
    + _NUMBER
    + r"\s{0,4},(?:[^,()]{1,64},\s{0,4}\d{1,9}\s{0,4},)?\s{0,4}"
    + _NUMBER
)
_SUBSTRING = re.compile(r"(?i)\bSubstring\s{0,4}\(\s{0,4}" + _NUMBER + r"(?:\s{0,4},\s{0,4}" + _NUMBER + r")?")
_XOR = re.compile(r"(?i)-bxor\s{0,4}\(?" + _NUMBER)
_CUTS = 32
_LINE = 64 << 10
_PER_LINE = 50
_XORED = 16 << 20
_LAST_LINES = 1 << 16


@dataclass(frozen=True, slots=True)
class Slice:
    """A cut.

    Attributes:
        name: that it would be written under, or ``slice-`` and its offset.
        content: of it.
        offset: of its first byte in the shortcut.
        by: what of the command makes the cut.
    """

    name: str
    content: Blob
    offset: int
    by: str


def slices(text: str, blob: Blob, budget: Budget) -> Iterator[Slice]:
    """Every cut that a command makes out of the shortcut that it belongs to, the same one once.

    Args:
        text: the command, unfolded; it is known to speak of a shortcut.
        blob: the shortcut.
        budget: charged for every byte that is looked at for lines.
    """
    text = text[:_LINE]
    budget.spend(40 * len(text))
    values = dict(_VARIABLE.findall(text))
    text = re.sub(r"\$(\w{1,64})", lambda found: values.get(found[1], found[0]), text)
    names = [_base(one) for one in _WRITES.findall(text)]
    met: set[tuple[tuple[int, int], ...]] = set()
    key = next((int(one, 0) & 0xFF for one in _XOR.findall(text) if one.lower() != "0x0"), 0)
    for number, (pieces, by, told) in enumerate(_cuts(text, blob, budget)):
        if number >= _CUTS:
            return
        if not pieces or pieces in met:
            continue
        met.add(pieces)
        offset = pieces[0][0]
        content = blob.join(pieces) if len(pieces) > 1 else blob.slice(*pieces[0])
        name = told or (names[len(met) - 1] if len(met) <= len(names) else "") or f"slice-{offset:#x}"
        yield Slice(name, content, offset, by)
        if key and content.size <= _XORED:
            budget.spend(2 * content.size)
            plain = content.read().translate(bytes(value ^ key for value in range(256)))
            yield Slice(name, Blob(plain), offset, f"{by}, -bxor {key}")


Pieces = tuple[tuple[int, int], ...]
"""Offset and length of each stretch of a cut."""


def _cuts(text: str, blob: Blob, budget: Budget) -> Iterator[tuple[Pieces, str, str]]:
    """(pieces, the words that cut, name of the file that the shell writes it to)."""
    for found in _FINDSTR.finditer(text):
        options = found[1].lower()
        literal = _LITERAL.search(found[1])
        wanted = [literal[1] or literal[2]] if literal else (found[2] or "").strip('"').split()
        if wanted:
            lines = _matching(blob, wanted, budget, fold="/i" in options, begin="/b" in options)
            yield _merged(lines), found[0], _target(text, found.end())
    for found in _MORE.finditer(text):
        yield _from_line(blob, int(found[1]), budget), found[0], _target(text, found.end())
    if _BYTES.search(text):
        yield from _by_offsets(text, blob)
        return
    for found in _SKIP.finditer(text):
        yield _from_line(blob, int(found[1], 0), budget), found[0], ""
    for found in _LAST.finditer(text):
        yield _last_lines(blob, int(found[1], 0), budget), found[0], ""
    for found in _SUBSTRING.finditer(text):
        yield _stretch(blob, found[1], found[2]), found[0], ""


def _by_offsets(text: str, blob: Blob) -> Iterator[tuple[Pieces, str, str]]:
    reads = [(one.start(), one[1]) for one in _READ.finditer(text)]
    takes = [(one.start(), one[1]) for one in _TAKE.finditer(text)]
    for pattern, lengths in ((_SEEK, reads), (_SKIP, takes)):
        for found in pattern.finditer(text):
            length = next((value for at, value in lengths if at > found.start()), None)
            yield _stretch(blob, found[1], length), found[0], ""
    for found in (*_COPIED.finditer(text), *_SUBSTRING.finditer(text)):
        yield _stretch(blob, found[1], found[2]), found[0], ""
    for found in _RANGE.finditer(text):
        length = str(int(found[2], 0) - int(found[1], 0) + 1) if found[2] else None
        yield _stretch(blob, found[1], length), found[0], ""
    for found in _LAST.finditer(text):
        start = max(blob.size - int(found[1], 0), 0)
        yield ((start, blob.size - start),), found[0], ""


def _stretch(blob: Blob, start: str, length: str | None) -> Pieces:
    at = int(start, 0)
    room = blob.size - at
    size = room if length is None else min(int(length, 0), room)
    return ((at, size),) if size > 0 else ()


def _target(text: str, at: int) -> str:
    """The name behind the next redirection, before another command begins."""
    found = _WRITTEN.search(text, at, at + 700)
    return _base(found[1]) if found and not re.search(r"[&|]", text[at : found.start()]) else ""


def _base(path: str) -> str:
    return re.split(r"[\\/+]", path.strip().strip("\"'()"))[-1].strip().strip("\"'()")


def _lines(blob: Blob, budget: Budget) -> Iterator[tuple[int, int]]:
    """Offset and length of each line, with its end; uniform runs belong to the line that they are in."""
    start = 0
    for at, window in blob.windows():
        budget.spend(len(window))
        index = window.find(b"\n")
        while index >= 0:
            budget.spend(_PER_LINE)
            yield start, at + index + 1 - start
            start = at + index + 1
            index = window.find(b"\n", index + 1)
    if start < blob.size:
        yield start, blob.size - start


def _matching(blob: Blob, wanted: list[str], budget: Budget, *, fold: bool, begin: bool) -> Iterator[tuple[int, int]]:
    """Lines that hold one of the words; ``.*`` in a word stands for anything."""
    words = []
    for one in wanted[:_CUTS]:
        first = begin or one.startswith("^")
        pieces = [piece.encode("cp1252", "replace") for piece in one.lstrip("^").rstrip("$").split(".*") if piece]
        if pieces:
            words.append((first, [piece.lower() for piece in pieces] if fold else pieces))
    for start, length in _lines(blob, budget):
        line = blob.read(start, min(length, _LINE))
        budget.spend(len(line) * len(words))
        if any(_holds(line.lower() if fold else line, pieces, begin=first) for first, pieces in words):
            yield start, length


def _merged(lines: Iterable[tuple[int, int]]) -> Pieces:
    """Lines that follow each other as one stretch."""
    found: list[tuple[int, int]] = []
    for start, length in lines:
        if found and sum(found[-1]) == start:
            found[-1] = (found[-1][0], found[-1][1] + length)
        else:
            found.append((start, length))
    return tuple(found)


def _holds(line: bytes, pieces: list[bytes], *, begin: bool) -> bool:
    at = 0
    for number, piece in enumerate(pieces):
        found = line.find(piece, at)
        if found < 0 or (begin and number == 0 and found > 0):
            return False
        at = found + len(piece)
    return True


def _from_line(blob: Blob, number: int, budget: Budget) -> Pieces:
    for index, (start, _) in enumerate(_lines(blob, budget)):
        if index == number:
            return ((start, blob.size - start),)
    return ()


def _last_lines(blob: Blob, number: int, budget: Budget) -> Pieces:
    starts = deque((start for start, _ in _lines(blob, budget)), maxlen=min(number, _LAST_LINES))
    return ((starts[0], blob.size - starts[0]),) if starts else ()
