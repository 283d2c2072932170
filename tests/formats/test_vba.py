"""VBA projects: the same sources as oletools, wherever they lie, and what is left of damaged ones."""

import struct
import warnings
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.formats.vba import read_projects
from emotriage.formats.vba.dir import codec_of, read_directory
from emotriage.formats.vba.ovba import decompress
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.limits import Budget, Limits
from emotriage.testing import compound_file, document, vba_project, workbook
from emotriage.testing.ovba import vba_streams
from emotriage.testing.ovba_compression import compress

MACROS = {
    "Module1": 'Sub AutoOpen()\r\n  Debug.Print "emotriage-inert"\r\nEnd Sub\r\n',
    "Helper": "Public Const Answer = 42\r\n" * 300,
}


@cache
def _olevba():
    with warnings.catch_warnings():  # oletools and what it pulls in warn when they are compiled
        warnings.simplefilter("ignore")
        from oletools.olevba import VBA_Parser
    return VBA_Parser


def _projects(data, **limits):
    return read_projects(Blob(data), Budget(Limits(**limits)))


def _codes(projects, *, incomplete=False):
    return {one.code for project in projects for one in project.anomalies if one.incomplete or not incomplete}


def _source(projects, name):
    (source,) = {one.source for project in projects for one in project.modules if one.name == name}
    return source


@pytest.mark.parametrize(
    "data",
    [
        document(macros=MACROS),
        workbook("xls", macros=MACROS),
        vba_project(MACROS, host="excel"),
        document(macros=MACROS, vba={"literal_only": True}),
        document(macros={"モジュール": "' 日本語 ソ表\r\nSub 開く()\r\nEnd Sub\r\n"}, vba={"code_page": 932}),
        document(macros=MACROS, vba={"kinds": {"Helper": "class"}}, container={"version": 4}),
        document(macros=MACROS, vba_part="ObjectPool/_123/Macros"),
    ],
    ids=["doc", "xls", "bin", "literal", "japanese", "v4", "pool"],
)
def test_sources_are_those_of_oletools(data):
    parser = _olevba()("sample", data=data)
    theirs = sorted(code for _, _, _, code in parser.extract_macros())
    parser.close()
    projects = _projects(data)
    assert sorted(one.source for project in projects for one in project.modules) == theirs
    assert _codes(projects, incomplete=True) == set()


def test_a_project_tells_what_it_is():
    kinds = {"Helper": "class", "Dialog": "form"}
    (project,) = _projects(document(macros=MACROS | {"Dialog": "' form"}, vba={"kinds": kinds, "name": "Billing"}))
    assert (project.storage, project.name, project.code_page) == ("Macros/VBA", "Billing", 1252)
    found = {one.name: one.kind for one in project.modules}
    assert found == {"ThisDocument": "document", "Module1": "standard", "Helper": "class", "Dialog": "form"}
    assert project.references[0].target.endswith("stdole2.tlb#OLE Automation")
    assert "Module=Module1" in project.text


def test_names_survive_a_second_byte_that_is_a_backslash():
    (project,) = _projects(document(macros={"表ソ": "' \r\n"}, vba={"code_page": 932}))
    assert "表ソ" in {one.name for one in project.modules}
    assert "names-disagree" not in _codes((project,))


@pytest.mark.parametrize(
    ("said", "codec"),
    [(932, "cp932"), (65001, "utf_8"), (10000, "mac_roman"), (1361, "johab"), (0, None), (99999, None), (20261, None)]
    + [(page, None) for page in (1200, 1201, 37, 500, 1026, 1140, 50220, 52936, 65000)],
)
def test_code_pages(said, codec):
    assert codec_of(said) == codec
    projects = _projects(document(macros=MACROS, vba={"declared_code_page": said}))
    assert ("code-page-unknown" in _codes(projects, incomplete=True)) == (codec is None)
    assert "AutoOpen" in _source(projects, "Module1")


@pytest.mark.parametrize(
    ("defect", "code"),
    [
        ("no-dir", "dir-missing"),
        ("corrupt-dir", "dir-without-modules"),
        ("bad-module-offset", "module-offset-wrong"),
        ("bad-module-offset:3", "module-offset-wrong"),
        ("missing-signature", "signature-missing"),
        ("bad-chunk-signature", "chunk-signature"),
        ("copy-before-start", "copy-before-start"),
        ("chunk-size-lies", "chunk-past-end"),
    ],
)
@pytest.mark.parametrize("format_", ["doc", "xls"])
def test_source_is_found_in_a_damaged_project(defect, code, format_):
    build = document if format_ == "doc" else workbook
    projects = _projects(build(format_, macros=MACROS, defects=[defect]))
    assert code in _codes(projects, incomplete=True)
    assert any("AutoOpen" in one.source for project in projects for one in project.modules)


@pytest.mark.parametrize("defect", ["empty-source", "no-source"])
def test_compiled_code_without_source_is_a_gap(defect):
    projects = _projects(document(macros=MACROS, defects=[defect]))
    assert _codes(projects, incomplete=True) == {"source-missing"}


def test_source_of_blanks_is_no_source():
    streams = vba_streams(MACROS)
    streams["VBA/Module1"] = bytes(128) + compress(b"\0" * 5000)
    projects = _projects(compound_file({f"Macros/{path}": data for path, data in streams.items()}))
    assert "source-missing" in _codes(projects, incomplete=True)


def test_a_purged_project_is_whole():
    projects = _projects(document(macros=MACROS, defects=["purged"]))
    assert _codes(projects) == {"purged"}
    assert _codes(projects, incomplete=True) == set()
    assert "AutoOpen" in _source(projects, "Module1")


def test_names_that_disagree_are_named():
    projects = _projects(document(macros=MACROS, vba={"unicode_names": {"Module1": "Module9"}}))
    assert "names-disagree" in _codes(projects)
    projects = _projects(document(macros=MACROS))
    assert "names-disagree" not in _codes(projects)


def _with_directory(change, streams=None):
    """A project whose decompressed dir stream was changed, and streams replaced."""
    made = vba_streams(MACROS)
    directory = decompress(made["VBA/dir"], Budget(Limits()), 1 << 20).data
    made["VBA/dir"] = compress(change(directory))
    made |= streams(made) if streams else {}
    return _projects(compound_file({f"Macros/{path}": data for path, data in made.items()}))


def _record(number, data):
    return struct.pack("<HI", number, len(data)) + data


DECOY = b'Attribute VB_Name = "Module1"\r\nSub Nothing()\r\nEnd Sub\r\n'
OVERRIDES = {
    "offset": _record(0x31, struct.pack("<I", len(vba_streams(MACROS)["VBA/Module1"]))),
    "stream": _record(0x1A, b"Helper") + _record(0x32, "Helper".encode("utf-16-le")),
    "code-page": _record(0x03, struct.pack("<H", 1201)),
}


@pytest.mark.parametrize("name", OVERRIDES)
@pytest.mark.parametrize("behind", [True, False], ids=["behind-the-end", "in-the-module"])
def test_records_that_come_again_change_nothing(name, behind):
    """The decoy lies behind the real source; a record that leads there must not make that vanish."""

    def change(directory):
        if behind:
            return directory + OVERRIDES[name]
        inside = directory.index(_record(0x21, b""), directory.index(_record(0x19, b"Module1")))
        return directory[:inside] + OVERRIDES[name] + directory[inside:]

    projects = _with_directory(change, lambda made: {"VBA/Module1": made["VBA/Module1"] + compress(DECOY)})
    assert {"dir-goes-on" if behind else "record-repeated"} <= _codes(projects, incomplete=True)
    assert any("AutoOpen" in one.source for one in projects[0].modules if one.name == "Module1")


def test_zeros_behind_the_end_of_the_directory_are_slack():
    assert _codes(_with_directory(lambda directory: directory + bytes(40))) == set()


def test_source_beside_the_one_that_the_directory_names_is_read():
    size = len(vba_streams(MACROS)["VBA/Module1"])

    def change(directory):
        at = directory.index(_record(0x19, b"Module1"))
        at = directory.index(b"\x31\0\4\0\0\0", at) + 6
        return directory[:at] + struct.pack("<I", size) + directory[at + 4 :]

    projects = _with_directory(change, lambda made: {"VBA/Module1": made["VBA/Module1"] + compress(DECOY)})
    assert "module-not-in-dir" in _codes(projects)
    assert "AutoOpen" in _source(projects, "Module1")


@pytest.mark.parametrize("first", ["ATTRIBUTE", "attribute", "Attribute", "' aaaaaaaaaaaaaaaaaa\r\nAttribute"])
def test_both_streams_are_read_where_their_names_disagree(first):
    evil = first.encode() + b' VB_Name = "Module1"\r\nSub AutoOpen()\r\nEnd Sub\r\n'

    def change(directory):
        wide = "Module1".encode("utf-16-le")
        at = directory.index(_record(0x32, wide))
        return directory[:at] + _record(0x32, "Decoy".encode("utf-16-le")) + directory[at + 6 + len(wide) :]

    def streams(made):
        return {"VBA/Module1": bytes(128) + compress(evil), "VBA/Decoy": bytes(128) + compress(DECOY)}

    projects = _with_directory(change, streams)
    assert "names-disagree" in _codes(projects)
    assert any("AutoOpen" in one.source for one in projects[0].modules)
    made = vba_streams({})
    files = {f"Macros/{path}": data for path, data in (made | {"VBA/Other": bytes(128) + compress(evil)}).items()}
    assert any("AutoOpen" in one.source for one in _projects(compound_file(files))[0].modules)


def test_modules_that_a_list_leaves_out():
    assert "module-not-in-project-stream" in _codes(_projects(document(macros=MACROS, defects=["hidden-modules"])))
    streams = {f"Macros/{path}": data for path, data in vba_streams(MACROS).items()}
    more = compress(b'Attribute VB_Name = "Extra"\r\nSub Hidden()\r\nEnd Sub\r\n')
    projects = _projects(compound_file(streams | {"Macros/VBA/Extra": b"\x01\x16\x01" + more}))
    assert "module-not-in-dir" in _codes(projects)
    assert "Hidden" in _source(projects, "Extra")


def test_protection_fields_that_are_no_digits():
    assert "protection-fields" in _codes(_projects(document(macros=MACROS, defects=["unviewable"])))
    assert "protection-fields" not in _codes(_projects(document(macros=MACROS)))


def test_source_without_any_project_is_found():
    stray = compress(b'Attribute VB_Name = "Stray"\r\nSub Main()\r\nEnd Sub\r\n')
    projects = _projects(compound_file({"WordDocument": bytes(600), "odd/stream": bytes(5000) + stray}))
    assert "Main" in _source(projects, "Stray")


def test_two_projects_of_one_file_are_both_read():
    one = {f"Macros/{path}": data for path, data in vba_streams({"A": "Sub One()\r\nEnd Sub\r\n"}).items()}
    two = {
        f"ObjectPool/_7/Macros/{path}": data for path, data in vba_streams({"B": "Sub Two()\r\nEnd Sub\r\n"}).items()
    }
    names = {module.name for project in _projects(compound_file(one | two)) for module in project.modules}
    assert {"A", "B"} <= names


def test_the_limit_of_all_modules_is_kept_and_named():
    big = {"Module1": "' filler\r\n" * 40_000, "Module2": "' filler\r\n" * 40_000}
    projects = _projects(document(macros=big), vba_module_bytes=300_000, vba_project_bytes=350_000)
    assert "output-limit" in _codes(projects, incomplete=True)
    assert sum(len(one.source) for project in projects for one in project.modules) <= 350_000


def test_an_old_project_is_a_gap():
    projects = _projects(compound_file({"Book": bytes(100), "_VBA_PROJECT/dir": b"\xcc\x61\x04\x00" + bytes(200)}))
    assert _codes(projects, incomplete=True) == {"office-95-project"}


def test_storages_left_empty_are_nothing():
    assert _projects(compound_file({"Macros/VBA/dir": b"", "Macros/VBA/_VBA_PROJECT": b""})) == ()


@given(st.integers(0, 30_000), st.binary(min_size=1, max_size=40), st.booleans())
def test_damage_never_raises_anything_else(at, noise, cut):
    data = bytearray(_sample())
    at %= len(data)
    data = data[:at] if cut else data[:at] + noise + data[at + len(noise) :]
    try:
        projects = _projects(bytes(data))
    except FormatError:
        return
    assert all(isinstance(one.source, str) for project in projects for one in project.modules)


@given(st.binary(max_size=400))
def test_any_bytes_are_some_dir_stream(data):
    found = read_directory(data, Budget(Limits()))
    assert len(found.modules) + len(found.references) <= len(data) // 6


@cache
def _sample():
    return document(macros=MACROS)
