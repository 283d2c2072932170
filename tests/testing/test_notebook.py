"""The notebook writer against pyOneNote, which reads the same specification."""

import io
import warnings
from typing import get_args

import pytest

from emotriage.testing.notebook import Defect, notebook

FILES = {"invoice.hta": b"<hta:application>", "second.wsf": b"<job/>" * 40, "no-extension": b""}
GUID = bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac")


def read(data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyOneNote.OneDocument import OneDocment

        return OneDocment(io.BytesIO(data))


def named(document):
    """File contents by the name that the page shows, joined as pyOneNote's own report joins them."""
    files = {one["identity"]: one["content"] for one in document.get_files().values()}
    nodes = [one["val"] for one in document.get_properties() if one["type"] == "jcidEmbeddedFileNode"]
    return {one["EmbeddedFileName"].rstrip("\0"): files[one["EmbeddedFileContainer"][0]] for one in nodes}


def test_embedded_files_come_back_by_name():
    document = read(notebook(embed=FILES))
    assert named(document) == FILES
    extensions = {one["extension"] for one in document.get_files().values()}
    assert extensions == {".hta", ".wsf", ""}


def test_header_states_the_file_s_length():
    data = notebook(embed=FILES, text="Double click", pictures={"button.png": b"\x89PNG"})
    assert read(data).header.cbExpectedFileLength == len(data)
    assert read(notebook(expected_length=7)).header.cbExpectedFileLength == 7


def test_text_picture_link_and_source_are_properties():
    data = notebook(
        embed={"a.cmd": b"rem"},
        text="Double click\nto view",
        pictures={"button.png": b"\x89PNG"},
        alt_text="a button",
        link="http://a.invalid/",
    )
    values = [one["val"] for one in read(data).get_properties()]
    texts = [one["RichEditTextUnicode"] for one in values if "RichEditTextUnicode" in one]
    assert texts == ["Double click\0", "to view\0"]
    [file] = [one for one in values if "EmbeddedFileName" in one]
    assert file["SourceFilepath"] == "C:\\inert\\a.cmd\0"
    [image] = [one for one in values if "ImageFilename" in one]
    assert (image["ImageAltText"], image["WzHyperlinkUrl"]) == ("a button\0", "http://a.invalid/\0")


def test_a_covering_picture_lies_over_the_icon():
    def boxes(covered):
        data = notebook(embed={"a.cmd": b"rem"}, pictures={"button.png": b"\x89PNG"}, covered=covered)
        values = [one["val"] for one in read(data).get_properties() if "PictureWidth" in one["val"]]
        return [(one["OffsetFromParentVert"], one["OffsetFromParentVert"] + one["PictureHeight"]) for one in values]

    (top, _), (picture_top, picture_bottom) = boxes(covered=True)
    assert picture_top <= top < picture_bottom
    (_, bottom), (picture_top, _) = boxes(covered=False)
    assert picture_top >= bottom


def test_more_objects_than_one_identity_holds():
    files = {f"file {number}.txt": b"%d" % number for number in range(300)}
    assert named(read(notebook(embed=files))) == files


def test_same_arguments_same_bytes():
    assert notebook(embed=FILES, text="x") == notebook(embed=FILES, text="x")


def test_layouts_differ_in_their_guids():
    header = read(notebook(layout="table-of-contents")).header
    assert header.guidFileType == header.ONETOC2_UUID
    packaged = notebook(embed={"a.cmd": b"rem inert"}, layout="packaged")
    assert packaged[48:64] == bytes.fromhex("2fe98d63d4a6c14b9a36b3fc2511a5b7")
    assert b"rem inert" in packaged
    assert GUID not in packaged


def test_files_without_their_guid_are_reached_by_nodes_alone():
    data = notebook(embed={"a.cmd": b"rem inert"}, defect="file-guid")
    assert GUID not in data
    assert named(read(data)) == {"a.cmd": b"rem inert"}


def test_files_without_nodes_are_reached_by_guid_alone():
    data = notebook(embed={"a.cmd": b"rem inert"}, defect="unreferenced-file")
    assert data.count(GUID) == 1
    assert [one["content"] for one in read(data).get_files().values()] == [""]


@pytest.mark.parametrize("defect", [one for one in get_args(Defect) if one])
def test_each_defect_changes_the_file(defect):
    assert notebook(embed=FILES, defect=defect) != notebook(embed=FILES)
