"""Stream filters of PDF (ISO 32000-1, 7.4), one after another as the dictionary names them, in bounded memory."""

import base64
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from emotriage.model.errors import Malformed, Unsupported
from emotriage.model.limits import Budget

_PIECE = 64 << 10
_ROW = 1 << 20
_CODE, _BYTE = 100, 20  # work units of an LZW code, and of a byte that a predictor touches
_HEX = re.compile(rb"[^0-9a-fA-F]+")
_BLANK = re.compile(rb"[\0\t\n\f\r ]+")
_TITLES = {
    b"FlateDecode": "flate", b"Fl": "flate", b"ASCIIHexDecode": "hex", b"AHx": "hex", b"ASCII85Decode": "base85",
    b"A85": "base85", b"LZWDecode": "lzw", b"LZW": "lzw", b"RunLengthDecode": "run-length", b"RL": "run-length",
}  # fmt: skip

Chunks = Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of a stream.

    Attributes:
        name: ``flate``, ``hex``, ``base85``, ``lzw``, ``run-length``, or the document's own word for any other.
        predictor: 1 is none, 2 that of TIFF, 10 and more those of PNG.
        columns: samples in a row.
        colors: components of a sample.
        bits: of a component.
        early: LZW codes grow one code early.
    """

    name: str
    predictor: int = 1
    columns: int = 1
    colors: int = 1
    bits: int = 8
    early: bool = True

    @property
    def is_known(self) -> bool:
        """True when `decoded` undoes it."""
        return self.name in _DECODERS and (
            self.predictor in (1, *range(10, 16)) or (self.predictor, self.bits) == (2, 8)
        )


def filter_named(name: bytes, parameters: bytes) -> Filter:
    """A filter from its name and the text of its parameters."""
    title = _TITLES.get(name, name.decode("ascii", "replace"))
    numbers = {key: int(value) for key, value in re.findall(rb"/([A-Za-z]{4,16})\s{1,16}(\d{1,9})", parameters)}
    return Filter(
        title,
        predictor=numbers.get(b"Predictor", 1) if title in ("flate", "lzw") else 1,
        columns=numbers.get(b"Columns", 1),
        colors=numbers.get(b"Colors", 1),
        bits=numbers.get(b"BitsPerComponent", 8),
        early=numbers.get(b"EarlyChange", 1) != 0,
    )


def decoded(chunks: Chunks, filters: tuple[Filter, ...], budget: Budget) -> Chunks:
    """What the filters make of a stream's data.

    Raises:
        Malformed: the data is damaged or breaks off; what came out before has been yielded.
        Unsupported: a filter that is not undone here.
    """
    for one in filters:
        if not one.is_known:
            raise Unsupported(f"PDF filter {one.name[:32]}")
        chunks = _DECODERS[one.name](chunks, one, budget)
        if one.predictor > 1:
            chunks = _unpredicted(chunks, one, budget)
    return chunks


def _flate(chunks: Chunks, _: Filter, budget: Budget) -> Chunks:
    inflater = zlib.decompressobj()
    for window in chunks:
        budget.spend(len(window))
        feed = window
        while feed and not inflater.eof:
            before, rest = inflater.copy(), feed
            try:
                chunk = inflater.decompress(feed, _PIECE)
            except zlib.error as error:
                yield _salvaged(before, rest)
                raise Malformed("a PDF stream is damaged") from error
            feed = inflater.unconsumed_tail
            budget.spend(len(chunk))
            if chunk:
                yield chunk
        if inflater.eof:
            return
    raise Malformed("a PDF stream breaks off")


def _salvaged(inflater: "zlib._Decompress", feed: bytes) -> bytes:
    """What comes out before the damage, fed in ever smaller steps."""
    out = b""
    for step in (1024, 1):
        while feed:
            trial = inflater.copy()
            try:
                piece = trial.decompress(feed[:step], _PIECE)
            except zlib.error:
                break
            out += piece
            inflater, feed = trial, feed[step:] if not trial.unconsumed_tail else b""
    return out


def _hex(chunks: Chunks, _: Filter, budget: Budget) -> Chunks:
    rest = b""
    for window in chunks:
        budget.spend(4 * len(window))
        body, end, _behind = window.partition(b">")
        digits = rest + _HEX.sub(b"", body)
        whole = len(digits) // 2 * 2
        yield bytes.fromhex(digits[:whole].decode("ascii"))
        rest = digits[whole:]
        if end:
            break
    if rest:
        yield bytes.fromhex(rest.decode("ascii") + "0")


def _base85(chunks: Chunks, _: Filter, budget: Budget) -> Chunks:
    rest = b""
    for window in chunks:
        budget.spend(8 * len(window))
        body, end, _behind = window.partition(b"~")
        letters = rest + _BLANK.sub(b"", body).replace(b"z", b"!!!!!")
        whole = len(letters) if end else len(letters) // 5 * 5
        try:
            yield base64.a85decode(letters[:whole])
        except ValueError as error:
            raise Malformed("a PDF stream in base 85 is damaged") from error
        rest = letters[whole:]
        if end:
            return
    if rest:
        raise Malformed("a PDF stream in base 85 breaks off")


def _run_length(chunks: Chunks, _: Filter, budget: Budget) -> Chunks:
    rest = b""
    for window in chunks:
        data, at, out = rest + window, 0, []
        budget.spend(8 * len(data))
        while at < len(data) and data[at] != 128:
            length = data[at]
            if at + (2 if length > 128 else length + 2) > len(data):
                break
            out.append(data[at + 1 : at + 2] * (257 - length) if length > 128 else data[at + 1 : at + length + 2])
            budget.spend(len(out[-1]))
            at += 2 if length > 128 else length + 2
        yield b"".join(out)
        rest = data[at:]
        if rest[:1] == b"\x80":
            return


def _lzw(chunks: Chunks, one: Filter, budget: Budget) -> Chunks:
    table: list[bytes] = [bytes([value]) for value in range(256)] + [b"", b""]
    width, value, bits, last = 9, 0, 0, b""
    out: list[bytes] = []
    size = 0
    for window in chunks:
        for byte in window:
            value, bits = (value << 8 | byte) & 0xFFFFFF, bits + 8
            if bits < width:
                continue
            bits -= width
            code = value >> bits & (1 << width) - 1
            budget.spend(_CODE)
            if code == 257:
                yield b"".join(out)
                return
            if code == 256:
                del table[258:]
                width, last = 9, b""
                continue
            if code < len(table):
                entry = table[code]
            elif code == len(table) and last:
                entry = last + last[:1]
            else:
                yield b"".join(out)
                raise Malformed("a PDF stream in LZW is damaged")
            out.append(entry)
            size += len(entry)
            if last and len(table) < 4096:
                table.append(last + entry[:1])
            last = entry
            width = min(max((len(table) + one.early).bit_length(), 9), 12)
            if size >= _PIECE:
                budget.spend(size)
                yield b"".join(out)
                out, size = [], 0
    yield b"".join(out)


def _unpredicted(chunks: Chunks, one: Filter, budget: Budget) -> Chunks:
    """Undo a predictor (7.4.4.4): each row in PNG's way begins with a byte that says how."""
    wide = max(one.colors * one.bits // 8, 1)
    row = (one.columns * one.colors * one.bits + 7) // 8
    tagged = one.predictor >= 10
    if not 0 < row <= _ROW:
        raise Malformed("a PDF predictor with rows that can't be")
    above, rest = bytearray(row), b""
    for chunk in chunks:
        data, at = rest + chunk, 0
        out = bytearray()
        while at + row + tagged <= len(data):
            line = bytearray(data[at + tagged : at + tagged + row])
            budget.spend(_BYTE * row)
            _undo(data[at] if tagged else 1, line, above, wide)
            out += line
            above, at = line, at + row + tagged
        yield bytes(out)
        rest = data[at:]
    if len(rest) > tagged:
        line = bytearray(rest[tagged:])
        _undo(rest[0] if tagged else 1, line, above, wide)
        yield bytes(line)


def _undo(how: int, line: bytearray, above: bytearray, wide: int) -> None:
    if how > 4:
        raise Malformed("a PDF predictor's row of no known sort")
    for index in range(len(line) if how else 0):
        left = line[index - wide] if index >= wide else 0
        up = above[index]
        corner = above[index - wide] if index >= wide else 0
        guess = (0, left, up, (left + up) // 2, _paeth(left, up, corner))[how]
        line[index] = (line[index] + guess) & 0xFF


def _paeth(left: int, up: int, corner: int) -> int:
    """The neighbour that is nearest to left + up - corner (PNG, 9.4)."""
    guess = left + up - corner
    return min((left, up, corner), key=lambda one: abs(guess - one))


_DECODERS: dict[str, Callable[[Chunks, Filter, Budget], Chunks]] = {
    "flate": _flate,
    "hex": _hex,
    "base85": _base85,
    "lzw": _lzw,
    "run-length": _run_length,
}
