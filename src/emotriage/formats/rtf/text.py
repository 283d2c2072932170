r"""Text of an RTF document: bytes in the code pages of its fonts, and ``\uN`` characters (RTF 1.9.1, "Unicode")."""

import codecs
from collections.abc import Iterator

from emotriage.model.limits import MIB, RECORD, Budget

_RESOLVED = 2 * MIB
"""Characters in all: texts stand in one another, so deep nesting would write each of them out at every level."""


class Sink:
    """Takes text piece by piece, up to a cap; pieces may be sinks themselves that are filled later.

    Attributes:
        offset: where the text begins in the file.
        full: the cap was met, and the rest was left out.
    """

    __slots__ = ("_bytes", "_codec", "_left", "_pieces", "full", "offset", "quote")

    def __init__(self, offset: int, cap: int, *, quote: bool = False) -> None:
        self.offset = offset
        self.full = False
        self.quote = quote
        self._left = cap
        self._pieces: list[str | Sink] = []
        self._bytes = bytearray()
        self._codec = "cp1252"

    def feed(self, raw: bytes, codec: str) -> None:
        """Bytes in a code page; characters may be cut anywhere between two calls."""
        if codec != self._codec:
            self._flush()
            self._codec = codec
        self.full = self.full or len(raw) > self._left
        raw = raw[: self._left]
        self._left -= len(raw)
        self._bytes += raw

    def write(self, text: str) -> None:
        """Characters."""
        self._flush()
        if self._left > 0:
            self._pieces.append(text)
            self._left -= len(text)
        else:
            self.full = True

    def place(self, inner: "Sink") -> None:
        """Another sink, whose text stands here."""
        self._flush()
        self._pieces.append(inner)

    def pieces(self) -> "list[str | Sink]":
        """All that was taken."""
        self._flush()
        return self._pieces

    def _flush(self) -> None:
        if self._bytes:
            self._pieces.append(self._bytes.decode(self._codec, "replace"))
            self._bytes.clear()


def joined(text: str) -> str:
    """Text whose UTF-16 halves, which RTF writes as two characters, are put together."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def codec_of(code_page: int | None) -> str:
    r"""The codec of a code page number (``\ansicpg``), Western European where there is none."""
    if code_page == 10000:
        return "mac-roman"
    for name in (f"cp{code_page}", str(code_page)):
        try:
            return codecs.lookup(name).name if code_page else "cp1252"
        except LookupError:
            continue
    return "cp1252"


def flat(sink: Sink | None) -> str:
    """The text of a sink without those inside."""
    return "" if sink is None else joined("".join(one for one in sink.pieces() if isinstance(one, str))).strip()


def resolved(sinks: list[Sink], cap: int, budget: Budget) -> tuple[tuple[int, str], ...]:
    """(offset, text) of each sink; one that stands in another was made after it, so the last come first."""
    texts: dict[int, str] = {}
    left = _RESOLVED
    for sink in reversed(sinks):
        budget.spend(RECORD)
        pieces: Iterator[str] = (one if isinstance(one, str) else texts.get(id(one), "") for one in sink.pieces())
        text = joined("".join(pieces)).strip()
        most = min(cap, left)
        sink.full = sink.full or len(text) > most
        text = text[:most]
        left -= len(text)
        budget.spend(4 * len(text))
        texts[id(sink)] = text
    return tuple((sink.offset, texts[id(sink)]) for sink in sinks)
