"""The XML reader: streaming, bounded, and without document types."""

import random
from contextlib import suppress
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.formats.xml import iter_elements, iter_events
from emotriage.model.errors import BudgetSpent, Malformed
from emotriage.model.limits import MIB, Budget, Limits

REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"


def elements(data: bytes, size: int = 1000, found=None, **limits: int):
    chunks = (data[at : at + size] for at in range(0, len(data), size))
    return list(iter_elements(chunks, Budget(Limits(**limits)), found))


def problems(data: bytes, **limits: int) -> set[str]:
    found = []
    elements(data, found=found, **limits)
    assert all(one.incomplete for one in found)
    return {one.code for one in found}


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_elements_come_as_they_end(size):
    data = b'<?xml version="1.0"?><a x="1"><b>one</b>mid<b/><c>t<d>u</d>v</c></a>'
    assert elements(data, size) == [
        ("b", {}, "one"),
        ("b", {}, ""),
        ("d", {}, "u"),
        ("c", {}, "tv"),
        ("a", {"x": "1"}, "mid"),
    ]


def test_starts_come_in_document_order():
    events = list(iter_events([b"<a><b i='1'>x</b></a>"], Budget(Limits())))
    assert [(one.start, one.element.tag) for one in events] == [(True, "a"), (True, "b"), (False, "b"), (False, "a")]


def test_namespaces_become_local_names_with_their_uri():
    for uri in (REL, STRICT):
        data = f'<w:x xmlns:w="urn:w" xmlns:any="{uri}" id="1" any:id="rId7" w:val="v"/>'.encode()
        ((tag, attributes, _),) = elements(data)
        assert (tag, tag.uri) == ("x", "urn:w")
        assert attributes == {"id": "1", "r:id": "rId7", "val": "v"}
    ((_, attributes, _),) = elements(b'<x xmlns:n="urn:n" n:val="theirs" val="own"/>')
    assert attributes == {"val": "own"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_encodings(encoding):
    declared = encoding.removesuffix("-sig")
    data = f"<?xml version='1.0' encoding='{declared}'?><a>é</a>".encode(encoding)
    assert elements(data) == [("a", {}, "é")]


@pytest.mark.parametrize("encoding", ["no-such-thing", "rot13", "shift_jis", "utf-7", "punycode", "idna", "undefined"])
def test_encodings_that_are_refused(encoding):
    data = f"<?xml version='1.0' encoding='{encoding}'?><a>text</a>".encode()
    with suppress(Malformed):
        elements(data)


@pytest.mark.parametrize(
    "subset",
    [
        b'<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;">]><a>&y;&y;&y;</a>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://emotriage.invalid/x"> %x;]><a/>',
        b'<!DOCTYPE a SYSTEM "http://emotriage.invalid/x"><a/>',
        b"<!DOCTYPE a><a/>",
    ],
)
def test_document_types_are_refused(subset):
    with pytest.raises(Malformed):
        elements(subset)
    found = []
    assert elements(subset, found=found) == []
    assert [one.code for one in found] == ["xml-dtd"]


def test_what_came_before_the_damage_is_kept():
    data = b"<a><b>1</b><b>2</b><b></c></a>"
    found = []
    assert elements(data, found=found) == [("b", {}, "1"), ("b", {}, "2")]
    assert {one.code for one in found} == {"xml-malformed"}
    kept = []
    with pytest.raises(Malformed):
        kept.extend(iter_elements([data], Budget(Limits())))
    assert problems(b"") == problems(b"<a>") == problems(b"no xml") == problems(b"<a/><b/>") == {"xml-malformed"}
    assert problems(b"<a>\0</a>") == {"xml-malformed"}


def test_deep_nesting_is_not_read_but_what_follows_is():
    data = b"<a>" + b"<d>" * 300 + b"x" + b"</d>" * 300 + b"<last>here</last></a>"
    found = []
    tags = [tag for tag, _, _ in elements(data, found=found)]
    assert tags.count("d") == 255
    assert tags[-2:] == ["last", "a"]
    assert [one.code for one in found] == ["xml-depth"]
    assert problems(b"<a>" * 100_000) == {"xml-depth"}


def test_long_text_is_cut_and_long_blanks_are_not_missed():
    found = []
    ((_, _, text),) = elements(b"<a>" + b"xy" * MIB + b"</a>", size=MIB // 3, found=found, string_bytes=1000)
    assert text == "xy" * 500
    assert [one.code for one in found] == ["xml-text-cut"]
    assert problems(b"<a>x" + b" \t\n" * MIB + b"</a>", string_bytes=1000) == set()


def test_padding_inside_costs_next_to_nothing():
    blank = bytes([0x20]) * MIB
    budget = Budget(Limits())
    chunks = [b"<a><b>1</b><!--", *[blank] * 200, b"--><b", *[blank] * 200, b">2</b>", *[blank] * 200, b"</a>"]
    found = list(iter_elements(iter(chunks), budget))
    assert [(tag, text.strip()) for tag, _, text in found] == [("b", "1"), ("b", "2"), ("a", "")]
    assert budget.work < 64 * MIB


def test_a_token_without_end_is_given_up():
    noise = "".join(chr(0x61 + index % 26) for index in range(1 << 16)).encode()
    chunks = [b"<a><b/><!-- ", *[noise] * 400]
    found = []
    assert [tag for tag, _, _ in iter_elements(iter(chunks), Budget(Limits()), found)] == ["b"]
    assert {one.code for one in found} == {"xml-malformed"}


def test_many_attributes_and_namespaces():
    many = " ".join(f'a{index}="{index}"' for index in range(20_000))
    ((_, attributes, _),) = elements(f"<a {many}/>".encode(), size=4096)
    assert len(attributes) == 20_000
    data = "<a>" + "".join(f'<n{index}:b xmlns:n{index}="urn:{index}"/>' for index in range(20_000)) + "</a>"
    assert len(elements(data.encode(), size=65536)) == 20_001


def test_the_budget_stops_it():
    with pytest.raises(BudgetSpent):
        elements(b"<a>" + b"<b/>" * 100_000 + b"</a>", work=MIB)


TEXT = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))
TREES = st.recursive(
    st.tuples(st.sampled_from("abc"), st.dictionaries(st.sampled_from("xyz"), TEXT, max_size=3), TEXT, st.just([])),
    lambda inner: st.tuples(
        st.sampled_from("abc"),
        st.dictionaries(st.sampled_from("xyz"), TEXT, max_size=3),
        TEXT,
        st.lists(inner, max_size=3),
    ),
    max_leaves=12,
)


def build(tree) -> ET.Element:
    tag, attributes, text, inner = tree
    element = ET.Element(tag, attributes)
    element.text = text
    element.extend(build(one) for one in inner)
    return element


@given(TREES, st.integers(1, 100), st.sampled_from(["utf-8", "utf-16"]))
def test_same_elements_as_elementtree(tree, size, encoding):
    root = build(tree)
    data = ET.tostring(root, encoding)

    def ends(element):
        for one in element:
            yield from ends(one)
        yield (element.tag, element.attrib, element.text or "")

    assert elements(data, size) == list(ends(root))


def test_truncations_and_mutants_raise_nothing_else():
    data = b'<?xml version="1.0" encoding="UTF-8"?><a xmlns:r="' + REL.encode() + b'" r:id="1"><b>&lt;&#65;</b></a>' * 1
    chance = random.Random(4)
    for length in range(len(data)):
        problems(data[:length])
    for _ in range(400):
        mutant = bytearray(data)
        for _ in range(chance.randint(1, 6)):
            mutant[chance.randrange(len(mutant))] = chance.randrange(256)
        problems(bytes(mutant))
