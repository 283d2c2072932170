"""Scripts that went through Microsoft's Script Encoder (``JScript.Encode``, ``VBScript.Encode``), read back.

It has no specification of its own. A block is ``#@~^``, the length of its text as eight base64 digits, the text, the
sum of its plain characters as eight more, and ``^#~@``. Each plain character is looked up in one of three tables, by
a pattern of 64 places; line ends, ``<``, ``>`` and ``@`` are written as ``@`` and a sign, and what is not ASCII stays.
"""

import base64
import re
from dataclasses import dataclass

from emotriage.model.limits import RECORD, Budget

MARK = "#@~^"
_END = "^#~@"
_BLOCK = re.compile(r"#@~\^([A-Za-z0-9+/]{6}==)")
_FOOT = re.compile(r"[A-Za-z0-9+/]{6}==\Z")
_SIGN = re.compile(r"@([&#*!$])")
_SIGNS = {"&": "\n", "#": "\r", "*": ">", "!": "<", "$": "@"}
_CODES = bytes([9, *range(32, 128)])
_TABLES = (
    bytes.fromhex(
        "572e477a56426a2f26494134325b7672433839704568714f09624423754a7e4a5e40774a615d224b6f4e3b4c50672a7d74"
        "542b2d2c306e6b66352521644d52633f7b7829287359337f6d55537c3a5f65465831696c5a48275c3d24793760512036"
    ),
    bytes.fromhex(
        "6e2d755260715e495c627d2936207c7a7f6b63332b68516676316454434c3a4c7e4c452c2a7427374479592f6f26726a39"
        "7b3f387767534734785d30235a5b6c485570692e4c21244e5009567335614b583b57226d4d2528464a32413d5f4f4265"
    ),
    bytes.fromhex(
        "7b323021295b38333d583a3565395c5673664e456b6259785e7d4a6d714160415340422748727531374d5222546a47642d"
        "207f2e4c5d7e6c6f797443267625242b28234134092a443f773b55696163506751494f46687c36706e7a2f5f4b5a2c57"
    ),
)
"""What the codes of `_CODES` stand for, in each of the three alphabets."""
_PATTERN = "0120121221210212021200122102122100212120200120210212001220012021"
_ALPHABETS = tuple(
    {code: plain for code, plain in zip(_CODES, table, strict=True) if code not in b"<>@"} for table in _TABLES
)
_TURNS = tuple(_ALPHABETS[int(one)] for one in _PATTERN)
_BLOCKS = 256
_LETTER = 8
"""Work units for a character."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text whose encoded blocks have been read back.

    Attributes:
        text: all of it, with each block in plain.
        blocks: the plain text of each block, in order.
        damaged: how many blocks break off, or say another length or sum than they have.
    """

    text: str
    blocks: tuple[str, ...]
    damaged: int


def decode(text: str, budget: Budget) -> Decoded:
    """Read back every encoded block of a script, or of a page that holds scripts.

    Args:
        text: as it stands; of its blocks, 256 are read, and each more counts as damaged.
        budget: charged for every character.
    """
    budget.spend(len(text))
    out: list[str] = []
    blocks: list[str] = []
    damaged = at = 0
    while found := _BLOCK.search(text, at):
        budget.spend(RECORD)
        if len(blocks) >= _BLOCKS:
            damaged += text.count(MARK, at)
            break
        begin = found.end()
        body, length, total, end = _extent(text, begin, _number(found[1]))
        budget.spend(_LETTER * len(body))
        plain = _plain(body)
        damaged += length != len(body) or total != _sum(plain)
        blocks.append(plain)
        out += [text[at : found.start()], plain]
        at = end
    if not blocks and text.lstrip("\ufeff \t\r\n").startswith(MARK):
        damaged = 1
    return Decoded("".join([*out, text[at:]]), tuple(blocks), damaged)


def _extent(text: str, begin: int, length: int) -> tuple[str, int, int, int]:
    """(the text of a block, the length it should have, the sum it should have, where the block ends).

    A length that leads to no end mark is wrong: the text then goes on to the next mark, or to the end.
    """
    foot = begin + length
    if text[foot + 8 : foot + 12] == _END and _FOOT.match(text[foot : foot + 8]):
        return text[begin:foot], length, _number(text[foot : foot + 8]), foot + 12
    stop = text.find(_END, begin)
    following = text.find(MARK, begin)
    if stop < 0 or 0 <= following < stop:
        end = following if following >= 0 else len(text)
        return text[begin:end], -1, -1, end
    if _FOOT.match(text[max(stop - 8, begin) : stop]):
        return text[begin : stop - 8], length, _number(text[stop - 8 : stop]), stop + 4
    return text[begin:stop], length, -1, stop + 4


def _plain(body: str) -> str:
    """The text of a block in plain; its place in the pattern counts ASCII characters alone."""
    out = []
    place = 0
    for one in _SIGN.sub(lambda sign: _SIGNS[sign[1]], body):  # none of the signs stands in an alphabet
        code = ord(one)
        if code > 127:
            out.append(one)
        else:
            out.append(chr(_TURNS[place & 63].get(code, code)))
            place += 1
    return "".join(out)


def _sum(plain: str) -> int:
    return sum(map(ord, plain)) & 0xFFFFFFFF


def _number(digits: str) -> int:
    return int.from_bytes(base64.b64decode(digits)[:4], "little")
