"""The texts of cells, for code that looks them up."""

import pytest

from emotriage.formats.excel.cells import cell_texts
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget, Limits
from emotriage.testing import workbook

SHEETS = {"Data One": {"A1": "text", "B2": 1.5, "C3": True, "D4": "=1+1", "E5": 7}, "Other": {"A1": "else"}}


@pytest.mark.parametrize("form", ["xls", "xlsx", "xlsm", "xlsb"])
def test_every_format_has_the_same_texts(form):
    data = workbook(form, sheets=SHEETS, results={"Data One": {"D4": "two"}})
    assert cell_texts(Blob(data), Budget(Limits())) == {
        ("data one", "A1"): "text",
        ("data one", "B2"): "1.5",
        ("data one", "C3"): "True",
        ("data one", "D4"): "two",
        ("data one", "E5"): "7",
        ("other", "A1"): "else",
    }


def test_symbolic_links_have_one_sheet_without_a_name():
    data = workbook("slk", sheets={"Sheet1": {"B2": "a;b"}})
    assert cell_texts(Blob(data), Budget(Limits())) == {("", "B2"): "a;b"}


@pytest.mark.parametrize("data", [b"", b"PK\3\4", b"\xd0\xcf\x11\xe0", b"\x09\x08", b"nothing"])
def test_what_is_no_workbook_has_no_cells(data):
    assert cell_texts(Blob(data), Budget(Limits())) == {}
