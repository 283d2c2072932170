"""What macros ask about the machine, the window and the cells, and what an ordinary desktop answers.

Nothing of the machine that scans is in the answers. Whoever decides on one of them is shown both ways (`machine`).
"""

from collections.abc import Iterable, Mapping
from itertools import product
from math import prod

from emotriage.emulation.xlm.values import Scalar, text_of
from emotriage.formats.excel.cell_looks import Look

_WORKSPACE: dict[int, Scalar] = {
    1: "Windows (32-bit) NT 10.00",
    2: "16.0",
    4: False,
    5: True,
    6: True,
    7: True,
    13: 1440.0,
    14: 810.0,
    15: 3.0,
    16: 1048576.0,
    17: 1048576.0,
    18: True,
    19: True,
    23: "C:\\Program Files\\Microsoft Office\\root\\Office16\\XLSTART",
    26: "user",
    31: False,
    32: "C:\\Program Files\\Microsoft Office\\root\\Office16",
    40: True,
    42: True,
    43: True,
    48: "C:\\Program Files\\Microsoft Office\\root\\Office16\\LIBRARY",
}
_WINDOW: dict[int, Scalar] = {2: 1.0, 7: False, 8: False, 9: True, 10: True, 20: True, 22: 1.0, 23: 3.0, 25: 100.0}
_DOCUMENT: dict[int, Scalar] = {4: False, 12: 1.0, 50: 1.0}
_QUESTIONS: dict[str, dict[int, Scalar]] = {
    "GET.WORKSPACE": _WORKSPACE,
    "GET.WINDOW": _WINDOW,
    "GET.DOCUMENT": _DOCUMENT,
}
QUESTIONS = frozenset(_QUESTIONS)
"""Calls that ask about the machine, the window or the document, by a number."""


def answer(question: str, number: int) -> Scalar:
    """What an ordinary desktop answers; None where it is not known."""
    return _QUESTIONS[question].get(number)


Answers = Mapping[tuple[str, int], Scalar]
"""What other surroundings answer, by question and its number."""
_MOST_TRIED = 128
_SIZES = tuple(float(one) for one in range(6, 37))
_COLOURS = tuple(float(one) for one in range(57))
_POINTS = (1024, 1152, 1280, 1366, 1440, 1536, 1600, 1680, 1920, 2560, 3840, 600, 720, 768, 800, 864, 900, 1050, 1080)
_SCREENS = tuple(float(one) * scale for scale in (1.0, 0.75) for one in _POINTS)
_OTHERS: dict[tuple[str, int], tuple[Scalar, ...]] = {
    ("GET.WORKSPACE", 2): ("15.0", "14.0", "12.0", "11.0", "10.0", "9.0", "8.0"),
    ("GET.WORKSPACE", 13): _SCREENS,
    ("GET.WORKSPACE", 14): _SCREENS,
    ("GET.WORKSPACE", 15): (1.0, 2.0, 3.0),
    ("GET.WINDOW", 22): (1.0, 2.0, 3.0, 4.0),
    ("GET.WINDOW", 23): (1.0, 2.0, 3.0),
    ("GET.WINDOW", 25): (100.0, 50.0, 70.0, 75.0, 80.0, 85.0, 90.0, 110.0, 120.0, 125.0, 130.0, 150.0, 175.0, 200.0),
    ("GET.DOCUMENT", 3): (1.0, 2.0, 3.0, 4.0, 5.0, 6.0),
    ("GET.DOCUMENT", 12): tuple(float(one) for one in range(1, 17)),
    ("GET.DOCUMENT", 14): (1.0, 2.0, 3.0),
    ("GET.DOCUMENT", 50): tuple(float(one) for one in range(17)),
    ("GET.CELL", 8): tuple(float(one) for one in range(1, 9)),
    ("GET.CELL", 17): tuple(sorted({*(one * 0.75 for one in range(8, 48)), *_SIZES})),
    ("GET.CELL", 19): _SIZES,
    ("GET.CELL", 24): _COLOURS,
    ("GET.CELL", 38): _COLOURS,
    ("GET.CELL", 50): (1.0, 2.0, 3.0, 4.0, 5.0),
    ("GET.CELL", 63): _COLOURS,
}


def surroundings(asked: Iterable[tuple[str, int]]) -> dict[str, Answers]:
    """Surroundings that answer those questions in every way, by what people call them.

    Where those would be too many, truths keep their usual answers first: both ways are taken where one decides.
    """
    values: dict[tuple[str, int], tuple[Scalar, ...]] = {}
    known = {one: _others(*one) for one in asked}
    for one in sorted(known, key=lambda one: (len(known[one]) == 2, len(known[one]), one)):
        if known[one] and prod(map(len, values.values())) * len(known[one]) <= _MOST_TRIED:
            values[one] = known[one]
    if not values:
        return {}
    found: dict[str, Answers] = {}
    for choice in product(*values.values()):
        answers = dict(zip(values, choice, strict=True))
        found[", ".join(f"{name}({number}) is {text_of(one)}" for (name, number), one in answers.items())] = answers
    return found


def _others(question: str, number: int) -> tuple[Scalar, ...]:
    """What may be answered."""
    if question != "GET.CELL" and isinstance(answer(question, number), bool):
        return True, False
    return _OTHERS.get((question, number), ())


def look_answer(number: int, look: Look, height: float) -> Scalar:
    """GET.CELL for what the file says about how a cell looks; None for what it does not."""
    font = look.font
    answers: dict[int, Scalar] = {
        7: look.number_format,
        8: float(look.horizontal),
        14: look.locked,
        17: height,
        18: font.name,
        19: font.size,
        20: font.bold,
        21: font.italic,
        22: font.underlined,
        23: font.struck,
        24: float(font.colour),
        33: look.wrapped,
        38: float(look.fill),
        50: float(look.vertical),
        63: float(look.fill),
    }
    return answers.get(number)
