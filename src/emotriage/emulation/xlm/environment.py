"""What macros ask about the machine, the window and the cells, and what an ordinary desktop answers.

Nothing of the machine that scans is in the answers. Whoever decides on one of them is shown both ways (`machine`).
"""

from emotriage.emulation.xlm.values import Scalar
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
