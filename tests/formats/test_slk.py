"""Symbolic link files: cells, names and the mark of macros, whatever their lines say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.formats.excel.slk import read_symbolic_link
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import MIB, Budget, Limits


def read(*lines):
    return read_symbolic_link(Blob("\r\n".join(lines).encode("cp1252")), Budget(Limits()))


def cells(*lines):
    (sheet,) = read(*lines).sheets
    return {cell.ref: (cell.formula, cell.value) for cell in sheet.cells}


def test_cells_names_and_the_mark_of_macros():
    found = read("ID;P", "O;E", "NN;NAuto_open;ER2C1", 'C;X1;Y2;K0;EEXEC("a;;b")', "E")
    (sheet,), (name,) = found.sheets, found.names
    assert (sheet.kind, sheet.cells[0].ref, sheet.cells[0].formula) == ("macrosheet", "A2", '=EXEC("a;b")')
    assert (name.name, name.formula, name.auto) == ("Auto_open", "=$A$2", "auto_open")
    assert read("ID;P", "C;X1;Y1;K1").sheets[0].kind == "worksheet"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["C;X2;Y3;K1.5"], {"B3": ("", 1.5)}),
        (["C;Y3;X2;K1", "C;X4;K2"], {"B3": ("", 1.0), "D3": ("", 2.0)}),
        (['C;X1;Y1;K"say ""it"""'], {"A1": ("", 'say "it"')}),
        (["C;X1;Y1;KTRUE"], {"A1": ("", True)}),
        (["F;X3;Y4", "C;K7"], {"C4": ("", 7.0)}),
        (["C;X3;Y3;K0;ER[-1]C+RC[2]&R1C1"], {"C3": ("=C2+E3&$A$1", 0.0)}),
        (['C;X3;Y3;K0;E"R1C1"&REPT("RC",2)'], {"C3": ('="R1C1"&REPT("RC",2)', 0.0)}),
        (["C;X1;Y1;K0;ER[1]C", "C;X2;Y1;K0;S;R1;C1"], {"A1": ("=A2", 0.0), "B1": ("=B2", 0.0)}),
        (["c;x1;y1;k3"], {"A1": ("", 3.0)}),
    ],
)
def test_what_lines_say(lines, expected):
    assert cells("ID;P", *lines) == expected


def test_what_is_no_such_file():
    with pytest.raises(Malformed):
        read("hello")


def test_a_line_that_is_too_long_is_told():
    found = read("ID;P", "C;X1;Y1;K0;E" + "(" * MIB, "C;X2;Y1;K1")
    assert any(one.incomplete for one in found.anomalies)


@given(st.lists(st.text(alphabet='CFNOEIDXYKRS;123[]-"\x1b: ', max_size=40), max_size=20))
def test_any_lines_can_be_read(lines):
    read("ID;P", *lines)
