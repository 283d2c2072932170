"""What compound files hold, and what they leave unread."""

import random

import pytest

from emotriage import scan
from emotriage.analyzers.equation import ANALYZER as EQUATION
from emotriage.analyzers.word97 import ANALYZER as WORD97
from emotriage.containers.ole import ANALYZER as OLE
from emotriage.formats.cfb import read_compound_file
from emotriage.model.analyzer import Child, Subject
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.finding import Finding
from emotriage.model.indicator import Indicator
from emotriage.model.limits import MIB, Budget, Limits
from emotriage.testing.compound_file import compound_file
from emotriage.testing.document import document
from emotriage.testing.property_set import ole10native, package_object
from emotriage.testing.text import executable

WORD = "00020906-0000-0000-c000-000000000046"


BOF = b"\x09\x08\x10\0\0\x06\x05\0" + bytes(12)
FIB = b"\xec\xa5\xc1\0" + bytes(600)


def look(data: bytes, budget: Budget | None = None) -> list[object]:
    subject = Subject(Blob(data), "ole", "sample", budget or Budget(Limits()))
    return [found for one in (OLE, WORD97, EQUATION) for found in one.run(subject)]


def rules(found: list[object]) -> set[str]:
    return {one.rule for one in found if isinstance(one, Finding)}


def gaps(found: list[object]) -> dict[str, list[str]]:
    return {
        one.rule: [seen.text for seen in one.evidence] for one in found if isinstance(one, Finding) and one.incomplete
    }


def children(found: list[object]) -> dict[str, bytes]:
    return {one.name: one.content.read() for one in found if isinstance(one, Child) and isinstance(one.content, Blob)}


def test_a_plain_document_has_nothing():
    assert look(document("doc", text="Minutes")) == []


def test_packages_become_children():
    found = look(document("doc", embed={"agenda.txt": b"1. Welcome", "setup.exe": executable()}))
    assert children(found) == {"agenda.txt": b"1. Welcome", "setup.exe": executable()}
    assert rules(found) == {"ole.embedded-file", "ole.embedded-program"}
    (program,) = [one for one in found if isinstance(one, Finding) and one.rule == "ole.embedded-program"]
    assert "setup.exe" in program.evidence[0].text
    assert program.evidence[0].where == "ObjectPool/_1000000001/\x01Ole10Native"


def test_a_program_by_content_alone():
    assert "ole.embedded-program" in rules(look(package_object(executable(), "notes.dat")))
    assert "ole.embedded-program" not in rules(look(package_object(b"text", "notes.dat")))


def test_a_program_by_the_hidden_name_alone():
    found = look(package_object(b"text", "notes.txt", command="C:\\Temp\\notes.vbs"))
    assert rules(found) == {"ole.embedded-program", "ole.disguised-package"}


@pytest.mark.parametrize("name", ["Package", "CONTENTS", "Anything"])
@pytest.mark.parametrize("content", [b"%PDF-1.7\n%...", executable(), compound_file({"a": b"b"}), b"{\\rtf1 }"])
def test_streams_that_are_files(name, content):
    found = look(document("doc", streams={f"ObjectPool/_1/{name}": content}))
    assert children(found) == {f"ObjectPool/_1/{name}": content}
    assert "ole.embedded-file" in rules(found)


def test_orphan_and_deleted_packages_are_children_too():
    for defect in ("orphan", "deleted"):
        streams = {"WordDocument": bytes(600), "Data": ole10native(b"content" * 900, "a.txt")}
        raw = {"Data": "\x01Ole10Native\0"}
        found = look(compound_file(streams, clsids={"": WORD}, raw_names=raw, defects=[defect]))
        assert children(found) == {"a.txt": b"content" * 900}, defect


def test_a_message_gives_its_attachments():
    above = "__attach_version1.0_#00000000"
    streams = {
        "__properties_version1.0": bytes(32),
        f"{above}/__substg1.0_37010102": b"plain text",
        f"{above}/__substg1.0_3707001F": "list.txt".encode("utf-16-le"),
    }
    data = compound_file(streams)
    found = look(data)  # who reads messages hands them on
    assert children(found) == {}
    assert gaps(found) == {}
    verdict = scan(data, name="a.msg", plugins=[])
    assert [one.name for one in verdict.artifacts[1:]] == ["list.txt"]
    assert verdict.complete


@pytest.mark.parametrize(
    ("streams", "clsid", "title"),
    [
        ({"PP40": b"x"}, "", "PowerPoint 4.0 presentation"),
        ({"VisioDocument": b"x"}, "", "Visio drawing"),
        (
            {"_1/\x05HwpSummaryInformation": b"x", "WordDocument": b"\xec\xa5" + bytes(600)},
            WORD,
            "Hangul document (HWP)",
        ),
        ({"stuff": b"x"}, "11111111-2222-3333-4444-555555555555", "class 11111111-2222-3333-4444-555555555555"),
        ({"stuff": b"x"}, "", "unknown application"),
        ({"WordDocument": bytes(600), "_1/Odd": b"x"}, WORD, "Microsoft Project file"),
    ],
)
def test_foreign_applications_are_gaps(streams, clsid, title):
    clsids = {"": clsid} if clsid else {}
    if "_1/Odd" in streams:
        streams = {**streams, "WordDocument": b"\xec\xa5\xc1\0" + bytes(600)}
        clsids["_1"] = "74b78f3a-c8c8-11d1-be11-00c04fb6faf1"
    assert gaps(look(compound_file(streams, clsids=clsids))) == {"ole.unread-application": [title]}


@pytest.mark.parametrize(
    "streams",
    [
        {"Workbook": BOF},
        {"Book": BOF, "_SX_DB_CUR/0001": b"x"},
        {"WordDocument": FIB, "1Table": b"x", "MsoDataStore/a/Item": b"y", "\x01CompObj": b"z"},
        {"WordDocument": FIB, "ObjectPool/_1/f": b"x", "ObjectPool/_1/o": b"x", "Data": b"y"},
        {"VBA/dir": b"x", "PROJECT": b"y"},
        {"UserForm1/f": b"x", "UserForm1/o": b"y", "VBA/dir": b"z"},
        {"\x05SummaryInformation": b"\xfe\xff\0\0"},
        {"Catalog": b"x", "1": b"y", "2": b"z"},
    ],
)
def test_what_is_read_here_or_elsewhere_is_no_gap(streams):
    assert gaps(look(compound_file(streams))) == {}


UNKNOWN = {"Contents0": b"x", "Other/Thing": b"y"}
WORD_STRANGERS = ["stream of nobody known in: Word document"] * 2


@pytest.mark.parametrize(
    ("decoys", "titles"),
    [
        ({"Package": b"\x89PNG\r\n\x1a\n"}, ["embedded file"]),
        ({"\x01Ole10Native": ole10native(b"text", "a.txt")}, ["embedded file"]),
        ({"a": b"PK\3\4 and more"}, ["unknown application"]),
        ({"f": b"x", "o": b"x"}, ["unknown application"]),
        ({"\x03VBFrame": b"x"}, ["unknown application"]),
        ({"Equation Native": b"x"}, ["unknown application"]),
        ({"dir": b"x", "_VBA_PROJECT": b"x"}, ["unknown application"]),
        ({"VBA/dir": b"x"}, ["stream of nobody known in: VBA project"] * 2),
        ({"WordDocument": FIB}, WORD_STRANGERS),
        ({"WordDocument": FIB, "\x05SummaryInformation": b"\xfe\xff\0\0"}, WORD_STRANGERS),
        ({"WordDocument": b"x", "\x05SummaryInformation": b"no properties"}, ["unknown application"]),
        ({"Workbook": b"x"}, ["unknown application"]),
        ({"Workbook": BOF}, ["stream of nobody known in: Excel workbook"] * 2),
    ],
)
def test_streams_beside_do_not_make_an_unread_application_read(decoys, titles):
    assert gaps(look(compound_file({**UNKNOWN, **decoys})))["ole.unread-application"] == titles


def test_an_application_is_read_when_each_of_its_streams_is():
    whole = {"a": b"%PDF-1.4 ", "Other/b": b"PK\3\4", "\x01CompObj": b"x", "\x05SummaryInformation": b"\xfe\xff"}
    assert gaps(look(compound_file(whole))) == {}
    assert gaps(look(compound_file({**whole, "Other/c": b"x"}))) == {"ole.unread-application": ["unknown application"]}


def test_objects_are_held_to_their_streams_too():
    pool = {"WordDocument": FIB, "ObjectPool/_1/Package": b"PK\3\4"}
    assert gaps(look(compound_file(pool))) == {}
    found = gaps(look(compound_file({**pool, "ObjectPool/_1/Contents0": b"x"})))
    assert found == {"ole.unread-application": ["embedded file"]}
    found = gaps(look(compound_file({**pool, "ObjectPool/_2/Contents0": b"x"})))
    assert found == {"ole.unread-application": WORD_STRANGERS[:1]}


def test_deep_trees_cost_no_more_than_their_entries():
    streams = {"/".join(["a"] * depth) + "/b": b"x" for depth in range(1, 400)}
    budget = Budget(Limits())
    assert gaps(look(compound_file(streams), budget)) == {"ole.unread-application": ["unknown application"]}
    assert budget.work < 8 * MIB


def test_encrypted_packages_and_documents():
    assert (
        gaps(look(compound_file({"EncryptionInfo": b"x", "EncryptedPackage": b"y"}))) == {}
    )  # its own container says so
    word = b"\xec\xa5\xc1\0" + bytes(6) + b"\0\x81" + bytes(600)
    (said,) = gaps(look(compound_file({"WordDocument": word})))["ole.encrypted"]
    assert said.startswith("Word document: XOR obfuscation, ")


def test_damage_is_a_gap_and_hides_nothing():
    found = look(document("doc", embed={"a.txt": b"content"}, defects=["fat-loop"]))
    assert children(found) == {"a.txt": b"content"}
    assert "stream-clipped" in gaps(found)["ole.damaged"]


def test_templates_and_fields():
    found = look(document("doc", external_template="https://templates.invalid/a.dot"))
    assert rules(found) == {"ole.remote-template"}
    assert [one.value for one in found if isinstance(one, Indicator)] == ["https://templates.invalid/a.dot"]
    assert rules(look(document("doc", external_template="\\\\server\\t\\a.dot"))) == {"ole.intranet-template"}
    assert look(document("doc", external_template="C:\\t\\a.dot")) == []
    (sure,) = [one for one in look(document("doc", fields=["DDEAUTO emotriage-inert x"])) if isinstance(one, Finding)]
    assert (sure.rule, sure.confidence) == ("ole.dde-field", 1.0)
    (guess,) = [one for one in look(document("doc", fields=["DDE Excel.Sheet.8 a b"])) if isinstance(one, Finding)]
    assert (guess.confidence, guess.traits) == (0.3, frozenset())
    tricky = look(document("doc", fields=['DDEAUTO "Excel\\\\..\\\\..\\\\emotriage-inert.exe" x']))
    assert [one.confidence for one in tricky if isinstance(one, Finding)] == [1.0]


def test_thousands_of_embedded_streams_are_one_finding():
    streams = {f"s{index:05}": b"%PDF-1.4 " for index in range(3000)}
    found = look(compound_file({"WordDocument": bytes(600), **streams}))
    assert len(children(found)) == 3000
    assert len([one for one in found if isinstance(one, Finding)]) <= 4


def test_a_giant_stream_is_not_read():
    class Zeros:
        size = 1 << 20

        def __init__(self, data: bytes) -> None:
            self.data, self.size, self.touched = data, len(data), 0

        def read(self, offset: int, length: int) -> bytes:
            self.touched += length
            return self.data[offset : offset + length]

        def close(self) -> None: ...

    store = Zeros(compound_file({"Workbook": bytes(24 * MIB), "a": b"%PDF-1.4"}))
    budget = Budget(Limits())
    list(OLE.run(Subject(Blob(store), "ole", "sample", budget)))
    assert store.touched < MIB
    assert budget.work < 24 * MIB


def test_mutants_end_declared():
    chooser = random.Random(11)
    seed = document(
        "doc",
        embed={"a.txt": b"content", "b.exe": executable()},
        fields=["DDE a b"],
        external_template="https://templates.invalid/a.dot",
        streams={"ObjectPool/_5/Equation Native": b"\x1c\0" + bytes(26) + b"\3\1\1\3\0\x0a\1\x08\1\1Symbol\0"},
    )
    structure = read_compound_file(Blob(seed), Budget(Limits()))
    assert not structure.anomalies
    for _ in range(300):
        spoilt = bytearray(seed)
        for _ in range(chooser.randint(1, 8)):
            spoilt[chooser.randrange(len(spoilt))] = chooser.choice([0, 1, 0x7F, 0x80, 0xFF, chooser.randrange(256)])
        data = bytes(spoilt if chooser.random() < 0.8 else spoilt[: chooser.randrange(len(spoilt))])
        try:
            children(look(data))
        except FormatError:
            continue
