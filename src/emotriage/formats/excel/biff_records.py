"""The records of BIFF streams ([MS-XLS] 2.1.4), and strings that run on over CONTINUE records (2.5.293, 2.5.294).

Windowed: a record's bytes are only cut out when its kind is wanted, and a stretch of zeros costs one look.
"""

import struct
from collections.abc import Iterable, Iterator

from emotriage.formats.excel.biff_crypt import Cipher
from emotriage.model.blob import Blob
from emotriage.model.limits import RECORD, Budget

CONTINUE = 0x003C
TRUNCATED = -1
"""Kind of the last event of a stream that ends inside a record."""
ZEROS = -2
"""Kind of the event for a stretch of zeros where records should be."""

_HEADER = struct.Struct("<HH")
_WINDOW = 1 << 18
_BATCH = 256
_MAX_WHOLE = 1 << 20


def read_records(
    blob: Blob, budget: Budget, start: int, wanted: frozenset[int], cipher: Cipher | None = None
) -> Iterator[tuple[int, int, bytes]]:
    """(kind, offset of the record, its data) of the wanted records from `start` on, then `TRUNCATED` if so it ends.

    With a cipher, the data is decrypted.
    """
    window, base, at, seen = b"", start, start, 0
    while at + 4 <= blob.size:
        if at + 4 > base + len(window) or at < base:
            window, base = blob.read(at, _WINDOW), at
        kind, length = _HEADER.unpack_from(window, at - base)
        seen += 1
        if seen == _BATCH:
            budget.spend(RECORD * seen)
            seen = 0
        if kind == 0 == length:
            yield ZEROS, at, b""
            at = _skip_zeros(blob, at, budget)
            continue
        end = at + 4 + length
        if end > blob.size:
            break
        if kind in wanted:
            if end > base + len(window):
                window, base = blob.read(at, max(_WINDOW, 4 + length)), at
            data = window[at + 4 - base : end - base]
            yield kind, at, cipher.open(kind, at + 4, data, budget) if cipher else data
        at = end
    budget.spend(RECORD * seen)
    if at < blob.size:
        yield TRUNCATED, at, b""


def whole_records(records: Iterable[tuple[int, int, bytes]]) -> Iterator[tuple[int, int, list[bytes]]]:
    """The same records, each with the data of the CONTINUE records behind it as further pieces, up to 1 MiB."""
    kind, offset, pieces, size = 0, 0, [b""], -1
    for next_kind, next_offset, data in records:
        if next_kind == CONTINUE and size >= 0:
            if size < _MAX_WHOLE:
                pieces.append(data)
            size += len(data) + 1
            continue
        if size >= 0:
            yield kind, offset, pieces
        kind, offset, pieces, size = next_kind, next_offset, [data], len(data)
    if size >= 0:
        yield kind, offset, pieces


def _skip_zeros(blob: Blob, at: int, budget: Budget) -> int:
    """Offset of the first record behind a stretch of zeros; it costs as much as the stretch is long."""
    start, size = at, 64
    while size < _WINDOW:
        window = blob.read(at, size)
        budget.spend(len(window))
        if rest := window.lstrip(b"\0"):
            found = at + len(window) - len(rest)
            return found - (found - start) % 4
        at, size = at + len(window), 4 * size
    for offset, window in blob.windows(start=at):
        budget.spend(len(window))
        if rest := window.lstrip(b"\0"):
            found = offset + len(window) - len(rest)
            return found - (found - start) % 4
    return blob.size


class Cursor:
    """Reads strings out of a record and its CONTINUE records.

    Where characters run on in the next piece, its first byte says anew how wide they are; nothing else is repeated.
    """

    def __init__(self, pieces: Iterable[bytes], codec: str | None = None) -> None:
        """`codec` is that of BIFF5 strings; None reads BIFF8 ones."""
        self._pieces = iter(pieces)
        self._piece = next(self._pieces, b"")
        self._at = 0
        self._codec = codec

    def take(self, length: int) -> bytes:
        """Bytes across pieces; fewer where there are no more."""
        out = []
        while length > 0:
            part = self._piece[self._at : self._at + length]
            out.append(part)
            self._at += len(part)
            length -= len(part)
            if length > 0 and not self._next():
                break
        return out[0] if len(out) == 1 else b"".join(out)

    def string(self, width: int = 2) -> str | None:
        """The next counted string, whose count has `width` bytes; None at the end."""
        head = self.take(width)
        if len(head) < width:
            return None
        count = int.from_bytes(head, "little")
        if self._codec is not None:
            return self.take(count).decode(self._codec, "replace")
        return self.rich_text(count)

    def rich_text(self, count: int) -> str | None:
        """The flags, text and formatting of a string of `count` characters; None when it is cut short."""
        flags = self.take(1)
        if not flags:
            return None
        runs = int.from_bytes(self.take(2), "little") if flags[0] & 8 else 0
        phonetic = int.from_bytes(self.take(4), "little") if flags[0] & 4 else 0
        text = self._characters(count, flags[0] & 1)
        self._drop(4 * runs + phonetic)
        return text

    def _characters(self, count: int, wide: int) -> str | None:
        out = []
        while True:
            raw = self._piece[self._at : self._at + (count << wide)]
            raw = raw[: len(raw) >> wide << wide]
            out.append(raw.decode("utf-16-le" if wide else "latin-1", "replace"))
            self._at += len(raw)
            count -= len(raw) >> wide
            if count <= 0:
                return "".join(out)
            if not self._next():
                return None
            wide = self._piece[0] & 1 if self._piece else wide
            self._at = 1

    def _drop(self, length: int) -> None:
        while length > len(self._piece) - self._at:
            length -= len(self._piece) - self._at
            if not self._next():
                return
        self._at += length

    def _next(self) -> bool:
        self._at = 0
        following = next(self._pieces, None)
        self._piece = b"" if following is None else following
        return following is not None
