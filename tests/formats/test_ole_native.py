"""Packages, class names and links of embedded objects."""

import random
import struct
from uuid import UUID

import pytest

from emotriage.formats.ole.native import read_comp_obj, read_link, read_package
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget, Limits
from emotriage.testing.property_set import comp_obj, ole10native


def budget() -> Budget:
    return Budget(Limits())


def test_package():
    raw = ole10native(b"content", "label.txt", "C:\\from\\label.txt", "C:\\temp\\label.txt")
    found = read_package(Blob(raw), budget())
    assert (found.label, found.path, found.temp_path) == ("label.txt", "C:\\from\\label.txt", "C:\\temp\\label.txt")
    assert (found.linked, found.data.read(), found.anomalies) == (False, b"content", ())


def test_unicode_names_count_where_they_agree():
    found = read_package(Blob(ole10native(b"x", "請求書.txt")), budget())
    assert found.label == "請求書.txt"
    assert found.anomalies == ()


def test_names_that_differ():
    raw = ole10native(b"x", "notes.txt")
    at = raw.rindex("notes.txt".encode("utf-16-le"), 0, raw.rindex("C:".encode("utf-16-le")))
    spoilt = raw[:at] + "n.exe\0\0\0\0".encode("utf-16-le") + raw[at + 18 :]
    found = read_package(Blob(spoilt), budget())
    assert [one.code for one in found.anomalies] == ["package-names-differ"]
    assert found.label == "notes.txt"


@pytest.mark.parametrize("size", [0x7FFFFFFF, 0xFFFFFFFF, 8])
def test_a_size_that_lies_is_clipped(size):
    raw = ole10native(b"content", "label.txt")
    at = raw.index(b"content") - 4
    spoilt = (raw[:at] + struct.pack("<I", size) + raw[at + 4 :])[: at + 4 + 7]
    found = read_package(Blob(spoilt), budget())
    assert found.data.read() == b"content"
    assert [(one.code, one.incomplete) for one in found.anomalies] == [("package-clipped", True)]


def test_a_path_length_that_lies():
    raw = ole10native(b"content", "label.txt", "C:\\a.txt", "C:\\b.txt")
    at = raw.index(b"C:\\b.txt") - 4
    found = read_package(Blob(raw[:at] + b"\xff\xff\xff\x7f" + raw[at + 4 :]), budget())
    assert (found.temp_path, found.data.read()) == ("C:\\b.txt", b"content")
    assert [one.code for one in found.anomalies] == ["package-length"]


def test_linked_package():
    raw = b"\x60\0\0\0\2\0tool.exe\0C:\\x\\tool.exe\0\0\0\1\0\1\0C:\\y\\tool.exe\0"
    found = read_package(Blob(raw), budget())
    assert (found.linked, found.temp_path, found.data.size) == (True, "C:\\y\\tool.exe", 0)


@pytest.mark.parametrize("raw", [b"", b"\x10\0\0\0", b"\x40\0\0\0BM" + bytes(60), b"\x24\0\0\0\2\0\1\1\0\n\1\x12\x83F"])
def test_plain_native_data_is_no_package(raw):
    assert read_package(Blob(raw), budget()) is None


def test_class():
    clsid = "0003000c-0000-0000-c000-000000000046"
    found = read_comp_obj(Blob(comp_obj(clsid, "OLE Package", "", "Package")), budget())
    assert (found.clsid, found.user_type, found.prog_id) == (clsid, "OLE Package", "Package")
    assert read_comp_obj(Blob(b""), budget()).clsid == ""


def moniker_stream(flags: int, option: int, moniker: bytes) -> bytes:
    return struct.pack("<IIIIII", 0x02000001, flags, option, 0, 0, 0) + struct.pack("<I", len(moniker)) + moniker


def url_moniker(url: str) -> bytes:
    raw = (url + "\0").encode("utf-16-le")
    return UUID("79eac9e0-baf9-11ce-8c82-00aa004ba90b").bytes_le + struct.pack("<I", len(raw)) + raw


def file_moniker(narrow: bytes, wide: str = "") -> bytes:
    raw = (
        UUID("00000303-0000-0000-c000-000000000046").bytes_le + struct.pack("<HI", 0, len(narrow) + 1) + narrow + b"\0"
    )
    raw += struct.pack("<HH", 0xFFFF, 0xDEAD) + bytes(20)
    text = wide.encode("utf-16-le")
    return raw + (struct.pack("<IIH", len(text) + 6, len(text), 3) + text if wide else struct.pack("<I", 0))


def test_links():
    raw = moniker_stream(1, 1, url_moniker("https://linked.invalid/a"))
    found = read_link(Blob(raw), budget())
    assert (found.targets, found.automatic) == (("https://linked.invalid/a",), True)
    wide = moniker_stream(1, 3, file_moniker(b"SHORT~1.DOC", "C:\\a long name.doc") + file_moniker(b"b.doc"))
    found = read_link(Blob(wide), budget())
    assert (found.targets, found.automatic) == (("C:\\a long name.doc", "b.doc"), False)


def test_no_link():
    assert read_link(Blob(moniker_stream(0, 0, b"")), budget()) is None
    assert read_link(Blob(b""), budget()) is None


def test_a_moniker_counts_whatever_the_flags_say():
    raw = moniker_stream(0, 0, bytes(33) + url_moniker("https://linked.invalid/a"))
    assert read_link(Blob(raw), budget()).targets == ("https://linked.invalid/a",)


def test_truncations_and_mutants_end_declared():
    chooser = random.Random(7)
    seeds = [
        ole10native(b"content", "label.txt"),
        comp_obj("0003000c-0000-0000-c000-000000000046", "OLE Package", "", "Package"),
        moniker_stream(1, 1, url_moniker("https://linked.invalid/a") + file_moniker(b"a", "b")),
    ]
    for seed in seeds:
        made = [seed[:cut] for cut in range(len(seed))]
        for _ in range(100):
            spoilt = bytearray(seed)
            for _ in range(chooser.randint(1, 4)):
                spoilt[chooser.randrange(len(spoilt))] = chooser.choice([0, 1, 0x7F, 0xFF, chooser.randrange(256)])
            made.append(bytes(spoilt))
        for raw in made:
            package = read_package(Blob(raw), budget())
            assert package is None or package.data.size <= len(raw)
            read_comp_obj(Blob(raw), budget())
            read_link(Blob(raw), budget())


def test_an_address_in_a_moniker_of_no_known_class_is_a_target():
    soap = UUID("ecabb0c7-7f19-11d2-978e-0000f8757e2a").bytes_le + "soap:wsdl=http://linked.invalid/a".encode(
        "utf-16-le"
    )
    assert read_link(Blob(moniker_stream(0, 1, soap)), budget()).targets == ("soap:wsdl=http://linked.invalid/a",)
    plain = bytes(16) + "figures of the team".encode("utf-16-le")
    assert read_link(Blob(moniker_stream(0, 1, plain)), budget()) is None
