"""The header of a gzip member (RFC 1952, 2.3): where it ends, and the name of the file that was compressed."""

from dataclasses import dataclass

from emotriage.formats.unix_name import decode_name
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed, Unsupported
from emotriage.model.limits import RECORD, Budget

MAGIC = b"\x1f\x8b"
_CHECKED, _EXTRA, _NAME, _COMMENT = 2, 4, 8, 16
_TEXT = 64 << 10


@dataclass(frozen=True, slots=True)
class GzipHeader:
    """What a header says.

    Attributes:
        end: offset behind it.
        name: of the original file, or "".
    """

    end: int
    name: str


def read_gzip_header(blob: Blob, at: int, budget: Budget) -> GzipHeader:
    """The header at an offset.

    Raises:
        Malformed: it breaks off, or a text in it does not end.
        Unsupported: another method than deflate.
    """
    budget.spend(RECORD)
    head = blob.read(at, 10)
    if len(head) < 10 or not head.startswith(MAGIC):
        raise Malformed("a gzip header breaks off")
    if head[2] != 8:
        raise Unsupported(f"gzip compression method {head[2]}")
    flags, at, name = head[3], at + 10, b""
    if flags & _EXTRA:
        at += 2 + int.from_bytes(blob.read(at, 2), "little")
    if flags & _NAME:
        name = _text(blob, at, budget)
        at += len(name) + 1
    if flags & _COMMENT:
        at += len(_text(blob, at, budget)) + 1
    return GzipHeader(at + 2 * bool(flags & _CHECKED), decode_name(name))


def _text(blob: Blob, at: int, budget: Budget) -> bytes:
    text, zero, _ = blob.read(at, _TEXT).partition(b"\0")
    budget.spend(len(text))
    if not zero:
        raise Malformed("a text in a gzip header does not end")
    return text
