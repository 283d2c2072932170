"""Rows N01 to N07: notebooks whose lists loop, whose files lie, or that are packed; what comes back."""

import struct

import pytest

from emotriage import Level, Limits, scan
from emotriage.formats.onenote import read_notebook
from emotriage.formats.onenote.onestore import FILE_FOOTER, FILE_HEADER, FRAGMENT_MAGIC
from emotriage.model.blob import Blob
from emotriage.model.limits import MIB, Budget
from emotriage.testing import archive, cabinet, notebook, shortcut

HTA = b'<html><hta:application id="a"><script>new ActiveXObject("WScript.Shell").Run("emotriage-inert")</script></html>'
WSF = b'<job id="a"><script language="JScript">new ActiveXObject("WScript.Shell").Run("emotriage-inert")</script></job>'
FILES = {"open.hta": HTA, "open.wsf": WSF, "offer.lnk": shortcut(r"C:\Windows\System32\cmd.exe", "/c emotriage-inert")}
WHOLE = {one.rstrip(b"\0") for one in FILES.values()}
FOUND = {"onenote.embedded-script", "onenote.embedded-launcher"}


def look(data: bytes, name: str = "invoice.one", **limits: int):
    return scan(data, name=name, limits=Limits(**limits) if limits else None, plugins=[])


def rules_of(verdict) -> set[str]:
    return {one.rule for one in verdict.findings}


def gaps_of(verdict) -> set[str]:
    return {one.rule for one in verdict.gaps}


def contents(data: bytes) -> set[bytes]:
    found = read_notebook(Blob(data), Budget(Limits()))
    return {data[one.offset : one.offset + one.size].rstrip(b"\0") for one in found.files}


def stored(data: bytes, declared: int | None = None) -> bytes:
    length = len(data) if declared is None else declared
    return FILE_HEADER + struct.pack("<QIQ", length, 0, 0) + data + bytes(-len(data) % 8) + FILE_FOOTER


def fragment(number: int, behind: tuple[int, int]) -> bytes:
    """An empty fragment of a list, and what it says comes next."""
    return FRAGMENT_MAGIC + struct.pack("<II", number, 0) + bytes(12) + struct.pack("<QI", *behind) + bytes(8)


@pytest.mark.parametrize("defect", ["fragment-loop", "fragment-past-end"])
def test_n01_the_next_fragment_is_itself_or_nowhere(defect):
    assert rules_of(look(notebook(FILES, defect=defect))) >= FOUND


def test_n01_two_fragments_that_name_each_other():
    data = notebook(FILES)
    first, second = len(data), len(data) + len(fragment(9, (0, 0)))
    looped = data + fragment(9, (second, 48)) + fragment(9, (first, 48))
    assert rules_of(look(looped)) >= FOUND


def test_n02_a_log_of_four_thousand_million_transactions():
    verdict = look(notebook(FILES, defect="transactions"))
    assert rules_of(verdict) >= FOUND
    assert gaps_of(verdict) == {"onenote.damaged"}


def test_n02_a_log_that_comes_back_to_itself():
    data = bytearray(notebook(FILES, defect="transactions"))
    log, size = struct.unpack_from("<QI", data, 0xA0)
    struct.pack_into("<QI", data, log + size - 12, log, size)
    verdict = look(bytes(data))
    assert rules_of(verdict) >= FOUND
    assert "onenote.damaged" in gaps_of(verdict)


def test_n02_spaces_ten_thousand_deep_and_revisions_in_a_circle():
    data = notebook(FILES)
    size = len(fragment(9, (0, 0)))
    node = struct.pack("<I", 0x010 | 16 << 10 | 2 << 27 | 1 << 31)
    chain = b"".join(
        FRAGMENT_MAGIC
        + struct.pack("<II", 100 + level, 0)
        + node
        + struct.pack("<QI", len(data) + (level + 1) % 10_000 * (size + 4), size + 4)
        + bytes(size + 4 - 32)
        for level in range(10_000)
    )
    assert rules_of(look(data + chain)) >= FOUND


@pytest.mark.parametrize(
    ("defect", "told"),
    [
        ("", set()),
        ("unreferenced-file", {"onenote.unreferenced-file"}),
        ("file-guid", {"onenote.unreferenced-file"}),
        ("file-length", {"onenote.odd-structure"}),
        ("file-footer", {"onenote.odd-structure"}),
    ],
)
def test_n03_files_by_structure_and_by_guid(defect, told):
    data = notebook(FILES, defect=defect)
    assert rules_of(look(data)) >= FOUND | told
    assert contents(data) == WHOLE


def test_n03_a_guid_that_is_split():
    data = notebook(FILES)
    at = data.index(FILE_HEADER)
    assert contents(data[:at] + bytes(8) + data[at + 8 :]) == WHOLE


def test_n04_a_package_of_another_program():
    verdict = look(notebook(FILES, layout="packaged"))
    assert rules_of(verdict) & FOUND
    assert "onenote.damaged" in gaps_of(verdict)


def test_n04_a_cabinet_of_sections():
    verdict = look(cabinet({"Section.one": notebook(FILES)}), "Notebook.onepkg")
    assert rules_of(verdict) >= FOUND
    assert verdict.level is Level.MALICIOUS


def test_n04_a_table_of_contents():
    verdict = look(notebook(FILES, layout="table-of-contents"), "Open Notebook.onetoc2")
    assert verdict.artifacts[0].kind == "onetoc"
    assert rules_of(verdict) >= FOUND
    assert look(notebook(text="a", layout="table-of-contents"), "Open Notebook.onetoc2").level is Level.CLEAN


@pytest.mark.parametrize("name", ["invoice.pdf\u202efdp.hta", "n" * 200 + ".hta", "invoice.pdf\0.hta"])
def test_n05_names_come_out_escaped(name):
    verdict = look(notebook({name: HTA}))
    assert "onenote.embedded-script" in rules_of(verdict)
    text = verdict.to_json()
    assert not any(mark in text for mark in ("\u202e", "\0"))


def test_n06_a_file_that_claims_five_hundred_megabytes():
    verdict = look(notebook() + stored(HTA, 500 << 20))
    assert "onenote.embedded-script" in rules_of(verdict)
    cut = look(notebook() + stored(HTA, 500 << 20)[: -len(FILE_FOOTER)])
    assert "onenote.embedded-script" in rules_of(cut)
    assert "onenote.damaged" in gaps_of(cut)


def test_n06_a_file_padded_by_megabytes():
    verdict = look(notebook({"open.hta": HTA + bytes(4 * MIB)}))
    assert "onenote.embedded-script" in rules_of(verdict)
    assert any(one.rule.startswith("script.") for one in verdict.findings)


@pytest.mark.long
def test_n06_a_file_padded_by_five_hundred_megabytes():
    verdict = scan(archive({"a.one": notebook({"open.hta": HTA + bytes(500 * MIB)})}), name="a.zip", plugins=[])
    assert "onenote.embedded-script" in rules_of(verdict)


def test_n07_thousands_of_files_end_in_a_gap():
    verdict = look(notebook() + b"".join(stored(b"%015d\n" % one) for one in range(300)), children=100)
    assert any(one.incomplete for one in verdict.findings)
    assert len(verdict.artifacts) <= 102


@pytest.mark.long
def test_n07_a_hundred_thousand_files():
    verdict = look(notebook() + b"".join(stored(b"%015d\n" % one) for one in range(100_000)))
    assert not verdict.complete
