"""Compiled code of VBA: names, lines and literals as Office lays them out, and the source that they stand for."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.formats.vba.decompile import decompile
from emotriage.formats.vba.identifiers import read_identifiers
from emotriage.formats.vba.keywords import KEYWORDS
from emotriage.formats.vba.opcodes import COUNT, DIALECTS
from emotriage.formats.vba.pcode import raw_literals, read_code
from emotriage.model.errors import Unsupported
from emotriage.model.limits import Budget, Limits
from emotriage.testing.ovba_compiled import Names, compiled

FIRST = 0x104  # number of the first name in 32-bit Office 2010 and later


def _budget():
    return Budget(Limits())


def _table(names=("Shell", "target"), *, keywords=0x103, version=0xAF, spellings=()):
    entries = b"".join(
        struct.pack("<HHBB", 0, number, len(name), 0) + name.encode("cp1252") for number, name in spellings
    )
    entries += b"".join(struct.pack("<BB", len(name), 4) + name.encode("cp1252") + b"\0\0\x10\0" for name in names)
    counts = struct.pack("<HHHI", keywords + len(names), len(names) + len(spellings), keywords, 0)
    return struct.pack("<HHBH", 0x61CC, version, 0, 1) + bytes(60) + b"\x80\0\0\0\0\0" + counts + entries + bytes(40)


def _cache(lines, records=b""):
    table = code = b""
    for line in lines:
        table += struct.pack("<IHHI", 0, len(line), 0, len(code))
        code += line + bytes(-len(line) % 8)
    header = bytearray(0x60)
    struct.pack_into("<I", header, 0x11, 0x60 - 10)
    struct.pack_into("<I", header, 0x19, 0x64 + len(records) - 0x3C)
    start = b"\xfe\xca\1\0" + struct.pack("<H", len(lines)) + table + bytes(10)
    return bytes(header) + struct.pack("<I", len(records)) + records + start + code


def _read(lines, names=("Shell", "target"), **table):
    identifiers = read_identifiers(_table(names, **table), "cp1252", _budget())
    return read_code(_cache(lines), identifiers, "cp1252", _budget())


def _words(*numbers):
    return struct.pack(f"<{len(numbers)}H", *numbers)


def _name(index, first=FIRST):
    return (first + index) << 1


def _text(number, text):
    raw = text.encode("cp1252")
    return _words(number, len(raw)) + raw + bytes(len(raw) & 1)


LINES = {
    "Shell target": (_words(0x20, _name(1)) + _words(0x41, _name(0), 1)),
    "target = -1 + 2": (_words(0xAC, 1, 0x16, 0xAC, 2, 0x0B, 0x27, _name(1))),
    'target = "a" & "b"': (_text(0xB6, "a") + _text(0xB6, "b") + _words(0x11, 0x27, _name(1))),
    'Shell.target "say ""x"""': (_text(0xB6, 'say "x"') + _words(0x20, _name(0), 0x42, _name(1), 1)),
    "target(1, 2) = Shell(3)": (_words(0xAC, 3, 0x24, _name(0), 1, 0xAC, 1, 0xAC, 2, 0x2B, _name(1), 2)),
    "Set target = Nothing": (_words(0xED, 0xB0, 0x2E, _name(1))),
    "If target Then Shell": (_words(0x20, _name(1), 0x9B, 0x47, 0x41, _name(0), 0, 0x6A)),
    "For target = 1 To 9": (_words(0x101, 0x20, _name(1), 0x100, 0xAC, 1, 0xAC, 9, 0x92)),
    "For Each target In Shell": (_words(0x101, 0x20, _name(1), 0x100, 0x20, _name(0), 0x93)),
    "On Error Resume Next": (_words(0xC9, 0xFFFE)),
    "On Error GoTo target": (_words(0xC9, _name(1))),
    "target:": (_words(0xA3, _name(1))),
    "With Shell": (_words(0x101, 0x20, _name(0), 0xF5)),
    ".target = True": (_words(0xB7 | 1 << 10, 0x39, _name(1))),
    "Case 1, Is > 2, 3 To 4": (_words(0xAC, 1, 0x4B, 0xAC, 2, 0x4D, 0xAC, 3, 0xAC, 4, 0x4C, 0x54)),
    "Const target = 5": (_words(0x5D | 0x20 << 10, 0xAC, 5, 0xF2) + struct.pack("<I", 0)),
    "ReDim target(3)": (_words(0xD1 - 3, 0xAC, 3, 0xE1, _name(1), 1) + bytes(4)),
    "Open target For Output As #1": (_words(0x20, _name(1), 0xAC, 1, 0x1E, 0xA8 + 3, 0xCC, 2)),
    "Print #1, target": (_words(0xAC, 1, 0x1E, 0xD2, 0x20, _name(1), 0xD6)),
    "Debug.Print target": (_words(0x5B, 0xD9, 0x20, _name(1), 0xD6)),
    "target = Me.Shell": (_words(0xBD, 0x21, _name(0), 0x27, _name(1))),
    "Shell target:=7": (_words(0xAC, 7, 0xD1, _name(1), 0x41, _name(0), 1)),
    "target = CStr(Not (Shell))": (_words(0x20, _name(0), 0x1D, 0x15, 0x58 | 8 << 10, 0x27, _name(1))),
    "' a remark": (_words(0xE0, 0) + _text(0, " a remark")[2:]),
    "target = &HFF": (_words(0xAE, 0xFF, 0x27, _name(1))),
    "target = 1.5": (_words(0xB4) + struct.pack("<d", 1.5) + _words(0x27, _name(1))),
    "GoTo target": (_words(0x9A, _name(1))),
    "Mid(target, 1, 2) = Shell": (_words(0x20, _name(0), 0x20, _name(1), 0xAC, 1, 0xAC, 2, 0xC3)),
    "target!Shell": (_words(0x20, _name(1), 0x22, _name(0))),
    "Close #1": (_words(0xAC, 1, 0x1E, 0x56, 1)),
    "Erase target": (_words(0x20, _name(1), 0x72, 1)),
    "Shell AddressOf target": (_words(0x49, _name(1), 0x41, _name(0), 1)),
    "target = InStr(Shell, 1)": (_words(0x20, _name(0), 0xAC, 1, 0x84, 0x27, _name(1))),
    "target = UBound(Shell)": (_words(0x20, _name(0), 0x91, 0, 0x27, _name(1))),
    "as it was": _text(0xE3, "as it was"),
}


@pytest.mark.parametrize("source", LINES)
def test_lines_are_written_as_they_were(source):
    records = struct.pack("<HHI", 0x8460, _name(1), 0xFFFFFFFF) + bytes(56)
    identifiers = read_identifiers(_table(), "cp1252", _budget())
    code = read_code(_cache([LINES[source]], records), identifiers, "cp1252", _budget())
    assert code.unread == 0
    assert decompile(code, _budget()) == source


def test_a_module_comes_back_from_what_is_compiled_of_it():
    source = 'Sub AutoOpen()\nSet x = CreateObject("A.B")\nx.Open "GET", "c" & d.e(1), 0\nShell x.Text\nEnd Sub'
    names = Names()
    cache = compiled(source, names, "cp1252")
    identifiers = read_identifiers(names.stream("cp1252", 0xAF), "cp1252", _budget())
    code = read_code(cache, identifiers, "cp1252", _budget())
    assert decompile(code, _budget()).replace("\r\n", "\n") == source
    assert {"AutoOpen", "CreateObject", "x", "Shell", "d", "e"} <= code.names
    assert code.literals == {"A.B", "GET", "c"}


@pytest.mark.parametrize(("keywords", "number"), [(0xFF, 0xB6), (0x103, 0xB6), (0x106, 0xB9)])
def test_versions_number_their_names_and_instructions_differently(keywords, number):
    line = _text(number, "emotriage-inert") + _words(0x41, _name(0, keywords + 1), 1)
    code = _read([line], keywords=keywords)
    assert (code.names, code.literals, code.wide) == ({"Shell"}, {"emotriage-inert"}, keywords == 0x106)


def test_keywords_in_another_spelling_stand_before_the_names():
    code = _read([_words(0x41, _name(0), 0)], spellings=[(9, "as"), (130, "name")])
    assert code.names == {"Shell"}
    assert code.identifiers.name((130 + 1) << 1) == "Name"
    assert (KEYWORDS[9], KEYWORDS[61], KEYWORDS[164], KEYWORDS[192]) == ("As", "Dim", "Set", "With")


def test_a_keyword_is_no_name():
    assert _read([_words(0x20, (KEYWORDS.index("Name") + 1) << 1)]).names == frozenset()


def test_dialects_are_one_list_with_gaps():
    assert [number for number, _ in DIALECTS["64"]] == list(range(COUNT))
    assert len(DIALECTS["32"]) == COUNT - 3
    assert len(DIALECTS["97"]) == COUNT - 11


def _cache_97(lines, records):
    """A module of Office 97: four parts with their lengths before them, then where the rest is."""
    header = b"\1\x16\1\0".ljust(11, b"\0") + struct.pack("<I", 8) + bytes(8) + bytes(64)
    header += struct.pack("<H", 1) + bytes(16) + struct.pack("<I", 4) + bytes(4) + b"\xff\xff\xff\xff\1\1"
    header += struct.pack("<I", 8) + bytes(8)
    start = len(header) + 100
    header += struct.pack("<III", 0, 0, start - 14)
    code = _cache(lines)
    return header.ljust(start, b"\0") + records + code[code.index(b"\xfe\xca") :]


@pytest.mark.parametrize("version", [0x5D, 0x5E])
def test_office_97_numbers_its_instructions_as_its_language_had_them(version):
    names = ("AutoOpen", "Target", "Shell")
    first = 0x100
    parameter = struct.pack("<HH", 0x8329, _name(1, first)) + b"\xff" * 60
    procedure = struct.pack("<HH", 0x1104, _name(0, first)) + b"\xff" * 32 + struct.pack("<I", 64) + b"\xff" * 24
    records = procedure + parameter
    lines = [
        struct.pack("<HI", 0x8F | 1 << 10, 0),
        _text(0xAE, "emotriage-inert") + _words(0x41, _name(2, first), 1),
        _words(0x6C),
    ]
    identifiers = read_identifiers(_table(names, keywords=0xFF, version=version), "cp1252", _budget())
    cache = _cache_97(lines, records)
    code = read_code(cache, identifiers, "cp1252", _budget())
    assert (code.unread, code.names, code.literals) == (0, {"AutoOpen", "Shell"}, {"emotriage-inert"})
    written = decompile(code, _budget())
    assert "Sub AutoOpen(Target)" in written
    assert 'Shell "emotriage-inert"' in written
    for cut in range(0, len(cache), 7):
        try:
            read_code(cache[:cut], identifiers, "cp1252", _budget())
        except Unsupported:
            continue


@pytest.mark.parametrize("arguments", [{"version": 0x50}, {"version": 0x5E}, {"keywords": 0xF0}])
def test_versions_that_are_not_known_are_said_to_be(arguments):
    with pytest.raises(Unsupported):
        _read([_words(0x41, 0x200, 0)], **arguments)


def test_code_that_does_not_end_where_its_lines_end_is_unknown():
    with pytest.raises(Unsupported):
        _read([b"\xb6\0\xff\xff"] * 3)
    code = _read([b"\xb6\0\xff\xff", *[_words(0x41, _name(0), 0)] * 3])
    assert (code.lines, code.unread, code.names) == (4, 1, {"Shell"})


def test_no_table_is_said_to_be_none():
    for data in (b"", b"\xcc\x61", b"\xcc\x61\xaf\0" + bytes(5000), b"no table" * 40):
        with pytest.raises(Unsupported):
            read_identifiers(data, "cp1252", _budget())


def test_an_empty_module_has_no_code():
    identifiers = read_identifiers(_table(), "cp1252", _budget())
    assert read_code(bytes(300), identifiers, "cp1252", _budget()) is None
    assert read_code(_cache([]), identifiers, "cp1252", _budget()) is None


def test_code_is_found_where_the_cache_says_not_where_a_decoy_stands():
    decoy = b"\xfe\xca\1\0" + struct.pack("<H", 1) + bytes(12 + 10)
    cache = _cache([_words(0x41, _name(0), 0)], records=decoy)
    identifiers = read_identifiers(_table(), "cp1252", _budget())
    assert read_code(cache, identifiers, "cp1252", _budget()).names == {"Shell"}


def test_texts_behind_their_length_are_found_in_any_version():
    found = raw_literals(b"\x9c\0\x0f\0emotriage-inert\0\1\2\3\x07\0emotriage\0", "cp1252", _budget())
    assert found == {"emotriage-inert", "emotria"}


@pytest.mark.parametrize("unit", [b"\1\1\1\1\3\1\0\0\0\0", b"\4\4Name\0\0\0\0", b"\xfe\xca\1\0\1\0", b"\7\0emotria"])
def test_work_grows_with_the_input(unit):
    def work(count):
        budget = Budget(Limits(work=1 << 40))
        identifiers = read_identifiers(_table(), "cp1252", budget)
        for look in (
            lambda: read_identifiers(b"\xcc\x61\xaf\0" + unit * count, "cp1252", budget),
            lambda: read_code(unit * count, identifiers, "cp1252", budget),
            lambda: raw_literals(unit * count, "cp1252", budget),
        ):
            try:
                look()
            except Unsupported:
                continue
        return budget.work

    assert work(20_000) <= 2.5 * work(10_000)


@given(st.binary(max_size=600))
def test_any_bytes_are_some_cache(data):
    identifiers = read_identifiers(_table(), "cp1252", _budget())
    lines = [data[at : at + 24] for at in range(0, len(data), 24)]
    for cache in (data, _cache(lines, data[:80])):
        try:
            code = read_code(cache, identifiers, "cp1252", _budget())
        except Unsupported:
            continue
        assert code is None or isinstance(decompile(code, _budget()), str)


@given(st.binary(max_size=300), st.integers(0, 200))
def test_any_bytes_are_some_table(data, at):
    table = bytearray(_table())
    table[at : at + len(data)] = data
    try:
        names = read_identifiers(b"\xcc\x61" + bytes(table)[2:], "cp1252", _budget()).names
    except Unsupported:
        return
    assert all(isinstance(one, str) for one in names)
