"""A macro that opens what is embedded beside it with a password of its own."""

import pytest

from emotriage import Level, scan
from emotriage.testing import archive, document, encrypted_package

INNER = document(format="docm", macros={"Module1": 'Sub AutoOpen()\n  Shell "emotriage-inert /quiet"\nEnd Sub\n'})
SECRET = encrypted_package(INNER, password="4118-quiet")

CODE = {
    "by name": 'Documents.Open FileName:=p & "x.docm", PasswordDocument:=CStr(4100 + 18) & "-quiet", Visible:=False',
    "by place": 'n = 4118\n  Documents.Open "x.docm", False, True, False, n & "-quiet"',
    "of a workbook": 'Workbooks.Open Filename:="x.xlsm", Password:=Replace("4118+quiet", "+", "-")',
    "of an instance": 'Set w=CreateObject("Word.Application")\n  w.Documents.Open "x", PassworDdocument:="4118-quiet"',
    "to unlock": 'ActiveWorkbook.Unprotect "4118-quiet"',
}  # fmt: skip


def look(code, form="docm"):
    code = f"Sub AutoOpen()\n  {code}\nEnd Sub\n"
    data = document(macros={"Module1": code}, format=form, embed={"x.docm": SECRET})
    return scan(data, name=f"order.{form}", plugins=[])


def opened(verdict):
    return [one.source for one in verdict.passwords]


@pytest.mark.parametrize("form", ["doc", "docm"])
@pytest.mark.parametrize("how", CODE)
def test_the_password_opens_what_is_embedded(how, form):
    verdict = look(CODE[how], form=form)
    assert opened(verdict) == ["macro"]
    assert verdict.complete
    assert {"ole.opened-with-password", "vba.would-start"} <= {one.rule for one in verdict.findings}


@pytest.mark.parametrize(
    "code",
    [
        'Documents.Open FileName:="x.docm", PasswordDocument:=InputBox("?")',
        'Documents.Open FileName:="x.docm", PasswordDocument:="other"',
        'Documents.Open FileName:="4118-quiet"',
        'MsgBox "4118-quiet"',
    ],
)
def test_no_other_text_is_a_password(code):
    verdict = look(code)
    assert opened(verdict) == []
    assert verdict.level >= Level.UNVERIFIED
    assert not verdict.complete


def test_a_password_does_not_leave_its_document():
    code = f"Sub AutoOpen()\n  {CODE['by name']}\nEnd Sub\n"
    files = {"a.docm": document(format="docm", macros={"Module1": code}), "b.docm": SECRET}
    assert opened(scan(archive(files=files), name="order.zip", plugins=[])) == []
