"""Header fields of mails and their parts (RFC 5322 section 2.2, RFC 2045 section 3), as mail programs take them.

Line ends may be CR LF, LF or CR; a field's name may have blanks or a comment behind it; lines that are no fields are
skipped. How many fields and bytes are kept is bounded, and what was left out is said.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.limits import MIB, RECORD, Budget

FIELDS, BYTES = 1024, 256 << 10
"""Most fields and bytes of one header that are kept."""

END_OF_LINE = re.compile(rb"\r{0,3}\n|\r")
_STEPS = (4 << 10, 32 << 10, BYTES)
_BLANK = re.compile(rb"(?>\A|\r{0,3}\n|\r)(?>\r{0,3}\n|\r)")
_FIELD = re.compile(rb"([!-9;-~][^:\r\n]{0,255}):")
_COMMENT = re.compile(rb"\([^()]{0,255}\)")
_FAR = 16 * MIB
_LAST = 64 << 10


@dataclass(frozen=True, slots=True)
class Field:
    """One header field.

    Attributes:
        name: in lower case, without blanks and comments.
        value: unfolded, without NUL bytes.
        offset: of its first line in the blob.
    """

    name: str
    value: bytes
    offset: int


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a message or of one of its parts.

    Attributes:
        fields: in order.
        end: where the body begins.
        anomalies: what is odd; incomplete when fields were left out.
        text: offset of the first line that is no field, where fields follow it: some readers begin the body there.
    """

    fields: tuple[Field, ...]
    end: int
    anomalies: tuple[Anomaly, ...] = ()
    text: int | None = None

    def values(self, name: str) -> tuple[bytes, ...]:
        """The values of all fields of a name, first one first."""
        return tuple(one.value for one in self.fields if one.name == name)

    def value(self, name: str) -> bytes:
        """The value of the first field of a name, or nothing."""
        found = self.values(name)
        return found[0] if found else b""


def read_header(blob: Blob, start: int, budget: Budget, is_delimiter: Callable[[bytes], bool] | None = None) -> Header:
    """The header that begins at an offset.

    Args:
        blob: the mail.
        start: first byte of the header.
        budget: charged for bytes and fields.
        is_delimiter: whether a line, without its end, ends the part; None for the header of the message itself.
    """
    odd: list[Anomaly] = []
    block, end = _block(blob, start, budget, is_delimiter)
    last, last_at = b"", 0
    if end is None:
        odd.append(Anomaly("long-header", "", start, incomplete=True))
        end = start + len(block)
        if is_delimiter is None and (far := _far_end(blob, end, budget)) is not None:
            last_at = max(end, far - _LAST)
            last, end = blob.read(last_at, far - last_at), far
    fields, kept, text = _fields(block, start, budget)
    more, _, _ = _fields(last, last_at, budget)
    if len(fields) + len(more) > FIELDS:
        odd.append(Anomaly("many-fields", f"more than {FIELDS} fields", start, incomplete=True))
        more = more[-(FIELDS // 4) :]
        fields = fields[: FIELDS - len(more)]
    if kept is not None and end == start + len(block):
        end = start + kept
        odd.append(Anomaly("no-blank-line", "", end))
    return Header((*fields, *more), end, tuple(odd), text)


def without_comments(value: bytes) -> bytes:
    """A value without its comments (RFC 5322 section 3.2.2), those inside of each other up to eight deep."""
    for _ in range(8):
        if b"(" not in value:
            break
        value = _COMMENT.sub(b"", value)
    return value


def _block(
    blob: Blob, start: int, budget: Budget, is_delimiter: Callable[[bytes], bool] | None
) -> tuple[bytes, int | None]:
    """(bytes of the header, where its body begins or None when it goes on past what is kept)."""
    block = b""
    for step in _STEPS:
        block = blob.read(start, step)
        budget.spend(2 * len(block) + RECORD)
        blank = _BLANK.search(block)
        # The blank line's second half may lie behind the step
        stop = blank.end() if blank and (blank.end() < len(block) or len(block) < step) else None
        if is_delimiter is not None and (cut := _delimiter(block, stop or len(block), is_delimiter)) is not None:
            return block[:cut], start + cut
        if stop is not None:
            return block[:stop], start + stop
        if len(block) < step:
            return block, start + len(block)
    return block, None


def _delimiter(block: bytes, stop: int, is_delimiter: Callable[[bytes], bool]) -> int | None:
    """Offset in a block of the first line that ends the part."""
    at = block.find(b"--", 0, stop)
    while at >= 0:
        ended = END_OF_LINE.search(block, at)
        if (at == 0 or block[at - 1] in b"\r\n") and ended and is_delimiter(block[at : ended.start()]):
            return at
        at = block.find(b"--", ended.end() if ended else stop, stop)
    return None


def _far_end(blob: Blob, start: int, budget: Budget) -> int | None:
    """Where the body begins behind an over-long header."""
    for at, window in blob.windows(overlap=8, start=start, stop=start + _FAR):
        budget.spend(len(window))
        if blank := _BLANK.search(window, 1):
            return at + blank.end()
    return None


def _fields(block: bytes, base: int, budget: Budget) -> tuple[list[Field], int | None, int | None]:
    """(fields, where the body begins when that is before the block's end, offset of text between fields)."""
    found: list[tuple[bytes, list[bytes], int]] = []
    junk: int | None = None
    text: int | None = None
    at = 0
    while at < len(block):
        ended = END_OF_LINE.search(block, at)
        stop, after = (ended.start(), ended.end()) if ended else (len(block), len(block))
        line = block[at:stop]
        if line[:1] in (b" ", b"\t") and found:
            found[-1][1].append(line)
        elif named := _FIELD.match(line):
            budget.spend(RECORD)
            if junk is not None and text is None:
                text = base + junk
            junk = None
            found.append((named[1], [line[named.end() :]], base + at))
        elif line.strip(b" \t\0") and junk is None:
            junk = at
        at = after
    fields = []
    for name, lines, offset in found:
        bare = without_comments(name).replace(b"\0", b"").strip().lower()
        value = b"".join(lines).replace(b"\0", b"").strip(b" \t")
        fields.append(Field(bare.decode("latin-1"), value, offset))
    return fields, junk, text
