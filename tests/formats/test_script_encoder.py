"""Scripts of the Script Encoder are read back as they were, and damage is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.formats.script.encoder import decode
from emotriage.model.limits import Budget, Limits
from emotriage.testing import encoded_script

PLAIN = 'Set shell = CreateObject("WScript.Shell")\nshell.Run "emotriage-inert <a> @ b"\t\'\n'


def encoded(content: str = PLAIN, **more: str) -> str:
    return encoded_script(content, **more).decode("latin-1")


def budget() -> Budget:
    return Budget(Limits())


def test_a_block_is_read_back():
    read = decode(encoded(), budget())
    assert read.blocks == (PLAIN.replace("\n", "\r\n"),)
    assert read.damaged == 0


def test_the_alphabets_are_those_of_the_encoder():
    """Letters as they stand in files that the encoder itself wrote: ours could be wrong on both sides."""
    assert decode("#@~^EgAAAA==@#@&@#@&i0!xmDkKUP", budget()).blocks == ("\r\n\r\n\tfunction ",)


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=300))
def test_every_text_comes_back(content):
    read = decode(encoded(content, newline="\n"), budget())
    assert (read.blocks, read.damaged) == ((content,), 0)


def test_blocks_of_a_page_are_read_in_their_places():
    page = encoded("one()", before="<%", after="%>") + "\n" + encoded("two()", before="<b>", after="</b>")
    assert decode(page, budget()).text == "<%one()%>\n<b>two()</b>"


def test_letters_that_are_not_ascii_do_not_count_as_places():
    block = encoded("abcdefgh")
    at = block.index("==") + 2
    assert decode(block[: at + 3] + "\u65e5" + block[at + 3 :], budget()).blocks[0].startswith("abc\u65e5defgh")


@pytest.mark.parametrize(
    "broken",
    [
        encoded()[:-20],
        encoded()[:60],
        encoded().replace("^#~@", ""),
        encoded().replace("==", "=A", 2).replace("=A", "==", 1),
        encoded()[:30] + encoded()[31:],
        encoded()[:30] + encoded(),
    ],
    ids=["cut", "head", "no end", "no sum", "a letter less", "begun again"],
)
def test_damage_is_told_and_the_rest_is_read(broken):
    read = decode(broken, budget())
    assert read.damaged
    assert "Set shell" in read.text


def test_a_wrong_length_does_not_hide_the_text():
    wrong = decode("#@~^" + "AQAAAA==" + encoded()[12:], budget())
    assert (wrong.damaged, wrong.blocks) == (1, (PLAIN.replace("\n", "\r\n"),))


@pytest.mark.parametrize("text", ["", "#@~^", "#@~^AAAA", "the mark #@~^ begins a block", "^#~@"])
def test_texts_without_blocks_stay(text):
    read = decode(text, budget())
    assert (read.text, read.blocks, read.damaged) == (text, (), int(text.startswith("#@~^")))


def test_more_blocks_than_are_read_count_as_damaged():
    assert decode(encoded("x") * 300, budget()).damaged == 44


@pytest.mark.parametrize("unit", ["#@~^AAAAAA==", "#@~^", "#@~^//////==", "#@~^AAAAAA==AAAAAA==^#~@", "^#~@@&"])
def test_work_is_linear(unit):
    works = []
    for count in (2000, 4000):
        spent = budget()
        decode(unit * count, spent)
        works.append(spent.work)
    assert works[1] < 2.2 * works[0] + 100_000
