"""Text out of bytes: which encoding it is in, and its characters without the padding around them.

The order follows what reads such files on Windows: a byte order mark decides; then the pattern of zero bytes that
UTF-16 makes of European text; then UTF-8, ISO-2022-JP (RFC 1468) and code page 932; what is left is one character a
byte (ISO 8859-1), which loses nothing.
"""

import codecs
import re

from emotriage.model.blob import Blob
from emotriage.model.limits import MIB, Budget

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 4096
_ISO_2022_JP = re.compile(rb"\x1b\$[@B]|\x1b\(J")
_JAPANESE = re.compile("[\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff]")
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")


def encoding_of(data: bytes) -> tuple[str, int]:
    """(codec, length of its byte order mark) of some text; always one that decodes it.

    Args:
        data: the text's first bytes, or all of them; a character cut at the end does not count against a codec.

    Returns:
        The length is that of everything up to the mark's end, zeros in front of it included; 0 without a mark.
    """
    bare = data.lstrip(b"\0")
    for mark, codec in _BOMS:
        if bare.startswith(mark):
            return codec, len(data) - len(bare) + len(mark)
    if wide := _utf16_by_zeros(data):
        return wide, 0
    if _ISO_2022_JP.search(data) and _decodes(data, "iso2022_jp"):
        return "iso2022_jp", 0
    if _decodes(data, "utf-8"):
        return "utf-8", 0
    if _decodes(data, "cp932"):
        text = data[: 16 * _SAMPLE].decode("cp932", "replace")
        if len(_JAPANESE.findall(text)) > 2 * len(_HALF_WIDTH.findall(text)):
            return "cp932", 0
    return "latin-1", 0


def decode_text(blob: Blob, budget: Budget, limit: int = 8 * MIB) -> str:
    """The characters of a text, without byte order mark, zero bytes, and the inside of uniform runs.

    Args:
        blob: the text; its known holes are left out, but for their edges.
        budget: charged for every byte read.
        limit: bytes read at most; see `content_bytes` for whether that was all.
    """
    pieces = _pieces(blob, budget, limit)
    codec, skip = encoding_of(b"".join(piece for _, piece in pieces))
    while skip and pieces:
        at, first = pieces[0]
        pieces[0] = (at + min(skip, len(first)), first[skip:])
        skip -= min(skip, len(first))
        if not pieces[0][1]:
            del pieces[0]
    if codec.startswith("utf-16"):
        even = pieces[0][0] % 2 if pieces else 0
        pieces = [(at, piece[(at - even) % 2 :]) for at, piece in pieces]
    text = "".join(piece.decode(codec, "replace") for _, piece in pieces)
    return text.replace("\0", "")


def content_bytes(blob: Blob) -> int:
    """How many bytes `decode_text` would have to read for all of the text: those outside the blob's holes."""
    return blob.size - sum(max(hole.length - 2 * _SAMPLE, 0) for hole in blob.holes)


def _pieces(blob: Blob, budget: Budget, limit: int) -> list[tuple[int, bytes]]:
    """(offset, bytes) of each stretch between holes, together at most `limit` bytes."""
    stretches: list[tuple[int, list[bytes]]] = []
    end = -1
    left = limit
    for at, window in blob.windows():
        budget.spend(len(window))
        if at != end:
            stretches.append((at, []))
        stretches[-1][1].append(window[:left])
        end = at + len(window)
        left -= len(window)
        if left <= 0:
            break
    return [(at, b"".join(parts)) for at, parts in stretches]


def _utf16_by_zeros(data: bytes) -> str:
    blank = len(data) - len(data.lstrip(b"\0"))
    start = blank - blank % 2
    sample = data[start : start + _SAMPLE].rstrip(b"\0")
    sample += b"\0" * (len(sample) % 2)
    pairs = len(sample) // 2
    if pairs < 2:
        return ""
    low, high = sample[0::2].count(0), sample[1::2].count(0)
    if high * 10 >= pairs * 7 and low * 20 <= pairs:
        return "utf-16-le"
    if low * 10 >= pairs * 7 and high * 20 <= pairs:
        return "utf-16-be"
    return ""


def _decodes(data: bytes, codec: str) -> bool:
    try:
        codecs.getincrementaldecoder(codec)("strict").decode(data, final=False)
    except UnicodeDecodeError:
        return False
    return True
