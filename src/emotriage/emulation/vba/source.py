"""VBA source as the compiler sees it: logical lines, without comments, literals apart; [MS-VBAL] 3.2 and 3.3.

Keywords are searched for in lower case, and patterns begin with a plain character (what must not stand before it is
looked for behind it), since those are the searches that the regular expression engine can hurry through.
"""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from emotriage.model.limits import RECORD, Budget

JOINED = "\x1f"
"""Stands in the code where a line was continued; it is white space to regular expressions."""

WORD = re.compile(r"[^\W\d]\w*")
"""An identifier or keyword."""
_ASCII_WORD = re.compile(r"[a-z_]\w*", re.ASCII)

_FOLDED = "\x1e"
"""Stands alone in a line, for lines that were nothing but comments; white space as well."""

_WORK_PER_CHARACTER = 15
_WORK_PER_COMMENTED = 4
_BLOCK = 1 << 20
_CONTINUED = re.compile(r"[ \t\u3000]_[ \t\u3000]*\n")
_COMMENTS = re.compile(rf"(?:\n[ \t]*+'[^\n{JOINED}]*+(?=\n)){{2,}}+")  # of which padding may be made by the megabyte
_ATTRIBUTE = re.compile(r"(?m)Attribute (?<=^Attribute )([^\n=]*?) ?= ?([^\n]*)")
_TEXT_OR_COMMENT = re.compile(r"\"[^\"\n]*(?:\"\"[^\"\n]*)*\"?|'[^\n]*")
_REMARK = re.compile(r"rem(?<![\w.!\[]rem)(?!\w)[^\n]*")
_PROCEDURE = re.compile(
    r"[\n:][^\S\n]*(?:(?:public|private|friend|static|global)[^\S\n]+)*"
    r"(sub|function|property[^\S\n]+(?:get|let|set))[^\S\n]+\[?(\w+)"
)
_END = re.compile(r"[\n:][^\S\n]*end[^\S\n]+(?:sub|function|property)\b")
_DECLARE = re.compile(
    r"declare(?<!\wdeclare)[^\S\n]+(?:ptrsafe[^\S\n]+)?(?:sub|function)[^\S\n]+\[?(\w+)\]?[%&!#@$^]?"
    r"[^\S\n]+(?:cdecl[^\S\n]+)?lib[^\S\n]*(?=\")"
)
_ALIAS = re.compile(r"\"\"[^\S\n]*alias[^\S\n]*(?=\")")


@dataclass(frozen=True, slots=True)
class Procedure:
    """A declared procedure.

    Attributes:
        name: as it is written.
        kind: ``sub``, ``function`` or ``property``.
        start: offset of its declaration in the code.
        end: offset behind its last statement.
    """

    name: str
    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Declare:
    """A procedure of a dynamic library ([MS-VBAL] 5.2.3.5).

    Attributes:
        name: what the code calls it.
        library: of the ``Lib`` clause.
        symbol: of the ``Alias`` clause, or the name.
        start: offset in the code.
    """

    name: str
    library: str
    symbol: str
    start: int


@dataclass(slots=True)
class Source:
    r"""The source of one module, taken apart.

    Attributes:
        code: logical lines; comments are gone, each literal is ``""``, `JOINED` stands where a line was continued.
        low: the same in lower case, character by character.
        attributes: name and value of the module's ``Attribute`` lines, in order.
        comments: characters of comments.
        size: characters of the source.
    """

    code: str
    low: str
    attributes: tuple[tuple[str, str], ...]
    comments: int
    size: int
    _text: str = field(repr=False)
    _spans: "array[int]" = field(repr=False)  # begin and end of each literal in `_text`, quotes included
    _places: "array[int]" = field(repr=False)  # its offset in `code`
    _folded: "array[int]" = field(default_factory=lambda: array("q"), repr=False)  # lines left out up to each fold
    _lines: "array[int]" = field(default_factory=lambda: array("q"), repr=False)
    _folds: "array[int]" = field(default_factory=lambda: array("q"), repr=False)
    _ends: "array[int]" = field(default_factory=lambda: array("q"), repr=False)

    def line(self, offset: int) -> int:
        """Number of the source line, from 1, that an offset in the code belongs to."""
        if not self._lines:
            self._lines.extend(found.start() for found in re.finditer(f"[\n{JOINED}]", self.code))
            self._folds.extend(found.start() for found in re.finditer(_FOLDED, self.code))
        folds = bisect_right(self._folds, offset - 1)
        return bisect_right(self._lines, offset - 1) + 1 + (self._folded[folds - 1] if folds else 0)

    def logical_line(self, offset: int) -> tuple[int, int]:
        """Where the logical line that an offset in the code lies in begins and ends."""
        if not self._ends:
            self._ends.extend(found.start() for found in re.finditer("\n", self.code))
            self._ends.append(len(self.code))
        index = min(bisect_left(self._ends, offset), len(self._ends) - 1)
        return self._ends[index - 1] + 1 if index else 0, self._ends[index]

    def literals(self, start: int = 0, end: int | None = None) -> Iterator[tuple[int, str]]:
        """(offset in the code, value) of the string literals in a range of the code."""
        first = bisect_right(self._places, start - 1)
        last = len(self._places) if end is None else bisect_right(self._places, end - 1)
        for index in range(first, last):
            yield self._places[index], self._literal(index)

    def literal(self, offset: int) -> str:
        """Value of the literal at an offset in the code, or the empty string."""
        index = bisect_right(self._places, offset) - 1
        return self._literal(index) if index >= 0 and self._places[index] == offset else ""

    def words(self, start: int = 0, end: int | None = None) -> Counter[str]:
        """How often each identifier and keyword occurs in a range of the code, in lower case."""
        found: Counter[str] = Counter()
        end = len(self.code) if end is None else end
        while start < end:
            stop = min(start + _BLOCK, end)
            if stop < end:
                stop = max(self.code.rfind("\n", start, stop), self.code.rfind(" ", start, stop)) + 1 or stop
            found.update(words_in(self.low[start:stop]))
            start = stop
        return found

    def procedures(self) -> tuple[Procedure, ...]:
        """Declared procedures, in order."""
        lines = "\n" + self.low
        ends = array("q", (found.end() - 1 for found in _END.finditer(lines)))
        heads = [(found.start(1) - 1, found) for found in _PROCEDURE.finditer(lines)]
        out = []
        for index, (start, found) in enumerate(heads):
            limit = heads[index + 1][0] if index + 1 < len(heads) else len(self.code)
            after = bisect_right(ends, start)
            end = min(ends[after], limit) if after < len(ends) else limit
            name = self.code[found.start(2) - 1 : found.end(2) - 1]
            out.append(Procedure(name, found[1].split()[0], start, end))
        return tuple(out)

    def declares(self) -> tuple[Declare, ...]:
        """Declared procedures of dynamic libraries, in order."""
        out = []
        for found in _DECLARE.finditer(self.low):
            alias = _ALIAS.match(self.low, found.end())
            symbol = self.literal(alias.end()) if alias else ""
            name = self.code[found.start(1) : found.end(1)]
            out.append(Declare(name, self.literal(found.end()), symbol or name, found.start()))
        return tuple(out)

    def _literal(self, index: int) -> str:
        value = self._text[self._spans[2 * index] + 1 : self._spans[2 * index + 1]]
        return value.removesuffix('"').replace('""', '"')


def words_in(low: str) -> list[str]:
    """The identifiers and keywords in a piece of lower-case code, in order."""
    return (_ASCII_WORD if low.isascii() else WORD).findall(low)


def _lower(code: str) -> str:
    """The code in lower case, of the same length: only the dotted capital I would become two characters."""
    return code.replace("\u0130", "i").lower()


def read_source(text: str, budget: Budget) -> Source:
    """Take a module's source apart; any text is some source."""
    size = len(text)
    budget.spend(_WORK_PER_COMMENTED * size)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace(JOINED, " ").replace(_FOLDED, " ")
    text = _CONTINUED.sub(" " + JOINED, text)
    folded = array("q")
    comments = 0

    def fold(found: re.Match[str]) -> str:
        nonlocal comments
        budget.spend(RECORD)
        lines = found[0].count("\n")
        folded.append(lines - 1 + (folded[-1] if folded else 0))
        comments += found.end() - found.start() - lines
        return "\n" + _FOLDED

    text = _COMMENTS.sub(fold, text)
    budget.spend(_WORK_PER_CHARACTER * len(text))
    attributes = []

    def attribute(found: re.Match[str]) -> str:
        budget.spend(RECORD)
        attributes.append((found[1], found[2].strip().removeprefix('"').removesuffix('"')))
        return ""

    text = _ATTRIBUTE.sub(attribute, text)
    spans, places = array("q"), array("q")
    pieces: list[str] = []
    at = out = 0
    for found in _TEXT_OR_COMMENT.finditer(text):
        start, end = found.span()
        pieces.append(text[at:start])
        out += start - at
        if text[start] == '"':
            spans.extend((start, end))
            places.append(out)
            pieces.append('""')
            out += 2
        else:
            comments += end - start
            if JOINED in found[0]:
                joins = found[0].count(JOINED)
                pieces.append(JOINED * joins)
                out += joins
        at = end
        budget.spend(RECORD)
    pieces.append(text[at:])
    code = "".join(pieces)
    low = _lower(code)
    if _REMARK.search(low):
        code, spans, places, remarks = _without_remarks(code, low, spans, places)
        comments += remarks
        low = _lower(code)
    return Source(code, low, tuple(attributes), comments, size, text, spans, places, folded)


def _without_remarks(
    code: str, low: str, spans: "array[int]", places: "array[int]"
) -> "tuple[str, array[int], array[int], int]":
    """Blank out ``Rem`` comments, and forget what looked like literals in them."""
    pieces: list[str] = []
    kept_spans, kept_places = array("q"), array("q")
    at = index = comments = 0
    for found in _REMARK.finditer(low):
        start, end = found.span()
        pieces.append(code[at:start])
        pieces.append("".join(one if one == JOINED else " " for one in found[0]))
        first, last = bisect_right(places, start - 1), bisect_right(places, end - 1)
        kept_spans += spans[2 * index : 2 * first]
        kept_places += places[index:first]
        at, index, comments = end, last, comments + end - start
    pieces.append(code[at:])
    return "".join(pieces), kept_spans + spans[2 * index :], kept_places + places[index:], comments
