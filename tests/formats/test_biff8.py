"""Workbook streams, held against xlrd2 and against everything their records can lie about."""

import io
import random
import struct
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.formats.cfb import read_compound_file
from emotriage.formats.excel.biff8 import read_stray_sheets, read_workbook
from emotriage.formats.excel.biff_records import CONTINUE, TRUNCATED, ZEROS, Cursor, read_records, whole_records
from emotriage.formats.excel.macrosheet import auto_event, called_functions, column_name, quote_sheet
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError, Malformed, Unsupported
from emotriage.model.limits import RECORD, Budget, Limits
from emotriage.testing.biff8 import Name, Sheet, workbook_stream
from emotriage.testing.workbook import workbook

MACROS = {
    "Macro1": {
        "A1": '=EXEC("emotriage-inert")',
        "A2": "=FORMULA(CHAR(72)&CHAR(73),$B$7)",
        "A3": '=CALL("lib","Function","JJ",0)',
        "B1": "text",
        "B2": 12.5,
        "B3": True,
        "B4": "\u8868\u793a",
        "C1": 4,
        "AA10": "=HALT()",
    }
}


def record(kind, data=b""):
    return struct.pack("<HH", kind, len(data)) + data


def bof(sort, version=0x0600, kind=0x0809):
    return record(kind, struct.pack("<HHHHII", version, sort, 0, 0, 0, 0))


def listed(position, name, *, state=0, sort=1):
    return record(0x85, struct.pack("<IBBBB", position, state, sort, len(name), 0) + name.encode("latin-1"))


def formula(row, column, tokens, kind=0x06):
    return record(kind, struct.pack("<HHH8sHIH", row, column, 15, bytes(8), 0, 0, len(tokens)) + tokens)


EXEC = b"\x17\x04\x00calc\x42\x01\x6e\x00"
END = record(0x0A)


def stream(*sheets, extra=b"", version=0x0600):
    """A workbook of (name, state, type in the list, bytes of the sheet)."""
    size = sum(len(listed(0, name)) for name, *_ in sheets)
    head = bof(5, version) + extra
    at = len(head) + size + len(END)
    entries, bodies = b"", b""
    for name, state, sort, body in sheets:
        entries += listed(at, name, state=state, sort=sort)
        at += len(body)
        bodies += body
    return head + entries + END + bodies


def read(data, budget=None):
    return read_workbook(Blob(data), budget or Budget(Limits()))


def stream_of(data, name="Workbook"):
    compound = read_compound_file(Blob(data), Budget(Limits()))
    return compound.open(compound.find(name)).read()


def codes(book):
    return {one.code for one in book.anomalies}


def test_a_workbook_says_what_was_put_in():
    data = workbook(
        "xls",
        sheets={"Data": {"A1": 1}},
        xlm=MACROS,
        state={"Macro1": "veryhidden", "Data": "hidden"},
        names={"Auto_Open": "Macro1!$A$1", "other": '"some text"'},
        hidden_names=["Auto_Open"],
        results={"Macro1": {"A2": "a result"}},
    )
    book = read(stream_of(data))
    assert book.format == "biff8"
    assert not book.anomalies
    assert [(one.name, one.kind, one.state) for one in book.sheets] == [
        ("Data", "worksheet", "hidden"),
        ("Macro1", "macrosheet", "very-hidden"),
    ]
    assert [(one.name, one.formula, one.hidden, one.auto) for one in book.names] == [
        ("_xlnm.Auto_Open", "=Macro1!$A$1", True, "auto_open"),
        ("other", '="some text"', False, None),
    ]
    cells = {one.ref: one for one in book.macrosheets[0].cells}
    for ref, value in MACROS["Macro1"].items():
        if isinstance(value, str) and value.startswith("="):
            assert cells[ref].formula == value
            assert cells[ref].functions == tuple(sorted(called_functions(value), key=cells[ref].functions.index))
        else:
            assert cells[ref].formula == ""
            assert cells[ref].value == value
    assert cells["A2"].value == "a result"
    assert not book.sheets[0].cells


def test_xlrd2_reads_the_same_formulas():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import xlrd2

        data = workbook("xls", xlm=MACROS, state={"Macro1": 1}, names={"Auto_Open": "Macro1!$A$1"})
        oracle = xlrd2.open_workbook(file_contents=data, logfile=io.StringIO())
    book = read(stream_of(data))
    assert [one.name for one in book.sheets] == oracle.sheet_names()
    assert [("visible", "hidden", "very-hidden").index(one.state) for one in book.sheets] == [
        sheet.visibility for sheet in oracle.sheets()
    ]
    assert [one.name.removeprefix("_xlnm.") for one in book.names] == [one.name for one in oracle.name_obj_list]
    sheet = oracle.sheet_by_name("Macro1")
    for cell in book.macrosheets[0].cells:
        theirs = sheet.cell(cell.row, cell.column)
        if cell.formula:
            assert cell.formula[1:].replace(" ", "") == theirs.formula.replace(".0", "").replace(" ", "")
        else:
            assert cell.value == theirs.value


def test_only_the_low_bits_of_the_state_count():
    body = bof(0x40) + END
    book = read(stream(("a", 0xFC, 1, body), ("b", 0x81, 1, body), ("c", 0x42, 1, body), ("d", 0x03, 1, body)))
    assert [one.state for one in book.sheets] == ["visible", "hidden", "very-hidden", "unknown"]


@pytest.mark.parametrize(("sort", "own"), [(0, 0x40), (1, 0x10)])
def test_either_place_makes_a_macro_sheet(sort, own):
    book = read(stream(("s", 0, sort, bof(own) + formula(0, 0, EXEC) + END)))
    assert book.sheets[0].kind == "macrosheet"
    assert book.sheets[0].cells[0].formula == '=EXEC("calc")'
    assert codes(book) == {"sheet-type-differs"}


@pytest.mark.parametrize("defect", ["macro-sheet-undeclared", "empty-records", "no-sheet-eof", "record-length-lies"])
def test_defects_do_not_hide_a_formula(defect):
    data = workbook("xls", xlm={"Macro1": {"A1": '=EXEC("emotriage-inert")'}}, defects=[defect])
    book = read(stream_of(data))
    assert [one.formula for sheet in book.macrosheets for one in sheet.cells] == ['=EXEC("emotriage-inert")']


def test_a_broken_string_index_is_said_to_be_incomplete():
    data = workbook("xls", xlm={"Macro1": {"A1": "text"}}, defects=["bad-string-index"])
    book = read(stream_of(data))
    assert [(one.code, one.incomplete) for one in book.anomalies] == [("shared-string-missing", True)]


@pytest.mark.parametrize("limit", [32, 33, 57, 8224])
def test_shared_strings_run_on_over_continue_records(limit):
    texts = ["x" * 40, "\u8868" * 30, "", "a\xe9" * 25, "end"]
    cells = {f"A{row}": text for row, text in enumerate(texts, 1) if text}
    data = workbook("xls", xlm={"Macro1": cells}, string_limit=limit)
    assert [one.value for one in read(stream_of(data)).macrosheets[0].cells] == [text for text in texts if text]


def test_formatting_and_phonetics_of_strings_are_skipped():
    cursor = Cursor([struct.pack("<HBHI", 3, 0x0C, 2, 5) + b"abc" + bytes(6), b"\1\1" + bytes(5) + b"\2\0\0de"])
    assert [cursor.string(), cursor.string(), cursor.string()] == ["abc", "de", None]


@pytest.mark.parametrize(
    ("flags", "name", "expected"),
    [
        (0x20, b"\x01", "_xlnm.Auto_Open"),
        (0x20, b"\x02", "_xlnm.Auto_Close"),
        (0x20, b"\x0a", "_xlnm.Auto_Activate"),
        (0x20, b"\x0b", "_xlnm.Auto_Deactivate"),
        (0x00, b"\x01", "_xlnm.Auto_Open"),
        (0x20, b"\x06", "_xlnm.Print_Area"),
        (0x00, b"Auto_Open", "Auto_Open"),
    ],
)
@pytest.mark.parametrize("version", [0x0500, 0x0600])
def test_names_that_excel_has_built_in(flags, name, expected, version):
    target = b"\x1e\x01\x00"
    width = b"\0" if version == 0x0600 else b""
    data = struct.pack("<HBBHHH4x", flags | 1, 0, len(name), len(target), 0, 1) + width + name + target
    book = read(stream(("m", 0, 1, bof(0x40, version) + END), extra=record(0x18, data), version=version))
    assert [(one.name, one.formula, one.hidden, one.sheet) for one in book.names] == [(expected, "=1", True, 0)]


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("Auto_Open", "auto_open"),
        ("AUTO_OPEN", "auto_open"),
        ("auto_open7", "auto_open"),
        ("_xlnm.Auto_Open", "auto_open"),
        ("_XLNM.auto_openXyz", "auto_open"),
        ("Au\0to_\u200bOp\u00aden", "auto_open"),
        ("\uff21\uff55\uff54\uff4f\uff3f\uff2f\uff50\uff45\uff4e", "auto_open"),
        ("Auto_\u00d6ffnen", "auto_open"),
        ("Auto_Schlie\u00dfen", "auto_close"),
        ("Auto_Ouvrir", "auto_open"),
        ("Auto_Close", "auto_close"),
        ("auto_activate", "auto_activate"),
        ("Auto_Deactivate", "auto_deactivate"),
        ("Automatic", None),
        ("My_Auto_Open", None),
        ("Auto_Opn", None),
        ("", None),
    ],
)
def test_names_that_run_by_themselves(name, event):
    assert auto_event(name) == event


def test_biff5_workbooks_are_read():
    sheet = bof(0x40, 0x0500) + formula(0, 0, b"\x17\x04calc\x42\x01\x6e\x00")
    sheet += record(0x0204, struct.pack("<HHHH", 1, 0, 0, 3) + b"\x83\x65x") + END
    head = bof(5, 0x0500) + record(0x42, struct.pack("<H", 932))
    entry = struct.pack("<IBBB", 0, 2, 1, 2) + b"\x83\x65"
    head += record(0x85, struct.pack("<I", len(head) + 4 + len(entry) + 4) + entry[4:]) + END
    book = read(head + sheet)
    assert book.format == "biff5"
    assert (book.sheets[0].name, book.sheets[0].state) == ("\u30c6", "very-hidden")
    assert book.sheets[0].cells[0].formula == '=EXEC("calc")'
    assert book.sheets[0].cells[1].value == "\u30c6x"


def test_other_versions_are_a_gap():
    with pytest.raises(Unsupported):
        read(bof(0x10, 0x0777) + END)


@pytest.mark.parametrize("data", [b"", b"\x09\x08", b"nothing of the sort", bytes(64)])
def test_what_is_no_workbook_is_malformed(data):
    with pytest.raises(Malformed):
        read(data)


def test_encrypted_workbooks_still_say_that_there_are_macro_sheets():
    sheet = bof(0x40) + record(0x06, bytes(range(40))) + END
    secret = record(0x2F, bytes(54))
    data = stream(("Hidden", 2, 1, sheet), ("Other", 0, 0, bof(0x10) + END), extra=secret)
    book = read(data)
    assert book.encrypted
    assert [(one.name, one.kind, one.state, one.read) for one in book.sheets] == [
        ("", "macrosheet", "unknown", False),
        ("", "worksheet", "unknown", True),
    ]


def test_shared_formulas_stand_where_they_are_used():
    point = b"\x01\x00\x00\x00\x00"
    shared = struct.pack("<BHH", 0x4C, 0, 0xC001)
    body = bof(0x40) + formula(0, 0, point)
    body += record(0x04BC, struct.pack("<HHBBBBH", 0, 2, 0, 0, 0, 3, len(shared)) + shared)
    body += formula(1, 0, point) + formula(2, 0, point) + END
    assert [one.formula for one in read(stream(("m", 0, 1, body))).sheets[0].cells] == ["=B1", "=B2", "=B3"]


def test_a_shared_formula_that_points_to_itself_ends():
    point = b"\x01\x00\x00\x00\x00"
    body = bof(0x40) + formula(0, 0, point)
    body += record(0x04BC, struct.pack("<HHBBBBH", 0, 2, 0, 0, 0, 3, len(point)) + point) + END
    assert [one.complete for one in read(stream(("m", 0, 1, body))).sheets[0].cells] == [False]


def test_charts_inside_a_macro_sheet_do_not_end_it():
    body = bof(0x40) + bof(0x20) + formula(5, 5, EXEC) + END + formula(0, 0, EXEC) + END
    assert [one.ref for one in read(stream(("m", 0, 1, body))).sheets[0].cells] == ["A1"]


def test_a_sheet_without_end_stops_at_the_next():
    body = bof(0x40) + formula(0, 0, EXEC)
    book = read(stream(("m", 0, 1, body), ("w", 0, 0, bof(0x10) + formula(1, 1, EXEC) + END)))
    assert [one.ref for one in book.sheets[0].cells] == ["A1"]
    assert codes(book) == {"sheet-without-end"}


def test_macro_sheets_outside_the_list_are_found():
    stray = bof(0x40) + formula(0, 0, EXEC) + END
    data = stream(("w", 0, 0, bof(0x10) + END)) + stray
    assert not read(data).macrosheets
    found = read_stray_sheets(Blob(data), Budget(Limits()))
    assert [(one.listed, one.cells[0].formula) for one in found] == [(False, '=EXEC("calc")')]
    assert not read_stray_sheets(Blob(stream(("m", 0, 1, stray))), Budget(Limits()))


def test_a_sheet_that_is_not_there_is_said_to_be_incomplete():
    data = bof(5) + listed(1 << 30, "gone") + END
    assert [(one.code, one.incomplete) for one in read(data).anomalies] == [("sheet-not-there", True)]


def test_many_entries_of_one_sheet_are_read_once():
    body = bof(0x40) + formula(0, 0, EXEC) * 500 + END
    count = 300
    head = len(bof(5)) + count * len(listed(0, "m")) + len(END)
    budget = Budget(Limits())
    book = read(bof(5) + listed(head, "m") * count + END + body, budget)
    assert len(book.sheets) == count
    assert budget.work < 3_000_000


def test_empty_records_and_continues_cost_linear_work():
    works = []
    for count in (20_000, 40_000):
        budget = Budget(Limits())
        noise = record(0x1B6) * count + record(0x18, bytes(20)) + record(CONTINUE) * count
        book = read(
            stream(("m", 0, 1, bof(0x40) + record(0x1B6) * count + formula(0, 0, EXEC) + END), extra=noise), budget
        )
        assert book.sheets[0].cells[0].functions == ("EXEC",)
        works.append(budget.work)
    assert works[1] <= 2.1 * works[0]


def test_long_continue_chains_are_kept_only_so_far():
    chain = [(0x18, 0, b"x" * 100), *((CONTINUE, 0, b"y" * 1000) for _ in range(5000)), (0x0A, 0, b"")]
    (kind, _, pieces), _ = whole_records(chain)
    assert kind == 0x18
    assert sum(map(len, pieces)) < (1 << 20) + 2000


def test_zeros_between_records_cost_one_look():
    budget = Budget(Limits())
    zeros = bytes(4 << 20)
    data = stream(("m", 0, 1, bof(0x40) + formula(0, 0, EXEC) + zeros + formula(1, 0, EXEC) + END))
    book = read(data, budget)
    assert [one.ref for one in book.sheets[0].cells] == ["A1", "A2"]
    assert budget.work < 2 * len(zeros)


def test_a_record_that_lies_about_its_length_ends_the_stream():
    data = record(0x1B6, b"x") + struct.pack("<HH", 0x06, 0xFFFF) + bytes(8)
    events = list(read_records(Blob(data), Budget(Limits()), 0, frozenset({0x06, 0x1B6})))
    assert events == [(0x1B6, 0, b"x"), (TRUNCATED, 5, b"")]
    assert list(read_records(Blob(bytes(9)), Budget(Limits()), 0, frozenset())) == [(ZEROS, 0, b"")]


def test_more_cells_than_are_kept_leave_a_gap(monkeypatch):
    monkeypatch.setattr("emotriage.formats.excel.biff_cells.MAX_CELLS", 10)
    book = read(stream(("m", 0, 1, bof(0x40) + formula(0, 0, EXEC) * 11 + END)))
    assert len(book.sheets[0].cells) == 10
    assert [(one.code, one.incomplete) for one in book.anomalies] == [("cells-over-limit", True)]


def test_the_windows_of_a_stream_make_no_difference(monkeypatch):
    data = stream_of(workbook("xls", xlm={"M": {f"A{row}": f"=CHAR({row % 200})" for row in range(1, 300)}}))
    whole = read(data)
    monkeypatch.setattr("emotriage.formats.excel.biff_records._WINDOW", 48)
    assert read(data) == whole


def test_cut_and_changed_streams_raise_nothing_else():
    data = workbook_stream(
        [
            Sheet("Data", macro=False, state="visible", cells={(0, 0): "text"}),
            Sheet("M", macro=True, state=2, cells={(0, 0): '=EXEC("emotriage-inert")', (1, 0): "text", (2, 1): 1.5}),
        ],
        [Name("Auto_Open", "M!$A$1", builtin=True)],
    )
    rng = random.Random(7)
    for _ in range(300):
        changed = bytearray(data[: rng.randrange(len(data))] if rng.random() < 0.5 else data)
        for _ in range(rng.randrange(4)):
            if changed:
                changed[rng.randrange(len(changed))] = rng.randrange(256)
        for reader in (read_workbook, read_stray_sheets):
            try:
                reader(Blob(bytes(changed)), Budget(Limits()))
            except FormatError:
                continue


@given(st.binary(max_size=400))
def test_any_records_are_read_in_linear_work(data):
    budget = Budget(Limits())
    read(stream(("m", 0, 1, bof(0x40) + data), extra=data), budget)
    assert budget.work < (len(data) + 40) * RECORD * 4


def test_columns_and_sheets_are_spelled_as_formulas_do():
    assert [column_name(one) for one in (0, 25, 26, 255, 701, 702)] == ["A", "Z", "AA", "IV", "ZZ", "AAA"]
    assert [quote_sheet(one) for one in ("Macro1", "A1", "My Sheet", "it's", "R1C1", "RC", "\u8868")] == [
        "Macro1", "'A1'", "'My Sheet'", "'it''s'", "'R1C1'", "'RC'", "\u8868",
    ]  # fmt: skip


def test_functions_in_a_text_are_those_outside_of_strings():
    text = "=IF(\"EXEC(\"=A1,'my CALL('!B2,_xlfn.CONCAT(RUN (1),FORMULA.FILL?(2)))"
    assert called_functions(text) == ("IF", "CONCAT", "FORMULA.FILL")


def test_zeros_between_records_cost_what_they_are_long():
    def work(stretches, length):
        budget = Budget(Limits())
        list(read_records(Blob((record(0x200, b"x") + bytes(length)) * stretches), budget, 0, frozenset()))
        return budget.work

    assert work(4000, 8) < 2.2 * work(2000, 8)
    assert work(1, 1 << 20) < 4 << 20
