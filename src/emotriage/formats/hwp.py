"""Hangul documents (HWP 5.0): flags, deflated streams, scripts (Hancom, "HWP Document File Formats 5.0", chapter 3)."""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from emotriage.formats.cfb import CompoundFile, Entry
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import MIB, RECORD, Budget

_SIGNATURE = b"HWP Document File"
_COMPRESSED, _PASSWORD, _DISTRIBUTED, _RIGHTS, _CERTIFIED, _CERTIFIED_RIGHTS = 0x1, 0x2, 0x4, 0x10, 0x100, 0x400
_LOCKS = (
    (_PASSWORD, "under a password"),
    (_DISTRIBUTED, "for distribution only"),
    (_RIGHTS, "rights-managed"),
    (_CERTIFIED, "encrypted for a certificate"),
    (_CERTIFIED_RIGHTS, "rights-managed by a certificate"),
)
_DEFLATED = ("docinfo", "bodytext/", "bindata/", "scripts/", "dochistory/", "viewtext/", "xmltemplate/")
_OWN = re.compile(
    r"fileheader|docinfo|prvtext|prvimage|(?:bodytext|viewtext)/section\d{1,4}|bindata/.*|scripts/.*|docoptions/_linkdoc"
    r"|summary|_signatures?/.*|\x05hwpsummaryinformation",
    re.DOTALL,
)
_CHUNK = 256 << 10
_FEED = 64 << 10
_SCRIPT = MIB
_IDLE = re.compile(
    r"//[^\r\n]*|/\*(?:[^*]|\*(?!/))*\*/|function\s+\w+\s*\(\s*\)\s*\{\s*\}"
    r"|var\s+Documents?\s*=\s*(?:XHwpDocuments|Documents\.Active_XHwpDocument)\s*;"
)


@dataclass(frozen=True, slots=True)
class Hangul:
    """What the stream ``FileHeader`` says.

    Attributes:
        compressed: the streams with content are deflated.
        lock: how the document is locked, or "".
    """

    compressed: bool
    lock: str


def read_hangul(header: Blob) -> Hangul:
    """Read the stream ``FileHeader``.

    Raises:
        Malformed: it is none.
    """
    raw = header.read(0, 40)
    if len(raw) < 40 or not raw.startswith(_SIGNATURE):
        raise Malformed("no header of a Hangul document")
    (flags,) = struct.unpack_from("<I", raw, 36)
    return Hangul(bool(flags & _COMPRESSED), ", ".join(title for bit, title in _LOCKS if flags & bit))


def is_own(entry: Entry) -> bool:
    """True for a stream that Hangul itself writes."""
    return _OWN.fullmatch(entry.path.lower()) is not None


def contents(compound: CompoundFile, document: Hangul, budget: Budget) -> Iterator[tuple[Entry, Blob, bool]]:
    """(stream, bytes, deflated) of everything in the document but its property set."""
    for entry in compound.entries:
        budget.spend(RECORD)
        if entry.kind == "stream" and entry.size and not entry.name.startswith("\5"):
            yield entry, compound.open(entry), document.compressed and entry.path.lower().startswith(_DEFLATED)


def inflated(packed: Blob, budget: Budget) -> Iterator[bytes]:
    """A stream in clear, in chunks; as it is where it was never deflated (pictures may be kept so).

    Raises:
        Malformed: it is damaged behind a good beginning; what came out before has been yielded.
    """
    stream, started = zlib.decompressobj(-zlib.MAX_WBITS), False
    for _, feed in packed.windows(_FEED, holes=True):
        budget.spend(len(feed))
        waiting = feed
        while waiting and not stream.eof:
            try:
                chunk = stream.decompress(waiting, _CHUNK)
            except zlib.error as error:
                if started:
                    raise Malformed("a deflated stream is damaged") from error
                for _, window in packed.windows(_CHUNK, holes=True):
                    yield window
                return
            waiting = stream.unconsumed_tail
            if chunk:
                started = True
                yield chunk
    if not stream.eof:
        raise Malformed("a deflated stream breaks off")


def without_length(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """An embedded object without the four bytes of its length."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= 4:
            break
    yield head[4:]
    yield from chunks


def script_text(chunks: Iterator[bytes], budget: Budget) -> str:
    """The texts of a script's stream: each with its length in characters before it; at most 1 MiB of them.

    Raises:
        Malformed: as `inflated`.
    """
    raw = b""
    for chunk in chunks:
        raw += chunk[: _SCRIPT - len(raw)]
    budget.spend(4 * len(raw))
    texts, at = [], 0
    while at + 4 <= len(raw):
        (length,) = struct.unpack_from("<I", raw, at)
        if length == 0xFFFFFFFF or at + 4 + 2 * length > len(raw):
            break
        texts.append(raw[at + 4 : at + 4 + 2 * length].decode("utf-16-le", "replace"))
        at += 4 + 2 * length
    return "\n".join(texts)


def does_something(script: str, budget: Budget) -> bool:
    """True for a script that is more than the empty functions that every document has."""
    budget.spend(8 * len(script))
    return bool(_IDLE.sub("", _IDLE.sub("", script)).strip("\ufeff \t\r\n\0;"))
