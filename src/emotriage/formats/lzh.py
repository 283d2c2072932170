"""How LHA (-lh4- to -lh7-) and ARJ (methods 1 to 3) pack: matches and literals behind two prefix codes a block.

From the description of the format in LHa for UNIX; what lies before the beginning is spaces.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from emotriage.formats.huffman import Bits, Table, lone_symbol, prefix_table
from emotriage.model.errors import Malformed
from emotriage.model.limits import RECORD, Budget

_LITERALS, _LENGTHS = 510, 19
_SHORTEST = 3
_CHUNK, _SYMBOL = 2048, 200
_KEPT = 1 << 18


@dataclass(frozen=True, slots=True)
class Variant:
    """What differs between the methods.

    Attributes:
        window: how far back a match may lead, in bytes.
        distances: codes of distances.
        bits: in which their number is written.
    """

    window: int
    distances: int
    bits: int


VARIANTS = {
    "lh4": Variant(4 << 10, 14, 4),
    "lh5": Variant(8 << 10, 14, 4),
    "lh6": Variant(32 << 10, 16, 5),
    "lh7": Variant(64 << 10, 17, 5),
    "arj": Variant(26 << 10, 17, 5),
}


def unpack_lzh(source: Iterator[bytes], size: int, variant: Variant, budget: Budget) -> Iterator[bytes]:
    """The first `size` bytes of the content, in chunks.

    Raises:
        Malformed: the stream breaks off or contradicts the format.
    """
    bits, out = Bits(source), bytearray(b" " * variant.window)
    left = size
    begin = len(out)
    while left > 0:
        symbols = bits.take(16)
        main, far = _tables(bits, variant, budget)
        while symbols > 0 and left > 0:
            step = min(symbols, _CHUNK)
            symbols -= step
            budget.spend(_SYMBOL * step)
            _decode(bits, out, (main, far), step, variant.window)
            chunk = bytes(out[begin : begin + left])
            budget.spend(len(chunk))
            left -= len(chunk)
            begin = len(out)
            yield chunk
            if begin > _KEPT:
                del out[: begin - variant.window]
                begin = variant.window


def _decode(bits: Bits, out: bytearray, tables: tuple[Table, Table], symbols: int, window: int) -> None:
    main, far = tables
    for _ in range(symbols):
        symbol = bits.symbol(main)
        if symbol < 256:
            out.append(symbol)
            continue
        length = symbol - 256 + _SHORTEST
        distance = bits.symbol(far)
        if distance > 1:
            distance = (1 << distance - 1) + bits.take(distance - 1)
        distance += 1
        if distance > window:
            raise Malformed("LZH match before the window")
        start = len(out) - distance
        if distance >= length:
            out += out[start : start + length]
        else:
            out += (out[start:] * (length // distance + 1))[:length]


def _tables(bits: Bits, variant: Variant, budget: Budget) -> tuple[Table, Table]:
    """The codes of a block: literals with lengths, and distances."""
    budget.spend(RECORD * 100)
    pre = _short(bits, _LENGTHS, 5, 3)
    count = bits.take(9)
    if not count:
        main = lone_symbol(bits.take(9))
    else:
        lengths: list[int] = []
        while len(lengths) < count:
            symbol = bits.symbol(pre)
            if symbol > 2:
                lengths.append(symbol - 2)
            else:
                lengths += [0] * (1 if symbol == 0 else bits.take(4) + 3 if symbol == 1 else bits.take(9) + 20)
        if len(lengths) > _LITERALS:
            raise Malformed("LZH code lengths")
        main = prefix_table(lengths)
    return main, _short(bits, variant.distances, variant.bits, -1)


def _short(bits: Bits, most: int, width: int, gap: int) -> Table:
    """A code of few symbols; behind the first `gap` lengths, up to three are left out."""
    count = bits.take(width)
    if not count:
        return lone_symbol(bits.take(width))
    lengths: list[int] = []
    while len(lengths) < count:
        length = bits.take(3)
        if length == 7:
            while bits.take(1):
                length += 1
                if length > 16:
                    raise Malformed("LZH code lengths")
        lengths.append(length)
        if len(lengths) == gap:
            lengths += [0] * bits.take(2)
    if len(lengths) > most:
        raise Malformed("LZH code lengths")
    return prefix_table(lengths)
