"""A small deflate compressor ([RFC 1951]) whose output is the same everywhere; zlib's differs between its versions.

Fixed Huffman codes with greedy matches for content; a dynamic block of two-bit matches for long uniform runs, which
then shrink 1,032 to one as they do in the wild.
"""

from collections.abc import Iterable, Iterator

_MIN_RUN = 1 << 16
_LONGEST = 258
_WINDOW = 32768
_LENGTHS = [
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
    13,
    15,
    17,
    19,
    23,
    27,
    31,
    35,
    43,
    51,
    59,
    67,
    83,
    99,
    115,
    131,
    163,
    195,
    227,
]
_LENGTH_BITS = [0] * 8 + [1] * 4 + [2] * 4 + [3] * 4 + [4] * 4 + [5] * 4
_DISTANCES = [1, 2, 3, 4] + [(2 + half) * (1 << bits) + 1 for bits in range(1, 14) for half in (0, 1)]
_DISTANCE_BITS = [0, 0, 0, 0] + [bits for bits in range(1, 14) for _ in (0, 1)]
_CODE_LENGTH_ORDER = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)


def deflate(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """A raw deflate stream of the chunks, in pieces; matches do not reach over chunks."""
    bits = _Bits()
    for chunk in chunks:
        if len(chunk) >= _MIN_RUN and not chunk.strip(chunk[:1]):
            _run(bits, chunk[0], len(chunk))
        elif chunk:
            _block(bits, chunk)
        yield bits.take()
    bits.put(1, 1)
    bits.put(1, 2)
    bits.put(0, 7)
    yield bits.finish()


class _Bits:
    """Collects bits, least significant first."""

    def __init__(self) -> None:
        self._out = bytearray()
        self._value = 0
        self._count = 0

    def put(self, value: int, count: int) -> None:
        self._value |= value << self._count
        self._count += count
        if self._count >= 64:
            self._flush()

    def repeat(self, byte: int, count: int) -> None:
        """Eight bits `count` times."""
        self._flush()
        whole = (byte << self._count) & 0xFF | (byte >> (8 - self._count))
        if count:
            self._out.append((self._value | byte << self._count) & 0xFF)
            self._out += bytes([whole]) * (count - 1)
            self._value = byte >> (8 - self._count)

    def take(self) -> bytes:
        self._flush()
        out = bytes(self._out)
        self._out.clear()
        return out

    def finish(self) -> bytes:
        return self.take() + (bytes([self._value]) if self._count else b"")

    def _flush(self) -> None:
        whole = self._count // 8
        self._out += (self._value & ((1 << 8 * whole) - 1)).to_bytes(whole, "little")
        self._value >>= 8 * whole
        self._count -= 8 * whole


def _reverse(value: int, count: int) -> int:
    return int(f"{value:0{count}b}"[::-1], 2)


def _fixed_codes() -> list[tuple[int, int]]:
    codes = [(_reverse(0x30 + symbol, 8), 8) for symbol in range(144)]
    codes += [(_reverse(0x190 + symbol, 9), 9) for symbol in range(112)]
    codes += [(_reverse(symbol, 7), 7) for symbol in range(24)]
    return codes + [(_reverse(0xC0 + symbol, 8), 8) for symbol in range(8)]


def _length_codes() -> list[tuple[int, int]]:
    """(bits, count) of each match length, extra bits included."""
    out = [(0, 0)] * 3
    for length in range(3, _LONGEST):
        index = max(at for at, base in enumerate(_LENGTHS) if base <= length)
        code, count = _FIXED[257 + index]
        out.append((code | (length - _LENGTHS[index]) << count, count + _LENGTH_BITS[index]))
    return [*out, _FIXED[285]]


_FIXED = _fixed_codes()
_MATCH = _length_codes()


def _distance(bits: _Bits, distance: int) -> None:
    low, high = 0, len(_DISTANCES)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _DISTANCES[middle] <= distance else (low, middle)
    bits.put(_reverse(low, 5), 5)
    bits.put(distance - _DISTANCES[low], _DISTANCE_BITS[low])


def _block(bits: _Bits, data: bytes) -> None:
    bits.put(0, 1)
    bits.put(1, 2)
    seen: dict[bytes, int] = {}
    at, misses = 0, 0
    while at < len(data):
        key = data[at : at + 4]
        before = seen.get(key, -_WINDOW - 1)
        seen[key] = at
        if len(key) == 4 and at - before <= _WINDOW:
            length = _match(data, before, at)
            bits.put(*_MATCH[length])
            _distance(bits, at - before)
            at, misses = at + length, 0
            continue
        misses += 1
        for byte in data[at : at + 1 + (misses >> 8)]:  # noise is passed over ever faster
            bits.put(*_FIXED[byte])
            at += 1
    bits.put(0, 7)


def _match(data: bytes, before: int, at: int) -> int:
    low, high = 4, min(_LONGEST, len(data) - at)
    if data[before : before + high] == data[at : at + high]:
        return high
    while high - low > 1:
        middle = (low + high) // 2
        same = data[before : before + middle] == data[at : at + middle]
        low, high = (middle, high) if same else (low, middle)
    return low


def _run(bits: _Bits, byte: int, length: int) -> None:
    """A dynamic block in which a match of 258 at distance 1 is two zero bits: (literal, end) and distance 0."""
    lengths = [0] * 286
    lengths[285], lengths[byte], lengths[256] = 1, 2, 2  # codes: match 0, then 10 and 11 in order of the symbols
    bits.put(0, 1)
    bits.put(2, 2)
    bits.put(286 - 257, 5)
    bits.put(0, 5)
    bits.put(15, 4)
    # code lengths of the code lengths: the symbols 0, 1, 2 and 18 have two bits each
    for symbol in _CODE_LENGTH_ORDER:
        bits.put(2 if symbol in {0, 1, 2, 18} else 0, 3)
    codes = {0: 0b00, 1: 0b10, 2: 0b01, 18: 0b11}
    at = 0
    sequence = [*lengths, 1]
    while at < len(sequence):
        zeros = next((n for n, one in enumerate(sequence[at : at + 138]) if one), min(138, len(sequence) - at))
        if zeros >= 11:
            bits.put(codes[18], 2)
            bits.put(zeros - 11, 7)
            at += zeros
        else:
            bits.put(codes[sequence[at]], 2)
            at += 1
    literal, end = (0b01, 0b11)
    matches, rest = divmod(length - 1, _LONGEST)
    for _ in range(rest + 1):
        bits.put(literal, 2)
    bits.repeat(0, matches // 4)
    bits.put(0, 2 * (matches % 4))
    bits.put(end, 2)
