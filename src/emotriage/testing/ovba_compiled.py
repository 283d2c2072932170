"""Compiled code of VBA modules as 32-bit Office 2016 lays it out, from a small part of the language.

A line is ``Sub Name()``, ``End Sub``, ``target = value``, ``Set target = value`` or a call: names, members, arguments
in brackets, with strings, whole numbers, names and ``&`` between them.
"""

import re
import struct
from collections.abc import Sequence

_TOKEN = re.compile(r'\s*("(?:[^"]|"")*"|\d+|\w+|[().,&=])')
_KEYWORDS = 0x103  # numbers that are given out before the first name
_OWN = ("Word", "VBA", "Win16", "Win32", "Win64", "Mac", "VBA6", "VBA7", "Project", "stdole")
_CONCAT, _LOAD, _MEMBER, _LOAD_CALL, _MEMBER_CALL = 0x11, 0x20, 0x21, 0x24, 0x25
_STORE, _STORE_MEMBER, _SET, _SET_MEMBER, _CALL, _CALL_MEMBER = 0x27, 0x28, 0x2E, 0x2F, 0x41, 0x42
_END_SUB, _PROCEDURE, _NUMBER, _TEXT, _SET_FIRST = 0x6F, 0x96, 0xAC, 0xB6, 0xED  # as 32-bit Office numbers them
_RECORD = 64
_HEADER = 0x60


class Names:
    """The table of names that all modules of a project share."""

    def __init__(self) -> None:
        self._names = list(_OWN)

    def operand(self, name: str) -> int:
        """What code says for a name."""
        if name not in self._names:
            self._names.append(name)
        return (_KEYWORDS + 1 + self._names.index(name)) << 1

    def stream(self, codec: str, compiler: int) -> bytes:
        """The `_VBA_PROJECT` stream, with that version of the compiler."""
        entries = b"".join(
            bytes((len(raw), 4)) + raw + b"\0\0\x10\0" for raw in (name.encode(codec) for name in self._names)
        )
        counts = struct.pack("<HHHI", _KEYWORDS + len(self._names), len(self._names), _KEYWORDS, 0x2800)
        before = struct.pack("<HHBH", 0x61CC, compiler, 0, 1) + bytes(57)
        return before + b"\xff\xff\xff\xff\x80\0\0\0\0\0" + counts + entries + bytes(64)


def compiled(source: str, names: Names, codec: str) -> bytes:
    """The cache of a module.

    Args:
        source: its lines, as this module's description has them.
        names: of the project; new ones are added.
        codec: Python's name of the encoding of strings.

    Raises:
        ValueError: a line that is not of that form.
    """
    records: list[bytes] = []
    lines = [_line(line.strip(), names, records, codec) for line in source.strip().splitlines()]
    table, code = b"", b""
    for line in lines:
        table += struct.pack("<IHHI", 0, len(line), 0, len(code))
        code += line + bytes(-len(line) % 8)
    kept = b"".join(records)
    header = bytearray(b"\x01\x16\x03".ljust(_HEADER, b"\0"))
    struct.pack_into("<I", header, 0x11, _HEADER - 10)
    at = _HEADER + 4 + len(kept)
    struct.pack_into("<I", header, 0x19, at - 0x3C)
    start = b"\xfe\xca\x01\0" + struct.pack("<H", len(lines)) + table + struct.pack("<HII", 0, 0, len(code))
    return bytes(header) + struct.pack("<I", len(kept)) + kept + start + code


def _line(line: str, names: Names, records: list[bytes], codec: str) -> bytes:
    if line == "End Sub":
        return struct.pack("<H", _END_SUB)
    if found := re.fullmatch(r"Sub (\w+)\(\)", line):
        record = struct.pack("<HHI", 0x120B, names.operand(found[1]), 0xFFFFFFFF) + b"\xff" * (_RECORD - 8)
        records.append(record)
        return struct.pack("<HI", 1 << 10 | _PROCEDURE, _RECORD * (len(records) - 1))
    tokens = _TOKEN.findall(line)
    if "".join(tokens) != re.sub(r'("(?:[^"]|"")*")|\s', lambda one: one[1] or "", line):
        raise ValueError(f"can't be compiled: {line}")
    return _Statement(tokens, names, codec).code()


class _Statement:
    """One line that is a call or an assignment; holds how far it is read."""

    def __init__(self, tokens: Sequence[str], names: Names, codec: str) -> None:
        self._tokens = [*tokens, ""]
        self._names = names
        self._codec = codec
        self._at = 0

    def code(self) -> bytes:
        stores = (_STORE, _STORE_MEMBER)
        first = b""
        if self._tokens[0] == "Set":
            self._at, stores, first = 1, (_SET, _SET_MEMBER), struct.pack("<H", _SET_FIRST)
        if "=" in self._tokens:
            begin, self._at = self._at, self._tokens.index("=") + 1
            value = self._value()
            self._tokens[self._tokens.index("=")] = ""
            self._at = begin
            return first + value + self._chain(stores, (0, 0))
        return self._chain((_LOAD, _MEMBER), (_CALL, _CALL_MEMBER), statement=True)

    def _chain(self, plain: tuple[int, int], called: tuple[int, int], *, statement: bool = False) -> bytes:
        """A name and its members; the last one is done with as `plain` or `called` say, those before are loaded."""
        out = b""
        member = False
        while True:
            name = self._names.operand(self._next())
            arguments, count = self._brackets()
            last = self._tokens[self._at] != "."
            if last and statement:
                given, count = self._arguments("") if count is None else (arguments, count)
                return given + out + struct.pack("<HHH", called[member], name, count)
            if count is None:
                out += struct.pack("<HH", (plain if last else (_LOAD, _MEMBER))[member], name)
            else:
                out = arguments + out + struct.pack("<HHH", (_LOAD_CALL, _MEMBER_CALL)[member], name, count)
            if last:
                return out
            self._at += 1
            member = True

    def _brackets(self) -> tuple[bytes, int | None]:
        if self._tokens[self._at] != "(":
            return b"", None
        self._at += 1
        given = self._arguments(")")
        self._at += 1
        return given

    def _arguments(self, end: str) -> tuple[bytes, int]:
        out, count = b"", 0
        while self._tokens[self._at] != end:
            self._at += self._tokens[self._at] == ","
            out += self._value()
            count += 1
        return out, count

    def _value(self) -> bytes:
        out = self._term()
        while self._tokens[self._at] == "&":
            self._at += 1
            out += self._term() + struct.pack("<H", _CONCAT)
        return out

    def _term(self) -> bytes:
        token = self._tokens[self._at]
        if token.startswith('"'):
            self._at += 1
            raw = token[1:-1].replace('""', '"').encode(self._codec)
            return struct.pack("<HH", _TEXT, len(raw)) + raw + bytes(len(raw) & 1)
        if token.isdigit():
            self._at += 1
            return struct.pack("<HH", _NUMBER, int(token))
        return self._chain((_LOAD, _MEMBER), (_LOAD_CALL, _MEMBER_CALL))

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]
