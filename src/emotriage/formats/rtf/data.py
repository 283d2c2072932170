r"""Data in an RTF document, written in hexadecimal digits or behind ``\bin`` (RTF 1.9.1, "Objects", "Pictures").

Writers put digits and line ends there and nothing else. What stands between them in attacks is read in several ways,
because Word and its imitators differ about it: groups inside may count or not, and ``\'xx`` may take a digit with it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from emotriage.model.blob import WINDOW, Blob
from emotriage.model.limits import RECORD, Budget

Piece = tuple[int, int, str]
r"""(start, stop, sort): ``n`` digits, ``x`` digits in a group of its own, ``q`` the digits of ``\'xx``, ``b`` bytes."""
Reading = Literal["plain", "groups", "escapes", "dropped"]
READINGS: tuple[Reading, ...] = ("plain", "groups", "escapes", "dropped")
r"""Word's own; digits of groups inside count; those of ``\'xx`` do; ``\'xx`` takes the digit before with it."""

_NO_DIGITS = bytes(one for one in range(256) if one not in b"0123456789abcdefABCDEF")


@dataclass(frozen=True, slots=True)
class HexData:
    """What one destination holds.

    Attributes:
        what: its control word, such as ``objdata``; of a picture, that of its format.
        offset: where it begins.
        pieces: where its digits and bytes are in the file.
        owner: index of the object it belongs to, or -1.
        split: how many control words and groups stand between the digits.
        cut: it ends before its binary data does, or has more pieces than are kept.
    """

    what: str
    offset: int
    pieces: tuple[Piece, ...]
    owner: int = -1
    split: int = 0
    cut: bool = False

    def readings(self) -> tuple[Reading, ...]:
        """The readings that can differ from each other, Word's first."""
        sorts = {sort for _, _, sort in self.pieces}
        return tuple(one for one in READINGS if one == "plain" or ("x" if one == "groups" else "q") in sorts)


def decoded(blob: Blob, data: HexData, budget: Budget, reading: Reading = "plain", shift: int = 0) -> Iterator[bytes]:
    """The bytes that the digits stand for, in chunks.

    Args:
        blob: the document.
        data: where in it.
        budget: charged for every byte read and every piece.
        reading: what counts as a digit.
        shift: digits at the beginning that are left out.
    """
    rest = b""
    for raw, sort in _content(blob, data.pieces, budget):
        if sort == "b":
            yield raw
            continue
        if sort == "q" and reading != "escapes":
            rest = rest[:-1] if reading == "dropped" or len(rest) % 2 else rest
            continue
        if sort == "x" and reading != "groups":
            continue
        digits = rest + raw.translate(None, _NO_DIGITS)
        shift, digits = max(shift - len(digits), 0), digits[shift:]
        even = (max(len(digits) - 1, 0) if reading == "dropped" else len(digits)) & ~1
        whole, rest = digits[:even], digits[even:]
        if whole:
            yield bytes.fromhex(whole.decode("ascii"))
    if len(rest) > 1:
        yield bytes.fromhex(rest[: len(rest) & ~1].decode("ascii"))


def head_of(chunks: Iterable[bytes], length: int) -> bytes:
    """The first bytes of what is decoded."""
    found = bytearray()
    for chunk in chunks:
        found += chunk
        if len(found) >= length:
            break
    return bytes(found[:length])


def part_of(chunks: Iterable[bytes], start: int, length: int) -> Iterator[bytes]:
    """A range of what is decoded, as a stream."""
    at = 0
    for chunk in chunks:
        piece = chunk[max(start - at, 0) : max(start + length - at, 0)]
        at += len(chunk)
        if piece:
            yield piece
        if at >= start + length:
            return


def _content(blob: Blob, pieces: tuple[Piece, ...], budget: Budget) -> Iterator[tuple[bytes, str]]:
    for start, stop, sort in pieces:
        budget.spend(RECORD)
        for at in range(start, stop, WINDOW):
            raw = blob.read(at, min(WINDOW, stop - at))
            budget.spend(2 * len(raw))
            yield raw, sort
