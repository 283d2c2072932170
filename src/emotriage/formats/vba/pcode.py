"""Compiled code of a VBA module: the lines of its performance cache ([MS-OVBA] 2.3.4.3), with names and literals.

The specification leaves the cache open; the layout here was read off files of Office 97 to 365. Whatever the version,
the code begins with a mark of its own, a table of lines, each with the place and length of its instructions, and the
instructions. A reading counts as one only where each line's instructions end where the line ends.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from struct import iter_unpack, unpack_from
from typing import NamedTuple

from emotriage.formats.vba.identifiers import Identifiers
from emotriage.formats.vba.keywords import KEYWORDS
from emotriage.formats.vba.opcodes import CONTEXT, DIALECTS, LONG, NAME, TEXT
from emotriage.model.errors import Unsupported
from emotriage.model.limits import RECORD, Budget

_MARK = b"\xfe\xca"
_TABLE = 6  # bytes of the mark, a word, and how many lines there are
_LINE = 12
_BEFORE_CODE = 10
_MOST_PLACES = 64  # where the mark stands by chance
_CODE = 0x19  # where the cache says where the code is, counted from a fixed place
_CODE_BASE = 0x3C
_RECORDS = 0x11  # where the cache says where the records of procedures and variables are
_DECLARATIONS = 0x43  # where the table of library procedures begins
_RECORD = 64
_DECLARED = 0x70
_LONGEST_SYMBOL = 255
_MOST_PARAMETERS = 60
_NOWHERE = 0xFFFFFFFF
_WORK_PER_BYTE = 30
_BY_KEYWORDS = {0xFF: "32", 0x103: "32", 0x106: "64"}
_OLDEST = 0x60
_OFFICE_97 = frozenset((0x5D, 0x5E))
_KEYWORDS_97 = 0xFF
_RECORD_NAMED = frozenset((0x74, 0x96, 0x97, 0xF3, 0xF5))
_NO_NAMES = frozenset(("", *KEYWORDS))
_BEGINS = frozenset((0x96, 0x97))
_ENDS = frozenset((0x69, 0x6D, 0x6F))  # of functions, properties, procedures
_LITERAL = 0xB9
_NAMED = frozenset(number for number, shape in DIALECTS["64"] if shape[:1] == NAME)
_TEXT_RUN = re.compile(rb"[\x20-\xff]{6,}")
_WORDS = re.compile(rb"[A-Za-z]{4}")
_SHORTEST = 6
_MOST_TEXTS = 10_000


class _Layout(NamedTuple):
    """Where a cache keeps what its code points to.

    Attributes:
        records: offset of the first record of a procedure or variable; 0 where that is not known.
        declarations: offset of the table of library procedures; 0 where that is not known.
        first: in the record of a procedure, where its first parameter is named.
        behind: in the record of a parameter, where the next is.
    """

    records: int
    declarations: int
    first: int
    behind: int


class Instruction(NamedTuple):
    """One instruction of a line.

    Attributes:
        number: in the list of 64-bit Office.
        flags: six bits; the type character of a name, the scope of a declaration ...
        operands: names, counts and offsets, in order.
        text: of a literal or a comment.
    """

    number: int
    flags: int
    operands: tuple[int, ...]
    text: bytes


Line = tuple[Instruction, ...]


@dataclass(frozen=True, slots=True)
class Used:
    """What the code of one procedure uses.

    Attributes:
        procedure: its name.
        names: what it calls, reads and stores; keywords are not among them.
        literals: its strings.
    """

    procedure: str
    names: frozenset[str]
    literals: frozenset[str]


@dataclass(frozen=True, slots=True)
class CompiledCode:
    """The compiled code of one module.

    Attributes:
        lines: how many there are, those without instructions included.
        identifiers: names of the project.
        codec: Python's name of the encoding of literals.
        wide: true where addresses have 64 bits.
        unread: how many lines could not be read.
        names: what the code calls, reads and declares; keywords are not among them.
        literals: its strings.
        procedures: the same of each procedure, in order.
    """

    lines: int
    identifiers: Identifiers
    codec: str
    wide: bool
    unread: int
    names: frozenset[str]
    literals: frozenset[str]
    procedures: tuple[Used, ...]
    _cache: bytes = field(repr=False)
    _at: int = field(repr=False)
    _dialect: str = field(repr=False)
    _layout: _Layout = field(repr=False)

    def instructions(self, budget: Budget) -> Iterator[Line]:
        """The lines, in order; those that can't be read are empty."""
        for line in _raw_lines(self._cache, self._at, self.lines):
            budget.spend(RECORD + _WORK_PER_BYTE * len(line))
            yield _read_line(line, self._dialect) or ()

    def record(self, offset: int) -> bytes:
        """What the cache says about a procedure, a variable or a type; empty where it says nothing.

        It begins with a word of flags, then the number of the name.
        """
        at = self._layout.records + offset
        return self._cache[at : at + _RECORD] if self._layout.records else b""

    def name_of(self, offset: int) -> str:
        """The name of a procedure, a variable or a type."""
        record = self.record(offset)
        return self.identifiers.name(unpack_from("<H", record, 2)[0]) if len(record) >= 4 else ""

    def parameters(self, offset: int) -> list[str]:
        """Names of the parameters of a procedure, in order."""
        found: list[str] = []
        record, at = self.record(offset), self._layout.first
        while len(record) >= at + 4 and len(found) < _MOST_PARAMETERS:
            (offset,) = unpack_from("<I", record, at)
            if offset == _NOWHERE:
                break
            found.append(self.name_of(offset))
            record, at = self.record(offset), self._layout.behind
        return [one for one in found if one]

    def library(self, offset: int) -> tuple[str, str] | None:
        """(library, symbol) of a procedure that is declared to be of one; None for all others."""
        record, start = self.record(offset), self._layout.declarations
        if len(record) < 12 or record[11] & 0xF0 != _DECLARED or not start:
            return None
        table = start + unpack_from("<H", record, 8)[0]
        entry = self._cache[table : table + 8]
        if len(entry) < 8:
            return "", ""
        _, library, symbol, _ = unpack_from("<4H", entry)
        at = start + symbol
        text = self._cache[at : at + _LONGEST_SYMBOL].partition(b"\0")[0] if symbol != 0xFFFF else b""
        return self.identifiers.name(library), text.decode(self.codec, "replace")

    def literal(self, one: Instruction) -> str:
        """The text of an instruction."""
        return one.text.decode(self.codec, "replace")


def read_code(cache: bytes, identifiers: Identifiers, codec: str, budget: Budget) -> CompiledCode | None:
    """The compiled code of a module, or None where it has none.

    Args:
        cache: what stands before the source in the module's stream.
        identifiers: the table of the project.
        codec: Python's name of the encoding of literals.
        budget: charged for every line.

    Raises:
        Unsupported: there is code, in an unknown form.
    """
    best: CompiledCode | None = None
    for at in _places(cache, budget):
        dialect = _dialect(identifiers)
        if dialect is None:
            raise Unsupported("compiled code of an unknown version")
        found = _read_code(cache, at, identifiers, codec, dialect, budget)
        if best is None or found.lines - found.unread > best.lines - best.unread:
            best = found
    if best is not None and best.unread * 2 > best.lines:
        raise Unsupported("compiled code in an unknown form")
    return best


def _dialect(identifiers: Identifiers) -> str | None:
    """Which list of instructions the code is written in; None where that is not known."""
    if identifiers.version in _OFFICE_97 and identifiers.keywords == _KEYWORDS_97:
        return "97"
    return _BY_KEYWORDS.get(identifiers.keywords) if identifiers.version >= _OLDEST else None


def _layout(cache: bytes, dialect: str) -> _Layout:
    """Where a cache of that dialect keeps what; its records are not known where its header can't be followed."""
    wide = dialect == "64"
    first, behind = (56, 24) if wide else (40, 20)
    if dialect == "97":
        return _Layout(_records_97(cache), 0, 36, behind)
    start = unpack_from("<I", cache, _RECORDS)[0] + 14 if len(cache) > _RECORDS + 4 else 0
    more = (2, 4) if wide else (0, 0)
    return _Layout(start + more[0] if start else 0, _DECLARATIONS + more[1], first, behind)


def _records_97(cache: bytes) -> int:
    """Where the records are in a cache of Office 97: its header has four parts whose lengths stand before them."""
    try:
        at = 0x0F + unpack_from("<I", cache, 0x0B)[0] + 64
        at += 2 + 16 * unpack_from("<H", cache, at)[0]
        at += 10 + unpack_from("<I", cache, at)[0]
        at += 4 + unpack_from("<I", cache, at)[0]
        return int(unpack_from("<I", cache, at + 8)[0]) + 14
    except struct.error:
        return 0


def _read_code(  # noqa: PLR0917  what a module's code is read with
    cache: bytes, at: int, identifiers: Identifiers, codec: str, dialect: str, budget: Budget
) -> CompiledCode:
    count = unpack_from("<H", cache, at + 4)[0]
    unread = 0
    records: set[int] = set()
    outside: tuple[set[int], set[bytes]] = set(), set()
    inside: list[tuple[int, set[int], set[bytes]]] = []
    names, literals = outside
    for raw in _raw_lines(cache, at, count):
        budget.spend(RECORD + _WORK_PER_BYTE * len(raw))
        line = _read_line(raw, dialect)
        unread += line is None
        for number, _, operands, text in line or ():
            if number == _LITERAL:
                literals.add(text)
            elif number in _RECORD_NAMED:
                records.add(operands[0])
                if number in _BEGINS:
                    inside.append((operands[0], set(), set()))
                    names, literals = inside[-1][1:]
            elif number in _NAMED:
                names.add(operands[0])
            elif number in _ENDS:
                names, literals = outside
    empty: frozenset[str] = frozenset()
    layout = _layout(cache, dialect)
    code = CompiledCode(
        count, identifiers, codec, dialect == "64", unread, empty, empty, (), cache, at, dialect, layout
    )
    used = [
        Used(code.name_of(record), _spelled(some, identifiers), _texts(texts, codec)) for record, some, texts in inside
    ]
    declared = {code.name_of(one) for one in records} - _NO_NAMES
    all_names = _spelled(outside[0], identifiers).union(declared, *(one.names for one in used))
    all_texts = _texts(outside[1], codec).union(*(one.literals for one in used))
    return replace(code, names=all_names, literals=all_texts, procedures=tuple(used))


def _spelled(names: set[int], identifiers: Identifiers) -> frozenset[str]:
    spelled = {identifiers.name(one) for one in names if (one >> 1) > identifiers.keywords}
    return frozenset(spelled - _NO_NAMES)


def _texts(literals: set[bytes], codec: str) -> frozenset[str]:
    return frozenset(one.decode(codec, "replace") for one in literals)


def raw_literals(cache: bytes, codec: str, budget: Budget) -> frozenset[str]:
    """Texts of a cache that stand behind their length, as literals and comments do in all versions of the code."""
    budget.spend(4 * len(cache))
    found: set[str] = set()
    for run in _TEXT_RUN.finditer(cache):
        size = unpack_from("<H", cache, run.start() - 2)[0] if run.start() >= 2 else 0
        if _SHORTEST <= size <= run.end() - run.start() and len(found) < _MOST_TEXTS:
            budget.spend(RECORD)
            text = cache[run.start() : run.start() + size]
            if _WORDS.search(text):
                found.add(text.decode(codec, "replace"))
    return frozenset(found)


def _places(cache: bytes, budget: Budget) -> Iterator[int]:
    """Where a table of lines stands: where the cache says, or else wherever there is one."""
    budget.spend(len(cache))
    said = unpack_from("<I", cache, _CODE)[0] + _CODE_BASE if len(cache) >= _CODE + 4 else 0
    if cache[said : said + 2] == _MARK and _is_table(cache, said, budget):
        yield said
        return
    at = -1
    for _ in range(_MOST_PLACES):
        at = cache.find(_MARK, at + 1)
        if at < 0:
            return
        if _is_table(cache, at, budget):
            yield at


def _is_table(cache: bytes, at: int, budget: Budget) -> bool:
    """True when a table of lines stands there, and all its lines lie behind it."""
    if at + _TABLE > len(cache):
        return False
    count = unpack_from("<H", cache, at + 4)[0]
    start = at + _TABLE + _LINE * count + _BEFORE_CODE
    if not count or start > len(cache):
        return False
    budget.spend(count)
    table = cache[at + _TABLE : at + _TABLE + _LINE * count]
    return all(start + offset + size <= len(cache) for _, size, _, offset in iter_unpack("<IHHI", table) if size)


def _raw_lines(cache: bytes, at: int, count: int) -> Iterator[bytes]:
    start = at + _TABLE + _LINE * count + _BEFORE_CODE
    table = cache[at + _TABLE : at + _TABLE + _LINE * count]
    for _, size, _, offset in iter_unpack("<IHHI", table):
        yield cache[start + offset : start + offset + size]


def _read_line(line: bytes, dialect: str) -> Line | None:
    """The instructions of a line, or None where they do not end where it ends."""
    known = DIALECTS[dialect]
    found = []
    at, end = 0, len(line)
    try:
        while at < end:
            (word,) = unpack_from("<H", line, at)
            at += 2
            number, shape = known[word & 0x3FF]
            operands = []
            text = b""
            for kind in shape:
                if kind == TEXT:
                    size = unpack_from("<H", line, at)[0]
                    text = line[at + 2 : at + 2 + size]
                    at += 2 + size + (size & 1)
                elif kind in (LONG, CONTEXT):
                    operands.append(unpack_from("<I", line, at)[0])
                    at += 8 if kind == CONTEXT and dialect == "64" else 4
                else:
                    operands.append(unpack_from("<H", line, at)[0])
                    at += 2
            found.append(Instruction(number, word >> 10, tuple(operands), text))
    except (IndexError, struct.error):
        return None
    return tuple(found) if at == end else None
