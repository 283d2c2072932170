"""The Word writer, read by olefile, olevba, oleobj, msodde and python-docx."""

import hashlib
import io
import struct
import warnings
import zipfile
from itertools import pairwise

import docx
import olefile
import pytest
from docx.opc.package import OpcPackage

from emotriage.testing import property_set
from emotriage.testing.archive import DEFECTS as ZIP_DEFECTS
from emotriage.testing.compound_defects import DEFECTS as CONTAINER_DEFECTS
from emotriage.testing.document import document
from emotriage.testing.ovba import DEFECTS as VBA_DEFECTS

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from oletools import msodde, oleobj
    from oletools.olevba import VBA_Parser

FORMATS = ["doc", "docx", "docm"]
MACROS = {"Module1": 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n', "ThisDocument": "' 表\n"}
TEXT = "First paragraph\nSecond & third\n表" + "\nmore" * 100


def sources(data: bytes, name: str) -> dict[str, str]:
    parser = VBA_Parser(name, data=data)
    out = {}
    try:
        for _, _, module, code in parser.extract_macros():
            lines = [line for line in code.split("\r\n") if not line.startswith("Attribute VB_")]
            out[module.rpartition(".")[0] or module] = "\n".join(lines)
    finally:
        parser.close()
    return out


@pytest.mark.parametrize("format_", FORMATS)
def test_olevba_extracts_the_sources(format_):
    data = document(format=format_, macros=MACROS, text=TEXT, vba={"code_page": 932})
    assert sources(data, f"x.{format_}") == MACROS


@pytest.mark.parametrize("format_", FORMATS)
def test_without_macros_there_are_none(format_):
    assert sources(document(format=format_, text=TEXT), f"x.{format_}") == {}


def test_python_docx_reads_the_text():
    data = document(format="docx", text=TEXT, properties={"title": "Invoice", "author": "Somebody"})
    opened = docx.Document(io.BytesIO(data))
    assert "\n".join(one.text for one in opened.paragraphs) == TEXT
    assert (opened.core_properties.title, opened.core_properties.author) == ("Invoice", "Somebody")
    package = OpcPackage.open(io.BytesIO(document(format="docm", macros={"Module1": "'"}, text=TEXT)))
    kinds = {part.partname: part.content_type for part in package.iter_parts()}
    assert kinds["/word/vbaProject.bin"] == "application/vnd.ms-office.vbaProject"
    assert "macroEnabled" in kinds["/word/document.xml"]


@pytest.mark.parametrize("text", [TEXT, "plain\n" * 200, "", "astral \U0001f600 sign"])
def test_the_piece_table_leads_to_the_text(text):
    with olefile.OleFileIO(io.BytesIO(document(text=text))) as file:
        body = file.openstream("WordDocument").read()
        table = file.openstream("1Table").read()
        assert file.get_metadata().codepage == 65001 - 65536
    assert struct.unpack_from("<HH", body) == (0xA5EC, 0xC1)
    assert struct.unpack_from("<H", body, 10)[0] & 0x200, "the table stream is 1Table"
    count = struct.unpack_from("<I", body, 76)[0]
    places = struct.unpack_from("<186I", body, 154)
    at, length = places[66:68]
    kind, size, start, stop, _, where, _ = struct.unpack("<BIIIHIH", table[at : at + length])
    assert (kind, size, start, stop) == (2, 16, 0, count)
    if where & 1 << 30:
        found = body[(where ^ 1 << 30) // 2 :][:count].decode("cp1252")
    else:
        found = body[where:][: count * 2].decode("utf-16-le")
    assert found == text.replace("\n", "\r") + "\r"
    assert places[62:64][1] == 500
    for index in (12, 13):  # pages of character and paragraph properties cover the text
        at, length = places[2 * index : 2 * index + 2]
        runs = (length - 4) // 8
        bounds = struct.unpack_from(f"<{runs + 1}I", table, at)
        pages = struct.unpack_from(f"<{runs}I", table, at + 4 * runs + 4)
        unit = 1 if where & 1 << 30 else 2
        assert (bounds[0], bounds[-1]) == (0x400, 0x400 + count * unit)
        for page, (low, high) in zip(pages, pairwise(bounds), strict=True):
            held = body[page * 512 : page * 512 + 512]
            assert struct.unpack_from("<I", held) == (low,)
            assert struct.unpack_from("<I", held, 4 * held[511]) == (high,)


@pytest.mark.parametrize("format_", FORMATS)
def test_fields(format_, tmp_path):
    path = tmp_path / f"x.{format_}"
    path.write_bytes(document(format=format_, text="hello", fields=["DDEAUTO c:\\emotriage-inert one"]))
    assert "DDEAUTO c:\\emotriage-inert one" in msodde.process_file(str(path), msodde.FIELD_FILTER_DDE)


@pytest.mark.parametrize("format_", FORMATS)
def test_embedded_files(format_):
    data = document(format=format_, embed={"réadme.txt": b"inert" * 9, "b.js": b"// inert"})
    if format_ == "doc":
        containers = [(data, ["ObjectPool/_1000000000", "ObjectPool/_1000000001"])]
    else:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            containers = [(file.read(f"word/embeddings/oleObject{number}.bin"), [""]) for number in (1, 2)]
    found = {}
    for raw, storages in containers:
        with olefile.OleFileIO(io.BytesIO(raw)) as file:
            for storage in storages:
                native = oleobj.OleNativeStream(file.openstream(f"{storage}/\1Ole10Native".strip("/")).read())
                found[native.filename] = native.data
                clsid = file.getclsid(storage) if storage else file.root.clsid
                assert clsid.upper() == "0003000C-0000-0000-C000-000000000046"
    assert found == {"réadme.txt": b"inert" * 9, "b.js": b"// inert"}


def test_embedded_files_can_lie_about_their_size():
    native = property_set.ole10native(b"inert", "a.txt", "C:\\b.txt", "..\\c.txt", declared_size=1 << 30)
    assert struct.pack("<I", 1 << 30) + b"inert" in native
    assert b"a.txt\0C:\\b.txt\0" in native
    assert property_set.package_object(b"inert", "a.txt", declared_size=9) != property_set.package_object(
        b"inert", "a.txt"
    )


def test_external_template():
    address = "http://host.invalid/a&b.dotm"
    with zipfile.ZipFile(io.BytesIO(document(format="docx", external_template=address))) as file:
        links = list(
            oleobj.find_external_relationships(
                oleobj.XmlParser(io.BytesIO(document(format="docx", external_template=address)))
            )
        )
        assert links == [("attachedTemplate", address)]
        assert b"attachedTemplate r:id" in file.read("word/settings.xml")
    with olefile.OleFileIO(io.BytesIO(document(external_template=address))) as file:
        table = file.openstream("1Table").read()
        at, length = struct.unpack_from("<II", file.openstream("WordDocument").read(), 154 + 8 * 32)
        assert table[at : at + 6] == b"\xff\xff\x12\0\0\0"
        assert table[at + 8 : at + 10] == bytes([len(address), 0])
        assert table[at + 10 : at + length].decode("utf-16-le").startswith(address)


def test_parts_links_and_names_can_be_anything():
    data = document(
        format="docx",
        macros=MACROS,
        vba={"code_page": 932},
        vba_part="media/vba1.bin",
        body_part="word/document2.xml",
        parts={"customUI/customUI.xml": "<customUI/>"},
        links=[{"source": "", "type": "ui/extensibility", "target": "customUI/customUI.xml", "id": "rIdUi"}],
        types={"customUI/customUI.xml": "application/xml"},
        zip={"comment": "note", "method": 8},
    )
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert {"media/vba1.bin", "word/document2.xml", "customUI/customUI.xml"} <= set(file.namelist())
        assert b'Id="rIdUi"' in file.read("_rels/.rels")
        assert file.comment == b"note"
        assert file.testzip() is None


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("defect", [*VBA_DEFECTS, *CONTAINER_DEFECTS, *sorted(ZIP_DEFECTS)])
def test_defects_reach_their_writer(format_, defect):
    if format_ == "doc" and defect in ZIP_DEFECTS - CONTAINER_DEFECTS.keys():
        with pytest.raises(ValueError, match=defect):
            document(format=format_, macros=MACROS, vba={"code_page": 932}, defects=[defect])
        return
    options = {"zip": {"descriptor": True, "zip64": defect.startswith("zip64")}} if format_ != "doc" else {}
    sane = document(format=format_, macros=MACROS, vba={"code_page": 932}, **options)
    assert document(format=format_, macros=MACROS, vba={"code_page": 932}, defects=[defect], **options) != sane


def test_what_is_wrong_is_refused():
    for arguments in ({"format": "odt"}, {"defects": ["no-such"]}, {"properties": {"no": "such"}}):
        with pytest.raises(ValueError, match=r"odt|no"):
            document(**arguments)


def test_bytes_are_the_same_everywhere():
    digest = hashlib.sha256()
    for format_ in FORMATS:
        digest.update(document(format=format_, macros={"Module1": "'"}, text="text", embed={"a": b"b"}))
    assert digest.hexdigest() == "12cecef9fa9f0ad24b8c700129bbeeeb105f1a710aa7660f9cad81af63a8ed5a"
