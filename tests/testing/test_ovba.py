"""The VBA project writer, read by olevba."""

import hashlib
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.testing.compound_file import compound_file
from emotriage.testing.ovba import DEFECTS, vba_project, vba_streams
from emotriage.testing.ovba_compression import compress

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from oletools.olevba import VBA_Parser, decompress_stream

MACROS = {
    "Module1": 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n',
    "ThisDocument": "Private Sub Document_Open()\nEnd Sub\n",
    "Class1": "' " + "long comment " * 900 + "\n",
}


def sources(data: bytes) -> dict[str, str]:
    parser = VBA_Parser("vbaProject.bin", data=data)
    out = {}
    try:
        for _, _, name, code in parser.extract_macros():
            lines = [line for line in code.split("\r\n") if not line.startswith("Attribute VB_")]
            out[name.rpartition(".")[0] or name] = "\n".join(lines)
    finally:
        parser.close()
    return out


@given(st.one_of(st.binary(max_size=3000), st.text("ab \r\n", max_size=9000).map(str.encode)), st.booleans())
def test_olevba_undoes_the_compression(data, literal_only):
    packed = compress(data, literal_only=literal_only)
    assert bytes(decompress_stream(bytearray(packed))) == data


def test_copy_tokens_and_literals():
    text = b"' emotriage-inert\r\n" * 500
    assert len(compress(text)) < len(text) // 8
    assert len(compress(text, literal_only=True)) > len(text)
    assert bytes(decompress_stream(bytearray(compress(text, literal_only=True)))) == text


def test_a_bomb_is_six_bytes_a_chunk():
    assert len(compress(b"'" * 4096 * 100)) == 1 + 6 * 100


@pytest.mark.parametrize("arguments", [{}, {"literal_only": True}, {"cache_size": 0}, {"defects": ["purged"]}])
def test_olevba_extracts_the_sources(arguments):
    data = vba_project(MACROS, vba={"kinds": {"Class1": "class"}, **arguments})
    assert sources(data) == MACROS


def test_document_modules_are_added():
    found = sources(vba_project({"Module1": "'"}, host="excel", vba={"documents": ["Sheet1"]}))
    assert found == {"ThisWorkbook": "", "Sheet1": "", "Module1": "'\n"}


def test_own_attributes_are_kept():
    text = 'Attribute VB_Name = "Module1"\nSub A()\nEnd Sub\n'
    assert compress(text.replace("\n", "\r\n").encode()) in vba_streams({"Module1": text})["VBA/Module1"]


@pytest.mark.parametrize(("page", "name"), [(932, "表ソ"), (1251, "Модуль"), (65001, "表")])
def test_code_pages(page, name):
    data = vba_project({name: "' " + name + "\n"}, vba={"code_page": page})
    assert sources(data)[name] == f"' {name}\n"


def test_names_can_disagree():
    streams = vba_streams({"Module1": "'"}, stream_names={"Module1": "Other"}, unicode_names={"Module1": "Third"})
    assert "VBA/Other" in streams
    records = bytes(decompress_stream(bytearray(streams["VBA/dir"])))
    assert b"Module1" in records
    assert "Third".encode("utf-16-le") in records
    assert sources(compound_file(streams))["Module1"] == "'\n"


def test_protection_fields_can_be_read():
    """[MS-OVBA] 2.4.3.3, by hand: nothing is protected, no password, visible."""
    project = vba_streams({})["PROJECT"].decode()
    key = sum(project.partition('ID="')[2].partition('"')[0].encode()) & 0xFF
    for word, expected in (("CMG", bytes(4)), ("DPB", b"\0"), ("GC", b"\xff")):
        raw = bytes.fromhex(project.partition(f'{word}="')[2].partition('"')[0])
        clear, before, last = raw[0] ^ raw[2], raw[1], raw[2]
        assert (raw[0] ^ raw[1], clear) == (2, key)
        out = []
        for byte in raw[3:]:
            plain = byte ^ (before + clear & 0xFF)
            before, last, clear = last, byte, plain
            out.append(plain)
        rest = bytes(out[(raw[0] & 6) // 2 :])
        assert rest == len(expected).to_bytes(4, "little") + expected


def test_bytes_are_the_same_everywhere():
    assert (
        hashlib.sha256(vba_project(MACROS)).hexdigest()
        == "8038b44b8fb3ea950865efea07bf81d506452e15e75bfee6617b9153cee98612"
    )


@pytest.mark.parametrize("defect", DEFECTS)
def test_each_defect_changes_the_streams(defect):
    assert vba_streams(MACROS, defects=[defect]) != vba_streams(MACROS)


def test_what_defects_do():
    assert "VBA/dir" not in vba_streams(MACROS, defects=["no-dir"])
    assert b"\xff\xff\x7f\0" not in vba_streams(MACROS)["VBA/dir"]
    assert vba_streams(MACROS, defects=["empty-source"])["VBA/Module1"].endswith(bytes(120) + b"\x01")
    assert set(vba_streams(MACROS, defects=["no-source"])["VBA/Module1"][3:]) == {0}
    assert vba_streams(MACROS, defects=["purged"])["VBA/Module1"][0] == 1
    assert len(vba_streams(MACROS, defects=["purged"])["VBA/_VBA_PROJECT"]) == 7
    assert b"Module1" not in vba_streams(MACROS, defects=["hidden-modules"])["PROJECT"]
    for defect, chunk in (("copy-before-start", b"\1\2\xb0\1\0\0"), ("bad-chunk-signature", b"\1\5\xd0")):
        sane, spoilt = (vba_streams(MACROS, defects=words)["VBA/Module1"][128:] for words in ([], [defect]))
        assert spoilt.startswith(chunk)
        assert spoilt.endswith(sane[1:])
    with pytest.raises(ValueError, match="no-such"):
        vba_streams(MACROS, defects=["no-such"])
