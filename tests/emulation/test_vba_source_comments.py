"""Lines of nothing but comments: they leave the code, and every other line keeps its number."""

import random

import pytest

from emotriage.emulation.vba.source import read_source
from emotriage.model.limits import Budget, Limits

LINES = (
    "' The whale was white",
    "\t'' twice",
    "'continued _",
    "x = 1 ' aside",
    'y = "open',
    "",
    "Rem old",
    "z = 2 _",
    'Attribute VB_Name = "M"',
    "\x1e' marked",
)  # fmt: skip


def read(text):
    return read_source(text, Budget(Limits()))


def test_a_block_of_comments_takes_one_line_of_the_code():
    source = read("Sub a()\n" + "' filler\n" * 1000 + "  Beep\n" + "' more\n" * 500 + "End Sub\n")
    assert len(source.code) < 100
    assert source.comments == 1000 * len("' filler") + 500 * len("' more")
    assert source.line(source.code.index("Beep")) == 1002
    assert source.line(source.code.index("End Sub")) == 1503
    assert source.line(0) == 1
    assert [one.name for one in source.procedures()] == ["a"]


@pytest.mark.parametrize("seed", range(60))
def test_lines_keep_their_numbers(seed):
    rng = random.Random(seed)
    lines = [rng.choice(LINES) for _ in range(rng.randrange(1, 60))]
    marks = {}
    for number in rng.sample(range(len(lines)), min(8, len(lines))):
        if not (number and lines[number - 1].endswith("_")):
            lines[number] = f"mark{number} = {number}"
            marks[f"mark{number} ="] = number + 1
    source = read("\n".join(lines))
    for mark, number in marks.items():
        assert source.line(source.code.index(mark)) == number, lines


def test_work_is_small_for_comments_and_grows_no_faster_than_they():
    works = []
    for count in (20_000, 80_000):
        budget = Budget(Limits())
        read_source("' The whale was white, and the text was hidden.\n" * count + "Sub a()\nEnd Sub\n", budget)
        works.append(budget.work)
        assert budget.work < 5 * 48 * count
    assert works[1] < 4.1 * works[0]
