"""Pages of OneNote sections: what is shown where, which revision counts, and pictures that lie over icons."""

import struct

import pytest

from emotriage.formats.onenote import read_notebook
from emotriage.formats.onenote.fsshttpb import extended
from emotriage.formats.onenote.objects import CHILDREN, FILE_NAME, IMAGE_CONTAINER, TEXT, PageObject, newest
from emotriage.formats.onenote.onestore_properties import Properties, read_properties
from emotriage.formats.onenote.page import arrange, covers
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget, Limits
from emotriage.testing import notebook

ACROSS, DOWN, WIDTH, HEIGHT, PAGE = 0x14001C14, 0x14001C15, 0x140034CD, 0x140034CE, 0x14001C01
PICTURE = {"button.png": b"\x89PNG\r\n\x1a\n" + bytes(40)}


def read(data: bytes):
    return read_notebook(Blob(data), Budget(Limits()))


def number(value: float) -> int:
    return struct.unpack("<I", struct.pack("<f", value))[0]


def thing(name: int, *children: int, offset: int = 0, **said: object) -> PageObject:
    """An object with a number of its own; children by number, `at` and `size` as pairs, text and file by name."""
    numbers = {}
    for key, prids in (("at", (ACROSS, DOWN)), ("size", (WIDTH, HEIGHT))):
        numbers |= {prid: number(value) for prid, value in zip(prids, said.get(key, ()), strict=False)}
    numbers |= {PAGE: 1} if said.get("page") else {}
    data = {
        prid: str(said[key]).encode("utf-16-le") for prid, key in ((TEXT, "text"), (FILE_NAME, "file")) if key in said
    }
    objects = {CHILDREN[1]: children, **({IMAGE_CONTAINER: (99,)} if said.get("picture") else {})}
    places = {CHILDREN[1]: 0, IMAGE_CONTAINER: len(children)}
    properties = Properties(data=data, objects=objects, places=places, numbers=numbers)
    return PageObject((b"", name), properties, tuple((b"", one) for one in (*children, 99)), offset)


def laid_out(*things: PageObject):
    shown = arrange(newest(things), Budget(Limits()))
    return shown, covers(shown, Budget(Limits()))[0]


def test_texts_pictures_and_files_in_their_places():
    data = notebook(
        {"open.hta": b"x"}, text="one\ntwo", pictures=PICTURE, covered=True, alt_text="Open", link="file://a"
    )
    found = read(data)
    assert [(one.what, one.text) for one in found.shown] == [
        ("text", "one"),
        ("text", "two"),
        ("file", "open.hta"),
        ("picture", "Open"),
    ]
    assert found.shown[2].box == (0.5, 0.0, 1.0, 1.0)
    assert found.shown[3].addresses == ("file://a",)
    assert [(one.file.text, one.share, one.above) for one in found.covers] == [("open.hta", 1.0, True)]


def test_a_picture_beside_the_icon_covers_nothing():
    assert read(notebook({"open.hta": b"x"}, pictures=PICTURE)).covers == ()


@pytest.mark.parametrize(
    ("at", "share", "above"), [((1.0, 1.0), 1.0, True), ((1.5, 1.0), 0.5, True), ((1.0, 3.0), None, True)]
)
def test_how_much_of_an_icon_a_picture_takes(at, share, above):
    page = thing(1, 2, 3, page=True)
    _, found = laid_out(page, thing(2, file="a.cmd", at=(1.0, 1.0), size=(1.0, 1.0)), thing(3, picture=True, at=at))
    assert [(one.share, one.above) for one in found] == ([(share, above)] if share else [])


def test_an_icon_that_comes_later_lies_on_the_picture():
    page = thing(1, 3, 2, page=True)
    _, found = laid_out(page, thing(2, file="a.cmd", at=(0.0, 0.0)), thing(3, picture=True, at=(0.0, 0.0)))
    assert [one.above for one in found] == [False]


def test_an_outline_moves_what_is_in_it_and_paragraphs_follow_each_other():
    outline = thing(2, 3, 4, at=(4.0, 5.0))
    shown, _ = laid_out(thing(1, 2, page=True), outline, thing(3, text="one"), thing(4, file="a.cmd"))
    assert [one.box[:2] for one in shown] == [(4.0, 5.0), (4.0, pytest.approx(5.6))]


def test_pages_keep_apart_what_has_the_same_place():
    things = [thing(1, 2, page=True), thing(2, file="a.cmd"), thing(3, 4, page=True), thing(4, picture=True)]
    shown, found = laid_out(*things)
    assert shown[0].page != shown[1].page
    assert found == ()


def test_the_last_revision_of_an_object_counts():
    page = thing(1, 2, 3, page=True)
    old = thing(3, picture=True, at=(9.0, 9.0), size=(1.0, 1.0))
    new = thing(3, picture=True, at=(1.0, 1.0), size=(1.0, 1.0))
    icon = thing(2, file="a.cmd", at=(1.0, 1.0), size=(1.0, 1.0))
    assert [one.share for one in laid_out(page, icon, old, new)[1]] == [1.0]
    assert laid_out(page, icon, new, old)[1] == ()


def test_loops_and_what_no_page_holds_are_shown_once():
    shown, _ = laid_out(thing(1, 2, text="one"), thing(2, 1, text="two"), thing(3, text="three"))
    assert sorted(one.text for one in shown) == ["one", "three", "two"]


def test_a_hundred_thousand_levels_are_no_recursion():
    things = [thing(level, level + 1) for level in range(100_000)]
    shown, _ = laid_out(*things, thing(100_000, text="deep"))
    assert [one.text for one in shown] == ["deep"]


def test_no_length_of_a_page_is_infinite():
    for value in (float("nan"), float("inf"), -float("inf"), 1e30):
        assert Properties(numbers={ACROSS: number(value)}).length(ACROSS) is None


def test_too_many_to_compare_are_a_gap():
    files = [thing(1000 + one, file="a.cmd") for one in range(300)]
    pictures = [thing(2000 + one, picture=True) for one in range(300)]
    page = thing(1, *(one.id[1] for one in (*files, *pictures)), page=True)
    shown = arrange(newest([page, *files, *pictures]), Budget(Limits()))
    _, odd = covers(shown, Budget(Limits()))
    assert [one.code for one in odd if one.incomplete] == ["too-many-on-a-page"]


def test_a_link_in_a_text_is_taken_out_of_it():
    shown, _ = laid_out(thing(1, text='see \ufddfHYPERLINK "https://emotriage.invalid/a"the plan'))
    assert shown[0].text == "see the plan"
    assert shown[0].addresses == ("https://emotriage.invalid/a",)


def test_references_keep_their_places_behind_nested_sets():
    ids = struct.pack("<I3I", 3 | 1 << 31, 5, 6, 7)
    inner = struct.pack("<HI", 1, 0x20000001)
    raw = ids + struct.pack("<HII", 2, 0x44000002, 0x24001C20) + inner + struct.pack("<I", 2)
    said = read_properties(raw, Budget(Limits()))
    assert said.places[0x24001C20] == 1
    assert said.objects[0x24001C20] == (6, 7)


@pytest.mark.parametrize(
    ("raw", "value", "taken"),
    [
        (b"\0", 0, 1),
        (bytes([5 << 3 | 4]), 5, 17),
        ((700 << 6 | 0x20).to_bytes(2, "little"), 700, 18),
        ((70_000 << 7 | 0x40).to_bytes(3, "little"), 70_000, 19),
        (b"\x80" + (1 << 20).to_bytes(4, "little"), 1 << 20, 21),
    ],
)
def test_extended_guids_of_every_width(raw, value, taken):
    guid = bytes(range(16)) if raw != b"\0" else b""
    assert extended(raw + guid + b"rest") == ((guid, value), taken)
